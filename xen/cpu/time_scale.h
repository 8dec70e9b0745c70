/* SPDX-License-Identifier: MIT */
/* Arithmetic of clocks. Pure. Ticks become nanoseconds as guests do it with struct vcpu_time_info (public header
 * xen/xen.h): shift left by `shift` (right if negative), times mul, divided by 2^32. */
#ifndef PRISM_CPU_TIME_SCALE_H
#define PRISM_CPU_TIME_SCALE_H

#include "lib/types.h"

struct time_scale { u32 mul; int shift; };

static inline u64 scale_ticks(u64 ticks, struct time_scale s)
{
    ticks = s.shift >= 0 ? ticks << s.shift : ticks >> -s.shift;
    return (u64)(((unsigned __int128)ticks * s.mul) >> 32);
}

/* hi:lo / d, where the quotient fits 64 bits (d > hi). The compiler would call a library for this. */
static inline u64 div128(u64 hi, u64 lo, u64 d)
{
    u64 q, r;
    asm("divq %4" : "=a" (q), "=d" (r) : "0" (lo), "1" (hi), "r" (d) : "cc");
    return q;
}

/* a * b / c; the result must fit 64 bits. */
static inline u64 mul_div(u64 a, u64 b, u64 c)
{
    unsigned __int128 p = (unsigned __int128)a * b;
    return div128((u64)(p >> 64), (u64)p, c);
}

/* The first tick count whose time is not before ns. ns is cut to 2^61 (73 years). */
static inline u64 scale_ns(u64 ns, struct time_scale s)
{
    u64 t;

    if (ns > 1ULL << 61)
        ns = 1ULL << 61;
    t = div128(ns >> 32, ns << 32, s.mul) + 1;   /* mul >= 2^31: the quotient fits */
    return s.shift >= 0 ? (t >> s.shift) + 1 : t << -s.shift;
}

/* The scale of a counter of hz ticks a second; mul is in [2^31, 2^32). hz > 0. */
static inline struct time_scale scale_of_hz(u64 hz)
{
    struct time_scale s = { 0, 0 };

    while (hz > 2000000000ULL) { hz >>= 1; s.shift--; }
    while (hz <= 1000000000ULL) { hz <<= 1; s.shift++; }
    s.mul = (u32)((1000000000ULL << 32) / hz);
    return s;
}

/* The roundest number within error of value: what was measured with a known error is most likely this. */
static inline u64 roundest(u64 value, u64 error)
{
    for (u64 step = 1000000000; step > 1; step /= 10) {
        u64 v = (value + step / 2) / step * step;

        if (v && (v > value ? v - value : value - v) <= error)
            return v;
    }
    return value;
}

#endif
