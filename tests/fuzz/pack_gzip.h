/* SPDX-License-Identifier: MIT */
/* gzip files (RFC 1952, RFC 1951) made from a fuzzer's case: each kind of block, any prefix code, any match. */
#ifndef PRISM_TESTS_FUZZ_PACK_GZIP_H
#define PRISM_TESTS_FUZZ_PACK_GZIP_H

#include "pack.h"

#define SYMBOLS 288u
#define END_SYMBOL 256u

struct prefix { u8 length[SYMBOLS]; u16 code[SYMBOLS]; unsigned int symbols; };

static void put_bits(struct pack *p, u32 value, unsigned int n)
{
    p->bits |= (u64)value << p->nr_bits;
    for (p->nr_bits += n; p->nr_bits >= 8; p->nr_bits -= 8, p->bits >>= 8)
        put(p, p->bits & 0xff, 1);
}

static void whole_bytes(struct pack *p) { put_bits(p, 0, -p->nr_bits & 7); }

static void put_symbol(struct pack *p, const struct prefix *c, unsigned int symbol)
{
    for (unsigned int bit = c->length[symbol]; bit-- > 0;)
        put_bits(p, c->code[symbol] >> bit & 1, 1);
}

static void number_codes(struct prefix *c)
{
    u16 next = 0;

    for (unsigned int bits = 1; bits <= 15; bits++, next <<= 1)
        for (unsigned int i = 0; i < c->symbols; i++)
            if (c->length[i] == bits)
                c->code[i] = next++;
}

static u32 draw(u32 *seed) { return (*seed = *seed * 1664525 + 1013904223) >> 8; }

/* A complete code: a leaf is split as often as there are symbols. `skew`: how many of the leaves may be chosen from;
 * few make a deep tree. Symbols from `from` to `to` have no code. */
static void make_code(struct prefix *c, struct input *in, unsigned int symbols, unsigned int deepest, unsigned int from,
                      unsigned int to)
{
    u32 seed = (u32)take(in, 2), skew = (u32)take(in, 1) + 1;
    unsigned int leaves = 1, used = symbols - (to - from), at = 0;
    u8 depth[SYMBOLS] = { 0 };

    for (; leaves < used; leaves++) {
        unsigned int k = draw(&seed) % min(leaves, skew);

        while (depth[k] == deepest)
            k = (k + 1) % leaves;
        depth[leaves] = ++depth[k];
    }
    if (used == 1)
        depth[0] = 1;
    memset(c, 0, sizeof(*c));
    c->symbols = symbols;
    for (unsigned int i = 0; i < symbols; i++)
        if (i < from || i >= to)
            c->length[i] = depth[at++];
    number_codes(c);
}

static void fixed_code(struct prefix *literal, struct prefix *distance)
{
    literal->symbols = SYMBOLS;
    for (unsigned int i = 0; i < SYMBOLS; i++)
        literal->length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    distance->symbols = 32;
    memset(distance->length, 5, 32);
    number_codes(literal);
    number_codes(distance);
}

static void put_match(struct pack *p, const struct prefix *literal, const struct prefix *distance, u32 length, u32 from)
{
    u32 l = length - 3, d = from - 1;
    unsigned int l_extra = l < 8 || l == 255 ? 0 : log2_of(l) - 2, d_extra = d < 4 ? 0 : log2_of(d) - 1;
    unsigned int l_symbol = l == 255 ? 285 : l < 8 ? 257 + l : 261 + 4 * l_extra + (l >> l_extra & 3);
    unsigned int d_symbol = d < 4 ? d : 2 + 2 * d_extra + (d >> d_extra & 1);

    if (!literal->length[l_symbol] || !distance->length[d_symbol])
        return;
    put_symbol(p, literal, l_symbol);
    put_bits(p, l & ((1u << l_extra) - 1), l_extra);
    put_symbol(p, distance, d_symbol);
    put_bits(p, d & ((1u << d_extra) - 1), d_extra);
    if (from > p->size)
        p->bad = true;
    else
        plain_match(p, from, length);
}

/* What a block says, up to its end or something that no block may say. */
static void put_symbols(struct pack *p, struct input *in, const struct prefix *literal, const struct prefix *distance)
{
    for (unsigned int n = (u8)take(in, 1); n && !p->bad && !pack_full(p) && in->left; n--) {
        u8 op = (u8)take(in, 1);

        if (op == 0xff) {
            put_match(p, literal, distance, 3, (u32)p->size + 1 + (u32)take(in, 2) % (32768 - (u32)p->size));
        } else if (op == 0xfe && literal->symbols == SYMBOLS) {
            put_symbol(p, literal, 286 + take(in, 1) % 2);
            p->bad = true;
        } else if (op == 0xfd && distance->symbols == 32) {
            put_symbol(p, literal, 257);
            put_symbol(p, distance, 30 + take(in, 1) % 2);
            p->bad = true;
        } else if (op >= 0x80 && p->size) {
            u32 length = 3 + (u32)take(in, 1);

            put_match(p, literal, distance, length, 1 + (u32)take(in, 2) % (u32)p->size);
        } else {
            for (u8 many = op & 15; many < 16; many++) {
                u8 byte = (u8)take(in, 1);

                if (!literal->length[byte])
                    break;
                put_symbol(p, literal, byte);
                plain_byte(p, byte);
            }
        }
    }
    put_symbol(p, literal, END_SYMBOL);
}

