/* SPDX-License-Identifier: MIT */
/* Shifts, single bits, and searches for bits. */
#include "cpu/x86.h"
#include "insn/alu.h"
#include "insn/state.h"

enum insn_result insn_shift(struct insn_state *s, unsigned int count)
{
    u64 a;
    enum insn_result r = insn_get_rm_to_update(s, &a);

    return r != INSN_DONE ? r : insn_update(s, a, alu_shift(insn_group(s->i), a, count, s->size, &s->flags));
}

/* SHLD, SHRD */
enum insn_result insn_double_shift(struct insn_state *s, unsigned int count)
{
    u64 a, b = insn_get_reg(s, s->i->reg, s->size);
    bool left = !(s->i->opcode & 8);
    enum insn_result r = insn_get_rm_to_update(s, &a);

    return r != INSN_DONE ? r : insn_update(s, a, alu_double_shift(left, a, b, count, s->size, &s->flags));
}

/* op 0-3: BT, BTS, BTR, BTC. A bit offset in a register reaches beyond the operand, in both directions. */
enum insn_result insn_bit_test(struct insn_state *s, unsigned int op, bool immediate)
{
    unsigned int bits = 8 * s->size;
    s64 bit = (s64)(immediate ? s->i->immediate : sign_extend(insn_get_reg(s, s->i->reg, s->size), s->size));
    u64 a, mask = 1UL << (bit & (bits - 1));

    if (s->i->mod != 3 && !immediate)
        s->offset = (s->offset + (u64)(bit >> __builtin_ctz(bits)) * s->size) & size_mask(s->i->address_size);
    enum insn_result r = op ? insn_get_rm_to_update(s, &a) : insn_get_rm(s, &a);
    if (r == INSN_DONE && op != 0)
        r = insn_update(s, a, op == 1 ? a | mask : op == 2 ? a & ~mask : a ^ mask);
    if (r == INSN_DONE)
        s->flags = (s->flags & ~FLAG_CF) | (a & mask ? FLAG_CF : 0);
    return r;
}

static void set_count(struct insn_state *s, u64 count, u64 flags, u64 mask)
{
    insn_set_reg(s, s->i->reg, s->size, count);
    s->flags = (s->flags & ~mask) | flags;
}

static unsigned int count_bits(u64 v)
{
    unsigned int n = 0;

    for (; v; v &= v - 1)
        n++;
    return n;
}

/* BSF and BSR of 0 leave their destination alone (APM vol. 3); TZCNT and LZCNT give the operand's size. */
enum insn_result insn_bit_scan(struct insn_state *s)
{
    bool f3 = s->i->prefix_rep, reverse = s->i->opcode & 1;
    unsigned int bits = 8 * s->size, lowest, highest;
    u64 a;

    if (s->i->opcode == 0xb8 && !f3)
        return INSN_UNHANDLED;   /* Itanium's JMPE */
    enum insn_result r = insn_get_rm(s, &a);
    if (r != INSN_DONE)
        return r;
    lowest = a ? (unsigned int)__builtin_ctzl(a) : bits;
    highest = a ? 63 - __builtin_clzl(a) : 0;
    if (s->i->opcode == 0xb8) {
        set_count(s, count_bits(a), a ? 0 : FLAG_ZF, FLAGS_ARITHMETIC);
    } else if (f3 && s->memory->features & (reverse ? INSN_HAS_LZCNT : INSN_HAS_TZCNT)) {
        unsigned int count = !reverse ? lowest : a ? bits - 1 - highest : bits;
        set_count(s, count, (count == bits ? FLAG_CF : 0) | (count ? 0 : FLAG_ZF), FLAG_CF | FLAG_ZF);
    } else if (a) {
        set_count(s, reverse ? highest : lowest, 0, FLAG_ZF);
    } else {
        s->flags |= FLAG_ZF;
    }
    return INSN_DONE;
}
