/* SPDX-License-Identifier: MIT */
/* A domain's grant table and what it has mapped of others': shared by the files of HYPERVISOR_grant_table_op. */
#ifndef PRISM_ABI_GRANT_TABLE_H
#define PRISM_ABI_GRANT_TABLE_H

#include "abi/grant.h"
#include "abi/grant_entry.h"
#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "mem/frame.h"

#define ENTRIES_V1 (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define ENTRIES_V2 (PAGE_SIZE / sizeof(union grant_entry_v2))
#define STATUS_PER_FRAME (PAGE_SIZE / sizeof(grant_status_t))
#define ACTIVE_ORDER 2
#define MAPTRACK_PER_PAGE (PAGE_SIZE / sizeof(struct maptrack))
#define GRANT_CHUNK 32           /* elements of an array of maps or unmaps that are read, done and answered together */
#define MAPTRACK_PER_FRAME 256   /* how many a frame of max_maptrack_frames stands for */
#define MAPTRACK_NONE 0xffffffffu

/* An entry in use: whom it serves and how often. One general reference to mfn, and a writable one while there are
 * writers. A transitive one has no frame of its own. */
struct grant_active {
    u32 readers, writers;
    mfn_t mfn;
    domid_t domid;
    u16 offset, length;
    bool transitive;
};

/* A grant mapped by this domain. flags 0: free (ref: the next free one), or not set up yet. One word: grant_maptrack.c. */
struct maptrack {
    u32 ref;
    domid_t domid;
    u16 flags;                    /* GNTMAP_* that still stand; MAPTRACK_BUSY: an unmap is under way */
} aligned(8);
#define MAPTRACK_BUSY 0x8000

/* lock guards all of it but handles in use; active entries and the marks in shared entries too. Two tables are never locked
 * at once. Arrays and the number of entries only grow, but for set_version, which refuses while an entry is pinned. */
struct grant_table {
    struct spinlock lock;         /* RANK_GRANT */
    u32 version, max_version;
    u32 max_frames, nr_frames, nr_status;
    void **shared;                /* max_frames pages, nr_frames made */
    struct grant_active **active; /* as many, each of ENTRIES_V1 entries */
    grant_status_t **status;      /* nr_status made */
    u32 max_maptrack, nr_maptrack, free_maptrack;
    struct maptrack **maptrack;   /* pages of MAPTRACK_PER_PAGE */
    u32 release_cursor;
};

static inline u32 grant_entries(const struct grant_table *t)
{ return t->nr_frames * (t->version == 2 ? ENTRIES_V2 : ENTRIES_V1); }
static inline u32 grant_status_frames_for(u32 frames) { return DIV_ROUND_UP(frames * ENTRIES_V2, STATUS_PER_FRAME); }
/* ref < grant_entries() */
static inline struct grant_active *grant_active(const struct grant_table *t, u32 ref)
{ return &t->active[ref / ENTRIES_V1][ref % ENTRIES_V1]; }
static inline bool grant_in_use(const struct grant_active *a) { return a->readers || a->writers; }
static inline struct maptrack *grant_maptrack(const struct grant_table *t, u32 handle)
{ return &t->maptrack[handle / MAPTRACK_PER_PAGE][handle % MAPTRACK_PER_PAGE]; }
struct grant_entry_ref grant_entry(const struct grant_table *t, u32 ref);
/* Makes the table nr frames long, with status frames for version 2. Lock held. -EINVAL -ENOMEM */
int grant_grow(struct domain *d, u32 nr);

/* Use of grant `ref` of d by domain `who`, until grant_unpin(). whole: for mapping. *mfn (INVALID_MFN if transitive,
 * then *view says on to whom), and *view's offset and length say what is granted. No lock held. GNTST_*. */
int grant_pin(struct domain *d, u32 ref, domid_t who, bool write, bool whole, mfn_t *mfn, struct grant_view *view);
void grant_unpin(struct domain *d, u32 ref, bool write);
/* n pins of d's go, under one taking of its lock: of grant ref[i], as a writer where write[i]. n <= GRANT_CHUNK */
void grant_unpin_all(struct domain *d, const u32 *ref, const bool *write, unsigned int n);
/* The frame of a grant that the caller's claimed handle pins. No lock needed. */
mfn_t grant_pinned_frame(const struct domain *d, u32 ref);

/* ---- grant_maptrack.c: handles. No lock held.
 * get: up to n handles that nobody else can claim yet, and how many that are. set: one stands for value from now on.
 * claim: takes one that stands for something, *out, for the caller alone, until set() or put(). put: n of them are free. */
unsigned int maptrack_get(struct grant_table *t, u32 *handles, unsigned int n);
void maptrack_set(struct grant_table *t, u32 handle, struct maptrack value);
bool maptrack_claim(struct grant_table *t, u32 handle, struct maptrack *out);
void maptrack_put(struct grant_table *t, const u32 *handles, unsigned int n);

/* Operations on one element of the guest's array, copied in and out by the dispatcher. */
void grant_op_copy(void *op);
void grant_op_transfer(void *op);
void grant_op_swap(void *op);
/* The maps of an array: 0, -EFAULT or a continuation. */
long grant_map_array(unsigned long uop, unsigned long count);
/* The unmaps of an array: 0, -EFAULT or a continuation. replace: GNTTABOP_unmap_and_replace. */
long grant_unmap_array(unsigned long uop, unsigned long count, bool replace);
long grant_setup_table(unsigned long uop, unsigned long count);
long grant_query_size(unsigned long uop, unsigned long count);
long grant_set_version(unsigned long uop);
long grant_get_version(unsigned long uop);
long grant_get_status_frames(unsigned long uop, unsigned long count);
/* The domain a call is about: itself, or any for a privileged caller. NULL: *status is set. */
struct domain *grant_target(domid_t id, int16_t *status);

#endif