/* The lengths of both codes' symbols, by runs or one by one. */
static void put_lengths(struct pack *p, struct input *in, const u8 *length, unsigned int n)
{
    static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    u32 runs = (u32)take(in, 2);
    struct prefix c;

    make_code(&c, in, 19, 7, 0, 0);
    put_bits(p, 15, 4);
    for (unsigned int i = 0; i < 19; i++)
        put_bits(p, c.length[order[i]], 3);
    for (unsigned int i = 0; i < n;) {
        unsigned int run = 1;

        while (i + run < n && length[i + run] == length[i] && run < 138)
            run++;
        if (length[i] == 0 && run >= 3 && draw(&runs) & 1) {
            put_symbol(p, &c, run < 11 ? 17 : 18);
            put_bits(p, run - (run < 11 ? 3 : 11), run < 11 ? 3 : 7);
        } else if (i && length[i] == length[i - 1] && run >= 3 && draw(&runs) & 1) {
            run = min(run, 6u);
            put_symbol(p, &c, 16);
            put_bits(p, run - 3, 2);
        } else {
            run = 1;
            put_symbol(p, &c, length[i]);
        }
        i += run;
    }
}

static void dynamic_block(struct pack *p, struct input *in)
{
    u32 literals = 257 + (u32)take(in, 1) % 30, distances = 1 + (u32)take(in, 1) % 30, from = (u32)take(in, 1);
    u32 to = from + (u32)take(in, 1) % (257 - from);
    struct prefix literal, distance;
    u8 lengths[SYMBOLS + 32];

    make_code(&literal, in, literals, 15, from, to);
    make_code(&distance, in, distances, 15, 0, 0);
    memcpy(lengths, literal.length, literals);
    memcpy(lengths + literals, distance.length, distances);
    put_bits(p, literals - 257, 5);
    put_bits(p, distances - 1, 5);
    put_lengths(p, in, lengths, literals + distances);
    put_symbols(p, in, &literal, &distance);
}

static void stored_block(struct pack *p, const u8 *bytes, u16 n)
{
    whole_bytes(p);
    put(p, n | (u32)(u16)~n << 16, 4);
    for (u16 i = 0; i < n; i++) {
        put(p, bytes[i], 1);
        plain_byte(p, bytes[i]);
    }
}

static void put_block(struct pack *p, struct input *in, u8 kind, bool last)
{
    struct prefix literal, distance;

    put_bits(p, last, 1);
    put_bits(p, kind % 3, 2);
    if (kind % 3 == 0) {
        u16 n = (u16)take(in, 1);

        n = (u16)min(in->left, (size_t)n);
        stored_block(p, in->at, n);
        in->at += n;
        in->left -= n;
    } else if (kind % 3 == 1) {
        memset(&literal, 0, sizeof(literal));
        memset(&distance, 0, sizeof(distance));
        fixed_code(&literal, &distance);
        put_symbols(p, in, &literal, &distance);
    } else {
        dynamic_block(p, in);
    }
}

static void gzip_begin(struct pack *p, struct input *in, u8 flags)
{
    put(p, 0x088b1f | (u64)flags << 24, 4);
    put(p, 0x0300000000, 6);
    if (flags & 4) {
        u8 n = (u8)take(in, 1);

        put(p, n, 2);
        while (n--)
            put(p, take(in, 1), 1);
    }
    for (u8 texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts; texts--) {
        for (u8 n = (u8)take(in, 1) % 16; n; n--)
            put(p, take(in, 1) | 1, 1);
        put(p, 0, 1);
    }
    if (flags & 2)
        put(p, 0, 2);
}

static void gzip_end(struct pack *p)
{
    whole_bytes(p);
    put_sum(p, p->plain, p->size);
    note_sum(p);
    put(p, p->size, 4);
}

static inline void make_gzip(struct pack *p, struct input *in)
{
    gzip_begin(p, in, (u8)take(in, 1) & 0x1f);
    for (bool last = false; !last;) {
        u8 kind = (u8)take(in, 1);

        last = kind & 0x80 || !in->left || pack_full(p);
        put_block(p, in, kind, last || p->bad);
    }
    gzip_end(p);
}

#endif
