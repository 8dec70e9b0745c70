/* SPDX-License-Identifier: MIT */
/* dm_op: a device model's requests about its guest's memory. */
#include <xen/hvm/hvm_op.h>

#include "abi/hypercall.h"
#include "abi/memory.h"
#include "devmodel/server.h"
#include "mem/pod.h"

#define BATCH 256   /* frames between two looks at whether somebody else is to run */

/* Is [first, first + nr) where frames can be? */
static bool range_ok(const struct domain *d, u64 first, u64 nr)
{
    return first < d->p2m->limit && nr <= d->p2m->limit - first;
}

/* ---- modified_memory: extents from the last to the first, so that nr_extents says what is left. */

/* The device model has written to it: if writes are being noted, this is one. */
static void note_write(struct domain *d, gfn_t gfn)
{
    enum p2m_type type;

    p2m_get(d->p2m, gfn, &type, NULL);
    if (type == P2M_LOGDIRTY)
        (void)p2m_change_type(d->p2m, gfn, P2M_LOGDIRTY, P2M_RAM);   /* no longer so, or no room: it counts as written */
}

/* One batch of the last extent; *done: the frames of it that are done. -EFAULT -EINVAL */
static int modified_batch(struct dm_call *c, u32 *extents, u32 *done)
{
    struct xen_dm_op_modified_memory_extent x;
    u64 at = (u64)(unsigned long)c->buffer[1].h.p + (u64)(*extents - 1) * sizeof(x);
    u32 n;

    if (copy_from_guest_va(&x, at, sizeof(x)))
        return -EFAULT;
    if (x.pad || x.nr == 0 || *done >= x.nr || !range_ok(c->d, x.first_pfn, x.nr))
        return -EINVAL;
    n = min(x.nr - *done, (u32)BATCH);
    for (u32 i = 0; i < n; i++)
        note_write(c->d, x.first_pfn + *done + i);
    *done += n;
    if (*done == x.nr) {
        *done = 0;
        (*extents)--;
    }
    return 0;
}

long dm_modified_memory(struct dm_call *c)
{
    struct xen_dm_op_modified_memory *q = &c->op.u.modified_memory;
    int rc = 0;

    if (c->buffer[1].size / sizeof(struct xen_dm_op_modified_memory_extent) < q->nr_extents)
        return -EINVAL;
    while (q->nr_extents) {
        rc = modified_batch(c, &q->nr_extents, &q->opaque);
        if (rc)
            return rc;
        if (q->nr_extents && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* ---- set_mem_type */

/* -EINVAL: no memory of the domain's own, or Prism's, which keeps its type; -EOPNOTSUPP: memory whose accesses the device
 * model would answer. */
static int set_type(struct domain *d, gfn_t gfn, u16 wanted)
{
    enum p2m_type old, new = wanted == HVMMEM_ram_ro ? P2M_RAM_RO : P2M_RAM;
    int rc = -EINVAL;

    for (unsigned int tries = 0; rc == -EINVAL && tries < 3; tries++) {   /* the guest's write may change the type too */
        p2m_get(d->p2m, gfn, &old, NULL);
        if (old == P2M_POD) {
            rc = pod_populate(d, gfn);
            if (rc)
                return rc;
            rc = -EINVAL;
            continue;
        }
        if (wanted == HVMMEM_mmio_dm)
            return old == P2M_NONE ? 0 : p2m_type_is_ram(old) ? -EOPNOTSUPP : -EINVAL;
        if (!p2m_type_is_ram(old))
            return -EINVAL;
        if (old == new || (old == P2M_LOGDIRTY && new == P2M_RAM))
            return 0;
        rc = p2m_change_type(d->p2m, gfn, old, new);
    }
    return rc;
}

long dm_set_mem_type(struct dm_call *c)
{
    struct xen_dm_op_set_mem_type *q = &c->op.u.set_mem_type;

    if (q->pad || !range_ok(c->d, q->first_pfn, q->nr))
        return -EINVAL;
    if (q->mem_type == HVMMEM_ioreq_server)
        return -EOPNOTSUPP;
    if (q->mem_type > HVMMEM_mmio_dm)
        return -EINVAL;
    for (u32 done = 0; q->nr; ) {
        int rc = set_type(c->d, q->first_pfn, q->mem_type);

        if (rc)
            return rc;
        q->first_pfn++;
        q->nr--;
        if (++done % BATCH == 0 && q->nr && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* ---- relocate_memory */

long dm_relocate_memory(struct dm_call *c)
{
    struct xen_dm_op_relocate_memory *q = &c->op.u.relocate_memory;

    if (q->pad)
        return -EINVAL;
    while (q->size) {
        int rc = memory_physmap_add(c->d, XENMAPSPACE_gmfn_range, q->src_gfn, q->dst_gfn);

        if (rc)
            return rc;
        q->src_gfn++;
        q->dst_gfn++;
        q->size--;
        if (q->size && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* ---- pin_memory_cacheattr: nested tables map memory write-back, and nothing else. */

long dm_pin_memory_cacheattr(struct dm_call *c)
{
    const struct xen_dm_op_pin_memory_cacheattr *q = &c->op.u.pin_memory_cacheattr;

    if (q->pad || q->start > q->end || q->end >= c->d->p2m->limit)
        return -EINVAL;
    switch (q->type) {
    case XEN_DMOP_MEM_CACHEATTR_WB:
    case XEN_DMOP_DELETE_MEM_CACHEATTR:
        return 0;
    case XEN_DMOP_MEM_CACHEATTR_UC:
    case XEN_DMOP_MEM_CACHEATTR_WC:
    case XEN_DMOP_MEM_CACHEATTR_WT:
    case XEN_DMOP_MEM_CACHEATTR_WP:
    case XEN_DMOP_MEM_CACHEATTR_UCM:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}
