/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c tests/fuzz/fuzz_device.c
/* Seeded cases of the fuzz target of instructions that reach devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/fuzz/cases.h"

static void test_cases(void **state)
{
    run_cases(4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
