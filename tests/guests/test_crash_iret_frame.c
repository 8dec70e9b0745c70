/* SPDX-License-Identifier: MIT */
/* The iret hypercall with a frame that asks for ring 0, Prism's code segment and a non-canonical address. */
#include "lib/crash.h"
#include "lib/guest.h"

static u64 frame[9] = { 0, 0, 0, 0, 0x8000000000000000UL, 0xe008, 0x3202, 0x8000000000000000UL, 0xe010 };

CRASH_TEST(CALL3(set_callbacks, 0, 0, 0);
           asm volatile("mov %0, %%rsp; mov $23, %%eax; syscall" :: "r" (frame) : "memory");)
