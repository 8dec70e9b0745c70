/* SPDX-License-Identifier: MIT */
/* Runstates: each vCPU's times add up to the time that passed, never go back, and reach the registered areas; an area
 * that goes away does no harm. */
#include <xen/vcpu.h>

#include "lib/guest.h"

#define TOLERANCE 2000000UL   /* ns */

static struct vcpu_runstate_info area[2];
static volatile bool stop;

static void second(void)
{
    while (!stop) {
        u64 start = now_ns();

        while (now_ns() - start < 3000000)
            ;
        nap(3000000);
    }
}

static u64 total(const struct vcpu_runstate_info *info)
{
    return info->time[0] + info->time[1] + info->time[2] + info->time[3];
}

static void read_state(unsigned int vcpu, struct vcpu_runstate_info *info)
{
    EXPECT("get_runstate_info", CALL3(vcpu_op, VCPUOP_get_runstate_info, vcpu, info), 0);
}

static void check_sums(unsigned int vcpu)
{
    struct vcpu_runstate_info first, before, now;
    u64 start = now_ns();

    read_state(vcpu, &first);
    before = first;
    for (unsigned int i = 0; i < 200; i++) {
        if (vcpu == 0 || i % 4 == 0)
            nap(500000);
        read_state(vcpu, &now);
        for (unsigned int state = 0; state < 4; state++)
            if (now.time[state] < before.time[state])
                FAIL("vCPU %u: time in state %u goes back", vcpu, state);
        if (now.state < 0 || now.state > RUNSTATE_offline)
            FAIL("vCPU %u: no such state as %d", vcpu, now.state);
        before = now;
    }
    u64 passed = now_ns() - start, counted = total(&now) - total(&first);
    if (counted > passed + TOLERANCE || counted + TOLERANCE < passed)
        FAIL("vCPU %u: %lu ns passed, %lu are in its runstates", vcpu, passed, counted);
    if (now.time[RUNSTATE_running] == first.time[RUNSTATE_running])
        FAIL("vCPU %u: has not run", vcpu);
    if (now.time[RUNSTATE_blocked] == first.time[RUNSTATE_blocked])
        FAIL("vCPU %u: has not blocked", vcpu);
}

static long register_area(unsigned int vcpu, u64 va)
{
    struct vcpu_register_runstate_memory_area op = { .addr.p = va };

    return CALL3(vcpu_op, VCPUOP_register_runstate_memory_area, vcpu, &op);
}

void test_main(void)
{
    u64 mfn = va_to_mfn(scratch[0]);

    (void)shared_info_page();
    if (!start_second_vcpu(second))
        return;
    EXPECT("area in Prism", register_area(0, 0xffff830000001000UL), -XEN_EFAULT);
    EXPECT("area nowhere", register_area(1, 0x8000000000000000UL), -XEN_EFAULT);
    for (unsigned int i = 0; i < 2; i++)
        EXPECT("area", register_area(i, (u64)&area[i]), 0);
    check_sums(0);
    check_sums(1);
    for (unsigned int i = 0; i < 2; i++)
        if (area[i].state < RUNSTATE_running || area[i].state > RUNSTATE_blocked)
            FAIL("vCPU %u: its area says state %d", i, area[i].state);
    if (now_ns() - area[0].state_entry_time > 1000000000UL)
        FAIL("vCPU 0: its area is not kept up to date");
    EXPECT("area in a page of its own", register_area(1, (u64)scratch[0]), 0);
    EXPECT("which goes away", CALL3(update_va_mapping, scratch[0], 0, UVMF_INVLPG | UVMF_ALL), 0);
    nap(30000000);
    EXPECT("and comes back", CALL3(update_va_mapping, scratch[0], mfn << 12 | PTE_RW_FLAGS, 0), 0);
    stop = true;
    nap(30000000);
    EXPECT("second vCPU is down", CALL3(vcpu_op, VCPUOP_is_up, 1, 0), 0);
}
