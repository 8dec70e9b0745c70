// SPDX-License-Identifier: MIT
// The benchmark guest's operations on memory: page faults of four kinds, and what changes a process's mappings.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static char *memory;
static size_t memory_size;

// Fresh anonymous memory in place of what there was, in small pages.
static const char *fresh(unsigned int pages)
{
    if (memory)
        munmap(memory, memory_size);
    memory_size = (size_t)pages * PAGE;
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fault("mmap");
    madvise(memory, memory_size, MADV_NOHUGEPAGE);
    return NULL;
}

// A first write to each page.
static const char *touch(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        memory[(size_t)i * PAGE] = 1;
    return NULL;
}

static const char *touched(unsigned int count)
{
    static unsigned char present[1 << 16];
    if (count > sizeof present || mincore(memory, memory_size, present))
        return fault("mincore");
    for (unsigned int i = 0; i < count; i++)
        if (!(present[i] & 1) || memory[(size_t)i * PAGE] != 1)
            return "a page written to is not there";
    return NULL;
}

// ---- a file's pages, which are in memory and not in this process's page tables
static int file = -1;

static const char *file_prepare(unsigned int count)
{
    if (file < 0) {
        if ((file = memfd_create("bench", 0)) < 0 || ftruncate(file, (off_t)count * PAGE))
            return fault("memfd_create");
        for (unsigned int i = 0; i < count; i++)
            if (pwrite(file, &i, sizeof i, (off_t)i * PAGE + 8) != sizeof i)
                return fault("write");
    }
    if (memory)
        munmap(memory, memory_size);
    memory_size = (size_t)count * PAGE;
    memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return memory == MAP_FAILED ? fault("mmap") : NULL;
}

static const char *file_check(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct { char written, filling[7]; unsigned int number; } page;
        if (pread(file, &page, sizeof page, (off_t)i * PAGE) != sizeof page || page.written != 1 || page.number != i)
            return "a page of the file does not hold what was written";
    }
    return NULL;
}

// ---- copy on write: a child has the same pages, and looks in the end whether it still has the old ones
static int go[2] = { -1, -1 };
static pid_t witness;

static void testify(unsigned int count)
{
    char byte;
    close(go[1]);
    if (read(go[0], &byte, 1) != 0)
        _exit(1);
    for (unsigned int i = 0; i < count; i++)
        if (memory[(size_t)i * PAGE] != 2)
            _exit(1);
    _exit(42);
}

static const char *cow_prepare(unsigned int count)
{
    const char *bad = fresh(count);
    if (bad)
        return bad;
    for (unsigned int i = 0; i < count; i++)
        memory[(size_t)i * PAGE] = 2;
    if (pipe(go) || (witness = fork()) < 0)
        return fault("fork");
    if (!witness)
        testify(count);
    close(go[0]);
    return NULL;
}

static const char *cow_check(unsigned int count)
{
    int status;
    close(go[1]);
    if (waitpid(witness, &status, 0) != witness || !WIFEXITED(status) || WEXITSTATUS(status) != 42)
        return "the other process no longer has its pages";
    return touched(count);
}

// ---- mmap of 16 pages, a write to one of them, munmap: between two pages that stay, so that the page tables above are
// there as they are between a program's libraries
#define MAPPED (16 * PAGE)
#define SPAN (2 << 20)    // of one page table
static char *hole;

static const char *mmap_prepare(unsigned int count)
{
    (void)count;
    if (hole)
        return NULL;
    char *area = mmap(NULL, 2 * SPAN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return fault("mmap");
    madvise(area, 2 * SPAN, MADV_NOHUGEPAGE);
    hole = (char *)(((uintptr_t)area + SPAN - 1) & -(uintptr_t)SPAN) + SPAN / 2;
    hole[-1] = hole[MAPPED] = 1;
    return munmap(hole, MAPPED) ? fault("munmap") : NULL;
}

static const char *mmap_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        if (mmap(hole, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != hole)
            return fault("mmap");
        *hole = 1;
        if (munmap(hole, MAPPED))
            return fault("munmap");
    }
    return NULL;
}

static const char *mmap_check(unsigned int count)
{
    unsigned char present[MAPPED / PAGE];
    (void)count;
    return mincore(hole, MAPPED, present) && errno == ENOMEM ? NULL : "what was unmapped is still there";
}

// ---- mprotect of 16 pages that are there: read only, and writable again, by turns
static sigjmp_buf out;

static void refused(int number) { siglongjmp(out, number); }

static bool writable(void)
{
    struct sigaction on = { .sa_handler = refused }, old;
    volatile bool can = false;
    sigaction(SIGSEGV, &on, &old);
    if (!sigsetjmp(out, 1)) {
        *(volatile char *)memory = 1;
        can = true;
    }
    sigaction(SIGSEGV, &old, NULL);
    return can;
}

static const char *protect_prepare(unsigned int count)
{
    const char *bad = fresh(MAPPED / PAGE);
    (void)count;
    return bad ? bad : touch(MAPPED / PAGE);
}

static const char *protect_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (mprotect(memory, MAPPED, i & 1 ? PROT_READ | PROT_WRITE : PROT_READ))
            return fault("mprotect");
    return NULL;
}

static const char *protect_check(unsigned int count)
{
    if (writable() == (count & 1))
        return "the last mprotect had no effect";
    protect_run(1);
    return writable() ? "mprotect to read only had no effect" : NULL;
}

const struct operation memory_operations[] = {
    { "page_fault", 2000, 1, .prepare = fresh, .run = touch, .check = touched },
    { "file_fault", 1000, 1, .prepare = file_prepare, .run = touch, .check = file_check },
    { "copy_on_write", 500, 1, .prepare = cow_prepare, .run = touch, .check = cow_check },
    { "mmap_munmap", 200, 1, .prepare = mmap_prepare, .run = mmap_run, .check = mmap_check },
    { "mprotect", 500, 1, .prepare = protect_prepare, .run = protect_run, .check = protect_check },
    { 0 },
};
