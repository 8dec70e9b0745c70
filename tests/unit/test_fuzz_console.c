/* SPDX-License-Identifier: MIT */
// sources: xen/boot/cmdline.c xen/lib/number.c tests/fuzz/fuzz_console.c
/* Seeded cases of the fuzz target of the console. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/fuzz/cases.h"

static void test_cases(void **state)
{
    run_cases(2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
