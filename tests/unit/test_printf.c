/* SPDX-License-Identifier: MIT */
// sources: tests/unit/prism_printf.c
/* Prism's formatted output against the host's. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

int prism_snprintf(char *buf, size_t size, const char *fmt, ...);

static char ours[128], theirs[128];

#define same(...) do { \
    int a = prism_snprintf(ours, sizeof(ours), __VA_ARGS__), b = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
    assert_string_equal(ours, theirs); assert_int_equal(a, b); } while (0)

static void test_numbers(void **state)
{
    (void)state;
    same("%d %i %u %x %X %o", -5, 7, 3000000000u, 0xbeef, 0xbeef, 8);
    same("%ld %lu %lx %llx %zu", LONG_MIN, ULONG_MAX, ULONG_MAX, ~0ULL, (size_t)42);
    same("%hhu %hu %hhd %hd", 0x1ff, 0x1ffff, 0x1ff, 0x18000);
    same("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
    same("%05d|%-6d|%+05d", -42, -42, 42);
    same("%#x %#x %#010x %#X", 255, 0, 255, 255);
    same("%8.3d|%-8.3d|%+.3d|%.0d|%.5x", 7, 7, 7, 0, 0xab);
    same("%*d|%-*d|%*d|%.*d", 6, 1, 6, 2, -6, 3, 4, 5);
    same("%016lx %3u%%", 0x1234UL, 50);
    same("%d %d", INT_MIN, INT_MAX);
}

static void test_text(void **state)
{
    (void)state;
    same("%s|%10s|%-10s|%.2s|%10.3s|%c|%3c|%-3c|", "abc", "abc", "abc", "abc", "abcdef", 'x', 'y', 'z');
    same("%.*s|%s", 2, "abcdef", "");
    same("plain");
    same("%%");
}

static void test_size(void **state)
{
    char small[4] = "???";

    (void)state;
    assert_int_equal(prism_snprintf(small, sizeof(small), "%d", 123456), 6);
    assert_string_equal(small, "123");
    assert_int_equal(prism_snprintf(small, 0, "%s", "xyz"), 3);
    assert_string_equal(small, "123");
}

static void test_symbols(void **state)
{
    (void)state;
    prism_snprintf(ours, sizeof(ours), "at %ps.", (void *)0x1010);
    assert_string_equal(ours, "at function+0x10.");
    prism_snprintf(ours, sizeof(ours), "%ps %p", (void *)0x2000, (void *)0x2000);
    assert_string_equal(ours, "0000000000002000 0000000000002000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_text), cmocka_unit_test(test_size),
        cmocka_unit_test(test_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
