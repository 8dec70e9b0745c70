/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 hvm32
/* A load for other tests: its vCPUs, at most two, want a CPU all the time, until the domain is destroyed. Now and then they
 * PAUSE: where the emulator's CPUs run by turns that hands on the turn (docs/machine.md), and costs a vCPU nothing. */
#include "lib/guest.h"

#define TURN 20000

static void spin(void)
{
    for (;;) {
        for (unsigned int i = 0; i < TURN; i++)
            asm volatile("");
        asm volatile("pause");
    }
}

void test_main(void)
{
    say("LOAD spins\n");
    if (vcpus() > 1)
        start_second_vcpu(spin);
    spin();
}
