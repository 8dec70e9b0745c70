/* SPDX-License-Identifier: MIT */
/* Numbers by a seed: the same seed, the same numbers. Those of a second vCPU are its own. */
#ifndef PRISM_TESTS_RANDOM_H
#define PRISM_TESTS_RANDOM_H

#include "lib/guest.h"

void seed_random(u32 seed);
u64 random(void);
bool second_vcpu(void);                    /* are we it? */
u32 below(u32 n);                          /* 0 if n is */
static inline bool chance(u32 n) { return below(n) == 0; }
u64 any_number(void);                      /* often at an edge */
u64 one_of(const u64 *values, unsigned int n);
#define ONE_OF(...) one_of((const u64[]){ __VA_ARGS__ }, sizeof((const u64[]){ __VA_ARGS__ }) / sizeof(u64))

#endif
