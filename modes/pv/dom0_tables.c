/* SPDX-License-Identifier: MIT */
/* The control domain's first page tables. They are written as plain memory; what makes them page tables is that the
 * first vCPU's context names them, when they pass the same validation as any guest's. */
#include "lib/lib.h"
#include "modes/pv/dom0.h"

#define ENTRY (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D)

struct builder { struct dom0 *b; pfn_t next, end; u64 *l4; };

static u64 *__init take_table(struct builder *t, pfn_t *pfn)
{
    BUG_ON(t->next == t->end);
    *pfn = t->next++;
    return memset(dom0_page(t->b, *pfn), 0, PAGE_SIZE);
}

/* The level-1 entry for va; tables that are missing are taken in the order in which they are needed. */
static u64 *__init entry_for(struct builder *t, u64 va)
{
    u64 *table = t->l4;
    for (unsigned int shift = 39; shift > 12; shift -= 9) {
        u64 *e = &table[va >> shift & 511];
        pfn_t pfn;
        if (*e & PTE_P) {
            table = maddr_to_virt(*e & PTE_MFN_MASK);
        } else {
            table = take_table(t, &pfn);
            *e = dom0_mfn(t->b, pfn) * PAGE_SIZE | ENTRY;
        }
    }
    return &table[va >> 12 & 511];
}

static void __init map_pfns(struct builder *t, u64 va, pfn_t pfn, u64 count)
{
    u64 *e = NULL;
    for (u64 i = 0; i < count; i++, va += PAGE_SIZE, e++) {
        if (!e || (va & ((1UL << 21) - 1)) == 0)
            e = entry_for(t, va);
        *e = dom0_mfn(t->b, pfn + i) * PAGE_SIZE | ENTRY;
    }
}

void __init dom0_build_tables(struct dom0 *b)
{
    struct builder t = { b, b->tables, b->tables + b->nr_tables, NULL };
    pfn_t l4;
    t.l4 = take_table(&t, &l4);
    map_pfns(&t, b->image.virt_base, 0, b->initial_pages);
    BUG_ON(t.next != t.end);
    for (u64 i = 0; i < b->nr_tables; i++)
        *entry_for(&t, dom0_va(b, b->tables + i)) &= ~PTE_RW;
    if (b->p2m_tables) {
        t.next = b->p2m_pfn + b->p2m_pages;
        t.end = t.next + b->p2m_tables;
        map_pfns(&t, b->image.init_p2m, b->p2m_pfn, b->p2m_pages);
    }
}
