/* SPDX-License-Identifier: MIT */
/* The direct map of RAM and the guests' view of the M2P, built once at boot in the largest pages that fit. */
#include "mem/boot_memory.h"

#include "cpu/x86.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "mem/map.h"

#define TABLE_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D)
#define RAM_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G | PTE_NX)
#define LOW_4GIB (4UL << 30)   /* what head.S has mapped: tables must lie there until the direct map is complete */

static u64 tables_taken __initdata;

static u64 *__init take_table(maddr_t *at)
{
    u64 *table;

    *at = boot_memory_take(PAGE_SIZE, PAGE_SIZE, LOW_4GIB);
    table = maddr_to_virt(*at);
    memset(table, 0, PAGE_SIZE);
    tables_taken++;
    return table;
}

enum cover { COVER_NONE, COVER_SOME, COVER_ALL };

/* How much of [start, end) is RAM? boot_ram's pieces do not touch, so all of it is so in one piece only. */
static enum cover __init ram_cover(maddr_t start, maddr_t end)
{
    for (u32 i = 0; i < nr_boot_ram; i++) {
        if (boot_ram[i].start <= start && boot_ram[i].end >= end)
            return COVER_ALL;
        if (boot_ram[i].start < end && boot_ram[i].end > start)
            return COVER_SOME;
    }
    return COVER_NONE;
}

/* Fills a table of `level` whose first entry maps base. The image's own megabytes are mapped page by page, because
 * map_protect_image() gives them different rights. */
static void __init map_ram(u64 *table, unsigned int level, maddr_t base, const struct boot_info *info)
{
    unsigned int shift = PAGE_SHIFT + 9 * (level - 1);
    unsigned int largest = cpu_features.page1gb ? 3 : 2;

    for (unsigned int i = 0; i < 512; i++) {
        maddr_t start = base + ((u64)i << shift), end = start + (1UL << shift), sub;
        enum cover cover = ram_cover(start, end);
        bool image = start < info->image_end && end > info->image_start;

        if (cover == COVER_NONE) {
            table[i] = 0;
        } else if (level == 1) {
            table[i] = start | RAM_FLAGS;
        } else if (cover == COVER_ALL && level <= largest && !image) {
            table[i] = start | RAM_FLAGS | PTE_PSE;
        } else {
            map_ram(take_table(&sub), level - 1, start, info);
            table[i] = sub | TABLE_FLAGS;
        }
    }
}

u64 __init directmap_build(const struct boot_info *info)
{
    u64 span = 512UL << 30;

    /* The first slot's table is live: each entry is replaced whole, by one that maps the same RAM at the same place. */
    for (maddr_t base = 0; base < boot_ram[nr_boot_ram - 1].end; base += span)
        map_ram(hypervisor_l3[(DIRECTMAP_START >> 39) % 512 - HYPERVISOR_FIRST_SLOT + base / span], 3, base, info);
    boot_l4[0] = 0;
    WRITE_CR(3, READ_CR(3));   /* head.S made no global entries */
    return tables_taken;
}

u64 __init directmap_m2p(maddr_t m2p, u64 size)
{
    u64 *l3 = hypervisor_l3[0], *l2 = NULL, before = tables_taken;

    for (u64 offset = 0; offset < size; offset += 2UL << 20) {
        maddr_t table;

        if (offset % (1UL << 30) == 0) {
            l2 = take_table(&table);
            l3[offset >> 30] = table | TABLE_FLAGS | PTE_US;
        }
        l2[(offset >> 21) % 512] = (m2p + offset) | PTE_P | PTE_PSE | PTE_US | PTE_A | PTE_G | PTE_NX;
    }
    return tables_taken - before;
}
