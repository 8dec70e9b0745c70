/* SPDX-License-Identifier: MIT */
// modes: hvm64 hvm32
/* The 8254 of an emulated PC by its data sheet: all modes, as latched counts, the status, the gate and the output of channel 2
 * at port 61h show them; counts of one byte and in BCD. Nothing is early by the guest's own clock. (Xen 4.17 counts in binary
 * alone, has no null count, lets modes 1 and 5 begin without their trigger, and a gate stops nothing there.) */
#include "lib/pc.h"

#define GATE_PORT 0x61
#define GATE 1
#define SPEAKER 2
#define REFRESH 0x10
#define OUT_2 0x20
#define MS 1000000ull
#define PATIENCE (2000 * MS)

static void gate(bool high)
{
    out8(GATE_PORT, high ? GATE : 0);
}

static bool output(void)
{
    return in8(GATE_PORT) & OUT_2;
}

static void await_output(const char *how, bool high)
{
    u64 limit = now_ns() + PATIENCE, step = 0;

    while (output() != high && now_ns() < limit)
        rest(&step);
    EXPECT(how, output(), high);
}

/* The most ticks that there can have been since `from`, by the guest's clock: none of them has to have been. */
static bool within(u64 from, u32 ticks)
{
    return now_ns() - from < ticks * PIT_TICK_NS;
}

/* So many have been counted since then, of which the first may have been under way. */
static void not_early(const char *how, u64 from, u32 ticks)
{
    if (ticks && within(from, ticks - 1))
        FAIL("%s is early: %u ticks in %lu ns", how, ticks, (unsigned long)(now_ns() - from));
}

/* The same by what a counter shows that began with `count` and goes on below 0. */
static void not_fast(const char *how, u64 from, u16 count, u16 shown)
{
    not_early(how, from, (u16)(count - shown));
}

/* ---- Registers: a counter whose gate is low stands, and can be looked at */

static void bytes_and_latches(void)
{
    gate(false);
    pit_control(2, PIT_BOTH);
    EXPECT("status without a count", pit_status(2), PIT_NULL | PIT_BOTH);
    pit_write(2, 0x1234);
    EXPECT("status with one", pit_status(2), PIT_BOTH);
    EXPECT("a count that stands", pit_read(2), 0x1234);
    pit_control(2, 0);
    pit_write(2, 0x5678);
    pit_control(2, 0);
    EXPECT("latched before it was another one", pit_read(2), 0x1234);
    EXPECT("and not latched any more", pit_read(2), 0x5678);
    pit_control(2, 0);
    pit_start(2, PIT_MODE(0), 0x4321);
    EXPECT("a control word ends the latch", pit_read(2), 0x4321);
    pit_control(2, 0x10);
    out8(PIT + 2, 0x77);
    EXPECT("the low byte alone", in8(PIT + 2), 0x77);
    EXPECT("again", in8(PIT + 2), 0x77);
    pit_control(2, 0);
    EXPECT("latched", in8(PIT + 2), 0x77);
    EXPECT("its status", pit_status(2), 0x10);
    pit_control(2, 0x20);
    out8(PIT + 2, 0x12);
    EXPECT("the high byte alone", in8(PIT + 2), 0x12);
    EXPECT("its status", pit_status(2), 0x20);
    pit_start(2, PIT_MODE(0), 0x1200);
    EXPECT("which is the whole", pit_read(2), 0x1200);
}

static void read_back(void)
{
    u16 first;

    gate(false);
    pit_start(2, PIT_MODE(0), 0x2345);
    pit_start(0, PIT_MODE(0), 0xffff);
    out8(PIT_CONTROL, 0xc8);                                     /* status and count of channel 2 */
    EXPECT("the status comes first", in8(PIT + 2), PIT_BOTH);
    EXPECT("then the count", pit_read(2), 0x2345);
    out8(PIT_CONTROL, 0xda);                                     /* counts of channels 0 and 2 */
    nap(MS);
    first = pit_read(0);
    EXPECT("channel 0 was latched a while ago", pit_latch(0) < first, true);
    EXPECT("channel 2 stands", pit_read(2), 0x2345);
    pit_start(2, PIT_MODE(0), 50);
    out8(PIT_CONTROL, 0xe8);
    gate(true);
    await_output("the output", true);
    out8(PIT_CONTROL, 0xe8);
    EXPECT("the status as it was first latched", in8(PIT + 2) & PIT_OUT, 0);
    EXPECT("the status now", pit_status(2) & PIT_OUT, PIT_OUT);
}

static bool is_bcd(u16 count)
{
    return (count & 15) <= 9 && (count >> 4 & 15) <= 9 && (count >> 8 & 15) <= 9 && count >> 12 <= 9;
}

