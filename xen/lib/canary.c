/* SPDX-License-Identifier: MIT */
/* The stacks' guard, of the debug build. The compiler lays a copy of it behind each array on the stack and compares the two
 * before the function returns. */
#include "lib/lib.h"

void __stack_chk_fail(void) noreturn;

unsigned long __stack_chk_guard;   /* boot/head.S sets it, once; else constant */

void __stack_chk_fail(void)
{
    void *caller = __builtin_return_address(0);

    panic("the stack frame of %ps has been overrun, at %lx", caller, (unsigned long)caller);
}
