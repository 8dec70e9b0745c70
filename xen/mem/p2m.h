/* SPDX-License-Identifier: MIT */
/* Guest frame to machine frame: the nested page tables of a translated domain (AMD64 APM vol. 2, 15.25).
 *
 * Four levels, entries of 4 KiB, 2 MiB and 1 GiB. Each entry has a type, kept in the entry itself; an entry of 4 KiB or
 * each 4 KiB of a larger one holds a general reference to its frame (and a reference for writing, where the frame is
 * another domain's or Prism's and the entry is writable); device memory is not referred to. So a frame that is mapped
 * here is never freed, whoever drops what. References go after the translation has been flushed. M2P entries of the
 * domain's own RAM are kept (mem/frame.h, m2p_table).
 *
 * p2m_get and p2m_get_frame take no lock, and may be called under any and with interrupts in any state (what a failed
 * attempt took may have to be freed, though: p2m_get_frame wants interrupts on). Every other function takes p2m->lock
 * itself (RANK_P2M), with interrupts on, and may flush other CPUs. */
#ifndef PRISM_MEM_P2M_H
#define PRISM_MEM_P2M_H

#include "lib/spinlock.h"
#include "lib/types.h"

struct domain;

enum p2m_type {
    P2M_NONE,             /* nothing there */
    P2M_RAM,              /* the domain's own, writable */
    P2M_RAM_RO,           /* the domain's own, or Prism's shown to it; writes exit */
    P2M_LOGDIRTY,         /* as P2M_RAM, but write-protected until somebody notes the write */
    P2M_POD,              /* populate on demand: a frame comes with the first access (mem/pod.h) */
    P2M_MMIO,             /* device memory, uncached */
    P2M_GRANT, P2M_GRANT_RO,       /* another domain's frame, by its grant */
    P2M_FOREIGN, P2M_FOREIGN_RO,   /* another domain's frame, by privilege */
    NR_P2M_TYPES
};

#define P2M_TYPE_BIT(type) (1u << (type))
#define P2M_TYPES_RAM (P2M_TYPE_BIT(P2M_RAM) | P2M_TYPE_BIT(P2M_RAM_RO) | P2M_TYPE_BIT(P2M_LOGDIRTY))
#define P2M_TYPES_GRANT (P2M_TYPE_BIT(P2M_GRANT) | P2M_TYPE_BIT(P2M_GRANT_RO))
#define P2M_TYPES_FOREIGN (P2M_TYPE_BIT(P2M_FOREIGN) | P2M_TYPE_BIT(P2M_FOREIGN_RO))

#define P2M_ORDER_4K 0
#define P2M_ORDER_2M 9
#define P2M_ORDER_1G 18

/* Frames that are kept for a domain's P2M_POD entries (mem/pod.h): its own by tot_pages, but not in its list. Lists are
 * linked by frame.next. */
#define POD_RECENT 16
struct pod {
    struct spinlock lock;        /* RANK_POD; guards all below, and that a P2M_POD entry gets RAM */
    u32 large, clean, used;      /* blocks of 512 and single frames, zeroed; frames that the guest has had. FRAME_NIL */
    u64 count;                   /* frames in all three */
    gfn_t sweep_at;              /* where the search for zeroed memory goes on */
    u64 swept;                   /* gfns passed since there was last a frame to take */
    gfn_t recent[POD_RECENT];    /* populated last: whoever asked for them may not have come to use them yet */
    u32 recent_at;
};

struct p2m {
    struct domain *domain;       /* constant */
    struct pod pod;
    struct spinlock lock;        /* RANK_P2M; guards all below and changes of the tables */
    mfn_t root;                  /* of the level-4 table; constant after p2m_init */
    gfn_t limit;                 /* one past the last gfn there can be; constant */
    u32 pool_limit, pool_used;   /* frames of tables: allowed, in use (the root included) */
    u64 entries[3];              /* leaves by size: 4 KiB, 2 MiB, 1 GiB */
    u64 pod_entries;             /* gfns of type P2M_POD; read without the lock too */
    unsigned int teardown_part;  /* of the 1 GiB entry being torn down, the 2 MiB parts that are done */
    bool dying;                  /* nothing may be entered any more */
};

/* Empty tables for d; sets d->p2m. -ENOMEM. */
int p2m_init(struct p2m *p2m, struct domain *d);
/* Drops every entry and table but the root, some at a time: 0, or -ERESTART to be called again. d does not run any
 * more. Right on tables that p2m_init did not make. */
