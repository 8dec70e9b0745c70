/* SPDX-License-Identifier: MIT */
/* Sets of unsigned longs kept as sorted, disjoint, inclusive ranges: I/O ports, machine frames, interrupts of a domain. */
#ifndef PRISM_LIB_RANGESET_H
#define PRISM_LIB_RANGESET_H

#include "lib/list.h"
#include "lib/spinlock.h"

struct rangeset { struct spinlock lock; struct list ranges; };

void rangeset_init(struct rangeset *r);
void rangeset_free(struct rangeset *r);
int rangeset_add(struct rangeset *r, unsigned long first, unsigned long last);      /* -ENOMEM -EINVAL */
int rangeset_remove(struct rangeset *r, unsigned long first, unsigned long last);   /* -ENOMEM: a split needs a node */
bool rangeset_contains(struct rangeset *r, unsigned long first, unsigned long last);
bool rangeset_overlaps(struct rangeset *r, unsigned long first, unsigned long last);

#endif
