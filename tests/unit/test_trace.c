/* SPDX-License-Identifier: MIT */
// sources: xen/trace/ring.c xen/trace/info.c
/* The trace buffer: what its reader finds, at the ring's end, when it is slow, and when it lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "trace/ring.h"

#define WHERE (7u | 3u << 16)   /* d7v3 */
#define MOST_WORDS (1 + 2 + TRACE_EXTRA_MAX)

struct reader {
    struct trace_ring ring;
    void *pages[3];
    u32 words[MOST_WORDS];   /* the record taken last */
};

static void start(struct reader *r, u32 pages)
{
    memset(r, 0, sizeof(*r));
    for (u32 i = 0; i < pages; i++)
        r->pages[i] = calloc(1, PAGE_SIZE);
    trace_ring_init(&r->ring, r->pages, pages);
}

static void stop(struct reader *r)
{
    for (u32 i = 0; i < ARRAY_SIZE(r->pages); i++)
        free(r->pages[i]);
}

static struct t_buf *head(struct reader *r) { return r->pages[0]; }

/* The word at an offset into the records, as a tool that has the pages mapped in a row finds it. */
static u32 word_at(struct reader *r, u32 at)
{
    u32 offset = at % r->ring.size + (u32)sizeof(struct t_buf);

    return *(u32 *)((u8 *)r->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE);
}

/* Takes one record; its number of words, 0: there is none. Never does one lie across the ring's end. */
static u32 take(struct reader *r)
{
    u32 at = head(r)->cons % r->ring.size, n;

    if (head(r)->cons == head(r)->prod)
        return 0;
    r->words[0] = word_at(r, at);
    n = 1 + (TRC_HD_INCLUDES_CYCLE_COUNT(r->words[0]) ? 2 : 0) + TRC_HD_EXTRA(r->words[0]);
    assert_true(at + n * 4 <= r->ring.size);
    for (u32 i = 0; i < n; i++)
        r->words[i] = word_at(r, at + i * 4);
    head(r)->cons = (head(r)->cons + n * 4) % (2 * r->ring.size);
    return n;
}

/* The same, past what fills the end. */
static u32 take_real(struct reader *r)
{
    u32 n;

    do {
        n = take(r);
    } while (n && TRC_HD_TO_EVENT(r->words[0]) == TRC_TRACE_WRAP_BUFFER);
    return n;
}

static enum trace_put put(struct reader *r, u32 event, bool timed, u64 tsc, u32 words, u32 first)
{
    u32 extra[TRACE_EXTRA_MAX];
    struct trace_record record = { event, words, extra, timed, tsc };

    for (u32 i = 0; i < TRACE_EXTRA_MAX; i++)
        extra[i] = first + i;
    return trace_ring_put(&r->ring, &record, WHERE);
}

static void expect(struct reader *r, u32 event, bool timed, u64 tsc, u32 words, u32 first)
{
    u32 n = take_real(r), at = timed ? 3 : 1;

    assert_int_equal(n, at + words);
    assert_int_equal(TRC_HD_TO_EVENT(r->words[0]), event);
    assert_int_equal(TRC_HD_EXTRA(r->words[0]), words);
    assert_int_equal(TRC_HD_INCLUDES_CYCLE_COUNT(r->words[0]), timed);
    if (timed)
        assert_int_equal(r->words[1] | (u64)r->words[2] << 32, tsc);
    for (u32 i = 0; i < words; i++)
        assert_int_equal(r->words[at + i], first + i);
}

/* ---- Tests */

static void test_one_record_of_each_shape(void **state)
{
    struct reader r;

    start(&r, 2);
    assert_int_equal(r.ring.size, 2 * PAGE_SIZE - 8);
    for (u32 words = 0; words <= TRACE_EXTRA_MAX; words++)
        for (u32 timed = 0; timed < 2; timed++) {
            assert_int_equal(put(&r, TRC_SCHED_WAKE, timed, 0x123456789abcdefULL, words, 40), TRACE_PUT);
            expect(&r, TRC_SCHED_WAKE, timed, 0x123456789abcdefULL, words, 40);
            assert_int_equal(take(&r), 0);
        }
    stop(&r);
}

