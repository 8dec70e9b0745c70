/* SPDX-License-Identifier: MIT */
/* Reading and marking shared grant entries of both versions. */
#include "abi/grant_entry.h"

#include "lib/bitops.h"

#define RETRIES 5   /* a guest that keeps changing an entry under us gets an error */

/* Flags and domain id of an entry are one aligned word in both versions, so they can be seen together. */
static volatile u32 *word_of(const struct grant_entry_ref *e)
{
    return e->v2 ? (volatile u32 *)&e->v2->hdr : (volatile u32 *)e->v1;
}

static void decode_word(u32 word, struct grant_view *view)
{
    view->flags = (u16)word;
    view->domid = (domid_t)(word >> 16);
}

void grant_entry_read(const struct grant_entry_ref *e, struct grant_view *view)
{
    *view = (struct grant_view){ .length = PAGE_SIZE };
    decode_word(*word_of(e), view);
    if (!e->v2) {
        view->flags &= (u16)~GTF_sub_page;   /* unknown to version 1 */
        view->frame = e->v1->frame;
    } else if ((view->flags & GTF_type_mask) == GTF_transitive) {
        view->trans_domid = e->v2->transitive.trans_domid;
        view->trans_ref = e->v2->transitive.gref;
    } else {
        view->frame = e->v2->full_page.frame;
        if (view->flags & GTF_sub_page) {
            view->offset = e->v2->sub_page.page_off;
            view->length = e->v2->sub_page.length;
        }
    }
}

int grant_view_check(const struct grant_view *view, domid_t who, bool write, bool whole)
{
    u16 type = view->flags & GTF_type_mask;

    if (view->domid != who || (write && view->flags & GTF_readonly))
        return GNTST_general_error;
    if (type == GTF_permit_access)
        return whole && view->flags & GTF_sub_page ? GNTST_general_error : GNTST_okay;
    return type == GTF_transitive && !whole ? GNTST_okay : GNTST_general_error;
}

static int claim_v1(const struct grant_entry_ref *e, domid_t who, u16 marks)
{
    volatile u32 *word = word_of(e);
    u32 old = *word, seen;
    struct grant_view view = { 0 };

    for (int i = 0; i < RETRIES; i++, old = seen) {
        decode_word(old, &view);
        view.flags &= (u16)~GTF_sub_page;
        if ((view.flags & GTF_type_mask) != GTF_permit_access ||
            grant_view_check(&view, who, marks & GTF_writing, true) != GNTST_okay)
            return GNTST_general_error;
        seen = cmpxchg(word, old, old | marks);
        if (seen == old)
            return GNTST_okay;
    }
    return GNTST_general_error;
}

/* Marks are set first and the flags looked at afterwards: a guest that withdraws the grant does it the other way
 * round. */
static int claim_v2(const struct grant_entry_ref *e, domid_t who, bool whole, u16 marks, u16 held)
{
    struct grant_view view = { 0 };

    __atomic_fetch_or(e->status, marks, __ATOMIC_SEQ_CST);
    decode_word(*word_of(e), &view);
    if (grant_view_check(&view, who, marks & GTF_writing, whole) == GNTST_okay)
        return GNTST_okay;
    grant_entry_unclaim(e, marks & (u16)~held);
    return GNTST_general_error;
}

int grant_entry_claim(const struct grant_entry_ref *e, domid_t who, bool write, bool whole, u16 held)
{
    u16 marks = GTF_reading | (write ? GTF_writing : 0);

    return e->v2 ? claim_v2(e, who, whole, marks, held) : claim_v1(e, who, marks);
}

void grant_entry_unclaim(const struct grant_entry_ref *e, u16 marks)
{
    volatile u16 *where = e->v2 ? e->status : (volatile u16 *)word_of(e);

    if (marks)
        __atomic_fetch_and(where, (u16)~marks, __ATOMIC_SEQ_CST);
}

int grant_entry_commit_transfer(const struct grant_entry_ref *e, domid_t from)
{
    volatile u32 *word = word_of(e);
    u32 old = *word, seen;

    for (int i = 0; i < RETRIES; i++, old = seen) {
        /* Nothing but the bare type: neither committed nor completed yet. */
        if (old != (GTF_accept_transfer | (u32)from << 16))
            return GNTST_bad_gntref;
        seen = cmpxchg(word, old, old | GTF_transfer_committed);
        if (seen == old)
            return GNTST_okay;
    }
    return GNTST_general_error;
}

void grant_entry_transferred(const struct grant_entry_ref *e, u64 frame, bool done)
{
    volatile u16 *flags = (volatile u16 *)word_of(e);

    if (!done) {
        __atomic_fetch_and(flags, (u16)~GTF_transfer_committed, __ATOMIC_SEQ_CST);
        return;
    }
    if (e->v2)
        e->v2->full_page.frame = frame;
    else
        e->v1->frame = (u32)frame;
    smp_wmb();
    __atomic_fetch_or(flags, GTF_transfer_completed, __ATOMIC_SEQ_CST);
}
