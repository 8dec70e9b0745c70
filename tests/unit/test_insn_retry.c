/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* An instruction that has to wait for an access: until it is done nothing changes, and begun anew it makes the same
 * accesses in the same order. And string instructions in blocks: as so many single iterations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <xen/xen.h>

#include "hw/container.h"
#include "insn/alu.h"
#include "tests/unit/insn_generate.h"
#include "insn/emulate.h"

#define CASES 60000
#define MEMORY 0x1000   /* what any address is taken modulo of */
#define MOST_ACCESSES 8

enum kind { READ, WRITE, EXCHANGE };
struct access { enum kind kind; u64 va; unsigned int size; u8 data[32]; };

struct world {
    struct cpu_user_regs regs;
    u8 memory[MEMORY], vectors[INSN_MMX + 8][32];
    struct access log[MOST_ACCESSES];
    unsigned int made, answered;   /* of this attempt; those that have an answer */
    bool waits;                    /* each new access has to be waited for once */
};

static struct container_segment segments[6];
static u64 seed = 99;

static u64 next(void *unused)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return seed >> 33;
}

static u64 wide(void) { return next(NULL) << 33 ^ next(NULL); }

/* The access that is made now: known from an attempt before, or new. */
static enum insn_result make(struct world *w, enum kind kind, u64 va, unsigned int size, struct access **found)
{
    struct access *a = &w->log[w->made];

    assert_true(w->made < MOST_ACCESSES && size <= 32);
    *found = a;
    if (w->made++ < w->answered) {
        assert_int_equal(a->kind, kind);
        assert_int_equal(a->va, va);
        assert_int_equal(a->size, size);
        return INSN_DONE;
    }
    *a = (struct access){ .kind = kind, .va = va, .size = size };
    if (kind != WRITE)
        for (unsigned int n = 0; n < size; n++)
            a->data[n] = w->memory[(va + n) % MEMORY];
    w->answered++;
    return w->waits ? INSN_RETRY : INSN_DONE;
}

static void put(struct world *w, u64 va, const void *data, unsigned int size)
{
    for (unsigned int n = 0; n < size; n++)
        w->memory[(va + n) % MEMORY] = ((const u8 *)data)[n];
}

static enum insn_result read(void *context, u64 va, void *data, unsigned int size)
{
    struct access *a;
    enum insn_result r = make(context, READ, va, size, &a);

    if (r == INSN_DONE)
        memcpy(data, a->data, size);
    return r;
}

static enum insn_result write(void *context, u64 va, const void *data, unsigned int size)
{
    struct access *a;
    enum insn_result r = make(context, WRITE, va, size, &a);

    if (r == INSN_DONE)
        put(context, va, data, size);
    return r;
}

static enum insn_result cmpxchg(void *context, u64 va, u64 *old, u64 new, unsigned int size)
{
    struct access *a;
    enum insn_result r = make(context, EXCHANGE, va, size, &a);

    if (r == INSN_DONE && !memcmp(a->data, old, size))
        put(context, va, &new, size);
    if (r == INSN_DONE)
        memcpy(old, a->data, size);
    return r;
}

static enum insn_result cmpxchg16(void *context, u64 va, u64 old[2], const u64 new[2])
{
    struct access *a;
    enum insn_result r = make(context, EXCHANGE, va, 16, &a);

    if (r == INSN_DONE && !memcmp(a->data, old, 16))
        put(context, va, new, 16);
    if (r == INSN_DONE)
        memcpy(old, a->data, 16);
    return r;
}

static enum insn_result get_vector(void *context, unsigned int n, void *data, unsigned int size)
{
    memcpy(data, ((struct world *)context)->vectors[n], size);
    return INSN_DONE;
}

static void set_vector(void *context, unsigned int n, const void *data, unsigned int size)
{
    memcpy(((struct world *)context)->vectors[n], data, size);
}

