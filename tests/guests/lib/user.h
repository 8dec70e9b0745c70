/* SPDX-License-Identifier: MIT */
/* Code of a 64-bit PV test kernel that runs in user mode, in the kernel's own pages, until it traps. */
#ifndef PRISM_TESTS_GUEST_USER_H
#define PRISM_TESTS_GUEST_USER_H

#include "lib/guest.h"

/* To be called once: user mode has the kernel's page tables, and traps from there the stack that ends at `stack`. */
static inline void user_mode_begin(const void *stack)
{
    struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = va_to_mfn((void *)start_info->pt_base) };

    if (CALL4(mmuext_op, &op, 1, 0, DOMID_SELF) || CALL2(stack_switch, FLAT_KERNEL_SS, stack))
        verdict(ERROR, "user mode cannot be had");
}

/* As TRY, in user mode; flags: of RFLAGS, 0x200 for events. user_stack is RSP there. */
extern u64 user_stack;
#define TRY_IN_USER(flags, code, ...) \
    TRY("mov %%rsp, user_stack; push %[ss]; push user_stack; push %[rflags]; push %[cs]; lea 3f(%%rip), %%rcx; push %%rcx\n" \
        "push $0; push %%rcx; push %%r11; push %%rax; mov %[iret], %%eax; syscall\n" \
        "3: " code, [ss] "i" (FLAT_USER_SS64), [rflags] "i" (2 | (flags)), [cs] "i" ((long)FLAT_USER_CS64), \
        [iret] "i" (__HYPERVISOR_iret), ##__VA_ARGS__)

#endif
