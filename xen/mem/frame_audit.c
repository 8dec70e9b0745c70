/* SPDX-License-Identifier: MIT */
/* An account of every frame when a domain dies, of the debug build: a reference too many keeps memory for ever, one too few
 * gives away what somebody still uses. */
#include "cpu/x86.h"
#include "dom/domain.h"
#include "mem/frame.h"

#define FRAMES_AT_ONCE 16384
#define LOOKS 1000

/* NULL, or what is wrong with f, which is d's. Its two words cannot be read at once while others use it. */
static const char *fault_of(const struct frame *f, bool gone)
{
    u64 count = f->count, type = f->type, users = type & FRAME_TCOUNT_MASK;

    if (f->flags & FRAME_F_XENHEAP)
        return !(count & FRAME_ALLOCATED) ? "shown, and not allocated" : users == 0 ? "shown, and of no type" : NULL;
    if (gone)
        return "owned by nobody";
    if (count & FRAME_ALLOCATED)
        return "not given up";
    if (users && frame_type_of(type) != FT_WRITABLE)
        return "of a type that only its owner can have asked for";
    return users > (count & FRAME_COUNT_MASK) ? "with more users of its type than references" : NULL;
}

static void look_at(const struct domain *d, mfn_t mfn, bool gone)
{
    const struct frame *f = mfn_to_frame(mfn);
    const char *fault = NULL;

    for (unsigned int i = 0; i < LOOKS; i++) {
        if (f->owner != d->id || (f->count & FRAME_COUNT_MASK) == 0)
            return;   /* free, or on its way to the heap */
        fault = fault_of(f, gone);
        if (!fault)
            return;
        cpu_relax();
    }
    panic("d%u dies, and frame %lx of it is %s: count %lx, type %lx, flags %x", d->id, mfn, fault, f->count, f->type, f->flags);
}

bool frames_audit_some(struct domain *d, bool gone)
{
    mfn_t end = min(d->audited + FRAMES_AT_ONCE, max_mfn);

    if (gone && (d->tot_pages || d->outstanding_pages || d->owns_frames))
        panic("d%u dies, charged with %lu frames and a claim of %lu", d->id, d->tot_pages, d->outstanding_pages);
    for (mfn_t mfn = d->audited; mfn < end; mfn++)
        if (mfn_to_frame(mfn)->owner == d->id && mfn_is_ram(mfn))
            look_at(d, mfn, gone);
    d->audited = end < max_mfn ? end : 0;
    return d->audited == 0;
}
