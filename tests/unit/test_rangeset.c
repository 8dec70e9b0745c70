/* SPDX-License-Identifier: MIT */
// sources: xen/lib/rangeset.c
/* Range sets against a bitmap that does the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/lib.h"
#include "lib/rangeset.h"

#define SIZE 200

static void test_merge(void **state)
{
    struct rangeset r;

    (void)state;
    rangeset_init(&r);
    assert_int_equal(rangeset_add(&r, 10, 19), 0);
    assert_int_equal(rangeset_add(&r, 30, 39), 0);
    assert_false(rangeset_contains(&r, 10, 39));
    assert_int_equal(rangeset_add(&r, 20, 29), 0);
    assert_true(rangeset_contains(&r, 10, 39));
    assert_true(r.ranges.next == r.ranges.prev);
    assert_false(rangeset_contains(&r, 9, 10));
    assert_false(rangeset_overlaps(&r, 0, 9));
    assert_true(rangeset_overlaps(&r, 0, 10));
    assert_int_equal(rangeset_add(&r, 5, 4), -EINVAL);
    rangeset_free(&r);
}

static void test_ends_of_the_numbers(void **state)
{
    struct rangeset r;

    (void)state;
    rangeset_init(&r);
    assert_int_equal(rangeset_add(&r, 0, ~0UL), 0);
    assert_true(rangeset_contains(&r, 0, ~0UL));
    assert_int_equal(rangeset_remove(&r, 5, 5), 0);
    assert_true(rangeset_contains(&r, 6, ~0UL));
    assert_false(rangeset_contains(&r, 5, 5));
    assert_int_equal(rangeset_remove(&r, 0, 0), 0);
    assert_int_equal(rangeset_remove(&r, ~0UL, ~0UL), 0);
    assert_false(rangeset_overlaps(&r, ~0UL, ~0UL));
    assert_int_equal(rangeset_add(&r, ~0UL, ~0UL), 0);
    assert_int_equal(rangeset_add(&r, 0, 0), 0);
    assert_true(rangeset_contains(&r, 6, ~0UL));
    assert_int_equal(rangeset_remove(&r, 0, ~0UL), 0);
    assert_true(list_empty(&r.ranges));
    rangeset_free(&r);
}

static void compare(struct rangeset *r, const bool *bits)
{
    for (unsigned long a = 0; a < SIZE; a += 1 + (unsigned long)rand() % 3) {
        bool all = true, any = false;

        for (unsigned long b = a; b < SIZE; b++) {
            all = all && bits[b];
            any = any || bits[b];
            if (rangeset_contains(r, a, b) != all || rangeset_overlaps(r, a, b) != any)
                fail_msg("differs at %lu to %lu", a, b);
        }
    }
}

static void test_random(void **state)
{
    struct rangeset r;
    bool bits[SIZE] = { false };

    (void)state;
    srand(1);
    rangeset_init(&r);
    for (int round = 0; round < 300; round++) {
        unsigned long a = (unsigned long)rand() % SIZE, b = min(a + (unsigned long)rand() % 40, SIZE - 1UL);
        bool add = rand() & 1;

        assert_int_equal(add ? rangeset_add(&r, a, b) : rangeset_remove(&r, a, b), 0);
        for (unsigned long i = a; i <= b; i++)
            bits[i] = add;
        if (round % 10 == 0)
            compare(&r, bits);
    }
    rangeset_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge), cmocka_unit_test(test_ends_of_the_numbers), cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
