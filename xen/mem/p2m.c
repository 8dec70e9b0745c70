/* SPDX-License-Identifier: MIT */
/* Nested page tables: life, and what is where. */
#include "abi/hypercall.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "mem/p2m_table.h"
#include "mem/pod.h"

/* ---- life */

int p2m_init(struct p2m *p2m, struct domain *d)
{
    /* Machine addresses that the processor can put out bound the guest's too (APM vol. 2, 15.25.5). */
    unsigned int bits = min(cpu_features.phys_bits, 48u);

    *p2m = (struct p2m){ .domain = d, .limit = 1UL << (bits - PAGE_SHIFT), .pool_limit = P2M_POOL_DEFAULT };
    spin_init(&p2m->lock, RANK_P2M);
    pod_init(p2m);
    p2m->root = p2m_table_alloc(p2m);
    if (p2m->root == INVALID_MFN) {
        p2m->domain = NULL;
        return -ENOMEM;
    }
    d->p2m = p2m;
    return 0;
}

/* 512 frames of a 1 GiB leaf at a time, so that no step is long; teardown_part counts them. */
static bool teardown_large(struct p2m *p2m, p2m_entry_t e, gfn_t gfn)
{
    enum p2m_type type = p2m_entry_type(e);

    while (e & PTE_P && p2m->teardown_part < 512) {
        unsigned long first = (unsigned long)p2m->teardown_part++ << P2M_ORDER_2M;

        p2m_forget(p2m, gfn + first, p2m_entry_mfn(e) + first, 512, type);
        p2m_drop(p2m, p2m_entry_mfn(e) + first, 512, type);
        if (hypercall_preempt_check())
            return false;
    }
    p2m->teardown_part = 0;
    return true;
}

static bool teardown_table(struct p2m *p2m, p2m_entry_t *table, gfn_t gfn, unsigned int level);

/* False: interrupted, the entry is still there. */
static bool teardown_entry(struct p2m *p2m, p2m_entry_t e, gfn_t gfn, unsigned int level)
{
    unsigned long n = 1UL << p2m_level_order(level);

    if (p2m_entry_is_table(e)) {
        if (!teardown_table(p2m, p2m_table_of(e), gfn, level - 1))
            return false;
        p2m_table_free(p2m, p2m_entry_mfn(e));
        return true;
    }
    if (level == 3 && !teardown_large(p2m, e, gfn))
        return false;
    p2m->pod_entries -= p2m_entry_pod(e, level);
    if (e & PTE_P) {
        p2m->entries[level - 1]--;
        if (level < 3) {
            p2m_forget(p2m, gfn, p2m_entry_mfn(e), n, p2m_entry_type(e));
            p2m_drop(p2m, p2m_entry_mfn(e), n, p2m_entry_type(e));
        }
    }
    return true;
}

/* Entries are taken out as they are done, so that it goes on where it stopped. */
static bool teardown_table(struct p2m *p2m, p2m_entry_t *table, gfn_t gfn, unsigned int level)
{
    for (unsigned int n = 0; n < 512; n++) {
        if (!table[n])
            continue;
        if (!teardown_entry(p2m, table[n], gfn + ((u64)n << p2m_level_order(level)), level))
            return false;
        table[n] = 0;
        if (level > 1 && hypercall_preempt_check())
            return false;
    }
    return true;
}

/* No flush: d's vCPUs, and with them their tags in every TLB, are not used again. */
int p2m_teardown(struct p2m *p2m)
{
    bool done;

    if (!p2m->domain)
        return 0;
    spin_lock(&p2m->lock);
    if (!p2m->dying) {
        ACCESS_ONCE(p2m->dying) = true;
        p2m_wait_readers();
    }
    done = teardown_table(p2m, mfn_to_virt(p2m->root), 0, P2M_LEVELS);
    spin_unlock(&p2m->lock);
    return done ? 0 : -ERESTART;
}

void p2m_free(struct p2m *p2m)
{
    if (!p2m->domain)
        return;
    ASSERT(p2m->pool_used == 1 && p2m->pod.count == 0 && p2m->pod_entries == 0);
    p2m->domain->p2m = NULL;
    p2m_table_free(p2m, p2m->root);
    p2m->domain = NULL;
}

