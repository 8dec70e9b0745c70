/* SPDX-License-Identifier: MIT */
// sources: xen/boot/memory_map.c
/* Which memory maps Prism refuses to build on, and that it says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "boot/boot.h"

static char reason[128];

static const char *check(struct memory_range *ranges, u32 *count)
{
    return memory_map_check(ranges, count, reason, sizeof(reason));
}

static void test_sorts_and_drops_empty(void **state)
{
    struct memory_range r[] = {
        { 0x100000, 0x7f00000, MEM_RAM }, { 0xfffc0000, 0x40000, MEM_RESERVED }, { 0x9fc00, 0, MEM_RESERVED },
        { 0, 0x9fc00, MEM_RAM }, { 0x100000000, 0x80000000, MEM_RAM },
    };
    u32 n = 5;

    (void)state;
    assert_null(check(r, &n));
    assert_int_equal(n, 4);
    for (u32 i = 1; i < n; i++)
        assert_true(r[i - 1].start < r[i].start);
}

static void test_overlap(void **state)
{
    struct memory_range r[] = { { 0x100000, 0x100001, MEM_RAM }, { 0x200000, 0x1000, MEM_RESERVED } };
    struct memory_range inside[] = { { 0, 1UL << 40, MEM_RAM }, { 0x1000, 0x1000, MEM_RAM } };
    struct memory_range same[] = { { 0x1000, 0x1000, MEM_RAM }, { 0x1000, 0x1000, MEM_RAM } };
    u32 n = 2;

    (void)state;
    assert_non_null(check(r, &n));
    assert_non_null(strstr(reason, "0x100000-0x200000"));
    assert_non_null(strstr(reason, "overlap"));
    assert_non_null(check(inside, &n));
    assert_non_null(check(same, &n));
    r[0].length--;
    assert_null(check(r, &n));
}

static void test_end_of_addresses(void **state)
{
    struct memory_range r[] = { { 0, 0x1000, MEM_RAM }, { ~0UL - 0xfff, 0x1000, MEM_RESERVED } };
    u32 n = 2;

    (void)state;
    assert_null(check(r, &n));
    r[1].length++;
    assert_non_null(check(r, &n));
    assert_non_null(strstr(reason, "past the end"));
}

static void test_no_ram(void **state)
{
    struct memory_range r[] = { { 0, 0x1000, MEM_RESERVED }, { 0x1000, 0, MEM_RAM } };
    u32 n = 2, none = 0;

    (void)state;
    assert_non_null(check(r, &n));
    assert_non_null(strstr(reason, "no RAM"));
    assert_non_null(check(r, &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorts_and_drops_empty), cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_end_of_addresses), cmocka_unit_test(test_no_ram),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
