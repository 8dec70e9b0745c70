/* SPDX-License-Identifier: MIT */
/* A vCPU's timers: single-shot and periodic, which send VIRQ_TIMER, and the time limit of SCHEDOP_poll. */
#include "abi/event.h"
#include "dom/sched.h"

#define MIN_PERIOD NS_PER_MS
#define MAX_PERIOD (1ULL << 62)

static void singleshot_expired(void *data)
{
    struct vcpu *v = data;

    v->single_shot_armed = false;
    send_guest_vcpu_virq(v, VIRQ_TIMER);
}

/* The period may be changed by another vCPU of the domain: read once. */
static void periodic_tick(struct vcpu *v, stime_t now)
{
    stime_t period = ACCESS_ONCE(v->periodic_period);

    if (!period)
        return;
    if (now - v->periodic_last >= period) {
        v->periodic_last = now;
        send_guest_vcpu_virq(v, VIRQ_TIMER);
    }
    timer_set(&v->periodic_timer, v->periodic_last + period);
}

static void periodic_expired(void *data)
{
    struct vcpu *v = data;

    if (v->is_running)
        periodic_tick(v, system_time());
}

void vcpu_periodic_stop(struct vcpu *v)
{
    if (v->periodic_period)
        timer_stop(&v->periodic_timer);
}

void vcpu_periodic_start(struct vcpu *v, stime_t now)
{
    periodic_tick(v, now);
}

void vcpu_timers_init(struct vcpu *v)
{
    timer_init(&v->singleshot_timer, singleshot_expired, v, v->processor);
    timer_init(&v->periodic_timer, periodic_expired, v, v->processor);
    timer_init(&v->poll_timer, vcpu_poll_expired, v, v->processor);
}

void vcpu_timers_kill(struct vcpu *v)
{
    timer_kill(&v->singleshot_timer);
    timer_kill(&v->periodic_timer);
    timer_kill(&v->poll_timer);
}

void vcpu_timers_migrate(struct vcpu *v, unsigned int cpu)
{
    timer_migrate(&v->singleshot_timer, cpu);
    timer_migrate(&v->periodic_timer, cpu);
    timer_migrate(&v->poll_timer, cpu);
}

/* v is current. */
void vcpu_stop_singleshot(struct vcpu *v)
{
    timer_stop(&v->singleshot_timer);
    v->single_shot_armed = false;
}

/* Purpose: VIRQ_TIMER to v at system time `when` (ns), replacing an earlier request; at once if it has passed. -ETIME: it has,
 * and future_only. v is current. */
long vcpu_set_singleshot(struct vcpu *v, stime_t when, bool future_only)
{
    if (future_only && when < system_time())
        return -ETIME;
    v->single_shot_armed = true;
    timer_migrate(&v->singleshot_timer, smp_processor_id());
    timer_set(&v->singleshot_timer, when);
    return 0;
}

/* Purpose: VIRQ_TIMER to v every period_ns while it runs; 0 ends that. -EINVAL: shorter than a millisecond, or
 * absurd. */
long vcpu_set_periodic(struct vcpu *v, u64 period_ns)
{
    if (period_ns && (period_ns < MIN_PERIOD || period_ns > MAX_PERIOD))
        return -EINVAL;
    timer_stop(&v->periodic_timer);
    v->periodic_last = system_time();
    ACCESS_ONCE(v->periodic_period) = period_ns;
    if (period_ns)
        timer_set(&v->periodic_timer, v->periodic_last + period_ns);
    return 0;
}
