/* SPDX-License-Identifier: MIT */
/* The world of a kernel in ring 3: its arena is pages of its own image whose mappings, contents and uses change, page tables
 * among them. One level-1 table maps all of them; the kernel reads there what is where now. */
#include "fuzz/fuzz.h"
#include "fuzz/world_pv.h"

#define FRAMES (1u << 20)                  /* of the machine: 4 GiB */
#define READABLE 4u                        /* of the bad pointers */
#define BEYOND_TABLES 512u                 /* KiB that the builder maps behind the page tables */
#define NX (1ull << 63)
#define FRAME_BITS 0xffffffffffull

static u8 arena[ARENA_PAGES][4096] __attribute__((__aligned__(ARENA_PAGES * 4096)));
static u8 needed[FRAMES / 8];              /* a bit for each frame that is this kernel's */
static u64 arena_mfn[ARENA_PAGES];         /* at the start */
static const volatile u64 *level1;         /* the entries of the arena, as this kernel sees them */
static u64 level1_address;                 /* and their machine address */
static u64 root_address;

extern const char trap_stubs[], event_entry_stub[];

const char *world_words(void)
{
    return (const char *)start_info->cmd_line;
}

static void note_needed(void)
{
    const u64 *frames = (const u64 *)start_info->mfn_list;
    u64 end = va_to_pfn((void *)start_info->pt_base) + start_info->nr_pt_frames + (BEYOND_TABLES >> 2);

    for (u64 pfn = 0; pfn < min(end, (u64)start_info->nr_pages); pfn++)
        if (frames[pfn] < FRAMES)
            needed[frames[pfn] >> 3] |= (u8)(1u << (frames[pfn] & 7));
    for (u32 i = 0; i < ARENA_PAGES; i++)
        if (arena_mfn[i] < FRAMES)
            needed[arena_mfn[i] >> 3] &= (u8)~(1u << (arena_mfn[i] & 7));
}

