/* SPDX-License-Identifier: MIT */
/* LZMA2: chunks of LZMA (a range coder over adaptive bit models, and matches into what was already unpacked) and of
 * plain bytes. The output buffer is the dictionary. This is on the boot path: the state of the range coder lives in
 * registers, and input is checked once a symbol, which LZMA2_SLACK makes safe. */
#include "boot/unpack.h"
#include "lib/lib.h"

#define STATES 12
#define POS_STATES 16
#define FIRST_REP_STATE 7      /* states below: the last symbol was a literal */
#define LEN_MIN 2

struct length_model {
    u16 choice, choice2, low[POS_STATES][8], mid[POS_STATES][8], high[256];
};

struct lzma2 {
    u16 is_match[STATES][POS_STATES], is_rep[STATES], is_rep0[STATES], is_rep1[STATES], is_rep2[STATES];
    u16 is_rep0_long[STATES][POS_STATES];
    u16 slot[4][64], special[128], align[16];
    struct length_model match_length, rep_length;
    u16 literal[16][0x300];
    /* Behind the models: what lives on between chunks. */
    u32 state, rep[4];
    u32 lc, lp_mask, pb_mask;
    const u8 *dictionary;      /* first byte that a match may refer to */
};
const size_t lzma2_state_size = sizeof(struct lzma2);

/* The range coder works on the locals in, range, code, model, bound. One bit: if (IS_ZERO(p)) { ZERO(); ... } else {
 * ONE(); ... } */
#define NORMALIZE() do { if (range < 1u << 24) { range <<= 8; code = code << 8 | *in++; } } while (0)
#define IS_ZERO(p) ({ model = (p); NORMALIZE(); bound = (range >> 11) * *model; code < bound; })
/* 0: the model goes a 32nd of the way to 2048; 1: to 0. */
#define ZERO() do { range = bound; *model = (u16)(*model - ((*model - 2017) >> 5)); } while (0)
#define ONE() do { range -= bound; code -= bound; *model = (u16)(*model - (*model >> 5)); } while (0)
/* One more bit of `symbol` from a tree of models. */
#define TREE_BIT(tree, symbol) do { \
        if (IS_ZERO(&(tree)[symbol])) { ZERO(); symbol <<= 1; } else { ONE(); symbol = symbol << 1 | 1; } \
    } while (0)
#define TREE3(tree, symbol) do { \
        symbol = 1; \
        TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); \
    } while (0)

typedef u64 aligned(1) unaligned_u64;

static inline u8 *copy_match(u8 *out, u32 distance, u32 length, const u8 *out_end)
{
    const u8 *from = out - distance;
    u8 *stop = out + length;
    if (distance >= 8 && (size_t)(out_end - stop) >= 8) {
        /* Whole words; what is written beyond `stop` is written again by the next symbols. */
        do {
            *(unaligned_u64 *)out = *(const unaligned_u64 *)from;
            out += 8;
            from += 8;
        } while (out < stop);
        return stop;
    }
    if (distance == 1 && (size_t)(out_end - stop) >= 8) {
        u64 w = *from * 0x0101010101010101UL;
        for (; out < stop; out += 8)
            *(unaligned_u64 *)out = w;
        return stop;
    }
    do
        *out++ = *from++;
    while (out < stop);
    return out;
}

