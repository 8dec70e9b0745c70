// SPDX-License-Identifier: MIT
// The benchmark guest's operations between a process and its kernel: system call, page fault, fork, pipe.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

// ---- the null system call
static pid_t parent;
static volatile pid_t seen;

static const char *getppid_prepare(unsigned int count)
{
    (void)count;
    parent = getppid();
    return NULL;
}

static const char *getppid_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        seen = syscall(SYS_getppid);
    return NULL;
}

static const char *getppid_check(unsigned int count)
{
    (void)count;
    return seen == parent ? NULL : "getppid did not return the parent";
}

// ---- the page fault: first write to each page of fresh anonymous memory
static char *memory;
static size_t memory_size;

static const char *fault_prepare(unsigned int count)
{
    if (memory)
        munmap(memory, memory_size);
    memory_size = (size_t)count * PAGE;
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fault("mmap");
    // small pages only, and the page tables above them not yet there for all rows alike
    madvise(memory, memory_size, MADV_NOHUGEPAGE);
    return NULL;
}

static const char *fault_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        memory[(size_t)i * PAGE] = 1;
    return NULL;
}

static const char *fault_check(unsigned int count)
{
    static unsigned char present[1 << 16];
    if (count > sizeof present || mincore(memory, memory_size, present))
        return fault("mincore");
    for (unsigned int i = 0; i < count; i++)
        if (!(present[i] & 1) || memory[(size_t)i * PAGE] != 1)
            return "a page written to is not there";
    return NULL;
}

// ---- fork and exit
static unsigned int children;

static const char *fork_run(unsigned int count)
{
    children = 0;
    for (unsigned int i = 0; i < count; i++) {
        int status;
        pid_t child = fork();
        if (!child)
            _exit(42);
        if (child < 0 || waitpid(child, &status, 0) != child)
            return fault("fork or wait");
        children += WIFEXITED(status) && WEXITSTATUS(status) == 42;
    }
    return NULL;
}

static const char *fork_check(unsigned int count) { return children == count ? NULL : "a child did not exit as told"; }

// ---- the pipe round trip, between two processes: a byte there, the byte plus one back
static int there[2], back[2];
static unsigned int trips;

static void echo(void)
{
    unsigned char byte;
    while (read(there[0], &byte, 1) == 1) {
        byte++;
        if (write(back[1], &byte, 1) != 1)
            break;
    }
    _exit(0);
}

static const char *pipe_prepare(unsigned int count)
{
    (void)count;
    if (there[1])
        return NULL;
    if (pipe(there) || pipe(back))
        return fault("pipe");
    pid_t child = fork();
    if (child < 0)
        return fault("fork");
    if (!child) {
        close(there[1]);
        echo();
    }
    return NULL;
}

static const char *pipe_run(unsigned int count)
{
    trips = 0;
    for (unsigned int i = 0; i < count; i++) {
        unsigned char out = i, in;
        if (write(there[1], &out, 1) != 1 || read(back[0], &in, 1) != 1)
            return fault("pipe");
        trips += in == (unsigned char)(out + 1);
    }
    return NULL;
}

static const char *pipe_check(unsigned int count) { return trips == count ? NULL : "a wrong byte came back"; }

// The pipe's first rounds are cheaper: the guest's scheduler takes some 1,500 trips to settle.
const struct operation process_operations[] = {
    { "getppid", 5000, 1, getppid_prepare, getppid_run, getppid_check },
    { "page_fault", 2000, 1, fault_prepare, fault_run, fault_check },
    { "fork_exit", 30, 1, NULL, fork_run, fork_check },
    { "pipe_trip", 500, 4, pipe_prepare, pipe_run, pipe_check },
    { 0 },
};
