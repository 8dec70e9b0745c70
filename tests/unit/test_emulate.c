/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* The emulator against the processor: the same instruction bytes, registers, flags and memory, once emulated and once
 * executed on the host; then results and flags must agree. And what it must refuse or report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <xen/xen.h>

#include "insn/alu.h"
#include "insn/emulate.h"

#define MEMORY 256
#define OPERAND 128   /* where in memory RBX points */

static u8 *code_page;
static u64 seed = 42;

static u64 next_random(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return seed >> 16 ^ seed << 37;
}

struct machine {
    struct cpu_user_regs regs;
    u8 memory[MEMORY] aligned(16);
    enum insn_result forced;    /* what accesses answer, to test failures */
    bool lose_race;
};

static enum insn_result read_memory(void *context, u64 va, void *data, unsigned int size)
{
    struct machine *m = context;

    if (m->forced != INSN_DONE)
        return m->forced;
    assert_true(va >= (u64)m->memory && va + size <= (u64)m->memory + MEMORY);
    memcpy(data, (void *)va, size);
    return INSN_DONE;
}

static enum insn_result write_memory(void *context, u64 va, const void *data, unsigned int size)
{
    struct machine *m = context;

    if (m->forced != INSN_DONE)
        return m->forced;
    assert_true(va >= (u64)m->memory && va + size <= (u64)m->memory + MEMORY);
    memcpy((void *)va, data, size);
    return INSN_DONE;
}

static enum insn_result cmpxchg_memory(void *context, u64 va, u64 *old, u64 new, unsigned int size)
{
    struct machine *m = context;
    u64 now = 0;

    if (read_memory(m, va, &now, size) != INSN_DONE)
        return m->forced;
    if (m->lose_race)
        now ^= 1;
    bool same = now == (*old & size_mask(size));
    *old = now;
    return same ? write_memory(m, va, &new, size) : INSN_DONE;
}

/* Runs bytes on the host with the machine's RAX, RCX, RDX, RBX, RSI, RDI and flags. */
static void execute(struct machine *m, const u8 *bytes, size_t n)
{
    struct cpu_user_regs *r = &m->regs;
    u64 flags = (r->rflags & FLAGS_ARITHMETIC) | (r->rflags & FLAG_DF) | 2;

    memcpy(code_page, bytes, n);
    code_page[n] = 0xc3;
    asm volatile("push %%rbp; push %[f]; popfq; call *%[c]; pushfq; pop %[f]; cld; pop %%rbp"
                 : [f] "+&r" (flags), "+a" (r->rax), "+c" (r->rcx), "+d" (r->rdx), "+b" (r->rbx), "+S" (r->rsi),
                     "+D" (r->rdi)
                 : [c] "r" (code_page) : "memory", "cc", "r8", "r9", "r10", "r11");
    r->rflags = (r->rflags & ~(FLAGS_ARITHMETIC)) | (flags & FLAGS_ARITHMETIC);
}

static enum insn_result emulate(struct machine *m, const u8 *bytes, size_t n)
{
    struct insn insn;
    struct insn_memory memory = { m, read_memory, write_memory, cmpxchg_memory, .features = INSN_HAS_TZCNT | INSN_HAS_LZCNT };

    assert_int_equal(insn_decode(bytes, n, INSN_64, &insn), 0);
    assert_int_equal(insn.length, n);
    return insn_emulate(&insn, &m->regs, &memory, 0);
}

static void randomize(struct machine *m)
{
    memset(m, 0, sizeof(*m));
    for (unsigned int i = 0; i < MEMORY; i++)
        m->memory[i] = (u8)next_random();
    m->regs.rax = next_random();
    m->regs.rdx = next_random();
    m->regs.rcx = next_random();
    m->regs.rflags = next_random() & FLAGS_ARITHMETIC;
    if (next_random() & 1)   /* often equal to the operand, for CMPXCHG; often close to the edges */
        memcpy(m->memory + OPERAND, &m->regs.rax, 8);
    else if (next_random() & 1)
        memset(m->memory + OPERAND, next_random() & 1 ? 0xff : 0, 8);
    m->regs.rbx = (u64)(m->memory + OPERAND);
    m->regs.rsi = (u64)(m->memory + 32);
    m->regs.rdi = (u64)(m->memory + 64);
}

