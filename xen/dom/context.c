/* SPDX-License-Identifier: MIT */
/* From one vCPU to another. Nothing of a vCPU stays behind on the CPU it leaves, not even when that goes idle: so any
 * other CPU can run it at once, and memory holds all of its state. */
#include "cpu/cpu.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "mem/frame.h"

/* The crossing under way is prev's up to here, and next's from here on. A stay in user mode ends where the crossing began, and
 * another begins in the row's switch_to. */
static void switch_ledger(struct vcpu *prev, struct vcpu *next)
{
    struct cpu_info *info = cpu_info();
    u64 now = rdtsc();

    if (!prev->domain->is_idle) {
        LEDGER_SITE(LEDGER_SETTLED, 0);
        info->ledger_cell->count++;
        info->ledger_cell->ticks += now - info->entry_tsc;
        if ((s64)prev->ledger.user < 0)
            prev->ledger.user += info->entry_tsc;
    }
    info->entry_tsc = now;
    prev->ran += now;
    next->ran -= now;
    ledger_charge(next, LEDGER_SCHED);
    ledger_count(next, LEDGER_SWITCH);
}

static void leave(struct vcpu *prev)
{
    if (prev->domain->is_idle)
        return;
    prev->regs = *guest_regs();
    prev->domain->row->privileged->switch_from(prev);
    fpu_save(prev);
    desc_load_idle_gdt();   /* prev's goes with its page tables, and an NMI may come between the two */
}

static void enter(struct vcpu *next, unsigned int cpu)
{
    if (next->domain->is_idle) {
        write_cr3(virt_to_maddr(idle_l4));
        return;
    }
    /* Before the first translation can be cached. */
    set_bit(cpu, &next->dirty_cpus);
    set_bit(cpu, &next->domain->dirty_cpus);
    *guest_regs() = next->regs;
    next->domain->row->privileged->switch_to(next);
}

static void __attribute__((used)) enter_guest(void)
{
    struct vcpu *v = current;

    irq_enable();
    update_vcpu_time(v);
    (void)vcpu_runstate_publish(v, &v->runstate);
    vcpu_periodic_start(v, v->runstate.state_entry_time);
    v->domain->row->privileged->resume(v);
}

/* Purpose: see dom/sched.h. Both rows' switch functions run with interrupts off; resume() is entered with them on, on
 * an empty stack. Page tables are prev's until `enter` has loaded next's: only then do prev's TLB masks lose this
 * CPU. */
void context_switch(struct vcpu *prev, struct vcpu *next)
{
    unsigned int cpu = smp_processor_id();

    switch_ledger(prev, next);
    leave(prev);
    current = next;
    this_cpu()->ctxt_vcpu = next;
    enter(next, cpu);
    if (!prev->domain->is_idle) {
        clear_bit(cpu, &prev->dirty_cpus);
        if (prev->domain != next->domain)
            clear_bit(cpu, &prev->domain->dirty_cpus);
    }
    sched_context_saved(prev);
    switch_stack(cpu_info(), next->domain->is_idle ? idle_loop : enter_guest);
}
