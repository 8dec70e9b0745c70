/* SPDX-License-Identifier: MIT */
/* A vCPU is woken by one timer, and another expires on its way back into the guest, a nanosecond later each time. On a
 * machine under the instruction clock that is an interrupt at each instruction of the way that has interrupts on. */
#include <xen/vcpu.h>

#include "lib/guest.h"

#define AHEAD 30000U           /* ns: enough to fall asleep in */
#define SWEEPS 2
#define MOST 25000U            /* ns that a sweep goes on for at most */

/* Sleeps until a time limit; the other timer comes `later` ns after it, if not 0. How late it is then. */
static u64 wake(u64 later)
{
    u64 at = now_ns() + AHEAD;
    struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = at + later };
    struct sched_poll poll = { .timeout = at };

    if (later)
        EXPECT("the other timer", CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &timer), 0);
    EXPECT("poll", CALL2(sched_op, SCHEDOP_poll, &poll), 0);
    return now_ns() - at;
}

void test_main(void)
{
    u64 way = 0;

    if (!on_prism()) {
        verdict(SKIP, "the way back is that of Prism; Xen lets timers wait for each other");
        return;
    }
    for (unsigned int i = 0; i < 10; i++) {
        u64 late = wake(0);

        if (late > way && late < MOST)
            way = late;
    }
    if (way == 0)
        verdict(ERROR, "it takes more than %u ns to wake", MOST);
    say("  back in the guest after %lu ns\n", way);
    for (unsigned int sweep = 0; sweep < SWEEPS; sweep++)
        for (u64 later = 1; later <= way; later++)
            if (wake(later) > 1000000000UL)
                FAIL("a wake-up with another timer %lu ns later is a second late", later);
}
