// SPDX-License-Identifier: MIT
// The benchmark guest: instructions per operation, read off the TSC, which on the emulated machine counts them. One line a
// round that counts:
//   BENCH name=getppid round=0 operations=2000 ticks=678123 mark=0
// mark: the number by which the ledger knows the operation, if it does. And at the end of an operation one of "BENCH-OK
// name=...", "BENCH-FAIL name=... reason=...", "BENCH-ABSENT name=... reason=..."; the first says steady=yes or steady=no where
// there were rounds enough to know.
//   bench DISK PEER [quick|explain] [only=NAME,NAME]    measures; "none" where there is no disk, or no other side of a network
//   bench list                                  the operations, with the number that each is marked with
//   bench echo                                  the other side of the network
//   bench now                                   prints the TSC
//   bench clock [DISK]                          prints the kernel's clock, after reading the first block of that disk
//   bench exit                                  does nothing: what fork_exec executes
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"

// The order of a run. A mark has an operation's number: its group's first, and its place in the group.
static const struct group { const struct operation *operations; unsigned int first; } groups[] = {
    { syscall_operations, 0x00 }, { memory_operations, 0x10 }, { process_operations, 0x20 }, { switch_operations, 0x28 },
    { time_operations, 0x30 }, { platform_operations, 0x38 }, { disk_operations, 0x40 }, { queue_operations, 0x48 },
    { net_operations, 0x50 }, { boot_operations, 0x58 },
};
#define GROUPS (sizeof groups / sizeof *groups)

// only: names with commas or plus signs between them, or NULL: all; explained: one execution is watched (bench_explain.c)
struct run { const char *only; unsigned int rounds; bool explained; };

// Whether a list of names holds one; the list ends where the word ends.
static bool listed(const char *list, const char *name, size_t length)
{
    for (;; list++) {
        size_t word = strcspn(list, ",+");
        if (word == length && !strncmp(list, name, length))
            return true;
        if (!*(list += word))
            return false;
    }
}

static bool chosen(const struct run *run, const struct operation *op)
{
    return !run->only || listed(run->only, op->name, strlen(op->name));
}

static bool exists(const char *name, size_t length)
{
    for (unsigned int i = 0; i < GROUPS; i++)
        for (const struct operation *op = groups[i].operations; op->name; op++)
            if (strlen(op->name) == length && !strncmp(op->name, name, length))
                return true;
    return false;
}

// In a process of its own; its exit status.
static int perform(const struct operation *op, unsigned int number, const struct run *run)
{
    bool settled;
    const char *why = op->absent ? op->absent() : NULL;
    if (why)
        return printf("BENCH-ABSENT name=%s reason=%s\n", op->name, why), 0;
    if ((why = measure(op, number, op->once ? 1 : run->rounds, &settled)) || (run->explained && (why = explain(op))))
        return printf("BENCH-FAIL name=%s reason=%s\n", op->name, why), 1;
    const char *steady = run->rounds < ROUNDS || op->once ? "" : settled ? " steady=yes" : " steady=no";
    return printf("BENCH-OK name=%s%s\n", op->name, steady), 0;
}

static bool failed(const struct operation *op, unsigned int number, const struct run *run)
{
    int status;
    pid_t child = fork();
    if (!child) {
        status = perform(op, number, run);
        fflush(stdout);
        _exit(status);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        printf("BENCH-FAIL name=%s reason=%s\n", op->name, fault("fork"));
    else if (WIFSIGNALED(status))
        printf("BENCH-FAIL name=%s reason=ended by signal %d\n", op->name, WTERMSIG(status));
    else
        return WEXITSTATUS(status) != 0;
    return true;
}

static int bench(const struct run *run, uint64_t since_power_on)
{
    unsigned int failures = 0;
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof first, &first);    // where there are more, an operation that needs another CPU takes it
    printf("BENCH-START tsc=%lu disk=%s peer=%s\n", (unsigned long)since_power_on, disk_name, peer_address);
    probe_marks();
    for (unsigned int i = 0; i < GROUPS; i++)
        for (const struct operation *op = groups[i].operations; op->name; op++)
            if (chosen(run, op))
                failures += failed(op, groups[i].first + (unsigned int)(op - groups[i].operations), run);
    printf("BENCH-END failed=%u\n", failures);
    return failures != 0;
}

static int list(void)
{
    for (unsigned int i = 0; i < GROUPS; i++)
        for (const struct operation *op = groups[i].operations; op->name; op++)
            printf("%u %s\n", groups[i].first + (unsigned int)(op - groups[i].operations), op->name);
    return 0;
}

// The words behind DISK and PEER. An empty one says nothing: a script's word that was not given. False: one is wrong.
static bool understood(struct run *run, char **words)
{
    for (; *words; words++)
        if (!strcmp(*words, "quick"))
            run->rounds = 1;
        else if (!strcmp(*words, "explain"))
            *run = (struct run){ run->only, 1, true };
        else if (!strncmp(*words, "only=", 5))
            run->only = *words + 5;
        else if (**words)
            return printf("bench: what is %s?\n", *words), false;
    for (const char *at = run->only; at; at = *at ? at + 1 : NULL) {
        size_t length = strcspn(at, ",+");
        if (!exists(at, length))
            return printf("bench: there is no operation %.*s; bench list shows them\n", (int)length, at), false;
        at += length;
        if (!*at)
            break;
    }
    return true;
}

int main(int argc, char **argv)
{
    uint64_t since_power_on = __rdtsc();
    const char *verb = argc > 1 ? argv[1] : "";
    struct run run = { NULL, ROUNDS, false };
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && !strcmp(verb, "exit"))
        return 43;
    if (argc == 2 && !strcmp(verb, "now"))
        return printf("%lu\n", (unsigned long)since_power_on), 0;
    if (argc == 2 && !strcmp(verb, "list"))
        return list();
    if (argc == 2 && !strcmp(verb, "echo"))
        return net_echo();
    if ((argc == 2 || argc == 3) && !strcmp(verb, "clock"))
        return boot_clock(argv[2]);
    if (argc < 3)
        return printf("usage: bench DISK|none PEER|none [quick|explain] [only=NAME,NAME], bench list|echo|now|clock [DISK]|exit\n"), 2;
    disk_name = argv[1];
    peer_address = argv[2];
    return understood(&run, argv + 3) ? bench(&run, since_power_on) : 2;
}
