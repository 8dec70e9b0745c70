/* SPDX-License-Identifier: MIT */
/* Records of events, by each CPU into its own buffer. */
#include "trace/trace.h"

#include "abi/event.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "trace/ring.h"

/* Its own CPU's, with interrupts off. */
struct trace_cpu {
    struct trace_ring ring;
    bool busy;               /* in the middle of a record: what interrupts that cannot make another */
};

bool trace_on __read_mostly;
static struct trace_cpu trace_cpus[NR_CPUS];
static u32 event_mask __read_mostly = TRC_ALL;          /* both: one sysctl at a time; read by anyone */
static cpumask_t cpu_mask __read_mostly = ~0ULL;
static bool have_rings;

static u32 where_now(void)
{
    return TRACE_PAIR(current->domain->id, current->id);
}

void trace_record(u32 event, bool timed, const u32 *extra, u32 words)
{
    struct trace_record record = { .event = event, .words = words, .extra = extra, .timed = timed };
    unsigned int cpu = smp_processor_id();
    struct trace_cpu *t = &trace_cpus[cpu];
    unsigned long flags;

    if (!trace_wanted(ACCESS_ONCE(event_mask), event) || !(ACCESS_ONCE(cpu_mask) >> cpu & 1))
        return;
    flags = irq_save();
    if (!t->busy) {
        t->busy = true;
        barrier();
        record.tsc = rdtsc();
        if (trace_ring_put(&t->ring, &record, where_now()) == TRACE_PUT_HALF)
            raise_softirq(SOFTIRQ_TRACE);
        barrier();
        t->busy = false;
    }
    irq_restore(flags);
}

/* Not from where the record is made: that may be anywhere, under any lock. */
static void tell_reader(void)
{
    send_global_virq(VIRQ_TBUF);
}

/* ---- Control */

void trace_use_ring(unsigned int cpu, void **pages, u32 count)
{
    trace_ring_init(&trace_cpus[cpu].ring, pages, count);
    if (!have_rings)
        open_softirq(SOFTIRQ_TRACE, tell_reader);
    have_rings = true;
}

int trace_enable(void)
{
    if (!have_rings)
        return -EINVAL;
    smp_wmb();
    ACCESS_ONCE(trace_on) = true;
    return 0;
}

/* What was lost up to here is none of the next trace's. */
static void forget_lost(void *unused)
{
    trace_cpus[smp_processor_id()].ring.lost = 0;
}

/* A CPU that takes a call is not in the middle of a record, and has seen trace_on when it makes the next. */
void trace_disable(void)
{
    ACCESS_ONCE(trace_on) = false;
    smp_mb();
    on_cpus(cpu_online_mask, forget_lost, NULL, true);
}

u32 trace_event_mask(void) { return event_mask; }
void trace_set_event_mask(u32 mask) { ACCESS_ONCE(event_mask) = mask; }
void trace_set_cpu_mask(u64 mask) { ACCESS_ONCE(cpu_mask) = mask; }
