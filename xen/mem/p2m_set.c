/* SPDX-License-Identifier: MIT */
/* Changes of nested page tables. What is replaced leaves the tables first, then the TLBs, and only then is let go. */
#include "abi/hypercall.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "hw/container.h"
#include "mem/p2m_table.h"

/* The largest level whose leaves a request of this order consists of. */
static unsigned int piece_level(unsigned int order)
{
    unsigned int level = p2m_max_level();

    while (p2m_level_order(level) > order)
        level--;
    return level;
}

static bool aligned_to(unsigned long frame, unsigned int order)
{
    return !(frame & ((1UL << order) - 1));
}

static bool range_valid(const struct p2m *p2m, gfn_t gfn, unsigned int order)
{
    return order <= P2M_ORDER_1G && aligned_to(gfn, order) && gfn < p2m->limit && p2m->limit - gfn >= 1UL << order;
}

static bool set_decode(const struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type)
{
    if (!range_valid(p2m, gfn, order) || type >= NR_P2M_TYPES)
        return false;
    if (type == P2M_NONE || type == P2M_POD)
        return true;
    return aligned_to(mfn, order) && mfn < 1UL << (cpu_features.phys_bits - PAGE_SHIFT);
}

/* Makes room for every piece before any is entered. */
static int prepare(struct p2m *p2m, gfn_t gfn, unsigned int order, unsigned int level)
{
    for (unsigned long i = 0; i < 1UL << order; i += 1UL << p2m_level_order(level))
        if (!p2m_slot(p2m, gfn + i, level))
            return -ENOMEM;
    return 0;
}

static void replace(struct p2m *p2m, gfn_t gfn, unsigned int level, p2m_entry_t leaf, struct p2m_retired *retired)
{
    p2m_entry_t *slot = p2m_slot(p2m, gfn, level);

    p2m_entry_t old = *slot;

    ACCESS_ONCE(*slot) = leaf;
    if (leaf & PTE_P)
        p2m->entries[level - 1]++;
    p2m->pod_entries += p2m_entry_pod(leaf, level);
    p2m_retire(p2m, retired, old, gfn, level);
}

/* Are n entries from gfn on all of these types? */
static bool all_of(struct p2m *p2m, gfn_t gfn, unsigned long n, u32 types)
{
    for (unsigned long i = 0; i < n; ) {
        unsigned int level;
        p2m_entry_t e = *p2m_lookup(p2m, gfn + i, &level);
        unsigned long size = 1UL << p2m_level_order(level);

        if (!(types & P2M_TYPE_BIT(p2m_entry_type(e))))
            return false;
        i += size - ((gfn + i) & (size - 1));
    }
    return true;
}

int p2m_set_over(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type, u32 types)
{
    struct p2m_retired retired = { .n = 0 };
    unsigned int level = piece_level(order);
    unsigned long n = 1UL << order;
    int rc;

    if (!set_decode(p2m, gfn, mfn, order, type))
        return -EINVAL;
    rc = p2m_hold(p2m, mfn, n, type);
    if (rc)
        return rc;
    spin_lock(&p2m->lock);
    rc = p2m->dying ? -EINVAL : types != ~0u && !all_of(p2m, gfn, n, types) ? -EEXIST : prepare(p2m, gfn, order, level);
    if (rc) {
        spin_unlock(&p2m->lock);
        p2m_drop(p2m, mfn, n, type);
        return rc;
    }
    for (unsigned long i = 0; i < n; i += 1UL << p2m_level_order(level))
        replace(p2m, gfn + i, level, p2m_leaf(mfn + i, type, level), &retired);
    p2m_release(p2m, &retired);
    p2m_note(p2m, gfn, mfn, n, type);
    p2m_merge(p2m, gfn);
    spin_unlock(&p2m->lock);
    return 0;
}

int p2m_set(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, enum p2m_type type)
{
    return p2m_set_over(p2m, gfn, mfn, order, type, ~0u);
}

/* Do n entries from gfn on, all of one of these types, map n frames in a row? *mfn: the first, or INVALID_MFN to take it
 * from the first entry. */
static bool in_a_row(struct p2m *p2m, gfn_t gfn, mfn_t *mfn, unsigned long n, u32 types)
{
    for (unsigned long i = 0; i < n; ) {
        unsigned int level;
        p2m_entry_t e = *p2m_lookup(p2m, gfn + i, &level);
        unsigned long size = 1UL << p2m_level_order(level), offset = (gfn + i) & (size - 1);

        if (!(e & PTE_P) || !(types >> p2m_entry_type(e) & 1))
            return false;
        if (*mfn == INVALID_MFN)
            *mfn = p2m_entry_mfn(e) + offset;
        if (p2m_entry_mfn(e) + offset != *mfn + i)
            return false;
        i += size - offset;
    }
    return true;
}

