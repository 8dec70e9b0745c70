/* SPDX-License-Identifier: MIT */
/* Page-table entries of PV guests: which bits are allowed, and how entries are stored. */
#include "modes/pv/mm_entry.h"

#define PTE_HIGH_AVAIL (0x7ffUL << 52)   /* software's, as long as CR4.PKE is off: Prism never sets it */
#define ENTRY_FLAGS (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_AVAIL | PTE_HIGH_AVAIL)
#define LEAF_FLAGS (ENTRY_FLAGS | PTE_CACHE_MASK | PTE_G)

u64 pv_forbidden_bits(const struct entry_rules *rules, unsigned int level)
{
    u64 allowed = level == 1 ? LEAF_FLAGS : ENTRY_FLAGS;

    allowed |= PTE_MFN_MASK & ((1UL << rules->phys_bits) - 1);
    if (rules->nx)
        allowed |= PTE_NX;
    return ~allowed;
}

static u64 any_of_eight(const u64 *t)
{
    return t[0] | t[1] | t[2] | t[3] | t[4] | t[5] | t[6] | t[7];
}

unsigned int pv_search_present(const u64 *table, unsigned int from)
{
    unsigned int i = from;

    while (i < PTES_PER_TABLE) {
        if (i % 8 == 0 && !(any_of_eight(table + i) & PTE_P))
            i += 8;
        else if (table[i] & PTE_P)
            return i;
        else
            i++;
    }
    return PTES_PER_TABLE;
}

unsigned int pv_search_present_below(const u64 *table, unsigned int below)
{
    unsigned int i = below;

    while (i > 0) {
        if (i % 8 == 0 && !(any_of_eight(table + i - 8) & PTE_P))
            i -= 8;
        else if (table[i - 1] & PTE_P)
            return i;
        else
            i--;
    }
    return 0;
}
