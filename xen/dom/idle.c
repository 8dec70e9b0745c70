/* SPDX-License-Identifier: MIT */
/* What a CPU does when no vCPU wants it. */
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "mem/frame.h"
#include "trace/trace.h"

#define SCRUB_AT_ONCE 16
#define C1 1   /* HLT, as trace records number sleep states */

/* The check and the HLT are one step for interrupts: STI takes effect after the instruction that follows it (APM vol.
 * 3, STI). Whoever raises a softirq here sends an interrupt, or sees that the CPU has yet to check. */
static void halt_unless_needed(struct cpu *c)
{
    irq_disable();
    trace(TRC_PM_IDLE_ENTRY, C1, (u32)rdtsc(), 0, 0);   /* nothing is expected of it, as to how long */
    ACCESS_ONCE(c->idle_halted) = true;
    smp_mb();
    if (c->softirq_pending)
        irq_enable();
    else
        safe_halt();
    ACCESS_ONCE(c->idle_halted) = false;
    trace(TRC_PM_IDLE_EXIT, C1, (u32)rdtsc(), 0, 0, 0, 0);
}

void idle_loop(void)
{
    struct cpu *c = this_cpu();

    for (;;) {
        irq_enable();
        locks_assert_none();
        if (c->softirq_pending)
            do_softirq();
        else if (unlikely(ACCESS_ONCE(c->parked)))
            cpu_park();
        else if (!heap_scrub_some(SCRUB_AT_ONCE))
            halt_unless_needed(c);
    }
}
