/* SPDX-License-Identifier: MIT */
/* Events between two vCPUs: none is lost, whether the receiver polls for its port or blocks until an upcall. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define ROUNDS 3000
#define PATIENCE 3000000000UL

static evtchn_port_t ports[2];
static volatile unsigned int served[2];
static volatile bool blocking, give_up;

static bool take(unsigned int me)
{
    shared_info_t *info = shared_info_page();

    info->vcpu_info[me].evtchn_upcall_pending = 0;
    __atomic_store_n(&info->vcpu_info[me].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    return __atomic_fetch_and(&info->evtchn_pending[ports[me] / 64], ~(1UL << ports[me] % 64), __ATOMIC_SEQ_CST) >>
           ports[me] % 64 & 1;
}

static void wait_for(unsigned int me)
{
    struct sched_poll poll = { .nr_ports = 1 };
    u64 start = now_ns();

    while (!take(me) && !give_up) {
        if (blocking) {
            CALL2(sched_op, SCHEDOP_block, 0);
        } else {
            poll.ports.p = &ports[me];
            poll.timeout = now_ns() + PATIENCE;
            EXPECT("poll", CALL2(sched_op, SCHEDOP_poll, &poll), 0);
        }
        if (now_ns() - start > PATIENCE) {
            FAIL("vCPU %u waits for round %u: a wake-up is lost", me, served[me]);
            give_up = true;
        }
    }
}

static void send_to(unsigned int other)
{
    struct evtchn_send send = { .port = ports[other] };

    EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
}

static void play(unsigned int me)
{
    for (unsigned int round = 0; round < 2 * ROUNDS && !give_up; round++) {
        if (me == 0) {
            blocking = round >= ROUNDS;
            send_to(1);
        }
        wait_for(me);
        served[me]++;
        if (me == 1)
            send_to(0);
    }
}

static void second(void)
{
    play(1);
}

void test_main(void)
{
    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return;
    }
    for (unsigned int i = 0; i < 2; i++) {
        struct evtchn_bind_ipi bind = { .vcpu = i };

        EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
        ports[i] = bind.port;
    }
    (void)shared_info_page();
    if (!start_second_vcpu(second))
        return;
    play(0);
    EXPECT("rounds", served[0], 2 * ROUNDS);
}
