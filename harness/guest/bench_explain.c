// SPDX-License-Identifier: MIT
// One execution of an operation, for "make explain": between two places at addresses that no other program has. At the first,
// explain_ready, a debugger stops the machine and begins to write down every instruction; explain_begin to explain_end is the
// operation, and at explain_over it stops the machine again. Whoever does not look sees nothing of it but the line with what it
// cost:
//   BENCH-EXPLAIN name=getppid ticks=481
#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

#define CALM_US 10000    // for what the debugger has stirred up to be over: a machine that was stopped finds its timers late

// The linker puts this section to a fixed address (harness/images.py).
void explain_ready(void), explain_begin(void), explain_end(void), explain_over(void);
asm(".section .explain, \"ax\", @progbits\n"
    ".globl explain_ready, explain_begin, explain_end, explain_over\n"
    "explain_ready: ret\n"
    ".balign 16\n"
    "explain_begin: ret\n"
    ".balign 16\n"
    "explain_end: ret\n"
    ".balign 16\n"
    "explain_over: ret\n"
    ".text\n");

static const char *once(const struct operation *op, bool watched, uint64_t *ticks)
{
    const char *bad = op->prepare ? op->prepare(1) : NULL;
    if (bad)
        return bad;
    uint64_t start = __rdtsc();
    if (watched)
        explain_begin();
    bad = op->run(1);
    if (watched)
        explain_end();
    *ticks = __rdtsc() - start;
    if (watched)
        explain_over();
    return !bad && op->check ? op->check(1) : bad;
}

// Silence first: the lines before this are still under way on the console, which is the control domain's work. Once unseen,
// since an operation alone is not what the rounds before it were. Not marked: an account is of whole rounds.
const char *explain(const struct operation *op)
{
    uint64_t ticks;
    usleep(SETTLE_US);
    const char *bad = once(op, false, &ticks);
    if (bad)
        return bad;
    explain_ready();
    usleep(CALM_US);
    bad = once(op, true, &ticks);
    if (!bad)
        printf("BENCH-EXPLAIN name=%s ticks=%lu\n", op->name, (unsigned long)ticks);
    return bad;
}
