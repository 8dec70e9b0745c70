/* SPDX-License-Identifier: MIT */
// modes: control pv
/* Single-shot timers, in both of their hypercalls, and the time limit of SCHEDOP_poll: each arrives, once, and never before
 * its time by the kernel's own clock; in the past, at once, or -ETIME where only the future was wanted; not after it was
 * taken back; the last request counts. */
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define MS 1000000ull
#define LONG (1000 * MS)                    /* what no test waits for, unless it fails */
#define WORD_BITS (8 * sizeof(unsigned long))

static shared_info_t *info;
static evtchn_port_t timer_port, other_port;

static bool is_pending(evtchn_port_t port)
{
    return info->evtchn_pending[port / WORD_BITS] >> port % WORD_BITS & 1;
}

static bool take(evtchn_port_t port)
{
    unsigned long bit = 1ul << port % WORD_BITS;

    info->vcpu_info[0].evtchn_upcall_pending = 0;
    __atomic_store_n(&info->vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    return __atomic_fetch_and(&info->evtchn_pending[port / WORD_BITS], ~bit, __ATOMIC_SEQ_CST) & bit;
}

static long poll(evtchn_port_t *ports, unsigned int n, u64 until)
{
    struct sched_poll op = { .nr_ports = n, .timeout = until };

    set_xen_guest_handle(op.ports, ports);
    return CALL2(sched_op, SCHEDOP_poll, &op);
}

static long set_flags(u64 when, u32 flags)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = when, .flags = flags };

    return CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op);
}

static long set_vcpu_op(u64 when) { return set_flags(when, 0); }
static long set_future(u64 when) { return set_flags(when, VCPU_SSHOTTMR_future); }
static long stop_vcpu_op(void) { return CALL3(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0); }

static long set_timer_op(u64 when)
{
#ifdef __x86_64__
    return CALL1(set_timer_op, when);
#else
    return CALL2(set_timer_op, when, when >> 32);
#endif
}

static long stop_timer_op(void) { return set_timer_op(0); }

/* The event is there, and it is `when` or later. */
static void arrives(const char *how, u64 when)
{
    u64 limit = now_ns() + LONG, now;

    while (!is_pending(timer_port) && now_ns() < limit)
        EXPECT("poll", poll(&timer_port, 1, limit), 0);
    now = now_ns();
    if (!take(timer_port))
        FAIL("%s: no event", how);
    if (now < when)
        FAIL("%s: %lu ns early", how, (unsigned long)(when - now));
}

/* Nothing comes, not even some time after it. */
static void nothing_until(const char *how, u64 when)
{
    while (now_ns() < when + 2 * MS)
        EXPECT("poll", poll(&timer_port, 1, when + 2 * MS), 0);
    if (take(timer_port))
        FAIL("%s: an event", how);
}

/* ---- Single-shot timers */

static void single_shot(const char *how, long (*set)(u64 when), long (*stop)(void))
{
    u64 when, earlier;

    for (u64 ns = 20000; ns < 20 * MS; ns *= 3) {
        when = now_ns() + ns;
        EXPECT(how, set(when), 0);
        arrives(how, when);
    }
    nothing_until("a second time", when);
    when = now_ns() + 2 * MS;
    EXPECT(how, set(when), 0);
    EXPECT("taken back", stop(), 0);
    nothing_until("what was taken back", when);
    EXPECT("taken back again", stop(), 0);
    earlier = now_ns() + MS, when = earlier + 3 * MS;
    EXPECT(how, set(earlier), 0);
    EXPECT(how, set(when), 0);
    arrives("later instead", when);
    nothing_until("the one that was replaced", earlier);
    earlier = now_ns() + MS, when = earlier + 3 * MS;
    EXPECT(how, set(when), 0);
    EXPECT(how, set(earlier), 0);
    arrives("earlier instead", earlier);
    nothing_until("the one that was replaced", when);
}

/* Only the future is wanted, and this is the past: -ETIME and true, or at once, since the flag may be ignored (public header
 * xen/vcpu.h). */
static bool is_late(const char *how, u64 when)
{
    long rc = set_future(when);

    if (rc == 0) {
        arrives(how, 0);
        return false;
    }
    EXPECT(how, rc, -XEN_ETIME);
    return true;
}

static void in_the_past(void)
{
    static const u64 past[] = { 0, 1, 1000 };
    u64 now = now_ns();

    for (unsigned int i = 0; i < sizeof(past) / sizeof(past[0]); i++) {
        EXPECT("in the past", set_vcpu_op(past[i]), 0);
        arrives("in the past", 0);
        if (is_late("in the past, future wanted", past[i]))
            nothing_until("after -ETIME", now_ns());
    }
    EXPECT("right now", set_vcpu_op(now), 0);
    arrives("right now", now);
    (void)is_late("right now, future wanted", now);
    EXPECT("set_timer_op in the past", set_timer_op(1), 0);
    arrives("set_timer_op in the past", 0);
    now = now_ns() + 3 * MS;
    EXPECT("a timer", set_vcpu_op(now), 0);
    if (is_late("-ETIME beside it", 1))
        arrives("what stood before -ETIME", now);
}

