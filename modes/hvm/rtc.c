/* SPDX-License-Identifier: MIT */
/* The MC146818A: calendar, update cycle, alarm, periodic interrupt. */
#include "lib/lib.h"
#include "modes/hvm/rtc.h"
#include "modes/hvm/scale.h"

#define CRYSTAL_HZ 32768
#define DAY 86400L
#define UIP_NS 244000L          /* the update flag rises so long before an update */

enum { SECONDS, SECONDS_ALARM, MINUTES, MINUTES_ALARM, HOURS, HOURS_ALARM, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR,
       REG_A, REG_B, REG_C, REG_D };
#define A_UIP 0x80
#define A_RATE 0x0f
#define A_DIVIDER 0x70
#define A_RESET 0x60            /* dividers 6 and 7 hold it */
#define B_SET 0x80
#define B_PIE 0x40
#define B_AIE 0x20
#define B_UIE 0x10
#define B_BINARY 0x04
#define B_24H 0x02
#define C_IRQF 0x80
#define C_PF 0x40
#define C_AF 0x20
#define C_UF 0x10
#define D_VALID 0x80

struct date { s64 year; u32 month, day, hour, minute, second, weekday; };   /* month and day from 1; Sunday is 0 */

/* ---- The calendar, for any year: years that begin in March, in eras of 400 */

static s64 floor_div(s64 a, s64 b) { return a / b - (a % b < 0); }

