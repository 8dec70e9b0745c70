/* SPDX-License-Identifier: MIT */
/* System time, wall clock, timers. System time is TSC scaled, calibrated against HPET or the ACPI PM timer. */
#ifndef PRISM_CPU_TIME_H
#define PRISM_CPU_TIME_H

#include "lib/spinlock.h"
#include "lib/types.h"

#define NS_PER_SEC 1000000000ULL
#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL

/* Boot CPU, after acpi_init() and lapic_init_cpu(), about 25 ms: finds a platform timer, calibrates TSC and LAPIC timer, reads
 * the RTC; panics if there is neither HPET nor PM timer. */
void time_init(void);
void time_init_cpu(void);         /* another CPU: takes over the calibration, synchronized to the boot CPU */
stime_t system_time(void);        /* nanoseconds since boot; monotonic on a CPU. Any context. */
stime_t tsc_to_stime(u64 tsc);    /* on this CPU's scale */
u64 stime_to_tsc(stime_t t);
u32 tsc_khz(void);
const char *time_source_name(void);
/* Wall clock: seconds and nanoseconds of the epoch at system time 0, from the RTC at boot, moved by settime. */
void wallclock_init(void);        /* from time_init() */
void wallclock_get(u64 *sec, u32 *nsec);
/* XENPF_settime64: the wall clock at system time at; all domains see it. Interrupts on, no lock from RANK_DOMLIST on held;
 * sec below 2^34. */
void wallclock_set(u64 sec, u32 nsec, stime_t at);

struct vcpu;
/* Fills vcpu_info->time and the registered secondary copy, by the version protocol (public header xen/xen.h: struct
 * vcpu_time_info). Called when v is switched to and when the scale changes. v == current. */
void update_vcpu_time(struct vcpu *v);
struct domain;
void update_domain_wallclock(struct domain *d);      /* shared_info's wc_*, by its version protocol */

/* ---- timer.c: a heap of timers per CPU. Functions run from SOFTIRQ_TIMER on the timer's CPU, interrupts on, no locks. */
enum timer_status { TIMER_INACTIVE, TIMER_IN_HEAP, TIMER_KILLED };
struct timer {
    stime_t expires;
    void (*fn)(void *);
    void *data;
    struct timer *child, *next, *prev;   /* links of the heap: cpu/timer_heap.h */
    volatile u16 cpu;
    u8 status;
};
void timer_init_cpu(unsigned int cpu);               /* CPU 0's also opens SOFTIRQ_TIMER */
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu);
void timer_set(struct timer *t, stime_t expires);    /* replaces an earlier setting; a killed timer stays killed */
void timer_stop(struct timer *t);                    /* afterwards fn is not started, though it may still be running */
void timer_kill(struct timer *t);                    /* stops for good and waits until fn is not running elsewhere */
void timer_migrate(struct timer *t, unsigned int cpu);
void timer_interrupt(void);                          /* from VECTOR_TIMER: raises SOFTIRQ_TIMER */

#endif
