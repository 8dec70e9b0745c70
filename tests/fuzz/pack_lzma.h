/* SPDX-License-Identifier: MIT */
/* Chunks of LZMA made from a fuzzer's case: any symbol after any other, whatever a packer would choose. */
#ifndef PRISM_TESTS_FUZZ_PACK_LZMA_H
#define PRISM_TESTS_FUZZ_PACK_LZMA_H

#include "pack.h"

struct lengths { u16 above7, above15, low[16][8], middle[16][8], high[256]; };

struct lzma {
    struct {
        u16 match[12][16], rep[12], rep0[12], rep1[12], rep2[12], rep0_long[12][16];
        u16 slot[4][64], special[128], align[16], literal[16][0x300];
        struct lengths match_length, rep_length;
    } models;
    u32 state, rep[4], lc, lp, pb;
    size_t dictionary;                            /* where in the plain data it begins */
    u64 low, waiting;                             /* the range coder: bytes that a carry may still change */
    u32 range;
    u8 first_waiting;
};

static void lzma_reset(struct lzma *z)
{
    u16 *model = (u16 *)&z->models;

    for (size_t i = 0; i < sizeof(z->models) / sizeof(*model); i++)
        model[i] = 1024;
    z->state = 0;
    memset(z->rep, 0, sizeof(z->rep));
}

/* ---- The range coder */

static void coder_begin(struct lzma *z)
{
    z->low = 0;
    z->range = ~0u;
    z->waiting = 1;
    z->first_waiting = 0;
}

/* The top byte leaves, once it is known that no carry will come. */
static void coder_byte(struct lzma *z, struct pack *p)
{
    u8 carry = (u8)(z->low >> 32);

    if (carry || (u32)z->low < 0xff000000) {
        put(p, (u8)(z->first_waiting + carry), 1);
        for (; z->waiting > 1; z->waiting--)
            put(p, (u8)(0xff + carry), 1);
        z->first_waiting = (u8)(z->low >> 24);
        z->waiting = 0;
    }
    z->waiting++;
    z->low = (z->low & 0x00ffffff) << 8;
}

static void coder_end(struct lzma *z, struct pack *p)
{
    for (int i = 0; i < 5; i++)
        coder_byte(z, p);
}

static void bit(struct lzma *z, struct pack *p, u16 *model, u32 value)
{
    u32 share = (z->range >> 11) * *model;

    if (value) {
        z->low += share;
        z->range -= share;
        *model = (u16)(*model - *model / 32);
    } else {
        z->range = share;
        *model = (u16)(*model + (2048 - *model) / 32);
    }
    for (; z->range < 1u << 24; z->range <<= 8)
        coder_byte(z, p);
}

static void plain_bits(struct lzma *z, struct pack *p, u32 value, unsigned int n)
{
    while (n--) {
        z->range /= 2;
        z->low += value >> n & 1 ? z->range : 0;
        for (; z->range < 1u << 24; z->range <<= 8)
            coder_byte(z, p);
    }
}

static void tree(struct lzma *z, struct pack *p, u16 *models, u32 value, unsigned int n)
{
    u32 at = 1;

    while (n--) {
        bit(z, p, &models[at], value >> n & 1);
        at = at * 2 + (value >> n & 1);
    }
}

/* models[0] is that of the lowest bit. */
static void tree_from_below(struct lzma *z, struct pack *p, u16 *models, u32 value, unsigned int n)
{
    u32 at = 1;

    for (; n--; value >>= 1) {
        bit(z, p, &models[at - 1], value & 1);
        at = at * 2 + (value & 1);
    }
}

/* ---- Symbols */

static u32 lzma_position(const struct lzma *z, const struct pack *p) { return (u32)(p->size - z->dictionary); }
static u32 position_bits(const struct lzma *z, const struct pack *p) { return lzma_position(z, p) & ((1u << z->pb) - 1); }

static void put_literal(struct lzma *z, struct pack *p, u8 byte)
{
    u32 position = lzma_position(z, p), before = position ? p->plain[p->size - 1] : 0;
    u16 *models = z->models.literal[((position & ((1u << z->lp) - 1)) << z->lc) + (before >> (8 - z->lc))];

    bit(z, p, &z->models.match[z->state][position_bits(z, p)], 0);
    if (z->state < 7) {
        tree(z, p, models, byte, 8);
    } else if (z->rep[0] >= position) {
        p->bad = true;
    } else {
        u32 expected = p->plain[p->size - 1 - z->rep[0]], at = 1;
        bool same = true;

        for (unsigned int i = 8; i-- > 0; at = at * 2 + (byte >> i & 1)) {
            bit(z, p, &models[(same ? 0x100 + ((expected >> i & 1) << 8) : 0) + at], byte >> i & 1);
            same = same && (expected >> i & 1) == (byte >> i & 1u);
        }
    }
    plain_byte(p, byte);
    z->state = z->state < 4 ? 0 : z->state < 10 ? z->state - 3 : z->state - 6;
}

