/* SPDX-License-Identifier: MIT */
// sources: harness/guest/bench_steady.c
/* When rounds of the benchmark agree: by how much, and what one stray round at either end may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "harness/guest/bench_steady.h"

static void equal_rounds(void **state)
{
    const uint64_t same[] = { 1000, 1000, 1000, 1000, 1000 }, nothing[] = { 0, 0, 0 };
    assert_true(steady(same, 5));
    assert_true(steady(nothing, 3));
}

static void one_hundredth_is_the_limit(void **state)
{
    const uint64_t within[] = { 1010, 1000, 1000, 1010, 1005 }, beyond[] = { 1011, 1000, 1000, 1011, 1005 };
    assert_true(steady(within, 5));
    assert_false(steady(beyond, 5));
}

static void strays_at_the_ends(void **state)
{
    const uint64_t one_each[] = { 90000, 1000, 1002, 1, 1001 }, two_high[] = { 90000, 1000, 1002, 80000, 1001 };
    assert_true(steady(one_each, 5));
    assert_false(steady(two_high, 5));
}

static void order_does_not_matter(void **state)
{
    const uint64_t up[] = { 10, 20, 30, 40, 50 }, down[] = { 50, 40, 30, 20, 10 };
    assert_false(steady(up, 5));
    assert_false(steady(down, 5));
}

static void wrong_numbers(void **state)
{
    const uint64_t values[17] = { 0 };
    assert_false(steady(values, 2));
    assert_false(steady(values, 17));
    assert_true(steady(values, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_rounds), cmocka_unit_test(one_hundredth_is_the_limit), cmocka_unit_test(strays_at_the_ends),
        cmocka_unit_test(order_does_not_matter), cmocka_unit_test(wrong_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
