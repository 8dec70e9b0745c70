/* SPDX-License-Identifier: MIT */
/* The frame allocator: a buddy heap per zone. A zone is one power of two of machine addresses, zone z holding the
 * frames 2^z to 2^(z+1)-1, so that "below so many address bits" is a choice of zones and never a search, and what is
 * asked for without a limit comes from the highest addresses first. Blocks are aligned to their size and so lie in
 * one zone; frame 0 is never given to the heap.
 *
 * A frame in the heap counts as secret until it was zeroed (FRAME_F_CLEAN): by the idle loop, or when it is handed
 * out. */
#include "mem/frame.h"

#include "cpu/cpu.h"
#include "dom/domain.h"
#include "mem/alloc_fault.h"

#define NR_HEAP_ZONES 32   /* 2^32 frames: mfns are 32 bits wide in struct frame */

/* All guarded by heap_lock, except dirty_frames (atomic: it is corrected while frames are zeroed without the lock). */
static struct spinlock heap_lock = SPINLOCK_INIT(RANK_HEAP);
static struct heap_zone {
    u32 head[MAX_ORDER + 1];   /* free blocks by order: an mfn or FRAME_NIL (set when the zone gets its first frames) */
    u32 orders;                /* bit o: there is a block of order o */
    u64 free, total;
} zones[NR_HEAP_ZONES];
static u64 free_frames, total_frames, claimed_frames;
static volatile u64 dirty_frames;
static mfn_t scrub_cursor;

static struct heap_zone *zone_of(mfn_t mfn)
{
    return &zones[63 - __builtin_clzl(mfn)];
}

static void block_insert(mfn_t mfn, unsigned int order, u32 stamp)
{
    struct heap_zone *z = zone_of(mfn);
    struct frame *f = mfn_to_frame(mfn);

    f->order = (u8)order;
    f->flags |= FRAME_F_FREE;
    f->tlb_stamp = stamp;
    f->prev = FRAME_NIL;
    f->next = z->orders & (1u << order) ? z->head[order] : FRAME_NIL;
    if (f->next != FRAME_NIL)
        mfn_to_frame(f->next)->prev = (u32)mfn;
    z->head[order] = (u32)mfn;
    z->orders |= 1u << order;
}

static void block_remove(mfn_t mfn)
{
    struct heap_zone *z = zone_of(mfn);
    struct frame *f = mfn_to_frame(mfn);

    if (f->prev != FRAME_NIL)
        mfn_to_frame(f->prev)->next = f->next;
    else
        z->head[f->order] = f->next;
    if (f->next != FRAME_NIL)
        mfn_to_frame(f->next)->prev = f->prev;
    if (z->head[f->order] == FRAME_NIL)
        z->orders &= ~(1u << f->order);
    f->flags &= (u8)~FRAME_F_FREE;
    f->order = 0;
}

/* Takes the part of order `order` that contains `want` out of the free block at mfn; the rest stays free. The part's
 * first frame gets the block's stamp. */
static void block_carve(mfn_t mfn, mfn_t want, unsigned int order)
{
    unsigned int have = mfn_to_frame(mfn)->order;
    u32 stamp = mfn_to_frame(mfn)->tlb_stamp;

    block_remove(mfn);
    while (have > order) {
        have--;
        if (want & (1UL << have)) {
            block_insert(mfn, have, stamp);
            mfn += 1UL << have;
        } else {
            block_insert(mfn + (1UL << have), have, stamp);
        }
    }
    mfn_to_frame(mfn)->tlb_stamp = stamp;
    zone_of(mfn)->free -= 1UL << order;
    free_frames -= 1UL << order;
}

/* Of two stamps the one that asks for more flushes. Stamp 0: no guest ever had it in a TLB. By age, which is exact for
 * all that a CPU may still hold; a stamp so old that the clock has come round only seems to be younger. */
static u32 younger(u32 a, u32 b)
{
    u32 next = tlb_clock_now() + 1;   /* no stamp is later */

    if (!a || !b)
        return a | b;
    return next - a < next - b ? a : b;
}

/* The frames of a block just taken are in no guest's TLB from here on: a former owner might still reach them by an old
 * translation. */
static void flush_stale(mfn_t mfn)
{
    u32 stamp = mfn_to_frame(mfn)->tlb_stamp;
    cpumask_t stale = stamp ? tlb_filter(cpu_online_mask, stamp) : 0;

    if (stale)
        flush_tlb_mask(stale);
}

/* Returns a block and joins it with its free buddies. */
static void block_return(mfn_t mfn, unsigned int order, u32 stamp)
{
    zone_of(mfn)->free += 1UL << order;
    free_frames += 1UL << order;
    for (; order < MAX_ORDER; order++) {
        mfn_t buddy = mfn ^ (1UL << order);
        struct frame *b = mfn_to_frame(buddy);

        /* A block that fills its zone has 0 for a buddy. */
        if (buddy == 0 || buddy >= max_mfn || !(b->flags & FRAME_F_FREE) || b->order != order)
            break;
        stamp = younger(stamp, b->tlb_stamp);
        block_remove(buddy);
        mfn &= ~(1UL << order);
    }
    block_insert(mfn, order, stamp);
}

