/* SPDX-License-Identifier: MIT */
/* Events for an SVM guest (AMD64 APM vol. 2, 15.20 and 15.21), and those whose delivery an exit cut short. */
#include "cpu/x86.h"
#include "hw/event.h"
#include "hw/svm/svm.h"

bool svm_event_pending(const struct vcpu *v)
{
    return to_svm(v)->event != 0;
}

int svm_injecting(const struct vcpu *v)
{
    u64 event = to_svm(v)->event;

    return (event & (EVENT_VALID | EVENT_TYPE)) == (EVENT_VALID | EVENT_INTERRUPT) ? (u8)event : -1;
}

static u64 make_exception(u8 vector, bool has_error, u32 error)
{
    return EVENT_VALID | EVENT_EXCEPTION | vector | (has_error ? EVENT_HAS_ERROR | (u64)error << 32 : 0);
}

/* Faults: their handler finds RFLAGS.RF set, so that the instruction can be begun anew without another breakpoint
 * (APM vol. 2, 3.1.6). #DB has it or not, as its cause is; who raises it knows. */
static bool is_fault(u8 vector)
{
    return vector < 32 && 1u << vector & (1u << TRAP_DE | 1u << TRAP_BR | 1u << TRAP_UD | 1u << TRAP_NM | 1u << TRAP_TS |
                                          1u << TRAP_NP | 1u << TRAP_SS | 1u << TRAP_GP | 1u << TRAP_PF |
                                          1u << TRAP_MF | 1u << TRAP_AC | 1u << TRAP_XM);
}

/* An interrupt that was to be delivered gives way to the exception, and is lost, as it is on the bare processor. The
 * handler's first instruction is in no shadow. */
bool svm_inject(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2)
{
    struct svm_container *s = to_svm(v);
    enum event_join join = EVENT_REPLACE;

    if (s->event && (s->event & EVENT_TYPE) == EVENT_EXCEPTION)
        join = event_join((u8)s->event, vector);
    if (join == EVENT_TRIPLE_FAULT)
        return false;
    svm_set_interrupt_shadow(v, false);
    if (is_fault(vector))
        svm_regs(v)->rflags |= X86_EFLAGS_RF;
    if (vector == TRAP_PF) {
        s->vmcb->cr2 = cr2;
        svm_touch(s, CLEAN_CR2);
    }
    s->event = join == EVENT_DOUBLE_FAULT ? make_exception(TRAP_DF, true, 0) : make_exception(vector, has_error, error);
    return true;
}

/* EVENTINJ's format is the record's. */
u64 svm_get_event(const struct vcpu *v)
{
    return to_svm(v)->event;
}

void svm_drop_event(struct vcpu *v)
{
    to_svm(v)->event = 0;
}

void svm_reset_events(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    s->event = 0;
    s->nmi = NMI_OPEN;
    s->nmi_window = false;
    s->vmcb->intercept3 &= ~INTERCEPT_IRET;
    svm_touch(s, CLEAN_INTERCEPTS);
    svm_cancel_interrupt_window(v);
    svm_set_interrupt_shadow(v, false);
}

void svm_inject_interrupt(struct vcpu *v, u8 vector)
{
    to_svm(v)->event = EVENT_VALID | EVENT_INTERRUPT | vector;
}

bool svm_interrupt_shadow(const struct vcpu *v)
{
    return to_svm(v)->vmcb->int_state & INT_STATE_SHADOW;
}

void svm_set_interrupt_shadow(struct vcpu *v, bool on)
{
    struct vmcb *vmcb = to_svm(v)->vmcb;

    vmcb->int_state = on ? vmcb->int_state | INT_STATE_SHADOW : vmcb->int_state & ~INT_STATE_SHADOW;
}

bool svm_can_inject_interrupt(const struct vcpu *v)
{
    return svm_regs(v)->rflags & X86_EFLAGS_IF && !svm_interrupt_shadow(v) && !svm_event_pending(v);
}

/* A virtual interrupt that is intercepted: hardware watches IF, the shadow and TPR (APM vol. 2, 15.21.4). Meanwhile CR8 is
 * written by the row: the emulator that Prism is developed on ends itself when a guest does that (docs/machine.md). */
