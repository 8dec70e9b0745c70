/* SPDX-License-Identifier: MIT */
// modes: hvm64 hvm32
/* Interrupts of an emulated PC's clocks: channel 0 of the 8254 in all modes; of the MC146818 the periodic, the alarm's with all
 * its wildcards, and that of an update; its time as it is set and goes on, in either hour mode and code, and how an update is
 * announced. Nothing is early by the guest's own clock. (Xen 4.17's channel 0 interrupts in modes 1 to 4, in mode 1 without a
 * trigger, and its output is no edge when it is programmed.) */
#include "lib/pc.h"

#define MS 1000000ull
#define SECOND (1000 * MS)
#define ANNOUNCED 244000ull                 /* ns between an update's announcement and the update, at least */
#define RTC_IRQ 8
#define RTC_SECONDS 0
#define RTC_ALARM(n) (2 * (n) + 1)          /* of second, minute, hour */
#define RTC_A 10
#define RTC_B 11
#define RTC_C 12
#define RTC_D 13
#define A_UPDATE 0x80
#define A_RUN 0x20                          /* the divider for this crystal */
#define B_SET 0x80
#define B_PERIODIC 0x40
#define B_ALARM 0x20
#define B_UPDATE 0x10
#define B_BINARY 4
#define B_24H 2
#define C_ANY 0x80
#define ANY 0xc0                            /* an alarm's wildcard, or more than this */

static void not_early(const char *how, u64 from, u64 ns)
{
    u64 to = now_ns();

    if (to - from < ns)
        FAIL("%s is early, after %lu ns", how, (unsigned long)(to - from));
}

/* ---- Channel 0, whose gate is always high: its output is line 0 */

static void once(const char *how, u64 from, u32 ticks)
{
    unsigned int before = taken(0);

    if (!await_irq(0, before + 1))
        FAIL("no interrupt: %s", how);
    not_early(how, from, ticks ? (ticks - 1) * PIT_TICK_NS : 0);
    pic_end(0);
    nap(5 * MS);
    let_in();
    EXPECT(how, taken(0), before + 1);
    pic_end(0);
}

static void no_more(const char *how)
{
    unsigned int before = taken(0);

    nap(5 * MS);
    let_in();
    EXPECT(how, taken(0), before);
}

static void one_shots(void)
{
    u64 from = now_ns();

    pit_control(0, PIT_BOTH | PIT_MODE(0));
    pic_start(ICW4);                                             /* forgets what the firmware's wave has left */
    pic_masks(0xfffe);
    pit_write(0, 3000);
    once("terminal count", from, 3000);
    from = now_ns();
    pit_write(0, 1000);
    once("terminal count of the next one", from, 1000);
    pit_control(0, PIT_BOTH | PIT_MODE(0));
    no_more("a falling output");
    pit_control(0, PIT_BOTH | PIT_MODE(4));
    once("an output that the control word raises", 0, 0);
    from = now_ns();
    pit_write(0, 2000);
    once("a strobe", from, 2000);
    pit_start(0, PIT_MODE(1), 1000);
    no_more("a shot that nobody triggers");
    pit_start(0, PIT_MODE(5), 1000);
    no_more("a strobe that nobody triggers");
    EXPECT("it waits for good", pit_status(0), PIT_OUT | PIT_NULL | PIT_BOTH | PIT_MODE(5));
}

/* A shot that is over is seen by whoever looks first at the lines: here that is an event, since the hypervisor's own timer does
 * not run again so soon. It is one interrupt. */
static void told_once(void)
{
    line_is(5);
    for (unsigned int i = 0; i < 20; i++) {
        unsigned int before = taken(0);
        u64 from;

        pit_start(0, PIT_MODE(0), 10);
        (void)await_irq(0, before + 1);
        pic_end(0);
        from = now_ns();
        pit_start(0, PIT_MODE(0), 20);
        while (now_ns() - from < 50000)
            ;
        line_up();
        (void)await_irq(0, before + 2);
        pic_end(0);
        line_down();
        nap(MS);
        let_in();
        EXPECT("shots", taken(0), before + 2);
        pic_end(0);
    }
    line_is(0);
}

