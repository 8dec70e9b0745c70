/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* What the emulator checks before it touches memory, and what vector moves do with their registers: from the manual, as
 * neither the other emulator (test_insn_results.c) nor an ordinary process has all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <xen/xen.h>

#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/emulate.h"

#define BASE 0x10000UL
#define DATA (SEGMENT_ATTR_P | SEGMENT_ATTR_S | SEGMENT_ATTR_DB | 2)
#define READ_ONLY (SEGMENT_ATTR_P | SEGMENT_ATTR_S | SEGMENT_ATTR_DB)
#define DOWN (SEGMENT_ATTR_P | SEGMENT_ATTR_S | 6)
#define CODE (SEGMENT_ATTR_P | SEGMENT_ATTR_S | SEGMENT_ATTR_DB | 8)
#define READABLE_CODE (CODE | 2)

static u8 memory[0x1000];
static struct container_segment segments[6];
static struct insn_fault fault;
static struct cpu_user_regs regs;
static u8 vectors[16][32], mmx[8][8];
static unsigned int accesses;
static u64 last_va;
static enum insn_result vectors_allowed;
static bool real_mode;

static enum insn_result read(void *context, u64 va, void *data, unsigned int size)
{
    accesses++;
    last_va = va;
    if (va - BASE > sizeof(memory) - size)
        memset(data, 0, size);
    else
        memcpy(data, memory + (va - BASE), size);
    return INSN_DONE;
}

static enum insn_result write(void *context, u64 va, const void *data, unsigned int size)
{
    accesses++;
    last_va = va;
    if (va - BASE <= sizeof(memory) - size)
        memcpy(memory + (va - BASE), data, size);
    return INSN_DONE;
}

static enum insn_result cmpxchg(void *context, u64 va, u64 *old, u64 new, unsigned int size)
{
    return write(context, va, &new, size);
}

static enum insn_result cmpxchg16(void *context, u64 va, u64 old[2], const u64 new[2])
{
    return write(context, va, new, 16);
}

static enum insn_result get_vector(void *context, unsigned int n, void *data, unsigned int size)
{
    memcpy(data, n < INSN_MMX ? vectors[n] : mmx[n - INSN_MMX], size);
    return vectors_allowed;
}

static void set_vector(void *context, unsigned int n, const void *data, unsigned int size)
{
    memcpy(n < INSN_MMX ? vectors[n] : mmx[n - INSN_MMX], data, size);
}

static const struct insn_memory operations = {
    .read = read, .write = write, .cmpxchg = cmpxchg, .cmpxchg16 = cmpxchg16, .get_vector = get_vector,
    .set_vector = set_vector, .segments = segments, .fault = &fault,
};

static enum insn_result run(enum insn_mode mode, const char *bytes, size_t n)
{
    struct insn_memory m = operations;
    struct insn insn;

    m.real_mode = real_mode;
    assert_int_equal(insn_decode((const u8 *)bytes, n, mode, &insn), 0);
    assert_int_equal(insn.length, n);
    accesses = 0;
    memset(&fault, 0xff, sizeof(fault));
    return insn_emulate(&insn, &regs, &m, 0x2000 + n);
}
#define RUN(mode, bytes) run(mode, bytes, sizeof(bytes) - 1)
#define ALLOWED(mode, bytes) assert_int_equal(RUN(mode, bytes), INSN_DONE)
/* An exception, with nothing touched before it. */
#define REFUSED(mode, bytes, number) do { \
        assert_int_equal(RUN(mode, bytes), INSN_FAULT); \
        assert_int_equal(fault.vector, number); \
        assert_int_equal(fault.has_error, (number) == TRAP_GP || (number) == TRAP_SS); \
        assert_true(!fault.has_error || fault.error == 0); \
        assert_int_equal(accesses, 0); \
    } while (0)

static int setup(void **unused)
{
    memset(&regs, 0, sizeof(regs));
    for (unsigned int n = 0; n < sizeof(memory); n++)
        memory[n] = (u8)(n * 7 + n / 256);
    for (unsigned int n = 0; n < 6; n++)
        segments[n] = (struct container_segment){ 8, n == INSN_CS ? READABLE_CODE : DATA, 0xffffffff, 0 };
    memset(vectors, 0xcc, sizeof(vectors));
    vectors_allowed = INSN_DONE;
    real_mode = false;
    return 0;
}

