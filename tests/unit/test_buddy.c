/* SPDX-License-Identifier: MIT */
// sources: xen/mem/buddy.c xen/mem/alloc_fault.c
/* The frame allocator over a fake frame table: no overlap, exact accounting, joining, address limits, zeroing,
 * claims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/cpu.h"
#include "dom/domain.h"
#include "mem/alloc_fault.h"
#include "mem/frame.h"

#define FRAMES 0x120000UL   /* a little above 4 GiB, with a hole below it */
#define HOLE_START 0xc0000UL
#define HOLE_END 0x100000UL

struct frame *frame_table;
mfn_t max_mfn = FRAMES;
cpumask_t cpu_online_mask = 1;
static u32 clock_now = 5;
static u32 flushes;
static u8 contents[FRAMES];   /* one byte stands for a page: 0 is zero */
static u8 used[FRAMES];

u32 tlb_clock_now(void) { return clock_now; }
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return stamp >= clock_now ? mask : 0; }
void flush_tlb_mask(cpumask_t mask) { assert_int_not_equal(mask, 0); clock_now++; flushes++; }
void frames_zero(mfn_t first, unsigned long n) { memset(contents + first, 0, n); }
maddr_t virt_to_maddr(const void *v) { return (u64)(uintptr_t)v - DIRECTMAP_START; }
void put_frame(mfn_t mfn)
{
    if ((--frame_table[mfn].count & FRAME_COUNT_MASK) == 0)
        heap_free(mfn, 0);
}
bool frame_take_allocation(mfn_t mfn)
{
    bool had = frame_table[mfn].count & FRAME_ALLOCATED;

    frame_table[mfn].count &= ~FRAME_ALLOCATED;
    return had;
}

static mfn_t take(unsigned int order, unsigned int bits)
{
    mfn_t mfn = heap_alloc((struct alloc_request){ .order = order, .address_bits = bits });

    if (mfn == INVALID_MFN)
        return mfn;
    assert_int_equal(mfn & ((1UL << order) - 1), 0);
    for (mfn_t m = mfn; m < mfn + (1UL << order); m++) {
        assert_true(m < FRAMES && m > 0 && !(m >= HOLE_START && m < HOLE_END));
        assert_false(used[m]);
        assert_int_equal(contents[m], 0);
        assert_int_equal(frame_table[m].count, FRAME_ALLOCATED | 1);
        assert_int_equal(frame_table[m].owner, DOMID_XEN);
        assert_int_equal(frame_table[m].flags, 0);
        used[m] = 1;
        contents[m] = 0xaa;
    }
    if (bits)
        assert_true(((mfn + (1UL << order) - 1) << PAGE_SHIFT) < 1UL << bits);
    return mfn;
}

static void give(mfn_t mfn, unsigned int order)
{
    memset(used + mfn, 0, 1UL << order);
    heap_free(mfn, order);
}

static int setup(void **state)
{
    frame_table = calloc(FRAMES, sizeof(*frame_table));
    memset(contents, 0xcc, sizeof(contents));
    heap_add_range(0, HOLE_START);
    heap_add_range(HOLE_END, FRAMES);
    return 0;
}

static int teardown(void **state)
{
    free(frame_table);
    return 0;
}

#define ALL (FRAMES - 1 - (HOLE_END - HOLE_START))

static void test_totals(void **state)
{
    assert_int_equal(heap_total_frames(), ALL);
    heap_count_used(5, 3);
    assert_int_equal(heap_total_frames(), ALL + 3);
    assert_int_equal(heap_free_frames(), ALL);
    assert_int_equal(heap_scrub_pending(), ALL);
    assert_int_equal(heap_free_frames_below(32), HOLE_START - 1);
    assert_int_equal(heap_free_frames_below(24), 4095);
}

static void test_prefers_high(void **state)
{
    mfn_t high = take(0, 0), low = take(0, 32), dma = take(4, 24);

    assert_true(high >= HOLE_END);
    assert_true(low >= 0x80000 && low < HOLE_START);
    assert_true(dma < 0x1000);
    give(high, 0);
    give(low, 0);
    give(dma, 4);
    assert_int_equal(heap_free_frames(), ALL);
    assert_int_equal(take(MAX_ORDER + 1, 0), INVALID_MFN);
    assert_int_equal(take(0, 12), INVALID_MFN);
}

static void test_joins(void **state)
{
    static mfn_t all[0x1000];
    unsigned int n = 0;
    mfn_t mfn;

    while ((mfn = take(0, 24)) != INVALID_MFN)
        all[n++] = mfn;
    assert_int_equal(n, 4095);
    assert_int_equal(heap_free_frames_below(24), 0);
    for (unsigned int i = 0; i < n; i++)
        give(all[(i * 1009) % n], 0);
    mfn = take(11, 24);
    assert_int_equal(mfn, 0x800);
    give(mfn, 11);
    assert_int_equal(heap_free_frames(), ALL);
}

