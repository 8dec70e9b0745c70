/* SPDX-License-Identifier: MIT */
/* CRC-32 with the reflected polynomial 0xedb88320, by eight tables so that eight bytes cost eight look-ups in a row. */
#include "boot/unpack.h"

void crc32_init(struct crc32_table *table)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
        table->t[0][i] = c;
    }
    for (u32 i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++) {
            u32 c = table->t[k - 1][i];
            table->t[k][i] = table->t[0][c & 255] ^ c >> 8;
        }
}

u32 crc32(const struct crc32_table *table, const u8 *data, size_t n)
{
    const u32 (*t)[256] = table->t;
    u32 crc = ~0u;
    for (; n && ((uintptr_t)data & 7); n--)
        crc = t[0][(crc ^ *data++) & 255] ^ crc >> 8;
    for (; n >= 8; n -= 8, data += 8) {
        u64 w = *(const u64 *)data ^ crc;
        crc = t[7][w & 255] ^ t[6][w >> 8 & 255] ^ t[5][w >> 16 & 255] ^ t[4][w >> 24 & 255] ^
              t[3][w >> 32 & 255] ^ t[2][w >> 40 & 255] ^ t[1][w >> 48 & 255] ^ t[0][w >> 56];
    }
    for (; n; n--)
        crc = t[0][(crc ^ *data++) & 255] ^ crc >> 8;
    return ~crc;
}
