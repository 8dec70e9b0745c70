/* SPDX-License-Identifier: MIT */
/* MUL, IMUL, DIV, IDIV (AMD64 APM vol. 3). Flags that the manual leaves undefined stay as they were. */
#include "cpu/x86.h"
#include "insn/alu.h"
#include "insn/state.h"

typedef unsigned __int128 u128;

/* The double-width accumulator: AX, or rDX:rAX. */
static u128 get_double(struct insn_state *s)
{
    if (s->size == 1)
        return insn_get_reg(s, 0, 2);
    return (u128)insn_get_reg(s, 2, s->size) << 8 * s->size | insn_get_reg(s, 0, s->size);
}

static void set_halves(struct insn_state *s, u64 low, u64 high)
{
    if (s->size == 1) {
        insn_set_reg(s, 0, 2, (u8)low | (high & 0xff) << 8);
    } else {
        insn_set_reg(s, 0, s->size, low);
        insn_set_reg(s, 2, s->size, high);
    }
}

static void set_overflow(struct insn_state *s, bool overflow)
{
    s->flags = (s->flags & ~(FLAG_CF | FLAG_OF)) | (overflow ? FLAG_CF | FLAG_OF : 0);
}

static u128 product(u64 a, u64 b, unsigned int size, bool is_signed)
{
    return is_signed ? (u128)((__int128)(s64)sign_extend(a, size) * (s64)sign_extend(b, size)) : (u128)a * b;
}

static void multiply(struct insn_state *s, u64 b, bool is_signed)
{
    u128 p = product(insn_get_reg(s, 0, s->size), b, s->size, is_signed);
    u64 mask = size_mask(s->size), low = (u64)p & mask, high = (u64)(p >> 8 * s->size) & mask;

    set_halves(s, low, high);
    set_overflow(s, high != (is_signed && low >> (8 * s->size - 1) ? mask : 0));
}

/* The processor's own division takes 128 bits; nothing here does without a library. high < d. */
static void divide_128(u64 high, u64 low, u64 d, u64 *quotient, u64 *remainder)
{
    asm("divq %[d]" : "=a" (*quotient), "=d" (*remainder) : "a" (low), "d" (high), [d] "r" (d) : "cc");
}

static enum insn_result divide(struct insn_state *s, u64 d, bool is_signed)
{
    unsigned int bits = 8 * s->size;
    u128 n = get_double(s);
    bool negative = is_signed && n >> (2 * bits - 1) & 1, negative_d = is_signed && d >> (bits - 1) & 1;
    bool negative_q = negative != negative_d;
    u64 q, r, most = is_signed ? (size_mask(s->size) >> 1) + negative_q : size_mask(s->size);

    if (negative)
        n = bits == 64 ? -n : -n & (((u128)1 << 2 * bits) - 1);
    if (negative_d)
        d = -d & size_mask(s->size);
    if ((u64)(n >> 64) >= d)   /* 0 by 0 too */
        return insn_raise(s->memory, TRAP_DE);
    divide_128((u64)(n >> 64), (u64)n, d, &q, &r);
    if (q > most)
        return insn_raise(s->memory, TRAP_DE);
    set_halves(s, negative_q ? -q : q, negative ? -r : r);
    return INSN_DONE;
}

enum insn_result insn_multiply(struct insn_state *s)
{
    unsigned int group = insn_group(s->i);   /* 4-7: MUL, IMUL, DIV, IDIV */
    u64 b;
    enum insn_result r = insn_get_rm(s, &b);

    if (r != INSN_DONE)
        return r;
    if (group >= 6)
        return divide(s, b, group & 1);
    multiply(s, b, group & 1);
    return INSN_DONE;
}

enum insn_result insn_multiply_to_reg(struct insn_state *s, bool immediate)
{
    u64 b, low;
    enum insn_result r = insn_get_rm(s, &b);

    if (r != INSN_DONE)
        return r;
    u128 p = product(immediate ? s->i->immediate : insn_get_reg(s, s->i->reg, s->size), b, s->size, true);
    low = (u64)p & size_mask(s->size);
    insn_set_reg(s, s->i->reg, s->size, low);
    set_overflow(s, p != (u128)(__int128)(s64)sign_extend(low, s->size));
    return INSN_DONE;
}
