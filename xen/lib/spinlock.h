/* SPDX-License-Identifier: MIT */
/* Ticket spinlocks with a rank. A CPU takes locks in rising rank only; docs/locks.md is this list with reasons.
 * Debug builds check the order, recursion, and that no lock is held where a guest is entered (locks_assert_none). */
#ifndef PRISM_LIB_SPINLOCK_H
#define PRISM_LIB_SPINLOCK_H

#include "lib/types.h"

enum lock_rank {
    RANK_DOMCTL,        /* domctl and sysctl: one caller at a time */
    RANK_DOMLIST,       /* the list and hash of domains */
    RANK_DOMAIN,        /* struct domain: configuration, vCPU bring-up */
    RANK_PV_MM,         /* contents of a PV domain's page tables, GDT and LDT mappings */
    RANK_POD,           /* a translated domain's frames kept for populate on demand */
    RANK_P2M,           /* a translated domain's nested page tables */
    RANK_GRANT,         /* grant_table.lock: two of them by spin_lock_pair */
    RANK_EVTCHN,        /* domain.event_lock: two of them by spin_lock_pair */
    RANK_DEVMODEL,      /* a domain's I/O request servers */
    RANK_PIRQ,          /* guest interrupt bindings */
    RANK_MSI,           /* which message of which PCI function has which line */
    RANK_PAGE_LIST,     /* domain.page_lock: lists and counts of its frames */
    RANK_HEAP,          /* the frame allocator */
    RANK_VMAP,          /* Prism's own mappings of the vmap area */
    RANK_IPI,           /* remote function call, TLB shootdown: taken with interrupts on */
    /* From here on: taken with interrupts off, nothing below may be taken under them. */
    RANK_EVTCHN_FIFO,   /* one FIFO event queue */
    RANK_PC,            /* a domain's emulated interrupt controllers and timers */
    RANK_SCHED,         /* a run queue; two of them by spin_lock_pair */
    RANK_VCPU_POLL,
    RANK_TIMER,         /* one CPU's timer heap */
    RANK_IRQ,           /* an interrupt line's descriptor */
    RANK_IOAPIC,        /* I/O APIC, PCI configuration space */
    RANK_RANGESET,
    RANK_TIME,          /* platform clock */
    RANK_XMALLOC,
    RANK_MODE_LOG,      /* changes of modes, recorded by whoever sees them */
    RANK_ACCOUNT,       /* a domain's accounts of marked operations */
    RANK_CONSOLE,       /* the console ring and the UART: last, so that anyone may print */
};

struct spinlock {
    volatile u16 head, tail;
    u16 rank;
    int16_t cpu;    /* debug builds: holder, or -1 */
} aligned(8);       /* head and tail are also accessed as one word */

#define SPINLOCK_INIT(r) { 0, 0, (r), -1 }
static inline void spin_init(struct spinlock *l, enum lock_rank rank)
{ *l = (struct spinlock)SPINLOCK_INIT(rank); }

void spin_lock(struct spinlock *l);
bool spin_trylock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
bool spin_is_locked(const struct spinlock *l);
/* Two locks of one rank, in the order of their addresses; a may equal b. */
void spin_lock_pair(struct spinlock *a, struct spinlock *b);
void spin_unlock_pair(struct spinlock *a, struct spinlock *b);
/* With interrupts off; the former flags are returned and given back. */
unsigned long spin_lock_irqsave(struct spinlock *l);
void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags);
/* BUG if this CPU holds any lock (debug builds; else nothing). */
void locks_assert_none(void);

#endif
