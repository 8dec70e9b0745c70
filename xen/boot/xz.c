/* SPDX-License-Identifier: MIT */
/* The .xz container (The .xz File Format, version 1.0.4): one stream of blocks with LZMA2 and, before it, at most the
 * x86 filter; checks none and CRC32. What Linux's build makes of its kernel. */
#include "boot/unpack.h"
#include "lib/lib.h"

struct workspace {
    struct crc32_table crc;
    u64 lzma2[];
};

#define FILTER_X86 4
#define FILTER_LZMA2 0x21

struct reader { const u8 *at, *end; };

static u32 le32(const u8 *p) { return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24; }

/* A number of the format: seven bits a byte, nine bytes at most, no zero byte at the end. */
static bool read_number(struct reader *r, u64 *value)
{
    *value = 0;
    for (unsigned int shift = 0; shift < 63 && r->at < r->end; shift += 7) {
        u8 byte = *r->at++;
        *value |= (u64)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return byte != 0 || shift == 0;
    }
    return false;
}

struct block { bool x86; u32 x86_start; u64 in_bytes, out_bytes; };   /* sizes: ~0 where the header does not say */

static const char *read_block_header(struct reader *in, const struct crc32_table *crc, struct block *b)
{
    size_t size = ((size_t)in->at[0] + 1) * 4;
    if ((size_t)(in->end - in->at) < size)
        return "xz: truncated";
    if (crc32(crc, in->at, size - 4) != le32(in->at + size - 4))
        return "xz: corrupt block header";
    struct reader r = { in->at + 2, in->at + size - 4 };
    u8 flags = in->at[1];
    in->at += size;
    *b = (struct block){ .in_bytes = ~0UL, .out_bytes = ~0UL };
    if (flags & 0x3c)
        return "xz: block flags that are not known";
    if (((flags & 0x40) && !read_number(&r, &b->in_bytes)) || ((flags & 0x80) && !read_number(&r, &b->out_bytes)))
        return "xz: corrupt block header";
    for (unsigned int left = (flags & 3) + 1; left; left--) {
        u64 id, properties;
        if (!read_number(&r, &id) || !read_number(&r, &properties) || properties > (size_t)(r.end - r.at))
            return "xz: corrupt block header";
        if (left == 1 ? id != FILTER_LZMA2 || properties != 1 : id != FILTER_X86 || b->x86 || (properties & ~4UL))
            return "xz: a filter that is neither x86 nor LZMA2";
        if (id == FILTER_X86) {
            b->x86 = true;
            b->x86_start = properties ? le32(r.at) : 0;
        }
        r.at += properties;
    }
    while (r.at < r.end)
        if (*r.at++)
            return "xz: corrupt block header";
    return NULL;
}

static const char *read_block(struct reader *in, struct workspace *w, unsigned int check_size, u8 **out, u8 *out_end)
{
    struct block b;
    const char *why = read_block_header(in, &w->crc, &b);
    if (why)
        return why;
    const u8 *in_bytes = in->at;
    u8 *start = *out;
    why = lzma2_unpack((struct lzma2 *)w->lzma2, &in->at, in->end, out, out_end);
    if (why)
        return why;
    size_t packed_size = (size_t)(in->at - in_bytes), size = (size_t)(*out - start);
    if ((b.in_bytes != ~0UL && b.in_bytes != packed_size) || (b.out_bytes != ~0UL && b.out_bytes != size))
        return "xz: corrupt (sizes differ)";
    size_t padding = -packed_size & 3;
    if ((size_t)(in->end - in->at) < padding + check_size)
        return "xz: truncated";
    for (; padding; padding--)
        if (*in->at++)
            return "xz: corrupt padding";
    if (b.x86)
        bcj_x86_decode(start, size, b.x86_start);
    if (check_size == 4 && crc32(&w->crc, start, size) != le32(in->at))
        return "xz: checksum wrong";
    in->at += check_size;
    return NULL;
}

/* The index and the footer. They repeat what the blocks said, whose sizes are not looked at again; but by them it is known
 * that these were all blocks, and that nothing was cut off. */
static const char *read_end(struct reader *in, const struct crc32_table *crc, u64 blocks, const u8 *flags)
{
    const u8 *index = in->at;
    u64 records, number, size;
    if (in->at++ == in->end)
        return "xz: truncated";
    if (!read_number(in, &records) || records != blocks)
        return "xz: corrupt index";
    for (u64 left = 2 * records; left; left--)
        if (!read_number(in, &number))
            return "xz: corrupt index";
    for (; (in->at - index) & 3; in->at++)
        if (in->at == in->end || *in->at)
            return "xz: corrupt index";
    size = (u64)(in->at - index);
    if (in->end - in->at < 4 + 12)
        return "xz: truncated";
    if (crc32(crc, index, size) != le32(in->at))
        return "xz: corrupt index";
    const u8 *footer = in->at + 4;
    if (crc32(crc, footer + 4, 6) != le32(footer) || le32(footer + 4) != size / 4 || memcmp(footer + 8, flags, 2) != 0 ||
        memcmp(footer + 10, "YZ", 2) != 0)
        return "xz: corrupt footer";
    return NULL;
}

const char *xz_unpack(const u8 *data, size_t size, u8 *out, size_t out_size, size_t *produced, void *workspace)
{
    static const u8 magic[6] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
    struct workspace *w = workspace;
    struct reader in = { data, data + size };
    u8 *at = out;
    u64 blocks = 0;
    if (sizeof(*w) + lzma2_state_size > UNPACK_WORKSPACE)
        return "xz: no room to work";
    if (size < 12 || memcmp(data, magic, sizeof(magic)) != 0)
        return "xz: no xz data";
    crc32_init(&w->crc);
    if (crc32(&w->crc, data + 6, 2) != le32(data + 8))
        return "xz: corrupt header";
    if (data[6] != 0 || data[7] > 1)
        return "xz: a check other than none and CRC32";
    unsigned int check_size = data[7] == 1 ? 4 : 0;
    in.at += 12;
    while (in.at < in.end && *in.at != 0) {
        const char *why = read_block(&in, w, check_size, &at, out + out_size);
        if (why)
            return why;
        blocks++;
    }
    *produced = (size_t)(at - out);
    return read_end(&in, &w->crc, blocks, data + 6);
}
