/* SPDX-License-Identifier: MIT */
/* The ACPI timer and the PM1a registers. */
#include "lib/lib.h"
#include "modes/hvm/pmtimer.h"
#include "modes/hvm/scale.h"

#define STS_TIMER 0x0001
#define STS_GLOBAL 0x0020
#define STS_POWER 0x0100
#define STS_SLEEP 0x0200
#define STS_RTC 0x0400
#define STS_WAKE 0x8000
#define STS_ALL (STS_TIMER | 0x10 | STS_GLOBAL | STS_POWER | STS_SLEEP | STS_RTC | STS_WAKE)
#define EN_ALL (STS_TIMER | STS_GLOBAL | STS_POWER | STS_SLEEP | STS_RTC)

#define CNT_SCI 0x0001
#define CNT_KEPT 0x1c02         /* bus master reload, sleep type */
#define CNT_SLEEP_SHIFT 10
#define CNT_SLEEP 0x2000

#define HALF 0x80000000UL      /* a change of the timer's highest bit is an event */

/* Sleep types as the firmware's tables have them. A machine in S4 is off: the guest has written its memory to disk. */
enum { TYPE_S5 = 0, TYPE_S4 = 6 };

void pm_reset(struct pmtimer *p)
{
    memset(p, 0, sizeof(*p));
}

void pm_run(struct pmtimer *p, stime_t now)
{
    u64 tick = tick_at(now, PM_HZ), passed = tick - p->looked, value = p->hw.tmr_val + passed;

    if (value / HALF != p->hw.tmr_val / HALF)
        p->hw.pm1a_sts |= STS_TIMER;
    p->hw.tmr_val = (u32)value;
    p->looked = tick;
}

bool pm_line(const struct pmtimer *p)
{
    return p->hw.pm1a_sts & p->hw.pm1a_en;
}

stime_t pm_next(const struct pmtimer *p)
{
    if (!(p->hw.pm1a_en & STS_TIMER) || p->hw.pm1a_sts & STS_TIMER)
        return STIME_NEVER;
    return tick_begins(p->looked + HALF - p->hw.tmr_val % HALF, PM_HZ);
}

u8 pm_read(const struct pmtimer *p, u32 offset)
{
    u32 value;

    switch (offset & ~1u) {
    case 0: value = p->hw.pm1a_sts; break;
    case 2: value = p->hw.pm1a_en; break;
    case 4: value = p->control | CNT_SCI; break;
    default: return (u8)(p->hw.tmr_val >> 8 * (offset & 3));
    }
    return (u8)(value >> 8 * (offset & 1));
}

enum pm_result pm_write(struct pmtimer *p, u32 offset, u8 value)
{
    unsigned int shift = 8 * (offset & 1);
    u16 bits = (u16)(value << shift), mask = (u16)(0xff << shift);
    unsigned int type;

    switch (offset & ~1u) {
    case 0:
        p->hw.pm1a_sts &= (u16)~bits;
        return PM_OK;
    case 2:
        p->hw.pm1a_en = (u16)((p->hw.pm1a_en & ~mask) | (bits & EN_ALL));
        return PM_OK;
    case 4:
        break;
    default:
        return PM_OK;
    }
    p->control = (u16)((p->control & ~mask) | (bits & CNT_KEPT));
    if (!(bits & CNT_SLEEP))
        return PM_OK;
    type = p->control >> CNT_SLEEP_SHIFT & 7;
    return type == TYPE_S5 || type == TYPE_S4 ? PM_OFF : PM_SLEEP;
}

void pm_button(struct pmtimer *p, bool sleep)
{
    p->hw.pm1a_sts |= sleep ? STS_SLEEP : STS_POWER;
}

bool pm_load(struct pmtimer *p, const struct hvm_hw_pmtimer *hw, stime_t now)
{
    if (hw->pm1a_sts & ~STS_ALL || hw->pm1a_en & ~EN_ALL)
        return false;
    p->hw = *hw;
    p->control = 0;
    p->looked = tick_at(now, PM_HZ);
    return true;
}
