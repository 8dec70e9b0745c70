/* SPDX-License-Identifier: MIT */
/* Frames at places of a translated guest's choice (add_to_physmap, remove_from_physmap), and frames of another domain's
 * resources for a tool to map (acquire_resource). A guest whose frame numbers are the machine's has no such places. */
#include "abi/grant.h"
#include "abi/memory.h"
#include "devmodel/devmodel.h"
#include "mem/frame.h"
#include "mem/pod.h"

/* The frame that index idx of a space stands for, with a reference. For XENMAPSPACE_gmfn it leaves where it was.
 * -EINVAL -ENOMEM -EOPNOTSUPP */
static int take_source(struct domain *d, unsigned int space, unsigned long idx, mfn_t *mfn)
{
    bool status = idx & XENMAPIDX_grant_table_status;
    int rc;

    switch (space) {
    case XENMAPSPACE_shared_info:
        if (idx)
            return -EINVAL;
        *mfn = d->shared_info_mfn;
        return get_frame(*mfn, d) ? 0 : -EINVAL;
    case XENMAPSPACE_grant_table:
        if ((idx & ~(unsigned long)XENMAPIDX_grant_table_status) > 0x7fffffff)
            return -EINVAL;
        rc = grant_table_frame(d, (u32)(idx & ~(unsigned long)XENMAPIDX_grant_table_status), status, mfn);
        return rc ? rc : get_frame(*mfn, d) ? 0 : -EINVAL;
    case XENMAPSPACE_gmfn:
    case XENMAPSPACE_gmfn_range:
        *mfn = d->row->privileged->get_gfn(d, idx);
        if (*mfn == INVALID_MFN)
            return -EINVAL;
        rc = d->row->privileged->unmap_gfn(d, idx, *mfn);
        if (rc)
            put_frame(*mfn);
        return rc;
    default:
        return -EOPNOTSUPP;
    }
}

/* What is at gfn makes room: memory of d's own is given back. */
static int clear_place(struct domain *d, gfn_t gfn)
{
    mfn_t old;
    int rc;

    if (pod_drop(d, gfn, 0) == 0)
        return 0;
    old = d->row->privileged->get_gfn(d, gfn);
    if (old == INVALID_MFN)
        return 0;
    rc = d->row->privileged->unmap_gfn(d, gfn, old);
    if (rc == 0)
        domain_drop_allocation(d, old);
    put_frame(old);
    return rc;
}

/* A frame has one place: that of the domain's own memory is left by take_source(), that of what Prism shares once it is at its
 * new one. A frame that moves and cannot be entered at its new place is put back. */
int memory_physmap_add(struct domain *d, unsigned int space, unsigned long idx, gfn_t gfn)
{
    mfn_t mfn;
    gfn_t was;
    int rc = take_source(d, space, idx, &mfn);

    if (rc)
        return rc;
    was = m2p_table[mfn];
    rc = clear_place(d, gfn);
    if (rc == 0)
        rc = d->row->privileged->map_gfn(d, gfn, mfn);
    if (rc == 0 && was != INVALID_M2P && was != gfn)
        (void)d->row->privileged->unmap_gfn(d, was, mfn);     /* an error: it is not there */
    if (rc && (space == XENMAPSPACE_gmfn || space == XENMAPSPACE_gmfn_range))
        (void)d->row->privileged->map_gfn(d, idx, mfn);
    put_frame(mfn);
    return rc;
}

/* Another domain's memory at a place of d's: for a d that may control that domain, which no translated one does yet. */
static int add_foreign(domid_t from)
{
    struct domain *other = domain_get(from);

    if (!other)
        return -ESRCH;
    domain_put(other);
    return -EPERM;
}

/* The domain, if its guest frame numbers are its own. *rc: -ESRCH -EPERM -EACCES */
static struct domain *translated_target(domid_t id, long *rc)
{
    struct domain *d = memory_target(id, rc);

    if (d && !d->row->privileged->external_guest_tables) {
        domain_put(d);
        d = NULL;
        *rc = -EACCES;
    }
    return d;
}

long memory_add_to_physmap(unsigned long start, unsigned long arg)
{
    struct xen_add_to_physmap r;
    struct domain *d;
    unsigned long n;
    long rc;

    if (copy_arg_from(&r, arg))
        return -EFAULT;
    if (r.space == XENMAPSPACE_gmfn_foreign)   /* it says from whom in its batch form alone */
        return -ENOSYS;
    n = r.space == XENMAPSPACE_gmfn_range ? r.size : 1;
    if (start > n)
        return -EINVAL;
    if ((d = translated_target(r.domid, &rc)) == NULL)
        return rc;
    for (rc = 0; start < n && rc == 0; start++) {
        rc = memory_physmap_add(d, r.space, r.idx + start, r.gpfn + start);
        if (rc == 0 && start + 1 < n && hypercall_preempt_check()) {
            domain_put(d);
            return memory_continue(XENMEM_add_to_physmap, start + 1, arg);
        }
    }
    domain_put(d);
    return rc;
}

