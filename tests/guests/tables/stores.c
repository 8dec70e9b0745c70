/* SPDX-License-Identifier: MIT */
/* The kernel's own stores: to tables, which are refused or carried out as checked updates; and through mappings, which must
 * change no table, whatever the TLB remembers. */
#include "tables/tables.h"

enum store { S_MOV, S_MOV_LOW, S_MOV_HIGH, S_XCHG, S_CMPXCHG, S_OR, S_AND, S_BYTE, S_XADD, S_SPLIT, STORES };

/* What the entry becomes. */
static u64 result_of(enum store kind, u64 was, u64 value)
{
    switch (kind) {
    case S_MOV_LOW: return (was & ~0xffffffffull) | (u32)value;
    case S_MOV_HIGH: return (was & 0xffffffff) | value << 32;
    case S_OR: return was | value;
    case S_AND: return was & value;
    case S_BYTE: return (was & ~0xffull) | (u8)value;
    case S_XADD: return was + value;
    default: return value;
    }
}

static long store(enum store kind, const u64 *to, u64 was, u64 value)
{
    switch (kind) {
    case S_MOV: return TRY("mov %%rax, (%%rdi)", "D" (to), "a" (value));
    case S_MOV_LOW: return TRY("mov %%eax, (%%rdi)", "D" (to), "a" (value));
    case S_MOV_HIGH: return TRY("mov %%eax, 4(%%rdi)", "D" (to), "a" (value));
    case S_XCHG: return TRY("mov %%rax, %%rdx; xchg %%rdx, (%%rdi)", "D" (to), "a" (value));
    case S_CMPXCHG:
        return TRY("push %%rax; mov %%rax, %%rdx; mov %%rsi, %%rax; lock cmpxchg %%rdx, (%%rdi)",
                   "D" (to), "a" (value), "S" (was));
    case S_OR: return TRY("lock or %%rax, (%%rdi)", "D" (to), "a" (value));
    case S_AND: return TRY("lock and %%rax, (%%rdi)", "D" (to), "a" (value));
    case S_BYTE: return TRY("mov %%al, (%%rdi)", "D" (to), "a" (value));
    case S_XADD: return TRY("mov %%rax, %%rdx; lock xadd %%rdx, (%%rdi)", "D" (to), "a" (value));
    default: return TRY("mov %%rax, 4(%%rdi)", "D" (to), "a" (value));
    }
}

/* Stores to tables may be carried out, or are faults all of them (VMASST_TYPE_writable_pagetables). */
static bool assisted(void)
{
    static bool on;

    if (!on || chance(64)) {
        on = !on;
        judge(YES, CALL2(vm_assist, on ? VMASST_CMD_enable : VMASST_CMD_disable, VMASST_TYPE_writable_pagetables));
    }
    return on;
}

void op_store(void)
{
    enum store kind = chance(2) ? S_MOV : below(STORES);
    u32 frame = chance(3) ? any_frame() : frame_of_role(R_L1), index = spot();
    struct place at = pool_place(frame == NOBODY ? any_frame() : frame, index == 511 && kind == S_SPLIT ? 7 : index);
    u64 was = *at.p, value = draw_entry(1), entry;
    enum guess guess = NO;
    long vector;

    if (kind == S_OR || kind == S_AND)
        value = ONE_OF(P, RW, P | RW, ~RW, ~P, ACCESSED, ~ACCESSED, GLOBAL, NX, ~0ull << 12, 1ull << 12, 0x80);
    if (kind == S_XADD)
        value = ONE_OF(0, RW, 0x1000, -0x1000ull);
    entry = result_of(kind, was, value);
    if (!sane(entry))
        return;
    if (assisted() && at.role == R_L1 && kind != S_SPLIT)
        guess = may_write(&at, entry, false);
    note("store", at.maddr, kind, value);
    vector = store(kind, at.p, was, value);
    if (vector != -1 && vector != 14)
        wrong("a trap by a store", (u64)vector, 0);
    judge(guess, vector == -1 ? 0 : -XEN_EINVAL);
    counted[vector == -1 ? C_STORE : C_STORE_FAULT]++;
    if (vector == -1)
        landed(&at, was, entry, false);
    else
        unchanged(&at, was);
}

