/* SPDX-License-Identifier: MIT */
/* From system time to the ticks of a clock of so many hertz, and back. Without 128-bit arithmetic: the remainder times
 * the frequency fits into 64 bits for any frequency up to 10 GHz. */
#ifndef PRISM_MODES_HVM_SCALE_H
#define PRISM_MODES_HVM_SCALE_H

#include "lib/types.h"

#define NS_PER_S 1000000000UL

static inline u64 scale(u64 value, u64 mul, u64 div) { return value / div * mul + value % div * mul / div; }
/* The tick that is under way at `now`, counted from system time 0. */
static inline u64 tick_at(stime_t now, u64 hz) { return scale(now, hz, NS_PER_S); }
/* When a tick begins: the first moment at which tick_at() gives it. hz at most 1 GHz */
static inline stime_t tick_begins(u64 tick, u64 hz) { return tick / hz * NS_PER_S + DIV_ROUND_UP(tick % hz * NS_PER_S, hz); }

#endif
