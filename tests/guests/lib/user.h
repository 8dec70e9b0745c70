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

/* As TRY, in user mode, by an iret with these selectors, RFLAGS and flags (VGCF_*), from the stack as it is: so R12 is RSP.
 * RAX is what it is as an input; RCX and R11 are what iret loads. */
#define USER_RCX 0x77
#define USER_R11 0x99
#define TRY_BY_IRET(ss_, cs_, rflags_, flags_, code, ...) \
    TRY("push %[ss]; push %%r12; push %[rflags]; push %[cs]; lea 3f(%%rip), %%rcx; push %%rcx; push %[flags]\n" \
        "push %[rcx]; push %[r11]; push %%rax; mov %[iret], %%eax; syscall\n" \
        "3: " code, [ss] "er" ((long)(ss_)), [cs] "er" ((long)(cs_)), [rflags] "er" ((long)(rflags_)), \
        [flags] "er" ((long)(flags_)), [rcx] "i" (USER_RCX), [r11] "i" (USER_R11), [iret] "i" (__HYPERVISOR_iret), \
        ##__VA_ARGS__)
/* flags: of RFLAGS, 0x200 for events. */
#define TRY_IN_USER(flags, code, ...) TRY_BY_IRET(FLAT_USER_SS64, FLAT_USER_CS64, 2 | (flags), 0, code, ##__VA_ARGS__)

#endif
