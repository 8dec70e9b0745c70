/* SPDX-License-Identifier: MIT */
/* The last thing before a PV guest runs: softirqs, then what has to be delivered to it (a failed return, an NMI, an
 * exception, events), each as a frame on its kernel stack and a jump to an address that its kernel registered. */
#include "abi/event.h"
#include "dom/sched.h"
#include "modes/pv/pv.h"
#include "modes/pv/trace.h"

#define FRAME_MAX 16   /* words: SS to RIP, extra, R11, RCX */

bool pv_kernel_mode(const struct vcpu *v)
{
    return to_pv_const(v)->kernel_mode;
}

void pv_toggle_mode(struct pv_vcpu *p)
{
    p->kernel_mode ^= 1;
    p->vcpu.ledger.user += p->kernel_mode ? cpu_info()->entry_tsc : -cpu_info()->entry_tsc;
    asm volatile("swapgs" ::: "memory");
    unsigned long cr3 = p->kernel_mode ? p->kernel_cr3 : p->user_cr3;
    this_cpu()->cr3 = cr3;
    ledger_count(&p->vcpu, LEDGER_CR3_LOAD);
    WRITE_CR(3, cr3);
}

static u64 shown_rflags(const struct pv_vcpu *p, u64 rflags, bool masked)
{
    rflags &= ~(u64)(X86_EFLAGS_IF | X86_EFLAGS_IOPL);
    if (!masked)
        rflags |= X86_EFLAGS_IF;
    if (p->vcpu.domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl))
        rflags |= p->iopl;
    return rflags;
}

bool pv_bounce(struct pv_vcpu *p, u64 address, bool mask_events, const u64 *extra, unsigned int nr_extra)
{
    struct cpu_user_regs *regs = guest_regs();
    struct vcpu_info *info = p->vcpu.vcpu_info;
    bool from_kernel = p->kernel_mode;
    u8 masked = ACCESS_ONCE(info->evtchn_upcall_mask);
    u64 frame[FRAME_MAX], sp = (from_kernel ? regs->rsp : p->kernel_sp) & ~15UL;
    unsigned int n = 0;

    frame[n++] = regs->rcx;
    frame[n++] = regs->r11;
    for (unsigned int i = 0; i < nr_extra; i++)
        frame[n++] = extra[i];
    frame[n++] = regs->rip;
    frame[n++] = (from_kernel ? regs->cs & ~3U : regs->cs) | (u64)masked << 32;
    frame[n++] = shown_rflags(p, regs->rflags, masked);
    frame[n++] = regs->rsp;
    frame[n++] = regs->ss;

    if (!from_kernel)
        pv_toggle_mode(p);
    sp -= n * sizeof(u64);
    if (!address || pv_copy_to(sp, frame, n * sizeof(u64))) {
        domain_crash(p->vcpu.domain, address ? "v%u's kernel stack at %lx cannot be written" :
                     "v%u has no handler for what happened to it (its stack is at %lx)", p->vcpu.id, (unsigned long)sp);
        raise_softirq(SOFTIRQ_SCHEDULE);
        return false;
    }
    if (mask_events)
        info->evtchn_upcall_mask = 1;
    regs->rip = address;
    regs->cs = FLAT_KERNEL_CS;
    regs->ss = FLAT_KERNEL_SS;
    regs->rsp = sp;
    regs->rflags &= ~(u64)(X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_RF |
                           X86_EFLAGS_VM | X86_EFLAGS_AC);
    regs->rflags |= X86_EFLAGS_IF | 2;
    regs->entry_vector = TRAP_SYSCALL;   /* RCX and R11 are in the frame: SYSRET will do */
    return true;
}

static bool has_error_code(u8 vector)
{
    return vector < 32 && (1U << vector & (1U << TRAP_DF | 1U << TRAP_TS | 1U << TRAP_NP | 1U << TRAP_SS |
                                           1U << TRAP_GP | 1U << TRAP_PF | 1U << TRAP_AC));
}