void svm_request_interrupt_window(struct vcpu *v, u8 vector)
{
    struct svm_container *s = to_svm(v);
    u64 control = s->vmcb->int_control & ~(V_INTR_PRIORITY | V_INTR_VECTOR);

    control |= V_IRQ | (u64)(vector >> 4) << V_INTR_PRIORITY_SHIFT | (u64)vector << V_INTR_VECTOR_SHIFT;
    if (control == s->vmcb->int_control && s->vmcb->intercept3 & INTERCEPT_VINTR)
        return;
    s->vmcb->int_control = control;
    s->vmcb->intercept3 |= INTERCEPT_VINTR;
    s->vmcb->intercept_cr |= INTERCEPT_CR8_WRITE;
    svm_touch(s, CLEAN_INTERCEPTS | CLEAN_TPR);
}

void svm_cancel_interrupt_window(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    if (!(s->vmcb->intercept3 & INTERCEPT_VINTR))
        return;
    s->vmcb->int_control &= ~V_IRQ;
    s->vmcb->intercept3 &= ~INTERCEPT_VINTR;
    s->vmcb->intercept_cr &= ~INTERCEPT_CR8_WRITE;
    svm_touch(s, CLEAN_INTERCEPTS | CLEAN_TPR);
}

void svm_intercept_tpr(struct vcpu *v, bool on)
{
    struct vmcb *vmcb = to_svm(v)->vmcb;
    u32 wanted = on || vmcb->intercept3 & INTERCEPT_VINTR ? INTERCEPT_CR8_WRITE : 0;

    if ((vmcb->intercept_cr & INTERCEPT_CR8_WRITE) == wanted)
        return;
    vmcb->intercept_cr ^= INTERCEPT_CR8_WRITE;
    svm_touch(to_svm(v), CLEAN_INTERCEPTS);
}

/* An interrupt that can be taken at once goes in as a virtual interrupt, not as an event injected: the emulator that Prism
 * is developed on may deliver the latter a second time, with RFLAGS.IF clear (docs/machine.md). The two mean the same, as
 * long as the virtual interrupt is not needed for a window. */
void svm_post_event(struct svm_container *s)
{
    struct vmcb *vmcb = s->vmcb;
    u8 vector = (u8)s->event;

    s->posted = (s->event & (EVENT_VALID | EVENT_TYPE)) == (EVENT_VALID | EVENT_INTERRUPT) &&
                !(vmcb->intercept3 & INTERCEPT_VINTR);
    vmcb->event_inject = s->posted ? 0 : s->event;
    if (!s->posted)
        return;
    vmcb->int_control &= ~(V_INTR_PRIORITY | V_INTR_VECTOR);
    vmcb->int_control |= V_IRQ | V_IGNORE_TPR | (u64)vector << V_INTR_VECTOR_SHIFT;
    svm_touch(s, CLEAN_TPR);
}

/* An interrupt that came while VMRUN took up a virtual one, posted or for a window: the emulator that Prism is developed on may
 * leave it in the local APIC until another comes (docs/machine.md). APICs look at what they hold when TPR is written, which is
 * 0 always. */
static void look_for_interrupts(const struct svm_container *s)
{
    if (s->posted || s->vmcb->intercept3 & INTERCEPT_VINTR)
        WRITE_CR(8, 0);
}

/* Something else ended the entry before a virtual interrupt was taken: V_IRQ is still set. */
static bool still_posted(struct svm_container *s)
{
    bool waits;

    if (!s->posted)
        return false;
    s->posted = false;
    waits = s->vmcb->int_control & V_IRQ;
    s->vmcb->int_control &= ~(V_IRQ | V_IGNORE_TPR);
    svm_touch(s, CLEAN_TPR);
    return waits;
}

/* INT n, INT3, INTO. */
bool svm_software_event(u64 event)
{
    u64 type = event & EVENT_TYPE;

    return type == EVENT_SOFTWARE || (type == EVENT_EXCEPTION && ((u8)event == TRAP_BP || (u8)event == TRAP_OF));
}

/* What software makes is begun again by itself: RIP is still at the instruction (APM vol. 2, 15.7.2, 15.20). */
void svm_keep_interrupted_event(struct svm_container *s)
{
    u64 info = s->vmcb->exit_int_info, type = info & EVENT_TYPE;
    u8 vector = (u8)info;

    look_for_interrupts(s);
    if (still_posted(s))
        return;
    s->event = 0;
    if (!(info & EVENT_VALID) || svm_software_event(info))
        return;
    if (type == EVENT_EXCEPTION && vector >= 32)    /* the emulator's word for a virtual interrupt */
        info &= ~EVENT_TYPE;
    s->event = info & (EVENT_VALID | EVENT_TYPE | EVENT_HAS_ERROR | 0xff | 0xffffffffUL << 32);
    if (!(info & EVENT_HAS_ERROR))
        s->event &= 0xffffffffUL;
}
