/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64 pvh32 pvh32np
/* The periodic timer of a vCPU: its event comes again and again as long as the vCPU runs, not while it rests, at once when it
 * runs again after longer than a period, and no more once it is stopped. Periods that cannot be are refused. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define MS 1000000ull
#define PERIOD (2 * MS)

static evtchn_port_t port;

/* The timer's event has come since it was last asked. */
static bool came(void)
{
    const unsigned int bits = 8 * sizeof(unsigned long);
    volatile unsigned long *word = &shared_info_page()->evtchn_pending[port / bits];
    unsigned long bit = 1ul << port % bits;

    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* How often it comes while the vCPU is busy for so long. Now and then it lets others, and its own hypercalls, come between. */
static unsigned int come_in(u64 ns)
{
    unsigned int n = 0;

    for (u64 end = now_ns() + ns; now_ns() < end; n += came())
        (void)CALL2(xen_version, XENVER_version, 0);
    return n;
}

static long set(u64 period)
{
    struct vcpu_set_periodic_timer op = { .period_ns = period };

    return CALL3(vcpu_op, VCPUOP_set_periodic_timer, 0, &op);
}

void test_main(void)
{
    struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER };
    unsigned int n;

    EXPECT("stop", CALL3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
    EXPECT("bind_virq", CALL2(event_channel_op, EVTCHNOP_bind_virq, &bind), 0);
    port = bind.port;
    shared_info_page()->evtchn_mask[0] = ~0ul;
    EXPECT("a period of nothing", set(0), -XEN_EINVAL);
    EXPECT("a period below a millisecond", set(MS - 1), -XEN_EINVAL);
    EXPECT("a period beyond all", set(~0ull), -XEN_EINVAL);
    (void)came();
    EXPECT("events of a timer that is not set", come_in(3 * PERIOD), 0);
    EXPECT("set", set(PERIOD), 0);
    n = come_in(10 * PERIOD);
    if (n < 5 || n > 10)
        FAIL("%u events in ten periods", n);
    nap(5 * PERIOD);
    EXPECT("the event after a rest of periods", came(), true);
    EXPECT("another", came(), false);
    EXPECT("stop", CALL3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
    (void)came();
    EXPECT("events of a timer that is stopped", come_in(3 * PERIOD), 0);
}
