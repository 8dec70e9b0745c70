/* SPDX-License-Identifier: MIT */
/* Counts allocations down to the one that is to fail. */
#include "mem/alloc_fault.h"

#include "lib/bitops.h"
#include "lib/lib.h"

#ifndef NDEBUG

static volatile u64 left;                      /* atomic */
static const void *volatile failed_for;

bool alloc_must_fail(const void *caller)
{
    u64 n = left, seen;

    for (; n; n = seen) {
        seen = cmpxchg(&left, n, n - 1);
        if (seen == n)
            break;
    }
    if (n == 1)
        failed_for = caller;
    return n == 1;
}

void alloc_fail_at(u64 n) { left = n; }
u64 alloc_fail_left(void) { return left; }
const void *alloc_failed_for(void) { return failed_for; }

#endif
