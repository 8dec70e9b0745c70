/* SPDX-License-Identifier: MIT */
/* Tables of a p2m: found, made, split, merged and given back. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "hw/container.h"
#include "mem/p2m_table.h"

unsigned int p2m_max_level(void)
{
    return cpu_features.page1gb ? 3 : 2;
}

mfn_t p2m_table_alloc(struct p2m *p2m)
{
    mfn_t mfn;

    if (p2m->pool_used >= p2m->pool_limit)
        return INVALID_MFN;
    mfn = heap_alloc((struct alloc_request){ 0 });
    if (mfn != INVALID_MFN)
        p2m->pool_used++;
    return mfn;
}

void p2m_table_free(struct p2m *p2m, mfn_t table)
{
    heap_free(table, 0);
    p2m->pool_used--;
}

p2m_entry_t *p2m_read(const struct p2m *p2m, gfn_t gfn, unsigned int *level, p2m_entry_t *entry)
{
    p2m_entry_t *slot = (p2m_entry_t *)mfn_to_virt(p2m->root) + p2m_index(gfn, P2M_LEVELS), e = ACCESS_ONCE(*slot);
    unsigned int at = P2M_LEVELS;

    while (at > 1 && p2m_entry_is_table(e)) {
        slot = p2m_table_of(e) + p2m_index(gfn, --at);
        e = ACCESS_ONCE(*slot);
    }
    *level = at;
    *entry = e;
    return slot;
}

p2m_entry_t *p2m_lookup(struct p2m *p2m, gfn_t gfn, unsigned int *level)
{
    p2m_entry_t entry;

    return p2m_read(p2m, gfn, level, &entry);
}

static void nothing(void *unused)
{
}

void p2m_wait_readers(void)
{
    on_cpus(cpu_online_mask, nothing, NULL, true);
}

/* A leaf at `level` becomes a table that maps the same: no translation changes, so none is flushed. */
static bool descend(struct p2m *p2m, p2m_entry_t *e, unsigned int level)
{
    p2m_entry_t old = *e, *table;
    mfn_t mfn;

    if (p2m_entry_is_table(old))
        return true;
    mfn = p2m_table_alloc(p2m);
    if (mfn == INVALID_MFN)
        return false;
    table = mfn_to_virt(mfn);
    for (unsigned int n = 0; old && n < 512; n++)
        table[n] = p2m_leaf_part(old, level, n);
    if (old & PTE_P) {
        p2m->entries[level - 1]--;
        p2m->entries[level - 2] += 512;
    }
    smp_wmb();   /* who sees the table sees what is in it */
    ACCESS_ONCE(*e) = p2m_table_entry(mfn);
    return true;
}

p2m_entry_t *p2m_slot(struct p2m *p2m, gfn_t gfn, unsigned int level)
{
    p2m_entry_t *e = (p2m_entry_t *)mfn_to_virt(p2m->root) + p2m_index(gfn, P2M_LEVELS);

    for (unsigned int at = P2M_LEVELS; at > level; at--) {
        if (!descend(p2m, e, at))
            return NULL;
        e = p2m_table_of(*e) + p2m_index(gfn, at - 1);
    }
    return e;
}

/* The table goes only after a flush: a processor may have cached where it is (APM vol. 2, 15.25.8). */
void p2m_merge(struct p2m *p2m, gfn_t gfn)
{
    unsigned int level;
    p2m_entry_t *e = p2m_lookup(p2m, gfn, &level), leaf;

    while (level < p2m_max_level()) {
        p2m_entry_t *table = (p2m_entry_t *)((unsigned long)e & PAGE_MASK);

        if (!p2m_table_merges(table, level, &leaf))
            return;
        e = p2m_slot(p2m, gfn, ++level);
        ACCESS_ONCE(*e) = leaf;
        if (leaf & PTE_P) {
            p2m->entries[level - 2] -= 512;
            p2m->entries[level - 1]++;
        }
        container_flush_domain(p2m->domain);
        p2m_wait_readers();
        p2m_table_free(p2m, virt_to_mfn(table));
    }
}

/* ---- retired entries */

static void release_leaf(struct p2m *p2m, p2m_entry_t e, gfn_t gfn, unsigned int level)
{
    unsigned long n = 1UL << p2m_level_order(level);

    p2m->pod_entries -= p2m_entry_pod(e, level);
    if (!(e & PTE_P))
        return;
    p2m->entries[level - 1]--;
    p2m_forget(p2m, gfn, p2m_entry_mfn(e), n, p2m_entry_type(e));
    p2m_drop(p2m, p2m_entry_mfn(e), n, p2m_entry_type(e));
}

/* As deep as there are levels. */
static void release_tree(struct p2m *p2m, p2m_entry_t e, gfn_t gfn, unsigned int level)
{
    if (!p2m_entry_is_table(e)) {
        release_leaf(p2m, e, gfn, level);
        return;
    }
    for (unsigned int n = 0; n < 512; n++)
        if (p2m_table_of(e)[n])
            release_tree(p2m, p2m_table_of(e)[n], gfn + ((u64)n << p2m_level_order(level - 1)), level - 1);
    p2m_table_free(p2m, p2m_entry_mfn(e));
}

void p2m_release(struct p2m *p2m, struct p2m_retired *r)
{
    bool tables = false;

    if (!r->n)
        return;
    container_flush_domain(p2m->domain);
    for (unsigned int i = 0; i < r->n; i++)
        tables = tables || p2m_entry_is_table(r->item[i].entry);
    if (tables)
        p2m_wait_readers();
    for (unsigned int i = 0; i < r->n; i++)
        release_tree(p2m, r->item[i].entry, r->item[i].gfn, r->item[i].level);
    r->n = 0;
}

void p2m_retire(struct p2m *p2m, struct p2m_retired *r, p2m_entry_t entry, gfn_t gfn, unsigned int level)
{
    if (!(entry & PTE_P)) {
        p2m->pod_entries -= p2m_entry_pod(entry, level);
        return;
    }
    if (r->n == ARRAY_SIZE(r->item))
        p2m_release(p2m, r);
    r->item[r->n].entry = entry;
    r->item[r->n].gfn = gfn;
    r->item[r->n++].level = level;
}
