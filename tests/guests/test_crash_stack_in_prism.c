/* SPDX-License-Identifier: MIT */
/* A trap with a stack pointer in Prism's memory cannot be delivered, and nothing is written there. */
#include "lib/crash.h"
#include "lib/guest.h"

CRASH_TEST(asm volatile("mov %0, %%rsp; ud2" :: "r" (0xffff830000002000UL));)
