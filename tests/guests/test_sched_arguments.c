/* SPDX-License-Identifier: MIT */
/* sched_op: unknown commands, bad pointers, and a poll with bad ports or too many of them. */
#include "lib/guest.h"

void test_main(void)
{
    struct sched_poll poll = { 0 };
    static const unsigned long bad[] = { 8, 0x8000000000000000UL, 0xffff830000001000UL, ~0UL - 2 };
    evtchn_port_t port = 0xffffff;

    for (unsigned long command = 10; command < 100; command++)
        EXPECT("unknown sched_op", CALL2(sched_op, command, scratch[0]), -XEN_ENOSYS);
    for (unsigned int i = 0; i < 4; i++) {
        EXPECT("shutdown from nowhere", CALL2(sched_op, SCHEDOP_shutdown, bad[i]), -XEN_EFAULT);
        EXPECT("poll from nowhere", CALL2(sched_op, SCHEDOP_poll, bad[i]), -XEN_EFAULT);
    }
    poll.nr_ports = 129;
    EXPECT("poll of 129 ports", CALL2(sched_op, SCHEDOP_poll, &poll), -XEN_EINVAL);
    poll.nr_ports = 1;
    poll.ports.p = &port;
    EXPECT("poll of a port out of range", CALL2(sched_op, SCHEDOP_poll, &poll), -XEN_EINVAL);
    poll.ports.p = (evtchn_port_t *)0xffff830000001000UL;
    EXPECT("poll with ports in Prism", CALL2(sched_op, SCHEDOP_poll, &poll), -XEN_EFAULT);
    EXPECT("yield", CALL2(sched_op, SCHEDOP_yield, 0), 0);
}
