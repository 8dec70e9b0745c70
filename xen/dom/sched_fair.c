/* SPDX-License-Identifier: MIT */
/* The fair scheduler: a run queue per CPU ordered by weighted run time (dom/fair_queue.h), a cap per domain, work
 * stolen by CPUs that would idle. To tools it is of the credit2 kind: a weight of 256 is ordinary, a cap is in
 * percent of one CPU. */
#include <xen/domctl.h>
#include <xen/sysctl.h>

#include "dom/sched_fair.h"
#include "mem/frame.h"

#define CAP_PERIOD (100 * NS_PER_MS)
#define FAIR_MIN_SLICE (NS_PER_MS / 2)
#define RATE_LIMIT_US 1000

/* How long one runs, at least, before a waker may interrupt it, in microseconds; 0: no time at all. What two sides do for
 * each other, like a device's front and back, gathers meanwhile, and takes fewer switches. One that is going to wait for
 * the waker (fair_sleeps_soon) is not held to it. Any CPU, no lock. */
static volatile u32 rate_limit_us = RATE_LIMIT_US;

/* What the one that runs on cpu owes so far. Alone it runs without an end to its slice: only now does the queue's clock
 * learn of that time, so this comes before anybody is placed by that clock. */
void fair_charge_running(unsigned int cpu, stime_t now)
{
    struct vcpu *v = scheduler_cpu(cpu)->running;
    struct sched_unit *u = v->sched;

    if (!u || now <= u->charged_until)
        return;
    fair_charge(&u->entity, now - u->charged_until, dom_of(u)->weight);
    if (dom_of(u)->cap)
        atomic_sub(&dom_of(u)->budget, (s64)(now - u->charged_until));
    u->charged_until = now;
    fair_advance(queue_of(cpu), &u->entity);
}

/* ---- Domains, vCPUs, CPUs */

static void refill_budget(void *data)
{
    struct sched_dom *sd = data;
    s64 quota = (s64)(sd->cap * (CAP_PERIOD / 100));
    struct vcpu *v;

    if (quota) {
        s64 left = xchg(&sd->budget, 0);   /* a debt is carried over, a rest is not */

        atomic_add(&sd->budget, min(left, (s64)0) + quota);
        timer_set(&sd->refill, system_time() + CAP_PERIOD);
    }
    for_each_vcpu(sd->domain, v)
        if (ACCESS_ONCE(v->runstate.state) == RUNSTATE_runnable)
            cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
}

static int fair_cpu_init(unsigned int cpu)
{
    struct fair_cpu *fc = xzalloc(struct fair_cpu);

    if (!fc)
        return -ENOMEM;
    fair_queue_init(&fc->queue);
    scheduler_cpu(cpu)->policy = fc;
    return 0;
}

static int fair_domain_init(struct domain *d)
{
    struct sched_dom *sd = xzalloc(struct sched_dom);

    if (!sd)
        return -ENOMEM;
    sd->domain = d;
    sd->weight = FAIR_WEIGHT;
    timer_init(&sd->refill, refill_budget, sd, smp_processor_id());
    d->sched = sd;
    return 0;
}

static void fair_domain_free(struct domain *d)
{
    if (!d->sched)
        return;
    timer_kill(&d->sched->refill);
    xfree(d->sched);
    d->sched = NULL;
}

static int fair_vcpu_init(struct vcpu *v)
{
    struct sched_unit *u = xzalloc(struct sched_unit);

    if (!u)
        return -ENOMEM;
    fair_entity_init(&u->entity);
    u->vcpu = v;
    u->entity.vruntime = queue_of(v->processor)->min_vruntime;
    v->sched = u;
    return 0;
}

static void fair_vcpu_free(struct vcpu *v)
{
    xfree(v->sched);
    v->sched = NULL;
}

/* ---- Queueing. Run queue lock held. */

static void fair_sleep(struct vcpu *v)
{
    if (fair_queued(&v->sched->entity))
        fair_remove(queue_of(v->processor), &v->sched->entity);
    else if (scheduler_cpu(v->processor)->running == v)
        cpu_raise_softirq(v->processor, SOFTIRQ_SCHEDULE);
}

/* The one that runs makes way, once it has had its least time. */
static void interrupt_running(unsigned int cpu)
{
    struct scheduler_cpu *sc = scheduler_cpu(cpu);
    struct sched_unit *running = sc->running->sched;
    stime_t due = running->since + (stime_t)rate_limit_us * NS_PER_US, now = system_time();

    if (due <= now || fair_sleeps_soon(&running->habit, now))
        cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
    else if (sc->slice.status != TIMER_IN_HEAP || sc->slice.expires > due)
        timer_set(&sc->slice, due);
}