long memory_add_to_physmap_batch(unsigned long start, unsigned long arg)
{
    struct xen_add_to_physmap_batch r;
    struct domain *d;
    long rc;

    if (copy_arg_from(&r, arg))
        return -EFAULT;
    if (start > r.size)
        return -EINVAL;
    if (r.space == XENMAPSPACE_gmfn_range)
        return -EOPNOTSUPP;
    if ((d = translated_target(r.domid, &rc)) == NULL)
        return rc;
    for (rc = 0; start < r.size; start++) {
        xen_ulong_t idx;
        xen_pfn_t gfn;
        int one;

        if (copy_from_guest_offset(&idx, r.idxs, start, 1) || copy_from_guest_offset(&gfn, r.gpfns, start, 1)) {
            rc = -EFAULT;
            break;
        }
        one = r.space == XENMAPSPACE_gmfn_foreign ? add_foreign(r.u.foreign_domid)
                                                  : memory_physmap_add(d, r.space, idx, gfn);
        if (copy_to_guest_offset(r.errs, start, &one, 1)) {
            rc = -EFAULT;
            break;
        }
        if (start + 1 < r.size && hypercall_preempt_check()) {
            domain_put(d);
            return memory_continue(XENMEM_add_to_physmap_batch, start + 1, arg);
        }
    }
    domain_put(d);
    return rc;
}

long memory_remove_from_physmap(unsigned long arg)
{
    struct xen_remove_from_physmap r;
    struct domain *d;
    mfn_t mfn;
    long rc;

    if (copy_arg_from(&r, arg))
        return -EFAULT;
    if ((d = translated_target(r.domid, &rc)) == NULL)
        return rc;
    mfn = d->row->privileged->get_gfn(d, r.gpfn);
    rc = -ENOENT;
    if (mfn != INVALID_MFN) {
        rc = d->row->privileged->unmap_gfn(d, r.gpfn, mfn);
        put_frame(mfn);
    }
    domain_put(d);
    return rc;
}

/* ---- Resources */

/* -EOPNOTSUPP: no such kind; -EINVAL: no such resource of that kind. */
static int resource_check(const struct xen_mem_acquire_resource *r)
{
    switch (r->type) {
    case XENMEM_resource_grant_table:
        return r->id == XENMEM_resource_grant_table_id_shared || r->id == XENMEM_resource_grant_table_id_status ? 0 : -EINVAL;
    case XENMEM_resource_ioreq_server:
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

static u32 resource_size(struct domain *d, const struct xen_mem_acquire_resource *r)
{
    if (r->type == XENMEM_resource_ioreq_server)
        return DEVMODEL_RESOURCE_FRAMES;
    return grant_table_limit(d, r->id == XENMEM_resource_grant_table_id_status);
}

static int resource_frame(struct domain *d, const struct xen_mem_acquire_resource *r, u64 index, mfn_t *mfn)
{
    if (r->type == XENMEM_resource_ioreq_server)
        return devmodel_resource_frame(d, r->id, index, mfn);
    return index > 0xffffffffUL ? -EINVAL
        : grant_table_frame(d, (u32)index, r->id == XENMEM_resource_grant_table_id_status, mfn);
}

static long resource_frames(struct domain *d, const struct xen_mem_acquire_resource *r, unsigned long start,
                            unsigned long arg)
{
    if (r->frame + r->nr_frames < r->frame)
        return -EINVAL;
    for (unsigned long i = start; i < r->nr_frames; i++) {
        xen_pfn_t told;
        mfn_t mfn;
        int rc = resource_frame(d, r, r->frame + i, &mfn);

        if (rc)
            return rc;
        told = mfn;
        if (copy_to_guest_offset(r->frame_list, i, &told, 1))
            return -EFAULT;
        if (i + 1 < r->nr_frames && hypercall_preempt_check())
            return memory_continue(XENMEM_acquire_resource, i + 1, arg);
    }
    return 0;
}

/* Purpose: XENMEM_acquire_resource for grant tables and I/O request servers: their machine frames, which the caller then
 * maps as the other domain's. A caller that would have to enter them in its own nested tables cannot yet. */
long memory_acquire_resource(unsigned long start, unsigned long arg)
{
    struct xen_mem_acquire_resource r;
    struct domain *d;
    long rc;

    if (copy_arg_from(&r, arg))
        return -EFAULT;
    if (r.pad != 0 || start > r.nr_frames)
        return -EINVAL;
    rc = resource_check(&r);
    if (rc)
        return rc;
    if (!current->domain->is_privileged)
        return -EPERM;
    if ((d = memory_target(r.domid, &rc)) == NULL)
        return rc;
    if (d == current->domain) {
        rc = -EPERM;
    } else if (r.type == XENMEM_resource_ioreq_server && !d->devmodel) {
        rc = -EINVAL;
    } else if (guest_handle_is_null(r.frame_list)) {
        rc = -EINVAL;
        if (r.nr_frames == 0) {
            r.nr_frames = resource_size(d, &r);
            rc = copy_arg_to(arg, &r);
        }
    } else if (current->domain->row->privileged->external_guest_tables) {
        rc = -EOPNOTSUPP;
    } else {
        rc = resource_frames(d, &r, start, arg);
    }
    domain_put(d);
    return rc;
}