static void limits(void **unused)
{
    segments[INSN_DS] = (struct container_segment){ 8, DATA, 0xfff, BASE };
    regs.rbx = 0xffc;
    ALLOWED(INSN_32, "\x8b\x03");                         /* mov (%ebx), %eax */
    assert_int_equal(last_va, BASE + 0xffc);
    regs.rbx = 0xffd;
    REFUSED(INSN_32, "\x8b\x03", TRAP_GP);
    ALLOWED(INSN_32, "\x8a\x03");
    regs.rbx = 0xffffffff;
    REFUSED(INSN_32, "\x89\x03", TRAP_GP);
    ALLOWED(INSN_32, "\x26\x88\x03");                     /* %es: is flat */
    REFUSED(INSN_32, "\x26\x89\x03", TRAP_GP);            /* across the end of all addresses */
    segments[INSN_SS].limit = 0xff;
    regs.rbp = 0x100;
    REFUSED(INSN_32, "\x8a\x45\x00", TRAP_SS);            /* mov (%ebp), %al */
    REFUSED(INSN_32, "\x36\xa0\x00\x01\x00\x00", TRAP_SS);
    regs.rsp = 2;
    REFUSED(INSN_32, "\x50", TRAP_SS);                    /* push %eax: fffffffe */
    segments[INSN_DS] = (struct container_segment){ 8, DOWN, 0xfff, 0 };   /* 1000 to ffff */
    regs.rbx = 0xfff;
    REFUSED(INSN_32, "\x8a\x03", TRAP_GP);
    regs.rbx = 0x1000;
    ALLOWED(INSN_32, "\x8a\x03");
    regs.rbx = 0xfffd;
    REFUSED(INSN_32, "\x8b\x03", TRAP_GP);
    segments[INSN_DS].attributes |= SEGMENT_ATTR_DB;
    ALLOWED(INSN_32, "\x8b\x03");
}

static void kinds(void **unused)
{
    segments[INSN_DS].attributes = READ_ONLY;
    regs.rbx = BASE;
    ALLOWED(INSN_32, "\x8b\x03");
    REFUSED(INSN_32, "\x89\x03", TRAP_GP);
    REFUSED(INSN_32, "\x01\x03", TRAP_GP);                /* add: not even read */
    REFUSED(INSN_32, "\x0f\xb1\x13", TRAP_GP);
    ALLOWED(INSN_32, "\x39\x03");                         /* cmp */
    ALLOWED(INSN_32, "\x0f\xa3\x03");                     /* bt */
    REFUSED(INSN_32, "\x0f\xab\x03", TRAP_GP);            /* bts */
    REFUSED(INSN_32, "\x0f\x29\x03", TRAP_GP);            /* movaps */
    segments[INSN_DS].attributes = CODE;
    REFUSED(INSN_32, "\x8b\x03", TRAP_GP);
    segments[INSN_DS].attributes = READABLE_CODE;
    ALLOWED(INSN_32, "\x8b\x03");
    REFUSED(INSN_32, "\x89\x03", TRAP_GP);
    segments[INSN_DS].attributes = 0;                     /* null */
    REFUSED(INSN_32, "\x8b\x03", TRAP_GP);
    REFUSED(INSN_32, "\xac", TRAP_GP);                    /* lods */
    real_mode = true;
    segments[INSN_DS] = (struct container_segment){ 0x1000, READ_ONLY, 0xffff, BASE };
    ALLOWED(INSN_16, "\x88\x07");
    regs.rbx = 0xffff;
    REFUSED(INSN_16, "\x89\x07", TRAP_GP);
}

static void canonical(void **unused)
{
    segments[INSN_DS] = (struct container_segment){ 0, 0, 0, 0x5000 };   /* nothing of it counts */
    regs.rbx = BASE;
    ALLOWED(INSN_64, "\x8b\x03");
    assert_int_equal(last_va, BASE);
    regs.rbx = 1UL << 47;
    REFUSED(INSN_64, "\x8b\x03", TRAP_GP);
    regs.rbx--;
    ALLOWED(INSN_64, "\x8a\x03");
    REFUSED(INSN_64, "\x8b\x03", TRAP_GP);
    regs.rbp = 1UL << 60;
    REFUSED(INSN_64, "\x8a\x45\x00", TRAP_SS);
    regs.rsp = 1UL << 60;
    REFUSED(INSN_64, "\x58", TRAP_SS);
    segments[INSN_GS].base = BASE;
    regs.rbx = 0x10;
    ALLOWED(INSN_64, "\x65\x8a\x03");
    assert_int_equal(last_va, BASE + 0x10);
}

