/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_memory_op: dispatch, and the operations that answer with a number. */
#include "abi/memory.h"

#include "mem/frame.h"
#include "mem/pod.h"

#define MAX_ORDER_UNPRIVILEGED 9

struct domain *memory_target(domid_t id, long *rc)
{
    struct domain *d = domain_get(id);

    if (!d) {
        *rc = -ESRCH;
    } else if (d != current->domain && !current->domain->is_privileged) {
        domain_put(d);
        d = NULL;
        *rc = -EPERM;
    }
    return d;
}

unsigned int memory_max_order(void)
{
    return current->domain->is_privileged ? MAX_ORDER : MAX_ORDER_UNPRIVILEGED;
}

bool memory_address_bits(unsigned int mem_flags, unsigned int *bits)
{
    unsigned int wanted = XENMEMF_get_address_bits(mem_flags);

    *bits = wanted >= 64 || (max_mfn >> (wanted > PAGE_SHIFT ? wanted - PAGE_SHIFT : 0)) == 0 ? 0 : wanted;
    return wanted == 0 || wanted > PAGE_SHIFT;
}

static void domain_number(struct domain *d, unsigned long op, long *rc)
{
    switch (op) {
    case XENMEM_current_reservation:
        *rc = (long)d->tot_pages;
        break;
    case XENMEM_maximum_reservation:
        *rc = (long)d->max_pages;
        break;
    default:
        /* A PV guest says itself how far its frame numbers go. */
        if (d->row->privileged->container)
            *rc = (long)d->row->privileged->container->highest_gfn(d);
        else
            *rc = (long)ACCESS_ONCE(d->shared_info->arch.max_pfn) - 1;
    }
}

static long domain_info(unsigned long op, unsigned long arg)
{
    struct xen_memory_domain query;
    struct domain *d;
    long rc;

    if (copy_arg_from(&query, arg))
        return -EFAULT;
    if ((d = memory_target(query.domid, &rc)) == NULL)
        return rc;
    domain_number(d, op, &rc);
    domain_put(d);
    return rc;
}

static long pod_target(unsigned long op, unsigned long arg)
{
    struct xen_pod_target target;
    u64 cache, entries;
    struct domain *d;
    long rc = 0;

    if (copy_arg_from(&target, arg))
        return -EFAULT;
    if (!current->domain->is_privileged)
        return -EPERM;
    if ((d = memory_target(target.domid, &rc)) == NULL)
        return rc;
    if (op == XENMEM_set_pod_target)
        rc = target.target_pages > d->max_pages ? -EINVAL : pod_set_target(d, target.target_pages);
    target.tot_pages = d->tot_pages;
    pod_counts(d, &cache, &entries);
    target.pod_cache_pages = cache;
    target.pod_entries = entries;
    domain_put(d);
    if (rc == -ERESTART)
        return memory_continue(op, 0, arg);
    return rc ? rc : copy_arg_to(arg, &target);
}

static long claim_pages(unsigned long arg)
{
    struct xen_memory_reservation r;
    struct domain *d;
    long rc;

    if (copy_arg_from(&r, arg))
        return -EFAULT;
    if (!current->domain->is_privileged)
        return -EPERM;
    if (!guest_handle_is_null(r.extent_start) || r.extent_order != 0 || r.mem_flags != 0)
        return -EINVAL;
    if ((d = memory_target(r.domid, &rc)) == NULL)
        return rc;
    rc = domain_set_claim(d, r.nr_extents);
    domain_put(d);
    return rc;
}

/* Without an IOMMU no region is reserved for any device. */
static long reserved_device_memory(unsigned long arg)
{
    struct xen_reserved_device_memory_map map;

    if (copy_arg_from(&map, arg))
        return -EFAULT;
    if (map.flags & ~XENMEM_RDM_ALL)
        return -EINVAL;
    map.nr_entries = 0;
    return copy_arg_to(arg, &map);
}

long hypercall_memory_op(unsigned long cmd, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                         unsigned long a6)
{
    unsigned long op = cmd & MEMOP_CMD_MASK, start = cmd >> MEMOP_EXTENT_SHIFT;

    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return memory_reservation(op, start, arg);
    case XENMEM_add_to_physmap:
        return memory_add_to_physmap(start, arg);
    case XENMEM_add_to_physmap_batch:
        return memory_add_to_physmap_batch(start, arg);
    case XENMEM_acquire_resource:
        return memory_acquire_resource(start, arg);
    }
    if (start)
        return -EINVAL;
    switch (op) {
    case XENMEM_exchange:
        return memory_exchange(arg);
    case XENMEM_maximum_ram_page:
        return (long)max_mfn;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return domain_info(op, arg);
    case XENMEM_machphys_mfn_list:
        return memory_m2p_list(arg);
    case XENMEM_machphys_mapping:
        return memory_m2p_mapping(arg);
    case XENMEM_memory_map:
        return memory_map_get(arg);
    case XENMEM_set_memory_map:
        return memory_map_set(arg);
    case XENMEM_machine_memory_map:
        return memory_map_machine(arg);
    case XENMEM_remove_from_physmap:
        return memory_remove_from_physmap(arg);
    case XENMEM_set_pod_target:
    case XENMEM_get_pod_target:
        return pod_target(op, arg);
    case XENMEM_claim_pages:
        return claim_pages(arg);
    case XENMEM_get_sharing_freed_pages:
    case XENMEM_get_sharing_shared_pages:
        return 0;
    case XENMEM_reserved_device_memory_map:
        return reserved_device_memory(arg);
    case XENMEM_get_vnumainfo:
        return -EOPNOTSUPP;   /* no domain has virtual NUMA nodes */
    default:
        return -ENOSYS;
    }
}
