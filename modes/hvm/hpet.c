/* SPDX-License-Identifier: MIT */
/* The HPET's counter, comparators and registers. */
#include "lib/lib.h"
#include "modes/hvm/hpet.h"
#include "modes/io.h"

#define CAPABILITY (16000000UL << 32 | 0x8086a201UL)   /* period in fs, vendor, legacy routes, 64 bits, 3 timers, revision 1 */
#define ENABLE 1UL
#define LEGACY 2UL

#define T_LEVEL (1UL << 1)
#define T_INTERRUPT (1UL << 2)
#define T_PERIODIC (1UL << 3)
#define T_SET (1UL << 6)          /* the next write sets a periodic comparator itself, not its period alone */
#define T_32BIT (1UL << 8)
#define T_ROUTE_SHIFT 9
#define T_WRITABLE (T_LEVEL | T_INTERRUPT | T_PERIODIC | T_SET | T_32BIT | 31UL << T_ROUTE_SHIFT)
#define T_PINS 0x00f00000UL       /* I/O APIC pins that it can be routed to */
#define T_CAPABILITY (T_PINS << 32 | 1UL << 4 | 1UL << 5)   /* periodic, 64 bits */

enum { REG_CAPABILITY, REG_CONFIG = 0x10, REG_STATUS = 0x20, REG_COUNTER = 0xf0, REG_TIMER = 0x100 };

static bool enabled(const struct hpet *h) { return h->hw.config & ENABLE; }

static u64 counter_at(const struct hpet *h, stime_t now)
{
    return enabled(h) ? now / HPET_TICK_NS - h->zero : h->hw.mc64;
}

static u64 width(const struct hpet *h, unsigned int timer)
{
    return h->hw.timers[timer].config & T_32BIT ? 0xffffffffUL : ~0UL;
}

bool hpet_legacy(const struct hpet *h)
{
    return (h->hw.config & (LEGACY | ENABLE)) == (LEGACY | ENABLE);
}

enum hpet_route hpet_route(const struct hpet *h, unsigned int timer, unsigned int *pin)
{
    if (!enabled(h) || !(h->hw.timers[timer].config & T_INTERRUPT))
        return HPET_NOWHERE;
    if (hpet_legacy(h) && timer < 2)
        return HPET_LEGACY;
    *pin = h->hw.timers[timer].config >> T_ROUTE_SHIFT & 31;
    return T_PINS >> *pin & 1 ? HPET_PIN : HPET_NOWHERE;
}

bool hpet_level(const struct hpet *h, unsigned int timer)
{
    return h->hw.timers[timer].config & T_LEVEL && h->hw.isr >> timer & 1;
}

/* ---- Matches */

/* Ticks from the counter's value c to the next match, at least 1; 0: 2^64. */
static u64 distance(const struct hpet *h, unsigned int timer, u64 c)
{
    u64 mask = width(h, timer), d = (h->hw.timers[timer].cmp - c) & mask;

    return d ? d : mask + 1;
}

/* Matches while the counter went from c over `passed` ticks; a periodic comparator moves on. One of 32 bits without a
 * period matches once a round. */
static u64 matches_in(struct hpet *h, unsigned int timer, u64 c, u64 passed)
{
    u64 d = distance(h, timer, c), period = h->hw.period[timer] & width(h, timer), n = 1;

    if (!d || d > passed)
        return 0;
    if (h->hw.timers[timer].config & T_PERIODIC && period) {
        n += (passed - d) / period;
        h->hw.timers[timer].cmp = (h->hw.timers[timer].cmp + n * period) & width(h, timer);
    }
    return n;
}

void hpet_run(struct hpet *h, stime_t now, u64 matches[HPET_TIMER_NUM])
{
    u64 c = counter_at(h, now), passed = c - h->looked;
    unsigned int pin;

    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++) {
        matches[i] = matches_in(h, i, h->looked, passed);
        if (!matches[i])
            continue;
        if (h->hw.timers[i].config & T_LEVEL)
            h->hw.isr |= 1UL << i;
        if (h->hw.timers[i].config & T_LEVEL || hpet_route(h, i, &pin) == HPET_NOWHERE)
            matches[i] = 0;
    }
    h->looked = c;
}

stime_t hpet_next(const struct hpet *h, unsigned int timer)
{
    u64 d = distance(h, timer, h->looked), at;
    unsigned int pin;

    if (hpet_route(h, timer, &pin) == HPET_NOWHERE || hpet_level(h, timer) || !d)
        return STIME_NEVER;
    return __builtin_add_overflow(h->zero + h->looked, d, &at) || at >> 59 ? STIME_NEVER : at * HPET_TICK_NS;
}

u64 hpet_period(const struct hpet *h, unsigned int timer)
{
    u64 period = h->hw.period[timer] & width(h, timer);

    return h->hw.timers[timer].config & T_PERIODIC && !(period >> 59) ? period * HPET_TICK_NS : 0;
}

/* ---- Registers */

/* The register that holds offset, -1: none. */
static int timer_of(u32 offset)
{
    return offset >= REG_TIMER && offset < REG_TIMER + 0x20 * HPET_TIMER_NUM ? (int)(offset - REG_TIMER) / 0x20 : -1;
}

