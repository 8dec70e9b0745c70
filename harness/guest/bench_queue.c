// SPDX-License-Identifier: MIT
// The benchmark guest's disk operations with 32 requests under way: 4 KiB each, past the page cache, by the kernel's
// asynchronous I/O. As one is answered the next is given.
#define _GNU_SOURCE
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define DEPTH 32

static unsigned char *buffer;
static aio_context_t queue;
static unsigned int answered, turn;

static const char *ready(unsigned int count)
{
    const char *bad = disk_open((uint64_t)count * PAGE);
    if (!bad && !buffer && !(buffer = aligned_alloc(PAGE, (size_t)count * PAGE)))
        bad = "no memory";
    if (!bad && !queue && syscall(SYS_io_setup, DEPTH, &queue))
        bad = fault("io_setup");
    return bad;
}

static const char *give(unsigned int block, int what)
{
    struct iocb request = { .aio_lio_opcode = what, .aio_fildes = disk, .aio_buf = (uintptr_t)(buffer + (size_t)block * PAGE),
                            .aio_nbytes = PAGE, .aio_offset = (int64_t)block * PAGE }, *one = &request;
    return syscall(SYS_io_submit, queue, 1, &one) == 1 ? NULL : fault("io_submit");
}

static const char *transfer(unsigned int count, int what)
{
    struct io_event events[DEPTH];
    unsigned int given = 0;
    const char *bad = NULL;
    for (answered = 0; !bad && answered < count;) {
        while (!bad && given < count && given - answered < DEPTH)
            bad = give(given++, what);
        long got = bad ? 0 : syscall(SYS_io_getevents, queue, 1, DEPTH, events, NULL);
        if (got < 0)
            bad = fault("io_getevents");
        for (long i = 0; i < got; i++)
            if (events[i].res != PAGE)
                bad = "a request failed";
        answered += got > 0 ? (unsigned int)got : 0;
    }
    return bad;
}

static const char *read_run(unsigned int count) { return transfer(count, IOCB_CMD_PREAD); }
static const char *write_run(unsigned int count) { return transfer(count, IOCB_CMD_PWRITE); }

static const char *write_prepare(unsigned int count)
{
    const char *bad = ready(count);
    turn++;
    for (unsigned int i = 0; !bad && i < count; i++)
        disk_fill(buffer + (size_t)i * PAGE, PAGE, i, turn);
    return bad;
}

static const char *read_check(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (!disk_filled(buffer + (size_t)i * PAGE, PAGE, i, turn))
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
    if (!queue) {    // nothing written yet
        const char *bad = write_prepare(count);
        if (bad || (bad = write_run(count)))
            return bad;
    }
    memset(buffer, 0, (size_t)count * PAGE);
    return NULL;
}

const struct operation queue_operations[] = {
    { "read_4k_q32", 128, 1, .prepare = read_prepare, .run = read_run, .check = read_check, .absent = no_disk },
    { "write_4k_q32", 128, 1, .prepare = write_prepare, .run = write_run, .check = write_check, .absent = no_disk },
    { 0 },
};
