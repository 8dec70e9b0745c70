/* SPDX-License-Identifier: MIT */
/* Grant tables (public header xen/grant_table.h), for the rest of Prism.
 *
 * Who refers to what: as long as a grant is pinned (mapped or copied through), its table holds one general reference
 * to the frame, and one writable if somebody may write. row->privileged->grant_map() takes for its entry the
 * references that any entry of that kind has, on top of those; grant_unmap() and everything else that removes the
 * entry drops them. The frame's owner sees the grant as free only after the mapper's TLBs were flushed. */
#ifndef PRISM_ABI_GRANT_H
#define PRISM_ABI_GRANT_H

#include <xen/grant_table.h>

#include "dom/domain.h"

/* Limits below 0: the default ones. max_version 0: the highest. -ENOMEM -EINVAL */
int grant_domain_init(struct domain *d, int max_grant_frames, int max_maptrack_frames, u32 max_version);
/* What d has mapped of others: at destruction. 0, or -ERESTART to be called again. */
int grant_domain_release_mappings(struct domain *d);
void grant_domain_free(struct domain *d);
/* Frame idx of d's grant table (status: of its status frames), growing the table as far as allowed; -EINVAL -ENOMEM. */
int grant_table_frame(struct domain *d, u32 idx, bool status, mfn_t *mfn);
u32 grant_table_limit(struct domain *d, bool status);   /* how many such frames there can be */
void grant_dump(struct domain *d);

#endif