static void decimal(void)
{
    u64 from;

    gate(false);
    pit_start(2, PIT_MODE(0) | PIT_BCD, 0);
    EXPECT("10000, in four digits", pit_read(2), 0);
    pit_start(2, PIT_MODE(0) | PIT_BCD, 0x1234);
    EXPECT("a count in digits", pit_read(2), 0x1234);
    EXPECT("its status", pit_status(2), PIT_BOTH | PIT_BCD);
    from = now_ns();
    gate(true);
    for (unsigned int i = 0; i < 20; i++) {
        EXPECT("digits", is_bcd(pit_latch(2)), true);
        nap(20000);
    }
    await_output("1,234 ticks", true);
    not_early("a decimal count", from, 1234);
    for (unsigned int i = 0; i < 20; i++)
        EXPECT("digits beyond the end", is_bcd(pit_latch(2)), true);
    gate(false);
    pit_start(2, PIT_MODE(0) | PIT_BCD, 1);
    from = now_ns();
    gate(true);
    await_output("one tick", true);
    EXPECT("9999 follows 0", pit_latch(2) > 0x5000 || !within(from, 4000), true);
}

static void port_61(void)
{
    u8 seen = 0;

    for (u8 bits = 0; bits < 4; bits++) {
        out8(GATE_PORT, bits);
        EXPECT("gate and speaker", in8(GATE_PORT) & (GATE | SPEAKER), bits);
    }
    gate(false);
    pit_control(2, PIT_BOTH | PIT_MODE(0));
    EXPECT("a low output", in8(GATE_PORT) & OUT_2, 0);
    pit_control(2, PIT_BOTH | PIT_MODE(2));
    EXPECT("a high output", in8(GATE_PORT) & OUT_2, OUT_2);
    for (u64 limit = now_ns() + 10 * MS; seen != 3 && now_ns() < limit; )
        seen |= in8(GATE_PORT) & REFRESH ? 2 : 1;
    EXPECT("memory is refreshed", seen, 3);
}

/* ---- Modes, at channel 2 */

static void mode_0(void)
{
    u64 from, frozen;
    u16 first;

    gate(true);
    pit_control(2, PIT_BOTH | PIT_MODE(0));
    EXPECT("low before a count", output(), false);
    from = now_ns();
    pit_write(2, 3000);
    first = pit_latch(2);
    not_fast("a count", from, 3000, first);
    await_output("terminal count", true);
    not_early("terminal count", from, 3000);
    nap(MS);
    EXPECT("high from then on", output(), true);
    pit_write(2, 60000);
    EXPECT("low with another count", output(), false);
    out8(PIT + 2, 0x10);                                         /* the first byte of the next one stops it */
    first = pit_latch(2);
    nap(MS);
    EXPECT("between two bytes", pit_latch(2), first);
    from = now_ns();
    out8(PIT + 2, 0xc0);
    nap(MS);
    gate(false);
    frozen = now_ns();
    first = pit_latch(2);
    not_fast("a count", from, 0xc010, first);
    EXPECT("the output of a count that stands", output() && within(from, 0xc000), false);
    nap(5 * MS);
    EXPECT("behind a closed gate", pit_latch(2), first);
    from += now_ns() - frozen;
    gate(true);
    await_output("terminal count", true);
    not_early("terminal count with a pause", from, 0xc010);
}

static void mode_1(void)
{
    u64 from;

    gate(false);
    pit_start(2, PIT_MODE(1), 50000);
    nap(MS);
    EXPECT("high, and waiting", pit_status(2), PIT_OUT | PIT_NULL | PIT_BOTH | PIT_MODE(1));
    from = now_ns();
    gate(true);
    EXPECT("high after the trigger", output() && within(from, 50000), false);
    gate(false);                                                 /* which means nothing */
    pit_write(2, 4000);
    nap(5 * MS);
    EXPECT("another count within the shot", pit_latch(2) <= 4000 && within(from, 46000), false);
    EXPECT("its output", output() && within(from, 50000), false);
    EXPECT("it waits", pit_status(2) & PIT_NULL, PIT_NULL);
    from = now_ns();
    gate(true);                                                  /* triggers again, with the new count */
    EXPECT("it waits no longer", pit_status(2) & PIT_NULL, 0);
    not_fast("a count that was triggered again", from, 4000, pit_latch(2));
    await_output("the end of a shot", true);
    not_early("a shot", from, 4000);
    nap(MS);
    EXPECT("high from then on", output(), true);
    gate(false);
    EXPECT("high without a trigger", output(), true);
    from = now_ns();
    gate(true);
    EXPECT("high with one", output() && within(from, 4000), false);
    await_output("the end of another", true);
    not_early("another shot", from, 4000);
}

