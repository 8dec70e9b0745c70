/* SPDX-License-Identifier: MIT */
/* dm_op track_dirty_vram: which frames of a display's memory have been written since the last question. Tracked memory is
 * write-protected (P2M_LOGDIRTY); the first write makes it P2M_RAM again: that is the note. */
#include "abi/hypercall.h"
#include "devmodel/server.h"
#include "dom/guest_access.h"
#include "mem/p2m.h"

#define MAX_FRAMES (1u << 18)   /* 1 GiB */
#define CHUNK 512u              /* frames answered at a time */

/* The former range is given up, a part at a time: its first frame moves. */
static int disarm(struct domain *d, struct dirty_vram *x)
{
    gfn_t end = x->first + x->nr, next;
    int rc = p2m_change_type_range(d->p2m, x->first, end, P2M_LOGDIRTY, P2M_RAM, &next);

    if (rc == -ERESTART) {
        x->first = next;
        x->nr = (u32)(end - next);
    } else {
        x->nr = 0;
    }
    return rc == -ERESTART ? rc : 0;   /* what stays protected is noted at its next write, and means nothing then */
}

static int arm(struct domain *d, struct dirty_vram *x)
{
    gfn_t end = x->first + x->nr, next;
    int rc = p2m_change_type_range(d->p2m, x->first + x->armed, end, P2M_RAM, P2M_LOGDIRTY, &next);

    x->armed = rc == 0 ? x->nr : (u32)(next - x->first);
    return rc;
}

/* Which of n frames from gfn on have been written. */
static void look(struct domain *d, gfn_t gfn, u32 n, u8 *bits)
{
    memset(bits, 0, CHUNK / 8);
    for (u32 i = 0; i < n; i++) {
        enum p2m_type type;

        p2m_get(d->p2m, gfn + i, &type, NULL);
        if (type == P2M_RAM)
            bits[i / 8] |= (u8)(1u << i % 8);
    }
}

/* Those are protected again, and no other: what has been written since look() is for the next answer. A run that was not
 * done to its end counts as written once more. */
static void protect(struct domain *d, gfn_t gfn, u32 n, const u8 *bits)
{
    for (u32 i = 0, run; i < n; i += run + 1) {
        gfn_t next;

        for (run = 0; i + run < n && bits[(i + run) / 8] & 1u << (i + run) % 8; run++)
            ;
        if (run)
            (void)p2m_change_type_range(d->p2m, gfn + i, gfn + i + run, P2M_RAM, P2M_LOGDIRTY, &next);
    }
}

/* The bitmap into the caller's memory at `to`. -EFAULT -ERESTART */
static int answer(struct domain *d, struct dirty_vram *x, u64 to)
{
    u8 bits[CHUNK / 8];

    while (x->told < x->nr) {
        u32 n = min(x->nr - x->told, CHUNK);

        if (x->fresh)
            memset(bits, 0xff, sizeof(bits));
        else
            look(d, x->first + x->told, n, bits);
        if (copy_to_guest_va(to + x->told / 8, bits, DIV_ROUND_UP(n, 8))) {
            x->told = 0;
            return -EFAULT;
        }
        if (!x->fresh)
            protect(d, x->first + x->told, n, bits);
        x->told += n;
        if (x->told < x->nr && hypercall_preempt_check())
            return -ERESTART;
    }
    x->told = 0;
    x->fresh = false;
    return 0;
}

/* Goes on with what is under way; a question about another range begins anew. */
static int track(struct domain *d, struct dirty_vram *x, gfn_t first, u32 nr, u64 to)
{
    int rc = 0;

    if (x->nr && (x->first != first || x->nr != nr))
        rc = disarm(d, x);
    if (rc || !nr)
        return rc;
    if (!x->nr)
        *x = (struct dirty_vram){ .first = first, .nr = nr, .fresh = true };
    if (x->armed < nr)
        rc = arm(d, x);
    return rc ? rc : answer(d, x, to);
}

/* Purpose: -EINVAL: too large a range, or outside, or a bitmap without room; -ESRCH: the domain is dying; -EBUSY: somebody
 * else is asking; -ENOMEM -EFAULT. nr 0 ends it. */
long dm_track_dirty_vram(struct dm_call *c)
{
    const struct xen_dm_op_track_dirty_vram *q = &c->op.u.track_dirty_vram;
    struct devmodel *dm = c->d->devmodel;
    int rc;

    if (q->pad || q->nr > MAX_FRAMES || q->first_pfn >= c->d->p2m->limit || q->nr > c->d->p2m->limit - q->first_pfn)
        return -EINVAL;
    if (q->nr && c->buffer[1].size < DIV_ROUND_UP(q->nr, 8))
        return -EINVAL;
    if (c->d->dying)
        return -ESRCH;
    if (xchg(&dm->vram_busy, true))
        return -EBUSY;
    rc = track(c->d, &dm->vram, q->first_pfn, q->nr, (u64)(unsigned long)c->buffer[1].h.p);
    __atomic_store_n(&dm->vram_busy, false, __ATOMIC_RELEASE);
    return rc;
}
