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

#define STRIDE 16   /* entries looked at together */

static u64 any_of_stride(const u64 *t)
{
    return t[0] | t[1] | t[2] | t[3] | t[4] | t[5] | t[6] | t[7] | t[8] | t[9] | t[10] | t[11] | t[12] | t[13] | t[14] | t[15];
}

unsigned int pv_search_present(const u64 *table, unsigned int from)
{
    unsigned int i;

    for (i = from; i < PTES_PER_TABLE && i % STRIDE; i++)
        if (table[i] & PTE_P)
            return i;
    while (i < PTES_PER_TABLE && !(any_of_stride(table + i) & PTE_P))
        i += STRIDE;
    while (i < PTES_PER_TABLE && !(table[i] & PTE_P))
        i++;
    return i;
}

unsigned int pv_search_present_below(const u64 *table, unsigned int below)
{
    unsigned int i;

    for (i = below; i % STRIDE; i--)
        if (table[i - 1] & PTE_P)
            return i;
    while (i && !(any_of_stride(table + i - STRIDE) & PTE_P))
        i -= STRIDE;
    while (i && !(table[i - 1] & PTE_P))
        i--;
    return i;
}
