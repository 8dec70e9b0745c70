/* SPDX-License-Identifier: MIT */
// sources: xen/boot/xz.c xen/boot/lzma2.c xen/boot/bcj.c xen/boot/crc32.c xen/boot/inflate.c
/* The kernel's decompressors against the programs xz and gzip, and against damaged data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/unpack.h"

typedef const char *unpack_fn(const u8 *, size_t, u8 *, size_t, size_t *, void *);
struct bytes { u8 *data; size_t size; };

static u32 seed = 1;
static u32 random32(void) { seed = seed * 1664525 + 1013904223; return seed >> 8 | seed << 24; }

/* kind 0: zeros; 1: noise; 2: words that repeat; 3: like machine code, full of calls */
static struct bytes make(unsigned int kind, size_t size)
{
    struct bytes b = { malloc(size + 1), size };
    for (size_t i = 0; i < size; i++) {
        u32 r = random32();
        switch (kind) {
        case 0: b.data[i] = 0; break;
        case 1: b.data[i] = (u8)r; break;
        case 2: b.data[i] = "the quick brown fox jumps over the lazy dog, "[(i + (r % 50 == 0)) % 45]; break;
        default:
            b.data[i] = (u8)(r % 5 == 0 ? 0xe8 | (r >> 8 & 1) : r % 5 == 1 ? 0 : r % 5 == 2 ? 0xff : r >> 9);
            break;
        }
    }
    return b;
}

/* What `command` makes of b. */
static struct bytes filter(const char *command, struct bytes b)
{
    char name[] = "/tmp/prism-unpack-XXXXXX", line[256];
    int fd = mkstemp(name);
    struct bytes out = { malloc(b.size * 2 + 4096), 0 };
    assert_true(fd >= 0 && write(fd, b.data, b.size) == (ssize_t)b.size);
    close(fd);
    snprintf(line, sizeof(line), "%s <%s", command, name);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    out.size = fread(out.data, 1, b.size * 2 + 4096, f);
    assert_int_equal(pclose(f), 0);
    unlink(name);
    out.data = realloc(out.data, out.size);   /* so that one byte too far is seen */
    return out;
}

static void check(unpack_fn *unpack, const char *command, unsigned int kind, size_t size)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct bytes plain = make(kind, size), small = filter(command, plain);
    u8 *out = malloc(size ? size : 1);
    size_t produced = ~0UL;
    const char *why = unpack(small.data, small.size, out, size, &produced, workspace);
    if (why)
        print_error("%s, kind %u, %zu bytes: %s\n", command, kind, size, why);
    assert_null(why);
    assert_int_equal(produced, size);
    assert_memory_equal(out, plain.data, size);
    if (size)
        assert_non_null(unpack(small.data, small.size, out, size - 1, &produced, workspace));
    free(out);
    free(small.data);
    free(plain.data);
}

static const size_t sizes[] = { 0, 1, 4, 5, 17, 255, 4096, 70001, 1 << 20 };

static void test_xz(void **state)
{
    static const char *const commands[] = {
        "xz -c --check=crc32 --x86 --lzma2=dict=32MiB", "xz -c --check=none -0",
        "xz -c --check=crc32 --lzma2=lc=0,lp=4,pb=0",
        "xz -c --check=crc32 --x86=start=4096 --lzma2=lc=4,lp=0,pb=4", "xz -c --check=crc32 -9e",
    };
    for (unsigned int c = 0; c < ARRAY_SIZE(commands); c++)
        for (unsigned int kind = 0; kind < 4; kind++)
            for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
                check(xz_unpack, commands[c], kind, sizes[i]);
}

static void test_xz_blocks(void **state)
{
    check(xz_unpack, "xz -c --check=crc32 -T2 --block-size=65536 --x86 --lzma2", 3, 300000);
}

static void test_gzip(void **state)
{
    static const char *const commands[] = { "gzip -c", "gzip -1c", "gzip -9c" };
    for (unsigned int c = 0; c < ARRAY_SIZE(commands); c++)
        for (unsigned int kind = 0; kind < 4; kind++)
            for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++)
                check(gzip_unpack, commands[c], kind, sizes[i]);
}

