/* SPDX-License-Identifier: MIT */
/* What hypervisor code under test finds around it on the host: weak, so that a test may bring its own. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/spinlock.h"
#include "trace/trace.h"

#define weak __attribute__((weak))

weak void printk_level(int level, const char *format, ...) { (void)level; (void)format; }
weak void bug_at(const char *file, int line, const char *what)
{
    fprintf(stderr, "BUG %s:%d: %s\n", file, line, what);
    abort();
}
weak void panic(const char *format, ...) { fprintf(stderr, "panic: %s\n", format); abort(); }
weak void spin_lock(struct spinlock *l) { if (l->head != l->tail) abort(); l->tail++; }
weak bool spin_trylock(struct spinlock *l) { if (l->head != l->tail) return false; l->tail++; return true; }
weak void spin_unlock(struct spinlock *l) { if (l->head == l->tail) abort(); l->head++; }
weak bool spin_is_locked(const struct spinlock *l) { return l->head != l->tail; }
weak void spin_lock_pair(struct spinlock *a, struct spinlock *b) { spin_lock(a); if (a != b) spin_lock(b); }
weak void spin_unlock_pair(struct spinlock *a, struct spinlock *b) { spin_unlock(a); if (a != b) spin_unlock(b); }
weak unsigned long spin_lock_irqsave(struct spinlock *l) { spin_lock(l); return 0; }
weak void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags) { (void)flags; spin_unlock(l); }
weak void locks_assert_none(void) {}
weak void *xzalloc_bytes(size_t size, size_t align) { (void)align; return calloc(1, size ? size : 1); }
weak void xfree(void *p) { free(p); }
weak bool trace_on;
weak void trace_record(u32 event, bool timed, const u32 *extra, u32 words)
{ (void)event; (void)timed; (void)extra; (void)words; }
