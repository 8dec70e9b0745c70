// SPDX-License-Identifier: MIT
// The benchmark guest: instructions per operation, read off the TSC, which on the emulated machine counts them. Each
// operation is warmed up, then measured in rounds; what it claims to have done is checked. One line a round:
//   BENCH name=getppid round=0 operations=2000 ticks=678123
// and at the end of an operation either "BENCH-OK name=..." or "BENCH-FAIL name=... reason=...".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/fs.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE 4096
#define ROUNDS 5

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

// An operation: run() does it n times and returns NULL or what went wrong; check() is asked afterwards.
struct operation {
    const char *name;
    unsigned int count;
    const char *(*prepare)(unsigned int count);
    const char *(*run)(unsigned int count);
    const char *(*check)(unsigned int count);
};

static const char *fault(const char *what)
{
    static char text[160];
    snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    return text;
}

// ---- the null system call
static pid_t parent;
static volatile pid_t seen;

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

// ---- disk: 4 KiB at a time past the page cache. Each block's contents follow from its number and the write's turn.
static int disk = -1;
static const char *disk_name;
static unsigned char *buffer;
static unsigned int turn;

static void fill(unsigned char *page, uint64_t block)
{
    uint64_t *words = (uint64_t *)page;
    for (unsigned int i = 0; i < PAGE / 8; i++)
        words[i] = (block << 32 ^ turn) * 0x9e3779b97f4a7c15 + i;
}

static bool filled(const unsigned char *page, uint64_t block)
{
    static unsigned char expected[PAGE] __attribute__((aligned(8)));
    fill(expected, block);
    return !memcmp(page, expected, PAGE);
}

static const char *disk_open(unsigned int count)
{
    uint64_t size = 0;
    if (disk >= 0)
        return NULL;
    if (!disk_name || !strcmp(disk_name, "none"))
        return "there is no disk";
    if ((disk = open(disk_name, O_RDWR | O_DIRECT)) < 0)
        return fault(disk_name);
    if (ioctl(disk, BLKGETSIZE64, &size) || size < (uint64_t)count * PAGE)
        return "the disk is too small";
    void *pages;
    if (posix_memalign(&pages, PAGE, (size_t)count * PAGE))
        return "no memory";
    buffer = pages;
    return NULL;
}

static const char *write_prepare(unsigned int count)
{
    const char *bad = disk_open(count);
    turn++;
    for (unsigned int i = 0; !bad && i < count; i++)
        fill(buffer + (size_t)i * PAGE, i);
    return bad;
}

static const char *write_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (pwrite(disk, buffer + (size_t)i * PAGE, PAGE, (off_t)i * PAGE) != PAGE)
            return fault("write");
    return NULL;
}

static const char *read_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (pread(disk, buffer + (size_t)i * PAGE, PAGE, (off_t)i * PAGE) != PAGE)
            return fault("read");
    return NULL;
}

static const char *read_check(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (!filled(buffer + (size_t)i * PAGE, i))
            return "a block did not hold what was written to it";
    return NULL;
}

static const char *write_check(unsigned int count)
{
    memset(buffer, 0, (size_t)count * PAGE);
    const char *bad = read_run(count);
    return bad ? bad : read_check(count);
}

static const char *read_prepare(unsigned int count)
{
    if (disk < 0) {   // nothing written yet
        const char *bad = write_prepare(count);
        if (bad || (bad = write_run(count)))
            return bad;
    }
    memset(buffer, 0, (size_t)count * PAGE);
    return NULL;
}

static const struct operation operations[] = {
    { "getppid", 5000, NULL, getppid_run, getppid_check },
    { "page_fault", 2000, fault_prepare, fault_run, fault_check },
    { "fork_exit", 30, NULL, fork_run, fork_check },
    { "pipe_trip", 500, pipe_prepare, pipe_run, pipe_check },
    { "read_4k", 100, read_prepare, read_run, read_check },
    { "write_4k", 100, write_prepare, write_run, write_check },
};

static bool measure(const struct operation *op, unsigned int number, unsigned int rounds, unsigned int count)
{
    const char *bad = NULL;
    // round -1 warms up; only the others are reported
    for (int round = -1; !bad && round < (int)rounds; round++) {
        if (op->prepare && (bad = op->prepare(count)))
            break;
        mark(MARK_BEGIN, number);
        uint64_t start = __rdtsc();
        bad = op->run(count);
        uint64_t ticks = __rdtsc() - start;
        mark(MARK_END, number);
        if (!bad)
            bad = op->check(count);
        if (!bad && round >= 0)
            printf("BENCH name=%s round=%d operations=%u ticks=%lu\n", op->name, round, count, (unsigned long)ticks);
    }
    if (bad)
        printf("BENCH-FAIL name=%s reason=%s\n", op->name, bad);
    else
        printf("BENCH-OK name=%s\n", op->name);
    return !bad;
}

int main(int argc, char **argv)
{
    unsigned int failed = 0;
    bool quick = argc > 2 && !strcmp(argv[2], "quick");
    uint64_t since_power_on = __rdtsc();
    setvbuf(stdout, NULL, _IOLBF, 0);
    disk_name = argc > 1 ? argv[1] : NULL;
    parent = getppid();
    printf("BENCH-START tsc=%lu disk=%s\n", (unsigned long)since_power_on, disk_name ? disk_name : "none");
    probe_marks();
    for (unsigned int i = 0; i < sizeof operations / sizeof *operations; i++) {
        const struct operation *op = &operations[i];
        failed += !measure(op, i, quick ? 1 : ROUNDS, op->count);
    }
    printf("BENCH-END failed=%u\n", failed);
    return failed != 0;
}
