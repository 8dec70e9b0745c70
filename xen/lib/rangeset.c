/* SPDX-License-Identifier: MIT */
/* Sets of numbers as sorted, disjoint ranges. Memory is taken before the lock and given back after it, because the
 * allocator's locks rank lower. */
#include "lib/rangeset.h"

#include "mem/frame.h"

struct range { struct list node; unsigned long first, last; };   /* rangeset.lock */

void rangeset_init(struct rangeset *r)
{
    spin_init(&r->lock, RANK_RANGESET);
    list_init(&r->ranges);
}

static void free_ranges(struct list *ranges)
{
    while (!list_empty(ranges)) {
        struct range *x = list_first(ranges, struct range, node);

        list_del(&x->node);
        xfree(x);
    }
}

void rangeset_free(struct rangeset *r)
{
    free_ranges(&r->ranges);
}

int rangeset_add(struct rangeset *r, unsigned long first, unsigned long last)
{
    struct list merged = LIST_INIT(merged);
    struct range *x, *tmp, *added;
    struct list *behind = &r->ranges;
    unsigned long flags;

    if (first > last)
        return -EINVAL;
    added = xzalloc(struct range);
    if (!added)
        return -ENOMEM;
    flags = spin_lock_irqsave(&r->lock);
    list_for_each_safe(x, tmp, &r->ranges, node) {
        if (x->last < first && x->last + 1 != first) {
            behind = &x->node;
            continue;
        }
        if (x->first > last && last + 1 != x->first)
            break;
        first = min(first, x->first);
        last = max(last, x->last);
        list_del(&x->node);
        list_add(&x->node, &merged);
    }
    added->first = first;
    added->last = last;
    list_add(&added->node, behind);
    spin_unlock_irqrestore(&r->lock, flags);
    free_ranges(&merged);
    return 0;
}

int rangeset_remove(struct rangeset *r, unsigned long first, unsigned long last)
{
    struct list removed = LIST_INIT(removed);
    struct range *x, *tmp, *spare;
    unsigned long flags;

    if (first > last)
        return -EINVAL;
    spare = xzalloc(struct range);   /* for what a hole leaves behind it */
    if (!spare)
        return -ENOMEM;
    list_add(&spare->node, &removed);
    flags = spin_lock_irqsave(&r->lock);
    list_for_each_safe(x, tmp, &r->ranges, node) {
        if (x->last < first || x->first > last)
            continue;
        if (x->first < first && x->last > last) {
            list_del(&spare->node);
            spare->first = last + 1;
            spare->last = x->last;
            x->last = first - 1;
            list_add(&spare->node, &x->node);
            break;
        }
        if (x->first < first) {
            x->last = first - 1;
        } else if (x->last > last) {
            x->first = last + 1;
        } else {
            list_del(&x->node);
            list_add(&x->node, &removed);
        }
    }
    spin_unlock_irqrestore(&r->lock, flags);
    free_ranges(&removed);
    return 0;
}

/* The first range that ends at or after n; NULL. Lock held. */
static struct range *find(struct rangeset *r, unsigned long n)
{
    struct range *x;

    list_for_each(x, &r->ranges, node)
        if (x->last >= n)
            return x;
    return NULL;
}

bool rangeset_contains(struct rangeset *r, unsigned long first, unsigned long last)
{
    unsigned long flags = spin_lock_irqsave(&r->lock);
    struct range *x = find(r, first);
    bool contains = first <= last && x && x->first <= first && x->last >= last;

    spin_unlock_irqrestore(&r->lock, flags);
    return contains;
}

bool rangeset_overlaps(struct rangeset *r, unsigned long first, unsigned long last)
{
    unsigned long flags = spin_lock_irqsave(&r->lock);
    struct range *x = find(r, first);
    bool overlaps = first <= last && x && x->first <= last;

    spin_unlock_irqrestore(&r->lock, flags);
    return overlaps;
}
