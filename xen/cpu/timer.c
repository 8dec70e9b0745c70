/* SPDX-License-Identifier: MIT */
/* Timers: a heap per CPU, the LAPIC timer set to its earliest entry, and SOFTIRQ_TIMER to run what is due.
 *
 * The hardware timer may be set earlier than the earliest timer (one was stopped meanwhile), never later: taking a
 * timer out of the heap costs no access to the LAPIC, and an interrupt that finds nothing due sets it right. */
#include "cpu/cpu.h"
#include "cpu/hotplug.h"
#include "cpu/time.h"
#include "cpu/timer_heap.h"
#include "cpu/x86.h"
#include "lib/lib.h"

struct timer_heap {
    struct spinlock lock;          /* RANK_TIMER: guards all of it and every timer in it */
    struct timer *root;            /* the earliest */
    struct timer *running;         /* whose function runs on this CPU; only compared, never followed */
    stime_t programmed;            /* when the LAPIC timer will fire; STIME_NEVER: it is off */
    bool away;                     /* its CPU is out of use: it is empty, and what is to be set is set elsewhere */
    u8 stand_in;                   /* there */
};

static struct timer_heap heaps[NR_CPUS] = {
    [0 ... NR_CPUS - 1] = { .lock = SPINLOCK_INIT(RANK_TIMER), .programmed = STIME_NEVER },
};

/* Locks the heap that t belongs to. Interrupts off. */
static struct timer_heap *lock_heap_of(struct timer *t, unsigned long *flags)
{
    for (;;) {
        unsigned int cpu = t->cpu;

        *flags = spin_lock_irqsave(&heaps[cpu].lock);
        if (t->cpu == cpu && !heaps[cpu].away)
            return &heaps[cpu];
        if (t->cpu == cpu)
            t->cpu = heaps[cpu].stand_in;   /* it is in no heap */
        spin_unlock_irqrestore(&heaps[cpu].lock, *flags);
    }
}

static void program(struct timer_heap *heap, stime_t when)
{
    heap->programmed = when;
    lapic_set_timer(when);
}

/* After an insertion: makes heap's CPU fire in time. lock held; true if that CPU has to be told once it is released. */
static bool head_changed(struct timer_heap *heap)
{
    if (heap->root->expires >= heap->programmed)
        return false;
    if (heap != &heaps[smp_processor_id()])
        return true;
    program(heap, heap->root->expires);
    return false;
}

static void take_out(struct timer_heap *heap, struct timer *t)
{
    if (t->status == TIMER_IN_HEAP) {
        timer_heap_remove(&heap->root, t);
        t->status = TIMER_INACTIVE;
    }
}

/* Purpose: makes t ready for use on `cpu`. t is in no heap. */
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{
    *t = (struct timer){ .fn = fn, .data = data, .cpu = (u16)cpu, .status = TIMER_INACTIVE };
}

/* Purpose: fn runs at or just after `expires` (ns of system time), once. Any context; locks below RANK_TIMER may be
 * held. */
void timer_set(struct timer *t, stime_t expires)
{
    unsigned long flags;
    struct timer_heap *heap = lock_heap_of(t, &flags);
    unsigned int cpu = t->cpu;
    bool tell = false;

    if (t->status != TIMER_KILLED) {
        take_out(heap, t);
        t->expires = expires;
        timer_heap_insert(&heap->root, t);
        t->status = TIMER_IN_HEAP;
        tell = head_changed(heap);
    }
    spin_unlock_irqrestore(&heap->lock, flags);
    if (tell)
        cpu_raise_softirq(cpu, SOFTIRQ_TIMER);
}

void timer_stop(struct timer *t)
{
    unsigned long flags;
    struct timer_heap *heap = lock_heap_of(t, &flags);

    take_out(heap, t);
    spin_unlock_irqrestore(&heap->lock, flags);
}

/* Purpose: t is never started again, and runs on no other CPU when this returns. Its own function may call it. No lock
 * that fn takes may be held. */
