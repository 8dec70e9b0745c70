/* SPDX-License-Identifier: MIT */
/* A second vCPU for tests that need two at once: brought up on the first one's page tables, with the same traps. */
#include <xen/vcpu.h>

#include "lib/vcpu.h"

#define PATIENCE 300000000u

static void (*second_main)(void);
static volatile bool second_runs;

/* On the second vCPU. Its function may return: then the vCPU takes itself down. */
void second_vcpu_start(void)
{
    second_runs = true;
    second_main();
    CALL3(vcpu_op, VCPUOP_down, 1, 0);
    for (;;)
        CALL2(sched_op, SCHEDOP_yield, 0);
}

bool start_second_vcpu(void (*fn)(void))
{
    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return false;
    }
    second_main = fn;
    second_runs = false;
    EXPECT("VCPUOP_initialise", CALL3(vcpu_op, VCPUOP_initialise, 1, second_vcpu_state()), 0);
    EXPECT("VCPUOP_up", CALL3(vcpu_op, VCPUOP_up, 1, 0), 0);
    for (u64 start = now_ns(); !second_runs && now_ns() - start < 5000000000UL; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    if (!second_runs)
        FAIL("the second vCPU does not run");
    return second_runs;
}

/* Mostly without a hypercall: the other one is at work on another CPU. */
bool wait_for_other(const volatile u32 *count, u32 so_far, const char *what)
{
    for (u32 n = 0; (int)(*count - so_far) < 0; n++)
        if (n == PATIENCE) {
            FAIL("%s", what);
            return false;
        } else if (n % 64 == 63)
            CALL2(sched_op, SCHEDOP_yield, 0);
    return true;
}