/* Counts of a mode that goes round, with the output at the same moment: how many of each were seen. */
static void go_round(u8 mode, u16 count, unsigned int seen[2])
{
    u16 last = 0;
    unsigned int rounds = 0;
    u64 limit = now_ns() + PATIENCE;

    seen[0] = seen[1] = 0;
    while (rounds < 4 && now_ns() < limit) {
        bool high;
        u16 now;

        out8(PIT_CONTROL, 0xc8);
        high = in8(PIT + 2) & PIT_OUT;
        now = pit_read(2);
        seen[high]++;
        rounds += now > last;
        last = now;
        if (now > count || (!now && !(count & 1)))
            FAIL("mode %u counts %u of %u", mode, now, count);
        if (mode == 2 && !high)
            EXPECT("the count while it is low", now, 1);
        if (mode == 3)
            EXPECT("an odd one", now & 1, 0);
        nap(count * 200u);                                       /* some four in a round */
    }
    EXPECT("four rounds", rounds, 4);
}

static void mode_2(void)
{
    unsigned int seen[2];
    u64 from;

    gate(true);
    pit_control(2, PIT_BOTH | PIT_MODE(2));
    EXPECT("high before a count", output(), true);
    pit_write(2, 5000);
    go_round(2, 5000, seen);
    EXPECT("high nearly always", seen[1] > seen[0], true);
    from = now_ns();
    pit_start(2, PIT_MODE(2), 60000);
    pit_write(2, 1000);
    EXPECT("a new count before the period's end", !(pit_status(2) & PIT_NULL) && within(from, 59000), false);
    EXPECT("counting it", pit_latch(2) <= 1000 && within(from, 58000), false);
    for (u64 limit = now_ns() + PATIENCE; pit_status(2) & PIT_NULL && now_ns() < limit; )
        nap(MS);
    not_early("the new count", from, 59999);
    go_round(2, 1000, seen);
    pit_start(2, PIT_MODE(2), 60000);
    nap(10 * MS);
    gate(false);
    EXPECT("high behind a closed gate", output(), true);
    from = now_ns();
    gate(true);
    not_early("a count that the gate has begun anew", from, 60000u - pit_latch(2));
}

static void mode_3(void)
{
    unsigned int seen[2];

    gate(true);
    pit_control(2, PIT_BOTH | PIT_MODE(3));
    EXPECT("high before a count", output(), true);
    pit_write(2, 6000);
    go_round(3, 6000, seen);
    EXPECT("high and low", seen[0] && seen[1], true);
    await_output("low", false);
    await_output("high", true);
    pit_start(2, PIT_MODE(3), 60001);
    go_round(3, 60001, seen);
    EXPECT("high and low", seen[0] && seen[1], true);
    await_output("low", false);
    gate(false);
    EXPECT("high behind a closed gate", output(), true);
}

/* One tick low, which is not to be seen; then on round the counter, once. */
static void mode_4(void)
{
    u64 from, frozen;
    u16 first;

    gate(true);
    pit_control(2, PIT_BOTH | PIT_MODE(4));
    EXPECT("high before a count", output(), true);
    from = now_ns();
    pit_write(2, 4000);
    for (u64 limit = now_ns() + PATIENCE; pit_latch(2) <= 4000 && now_ns() < limit; )
        nap(200000);
    not_early("beyond the strobe", from, 4000);
    EXPECT("high afterwards", output(), true);
    from = now_ns();
    pit_write(2, 50000);
    nap(MS);
    gate(false);
    frozen = now_ns();
    first = pit_latch(2);
    not_fast("a count", from, 50000, first);
    nap(MS);
    EXPECT("behind a closed gate", pit_latch(2), first);
    from += now_ns() - frozen;
    gate(true);
    not_fast("a count with a pause", from, 50000, pit_latch(2));
}

static void mode_5(void)
{
    u64 from;

    gate(false);
    pit_start(2, PIT_MODE(5), 50000);
    nap(MS);
    EXPECT("high, and waiting", pit_status(2), PIT_OUT | PIT_NULL | PIT_BOTH | PIT_MODE(5));
    from = now_ns();
    gate(true);
    EXPECT("triggered", pit_status(2) & PIT_NULL, 0);
    gate(false);                                                 /* which means nothing */
    nap(5 * MS);
    EXPECT("counting", pit_latch(2) >= 50000 && within(from, 50000), false);
    from = now_ns();
    gate(true);
    not_fast("a count that was triggered again", from, 50000, pit_latch(2));
    EXPECT("low before its end", !output() && within(from, 49000), false);
}

void test_main(void)
{
    pc_start();
    bytes_and_latches();
    read_back();
    decimal();
    port_61();
    mode_0();
    mode_1();
    mode_2();
    mode_3();
    mode_4();
    mode_5();
}