static int remove_of(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order, u32 types)
{
    struct p2m_retired retired = { .n = 0 };
    unsigned int level = piece_level(order);
    int rc;

    if (!range_valid(p2m, gfn, order))
        return -EINVAL;
    spin_lock(&p2m->lock);
    rc = p2m->dying || !in_a_row(p2m, gfn, &mfn, 1UL << order, types) ? -EINVAL : prepare(p2m, gfn, order, level);
    if (!rc) {
        for (unsigned long i = 0; i < 1UL << order; i += 1UL << p2m_level_order(level))
            replace(p2m, gfn + i, level, 0, &retired);
        p2m_release(p2m, &retired);
    }
    spin_unlock(&p2m->lock);
    return rc;
}

int p2m_remove(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned int order)
{
    return remove_of(p2m, gfn, mfn, order, ~0u);
}

int p2m_remove_typed(struct p2m *p2m, gfn_t gfn, mfn_t mfn, u32 types)
{
    return remove_of(p2m, gfn, mfn, 0, types);
}

/* ---- types */

/* Prism's own page is held for writing as P2M_RAM, and not as P2M_RAM_RO: it keeps its type. */
static bool own_memory(mfn_t mfn, unsigned long n)
{
    for (unsigned long i = 0; i < n; i++)
        if (mfn_to_frame(mfn + i)->flags & FRAME_F_XENHEAP)
            return false;
    return true;
}

/* Can n frames from gfn, whose leaf is e at `level`, change from one type to the other? */
static bool change_valid(p2m_entry_t e, unsigned int level, gfn_t gfn, unsigned long n, enum p2m_type from,
                         enum p2m_type to)
{
    mfn_t mfn = p2m_entry_mfn(e) + (gfn & ((1UL << p2m_level_order(level)) - 1));

    if (level == P2M_LEVELS || p2m_entry_type(e) != from)
        return false;
    return (from != P2M_RAM_RO && to != P2M_RAM_RO) || own_memory(mfn, n);
}

static bool types_valid(enum p2m_type from, enum p2m_type to)
{
    return p2m_type_is_ram(from) && p2m_type_is_ram(to) && from != to;
}

int p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to)
{
    unsigned int level;
    p2m_entry_t *e;
    int rc = -EINVAL;

    if (!types_valid(from, to) || gfn >= p2m->limit)
        return -EINVAL;
    spin_lock(&p2m->lock);
    e = p2m_lookup(p2m, gfn, &level);
    if (p2m->dying || !change_valid(*e, level, gfn, 1, from, to))
        goto out;
    rc = -ENOMEM;
    e = p2m_slot(p2m, gfn, 1);
    if (!e)
        goto out;
    ACCESS_ONCE(*e) = p2m_leaf(p2m_entry_mfn(*e), to, 1);
    /* A right that is gained needs no flush: at worst an access faults once more (APM vol. 2, 5.5.2). */
    if (!p2m_type_writable(to))
        container_flush_domain(p2m->domain);
    p2m_merge(p2m, gfn);
    rc = 0;
out:
    spin_unlock(&p2m->lock);
    return rc;
}

/* The entry at gfn, whole if it does not reach past end, else in parts; *size: the frames dealt with. -ENOMEM */
static int change_entry(struct p2m *p2m, gfn_t gfn, gfn_t end, enum p2m_type from, enum p2m_type to,
                        unsigned long *size)
{
    unsigned int level, found;
    p2m_entry_t *e = p2m_lookup(p2m, gfn, &found);

    *size = (1UL << p2m_level_order(found)) - (gfn & ((1UL << p2m_level_order(found)) - 1));
    level = found;
    while (!aligned_to(gfn, p2m_level_order(level)) || end - gfn < 1UL << p2m_level_order(level))
        level--;
    if (!change_valid(*e, found, gfn, 1UL << p2m_level_order(level), from, to))
        return 0;
    *size = 1UL << p2m_level_order(level);
    e = p2m_slot(p2m, gfn, level);
    if (!e)
        return -ENOMEM;
    ACCESS_ONCE(*e) = p2m_leaf(p2m_entry_mfn(*e), to, level);
    return 0;
}

int p2m_change_type_range(struct p2m *p2m, gfn_t first, gfn_t end, enum p2m_type from, enum p2m_type to, gfn_t *next)
{
    gfn_t gfn = first;
    int rc = 0;

    *next = first;
    if (!types_valid(from, to))
        return -EINVAL;
    end = min(end, p2m->limit);
    spin_lock(&p2m->lock);
    if (p2m->dying)
        rc = -EINVAL;
    while (gfn < end && !rc) {
        unsigned long size = 0;

        rc = change_entry(p2m, gfn, end, from, to, &size);
        if (!rc)
            gfn += min(size, end - gfn);
        if (!rc && gfn < end && hypercall_preempt_check())
            rc = -ERESTART;
    }
    container_flush_domain(p2m->domain);
    spin_unlock(&p2m->lock);
    *next = gfn;
    return rc;
}
