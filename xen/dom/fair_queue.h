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

#define FAIR_SOON 50000ULL              /* ns: who sleeps so soon after waking another is waiting for it */
#define FAIR_TRIES 32                   /* of so many guesses one is tried */
#define FAIR_BELIEF 4                   /* outcomes in a row that make a guess */

/* What one does after it has woken another. If it is about to sleep, because it waits for an answer, then changing to the
 * other at once spares both ends the way into idleness and back. If it goes on, and has more for the other to do, then
 * the other had better wait. The first can only be seen by not interrupting it, so a guess is tried now and then. */
struct fair_habit {
    u8 went_on;                         /* FAIR_BELIEF: it went on, last time; every time that it sleeps, one less */
    u8 guesses;
    u64 asked;                          /* when a waker was first put off, that the outcome is looked at; 0: none was */
};

struct fair_queue {
    struct list entities;               /* by rising vruntime; of equals, who came first */
    u64 min_vruntime;                   /* never falls: where a newcomer starts */
    u64 offset;                         /* from it to the clock that it is compared with other queues' by */
    u32 count;
};

#define FAIR_LAG 10000000ULL            /* vruntime by which a CPU's vCPUs have had less than another's: one of them moves */
#define FAIR_LAG_MOST 200000000ULL      /* more is forgotten: a CPU may have been idle */

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
/* By how much q's entities have had less of their CPU for their weights than other's of theirs; < 0: more. At most
 * FAIR_LAG_MOST: what goes beyond that is forgotten. Both queues' locks held. */
s64 fair_lag(struct fair_queue *q, struct fair_queue *other);
/* One of q's should go to other, by this lag and the weights of all that want to run there. Where the sums are equal a lag
 * stays what it is, and so nobody need move for it. */
static inline bool fair_gives(s64 lag, u64 weights, u64 other_weights)
{ return lag >= (s64)FAIR_LAG && weights > other_weights; }
/* e goes from one queue's clock to another's, and what it has had less than those there it is given there, at most FAIR_LAG at
 * once: so long others wait. */
void fair_rebase_fully(struct fair_entity *e, const struct fair_queue *from, const struct fair_queue *to);
/* e lets the next one go first. */
void fair_yield(const struct fair_queue *q, struct fair_entity *e);
/* One that runs, and may be let run on for a while, has woken another: will it sleep soon? now > 0. */
bool fair_sleeps_soon(struct fair_habit *h, u64 now);
/* It leaves the CPU, or could have. */
void fair_learn(struct fair_habit *h, u64 now, bool asleep);
bool fair_preempts(const struct fair_entity *waker, const struct fair_entity *running);

#endif
