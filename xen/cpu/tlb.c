/* SPDX-License-Identifier: MIT */
/* Translation caches, here and on other CPUs (AMD64 APM vol. 2, 5.5.3), and the clock that says who needs no flush. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/bitops.h"
#include "lib/lib.h"

/* Times are compared by their difference, which is right as long as it is less than half of what 32 bits hold. So every
 * CPU flushes once an epoch: a CPU that never loads CR3 any other way would else seem to be ahead one day, and keep
 * what it should have dropped. The clock starts shortly before the end of one. */
#define TLB_EPOCH (1u << 30)

static u32 tlb_clock = TLB_EPOCH - 1000;

u32 tlb_clock_now(void)
{
    return ACCESS_ONCE(tlb_clock);
}

static void new_epoch(void)
{
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        if (cpus[cpu].online)
            cpu_raise_softirq(cpu, SOFTIRQ_TLB_EPOCH);
}

/* The clock moves before the flush, so a stamp taken after the flush began is never older than tlb_time. */
static u32 tlb_clock_advance(void)
{
    u32 now = atomic_add_return(&tlb_clock, 1);

    if (unlikely(now % TLB_EPOCH == 0))
        new_epoch();
    return now;
}

void tlb_init(void)
{
    open_softirq(SOFTIRQ_TLB_EPOCH, flush_tlb_local);
}

void flush_tlb_local(void)
{
    unsigned long flags = irq_save(), cr4 = READ_CR(4);
    u32 now = tlb_clock_advance();

    if (cr4 & X86_CR4_PGE) {
        WRITE_CR(4, cr4 & ~(unsigned long)X86_CR4_PGE);
        WRITE_CR(4, cr4);
    } else
        WRITE_CR(3, READ_CR(3));
    this_cpu()->tlb_time = now;
    irq_restore(flags);
}

void flush_tlb_one_local(unsigned long va)
{
    invlpg(va);
}

/* Guests' entries are never global, so this leaves no translation of theirs: as good as a full flush. */
void write_cr3(unsigned long cr3)
{
    unsigned long flags = irq_save();
    u32 now = tlb_clock_advance();

    WRITE_CR(3, cr3);
    this_cpu()->cr3 = cr3;
    this_cpu()->tlb_time = now;
    irq_restore(flags);
}

static void flush_all(void *unused)
{
    flush_tlb_local();
}

static void flush_one(void *va)
{
    flush_tlb_one_local((unsigned long)va);
}

void flush_tlb_mask(cpumask_t mask)
{
    if (mask == 1ULL << smp_processor_id())
        flush_tlb_local();
    else if (mask)
        on_cpus(mask & cpu_online_mask, flush_all, NULL, true);
}

void flush_tlb_one_mask(cpumask_t mask, unsigned long va)
{
    if (mask == 1ULL << smp_processor_id())
        flush_tlb_one_local(va);
    else if (mask)
        on_cpus(mask & cpu_online_mask, flush_one, (void *)va, true);
}

cpumask_t tlb_filter(cpumask_t mask, u32 stamp)
{
    for (cpumask_t left = mask; left; left &= left - 1) {
        unsigned int cpu = (unsigned int)__builtin_ctzll(left);

        if ((int32_t)(ACCESS_ONCE(cpus[cpu].tlb_time) - stamp) > 0)
            mask &= ~(1ULL << cpu);
    }
    return mask;
}
