/* SPDX-License-Identifier: MIT */
/* The watchdog: every CPU has a timer that beats once a second and looks whether the next CPU's heart still does. One
 * that has stopped for too long is sent an NMI, shows what it is at, and the machine stops. The boot CPU looks at all vCPUs,
 * too. */
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/time.h"
#include "cpu/traps.h"
#include "dom/vcpu_watch.h"
#include "lib/bitops.h"
#include "lib/lib.h"

#define PERIOD NS_PER_SEC

static struct {
    struct timer timer;
    volatile u32 beats;            /* its own CPU writes it. 0: it is not watched yet */
    u32 seen, missed;              /* of the next CPU that is online; its own CPU only */
} watch[NR_CPUS];
static volatile int suspect = -1;  /* the CPU that is to explain itself */
static u32 patience;               /* periods. constant once it beats */

static bool explain(struct cpu_user_regs *regs)
{
    if (suspect != (int)smp_processor_id())
        return false;
    pr_err("Watchdog: CPU%u has not run its timers for %u seconds\n", smp_processor_id(), patience);
    dump_state(regs);
    panic("Watchdog: CPU%u is stuck", smp_processor_id());
}

static unsigned int next_online(unsigned int cpu)
{
    do {
        cpu = (cpu + 1) % nr_cpus;
    } while (!cpus[cpu].online);
    return cpu;
}

static void beat(void *unused)
{
    unsigned int cpu = smp_processor_id(), next = next_online(cpu);
    u32 beats = watch[next].beats;

    watch[cpu].beats = (watch[cpu].beats + 1) | 1u << 31;   /* never 0 again */
    timer_set(&watch[cpu].timer, system_time() + PERIOD);
    if (cpu == 0)
        vcpu_watch_all(2 * patience * PERIOD);
    if (next == cpu)
        return;
    if (!beats || beats != watch[cpu].seen) {
        watch[cpu].seen = beats;
        watch[cpu].missed = 0;
        return;
    }
    if (++watch[cpu].missed < patience || cmpxchg(&suspect, -1, (int)next) != -1)
        return;
    nmi_hook = explain;
    lapic_send_nmi(next);
}

void watchdog_leave_cpu(void)
{
    if (!patience)
        return;
    timer_stop(&watch[smp_processor_id()].timer);
    watch[smp_processor_id()].beats = 0;
}

void watchdog_join_cpu(void)
{
    if (patience)
        timer_set(&watch[smp_processor_id()].timer, system_time() + PERIOD);
}

/* Purpose: starts the watchdog on all CPUs. Boot CPU, once they run. */
void watchdog_init(u32 seconds)
{
    if (!seconds)
        return;
    patience = seconds;
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        timer_init(&watch[cpu].timer, beat, NULL, cpu);
        timer_set(&watch[cpu].timer, system_time() + PERIOD);
    }
    if (nr_cpus < 2)
        pr_warn("Watchdog: on for vCPUs; a single CPU has no other to watch it\n");
    else
        printk("Watchdog: on, every CPU watches the next, and the first one all vCPUs\n");
}
