/* SPDX-License-Identifier: MIT */
/* A domain's memory grows and shrinks: increase_reservation, decrease_reservation, populate_physmap. All three answer
 * with the number of extents done, whatever stopped them. */
#include "abi/memory.h"
#include "mem/frame.h"
#include "mem/pod.h"
#include "trace/trace.h"

struct request {
    struct xen_memory_reservation guest;
    struct domain *d;
    struct alloc_request alloc;
};

/* The caller's request, checked; d is referred to. False: nothing of it can be done. */
static bool decode(struct request *r, unsigned long start, unsigned long arg)
{
    long rc;

    if (copy_arg_from(&r->guest, arg))
        return false;
    if (r->guest.nr_extents > ~0UL >> MEMOP_EXTENT_SHIFT || start >= r->guest.nr_extents ||
        r->guest.extent_order > memory_max_order())
        return false;
    r->alloc = (struct alloc_request){ .order = r->guest.extent_order };
    if (!memory_address_bits(r->guest.mem_flags, &r->alloc.address_bits))
        return false;
    r->d = memory_target(r->guest.domid, &rc);
    return r->d != NULL;
}

/* One page leaves d; false if there is none at gfn or it was given back before. */
static bool give_back(struct domain *d, gfn_t gfn)
{
    bool done = false;
    mfn_t mfn;

    if (pod_drop(d, gfn, 0) == 0)
        return true;
    mfn = d->row->privileged->get_gfn(d, gfn);
    if (mfn == INVALID_MFN)
        return false;
    if (d->row->privileged->unmap_gfn(d, gfn, mfn) == 0) {
        if (pod_keep(d, mfn))
            return true;
        done = domain_drop_allocation(d, mfn);
    }
    put_frame(mfn);
    return done;
}

static bool decrease(struct request *r, unsigned long i)
{
    xen_pfn_t gfn;

    if (copy_from_guest_offset(&gfn, r->guest.extent_start, i, 1))
        return false;
    trace(TRC_MEM_DECREASE_RESERVATION, TRACE_LONG(gfn), TRACE_PAIR(r->d->id, r->guest.extent_order));
    if (r->guest.extent_order && pod_drop(r->d, gfn, r->guest.extent_order) == 0)
        return true;
    for (unsigned long j = 0; j < 1UL << r->guest.extent_order; j++)
        if (!give_back(r->d, gfn + j))
            return false;
    return true;
}

static void drop_frames(struct domain *d, mfn_t mfn, unsigned long n)
{
    for (unsigned long j = 0; j < n; j++)
        if (get_frame(mfn + j, d)) {
            domain_drop_allocation(d, mfn + j);
            put_frame(mfn + j);
        }
}

static bool increase(struct request *r, unsigned long i)
{
    mfn_t mfn = domain_alloc_frames(r->d, r->alloc);
    xen_pfn_t told = mfn;

    if (mfn == INVALID_MFN)
        return false;
    if (guest_handle_is_null(r->guest.extent_start) || r->d->row->privileged->external_guest_tables ||
        !copy_to_guest_offset(r->guest.extent_start, i, &told, 1))
        return true;
    drop_frames(r->d, mfn, 1UL << r->alloc.order);
    return false;
}

/* For another domain, by whoever made it: a guest has no memory to come. */
static bool populate_later(struct request *r, gfn_t gfn)
{
    return r->d != current->domain && pod_mark(r->d, gfn, r->alloc.order) == 0;
}

static bool populate(struct request *r, unsigned long i)
{
    const struct privileged_ops *ops = r->d->row->privileged;
    unsigned long j, n = 1UL << r->alloc.order;
    xen_pfn_t gfn, told;
    mfn_t mfn;

    if (copy_from_guest_offset(&gfn, r->guest.extent_start, i, 1))
        return false;
    if (r->guest.mem_flags & XENMEMF_populate_on_demand)
        return populate_later(r, gfn);
    mfn = domain_alloc_frames(r->d, r->alloc);
    if (mfn == INVALID_MFN)
        return false;
    if (r->alloc.order && ops->container && ops->container->map_extent(r->d, gfn, mfn, r->alloc.order) == 0)
        return true;
    for (j = 0; j < n; j++)
        if (ops->map_gfn(r->d, gfn + j, mfn + j))
            goto unmap;
    told = mfn;
    if (ops->external_guest_tables || !copy_to_guest_offset(r->guest.extent_start, i, &told, 1))
        return true;
unmap:
    while (j-- > 0)
        ops->unmap_gfn(r->d, gfn + j, mfn + j);
    drop_frames(r->d, mfn, n);
    return false;
}

/* Purpose: XENMEM_{increase,decrease}_reservation, XENMEM_populate_physmap from extent `start` on. Returns the
 * extents done in all, or continues. */
long memory_reservation(unsigned long op, unsigned long start, unsigned long arg)
{
    bool (*one)(struct request *, unsigned long) =
        op == XENMEM_increase_reservation ? increase : op == XENMEM_decrease_reservation ? decrease : populate;
    struct request r;
    unsigned long i;
    long rc;

    if (!decode(&r, start, arg))
        return (long)start;
    for (i = start; i < r.guest.nr_extents && one(&r, i); i++)
        if (i + 1 < r.guest.nr_extents && hypercall_preempt_check()) {
            domain_put(r.d);
            return memory_continue(op, i + 1, arg);
        }
    rc = (long)i;
    domain_put(r.d);
    return rc;
}
