/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel fills the rings of its console and of xenstore with nonsense: indices that are none, requests without end,
 * pages that it gives back while the control domain has them mapped. */
#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

#include "lib/hostile.h"

static void notify(u32 port)
{
    struct evtchn_send send = { .port = port };

    EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
    nap(2000000);
}

static const u32 indices[] = { 0, 1, 1023, 1024, 1025, 4096, 0x7fffffff, 0x80000000, ~0u };

/* It is put back as it was: the verdict goes by it. */
static void console(void)
{
    u32 port;
    volatile struct xencons_interface *ring = shared_ring(true, &port);
    u32 was[4];

    nap(20000000);
    was[0] = ring->in_cons, was[1] = ring->in_prod, was[2] = ring->out_cons, was[3] = ring->out_prod;
    for (unsigned int i = 0; i < ARRAY_SIZE(indices); i++) {
        ring->out_prod = was[3] + 4097 + indices[i] % 0x7fff0000;
        ring->in_cons = indices[i];
        notify(port);
        ring->out_cons = ring->out_prod = was[3];
        ring->in_prod = indices[i];
        notify(port);
    }
    ring->in_cons = was[0], ring->in_prod = was[1], ring->out_cons = was[2], ring->out_prod = was[3];
    notify(port);
}

static void store(void)
{
    u32 port;
    volatile struct xenstore_domain_interface *ring = shared_ring(false, &port);
    struct xsd_sockmsg message = { .type = 0xffffffff, .len = 0xffffffff };

    for (unsigned int i = 0; i < ARRAY_SIZE(indices); i++) {
        memcpy((char *)ring->req, &message, sizeof(message));
        ring->req_prod = indices[i];
        ring->rsp_cons = ~indices[i];
        notify(port);
        ring->req_cons = indices[ARRAY_SIZE(indices) - 1 - i];
        ring->rsp_prod = indices[i];
        notify(port);
    }
    for (unsigned int i = 0; i < sizeof(*ring) / 4; i++)
        ((volatile u32 *)ring)[i] = 0xa5a5a5a5 * i;
    notify(port);
    give_back(frame_of((void *)ring));
    notify(port);
}

void test_main(void)
{
    console();
    store();
}
