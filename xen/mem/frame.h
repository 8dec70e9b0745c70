/* SPDX-License-Identifier: MIT */
/* Frames of machine memory: owner, references, types.
 *
 * count: references (low bits) with FRAME_ALLOCATED while somebody owns the frame. The owner's own allocation is one
 * reference; every mapping by a page table, grant or foreign domain is another. The last put frees the frame.
 *
 * type: what the frame is used as now, and by how many users of that type. A type changes only while its count is 0.
 * A frame cannot be writable memory and a page table at once: that is what makes PV safe. FRAME_VALIDATED: the contents
 * were checked for this type. FRAME_PINNED: one type reference is held by a guest's pin operation. FRAME_PARTIAL:
 * validation or teardown stopped half-way, to be resumed. Both words change by atomic operations only. */
#ifndef PRISM_MEM_FRAME_H
#define PRISM_MEM_FRAME_H

#include "lib/bitops.h"
#include "lib/lib.h"
#include "mem/layout.h"

struct domain;

#define FRAME_ALLOCATED (1UL << 63)
#define FRAME_COUNT_MASK ((1UL << 56) - 1)

enum frame_type {
    FT_NONE,          /* no type held */
    FT_L1, FT_L2, FT_L3, FT_L4,   /* page table of that level */
    FT_SEGDESC,       /* descriptor table page: a GDT or an LDT of a PV guest */
    FT_WRITABLE,      /* mapped writable */
    FT_SHARED,        /* Prism's own page shown to guests: shared_info, grant tables, trace rings */
};
#define FRAME_TYPE_SHIFT 60
#define FRAME_TYPE_MASK (15UL << FRAME_TYPE_SHIFT)
#define FRAME_PINNED (1UL << 59)
#define FRAME_VALIDATED (1UL << 58)
#define FRAME_PARTIAL (1UL << 57)
#define FRAME_FOREIGN (1UL << 56)   /* another domain than the owner may have had it mapped writable, as this type */
#define FRAME_TCOUNT_MASK ((1UL << 48) - 1)
#define FRAME_TYPE(t) ((u64)(t) << FRAME_TYPE_SHIFT)

struct frame {
    u32 next, prev;      /* mfns of neighbours in the owner's list or the free list; guarded by that list's lock */
    volatile u64 count;  /* of what is not RAM 0 for ever */
    volatile u64 type;
    u16 owner;           /* domain id (DOMID_XEN: Prism's; DOMID_IO: device memory); constant while allocated */
    u8 order;            /* free: of this buddy block. Allocated: 0 */
    u8 flags;            /* FRAME_F_*, set by the allocator under its lock, or by the owner's page_lock */
    u32 tlb_stamp;       /* type count 0: tlb_clock when the last type reference went, or when it was freed.
                          * Type with contents, not validated: entries validated so far (frame_type_progress) */
};
#define FRAME_F_FREE 1       /* head of a free buddy block */
#define FRAME_F_RESERVED 4   /* not RAM: a hole, a reserved range, device memory */
#define FRAME_F_XENHEAP 8    /* Prism's own page, shown to a domain */
#define FRAME_F_CLEAN 16     /* free and known to be zero */
#define FRAME_F_SHOWN 32     /* Prism's own page that the control domain may map as DOMID_XEN's */
#define FRAME_NIL 0xffffffffu

extern struct frame *frame_table;
extern u64 *m2p_table;             /* writable alias of the table at M2P_START; INVALID_M2P where there is no pfn */
extern mfn_t max_mfn;              /* one past the last frame of RAM: all tables have this many entries */
#define INVALID_M2P (~0UL)

static inline struct frame *mfn_to_frame(mfn_t mfn) { return &frame_table[mfn]; }
static inline mfn_t frame_to_mfn(const struct frame *f) { return (mfn_t)(f - frame_table); }
/* Is mfn RAM (with a meaningful struct frame)? False for holes, reserved ranges and device memory. */
static inline bool mfn_is_ram(mfn_t mfn) { return mfn < max_mfn && !(mfn_to_frame(mfn)->flags & FRAME_F_RESERVED); }
static inline void *maddr_to_virt(maddr_t a) { return (void *)(DIRECTMAP_START + a); }
static inline void *mfn_to_virt(mfn_t mfn) { return maddr_to_virt((maddr_t)mfn << PAGE_SHIFT); }
maddr_t virt_to_maddr(const void *v);   /* direct map and image addresses only */
static inline mfn_t virt_to_mfn(const void *v) { return virt_to_maddr(v) >> PAGE_SHIFT; }

