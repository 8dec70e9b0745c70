// SPDX-License-Identifier: MIT
// How an operation is measured: warmed up, then in rounds, each between two marks and two readings of the TSC, until the
// rounds agree.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"
#include "bench_steady.h"

#define MOST_ROUNDS 12
#define SETTLE_US 100000    // for the console's line to be printed before the next operation is measured: idle time is free

// A mark is VMMCALL in user mode: where Prism runs it brackets an operation in the ledger, elsewhere it is an illegal
// instruction, which is found out once and then left alone.
enum mark { MARK_PROBE, MARK_BEGIN, MARK_END };
static bool marks;
static sigjmp_buf no_mark;

static void illegal(int number) { siglongjmp(no_mark, number); }

static void mark(enum mark what, unsigned int operation)
{
    if (marks || what == MARK_PROBE)
        asm volatile("vmmcall" :: "a" ((unsigned long)what), "D" ((unsigned long)operation) : "memory", "cc");
}

void probe_marks(void)
{
    struct sigaction on = { .sa_handler = illegal }, old;
    sigaction(SIGILL, &on, &old);
    if (!sigsetjmp(no_mark, 1)) {
        mark(MARK_PROBE, 0);
        marks = true;
    }
    sigaction(SIGILL, &old, NULL);
    printf("BENCH-MARKS %s\n", marks ? "yes" : "no");
}

const char *fault(const char *what)
{
    static char text[160];
    snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    return text;
}

// One round: what it cost, in *ticks.
static const char *one_round(const struct operation *op, unsigned int number, uint64_t *ticks)
{
    const char *bad = op->prepare ? op->prepare(op->count) : NULL;
    if (bad)
        return bad;
    mark(MARK_BEGIN, number);
    uint64_t start = __rdtsc();
    bad = op->run(op->count);
    *ticks = __rdtsc() - start;
    mark(MARK_END, number);
    if (!bad && op->check)
        bad = op->check(op->count);
    if (!bad && op->cost)
        *ticks = op->cost(*ticks);
    return bad;
}

// Nothing is printed before the last round: where the console is another domain's work, it would be measured too.
const char *measure(const struct operation *op, unsigned int number, unsigned int rounds, bool *settled)
{
    uint64_t ticks[MOST_ROUNDS];
    unsigned int taken = 0, most = rounds < ROUNDS ? rounds : MOST_ROUNDS;
    *settled = false;
    usleep(SETTLE_US);
    for (unsigned int round = 0; round < op->warm + most && !*settled; round++) {
        const char *bad = one_round(op, number, &ticks[taken]);
        if (bad)
            return bad;
        taken += round >= op->warm;
        *settled = taken >= ROUNDS && steady(ticks + taken - ROUNDS, ROUNDS);
    }
    unsigned int first = taken > ROUNDS ? taken - ROUNDS : 0;
    for (unsigned int round = first; round < taken; round++)
        printf("BENCH name=%s round=%u operations=%u ticks=%lu\n", op->name, round, op->count, (unsigned long)ticks[round]);
    return NULL;
}