static void undefined(void **unused)
{
    regs.rbx = BASE + 8;
    regs.rcx = 0;
    REFUSED(INSN_64, "\xf0\x89\x03", TRAP_UD);            /* lock mov */
    REFUSED(INSN_64, "\xf0\x01\xd8", TRAP_UD);            /* lock add to a register */
    REFUSED(INSN_64, "\xf0\x0f\xa3\x03", TRAP_UD);        /* lock bt */
    REFUSED(INSN_64, "\x0f\xba\x03\x01", TRAP_UD);
    REFUSED(INSN_64, "\x0f\xc7\xcb", TRAP_UD);            /* cmpxchg8b of a register */
    REFUSED(INSN_64, "\x0f\xc3\xc3", TRAP_UD);            /* movnti */
    REFUSED(INSN_64, "\x66\x0f\xc3\x03", TRAP_UD);
    REFUSED(INSN_64, "\x0f\x38\xf0\xc3", TRAP_UD);        /* movbe */
    REFUSED(INSN_64, "\x48\x0f\xc7\x0b", TRAP_GP);        /* cmpxchg16b, not aligned */
    assert_int_equal(RUN(INSN_64, "\xf7\x33"), INSN_DONE); /* div: 0 by what is there */
    memset(memory + 8, 0, 4);
    assert_int_equal(RUN(INSN_64, "\xf7\x33"), INSN_FAULT);
    assert_int_equal(fault.vector, TRAP_DE);
    assert_false(fault.has_error);
    assert_int_equal(RUN(INSN_64, "\xdf\x2b"), INSN_UNHANDLED);            /* fild */
    assert_int_equal(RUN(INSN_64, "\x66\xe8\x00\x00\x00\x00"), INSN_UNHANDLED);   /* the vendors differ */
}

static void branches(void **unused)
{
    static const u64 target = 0x12345;

    memcpy(memory, &target, 8);
    regs.rbx = BASE;
    regs.rsp = BASE + 0x100;
    ALLOWED(INSN_64, "\xff\x13");                         /* call *(%rbx) */
    assert_int_equal(regs.rip, target);
    assert_int_equal(regs.rsp, BASE + 0xf8);
    assert_int_equal(*(u64 *)(memory + 0xf8), 0x2002);
    segments[INSN_CS].limit = 0x12344;
    assert_int_equal(RUN(INSN_32, "\xff\x23"), INSN_FAULT);   /* jmp *(%ebx) */
    assert_int_equal(fault.vector, TRAP_GP);
    memory[7] = 0x80;
    assert_int_equal(RUN(INSN_64, "\xff\x23"), INSN_FAULT);
    /* rSP moves by SS's size: 16 bits wrap and leave the rest. */
    segments[INSN_SS].attributes &= ~SEGMENT_ATTR_DB;
    segments[INSN_SS].base = BASE;
    regs.rsp = 0xabcd0002;
    ALLOWED(INSN_32, "\x66\x50");
    assert_int_equal(regs.rsp, 0xabcd0000);
    assert_int_equal(last_va, BASE);
    ALLOWED(INSN_32, "\x66\x50");
    assert_int_equal(regs.rsp, 0xabcdfffe);
}

static void alignment(void **unused)
{
    regs.rbx = BASE + 8;
    ALLOWED(INSN_64, "\x0f\x10\x03");                     /* movups */
    REFUSED(INSN_64, "\x0f\x28\x03", TRAP_GP);            /* movaps */
    REFUSED(INSN_64, "\x66\x0f\x7f\x03", TRAP_GP);        /* movdqa */
    REFUSED(INSN_64, "\x66\x0f\xe7\x03", TRAP_GP);        /* movntdq */
    ALLOWED(INSN_64, "\xf3\x0f\x6f\x03");                 /* movdqu */
    regs.rbx = BASE + 16;
    ALLOWED(INSN_64, "\x0f\x28\x03");
    ALLOWED(INSN_64, "\xc5\xf8\x28\x03");                 /* vmovaps, 16 and 32 bytes */
    REFUSED(INSN_64, "\xc5\xfc\x28\x03", TRAP_GP);
    ALLOWED(INSN_64, "\xc5\xfc\x10\x03");
}

