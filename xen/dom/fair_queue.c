/* SPDX-License-Identifier: MIT */
/* The fair scheduler's arithmetic: see dom/fair_queue.h. vruntimes are compared by difference, so they may wrap. */
#include "dom/fair_queue.h"

static s64 ahead(u64 a, u64 b)
{
    return (s64)(a - b);
}

void fair_queue_init(struct fair_queue *q)
{
    list_init(&q->entities);
    q->min_vruntime = q->offset = 0;
    q->count = 0;
}

void fair_entity_init(struct fair_entity *e)
{
    list_init(&e->link);
    e->vruntime = 0;
}

void fair_insert(struct fair_queue *q, struct fair_entity *e)
{
    struct fair_entity *pos;

    list_for_each(pos, &q->entities, link)
        if (ahead(pos->vruntime, e->vruntime) > 0)
            break;
    list_add_tail(&e->link, &pos->link);
    q->count++;
}

void fair_remove(struct fair_queue *q, struct fair_entity *e)
{
    list_del(&e->link);
    q->count--;
}

void fair_charge(struct fair_entity *e, u64 ns, u32 weight)
{
    e->vruntime += weight == FAIR_WEIGHT ? ns : ns * FAIR_WEIGHT / weight;
}

void fair_advance(struct fair_queue *q, const struct fair_entity *running)
{
    const struct fair_entity *first = fair_first(q);
    u64 least;

    if (!first && !running)
        return;
    if (!first)
        least = running->vruntime;
    else if (!running || ahead(running->vruntime, first->vruntime) > 0)
        least = first->vruntime;
    else
        least = running->vruntime;
    if (ahead(least, q->min_vruntime) > 0)
        q->min_vruntime = least;
}

void fair_place_waker(const struct fair_queue *q, struct fair_entity *e)
{
    u64 earliest = q->min_vruntime - FAIR_SLEEPER_BONUS;

    if (ahead(e->vruntime, earliest) < 0)
        e->vruntime = earliest;
}

void fair_rebase(struct fair_entity *e, const struct fair_queue *from, const struct fair_queue *to)
{
    e->vruntime += to->min_vruntime - from->min_vruntime;
}

s64 fair_lag(struct fair_queue *q, struct fair_queue *other)
{
    s64 lag = ahead(other->min_vruntime + other->offset, q->min_vruntime + q->offset);

    if (lag > (s64)FAIR_LAG_MOST) {
        q->offset += (u64)lag - FAIR_LAG_MOST;
        lag = FAIR_LAG_MOST;
    } else if (lag < -(s64)FAIR_LAG_MOST) {
        other->offset += (u64)-lag - FAIR_LAG_MOST;
        lag = -(s64)FAIR_LAG_MOST;
    }
    return lag;
}

void fair_rebase_fully(struct fair_entity *e, const struct fair_queue *from, const struct fair_queue *to)
{
    u64 earliest = to->min_vruntime - FAIR_LAG;

    e->vruntime += from->offset - to->offset;
    if (ahead(e->vruntime, earliest) < 0)
        e->vruntime = earliest;
}

void fair_yield(const struct fair_queue *q, struct fair_entity *e)
{
    const struct fair_entity *first = fair_first(q);

    if (first && ahead(e->vruntime, first->vruntime) <= 0)
        e->vruntime = first->vruntime + 1;
}

bool fair_preempts(const struct fair_entity *waker, const struct fair_entity *running)
{
    return ahead(running->vruntime, waker->vruntime) > (s64)FAIR_PREEMPT_MARGIN;
}

bool fair_sleeps_soon(struct fair_habit *h, u64 now)
{
    if (h->asked)               /* a try goes on until the outcome is seen */
        return false;
    if (!h->went_on && ++h->guesses % FAIR_TRIES)
        return true;
    h->asked = now;
    return false;
}

void fair_learn(struct fair_habit *h, u64 now, bool asleep)
{
    bool soon = now - h->asked < FAIR_SOON;

    if (!h->asked)
        return;
    if (!soon)
        h->went_on = FAIR_BELIEF;
    else if (asleep && h->went_on)
        h->went_on--;
    h->asked = 0;
}