static void wrong(void)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = now_ns() + MS };

    EXPECT("another vCPU's, which is none", CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 100, &op), -XEN_ENOENT);
    EXPECT("to stop it", CALL3(vcpu_op, VCPUOP_stop_singleshot_timer, 100, 0), -XEN_ENOENT);
    EXPECT("no structure", CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, 16), -XEN_EFAULT);
    nothing_until("what was refused", op.timeout_abs_ns);
}

/* The farthest there is: it stays away, and can be replaced. */
static void never(void)
{
    u64 when = now_ns() + MS;

    EXPECT("at the end of time", set_vcpu_op(~0ull), 0);
    nothing_until("the end of time", when);
    when = now_ns() + MS;
    EXPECT("before it", set_vcpu_op(when), 0);
    arrives("before the end of time", when);
}

/* ---- The time limit of a poll */

static void poll_limits(void)
{
    evtchn_port_t ports[2] = { timer_port, other_port };
    struct evtchn_send send = { .port = other_port };
    u64 until, when;

    for (u64 ns = 20000; ns < 20 * MS; ns *= 3) {
        until = now_ns() + ns;
        EXPECT("a limit", poll(ports, ns % 3, until), 0);
        EXPECT("a poll's end is early", now_ns() < until, 0);
    }
    EXPECT("a limit in the past", poll(ports, 2, 1), 0);
    until = now_ns() + LONG;
    EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &send), 0);
    EXPECT("the second port is pending", poll(ports, 2, until), 0);
    EXPECT("and alone", poll(&other_port, 1, until), 0);
    EXPECT("before the limit", now_ns() < until, 1);
    EXPECT("a poll takes no event", take(other_port), 1);
    until = now_ns() + LONG, when = now_ns() + 2 * MS;
    EXPECT("a timer", set_vcpu_op(when), 0);
    EXPECT("a poll of both", poll(ports, 2, until), 0);
    EXPECT("a poll that a timer ends is early", now_ns() < when, 0);
    EXPECT("and not at its limit", now_ns() < until, 1);
    EXPECT("by the timer", take(timer_port), 1);
    when = now_ns() + 2 * MS;
    EXPECT("a timer", set_vcpu_op(when), 0);
    EXPECT("a poll without limit", poll(ports, 2, 0), 0);
    EXPECT("its end is early", now_ns() < when, 0);
    EXPECT("by the timer", take(timer_port), 1);
}

/* The limit of a poll that has ended by an event ends no later one. */
static void limits_left_over(void)
{
    u64 when = now_ns() + MS, until = when + MS, last;

    EXPECT("a timer", set_vcpu_op(when), 0);
    EXPECT("a poll", poll(&timer_port, 1, until), 0);
    EXPECT("its event", take(timer_port), 1);
    last = now_ns() + 4 * MS;
    EXPECT("another limit", poll(&timer_port, 1, last), 0);
    EXPECT("the limit of the one before ends it", now_ns() < last, 0);
    when = now_ns() + MS, until = when + MS, last = until + 2 * MS;
    EXPECT("a timer", set_vcpu_op(when), 0);
    EXPECT("a poll", poll(&timer_port, 1, until), 0);
    EXPECT("its event", take(timer_port), 1);
    EXPECT("a timer", set_vcpu_op(last), 0);
    EXPECT("no limit", poll(&timer_port, 1, 0), 0);
    EXPECT("the limit of the one before ends it", now_ns() < last, 0);
    EXPECT("its event", take(timer_port), 1);
}

static void wrong_polls(void)
{
    static evtchn_port_t many[129];
    u64 until = now_ns() + LONG;

    for (unsigned int i = 0; i < 129; i++)
        many[i] = timer_port;
    EXPECT("too many ports", poll(many, 129, until), -XEN_EINVAL);
    many[1] = 0x7fffffff;
    EXPECT("no such port", poll(many, 2, until), -XEN_EINVAL);
    EXPECT("no list", poll((evtchn_port_t *)16, 1, until), -XEN_EFAULT);
    EXPECT("at once", now_ns() < until, 1);
    many[1] = timer_port;
    until = now_ns() + MS;
    EXPECT("as many as may be", poll(many, 128, until), 0);
    EXPECT("that poll's end is early", now_ns() < until, 0);
}

void test_main(void)
{
    struct evtchn_bind_virq virq = { .virq = VIRQ_TIMER };
    struct evtchn_bind_ipi ipi = { .vcpu = 0 };

    info = shared_info_page();
    EXPECT("bind_virq", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq), 0);
    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
    timer_port = virq.port, other_port = ipi.port;
    memset(info->evtchn_mask, 0xff, sizeof(info->evtchn_mask));   /* another event would end a poll */
    CALL3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    take(timer_port);
    single_shot("VCPUOP_set_singleshot_timer", set_vcpu_op, stop_vcpu_op);
    single_shot("with the future wanted", set_future, stop_vcpu_op);
    single_shot("set_timer_op", set_timer_op, stop_timer_op);
    in_the_past();
    wrong();
    never();
    poll_limits();
    limits_left_over();
    wrong_polls();
}