static void waves(u8 mode)
{
    unsigned int before;
    u64 from;

    pit_control(0, PIT_BOTH | mode);
    let_in();                                                    /* the output has risen: an edge */
    pic_end(0);
    before = taken(0);
    from = now_ns();
    pit_write(0, 2000);
    for (unsigned int n = 1; n <= 6; n++) {
        if (!await_irq(0, before + n))
            FAIL("%u interrupts of a wave", n - 1);
        not_early("a period", from, (n * 2000 - 1) * PIT_TICK_NS);
        pic_end(0);
    }
    pit_control(0, PIT_BOTH | PIT_MODE(0));
    let_in();
    pic_end(0);
    no_more("a wave that has ended");
}

/* ---- The clock's flags and interrupts */

/* Waits for these flags, which reading takes away; what has been read in all. */
static u8 await_flags(u8 flags, u64 nap_ns)
{
    u64 limit = now_ns() + 3 * SECOND;
    u8 seen = 0;

    while (!(seen & flags) && now_ns() < limit) {
        seen |= rtc(RTC_C);
        if (!(seen & flags))
            nap(nap_ns);
    }
    return seen;
}

/* Right behind the beginning of a second, by the flag that needs no interrupt. */
static void await_second(void)
{
    (void)rtc(RTC_C);
    EXPECT("a second", await_flags(B_UPDATE, MS) & B_UPDATE, B_UPDATE);
}

static void periodic(void)
{
    unsigned int before = taken(RTC_IRQ);
    u64 from;

    pic_start(ICW4);
    pic_masks((u16)~(1 << RTC_IRQ | 1 << 2));
    for (u8 rate = 3; rate <= 15; rate += 4) {
        u64 period = (SECOND << (rate - 1)) / 32768;
        unsigned int n;

        set_rtc(RTC_B, B_24H);
        set_rtc(RTC_A, A_RUN | rate);
        before = taken(RTC_IRQ);
        from = now_ns();
        (void)rtc(RTC_C);
        set_rtc(RTC_B, B_24H | B_PERIODIC);
        for (n = 1; n <= (rate < 15 ? 5u : 2u); n++) {
            EXPECT("the clock's interrupt", await_irq(RTC_IRQ, before + n), true);
            not_early("a period", from, (n - 1) * period);
            EXPECT("its cause", rtc(RTC_C) & (C_ANY | B_PERIODIC), C_ANY | B_PERIODIC);
            pic_end(RTC_IRQ);
        }
    }
    EXPECT("the clock's interrupt", await_irq(RTC_IRQ, taken(RTC_IRQ) + 1), true);
    pic_end(RTC_IRQ);
    before = taken(RTC_IRQ);
    nap(SECOND);
    let_in();
    EXPECT("as long as nobody reads the cause", taken(RTC_IRQ), before);
    set_rtc(RTC_B, B_24H);
    EXPECT("the flag stays", rtc(RTC_C) & B_PERIODIC, B_PERIODIC);
    set_rtc(RTC_A, A_RUN | 3);
    nap(MS);
    EXPECT("a flag without an interrupt", rtc(RTC_C) & (C_ANY | B_PERIODIC), B_PERIODIC);
    set_rtc(RTC_A, A_RUN);
    (void)rtc(RTC_C);
    nap(5 * MS);
    EXPECT("no rate", rtc(RTC_C) & B_PERIODIC, 0);
    let_in();
    EXPECT("none without being asked for", taken(RTC_IRQ), before);
}

