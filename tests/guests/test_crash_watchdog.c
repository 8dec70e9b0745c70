/* SPDX-License-Identifier: MIT */
// modes: control pvh64
/* A domain's watchdog: one that is given more time in time, or is stopped, ends nobody; one that is left alone shuts the domain
 * down, not before its second is over and soon after. */
#include "lib/guest.h"

#define MS 1000000ull

static long watchdog(u32 id, u32 seconds)
{
    struct sched_watchdog op = { .id = id, .timeout = seconds };

    return CALL2(sched_op, SCHEDOP_watchdog, &op);
}

void test_main(void)
{
    EXPECT("a watchdog", watchdog(0, 1), 1);
    nap(600 * MS);
    EXPECT("more time for it", watchdog(1, 1), 0);
    nap(800 * MS);
    EXPECT("stopping it", watchdog(1, 0), 0);
    nap(500 * MS);
    EXPECT("another", watchdog(0, 1), 1);
    nap(900 * MS);
    expect_end("watchdog");
    nap(600 * MS);
    FAIL("survived");
}
