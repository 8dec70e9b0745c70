/* SPDX-License-Identifier: MIT */
// sources: xen/boot/xz.c xen/boot/lzma2.c xen/boot/bcj.c xen/boot/crc32.c xen/boot/inflate.c tests/fuzz/fuzz_unpack.c
/* Seeded cases of the fuzz target of the unpackers of a kernel. */
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
