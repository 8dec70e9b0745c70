/* SPDX-License-Identifier: MIT */
/* The watchdog's look at all vCPUs. */
#include "cpu/cpu.h"
#include "dom/sched_cpu.h"
#include "dom/vcpu_watch.h"

/* Lock of v's run queue held: v is where it is, and what it runs after stays. */
static void tell(const struct vcpu *v, enum vcpu_plight plight, stime_t now)
{
    const struct vcpu *running = scheduler_cpu(v->processor)->running;
    const char *name = v->domain->name_for_log;
    u64 seconds = (now - v->watch.first) / NS_PER_SEC;

    if (plight == PLIGHT_WAITS)
        pr_warn("Watchdog: %sv%u has waited %lu s for CPU%u, which runs %sv%u\n", name, v->id, seconds, v->processor,
                running->domain->name_for_log, running->id);
    else if (plight == PLIGHT_SLEEPS)
        pr_warn("Watchdog: %sv%u sleeps, though an interrupt has been there for %lu s\n", name, v->id, seconds);
    else
        pr_warn("Watchdog: %sv%u has waited %lu s for its device model\n", name, v->id, seconds);
}

static void look(struct vcpu *v, stime_t patience)
{
    unsigned long flags = sched_lock_vcpu(v);
    stime_t now = system_time();
    struct vcpu_sight sight = {
        .runstate = v->runstate.state,
        .since = v->runstate.state_entry_time,
        .flags = v->pause_flags,
        .paused = v->pause_count || v->domain->pause_count,
    };
    enum vcpu_plight plight;

    /* Who pauses a domain, to take it apart, waits for this lock before it goes on. */
    if (sight.runstate == RUNSTATE_blocked && !sight.paused && !v->is_running)
        sight.pending = v->domain->row->interrupts->pending(v);
    plight = vcpu_watch_look(&v->watch, &sight, now, patience);
    if (plight != PLIGHT_NONE)
        tell(v, plight, now);
    sched_unlock_vcpu(v, flags);
}

void vcpu_watch_all(stime_t patience)
{
    struct domain *d;
    struct vcpu *v;

    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        if (!d->dying)
            for_each_vcpu(d, v)
                look(v, patience);
    spin_unlock(&domlist_lock);
}
