/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 hvm64 hvm32
// xl: memory=32 maxmem=96
/* A kernel that gives nothing back and writes to all the memory it is told of. */
#include "lib/crash.h"
#include "lib/guest.h"

CRASH_TEST(
    for (unsigned long at = 0x500000; at < 0x5f00000; at += 4096)
        *(volatile unsigned long *)at = at;
)