static void test_random(void **state)
{
    static struct { mfn_t mfn; unsigned int order; } held[3000];
    unsigned int n = 0;
    u64 frames = 0;

    srand(1);
    for (int i = 0; i < 60000; i++) {
        if (n < 3000 && (n == 0 || rand() % 100 < 55)) {
            static const unsigned int bits[] = { 0, 0, 0, 0, 32, 32, 31, 28, 24, 33 };
            unsigned int order = rand() % 10 ? (unsigned int)rand() % 4 : (unsigned int)rand() % 13;
            mfn_t mfn = take(order, bits[rand() % 10]);

            if (mfn == INVALID_MFN)
                continue;
            held[n].mfn = mfn;
            held[n++].order = order;
            frames += 1UL << order;
        } else {
            unsigned int k = (unsigned int)rand() % n;

            if (i % 2)
                frame_table[held[k].mfn].owner = 3;   /* a domain's: its translations end before it is used again */
            give(held[k].mfn, held[k].order);
            frames -= 1UL << held[k].order;
            held[k] = held[--n];
        }
        if (i % 16 == 0)
            heap_scrub_some(1u << (rand() % 10));
        assert_int_equal(heap_free_frames() + frames, ALL);
    }
    while (n)
        n--, give(held[n].mfn, held[n].order);
    assert_int_equal(heap_free_frames(), ALL);
    assert_true(flushes > 0);
    give(take(17, 31), 17);
}

static void test_flushes(void **state)
{
    u32 before = flushes;
    mfn_t mfn = take(0, 20);

    frame_table[mfn].owner = 3;
    give(mfn, 0);
    give(take(0, 20), 0);
    assert_int_equal(flushes, before + 1);
    give(take(0, 20), 0);
    assert_int_equal(flushes, before + 1);
}

/* Blocks freed half a turn of the clock apart: joined, they are flushed for the later one. */
static void test_joined_stamps(void **state)
{
    mfn_t mfn = take(1, 20);
    u32 before;

    frame_table[mfn].owner = frame_table[mfn + 1].owner = 3;
    give(mfn, 0);
    clock_now += 0x80000010;
    give(mfn + 1, 0);
    before = flushes;
    assert_int_equal(take(1, 20), mfn);
    assert_int_equal(flushes, before + 1);
    give(mfn, 1);
}

static void test_scrub(void **state)
{
    u64 before = heap_scrub_pending();

    while (heap_scrub_some(512)) {
        assert_true(heap_scrub_pending() <= before);
        before = heap_scrub_pending();
    }
    assert_int_equal(heap_scrub_pending(), 0);
    for (mfn_t m = 1; m < FRAMES; m++)
        assert_true(contents[m] == 0 || (m >= HOLE_START && m < HOLE_END));
    assert_int_equal(heap_free_frames(), ALL);
    mfn_t mfn = take(9, 0);
    assert_int_equal(heap_scrub_pending(), 0);
    give(mfn, 9);
    assert_int_equal(heap_scrub_pending(), 512);
}

static void test_kept(void **state)
{
    mfn_t mfn = take(2, 0);

    memset(used + mfn, 0, 4);
    frame_table[mfn + 1].count++;   /* somebody still maps one of them */
    heap_free(mfn, 2);
    assert_int_equal(heap_free_frames(), ALL - 1);
    assert_int_equal(frame_table[mfn + 1].count, 1);
    put_frame(mfn + 1);
    assert_int_equal(heap_free_frames(), ALL);
}

static void test_claims(void **state)
{
    assert_false(heap_claim(ALL + 1));
    assert_true(heap_claim(ALL - 1));
    assert_false(heap_claim(2));
    mfn_t one = take(0, 0);
    assert_int_not_equal(one, INVALID_MFN);
    assert_int_equal(take(0, 0), INVALID_MFN);
    mfn_t mine = heap_alloc((struct alloc_request){ .order = 1, .claimed = 2 });
    assert_int_not_equal(mine, INVALID_MFN);
    assert_int_equal(heap_claimed_frames(), ALL - 3);
    heap_unclaim(ALL - 3);
    heap_free(mine, 1);
    give(one, 0);
    assert_int_equal(heap_free_frames(), ALL);
}

/* The one that is to fail takes nothing, whatever it asks for; those before and behind it do. */
static void test_fails(void **state)
{
    u64 before = heap_free_frames();
    mfn_t mfn;

    assert_int_equal(take(MAX_ORDER + 1, 0), INVALID_MFN);
    alloc_fail_at(2);
    assert_int_equal(alloc_fail_left(), 2);
    mfn = take(0, 0);
    assert_int_not_equal(mfn, INVALID_MFN);
    assert_int_equal(alloc_fail_left(), 1);
    give(mfn, 0);
    assert_int_equal(take(9, 0), INVALID_MFN);
    assert_int_equal(alloc_fail_left(), 0);
    assert_non_null(alloc_failed_for());
    assert_int_equal(heap_free_frames(), before);
    mfn = take(9, 0);
    assert_int_not_equal(mfn, INVALID_MFN);
    give(mfn, 9);
    assert_true(heap_claim(5));
    alloc_fail_at(1);
    assert_int_equal(heap_alloc((struct alloc_request){ .claimed = 1 }), INVALID_MFN);
    assert_int_equal(heap_claimed_frames(), 5);   /* the claim is not used up */
    heap_unclaim(5);
    alloc_fail_at(1);
    alloc_fail_at(0);
    mfn = take(0, 0);
    assert_int_not_equal(mfn, INVALID_MFN);
    give(mfn, 0);
    assert_int_equal(heap_free_frames(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals), cmocka_unit_test(test_prefers_high), cmocka_unit_test(test_joins),
        cmocka_unit_test(test_random), cmocka_unit_test(test_flushes), cmocka_unit_test(test_joined_stamps),
        cmocka_unit_test(test_scrub),
        cmocka_unit_test(test_kept), cmocka_unit_test(test_claims),
        cmocka_unit_test(test_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
