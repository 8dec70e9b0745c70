/* SPDX-License-Identifier: MIT */
/* Entries of a grant table, as the guest that owns the table shares them with Prism (public header xen/grant_table.h).
 * The guest may change them at any moment: every field is read once, flags change by compare-and-exchange. Pure. */
#ifndef PRISM_ABI_GRANT_ENTRY_H
#define PRISM_ABI_GRANT_ENTRY_H

#include <xen/grant_table.h>

#include "lib/types.h"

/* One entry of either version: v2 NULL means version 1. */
struct grant_entry_ref {
    volatile struct grant_entry_v1 *v1;
    volatile union grant_entry_v2 *v2;
    volatile u16 *status;          /* version 2 only */
};

/* What an entry says, read at one moment. */
struct grant_view {
    u16 flags;
    domid_t domid;
    u64 frame;
    u16 offset, length;            /* bytes of the page that are granted */
    domid_t trans_domid;           /* GTF_transitive */
    grant_ref_t trans_ref;
};

void grant_entry_read(const struct grant_entry_ref *e, struct grant_view *view);
/* May domain `who` use it so? whole: only grants of a whole page of the owner's (for mapping). GNTST_okay or
 * GNTST_general_error. */
int grant_view_check(const struct grant_view *view, domid_t who, bool write, bool whole);
/* Marks the entry as read (and written) by Prism. held: the marks that other pins have set already. GNTST_okay, or
 * GNTST_general_error: it does not allow that (any more), and is as it was. */
int grant_entry_claim(const struct grant_entry_ref *e, domid_t who, bool write, bool whole, u16 held);
void grant_entry_unclaim(const struct grant_entry_ref *e, u16 marks);   /* GTF_reading, GTF_writing */

/* GTF_accept_transfer for domain `from`: committed, so that the guest waits for grant_entry_transferred(). */
int grant_entry_commit_transfer(const struct grant_entry_ref *e, domid_t from);
void grant_entry_transferred(const struct grant_entry_ref *e, u64 frame, bool done);

#endif
