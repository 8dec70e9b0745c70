/* SPDX-License-Identifier: MIT */
/* The MC146818A real-time clock of a PC: registers 0 to 13; the CMOS memory above them is the device model's (Motorola
 * MC146818A data sheet). It shows the host's time of day plus an offset, so nothing counts. Pure: the caller's lock
 * guards it. Moments never go back. */
#ifndef PRISM_MODES_HVM_RTC_H
#define PRISM_MODES_HVM_RTC_H

#include <xen/hvm/save.h>

#include "lib/types.h"

#define RTC_IRQ 8

struct rtc {
    struct hvm_hw_rtc hw;
    s64 epoch_ns;        /* what the clock says at system time 0, in ns since 1970 */
    s64 moved;           /* seconds by which the guest has set it, not taken by the caller yet */
    s64 last_second;     /* rtc_run() has looked at all up to then: seconds since 1970, ticks since system time 0 */
    u64 last_tick;
};

void rtc_reset(struct rtc *r);
/* The index port; is the register that it names one of these? */
bool rtc_select(struct rtc *r, u8 value);
static inline bool rtc_selected(const struct rtc *r) { return r->hw.cmos_index < RTC_CMOS_SIZE; }
/* The data port, rtc_selected(). rtc_run() has just been called with the same now. */
u8 rtc_read(struct rtc *r, stime_t now);
void rtc_write(struct rtc *r, u8 value, stime_t now);

/* The interrupt line: it stays until register C is read. */
static inline bool rtc_line(const struct rtc *r) { return r->hw.cmos_data[12] & 0x80; }
/* Flags of all that has happened since the last call. Returns how many periodic ticks that were. */
u64 rtc_run(struct rtc *r, stime_t now);
void rtc_tick_again(struct rtc *r);   /* a periodic tick that was missed is made up for */
/* When rtc_run() may raise the line next, STIME_NEVER; the period in ns of periodic interrupts that are enabled, or 0. */
stime_t rtc_next(const struct rtc *r);
u64 rtc_period(const struct rtc *r);

void rtc_save(struct rtc *r, struct hvm_hw_rtc *hw, stime_t now);
/* False: a bad record; nothing is changed. The clock's time is the caller's: epoch_ns. */
bool rtc_load(struct rtc *r, const struct hvm_hw_rtc *hw, stime_t now);

#endif
