// SPDX-License-Identifier: MIT
// The benchmark guest's disk operations: one transfer at a time past the page cache, and fsync.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <unistd.h>

#include "bench.h"

const char *disk_name;
int disk = -1;
static unsigned char *buffer;
static unsigned int turn;    // of writing: contents differ by it

void disk_fill(unsigned char *bytes, size_t size, uint64_t block, unsigned int turn_of)
{
    uint64_t *words = (uint64_t *)bytes;
    for (size_t i = 0; i < size / 8; i++)
        words[i] = (block << 32 ^ turn_of) * 0x9e3779b97f4a7c15 + i;
}

bool disk_filled(const unsigned char *bytes, size_t size, uint64_t block, unsigned int turn_of)
{
    const uint64_t *words = (const uint64_t *)bytes;
    for (size_t i = 0; i < size / 8; i++)
        if (words[i] != (block << 32 ^ turn_of) * 0x9e3779b97f4a7c15 + i)
            return false;
    return true;
}

const char *no_disk(void) { return strcmp(disk_name, "none") ? NULL : "there is no disk"; }

const char *disk_open(uint64_t size)
{
    uint64_t has = 0;
    if (disk >= 0)
        return NULL;
    if ((disk = open(disk_name, O_RDWR | O_DIRECT)) < 0)
        return fault(disk_name);
    if (ioctl(disk, BLKGETSIZE64, &has) || has < size)
        return "the disk is too small";
    return NULL;
}

static const char *ready(size_t size)
{
    const char *bad = disk_open(size);
    if (!bad && !buffer && !(buffer = aligned_alloc(PAGE, size)))
        bad = "no memory";
    return bad;
}

static const char *write_all(unsigned int count, size_t size)
{
    for (unsigned int i = 0; i < count; i++)
        if (pwrite(disk, buffer + i * size, size, (off_t)(i * size)) != (ssize_t)size)
            return fault("write");
    return NULL;
}

static const char *read_all(unsigned int count, size_t size)
{
    for (unsigned int i = 0; i < count; i++)
        if (pread(disk, buffer + i * size, size, (off_t)(i * size)) != (ssize_t)size)
            return fault("read");
    return NULL;
}

static const char *prepare_write(unsigned int count, size_t size)
{
    const char *bad = ready(count * size);
    turn++;
    for (unsigned int i = 0; !bad && i < count; i++)
        disk_fill(buffer + i * size, size, i, turn);
    return bad;
}

static const char *check_read(unsigned int count, size_t size)
{
    for (unsigned int i = 0; i < count; i++)
        if (!disk_filled(buffer + i * size, size, i, turn))
            return "a block did not hold what was written to it";
    return NULL;
}

static const char *check_write(unsigned int count, size_t size)
{
    memset(buffer, 0, count * size);
    const char *bad = read_all(count, size);
    return bad ? bad : check_read(count, size);
}

static const char *prepare_read(unsigned int count, size_t size)
{
    if (disk < 0) {    // nothing written yet
        const char *bad = prepare_write(count, size);
        if (bad || (bad = write_all(count, size)))
            return bad;
    }
    memset(buffer, 0, count * size);
    return NULL;
}

#define SIZED(NAME, SIZE) \
    static const char *prepare_read_##NAME(unsigned int count) { return prepare_read(count, SIZE); } \
    static const char *prepare_write_##NAME(unsigned int count) { return prepare_write(count, SIZE); } \
    static const char *read_##NAME(unsigned int count) { return read_all(count, SIZE); } \
    static const char *write_##NAME(unsigned int count) { return write_all(count, SIZE); } \
    static const char *check_read_##NAME(unsigned int count) { return check_read(count, SIZE); } \
    static const char *check_write_##NAME(unsigned int count) { return check_write(count, SIZE); }
SIZED(4k, PAGE)
SIZED(64k, 16 * PAGE)

// ---- fsync: a write into the page cache, and the wait until the disk has it
static int cached = -1;

static const char *fsync_prepare(unsigned int count)
{
    if (cached < 0 && (cached = open(disk_name, O_RDWR)) < 0)
        return fault(disk_name);
    return prepare_write(count, PAGE);
}

static const char *fsync_run(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (pwrite(cached, buffer + (size_t)i * PAGE, PAGE, (off_t)i * PAGE) != PAGE || fsync(cached))
            return fault("write or fsync");
    return NULL;
}

const struct operation disk_operations[] = {
    { "read_4k", 100, 1, .prepare = prepare_read_4k, .run = read_4k, .check = check_read_4k, .absent = no_disk },
    { "write_4k", 100, 1, .prepare = prepare_write_4k, .run = write_4k, .check = check_write_4k, .absent = no_disk },
    { "read_64k", 10, 1, .prepare = prepare_read_64k, .run = read_64k, .check = check_read_64k, .absent = no_disk },
    { "write_64k", 10, 1, .prepare = prepare_write_64k, .run = write_64k, .check = check_write_64k, .absent = no_disk },
    { "fsync", 25, 1, .prepare = fsync_prepare, .run = fsync_run, .check = check_write_4k, .absent = no_disk },
    { 0 },
};