/* Which frame of the pool has changed at this index; NOBODY: none. */
static u32 changed(const u64 *before, u32 index)
{
    u32 found = NOBODY;

    for (u32 i = 0; i < POOL; i++)
        if ((pool[i][index] ^ before[i]) & ~ACCESSED) {
            if (!is_plain(role[i]))
                wrong("a frame in use as a table has been written to: frame, role", i, role[i]);
            found = i;
        }
    return found;
}

static void clean_tlb(u64 va)
{
    judge(YES, extended(chance(2) ? MMUEXT_TLB_FLUSH_LOCAL : MMUEXT_INVLPG_LOCAL, va, 0, DOMID_SELF));
}

/* Where the TLB may remember what was mapped before, all that can be said is that no table may change. */
static void probe(u64 va, bool fresh)
{
    u32 index = spot(), frame = NOBODY, hit;
    u64 before[POOL];
    bool mapped, writable;
    struct mapping m;
    long vector;

    mapped = walk(va, &m) && (m.leaf & P);
    writable = mapped && m.writable;
    if (mapped && !(whose(entry_mfn(m.leaf)) & KERNEL))
        frame = whose(entry_mfn(m.leaf)) - 1u;
    if (writable && frame == NOBODY)
        return;   /* the kernel's own memory, or what it shares with the hypervisor */
    note("probe", va, mapped ? m.leaf : 0, fresh);
    if (fresh)
        clean_tlb(va);
    for (u32 i = 0; i < POOL; i++)
        before[i] = pool[i][index];
    vector = TRY("mov %%rax, (%%rdi)", "D" (va + index * 8), "a" (BAD_ENTRY | operation * 0x1000ull));
    if (vector != -1 && vector != 14)
        wrong("a trap by a store", (u64)vector, 0);
    hit = changed(before, index);
    counted[vector == -1 ? C_PROBE : C_PROBE_FAULT]++;
    if (fresh && (vector == -1) != writable)
        wrong(writable ? "a writable mapping cannot be written" : "a mapping that is not writable is written", va, m.leaf);
    if ((vector == -1) != (hit != NOBODY) || (fresh && writable && hit != frame))
        wrong("a store went elsewhere: hit, mapped", hit, frame);
    if (hit != NOBODY)
        TRY("mov %%rax, (%%rdi)", "D" (va + index * 8), "a" (before[hit]));
}

/* A store through a window or through the pool's own trees. */
void op_probe(void)
{
    bool in_window = chance(2);
    u64 va = in_window ? (u64)window[below(WINDOWS)] : wild_va();
    struct mapping m;

    for (u32 i = 0; i < 20 && !in_window && !(walk(va, &m) && (m.leaf & P)); i++)
        va = wild_va();
    probe(va, chance(2));
}

/* A mapping that has been used for a store goes, of which no TLB is told, and the frame becomes a table. */
void op_stale(void)
{
    u32 n = below(WINDOWS), frame = plain_frame();
    struct place at = window_place(n);
    u64 entry;

    for (u32 i = 0; i < POOL && !(role[frame] == R_NONE && hint[frame]); i++)
        frame = (frame + 1) % POOL;
    entry = pool_mfn[frame] << 12 | PTE_RW_FLAGS;
    note("stale", frame, n, role[frame]);
    if (may_write(&at, entry, false) != YES)
        return;
    judge(YES, CALL3(update_va_mapping, window[n], entry, UVMF_INVLPG));
    if (TRY("mov %%rax, (%%rdi)", "D" (window[n]), "a" (pool[frame][0])) != -1)
        wrong("a writable mapping cannot be written", frame, last_trap.error_code);
    if (chance(2))
        judge(YES, CALL3(update_va_mapping, window[n], chance(2) ? 0 : pool_mfn[frame] << 12 | PTE_RO_FLAGS, UVMF_NONE));
    else
        judge(YES, update(at.maddr, 0, DOMID_SELF));
    audit();
    pin(frame, hint[frame] ? hint[frame] : 1);
    audit();
    probe((u64)window[n], false);
}