void fair_queued_beside(unsigned int cpu, const struct sched_unit *u)
{
    struct scheduler_cpu *sc = scheduler_cpu(cpu);
    cpumask_t idle;

    if (throttled(u))
        return;
    if (is_idle_vcpu(sc->running)) {
        cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
        return;
    }
    idle = sched_idle_for(u->vcpu);
    if (idle && !u->vcpu->is_running)   /* it was picked for the idle CPU that this one was: another one may steal it */
        cpu_raise_softirq((unsigned int)__builtin_ctzll(idle), SOFTIRQ_SCHEDULE);
    if (fair_preempts(&u->entity, &sc->running->sched->entity))
        interrupt_running(cpu);
    else if (sc->slice.status != TIMER_IN_HEAP)   /* it had no end to its slice while nobody waited */
        timer_set(&sc->slice, system_time() + FAIR_SLICE);
}

static void fair_wake(struct vcpu *v)
{
    unsigned int cpu = v->processor;
    struct sched_unit *u = v->sched;

    if (fair_queued(&u->entity) || scheduler_cpu(cpu)->running == v)
        return;
    fair_charge_running(cpu, system_time());
    fair_place_waker(queue_of(cpu), &u->entity);
    fair_insert(queue_of(cpu), &u->entity);
    fair_queued_beside(cpu, u);
}

static void fair_yield_vcpu(struct vcpu *v)
{
    fair_charge_running(v->processor, system_time());
    fair_yield(queue_of(v->processor), &v->sched->entity);
}

static void fair_migrate(struct vcpu *v, unsigned int to)
{
    fair_rebase(&v->sched->entity, queue_of(v->processor), queue_of(to));
}

/* ---- Picking */

/* Stealing, it must not be one whose state is still in its old CPU's registers. */
struct sched_unit *fair_first_eligible(unsigned int cpu, unsigned int on, bool stealing)
{
    struct fair_entity *e;

    list_for_each(e, &queue_of(cpu)->entities, link) {
        struct sched_unit *u = unit_of(e);

        if (throttled(u))
            continue;
        if (stealing && (u->vcpu->is_running || !(u->vcpu->hard_affinity & (1ULL << on))))
            continue;
        return u;
    }
    return NULL;
}

/* Something to do from another CPU's queue; that CPU's lock is only tried for, since this CPU holds its own. */
static struct sched_unit *steal(unsigned int cpu)
{
    for (unsigned int i = 1; i < nr_cpus && (cpu_active_mask & (1ULL << cpu)); i++) {
        unsigned int from = (cpu + i) % nr_cpus;
        struct sched_unit *u;

        if (!cpus[from].online || ACCESS_ONCE(queue_of(from)->count) == 0 || !spin_trylock(&scheduler_cpu(from)->lock))
            continue;
        u = fair_first_eligible(from, cpu, true);
        if (u) {
            fair_remove(queue_of(from), &u->entity);
            fair_rebase(&u->entity, queue_of(from), queue_of(cpu));
            ledger_settle(u->vcpu);
            u->vcpu->processor = cpu;
        }
        spin_unlock(&scheduler_cpu(from)->lock);
        if (u)
            return u;
    }
    return NULL;
}

static stime_t slice_for(const struct sched_unit *u, const struct fair_queue *q)
{
    stime_t slice = q->count ? FAIR_SLICE : 0;
    s64 budget = dom_of(u)->budget;

    if (dom_of(u)->cap && (!slice || budget < (s64)slice))
        slice = max((stime_t)max(budget, (s64)0), (stime_t)FAIR_MIN_SLICE);
    return slice;
}

static struct vcpu *fair_pick_next(unsigned int cpu, stime_t now, stime_t *slice)
{
    struct scheduler_cpu *sc = scheduler_cpu(cpu);
    struct fair_queue *q = queue_of(cpu);
    struct vcpu *prev = sc->running;
    struct sched_unit *u;

