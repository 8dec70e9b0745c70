/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32
/* A load for other tests: its vCPUs, at most two, want a CPU all the time, until the domain is destroyed. */
#include "lib/guest.h"

static void spin(void)
{
    for (;;)
        asm volatile("");
}

void test_main(void)
{
    say("LOAD spins\n");
    if (vcpus() > 1)
        start_second_vcpu(spin);
    spin();
}
