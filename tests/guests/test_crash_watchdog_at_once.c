/* SPDX-License-Identifier: MIT */
// modes: control pvh64
/* A domain's watchdog of no time shuts the domain down at once. */
#include "lib/guest.h"

#define MS 1000000ull

void test_main(void)
{
    struct sched_watchdog op = { .id = 0, .timeout = 0 };

    expect_end("watchdog");
    CALL2(sched_op, SCHEDOP_watchdog, &op);
    nap(100 * MS);
    FAIL("survived");
}
