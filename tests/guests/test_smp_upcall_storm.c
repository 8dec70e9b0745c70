/* SPDX-License-Identifier: MIT */
/* A second vCPU clears the first one's event mask and sets its pending flag as fast as it can: the first gets more
 * upcalls than it likes, but goes on, and neither its stack nor the hypervisor is drowned in them. */
#include <xen/vcpu.h>

#include "lib/guest.h"

#define ENOUGH 500
#define LONGEST_NS 20000000000UL    /* on a computer that has other things to do */

static volatile bool stop;
static volatile u64 upcalls, rounds;

static void second(void)
{
    volatile struct vcpu_info *other = &shared_info_page()->vcpu_info[0];

    while (!stop) {
        other->evtchn_upcall_mask = 0;
        other->evtchn_upcall_pending = 1;
        rounds++;
    }
}

static bool count(struct trap_frame *frame)
{
    if (frame->vector == 0x100)
        upcalls++;
    return false;
}

void test_main(void)
{
    unsigned int calls = 0;

    (void)shared_info_page();
    trap_hook = count;
    if (!start_second_vcpu(second))
        return;
    for (u64 from = rounds; rounds < from + 1000; )
        ;
    for (u64 start = now_ns(); upcalls < ENOUGH && now_ns() - start < LONGEST_NS; calls++)
        EXPECT("version", CALL2(xen_version, XENVER_version, 0) >> 16, 4);
    stop = true;
    say("  %lu upcalls in %u hypercalls, %lu rounds\n", upcalls, calls, rounds);
    if (upcalls < 100)
        verdict(ERROR, "there was no storm");
}