    if (!is_idle_vcpu(prev)) {
        fair_charge_running(cpu, now);
        fair_learn(&prev->sched->habit, now, !vcpu_runnable(prev));
        if (vcpu_runnable(prev)) {
            if (q->count && nr_cpus > 1)
                fair_balance(cpu, now);
            fair_insert(q, &prev->sched->entity);
        }
    }
    u = fair_first_eligible(cpu, cpu, false);
    if (u)
        fair_remove(q, &u->entity);
    else
        u = steal(cpu);
    *slice = 0;
    if (!u)
        return cpus[cpu].idle_vcpu;
    u->charged_until = now;
    if (u->vcpu != prev)
        u->since = now;
    *slice = slice_for(u, q);
    return u->vcpu;
}

/* An idle CPU that v likes, if possible the one where its caches are warm; else, where the fewest wait. */
static unsigned int fair_pick_cpu(struct vcpu *v)
{
    cpumask_t allowed = v->hard_affinity & cpu_active_mask;
    cpumask_t liked = allowed & v->soft_affinity, idle = sched_idle_for(v);
    unsigned int best = v->processor, load, least = ~0u;

    if (!allowed || nr_cpus == 1)
        return best;
    if (liked & idle)
        idle &= liked;
    if (idle)
        return idle & (1ULL << best) ? best : (unsigned int)__builtin_ctzll(idle);
    if (liked)
        allowed = liked;
    for (cpumask_t left = allowed; left; left &= left - 1) {
        unsigned int cpu = (unsigned int)__builtin_ctzll(left);

        load = 2 * ACCESS_ONCE(queue_of(cpu)->count) + (cpu != v->processor);   /* moving has to pay */
        if (load < least) {
            least = load;
            best = cpu;
        }
    }
    return best;
}

/* ---- Parameters and state for tools */

static int fair_adjust(struct domain *d, struct xen_domctl_scheduler_op *op)
{
    struct sched_dom *sd = d->sched;
    u32 weight = op->u.credit2.weight, cap = op->u.credit2.cap;

    if (op->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_DOMCTL_SCHEDOP_putinfo:
        if (weight)
            sd->weight = weight;
        if (cap != sd->cap && cap != 0xffff) {   /* all ones: as it is */
            sd->budget = (s64)(cap * (CAP_PERIOD / 100));
            sd->cap = cap;
            timer_set(&sd->refill, system_time() + (cap ? CAP_PERIOD : 0));
        }
        return 0;
    case XEN_DOMCTL_SCHEDOP_getinfo:
        op->u.credit2.weight = (u16)sd->weight;
        op->u.credit2.cap = (u16)sd->cap;
        return 0;
    default:
        return -EINVAL;   /* weights are the domain's, not each vCPU's */
    }
}

static int fair_adjust_all(struct xen_sysctl_scheduler_op *op)
{
    u32 limit = op->u.sched_credit2.ratelimit_us;

    switch (op->cmd) {
    case XEN_SYSCTL_SCHEDOP_putinfo:
        if (limit && (limit < XEN_SYSCTL_SCHED_RATELIMIT_MIN || limit > XEN_SYSCTL_SCHED_RATELIMIT_MAX))
            return -EINVAL;
        rate_limit_us = limit;
        return 0;
    case XEN_SYSCTL_SCHEDOP_getinfo:
        op->u.sched_credit2.ratelimit_us = rate_limit_us;
        return 0;
    default:
        return -EINVAL;
    }
}

static void fair_dump(unsigned int cpu)
{
    const struct fair_queue *q = queue_of(cpu);
    struct fair_entity *e;

    printk("  clock %lu, %u waiting\n", q->min_vruntime, q->count);
    list_for_each(e, &q->entities, link) {
        struct sched_unit *u = unit_of(e);

        printk("    %sv%u vruntime %lu weight %u cap %u%s\n", u->vcpu->domain->name_for_log, u->vcpu->id, e->vruntime,
               dom_of(u)->weight, dom_of(u)->cap, throttled(u) ? " (over its cap)" : "");
    }
}

const struct scheduler sched_fair = {
    .name = "Fair run queues, credit2 parameters",
    .opt_name = "credit2",
    .id = XEN_SCHEDULER_CREDIT2,
    .cpu_init = fair_cpu_init,
    .domain_init = fair_domain_init,
    .domain_free = fair_domain_free,
    .vcpu_init = fair_vcpu_init,
    .vcpu_free = fair_vcpu_free,
    .sleep = fair_sleep,
    .wake = fair_wake,
    .yield = fair_yield_vcpu,
    .migrate = fair_migrate,
    .pick_next = fair_pick_next,
    .pick_cpu = fair_pick_cpu,
    .adjust = fair_adjust,
    .adjust_all = fair_adjust_all,
    .dump = fair_dump,
};