void heap_add_range(mfn_t first, mfn_t end)
{
    first = max(first, (mfn_t)1);
    spin_lock(&heap_lock);
    while (first < end) {
        unsigned int order = min((unsigned int)__builtin_ctzl(first), (unsigned int)MAX_ORDER);

        while (first + (1UL << order) > end)
            order--;
        zone_of(first)->total += 1UL << order;
        total_frames += 1UL << order;
        atomic_add(&dirty_frames, 1UL << order);
        block_return(first, order, 0);
        first += 1UL << order;
    }
    spin_unlock(&heap_lock);
}

void heap_count_used(mfn_t first, u64 frames)
{
    spin_lock(&heap_lock);
    for (mfn_t mfn = first; mfn < first + frames; mfn++)
        zone_of(mfn)->total++;
    total_frames += frames;
    spin_unlock(&heap_lock);
}

/* The highest zone below the address limit with a block of that order or above; of its blocks the smallest. */
static mfn_t take_block(const struct alloc_request *r)
{
    int z = NR_HEAP_ZONES - 1;

    if (r->address_bits && r->address_bits < PAGE_SHIFT + NR_HEAP_ZONES)
        z = (int)r->address_bits - PAGE_SHIFT - 1;
    for (; z >= 0; z--) {
        u32 fitting = zones[z].orders & ~((1u << r->order) - 1);

        if (fitting) {
            mfn_t block = zones[z].head[__builtin_ctz(fitting)];

            /* From its upper end, so that the low addresses last. */
            mfn_t part = block + (1UL << mfn_to_frame(block)->order) - (1UL << r->order);

            block_carve(block, part, r->order);
            return part;
        }
    }
    return INVALID_MFN;
}

/* Frames of a block just taken become Prism's; what may hold somebody's secrets is zeroed, in runs. */
static void frames_init(mfn_t first, unsigned long n, bool no_scrub)
{
    unsigned long dirty = 0, run = 0;

    for (unsigned long i = 0; i < n; i++) {
        if (!(mfn_to_frame(first + i)->flags & FRAME_F_CLEAN)) {
            dirty++;
            run++;
            continue;
        }
        if (run && !no_scrub)
            frames_zero(first + i - run, run);
        run = 0;
    }
    if (run && !no_scrub)
        frames_zero(first + n - run, run);
    if (dirty)
        atomic_sub(&dirty_frames, dirty);
    for (unsigned long i = 0; i < n; i++) {
        struct frame *f = mfn_to_frame(first + i);

        f->next = f->prev = FRAME_NIL;
        f->type = 0;
        f->owner = DOMID_XEN;
        f->order = f->flags = 0;
        f->tlb_stamp = 0;
        barrier();
        f->count = FRAME_ALLOCATED | 1;   /* last: from here on others may take references */
    }
}

static mfn_t take_frames(struct alloc_request r, const void *caller)
{
    u64 n = 1UL << r.order;
    mfn_t mfn;

    if (r.order > MAX_ORDER || alloc_must_fail(caller))
        return INVALID_MFN;
    spin_lock(&heap_lock);
    ASSERT(r.claimed <= claimed_frames);
    mfn = free_frames < n + (claimed_frames - r.claimed) ? INVALID_MFN : take_block(&r);
    if (mfn != INVALID_MFN)
        claimed_frames -= r.claimed;
    spin_unlock(&heap_lock);
    if (mfn == INVALID_MFN)
        return mfn;
    flush_stale(mfn);   /* before they are zeroed */
    frames_init(mfn, n, r.no_scrub);
    return mfn;
}

mfn_t heap_alloc(struct alloc_request r)
{
    return take_frames(r, __builtin_return_address(0));
}

/* Is f ours alone: nobody refers to it any more, or only the allocation that the caller gives back? */
static bool frame_unused(struct frame *f)
{
    return f->count == 0 || cmpxchg(&f->count, FRAME_ALLOCATED | 1, 0UL) == (FRAME_ALLOCATED | 1);
}

static void heap_insert(mfn_t mfn, unsigned int order)
{
    u32 stamp = 0;

    for (unsigned long i = 0; i < 1UL << order; i++) {
        struct frame *f = mfn_to_frame(mfn + i);

        ASSERT(!(f->flags & (FRAME_F_FREE | FRAME_F_CLEAN | FRAME_F_RESERVED)));
        /* What only Prism ever saw (stamp 0) is in no TLB but by the direct map. */
        if (f->owner != DOMID_XEN || f->flags & FRAME_F_XENHEAP)
            stamp = max(tlb_clock_now(), 1u);
        else
            stamp = younger(stamp, f->tlb_stamp);
        f->type = 0;
        f->order = f->flags = 0;
    }
    atomic_add(&dirty_frames, 1UL << order);
    spin_lock(&heap_lock);
    block_return(mfn, order, stamp);
    spin_unlock(&heap_lock);
}

