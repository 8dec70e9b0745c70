/* SPDX-License-Identifier: MIT */
/* A guest and its own grant table: size, frames, version, the order of its entries. */
#include "abi/grant_table.h"

struct domain *grant_target(domid_t id, int16_t *status)
{
    struct domain *d = id == DOMID_SELF || id < DOMID_FIRST_RESERVED ? domain_get(id) : NULL;

    if (!d) {
        *status = GNTST_bad_domain;
    } else if ((d != current->domain && !current->domain->is_privileged) || !d->grant_table) {
        domain_put(d);
        d = NULL;
        *status = GNTST_permission_denied;
    }
    return d;
}

static int64_t frame_at(struct domain *d, u32 i, bool status)
{
    mfn_t mfn;

    return grant_table_frame(d, i, status, &mfn) ? -1 : (int64_t)mfn;
}

/* The first n frames as numbers the guest can map: a translated one places them by XENMEM_add_to_physmap instead. */
static int16_t tell_frames(struct domain *d, u32 n, bool status, unsigned long list)
{
    u32 there = status ? d->grant_table->nr_status : grant_table_limit(d, false);

    if (n > there || d->row->privileged->external_guest_tables)
        return GNTST_general_error;
    for (u32 i = 0; i < n; i++) {
        int64_t frame = frame_at(d, i, status);
        u64 told = (u64)frame;

        if (frame < 0)
            return GNTST_general_error;
        if (copy_to_guest_va(list + i * sizeof(told), &told, sizeof(told)))
            return GNTST_bad_virt_addr;
    }
    return GNTST_okay;
}

static int16_t tell_frames_of(domid_t id, u32 n, bool status, unsigned long list)
{
    int16_t result;
    struct domain *d = grant_target(id, &result);

    if (d) {
        result = tell_frames(d, n, status, list);
        domain_put(d);
    }
    return result;
}

long grant_setup_table(unsigned long uop, unsigned long count)
{
    struct gnttab_setup_table op;

    if (count != 1)
        return -EINVAL;
    if (copy_arg_from(&op, uop))
        return -EFAULT;
    op.status = tell_frames_of(op.dom, op.nr_frames, false, (unsigned long)op.frame_list.p);
    return copy_arg_to(uop, &op);
}

long grant_get_status_frames(unsigned long uop, unsigned long count)
{
    struct gnttab_get_status_frames op;

    if (count != 1)
        return -EINVAL;
    if (copy_arg_from(&op, uop))
        return -EFAULT;
    op.status = tell_frames_of(op.dom, op.nr_frames, true, (unsigned long)op.frame_list.p);
    return copy_arg_to(uop, &op);
}

long grant_query_size(unsigned long uop, unsigned long count)
{
    struct gnttab_query_size op;
    struct domain *d;

    if (count != 1)
        return -EINVAL;
    if (copy_arg_from(&op, uop))
        return -EFAULT;
    d = grant_target(op.dom, &op.status);
    if (d) {
        op.nr_frames = d->grant_table->nr_frames;
        op.max_nr_frames = d->grant_table->max_frames;
        op.status = GNTST_okay;
        domain_put(d);
    }
    return copy_arg_to(uop, &op);
}

long grant_get_version(unsigned long uop)
{
    struct gnttab_get_version op;
    struct domain *d;
    int16_t status;

    if (copy_arg_from(&op, uop))
        return -EFAULT;
    d = grant_target(op.dom, &status);
    if (!d)
        return status == GNTST_permission_denied ? -EPERM : -ESRCH;
    op.version = d->grant_table->version;
    domain_put(d);
    return copy_arg_to(uop, &op);
}

/* ---- set_version */

struct reserved { u16 flags; domid_t domid; u64 frame; u16 marks; };

