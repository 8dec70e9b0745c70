/* SPDX-License-Identifier: MIT */
/* GNTTABOP_transfer: a frame of the caller's becomes another domain's, which has offered a place for it. */
#include "abi/grant_table.h"
#include "trace/trace.h"

/* The place that domain d offers at ref to domain `from`, committed. GNTST_* */
static int commit(struct domain *d, u32 ref, domid_t from)
{
    struct grant_table *t = d->grant_table;
    struct grant_entry_ref e;
    int rc = GNTST_bad_gntref;

    spin_lock(&t->lock);
    if (ref < grant_entries(t) && !grant_in_use(grant_active(t, ref))) {
        e = grant_entry(t, ref);
        rc = grant_entry_commit_transfer(&e, from);
    }
    spin_unlock(&t->lock);
    return rc;
}

/* Ends what commit() began; the frame's number in d goes by the entry. */
static void finish(struct domain *d, u32 ref, mfn_t mfn, bool done)
{
    struct grant_table *t = d->grant_table;
    struct grant_entry_ref e;
    struct grant_view view;
    bool valid;

    spin_lock(&t->lock);
    valid = ref < grant_entries(t);   /* the guest may have changed the table's version: then nobody waits */
    if (valid) {
        e = grant_entry(t, ref);
        grant_entry_read(&e, &view);
    }
    spin_unlock(&t->lock);
    if (valid && done)
        d->row->privileged->map_gfn(d, view.frame, mfn);
    spin_lock(&t->lock);
    if (ref < grant_entries(t)) {
        e = grant_entry(t, ref);
        grant_entry_transferred(&e, mfn, done);
    }
    spin_unlock(&t->lock);
}

static int transfer_to(struct domain *from, struct domain *to, const struct gnttab_transfer *op)
{
    pfn_t pfn;
    int rc;

    if (!mfn_is_ram(op->mfn))
        return GNTST_bad_page;
    rc = commit(to, op->ref, from->id);
    if (rc != GNTST_okay)
        return rc;
    rc = GNTST_bad_page;
    pfn = m2p_table[op->mfn];
    if (domain_steal_frame(from, op->mfn))
        goto abort;
    rc = GNTST_general_error;
    if (domain_assign_frame(to, op->mfn)) {
        if (domain_assign_frame(from, op->mfn))
            heap_free(op->mfn, 0);
        else if (pfn != INVALID_M2P)
            from->row->privileged->map_gfn(from, pfn, op->mfn);
        goto abort;
    }
    finish(to, op->ref, op->mfn, true);
    return GNTST_okay;
abort:
    finish(to, op->ref, INVALID_MFN, false);
    return rc;
}

static int transfer_one(const struct gnttab_transfer *op)
{
    struct domain *to, *from = current->domain;
    int rc = GNTST_general_error;

    to = op->domid < DOMID_FIRST_RESERVED ? domain_get(op->domid) : NULL;
    if (!to)
        return GNTST_bad_domain;
    /* Frames are named by machine frame number here: not between translated guests. */
    if (!from->row->privileged->external_guest_tables && !to->row->privileged->external_guest_tables &&
        to->grant_table && to != from)
        rc = transfer_to(from, to, op);
    domain_put(to);
    return rc;
}

void grant_op_transfer(void *p)
{
    struct gnttab_transfer *op = p;

    op->status = (int16_t)transfer_one(op);
    if (op->status == GNTST_okay)
        trace(TRC_MEM_PAGE_GRANT_TRANSFER, op->domid);
}
