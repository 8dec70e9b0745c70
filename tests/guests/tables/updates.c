/* SPDX-License-Identifier: MIT */
/* Entries by mmu_update and update_va_mapping, one at a time, in lists, and whole tables of them. */
#include "tables/tables.h"

#define MOST 8u

/* What mmu_update is told of domains, as far as that is good. */
static u32 domains(bool *good, bool *io)
{
    static u32 self = DOMID_INVALID;

    *good = true;
    *io = false;
    if (self == DOMID_INVALID)
        self = own_domid();
    switch (below(24)) {
    case 0: return self;
    case 1: return (self + 1) << 16 | DOMID_SELF;
    case 2: return (u32)(DOMID_SELF + 1) << 16 | self;
    case 3:
        *io = true;
        return DOMID_IO;
    case 4:
        *good = false;
        return (u32)ONE_OF(0, DOMID_XEN, DOMID_INVALID, DOMID_COW, 1u << 16 | DOMID_SELF, 0x7777,
                           (DOMID_IO + 1u) << 16 | DOMID_SELF);
    default: return DOMID_SELF;
    }
}

static bool is_spot(u32 index)
{
    for (u32 i = 0; i < SPOTS; i++)
        if (spots[i] == index)
            return true;
    return false;
}

void op_update(void)
{
    struct place at = any_place();
    u64 was = *at.p;
    u64 how = ONE_OF(MMU_NORMAL_PT_UPDATE, MMU_NORMAL_PT_UPDATE, MMU_PT_UPDATE_PRESERVE_AD, MMU_PT_UPDATE_NO_TRANSLATE);
    u64 entry = draw_change(was, is_table(at.role) ? at.role - R_L1 + 1u : hint[at.frame]);
    u32 misplaced = chance(24) ? 4 : 0;
    bool good, io;
    u32 dom = domains(&good, &io);
    enum guess guess;
    long answer;

    if (deadly(&at) || !sane(entry))
        return;
    guess = !good || misplaced ? NO : may_write(&at, entry, io);
    note("mmu_update", at.maddr | how | misplaced, entry, dom);
    answer = update(at.maddr | how | misplaced, entry, dom);
    judge(guess, answer);
    if (answer) {
        unchanged(&at, was);
        return;
    }
    landed(&at, was, entry, how == MMU_PT_UPDATE_PRESERVE_AD);
    if (at.frame != NOBODY && !is_spot(at.index))
        dense[at.frame] = true;
}

/* Entries of others' tables, or of what is none. */
static void update_elsewhere(void)
{
    u64 frame = ONE_OF(0, 0x200, 0xa0, 0xfee00, below(0x200000), 0xfffffffffull, any_number() & FRAME_BITS >> 12);
    u64 entry = draw_entry(0);

    if (whose(frame) != FOREIGN)
        return;
    note("mmu_update elsewhere", frame, entry, 0);
    judge(NO, update(frame << 12 | spot() * 8 | below(4), entry, DOMID_SELF));
}

void op_machphys(void)
{
    u32 frame = any_frame();
    u64 was = machine_to_phys_mapping[pool_mfn[frame]], number = any_number();

    if (chance(2)) {
        update_elsewhere();
        return;
    }
    note("machphys", frame, number, 0);
    judge(YES, update(pool_mfn[frame] << 12 | MMU_MACHPHYS_UPDATE, number, DOMID_SELF));
    if (machine_to_phys_mapping[pool_mfn[frame]] != number)
        wrong("a frame's number, as it is and as it should be", machine_to_phys_mapping[pool_mfn[frame]], number);
    judge(YES, update(pool_mfn[frame] << 12 | MMU_MACHPHYS_UPDATE, was, DOMID_SELF));
}

static u64 flush_flags(bool *bad)
{
    static u64 vcpus = 1;
    u64 who = ONE_OF(UVMF_LOCAL, UVMF_LOCAL, UVMF_LOCAL, UVMF_ALL, (u64)&vcpus);

    *bad = chance(100);
    return (*bad ? 0xffff900000000000ull : who) | below(4);
}

void op_update_va(void)
{
    u64 va = racing || chance(2) ? (u64)window[below(WINDOWS)] : wild_va(), entry = draw_entry(1), was = 0, flags;
    bool in_window = va - (u64)window < sizeof(window), found = true, bad;
    struct mapping m;
    enum guess guess;
    long answer;

    if (in_window)
        m.at = window_place((u32)((va - (u64)window) >> 12));
    else
        found = walk(va, &m);
    if (found && !in_window && m.at.frame == NOBODY)
        return;   /* a table of the kernel's, by way of the pool's */
    if (chance(20)) {
        va = ONE_OF(HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_START + (random() & 0x7fffffffff), 0xffff830000000000,
                    0x800000000000, 0x8000000000000000, 0xffff7fffffffffff);
        found = false;
    }
    flags = flush_flags(&bad);
    bad &= (flags & 3) == UVMF_TLB_FLUSH || (flags & 3) == UVMF_INVLPG;
    if (found) {
        was = *m.at.p;
        entry = draw_change(was, 1);
        if (!sane(entry))
            return;
    }
    guess = found ? may_write(&m.at, entry, false) : NO;
    note("update_va_mapping", va, entry, flags);
    answer = CALL3(update_va_mapping, va + (chance(8) ? below(4096) : 0), entry, flags);
    judge(bad ? MAYBE : guess, answer);
    if (found && guess == NO)
        unchanged(&m.at, was);
    else if (found)
        landed(&m.at, was, entry, false);
}

