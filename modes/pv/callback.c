/* SPDX-License-Identifier: MIT */
/* Where a PV guest's kernel wants to be entered: trap table, callbacks, kernel stack; and its TS bit. */
#include <xen/callback.h>

#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "modes/pv/pv.h"

#define TRAP_BATCH 16

/* Traps until one with address 0. A null handle clears the whole table. -EFAULT -EINVAL (address not canonical: those
 * before it are set). */
long hypercall_set_trap_table(unsigned long handle, unsigned long a2, unsigned long a3, unsigned long a4,
                              unsigned long a5, unsigned long a6)
{
    struct pv_vcpu *p = to_pv(current);
    struct trap_info info;

    if (!handle) {
        memset(p->traps, 0, sizeof(p->traps));
        return 0;
    }
    for (unsigned int n = 1;; n++) {
        if (copy_arg_from(&info, handle))
            return -EFAULT;
        if (!info.address)
            return 0;
        if (!pv_entry_ok(info.address))
            return -EINVAL;
        pv_fixup_selector(&info.cs);
        p->traps[info.vector] = (struct pv_trap){ info.address, info.cs, info.flags };
        handle += sizeof(info);
        if (n % TRAP_BATCH == 0 && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_set_trap_table, 1, handle);
    }
}

static long register_callback(struct pv_vcpu *p, const struct callback_register *c)
{
    u8 masks = c->flags & CALLBACKF_mask_events;

    if (!pv_entry_ok(c->address))
        return -EINVAL;
    switch (c->type) {
    case CALLBACKTYPE_event: p->event_entry = c->address; return 0;
    case CALLBACKTYPE_failsafe: p->failsafe_entry = c->address; p->failsafe_masks = masks; return 0;
    case CALLBACKTYPE_syscall: p->syscall_entry = c->address; p->syscall_masks_events = masks; return 0;
    case CALLBACKTYPE_syscall32: p->syscall32_entry = c->address; p->syscall32_masks_events = masks; return 0;
    case CALLBACKTYPE_sysenter: p->sysenter_entry = c->address; p->sysenter_masks_events = masks; return 0;
    case CALLBACKTYPE_nmi:
        p->traps[TRAP_NMI] = (struct pv_trap){ c->address, FLAT_KERNEL_CS, 0 };
        return 0;
    }
    return -ENOSYS;
}

static long unregister_callback(struct pv_vcpu *p, const struct callback_unregister *c)
{
    switch (c->type) {
    case CALLBACKTYPE_event:
    case CALLBACKTYPE_failsafe:
    case CALLBACKTYPE_syscall:
    case CALLBACKTYPE_syscall32:
    case CALLBACKTYPE_sysenter: return -EINVAL;   /* can be replaced, not taken away */
    case CALLBACKTYPE_nmi: p->traps[TRAP_NMI].address = 0; return 0;
    }
    return -ENOSYS;
}

/* -EFAULT; -EINVAL: address not canonical; -ENOSYS: no such operation or type (public header xen/callback.h). */
long hypercall_callback_op(unsigned long op, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                           unsigned long a6)
{
    struct callback_register reg;
    struct callback_unregister unreg;

    switch (op) {
    case CALLBACKOP_register:
        return copy_arg_from(&reg, arg) ? -EFAULT : register_callback(to_pv(current), &reg);
    case CALLBACKOP_unregister:
        return copy_arg_from(&unreg, arg) ? -EFAULT : unregister_callback(to_pv(current), &unreg);
    }
    return -ENOSYS;
}

/* Event, failsafe and syscall entries at once; an older interface than callback_op. */
long hypercall_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall, unsigned long a4,
                             unsigned long a5, unsigned long a6)
{
    struct pv_vcpu *p = to_pv(current);

    if (!pv_entry_ok(event) || !pv_entry_ok(failsafe) || !pv_entry_ok(syscall))
        return -EINVAL;
    p->event_entry = event;
    p->failsafe_entry = failsafe;
    p->failsafe_masks = 0;
    p->syscall_entry = syscall;
    p->syscall_masks_events = 0;
    return 0;
}

bool pv_kernel_stack_ok(u64 sp)
{
    return is_canonical(sp) && (sp <= HYPERVISOR_START || sp >= HYPERVISOR_END + PAGE_SIZE);
}

/* -EINVAL: a stack in Prism's addresses. Budget: hypercall_stack_switch 124 instructions. */
long hypercall_stack_switch(unsigned long ss, unsigned long sp, unsigned long a3, unsigned long a4, unsigned long a5,
                            unsigned long a6)
{
    struct pv_vcpu *p = to_pv(current);
    u16 selector = (u16)ss;

    if (!pv_kernel_stack_ok(sp))
        return -EINVAL;
    pv_fixup_selector(&selector);
    p->kernel_ss = selector;
    p->kernel_sp = sp;
    return 0;
}

long hypercall_fpu_taskswitch(unsigned long set, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                              unsigned long a6)
{
    pv_set_ts(to_pv(current), set != 0);
    return 0;
}

/* The hypercall itself never comes here: entry.S carries it out. As an entry of a multicall it makes no sense. */
long hypercall_iret(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                    unsigned long a6)
{
    return -ENOSYS;
}