static void updates(void)
{
    unsigned int before = taken(RTC_IRQ);
    u64 from = now_ns();

    (void)rtc(RTC_C);
    set_rtc(RTC_B, B_24H | B_UPDATE);
    for (unsigned int n = 1; n <= 3; n++) {
        u8 second = rtc(RTC_SECONDS);

        EXPECT("an update's interrupt", await_irq(RTC_IRQ, before + n), true);
        not_early("an update", from, (n - 1) * SECOND);
        EXPECT("the second", n > 1 && rtc(RTC_SECONDS) == second, false);
        EXPECT("its cause", rtc(RTC_C) & (C_ANY | B_UPDATE | B_PERIODIC), C_ANY | B_UPDATE);
        pic_end(RTC_IRQ);
    }
    set_rtc(RTC_B, B_24H | B_SET | B_UPDATE);
    EXPECT("setting the clock ends its updates", rtc(RTC_B), B_24H | B_SET);
    set_rtc(RTC_B, B_24H);
}

/* As long as none is announced, nothing changes for a while; once one no longer is, the time is another. */
static void announcements(void)
{
    bool announced, changed = false;
    u8 first;

    for (unsigned int tries = 0; tries < 4 && !changed; tries++) {
        announced = false;
        await_second();
        first = rtc(RTC_SECONDS);
        nap(SECOND - 3 * MS);
        for (u64 limit = now_ns() + 6 * MS; !changed && now_ns() < limit; ) {
            u64 from = now_ns();
            bool soon = rtc(RTC_A) & A_UPDATE;
            u8 second = rtc(RTC_SECONDS), again = rtc(RTC_SECONDS);

            if (!soon && now_ns() - from < ANNOUNCED)
                EXPECT("a second that was not announced", again, second);
            if (!soon && announced)
                EXPECT("the time after an announcement", second != first, true);
            announced |= soon;
            changed = announced && second != first;
        }
    }
    EXPECT("an announcement, and another second", changed, true);
    set_rtc(RTC_B, B_24H | B_SET);
    (void)rtc(RTC_C);
    nap(SECOND);
    EXPECT("none while the clock is set", rtc(RTC_A) & A_UPDATE, 0);
    EXPECT("no update", rtc(RTC_C) & B_UPDATE, 0);
    set_rtc(RTC_B, B_24H);
    EXPECT("its memory is good", rtc(RTC_D), 0x80);
}

/* ---- Time: second, minute, hour, day of the week (Sunday is 1), day, month, year */

typedef u8 date[7];
static const u8 date_register[7] = { 0, 2, 4, 6, 7, 8, 9 };

static void set_date(u8 mode, const date to)
{
    set_rtc(RTC_B, mode | B_SET);
    for (unsigned int i = 0; i < 7; i++)
        set_rtc(date_register[i], to[i]);
    for (unsigned int i = 0; i < 7; i++)
        EXPECT("what is being set", rtc(date_register[i]), to[i]);
    (void)rtc(RTC_C);
    set_rtc(RTC_B, mode);
}

static const struct { u8 mode; date from, to; } steps[] = {
    { B_24H, { 0x59, 0x59, 0x23, 7, 0x28, 0x02, 0x26 }, { 0, 0, 0, 1, 0x01, 0x03, 0x26 } },
    { B_24H, { 0x59, 0x59, 0x23, 2, 0x28, 0x02, 0x28 }, { 0, 0, 0, 3, 0x29, 0x02, 0x28 } },
    { B_24H | B_BINARY, { 59, 59, 23, 5, 31, 12, 26 }, { 0, 0, 0, 6, 1, 1, 27 } },
    { 0, { 0x59, 0x59, 0x91, 3, 0x30, 0x06, 0x26 }, { 0, 0, 0x12, 4, 0x01, 0x07, 0x26 } },
    { 0, { 0x59, 0x59, 0x11, 3, 0x30, 0x06, 0x26 }, { 0, 0, 0x92, 3, 0x30, 0x06, 0x26 } },
    { 0, { 0x59, 0x59, 0x92, 3, 0x30, 0x06, 0x26 }, { 0, 0, 0x81, 3, 0x30, 0x06, 0x26 } },
    { B_BINARY, { 59, 59, 12, 3, 30, 6, 26 }, { 0, 0, 1, 3, 30, 6, 26 } },
};

