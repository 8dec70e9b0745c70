/* SPDX-License-Identifier: MIT */
/* Packed data made from a fuzzer's case, with what it must unpack to beside it. */
#ifndef PRISM_TESTS_FUZZ_PACK_H
#define PRISM_TESTS_FUZZ_PACK_H

#include "input.h"

#define PLAIN_MAX 16384u
#define PACKED_MAX 65536u
#define MAX_SUMS 16u

struct pack {
    u8 plain[PLAIN_MAX + 300];
    u8 data[PACKED_MAX];
    size_t size, used;                            /* of plain, of data */
    u64 bits;                                     /* not yet in data, lowest first */
    unsigned int nr_bits;
    size_t sum[MAX_SUMS];                         /* where in data a checksum's four bytes are */
    unsigned int nr_sums;
    bool bad;                                     /* something in it is not to be unpacked */
};

/* At most so much is made of a case that there is room for all that follows. */
static inline bool pack_full(const struct pack *p)
{
    return p->size >= PLAIN_MAX - 300 || p->used >= PACKED_MAX / 2;
}

static inline void put(struct pack *p, u64 value, unsigned int bytes)
{
    check(p->used + bytes <= PACKED_MAX);
    memcpy(p->data + p->used, &value, bytes);
    p->used += bytes;
}

/* The CRC of IEEE 802.3, bit by bit. */
static inline u32 sum_of(const u8 *data, size_t n)
{
    u32 crc = ~0u;

    while (n--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static inline void note_sum(struct pack *p)
{
    if (p->nr_sums < MAX_SUMS)
        p->sum[p->nr_sums++] = p->used;
}

static inline void put_sum(struct pack *p, const u8 *data, size_t n)
{
    note_sum(p);
    put(p, sum_of(data, n), 4);
}

static inline void plain_byte(struct pack *p, u8 byte) { p->plain[p->size++] = byte; }

static inline void plain_match(struct pack *p, u32 distance, u32 length)
{
    for (; length; length--, p->size++)
        p->plain[p->size] = p->plain[p->size - distance];
}

static inline unsigned int log2_of(u32 value) { return 31 - (unsigned int)__builtin_clz(value); }

#endif
