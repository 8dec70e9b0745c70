// SPDX-License-Identifier: MIT
// The benchmark guest's operations on time: how late a sleeper wakes, and what an interrupt of the timer takes from a program.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

uint64_t nanoseconds(int clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

double tick_rate(void)
{
    static double rate;
    if (rate == 0) {
        uint64_t ticks = __rdtsc(), time = nanoseconds(CLOCK_MONOTONIC);
        usleep(20000);
        uint64_t passed = nanoseconds(CLOCK_MONOTONIC) - time;
        rate = (double)(__rdtsc() - ticks) / (double)passed;
    }
    return rate;
}

// ---- nanosleep: what is beyond the time asked for, from the call to the return
#define ASKED_NS 100000
static uint64_t slept, asked;

static const char *sleep_prepare(unsigned int count)
{
    asked = (uint64_t)count * ASKED_NS;
    return prctl(PR_SET_TIMERSLACK, 1) ? fault("timer slack") : NULL;    // else the kernel adds up to 50 us
}

static const char *sleep_run(unsigned int count)
{
    struct timespec time = { .tv_nsec = ASKED_NS };
    uint64_t start = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned int i = 0; i < count; i++)
        if (nanosleep(&time, NULL))
            return fault("nanosleep");
    slept = nanoseconds(CLOCK_MONOTONIC) - start;
    return NULL;
}

static const char *sleep_check(unsigned int count)
{
    (void)count;
    return slept >= asked ? NULL : "it woke before its time";
}

static uint64_t sleep_cost(uint64_t ticks) { return (uint64_t)((double)ticks * (double)(slept - asked) / (double)slept); }

// ---- the timer interrupt: one-shot timers that nobody waits for, set before, and a program that counts to itself. Where
// its steps are longer than they can be, it was interrupted. An interrupt of the scheduler's own tick counts as well.
#define TIMERS 20
#define APART_NS 200000
#define FIRST_NS 1000000    // for setting them all
static int timers[TIMERS];
static uint64_t missing;
static unsigned int interruptions;

// The time of one step: instructions that no hypervisor intercepts, but for the reading of the TSC.
static uint64_t step(uint64_t *since)
{
    for (unsigned int i = 0; i < 64; i++)
        asm volatile("nop");
    uint64_t now = __rdtsc(), taken = now - *since;
    *since = now;
    return taken;
}

static const char *timer_prepare(unsigned int count)
{
    tick_rate();    // takes its time when it is first asked
    uint64_t start = nanoseconds(CLOCK_MONOTONIC) + FIRST_NS;
    for (unsigned int i = 0; i < count; i++) {
        if (!timers[i] && (timers[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)) < 0)
            return fault("timerfd_create");
        uint64_t at = start + (uint64_t)i * APART_NS;
        struct itimerspec when = { .it_value = { (time_t)(at / 1000000000), (long)(at % 1000000000) } };
        if (timerfd_settime(timers[i], TFD_TIMER_ABSTIME, &when, NULL))
            return fault("timerfd_settime");
    }
    return NULL;
}

static const char *timer_run(unsigned int count)
{
    uint64_t since = __rdtsc(), least = UINT64_MAX, taken;
    uint64_t end = since + (uint64_t)((double)(FIRST_NS + (uint64_t)count * APART_NS) * tick_rate());
    for (unsigned int i = 0; i < 100; i++)
        if ((taken = step(&since)) < least)
            least = taken;
    missing = interruptions = 0;
    while (since < end)
        if ((taken = step(&since)) > 2 * least + 300) {
            missing += taken - least;
            interruptions++;
        }
    return NULL;
}

static const char *timer_check(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        uint64_t expired;
        if (read(timers[i], &expired, sizeof expired) != sizeof expired || expired != 1)
            return "a timer did not expire";
    }
    return interruptions ? NULL : "timers expired and nothing was interrupted";    // several may come as one
}

static uint64_t timer_cost(uint64_t ticks)
{
    (void)ticks;
    return missing * TIMERS / interruptions;
}

const struct operation time_operations[] = {
    { "sleep_late", 20, 1, .prepare = sleep_prepare, .run = sleep_run, .check = sleep_check, .cost = sleep_cost },
    { "timer_interrupt", TIMERS, 1, .prepare = timer_prepare, .run = timer_run, .check = timer_check, .cost = timer_cost },
    { 0 },
};
