/* SPDX-License-Identifier: MIT */
/* Zeroing frames through the direct map. */
#include "mem/frame.h"

void frames_zero(mfn_t first, unsigned long n)
{
    void *p = mfn_to_virt(first);
    unsigned long words = n * (PAGE_SIZE / 8);

    asm volatile("rep stosq" : "+D" (p), "+c" (words) : "a" (0UL) : "memory");
}