/* One LZMA chunk. False: not valid. Reads at most LZMA2_SLACK bytes beyond in_end. */
static bool lzma_chunk(struct lzma2 *s, const u8 *in, const u8 *in_end, u8 *out, u8 *out_end)
{
    if (in_end - in < 5 || in[0] != 0)
        return false;
    u32 range = ~0u, code = (u32)in[1] << 24 | in[2] << 16 | in[3] << 8 | in[4], bound;
    u16 *model;
    in += 5;
    u32 state = s->state, rep0 = s->rep[0], rep1 = s->rep[1], rep2 = s->rep[2], rep3 = s->rep[3];
    const u32 pb_mask = s->pb_mask, lp_mask = s->lp_mask, lc = s->lc;
    const u8 *const base = s->dictionary;

    while (out < out_end) {
        u32 position = (u32)(out - base), pos_state = position & pb_mask, length;
        if (in > in_end)
            return false;
        if (IS_ZERO(&s->is_match[state][pos_state])) {
            ZERO();
            u32 before = position ? out[-1] : 0, symbol = 1;
            u16 *tree = s->literal[((position & lp_mask) << lc) + (before >> (8 - lc))];
            if (state < FIRST_REP_STATE) {
                TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); TREE_BIT(tree, symbol);
                TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); TREE_BIT(tree, symbol); TREE_BIT(tree, symbol);
                state = state < 4 ? 0 : state - 3;
            } else {
                /* After a match the literal differs from the byte that would have gone on with it: models of their own
                 * for as long as its bits agree. */
                if (rep0 >= position)
                    return false;
                u32 expected = out[-1 - (s64)rep0], offset = 0x100;
                do {
                    expected <<= 1;
                    u32 bit = expected & offset;
                    if (IS_ZERO(&tree[offset + bit + symbol])) {
                        ZERO();
                        symbol <<= 1;
                        offset &= ~bit;
                    } else {
                        ONE();
                        symbol = symbol << 1 | 1;
                        offset &= bit;
                    }
                } while (symbol < 0x100);
                state = state < 10 ? state - 3 : state - 6;
            }
            *out++ = (u8)symbol;
            continue;
        }
        ONE();

        struct length_model *lengths = &s->match_length;
        if (IS_ZERO(&s->is_rep[state])) {
            ZERO();
            rep3 = rep2;
            rep2 = rep1;
            rep1 = rep0;      /* rep0 follows the length */
            state = state < FIRST_REP_STATE ? 7 : 10;
        } else {
            ONE();
            lengths = &s->rep_length;
            if (IS_ZERO(&s->is_rep0[state])) {
                ZERO();
                if (IS_ZERO(&s->is_rep0_long[state][pos_state])) {
                    ZERO();
                    if (rep0 >= position)
                        return false;
                    *out = out[-1 - (s64)rep0];
                    out++;
                    state = state < FIRST_REP_STATE ? 9 : 11;
                    continue;
                }
                ONE();
            } else {
                u32 distance;
                ONE();
                if (IS_ZERO(&s->is_rep1[state])) {
                    ZERO();
                    distance = rep1;
                } else {
                    ONE();
                    if (IS_ZERO(&s->is_rep2[state])) {
                        ZERO();
                        distance = rep2;
                    } else {
                        ONE();
                        distance = rep3;
                        rep3 = rep2;
                    }
                    rep2 = rep1;
                }
                rep1 = rep0;
                rep0 = distance;
            }
            state = state < FIRST_REP_STATE ? 8 : 11;
        }

        if (IS_ZERO(&lengths->choice)) {
            ZERO();
            TREE3(lengths->low[pos_state], length);
            length += LEN_MIN - 8;
        } else {
            ONE();
            if (IS_ZERO(&lengths->choice2)) {
                ZERO();
                TREE3(lengths->mid[pos_state], length);
                length += LEN_MIN + 8 - 8;
            } else {
                ONE();
                length = 1;
                do
                    TREE_BIT(lengths->high, length);
                while (length < 256);
                length += LEN_MIN + 16 - 256;
            }
        }

        if (lengths == &s->match_length) {
            u32 slot = 1;
            u16 *tree = s->slot[length < LEN_MIN + 4 ? length - LEN_MIN : 3];
            do
                TREE_BIT(tree, slot);
            while (slot < 64);
            slot -= 64;
            rep0 = slot;
            if (slot >= 4) {
                u32 bits = (slot >> 1) - 1, symbol = 1;
                rep0 = (2 | (slot & 1)) << bits;
                if (slot < 14) {
                    tree = s->special + rep0 - slot;
                } else {
                    u32 high = 0;
                    for (bits -= 4; bits; bits--) {
                        NORMALIZE();
                        range >>= 1;
                        u32 below = -(u32)(code < range);   /* all ones for a 0 bit */
                        code -= range & ~below;
                        high = (high << 1) + 1 + below;
                    }
                    rep0 += high << 4;
                    bits = 4;
                    tree = s->align;
                }
                for (u32 bit = 1; bits; bits--, bit <<= 1) {
                    if (IS_ZERO(&tree[symbol])) {
                        ZERO();
                        symbol <<= 1;
                    } else {
                        ONE();
                        symbol = symbol << 1 | 1;
                        rep0 += bit;
                    }
                }
            }
        }
        if (rep0 >= position || length > (size_t)(out_end - out))
            return false;
        out = copy_match(out, rep0 + 1, length, out_end);
    }
    NORMALIZE();
    if (in != in_end || code != 0)
        return false;
    s->state = state;
    s->rep[0] = rep0;
    s->rep[1] = rep1;
    s->rep[2] = rep2;
    s->rep[3] = rep3;
    return true;
}

static void reset_state(struct lzma2 *s)
{
    u16 *model = (u16 *)s, *end = (u16 *)&s->state;
    while (model < end)
        *model++ = 1024;
    s->state = 0;
    memset(s->rep, 0, sizeof(s->rep));
}

static bool set_properties(struct lzma2 *s, u32 byte)
{
    u32 lc = byte % 9, lp = byte / 9 % 5, pb = byte / 45;
    if (byte >= 225 || lc + lp > 4)
        return false;
    s->lc = lc;
    s->lp_mask = (1u << lp) - 1;
    s->pb_mask = (1u << pb) - 1;
    return true;
}

const char *lzma2_unpack(struct lzma2 *s, const u8 **in_at, const u8 *in_end, u8 **out_at, u8 *out_end)
{
    const u8 *in = *in_at;
    u8 *out = *out_at;
    bool need_dictionary = true, need_properties = true, need_state = true;
    s->dictionary = out;
    for (;;) {
        if (in_end - in < 1)
            return "truncated";
        u32 control = *in++;
        if (control == 0)
            break;
        if (control >= 0xe0 || control == 1) {
            s->dictionary = out;
            need_dictionary = false;
        } else if (need_dictionary) {
            return "corrupt (first chunk)";
        }
        bool plain = control < 0x80;
        size_t header = plain ? 2 : control >= 0xc0 ? 5 : 4;
        if (plain && control > 2)
            return "corrupt (chunk type)";
        if ((size_t)(in_end - in) < header)
            return "truncated";
        size_t unpacked = (size_t)in[0] << 8 | in[1], size;
        if (plain) {
            size = ++unpacked;
        } else {
            unpacked += ((control & 0x1fu) << 16) + 1;
            size = ((size_t)in[2] << 8 | in[3]) + 1;
            if (control >= 0xc0) {
                if (!set_properties(s, in[4]))
                    return "corrupt (properties)";
                need_properties = false;
            }
            if (control >= 0xa0) {
                reset_state(s);
                need_state = false;
            }
            if (need_properties || need_state)
                return "corrupt (no properties)";
        }
        in += header;
        if ((size_t)(in_end - in) < size + (plain ? 0 : LZMA2_SLACK))
            return "truncated";
        if (unpacked > (size_t)(out_end - out))
            return "longer than it says";
        if (plain)
            memcpy(out, in, size);
        else if (!lzma_chunk(s, in, in + size, out, out + unpacked))
            return "corrupt";
        in += size;
        out += unpacked;
    }
    *in_at = in;
    *out_at = out;
    return NULL;
}