static void put_length(struct lzma *z, struct pack *p, struct lengths *l, u32 length)
{
    u32 value = length - 2, where = position_bits(z, p);

    bit(z, p, &l->above7, value >= 8);
    if (value < 8) {
        tree(z, p, l->low[where], value, 3);
        return;
    }
    bit(z, p, &l->above15, value >= 16);
    if (value < 16)
        tree(z, p, l->middle[where], value - 8, 3);
    else
        tree(z, p, l->high, value - 16, 8);
}

/* distance: 0 is the last byte. */
static void put_distance(struct lzma *z, struct pack *p, u32 distance, u32 length)
{
    unsigned int top = distance < 4 ? 0 : log2_of(distance), bits = top ? top - 1 : 0;
    u32 slot = top ? 2 * top + (distance >> bits & 1) : distance, rest = distance & ((1u << bits) - 1);

    tree(z, p, z->models.slot[min(length - 2, 3u)], slot, 6);
    if (slot >= 14) {
        plain_bits(z, p, rest >> 4, bits - 4);
        tree_from_below(z, p, z->models.align + 1, rest & 15, 4);
    } else if (slot >= 4) {
        tree_from_below(z, p, z->models.special + (distance - rest) - slot + 1, rest, bits);
    }
}

static void lzma_match_done(struct lzma *z, struct pack *p, u32 length)
{
    if (z->rep[0] >= lzma_position(z, p))
        p->bad = true;
    else
        plain_match(p, z->rep[0] + 1, length);
}

static void put_new_match(struct lzma *z, struct pack *p, u32 distance, u32 length)
{
    bit(z, p, &z->models.match[z->state][position_bits(z, p)], 1);
    bit(z, p, &z->models.rep[z->state], 0);
    put_length(z, p, &z->models.match_length, length);
    put_distance(z, p, distance, length);
    memmove(z->rep + 1, z->rep, 3 * sizeof(z->rep[0]));
    z->rep[0] = distance;
    z->state = z->state < 7 ? 7 : 10;
    lzma_match_done(z, p, length);
}

/* A match at one of the last four distances; length 1: one byte at the last one. */
static void put_old_match(struct lzma *z, struct pack *p, unsigned int which, u32 length)
{
    u32 where = position_bits(z, p), distance = z->rep[which];

    bit(z, p, &z->models.match[z->state][where], 1);
    bit(z, p, &z->models.rep[z->state], 1);
    bit(z, p, &z->models.rep0[z->state], which > 0);
    if (which == 0)
        bit(z, p, &z->models.rep0_long[z->state][where], length > 1);
    else
        bit(z, p, &z->models.rep1[z->state], which > 1);
    if (which > 1)
        bit(z, p, &z->models.rep2[z->state], which > 2);
    if (length > 1)
        put_length(z, p, &z->models.rep_length, length);
    memmove(z->rep + 1, z->rep, which * sizeof(z->rep[0]));
    z->rep[0] = distance;
    z->state = z->state < 7 ? length > 1 ? 8 : 9 : 11;
    lzma_match_done(z, p, length);
}

/* A symbol, or a few literals. */
static void put_lzma(struct lzma *z, struct pack *p, struct input *in)
{
    u8 op = (u8)take(in, 1);

    if (op == 0xff) {
        put_new_match(z, p, lzma_position(z, p) + (u32)take(in, 4), 2);
    } else if (op >= 0xc0) {
        put_new_match(z, p, lzma_position(z, p) ? (u32)take(in, 2) % lzma_position(z, p) : 0, 2 + op % 2 * (u32)take(in, 1));
    } else if (op >= 0x80) {
        unsigned int which = op & 3;

        put_old_match(z, p, which, which == 0 && op & 4 ? 1 : 2 + (op >> 3 & 1) * (u32)take(in, 1) % 272);
    } else {
        for (u8 many = (op & 7) + 1; many && !p->bad; many--)
            put_literal(z, p, (u8)take(in, 1));
    }
}

#endif
