/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel gives back the pages that the hypervisor writes to: shared_info, vcpu_info, runstates, the clock's copy. What
 * is written goes to the page that was, never to the one that is there now. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/hostile.h"

static void register_areas(void)
{
    struct vcpu_register_vcpu_info info = { .mfn = frame_of(scratch[0]), .offset = 0 };
    struct vcpu_register_runstate_memory_area runstate = { .addr.p = 0 };
    struct vcpu_register_time_memory_area time = { .addr.p = 0 };

    info.offset = 4096 - sizeof(struct vcpu_info) + 8;
    EXPECT_ERROR("vcpu_info over the end of a page", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &info));
    info.offset = 2;
    EXPECT_ERROR("vcpu_info at an odd place", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &info));
    info.offset = 0, info.mfn = ~0ull >> 12;
    EXPECT_ERROR("vcpu_info nowhere", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &info));
    info.mfn = frame_of(scratch[0]);
    EXPECT("vcpu_info", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &info), 0);
    set_xen_guest_handle(runstate.addr.h, (struct vcpu_runstate_info *)scratch[1]);
    EXPECT("runstates", CALL3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &runstate), 0);
    set_xen_guest_handle(time.addr.h, (struct vcpu_time_info *)(scratch[1] + 512));
    EXPECT("the clock", CALL3(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &time), 0);
}

static void events_until(u64 when)
{
    struct evtchn_bind_ipi bind = { .vcpu = 0 };
    struct evtchn_send send;
    struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = when };

    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
    send.port = bind.port;
    for (unsigned int i = 0; i < 50; i++)
        EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
    CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &timer);
    for (unsigned int i = 0; i < 50; i++)
        CALL2(sched_op, SCHEDOP_yield, 0);
}

static void events(void) { events_until(now_ns() + 1000000); }

#ifdef GUEST_HW
/* Frame 0's page is the one that vcpu_info was in: a new one is in its place. */
static void replaced(void)
{
    give_back(frame_of(scratch[0]));
    EXPECT("another page there", populate(frame_of(scratch[0])), 1);
    memset(scratch[0], 0, 4096);
    events();
    for (unsigned int i = 0; i < 4096; i++)
        if (scratch[0][i]) {
            FAIL("byte %u of a new page is %x", i, scratch[0][i]);
            break;
        }
}
#endif

void test_main(void)
{
#ifdef GUEST_HW
    u64 when;

#endif
    nap(1000000);
    register_areas();
    events();
#ifdef GUEST_HW
    replaced();
    give_back(frame_of(scratch[1]));
    events();
    nap(2000000);
    give_back(GRANT_TABLE_GFN);
    when = now_ns() + 1000000;
    EXPECT("shared_info elsewhere", add_to_physmap(XENMAPSPACE_shared_info, 0, EMPTY_GFN + 3), 0);
    give_back(EMPTY_GFN + 3);
    events_until(when);                     /* without shared_info, and so without a clock */
    /* Whoever waits for the console's reader at the end looks at the clock. */
    EXPECT("shared_info back", add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN), 0);
#else
    give_back(va_to_mfn(scratch[0]));
    give_back(va_to_mfn(scratch[1]));
    give_back(start_info->shared_info >> 12);
    events();
    nap(2000000);
#endif
}
