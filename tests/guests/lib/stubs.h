/* SPDX-License-Identifier: MIT */
/* Trap stubs as both kinds of test kernel have them: each leaves a struct trap_frame and goes to trap_common. Assembly. */

.macro STUB vector, has_error, before
    .balign 16
    \before
    .if !\has_error
    push $0
    .endif
    push $\vector
    jmp trap_common
.endm

/* One of 16 bytes for each of the first `count` vectors, which begins with the instructions `before`. */
.macro TRAP_STUBS count, before
    .balign 16
    .globl trap_stubs
trap_stubs:
    vector = 0
    .rept \count
    .if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17
    STUB vector, 1, "\before"
    .else
    STUB vector, 0, "\before"
    .endif
    vector = vector + 1
    .endr
.endm

/* The rest of the frame of a 64-bit kernel, down to %rsp; and what undoes it, with vector and error code. */
.macro SAVE_REGISTERS
    push %rdi; push %rsi; push %rdx; push %rcx; push %rax; push %r8; push %r9; push %r10; push %r11
    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
.endm

.macro RESTORE_REGISTERS
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
    pop %r11; pop %r10; pop %r9; pop %r8; pop %rax; pop %rcx; pop %rdx; pop %rsi; pop %rdi
    add $16, %rsp
.endm
