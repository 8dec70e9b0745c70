/* SPDX-License-Identifier: MIT */
/* The ledgers' counts by CPU. Entry code counts in the vCPU's ledger alone; what a vCPU has counted on a CPU is added up
 * when it leaves that CPU for another, or for good. */
#include "dom/sched_cpu.h"

static u64 settled[NR_CPUS][NR_LEDGER_EVENTS];   /* RANK_SCHED of that CPU: of vCPUs that have left it */

void ledger_settle(struct vcpu *v)
{
    u64 *to = settled[v->processor];

    for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++) {
        u64 count = v->ledger.cell[event].count;

        to[event] += count - v->ledger_settled[event];
        v->ledger_settled[event] = count;
    }
}

/* What v has counted where it is now, in its favour; or nothing of it from now on. */
static void add_vcpu(struct vcpu *v, u64 (*counts)[NR_LEDGER_EVENTS])
{
    unsigned long flags = sched_lock_vcpu(v);

    for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++) {
        u64 count = ACCESS_ONCE(v->ledger.cell[event].count);   /* it may be running */

        if (counts)
            counts[v->processor][event] += count - v->ledger_settled[event];
        else
            v->ledger_settled[event] = count;
    }
    sched_unlock_vcpu(v, flags);
}

static void add_all(u64 (*counts)[NR_LEDGER_EVENTS])
{
    struct domain *d;
    struct vcpu *v;

    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        for_each_vcpu(d, v)
            add_vcpu(v, counts);
    spin_unlock(&domlist_lock);
}

void ledger_by_cpu(u64 (*counts)[NR_LEDGER_EVENTS])
{
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        unsigned long flags = spin_lock_irqsave(&scheduler_cpu(cpu)->lock);

        memcpy(counts[cpu], settled[cpu], sizeof(settled[cpu]));
        spin_unlock_irqrestore(&scheduler_cpu(cpu)->lock, flags);
    }
    add_all(counts);
}

void ledger_by_cpu_reset(void)
{
    add_all(NULL);
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        unsigned long flags = spin_lock_irqsave(&scheduler_cpu(cpu)->lock);

        memset(settled[cpu], 0, sizeof(settled[cpu]));
        spin_unlock_irqrestore(&scheduler_cpu(cpu)->lock, flags);
    }
}