/* A general reference to a frame that domain d owns; false if mfn is not RAM, not d's, or is being freed. */
bool get_frame(mfn_t mfn, const struct domain *d);
/* As get_frame whoever owns it; the owner's id is f->owner. */
bool get_frame_any(mfn_t mfn);
void put_frame(mfn_t mfn);              /* the last one frees it to the heap */
/* The last general reference of mfn is gone (put_frame calls it): off its owner's list and back to the heap. */
void frame_release(mfn_t mfn);

/* The same in line, for loops over page tables: get_frame of the domain with that id, put_frame. */
static inline bool get_frame_inline(mfn_t mfn, u16 owner)
{
    struct frame *f;
    u64 old, seen;

    if (unlikely(mfn >= max_mfn))
        return false;
    f = mfn_to_frame(mfn);
    for (old = f->count; ; old = seen) {
        /* 0 is a free frame, or one on its way to the heap, or none of RAM; all ones cannot become more. */
        if (unlikely(((old + 1) & FRAME_COUNT_MASK) <= 1))
            return false;
        seen = cmpxchg(&f->count, old, old + 1);
        if (likely(seen == old))
            break;
    }
    /* Only now that we hold a reference is the owner constant. */
    if (likely(f->owner == owner))
        return true;
    put_frame(mfn);
    return false;
}

static inline void put_frame_inline(mfn_t mfn)
{
    u64 left = __atomic_sub_fetch(&mfn_to_frame(mfn)->count, 1, __ATOMIC_SEQ_CST);

    ASSERT((left & FRAME_COUNT_MASK) != FRAME_COUNT_MASK);
    if (unlikely((left & FRAME_COUNT_MASK) == 0))
        frame_release(mfn);
}

/* One more reference of a type that the frame has and that counts; false: it is not so simple, nothing has changed. */
static inline bool frame_type_more(mfn_t mfn, enum frame_type type)
{
    struct frame *f = mfn_to_frame(mfn);
    u64 old = f->type;

    return (old & (FRAME_TYPE_MASK | FRAME_VALIDATED)) == (FRAME_TYPE(type) | FRAME_VALIDATED) &&
           (old & FRAME_TCOUNT_MASK) - 1 < FRAME_TCOUNT_MASK - 1 && cmpxchg(&f->type, old, old + 1) == old;
}

/* One less; false: it may be the last one, nothing has changed. */
static inline bool frame_type_less(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);
    u64 old = f->type;

    return (old & FRAME_TCOUNT_MASK) > 1 && cmpxchg(&f->type, old, old - 1) == old;
}

/* A type reference for FT_WRITABLE, FT_SHARED: changes the type if no other is held, flushing TLBs as needed when it
 * leaves FT_WRITABLE. Page tables and descriptors go through row->privileged (modes/pv/mm.h) as they need validation;
 * that code uses frame_type_try below. Holds a general reference already. */
bool get_frame_writable(mfn_t mfn);
void put_frame_writable(mfn_t mfn);
/* The caller holds a writable reference and is about to map the frame in tables of another domain than its owner: when
 * it leaves FT_WRITABLE all CPUs are asked, not the owner's alone. */
void frame_mark_foreign(mfn_t mfn);
/* get_frame + get_frame_writable */
bool get_frame_and_write(mfn_t mfn, const struct domain *d);
void put_frame_and_write(mfn_t mfn);

/* Types with contents to check (page tables, descriptors): the users of one type are serialized by the owner's own
 * lock (modes/pv: mm_lock); FT_WRITABLE references come and go at the same time without it.
 *
 * A type reference. The caller holds a general one. 0: taken, contents are validated. 1: taken as the only reference,
 * not validated: entries below frame_type_progress() are, the caller goes on from there and ends with
 * frame_type_validated(), or frame_type_partial() to stop half-way, or frame_type_abandon() after undoing what is
 * validated. -EBUSY: in use as another type, or being validated (a table that contains itself). -EINVAL: too many
 * references. Interrupts on: leaving another type flushes TLBs. FT_WRITABLE and FT_SHARED never return 1. */
int frame_type_try(mfn_t mfn, enum frame_type type);
void frame_type_validated(mfn_t mfn);
/* Validation or teardown stops with the first `progress` entries valid. The frame keeps one type reference, which the
 * next frame_type_try() of the same type (returns 1) or frame_type_put() (returns true) takes over. */
void frame_type_partial(mfn_t mfn, u32 progress);
void frame_type_abandon(mfn_t mfn);     /* gives back the only reference of a frame that is not validated */
/* Drops a type reference. True: it is the last one of a page table and still held; the frame is not validated any more,
 * entries below frame_type_progress() hold references; the caller tears them down, then frame_type_abandon(), or
 * frame_type_partial() to be resumed. */
