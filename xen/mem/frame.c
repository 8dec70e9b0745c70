/* SPDX-License-Identifier: MIT */
/* References to frames and the types they are used as. Everything here is lock-free: both words of a frame change by
 * compare-and-exchange only, so that grants, foreign mappings and page-table validation may meet on one frame. */
#include "mem/frame.h"

#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"

/* ---- General references */

bool get_frame_any(mfn_t mfn)
{
    struct frame *f;
    u64 old, seen;

    if (!mfn_is_ram(mfn))
        return false;
    f = mfn_to_frame(mfn);
    for (old = f->count; ; old = seen) {
        /* 0 is a free frame, or one on its way to the heap. */
        if ((old & FRAME_COUNT_MASK) == 0 || (old & FRAME_COUNT_MASK) == FRAME_COUNT_MASK)
            return false;
        seen = cmpxchg(&f->count, old, old + 1);
        if (seen == old)
            return true;
    }
}

bool get_frame(mfn_t mfn, const struct domain *d)
{
    return get_frame_inline(mfn, d->id);
}

void put_frame(mfn_t mfn)
{
    put_frame_inline(mfn);
}

bool frame_take_allocation(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    return __atomic_fetch_and(&f->count, ~FRAME_ALLOCATED, __ATOMIC_SEQ_CST) & FRAME_ALLOCATED;
}

/* ---- Type references */

static u64 type_tcount(u64 type)
{
    return type & FRAME_TCOUNT_MASK;
}

/* A frame leaves type `old`: no CPU may go on using translations that were made while it had it, neither writable ones
 * to what becomes a page table, nor walks through what was one (APM vol. 2, 5.5: translations and upper levels of the
 * walk are cached). Its type is already the new one and not validated, so that nobody else relies on it yet. */
static void flush_old_type(struct frame *f, u64 old)
{
    struct domain *d;
    cpumask_t stale;

    if (frame_type_of(old) == FT_NONE || (d = frame_owner_domain(f)) == NULL)
        return;
    stale = tlb_filter(old & FRAME_FOREIGN ? cpu_online_mask : d->dirty_cpus, f->tlb_stamp);
    if (stale)
        flush_tlb_mask(stale);
}

void frame_type_validated(mfn_t mfn)
{
    __atomic_fetch_or(&mfn_to_frame(mfn)->type, FRAME_VALIDATED, __ATOMIC_SEQ_CST);
}

int frame_type_try(mfn_t mfn, enum frame_type type)
{
    struct frame *f = mfn_to_frame(mfn);
    bool has_contents = frame_type_has_contents(type);
    u64 old, new, seen;

    for (old = f->type; ; old = seen) {
        if (type_tcount(old) == FRAME_TCOUNT_MASK)
            return -EINVAL;
        if (type_tcount(old) == 0) {
            new = FRAME_TYPE(type) | 1;
            if (frame_type_of(old) == type)
                new |= old & FRAME_FOREIGN;   /* nothing is flushed */
        } else if (frame_type_of(old) != type) {
            return -EBUSY;
        } else if (old & FRAME_VALIDATED) {
            new = old + 1;
        } else if (!has_contents) {
            cpu_relax();   /* another CPU has just changed the type and is flushing TLBs, or is giving it up */
            seen = f->type;
            continue;
        } else if (old & FRAME_PARTIAL) {
            new = old & ~FRAME_PARTIAL;
        } else {
            return -EBUSY;   /* met while it is being validated or torn down: a table that contains itself */
        }
        if (!has_contents && frame_type_of(old) == type)
            new |= FRAME_VALIDATED;
        seen = cmpxchg(&f->type, old, new);
        if (seen == old)
            break;
    }
    if (type_tcount(old) == 0) {
        if (frame_type_of(old) != type)
            flush_old_type(f, old);
        if (has_contents)
            f->tlb_stamp = 0;   /* progress: nothing validated yet */
        else if (!(new & FRAME_VALIDATED))
            frame_type_validated(mfn);
    }
    return has_contents && !(new & FRAME_VALIDATED) ? 1 : 0;
}

void frame_type_partial(mfn_t mfn, u32 progress)
{
    struct frame *f = mfn_to_frame(mfn);

    f->tlb_stamp = progress;
    __atomic_fetch_or(&f->type, FRAME_PARTIAL, __ATOMIC_SEQ_CST);
}

void frame_type_abandon(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    ASSERT(type_tcount(f->type) == 1 && !(f->type & (FRAME_VALIDATED | FRAME_PARTIAL)));
    f->tlb_stamp = tlb_clock_now();
    __atomic_fetch_sub(&f->type, 1, __ATOMIC_SEQ_CST);
}

bool frame_type_put(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);
    u64 old, new, seen;
    bool last, teardown;

    for (old = f->type; ; old = seen) {
        BUG_ON(type_tcount(old) == 0);
        last = type_tcount(old) == 1;
        teardown = last && frame_type_is_table(frame_type_of(old));
        if (teardown)
            new = old & ~(FRAME_VALIDATED | FRAME_PARTIAL);
        else
            new = last ? old & ~FRAME_VALIDATED : old - 1;
        if (teardown && (old & FRAME_VALIDATED))
            f->tlb_stamp = FRAME_PROGRESS_ALL;
        seen = cmpxchg(&f->type, old, new);
        if (seen == old)
            break;
    }
    if (last && !teardown) {
        /* Who takes the frame next looks at the stamp. Nobody takes it before, as it is not validated: a use that began and
         * ended between stamp and count would have left translations that are younger than the stamp. */
        f->tlb_stamp = tlb_clock_now();
        __atomic_fetch_sub(&f->type, 1, __ATOMIC_SEQ_CST);
    }
    return teardown;
}

bool get_frame_writable(mfn_t mfn)
{
    return frame_type_try(mfn, FT_WRITABLE) == 0;
}

void put_frame_writable(mfn_t mfn)
{
    ASSERT(frame_type_of(mfn_to_frame(mfn)->type) == FT_WRITABLE);
    frame_type_put(mfn);
}

void frame_mark_foreign(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    if (!(f->type & FRAME_FOREIGN))
        __atomic_fetch_or(&f->type, FRAME_FOREIGN, __ATOMIC_SEQ_CST);
}

bool get_frame_and_write(mfn_t mfn, const struct domain *d)
{
    if (!get_frame(mfn, d))
        return false;
    if (get_frame_writable(mfn))
        return true;
    put_frame(mfn);
    return false;
}

void put_frame_and_write(mfn_t mfn)
{
    put_frame_writable(mfn);
    put_frame(mfn);
}
