/* SPDX-License-Identifier: MIT */
/* The test kernel's view of its own page tables, which the domain builder made. */
#include "lib/guest.h"

/* The builder maps all initial memory at VIRT_BASE, in order of pfns. */
static void *pfn_to_va(u64 pfn)
{
    return (void *)(VIRT_BASE + (pfn << 12));
}

static u64 mfn_to_pfn(u64 mfn)
{
    return machine_to_phys_mapping[mfn];
}

void *page_of_mfn(u64 mfn)
{
    return pfn_to_va(mfn_to_pfn(mfn));
}

u64 va_to_mfn(const void *va)
{
    return read_entry(va, 1) >> 12 & 0xffffffffffUL;
}

u64 *table_of(const void *va, unsigned int level)
{
    u64 *table = (u64 *)start_info->pt_base;

    for (unsigned int at = 4; at > level; at--)
        table = pfn_to_va(mfn_to_pfn(table[(u64)va >> (12 + 9 * (at - 1)) & 511] >> 12 & 0xffffffffffUL));
    return table;
}

u64 read_entry(const void *va, unsigned int level)
{
    return table_of(va, level)[(u64)va >> (12 + 9 * (level - 1)) & 511];
}

u64 entry_address(const void *va, unsigned int level)
{
    u64 table_mfn = level == 4 ? va_to_mfn((void *)start_info->pt_base) : read_entry(va, level + 1) >> 12 & 0xffffffffffUL;

    return (table_mfn << 12) + ((u64)va >> (12 + 9 * (level - 1)) & 511) * 8;
}

long set_entry(u64 entry_maddr, u64 value)
{
    mmu_update_t update = { .ptr = entry_maddr | MMU_NORMAL_PT_UPDATE, .val = value };
    int done = 0;

    return CALL4(mmu_update, &update, 1, &done, DOMID_SELF);
}
