/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel takes every port there is, floods itself and the control domain with events, closes and binds what is not
 * its, and dies with all ports open. */
#include <xen/event_channel.h>

#include "lib/hostile.h"

#define FLOOD 3000

static u32 all_ports(void)
{
    struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
    u32 n = 0;
    long rc;

    while ((rc = CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &op)) == 0 && n < 200000)
        n++;
    EXPECT("no more ports", rc, -XEN_ENOSPC);
    return op.port;
}

static long on_port(unsigned int cmd, u32 port)
{
    struct evtchn_close op = { .port = port };

    return CALL2(event_channel_op, cmd, &op);
}

static void flood(u32 port)
{
    for (unsigned int i = 0; i < FLOOD; i++)
        if (on_port(EVTCHNOP_send, port)) {
            FAIL("a send to port %lu is refused", (unsigned long)port);
            return;
        }
}

static void wrong(void)
{
    static const u32 bad[] = { 0, 0x7fffffff, 0x80000000, ~0u, 1u << 17 };
    struct evtchn_bind_interdomain bind = { .remote_dom = 0, .remote_port = 1 };
    struct evtchn_bind_virq virq = { .virq = 77 };
    struct evtchn_bind_ipi ipi = { .vcpu = 9999 };
    struct evtchn_reset reset = { .dom = 0 };

    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        EXPECT_ERROR("a send to no port", on_port(EVTCHNOP_send, bad[i]));
        EXPECT_ERROR("closing no port", on_port(EVTCHNOP_close, bad[i]));
        if (bad[i])
            EXPECT_ERROR("unmasking no port", on_port(EVTCHNOP_unmask, bad[i]));
        else         /* is nobody's, but has a bit like any other */
            EXPECT("unmasking port 0", on_port(EVTCHNOP_unmask, bad[i]), 0);
    }
    EXPECT_ERROR("a port of the control domain's", CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &bind));
    EXPECT_ERROR("a virtual interrupt that is none", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq));
    EXPECT_ERROR("an IPI to no vCPU", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi));
    EXPECT_ERROR("the control domain's ports closed", CALL2(event_channel_op, EVTCHNOP_reset, &reset));
    EXPECT_ERROR("no such command", CALL2(event_channel_op, 4711, &reset));
}

void test_main(void)
{
    struct evtchn_bind_ipi ipi = { .vcpu = 0 };
    u32 console, store;

    wrong();
    (void)shared_ring(true, &console);
    (void)shared_ring(false, &store);
    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
    flood(ipi.port);
    flood(console);
    flood(store);
    say("  %lu ports\n", (unsigned long)all_ports());
}
