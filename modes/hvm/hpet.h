/* SPDX-License-Identifier: MIT */
/* The high-precision event timers: a counter of 62.5 MHz and three comparators, each of which may be periodic, take 32 or
 * 64 bits, and interrupt by edge or level (IA-PC HPET specification 1.0a). Messages (FSB) are not offered. Pure: the
 * caller's lock guards it. Moments never go back. */
#ifndef PRISM_MODES_HVM_HPET_H
#define PRISM_MODES_HVM_HPET_H

#include <xen/hvm/save.h>

#include "lib/types.h"

#define HPET_ADDRESS 0xfed00000UL
#define HPET_SIZE 0x400
#define HPET_TICK_NS 16

struct hpet {
    struct hvm_hw_hpet hw;   /* mc64: the counter while it stands */
    u64 zero;                /* tick since system time 0 at which the counter was, or will be, 0; while it counts */
    u64 looked;              /* hpet_run() has looked at all up to this value of the counter */
};

/* Where a comparator interrupts. Legacy: in the place of the PIT (timer 0) and of the RTC (timer 1). */
enum hpet_route { HPET_NOWHERE, HPET_LEGACY, HPET_PIN };

void hpet_reset(struct hpet *h);
/* size: 1, 2, 4 or 8, aligned; others read as ones and are not written. Before a write hpet_run() has been called with the same
 * now, and what it found has been acted on. */
u64 hpet_read(const struct hpet *h, u32 offset, unsigned int size, stime_t now);
void hpet_write(struct hpet *h, u32 offset, unsigned int size, u64 value, stime_t now);

bool hpet_legacy(const struct hpet *h);
enum hpet_route hpet_route(const struct hpet *h, unsigned int timer, unsigned int *pin);
bool hpet_level(const struct hpet *h, unsigned int timer);   /* its line is up, and stays so: level mode */
/* How often each comparator has matched since the last call; of edge-triggered ones that interrupt. */
void hpet_run(struct hpet *h, stime_t now, u64 matches[HPET_TIMER_NUM]);
/* When hpet_run() has a match of one that interrupts to tell of next; STIME_NEVER */
stime_t hpet_next(const struct hpet *h, unsigned int timer);
u64 hpet_period(const struct hpet *h, unsigned int timer);   /* ns; 0: it has none */

void hpet_save(const struct hpet *h, struct hvm_hw_hpet *hw, stime_t now);
bool hpet_load(struct hpet *h, const struct hvm_hw_hpet *hw, stime_t now);   /* false: bad, nothing is changed */

#endif