static enum insn_result attempt(struct world *w, const struct insn *insn)
{
    const struct insn_memory memory = {
        .context = w, .read = read, .write = write, .cmpxchg = cmpxchg, .cmpxchg16 = cmpxchg16,
        .get_vector = get_vector, .set_vector = set_vector, .segments = segments,
    };

    w->made = 0;
    return insn_emulate(insn, &w->regs, &memory, 0x1000);
}

static void same(const struct world *a, const struct world *b)
{
    assert_memory_equal(&a->regs, &b->regs, sizeof(a->regs));
    assert_memory_equal(a->memory, b->memory, sizeof(a->memory));
    assert_memory_equal(a->vectors, b->vectors, sizeof(a->vectors));
}

static void set_segments(void)
{
    for (unsigned int n = 0; n < 6; n++)
        segments[n] = (struct container_segment){ 8, SEGMENT_ATTR_P | SEGMENT_ATTR_S | SEGMENT_ATTR_DB | 2, 0xffffffff, 0 };
}

static void begin(struct world *w)
{
    for (unsigned int n = 0; n < 16; n++)
        *insn_reg(&w->regs, n) = wide() >> 18;   /* canonical */
    for (unsigned int n = 0; n < sizeof(w->memory); n++)
        w->memory[n] = (u8)next(NULL);
    for (unsigned int n = 0; n < sizeof(w->vectors); n++)
        ((u8 *)w->vectors)[n] = (u8)next(NULL);
    w->regs.rflags = wide() & (FLAGS_ARITHMETIC | FLAG_DF);
    w->answered = 0;
}

static void retried(void **unused)
{
    static struct world at_once, waiting, before;
    unsigned int with_accesses = 0;

    set_segments();
    begin(&at_once);
    for (unsigned int round = 0; round < CASES; round++) {
        struct insn insn;
        u8 bytes[INSN_MAX];
        enum insn_mode mode = round % 3;
        generate_insn(bytes, mode, next, NULL);
        if (round % 16 == 0)
            begin(&at_once);
        if (insn_decode(bytes, INSN_MAX, mode, &insn))
            continue;
        at_once.answered = 0;
        at_once.waits = false;
        before = waiting = at_once;
        waiting.waits = true;
        enum insn_result r = attempt(&at_once, &insn), r2;
        /* Device and guest both may say so many times that it has to wait; registers stay until the end. */
        while ((r2 = attempt(&waiting, &insn)) == INSN_RETRY) {
            assert_memory_equal(&waiting.regs, &before.regs, sizeof(before.regs));
            assert_memory_equal(waiting.vectors, before.vectors, sizeof(before.vectors));
            memcpy(waiting.memory, before.memory, MEMORY);
        }
        assert_int_equal(r, r2);
        if (r != INSN_DONE) {
            assert_memory_equal(&at_once.regs, &before.regs, sizeof(before.regs));
            at_once = before;
            continue;
        }
        same(&at_once, &waiting);
        with_accesses += at_once.made > 0;
    }
    assert_true(with_accesses > CASES / 3);
}

