/* SPDX-License-Identifier: MIT */
// sources: xen/boot/b*.c xen/boot/crc32.c xen/boot/[elix][lnz]*.c tests/fuzz/fuzz_kernel.c
/* Seeded cases of the fuzz target of a kernel's file. */
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
