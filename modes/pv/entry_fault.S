/* SPDX-License-Identifier: MIT */
/* Page faults. Nearly all that reach Prism were raised in a PV guest's user mode and are its kernel's to answer: they go
 * there on a straight line, with interrupts off all the way. Everything else goes on as it came, through the vector's own
 * stub: faults of Prism and of a guest's kernel, addresses of Prism's own (the LDT is among them), and what differs from the
 * common case: no handler or one that leaves events unmasked, events masked in user mode, the IOPL to be shown, somebody
 * tracing.
 * Budget: page-fault 77 instructions, from the exception to the first of the guest's handler. */
#include "offsets.h"
#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "modes/pv/guarded.h"
#include "modes/pv/straight.h"

#define TI_MASKS_EVENTS 4               /* struct trap_info's flags (public header arch-x86/xen.h) */
#define FRAME 64                        /* RCX, R11, error code, RIP, CS and mask, RFLAGS, RSP, SS */

/* Two copies, as of pv_syscall_*. RSP = &regs.error_code. */
.macro fault_path name, smap
    .balign 64
    .globl \name
    .hidden \name
\name:
    testb $3, S_CS - S_VECTOR(%rsp)
    jz vector_stubs + 16 * TRAP_PF
    lea -S_VECTOR(%rsp), %rsp
    mov %rax, S_RAX(%rsp)
    mov %rdx, S_RDX(%rsp)
    mov %rcx, S_RCX(%rsp)
    rdtsc
    shl $32, %rdx
    or %rax, %rdx
    mov %rdx, S_ENTRY_TSC(%rsp)
    mov %rdx, %rax
    mov S_CURRENT(%rsp), %rdx
    cmpb $0, PV_KERNEL_MODE(%rdx)
    jne .Lstub\@
    mov %cr2, %rcx
    shr $43, %rcx
    cmp $(0xffff800000000000 >> 43), %ecx       /* HYPERVISOR_START to HYPERVISOR_END */
    je .Lstub\@
    testb $TI_MASKS_EVENTS, PV_FAULT_FLAGS(%rdx)
    jz .Lstub\@
    cmpq $0, PV_FAULT_HANDLER(%rdx)
    je .Lstub\@
    cmpb $0, trace_on(%rip)
    jne .Lstub\@
    mov PV_DOMAIN(%rdx), %rcx
    testb $PV_ARCH_IOPL_BIT, PV_DOMAIN_VM_ASSIST(%rcx)
    jnz .Lstub\@
    mov PV_VCPU_INFO(%rdx), %rcx
    cmpb $0, VI_MASK(%rcx)
    jne .Lstub\@

    add %rax, PV_LEDGER_USER(%rdx)
    incq PV_PAGE_FAULTS(%rdx)
    count_event PV_LEDGER_CR3_LOAD
    mov %r11, S_R11(%rsp)
    movb $1, VI_MASK(%rcx)
    mov %cr2, %rax
    mov %rax, PV_CR2(%rdx)
    mov %rax, VI_CR2(%rcx)
    swapgs
    movb $1, PV_KERNEL_MODE(%rdx)
    mov S_SELF(%rsp), %rcx
    mov PV_KERNEL_CR3(%rdx), %rax
    mov %rax, %cr3
    mov %rax, PV_CPU_CR3(%rcx)

    mov PV_KERNEL_SP(%rdx), %rcx
    and $-16, %rcx
    sub $FRAME, %rcx
    user_access \smap, stac
    guarded pv_stack_fault, mov %r11, 8(%rcx)
    mov S_RCX(%rsp), %rax
    guarded pv_stack_fault, mov %rax, (%rcx)
    mov S_VECTOR(%rsp), %eax
    guarded pv_stack_fault, mov %rax, 16(%rcx)
    mov S_RIP(%rsp), %rax
    guarded pv_stack_fault, mov %rax, 24(%rcx)
    movzwl S_CS(%rsp), %eax
    guarded pv_stack_fault, mov %rax, 32(%rcx)
    mov S_RFLAGS(%rsp), %eax
    and $~X86_EFLAGS_IOPL, %eax
    guarded pv_stack_fault, mov %rax, 40(%rcx)
    mov (%rsp), %rax
    guarded pv_stack_fault, mov %rax, 48(%rcx)
    movzwl S_SS(%rsp), %eax
    guarded pv_stack_fault, mov %rax, 56(%rcx)
    user_access \smap, clac
    mov %rcx, (%rsp)
    mov PV_FAULT_HANDLER(%rdx), %rcx
    enter_kernel PV_LEDGER_PAGE_FAULT

.Lstub\@:
    mov S_RAX(%rsp), %rax
    mov S_RDX(%rsp), %rdx
    mov S_RCX(%rsp), %rcx
    lea S_VECTOR(%rsp), %rsp
    jmp vector_stubs + 16 * TRAP_PF
.endm

    .text
    fault_path pv_fault_plain, 0
    fault_path pv_fault_smap, 1
    .section .note.GNU-stack, "", @progbits
