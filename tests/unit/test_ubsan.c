/* SPDX-License-Identifier: MIT */
// sources: xen/lib/ubsan.c xen/lib/canary.c
/* What the debug build says of undefined behaviour, of which there is some here, and of an overrun stack frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/lib.h"

static jmp_buf away;
static char said[256];

void bug_at(const char *file, int line, const char *what)
{
    snprintf(said, sizeof(said), "%s:%d: %s", file, line, what);
    longjmp(away, 1);
}

void panic(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(said, sizeof(said), fmt, args);
    va_end(args);
    longjmp(away, 1);
}

static void said_so(int line, const char *what)
{
    const char *place = strstr(said, ": undefined behaviour at column "), *text;
    char expected[128];

    snprintf(expected, sizeof(expected), "%s:%d", __FILE__, line);
    assert_non_null(place);
    assert_int_equal(strlen(expected), place - said);
    assert_memory_equal(said, expected, strlen(expected));
    text = strstr(place + 2, ": ");
    assert_non_null(text);
    assert_string_equal(text + 2, what);
}

/* The statement has undefined behaviour, in this line, and that is what is said. */
#define UNDEFINED(what, statement) do { \
    if (setjmp(away) == 0) { statement; fail_msg("nothing was said of: %s", #statement); } \
    said_so(__LINE__, what); } while (0)

struct two { int a, b; };
static volatile long sink;
static int numbers[4];

static void test_numbers(void **state)
{
    volatile int four = 4, minus = -1, zero = 0, lowest = INT32_MIN;
    volatile unsigned int many = 64;
    volatile u8 byte = 2;

    UNDEFINED("index 4 of 'int [4]'", numbers[four] = 1);
    UNDEFINED("index -1 of 'int [4]'", sink = numbers[minus]);
    UNDEFINED("1 of 'long unsigned int' shifted by 64", sink = (long)(1UL << many));
    UNDEFINED("4 of 'int' shifted by -1", sink = four << minus);
    UNDEFINED("4 of 'int' divided by 0", sink = four / zero);
    UNDEFINED("-2147483648 of 'int' divided by -1", sink = lowest / minus);
    UNDEFINED("2 is no value of '_Bool'", sink = *(volatile bool *)&byte);
    UNDEFINED("bits of 0 counted", sink = __builtin_ctz((unsigned int)zero));
    UNDEFINED("what cannot be reached was", if (four == 4) __builtin_unreachable());
    sink = numbers[four - 1] + (four << 1) + four / minus;
}

static void test_pointers(void **state)
{
    struct two *volatile none = NULL;

    UNDEFINED("member of 'struct two' at 0, which is null", sink = none->b);
}

/* Forms for which the compiler here sees no cause: by the structures that it would make. */
void __ubsan_handle_type_mismatch_v1_abort(void *data, void *pointer) noreturn;
void __ubsan_handle_load_invalid_value_abort(void *data, void *v) noreturn;
void __ubsan_handle_nonnull_arg_abort(void *data) noreturn;

static void test_made_up(void **state)
{
    static const struct { u16 kind, form; char name[8]; } integer = { 0, 5 << 1 | 1, "'int'" }, other = { 1, 32, "'float'" };
    struct { const char *file; u32 line, column; const void *type; u8 align, how; } p = { __FILE__, 1, 2, &integer, 3, 1 };
    struct { const char *file; u32 line, column; const char *of; u32 at[2]; int number; } n = { __FILE__, 3, 4, .number = 2 };

    if (setjmp(away) == 0)
        __ubsan_handle_type_mismatch_v1_abort(&p, (void *)64UL);
    assert_string_equal(said, __FILE__ ":1: undefined behaviour at column 2: store of 'int' at 0x40, which is "
                        "too small for it");
    p.type = &other;
    p.how = 200;
    if (setjmp(away) == 0)
        __ubsan_handle_type_mismatch_v1_abort(&p, (void *)64UL);
    assert_string_equal(said, __FILE__ ":1: undefined behaviour at column 2: access of 'float' at 0x40, which is "
                        "too small for it");
    if (setjmp(away) == 0)
        __ubsan_handle_load_invalid_value_abort(&p, (void *)64UL);
    assert_string_equal(said, __FILE__ ":1: undefined behaviour at column 2: a value is no value of 'float'");
    if (setjmp(away) == 0)
        __ubsan_handle_nonnull_arg_abort(&n);
    assert_string_equal(said, __FILE__ ":3: undefined behaviour at column 4: argument 2 is null");
}

void __stack_chk_fail(void) noreturn;

static void test_canary(void **state)
{
    if (setjmp(away) == 0)
        __stack_chk_fail();
    assert_non_null(strstr(said, "has been overrun, at "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_pointers), cmocka_unit_test(test_made_up),
        cmocka_unit_test(test_canary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
