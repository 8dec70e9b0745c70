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

/* Gives the frame, which is nobody's by now, to domain `to`. */
static int give(struct domain *from, struct domain *to, const struct gnttab_transfer *op)
{
    int rc;

    /* Frames are named by machine frame number here: not to translated guests. */
    if (to->row->privileged->external_guest_tables || !to->grant_table || to == from)
        return GNTST_general_error;
    rc = commit(to, op->ref, from->id);
    if (rc != GNTST_okay)
        return rc;
    if (domain_assign_frame(to, op->mfn)) {
        finish(to, op->ref, INVALID_MFN, false);
        return GNTST_general_error;
    }
    finish(to, op->ref, op->mfn, true);
    return GNTST_okay;
}

/* Whatever becomes of the rest: a frame that the caller could give is no longer its own, and goes to the heap if nobody may
 * have it (public header xen/grant_table.h). */
static int transfer_one(const struct gnttab_transfer *op)
{
    struct domain *to, *from = current->domain;
    int rc = GNTST_bad_domain;

    if (from->row->privileged->external_guest_tables)
        return GNTST_general_error;
    if (domain_steal_frame(from, op->mfn))
        return GNTST_bad_page;
    to = op->domid < DOMID_FIRST_RESERVED ? domain_get(op->domid) : NULL;
    if (to) {
        rc = give(from, to, op);
        domain_put(to);
    }
    if (rc != GNTST_okay)
        heap_free(op->mfn, 0);
    return rc;
}

void grant_op_transfer(void *p)
{
    struct gnttab_transfer *op = p;

    op->status = (int16_t)transfer_one(op);
    if (op->status == GNTST_okay)
        trace(TRC_MEM_PAGE_GRANT_TRANSFER, op->domid);
}
