/* SPDX-License-Identifier: MIT */
/* CPUs that go out of use and come back, and what each part of Prism does for it. */
#ifndef PRISM_CPU_HOTPLUG_H
#define PRISM_CPU_HOTPLUG_H

#include "cpu/percpu.h"

/* CPUs that vCPUs and interrupt lines may be given to: those online that are not about to go. Changed with control_lock held,
 * read by anyone. */
extern volatile cpumask_t cpu_active_mask;

/* Takes a CPU out of use. Interrupts on, control_lock held and no other. -EINVAL: there is none, or it is the boot CPU;
 * -EEXIST: it is out already; -EADDRINUSE: a vCPU is pinned to it for the moment (SCHEDOP_pin_override); -ERESTART: vCPUs are
 * still leaving, call again once this CPU has looked at its softirqs. A vCPU that may use no other CPU may use all then. */
int cpu_offline(unsigned int cpu);
/* The same, and the other way round. -EINVAL, -EEXIST: it is in use. */
int cpu_back_online(unsigned int cpu);
/* The CPU that goes, from its idle loop: returns when it is back. Interrupts on. */
void cpu_park(void);

/* ---- what cpu_offline() asks for, of any CPU */
int sched_vacate(unsigned int cpu);    /* dom/sched_hotplug.c: no vCPU is this CPU's. -EADDRINUSE -ERESTART */
void irq_vacate(unsigned int cpu);     /* irq.c: no line's interrupts go there */

/* ---- what cpu_park() does here, and undoes */
void sched_leave_cpu(void);            /* dom/sched_hotplug.c: it has no vCPU to interrupt */
void time_leave_cpu(void);             /* time.c; undone by time_init_cpu() */
void watchdog_leave_cpu(void);         /* watchdog.c: the CPU's heart need not beat */
void watchdog_join_cpu(void);
void timers_vacate(unsigned int to);   /* timer.c: what is set, and will be set here, fires on CPU `to` */
void timers_return(void);
void smp_leave(void);                  /* smp.c: no calls from others; from now on it is not online */
void smp_join(void);                   /* undone, with no translation left of earlier times */

#endif
