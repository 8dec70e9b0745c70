/* SPDX-License-Identifier: MIT */
/* A pairing heap of timers by expiry. Its links are in the timers, so that setting a timer never needs memory. Pure;
 * the caller holds the lock of the CPU whose heap it is.
 *
 * A node's child is its first child; next is its next sibling; prev is its previous sibling or, of a first child, its
 * parent. No child expires before its parent. */
#ifndef PRISM_CPU_TIMER_HEAP_H
#define PRISM_CPU_TIMER_HEAP_H

#include "cpu/time.h"

/* Adds t, which is in no heap, by t->expires; *root is the earliest, or NULL. */
void timer_heap_insert(struct timer **root, struct timer *t);
/* Takes out t, which is in this heap. */
void timer_heap_remove(struct timer **root, struct timer *t);

#endif