/* ---- what is where */

/* One look without the lock: tables do not go while interrupts are off here (p2m_wait_readers). */
struct view { p2m_entry_t *slot, entry; enum p2m_type type; unsigned int order; mfn_t mfn; };

static void look(struct p2m *p2m, gfn_t gfn, struct view *view)
{
    unsigned int level;

    *view = (struct view){ .type = P2M_NONE, .mfn = INVALID_MFN };
    if (gfn >= p2m->limit || ACCESS_ONCE(p2m->dying))
        return;
    view->slot = p2m_read(p2m, gfn, &level, &view->entry);
    view->order = p2m_level_order(level);
    view->type = p2m_entry_type(view->entry);
    if (view->entry & PTE_P)
        view->mfn = p2m_entry_mfn(view->entry) + (gfn & ((1UL << view->order) - 1));
}

mfn_t p2m_get(struct p2m *p2m, gfn_t gfn, enum p2m_type *type, unsigned int *order)
{
    unsigned long flags = irq_save();
    struct view view;

    look(p2m, gfn, &view);
    irq_restore(flags);
    if (type)
        *type = view.type;
    if (order)
        *order = view.order;
    return view.mfn;
}

/* A frame may go, and be somebody else's, between the look and the reference. But an entry that is still there
 * afterwards holds a reference itself: then ours is to the right frame. */
mfn_t p2m_get_frame(struct p2m *p2m, gfn_t gfn, enum p2m_type *type)
{
    for (;;) {
        unsigned long flags = irq_save();
        struct view view;
        bool held, same;

        look(p2m, gfn, &view);
        held = p2m_type_has_frame(view.type) && get_frame_any(view.mfn);
        same = !view.slot || ACCESS_ONCE(*view.slot) == view.entry;
        irq_restore(flags);
        if (same) {
            if (type)
                *type = view.type;
            return held ? view.mfn : INVALID_MFN;
        }
        if (held)
            put_frame(view.mfn);
    }
}

mfn_t p2m_peek(struct p2m *p2m, gfn_t gfn, enum p2m_type *type)
{
    struct view view;

    look(p2m, gfn, &view);
    *type = view.type;
    return p2m_type_has_frame(view.type) ? view.mfn : INVALID_MFN;
}

static gfn_t highest_in(const p2m_entry_t *table, gfn_t gfn, unsigned int level)
{
    for (unsigned int n = 512; n-- > 0; ) {
        gfn_t at = gfn + ((u64)n << p2m_level_order(level)), found;

        if (!table[n])
            continue;
        if (!p2m_entry_is_table(table[n]))
            return at + (1UL << p2m_level_order(level)) - 1;
        found = highest_in(p2m_table_of(table[n]), at, level - 1);
        if (found)
            return found;
    }
    return 0;
}

gfn_t p2m_highest(struct p2m *p2m)
{
    gfn_t highest;

    spin_lock(&p2m->lock);
    highest = highest_in(mfn_to_virt(p2m->root), 0, P2M_LEVELS);
    spin_unlock(&p2m->lock);
    return highest;
}

/* ---- the pool */

int p2m_pool_set(struct p2m *p2m, u64 frames)
{
    int rc = 0;

    if (frames > heap_total_frames())
        return -E2BIG;
    spin_lock(&p2m->lock);
    if (frames < p2m->pool_used)
        rc = -EBUSY;
    else
        p2m->pool_limit = (u32)frames;
    spin_unlock(&p2m->lock);
    return rc;
}

u64 p2m_pool_get(const struct p2m *p2m)
{
    return p2m->pool_limit;
}

void p2m_dump(struct p2m *p2m)
{
    printk("  p2m entries 4K %lu 2M %lu 1G %lu, tables %u of %u frames; on demand %lu, frames for them %lu\n", p2m->entries[0],
           p2m->entries[1], p2m->entries[2], p2m->pool_used, p2m->pool_limit, p2m->pod_entries, p2m->pod.count);
}