/* Register 1 after a load: `kept` bytes of what was there before, from memory, or zero. */
static void expect(unsigned int from, unsigned int n, unsigned int kept_from, const char *what)
{
    for (unsigned int k = 0; k < 32; k++) {
        u8 wanted = k >= from && k < from + n ? memory[32 + k - from] : k >= kept_from ? 0xcc : 0;
        if (vectors[1][k] != wanted)
            fail_msg("%s: byte %u is %02x, not %02x", what, k, vectors[1][k], wanted);
    }
    memset(vectors, 0xcc, sizeof(vectors));
}
#define LOADS(bytes, from, n, kept) do { ALLOWED(INSN_64, bytes); expect(from, n, kept, #bytes); } while (0)

static void vector_loads(void **unused)
{
    regs.rbx = BASE + 32;
    LOADS("\x0f\x10\x0b", 0, 16, 16);                     /* movups: the upper half stays */
    LOADS("\xf3\x0f\x10\x0b", 0, 4, 16);                  /* movss */
    LOADS("\xf2\x0f\x10\x0b", 0, 8, 16);                  /* movsd */
    LOADS("\x66\x0f\x6e\x0b", 0, 4, 16);                  /* movd */
    LOADS("\x66\x48\x0f\x6e\x0b", 0, 8, 16);              /* movq */
    LOADS("\xf3\x0f\x7e\x0b", 0, 8, 16);
    LOADS("\x66\x0f\x38\x2a\x0b", 0, 16, 16);             /* movntdqa */
    LOADS("\xf2\x0f\xf0\x0b", 0, 16, 16);                 /* lddqu */
    LOADS("\xc5\xf8\x10\x0b", 0, 16, 32);                 /* vmovups: it goes */
    LOADS("\xc5\xfc\x10\x0b", 0, 32, 32);
    LOADS("\xc5\xfa\x10\x0b", 0, 4, 32);                  /* vmovss, its L ignored */
    LOADS("\xc5\xfe\x10\x0b", 0, 4, 32);
    LOADS("\xc5\xf9\x6e\x0b", 0, 4, 32);
    LOADS("\xc4\xe1\xf9\x6e\x0b", 0, 8, 32);              /* vmovq */
    LOADS("\xc4\xe2\x7d\x2a\x0b", 0, 32, 32);             /* vmovntdqa */
    LOADS("\x0f\x12\x0b", 0, 8, 8);                       /* movlps: the rest stays */
    ALLOWED(INSN_64, "\x0f\x16\x0b");                     /* movhps */
    assert_memory_equal(vectors[1] + 8, memory + 32, 8);
    assert_int_equal(vectors[1][7], 0xcc);
    memset(vectors[2], 0x22, 32);
    ALLOWED(INSN_64, "\xc5\xe8\x16\x0b");                 /* vmovhps (%rbx), %xmm2, %xmm1 */
    assert_memory_equal(vectors[1], vectors[2], 8);
    assert_memory_equal(vectors[1] + 8, memory + 32, 8);
    assert_int_equal(vectors[1][16], 0);
    REFUSED(INSN_64, "\xc5\xe8\x10\x0b", TRAP_UD);        /* vvvv names a register that the instruction has not */
    REFUSED(INSN_64, "\xc5\xfd\x6e\x0b", TRAP_UD);        /* 32 bytes of 4 */
    REFUSED(INSN_64, "\xc5\xec\x16\x0b", TRAP_UD);
    ALLOWED(INSN_64, "\x0f\x6f\x0b");                     /* movq to MM1 */
    assert_memory_equal(mmx[1], memory + 32, 8);
    fault.vector = 0;
    vectors_allowed = INSN_FAULT;
    assert_int_equal(RUN(INSN_64, "\x0f\x10\x0b"), INSN_FAULT);
    assert_int_equal(accesses, 0);
}

static void stores(const char *bytes, size_t length, unsigned int from, unsigned int n)
{
    for (unsigned int k = 0; k < 32; k++)
        vectors[1][k] = (u8)(0x80 + k);
    memset(memory, 0, 64);
    assert_int_equal(run(INSN_64, bytes, length), INSN_DONE);
    for (unsigned int k = 0; k < 64; k++)
        if (memory[k] != (k < n ? 0x80 + from + k : 0))
            fail_msg("%02x %02x %02x: byte %u", bytes[0] & 0xff, bytes[1] & 0xff, bytes[2] & 0xff, k);
}
#define STORES(bytes, from, n) stores(bytes, sizeof(bytes) - 1, from, n)

