/* SPDX-License-Identifier: MIT */
/* A second vCPU's store that a mapping may not allow: TRY is for one vCPU at a time. */
#include "lib/guest.h"

extern u8 store_at[], store_past[];

/* As if the store had not been there. */
static bool step_over(struct trap_frame *frame)
{
    if (frame->vector != 14 || frame->rip != (u64)store_at)
        return false;
    frame->rip = (u64)store_past;
    return true;
}

void allow_faulting_stores(void)
{
    trap_hook = step_over;
}

/* noinline: the labels may be there once. */
__attribute__((__noinline__)) bool store_unless_fault(u64 *word, u64 value)
{
    u64 stored = 0;

    asm volatile(".globl store_at, store_past\nstore_at: mov %1, (%2)\nmov $1, %k0\nstore_past:"
                 : "+r" (stored) : "r" (value), "r" (word) : "memory");
    return stored;
}
