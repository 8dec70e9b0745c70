/* SPDX-License-Identifier: MIT */
/* Ticket spinlocks. In debug builds each CPU keeps a bit per rank it holds, changed by single instructions, so that an
 * interrupt between them sees a true picture. Of two locks of one rank (a pair) one bit is kept. */
#include "lib/spinlock.h"

#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "lib/bitops.h"
#include "lib/lib.h"

#ifdef NDEBUG
static void check_order(const struct spinlock *l) { }
static void note_taken(const struct spinlock *l) { }
static void note_holder(struct spinlock *l, int holder) { }
static void note_given(const struct spinlock *l) { }
void locks_assert_none(void) { }
#else
static void check_order(const struct spinlock *l)
{
    if (unlikely(this_cpu()->locks_held >> l->rank))
        bug_at(__FILE__, __LINE__, "lock taken against the order of ranks");
    if (unlikely(l->rank >= RANK_EVTCHN_FIFO && irqs_enabled()))
        bug_at(__FILE__, __LINE__, "lock of an interrupt rank taken with interrupts on");
    /* Whoever holds one of the others may wait for this CPU to answer an interrupt. */
    if (unlikely(l->rank < RANK_EVTCHN_FIFO && this_cpu()->online && nr_cpus > 1 && !irqs_enabled()))
        bug_at(__FILE__, __LINE__, "lock of a waiting rank taken with interrupts off");
}

static void note_holder(struct spinlock *l, int holder) { l->cpu = (int16_t)holder; }

static void note_taken(const struct spinlock *l)
{
    asm volatile("orq %1, %0" : "+m" (this_cpu()->locks_held) : "r" (1UL << l->rank) : "memory", "cc");
}

static void note_given(const struct spinlock *l)
{
    if (unlikely(l->cpu != (int16_t)smp_processor_id() || l->head == l->tail))
        bug_at(__FILE__, __LINE__, "lock given back by a CPU that does not hold it");
    asm volatile("andq %1, %0" : "+m" (this_cpu()->locks_held) : "r" (~(1UL << l->rank)) : "memory", "cc");
}

void locks_assert_none(void)
{
    if (unlikely(this_cpu()->locks_held))
        bug_at(__FILE__, __LINE__, "a lock is held where none may be");
}
#endif

static void acquire(struct spinlock *l)
{
    u16 ticket = __atomic_fetch_add(&l->tail, 1, __ATOMIC_ACQUIRE);

    while (__atomic_load_n(&l->head, __ATOMIC_ACQUIRE) != ticket)
        cpu_relax();
    note_holder(l, (int)smp_processor_id());
}

static void release(struct spinlock *l)
{
    note_holder(l, -1);
    __atomic_store_n(&l->head, (u16)(l->head + 1), __ATOMIC_RELEASE);   /* head is the holder's alone */
}

void spin_lock(struct spinlock *l)
{
    check_order(l);
    acquire(l);
    note_taken(l);
}

bool spin_trylock(struct spinlock *l)
{
    u32 seen = __atomic_load_n((u32 *)l, __ATOMIC_RELAXED);   /* head and tail at once */

    if ((u16)seen != seen >> 16 || cmpxchg((u32 *)l, seen, seen + 0x10000) != seen)
        return false;
    note_holder(l, (int)smp_processor_id());
    note_taken(l);
    return true;
}

void spin_unlock(struct spinlock *l)
{
    note_given(l);
    release(l);
}

bool spin_is_locked(const struct spinlock *l)
{
    return l->head != l->tail;
}

void spin_lock_pair(struct spinlock *a, struct spinlock *b)
{
    struct spinlock *first = a < b ? a : b, *second = a < b ? b : a;

    spin_lock(first);
    if (first != second)
        acquire(second);
}

void spin_unlock_pair(struct spinlock *a, struct spinlock *b)
{
    if (a != b)
        release(b);
    spin_unlock(a);
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
    unsigned long flags = irq_save();

    spin_lock(l);
    return flags;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
    spin_unlock(l);
    irq_restore(flags);
}
