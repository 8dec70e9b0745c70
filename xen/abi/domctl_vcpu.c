/* SPDX-License-Identifier: MIT */
/* domctl: virtual CPUs: their registers, where they may run, and how much. */
#include "abi/control.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "mem/frame.h"
#include "trace/trace.h"

/* 0 and *v; -EINVAL: no domain of this size has it; -ESRCH: it has not been made. */
static long find_vcpu(struct domain *d, u32 id, struct vcpu **v)
{
    if (id >= d->max_vcpus)
        return -EINVAL;
    *v = d->vcpu[id];
    return *v ? 0 : -ESRCH;
}

static long do_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getvcpuinfo *q = &op->u.getvcpuinfo;
    struct vcpu *v;
    long rc = find_vcpu(d, q->vcpu, &v);
    if (rc)
        return rc;
    q->online = !test_bit(VPF_DOWN, &v->pause_flags);
    q->blocked = test_bit(VPF_BLOCKED, &v->pause_flags);
    q->running = v->is_running;
    q->cpu_time = vcpu_cpu_time(v);
    q->cpu = v->processor;
    return 0;
}

/* ---- Registers */

static long set_context(struct domain *d, struct vcpu *v, const struct vcpu_guest_context *context)
{
    long rc;
    domain_pause(d);
    if (v->is_initialised) {
        d->row->privileged->reset(v);
        v->is_initialised = false;
    }
    rc = d->row->privileged->set_context(v, context);
    if (rc == 0) {
        v->is_initialised = true;
        if (context->flags & VGCF_online)
            clear_bit(VPF_DOWN, &v->pause_flags);
        else
            set_bit(VPF_DOWN, &v->pause_flags);
    }
    domain_unpause(d);
    return rc;
}

/* A null handle takes the vCPU back to where it was when it was made. */
static long reset_vcpu(struct domain *d, struct vcpu *v)
{
    domain_pause(d);
    set_bit(VPF_DOWN, &v->pause_flags);
    d->row->privileged->reset(v);
    v->is_initialised = false;
    domain_unpause(d);
    return 0;
}

static long do_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpucontext *q = &op->u.vcpucontext;
    struct vcpu_guest_context *context;
    struct vcpu *v;
    long rc = d == current->domain ? -EINVAL : find_vcpu(d, q->vcpu, &v);
    if (rc)
        return rc;
    if (guest_handle_is_null(q->ctxt))
        return reset_vcpu(d, v);
    context = xzalloc(struct vcpu_guest_context);
    if (!context)
        return -ENOMEM;
    rc = copy_from_guest(context, q->ctxt, 1) ? -EFAULT : set_context(d, v, context);
    xfree(context);
    return rc;
}

static long do_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpucontext *q = &op->u.vcpucontext;
    struct vcpu_guest_context *context;
    struct vcpu *v;
    long rc = find_vcpu(d, q->vcpu, &v);
    if (rc)
        return rc;
    if (v == current)
        return -EINVAL;
    if (!v->is_initialised)
        return -ENODATA;
    context = xzalloc(struct vcpu_guest_context);
    if (!context)
        return -ENOMEM;
    vcpu_pause(v);
    sync_vcpu_state(v);
    d->row->privileged->get_context(v, context);
    vcpu_unpause(v);
    rc = copy_to_guest(q->ctxt, context, 1) ? -EFAULT : 0;
    xfree(context);
    return rc;
}

/* ---- Where it may run */

