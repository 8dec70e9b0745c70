/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Two vCPUs in a container: events between them lose none; the second goes down and comes up again; interrupts and NMIs
 * by the local APIC arrive; INIT stops it and STARTUP starts it in real mode. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define ROUNDS 300
#define PATIENCE 3000000000ull
#define WORD_BITS (8 * sizeof(unsigned long))
#define APIC ((volatile u32 *)0xfee00000)
#define APIC_ID 0x20
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_ICR 0x300
#define APIC_ICR2 0x310
#define ICR_NMI 0x4400
#define ICR_INIT 0x4500
#define ICR_STARTUP 0x4600
#define IPI_VECTOR 0x70
#define REAL_PAGE 8u                    /* 8000H: where STARTUP begins */

static shared_info_t *info;
static evtchn_port_t ports[2];
static volatile unsigned int served[2], stage, nmis;
static volatile u32 second_id;
static volatile bool give_up;

static bool take(unsigned int me)
{
    unsigned long bit = 1ul << ports[me] % WORD_BITS;

    info->vcpu_info[me].evtchn_upcall_pending = 0;
    __atomic_store_n(&info->vcpu_info[me].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    return __atomic_fetch_and(&info->evtchn_pending[ports[me] / WORD_BITS], ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void wait_for(unsigned int me)
{
    struct sched_poll poll = { .nr_ports = 1 };
    u64 start = now_ns();

    while (!take(me) && !give_up) {
        set_xen_guest_handle(poll.ports, &ports[me]);
        poll.timeout = now_ns() + PATIENCE;
        EXPECT("poll", CALL2(sched_op, SCHEDOP_poll, &poll), 0);
        if (now_ns() - start > PATIENCE) {
            FAIL("vCPU %u waits for round %u: a wake-up is lost", me, served[me]);
            give_up = true;
        }
    }
}

static void play(unsigned int me)
{
    struct evtchn_send send = { .port = ports[!me] };

    for (unsigned int round = 0; round < ROUNDS && !give_up; round++) {
        if (me == 0)
            EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
        wait_for(me);
        served[me]++;
        if (me == 1)
            EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
    }
}

static bool count_nmis(struct trap_frame *frame)
{
    nmis += frame->vector == 2;
    return frame->vector == 2;
}

static void wait_until(const char *what, const volatile unsigned int *counter, unsigned int value)
{
    for (u64 start = now_ns(); *counter != value && now_ns() - start < PATIENCE; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    if (*counter != value)
        FAIL("%s: %u, not %u", what, *counter, value);
}

/* Plays, then waits for interrupts with HLT until it is stopped from outside. */
static void second(void)
{
    play(1);
    second_id = APIC[APIC_ID / 4] >> 24;
    APIC[APIC_SVR / 4] = 0x1ff;
    stage = 1;
    for (;;) {
        asm volatile("sti; hlt; cli" ::: "memory");
        APIC[APIC_EOI / 4] = 0;
    }
}

static void ipi(u32 command)
{
    APIC[APIC_ICR2 / 4] = second_id << 24;
    APIC[APIC_ICR / 4] = command;
}

static void by_apic(void)
{
    for (unsigned int n = 1; n <= 50; n++) {
        ipi(0x4000 | IPI_VECTOR);
        wait_until("interrupts by the APIC", &interrupts[IPI_VECTOR], n);
    }
    ipi(ICR_NMI);
    wait_until("NMIs", &nmis, 1);
}

/* mov $1, %al; mov %al, (9000H); hlt */
static const u8 real_code[] = { 0x31, 0xc0, 0x8e, 0xd8, 0xb0, 0x01, 0xa2, 0x00, 0x90, 0xf4 };

static void init_and_startup(void)
{
    volatile u8 *flag = (u8 *)0x9000;

    memcpy((void *)(unsigned long)(REAL_PAGE << 12), real_code, sizeof(real_code));
    *flag = 0;
    ipi(ICR_STARTUP | REAL_PAGE);       /* it waits for none */
    nap(5000000);
    EXPECT("STARTUP without INIT", *flag, 0);
    ipi(ICR_INIT);
    for (u64 start = now_ns(); CALL3(vcpu_op, VCPUOP_is_up, 1, 0) && now_ns() - start < PATIENCE; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    EXPECT("after INIT it is up", CALL3(vcpu_op, VCPUOP_is_up, 1, 0), 0);
    ipi(ICR_STARTUP | REAL_PAGE);
    for (u64 start = now_ns(); !*flag && now_ns() - start < PATIENCE; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    EXPECT("real mode's mark", *flag, 1);
}

void test_main(void)
{
    struct evtchn_bind_ipi bind;

    info = shared_info_page();
    trap_hook = count_nmis;
    for (unsigned int i = 0; i < 2; i++) {
        bind = (struct evtchn_bind_ipi){ .vcpu = i };
        EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
        ports[i] = bind.port;
    }
    if (!start_second_vcpu(second))
        return;
    play(0);
    EXPECT("rounds", served[0], ROUNDS);
    wait_until("the second vCPU's stage", &stage, 1);
    APIC[APIC_SVR / 4] = 0x1ff;
    by_apic();
    init_and_startup();
}
