/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32
/* The timer of the local APIC, in a container: it counts down at the divided rate, in ticks of 10 ns of system time; once or
 * again and again; in silence where its entry is masked; not after it was stopped; never early. The TSC deadline is
 * there as CPUID says, or is none of the timer's modes. */
#include "lib/guest.h"

#define APIC(at) (((volatile u32 *)0xfee00000)[(at) / 4])
#define EOI 0xb0
#define SVR 0xf0
#define ESR 0x280
#define LVT_TIMER 0x320
#define TMICT 0x380
#define TMCCT 0x390
#define TDCR 0x3e0
#define MASKED 0x10000u
#define PERIODIC 0x20000u
#define DEADLINE 0x40000u
#define VECTOR 0x60
#define MSR_APIC_BASE 0x1b
#define MSR_TSC_DEADLINE 0x6e0
#define TICK 10u
#define MS 1000000ull
#define PATIENCE (1000 * MS)
#define GP 13

static unsigned int taken;

static bool end_interrupt(struct trap_frame *frame)
{
    if (frame->vector != VECTOR)
        return false;
    taken++;
    APIC(EOI) = 0;
    return true;
}

/* Until so many have come; more of them only if another was due when the first was ended. */
static void wait_for(const char *how, unsigned int number)
{
    u64 limit = now_ns() + PATIENCE;

    for (;;) {
        asm volatile("sti; nop; nop; cli" ::: "memory");
        if (taken >= number || now_ns() > limit)
            break;
        nap(10000);
    }
    EXPECT(how, taken >= number, true);
}

static void nothing(const char *how, u64 ns)
{
    unsigned int before = taken;

    nap(ns);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT(how, taken, before);
}

static u32 code_of(unsigned int shift)       /* for a division by 2^shift */
{
    u32 n = (shift + 7) & 7;

    return (n & 3) | (n & 4) << 1;
}

static void one_shot(void)
{
    for (unsigned int shift = 0; shift < 8; shift++) {
        u32 count = 200000u >> shift;
        u64 from;

        taken = 0;
        APIC(TDCR) = code_of(shift);
        EXPECT("TDCR", APIC(TDCR), code_of(shift));
        APIC(LVT_TIMER) = VECTOR;
        from = now_ns();
        APIC(TMICT) = count;
        wait_for("once", 1);
        EXPECT("early", now_ns() < from + ((u64)count << shift) * TICK, 0);
        EXPECT("how often", taken, 1);
        EXPECT("the count afterwards", APIC(TMCCT), 0);
        EXPECT("what it began with", APIC(TMICT), count);
        if (shift == 3)
            nothing("a second time", 5 * MS);
    }
}

/* Between two reads it has gone down by what the clock says, not more than between the outer readings of the clock and
 * not less than between the inner ones. */
static void counts_down(void)
{
    for (unsigned int shift = 0; shift < 8; shift += 2) {
        u64 t[4], width = TICK << shift;
        u32 first, second;

        APIC(LVT_TIMER) = MASKED | VECTOR;
        APIC(TDCR) = code_of(shift);
        APIC(TMICT) = 0xffffffff;
        t[0] = now_ns();
        first = APIC(TMCCT);
        t[1] = now_ns();
        nap(MS);
        t[2] = now_ns();
        second = APIC(TMCCT);
        t[3] = now_ns();
        EXPECT("too fast", (first - second) * width > t[3] - t[0] + width, 0);
        EXPECT("too slow", (first - second) * width + width < t[2] - t[1], 0);
        APIC(TMCCT) = 5;
        EXPECT("a write to the count", APIC(TMCCT) > 5 && APIC(TMCCT) <= second, 1);
        EXPECT("what it began with", (int)APIC(TMICT), -1);
    }
}

static void in_silence(void)
{
    taken = 0;
    APIC(TDCR) = code_of(0);
    APIC(LVT_TIMER) = MASKED | VECTOR;
    APIC(TMICT) = 50000;
    nothing("a masked timer", 2 * MS);
    EXPECT("its count", APIC(TMCCT), 0);
    APIC(LVT_TIMER) = VECTOR;
    nothing("unmasked when it is over", 2 * MS);
    APIC(LVT_TIMER) = VECTOR;
    APIC(TMICT) = 100000;
    APIC(TMICT) = 0;
    nothing("one that was stopped", 3 * MS);
    EXPECT("its count", APIC(TMCCT), 0);
}

