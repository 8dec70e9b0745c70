// SPDX-License-Identifier: MIT
// How an operation is measured: warmed up, then in rounds, each between two marks and two readings of the TSC, until the
// last rounds agree. An operation that is only part of what its rounds do is not marked: an account would be of the whole.
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

// A mark is VMMCALL in user mode: where Prism runs it brackets an operation in the ledger, elsewhere it is an illegal
// instruction, which is found out once and then left alone. A hypervisor that takes it for a hypercall answers in RAX.
enum mark { MARK_PROBE, MARK_BEGIN, MARK_END };
static bool marks;
static sigjmp_buf no_mark;

static void illegal(int number) { siglongjmp(no_mark, number); }

static void mark(enum mark what, unsigned int operation)
{
    unsigned long rax = what;
    if (marks || what == MARK_PROBE)
        asm volatile("vmmcall" : "+a" (rax) : "D" ((unsigned long)operation) : "memory", "cc");
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

// One round: what it cost, in *ticks. The rounds that are marked are those that count.
static const char *one_round(const struct operation *op, bool marked, unsigned int number, uint64_t *ticks)
{
    const char *bad = op->prepare ? op->prepare(op->count) : NULL;
    if (bad)
        return bad;
    if (marked)
        mark(MARK_BEGIN, number);
    uint64_t start = __rdtsc();
    bad = op->run(op->count);
    *ticks = __rdtsc() - start;
    if (marked)
        mark(MARK_END, number);
    if (!bad && op->check)
        bad = op->check(op->count);
    if (!bad && op->cost)
        *ticks = op->cost(*ticks);
    return bad;
}

static void tell(const struct operation *op, unsigned int number, unsigned int round, uint64_t ticks)
{
    printf("BENCH name=%s round=%u operations=%u ticks=%lu", op->name, round, op->count, (unsigned long)ticks);
    if (op->cost)
        printf("\n");
    else
        printf(" mark=%u\n", number);
}

// Nothing is printed before the last round: where the console is another domain's work, it would be measured too.
const char *measure(const struct operation *op, unsigned int number, unsigned int rounds, bool *settled)
{
    uint64_t ticks[MOST_ROUNDS], warming;
    unsigned int taken = 0, most = rounds < ROUNDS ? rounds : MOST_ROUNDS;
    const char *bad = NULL;
    *settled = false;
    usleep(SETTLE_US);
    for (unsigned int round = 0; !bad && round < op->warm; round++)
        bad = one_round(op, false, number, &warming);
    while (!bad && taken < most && !*settled) {
        bad = one_round(op, !op->cost, number, &ticks[taken++]);
        *settled = taken >= ROUNDS && steady(ticks + taken - ROUNDS, ROUNDS);
    }
    for (unsigned int round = 0; !bad && round < taken; round++)
        tell(op, number, round, ticks[round]);
    return bad;
}
