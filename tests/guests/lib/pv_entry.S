/* SPDX-License-Identifier: MIT */
/* First instruction, ELF notes, trap stubs and hypercall page of a 64-bit PV test kernel. */
#include "lib/notes.h"
#include "lib/stubs.h"

    XEN_NOTE XEN_ELFNOTE_GUEST_OS, .asciz "prism-test"
    XEN_NOTE XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    XEN_NOTE XEN_ELFNOTE_LOADER, .asciz "generic"
    XEN_NOTE XEN_ELFNOTE_VIRT_BASE, .quad 0xffffffff80000000
    XEN_NOTE XEN_ELFNOTE_PADDR_OFFSET, .quad 0
    XEN_NOTE XEN_ELFNOTE_ENTRY, .quad guest_entry
    XEN_NOTE XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
    XEN_NOTE XEN_ELFNOTE_FEATURES, .asciz "!writable_page_tables|pae_pgdir_above_4gb"
    XEN_NOTE XEN_ELFNOTE_PAE_MODE, .asciz "yes"

    .text
    .globl guest_entry
guest_entry:
    cld
    lea boot_stack_end(%rip), %rsp
    xor %ebp, %ebp
    mov %rsi, %rdi
    call guest_start
    ud2

/* The second vCPU: its stack is in its context (pv_vcpu.c). */
    .globl second_vcpu_entry
second_vcpu_entry:
    cld
    xor %ebp, %ebp
    call second_vcpu_start
    ud2

/* Trap stubs. A PV kernel's trap frame starts with rcx and r11 (public header arch-x86/xen-x86_64.h), then, for some, the
 * error code. struct trap_frame in pv.h is what trap_handler sees. */
    TRAP_STUBS 32, "pop %rcx; pop %r11"

    .globl trap_common
trap_common:
    SAVE_REGISTERS
    mov %rsp, %rdi
    cld
    call trap_handler
    RESTORE_REGISTERS
    orb $3, 8(%rsp)                 /* back to ourselves: ring 3 by iretq, without the hypervisor */
    iretq

    .globl event_entry_stub
event_entry_stub:
    pop %rcx
    pop %r11
    push $0
    push $0x100
    jmp trap_common

    .section .hypercall_page, "aw", @progbits
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .fill 4096, 1, 0xcc

    .bss
    .balign 4096
boot_stack:
    .fill 16384
    .globl boot_stack_end
boot_stack_end:
    .fill 16384
    .globl second_vcpu_stack_end
second_vcpu_stack_end:

    .section .note.GNU-stack, "", @progbits
