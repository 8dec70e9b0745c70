/* SPDX-License-Identifier: MIT */
/* GNTTABOP_copy: bytes of one page to another, each named by a grant or, if it is the caller's own, by frame number. */
#include "abi/grant_table.h"

/* One end of a copy: what is held while it lasts. */
struct end {
    struct domain *d;
    mfn_t mfn;
    u32 ref;
    bool granted, write;
    struct domain *via;      /* a transitive grant of d's led here: what `via` granted to d */
    u32 via_ref;
    u16 offset, length;      /* of the page, what may be touched */
};

static void release_end(struct end *e)
{
    if (e->via) {
        grant_unpin(e->via, e->via_ref, e->write);
        domain_put(e->via);
    }
    if (e->granted) {
        grant_unpin(e->d, e->ref, e->write);
    } else {
        if (e->write)
            put_frame_writable(e->mfn);
        put_frame(e->mfn);
    }
    domain_put(e->d);
}

/* d's grant only passes on what another domain granted to d, not d itself. One step: a grant that passes on itself is
 * refused. */
static int follow(struct end *e, const struct grant_view *transitive)
{
    struct grant_view view;
    struct domain *via;
    int rc;

    if (transitive->trans_domid >= DOMID_FIRST_RESERVED || transitive->trans_domid == e->d->id)
        return GNTST_general_error;
    via = domain_get(transitive->trans_domid);
    if (!via)
        return GNTST_general_error;
    rc = grant_pin(via, transitive->trans_ref, e->d->id, e->write, false, &e->mfn, &view);
    if (rc == GNTST_okay && e->mfn == INVALID_MFN) {
        grant_unpin(via, transitive->trans_ref, e->write);
        rc = GNTST_general_error;
    }
    if (rc != GNTST_okay) {
        domain_put(via);
        return rc;
    }
    e->via = via;
    e->via_ref = transitive->trans_ref;
    e->offset = view.offset;
    e->length = view.length;
    return GNTST_okay;
}

static int take_grant(struct end *e)
{
    struct grant_view view;
    int rc = grant_pin(e->d, e->ref, current->domain->id, e->write, false, &e->mfn, &view);

    if (rc != GNTST_okay)
        return rc;
    e->offset = view.offset;
    e->length = view.length;
    if (e->mfn != INVALID_MFN)
        return GNTST_okay;
    rc = follow(e, &view);
    if (rc != GNTST_okay)
        grant_unpin(e->d, e->ref, e->write);
    return rc;
}

static int take_own(struct end *e, gfn_t gfn)
{
    e->mfn = e->d->row->privileged->get_gfn(e->d, gfn);
    if (e->mfn == INVALID_MFN)
        return GNTST_bad_page;
    if (e->write && !get_frame_writable(e->mfn)) {
        put_frame(e->mfn);
        return GNTST_bad_page;
    }
    return GNTST_okay;
}

static int take_end(struct end *e, const struct gnttab_copy_ptr *p, bool granted, bool write)
{
    int rc;

    *e = (struct end){ .granted = granted, .write = write, .ref = p->u.ref, .length = PAGE_SIZE };
    if (!granted && p->domid != DOMID_SELF)
        return GNTST_permission_denied;
    e->d = p->domid == DOMID_SELF || p->domid < DOMID_FIRST_RESERVED ? domain_get(p->domid) : NULL;
    if (!e->d)
        return GNTST_bad_domain;
    rc = granted ? take_grant(e) : take_own(e, p->u.gmfn);
    if (rc != GNTST_okay)
        domain_put(e->d);
    return rc;
}

static bool covers(const struct end *e, u32 offset, u32 length)
{
    return offset >= e->offset && offset + length <= (u32)e->offset + e->length && offset + length <= PAGE_SIZE;
}

static int copy_one(const struct gnttab_copy *op)
{
    struct end source, dest;
    int rc;

    if ((u32)op->source.offset + op->len > PAGE_SIZE || (u32)op->dest.offset + op->len > PAGE_SIZE)
        return GNTST_bad_copy_arg;
    rc = take_end(&source, &op->source, op->flags & GNTCOPY_source_gref, false);
    if (rc != GNTST_okay)
        return rc;
    rc = take_end(&dest, &op->dest, op->flags & GNTCOPY_dest_gref, true);
    if (rc == GNTST_okay) {
        if (covers(&source, op->source.offset, op->len) && covers(&dest, op->dest.offset, op->len))
            memmove((char *)mfn_to_virt(dest.mfn) + op->dest.offset,
                    (const char *)mfn_to_virt(source.mfn) + op->source.offset, op->len);
        else
            rc = GNTST_bad_copy_arg;
        release_end(&dest);
    }
    release_end(&source);
    return rc;
}

void grant_op_copy(void *p)
{
    struct gnttab_copy *op = p;

    op->status = (int16_t)copy_one(op);
}