static s64 days_of(s64 year, u32 month, u32 day)
{
    s64 y = year - (month <= 2), era = floor_div(y, 400), of_era = y - era * 400;
    s64 of_year = (153 * ((s64)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(s64 seconds, struct date *d)
{
    s64 days = floor_div(seconds, DAY), z = days + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
    s64 year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    s64 of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    s64 of_day = seconds - days * DAY;

    d->day = (u32)(of_year - (153 * month + 2) / 5 + 1);
    d->month = (u32)(month + (month < 10 ? 3 : -9));
    d->year = year + era * 400 + (d->month <= 2);
    d->weekday = (u32)(days + 4 - floor_div(days + 4, 7) * 7);
    d->hour = (u32)(of_day / 3600);
    d->minute = (u32)(of_day / 60 % 60);
    d->second = (u32)(of_day % 60);
}

/* ---- Time as registers have it */

static u8 encode(const struct rtc *r, u32 value)
{
    return (u8)(r->hw.cmos_data[REG_B] & B_BINARY ? value : (value / 10) << 4 | value % 10);
}

static u32 decode(const struct rtc *r, u8 value)
{
    return r->hw.cmos_data[REG_B] & B_BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static u8 encode_hour(const struct rtc *r, u32 hour)
{
    if (r->hw.cmos_data[REG_B] & B_24H)
        return encode(r, hour);
    return encode(r, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? 0x80 : 0);
}

static u32 decode_hour(const struct rtc *r, u8 value)
{
    u32 hour = decode(r, value & 0x7f);

    if (r->hw.cmos_data[REG_B] & B_24H)
        return decode(r, value);
    return hour < 1 || hour > 12 ? 24 : hour % 12 + (value & 0x80 ? 12 : 0);
}

static bool halted(const struct rtc *r)
{
    return r->hw.cmos_data[REG_B] & B_SET || (r->hw.cmos_data[REG_A] & A_RESET) == A_RESET;
}

static s64 clock_ns(const struct rtc *r, stime_t now) { return r->epoch_ns + (s64)now; }
static s64 second_at(const struct rtc *r, stime_t now) { return floor_div(clock_ns(r, now), (s64)NS_PER_S); }

static void show_time(struct rtc *r, stime_t now)
{
    u8 *reg = r->hw.cmos_data;
    struct date d;

    date_of(second_at(r, now), &d);
    reg[SECONDS] = encode(r, d.second);
    reg[MINUTES] = encode(r, d.minute);
    reg[HOURS] = encode_hour(r, d.hour);
    reg[DAY_OF_WEEK] = encode(r, d.weekday + 1);
    reg[DAY_OF_MONTH] = encode(r, d.day);
    reg[MONTH] = encode(r, d.month);
    reg[YEAR] = encode(r, (u32)(d.year - floor_div(d.year, 100) * 100));
}

/* The clock goes on from what the registers say, a date between 1970 and 2069; from where it was if they say none. */
static void take_time(struct rtc *r, stime_t now)
{
    const u8 *reg = r->hw.cmos_data;
    u32 second = decode(r, reg[SECONDS]), minute = decode(r, reg[MINUTES]), hour = decode_hour(r, reg[HOURS]);
    u32 day = decode(r, reg[DAY_OF_MONTH]), month = decode(r, reg[MONTH]), year = decode(r, reg[YEAR]);
    s64 seconds, moved;

    if (second > 59 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 || month > 12 || year > 99)
        return;
    seconds = days_of(year + (year < 70 ? 2000 : 1900), month, day) * DAY + hour * 3600L + minute * 60L + second;
    moved = seconds - second_at(r, now);
    r->epoch_ns += moved * (s64)NS_PER_S;
    r->moved += moved;
    r->last_second = seconds;
}

/* ---- Alarm */

static bool alarm_is(u8 alarm, u8 value) { return (alarm & 0xc0) == 0xc0 || alarm == value; }

/* The first value from `from` on, below `count`, that the alarm register means; -1: none. */
static int match(const struct rtc *r, u8 alarm, u8 (*code)(const struct rtc *, u32), u32 from, u32 count)
{
    for (u32 value = from; value < count; value++)
        if (alarm_is(alarm, code(r, value)))
            return (int)value;
    return -1;
}

/* The second of the day, from `from` on, at which the alarm goes off; -1: none before midnight. */
static s64 alarm_from(const struct rtc *r, u32 from)
{
    const u8 *reg = r->hw.cmos_data;
    u32 now_hour = from / 3600, now_minute = from / 60 % 60;
    int minute = match(r, reg[MINUTES_ALARM], encode, 0, 60), second = match(r, reg[SECONDS_ALARM], encode, 0, 60);
    int hour = match(r, reg[HOURS_ALARM], encode_hour, now_hour, 24), later;

    if (hour < 0 || minute < 0 || second < 0)
        return -1;
    if ((u32)hour > now_hour)
        return hour * 3600L + minute * 60 + second;
    later = match(r, reg[SECONDS_ALARM], encode, from % 60, 60);
    if (later >= 0 && match(r, reg[MINUTES_ALARM], encode, now_minute, now_minute + 1) >= 0)
        return hour * 3600L + now_minute * 60 + later;
    later = match(r, reg[MINUTES_ALARM], encode, now_minute + 1, 60);
    if (later >= 0)
        return hour * 3600L + later * 60 + second;
    hour = match(r, reg[HOURS_ALARM], encode_hour, now_hour + 1, 24);
    return hour < 0 ? -1 : hour * 3600L + minute * 60 + second;
}

/* The first alarm after `second`, INT64_MAX: never. */
static s64 alarm_after(const struct rtc *r, s64 second)
{
    s64 day = floor_div(second + 1, DAY) * DAY, at = alarm_from(r, (u32)(second + 1 - day));

    if (at >= 0)
        return day + at;
    at = alarm_from(r, 0);
    return at >= 0 ? day + DAY + at : INT64_MAX;
}

/* ---- Interrupts */

static u64 period_ticks(const struct rtc *r)
{
    u32 rate = r->hw.cmos_data[REG_A] & A_RATE;

    return rate == 0 ? 0 : 1UL << (rate <= 2 ? rate + 6 : rate - 1);
}

u64 rtc_period(const struct rtc *r)
{
    return r->hw.cmos_data[REG_B] & B_PIE ? tick_begins(period_ticks(r), CRYSTAL_HZ) : 0;
}

static void update_line(struct rtc *r)
{
    u8 *reg = r->hw.cmos_data;

    if (reg[REG_B] & reg[REG_C] & (C_PF | C_AF | C_UF))
        reg[REG_C] |= C_IRQF;
    else
        reg[REG_C] &= (u8)~C_IRQF;
}

u64 rtc_run(struct rtc *r, stime_t now)
{
    s64 second = second_at(r, now), last = r->last_second;
    u64 tick = tick_at(now, CRYSTAL_HZ), period = period_ticks(r), n;

    n = period ? tick / period - r->last_tick / period : 0;
    r->last_tick = tick;
    r->last_second = second;
    if (halted(r))
        n = (r->hw.cmos_data[REG_A] & A_RESET) == A_RESET ? 0 : n;
    else if (second != last)
        r->hw.cmos_data[REG_C] |= C_UF | (alarm_after(r, last) <= second ? C_AF : 0);
    if (n)
        r->hw.cmos_data[REG_C] |= C_PF;
    update_line(r);
    return n;
}

void rtc_tick_again(struct rtc *r)
{
    r->hw.cmos_data[REG_C] |= C_PF;
    update_line(r);
}

static stime_t when(const struct rtc *r, s64 second)
{
    s64 at;

    if (__builtin_mul_overflow(second, (s64)NS_PER_S, &at) || __builtin_sub_overflow(at, r->epoch_ns, &at))
        return STIME_NEVER;
    return at < 0 ? 0 : (stime_t)at;
}

/* Once the line is up nothing more can happen to it. */
stime_t rtc_next(const struct rtc *r)
{
    const u8 *reg = r->hw.cmos_data;
    u64 period = period_ticks(r);
    stime_t next = STIME_NEVER;

    if (rtc_line(r))
        return STIME_NEVER;
    if (reg[REG_B] & B_PIE && period && (reg[REG_A] & A_RESET) != A_RESET)
        next = tick_begins((r->last_tick / period + 1) * period, CRYSTAL_HZ);
    if (halted(r))
        return next;
    if (reg[REG_B] & B_UIE)
        next = min(next, when(r, r->last_second + 1));
    if (reg[REG_B] & B_AIE)
        next = min(next, when(r, alarm_after(r, r->last_second)));
    return next;
}

/* ---- Registers */

bool rtc_select(struct rtc *r, u8 value)
{
    r->hw.cmos_index = value & 0x7f;   /* the top bit masks NMIs, of which the clock's port sends none here */
    return rtc_selected(r);
}

static bool is_time(u32 index)
{
    return index <= YEAR && index != SECONDS_ALARM && index != MINUTES_ALARM && index != HOURS_ALARM;
}

u8 rtc_read(struct rtc *r, stime_t now)
{
    u8 *reg = r->hw.cmos_data, value;
    s64 left = (s64)NS_PER_S - (clock_ns(r, now) - second_at(r, now) * (s64)NS_PER_S);

    switch (r->hw.cmos_index) {
    case REG_A:
        return reg[REG_A] | (!halted(r) && left <= UIP_NS ? A_UIP : 0);
    case REG_C:
        value = reg[REG_C];
        reg[REG_C] = 0;
        return value;
    case REG_D:
        return D_VALID;
    }
    if (is_time(r->hw.cmos_index) && !halted(r))
        show_time(r, now);
    return reg[r->hw.cmos_index];
}

/* Registers A and B can stop the clock, which then shows when that was, and let it go on. */
static void write_control(struct rtc *r, u32 index, u8 value, stime_t now)
{
    bool was = halted(r);

    if (!was)
        show_time(r, now);
    r->hw.cmos_data[index] = value;
    if (was && !halted(r))
        take_time(r, now);
}

void rtc_write(struct rtc *r, u8 value, stime_t now)
{
    u32 index = r->hw.cmos_index;

    switch (index) {
    case REG_A:
        write_control(r, REG_A, value & (A_DIVIDER | A_RATE), now);
        return;
    case REG_B:
        write_control(r, REG_B, value & B_SET ? value & (u8)~B_UIE : value, now);
        update_line(r);
        return;
    case REG_C: case REG_D:
        return;
    }
    if (!is_time(index) || halted(r)) {
        r->hw.cmos_data[index] = value;
        return;
    }
    show_time(r, now);
    r->hw.cmos_data[index] = value;
    take_time(r, now);
}

void rtc_reset(struct rtc *r)
{
    memset(r, 0, sizeof(*r));
    r->hw.cmos_data[REG_A] = 0x26;
    r->hw.cmos_data[REG_B] = B_24H;
    r->hw.cmos_data[REG_D] = D_VALID;
}

void rtc_save(struct rtc *r, struct hvm_hw_rtc *hw, stime_t now)
{
    if (!halted(r))
        show_time(r, now);
    *hw = r->hw;
}

bool rtc_load(struct rtc *r, const struct hvm_hw_rtc *hw, stime_t now)
{
    if (hw->cmos_index & 0x80 || hw->cmos_data[REG_A] & A_UIP)
        return false;
    r->hw = *hw;
    r->moved = 0;
    r->last_second = second_at(r, now);
    r->last_tick = tick_at(now, CRYSTAL_HZ);
    update_line(r);
    return true;
}
