/* SPDX-License-Identifier: MIT */
/* The pairing heap behind the timers (Fredman, Sedgewick, Sleator, Tarjan 1986). */
#include "cpu/timer_heap.h"

/* Joins two heaps with no siblings; the earlier root becomes the parent. Either may be NULL. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->expires < a->expires) {
        struct timer *swap = a;

        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child)
        a->child->prev = b;
    a->child = b;
    return a;
}

static struct timer *detach(struct timer *t) { t->next = t->prev = NULL; return t; }

/* Joins a list of siblings into one heap: in pairs from the left, then all pairs from the right. Without recursion. */
static struct timer *meld_siblings(struct timer *first)
{
    struct timer *pairs = NULL, *result = NULL;

    while (first) {
        struct timer *a = first, *b = a->next, *pair;

        first = b ? b->next : NULL;
        pair = meld(detach(a), b ? detach(b) : NULL);
        pair->next = pairs;   /* a stack: the rightmost pair is on top */
        pairs = pair;
    }
    while (pairs) {
        struct timer *pair = pairs;

        pairs = pair->next;
        result = meld(result, detach(pair));
    }
    return result;
}

void timer_heap_insert(struct timer **root, struct timer *t)
{
    t->child = NULL;
    *root = meld(*root, detach(t));
}

void timer_heap_remove(struct timer **root, struct timer *t)
{
    struct timer *below = meld_siblings(t->child);

    t->child = NULL;
    if (*root == t) {
        *root = below;
        return;
    }
    if (t->prev->child == t)
        t->prev->child = t->next;
    else
        t->prev->next = t->next;
    if (t->next)
        t->next->prev = t->prev;
    detach(t);
    *root = meld(*root, below);
}
