/* SPDX-License-Identifier: MIT */
/* Entries and places: mostly such as may be accepted. */
#include "tables/tables.h"

u32 spot(void)
{
    return spots[below(SPOTS)];
}

u32 any_frame(void)
{
    return below(POOL);
}

u32 frame_of_role(u8 wanted)
{
    u32 first = any_frame();

    for (u32 i = 0; i < POOL; i++)
        if (role[(first + i) % POOL] == wanted)
            return (first + i) % POOL;
    return NOBODY;
}

u32 plain_frame(void)
{
    u32 frame = any_frame();

    for (u32 i = 0; i < POOL && !is_plain(role[frame]); i++)
        frame = (frame + 1) % POOL;
    return frame;
}

bool sane(u64 entry)
{
    return !(entry & P) || whose(entry_mfn(entry)) != HIDDEN;
}

/* One that is a table of that level or looks as if it could be. */
static u32 frame_for(u32 level)
{
    u32 first = any_frame();

    for (u32 i = 0; i < POOL; i++) {
        u32 frame = (first + i) % POOL;

        if (role[frame] == R_L1 + level - 1 || (role[frame] == R_NONE && hint[frame] == level))
            return frame;
    }
    return first;
}

static u64 strange_frame(void)
{
    switch (below(8)) {
    case 0: return any_number() & FRAME_BITS >> 12;
    case 1: return below(0x100000);
    case 2: return ONE_OF(0, 0x200, 0x280, 0xa0, 0xb8, 0xf0, 0xff, 0xfec00, 0xfee00, 0xfd000, 0x100000);
    case 3: return start_info->shared_info >> 12;
    case 4: return entry_mfn(kernel_slot);
    case 5: return va_to_mfn(root);
    case 6: return va_to_mfn(table_of(window[0], 1 + below(2)));
    default: return va_to_mfn(below(2) ? (void *)grant_table() : (void *)scratch[0]);
    }
}

static u64 memory_entry(void)
{
    u32 frame = any_frame();
    bool writable = is_plain(role[frame]) && !hint[frame] ? !chance(4) : chance(20);

    return pool_mfn[frame] << 12 | (writable ? ONE_OF(0x67, 0x67, 0x63, 0x7, 0x27) : ONE_OF(0x65, 0x25, 0x5, 1));
}

u64 draw_entry(u32 level)
{
    u64 entry;

    if (!level)
        level = 1 + below(4);
    if (chance(8))
        return 0;
    if (level == 1)
        entry = memory_entry();
    else
        entry = pool_mfn[chance(10) ? any_frame() : frame_for(level - 1)] << 12 | ONE_OF(0x67, 0x67, 0x67, 0x7, 0x63, 0x25);
    if (level == 4 && chance(6))
        entry = kernel_slot;
    if (chance(16))
        entry = strange_frame() << 12 | (entry & 0xfff);
    if (chance(20))
        entry ^= 1ull << below(64);
    if (chance(10))
        entry |= ONE_OF(NX, GLOBAL, 0xe00, 8, 0x10, 0x80, 0x98, 1ull << 52, 1ull << 62);
    if (chance(60))
        entry = any_number();
    if (racing && whose(entry_mfn(entry)) == (KERNEL | R_WRITABLE))
        return 0;   /* the second vCPU stores to whatever can be stored to */
    return sane(entry) ? entry : 0;
}

u64 draw_change(u64 old, u32 level)
{
    static const u64 flags[] = { RW, RW, US, NX, GLOBAL, 8, 0x10, 0x80, 0x20, 0x40, 0xe00, 1ull << 51, 1ull << 48,
                                 1ull << 52, P };

    return (old & P) && chance(3) ? old ^ flags[below(ARRAY_SIZE(flags))] : draw_entry(level);
}

struct place any_place(void)
{
    u32 frame;

    switch (below(10)) {
    case 0: return window_place(below(WINDOWS));
    case 1: return root_place(chance(4) ? ONE_OF(256, 257, 258, 263, 271) : wild_slots[below(WILD)]);
    case 2: case 3: return pool_place(any_frame(), chance(6) ? below(512) : spot());
    default:
        frame = frame_of_role((u8)(R_L1 + below(4)));
        return pool_place(frame == NOBODY ? any_frame() : frame, spot());
    }
}

bool deadly(const struct place *at)
{
    return at->frame != NOBODY && at->frame == roots.base && at->index == 511;
}

u64 wild_va(void)
{
    u64 slot = wild_slots[below(WILD)];

    return (slot & 256 ? 0xffffull << 48 : 0) | slot << 39 | (u64)spot() << 30 | (u64)spot() << 21 | (u64)spot() << 12;
}