static void vector_stores(void **unused)
{
    regs.rbx = BASE;
    STORES("\x0f\x11\x0b", 0, 16);
    STORES("\x66\x0f\x29\x0b", 0, 16);
    STORES("\x0f\x2b\x0b", 0, 16);                        /* movntps */
    STORES("\xf3\x0f\x11\x0b", 0, 4);
    STORES("\xf2\x0f\x11\x0b", 0, 8);
    STORES("\x0f\x13\x0b", 0, 8);
    STORES("\x66\x0f\x17\x0b", 8, 8);
    STORES("\x66\x0f\x7e\x0b", 0, 4);
    STORES("\x66\x48\x0f\x7e\x0b", 0, 8);
    STORES("\x66\x0f\xd6\x0b", 0, 8);
    STORES("\xf3\x0f\x7f\x0b", 0, 16);
    STORES("\xc5\xfe\x7f\x0b", 0, 32);                    /* vmovdqu */
    STORES("\xc5\xfd\xe7\x0b", 0, 32);                    /* vmovntdq */
    STORES("\xc5\xf8\x17\x0b", 8, 8);
    STORES("\xc5\xf9\xd6\x0b", 0, 8);
    memset(mmx[1], 0x5a, 8);
    ALLOWED(INSN_64, "\x0f\x7f\x0b");
    assert_memory_equal(memory, mmx[1], 8);
}

/* The processor's own image of the registers. */
static void images(void **unused)
{
    static u8 area[832] aligned(64), saved[512] aligned(64);
    struct insn_image image = { area, false, 0 };
    u64 v = 0x1122334455667788, seen[4] = { 0, 0, 0, 0 };

    asm volatile("fxsave %0; fld1; fld1; fld1" : "=m" (saved));
    asm volatile("fxsave %0; fxrstor %1" : "=m" (area) : "m" (saved));
    for (unsigned int n = 0; n < 8; n++) {
        u64 mantissa;
        insn_image_get(&image, INSN_MMX + n, &mantissa, 8);
        assert_int_equal(mantissa >> 63, n >= 5);         /* ones, in the last three that were pushed */
    }
    insn_image_set(&image, INSN_MMX + 2, &v, 8);
    insn_image_set(&image, 3, vectors[0], 16);
    asm volatile("fxrstor %3; movq %%mm2, %0; movq %%mm6, %1; movups %%xmm3, %2; fxrstor %4"
                 : "=m" (seen[0]), "=m" (seen[1]), "=m" (*(u8 (*)[16])&seen[2]) : "m" (area), "m" (saved));
    assert_int_equal(seen[0], v);
    assert_int_equal(seen[1], 1UL << 63);
    assert_memory_equal(&seen[2], vectors[0], 16);

    memset(area, 0x77, sizeof(area));                     /* of an image with a header, what is not in use is zero */
    memset(area + 512, 0, 64);
    image = (struct insn_image){ area, true, 576 };
    insn_image_get(&image, 1, vectors[1], 32);
    insn_image_get(&image, INSN_MMX, &v, 8);
    assert_int_equal(vectors[1][0] | vectors[1][31] | v, 0);
    memset(vectors[1], 0x99, 32);
    insn_image_set(&image, 1, vectors[1], 32);
    insn_image_get(&image, 1, vectors[2], 32);
    assert_memory_equal(vectors[1], vectors[2], 32);
    insn_image_get(&image, 2, vectors[2], 32);
    assert_int_equal(vectors[2][0] | vectors[2][31], 0);
    assert_int_equal(area[512], 6);
    v = 5;
    insn_image_set(&image, INSN_MMX + 7, &v, 8);
    assert_int_equal(area[512], 7);
    assert_int_equal(area[0] | area[1] << 8, 0x37f);
    assert_int_equal(area[24], 0x77);                     /* MXCSR */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(limits, setup), cmocka_unit_test_setup(kinds, setup),
        cmocka_unit_test_setup(canonical, setup), cmocka_unit_test_setup(undefined, setup),
        cmocka_unit_test_setup(branches, setup), cmocka_unit_test_setup(alignment, setup),
        cmocka_unit_test_setup(vector_loads, setup), cmocka_unit_test_setup(vector_stores, setup),
        cmocka_unit_test_setup(images, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
