/* SPDX-License-Identifier: MIT */
/* Where exceptions and interrupts arrive: one stub a vector, one frame, one call into C.
 *
 * From ring 3 the frame is the one at the top of this CPU's stack (cpu_info.regs), because TSS.rsp0 points just past its
 * ss. The C side of such an entry ends in the row's resume() and does not come back here. From Prism itself the frame
 * is on the current stack, and the way back is below. */
#include "offsets.h"
#include "cpu/x86.h"
#include "cpu/percpu.h"

/* Three bytes of no-operation that cpu_patch_smap() turns into CLAC where the CPU has SMAP. */
.macro CLAC_IF_SMAP
771:    nopl (%rax)
    .pushsection smap_clac, "a"
    .quad 771b
    .popsection
.endm

.macro SAVE_REGISTERS
    push %rdi; push %rsi; push %rdx; push %rcx; push %rax; push %r8; push %r9; push %r10; push %r11
    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15
.endm

.macro STAMP_ENTRY                  /* rsp = &cpu_info->regs; clobbers rax, rdx */
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, CPUINFO_entry_tsc(%rsp)
.endm

.macro CALL_WITH_FRAME function
    cld
    SAVE_REGISTERS
    CLAC_IF_SMAP
    testb $3, UREGS_cs(%rsp)
    jz 1f
    STAMP_ENTRY
1:  mov %rsp, %rdi
    xor %ebp, %ebp
    call \function
.endm

    .text
    .globl exception_common, interrupt_common
exception_common:
    CALL_WITH_FRAME do_exception
return_to_prism:
    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx
    pop %r11; pop %r10; pop %r9; pop %r8; pop %rax; pop %rcx; pop %rdx; pop %rsi; pop %rdi
    add $8, %rsp                    /* error code and vector */
    iretq

interrupt_common:
    CALL_WITH_FRAME do_interrupt
    jmp return_to_prism

/* #DB has a stack of its own, since it can be taken with the guest's stack pointer still loaded (MOV SS shadow before
 * SYSCALL). One that came from ring 3 moves to the ordinary frame. */
debug_entry:
    cld
    SAVE_REGISTERS
    CLAC_IF_SMAP
    mov %rsp, %rsi
    testb $3, UREGS_cs(%rsp)
    jz 1f
    mov %rsp, %rdi
    and $-STACK_SIZE, %rdi
    add $(STACK_SIZE - CPUINFO_SIZE), %rdi
    mov %rdi, %rsp
    mov $(UREGS_es / 8), %ecx
    rep movsq
    STAMP_ENTRY
    mov %rsp, %rsi
1:  mov %rsi, %rdi
    xor %ebp, %ebp
    call do_exception
    jmp return_to_prism

/* The stubs, 16 bytes each, in order of vectors. The CPU pushes an error code for some exceptions; for all others a
 * word is made for it. The vector goes into that word's upper half. */
    .balign 16
    .globl vector_stubs
vector_stubs:
    vector = 0
    .rept 256
    .balign 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    push $0
    .endif
    movl $vector, 4(%rsp)
    .if vector == 1
    jmp debug_entry
    .elseif vector < 32
    jmp exception_common
    .else
    jmp interrupt_common
    .endif
    vector = vector + 1
    .endr

/* bool rdmsr_safe(u32 msr, u64 *value) */
    .globl rdmsr_safe, wrmsr_safe
rdmsr_safe:
    mov %edi, %ecx
1:  rdmsr
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, (%rsi)
    mov $1, %eax
    ret
2:  xor %eax, %eax
    ret
    .pushsection .extable, "a"
    .long 1b - ., 2b - .
    .popsection

/* bool wrmsr_safe(u32 msr, u64 value) */
wrmsr_safe:
    mov %edi, %ecx
    mov %esi, %eax
    mov %rsi, %rdx
    shr $32, %rdx
3:  wrmsr
    mov $1, %eax
    ret
4:  xor %eax, %eax
    ret
    .pushsection .extable, "a"
    .long 3b - ., 4b - .
    .popsection

/* void switch_stack(struct cpu_info *info, void (*fn)(void)): goes on in fn with an empty stack below info. */
    .globl switch_stack
switch_stack:
    mov %rdi, %rsp
    xor %ebp, %ebp
    call *%rsi
    ud2

/* Where a CPU sits while smp_stop_others() has stopped it. */
    .globl stop_this_cpu_loop
stop_this_cpu_loop:
    cli
1:  hlt
    jmp 1b

    .section .note.GNU-stack, "", @progbits