static void compare(const u8 *bytes, size_t n, u64 undefined)
{
    static struct machine a, b;

    for (unsigned int round = 0; round < 200; round++) {
        randomize(&a);
        b = a;
        b.regs.rbx += b.memory - a.memory;
        b.regs.rsi += b.memory - a.memory;
        b.regs.rdi += b.memory - a.memory;
        assert_int_equal(emulate(&a, bytes, n), INSN_DONE);
        execute(&b, bytes, n);
        if (memcmp(a.memory, b.memory, MEMORY) || a.regs.rax != b.regs.rax || a.regs.rcx != b.regs.rcx ||
            a.regs.rdx != b.regs.rdx || a.regs.rbx - (u64)a.memory != b.regs.rbx - (u64)b.memory ||
            a.regs.rdi - (u64)a.memory != b.regs.rdi - (u64)b.memory ||
            ((a.regs.rflags ^ b.regs.rflags) & FLAGS_ARITHMETIC & ~undefined))
            fail_msg("%02x %02x %02x %02x %02x: rax %lx %lx, rdx %lx %lx, flags %lx %lx", bytes[0], bytes[1], bytes[2],
                     bytes[3], bytes[4], a.regs.rax, b.regs.rax, a.regs.rdx, b.regs.rdx, a.regs.rflags, b.regs.rflags);
    }
}

/* With 8, 16, 32 and 64 bits: even opcode, then odd with and without 66 and REX.W. tail: ModRM and what follows. */
static void all_sizes(const char *escape, u8 opcode, const char *tail, size_t tail_size, bool byte_form, u64 undefined)
{
    for (unsigned int size = byte_form ? 0 : 1; size < 4; size++) {
        u8 b[16];
        size_t n = 0;
        if (size == 1)
            b[n++] = 0x66;
        const char *e = escape;
        if (*e == '\xf3')   /* stands before REX */
            b[n++] = (u8)*e++;
        if (size == 3)
            b[n++] = 0x48;
        for (; *e; e++)
            b[n++] = (u8)*e;
        b[n++] = byte_form && size ? opcode | 1 : opcode;
        memcpy(b + n, tail, tail_size);
        compare(b, n + tail_size, undefined);
    }
}
#define ALL(escape, opcode, tail, bytes, undefined) all_sizes(escape, opcode, tail, sizeof(tail) - 1, bytes, undefined)
#define ONE(bytes, undefined) compare((const u8 *)(bytes), sizeof(bytes) - 1, undefined)

static void arithmetic(void **unused)
{
    for (unsigned int op = 0; op < 8; op++) {
        u64 undefined = op == 1 || op == 4 || op == 6 ? FLAG_AF : 0;
        char group[3] = { (char)(0x03 | op << 3), (char)0x85, 0 };
        ALL("", op << 3, "\x13", true, undefined);          /* op %rdx, (%rbx) */
        ALL("", op << 3 | 2, "\x13", true, undefined);      /* op (%rbx), %rdx */
        all_sizes("", 0x83, group, 2, false, undefined);
        group[1] = 0x5a;
        all_sizes("", 0x80, group, 2, false, undefined);
    }
    ONE("\x48\x81\x03\x78\x56\x34\x92", 0);
    ONE("\x66\x81\x2b\x34\x92", 0);
    ALL("", 0x84, "\x13", true, FLAG_AF);
    ALL("", 0xfe, "\x03", true, 0);
    ALL("", 0xfe, "\x0b", true, 0);
    ALL("", 0xf6, "\x13", true, 0);
    ALL("", 0xf6, "\x1b", true, 0);
    ONE("\xf0\x48\x09\x13", FLAG_AF);
    ONE("\xf0\x48\x21\x13", FLAG_AF);
    ONE("\xf0\x83\x23\xfe", FLAG_AF);
    ONE("\xf0\xf7\x1b", 0);
    ONE("\xf6\x0b\x55", FLAG_AF);                            /* test, encoded as /1 */
}

