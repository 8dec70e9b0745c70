/* SPDX-License-Identifier: MIT */
// modes: control pvh64
/* A domain's watchdog of no time shuts the domain down at once. */
#include "lib/guest.h"

#define MS 1000000ull

void test_main(void)
{
    expect_end("watchdog");
    set_watchdog(0, 0);
    nap(100 * MS);
    FAIL("survived");
}
