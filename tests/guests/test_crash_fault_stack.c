/* SPDX-License-Identifier: MIT */
// modes: control pv
/* A page fault of user mode where the kernel's stack is a page that nobody may write to. */
#include "lib/crash.h"
#include "lib/user.h"

CRASH_TEST(
    static struct trap_info table[2] = { { .vector = 14, .flags = 4, .cs = FLAT_KERNEL_CS, .address = 0x1000 } };

    user_mode_begin(scratch[1]);
    CALL1(set_trap_table, table);
    CALL3(update_va_mapping, scratch[0], va_to_mfn(scratch[0]) << 12 | PTE_RO_FLAGS, UVMF_INVLPG);
    TRY_IN_USER(0x200, "movb $1, 0", "i" (0));)
