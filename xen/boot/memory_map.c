/* SPDX-License-Identifier: MIT */
/* Is the loader's memory map one to build on? Pure. */
#include "boot/boot.h"
#include "lib/lib.h"

static void sort(struct memory_range *ranges, u32 count)
{
    for (u32 i = 1; i < count; i++) {
        struct memory_range r = ranges[i];
        u32 at = i;

        for (; at > 0 && ranges[at - 1].start > r.start; at--)
            ranges[at] = ranges[at - 1];
        ranges[at] = r;
    }
}

const char *memory_map_check(struct memory_range *ranges, u32 *count, char *reason, size_t size)
{
    u32 n = 0;
    bool ram = false;

    for (u32 i = 0; i < *count; i++) {
        if (ranges[i].length == 0)
            continue;
        if (ranges[i].start + ranges[i].length - 1 < ranges[i].start) {
            snprintf(reason, size, "the range at %#lx with length %#lx goes past the end of addresses", ranges[i].start,
                     ranges[i].length);
            return reason;
        }
        ram = ram || ranges[i].type == MEM_RAM;
        ranges[n++] = ranges[i];
    }
    *count = n;
    if (!ram) {
        snprintf(reason, size, "it names no RAM");
        return reason;
    }
    sort(ranges, n);
    for (u32 i = 1; i < n; i++)
        if (ranges[i].start - ranges[i - 1].start < ranges[i - 1].length) {
            snprintf(reason, size, "the ranges %#lx-%#lx and %#lx-%#lx overlap", ranges[i - 1].start,
                     ranges[i - 1].start + ranges[i - 1].length - 1, ranges[i].start,
                     ranges[i].start + ranges[i].length - 1);
            return reason;
        }
    return NULL;
}