/* The entries that outlive a change of version, as the old version has them. -ERANGE: one has no other form. */
static int save_reserved(struct grant_table *t, u32 to, struct reserved saved[GNTTAB_NR_RESERVED_ENTRIES])
{
    for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
        struct grant_entry_ref e = grant_entry(t, i);
        struct grant_view view;
        u16 type;

        grant_entry_read(&e, &view);
        type = view.flags & GTF_type_mask;
        if (type != GTF_invalid && type != GTF_permit_access)
            return -ERANGE;
        if (to == 1 && type == GTF_permit_access && (view.frame > 0xffffffffUL || view.flags & GTF_sub_page))
            return -ERANGE;
        saved[i] = (struct reserved){ view.flags & (u16)~(GTF_reading | GTF_writing), view.domid, view.frame,
                                      (e.v2 ? *e.status : view.flags) & (GTF_reading | GTF_writing) };
        if (type == GTF_invalid)
            saved[i] = (struct reserved){ 0 };
    }
    return 0;
}

static void restore_reserved(struct grant_table *t, const struct reserved saved[GNTTAB_NR_RESERVED_ENTRIES])
{
    for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++) {
        struct grant_entry_ref e = grant_entry(t, i);

        if (e.v2) {
            e.v2->full_page.frame = saved[i].frame;
            e.v2->hdr.domid = saved[i].domid;
            *e.status = saved[i].marks;
            smp_wmb();
            e.v2->hdr.flags = saved[i].flags;
        } else {
            e.v1->frame = (u32)saved[i].frame;
            e.v1->domid = saved[i].domid;
            smp_wmb();
            e.v1->flags = saved[i].flags | saved[i].marks;
        }
    }
}

/* Lock held. -EBUSY: entries are in use. -ERANGE -ENOMEM */
static int change_version(struct domain *d, u32 version)
{
    struct reserved saved[GNTTAB_NR_RESERVED_ENTRIES];
    struct grant_table *t = d->grant_table;
    u32 old = t->version;
    int rc;

    if (version == old)
        return 0;
    for (u32 ref = GNTTAB_NR_RESERVED_ENTRIES; ref < grant_entries(t); ref++)
        if (grant_in_use(grant_active(t, ref)))
            return -EBUSY;
    rc = save_reserved(t, version, saved);
    if (rc)
        return rc;
    t->version = version;
    rc = grant_grow(d, t->nr_frames);   /* status frames */
    if (rc) {
        t->version = old;
        return rc;
    }
    for (u32 i = 0; i < t->nr_frames; i++)
        memset(t->shared[i], 0, PAGE_SIZE);
    for (u32 i = 0; i < t->nr_status; i++)
        memset(t->status[i], 0, PAGE_SIZE);
    restore_reserved(t, saved);
    return 0;
}

long grant_set_version(unsigned long uop)
{
    struct domain *d = current->domain;
    struct grant_table *t = d->grant_table;
    struct gnttab_set_version op;
    int rc;

    if (!t)
        return -ENOSYS;
    if (copy_arg_from(&op, uop))
        return -EFAULT;
    if (op.version != 1 && op.version != 2)
        return -EINVAL;
    if (op.version > t->max_version)
        return -ENOSYS;
    spin_lock(&t->lock);
    rc = change_version(d, op.version);
    op.version = t->version;
    spin_unlock(&t->lock);
    if (copy_arg_to(uop, &op))
        return -EFAULT;
    return rc;
}

/* ---- swap_grant_ref */

static int swap(struct grant_table *t, u32 a, u32 b)
{
    struct grant_entry_ref ea, eb;

    if (a >= grant_entries(t) || b >= grant_entries(t))
        return GNTST_bad_gntref;
    if (a == b)
        return GNTST_okay;
    if (grant_in_use(grant_active(t, a)) || grant_in_use(grant_active(t, b)))
        return GNTST_eagain;
    ea = grant_entry(t, a);
    eb = grant_entry(t, b);
    if (ea.v2) {
        union grant_entry_v2 saved = *ea.v2;

        *ea.v2 = *eb.v2;
        *eb.v2 = saved;
    } else {
        struct grant_entry_v1 saved = *ea.v1;

        *ea.v1 = *eb.v1;
        *eb.v1 = saved;
    }
    return GNTST_okay;
}

void grant_op_swap(void *p)
{
    struct grant_table *t = current->domain->grant_table;
    struct gnttab_swap_grant_ref *op = p;

    spin_lock(&t->lock);
    op->status = (int16_t)swap(t, op->ref_a, op->ref_b);
    spin_unlock(&t->lock);
}
