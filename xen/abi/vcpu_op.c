/* SPDX-License-Identifier: MIT */
/* The hypercall vcpu_op (public header xen/vcpu.h): a guest's vCPUs brought up and down, their timers, and the places
 * in its memory where they find time, runstate and events. */
#include <xen/hvm/hvm_vcpu.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "mem/frame.h"

/* ---- Up and down */

union context { struct vcpu_guest_context ring3; struct vcpu_hvm_context container; };

/* The guest's context in the form that its row has, on v, which is not initialised; domain_lock held. */
static long set_context(struct vcpu *v, const union context *context)
{
    const struct privileged_ops *ops = v->domain->row->privileged;

    return ops->container ? ops->container->set_context(v, &context->container)
                          : ops->set_context(v, &context->ring3);
}

static long initialise(struct vcpu *v, unsigned long arg)
{
    bool in_container = v->domain->row->privileged->container;
    struct domain *d = v->domain;
    union context *context;
    long rc;

    if (vcpu_info_is_dummy(v))
        return -EINVAL;   /* its events would have nowhere to go */
    context = xzalloc(union context);
    if (!context)
        return -ENOMEM;
    rc = copy_from_guest_va(context, arg, in_container ? sizeof(context->container) : sizeof(context->ring3));
    if (rc == 0) {
        spin_lock(&d->domain_lock);
        rc = v->is_initialised ? -EEXIST : set_context(v, context);
        if (rc == 0)
            v->is_initialised = true;
        spin_unlock(&d->domain_lock);
    }
    xfree(context);
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_vcpu_op, 3, (unsigned long)VCPUOP_initialise, (unsigned long)v->id, arg);
    return rc;
}

static long up(struct vcpu *v)
{
    bool wake = false;
    long rc = 0;

    spin_lock(&v->domain->domain_lock);
    if (!v->is_initialised)
        rc = -EINVAL;
    else
        wake = test_and_clear_bit(VPF_DOWN, &v->pause_flags);
    spin_unlock(&v->domain->domain_lock);
    if (wake)
        vcpu_wake(v);
    return rc;
}

/* A domain that takes its last vCPU down is powered off: nothing could bring it up again. */
static long down(struct vcpu *v)
{
    struct vcpu *other;
    bool last = true, was_up = false;

    spin_lock(&v->domain->domain_lock);
    for_each_vcpu(v->domain, other)
        if (other != v && !test_bit(VPF_DOWN, &other->pause_flags))
            last = false;
    if (!last)
        was_up = !test_and_set_bit(VPF_DOWN, &v->pause_flags);
    spin_unlock(&v->domain->domain_lock);
    if (last)
        domain_shutdown(v->domain, SHUTDOWN_poweroff);
    else if (was_up)
        vcpu_sleep_nosync(v);
    return 0;
}

/* ---- Timers */

static long set_periodic(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_periodic_timer op;

    ledger_charge(current, LEDGER_TIMER);
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    return op.period_ns ? vcpu_set_periodic(v, op.period_ns) : -EINVAL;
}

static long set_singleshot(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_singleshot_timer op;

    ledger_charge(current, LEDGER_TIMER);
    if (v != current)
        return -EINVAL;
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    return vcpu_set_singleshot(v, op.timeout_abs_ns, op.flags & VCPU_SSHOTTMR_future);
}

static long stop_singleshot(struct vcpu *v)
{
    ledger_charge(current, LEDGER_TIMER);
    if (v != current)
        return -EINVAL;
    vcpu_stop_singleshot(v);
    return 0;
}

/* ---- Areas of the guest's memory */

static long get_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_runstate_info info;

    vcpu_runstate(v, &info);
    return vcpu_runstate_write(v->domain, arg, &info);
}

/* The address is tried at once, so that a bad one is answered here; later a failing copy is passed over in silence. */
static long register_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_runstate_memory_area op;
    struct vcpu_runstate_info info;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.addr.p) {
        vcpu_runstate(v, &info);
        if (vcpu_runstate_write(v->domain, op.addr.p, &info))
            return -EFAULT;
    }
    spin_lock(&v->domain->domain_lock);
    ACCESS_ONCE(v->runstate_guest) = op.addr.p;
    spin_unlock(&v->domain->domain_lock);
    return 0;
}

static long register_time(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_time_memory_area op;
    struct vcpu_time_info info;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    info = v->vcpu_info->time;
    if (op.addr.p && copy_to_guest_va(op.addr.p, &info, sizeof(info)))
        return -EFAULT;
    spin_lock(&v->domain->domain_lock);
    ACCESS_ONCE(v->time_guest) = op.addr.p;
    spin_unlock(&v->domain->domain_lock);
    if (v == current)
        update_vcpu_time(v);
    return 0;
}

static long register_info(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_vcpu_info op;
    long rc;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    spin_lock(&v->domain->domain_lock);
    rc = vcpu_map_info(v, op.mfn, op.offset);
    spin_unlock(&v->domain->domain_lock);
    if (rc == 0 && v == current)
        update_vcpu_time(v);
    return rc;
}

/* Only of vCPUs that stay where they are, and only the hardware domain's concern. */
static long get_physid(struct vcpu *v, unsigned long arg)
{
    struct vcpu_get_physid op;
    const struct cpu *c;

    if (v->domain != hardware_domain || bits_set(v->hard_affinity & cpu_online_mask) != 1)
        return -EINVAL;
    c = &cpus[__builtin_ctzll(v->hard_affinity & cpu_online_mask)];
    op.phys_id = c->apic_id | (u64)c->acpi_id << 32;
    return copy_arg_to(arg, &op);
}

static bool is_timer_op(int cmd)
{
    return cmd == VCPUOP_set_singleshot_timer || cmd == VCPUOP_stop_singleshot_timer ||
           cmd == VCPUOP_set_periodic_timer || cmd == VCPUOP_stop_periodic_timer;
}

long hypercall_vcpu_op(unsigned long cmd, unsigned long id, unsigned long arg, unsigned long a4, unsigned long a5,
                       unsigned long a6)
{
    struct domain *d = current->domain;
    u32 index = (u32)id;
    struct vcpu *v;

    ledger_charge(current, LEDGER_SCHED);
    if (index >= d->max_vcpus || !d->vcpu[index])
        return -ENOENT;
    v = d->vcpu[index];
    if (is_timer_op((int)cmd) && !d->row->interrupts->pv_timers)
        return -ENOSYS;
    switch ((int)cmd) {
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(v, arg);
    case VCPUOP_stop_singleshot_timer:
        return stop_singleshot(v);
    case VCPUOP_set_periodic_timer:
        return set_periodic(v, arg);
    case VCPUOP_stop_periodic_timer:
        return vcpu_set_periodic(v, 0);
    case VCPUOP_initialise:
        return initialise(v, arg);
    case VCPUOP_up:
        return up(v);
    case VCPUOP_down:
        return down(v);
    case VCPUOP_is_up:
        return !test_bit(VPF_DOWN, &v->pause_flags);
    case VCPUOP_get_runstate_info:
        return get_runstate(v, arg);
    case VCPUOP_register_runstate_memory_area:
        return register_runstate(v, arg);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time(v, arg);
    case VCPUOP_register_vcpu_info:
        return register_info(v, arg);
    case VCPUOP_send_nmi:
        d->row->interrupts->nmi(v);
        return 0;
    case VCPUOP_get_physid:
        return get_physid(v, arg);
    default:
        return -ENOSYS;
    }
}
