/* SPDX-License-Identifier: MIT */
// modes: control
/* Two vCPUs at the same event channel at the same time: one sends; the other unmasks the port, moves it to another vCPU, closes
 * it. None is lost: the port is pending, and a vCPU that it was bound to has been told; and none outlives its channel: a port
 * that is bound anew is not pending. */
#include <xen/event_channel.h>

#include "lib/guest.h"

#define ROUNDS 300
#define WORD_BITS (8 * sizeof(unsigned long))

static shared_info_t *info;
static volatile evtchn_port_t target;       /* where the second vCPU sends */
static volatile u32 begun, done;            /* rounds; it sends once in each, */
static volatile bool flood, ends;           /* or all the time */
static volatile u64 sent, refused;

static void sender(void)
{
    while (!ends) {
        u32 round = begun;
        struct evtchn_send send = { .port = target };     /* read after the round, which it was set before */

        if (round == done && !flood)
            continue;
        if (CALL2(event_channel_op, EVTCHNOP_send, &send))
            refused++;
        else
            sent++;
        done = round;
    }
}

static void wait_for_sender(void)
{
    (void)wait_for_other(&done, begun, "the second vCPU does not send");
}

/* Differs from round to round, so that the two meet at different places. */
static void dawdle(u32 round)
{
    if (round % 3 == 0)
        CALL2(sched_op, SCHEDOP_yield, 0);
    for (volatile u32 n = 0; n < round * 7 % 400; n++)
        ;
}

static unsigned long bit_of(evtchn_port_t port) { return 1ul << port % WORD_BITS; }
static bool is_pending(evtchn_port_t port) { return info->evtchn_pending[port / WORD_BITS] & bit_of(port); }

static bool told(unsigned int vcpu, evtchn_port_t port)
{
    return info->vcpu_info[vcpu].evtchn_upcall_pending && info->vcpu_info[vcpu].evtchn_pending_sel >> port / WORD_BITS & 1;
}

static void forget(evtchn_port_t port)
{
    for (unsigned int vcpu = 0; vcpu < 2; vcpu++) {
        info->vcpu_info[vcpu].evtchn_upcall_pending = 0;
        __atomic_store_n(&info->vcpu_info[vcpu].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    }
    __atomic_fetch_and(&info->evtchn_pending[port / WORD_BITS], ~bit_of(port), __ATOMIC_SEQ_CST);
}

static void mask(evtchn_port_t port, bool on)
{
    if (on)
        __atomic_fetch_or(&info->evtchn_mask[port / WORD_BITS], bit_of(port), __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&info->evtchn_mask[port / WORD_BITS], ~bit_of(port), __ATOMIC_SEQ_CST);
}

static evtchn_port_t bind_ipi(unsigned int vcpu)
{
    struct evtchn_bind_ipi bind = { .vcpu = vcpu };

    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
    return bind.port;
}

static long close_port(evtchn_port_t port)
{
    struct evtchn_close op = { .port = port };

    return CALL2(event_channel_op, EVTCHNOP_close, &op);
}

static void unmask_and_send(void)
{
    evtchn_port_t port = bind_ipi(0);
    struct evtchn_unmask unmask = { .port = port };

    target = port;
    for (u32 round = 0; round < ROUNDS; round++) {
        mask(port, true);
        forget(port);
        begun++;
        dawdle(round);
        EXPECT("unmask", CALL2(event_channel_op, EVTCHNOP_unmask, &unmask), 0);
        wait_for_sender();
        if (!is_pending(port) || !told(0, port))
            FAIL("round %u: an event is lost to an unmasking", round);
    }
    mask(port, true);
    forget(port);
    EXPECT("close", close_port(port), 0);
}

/* Both ends are this domain's. The second is bound to one vCPU and then to the other. */
static void bind_and_send(void)
{
    struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
    struct evtchn_bind_interdomain both = { .remote_dom = DOMID_SELF };
    evtchn_port_t port;

    EXPECT("alloc_unbound", CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &alloc), 0);
    both.remote_port = alloc.port;
    EXPECT("bind_interdomain", CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &both), 0);
    port = both.local_port;
    target = alloc.port;
    forget(port);
    mask(port, false);
    for (u32 round = 0; round < ROUNDS; round++) {
        struct evtchn_bind_vcpu bind = { .port = port, .vcpu = round & 1 };

        forget(port);
        begun++;
        dawdle(round);
        EXPECT("bind_vcpu", CALL2(event_channel_op, EVTCHNOP_bind_vcpu, &bind), 0);
        wait_for_sender();
        if (!is_pending(port) || !(told(0, port) || told(1, port)))
            FAIL("round %u: an event is lost to a move", round);
    }
    mask(port, true);
    forget(port);
    EXPECT("close", close_port(port), 0);
    EXPECT("close", close_port(alloc.port), 0);
}

static void close_and_send(void)
{
    sent = refused = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
        evtchn_port_t port = bind_ipi(0), next;

        mask(port, true);
        target = port;
        flood = true;
        dawdle(round);
        if (round % 8 == 0)
            for (u64 from = sent; sent == from; )
                CALL2(sched_op, SCHEDOP_yield, 0);
        EXPECT("close", close_port(port), 0);
        dawdle(round + 1);
        flood = false;
        begun++;
        wait_for_sender();                  /* its last one ends before this, and meets no channel */
        next = bind_ipi(0);
        EXPECT("a port that is bound anew is pending", is_pending(next), false);
        EXPECT("close", close_port(next), 0);
    }
    say("  %lu sent, %lu refused\n", (unsigned long)sent, (unsigned long)refused);
    if (!sent || !refused)
        verdict(ERROR, "the two never met");
}

void test_main(void)
{
    info = shared_info_page();
    if (!start_second_vcpu(sender))
        return;
    unmask_and_send();
    bind_and_send();
    close_and_send();
    ends = true;
}