/* Records of all sizes, many times around, by a reader that keeps up more or less: nothing is lost or out of order. */
static void test_around_and_around(void **state)
{
    struct reader r;
    u32 made = 0, taken = 0;

    start(&r, 3);
    while (made < 100000) {
        for (u32 i = 0; i < 1 + made % 97; i++, made++)
            assert_int_not_equal(put(&r, TRC_PV_TRAP + made % 5, made % 3 == 0, made, made % 8, made), TRACE_PUT_LOST);
        for (; taken < made - made % 11; taken++)
            expect(&r, TRC_PV_TRAP + taken % 5, taken % 3 == 0, taken, taken % 8, taken);
    }
    stop(&r);
}

/* What is left of the end takes each length that it can have. */
static void test_every_end(void **state)
{
    for (u32 left = 4; left < 40; left += 4) {
        struct reader r;

        start(&r, 1);
        while (r.ring.produced < r.ring.size - left) {
            assert_int_not_equal(put(&r, TRC_SCHED_BLOCK, false, 0, 0, 0), TRACE_PUT_LOST);
            assert_int_equal(take(&r), 1);
        }
        assert_int_not_equal(put(&r, TRC_SCHED_YIELD, true, 99, 7, 5), TRACE_PUT_LOST);
        assert_int_equal(take(&r) * 4, left);
        assert_int_equal(TRC_HD_TO_EVENT(r.words[0]), TRC_TRACE_WRAP_BUFFER);
        expect(&r, TRC_SCHED_YIELD, true, 99, 7, 5);
        assert_int_equal(head(&r)->cons, r.ring.size + 40);
        stop(&r);
    }
}

static void test_lost_records_are_told(void **state)
{
    struct reader r;
    u32 made = 0;

    start(&r, 1);
    while (put(&r, TRC_SCHED_BLOCK, true, 1000 + made, 2, made) != TRACE_PUT_LOST)
        made++;
    assert_int_equal(made, r.ring.size / 20);
    for (u32 i = 1; i < 5; i++)
        assert_int_equal(put(&r, TRC_SCHED_BLOCK, true, 1000 + made + i, 2, 0), TRACE_PUT_LOST);
    for (u32 i = 0; i < made; i++)
        expect(&r, TRC_SCHED_BLOCK, true, 1000 + i, 2, i);
    assert_int_equal(take(&r), 0);
    assert_int_equal(put(&r, TRC_SCHED_WAKE, false, 9000, 1, 77), TRACE_PUT);
    assert_int_equal(take_real(&r), 7);
    assert_int_equal(TRC_HD_TO_EVENT(r.words[0]), TRC_LOST_RECORDS);
    assert_int_equal(r.words[3], 5);
    assert_int_equal(r.words[4], WHERE);
    assert_int_equal(r.words[5] | (u64)r.words[6] << 32, 1000 + made);
    expect(&r, TRC_SCHED_WAKE, false, 0, 1, 77);
    assert_int_equal(put(&r, TRC_SCHED_WAKE, false, 9001, 1, 78), TRACE_PUT);
    expect(&r, TRC_SCHED_WAKE, false, 0, 1, 78);
    stop(&r);
}

/* Room for the record but not for what has to be said before it: neither. */
static void test_all_or_nothing(void **state)
{
    struct reader r;
    u32 before;

    start(&r, 1);
    while (put(&r, TRC_SCHED_BLOCK, true, 0, 2, 0) != TRACE_PUT_LOST)
        ;
    assert_int_equal(take(&r), 5);
    before = head(&r)->prod;
    assert_int_equal(put(&r, TRC_SCHED_WAKE, false, 0, 0, 0), TRACE_PUT_LOST);
    assert_int_equal(head(&r)->prod, before);
    assert_int_equal(r.ring.lost, 2);
    stop(&r);
}

static void test_half_full_is_told_once(void **state)
{
    struct reader r;
    u32 told = 0, made = 0;
    enum trace_put result;

    start(&r, 1);
    do {
        result = put(&r, TRC_SCHED_BLOCK, false, 0, 3, 0);
        if (result == TRACE_PUT_HALF)
            assert_in_range(16 * (made + 1), r.ring.size / 2, r.ring.size / 2 + 15);
        told += result == TRACE_PUT_HALF;
        made++;
    } while (result != TRACE_PUT_LOST);
    assert_int_equal(told, 1);
    while (take(&r))
        ;
    for (told = 0; told == 0; told += result == TRACE_PUT_HALF)
        result = put(&r, TRC_SCHED_BLOCK, false, 0, 3, 0);
    stop(&r);
}

