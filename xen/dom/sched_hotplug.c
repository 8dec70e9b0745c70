/* SPDX-License-Identifier: MIT */
/* vCPUs leave a CPU that goes out of use. */
#include "cpu/hotplug.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "dom/sched_cpu.h"
#include "lib/bitops.h"

/* Whoever chose a CPU for a vCPU by an earlier cpu_active_mask did so under one of these locks, and has put it there now. */
static void wait_for_choices(void)
{
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        unsigned long flags = spin_lock_irqsave(&scheduler_cpu(cpu)->lock);

        spin_unlock_irqrestore(&scheduler_cpu(cpu)->lock, flags);
    }
}

static bool overridden_on(unsigned int cpu)
{
    struct domain *d;
    struct vcpu *v;

    list_for_each(d, &domain_list, list)
        for_each_vcpu(d, v)
            if (v->processor == cpu && v->affinity_overridden)
                return true;
    return false;
}

/* True: it has gone. One that runs there goes when that CPU has run its scheduler. */
static bool expel(struct vcpu *v, unsigned int cpu)
{
    unsigned long flags = sched_lock_vcpu(v);
    bool here = v->processor == cpu, widened = here && !(v->hard_affinity & cpu_active_mask);

    if (widened)
        v->hard_affinity = ~0ULL;
    sched_unlock_vcpu(v, flags);
    if (!here)
        return true;
    if (widened)
        pr_warn("%sv%u may use any CPU now, since CPU%u goes\n", v->domain->name_for_log, v->id, cpu);
    sched_move(v);
    return ACCESS_ONCE(v->processor) != cpu;
}

void sched_leave_cpu(void)
{
    timer_stop(&scheduler_cpu(smp_processor_id())->slice);   /* it stays this CPU's */
}

int sched_vacate(unsigned int cpu)
{
    unsigned int left = 0;
    struct domain *d;
    struct vcpu *v;
    bool refused;

    wait_for_choices();
    spin_lock(&domlist_lock);
    refused = overridden_on(cpu);
    if (!refused)
        list_for_each(d, &domain_list, list)
            for_each_vcpu(d, v)
                left += !expel(v, cpu);
    spin_unlock(&domlist_lock);
    if (left)
        cpu_relax();   /* that CPU, if it is an emulated one, may get its turn by this alone */
    return refused ? -EADDRINUSE : left ? -ERESTART : 0;
}
