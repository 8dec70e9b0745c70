/* SPDX-License-Identifier: MIT */
// sources: xen/boot/xz.c xen/boot/lzma2.c xen/boot/bcj.c xen/boot/crc32.c xen/boot/inflate.c
/* The unpackers of a kernel: streams that no packer would make and that are valid all the same, those that say what they may
 * not, and damaged ones. What is valid becomes what went in; what is accepted is never anything else. */
#include "boot/unpack.h"
#include "cases.h"
#include "lib/lib.h"
#include "pack_gzip.h"
#include "pack_xz.h"

static u64 workspace[UNPACK_WORKSPACE / 8];
static struct pack p;

struct answer { const char *why; size_t produced; u8 *out; };

/* Into a buffer of just that size, out of one of just that size, with rubbish where it matters not. */
static struct answer unpack(bool xz, size_t room, u8 rubbish)
{
    struct answer a = { .out = malloc(room ? room : 1) };
    u8 *in = malloc(p.used ? p.used : 1);

    memcpy(in, p.data, p.used);
    memset(a.out, rubbish, room);
    memset(workspace, rubbish, sizeof(workspace));
    a.why = (xz ? xz_unpack : gzip_unpack)(in, p.used, a.out, room, &a.produced, workspace);
    check(a.why || a.produced <= room);
    free(in);
    return a;
}

/* True if it is other bytes now. */
static bool spoil(struct input *in, u8 kind)
{
    static u8 before[PACKED_MAX];
    size_t used = p.used;

    memcpy(before, p.data, used);
    if (kind % 4 == 1)
        damage(in, p.data, p.used);
    if (kind % 4 == 2)
        p.used = take(in, 2) % (p.used + 1);
    return p.used != used || memcmp(before, p.data, used) != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    u8 kind = (u8)take(&in, 1), room = (u8)take(&in, 1);
    bool xz = kind & 0x80, changed, wrong_sum = kind % 4 == 3;
    struct answer a, again;
    u32 no_sum_ways = (u32)take(&in, 4);

    p.size = p.used = p.nr_bits = p.nr_sums = 0;
    p.bits = 0;
    p.bad = false;
    if (xz)
        make_xz(&p, &in);
    else
        make_gzip(&p, &in);
    if (wrong_sum)
        p.data[p.sum[no_sum_ways % p.nr_sums] + (no_sum_ways >> 8) % 4] ^= (u8)(no_sum_ways >> 16 | 1);
    changed = spoil(&in, kind);
    a = unpack(xz, p.size + (room & 1 ? room >> 1 : 0), 0);
    again = unpack(xz, p.size + (room & 1 ? room >> 1 : 0), 0xa5);
    check(a.why == again.why);
    if (!a.why)
        check(a.produced == again.produced && memcmp(a.out, again.out, a.produced) == 0);
    if (wrong_sum || p.bad)
        check(changed || a.why);
    else if (!changed)
        check(!a.why && a.produced == p.size && memcmp(a.out, p.plain, p.size) == 0);
    else if (!a.why && (!xz || p.data[7] == 1))
        check(a.produced == p.size && memcmp(a.out, p.plain, p.size) == 0);
    free(a.out);
    free(again.out);
    if (!changed && p.size) {
        a = unpack(xz, p.size - 1, 0);
        check(a.why);
        free(a.out);
    }
    return 0;
}
