/* SPDX-License-Identifier: MIT */
// modes: pvh64
/* A guest that waits with interrupts off, while an interrupt is due to it, and leaves all the time still gets the events of
 * its timer: the hypervisor's own timer is not lost at any entry. The emulator loses one that comes while it takes up a
 * virtual interrupt (docs/machine.md), so this is by the wall clock, where interrupts come at any time. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define MS 1000000ull
#define AHEAD (MS / 30)
#define PATIENCE (500 * MS)
#define LENGTH (4000 * MS)
#define CALLBACK 0x50
#define WORD_BITS (8 * sizeof(unsigned long))

static shared_info_t *info;

/* An interrupt that stays due: its port is not masked, and nobody takes its event. */
static void make_one_due(void)
{
    struct evtchn_bind_ipi ipi = { .vcpu = 0 };
    struct evtchn_send send;

    EXPECT("set the callback", set_callback(CALLBACK_BY_VECTOR(CALLBACK)), 0);
    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
    info->evtchn_mask[ipi.port / WORD_BITS] &= ~(1ul << ipi.port % WORD_BITS);
    send.port = ipi.port;
    EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
}

/* Whether the timer's event comes, to whoever does nothing but leave. */
static bool comes(evtchn_port_t port)
{
    unsigned long *word = &info->evtchn_pending[port / WORD_BITS], bit = 1ul << port % WORD_BITS;
    u64 start = now_ns();
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = start + AHEAD };
    u32 regs[4];

    EXPECT("a timer", CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op), 0);
    while (!(__atomic_load_n(word, __ATOMIC_SEQ_CST) & bit) && now_ns() - start < PATIENCE)
        cpuid(0, 0, regs);
    return __atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST) & bit;
}

void test_main(void)
{
    struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER };
    u64 start = now_ns();
    unsigned int events;

    info = shared_info_page();
    interrupts_off();
    EXPECT("bind_virq", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq), 0);
    memset(info->evtchn_mask, 0xff, sizeof(info->evtchn_mask));
    make_one_due();
    for (events = 0; now_ns() - start < LENGTH; events++) {
        if (!comes(virq.port)) {
            FAIL("no event in %lu ms, after %u that came", (unsigned long)(PATIENCE / MS), events);
            break;
        }
    }
    say("%u events came\n", events);
}