/* The first byte of the second block's header becomes that of an index: the blocks behind it would be left out. */
static void test_xz_block_lost(void **state)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct bytes plain = make(1, 3000), small = filter("xz -c --check=crc32 --block-size=1000", plain);
    u8 *out = malloc(plain.size);
    size_t produced, at = 12 + 12 + 3 + 1000 + 1 + 4;   /* header; block header, chunk of noise, end, sum: no padding */
    assert_int_equal(small.data[12], 2);
    assert_int_equal(small.data[at], 2);
    small.data[at] = 0;
    assert_non_null(xz_unpack(small.data, small.size, out, plain.size, &produced, workspace));
    free(out);
    free(small.data);
    free(plain.data);
}

static void damage(unpack_fn *unpack, const char *command, unsigned int kind)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct bytes plain = make(kind, 20000), small = filter(command, plain);
    u8 *out = malloc(plain.size);
    size_t produced;
    for (size_t n = 0; n < small.size; n += n < 64 ? 1 : 97) {
        u8 *cut = malloc(n ? n : 1);
        memcpy(cut, small.data, n);
        assert_non_null(unpack(cut, n, out, plain.size, &produced, workspace));
        free(cut);
    }
    for (int round = 0; round < 3000; round++) {
        u8 *bad = malloc(small.size);
        memcpy(bad, small.data, small.size);
        for (u32 flips = 1 + random32() % 4; flips; flips--)
            bad[random32() % small.size] ^= (u8)(1 << random32() % 8);
        if (!unpack(bad, small.size, out, plain.size, &produced, workspace))
            assert_true(produced == plain.size && memcmp(out, plain.data, produced) == 0);   /* hit where no sum covers it */
        free(bad);
    }
    free(out);
    free(small.data);
    free(plain.data);
}

static void test_damaged(void **state)
{
    for (unsigned int kind = 0; kind < 4; kind++) {
        damage(xz_unpack, "xz -c --check=crc32 --x86 --lzma2=dict=32MiB", kind);
        damage(gzip_unpack, "gzip -c", kind);
    }
}

/* Without a checksum nothing stops bad data but the decoder's own care. */
static void test_damaged_unchecked(void **state)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct bytes plain = make(2, 30000), small = filter("xz -c --check=none -9", plain);
    u8 *out = malloc(plain.size);
    size_t produced;
    for (int round = 0; round < 5000; round++) {
        u8 *bad = malloc(small.size);
        memcpy(bad, small.data, small.size);
        for (u32 flips = 1 + random32() % 40; flips; flips--)
            bad[24 + random32() % (small.size - 24)] = (u8)random32();
        xz_unpack(bad, small.size, out, plain.size, &produced, workspace);
        free(bad);
    }
    free(out);
    free(small.data);
    free(plain.data);
}

static void test_refused(void **state)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct bytes plain = make(2, 1000);
    static const char *const commands[] = {
        "xz -c --check=sha256", "xz -c --check=crc64", "xz -c --check=crc32 --delta --lzma2",
        "xz -c --check=crc32 --arm --lzma2", "xz -c --format=lzma", "gzip -c",
    };
    for (unsigned int c = 0; c < ARRAY_SIZE(commands); c++) {
        struct bytes small = filter(commands[c], plain);
        u8 out[1000];
        size_t produced;
        assert_non_null(xz_unpack(small.data, small.size, out, sizeof(out), &produced, workspace));
        free(small.data);
    }
    free(plain.data);
}

static void test_crc32(void **state)
{
    static struct crc32_table table;
    crc32_init(&table);
    assert_int_equal(crc32(&table, (const u8 *)"123456789", 9), 0xcbf43926);
    assert_int_equal(crc32(&table, (const u8 *)"", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32), cmocka_unit_test(test_xz), cmocka_unit_test(test_xz_blocks),
        cmocka_unit_test(test_xz_block_lost),
        cmocka_unit_test(test_gzip), cmocka_unit_test(test_damaged), cmocka_unit_test(test_damaged_unchecked),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
