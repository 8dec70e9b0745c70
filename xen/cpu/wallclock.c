/* SPDX-License-Identifier: MIT */
/* The time of day: read from the CMOS clock at boot, set by the control domain, shown in every domain's shared_info. */
#include "cpu/time.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "dom/shared_layout.h"
#include "lib/lib.h"

#define CMOS_SECONDS 0x00
#define CMOS_MINUTES 0x02
#define CMOS_HOURS 0x04
#define CMOS_DAY 0x07
#define CMOS_MONTH 0x08
#define CMOS_YEAR 0x09
#define CMOS_STATUS_A 0x0a       /* bit 7: an update is under way */
#define CMOS_STATUS_B 0x0b       /* bit 2: binary, not BCD; bit 1: 24 hours */

static struct spinlock wallclock_lock = SPINLOCK_INIT(RANK_TIME);
static u64 epoch_ns;             /* wallclock_lock: nanoseconds of the epoch at system time 0 */

static u8 cmos(u8 reg)
{
    outb(0x70, reg);
    return inb(0x71);
}

struct cmos_time { u8 second, minute, hour, day, month, year, status_b; };

static struct cmos_time cmos_read(void)
{
    for (unsigned int i = 0; i < 1000000 && (cmos(CMOS_STATUS_A) & 0x80); i++)
        cpu_relax();
    return (struct cmos_time){
        .second = cmos(CMOS_SECONDS), .minute = cmos(CMOS_MINUTES), .hour = cmos(CMOS_HOURS), .day = cmos(CMOS_DAY),
        .month = cmos(CMOS_MONTH), .year = cmos(CMOS_YEAR), .status_b = cmos(CMOS_STATUS_B) };
}

static unsigned int from_bcd(u8 v, bool binary) { return binary ? v : (v >> 4) * 10u + (v & 15); }

/* Days from 1970-01-01 to a date of the Gregorian calendar, year >= 1970. */
static u64 days_since_epoch(unsigned int year, unsigned int month, unsigned int day)
{
    static const u16 before_month[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    u64 years = year - 1970, leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return years * 365 + leaps + before_month[month - 1] + (leap && month > 2) + day - 1;
}

/* Purpose: takes the time of day from the CMOS clock, to the second. Boot CPU, from time_init(). */
__init void wallclock_init(void)
{
    struct cmos_time t, again = cmos_read();
    unsigned int year, month, day, hour, tries = 0;
    bool binary;
    u64 seconds;

    do {   /* the update flag can be missed: two readings that agree are good */
        t = again;
        again = cmos_read();
    } while (memcmp(&t, &again, sizeof(t)) && ++tries < 10);
    binary = t.status_b & 4;
    hour = from_bcd(t.hour & 0x7f, binary);
    if (!(t.status_b & 2))
        hour = hour % 12 + (t.hour & 0x80 ? 12 : 0);
    year = 1900 + from_bcd(t.year, binary);
    if (year < 1970)
        year += 100;
    month = from_bcd(t.month, binary);
    day = from_bcd(t.day, binary);
    if (month < 1 || month > 12 || day < 1 || day > 31) {
        pr_warn("The CMOS clock's date is not one; the time of day starts at the epoch\n");
        return;
    }
    seconds = days_since_epoch(year, month, day) * 86400 + hour * 3600ULL + from_bcd(t.minute, binary) * 60ULL +
              from_bcd(t.second, binary);
    epoch_ns = seconds * NS_PER_SEC - system_time();
}

void wallclock_get(u64 *sec, u32 *nsec)
{
    unsigned long flags = spin_lock_irqsave(&wallclock_lock);

    *sec = epoch_ns / NS_PER_SEC;
    *nsec = (u32)(epoch_ns % NS_PER_SEC);
    spin_unlock_irqrestore(&wallclock_lock, flags);
}

void wallclock_set(u64 sec, u32 nsec, stime_t at)
{
    struct domain *d;
    unsigned long flags = spin_lock_irqsave(&wallclock_lock);

    epoch_ns = sec * NS_PER_SEC + nsec - at;
    spin_unlock_irqrestore(&wallclock_lock, flags);
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        update_domain_wallclock(d);
    spin_unlock(&domlist_lock);
}

void update_domain_wallclock(struct domain *d)
{
    u32 version, *wc, *sec_hi;
    unsigned long flags;
    u64 sec;

    if (!d->shared_info)
        return;
    wc = shared_wallclock(d, &sec_hi);
    flags = spin_lock_irqsave(&wallclock_lock);
    sec = epoch_ns / NS_PER_SEC + (u64)d->time_offset_seconds;
    version = (ACCESS_ONCE(wc[0]) + 1) | 1;
    ACCESS_ONCE(wc[0]) = version;
    smp_wmb();
    wc[1] = (u32)sec;
    wc[2] = (u32)(epoch_ns % NS_PER_SEC);
    *sec_hi = (u32)(sec >> 32);
    smp_wmb();
    ACCESS_ONCE(wc[0]) = version + 1;
    spin_unlock_irqrestore(&wallclock_lock, flags);
}
