/* SPDX-License-Identifier: MIT */
/* A trap with a stack pointer that is not canonical cannot be delivered: the guest is crashed. */
#include "lib/crash.h"
#include "lib/guest.h"

CRASH_TEST(asm volatile("mov %0, %%rsp; ud2" :: "r" (0x8000000000000000UL));)
