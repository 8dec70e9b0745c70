/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_hvm_op (public header xen/hvm/hvm_op.h): parameters and events of domains in a container. */
#include <xen/hvm/hvm_op.h>

#include "abi/hypercall.h"
#include "cpu/time.h"
#include "dom/guest_access.h"
#include "trace/trace.h"

/* The domain, in a container, that current may act on; *rc: -ESRCH -EPERM -EINVAL. */
static struct domain *target(domid_t id, const struct container_abi **abi, long *rc)
{
    struct domain *d = domain_get(id);

    *rc = !d ? -ESRCH : d != current->domain && !current->domain->is_privileged ? -EPERM : 0;
    if (*rc == 0 && !d->row->privileged->container)
        *rc = -EINVAL;
    if (*rc && d) {
        domain_put(d);
        d = NULL;
    }
    *abi = d ? d->row->privileged->container : NULL;
    return d;
}

static long param(unsigned long arg, bool set)
{
    const struct container_abi *abi;
    struct xen_hvm_param op;
    struct domain *d;
    u64 value = 0;
    long rc;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if ((d = target(op.domid, &abi, &rc)) == NULL)
        return rc;
    if (set) {
        rc = abi->set_param(d, op.index, op.value, d == current->domain);
    } else {
        rc = abi->get_param(d, op.index, &value, d == current->domain);
        op.value = value;
        if (rc == 0 && copy_arg_to(arg, &op))
            rc = -EFAULT;
    }
    domain_put(d);
    return rc;
}

static long upcall_vector(unsigned long arg)
{
    const struct container_abi *abi = current->domain->row->privileged->container;
    struct xen_hvm_evtchn_upcall_vector op;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    return abi ? abi->set_upcall_vector(current->domain, op.vcpu, op.vector) : -EINVAL;
}

static long flush_tlbs(unsigned long arg)
{
    const struct container_abi *abi = current->domain->row->privileged->container;

    return arg || !abi ? -EINVAL : abi->flush_tlbs(current->domain);
}

static long mem_type(unsigned long arg)
{
    const struct container_abi *abi;
    struct xen_hvm_get_mem_type op;
    struct domain *d;
    long rc;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if ((d = target(op.domid, &abi, &rc)) == NULL)
        return rc;
    op.mem_type = (u16)abi->mem_type(d, op.pfn);
    domain_put(d);
    return copy_arg_to(arg, &op);
}

static long get_time(unsigned long arg)
{
    struct xen_hvm_get_time op = { system_time() };

    return copy_arg_to(arg, &op);
}

/* A record of the guest's own. Its exit and entry, if it has such, have the time. */
static long guest_trace(unsigned long arg)
{
    struct xen_hvm_xentrace op;
    u32 extra[TRACE_EXTRA_MAX] = { 0 };

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.extra_bytes > sizeof(op.extra) || op.event >> TRC_SUBCLS_SHIFT)
        return -EINVAL;
    memcpy(extra, op.extra, op.extra_bytes);
    if (unlikely(trace_on))
        trace_record(TRC_GUEST | op.event, false, extra, DIV_ROUND_UP(op.extra_bytes, sizeof(u32)));
    return 0;
}

/* Purpose: one hvm_op. HVMOP_pagetable_dying is a hint that nested paging has no use for. */
long hypercall_hvm_op(unsigned long cmd, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                      unsigned long a6)
{
    switch ((u32)cmd) {
    case HVMOP_set_param: return param(arg, true);
    case HVMOP_get_param: return param(arg, false);
    case HVMOP_set_evtchn_upcall_vector: return upcall_vector(arg);
    case HVMOP_flush_tlbs: return flush_tlbs(arg);
    case HVMOP_get_mem_type: return mem_type(arg);
    case HVMOP_get_time: return get_time(arg);
    case HVMOP_xentrace: return guest_trace(arg);
    default: return -ENOSYS;
    }
}
