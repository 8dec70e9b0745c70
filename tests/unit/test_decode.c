/* SPDX-License-Identifier: MIT */
// sources: xen/insn/decode.c xen/insn/operands.c
// libraries: -lZydis
/* The decoder against Zydis: the same length, memory operand, registers and immediates for what both take, in all three
 * modes, over a fixed corpus of random bytes shaped like instructions; what is cut off short; and fields of instructions
 * picked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/insn_zydis.h"

#define ROUNDS 200000

static u64 seed;

static u32 next_random(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (u32)(seed >> 33);
}

/* Random bytes; often with prefixes and an escape in front, so that all maps are visited. */
static void make_bytes(u8 *b)
{
    static const u8 prefixes[] = { 0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x64, 0x65, 0xf0, 0x48, 0x41, 0x44, 0x4f };
    unsigned int n = 0;

    for (unsigned int i = 0; i < INSN_MAX; i++)
        b[i] = (u8)next_random();
    while (next_random() % 3 == 0 && n < 4)
        b[n++] = prefixes[next_random() % sizeof(prefixes)];
    switch (next_random() % 6) {
    case 0: case 1: b[n++] = 0x0f; break;
    case 2: b[n++] = 0x0f; b[n++] = next_random() & 1 ? 0x38 : 0x3a; break;
    case 3: b[n++] = next_random() % 3 == 0 ? 0x62 : next_random() & 1 ? 0xc4 : 0xc5; break;
    }
}

static void compare_all(enum insn_mode mode)
{
    unsigned int seen = 0, different = 0;
    ZydisDecoder decoder;
    u8 b[INSN_MAX];

    zydis_open(&decoder, mode);
    for (unsigned int round = 0; round < ROUNDS && different < 20; round++) {
        make_bytes(b);
        int rc = zydis_compare(&decoder, b, mode);
        seen += rc != 0;
        different += rc < 0;
    }
    print_message("%u of %u compared\n", seen, ROUNDS);
    assert_int_equal(different, 0);
    assert_true(seen > ROUNDS / 4);
}

static void decoded_64(void **unused) { seed = 1; compare_all(INSN_64); }
static void decoded_32(void **unused) { seed = 2; compare_all(INSN_32); }
static void decoded_16(void **unused) { seed = 3; compare_all(INSN_16); }

/* With any number of bytes missing: -ENODATA, and none beyond is looked at (the sanitizer would see it). */
static void cut_off(void **unused)
{
    seed = 4;
    for (unsigned int round = 0; round < ROUNDS / 10; round++) {
        enum insn_mode mode = round % 3;
        struct insn i, again;
        u8 b[INSN_MAX];
        make_bytes(b);
        if (insn_decode(b, sizeof(b), mode, &i))
            continue;
        for (size_t n = 0; n <= i.length; n++) {
            u8 *exact = malloc(n);
            memcpy(exact, b, n);
            assert_int_equal(insn_decode(exact, n, mode, &again), n < i.length ? -ENODATA : 0);
            free(exact);
        }
        assert_memory_equal(&i, &again, sizeof(i));
    }
}

static struct insn decode(enum insn_mode mode, const char *bytes, size_t n)
{
    struct insn i;

    assert_int_equal(insn_decode((const u8 *)bytes, n, mode, &i), 0);
    assert_int_equal(i.length, n);
    return i;
}
#define DECODE(mode, bytes) decode(mode, bytes, sizeof(bytes) - 1)

