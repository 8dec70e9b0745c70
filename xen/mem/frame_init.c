/* SPDX-License-Identifier: MIT */
/* From the loader's memory map to a working heap: direct map, frame table, machine-to-physical table. */
#include "mem/frame.h"

#include "boot/boot.h"
#include "dom/domain.h"
#include "mem/boot_memory.h"

#define LEAST_MEMORY (64UL << 20)
#define FIRST_MIB (1UL << 20)
#define M2P_ALIGN (2UL << 20)

struct frame *frame_table;
u64 *m2p_table;
mfn_t max_mfn;

/* Frames of RAM in all, and of Prism's own parts; constant after boot. */
static struct { u64 ram, image, tables, frame_table, m2p; } parts;

static void __init reserve_known(const struct boot_info *info)
{
    /* Low memory is left alone: firmware's data, the place where the other CPUs start. */
    boot_memory_use(0, FIRST_MIB);
    boot_memory_use(info->image_start, info->image_end);
    for (u32 i = 0; i < info->nr_modules; i++)
        if (info->modules[i].size)
            boot_memory_use(info->modules[i].start, info->modules[i].start + info->modules[i].size);
}

/* Every frame is a hole at first; then RAM is Prism's own; what nobody uses goes to the heap. */
static void __init frame_table_init(void)
{
    for (mfn_t mfn = 0; mfn < max_mfn; mfn++)
        frame_table[mfn] = (struct frame){
            .next = FRAME_NIL, .prev = FRAME_NIL, .owner = DOMID_IO, .flags = FRAME_F_RESERVED };
    for (u32 i = 0; i < nr_boot_ram; i++)
        for (mfn_t mfn = boot_ram[i].start >> PAGE_SHIFT; mfn < boot_ram[i].end >> PAGE_SHIFT; mfn++) {
            frame_table[mfn].owner = DOMID_XEN;
            frame_table[mfn].flags = 0;
            frame_table[mfn].count = FRAME_ALLOCATED | 1;
        }
}

static void give_to_heap(maddr_t start, maddr_t end)
{
    for (mfn_t mfn = start >> PAGE_SHIFT; mfn < end >> PAGE_SHIFT; mfn++) {
        ASSERT(mfn_is_ram(mfn) && frame_table[mfn].owner == DOMID_XEN);
        frame_table[mfn].count = 0;
    }
    heap_add_range(start >> PAGE_SHIFT, end >> PAGE_SHIFT);
}

void __init mem_init(const struct boot_info *info)
{
    u64 m2p_size, frames_size;
    maddr_t m2p, frames;

    boot_memory_init(info);
    parts.ram = boot_ram_bytes() >> PAGE_SHIFT;
    if (parts.ram << PAGE_SHIFT < LEAST_MEMORY)
        panic("Too little memory: %lu MiB, Prism needs at least %lu MiB", parts.ram >> 8, LEAST_MEMORY >> 20);
    reserve_known(info);
    parts.image = (info->image_end - info->image_start) >> PAGE_SHIFT;
    parts.tables = directmap_build(info);

    /* From the top of memory, which leaves the low addresses to devices that can reach no others. */
    max_mfn = boot_ram[nr_boot_ram - 1].end >> PAGE_SHIFT;
    m2p_size = ROUND_UP(max_mfn * sizeof(u64), M2P_ALIGN);
    frames_size = ROUND_UP(max_mfn * sizeof(struct frame), PAGE_SIZE);
    m2p = boot_memory_take(m2p_size, M2P_ALIGN, DIRECTMAP_SIZE);
    frames = boot_memory_take(frames_size, PAGE_SIZE, DIRECTMAP_SIZE);
    parts.m2p = m2p_size >> PAGE_SHIFT;
    parts.frame_table = frames_size >> PAGE_SHIFT;
    m2p_table = maddr_to_virt(m2p);
    frame_table = maddr_to_virt(frames);
    memset(m2p_table, 0xff, m2p_size);
    parts.tables += directmap_m2p(m2p, m2p_size);
    frame_table_init();
    boot_memory_each_free(give_to_heap);
    printk("Memory: %lu MiB, up to %#lx; %lu MiB free\n", parts.ram >> 8, max_mfn << PAGE_SHIFT,
           heap_free_frames() >> 8);
}

void mem_release_boot_range(maddr_t start, maddr_t end)
{
    start = ROUND_UP(start, PAGE_SIZE);
    end = ROUND_UP(end, PAGE_SIZE);
    if (start < end)
        give_to_heap(start, end);
}

u64 mem_ram_frames(void)
{
    return parts.ram;
}

/* Interrupts on; no lock of rank RANK_DOMLIST or above held. */
u64 mem_own_frames(void)
{
    u64 sum = parts.ram - heap_free_frames();
    struct domain *d;

    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        sum -= d->tot_pages;
    spin_unlock(&domlist_lock);
    return sum;
}

void mem_report(void)
{
    u64 own = mem_own_frames(), fixed = parts.image + parts.tables + parts.frame_table + parts.m2p;
    u64 tenths = own * 1000 / parts.ram;

    printk("Prism's own memory: %lu KiB of %lu MiB (%lu.%lu%%)\n", own * 4, parts.ram >> 8, tenths / 10, tenths % 10);
    printk("  image %lu KiB, direct map %lu KiB, frame table %lu KiB, machine-to-physical %lu KiB\n", parts.image * 4,
           parts.tables * 4, parts.frame_table * 4, parts.m2p * 4);
    printk("  allocated, low memory and modules %lu KiB\n", (own - min(own, fixed)) * 4);
}
