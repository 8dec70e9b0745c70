/* SPDX-License-Identifier: MIT */
/* Memory before there is a heap: RAM from the loader's map, less what is in use, taken from the top down. */
#include "mem/boot_memory.h"

#include "lib/lib.h"
#include "mem/layout.h"

#define MAX_USED 64
#define HIGHEST_RAM min(DIRECTMAP_SIZE, (u64)0xfffffffe << PAGE_SHIFT)   /* the direct map; mfns of 32 bits in lists */

struct span boot_ram[BOOT_MAX_RANGES] __initdata;
u32 nr_boot_ram __initdata;
static struct span used[MAX_USED] __initdata;   /* sorted, disjoint, not adjacent */
static u32 nr_used __initdata;

void __init boot_memory_init(const struct boot_info *info)
{
    for (u32 i = 0; i < info->nr_ranges; i++) {
        const struct memory_range *r = &info->ranges[i];
        maddr_t start = ROUND_UP(r->start, PAGE_SIZE), end = (r->start + r->length) & PAGE_MASK;

        if (r->type != MEM_RAM)
            continue;
        if (end > HIGHEST_RAM) {
            printk("Memory above %lu GiB is not used\n", HIGHEST_RAM >> 30);
            end = HIGHEST_RAM;
        }
        if (start >= end)
            continue;
        /* Pieces that meet are one, so that a large page can span them. */
        if (nr_boot_ram && boot_ram[nr_boot_ram - 1].end == start)
            boot_ram[nr_boot_ram - 1].end = end;
        else
            boot_ram[nr_boot_ram++] = (struct span){ start, end };
    }
}

void __init boot_memory_use(maddr_t start, maddr_t end)
{
    u32 i, n = 0;

    start &= PAGE_MASK;
    end = ROUND_UP(end, PAGE_SIZE);
    for (i = 0; i < nr_used; i++) {   /* everything that touches the new piece becomes part of it */
        if (used[i].end < start || used[i].start > end) {
            used[n++] = used[i];
            continue;
        }
        start = min(start, used[i].start);
        end = max(end, used[i].end);
    }
    nr_used = n;
    if (nr_used == MAX_USED)
        panic("Memory at boot is too fragmented");
    for (i = nr_used++; i > 0 && used[i - 1].start > start; i--)
        used[i] = used[i - 1];
    used[i] = (struct span){ start, end };
}

/* Moves *end down to where [*end - size, *end), aligned, is unused; false if that is below start. */
static bool __init fit_below(maddr_t start, maddr_t *end, u64 size, u64 align)
{
    for (;;) {
        maddr_t at;
        bool moved = false;

        if (*end < size)
            return false;
        at = (*end - size) & ~(align - 1);
        if (at < start)
            return false;
        for (u32 i = 0; i < nr_used; i++)
            if (used[i].start < at + size && used[i].end > at) {
                *end = used[i].start;
                moved = true;
                break;
            }
        if (!moved) {
            *end = at;
            return true;
        }
    }
}

maddr_t __init boot_memory_take(u64 size, u64 align, maddr_t limit)
{
    size = ROUND_UP(size, PAGE_SIZE);
    for (u32 i = nr_boot_ram; i-- > 0;) {
        maddr_t at = min(boot_ram[i].end, limit);

        if (fit_below(boot_ram[i].start, &at, size, align)) {
            boot_memory_use(at, at + size);
            return at;
        }
    }
    panic("Too little memory: no %lu KiB in one piece for Prism's tables", size >> 10);
}

void __init boot_memory_each_free(void (*fn)(maddr_t start, maddr_t end))
{
    for (u32 i = 0; i < nr_boot_ram; i++) {
        maddr_t at = boot_ram[i].start;

        for (u32 j = 0; j < nr_used && at < boot_ram[i].end; j++) {
            if (used[j].end <= at)
                continue;
            if (used[j].start >= boot_ram[i].end)
                break;
            if (used[j].start > at)
                fn(at, used[j].start);
            at = used[j].end;
        }
        if (at < boot_ram[i].end)
            fn(at, boot_ram[i].end);
    }
}

u64 __init boot_ram_bytes(void)
{
    u64 sum = 0;

    for (u32 i = 0; i < nr_boot_ram; i++)
        sum += boot_ram[i].end - boot_ram[i].start;
    return sum;
}
