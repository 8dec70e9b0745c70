/* SPDX-License-Identifier: MIT */
/* The life of a vCPU in a container: into the guest, out of it, and what is delivered on the way in. */
#include <xen/sched.h>

#include "abi/event.h"
#include "dom/sched.h"
#include "modes/pvh/pvh.h"
#include "trace/trace.h"

void hw_inject(struct vcpu *v, u8 vector, u32 error_code, u64 cr2)
{
    bool has_error = vector == TRAP_DF || (vector >= TRAP_TS && vector <= TRAP_PF) || vector == TRAP_AC;

    if (vector == TRAP_PF)
        trace_untimed(TRC_HVM_PF_INJECT64, error_code, TRACE_LONG(cr2));
    else
        trace_untimed(TRC_HVM_INJ_EXC, vector, error_code);
    if (!container_ops->inject(v, vector, has_error, error_code, cr2))
        domain_shutdown(v->domain, (u32)to_hw_domain(v->domain)->params[HVM_PARAM_TRIPLE_FAULT_REASON]);
}

/* Traps of a guest in a container arrive as exits: none comes this way. */
void hw_trap(struct vcpu *v, struct cpu_user_regs *regs)
{
    BUG();
}

void hw_down(struct vcpu *v)
{
    struct vcpu *other;
    bool last = true;

    spin_lock(&v->domain->domain_lock);
    set_bit(VPF_DOWN, &v->pause_flags);
    for_each_vcpu(v->domain, other)
        if (!test_bit(VPF_DOWN, &other->pause_flags))
            last = false;
    spin_unlock(&v->domain->domain_lock);
    if (last)
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
    vcpu_sleep_nosync(v);
}

/* INIT has arrived: the vCPU waits for the SIPI that will start it. */
static void take_init(struct vcpu *v)
{
    hw_reset(v);
    v->is_initialised = false;
    to_hw(v)->io.abandoned = to_hw(v)->io.waiting;
    set_bit(VPF_DOWN, &v->pause_flags);
    smp_mb();
    to_hw(v)->init_pending = false;
    vcpu_sleep_nosync(v);
}

static void deliver_nmi(struct vcpu *v)
{
    if (!container_ops->can_inject_nmi(v)) {
        container_ops->request_nmi_window(v);
        return;
    }
    v->nmi_pending = false;
    container_ops->inject_nmi(v);
}

/* A blocked vCPU has interrupts on, or wants none: SCHEDOP_poll with interrupts off is ended by its ports alone. */
bool hw_interrupt_pending(const struct vcpu *v)
{
    const struct cpu_user_regs *regs = v == current ? guest_regs() : &v->regs;

    if (v->nmi_pending || to_hw_const(v)->init_pending)
        return true;
    return (regs->rflags & X86_EFLAGS_IF) && (v->domain->row->interrupts->callback(v) || hw_extint_pending(v) ||
                                              lapic_might_interrupt(&to_hw_const(v)->lapic,
                                                                    (u32)container_ops->get(v, CREG_TPR)));
}

/* What is to be delivered next, and from where. SOURCE_HELD: the APIC's, once TPR is lower. */
enum source { SOURCE_NONE, SOURCE_PIC, SOURCE_APIC, SOURCE_CALLBACK = 5, SOURCE_HELD };   /* as tools for traces know them */

/* The callback comes before the interrupt controllers' interrupts, and without regard to their priorities: it is none of
 * theirs. A PIC's vector is known only once it is accepted. */
static enum source next_interrupt(struct vcpu *v, int *vector)
{
    struct hw_vcpu *hw = to_hw(v);

    *vector = v->domain->row->interrupts->callback(v);
    if (*vector)
        return SOURCE_CALLBACK;
    *vector = -1;
    if (unlikely(to_hw_domain(v->domain)->pc != NULL)) {
        pc_sync_callback(v);
        if (pc_extint_pending(v))
            return SOURCE_PIC;
    }
    if (!lapic_might_interrupt(&hw->lapic, 0))
        return SOURCE_NONE;
    hw_apic_sync(v);
    *vector = lapic_pending(&hw->lapic);
    if (*vector >= 0)
        return SOURCE_APIC;
    *vector = lapic_held_up(&hw->lapic);
    return *vector < 0 ? SOURCE_NONE : SOURCE_HELD;
}

/* While TPR holds an interrupt up, its next change has to be seen: by MOV to CR8 too, which else makes no exit. */
static void watch_tpr(struct vcpu *v, bool held)
{
    struct hw_vcpu *hw = to_hw(v);

    if (held || hw->tpr_watched)
        container_ops->intercept_tpr(v, held);
    hw->tpr_watched = held;
}

static void deliver_interrupt(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);
    int vector;
    enum source source = next_interrupt(v, &vector);

    if (source == SOURCE_CALLBACK && container_ops->injecting(v) == vector) {    /* it is on its way */
        source = SOURCE_NONE;
        vector = -1;
    }
    if (source != SOURCE_NONE && source != SOURCE_HELD && !container_ops->can_inject_interrupt(v)) {
        trace_untimed(TRC_HVM_INTR_WINDOW, (u32)vector, source, (u32)container_ops->injecting(v));
        container_ops->request_interrupt_window(v, source == SOURCE_APIC ? (u8)vector : 0xff);
        hw->window_requested = true;
        return;
    }
    if (hw->window_requested)
        container_ops->cancel_interrupt_window(v);
    hw->window_requested = false;
    watch_tpr(v, source == SOURCE_HELD);
    if (source == SOURCE_APIC)
        lapic_accept(&hw->lapic, (u8)vector);
    else if (source == SOURCE_PIC)
        vector = pc_extint_ack(v);
    if (vector < 0 || source == SOURCE_HELD)
        return;
    ledger_count(v, LEDGER_UPCALL);
    trace_untimed(TRC_HVM_INJ_VIRQ, (u32)vector, 0);
    container_ops->inject_interrupt(v, (u8)vector);
}

/* Purpose: runs v until the scheduler takes the CPU away from it, which happens inside do_softirq(). What arrives after
 * the last look at it, with interrupts off, comes with an IPI that ends the entry at once. */
void hw_resume(struct vcpu *v)
{
    struct exit exit;

    for (;;) {
        if (unlikely(to_hw(v)->init_pending))
            take_init(v);
        if (unlikely(to_hw(v)->io.waiting) && !hw_io_finish(v)) {
            do_softirq();
            continue;
        }
        irq_disable();
        if (unlikely(this_cpu()->softirq_pending || to_hw(v)->init_pending)) {
            irq_enable();
            do_softirq();
            continue;
        }
        if (unlikely(v->nmi_pending))
            deliver_nmi(v);
        deliver_interrupt(v);
        locks_assert_none();
        trace(TRC_HVM_VMENTRY);
        container_ops->enter(v, &exit);
        trace(TRC_HVM_VMEXIT64, (u32)exit.code, TRACE_LONG(guest_regs()->rip));
        irq_enable();
        hw_exit(v, &exit);
    }
}
