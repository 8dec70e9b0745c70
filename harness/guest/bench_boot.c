// SPDX-License-Identifier: MIT
// How long the boot took, by the kernel's own clock, which begins where the kernel is unpacked and has found a clock: a guest
// cannot know more. /init notes it with "bench clock" and passes it on in the environment.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PROCESS "BENCH_FIRST_PROCESS"    // nanoseconds, each of them
#define READ "BENCH_FIRST_READ"

int boot_clock(const char *disk_or_null)
{
    if (disk_or_null) {
        int file = open(disk_or_null, O_RDONLY | O_DIRECT);
        void *block = aligned_alloc(PAGE, PAGE);
        if (file < 0 || !block || read(file, block, PAGE) != PAGE)
            return fprintf(stderr, "bench: %s\n", fault(disk_or_null)), 1;
    }
    return printf("%lu\n", (unsigned long)nanoseconds(CLOCK_BOOTTIME)), 0;
}

static uint64_t noted(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

static const char *no_process(void) { return noted(PROCESS) ? NULL : "its time was not noted"; }
static const char *no_read(void) { return noted(READ) ? NULL : "its time was not noted, or there is no disk"; }

static const char *run(unsigned int count)
{
    (void)count;
    return NULL;
}

static uint64_t process_cost(uint64_t ticks) { (void)ticks; return (uint64_t)((double)noted(PROCESS) * tick_rate()); }
static uint64_t read_cost(uint64_t ticks) { (void)ticks; return (uint64_t)((double)noted(READ) * tick_rate()); }

const struct operation boot_operations[] = {
    { "boot_process", 1, 0, .run = run, .absent = no_process, .cost = process_cost, .once = true },
    { "boot_read", 1, 0, .run = run, .absent = no_read, .cost = read_cost, .once = true },
    { 0 },
};