void world_begin(void)
{
    world_common();
    level1 = &table_of(arena[0], 1)[(u64)arena[0] >> 12 & 511];
    level1_address = entry_address(arena[0], 1);
    root_address = va_to_mfn((void *)start_info->pt_base) << 12;
    for (u32 i = 0; i < ARENA_PAGES; i++)
        arena_mfn[i] = va_to_mfn(arena[i]);
    note_needed();
    EXPECT("guard page", CALL3(update_va_mapping, area[AREA_PAGES], 0, UVMF_INVLPG), 0);
    EXPECT("guard page", CALL3(update_va_mapping, list_page[1], 0, UVMF_INVLPG), 0);
    EXPECT("guard page", CALL3(update_va_mapping, output[1], 0, UVMF_INVLPG), 0);
    EXPECT("page to read", CALL3(update_va_mapping, read_only, va_to_mfn(read_only) << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
}

/* An entry that maps nothing may hold anything. */
static u64 arena_frame(u32 page)
{
    u64 frame = chance(3) ? arena_mfn[page] : level1[page] >> 12 & FRAME_BITS;

    return !mortal && world_needs(frame) ? arena_mfn[page] : frame;
}

void world_refresh(void)
{
    u32 first = below(ARENA_PAGES);

    world_restore_traps();
    for (u32 i = 0; i < 16; i++) {
        u32 page = (first + i) % ARENA_PAGES;
        struct mmuext_op op = { .cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = arena_mfn[page] };

        CALL4(mmuext_op, &op, 1, NULL, DOMID_SELF);
        CALL3(update_va_mapping, arena[page], arena_mfn[page] << 12 | PTE_RW_FLAGS, UVMF_INVLPG);
    }
}

volatile struct shared_info *world_shared_info(void)
{
    return shared_info_page();
}

bool world_interrupted(void)
{
    return true;
}

void world_restore_traps(void)
{
    install_traps();
}

/* Where the page cannot be written the processor says so, and the hypervisor, if it is a page table. */
static void write_arena(void *to, u64 value)
{
    TRY("mov %%rax, (%%rdi)", "D" (to), "a" (value));
}

static u64 page_entry(void)
{
    static const u16 flags[] = { 0, 0x1, 0x3, 0x25, 0x25, 0x27, 0x61, 0x63, 0x65, 0x67, 0x67, 0x67, 0x6f, 0x75, 0xe7, 0x167,
                                 0xe67 };
    u64 frame = chance(12) ? draw(K_FRAME, 0) : arena_frame(below(ARENA_PAGES));
    u64 entry = (frame & FRAME_BITS) << 12 | flags[below(ARRAY_SIZE(flags))];

    if (chance(16))
        entry ^= 1ull << below(64);
    if (chance(40))
        entry = any_number();
    if (!mortal && world_needs(entry >> 12 & FRAME_BITS))
        return 0;
    return chance(8) ? entry | NX : entry;
}

void world_scribble(void)
{
    u64 *page = (u64 *)arena[below(ARENA_PAGES)];

    if (chance(2))
        ((volatile u64 *)grant_table())[below(40)] = grant_entry();
    else if (chance(8))
        for (u32 i = 0; i < 512; i++)
            write_arena(page + i, 0);
    else
        for (u32 i = 1 + below(4); i; i--)
            write_arena(page + below(512), chance(3) ? random() : page_entry());
}

u64 world_frame(void)
{
    switch (below(16)) {
    case 0: return any_number();
    case 1: return below(FRAMES / 2);
    case 2: return start_info->shared_info >> 12;
    case 3: return root_address >> 12;
    case 4: return below(0x800);
    case 5: return (chance(2) ? 0xfee00 : 0xf0000) + below(0x1000);
    default: return arena_frame(below(ARENA_PAGES));
    }
}

bool world_needs(u64 frame)
{
    return frame < FRAMES && (needed[frame >> 3] >> (frame & 7) & 1);
}

u64 world_place(void)
{
    u32 page = below(ARENA_PAGES);

    return chance(3) ? level1_address + page * 8 : (u64)arena[page];
}

u64 world_nowhere(void)
{
    return chance(2) ? any_number() : HYPERVISOR_VIRT_START + ((random() & 0xffffffffff) >> below(40));
}

/* What mmu_update is told to change: an entry of the arena's, of a table in it, a slot of the root that nobody uses or that
 * nobody may; or what a frame is the guest's name of. */
static u64 table_entry(void)
{
    u32 how = chance(16) ? below(8) : below(4);

    switch (below(12)) {
    case 0: return any_number();
    case 1: return root_address + below(256) * 8 + how;
    case 2: return root_address + (256 + below(chance(2) ? 16 : 200)) * 8 + how;
    case 3: return draw(K_FRAME, 0) << 12 | below(512) * 8 | how;
    case 4: return arena_frame(below(ARENA_PAGES)) << 12 | MMU_MACHPHYS_UPDATE;
    case 5: case 6: case 7: return arena_frame(below(ARENA_PAGES)) << 12 | below(512) * 8 | how;
    default: return level1_address + below(ARENA_PAGES) * 8 + how;
    }
}

static u64 address(void)
{
    switch (below(10)) {
    case 0: return world_nowhere();
    case 1: return below(1u << 30);
    case 2: return (u64)arena[below(ARENA_PAGES)] + below(4096);
    default: return (u64)arena[below(ARENA_PAGES)];
    }
}

u64 world_value(u8 kind, u64 arg)
{
    switch (kind) {
    case K_PTE: return page_entry();
    case K_TABLE: return table_entry();
    case K_VA: return address();
    default:
        switch (arg) {
        case LIVE_EVENT: return (u64)event_entry_stub;
        case LIVE_TRAP: return (u64)trap_stubs + 16 * below(32);
        default: return FLAT_KERNEL_CS;
        }
    }
}

unsigned long world_pointer(void)
{
    return (unsigned long)arena[below(ARENA_PAGES)];
}

unsigned long world_bad_pointer(bool readable)
{
    static const unsigned long bad[] = {
        (unsigned long)read_only, (unsigned long)read_only + 4090, HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_START + 0x4000,
        0, 1, 0xfff, (unsigned long)area[AREA_PAGES], (unsigned long)area[AREA_PAGES] + 0x800, ~0ul, ~7ul, 0x7ffffffffff8,
        0x800000000000, 0x8000000000000000, 0xffff7ffffffffff8, 0xffff830000001000, HYPERVISOR_VIRT_END - 8,
    };

    return readable ? bad[below(ARRAY_SIZE(bad))] : bad[READABLE + below(ARRAY_SIZE(bad) - READABLE)];
}
