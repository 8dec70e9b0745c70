/* SPDX-License-Identifier: MIT */
/* ACPI fixed hardware: the power management timer of 32 bits, PM1a events with their buttons, PM1a control (ACPI specification
 * 4.8.3). The machine is always in ACPI mode: firmware names no port to switch it. Pure: the caller's lock guards it. */
#ifndef PRISM_MODES_HVM_PMTIMER_H
#define PRISM_MODES_HVM_PMTIMER_H

#include <xen/hvm/save.h>

#include "lib/types.h"

#define PM_HZ 3579545UL
#define PM_IRQ 9             /* the system control interrupt */
#define PM_SIZE 12           /* of the block: events at 0, control at 4, timer at 8 */

struct pmtimer {
    struct hvm_hw_pmtimer hw;   /* tmr_val: as of `looked` */
    u64 looked;                 /* tick since system time 0 */
    u16 control;
};

/* What a write asks of the caller. */
enum pm_result { PM_OK, PM_OFF, PM_SLEEP };

void pm_reset(struct pmtimer *p);
static inline bool pm_has_offset(u32 offset) { return offset < 6 || (offset >= 8 && offset < PM_SIZE); }
/* A byte of the block. pm_run() has been called with the same now. */
u8 pm_read(const struct pmtimer *p, u32 offset);
enum pm_result pm_write(struct pmtimer *p, u32 offset, u8 value);
void pm_button(struct pmtimer *p, bool sleep);

bool pm_line(const struct pmtimer *p);
void pm_run(struct pmtimer *p, stime_t now);
stime_t pm_next(const struct pmtimer *p);   /* when the line may rise next; STIME_NEVER. After pm_run() */
bool pm_load(struct pmtimer *p, const struct hvm_hw_pmtimer *hw, stime_t now);   /* false: bad, nothing is changed */

#endif
