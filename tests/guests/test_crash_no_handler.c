/* SPDX-License-Identifier: MIT */
/* An exception for which the kernel has no handler. */
#include "lib/crash.h"
#include "lib/guest.h"

CRASH_TEST(CALL1(set_trap_table, 0); asm volatile("ud2");)
