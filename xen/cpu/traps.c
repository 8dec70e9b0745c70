/* SPDX-License-Identifier: MIT */
/* Exceptions and interrupts, once their frame is made: to the guest's row, to a handler, or to a panic. */
#include "cpu/cpu.h"
#include "cpu/lapic.h"
#include "cpu/traps.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "lib/console.h"
#include "lib/lib.h"

struct extable_entry { int32_t fault, fixup; };   /* each relative to its own address */
extern const struct extable_entry __extable_start[], __extable_end[];

static const char *const exception_names[32] = {
    "divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode", "device not available",
    "double fault", NULL, "invalid TSS", "segment not present", "stack", "general protection", "page fault", NULL,
    "x87", "alignment check", "machine check", "SIMD", NULL, "control protection",
};

/* Where to go on after a fault at rip that was foreseen; 0 if it was not. */
static unsigned long find_fixup(unsigned long rip)
{
    for (const struct extable_entry *e = __extable_start; e < __extable_end; e++)
        if ((unsigned long)&e->fault + (long)e->fault == rip)
            return (unsigned long)&e->fixup + (long)e->fixup;
    return 0;
}

static void die(struct cpu_user_regs *regs)
{
    const char *name = regs->entry_vector < 32 ? exception_names[regs->entry_vector] : NULL;

    console_force_unlock();
    pr_err("*** Prism: %s (vector %u, error code %04x) on CPU %u\n", name ? name : "exception", regs->entry_vector,
           regs->error_code, smp_processor_id());
    dump_state(regs);
    panic("A fault in Prism: vector %u at %ps", regs->entry_vector, (void *)regs->rip);
}

static void do_nmi(struct cpu_user_regs *regs)
{
    this_cpu()->nmi_count++;
    if (nmi_hook && nmi_hook(regs))
        return;
    nmi_arrived(regs);
}

bool (*nmi_hook)(struct cpu_user_regs *regs);

void do_exception(struct cpu_user_regs *regs)
{
    unsigned long fixup;

    if (unlikely(regs->entry_vector == TRAP_NMI)) {
        do_nmi(regs);
        return;
    }
    if (unlikely(regs->entry_vector == TRAP_MC))
        machine_check(regs);
    if (unlikely(regs->entry_vector == TRAP_DF))
        die(regs);
    if (likely(regs->cs & 3)) {
        struct vcpu *v = current;

        v->domain->row->privileged->trap(v, regs);
        v->domain->row->privileged->resume(v);
    }
    if (regs->entry_vector == TRAP_DB) {
        /* A watchpoint that a guest set on memory which Prism touches for it, or a leftover single step. */
        asm volatile("mov %0, %%dr6" :: "r" (0xffff0ff0UL));
        regs->rflags &= ~(u64)X86_EFLAGS_TF;
        return;
    }
    fixup = find_fixup(regs->rip);
    if (!fixup)
        die(regs);
    regs->rip = fixup;
}

void do_interrupt(struct cpu_user_regs *regs)
{
    bool guest = regs->cs & 3;
    struct cpu *c = this_cpu();

    if (guest)
        ledger_charge(current, LEDGER_PHYSICAL);
    c->irq_depth++;
    switch (regs->entry_vector) {
    case VECTOR_TIMER:
        lapic_eoi();
        c->watchdog_ticks++;
        timer_interrupt();
        break;
    case VECTOR_EVENT_CHECK:   /* its purpose is the way back to the guest */
        lapic_eoi();
        break;
    case VECTOR_CALL:
        lapic_eoi();
        smp_call_interrupt();
        break;
    case VECTOR_ERROR:
        lapic_eoi();
        lapic_error_interrupt();
        break;
    case VECTOR_SPURIOUS:
        break;
    default:
        irq_dispatch((u8)regs->entry_vector);
    }
    c->irq_depth--;
    if (guest)
        current->domain->row->privileged->resume(current);
}
