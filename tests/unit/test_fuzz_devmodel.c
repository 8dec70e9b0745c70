/* SPDX-License-Identifier: MIT */
// sources: xen/lib/rangeset.c devmodel/slot.c devmodel/ring.c tests/fuzz/fuzz_devmodel.c
/* Seeded cases of the fuzz target of device models. */
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
