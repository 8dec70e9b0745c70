// SPDX-License-Identifier: MIT
// One load as a whole: a command is run between two marks and two readings of the TSC, silently, and its cost is a line as the
// benchmark's own (harness/guest/bench.c), of one round and one operation.
//   load probe                            says whether marks can be made: "BENCH-MARKS yes" or "no"
//   load NUMBER NAME OUTPUT COMMAND...    COMMAND with its output in the file OUTPUT; its exit status, 128 and more by a signal
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define SETTLE_US 200000    // for the lines before this to be printed on the console, which is another domain's work

enum mark { MARK_PROBE, MARK_BEGIN, MARK_END };
static sigjmp_buf no_mark;

static void illegal(int number) { siglongjmp(no_mark, number); }

static void mark(enum mark what, unsigned long operation)
{
    asm volatile("vmmcall" :: "a" ((unsigned long)what), "D" (operation) : "memory", "cc");
}

// VMMCALL in user mode is an illegal instruction where no Prism runs.
static bool marks(void)
{
    struct sigaction on = { .sa_handler = illegal }, old;
    volatile bool taken = false;
    sigaction(SIGILL, &on, &old);
    if (!sigsetjmp(no_mark, 1)) {
        mark(MARK_PROBE, 0);
        taken = true;
    }
    sigaction(SIGILL, &old, NULL);
    return taken;
}

static void become(const char *output, char **command)
{
    int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644), nothing = open("/dev/null", O_RDONLY);
    if (file < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(file, 1) < 0 || dup2(file, 2) < 0)
        _exit(126);
    execvp(*command, command);
    _exit(127);
}

// The command and all that it has waited for; a background process of its own would go on behind the second mark.
static int run(unsigned long number, const char *name, const char *output, char **command)
{
    bool marked = marks();
    int status = -1;
    usleep(SETTLE_US);
    if (marked)
        mark(MARK_BEGIN, number);
    unsigned long start = __rdtsc();
    pid_t child = fork();
    if (!child)
        become(output, command);
    bool waited = child > 0 && waitpid(child, &status, 0) == child;
    unsigned long ticks = __rdtsc() - start;
    if (marked)
        mark(MARK_END, number);
    if (!waited)
        return 125;
    if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
    if (!WEXITSTATUS(status))
        printf("BENCH name=%s round=0 operations=1 ticks=%lu mark=%lu\n", name, ticks, number);
    return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "probe"))
        return printf("BENCH-MARKS %s\n", marks() ? "yes" : "no"), 0;
    if (argc < 5)
        return fprintf(stderr, "usage: load probe, load NUMBER NAME OUTPUT COMMAND...\n"), 2;
    return run(strtoul(argv[1], NULL, 0), argv[2], argv[3], argv + 4);
}
