/* SPDX-License-Identifier: MIT */
/* The XZ format's x86 filter, decoding direction. The packer replaced the operand of every CALL and JMP rel32 whose
 * top byte is 00 or ff by the absolute target, so that calls of one function look alike; this puts relative operands
 * back. */
#include "boot/unpack.h"

typedef u64 aligned(1) unaligned_u64;
typedef u32 aligned(1) unaligned_u32;

static inline bool sign_byte(u8 b) { return b == 0 || b == 0xff; }

/* Is one of the eight bytes of w an e8 or e9? May say yes wrongly for a byte above a true one. */
static inline u64 has_opcode(u64 w)
{
    u64 z = (w & 0xfefefefefefefefe) ^ 0xe8e8e8e8e8e8e8e8;
    return (z - 0x0101010101010101) & ~z & 0x8080808080808080;
}

/* The operand at absolute address `next` - 4. Where an opcode byte stands n bytes before, its own operand overlaps
 * ours: the packer then repeated the conversion until the byte in common no longer looked like a sign. */
static u32 to_relative(u32 operand, u32 next, unsigned int n)
{
    for (;;) {
        u32 relative = operand - next;
        if (n == 0 || !sign_byte((u8)(relative >> (24 - 8 * n)))) {
            relative &= 0x01ffffff;
            return relative & 0x01000000 ? relative | 0xfe000000 : relative;
        }
        operand = relative ^ ((1u << (32 - 8 * n)) - 1);
    }
}

void bcj_x86_decode(u8 *data, size_t size, u32 start)
{
    /* Bit k-1: the byte k places back is an opcode byte that was left alone. */
    unsigned int left = 0;
    for (size_t i = 0; i + 4 < size;) {
        if (left == 0)
            while (i + 12 <= size && !has_opcode(*(const unaligned_u64 *)&data[i]))
                i += 8;
        if (i + 4 >= size)
            return;
        if ((data[i] & 0xfe) != 0xe8) {
            left = left << 1 & 7;
            i++;
            continue;
        }
        unsigned int n = left == 0 ? 0 : left == 1 ? 1 : left == 2 ? 2 : left == 4 ? 3 : 4;
        if (n == 4 || (n && sign_byte(data[i + 4 - n])) || !sign_byte(data[i + 4])) {
            left = (left << 1 | 1) & 7;
            i++;
            continue;
        }
        unaligned_u32 *operand = (unaligned_u32 *)&data[i + 1];
        *operand = to_relative(*operand, start + (u32)i + 5, n);
        left = 0;
        i += 5;
    }
}