/* ---- Plain frames are filled so that they may become tables */

static void fill(u32 frame, const mmu_update_t *list, u32 n)
{
    int done = 0;

    note("fill", frame, n, list[0].val);
    judge(YES, CALL4(mmu_update, list, n, &done, DOMID_SELF));
    for (u32 i = 0; !racing && i < n; i++)
        if (pool[frame][list[i].ptr >> 3 & 511] != list[i].val)
            wrong("an entry of memory, as it is and as it should be", pool[frame][list[i].ptr >> 3 & 511], list[i].val);
}

static void clear(u32 frame)
{
    note("clear", frame, 0, 0);
    judge(YES, extended(MMUEXT_CLEAR_PAGE, pool_mfn[frame], 0, DOMID_SELF));
    dense[frame] = false;
    hint[frame] = 0;
}

void op_fill(void)
{
    u32 frame = plain_frame(), level = chance(2) ? 1 : 1 + below(4), n = 1 + below(MOST), used = 0;
    mmu_update_t list[MOST];

    if (!is_plain(role[frame]))
        return;
    if (chance(2) || dense[frame] || hint[frame] != level)
        clear(frame);
    hint[frame] = (u8)level;
    for (u32 i = 0; i < n; i++) {
        u32 index = spots[(used + i) % SPOTS];

        list[i] = (mmu_update_t){ .ptr = pool_mfn[frame] << 12 | index * 8, .val = draw_entry(level) };
        used += below(2);
    }
    fill(frame, list, n);
}

/* A whole table of entries, which takes long to validate and to tear down. */
void op_dense(void)
{
    u32 frame = plain_frame(), level = 1 + below(4);
    u64 entry = draw_entry(level);
    mmu_update_t list[64];

    if (!is_plain(role[frame]))
        return;
    clear(frame);
    hint[frame] = (u8)level;
    dense[frame] = true;
    for (u32 first = 0; first < 512; first += ARRAY_SIZE(list)) {
        for (u32 i = 0; i < ARRAY_SIZE(list); i++)
            list[i] = (mmu_update_t){ .ptr = pool_mfn[frame] << 12 | (first + i) * 8,
                                      .val = chance(16) ? draw_entry(level) : entry };
        fill(frame, list, ARRAY_SIZE(list));
    }
}

/* Four frames, each a table of the next; the topmost can serve the kernel. */
void op_tree(void)
{
    u32 frames[4];

    for (u32 i = 0; i < 4; i++) {
        frames[i] = plain_frame();
        for (u32 j = 0; j < i; j++)
            if (frames[j] == frames[i] || !is_plain(role[frames[i]]))
                return;
    }
    for (u32 i = 0; i < 4; i++) {
        mmu_update_t list[3];

        clear(frames[i]);
        hint[frames[i]] = (u8)(i + 1);
        for (u32 n = 0; n < 3; n++) {
            u32 index = i == 3 && n == 2 ? 511 : spots[(n * 5 + below(5)) % (SPOTS - 1)];
            u64 entry = i == 3 && n == 2 ? kernel_slot : i && n < 2 ? pool_mfn[frames[i - 1]] << 12 | 0x67 : draw_entry(i + 1);

            list[n] = (mmu_update_t){ .ptr = pool_mfn[frames[i]] << 12 | index * 8, .val = entry };
        }
        fill(frames[i], list, 3);
    }
    counted[C_TREE]++;
    if (chance(2)) {
        struct place at = root_place(wild_slots[below(WILD)]);
        u64 entry = pool_mfn[frames[2]] << 12 | 0x67;

        judge(may_write(&at, entry, false), update(at.maddr, entry, DOMID_SELF));
    }
}

/* Several in one call, each by what those before it have left. */
void op_batch(void)
{
    mmu_update_t list[MOST];
    multicall_entry_t calls[MOST];
    u32 n = 1 + below(MOST);
    int done = 0;

    for (u32 i = 0; i < n; i++) {
        struct place at = any_place();
        u64 entry = draw_entry(is_table(at.role) ? at.role - R_L1 + 1u : 0);

        if (deadly(&at))
            return;
        if (at.frame != NOBODY)
            dense[at.frame] = true;
        list[i] = (mmu_update_t){ .ptr = at.maddr | (chance(4) ? MMU_PT_UPDATE_PRESERVE_AD : 0), .val = entry };
        calls[i] = (multicall_entry_t){ .op = __HYPERVISOR_update_va_mapping,
                                        .args = { (u64)window[below(WINDOWS)], draw_entry(1), 0 } };
    }
    note("list", n, list[0].ptr, list[0].val);
    if (chance(3)) {
        judge(YES, CALL2(multicall, calls, n));
        return;
    }
    judge(MAYBE, CALL4(mmu_update, list, n, &done, DOMID_SELF));
    if (done < 0 || (u32)done > n)
        wrong("more is done than was asked for", (u32)done, n);
}