int p2m_teardown(struct p2m *p2m);
/* After a complete teardown: the root too. */
void p2m_free(struct p2m *p2m);

/* What is at gfn: its frame (INVALID_MFN: none), *type and *order of the entry it is part of (NULL: not wanted). For
 * P2M_NONE, *order is the size of the hole in the tables. The frame may go at any moment: no reference. */
mfn_t p2m_get(struct p2m *p2m, gfn_t gfn, enum p2m_type *type, unsigned int *order);
/* The frame of gfn with a general reference (put_frame() ends it); INVALID_MFN where there is none or device memory.
 * *type as above. A caller that writes checks p2m_type_writable(*type) (or notes the write, if P2M_LOGDIRTY). */
mfn_t p2m_get_frame(struct p2m *p2m, gfn_t gfn, enum p2m_type *type);

/* The same on behalf of the domain's own vCPU (current), with interrupts off as long as the frame is used: without a
 * reference, since releasing a frame waits for such a CPU. INVALID_MFN may also be memory that is there on demand. */
mfn_t p2m_peek(struct p2m *p2m, gfn_t gfn, enum p2m_type *type);

/* Enters 2^order frames from mfn at gfn (both multiples of 2^order up to the largest entry; order 0 to 18), in place of
 * whatever was there, which is flushed and released. P2M_POD and P2M_NONE take no mfn. All or nothing.
 * -EINVAL: beyond the limit, not aligned, dying, a type that does not go with the frame. -ENOMEM: the paging pool or
 * the heap is exhausted. -EPERM: the frame is not the domain's (RAM), cannot be written (page table of a PV domain),
 * or is being freed. */
int p2m_set(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type);
/* As p2m_set, if all that is there is of one of these types (P2M_TYPE_BIT) at that moment. Also -EEXIST: it is not. */
int p2m_set_over(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type, u32 types);
/* Takes 2^order entries out if the first maps mfn (INVALID_MFN: whatever is there) and all are in a row. Translations
 * are gone and references dropped when it returns. -EINVAL: it is not so; -ENOMEM: a large entry could not be split. */
int p2m_remove(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order);
/* As p2m_remove for the one entry of 4 KiB at gfn, if it is of one of these types (P2M_TYPE_BIT) at that moment. */
int p2m_remove_typed(struct p2m *p2m, gfn_t gfn, mfn_t mfn, u32 types);
/* Changes the type of one 4 KiB entry among P2M_RAM, P2M_RAM_RO and P2M_LOGDIRTY. -EINVAL: gfn is not of type `from`,
 * or these are not two of the three. -ENOMEM. */
int p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to);
/* As p2m_change_type for every entry of type `from` in [first, end), some at a time; *next tells where it stopped.
 * 0: all done. -ERESTART -ENOMEM -EINVAL. One flush a call. */
int p2m_change_type_range(struct p2m *p2m, gfn_t first, gfn_t end, enum p2m_type from, enum p2m_type to, gfn_t *next);
/* Looks on from pod.sweep_at for memory of the domain's own that is zero and that nobody else refers to, a thousand gfns
 * or until `room` frames are found: their entries are P2M_POD, and mfns[] are off the domain's list, but charged to it. Not
 * those that pod.recent names. Returns how many; *passed: gfns, so that p2m->limit of them are a full round. pod.lock is
 * held. */
#define P2M_RECLAIM_MAX 32
unsigned int p2m_reclaim_zeroed(struct p2m *p2m, mfn_t mfns[], unsigned int room, u64 *passed);
/* The highest gfn with an entry, 0 if there is none (XENMEM_maximum_gpfn). */
gfn_t p2m_highest(struct p2m *p2m);

/* The paging pool: how many frames the tables may take. set: -EBUSY if more are in use; -E2BIG: absurd. */
#define P2M_POOL_DEFAULT 1024
int p2m_pool_set(struct p2m *p2m, u64 frames);
u64 p2m_pool_get(const struct p2m *p2m);

void p2m_dump(struct p2m *p2m);   /* counts by size, pool: to the console */

static inline bool p2m_type_is_ram(enum p2m_type t) { return t >= P2M_RAM && t <= P2M_LOGDIRTY; }
static inline bool p2m_type_writable(enum p2m_type t)
{ return t == P2M_RAM || t == P2M_MMIO || t == P2M_GRANT || t == P2M_FOREIGN; }
static inline bool p2m_type_has_frame(enum p2m_type t)
{ return p2m_type_is_ram(t) || (t >= P2M_GRANT && t <= P2M_FOREIGN_RO); }

#endif
