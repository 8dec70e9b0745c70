// SPDX-License-Identifier: MIT
// The benchmark guest: instructions per operation, read off the TSC, which on the emulated machine counts them. Each
// operation is warmed up, then measured in rounds; what it claims to have done is checked. One line a round:
//   BENCH name=getppid round=0 operations=2000 ticks=678123 mark=0
// mark: the number by which the ledger knows the operation.
// And at the end of an operation one of "BENCH-OK name=...", "BENCH-FAIL name=... reason=...", "BENCH-ABSENT name=... reason=...".
//   bench DISK PEER [quick]     measures; "none" where there is no disk, or no other side of a network
//   bench echo                  the other side of the network
//   bench now                   prints the TSC
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

#define ROUNDS 5
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

static void probe_marks(void)
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

// Nothing is printed before the last round: where the console is another domain's work, it would be measured too.
static const char *measure(const struct operation *op, unsigned int number, unsigned int rounds)
{
    const char *bad = NULL;
    uint64_t ticks[ROUNDS];
    usleep(SETTLE_US);
    for (int round = -(int)op->warm; !bad && round < (int)rounds; round++) {
        if (op->prepare && (bad = op->prepare(op->count)))
            break;
        if (round >= 0)
            mark(MARK_BEGIN, number);
        uint64_t start = __rdtsc();
        bad = op->run(op->count);
        uint64_t taken = __rdtsc() - start;
        if (round >= 0)
            mark(MARK_END, number);
        if (!bad)
            bad = op->check(op->count);
        if (round >= 0)
            ticks[round] = taken;
    }
    for (unsigned int round = 0; !bad && round < rounds; round++)
        printf("BENCH name=%s round=%u operations=%u ticks=%lu mark=%u\n", op->name, round, op->count,
               (unsigned long)ticks[round], number);
    return bad;
}

// Each operation of a group, numbered from `first`; how many failed. missing: why none of them can be done, or NULL.
static unsigned int group(const struct operation *op, unsigned int first, unsigned int rounds, const char *missing)
{
    unsigned int failed = 0;
    for (; op->name; op++) {
        const char *bad = missing ? NULL : measure(op, first++, rounds);
        if (missing)
            printf("BENCH-ABSENT name=%s reason=%s\n", op->name, missing);
        else if (bad)
            printf("BENCH-FAIL name=%s reason=%s\n", op->name, bad);
        else
            printf("BENCH-OK name=%s\n", op->name);
        failed += bad != NULL;
    }
    return failed;
}

static bool none(const char *word) { return !strcmp(word, "none"); }

int main(int argc, char **argv)
{
    uint64_t since_power_on = __rdtsc();
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && !strcmp(argv[1], "now"))
        return printf("%lu\n", (unsigned long)since_power_on), 0;
    if (argc == 2 && !strcmp(argv[1], "echo"))
        return net_echo();
    if (argc < 3)
        return printf("usage: bench DISK|none PEER|none [quick], bench echo, bench now\n"), 2;
    unsigned int rounds = argc > 3 && !strcmp(argv[3], "quick") ? 1 : ROUNDS;
    disk_name = argv[1];
    peer_address = argv[2];
    printf("BENCH-START tsc=%lu disk=%s peer=%s\n", (unsigned long)since_power_on, disk_name, peer_address);
    probe_marks();
    unsigned int failed = group(process_operations, 0, rounds, NULL);
    failed += group(disk_operations, 8, rounds, none(disk_name) ? "there is no disk" : NULL);
    failed += group(net_operations, 16, rounds, none(peer_address) ? "there is no network" : NULL);
    printf("BENCH-END failed=%u\n", failed);
    return failed != 0;
}
