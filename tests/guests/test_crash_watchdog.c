/* SPDX-License-Identifier: MIT */
// modes: control pvh64
/* A domain's watchdog: one that is given more time in time, or is stopped, ends nobody; one that is left alone shuts the domain
 * down, not before its second is over and soon after. */
#include "lib/guest.h"

#define MS 1000000ull

void test_main(void)
{
    EXPECT("a watchdog", set_watchdog(0, 1), 1);
    nap(600 * MS);
    EXPECT("more time for it", set_watchdog(1, 1), 0);
    nap(800 * MS);
    EXPECT("stopping it", set_watchdog(1, 0), 0);
    nap(500 * MS);
    EXPECT("another", set_watchdog(0, 1), 1);
    nap(900 * MS);
    expect_end("watchdog");
    nap(600 * MS);
    FAIL("survived");
}