void timer_kill(struct timer *t)
{
    unsigned long flags;
    struct timer_heap *heap;
    unsigned int self = smp_processor_id();

    if (!t->fn)
        return;   /* never initialised: half-built objects are torn down by the same code */
    heap = lock_heap_of(t, &flags);
    take_out(heap, t);
    t->status = TIMER_KILLED;
    spin_unlock_irqrestore(&heap->lock, flags);
    for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
        while (cpu != self && ACCESS_ONCE(heaps[cpu].running) == t)
            cpu_relax();
}

/* Purpose: from now on t's function runs on `cpu`; a setting stays. Any context; locks below RANK_TIMER may be held. */
void timer_migrate(struct timer *t, unsigned int cpu)
{
    unsigned long flags = irq_save();
    bool tell = false;

    for (;;) {
        unsigned int old = t->cpu;

        if (old == cpu)
            break;
        spin_lock_pair(&heaps[old].lock, &heaps[cpu].lock);
        if (t->cpu == old) {
            bool active = t->status == TIMER_IN_HEAP;

            if (active)
                timer_heap_remove(&heaps[old].root, t);
            t->cpu = (u16)cpu;
            if (active) {
                timer_heap_insert(&heaps[cpu].root, t);
                tell = head_changed(&heaps[cpu]);
            }
        }
        spin_unlock_pair(&heaps[old].lock, &heaps[cpu].lock);
    }
    irq_restore(flags);
    if (tell)
        cpu_raise_softirq(cpu, SOFTIRQ_TIMER);
}

void timer_interrupt(void)
{
    heaps[smp_processor_id()].programmed = STIME_NEVER;   /* one-shot: it is off now */
    raise_softirq(SOFTIRQ_TIMER);
}

/* Runs what is due, some at a time, so that functions that set their timers into the past cannot hold the CPU. */
static void timer_softirq(void)
{
    struct timer_heap *heap = &heaps[smp_processor_id()];
    stime_t now = system_time();
    unsigned int budget = 64;
    struct timer *t;
    unsigned long flags = spin_lock_irqsave(&heap->lock);

    while ((t = heap->root) != NULL && t->expires <= now && budget--) {
        void (*fn)(void *) = t->fn;
        void *data = t->data;

        take_out(heap, t);
        heap->running = t;
        spin_unlock_irqrestore(&heap->lock, flags);
        fn(data);
        flags = spin_lock_irqsave(&heap->lock);
        heap->running = NULL;
    }
    if (heap->root && heap->root->expires != heap->programmed)
        program(heap, heap->root->expires);
    else if (!heap->root && heap->programmed != STIME_NEVER)
        program(heap, STIME_NEVER);
    spin_unlock_irqrestore(&heap->lock, flags);
}

void timers_vacate(unsigned int to)
{
    unsigned int cpu = smp_processor_id();
    struct timer_heap *heap = &heaps[cpu], *other = &heaps[to];
    unsigned long flags = irq_save();
    struct timer *t;
    bool tell;

    spin_lock_pair(&heap->lock, &other->lock);
    while ((t = heap->root) != NULL) {
        timer_heap_remove(&heap->root, t);
        t->cpu = (u16)to;
        timer_heap_insert(&other->root, t);
    }
    heap->away = true;
    heap->stand_in = (u8)to;
    program(heap, STIME_NEVER);
    tell = other->root && head_changed(other);
    spin_unlock_pair(&heap->lock, &other->lock);
    irq_restore(flags);
    if (tell)
        cpu_raise_softirq(to, SOFTIRQ_TIMER);
}

void timers_return(void)
{
    struct timer_heap *heap = &heaps[smp_processor_id()];
    unsigned long flags = spin_lock_irqsave(&heap->lock);

    heap->away = false;
    spin_unlock_irqrestore(&heap->lock, flags);
}

/* Purpose: this CPU, `cpu`, begins to serve its timers; they may have been set before. */
void timer_init_cpu(unsigned int cpu)
{
    cpus[cpu].timers = &heaps[cpu];
    if (cpu == 0)
        open_softirq(SOFTIRQ_TIMER, timer_softirq);
    raise_softirq(SOFTIRQ_TIMER);
}
