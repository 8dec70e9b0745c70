/* SPDX-License-Identifier: MIT */
/* Integer operations with their flags (AMD64 APM vol. 1, 3.1.4; vol. 3, each instruction). Pure. */
#include "insn/alu.h"

static u64 result_flags(u64 r, unsigned int size)
{
    u64 f = 0;

    if (!(__builtin_popcount((u8)r) & 1))
        f |= FLAG_PF;
    if (!r)
        f |= FLAG_ZF;
    if (r >> (8 * size - 1) & 1)
        f |= FLAG_SF;
    return f;
}

static u64 add(u64 a, u64 b, unsigned int carry, unsigned int size, u64 *out)
{
    u64 mask = size_mask(size), r = (a + b + carry) & mask;
    u64 f = result_flags(r, size);

    if (r < a || (carry && r == a))
        f |= FLAG_CF;
    f |= (a ^ b ^ r) & FLAG_AF;
    if ((~(a ^ b) & (a ^ r)) >> (8 * size - 1) & 1)
        f |= FLAG_OF;
    *out = r;
    return f;
}

static u64 subtract(u64 a, u64 b, unsigned int borrow, unsigned int size, u64 *out)
{
    u64 mask = size_mask(size), r = (a - b - borrow) & mask;
    u64 f = result_flags(r, size);

    if (a < b || (borrow && a == b))
        f |= FLAG_CF;
    f |= (a ^ b ^ r) & FLAG_AF;
    if (((a ^ b) & (a ^ r)) >> (8 * size - 1) & 1)
        f |= FLAG_OF;
    *out = r;
    return f;
}

u64 alu(enum alu_op op, u64 a, u64 b, unsigned int size, u64 *flags)
{
    u64 mask = size_mask(size), r = 0, f;

    a &= mask;
    b &= mask;
    switch (op) {
    case ALU_ADD: f = add(a, b, 0, size, &r); break;
    case ALU_ADC: f = add(a, b, *flags & FLAG_CF, size, &r); break;
    case ALU_SBB: f = subtract(a, b, *flags & FLAG_CF, size, &r); break;
    case ALU_SUB:
    case ALU_CMP: f = subtract(a, b, 0, size, &r); break;
    case ALU_OR: r = a | b; f = result_flags(r, size); break;
    case ALU_AND: r = a & b; f = result_flags(r, size); break;
    default: r = a ^ b; f = result_flags(r, size); break;
    }
    *flags = (*flags & ~FLAGS_ARITHMETIC) | f;
    return r;
}

u64 alu_inc(u64 a, bool down, unsigned int size, u64 *flags)
{
    u64 carry = *flags & FLAG_CF, r = alu(down ? ALU_SUB : ALU_ADD, a, 1, size, flags);

    *flags = (*flags & ~FLAG_CF) | carry;
    return r;
}

u64 alu_neg(u64 a, unsigned int size, u64 *flags)
{
    return alu(ALU_SUB, 0, a, size, flags);
}

static u64 rotate(enum shift_op op, u64 a, unsigned int count, unsigned int bits, u64 *flags)
{
    bool carry = *flags & FLAG_CF, left = op == SHIFT_ROL || op == SHIFT_RCL;

    for (; count; count--) {
        bool top = a >> (bits - 1) & 1, bottom = a & 1, in = op == SHIFT_ROL ? top : op == SHIFT_ROR ? bottom : carry;
        if (left) {
            a = (a << 1 | in) & size_mask(bits / 8);
            carry = top;
        } else {
            a = a >> 1 | (u64)in << (bits - 1);
            carry = bottom;
        }
    }
    bool top = a >> (bits - 1) & 1, next = a >> (bits - 2) & 1;
    *flags &= ~(FLAG_CF | FLAG_OF);
    if (carry)
        *flags |= FLAG_CF;
    if (left ? top != carry : top != next)
        *flags |= FLAG_OF;
    return a;
}

static u64 shift(enum shift_op op, u64 a, unsigned int count, unsigned int bits, u64 *flags)
{
    bool first_top = a >> (bits - 1) & 1, carry = false;

    for (; count; count--) {
        bool top = a >> (bits - 1) & 1;
        if (op == SHIFT_SHL || op == SHIFT_SAL) {
            carry = top;
            a = a << 1 & size_mask(bits / 8);
        } else {
            carry = a & 1;
            a = a >> 1 | (op == SHIFT_SAR ? (u64)top << (bits - 1) : 0);
        }
    }
    bool top = a >> (bits - 1) & 1, overflow = op == SHIFT_SAR ? false : op == SHIFT_SHR ? first_top : top != carry;
    *flags = (*flags & ~FLAGS_ARITHMETIC) | result_flags(a, bits / 8) | (carry ? FLAG_CF : 0) |
             (overflow ? FLAG_OF : 0);
    return a;
}

u64 alu_shift(enum shift_op op, u64 a, unsigned int count, unsigned int size, u64 *flags)
{
    unsigned int bits = 8 * size;

    a &= size_mask(size);
    count &= size == 8 ? 63 : 31;
    if (!count)
        return a;
    return op <= SHIFT_RCR ? rotate(op, a, count, bits, flags) : shift(op, a, count, bits, flags);
}

u64 alu_double_shift(bool left, u64 a, u64 b, unsigned int count, unsigned int size, u64 *flags)
{
    unsigned int bits = 8 * size;
    bool carry = false, before, after;

    a &= size_mask(size);
    b &= size_mask(size);
    before = a >> (bits - 1) & 1;
    count &= size == 8 ? 63 : 31;
    if (!count)
        return a;
    for (; count; count--) {
        u64 from_b = left ? b >> (bits - 1) & 1 : b & 1;
        carry = left ? a >> (bits - 1) & 1 : a & 1;
        a = left ? (a << 1 | from_b) & size_mask(size) : a >> 1 | from_b << (bits - 1);
        b = left ? (b << 1 | carry) & size_mask(size) : b >> 1 | (u64)carry << (bits - 1);
    }
    after = a >> (bits - 1) & 1;
    *flags = (*flags & ~FLAGS_ARITHMETIC) | result_flags(a, size) | (carry ? FLAG_CF : 0) |
             (before != after ? FLAG_OF : 0);
    return a;
}

bool alu_condition(unsigned int condition, u64 flags)
{
    bool cf = flags & FLAG_CF, zf = flags & FLAG_ZF, sf = flags & FLAG_SF, of = flags & FLAG_OF, r;

    switch (condition >> 1 & 7) {
    case 0: r = of; break;
    case 1: r = cf; break;
    case 2: r = zf; break;
    case 3: r = cf || zf; break;
    case 4: r = sf; break;
    case 5: r = flags & FLAG_PF; break;
    case 6: r = sf != of; break;
    default: r = zf || sf != of; break;
    }
    return r != (condition & 1);
}
