/* SPDX-License-Identifier: MIT */
/* The fair scheduler's arithmetic. Who has had least of the CPU for its weight comes next: each entity's vruntime is
 * the time it has run, in nanoseconds, scaled by FAIR_WEIGHT / its weight. Pure; the queue's user holds the lock that
 * guards it. */
#ifndef PRISM_DOM_FAIR_QUEUE_H
#define PRISM_DOM_FAIR_QUEUE_H

#include "lib/list.h"
#include "lib/types.h"

#define FAIR_WEIGHT 256                 /* the default weight, as in the credit2 scheduler's interface */
#define FAIR_SLICE 5000000ULL           /* ns that one runs while others wait */
#define FAIR_SLEEPER_BONUS 2500000ULL   /* vruntime that one who slept may be ahead of the rest */
#define FAIR_PREEMPT_MARGIN 500000ULL   /* vruntime by which a waker must be behind to interrupt */

struct fair_entity {
    struct list link;                   /* points to itself while not queued */
    u64 vruntime;
};

struct fair_queue {
    struct list entities;               /* by rising vruntime; of equals, who came first */
    u64 min_vruntime;                   /* never falls: where a newcomer starts */
    u32 count;
};

void fair_queue_init(struct fair_queue *q);
void fair_entity_init(struct fair_entity *e);
static inline bool fair_queued(const struct fair_entity *e) { return !list_empty(&e->link); }
static inline struct fair_entity *fair_first(const struct fair_queue *q)
{ return list_empty(&q->entities) ? NULL : list_first(&q->entities, struct fair_entity, link); }
void fair_insert(struct fair_queue *q, struct fair_entity *e);   /* e is not queued */
void fair_remove(struct fair_queue *q, struct fair_entity *e);   /* e is queued in q */
/* e has run for ns. weight > 0. */
void fair_charge(struct fair_entity *e, u64 ns, u32 weight);
/* The queue's clock moves up to the one who is furthest behind; running: not queued, or NULL. */
void fair_advance(struct fair_queue *q, const struct fair_entity *running);
/* e comes back from sleep: it may not claim all the time it was away. */
void fair_place_waker(const struct fair_queue *q, struct fair_entity *e);
/* e goes from one queue's clock to another's. */
void fair_rebase(struct fair_entity *e, const struct fair_queue *from, const struct fair_queue *to);
/* e lets the next one go first. */
void fair_yield(const struct fair_queue *q, struct fair_entity *e);
bool fair_preempts(const struct fair_entity *waker, const struct fair_entity *running);

#endif
