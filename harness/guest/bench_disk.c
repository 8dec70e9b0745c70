// SPDX-License-Identifier: MIT
// The benchmark guest's disk operations: 4 KiB at a time past the page cache.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <unistd.h>

#include "bench.h"

// Each block's contents follow from its number and the write's turn.
const char *disk_name;
static int disk = -1;
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

const struct operation disk_operations[] = {
    { "read_4k", 100, 1, read_prepare, read_run, read_check },
    { "write_4k", 100, 1, write_prepare, write_run, write_check },
    { 0 },
};
