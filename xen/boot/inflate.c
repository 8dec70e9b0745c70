/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952) and its DEFLATE data (RFC 1951), from memory to memory. */
#include "boot/unpack.h"
#include "lib/lib.h"

#define FAST_BITS 10
#define MAX_BITS 15
#define MAX_SYMBOLS 288

/* A canonical prefix code. Codes of up to FAST_BITS bits are looked up at once; longer ones are counted out. */
struct code {
    u16 fast[1 << FAST_BITS];             /* symbol << 4 | length; 0: a longer code, or none */
    u16 count[MAX_BITS + 1], symbol[MAX_SYMBOLS];
};

struct inflate {
    struct crc32_table crc;
    struct code literal, distance, lengths;
    const u8 *in, *in_end;
    u64 bits;                             /* the next bits of input, lowest first */
    unsigned int nr_bits;
    u8 *out, *out_start, *out_end;
};

/* At least n <= 32 bits in s->bits; behind the end of the input come zeros, and nr_bits says how many are real. */
static inline void need(struct inflate *s, unsigned int n)
{
    while (s->nr_bits < n && s->in < s->in_end) {
        s->bits |= (u64)*s->in++ << s->nr_bits;
        s->nr_bits += 8;
    }
}

static inline bool drop(struct inflate *s, unsigned int n)
{
    if (n > s->nr_bits)
        return false;
    s->bits >>= n;
    s->nr_bits -= n;
    return true;
}

static inline bool get_bits(struct inflate *s, unsigned int n, u32 *value)
{
    need(s, n);
    *value = (u32)(s->bits & ((1UL << n) - 1));
    return drop(s, n);
}

/* False: the lengths describe more codes than there are. */
static bool build_code(struct code *c, const u8 *length, unsigned int n)
{
    u16 offset[MAX_BITS + 2], next = 0;
    memset(c, 0, sizeof(*c));
    for (unsigned int i = 0; i < n; i++)
        c->count[length[i]]++;
    c->count[0] = 0;
    int left = 1;
    offset[1] = 0;
    for (unsigned int bits = 1; bits <= MAX_BITS; bits++) {
        left = left * 2 - c->count[bits];
        if (left < 0)
            return false;
        offset[bits + 1] = offset[bits] + c->count[bits];
    }
    for (unsigned int i = 0; i < n; i++)
        if (length[i])
            c->symbol[offset[length[i]]++] = (u16)i;
    unsigned int at = 0;
    for (unsigned int bits = 1; bits <= FAST_BITS; bits++, next <<= 1)
        for (unsigned int i = 0; i < c->count[bits]; i++, next++) {
            unsigned int reversed = 0;
            for (unsigned int b = 0; b < bits; b++)
                reversed |= (next >> b & 1u) << (bits - 1 - b);
            for (; reversed < 1 << FAST_BITS; reversed += 1u << bits)
                c->fast[reversed] = (u16)(c->symbol[at] << 4 | bits);
            at++;
        }
    return true;
}

/* -1: no such code, or the input is at its end. */
static inline int get_symbol(struct inflate *s, const struct code *c)
{
    need(s, MAX_BITS);
    u16 entry = c->fast[s->bits & ((1 << FAST_BITS) - 1)];
    if (entry)
        return drop(s, entry & 15) ? entry >> 4 : -1;
    int code = 0, first = 0, index = 0;
    for (unsigned int bits = 1; bits <= MAX_BITS; bits++) {
        code |= (int)(s->bits >> (bits - 1) & 1);
        int count = c->count[bits];
        if (code - count < first)
            return drop(s, bits) ? c->symbol[index + code - first] : -1;
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return -1;
}

static const char *copy_codes(struct inflate *s)
{
    static const u16 length_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67,
                                         83, 99, 115, 131, 163, 195, 227, 258 };
    static const u8 length_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5,
                                         5, 5, 0 };
    for (;;) {
        int symbol = get_symbol(s, &s->literal);
        if (symbol < 0)
            return "gzip: corrupt or truncated";
        if (symbol == 256)
            return NULL;
        if (symbol < 256) {
            if (s->out == s->out_end)
                return "gzip: longer than it says";
            *s->out++ = (u8)symbol;
            continue;
        }
        if (symbol > 285)
            return "gzip: corrupt length";
        u32 extra, length, distance;
        if (!get_bits(s, length_extra[symbol - 257], &extra))
            return "gzip: truncated";
        length = length_base[symbol - 257] + extra;
        symbol = get_symbol(s, &s->distance);
        if (symbol < 0 || symbol > 29)
            return "gzip: corrupt distance";
        distance = (u32)symbol + 1;
        if (symbol >= 4) {
            unsigned int bits = (unsigned int)symbol / 2 - 1;
            if (!get_bits(s, bits, &extra))
                return "gzip: truncated";
            distance = ((2u | (symbol & 1)) << bits) + extra + 1;
        }
        if (distance > (size_t)(s->out - s->out_start))
            return "gzip: corrupt distance";
        if (length > (size_t)(s->out_end - s->out))
            return "gzip: longer than it says";
        for (; length; length--, s->out++)
            *s->out = s->out[-(s64)distance];
    }
}

