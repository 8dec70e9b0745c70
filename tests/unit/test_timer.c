/* SPDX-License-Identifier: MIT */
// sources: xen/cpu/timer_heap.c
/* The timer heap and the arithmetic of clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/time_scale.h"
#include "cpu/timer_heap.h"

#define TIMERS 300

/* Counts the nodes below t and checks their links and order. */
static unsigned int check(const struct timer *t)
{
    unsigned int n = 1;
    const struct timer *prev = t;

    for (const struct timer *c = t->child; c; prev = c, c = c->next) {
        assert_ptr_equal(c->prev, prev);
        assert_true(c->expires >= t->expires);
        n += check(c);
    }
    return n;
}

static void heap_sorts(void **state)
{
    static struct timer t[TIMERS];
    struct timer *root = NULL;
    stime_t last = 0;

    (void)state;
    memset(t, 0, sizeof(t));
    srand(1);
    for (unsigned int i = 0; i < TIMERS; i++) {
        t[i].expires = (stime_t)rand() % 50;   /* many are equal */
        timer_heap_insert(&root, &t[i]);
    }
    assert_int_equal(check(root), TIMERS);
    for (unsigned int i = 0; i < TIMERS; i++) {
        struct timer *first = root;

        assert_true(first->expires >= last);
        last = first->expires;
        timer_heap_remove(&root, first);
        assert_null(first->child);
        assert_null(first->prev);
        assert_null(first->next);
    }
    assert_null(root);
}

static void heap_random_operations(void **state)
{
    static struct timer t[TIMERS];
    static bool in[TIMERS];
    struct timer *root = NULL;
    unsigned int count = 0;

    (void)state;
    memset(t, 0, sizeof(t));
    srand(2);
    for (unsigned int step = 0; step < 20000; step++) {
        unsigned int i = (unsigned int)rand() % TIMERS;
        stime_t earliest = STIME_NEVER;

        if (in[i]) {
            timer_heap_remove(&root, &t[i]);
            count--;
        } else {
            t[i].expires = (stime_t)rand();
            timer_heap_insert(&root, &t[i]);
            count++;
        }
        in[i] = !in[i];
        for (unsigned int j = 0; j < TIMERS; j++)
            if (in[j] && t[j].expires < earliest)
                earliest = t[j].expires;
        if (!count) {
            assert_null(root);
            continue;
        }
        assert_non_null(root);
        assert_null(root->prev);
        assert_null(root->next);
        assert_int_equal(root->expires, earliest);
        if (step % 100 == 0)
            assert_int_equal(check(root), count);
    }
}

static void scale_is_exact_at_one_gigahertz(void **state)
{
    struct time_scale s = scale_of_hz(1000000000);

    (void)state;
    assert_int_equal(scale_ticks(1, s), 1);
    assert_int_equal(scale_ticks(123456789012345ULL, s), 123456789012345ULL);
}

static void scale_and_back(void **state)
{
    static const u64 hz[] = { 3579545, 14318180, 100000000, 999999999, 1000000000, 1000000001, 2194843000,
                              5200000000ULL };

    (void)state;
    srand(3);
    for (unsigned int i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
        struct time_scale s = scale_of_hz(hz[i]);
        u64 second = scale_ticks(hz[i], s);

        assert_true(s.mul >= 1u << 31);
        assert_true(second <= 1000000000 && second >= 1000000000 - 2);
        for (unsigned int n = 0; n < 1000; n++) {
            u64 ns = (u64)rand() * (u64)(n + 1), ticks = scale_ns(ns, s);

            assert_true(scale_ticks(ticks, s) >= ns);                        /* never early */
            assert_true(ticks <= mul_div(ns, hz[i], 1000000000) + 12 + ns / 100000000);   /* hardly late */
        }
    }
    assert_true(scale_ns(STIME_NEVER - 1, scale_of_hz(1000000000)) > 1ULL << 60);
}

static void roundest_number(void **state)
{
    (void)state;
    assert_int_equal(roundest(999999700, 1500), 1000000000);
    assert_int_equal(roundest(1000000002, 1500), 1000000000);
    assert_int_equal(roundest(2194843717, 900), 2194843000 + 1000);
    assert_int_equal(roundest(2194843717, 0), 2194843717);
    assert_int_equal(roundest(2994900000ULL, 2000), 2994900000ULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heap_sorts), cmocka_unit_test(heap_random_operations),
        cmocka_unit_test(scale_is_exact_at_one_gigahertz), cmocka_unit_test(scale_and_back),
        cmocka_unit_test(roundest_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