static long do_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *q = &op->u.vcpuaffinity;
    struct vcpu *v;
    long rc = find_vcpu(d, q->vcpu, &v);
    if (rc)
        return rc;
    u64 hard = v->affinity_overridden ? v->saved_affinity : v->hard_affinity, soft = v->soft_affinity;
    if (q->flags & ~(u32)(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT | XEN_VCPUAFFINITY_FORCE) ||
        !(q->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)) ||
        ((q->flags & XEN_VCPUAFFINITY_HARD) && guest_handle_is_null(q->cpumap_hard.bitmap)) ||
        ((q->flags & XEN_VCPUAFFINITY_SOFT) && guest_handle_is_null(q->cpumap_soft.bitmap)))
        return -EINVAL;
    if (((q->flags & XEN_VCPUAFFINITY_HARD) && bitmap_from_guest(&hard, &q->cpumap_hard)) ||
        ((q->flags & XEN_VCPUAFFINITY_SOFT) && bitmap_from_guest(&soft, &q->cpumap_soft)))
        return -EFAULT;
    if ((q->flags & XEN_VCPUAFFINITY_FORCE) && v->affinity_overridden)
        (void)vcpu_pin_override(v, -1);
    rc = vcpu_set_affinity(v, hard, soft);
    if (rc)
        return rc;
    if (((q->flags & XEN_VCPUAFFINITY_HARD) && bitmap_to_guest(&q->cpumap_hard, hard & cpu_online_mask, nr_cpus)) ||
        ((q->flags & XEN_VCPUAFFINITY_SOFT) &&
         bitmap_to_guest(&q->cpumap_soft, soft & hard & cpu_online_mask, nr_cpus)))
        return -EFAULT;
    return 0;
}

static long do_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuaffinity *q = &op->u.vcpuaffinity;
    struct vcpu *v;
    long rc = find_vcpu(d, q->vcpu, &v);
    if (rc)
        return rc;
    if (((q->flags & XEN_VCPUAFFINITY_HARD) && bitmap_to_guest(&q->cpumap_hard, v->hard_affinity, nr_cpus)) ||
        ((q->flags & XEN_VCPUAFFINITY_SOFT) && bitmap_to_guest(&q->cpumap_soft, v->soft_affinity, nr_cpus)))
        return -EFAULT;
    return 0;
}

/* All memory is one node's. */
static long do_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    u64 nodes;
    if (bitmap_from_guest(&nodes, &op->u.nodeaffinity.nodemap))
        return -EFAULT;
    if (!(nodes & 1))
        return -EINVAL;
    d->node_affinity = nodes;
    return 0;
}

static long do_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    return bitmap_to_guest(&op->u.nodeaffinity.nodemap, d->node_affinity & 1, 1);
}

/* ---- How much */

static long do_scheduler_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_scheduler_op *q = &op->u.scheduler_op;
    struct vcpu *v = d->vcpu[0];
    if (q->sched_id != scheduler->id)
        return -EINVAL;
    trace(TRC_SCHED_ADJDOM, d->id);
    if (!v)      /* none can be running that the parameters count for */
        return scheduler->adjust(d, q);
    unsigned long flags = sched_lock_vcpu(v);
    long rc = scheduler->adjust(d, q);
    sched_unlock_vcpu(v, flags);
    return rc;
}

static long do_sendtrigger(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v;
    long rc = find_vcpu(d, op->u.sendtrigger.vcpu, &v);
    if (rc)
        return rc;
    switch (op->u.sendtrigger.trigger) {
    case XEN_DOMCTL_SENDTRIGGER_NMI:
        d->row->interrupts->nmi(v);
        return 0;
    case XEN_DOMCTL_SENDTRIGGER_POWER:
    case XEN_DOMCTL_SENDTRIGGER_SLEEP:
        return d->row->platform->button
               ? d->row->platform->button(d, op->u.sendtrigger.trigger == XEN_DOMCTL_SENDTRIGGER_SLEEP) : -ENOSYS;
    }
    return -ENOSYS;
}

const struct domctl_handler domctl_vcpu_handlers[] = {
    { XEN_DOMCTL_getvcpuinfo, BACK_SUCCESS, do_getvcpuinfo },
    { XEN_DOMCTL_setvcpucontext, BACK_NEVER, do_setvcpucontext },
    { XEN_DOMCTL_getvcpucontext, BACK_NEVER, do_getvcpucontext },
    { XEN_DOMCTL_setvcpuaffinity, BACK_NEVER, do_setvcpuaffinity },
    { XEN_DOMCTL_getvcpuaffinity, BACK_NEVER, do_getvcpuaffinity },
    { XEN_DOMCTL_setnodeaffinity, BACK_NEVER, do_setnodeaffinity },
    { XEN_DOMCTL_getnodeaffinity, BACK_NEVER, do_getnodeaffinity },
    { XEN_DOMCTL_scheduler_op, BACK_SUCCESS, do_scheduler_op },
    { XEN_DOMCTL_sendtrigger, BACK_NEVER, do_sendtrigger },
    { }
};
