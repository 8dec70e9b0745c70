/* SPDX-License-Identifier: MIT */
/* Handles of what a domain has mapped of others' grants. The free ones are a list, under the table's lock. One in use is a
 * word that changes whole: it is published, claimed for an unmap and given back to its mapping without the lock. */
#include "abi/grant_table.h"

static u64 word_of(struct maptrack m)
{
    u64 word;

    _Static_assert(sizeof(m) == sizeof(word), "a handle is one word");
    memcpy(&word, &m, sizeof(word));
    return word;
}

static volatile u64 *place_of(const struct grant_table *t, u32 handle)
{
    return (volatile u64 *)grant_maptrack(t, handle);
}

/* Lock held. */
static void add_page(struct grant_table *t)
{
    struct maptrack *page;

    if (t->nr_maptrack + MAPTRACK_PER_PAGE > ROUND_UP(t->max_maptrack, (u32)MAPTRACK_PER_PAGE))
        return;
    page = page_alloc(0);
    if (!page)
        return;
    t->maptrack[t->nr_maptrack / MAPTRACK_PER_PAGE] = page;
    for (u32 i = MAPTRACK_PER_PAGE; i-- > 0; ) {
        if (t->nr_maptrack + i >= t->max_maptrack)
            continue;
        page[i].ref = t->free_maptrack;
        t->free_maptrack = t->nr_maptrack + i;
    }
    smp_wmb();    /* who sees the number looks at the page */
    ACCESS_ONCE(t->nr_maptrack) = t->nr_maptrack + MAPTRACK_PER_PAGE;
}

unsigned int maptrack_get(struct grant_table *t, u32 *handles, unsigned int n)
{
    unsigned int got;

    spin_lock(&t->lock);
    for (got = 0; got < n; got++) {
        if (t->free_maptrack == MAPTRACK_NONE)
            add_page(t);
        if (t->free_maptrack == MAPTRACK_NONE)
            break;
        handles[got] = t->free_maptrack;
        t->free_maptrack = grant_maptrack(t, handles[got])->ref;
    }
    spin_unlock(&t->lock);
    return got;
}

void maptrack_set(struct grant_table *t, u32 handle, struct maptrack value)
{
    smp_wmb();
    *place_of(t, handle) = word_of(value);
}

bool maptrack_claim(struct grant_table *t, u32 handle, struct maptrack *out)
{
    struct maptrack busy;
    u64 word;

    if (handle >= ACCESS_ONCE(t->nr_maptrack))
        return false;
    word = *place_of(t, handle);
    memcpy(out, &word, sizeof(*out));
    if (!out->flags || out->flags & MAPTRACK_BUSY)
        return false;
    busy = *out;
    busy.flags |= MAPTRACK_BUSY;
    return cmpxchg(place_of(t, handle), word, word_of(busy)) == word;
}

void maptrack_put(struct grant_table *t, const u32 *handles, unsigned int n)
{
    spin_lock(&t->lock);
    for (unsigned int i = 0; i < n; i++) {
        *place_of(t, handles[i]) = word_of((struct maptrack){ .ref = t->free_maptrack });
        t->free_maptrack = handles[i];
    }
    spin_unlock(&t->lock);
}
