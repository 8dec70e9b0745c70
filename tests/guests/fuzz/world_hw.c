/* SPDX-License-Identifier: MIT */
/* The world of a kernel in a container: its arena is memory far above the kernel, all of which is mapped in large pages, so
 * that a frame taken away is a hole that swallows what is written to it. */
#include <xen/arch-x86/hvm/start_info.h>

#include "fuzz/fuzz.h"

#define ARENA_GFN 0x800u                   /* 8 MiB */
#define KERNEL_END 0x400u                  /* below it: this kernel, its page tables, what it was given at start */
#define MEMORY_END 0x1c00u                 /* below it: memory, of 32 MiB, for certain */
#define APIC_GFN 0xfee00u
#define APIC_EOI 0xb0u
#define STORM 64u                          /* interrupts between two refreshments: no more are taken */
#define READABLE 6u                        /* of the bad pointers */
#define NOWHERE 15u                        /* frames from EMPTY_GFN on */

extern u32 hvm_start_info;
static u32 interrupted;

const char *world_words(void)
{
    const struct hvm_start_info *info = (const void *)(unsigned long)hvm_start_info;

    return (const char *)(unsigned long)info->cmdline_paddr;
}

static void unmap(const void *va)
{
    *entry_of(va) = 0;
    forget_page(va);
}

void world_begin(void)
{
    world_common();
    unmap(NULL);
    unmap(area[AREA_PAGES]);
    unmap(list_page[1]);
    unmap(output[1]);
    *entry_of(read_only) &= ~(pte_t)PTE_RW;
    forget_page(read_only);
    interrupts_on();
}

void world_refresh(void)
{
    struct xen_memory_reservation r = { .nr_extents = 16, .domid = DOMID_SELF };
    xen_pfn_t list[16];
    u32 first = below(ARENA_PAGES - 15);

    world_shared_info();
    if (chance(4))
        add_to_physmap(XENMAPSPACE_grant_table, 0, GRANT_TABLE_GFN);
    for (u32 i = 0; i < 16; i++)
        list[i] = ARENA_GFN + first + i;
    set_xen_guest_handle(r.extent_start, list);
    CALL2(memory_op, XENMEM_populate_physmap, &r);
}

volatile struct shared_info *world_shared_info(void)
{
    set_callback(CALLBACK_BY_VECTOR(0xff));
    add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN);
    interrupted = 0;
    interrupts_on();
    return shared_info_page();
}

/* Those by the local APIC have to be acknowledged; those for events come as long as one is said to be pending, and where that
 * is may be out of reach. */
bool world_interrupted(void)
{
    volatile struct shared_info *s = gfn_to_va(SHARED_INFO_GFN);

    s->vcpu_info[0].evtchn_upcall_pending = 0;
    *(volatile u32 *)(APIC_GFN * 4096ul + APIC_EOI) = 0;
    return ++interrupted < STORM;
}

void world_restore_traps(void)
{
    set_callback(CALLBACK_BY_VECTOR(0xff));
}

/* The arena may be anything by now. */
void world_scribble(void)
{
    volatile u64 *to = gfn_to_va(chance(2) ? GRANT_TABLE_GFN : ARENA_GFN + below(ARENA_PAGES));

    to[below(40)] = grant_entry();
}

u64 world_frame(void)
{
    switch (below(16)) {
    case 0: return any_number();
    case 1: return below(KERNEL_END);
    case 2: return KERNEL_END + below(MEMORY_END);
    case 3: return 0xf0000 + below(0x10100);
    case 4: return chance(2) ? SHARED_INFO_GFN : GRANT_TABLE_GFN + below(4);
    case 5: return 1ull << (20 + below(33));
    case 6: case 7: case 8: return EMPTY_GFN + below(NOWHERE);
    default: return ARENA_GFN + below(ARENA_PAGES);
    }
}

bool world_needs(u64 frame)
{
    return frame < KERNEL_END || (u32)frame < KERNEL_END || (u32)frame == APIC_GFN;
}

u64 world_place(void)
{
    return (chance(3) ? ARENA_GFN + below(ARENA_PAGES) : EMPTY_GFN + below(NOWHERE)) * 4096ull;
}

u64 world_nowhere(void)
{
    u64 address = any_number();

    return world_needs(address >> 12) ? ~0ull : address;
}

u64 world_value(u8 kind, u64 arg)
{
    return any_number();
}

unsigned long world_pointer(void)
{
    return (ARENA_GFN + below(ARENA_PAGES)) * 4096ul;
}

unsigned long world_bad_pointer(bool readable)
{
    static const unsigned long bad[] = {
        (unsigned long)read_only, (unsigned long)read_only + 4090, SHARED_INFO_GFN * 4096ul, EMPTY_GFN * 4096ul, 0xfee00000,
        0xfed00000, 0, 1, 0xfff, (unsigned long)area[AREA_PAGES], (unsigned long)area[AREA_PAGES] + 0x800, ~0ul, ~7ul,
#ifdef __x86_64__
        0x100000000, 0x7ffffffffff8, 0x800000000000, 0x8000000000000000, 0xffff7ffffffffff8, 0xffff800000000000,
        0xffff830000001000, 0xffff87fffffffff8,
#endif
    };

    return readable ? bad[below(ARRAY_SIZE(bad))] : bad[READABLE + below(ARRAY_SIZE(bad) - READABLE)];
}