static void exchanges(void **unused)
{
    ALL("", 0x86, "\x13", true, 0);
    ALL("\x0f", 0xb0, "\x13", true, 0);
    ALL("\x0f", 0xc0, "\x13", true, 0);
    ALL("\x0f", 0xb0, "\xd1", true, 0);                     /* register forms */
    ALL("\x0f", 0xc0, "\xd1", true, 0);
    ONE("\xf0\x48\x0f\xb1\x13", 0);
    ONE("\x86\x23", 0);                                     /* xchg %ah, (%rbx) */
}

static void bits(void **unused)
{
    u64 undefined = FLAGS_ARITHMETIC & ~FLAG_CF;

    ALL("\x0f", 0xba, "\x23\x05", false, undefined);
    ALL("\x0f", 0xba, "\x2b\x4b", false, undefined);
    ALL("\x0f", 0xba, "\x33\xff", false, undefined);
    ALL("\x0f", 0xba, "\x3b\x00", false, undefined);
    ONE("\xf0\x48\x0f\xba\x33\x01", undefined);
    /* Register offsets, kept within memory: movzbl %dl, %edx would be another instruction, so RDX is bounded here. */
    static const u8 ops[] = { 0xa3, 0xab, 0xb3, 0xbb };
    for (unsigned int i = 0; i < sizeof(ops); i++)
        for (int offset = -900; offset < 900; offset += 37) {
            static struct machine a, b;
            u8 code[] = { 0x48, 0x0f, ops[i], 0x13 };
            randomize(&a);
            a.regs.rdx = (u64)(s64)offset;
            b = a;
            b.regs.rbx += b.memory - a.memory;
            assert_int_equal(emulate(&a, code, sizeof(code)), INSN_DONE);
            execute(&b, code, sizeof(code));
            assert_memory_equal(a.memory, b.memory, MEMORY);
            assert_int_equal(a.regs.rflags & FLAG_CF, b.regs.rflags & FLAG_CF);
        }
}

static void moves(void **unused)
{
    ALL("", 0x88, "\x13", true, 0);
    ALL("", 0x8a, "\x13", true, 0);
    ONE("\xc6\x03\x9c", 0);
    ONE("\x48\xc7\x03\x9c\x00\x00\x80", 0);
    ONE("\x66\xc7\x03\x9c\x80", 0);
    ONE("\x4c\xc7\x03\x9c\x00\x00\x80", 0);               /* REX.R says nothing here */
    ONE("\x48\x0f\xb6\x13", 0);
    ONE("\x0f\xb7\x13", 0);
    ONE("\x66\x0f\xbe\x13", 0);
    ONE("\x48\x0f\xbf\x13", 0);
    ONE("\x48\x63\x13", 0);
    ONE("\x48\x0f\xc3\x13", 0);
    ONE("\x88\x33", 0);                                     /* mov %dh, (%rbx) */
    ONE("\x8a\x63\x02", 0);                                 /* mov 2(%rbx), %ah */
    for (unsigned int condition = 0; condition < 16; condition++) {
        all_sizes("\x0f", 0x40 | condition, "\x13", 1, false, 0);
        all_sizes("\x0f", 0x90 | condition, "\x03", 1, false, 0);
    }
    ALL("", 0xaa, "", true, 0);
    ALL("", 0xa4, "", true, 0);
    ALL("", 0xac, "", true, 0);
}

static void shifts(void **unused)
{
    for (unsigned int op = 0; op < 8; op++) {
        char tail[3] = { (char)(0x03 | op << 3), 0, 0 };
        u64 undefined = op < 4 ? 0 : FLAG_AF;
        if (op == 6)
            continue;
        all_sizes("", 0xd0, tail, 1, true, undefined);
        for (unsigned int count = 0; count < 8; count++) {
            tail[1] = (char)count;
            all_sizes("", 0xc0, tail, 2, true, undefined | (count == 1 ? 0 : FLAG_OF));
        }
        tail[1] = 19;
        all_sizes("", 0xc1, tail, 2, false, undefined | FLAG_OF | (op >= 4 ? FLAG_CF : 0));
    }
}

