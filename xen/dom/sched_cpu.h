/* SPDX-License-Identifier: MIT */
/* What the scheduling mechanism keeps for a CPU; private to dom/sched*.c. */
#ifndef PRISM_DOM_SCHED_CPU_H
#define PRISM_DOM_SCHED_CPU_H

#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "dom/sched.h"

struct scheduler_cpu {
    struct spinlock lock;        /* RANK_SCHED: the run queue, the state of every vCPU whose processor this is */
    struct vcpu *running;        /* what this CPU runs or is switching to */
    struct timer slice;          /* raises SOFTIRQ_SCHEDULE */
    void *policy;                /* the scheduler's own */
};

static inline struct scheduler_cpu *scheduler_cpu(unsigned int cpu) { return cpus[cpu].sched; }
static inline bool is_idle_vcpu(const struct vcpu *v) { return v->domain->is_idle; }
extern volatile cpumask_t sched_idle_mask;   /* CPUs that run their idle vCPU. atomic */
/* CPUs that have nothing to do and may run v. */
static inline cpumask_t sched_idle_for(const struct vcpu *v)
{ return sched_idle_mask & cpu_active_mask & v->hard_affinity; }
/* v leaves the CPU that it is on for one that it may use: at once, or when that CPU next runs its scheduler. No lock held. */
void sched_move(struct vcpu *v);

#endif