void heap_free(mfn_t mfn, unsigned int order)
{
    unsigned long i, kept = 0;

    for (i = 0; i < 1UL << order; i++)
        kept += !frame_unused(mfn_to_frame(mfn + i));
    if (!kept) {
        heap_insert(mfn, order);
        return;
    }
    for (i = 0; i < 1UL << order; i++) {
        if (mfn_to_frame(mfn + i)->count == 0)
            heap_insert(mfn + i, 0);
        else if (frame_take_allocation(mfn + i))
            put_frame(mfn + i);
    }
}

/* The free block that mfn lies in, or INVALID_MFN. heap_lock held. */
static mfn_t block_containing(mfn_t mfn)
{
    for (unsigned int order = 0; order <= MAX_ORDER; order++) {
        mfn_t head = mfn & ~((1UL << order) - 1);
        struct frame *f = mfn_to_frame(head);

        if (head == 0)
            break;
        if ((f->flags & FRAME_F_FREE) && head + (1UL << f->order) > mfn)
            return head;
    }
    return INVALID_MFN;
}

/* Moves the cursor to a free frame that is not clean and takes a block of at most 2^order frames around it out of the
 * heap; INVALID_MFN if none was met in some thousand steps. */
static mfn_t take_dirty(unsigned int *order)
{
    for (unsigned int steps = 0; steps < 4096; steps++, scrub_cursor++) {
        const struct frame *f;
        mfn_t block, part;

        if (scrub_cursor == 0 || scrub_cursor >= max_mfn)
            scrub_cursor = 1;
        f = mfn_to_frame(scrub_cursor);
        if (f->count || f->flags & (FRAME_F_CLEAN | FRAME_F_RESERVED) ||
            (block = block_containing(scrub_cursor)) == INVALID_MFN)
            continue;
        *order = min(*order, (unsigned int)mfn_to_frame(block)->order);
        part = scrub_cursor & ~((1UL << *order) - 1);
        block_carve(block, part, *order);
        scrub_cursor = part + (1UL << *order);
        return part;
    }
    return INVALID_MFN;
}

static bool scrub_some(unsigned int frames)
{
    unsigned int order = 31 - (unsigned int)__builtin_clz(frames | 1);
    u64 cleaned = 0;
    mfn_t mfn;
    u32 stamp;

    order = min(order, (unsigned int)MAX_ORDER);
    spin_lock(&heap_lock);
    mfn = take_dirty(&order);
    spin_unlock(&heap_lock);
    if (mfn == INVALID_MFN)
        return true;
    stamp = mfn_to_frame(mfn)->tlb_stamp;
    flush_stale(mfn);   /* what is zero must stay so */
    for (mfn_t m = mfn; m < mfn + (1UL << order); m++) {
        if (mfn_to_frame(m)->flags & FRAME_F_CLEAN)
            continue;
        frames_zero(m, 1);
        mfn_to_frame(m)->flags |= FRAME_F_CLEAN;
        cleaned++;
    }
    spin_lock(&heap_lock);
    block_return(mfn, order, stamp);
    spin_unlock(&heap_lock);
    atomic_sub(&dirty_frames, cleaned);
    return dirty_frames != 0;
}

/* One CPU at a time: what is left may be in another's hands, and looking for it in vain would keep every idle CPU busy. */
bool heap_scrub_some(unsigned int frames)
{
    static volatile u32 scrubbing;
    bool more;

    if (dirty_frames == 0 || xchg(&scrubbing, 1))
        return false;
    more = scrub_some(frames);
    __atomic_store_n(&scrubbing, 0, __ATOMIC_RELEASE);
    return more;
}

bool heap_claim(u64 frames)
{
    bool ok;

    spin_lock(&heap_lock);
    ok = frames <= free_frames - min(free_frames, claimed_frames);
    if (ok)
        claimed_frames += frames;
    spin_unlock(&heap_lock);
    return ok;
}

void heap_unclaim(u64 frames)
{
    spin_lock(&heap_lock);
    ASSERT(frames <= claimed_frames);
    claimed_frames -= frames;
    spin_unlock(&heap_lock);
}

u64 heap_claimed_frames(void) { return claimed_frames; }
u64 heap_free_frames(void) { return free_frames; }
u64 heap_total_frames(void) { return total_frames; }
u64 heap_scrub_pending(void) { return dirty_frames; }

u64 heap_free_frames_below(unsigned int address_bits)
{
    u64 sum = 0;

    for (unsigned int z = 0; z < NR_HEAP_ZONES && z + PAGE_SHIFT < address_bits; z++)
        sum += zones[z].free;
    return sum;
}

void *page_alloc(unsigned int order)
{
    mfn_t mfn = take_frames((struct alloc_request){ .order = order }, __builtin_return_address(0));

    return mfn == INVALID_MFN ? NULL : mfn_to_virt(mfn);
}

void page_free(void *p, unsigned int order)
{
    heap_free(virt_to_mfn(p), order);
}
