/* SPDX-License-Identifier: MIT */
// modes: control pv
/* A system call of user mode where the kernel's stack is a page that nobody may write to. */
#include "lib/crash.h"
#include "lib/user.h"

#include <xen/callback.h>

CRASH_TEST(
    static struct callback_register entry = { .type = CALLBACKTYPE_syscall, .address = 0x1000 };

    user_mode_begin(scratch[1]);
    CALL2(callback_op, CALLBACKOP_register, &entry);
    CALL3(update_va_mapping, scratch[0], va_to_mfn(scratch[0]) << 12 | PTE_RO_FLAGS, UVMF_INVLPG);
    TRY_IN_USER(0x200, "syscall", "i" (0));)
