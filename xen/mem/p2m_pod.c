/* SPDX-License-Identifier: MIT */
/* Memory of a guest's that is zero becomes populate on demand again: its frames are for others of its gfns.
 *
 * What looks zero is taken out of the tables first, and looked at again when no CPU can write to it any more: neither by an
 * old translation, nor by a reference, since one that is taken now belongs to a lookup that will find the entry changed
 * (p2m_get_frame). Whoever misses the entry meanwhile waits for pod.lock. */
#include "dom/domain.h"
#include "hw/container.h"
#include "mem/p2m_table.h"
#include "trace/trace.h"

#define RECLAIM_STEPS 1024   /* gfns looked at in one call; a hole counts as one */

struct zeroed { gfn_t gfn; mfn_t mfn; };

static bool is_zero(mfn_t mfn)
{
    const volatile u64 *word = mfn_to_virt(mfn);

    for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*word); i++)
        if (word[i])
            return false;
    return true;
}

/* The owner's reference and the entry's are all that there are? */
static bool nobody_else(mfn_t mfn)
{
    const struct frame *f = mfn_to_frame(mfn);

    return f->count == (FRAME_ALLOCATED | 2) && !(f->type & FRAME_TCOUNT_MASK) && !(f->flags & FRAME_F_XENHEAP);
}

static bool is_recent(const struct pod *pod, gfn_t gfn)
{
    for (unsigned int i = 0; i < POD_RECENT; i++)
        if (pod->recent[i] == gfn)
            return true;
    return false;
}

/* Is the memory of gfn, whose leaf is e at `level`, worth a try? */
static bool promising(const struct p2m *p2m, gfn_t gfn, p2m_entry_t e, unsigned int level, mfn_t *mfn)
{
    if (p2m_entry_type(e) != P2M_RAM)
        return false;
    *mfn = p2m_entry_mfn(e) + (gfn & ((1UL << p2m_level_order(level)) - 1));
    return nobody_else(*mfn) && !is_recent(&p2m->pod, gfn) && is_zero(*mfn);
}

/* Goes on from pod.sweep_at and past the end to the beginning, until so many are found. Never more than a full round. */
static unsigned int search(struct p2m *p2m, struct zeroed *z, unsigned int room, u64 *passed)
{
    gfn_t gfn = p2m->pod.sweep_at;
    unsigned int n = 0;

    for (unsigned int steps = 0; steps < RECLAIM_STEPS && n < room && *passed < p2m->limit; steps++) {
        unsigned int level;
        p2m_entry_t e = *p2m_lookup(p2m, gfn, &level);
        unsigned long size = 1UL << p2m_level_order(level), step = size - (gfn & (size - 1));

        if (p2m_type_is_ram(p2m_entry_type(e)))
            step = 1;
        step = min(step, p2m->limit - gfn);
        if (promising(p2m, gfn, e, level, &z[n].mfn))
            z[n++].gfn = gfn;
        *passed += step;
        gfn = gfn + step < p2m->limit ? gfn + step : 0;
    }
    p2m->pod.sweep_at = gfn;
    return n;
}

/* The entry of z becomes P2M_POD; false: no room to split a larger one. */
static bool take_out(struct p2m *p2m, const struct zeroed *z)
{
    p2m_entry_t *slot = p2m_slot(p2m, z->gfn, 1);

    if (!slot)
        return false;
    ACCESS_ONCE(*slot) = p2m_leaf(0, P2M_POD, 1);
    p2m->entries[0]--;
    p2m->pod_entries++;
    return true;
}

static void put_back(struct p2m *p2m, const struct zeroed *z)
{
    p2m_entry_t *slot = p2m_slot(p2m, z->gfn, 1);   /* there is a table since take_out() */

    ACCESS_ONCE(*slot) = p2m_leaf(z->mfn, P2M_RAM, 1);
    p2m->entries[0]++;
    p2m->pod_entries--;
}

unsigned int p2m_reclaim_zeroed(struct p2m *p2m, mfn_t mfns[], unsigned int room, u64 *passed)
{
    struct zeroed z[P2M_RECLAIM_MAX];
    unsigned int n, out = 0, done = 0;

    *passed = 0;
    spin_lock(&p2m->lock);
    n = p2m->dying ? 0 : search(p2m, z, min(room, (unsigned int)P2M_RECLAIM_MAX), passed);
    for (unsigned int i = 0; i < n; i++)
        if (take_out(p2m, &z[i]))
            z[out++] = z[i];
    if (out)
        container_flush_domain(p2m->domain);
    smp_mb();
    for (unsigned int i = 0; i < out; i++) {
        /* References first: with none left nobody writes any more. The entry's own goes with the frame. */
        if (nobody_else(z[i].mfn) && is_zero(z[i].mfn) && domain_reclaim_frame(p2m->domain, z[i].mfn) == 0) {
            p2m_forget(p2m, z[i].gfn, z[i].mfn, 1, P2M_RAM);
            trace_untimed(TRC_MEM_POD_ZERO_RECLAIM, TRACE_LONG(z[i].gfn), TRACE_LONG(z[i].mfn), p2m->domain->id);
            mfns[done++] = z[i].mfn;
        } else {
            put_back(p2m, &z[i]);
        }
    }
    for (unsigned int i = 0; i < out; i++)
        p2m_merge(p2m, z[i].gfn);
    spin_unlock(&p2m->lock);
    return done;
}
