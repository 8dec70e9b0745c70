/* SPDX-License-Identifier: MIT */
/* mmuext_op: what holds tables (pins and base pointers), flushes, pages cleared and copied. */
#include "tables/tables.h"

static enum guess may_pin(u32 frame, u32 level)
{
    struct claims c = claims_now();

    if (roots.pinned[frame])
        return NO;
    return claim(&c, pool_mfn[frame], (u8)(R_L1 + level - 1)) ? YES : NO;
}

/* In a race each vCPU pins frames of its own, so that what is pinned in the end is known. */
static u32 own_frame(void)
{
    return racing ? (any_frame() & ~1u) + second_vcpu() : any_frame();
}

static u32 pin_command(u32 level)
{
    return MMUEXT_PIN_L1_TABLE + level - 1;
}

/* Others' frames, the kernel's memory, and domains that are none of ours. */
static void pin_elsewhere(void)
{
    u32 cmd = (u32)ONE_OF(MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE,
                          MMUEXT_UNPIN_TABLE, MMUEXT_MARK_SUPER, MMUEXT_UNMARK_SUPER, MMUEXT_FLUSH_CACHE,
                          MMUEXT_FLUSH_CACHE_GLOBAL, 20, ~0u);
    u64 mfn = chance(2) ? va_to_mfn(scratch[0]) : any_number();

    if (chance(2)) {
        note("pin for another", cmd, 0, 0);
        judge(NO, extended(cmd, pool_mfn[any_frame()], 0, (u32)ONE_OF(0, DOMID_XEN, DOMID_IO, 0x7777)));
    } else if (whose(mfn) == FOREIGN || whose(mfn) == (KERNEL | R_WRITABLE)) {
        note("pin elsewhere", cmd, mfn, 0);
        judge(NO, extended(cmd, mfn, 0, DOMID_SELF));
    }
}

void pin(u32 frame, u32 level)
{
    enum guess guess = may_pin(frame, level);
    long answer;

    note("pin", frame, level, pool_mfn[frame]);
    answer = extended(pin_command(level), pool_mfn[frame], 0, DOMID_SELF);
    judge(guess, answer);
    counted[answer ? C_REFUSED_PIN : C_PIN1 + level - 1]++;
    if (answer == 0)
        roots.pinned[frame] = (u8)level;
}

void op_pin(void)
{
    u32 frame = own_frame();

    if (chance(16)) {
        pin_elsewhere();
        return;
    }
    for (u32 i = 0; i < 6 && !hint[frame]; i++)
        frame = own_frame();
    pin(frame, hint[frame] && !chance(8) ? hint[frame] : 1 + below(4));
}

void op_unpin(void)
{
    u32 frame = own_frame();
    long answer;

    for (u32 i = 0; i < POOL && !roots.pinned[frame] && !chance(40); i++)
        frame = (frame + 2) % POOL;
    note("unpin", frame, roots.pinned[frame], pool_mfn[frame]);
    answer = extended(MMUEXT_UNPIN_TABLE, pool_mfn[frame], 0, DOMID_SELF);
    judge(roots.pinned[frame] ? YES : NO, answer);
    roots.pinned[frame] = 0;
}

/* Many in one call: what is done is the first of them. */
void op_pins(void)
{
    struct mmuext_op list[POOL];
    bool unpin = chance(2);
    u32 n = 0, done = 0;

    for (u32 i = 0; i < POOL; i++)
        if (racing && i % 2 != second_vcpu())
            continue;
        else if (unpin ? roots.pinned[i] && chance(2) : !roots.pinned[i] && hint[i] && chance(3)) {
            list[n] = (struct mmuext_op){ .cmd = unpin ? MMUEXT_UNPIN_TABLE : pin_command(hint[i]) };
            list[n++].arg1.mfn = pool_mfn[i];
        }
    note(unpin ? "unpin several" : "pin several", n, 0, 0);
    judge(unpin ? YES : MAYBE, CALL4(mmuext_op, list, n, &done, DOMID_SELF));
    for (u32 i = 0; i < min(done, n); i++)
        roots.pinned[whose(list[i].arg1.mfn) - 1] = unpin ? 0 : (u8)(list[i].cmd - MMUEXT_PIN_L1_TABLE + 1);
}

static u32 level4_frame(void)
{
    u32 frame = chance(3) ? any_frame() : frame_of_role(R_L4);

    for (u32 i = 0; (frame == NOBODY || (role[frame] != R_L4 && hint[frame] != 4)) && i < POOL; i++)
        frame = i;
    return frame == NOBODY ? any_frame() : frame;
}

/* The kernel runs on tables of the pool for a while, if they have what it needs. */
void op_base(void)
{
    u32 frame = roots.base != NOBODY && chance(2) ? NOBODY : level4_frame();
    struct claims c = claims_now();
    bool fine = frame == NOBODY || claim(&c, pool_mfn[frame], R_L4);
    u64 mfn = frame == NOBODY ? va_to_mfn(root) : pool_mfn[frame];

    if (fine && frame != NOBODY && ((pool[frame][511] ^ kernel_slot) & ~(ACCESSED | 0xe00)))
        return;
    note("base", frame, mfn, 0);
    judge(fine ? YES : NO, extended(MMUEXT_NEW_BASEPTR, mfn, 0, DOMID_SELF));
    if (!fine)
        return;
    roots.base = frame;
    roots.ldt = NOBODY;   /* it was at an address of the old tables' */
    if (frame != NOBODY)
        counted[C_BASE]++;
}

void op_user_base(void)
{
    u32 frame = chance(4) ? NOBODY : level4_frame();
    struct claims c = claims_now();
    bool fine = frame == NOBODY || claim(&c, pool_mfn[frame], R_L4);

    note("user base", frame, 0, 0);
    judge(fine ? YES : NO, extended(MMUEXT_NEW_USER_BASEPTR, frame == NOBODY ? 0 : pool_mfn[frame], 0, DOMID_SELF));
    if (!fine)
        return;
    roots.user_base = frame;
    if (frame != NOBODY)
        counted[C_USER_BASE]++;
}

void op_page(void)
{
    u32 to = any_frame(), from = any_frame();
    bool copy = chance(2), kernels = chance(6);
    u32 level = chance(2) ? 4 : 1;   /* of a table of the kernel's */
    u64 source = kernels ? va_to_mfn(table_of(window[0], level)) : pool_mfn[from];
    long answer;

    note(copy ? "copy" : "clear", to, source, 0);
    answer = extended(copy ? MMUEXT_COPY_PAGE : MMUEXT_CLEAR_PAGE, pool_mfn[to], source, DOMID_SELF);
    judge(is_plain(role[to]) ? YES : NO, answer);
    if (answer)
        return;
    dense[to] = copy && (kernels || dense[from]);
    hint[to] = (u8)(!copy ? 0 : kernels ? level : hint[from]);
}

void op_flush(void)
{
    static u64 mask = 1;
    u32 cmd = (u32)ONE_OF(MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_INVLPG_LOCAL, MMUEXT_TLB_FLUSH_MULTI, MMUEXT_INVLPG_MULTI,
                          MMUEXT_TLB_FLUSH_ALL, MMUEXT_INVLPG_ALL);
    u64 va = ONE_OF(wild_va(), (u64)window[below(WINDOWS)], any_number());

    note("flush", cmd, va, 0);
    judge(YES, extended(cmd, va, (u64)&mask, DOMID_SELF));
}