bool frame_type_put(mfn_t mfn);
static inline u32 frame_type_progress(mfn_t mfn) { return mfn_to_frame(mfn)->tlb_stamp; }
#define FRAME_PROGRESS_ALL 512          /* a page table that was validated: all entries */
static inline enum frame_type frame_type_of(u64 type) { return (enum frame_type)(type >> FRAME_TYPE_SHIFT); }
static inline bool frame_type_is_table(enum frame_type t) { return t >= FT_L1 && t <= FT_L4; }
static inline bool frame_type_has_contents(enum frame_type t) { return t >= FT_L1 && t <= FT_SEGDESC; }
/* Takes the owner's allocation reference away; the caller has it now and drops it with put_frame(). False if it is gone
 * already (a page is given back twice). Domains' frames: domain_drop_allocation(). */
bool frame_take_allocation(mfn_t mfn);
/* The domain that owns f; NULL if it is Prism's or device memory. Valid as long as the caller's reference to f. */
struct domain *frame_owner_domain(const struct frame *f);

/* ---- The allocator (buddy.c): one buddy heap per power of two of addresses. All of it any context with interrupts
 * on. */
#define MAX_ORDER 18
struct alloc_request {
    unsigned int order;
    unsigned int address_bits;   /* below 1 << address_bits; 0: anywhere (prefers high addresses) */
    bool no_scrub;               /* the caller overwrites every byte at once */
    u64 claimed;                 /* frames of the claim made for this caller that are used up by it (heap_claim) */
};
/* 2^order frames in a row, aligned to their size, contents zero; INVALID_MFN if there is none. Not charged to anyone:
 * owner DOMID_XEN, count FRAME_ALLOCATED|1. */
mfn_t heap_alloc(struct alloc_request request);
/* Its contents count as secret: scrubbed before it is handed out. A frame that somebody still refers to
 * (get_frame_any, or it was shown to a domain) goes to the heap with that last reference. */
void heap_free(mfn_t mfn, unsigned int order);
u64 heap_free_frames(void);
u64 heap_total_frames(void);
u64 heap_free_frames_below(unsigned int address_bits);
u64 heap_scrub_pending(void);
bool heap_scrub_some(unsigned int frames);          /* from the idle loop; false when nothing is left to scrub */
/* Gives frames [first, end) of RAM to the heap, contents unknown: mem_init at boot. */
void heap_add_range(mfn_t first, mfn_t end);
/* Counts frames of RAM that somebody has without the heap having given them, and that it gets when they are freed. */
void heap_count_used(mfn_t first, u64 frames);
void frames_zero(mfn_t first, unsigned long n);     /* scrub.c */
/* Outstanding claims (XENMEM_claim_pages) are kept by domain: allocations for others may not eat them. False: there are
 * not so many unclaimed frames. */
bool heap_claim(u64 frames);
void heap_unclaim(u64 frames);
u64 heap_claimed_frames(void);

/* Prism's own memory: whole pages from the heap, and small objects on top of them (any size; zeroed). */
void *page_alloc(unsigned int order);               /* zeroed; NULL */
void page_free(void *p, unsigned int order);
void *xzalloc_bytes(size_t size, size_t align);     /* zeroed; NULL */
void xfree(void *p);                                /* NULL is fine */
u64 xmalloc_dump(void);                             /* prints what is allocated; frames that small objects occupy */
#define xzalloc(type) ((type *)xzalloc_bytes(sizeof(type), __alignof__(type)))
#define xzalloc_array(type, n) \
    ((type *)xzalloc_bytes(sizeof(type) * (n), __alignof__(type)))   /* n checked by caller */

/* ---- A domain's frames (domain_frames.c); d->page_lock inside. */
/* Gives 2^order frames to d: on its list, counted in tot_pages, owner set, count FRAME_ALLOCATED|1. INVALID_MFN when
 * there are none or d's max_pages would be passed or d is dying. m2p entries are INVALID_M2P. */
mfn_t domain_alloc_frames(struct domain *d, struct alloc_request request);
/* The same, but for d's list: charged to d, and Prism's as after domain_detach_frame. */
mfn_t domain_alloc_detached(struct domain *d, struct alloc_request request);
/* Makes an already allocated, unowned frame (heap_alloc's) d's, counted. -E2BIG beyond max_pages, -EINVAL dying. */
int domain_assign_frame(struct domain *d, mfn_t mfn);
/* Takes a frame with no other reference away from d without freeing it (transfer): Prism's now, no TLB has it. -EINVAL: it
 * is not d's; -EBUSY: it is referred to, or only shown to d. */
