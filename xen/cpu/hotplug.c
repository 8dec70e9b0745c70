/* SPDX-License-Identifier: MIT */
/* CPUs that are taken out of use while Prism runs, and come back. One that is out halts in its idle loop: it has no vCPUs, no
 * timers and no interrupt lines, nobody calls it, and nobody flushes its TLB, which it does itself when it comes back. The boot
 * CPU stays. */
#include "cpu/hotplug.h"

#include "cpu/cpu.h"
#include "cpu/time.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "lib/bitops.h"
#include "lib/lib.h"

volatile cpumask_t cpu_active_mask;

int cpu_offline(unsigned int cpu)
{
    struct cpu *c;
    int rc;

    if (cpu == 0 || cpu >= nr_cpus)
        return -EINVAL;
    c = &cpus[cpu];
    if (!c->online)
        return -EEXIST;
    clear_bit(cpu, &cpu_active_mask);
    rc = sched_vacate(cpu);
    if (rc) {
        if (rc != -ERESTART)
            set_bit(cpu, &cpu_active_mask);
        return rc;
    }
    irq_vacate(cpu);
    ACCESS_ONCE(c->parked) = true;
    cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);   /* it looks at the flag when it has run its softirqs */
    while (ACCESS_ONCE(c->online))
        cpu_relax();
    printk("CPU%u is offline\n", cpu);
    return 0;
}

int cpu_back_online(unsigned int cpu)
{
    struct cpu *c;

    if (cpu >= nr_cpus)
        return -EINVAL;
    c = &cpus[cpu];
    if (cpu_active_mask & (1ULL << cpu))
        return -EEXIST;
    ACCESS_ONCE(c->parked) = false;
    while (!ACCESS_ONCE(c->online)) {      /* else it was only on its way out */
        smp_send_event_check(cpu);
        cpu_relax();
    }
    set_bit(cpu, &cpu_active_mask);
    cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
    printk("CPU%u is online\n", cpu);
    return 0;
}

void cpu_park(void)
{
    struct cpu *c = this_cpu();

    sched_leave_cpu();
    time_leave_cpu();
    watchdog_leave_cpu();
    timers_vacate(0);
    smp_leave();
    irq_disable();
    while (ACCESS_ONCE(c->parked)) {
        safe_halt();
        irq_disable();
    }
    timers_return();
    time_init_cpu();
    irq_enable();
    smp_join();
    watchdog_join_cpu();
}