/* The head is in the reader's hands. Whatever it says, what is written stays within the pages, and at its place. */
static void test_reader_that_lies(void **state)
{
    static const u32 lies[] = { 1, 2, 4091, 4088 * 2, 4088 * 2 + 4, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };
    struct reader r;

    for (u32 i = 0; i < ARRAY_SIZE(lies); i++) {
        start(&r, 1);
        for (u32 n = 0; n < 3000; n++) {
            head(&r)->prod = lies[(i + n) % ARRAY_SIZE(lies)];
            head(&r)->cons = lies[i];
            (void)put(&r, TRC_SCHED_BLOCK, n & 1, n, n % 8, n);
            assert_true(r.ring.produced < 2 * r.ring.size && r.ring.produced % 4 == 0);
        }
        head(&r)->cons = r.ring.produced;   /* it comes to reason */
        (void)put(&r, TRC_SCHED_WAKE, false, 0, 1, 77);
        while (take_real(&r) && TRC_HD_TO_EVENT(r.words[0]) != TRC_SCHED_WAKE)
            assert_int_equal(TRC_HD_TO_EVENT(r.words[0]), TRC_LOST_RECORDS);
        assert_int_equal(r.words[1], 77);
        stop(&r);
    }
}

static void test_mask(void **state)
{
    assert_true(trace_wanted(TRC_ALL, TRC_SCHED_WAKE) && trace_wanted(TRC_ALL, TRC_GUEST | 5));
    assert_true(trace_wanted(TRC_SCHED, TRC_SCHED_RUNSTATE_CHANGE) && trace_wanted(TRC_SCHED, TRC_SCHED_WAKE));
    assert_true(trace_wanted(TRC_SCHED_MIN, TRC_SCHED_RUNSTATE_CHANGE) && !trace_wanted(TRC_SCHED_MIN, TRC_SCHED_WAKE));
    assert_false(trace_wanted(TRC_SCHED, TRC_HVM_VMENTRY));
    assert_false(trace_wanted(TRC_HVM, TRC_SCHED_WAKE));
    assert_true(trace_wanted(TRC_HVM_ENTRYEXIT, TRC_HVM_VMEXIT64) && !trace_wanted(TRC_HVM_ENTRYEXIT, TRC_HVM_CPUID));
    assert_false(trace_wanted(0, TRC_SCHED_WAKE) || trace_wanted(0xf000, TRC_SCHED_WAKE));
}

static void test_info(void **state)
{
    struct t_info *info = calloc(1, PAGE_SIZE);
    u32 size = trace_info_size(3, 5);

    assert_int_equal(trace_info_size(0, 1), 0);
    assert_int_equal(trace_info_size(1, 0), 0);
    assert_int_equal(trace_info_size(1, TRACE_MAX_FRAMES + 1), 0);
    assert_int_equal(trace_info_size(64, 0xffffffff), 0);
    assert_int_not_equal(trace_info_size(64, TRACE_MAX_FRAMES / 64), 0);
    trace_info_init(info, 3, 5);
    assert_int_equal(info->tbuf_size, 5);
    for (u32 cpu = 0; cpu < 3; cpu++)
        for (u32 page = 0; page < 5; page++)
            trace_info_set(info, cpu, page, 1000 * cpu + page + 1);
    assert_true(info->mfn_offset[0] * 4u >= 2 + 3 * 2);
    for (u32 cpu = 0; cpu < 3; cpu++)
        for (u32 page = 0; page < 5; page++)
            assert_int_equal(((u32 *)info)[info->mfn_offset[cpu] + page], 1000 * cpu + page + 1);
    assert_true((info->mfn_offset[2] + 5) * 4u == size);
    assert_int_equal(info->tbuf_size, 5);
    free(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_record_of_each_shape), cmocka_unit_test(test_around_and_around),
        cmocka_unit_test(test_every_end), cmocka_unit_test(test_lost_records_are_told),
        cmocka_unit_test(test_all_or_nothing), cmocka_unit_test(test_half_full_is_told_once),
        cmocka_unit_test(test_reader_that_lies), cmocka_unit_test(test_mask), cmocka_unit_test(test_info),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