static void blocks(void **unused)
{
    static const u8 opcodes[] = { 0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad };
    static struct world one_by_one, whole;
    unsigned int long_ones = 0;

    for (unsigned int round = 0; round < 3000; round++) {
        u8 bytes[] = { 0xf3, opcodes[next(NULL) % sizeof(opcodes)] };
        enum insn_mode mode = round % 3;
        const struct insn_memory memory = { .segments = segments };
        struct insn_block block;
        struct insn insn;
        set_segments();
        segments[INSN_DS].limit = segments[INSN_ES].limit = (u32)(0x8000 + next(NULL) % 0x8000);
        segments[INSN_ES].base = 0xffff0000 + next(NULL) % 0x20000;
        begin(&one_by_one);
        one_by_one.waits = false;
        one_by_one.regs.rsi = next(NULL) % 0x9000;
        one_by_one.regs.rdi = next(NULL) % 0x9000;
        one_by_one.regs.rcx = next(NULL) % 40;
        whole = one_by_one;
        assert_int_equal(insn_decode(bytes, sizeof(bytes), mode, &insn), 0);
        enum insn_result r = insn_string_block(&insn, &whole.regs, &memory, 1 + next(NULL) % 50, &block);
        if (r != INSN_DONE) {
            assert_int_equal(r, INSN_FAULT);
            assert_int_equal(attempt(&one_by_one, &insn), INSN_FAULT);
            continue;
        }
        assert_true(block.count <= one_by_one.regs.rcx && block.size == (bytes[1] & 1 ? mode == INSN_16 ? 2 : 4 : 1));
        for (u64 n = 0; n < block.count; n++) {
            u64 step = n * (block.down ? -(u64)block.size : block.size);
            one_by_one.answered = 0;
            assert_int_equal(attempt(&one_by_one, &insn), INSN_DONE);
            if (block.has_source)
                assert_int_equal(one_by_one.log[0].va, block.source + step);
            if (block.has_destination)
                assert_int_equal(one_by_one.log[one_by_one.made - 1].va, block.destination + step);
        }
        insn_string_advance(&insn, &whole.regs, block.count);
        assert_int_equal(insn_then(&insn, &whole.regs), whole.regs.rcx & 0xffff ? INSN_REPEATS : INSN_NEXT);
        whole.regs.rax = one_by_one.regs.rax;   /* of LODS, each unit's */
        assert_memory_equal(&whole.regs, &one_by_one.regs, sizeof(whole.regs));
        long_ones += block.count > 10;
    }
    assert_true(long_ones > 500);
}

/* INS and OUTS: addresses alone; ports are the caller's. */
static void ports(void **unused)
{
    static const u8 rep_insd[] = { 0xf3, 0x6d }, outsb[] = { 0x6e }, rep_insq[] = { 0xf3, 0x48, 0x6d }, nop[] = { 0x90 };
    struct cpu_user_regs regs = { .rsi = 0x1000, .rdi = 0x2000, .rcx = 100 };
    struct insn_memory memory = { .segments = segments };
    struct insn_block block;
    struct insn insn;

    set_segments();
    assert_int_equal(insn_decode(rep_insd, sizeof(rep_insd), INSN_32, &insn), 0);
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_DONE);
    assert_true(block.has_destination && !block.has_source && block.size == 4 && block.count == 64);
    assert_int_equal(block.destination, 0x2000);
    insn_string_advance(&insn, &regs, 64);
    assert_int_equal(regs.rcx, 36);
    assert_int_equal(regs.rdi, 0x2100);
    assert_int_equal(insn_emulate(&insn, &regs, &memory, 0), INSN_UNHANDLED);
    assert_int_equal(insn_decode(outsb, sizeof(outsb), INSN_32, &insn), 0);
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_DONE);
    assert_true(block.has_source && !block.has_destination && block.size == 1 && block.count == 1);
    insn_string_advance(&insn, &regs, 1);
    assert_int_equal(regs.rsi, 0x1001);
    assert_int_equal(insn_then(&insn, &regs), INSN_NEXT);
    assert_int_equal(insn_decode(rep_insq, sizeof(rep_insq), INSN_64, &insn), 0);
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_DONE);
    assert_int_equal(block.size, 4);   /* ports have no 64 bits */
    regs.rcx = 0;
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_DONE);
    assert_int_equal(block.count, 0);
    assert_int_equal(insn_then(&insn, &regs), INSN_NEXT);
    segments[INSN_ES].attributes &= ~2;   /* not to be written */
    regs.rcx = 5;
    assert_int_equal(insn_decode(rep_insd, sizeof(rep_insd), INSN_32, &insn), 0);
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_FAULT);
    assert_int_equal(insn_decode(nop, sizeof(nop), INSN_32, &insn), 0);
    assert_int_equal(insn_string_block(&insn, &regs, &memory, 64, &block), INSN_UNHANDLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(retried), cmocka_unit_test(blocks), cmocka_unit_test(ports) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
