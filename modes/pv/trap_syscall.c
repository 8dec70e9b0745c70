/* SPDX-License-Identifier: MIT */
/* System calls, iret and failed returns that left the straight lines of entry.S. All are called with interrupts off,
 * the whole frame in regs. */
#include "modes/pv/guest_fetch.h"

void pv_syscall_user(struct vcpu *v);
void pv_syscall_user32(struct vcpu *v);
void pv_sysenter_user(struct vcpu *v);
void pv_kernel_stack_fault(struct vcpu *v);
void pv_iret_slow(struct vcpu *v);
void pv_return_failed(struct vcpu *v);

/* The guest has no entry for the instruction: it is undefined (or for SYSENTER, #GP) where it stands. */
static void no_entry(struct pv_vcpu *p, u8 vector, unsigned int length)
{
    struct cpu_user_regs *regs = guest_regs();

    regs->entry_vector = vector;   /* an exception's frame: back by IRET, RCX and R11 kept */
    regs->rip -= length;
    pv_inject(&p->vcpu, vector, 0, 0);
}

void pv_syscall_user(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    ledger_charge(v, LEDGER_SYSCALL);
    if (p->syscall_entry)
        pv_bounce(p, p->syscall_entry, p->syscall_masks_events, NULL, 0);
    else
        no_entry(p, TRAP_UD, 2);
}

void pv_syscall_user32(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    ledger_charge(v, LEDGER_SYSCALL);
    if (p->syscall32_entry)
        pv_bounce(p, p->syscall32_entry, p->syscall32_masks_events, NULL, 0);
    else
        no_entry(p, TRAP_UD, 2);
}

void pv_sysenter_user(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    ledger_charge(v, LEDGER_SYSCALL);
    if (p->sysenter_entry)
        pv_bounce(p, p->sysenter_entry, p->sysenter_masks_events, NULL, 0);
    else
        no_entry(p, TRAP_GP, 0);
}

/* The straight lines of entry.S and entry_fault.S could not write the frame. What was in regs is lost. */
void pv_kernel_stack_fault(struct vcpu *v)
{
    user_access_end();
    domain_crash(v->domain, "v%u's kernel stack at %lx cannot be written", v->id, (unsigned long)to_pv(v)->kernel_sp);
    raise_softirq(SOFTIRQ_SCHEDULE);
}

static const char *iret_frame(struct pv_vcpu *p, struct iret_context *frame)
{
    if (pv_copy_from(frame, guest_regs()->rsp, sizeof(*frame)))
        return "iret frame cannot be read";
    if ((frame->cs & 3) == 3 && !p->user_cr3)
        return "iret to user mode without a user page table";
    return NULL;
}

void pv_iret_slow(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);
    struct cpu_user_regs *regs = guest_regs();
    struct iret_context frame;
    const char *why = iret_frame(p, &frame);

    ledger_charge(v, LEDGER_IRET);
    if (why) {
        domain_crash(v->domain, "v%u: %s, stack %lx", v->id, why, (unsigned long)regs->rsp);
        raise_softirq(SOFTIRQ_SCHEDULE);
        return;
    }
    if ((frame.cs & 3) == 3)
        pv_toggle_mode(p);
    regs->rax = frame.rax;
    regs->rip = frame.rip;
    regs->rsp = frame.rsp;
    regs->rflags = ((u32)frame.rflags & ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM)) | X86_EFLAGS_IF | 2;
    if (frame.flags & VGCF_in_syscall) {
        regs->cs = FLAT_USER_CS64;
        regs->ss = FLAT_USER_SS64;
        regs->rcx = frame.rip;      /* as SYSRET leaves them */
        regs->r11 = frame.rflags;
        regs->entry_vector = TRAP_SYSCALL;
    } else {
        regs->cs = (u16)frame.cs | 3;
        regs->ss = (u16)frame.ss | 3;
        regs->rcx = frame.rcx;
        regs->r11 = frame.r11;
        regs->entry_vector = 0;
    }
    v->vcpu_info->evtchn_upcall_mask = !(frame.rflags & X86_EFLAGS_IF);
    p->nmi_masked = 0;
}

/* IRETQ faulted on the guest's frame. Once its page of the LDT is mapped it is tried again; else the guest's kernel
 * decides what becomes of whoever that frame was for. */
void pv_return_failed(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);
    struct cpu_user_regs *regs = guest_regs();

    irq_enable();
    bool cs_touched = pv_ldt_touch(p, regs->cs), ss_touched = pv_ldt_touch(p, regs->ss);
    if (cs_touched || ss_touched)
        return;
    asm volatile("mov %%ds, %0" : "=r" (p->ds_sel));
    asm volatile("mov %%es, %0" : "=r" (p->es_sel));
    asm volatile("mov %%fs, %0" : "=r" (p->fs_sel));
    asm volatile("mov %%gs, %0" : "=r" (p->gs_sel));
    ledger_charge(v, LEDGER_EXCEPTION);
    cpu_info()->entry_tsc = rdtsc();
    p->bounce_pending |= PV_BOUNCE_FAILSAFE;
}
