/* SPDX-License-Identifier: MIT */
// sources: xen/lib/number.c
/* Numbers and sizes as command lines have them: all digits that belong to one and none behind it, in upper and lower case;
 * one that is too large is the largest, however it came to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lib/lib.h"

/* What a text is read as, and the first character that is left. Macros, so that what fails is named by its line. */
#define NUMBER_IS(text, base, value, next) do { char *_end; \
    assert_int_equal(strtoull(text, &_end, base), value); \
    assert_int_equal(*_end, next); } while (0)
#define SIZE_IS(text, value, next) do { char *_end; \
    assert_int_equal(parse_size(text, &_end), value); \
    assert_int_equal(*_end, next); \
    assert_int_equal(parse_size(text, NULL), value); } while (0)

static void test_any_number(void **state)
{
    static const struct { const char *format; int base; } forms[] = {
        { "%lu,", 0 }, { "%lu,", 10 }, { "0%lu,", 0 }, { "0x%lx,", 0 }, { "0X%lX,", 0 }, { "0x%lx,", 16 }, { "%lX,", 16 },
        { "%lo,", 8 },
    };

    (void)state;
    for (unsigned int i = 0; i < 10000; i++) {
        u64 value = (u64)rand() << 62 ^ (u64)rand() << 31 ^ (u64)rand();
        char text[32];

        value >>= i % 64;
        for (unsigned int form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
            snprintf(text, sizeof(text), forms[form].format, value);
            NUMBER_IS(text, forms[form].base, value, ',');
        }
    }
}

static void test_edges(void **state)
{
    (void)state;
    NUMBER_IS("", 0, 0, '\0');
    NUMBER_IS("-1", 0, 0, '-');
    NUMBER_IS(" 1", 0, 0, ' ');
    NUMBER_IS("0x", 0, 0, 'x');
    NUMBER_IS("0xg", 0, 0, 'x');
    NUMBER_IS("0xg", 16, 0, 'x');
    NUMBER_IS("12ab", 10, 12, 'a');
    NUMBER_IS("789", 8, 7, '8');
    NUMBER_IS("18446744073709551615 ", 0, ~0UL, ' ');
    NUMBER_IS("18446744073709551616 ", 0, ~0UL, ' ');
    NUMBER_IS("0x10000000000000000;", 0, ~0UL, ';');
    NUMBER_IS("99999999999999999999999999999k", 0, ~0UL, 'k');
}

static void test_sizes(void **state)
{
    static const char suffixes[][2] = { "bB", "kK", "mM", "gG", "tT" };
    char text[32];

    (void)state;
    for (unsigned int i = 0; i < 5; i++)
        for (unsigned int j = 0; j < 2; j++) {
            u64 most = ~0UL >> (10 * i);

            snprintf(text, sizeof(text), "%lu%c,", most, suffixes[i][j]);
            SIZE_IS(text, most << (10 * i), ',');
            if (i > 0) {
                snprintf(text, sizeof(text), "0x%lx%c", most + 1, suffixes[i][j]);
                SIZE_IS(text, ~0UL, '\0');
            }
        }
    SIZE_IS("64", 64, '\0');
    SIZE_IS("64Kb", 65536, 'b');
    SIZE_IS("0x1b", 27, '\0');
    SIZE_IS("64q", 64, 'q');
    SIZE_IS("k", 0, 'k');
    SIZE_IS("", 0, '\0');
    SIZE_IS("18446744073709551616b", ~0UL, '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number), cmocka_unit_test(test_edges), cmocka_unit_test(test_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
