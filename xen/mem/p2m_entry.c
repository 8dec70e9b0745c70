/* SPDX-License-Identifier: MIT */
/* Entries of nested page tables: made, split and merged (AMD64 APM vol. 2, 5.3 and 15.25). */
#include "mem/p2m_entry.h"

/* Accessed and dirty are set from the start, so that the processor need not write them. US: every access of a guest is
 * a user access to the nested tables (APM vol. 2, 15.25.5). */
static const u64 type_flags[NR_P2M_TYPES] = {
    [P2M_RAM] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_RW,
    [P2M_RAM_RO] = PTE_P | PTE_US | PTE_A | PTE_D,
    [P2M_LOGDIRTY] = PTE_P | PTE_US | PTE_A | PTE_D,
    [P2M_POD] = 0,
    [P2M_MMIO] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_RW | PTE_NX | PTE_PCD | PTE_PWT,
    [P2M_GRANT] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_RW | PTE_NX,
    [P2M_GRANT_RO] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_NX,
    [P2M_FOREIGN] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_RW | PTE_NX,
    [P2M_FOREIGN_RO] = PTE_P | PTE_US | PTE_A | PTE_D | PTE_NX,
};

p2m_entry_t p2m_leaf(mfn_t mfn, enum p2m_type type, unsigned int level)
{
    p2m_entry_t e = type_flags[type] | (u64)type << P2M_TYPE_SHIFT;

    if (!(e & PTE_P))
        return e;
    return e | mfn << PAGE_SHIFT | (level > 1 ? PTE_PSE : 0);
}

p2m_entry_t p2m_leaf_part(p2m_entry_t leaf, unsigned int level, unsigned int n)
{
    return p2m_leaf(p2m_entry_mfn(leaf) + ((u64)n << p2m_level_order(level - 1)), p2m_entry_type(leaf), level - 1);
}

/* The last is looked at first: tables are mostly filled in rising order, and then it is what is missing. */
bool p2m_table_merges(const p2m_entry_t *table, unsigned int level, p2m_entry_t *leaf)
{
    enum p2m_type type = p2m_entry_type(table[511]);
    mfn_t first = p2m_entry_mfn(table[0]);
    unsigned int n = 512;

    if (type == P2M_NONE || (table[511] & PTE_P && first & ((1UL << p2m_level_order(level + 1)) - 1)))
        return false;
    while (n-- > 0)
        if (table[n] != p2m_leaf(first + ((u64)n << p2m_level_order(level)), type, level))
            return false;
    *leaf = p2m_leaf(first, type, level + 1);
    return true;
}
