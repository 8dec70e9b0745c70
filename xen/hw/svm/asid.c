/* SPDX-License-Identifier: MIT */
/* Address space identifiers (AMD64 APM vol. 2, 15.16).
 *
 * A vCPU that comes back to a CPU gets a new one: what it flushed while it was elsewhere was not flushed here. */
#include "hw/svm/asid.h"

void asid_pool_init(struct asid_pool *pool, u32 number)
{
    pool->next = 1;
    pool->last = number - 1;
    pool->generation = 0;
}

enum asid_flush asid_get(struct asid_pool *pool, struct asid_holder *holder, u32 cpu, bool stale, bool flush_one)
{
    bool all = false;

    if (holder->generation && holder->cpu == cpu && holder->generation == pool->generation) {
        if (!stale)
            return ASID_KEEP;
        if (flush_one)
            return ASID_FLUSH_ONE;
    }
    /* Generation 1 begins with a flush as well: nobody knows what ran here before. */
    if (!pool->generation || pool->next > pool->last) {
        pool->generation++;
        pool->next = 1;
        all = true;
    }
    holder->asid = pool->next++;
    holder->cpu = cpu;
    holder->generation = pool->generation;
    return all ? ASID_FLUSH_ALL : ASID_KEEP;
}