static void fields(void **unused)
{
    struct insn i = DECODE(INSN_64, "\xf0\x48\x0f\xb1\x54\xcb\x10");   /* lock cmpxchg %rdx, 0x10(%rbx,%rcx,8) */
    assert_true(i.prefix_lock && i.opcode_map == 1 && i.opcode == 0xb1 && i.operand_size == 8 && i.reg == 2);
    assert_true(i.base == 3 && i.index == 1 && i.scale == 3 && i.displacement == 16 && i.segment == INSN_DS);

    i = DECODE(INSN_64, "\x65\x4c\x8b\x25\x10\x00\x00\x00");           /* mov %gs:0x10(%rip), %r12 */
    assert_true(i.rip_relative && i.segment == INSN_GS && i.reg == 12 && i.base == 0xff);

    i = DECODE(INSN_64, "\x48\xb8\x88\x77\x66\x55\x44\x33\x22\x11");   /* movabs */
    assert_true(i.immediate == 0x1122334455667788 && i.immediate_size == 8);

    i = DECODE(INSN_64, "\x0f\x22\xd8");                               /* mov %rax, %cr3 */
    assert_true(i.reg == 3 && i.rm == 0 && i.mod == 3 && i.operand_size == 8);

    i = DECODE(INSN_64, "\x66\xe5\x42");                               /* in $0x42, %ax */
    assert_true(i.operand_size == 2 && i.immediate == 0x42);

    i = DECODE(INSN_64, "\xc6\x45\xff\x80");                           /* movb $-128, -1(%rbp) */
    assert_true(i.segment == INSN_SS && i.displacement == -1 && (s64)i.immediate == -128);

    i = DECODE(INSN_16, "\x8b\x40\xfe");                               /* mov -2(%bx,%si), %ax */
    assert_true(i.base == 3 && i.index == 6 && i.displacement == -2 && i.address_size == 2 && i.operand_size == 2);

    i = DECODE(INSN_64, "\x67\x8b\x00");                               /* mov (%eax), %eax */
    assert_true(i.address_size == 4 && i.operand_size == 4);
    i = DECODE(INSN_64, "\x48\x66\x89\x00");                           /* REX before a prefix is void */
    assert_true(i.operand_size == 2 && i.rex == 0);
    i = DECODE(INSN_32, "\xc5\x00");                                   /* LDS, no VEX */
    assert_true(i.opcode == 0xc5 && i.opcode_map == 0);
    i = DECODE(INSN_64, "\xc5\xf8\x77");                               /* vzeroupper */
    assert_true(i.opcode_map == 0x11 && i.opcode == 0x77);
}

static void refusals(void **unused)
{
    u8 prefixes[16];
    struct insn i;

    memset(prefixes, 0x66, sizeof(prefixes));
    assert_int_equal(insn_decode(prefixes, sizeof(prefixes), INSN_64, &i), -E2BIG);
    assert_int_equal(insn_decode(prefixes, 3, INSN_64, &i), -ENODATA);
    assert_int_equal(insn_decode((const u8 *)"\x06", 1, INSN_64, &i), -EINVAL);
    assert_int_equal(insn_decode((const u8 *)"\x06", 1, INSN_32, &i), 0);
    assert_int_equal(insn_decode((const u8 *)"\x8d\xc0", 2, INSN_64, &i), -EINVAL);
    assert_int_equal(insn_decode((const u8 *)"\x66\xc5\xf8\x77", 4, INSN_64, &i), -EINVAL);
    assert_int_equal(insn_decode((const u8 *)"\x48\xb8\x00", 3, INSN_64, &i), -ENODATA);
    /* 14 bytes of prefixes leave room for one byte only. */
    prefixes[14] = 0x90;
    assert_int_equal(insn_decode(prefixes, 15, INSN_64, &i), 0);
    prefixes[13] = 0x04;
    prefixes[14] = 0;
    assert_int_equal(insn_decode(prefixes, 15, INSN_64, &i), 0);
}

static void addresses(void **unused)
{
    struct cpu_user_regs regs = { .rax = 0x100000000, .rcx = 3, .rbx = 0x1000, .rsi = 0xfff0 };
    struct insn i = DECODE(INSN_64, "\x8b\x44\x8b\x10");               /* 0x10(%rbx,%rcx,4) */

    assert_int_equal(insn_effective_address(&i, &regs, 0), 0x101c);
    i = DECODE(INSN_64, "\x67\x8b\x40\x04");
    assert_int_equal(insn_effective_address(&i, &regs, 0), 4);
    i = DECODE(INSN_64, "\x8b\x05\xfc\xff\xff\xff");
    assert_int_equal(insn_effective_address(&i, &regs, 0x2000), 0x1ffc);
    i = DECODE(INSN_16, "\x8b\x40\x00");
    assert_int_equal(insn_effective_address(&i, &regs, 0), 0xff0);
    assert_ptr_equal(insn_reg8(&regs, 4, false), (u8 *)&regs.rax + 1);
    assert_ptr_equal(insn_reg8(&regs, 4, true), &regs.rsp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoded_64), cmocka_unit_test(decoded_32), cmocka_unit_test(decoded_16), cmocka_unit_test(cut_off),
        cmocka_unit_test(fields), cmocka_unit_test(refusals), cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
