/* SPDX-License-Identifier: MIT */
/* When rounds agree: pure arithmetic, tested on the host. */
#ifndef PRISM_GUEST_BENCH_STEADY_H
#define PRISM_GUEST_BENCH_STEADY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether `number` values (3 to 16), but for the least and the greatest, lie within one hundredth of their median. One stray
 * round at either end is a timer interrupt more or less, and no reason to go on. */
bool steady(const uint64_t *values, unsigned int number);

#endif
