/* SPDX-License-Identifier: MIT */
/* Hypercalls from 32-bit code: dispatch, the buffer for structures in 64-bit form, lists of hypercalls, and those
 * families whose structures are (nearly) the same in both forms. What is not in the table below is answered with -ENOSYS
 * (docs/CAVEATS.md). */
#include <xen/sched.h>
#include <xen/version.h>

#include "abi/event.h"
#include "modes/pvh/hw_compat.h"

/* Structures as 32-bit code lays them out. */
struct poll32 { u32 ports, nr_ports; u64 timeout; } packed;
struct multicall32 { u32 op, result, args[6]; } packed;

/* ---- The buffer */

void *hw_compat_area(struct vcpu *v, u64 va, size_t n)
{
    struct hw_compat *c = to_hw(v)->compat;

    return c && va >= COMPAT_BASE && n <= sizeof(c->area) && va <= COMPAT_BASE + sizeof(c->area) - n
        ? &c->area[va - COMPAT_BASE] : NULL;
}

void hw_compat_free(struct hw_vcpu *v)
{
    xfree(v->compat);
    v->compat = NULL;
}

/* An argument in the buffer stands for the guest's own, which its register still has. */
void hw_compat_again(struct vcpu *v, unsigned int nargs, const unsigned long *args)
{
    struct cpu_user_regs *regs = guest_regs();
    uint64_t *const registers[6] = { &regs->rbx, &regs->rcx, &regs->rdx, &regs->rsi, &regs->rdi, &regs->rbp };

    for (unsigned int i = 0; i < nargs; i++)
        if (args[i] < COMPAT_BASE)
            *registers[i] = (u32)args[i];
}

long compat_call(u32 number, unsigned long a1, unsigned long a2, unsigned long a3)
{
    const unsigned long args[6] = { a1, a2, a3 };

    return hypercall_dispatch(number, args);
}

/* ---- Families with few differences */

static long poll(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct sched_poll *native = compat_struct(c);
    struct poll32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->ports.p = (evtchn_port_t *)(unsigned long)op.ports;
    native->nr_ports = op.nr_ports;
    native->timeout = op.timeout;
    return compat_call(__HYPERVISOR_sched_op, cmd, COMPAT_BASE, 0);
}

static long sched_op(struct hw_compat *c, const u32 a[6])
{
    return a[0] == SCHEDOP_poll ? poll(c, a[0], a[1]) : compat_call(__HYPERVISOR_sched_op, a[0], a[1], 0);
}

static long xen_version(struct hw_compat *c, const u32 a[6])
{
    u32 virt_start = 0;   /* nothing of a 32-bit guest's addresses is Prism's */

    if (a[0] != XENVER_platform_parameters)
        return compat_call(__HYPERVISOR_xen_version, a[0], a[1], 0);
    return copy_arg_to((u64)a[1], &virt_start);
}

static long set_timer_op(struct hw_compat *c, const u32 a[6])
{
    return compat_call(__HYPERVISOR_set_timer_op, a[0] | (u64)a[1] << 32, 0, 0);
}

static long event_channel_op(struct hw_compat *c, const u32 a[6])
{
    return compat_call(__HYPERVISOR_event_channel_op, a[0], a[1], 0);
}

static long console_io(struct hw_compat *c, const u32 a[6])
{
    return compat_call(__HYPERVISOR_console_io, a[0], a[1], a[2]);
}

static long hvm_op(struct hw_compat *c, const u32 a[6])
{
    return compat_call(__HYPERVISOR_hvm_op, a[0], a[1], 0);
}

static long vm_assist(struct hw_compat *c, const u32 a[6])
{
    return compat_call(__HYPERVISOR_vm_assist, a[0], a[1], 0);
}

/* ---- Dispatch */

static long multicall(struct hw_compat *c, const u32 a[6]);

static const struct { u32 number; long (*fn)(struct hw_compat *c, const u32 a[6]); } table[] = {
    { __HYPERVISOR_memory_op, compat_memory_op }, { __HYPERVISOR_multicall, multicall },
    { __HYPERVISOR_set_timer_op, set_timer_op }, { __HYPERVISOR_xen_version, xen_version },
    { __HYPERVISOR_console_io, console_io }, { __HYPERVISOR_grant_table_op, compat_grant_table_op },
    { __HYPERVISOR_vm_assist, vm_assist }, { __HYPERVISOR_vcpu_op, compat_vcpu_op },
    { __HYPERVISOR_sched_op, sched_op }, { __HYPERVISOR_event_channel_op, event_channel_op },
    { __HYPERVISOR_hvm_op, hvm_op },
};

static long dispatch(struct hw_compat *c, u32 number, const u32 a[6])
{
    for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].number == number)
            return table[i].fn(c, a);
    return -ENOSYS;
}

long hw_compat_hypercall(struct vcpu *v, u32 number, const u32 args[6])
{
    struct hw_vcpu *hw = to_hw(v);

    if (!hw->compat)
        hw->compat = xzalloc(struct hw_compat);
    return hw->compat ? dispatch(hw->compat, number, args) : -ENOMEM;
}

/* ---- Lists of hypercalls */

/* As run_entry() of abi/multicall.c. What the interrupted call does not replace, and what it has in the buffer, stays as
 * the guest gave it. */
static int run_entry(struct hw_compat *c, struct multicall_state *state, u64 va)
{
    struct multicall32 call;

    if (copy_arg_from(&call, va))
        return -EFAULT;
    for (unsigned int i = 0; i < ARRAY_SIZE(state->args); i++)
        state->args[i] = COMPAT_BASE;
    call.result = call.op == __HYPERVISOR_multicall ? (u32)-EINVAL : (u32)dispatch(c, call.op, call.args);
    if (!state->preempted)
        return copy_to_guest_va(va + offsetof(struct multicall32, result), &call.result, sizeof(call.result));
    call.op = (u32)state->op;
    for (unsigned int i = 0; i < ARRAY_SIZE(state->args); i++)
        if (state->args[i] < COMPAT_BASE)
            call.args[i] = (u32)state->args[i];
    return copy_arg_to(va, &call) ? -EFAULT : -ERESTART;
}

static long multicall(struct hw_compat *c, const u32 a[6])
{
    struct multicall_state state = { .preempted = false };
    u32 list = a[0], nr_calls = a[1];
    struct vcpu *v = current;
    int rc = 0;

    if (v->multicall)
        return -EINVAL;
    v->multicall = &state;
    while (nr_calls && rc == 0) {
        rc = run_entry(c, &state, list);
        if (rc)
            break;
        nr_calls--;
        list += sizeof(struct multicall32);
        if (nr_calls && hypercall_preempt_check())
            rc = -ERESTART;
    }
    v->multicall = NULL;
    return rc == -ERESTART
        ? hypercall_continue(__HYPERVISOR_multicall, 2, (unsigned long)list, (unsigned long)nr_calls) : rc;
}

/* ---- How the guest lays out what it shares with Prism */

void hw_note_width(struct vcpu *v)
{
    struct domain *d = v->domain;
    bool narrow = container_mode(v) != MODE_64;

    if (d->narrow == narrow)
        return;
    d->narrow = narrow;
    smp_mb();
    update_domain_wallclock(d);
}