static void begun_again(void)
{
    u64 from;

    taken = 0;
    APIC(LVT_TIMER) = VECTOR;
    APIC(TMICT) = 100000;
    from = now_ns();
    APIC(TMICT) = 400000;
    wait_for("a later one instead", 1);
    EXPECT("early", now_ns() < from + 400000ull * TICK, 0);
    nothing("the earlier one", 2 * MS);
    from = now_ns();
    APIC(TMICT) = 800000;
    APIC(TMICT) = 50000;
    wait_for("an earlier one instead", 2);
    EXPECT("early", now_ns() < from + 50000ull * TICK, 0);
    nothing("the later one", 9 * MS);
}

static void periodic(void)
{
    u32 count = 100000;
    u64 from;

    taken = 0;
    APIC(LVT_TIMER) = PERIODIC | VECTOR;
    from = now_ns();
    APIC(TMICT) = count;
    for (unsigned int n = 1; n <= 6; n++) {
        wait_for("again and again", n);
        EXPECT("a period is early", now_ns() < from + (u64)n * count * TICK, 0);
        EXPECT("the count within a period", APIC(TMCCT) <= count, 1);
    }
    APIC(LVT_TIMER) = PERIODIC | MASKED | VECTOR;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    nothing("masked", 3 * MS);
    APIC(LVT_TIMER) = PERIODIC | VECTOR;
    wait_for("unmasked", taken + 1);
    APIC(TMICT) = 0;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    nothing("stopped", 3 * MS);
}

/* It waits, once, for interrupts to be on; and an APIC that is switched off masks its entries. */
static void held_up(void)
{
    taken = 0;
    APIC(LVT_TIMER) = PERIODIC | VECTOR;
    APIC(TMICT) = 20000;
    nap(2 * MS);
    EXPECT("without STI", taken, 0);
    APIC(TMICT) = 0;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("many periods, one interrupt", taken, 1);
    APIC(SVR) = 0xff;
    EXPECT("masked by the APIC's switch", APIC(LVT_TIMER) & MASKED, MASKED);
    APIC(LVT_TIMER) = VECTOR;
    EXPECT("as long as it is off", APIC(LVT_TIMER) & MASKED, MASKED);
    APIC(SVR) = 0x1ff;
    APIC(TMICT) = 1000;
    nothing("masked still", MS);
}

static u64 read_tsc(void) { u32 lo, hi; asm volatile("rdtsc" : "=a" (lo), "=d" (hi)); return lo | (u64)hi << 32; }

static void write_msr(u32 msr, u64 value)
{
    asm volatile("wrmsr" :: "c" (msr), "a" ((u32)value), "d" ((u32)(value >> 32)) : "memory");
}

static void deadline(void)
{
    u32 r[4];
    u64 when;

    cpuid(1, 0, r);
    APIC(LVT_TIMER) = DEADLINE | VECTOR;
    if (!(r[2] >> 24 & 1)) {
        EXPECT("a mode that there is not", APIC(LVT_TIMER) & DEADLINE, 0);
        EXPECT("the deadline's MSR", TRY("mov %0, %%ecx; rdmsr", "i" (MSR_TSC_DEADLINE)), GP);
        EXPECT("a write to it", try_wrmsr(MSR_TSC_DEADLINE, 1, 0), GP);
        return;
    }
    taken = 0;
    when = read_tsc() + 2000000;
    write_msr(MSR_TSC_DEADLINE, when);
    EXPECT("the deadline", read_msr(MSR_TSC_DEADLINE) == when, 1);
    APIC(TMICT) = 1000;
    EXPECT("a count, which is not for this mode", APIC(TMCCT), 0);
    wait_for("by its deadline", 1);
    EXPECT("early", read_tsc() < when, 0);
    EXPECT("a deadline that is over", read_msr(MSR_TSC_DEADLINE) == 0, 1);
    write_msr(MSR_TSC_DEADLINE, 1);
    wait_for("a deadline in the past", 2);
    write_msr(MSR_TSC_DEADLINE, read_tsc() + 2000000);
    write_msr(MSR_TSC_DEADLINE, 0);
    nothing("one that was taken back", 5 * MS);
    APIC(LVT_TIMER) = VECTOR;
}

void test_main(void)
{
    mask_events();
    trap_hook = end_interrupt;
    APIC(SVR) = 0x1ff;
    one_shot();
    counts_down();
    in_silence();
    begun_again();
    periodic();
    held_up();
    deadline();
}