int domain_steal_frame(struct domain *d, mfn_t mfn);
/* The same in two halves, for an exchange: off d's list but still charged to d, TLBs not flushed (heap_free takes
 * care of that), M2P entry as it is. -EINVAL -EBUSY. Then another frame, or it again, in its place (-EINVAL: d is dying); or
 * the charge is taken back. */
int domain_detach_frame(struct domain *d, mfn_t mfn);
/* As domain_detach_frame of a frame to which the caller has the only other reference: that goes too. -EINVAL -EBUSY */
int domain_reclaim_frame(struct domain *d, mfn_t mfn);
int domain_attach_frame(struct domain *d, mfn_t mfn);
void domain_uncharge_frames(struct domain *d, u64 n);
/* Gives back the allocation reference of d's frame mfn; the frame goes with its last reference, and is charged to d
 * until then. The caller holds a reference. False: was given back already. */
bool domain_drop_allocation(struct domain *d, mfn_t mfn);
/* XENMEM_claim_pages: d's frames, those it has included, are set aside for it; 0 ends that. -EINVAL -ENOMEM */
int domain_set_claim(struct domain *d, u64 frames);
/* frame_share.c: Prism's own page p (page_alloc) shown to d (shared_info, grant frames): type FT_WRITABLE with one reference of
 * Prism's, or FT_SHARED, which no guest can map writable; owner d, not counted in tot_pages, not on d's list. */
void frame_share(void *p, struct domain *d, bool writable);
/* Ends the sharing: no new mappings. page_free() follows, now or later; while old mappings exist the page exists. */
void frame_unshare(void *p);
/* Prism's own page p shown to privileged domains alone, as DOMID_XEN's, for ever. Writable or not as above. */
void frame_show(void *p, bool writable);
/* Drops the allocation reference of d's frames, some at a time: 0 when none is left, -ERESTART to be called again.
 * Page-table teardown has run before. */
int domain_relinquish_frames(struct domain *d);

/* ---- Debug builds: what is left of a dying domain's frames is looked at (frame_audit.c); others see nothing.
 *
 * Goes on from d->audited with some thousand entries of the frame table; true when it has seen all of them, to begin anew.
 * gone false: d has given up its frames; what others still have mapped is on their references alone, and of no type that
 * only d may have it as. gone true: no reference to d is left, so that only Prism's own pages are shown to it. Panics with
 * the frame of which that is not so. Any context. */
#ifdef NDEBUG
static inline bool frames_audit_some(struct domain *d, bool gone) { return true; }
#else
bool frames_audit_some(struct domain *d, bool gone);
#endif

/* ---- Boot (frame_init.c) */
struct boot_info;
/* Builds the direct map, frame table and M2P (out of memory found in the map), reserves what is in use, hands the
 * rest to the heap. Panics, saying which, on an overlapping map or too little memory. */
void mem_init(const struct boot_info *info);
void mem_report(void);    /* Prism's own memory by part, and the total as share of memory */
u64 mem_own_frames(void); /* now: RAM that is neither free nor a domain's. Takes domlist_lock */
u64 mem_ram_frames(void); /* RAM in all */
/* Frames of a boot module, [start, end), are not needed any more: to the heap. Frames given to a domain are not in
 * there. */
void mem_release_boot_range(maddr_t start, maddr_t end);

/* ---- Prism's own mappings (map.c) */
extern u64 *idle_l4;      /* Prism's level-4 table with no guest; its slots 256 to 271 are copied into every guest's */
enum map_cache { MAP_WB, MAP_UC, MAP_WC };
/* Maps length bytes of machine addresses (MMIO or RAM) at an address of its own; NULL without room. */
void *ioremap(maddr_t address, size_t length, enum map_cache cache);
void iounmap(void *p, size_t length);
/* Maps n scattered frames in a row, RW NX; NULL. */
void *vmap(const mfn_t *mfns, unsigned int n);
void vunmap(void *p, unsigned int n);
/* Sets one 4 KiB entry of Prism's tables (level-1 table made if missing; never splits a large page). -ENOMEM */
int map_page(u64 *l4, unsigned long va, u64 pte);
/* After the CPUs are up: text RX, rodata R, data RW NX; the direct map's alias of text and rodata read-only. */
void map_protect_image(void);
/* Once nothing of __init and __initdata, nor the boot stack, is in use any more: their frames go to the heap. */
void boot_free_init(void);

#endif
