/* SPDX-License-Identifier: MIT */
/* Work that an interrupt leaves for a moment when it can be done with interrupts on: before a guest is entered, or from
 * the idle loop. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/bitops.h"
#include "lib/lib.h"

static void (*handlers[NR_SOFTIRQS])(void);

void open_softirq(enum softirq which, void (*handler)(void))
{
    handlers[which] = handler;
}

void raise_softirq(enum softirq which)
{
    __atomic_fetch_or(&this_cpu()->softirq_pending, 1u << which, __ATOMIC_SEQ_CST);
}

void cpu_raise_softirq(unsigned int cpu, enum softirq which)
{
    /* A CPU that already has softirqs pending will look at all of them before it enters a guest or halts. */
    u32 old = __atomic_fetch_or(&cpus[cpu].softirq_pending, 1u << which, __ATOMIC_SEQ_CST);

    if (old || cpu == smp_processor_id())
        return;
    smp_send_event_check(cpu);
}

void do_softirq(void)
{
    struct cpu *c = this_cpu();

    locks_assert_none();
    while (c->softirq_pending) {
        unsigned int which = (unsigned int)__builtin_ctz(c->softirq_pending);

        __atomic_fetch_and(&c->softirq_pending, ~(1u << which), __ATOMIC_SEQ_CST);
        if (handlers[which])
            handlers[which]();   /* SOFTIRQ_SCHEDULE may leave this stack for good */
        c = this_cpu();
    }
}
