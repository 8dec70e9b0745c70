/* SPDX-License-Identifier: MIT */
/* Scheduling: mechanism here, policy behind struct scheduler. Prism is not preemptible: SOFTIRQ_SCHEDULE is the one
 * place where a CPU changes its vCPU, and it does not return to the old stack contents. */
#ifndef PRISM_DOM_SCHED_H
#define PRISM_DOM_SCHED_H

#include "dom/domain.h"

struct xen_domctl_scheduler_op;
struct xen_sysctl_scheduler_op;
struct scheduler {
    const char *name, *opt_name;
    u32 id;                                            /* XEN_SCHEDULER_* */
    int (*cpu_init)(unsigned int cpu);
    int (*domain_init)(struct domain *d);
    void (*domain_free)(struct domain *d);
    int (*vcpu_init)(struct vcpu *v);
    void (*vcpu_free)(struct vcpu *v);
    /* All below: run queue lock of v->processor (or of cpu) held, interrupts off. */
    void (*sleep)(struct vcpu *v);
    void (*wake)(struct vcpu *v);
    void (*yield)(struct vcpu *v);
    void (*migrate)(struct vcpu *v, unsigned int to);   /* v, neither queued nor running, is about to go to CPU `to` */
    struct vcpu *(*pick_next)(unsigned int cpu, stime_t now, stime_t *slice);   /* the idle vCPU if there is none */
    unsigned int (*pick_cpu)(struct vcpu *v);          /* where v should run; no lock needed */
    /* XEN_DOMCTL_SCHEDOP_{get,put}{info,vcpuinfo}. -EINVAL */
    int (*adjust)(struct domain *d, struct xen_domctl_scheduler_op *op);
    /* XEN_SYSCTL_SCHEDOP_{get,put}info, what holds for all domains. -EINVAL */
    int (*adjust_all)(struct xen_sysctl_scheduler_op *op);
    void (*dump)(unsigned int cpu);
};
extern const struct scheduler sched_fair;
extern const struct scheduler *scheduler;

void sched_init_cpu(unsigned int cpu);                 /* makes its idle vCPU and run queue */
void vcpu_wake(struct vcpu *v);                        /* puts v on a run queue if it can run. Any context */
void vcpu_unblock(struct vcpu *v);                     /* clears VPF_BLOCKED (and a poll) and wakes */
void vcpu_kick(struct vcpu *v);                        /* unblocks v, or makes its CPU look at its events */
void vcpu_nmi(struct vcpu *v);                         /* an NMI waits for v: interrupt_ops.nmi. Any context */
void vcpu_block_current(void);                         /* unless an event is pending: looked at after the flag is set */
void vcpu_yield_current(void);
void vcpu_sleep_nosync(struct vcpu *v);
void vcpu_sleep_sync(struct vcpu *v);                  /* v not current */
int vcpu_set_affinity(struct vcpu *v, cpumask_t hard, cpumask_t soft);   /* -EINVAL: no such CPU online */
void vcpu_runstate(struct vcpu *v, struct vcpu_runstate_info *out);      /* up to now */
u64 vcpu_cpu_time(struct vcpu *v);                     /* ns in RUNSTATE_running */
void sched_dump(void);
void idle_loop(void) noreturn;
/* SCHEDOP_poll. -EINVAL -EFAULT; 0 also when it timed out */
struct sched_poll;
void vcpu_poll_expired(void *vcpu);                    /* v->poll_timer's function */
int vcpu_pin_override(struct vcpu *v, int cpu);        /* SCHEDOP_pin_override; cpu < 0: undone. -EINVAL -EBUSY */
int sched_vcpu_init(struct vcpu *v, unsigned int cpu); /* -ENOMEM */
void sched_vcpu_free(struct vcpu *v);
/* Copies info to the area that v's guest has registered, if any (v == current, interrupts on). 0 or -EFAULT */
int vcpu_runstate_publish(struct vcpu *v, const struct vcpu_runstate_info *info);
/* Writes info at address va of current's guest, d, as that lays it out. 0 or -EFAULT */
int vcpu_runstate_write(const struct domain *d, u64 va, const struct vcpu_runstate_info *info);
void sched_context_saved(struct vcpu *prev);           /* prev has left this CPU: others may run it. Interrupts off */
/* A vCPU's run queue lock, whichever that is now; interrupts off afterwards, the former flags returned. */
unsigned long sched_lock_vcpu(struct vcpu *v);
void sched_unlock_vcpu(struct vcpu *v, unsigned long flags);
long vcpu_poll(const struct sched_poll *poll);
/* context.c: from prev to next on this CPU; interrupts off; ends in next's resume(). Does not return. */
void context_switch(struct vcpu *prev, struct vcpu *next) noreturn;
/* Makes sure the hardware holds nothing of v that memory does not (before v's state is read or moved). */
void sync_vcpu_state(struct vcpu *v);

#endif
