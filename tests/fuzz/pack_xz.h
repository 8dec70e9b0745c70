/* SPDX-License-Identifier: MIT */
/* .xz streams (The .xz File Format 1.0.4) made from a fuzzer's case: blocks of chunks, with and without the x86 filter. */
#ifndef PRISM_TESTS_FUZZ_PACK_XZ_H
#define PRISM_TESTS_FUZZ_PACK_XZ_H

#include "pack_lzma.h"

#define BLOCK_HEADER 32u          /* as long as all fields may be, and zeros */
#define MAX_BLOCKS 8u

/* What the x86 filter's decoder does (the format's 5.3.2), a byte at a time: the operand of a CALL or JMP whose top byte is a
 * sign, and not in the middle of another one's, is a target; the instruction's end is taken from it. */
static void x86_to_relative(u8 *data, size_t size, u32 start)
{
    bool opcode[4] = { false };   /* one that was left alone stood so many bytes before */

    for (size_t i = 0; i + 5 <= size; i++) {
        unsigned int back = opcode[1] + opcode[2] + opcode[3] == 1 ? opcode[1] ? 1 : opcode[2] ? 2 : 3 : 0;
        bool found = (data[i] & 0xfe) == 0xe8, clear = opcode[1] + opcode[2] + opcode[3] < 2, changed = false;

        if (found && clear && (u8)(data[i + 4] + 1) < 2 && !(back && (u8)(data[i + 4 - back] + 1) < 2)) {
            u32 target = data[i + 1] | data[i + 2] << 8 | data[i + 3] << 16 | (u32)data[i + 4] << 24;
            u32 relative = target - (start + (u32)i + 5);

            if (back && (u8)((relative >> (24 - 8 * back)) + 1) < 2)
                relative = (relative ^ ((1u << (32 - 8 * back)) - 1)) - (start + (u32)i + 5);
            relative = relative & 0x1000000 ? relative | 0xff000000 : relative & 0x00ffffff;
            memcpy(data + i + 1, &relative, 4);
            changed = true;
        }
        if (changed) {
            memset(opcode, 0, sizeof(opcode));
            i += 4;
            continue;
        }
        opcode[3] = opcode[2];
        opcode[2] = opcode[1];
        opcode[1] = found;
    }
}

static void put_number(struct pack *p, u64 value)
{
    for (; value >= 0x80; value >>= 7)
        put(p, (value & 0x7f) | 0x80, 1);
    put(p, value, 1);
}

/* Plain bytes; `first`: the dictionary begins with them. */
static void plain_chunk(struct lzma *z, struct pack *p, struct input *in, bool first)
{
    u16 n = (u16)take(in, 1) + 1;

    put(p, first ? 1 : 2, 1);
    put(p, (u8)((n - 1) >> 8) | (n - 1u) << 8, 2);
    if (first)
        z->dictionary = p->size;
    for (; n; n--) {
        u8 byte = (u8)take(in, 1);

        put(p, byte, 1);
        plain_byte(p, byte);
    }
}

/* level 0: goes on; 1: models anew; 2: properties too; 3: dictionary too. */
static void lzma_chunk(struct lzma *z, struct pack *p, struct input *in, unsigned int level)
{
    static const u8 control[4] = { 0x80, 0xa0, 0xc0, 0xe0 };
    size_t header = p->used, size = p->size, length, made;

    put(p, 0, 5);
    if (level == 3)
        z->dictionary = p->size;
    if (level >= 2) {
        u8 choice = (u8)take(in, 1);

        z->lc = choice % 5;
        z->lp = (choice >> 3) % (5 - z->lc);
        z->pb = (choice >> 5) % 5;
        put(p, (z->pb * 5 + z->lp) * 9 + z->lc, 1);
    }
    if (level >= 1)
        lzma_reset(z);
    coder_begin(z);
    made = p->used;
    for (u8 n = (u8)take(in, 1) % 64 + 1; n && !p->bad && !pack_full(p); n--)
        put_lzma(z, p, in);
    if (p->size == size)
        put_literal(z, p, 0);
    coder_end(z, p);
    made = p->used - made - 1;
    length = p->size - size - 1;
    p->data[header] = (u8)(control[level] | length >> 16);
    p->data[header + 1] = (u8)(length >> 8);
    p->data[header + 2] = (u8)length;
    p->data[header + 3] = (u8)(made >> 8);
    p->data[header + 4] = (u8)made;
}

