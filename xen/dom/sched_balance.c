/* SPDX-License-Identifier: MIT */
/* The fair scheduler on several CPUs: each has a queue and a clock of its own, and where more want to run, the clock goes
 * slower. So those of a CPU whose clock falls behind another's are owed time there. Where too many spin for all CPUs to have as
 * many, somebody moves every few slices; where a CPU has nothing to do it takes what it finds (steal() in sched_fair.c). */
#include "dom/sched_fair.h"

static u64 weight_of(const struct sched_unit *u)
{
    return throttled(u) ? 0 : dom_of(u)->weight;
}

/* Of all that want to run there, the running one too. */
static u64 weights(unsigned int cpu)
{
    const struct sched_unit *running = scheduler_cpu(cpu)->running->sched;
    u64 sum = running ? weight_of(running) : 0;
    struct fair_entity *e;

    list_for_each(e, &queue_of(cpu)->entities, link)
        sum += weight_of(unit_of(e));
    return sum;
}

/* Both locks held. */
static void give(unsigned int cpu, unsigned int to)
{
    struct sched_unit *u = fair_first_eligible(cpu, to, true);

    if (!u)
        return;
    fair_remove(queue_of(cpu), &u->entity);
    fair_rebase_fully(&u->entity, queue_of(cpu), queue_of(to));
    ledger_settle(u->vcpu);
    u->vcpu->processor = to;
    fair_insert(queue_of(to), &u->entity);
    fair_queued_beside(to, u);
}

/* A queue that somebody waits in. With one other CPU at a time, in turn, whose lock is only tried for, since this CPU holds its
 * own. */
void fair_balance(unsigned int cpu, stime_t now)
{
    struct fair_cpu *fc = fair_cpu(cpu);
    unsigned int other = (fc->compared + 1) % nr_cpus;

    if (now - unit_of(fair_first(&fc->queue))->vcpu->runstate.state_entry_time < FAIR_SLICE)
        return;
    if (other == cpu)
        other = (cpu + 1) % nr_cpus;
    fc->compared = other;
    if (!(cpu_active_mask & (1ULL << other)) || !spin_trylock(&scheduler_cpu(other)->lock))
        return;
    fair_charge_running(other, now);
    if (!is_idle_vcpu(scheduler_cpu(other)->running) &&
        fair_gives(fair_lag(&fc->queue, queue_of(other)), weights(cpu), weights(other)))
        give(cpu, other);
    spin_unlock(&scheduler_cpu(other)->lock);
}
