/* SPDX-License-Identifier: MIT */
/* A counter of known frequency that system time is calibrated against: HPET or the ACPI PM timer. */
#ifndef PRISM_CPU_PLATFORM_TIMER_H
#define PRISM_CPU_PLATFORM_TIMER_H

#include "lib/types.h"

struct platform_timer {
    const char *name;
    u64 hz;
    u64 mask;              /* of the counter's bits; it wraps to 0 after it */
    u64 (*read)(void);     /* any context */
};

/* The timer, counting; NULL if the machine has none that works. Boot CPU, after acpi_init(). */
const struct platform_timer *hpet_probe(void);
const struct platform_timer *pmtimer_probe(void);

#endif
