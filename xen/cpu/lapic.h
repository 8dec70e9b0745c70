/* SPDX-License-Identifier: MIT */
/* The local APIC (AMD64 APM vol. 2, chapter 16), beyond what cpu.h says: bring-up of CPUs, errors, calibration. */
#ifndef PRISM_CPU_LAPIC_H
#define PRISM_CPU_LAPIC_H

#include "lib/types.h"

u32 lapic_id(void);                               /* of this CPU */
/* To a CPU that does not run yet; cpus[cpu].apic_id is known. The waits between them are the caller's. */
void lapic_send_init(unsigned int cpu);
void lapic_send_startup(unsigned int cpu, u8 page);   /* starts at machine address page << 12 */
void lapic_error_interrupt(void);                 /* from VECTOR_ERROR: says what went wrong */
void lapic_disable(void);                         /* this CPU's, before it stops for good */

/* For time_init(): the timer counts freely from start; end gives the ticks passed; calibrated gets ticks a second. */
void lapic_timer_measure_start(void);
u64 lapic_timer_measure_end(void);
void lapic_timer_calibrated(u64 hz);

#endif
