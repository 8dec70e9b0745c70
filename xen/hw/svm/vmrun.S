/* SPDX-License-Identifier: MIT */
/* Into an SVM guest and back (AMD64 APM vol. 2, 15.5 and 15.6).
 *
 * VMRUN switches what Prism cannot do without; VMLOAD and VMSAVE switch the rest (FS, GS, TR, LDTR, SYSCALL and
 * SYSENTER registers) at once on each side, so that Prism always runs with its own: an NMI needs its TSS. Between
 * CLGI and STGI nothing interrupts. RFLAGS.IF of the host at VMRUN says whether an interrupt ends the guest's run: it
 * does. */
#include "offsets.h"
#include "cpu/percpu.h"

/* The CPU's frame, from this stack's address. */
.macro FRAME reg
    mov %rsp, \reg
    and $-STACK_SIZE, \reg
    add $(STACK_SIZE - CPUINFO_SIZE), \reg
.endm

    .text
    .globl svm_vmrun
svm_vmrun:
    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
    push %rsi
    mov %rdi, %rax
    FRAME %rdx
    clgi
    sti
    vmload %rax
    mov UREGS_r15(%rdx), %r15; mov UREGS_r14(%rdx), %r14; mov UREGS_r13(%rdx), %r13; mov UREGS_r12(%rdx), %r12
    mov UREGS_r11(%rdx), %r11; mov UREGS_r10(%rdx), %r10; mov UREGS_r9(%rdx), %r9; mov UREGS_r8(%rdx), %r8
    mov UREGS_rbp(%rdx), %rbp; mov UREGS_rbx(%rdx), %rbx; mov UREGS_rcx(%rdx), %rcx; mov UREGS_rsi(%rdx), %rsi
    mov UREGS_rdi(%rdx), %rdi; mov UREGS_rdx(%rdx), %rdx
    vmrun %rax
    vmsave %rax                     /* RAX and RSP are the host's again */
    mov (%rsp), %rax
    vmload %rax
    FRAME %rax
    mov %r15, UREGS_r15(%rax); mov %r14, UREGS_r14(%rax); mov %r13, UREGS_r13(%rax); mov %r12, UREGS_r12(%rax)
    mov %r11, UREGS_r11(%rax); mov %r10, UREGS_r10(%rax); mov %r9, UREGS_r9(%rax); mov %r8, UREGS_r8(%rax)
    mov %rbp, UREGS_rbp(%rax); mov %rbx, UREGS_rbx(%rax); mov %rcx, UREGS_rcx(%rax); mov %rsi, UREGS_rsi(%rax)
    mov %rdi, UREGS_rdi(%rax); mov %rdx, UREGS_rdx(%rax)
    cli
    cld
    stgi
    pop %rsi
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
    ret

    .section .note.GNU-stack, "", @progbits