static void dates(void)
{
    for (unsigned int n = 0; n < sizeof(steps) / sizeof(steps[0]); n++) {
        set_date(steps[n].mode, steps[n].from);
        EXPECT("a second", await_flags(B_UPDATE, 5 * MS) & B_UPDATE, B_UPDATE);
        for (unsigned int i = 0; i < 7; i++)
            if (rtc(date_register[i]) != steps[n].to[i])
                FAIL("step %u: part %u of the time is %x, not %x", n, i, rtc(date_register[i]), steps[n].to[i]);
    }
}

/* ---- Alarms: second, minute, hour of the clock before, of the alarm, and of the clock when it goes off */

static const struct { u8 mode; u8 from[3], alarm[3], at[3]; } alarms[] = {
    { B_24H, { 0x58, 0x34, 0x12 }, { 0x59, 0x34, 0x12 }, { 0x59, 0x34, 0x12 } },
    { B_24H, { 0x59, 0x34, 0x12 }, { 0x00, ANY, ANY }, { 0x00, 0x35, 0x12 } },
    { B_24H, { 0x59, 0x34, 0x12 }, { ANY, 0x35, 0x12 }, { 0x00, 0x35, 0x12 } },
    { B_24H, { 0x59, 0x34, 0x12 }, { 0x00, 0xff, 0x12 }, { 0x00, 0x35, 0x12 } },
    { B_24H, { 0x58, 0x34, 0x12 }, { 0xd5, 0xea, 0xff }, { 0x59, 0x34, 0x12 } },
    { B_24H | B_BINARY, { 59, 59, 23 }, { 0, 0, 0 }, { 0, 0, 0 } },
    { 0, { 0x59, 0x59, 0x11 }, { 0x00, 0x00, 0x92 }, { 0x00, 0x00, 0x92 } },
};

static void set_alarm(u8 mode, const u8 from[3], const u8 alarm[3])
{
    date to = { from[0], from[1], from[2], 4, 1, 7, mode & B_BINARY ? 26 : 0x26 };

    set_rtc(RTC_B, mode | B_SET);
    for (unsigned int i = 0; i < 3; i++)
        set_rtc(RTC_ALARM(i), alarm[i]);
    (void)rtc(RTC_C);
    set_date(mode | B_ALARM, to);
}

static void ring(void)
{
    static const u8 from[3] = { 0x58, 0x34, 0x12 }, never[3] = { 0x59, 0x34, 0x13 };
    unsigned int before;

    for (unsigned int n = 0; n < sizeof(alarms) / sizeof(alarms[0]); n++) {
        before = taken(RTC_IRQ);
        set_alarm(alarms[n].mode, alarms[n].from, alarms[n].alarm);
        EXPECT("an alarm", await_irq(RTC_IRQ, before + 1), true);
        EXPECT("its cause", rtc(RTC_C) & (C_ANY | B_ALARM), C_ANY | B_ALARM);
        pic_end(RTC_IRQ);
        for (unsigned int i = 0; i < 3; i++)
            if (rtc(date_register[i]) != alarms[n].at[i])
                FAIL("alarm %u: part %u of the time is %x, not %x", n, i, rtc(date_register[i]), alarms[n].at[i]);
    }
    set_alarm(B_24H, from, never);
    before = taken(RTC_IRQ);
    EXPECT("an alarm of another hour", await_flags(B_UPDATE, 5 * MS) & (B_UPDATE | B_ALARM), B_UPDATE);
    let_in();
    EXPECT("its interrupt", taken(RTC_IRQ), before);
}

void test_main(void)
{
    pc_start();
    one_shots();
    waves(PIT_MODE(2));
    waves(PIT_MODE(3));
    told_once();
    pit_control(0, PIT_BOTH | PIT_MODE(0));
    periodic();
    updates();
    announcements();
    dates();
    ring();
}
