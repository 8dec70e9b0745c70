/* SPDX-License-Identifier: MIT */
/* Pinning grants: from the moment a grant is pinned until its last unpin its frame is referred to, and its owner sees
 * that it is in use. */
#include "abi/grant_table.h"

#define PIN_RETRY 1
#define PIN_MAX 0x7fffffff
#define TRIES 4

static u16 marks_held(const struct grant_active *a)
{
    return (grant_in_use(a) ? GTF_reading : 0) | (a->writers ? GTF_writing : 0);
}

/* Another pin of a grant in use: its frame is known, and stays, whatever the entry says now. Lock held. */
static int pin_again(struct grant_active *a, const struct grant_entry_ref *e, domid_t who, bool write, bool whole,
                     const struct grant_view *view)
{
    u16 held = marks_held(a);

    if (a->transitive != ((view->flags & GTF_type_mask) == GTF_transitive) || a->domid != who ||
        a->readers >= PIN_MAX || a->writers >= PIN_MAX || (whole && (a->transitive || a->length != PAGE_SIZE)))
        return GNTST_general_error;
    if (write && !a->writers) {
        if (grant_entry_claim(e, who, true, whole, held) != GNTST_okay)
            return GNTST_general_error;
        if (!a->transitive && !get_frame_writable(a->mfn)) {
            grant_entry_unclaim(e, GTF_writing);
            return GNTST_general_error;
        }
    }
    *(write ? &a->writers : &a->readers) += 1;
    return GNTST_okay;
}

/* The first pin, for the frame that *view named a moment ago: mfn, referred to. Lock held. */
static int pin_first(struct grant_active *a, const struct grant_entry_ref *e, domid_t who, bool write, bool whole,
                     mfn_t mfn, const struct grant_view *view)
{
    struct grant_view now;

    if (grant_entry_claim(e, who, write, whole, 0) != GNTST_okay)
        return GNTST_general_error;
    grant_entry_read(e, &now);
    if (((now.flags ^ view->flags) & (GTF_type_mask | GTF_sub_page)) || now.frame != view->frame ||
        now.offset != view->offset || now.length != view->length || now.trans_domid != view->trans_domid ||
        now.trans_ref != view->trans_ref) {
        grant_entry_unclaim(e, GTF_reading | GTF_writing);
        return PIN_RETRY;
    }
    if (write && mfn != INVALID_MFN && !get_frame_writable(mfn)) {
        grant_entry_unclaim(e, GTF_reading | GTF_writing);
        return GNTST_general_error;
    }
    *a = (struct grant_active){ .readers = !write, .writers = write, .mfn = mfn, .domid = who, .offset = view->offset,
                                .length = view->length, .transitive = mfn == INVALID_MFN };
    return GNTST_okay;
}

/* Memory of d's own at gfn, with a reference: not the pages that Prism shares with it, whose life is not d's affair. */
static mfn_t granted_frame(struct domain *d, u64 gfn)
{
    mfn_t mfn = d->row->privileged->get_gfn(d, gfn);

    if (mfn != INVALID_MFN && mfn_to_frame(mfn)->flags & FRAME_F_XENHEAP) {
        put_frame(mfn);
        mfn = INVALID_MFN;
    }
    return mfn;
}

static int pin_once(struct domain *d, u32 ref, domid_t who, bool write, bool whole, mfn_t *mfn, struct grant_view *view)
{
    struct grant_table *t = d->grant_table;
    struct grant_entry_ref e;
    struct grant_active *a;
    bool transitive;
    int rc;

    spin_lock(&t->lock);
    if (ref >= grant_entries(t)) {
        spin_unlock(&t->lock);
        return GNTST_bad_gntref;
    }
    a = grant_active(t, ref);
    e = grant_entry(t, ref);
    grant_entry_read(&e, view);
    if (grant_in_use(a)) {
        rc = pin_again(a, &e, who, write, whole, view);
        *mfn = a->mfn;
        view->offset = a->offset;
        view->length = a->length;
        spin_unlock(&t->lock);
        return rc;
    }
    rc = grant_view_check(view, who, write, whole);
    spin_unlock(&t->lock);
    if (rc != GNTST_okay)
        return rc;
    /* Looking a guest frame up may take locks that come before this one. */
    transitive = (view->flags & GTF_type_mask) == GTF_transitive;
    *mfn = transitive ? INVALID_MFN : granted_frame(d, view->frame);
    if (!transitive && *mfn == INVALID_MFN)
        return GNTST_bad_page;
    spin_lock(&t->lock);
    if (ref >= grant_entries(t) || grant_in_use(a)) {
        rc = PIN_RETRY;
    } else {
        e = grant_entry(t, ref);
        rc = pin_first(a, &e, who, write, whole, *mfn, view);
    }
    spin_unlock(&t->lock);
    if (rc != GNTST_okay && *mfn != INVALID_MFN)
        put_frame(*mfn);
    return rc;
}

int grant_pin(struct domain *d, u32 ref, domid_t who, bool write, bool whole, mfn_t *mfn, struct grant_view *view)
{
    if (!d->grant_table || d->dying != DOMDYING_ALIVE)
        return GNTST_bad_domain;
    for (int i = 0; i < TRIES; i++) {
        int rc = pin_once(d, ref, who, write, whole, mfn, view);

        if (rc != PIN_RETRY)
            return rc;
    }
    return GNTST_general_error;   /* the owner keeps changing it */
}

/* Lock held. The frame whose reference the caller drops once it has given the lock back, or INVALID_MFN. */
static mfn_t unpin(struct grant_table *t, u32 ref, bool write)
{
    struct grant_entry_ref e;
    struct grant_active *a;
    mfn_t mfn;

    BUG_ON(ref >= grant_entries(t));   /* pins keep the version, but for the reserved entries */
    a = grant_active(t, ref);
    e = grant_entry(t, ref);
    mfn = a->transitive ? INVALID_MFN : a->mfn;
    BUG_ON((write ? a->writers : a->readers) == 0);
    *(write ? &a->writers : &a->readers) -= 1;
    if (write && !a->writers) {
        if (mfn != INVALID_MFN)
            put_frame_writable(mfn);
        grant_entry_unclaim(&e, GTF_writing);
    }
    if (grant_in_use(a))
        return INVALID_MFN;
    grant_entry_unclaim(&e, GTF_reading);
    return mfn;
}

void grant_unpin_all(struct domain *d, const u32 *ref, const bool *write, unsigned int n)
{
    struct grant_table *t = d->grant_table;
    mfn_t mfn[GRANT_CHUNK];

    spin_lock(&t->lock);
    for (unsigned int i = 0; i < n; i++)
        mfn[i] = unpin(t, ref[i], write[i]);
    spin_unlock(&t->lock);
    for (unsigned int i = 0; i < n; i++)
        if (mfn[i] != INVALID_MFN)
            put_frame(mfn[i]);
}

void grant_unpin(struct domain *d, u32 ref, bool write)
{
    grant_unpin_all(d, &ref, &write, 1);
}

mfn_t grant_pinned_frame(const struct domain *d, u32 ref)
{
    return grant_active(d->grant_table, ref)->mfn;
}