void pv_inject(struct vcpu *v, u8 vector, u32 error_code, u64 cr2)
{
    struct pv_vcpu *p = to_pv(v);

    ASSERT(v == current);
    if (vector == TRAP_PF) {
        error_code &= ~PFEC_USER;
        if (!p->kernel_mode)
            error_code |= PFEC_USER;
        p->ctrlreg[2] = cr2;
        v->vcpu_info->arch.cr2 = cr2;
        pv_trace_page_fault(guest_regs()->rip, cr2, error_code);
    } else {
        pv_trace_trap(guest_regs()->rip, vector, has_error_code(vector), error_code);
    }
    p->trap_vector = vector;
    p->trap_error = error_code;
    p->trap_has_error = has_error_code(vector);
    p->bounce_pending |= PV_BOUNCE_TRAP;
}

void pv_inject_sw(struct pv_vcpu *p, u8 vector)
{
    pv_trace_trap(guest_regs()->rip, vector, false, 0);
    p->trap_vector = vector;
    p->trap_has_error = false;
    p->bounce_pending |= PV_BOUNCE_TRAP;
}

static void deliver_trap(struct pv_vcpu *p, u8 vector, bool has_error, u64 error)
{
    const struct pv_trap *trap = &p->traps[vector];

    if (!trap->address)
        printk("%s v%u: vector %u, error code %x, CR2 %lx, RIP %lx, and no handler\n", p->vcpu.domain->name_for_log,
               p->vcpu.id, vector, (u32)error, (unsigned long)p->ctrlreg[2], (unsigned long)guest_regs()->rip);
    pv_bounce(p, trap->address, trap->flags & 4, &error, has_error);
}

static void deliver_failsafe(struct pv_vcpu *p)
{
    /* What could not be loaded, or is loaded now. */
    u64 selectors[4] = { p->ds_sel, p->es_sel, p->fs_sel, p->gs_sel };

    pv_bounce(p, p->failsafe_entry, p->failsafe_masks, selectors, 4);
}

/* One thing at most; true if there may be more. An exception comes before an NMI, and events come last, so that the
 * guest sees them in reverse: the later bounce runs first. Events come once: another vCPU of the guest could clear the
 * mask and set the flag faster than they are delivered. */
static bool deliver(struct pv_vcpu *p)
{
    struct vcpu *v = &p->vcpu;

    if (p->bounce_pending & PV_BOUNCE_FAILSAFE) {
        p->bounce_pending &= ~PV_BOUNCE_FAILSAFE;
        deliver_failsafe(p);
    } else if (p->bounce_pending) {
        p->bounce_pending = 0;
        deliver_trap(p, p->trap_vector, p->trap_has_error, p->trap_error);
    } else if (v->nmi_pending && !p->nmi_masked && p->traps[TRAP_NMI].address) {
        v->nmi_pending = false;
        p->nmi_masked = 1;
        deliver_trap(p, TRAP_NMI, false, 0);
    } else if (vcpu_event_pending(v) && p->event_entry) {
        ledger_count(v, LEDGER_UPCALL);
        return !pv_bounce(p, p->event_entry, true, NULL, 0);   /* crashed: there is a softirq to run */
    } else {
        return false;
    }
    return true;
}

static bool sysret_possible(const struct cpu_user_regs *regs)
{
    return regs->entry_vector == TRAP_SYSCALL && is_canonical(regs->rip) && regs->cs == FLAT_RING3_CS64 &&
           regs->ss == FLAT_RING3_SS64;
}

bool pv_prepare_entry(struct vcpu *v);

/* Called by entry.S with interrupts in any state, and leaves them off. True: regs can be entered by SYSRET, RCX and
 * R11 being of no value to the guest. Does not return if another vCPU is to run. */
bool pv_prepare_entry(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);
    struct cpu_info *info = cpu_info();
    u64 ticks;

    do {
        irq_disable();
        while (unlikely(info->self->softirq_pending)) {
            irq_enable();
            do_softirq();
            irq_disable();
        }
    } while (deliver(p));
    locks_assert_none();
    ticks = rdtsc() - info->entry_tsc;
    info->ledger_cell->count++;
    info->ledger_cell->ticks += ticks;
    if (!p->kernel_mode)
        v->ledger.user -= ticks;
    return sysret_possible(&info->regs);
}