static u64 read_register(const struct hpet *h, u32 offset, stime_t now)
{
    int timer = timer_of(offset);

    switch (offset) {
    case REG_CAPABILITY: return CAPABILITY;
    case REG_CONFIG: return h->hw.config;
    case REG_STATUS: return h->hw.isr;
    case REG_COUNTER: return counter_at(h, now);
    }
    if (timer < 0)
        return 0;
    return (offset & 0x1f) == 0 ? h->hw.timers[timer].config | T_CAPABILITY :
           (offset & 0x1f) == 8 ? h->hw.timers[timer].cmp & width(h, (unsigned int)timer) : 0;
}

/* Bytes and words too, which the specification leaves open: firmware looks for the vendor alone. */
static bool access_ok(u32 offset, unsigned int size)
{
    return size <= 8 && (size & (size - 1)) == 0 && offset % size == 0 && offset < HPET_SIZE;
}

u64 hpet_read(const struct hpet *h, u32 offset, unsigned int size, stime_t now)
{
    if (!access_ok(offset, size))
        return io_ones(size);
    return read_register(h, offset & ~7u, now) >> (offset & 7) * 8 & io_ones(size);
}

static void write_config(struct hpet *h, u64 value, stime_t now)
{
    u64 c = counter_at(h, now);

    value &= ENABLE | LEGACY;
    if (enabled(h) && !(value & ENABLE))
        h->hw.mc64 = c;
    if (!enabled(h) && value & ENABLE)
        h->zero = now / HPET_TICK_NS - c;
    h->hw.config = value;
    h->looked = c;
}

/* A comparator that loses its upper half loses that of its period too. One that stops to interrupt by level has nothing
 * to hold its line up. */
static void write_timer_config(struct hpet *h, unsigned int timer, u64 value)
{
    h->hw.timers[timer].config = value & T_WRITABLE;
    h->hw.timers[timer].cmp &= width(h, timer);
    h->hw.period[timer] &= width(h, timer);
    if (!(value & T_LEVEL))
        h->hw.isr &= ~(1UL << timer);
}

/* A periodic one takes a value as its period; as its next match too if it was told so before, which is good for one
 * write. Any other takes it as its next match. */
static void write_comparator(struct hpet *h, unsigned int timer, u64 value, u64 mask)
{
    u64 *config = &h->hw.timers[timer].config, *cmp = &h->hw.timers[timer].cmp, *period = &h->hw.period[timer];

    if (!(*config & T_PERIODIC) || *config & T_SET)
        *cmp = ((*cmp & ~mask) | (value & mask)) & width(h, timer);
    *period = ((*period & ~mask) | (value & mask)) & width(h, timer);
    *config &= ~T_SET;
}

/* mask: the half of the register that is written, or all of it. */
static void write_register(struct hpet *h, u32 offset, u64 value, u64 mask, stime_t now)
{
    u64 merged = (read_register(h, offset, now) & ~mask) | (value & mask);
    int timer = timer_of(offset);

    switch (offset) {
    case REG_CONFIG:
        write_config(h, merged, now);
        return;
    case REG_STATUS:
        h->hw.isr &= ~(value & mask);
        return;
    case REG_COUNTER:   /* while it counts there is no saying what it would become */
        if (!enabled(h))
            h->hw.mc64 = h->looked = merged;
        return;
    }
    if (timer >= 0 && (offset & 0x1f) == 0)
        write_timer_config(h, (unsigned int)timer, merged);
    else if (timer >= 0 && (offset & 0x1f) == 8)
        write_comparator(h, (unsigned int)timer, value, mask);
}

void hpet_write(struct hpet *h, u32 offset, unsigned int size, u64 value, stime_t now)
{
    unsigned int shift = (offset & 7) * 8;

    if (access_ok(offset, size))
        write_register(h, offset & ~7u, value << shift, io_ones(size) << shift, now);
}

void hpet_reset(struct hpet *h)
{
    memset(h, 0, sizeof(*h));
    h->hw.capability = CAPABILITY;
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++)
        h->hw.timers[i].cmp = ~0UL;
}

/* ---- Records */

void hpet_save(const struct hpet *h, struct hvm_hw_hpet *hw, stime_t now)
{
    *hw = h->hw;
    hw->mc64 = counter_at(h, now);
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++)
        hw->timers[i].config |= T_CAPABILITY;
}

bool hpet_load(struct hpet *h, const struct hvm_hw_hpet *hw, stime_t now)
{
    if (hw->capability != CAPABILITY || hw->config & ~(ENABLE | LEGACY) || hw->isr >> HPET_TIMER_NUM)
        return false;
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++)
        if (hw->timers[i].config & ~(T_WRITABLE | T_CAPABILITY))
            return false;
    h->hw = *hw;
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++) {
        u64 level = hw->isr & 1UL << i;
        write_timer_config(h, i, hw->timers[i].config);
        h->hw.isr |= hw->timers[i].config & T_LEVEL ? level : 0;
    }
    h->zero = now / HPET_TICK_NS - hw->mc64;
    h->looked = hw->mc64;
    return true;
}