static void searches(void **unused)
{
    u64 scan = FLAGS_ARITHMETIC & ~FLAG_ZF, count = scan & ~FLAG_CF;

    ALL("\x0f", 0xbc, "\x13", false, scan);
    ALL("\x0f", 0xbd, "\x13", false, scan);
    if (__builtin_cpu_supports("popcnt"))
        ALL("\xf3\x0f", 0xb8, "\x13", false, 0);
    if (__builtin_cpu_supports("bmi"))
        ALL("\xf3\x0f", 0xbc, "\x13", false, count);
    if (__builtin_cpu_supports("lzcnt"))
        ALL("\xf3\x0f", 0xbd, "\x13", false, count);
}

static void repeated(void **unused)
{
    struct machine m;
    static const u8 rep_stosq[] = { 0xf3, 0x48, 0xab };

    randomize(&m);
    m.regs.rcx = 2;
    m.regs.rax = 0x1122334455667788;
    assert_int_equal(emulate(&m, rep_stosq, 3), INSN_DONE);
    assert_int_equal(m.regs.rcx, 1);
    assert_int_equal(m.regs.rdi, (u64)(m.memory + 72));
    assert_memory_equal(m.memory + 64, &m.regs.rax, 8);
    m.regs.rcx = 0;
    assert_int_equal(emulate(&m, rep_stosq, 3), INSN_DONE);
    assert_int_equal(m.regs.rdi, (u64)(m.memory + 72));
}

static void refusals(void **unused)
{
    static const u8 lock_cmp[] = { 0xf0, 0x39, 0x13 }, movaps[] = { 0x0f, 0x29, 0x03 }, fild[] = { 0xdf, 0x2b },
                    or_rdx[] = { 0x48, 0x09, 0x13 }, cmpxchg16[] = { 0x48, 0x0f, 0xc7, 0x0b };
    struct machine m, before;

    randomize(&m);
    before = m;
    assert_int_equal(emulate(&m, lock_cmp, 3), INSN_FAULT);
    assert_int_equal(emulate(&m, movaps, 3), INSN_UNHANDLED);
    assert_int_equal(emulate(&m, fild, 2), INSN_UNHANDLED);
    assert_int_equal(emulate(&m, cmpxchg16, 4), INSN_UNHANDLED);
    m.forced = INSN_FAULT;
    assert_int_equal(emulate(&m, or_rdx, 3), INSN_FAULT);
    m.forced = INSN_DONE;
    m.lose_race = true;
    assert_int_equal(emulate(&m, or_rdx, 3), INSN_RETRY);
    assert_memory_equal(&m.regs, &before.regs, sizeof(m.regs));
}

static void compare_exchange_8(void **unused)
{
    static const u8 code[] = { 0xf0, 0x0f, 0xc7, 0x0f };    /* lock cmpxchg8b (%rdi) */
    struct machine m;

    for (unsigned int equal = 0; equal < 2; equal++) {
        randomize(&m);
        u64 old, now;
        memcpy(&old, m.memory + 64, 8);
        m.regs.rax = equal ? (u32)old : (u32)~old;
        m.regs.rdx = old >> 32;
        m.regs.rbx = 0x11111111;
        m.regs.rcx = 0x22222222;
        assert_int_equal(emulate(&m, code, sizeof(code)), INSN_DONE);
        memcpy(&now, m.memory + 64, 8);
        assert_int_equal(now, equal ? 0x2222222211111111 : old);
        assert_int_equal(!!(m.regs.rflags & FLAG_ZF), equal);
        assert_int_equal(m.regs.rax, (u32)old);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic), cmocka_unit_test(exchanges), cmocka_unit_test(bits), cmocka_unit_test(moves),
        cmocka_unit_test(shifts), cmocka_unit_test(searches), cmocka_unit_test(repeated), cmocka_unit_test(refusals),
        cmocka_unit_test(compare_exchange_8)
    };
    code_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return code_page == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
