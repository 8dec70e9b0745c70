// SPDX-License-Identifier: MIT
// The benchmark guest's operations that make a process: the parent has 8 MiB in small pages.
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MAPPED (8 << 20)

static char *memory;
static unsigned int children;
static char *const words[] = { "bench", "exit", NULL };

static const char *prepare(unsigned int count)
{
    (void)count;
    children = 0;
    if (memory)
        return NULL;
    memory = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fault("mmap");
    madvise(memory, MAPPED, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < MAPPED; at += PAGE)
        memory[at] = 1;
    return NULL;
}

static bool ended(pid_t child, int with)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    children += WIFEXITED(status) && WEXITSTATUS(status) == with;
    return true;
}

static const char *fork_exit_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        pid_t child = fork();
        if (!child)
            _exit(42);
        if (!ended(child, 42))
            return fault("fork or wait");
    }
    return NULL;
}

static const char *fork_exec_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        pid_t child = fork();
        if (!child) {
            execv("/proc/self/exe", words);
            _exit(1);
        }
        if (!ended(child, 43))
            return fault("fork or wait");
    }
    return NULL;
}

static const char *vfork_exec_run(unsigned int count)
{
    for (volatile unsigned int i = 0; i < count; i++) {
        pid_t child = vfork();
        if (!child) {
            execv("/proc/self/exe", words);
            _exit(1);
        }
        if (!ended(child, 43))
            return fault("vfork or wait");
    }
    return NULL;
}

static const char *check(unsigned int count) { return children == count ? NULL : "a child did not exit as told"; }

const struct operation process_operations[] = {
    { "fork_exit", 30, 1, .prepare = prepare, .run = fork_exit_run, .check = check },
    { "fork_exec", 10, 1, .prepare = prepare, .run = fork_exec_run, .check = check },
    { "vfork_exec", 10, 1, .prepare = prepare, .run = vfork_exec_run, .check = check },
    { 0 },
};