static const char *stored_block(struct inflate *s)
{
    u32 n, inverse;
    drop(s, s->nr_bits & 7);
    if (!get_bits(s, 16, &n) || !get_bits(s, 16, &inverse))
        return "gzip: truncated";
    if (n != (inverse ^ 0xffff))
        return "gzip: corrupt stored block";
    s->in -= s->nr_bits / 8;      /* whole bytes read ahead go back */
    s->bits = s->nr_bits = 0;
    if (n > (size_t)(s->in_end - s->in))
        return "gzip: truncated";
    if (n > (size_t)(s->out_end - s->out))
        return "gzip: longer than it says";
    memcpy(s->out, s->in, n);
    s->in += n;
    s->out += n;
    return NULL;
}

static const char *fixed_codes(struct inflate *s)
{
    u8 length[MAX_SYMBOLS];
    for (unsigned int i = 0; i < MAX_SYMBOLS; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    build_code(&s->literal, length, MAX_SYMBOLS);
    memset(length, 5, 30);
    build_code(&s->distance, length, 30);
    return copy_codes(s);
}

static const char *dynamic_codes(struct inflate *s)
{
    static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    u8 length[MAX_SYMBOLS + 32] = { 0 };
    u32 nr_literals, nr_distances, nr_lengths, v;
    if (!get_bits(s, 5, &nr_literals) || !get_bits(s, 5, &nr_distances) || !get_bits(s, 4, &nr_lengths))
        return "gzip: truncated";
    nr_literals += 257;
    nr_distances += 1;
    nr_lengths += 4;
    if (nr_literals > 286 || nr_distances > 30)
        return "gzip: corrupt code";
    for (unsigned int i = 0; i < nr_lengths; i++) {
        if (!get_bits(s, 3, &v))
            return "gzip: truncated";
        length[order[i]] = (u8)v;
    }
    if (!build_code(&s->lengths, length, 19))
        return "gzip: corrupt code";
    for (unsigned int i = 0; i < nr_literals + nr_distances;) {
        int symbol = get_symbol(s, &s->lengths);
        if (symbol < 0)
            return "gzip: corrupt or truncated";
        if (symbol < 16) {
            length[i++] = (u8)symbol;
            continue;
        }
        unsigned int bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7, least = symbol == 18 ? 11 : 3;
        if (!get_bits(s, bits, &v))
            return "gzip: truncated";
        if ((symbol == 16 && i == 0) || i + v + least > nr_literals + nr_distances)
            return "gzip: corrupt code";
        u8 value = symbol == 16 ? length[i - 1] : 0;
        for (v += least; v; v--)
            length[i++] = value;
    }
    if (!build_code(&s->literal, length, nr_literals) || !build_code(&s->distance, length + nr_literals, nr_distances))
        return "gzip: corrupt code";
    return copy_codes(s);
}

/* The member's header: *data is moved behind it. */
static bool skip_header(const u8 **data, const u8 *end)
{
    const u8 *p = *data;
    if (end - p < 18 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || (p[3] & 0xe0))
        return false;
    u8 flags = p[3];
    p += 10;
    if (flags & 4) {
        size_t n = (size_t)p[0] | p[1] << 8;
        if ((size_t)(end - p) < n + 2)
            return false;
        p += 2 + n;
    }
    for (unsigned int texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts; texts--) {
        while (p < end && *p)
            p++;
        if (p++ >= end)
            return false;
    }
    if (flags & 2)
        p += 2;
    *data = p;
    return p < end;
}

const char *gzip_unpack(const u8 *data, size_t size, u8 *out, size_t out_size, size_t *produced, void *workspace)
{
    struct inflate *s = workspace;
    _Static_assert(sizeof(*s) <= UNPACK_WORKSPACE, "room to work");
    const u8 *in = data;
    if (!skip_header(&in, data + size))
        return "gzip: no gzip data";
    s->in = in;
    s->in_end = data + size;
    s->bits = s->nr_bits = 0;
    s->out = s->out_start = out;
    s->out_end = out + out_size;
    for (u32 last = 0; !last;) {
        u32 type;
        const char *why;
        if (!get_bits(s, 1, &last) || !get_bits(s, 2, &type))
            return "gzip: truncated";
        why = type == 0 ? stored_block(s) : type == 1 ? fixed_codes(s) : type == 2 ? dynamic_codes(s)
                                                                          : "gzip: corrupt block type";
        if (why)
            return why;
    }
    drop(s, s->nr_bits & 7);
    u32 crc, length;
    if (!get_bits(s, 32, &crc) || !get_bits(s, 32, &length))
        return "gzip: truncated";
    if (s->in != s->in_end || s->nr_bits)
        return "gzip: more behind the end";   /* the sum of nothing is 0: zeros in damaged data would end it in order */
    *produced = (size_t)(s->out - out);
    crc32_init(&s->crc);
    return crc != crc32(&s->crc, out, *produced) || length != (u32)*produced ? "gzip: checksum wrong" : NULL;
}
