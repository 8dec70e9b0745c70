/* SPDX-License-Identifier: MIT */
/* What the fair scheduler keeps, and what its parts do for each other; private to dom/sched_fair.c and sched_balance.c. */
#ifndef PRISM_DOM_SCHED_FAIR_H
#define PRISM_DOM_SCHED_FAIR_H

#include "dom/fair_queue.h"
#include "dom/sched_cpu.h"

/* Guarded by the run queue lock of the vCPU's processor. */
struct sched_unit {
    struct fair_entity entity;
    struct vcpu *vcpu;
    stime_t charged_until;          /* while it runs: accounted for up to here */
    stime_t since;                  /* while it runs: when it began */
    struct fair_habit habit;
};

/* Atomic, all of it. */
struct sched_dom {
    struct domain *domain;
    volatile u32 weight, cap;
    volatile s64 budget;            /* ns left of this period if there is a cap; may fall below 0 */
    struct timer refill;
};

/* Its CPU's run queue lock. */
struct fair_cpu {
    struct fair_queue queue;
    unsigned int compared;          /* the CPU that its clock was compared with last */
};

static inline struct fair_cpu *fair_cpu(unsigned int cpu) { return scheduler_cpu(cpu)->policy; }
static inline struct fair_queue *queue_of(unsigned int cpu) { return &fair_cpu(cpu)->queue; }
static inline struct sched_unit *unit_of(struct fair_entity *e) { return container_of(e, struct sched_unit, entity); }
static inline struct sched_dom *dom_of(const struct sched_unit *u) { return u->vcpu->domain->sched; }

static inline bool throttled(const struct sched_unit *u)
{
    const struct sched_dom *sd = dom_of(u);

    return sd->cap && sd->budget <= 0;
}

/* All: run queue lock of cpu held, interrupts off. */
void fair_charge_running(unsigned int cpu, stime_t now);
/* The first that may run on `on`, out of cpu's queue; stealing: for another CPU than cpu. NULL: none */
struct sched_unit *fair_first_eligible(unsigned int cpu, unsigned int on, bool stealing);
/* u, just put into cpu's queue, runs there when its turn comes, which may be at once. */
void fair_queued_beside(unsigned int cpu, const struct sched_unit *u);
/* cpu's running one goes on or makes way for one of those that wait, and has been charged: if one of these has waited for a
 * slice or longer, and they have had less than what waits and runs on another CPU, it goes there. */
void fair_balance(unsigned int cpu, stime_t now);

#endif
