/* SPDX-License-Identifier: MIT */
/* Decompressors for the control domain's kernel. All pure: memory in, memory out, every access bounded. */
#ifndef PRISM_BOOT_UNPACK_H
#define PRISM_BOOT_UNPACK_H

#include "lib/types.h"

/* Each of the two: unpacks in[0..in_size) into out[0..out_size), *produced bytes of it. `workspace`: UNPACK_WORKSPACE
 * bytes, 8-aligned, contents of no matter. NULL, or one line that says what is wrong with the data. */
#define UNPACK_WORKSPACE 65536
const char *xz_unpack(const u8 *in, size_t in_size, u8 *out, size_t out_size, size_t *produced, void *workspace);
const char *gzip_unpack(const u8 *in, size_t in_size, u8 *out, size_t out_size, size_t *produced, void *workspace);

/* ---- crc32.c: the CRC of IEEE 802.3, eight bytes a step. */
struct crc32_table { u32 t[8][256]; };
void crc32_init(struct crc32_table *table);
u32 crc32(const struct crc32_table *table, const u8 *data, size_t n);

/* ---- lzma2.c: raw LZMA2 (the XZ format's filter 0x21). */
struct lzma2;
extern const size_t lzma2_state_size;
#define LZMA2_SLACK 21    /* a chunk must be followed by as many bytes of input: what one symbol can take */
/* *in is moved behind the end marker, *out behind the last byte. NULL, or what is wrong. */
const char *lzma2_unpack(struct lzma2 *state, const u8 **in, const u8 *in_end, u8 **out, u8 *out_end);

/* ---- bcj.c: turns absolute addresses of x86 CALL and JMP back into relative ones, in place; start: address of
 * data[0]. */
void bcj_x86_decode(u8 *data, size_t size, u32 start);

#endif
