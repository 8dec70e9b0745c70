/* SPDX-License-Identifier: MIT */
/* NMIs for an SVM guest: none while its handler for one has not come to its IRET, and the next one right behind that
 * (AMD64 APM vol. 2, 8.2.3, 15.20). SVM tells of an IRET before it is executed; where an NMI waits, that one instruction is
 * stepped over. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "hw/svm/svm.h"

#define DR6_BREAKPOINTS 0xfUL
#define DR6_BS (1UL << 14)
#define EXCEPTIONS_ALL ~(1u << TRAP_NMI)
#define HIGHEST_VECTOR 0xff   /* no TPR holds up a window for it */

static bool at_iret(const struct svm_container *s)
{
    return s->nmi == NMI_IRET && svm_regs(s->container.vcpu)->rip == s->nmi_iret_rip;
}

bool svm_can_inject_nmi(const struct vcpu *v)
{
    const struct svm_container *s = to_svm(v);

    return s->nmi != NMI_MASKED && !at_iret(s) && !svm_interrupt_shadow(v) && !svm_event_pending(v);
}

/* Until the handler's IRET no other NMI may come. */
void svm_inject_nmi(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    s->event = EVENT_VALID | EVENT_NMI | TRAP_NMI;
    s->nmi = NMI_MASKED;
    s->nmi_window = false;
    s->vmcb->intercept3 |= INTERCEPT_IRET;
    svm_touch(s, CLEAN_INTERCEPTS);
}

/* The IRET is about to be executed: NMIs stay masked as long as RIP is there. */
void svm_iret_seen(struct svm_container *s)
{
    s->nmi = NMI_IRET;
    s->nmi_iret_rip = s->vmcb->rip;
    s->vmcb->intercept3 &= ~INTERCEPT_IRET;
    svm_touch(s, CLEAN_INTERCEPTS);
}

/* Another event first: an interrupt of the host's ends the entry behind its delivery. A shadow: with IF set, an interrupt
 * window opens where it ends. Else there is an IRET to wait for, and to step over. */
void svm_request_nmi_window(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    if (svm_event_pending(v))
        smp_send_event_check(smp_processor_id());
    else if (svm_interrupt_shadow(v) && svm_regs(v)->rflags & X86_EFLAGS_IF)
        svm_request_interrupt_window(v, HIGHEST_VECTOR);
    s->nmi_window = true;
}

/* ---- Stepping over IRET. Its RFLAGS come from the stack, so nobody sees that TF was set; what it faults with must not
 * push TF either, so every exception exits meanwhile. */

void svm_begin_step(struct svm_container *s)
{
    struct vmcb *vmcb = s->vmcb;

    if (!at_iret(s) || s->event || vmcb->int_state & INT_STATE_SHADOW)
        return;
    s->nmi_window = false;
    s->stepping = true;
    s->guest_steps = vmcb->rflags & X86_EFLAGS_TF;
    s->step_exceptions = vmcb->intercept_exceptions;
    s->step_dr6 = vmcb->dr6;
    vmcb->rflags |= X86_EFLAGS_TF;
    vmcb->intercept_exceptions = EXCEPTIONS_ALL;
    svm_touch(s, CLEAN_INTERCEPTS);
}

/* Of #DB is the guest's: what its breakpoints or its own TF ask for. */
static bool only_ours(struct svm_container *s)
{
    if (s->guest_steps)
        return false;
    s->vmcb->dr6 = (s->vmcb->dr6 & DR6_BREAKPOINTS) | (s->step_dr6 & ~DR6_BREAKPOINTS);
    svm_touch(s, CLEAN_DR);
    return !(s->vmcb->dr6 & DR6_BREAKPOINTS);
}

bool svm_end_step(struct svm_container *s)
{
    struct vmcb *vmcb = s->vmcb;

    s->stepping = false;
    vmcb->intercept_exceptions = s->step_exceptions;
    svm_touch(s, CLEAN_INTERCEPTS);
    if (vmcb->exit_code == VMEXIT_EXCEPTION + TRAP_DB && vmcb->dr6 & DR6_BS) {
        s->nmi = NMI_OPEN;
        return only_ours(s);
    }
    if (!s->guest_steps)   /* the IRET has not been executed */
        svm_regs(s->container.vcpu)->rflags &= ~(u64)X86_EFLAGS_TF;
    return false;
}