static void put_chunks(struct pack *p, struct input *in)
{
    struct lzma z = { .lc = 0 };
    unsigned int least = 3;       /* what an LZMA chunk must begin anew */

    for (u8 n = (u8)take(in, 1) % 8; n && !p->bad && !pack_full(p); n--) {
        u8 op = (u8)take(in, 1);

        if (op >= 0xc0) {
            plain_chunk(&z, p, in, least == 3 || op & 1);
            if (least == 3 || op & 1)
                least = 2;
        } else {
            lzma_chunk(&z, p, in, max(least, (unsigned int)op & 3));
            least = 0;
        }
    }
    put(p, 0, 1);
}

struct block_sizes { u64 small, plain; };

static void put_xz_block(struct pack *p, struct input *in, bool summed, struct block_sizes *sizes)
{
    size_t header = p->used, size = p->size, end;
    u8 flags = (u8)take(in, 1) & 0xc1;
    u32 start = flags & 1 && take(in, 1) & 1 ? (u32)take(in, 4) : 0;

    put(p, 0, 8), put(p, 0, 8), put(p, 0, 8), put(p, 0, 8);
    put_chunks(p, in);
    end = p->used;
    sizes->small = end - header - BLOCK_HEADER;
    sizes->plain = p->size - size;
    p->used = header;
    put(p, BLOCK_HEADER / 4 - 1, 1);
    put(p, flags, 1);
    if (flags & 0x40)
        put_number(p, sizes->small);
    if (flags & 0x80)
        put_number(p, sizes->plain);
    if (flags & 1) {
        put(p, start ? 0x0404 : 0x0004, 2);
        put(p, start, start ? 4 : 0);
    }
    put(p, 0x180121, 3);
    p->used = header + BLOCK_HEADER - 4;
    put_sum(p, p->data + header, BLOCK_HEADER - 4);
    p->used = end;
    put(p, 0, -sizes->small & 3);
    if (flags & 1)
        x86_to_relative(p->plain + size, sizes->plain, start);
    if (summed)
        put_sum(p, p->plain + size, sizes->plain);
    sizes->small += BLOCK_HEADER + (summed ? 4 : 0);
}

static inline void make_xz(struct pack *p, struct input *in)
{
    struct block_sizes sizes[MAX_BLOCKS];
    unsigned int blocks = 0, first = (u8)take(in, 1);
    bool summed = first & 1;
    size_t index;

    put(p, 0x005a587a37fd, 6);
    put(p, summed ? 0x100 : 0, 2);
    put_sum(p, p->data + 6, 2);
    for (unsigned int n = (first >> 1) % (MAX_BLOCKS + 1); n && !p->bad && !pack_full(p); n--)
        put_xz_block(p, in, summed, &sizes[blocks++]);
    index = p->used;
    put(p, 0, 1);
    put_number(p, blocks);
    for (unsigned int i = 0; i < blocks; i++) {
        put_number(p, sizes[i].small);
        put_number(p, sizes[i].plain);
    }
    put(p, 0, -(p->used - index) & 3);
    put_sum(p, p->data + index, p->used - index);
    index = p->used - index;
    note_sum(p);
    put(p, 0, 4);
    put(p, index / 4 - 1, 4);
    put(p, summed ? 0x100 : 0, 2);
    put(p, 0x5a59, 2);
    index = sum_of(p->data + p->used - 8, 6);
    memcpy(p->data + p->used - 12, &index, 4);
}

#endif
