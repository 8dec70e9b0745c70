/* SPDX-License-Identifier: MIT */
/* Two vCPUs that play the same game: each has numbers of its own, and they wait for each other. */
#ifndef PRISM_TESTS_PLAYERS_H
#define PRISM_TESTS_PLAYERS_H

#include "lib/guest.h"

/* Of a seed that goes on with each number. */
static inline u32 random_below(u64 *seed, u32 n)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(*seed >> 33) % n;
}

/* Until the other one is here too: each of the two calls it as often. */
static inline void meet(unsigned int me)
{
    static volatile u32 arrived[2];

    __atomic_fetch_add(&arrived[me], 1, __ATOMIC_SEQ_CST);
    (void)wait_for_other(&arrived[1 - me], arrived[me], "the other vCPU does not come");
}

#endif
