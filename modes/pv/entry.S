/* SPDX-License-Identifier: MIT */
/* In and out of a PV guest by SYSCALL. A stub of its CPU (syscall_init.c) puts the guest's stack pointer into regs.rsp
 * and leads here with RSP = &regs.rsp, RCX and R11 the guest's RIP and RFLAGS, interrupts off. Three ways fork here: a
 * user's system call, bounced to the guest's kernel; the kernel's iret hypercall; any other hypercall. The first two
 * are straight lines that touch few cache lines, since a guest's every system call takes both; what is unusual leaves
 * them for C before anything has changed. No softirq can become pending on these lines: interrupts stay off.
 * Budget: syscall 57, iret 73 instructions (tests/system/test_budgets.py holds it). */
#include <xen/xen.h>

#include "abi/hypercalls.h"
#include "offsets.h"
#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "modes/pv/guarded.h"
#include "modes/pv/straight.h"

/* From RSP = &regs.rsp with RCX, R11 as SYSCALL left them and RAX, RDX saved: the whole frame, then RSP = its beginning
 * less 8, which is aligned for a call. */
.macro save_frame cs
    movq $0, S_VECTOR(%rsp)
    movl $TRAP_SYSCALL, S_VECTOR + 4(%rsp)
    mov %rcx, S_RIP(%rsp)
    movq $\cs, S_CS(%rsp)
    mov %r11, S_RFLAGS(%rsp)
    movq $SEL_USER_DS, S_SS(%rsp)
    lea S_BASE - 8(%rsp), %rsp
    save_others
    mov %rcx, 8 + B_RCX(%rsp)
    mov %r11, 8 + B_R11(%rsp)
.endm

.macro save_others
    mov %rdi, 8 + B_RDI(%rsp)
    mov %rsi, 8 + B_RSI(%rsp)
    mov %r8, 8 + B_R8(%rsp)
    mov %r9, 8 + B_R9(%rsp)
    mov %r10, 8 + B_R10(%rsp)
    mov %rbx, 8 + B_RBX(%rsp)
    mov %rbp, 8 + B_RBP(%rsp)
    mov %r12, 8 + B_R12(%rsp)
    mov %r13, 8 + B_R13(%rsp)
    mov %r14, 8 + B_R14(%rsp)
    mov %r15, 8 + B_R15(%rsp)
.endm

/* The end of an iret hypercall to user or to kernel mode, which is set. Events that wait are delivered by C. */
.macro iret_return to_user, events
    mov PV_VCPU_INFO(%rdx), %rcx
    bt $9, %r11d
    setnc VI_MASK(%rcx)
    and $~(X86_EFLAGS_IOPL | X86_EFLAGS_VM), %r11d
    or $(X86_EFLAGS_IF | 2), %r11d
    mov %r11, S_RFLAGS(%rsp)
    cmpb $0, VI_PENDING(%rcx)
    jne \events
    charge PV_LEDGER_IRET, \to_user
    mov S_RAX(%rsp), %rax
    mov S_RCX(%rsp), %rcx
    mov S_RDX(%rsp), %rdx
    mov S_R11(%rsp), %r11
    lea S_RIP(%rsp), %rsp
    jmp pv_iretq
.endm

/* Two copies: with STAC and CLAC around accesses to the guest's stack, and for CPUs that have neither. */
.macro syscall_path name, smap
    .balign 64
    .globl \name
    .hidden \name
\name:
    mov %rax, S_RAX(%rsp)
    mov %rdx, S_RDX(%rsp)
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov S_CURRENT(%rsp), %rdx
    mov %rax, S_ENTRY_TSC(%rsp)
    cmpb $0, PV_KERNEL_MODE(%rdx)
    jne .Lkernel\@
    add %rax, PV_LEDGER_USER(%rdx)

    /* ---- A user's system call. What differs from the common case goes through C: events masked in user mode, the
     * IOPL to be shown, no entry registered. */
    mov PV_VCPU_INFO(%rdx), %rax
    cmpb $0, VI_MASK(%rax)
    jne pv_syscall_slow
    mov PV_DOMAIN(%rdx), %rax
    testb $PV_ARCH_IOPL_BIT, PV_DOMAIN_VM_ASSIST(%rax)
    jnz pv_syscall_slow
    cmpq $0, PV_SYSCALL_ENTRY(%rdx)
    je pv_syscall_slow
    swapgs
    movb $1, PV_KERNEL_MODE(%rdx)
    mov PV_KERNEL_CR3(%rdx), %rax
    mov %rax, %cr3
    /* The frame: RCX, R11, RIP, CS, RFLAGS, RSP, SS. The mask that goes with CS is 0, and RFLAGS has IF set. */
    mov %rcx, S_RIP(%rsp)
    mov PV_KERNEL_SP(%rdx), %rax
    and $-16, %rax
    user_access \smap, stac
    guarded pv_stack_fault, mov %rcx, -56(%rax)
    guarded pv_stack_fault, movq $SEL_USER_DS, -8(%rax)
    guarded pv_stack_fault, mov %r11, -24(%rax)
    guarded pv_stack_fault, movq $SEL_USER64_CS, -32(%rax)
    guarded pv_stack_fault, mov %rcx, -40(%rax)
    guarded pv_stack_fault, mov %r11, -48(%rax)
    mov (%rsp), %rcx
    guarded pv_stack_fault, mov %rcx, -16(%rax)
    user_access \smap, clac
    sub $56, %rax
    mov %rax, (%rsp)
    mov PV_KERNEL_CR3(%rdx), %rax
    mov S_SELF(%rsp), %rcx
    mov %rax, PV_CPU_CR3(%rcx)
    mov PV_VCPU_INFO(%rdx), %rax
    mov PV_SYSCALL_MASKS(%rdx), %cl
    mov %cl, VI_MASK(%rax)
    mov PV_SYSCALL_ENTRY(%rdx), %rcx
    enter_kernel PV_LEDGER_SYSCALL

.Lkernel\@:
    cmpq $__HYPERVISOR_iret, S_RAX(%rsp)
    jne pv_hypercall
    /* ---- The kernel's iret: struct iret_context on its stack, which must not be Prism's memory. */
    mov (%rsp), %rcx
    mov %rcx, %rax
    shr $43, %rax
    cmp $(0xffff800000000000 >> 43), %eax
    je .Liret_slow\@
    cmpb $0, PV_NMI_MASKED(%rdx)
    jne .Liret_slow\@
    user_access \smap, stac
    guarded .Liret_fault\@, testb $(VGCF_in_syscall >> 8), IRET_FLAGS + 1(%rcx)
    jnz .Liret_fault\@
    guarded .Liret_fault\@, mov IRET_RIP(%rcx), %rax
    mov %rax, S_RIP(%rsp)
    guarded .Liret_fault\@, movzwl IRET_SS(%rcx), %eax
    or $3, %eax
    mov %rax, S_SS(%rsp)
    guarded .Liret_fault\@, mov IRET_R11(%rcx), %rax
    mov %rax, S_R11(%rsp)
    guarded .Liret_fault\@, mov IRET_RCX(%rcx), %rax
    mov %rax, S_RCX(%rsp)
    guarded .Liret_fault\@, mov IRET_RAX(%rcx), %rax
    mov %rax, S_RAX(%rsp)
    guarded .Liret_fault\@, mov IRET_RFLAGS(%rcx), %r11d
    guarded .Liret_fault\@, movzwl IRET_CS(%rcx), %eax
    mov %rax, S_CS(%rsp)
    not %eax
    test $3, %al
    jnz .Lto_kernel\@
    cmpq $0, PV_USER_CR3(%rdx)
    je .Liret_fault\@
    guarded .Liret_fault\@, mov IRET_RSP(%rcx), %rax
    user_access \smap, clac
    mov %rax, (%rsp)
    movb $0, PV_KERNEL_MODE(%rdx)
    swapgs
    mov PV_USER_CR3(%rdx), %rax
    mov %rax, %cr3
    mov S_SELF(%rsp), %rcx
    mov %rax, PV_CPU_CR3(%rcx)
    iret_return 1, pv_iret_user_events

.Lto_kernel\@:
    orb $3, S_CS(%rsp)
    guarded .Liret_fault\@, mov IRET_RSP(%rcx), %rax
    user_access \smap, clac
    mov %rax, (%rsp)
    iret_return 0, pv_iret_events
.Liret_fault\@:
    user_access \smap, clac
.Liret_slow\@:
    save_frame SEL_USER64_CS
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_iret_slow
    jmp pv_resume_current
.endm

    .text
    syscall_path pv_syscall_plain, 0
    syscall_path pv_syscall_smap, 1

/* Every return by IRETQ: RSP = &regs.rip, all other registers the guest's. A frame that cannot be loaded comes back. */
    .globl pv_iretq
    .hidden pv_iretq
pv_iretq:
    guarded pv_bad_iret, iretq
pv_bad_iret:
    lea B_R15 - B_RIP - 8(%rsp), %rsp
    save_others
    mov %rax, 8 + B_RAX(%rsp)
    mov %rcx, 8 + B_RCX(%rsp)
    mov %rdx, 8 + B_RDX(%rsp)
    mov %r11, 8 + B_R11(%rsp)
    movl $TRAP_GP, 8 + B_VECTOR(%rsp)
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_return_failed
    jmp pv_resume_current

/* The guest's return frame is in regs, events wait for it. From user mode's first moment, which is this crossing's beginning
 * as in pv_toggle_mode, they take it back. */
pv_iret_user_events:
    mov S_ENTRY_TSC(%rsp), %rax
    sub %rax, PV_LEDGER_USER(%rdx)
pv_iret_events:
    movq $0, S_VECTOR(%rsp)
    ledger_site PV_LEDGER_IRET
    lea PV_LEDGER_IRET(%rdx), %rax
    mov %rax, S_LEDGER_CELL(%rsp)
    lea S_BASE - 8(%rsp), %rsp
    save_others
    jmp pv_resume_current

/* C has all of it still to do: the guest is in user mode. */
pv_syscall_slow:
    mov S_ENTRY_TSC(%rsp), %rax
    sub %rax, PV_LEDGER_USER(%rdx)
    save_frame SEL_USER64_CS
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_syscall_user
    jmp pv_resume_current

/* The guest's kernel stack cannot be written, by tables that have just been loaded. The fault's own frame lies where the
 * guest's registers were: there is no way back to the guest. */
    .globl pv_stack_fault
    .hidden pv_stack_fault
pv_stack_fault:
    lea S_BASE - 8(%rsp), %rsp
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_kernel_stack_fault
    jmp pv_resume_current

/* SYSCALL from compatibility mode (AMD): as pv_syscall_*, from its own stub. */
    .globl pv_syscall_compat
    .hidden pv_syscall_compat
pv_syscall_compat:
    mov %rax, S_RAX(%rsp)
    mov %rdx, S_RDX(%rsp)
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, S_ENTRY_TSC(%rsp)
    save_frame SEL_USER32_CS
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_syscall_user32
    jmp pv_resume_current

/* SYSENTER (Intel): RSP = &regs.es. The guest's RIP and RSP are where its own convention puts them. */
    .globl pv_sysenter
    .hidden pv_sysenter
pv_sysenter:
    pushq $SEL_USER_DS
    pushq $0
    pushfq
    pushq $SEL_USER32_CS
    pushq $0
    lea B_RSP - B_RIP(%rsp), %rsp
    mov %rax, S_RAX(%rsp)
    mov %rdx, S_RDX(%rsp)
    mov S_RFLAGS(%rsp), %rax
    push $2
    popfq                               /* SYSENTER clears neither NT, TF nor AC */
    or $X86_EFLAGS_IF, %eax
    and $~(X86_EFLAGS_TF | X86_EFLAGS_NT), %eax
    mov %rax, S_RFLAGS(%rsp)
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, S_ENTRY_TSC(%rsp)
    xchg %r11, S_RFLAGS(%rsp)
    xchg %rcx, S_RIP(%rsp)
    mov S_RIP(%rsp), %rax               /* the user's own RCX; RIP is not known: 0 */
    mov %rax, S_RCX(%rsp)
    mov S_RFLAGS(%rsp), %rdx
    mov %rdx, S_R11(%rsp)
    save_frame SEL_USER32_CS
    mov %rax, 8 + B_RCX(%rsp)
    mov %rdx, 8 + B_R11(%rsp)
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_sysenter_user
    jmp pv_resume_current

/* ---- Any hypercall but iret. RSP = &regs.rsp, RDX = current. */
    .balign 64
pv_hypercall:
    save_frame SEL_USER64_CS
    mov 8 + B_RAX(%rsp), %rax
    ledger_site PV_LEDGER_HYPERCALL
    lea PV_LEDGER_HYPERCALL(%rdx), %rcx
    mov %rcx, 8 + B_LEDGER_CELL(%rsp)
    cmpb $0, trace_on(%rip)
    jne .Ltrace_hypercall
.Lhypercall_traced:
    cmp $HYPERCALL_COUNT, %rax
    jae .Lno_such_call
    incq PV_HYPERCALL_COUNTS(%rdx, %rax, 8)
    mov PV_HYPERCALLS(%rdx), %rcx
    shl $4, %rax                        /* sizeof(struct hypercall), asserted in syscall_init.c */
    mov (%rcx, %rax), %rax
    test %rax, %rax
    jz .Lno_such_call
    mov 8 + B_RDX(%rsp), %rdx
    mov %r10, %rcx
    sti
    call *%rax
    cli
.Lhypercall_done:
    mov %rax, 8 + B_RAX(%rsp)
    /* Handlers may have left work, and may have changed the frame: a continuation moves RIP back and sets arguments. */
    mov 8 + B_SELF(%rsp), %rcx
    mov 8 + B_CURRENT(%rsp), %rdx
    cmpl $0, PV_CPU_SOFTIRQ(%rcx)
    jne pv_resume_current
    mov PV_VCPU_INFO(%rdx), %rcx
    cmpb $0, PV_BOUNCE_PENDING(%rdx)
    jne pv_resume_current
    cmpb $0, PV_NMI_PENDING(%rdx)
    jne pv_resume_current
    cmpb $0, VI_PENDING(%rcx)
    je 1f
    cmpb $0, VI_MASK(%rcx)
    je pv_resume_current
1:  mov 8 + B_RIP(%rsp), %rcx
    mov %rcx, %rax
    shl $16, %rax
    sar $16, %rax
    cmp %rax, %rcx
    jne pv_resume_current               /* SYSRET would fault in ring 0 on some CPUs */
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    sub 8 + B_ENTRY_TSC(%rsp), %rax
    mov 8 + B_LEDGER_CELL(%rsp), %rdx
    incq PV_LEDGER_COUNT(%rdx)
    add %rax, PV_LEDGER_TICKS(%rdx)
    mov 8 + B_RDI(%rsp), %rdi
    mov 8 + B_RSI(%rsp), %rsi
    mov 8 + B_RDX(%rsp), %rdx
    mov 8 + B_R8(%rsp), %r8
    mov 8 + B_R9(%rsp), %r9
    mov 8 + B_R10(%rsp), %r10
    mov 8 + B_RAX(%rsp), %rax
    mov 8 + B_RFLAGS(%rsp), %r11
    mov 8 + B_RSP(%rsp), %rsp
    sysretq
.Lno_such_call:
    mov $-38, %rax                      /* -ENOSYS */
    jmp .Lhypercall_done

/* All registers that count are in the frame. */
.Ltrace_hypercall:
    lea 8(%rsp), %rdi
    call pv_trace_hypercall
    mov 8 + B_RAX(%rsp), %rax
    mov 8 + B_RDI(%rsp), %rdi
    mov 8 + B_RSI(%rsp), %rsi
    mov 8 + B_R8(%rsp), %r8
    mov 8 + B_R9(%rsp), %r9
    mov 8 + B_R10(%rsp), %r10
    mov 8 + B_CURRENT(%rsp), %rdx
    jmp .Lhypercall_traced

/* ---- pv_resume(v): from any depth of Prism's stack into the guest, by regs. */
    .globl pv_resume
    .hidden pv_resume
pv_resume:
    mov %rsp, %rax
    or $(STACK_SIZE - 1), %rax
    sub $(PV_CPU_INFO_SIZE + 8 - 1), %rax
    mov %rax, %rsp                      /* in one step: an interrupt pushes its frame below, never over cpu_info */
pv_resume_current:
    mov 8 + B_CURRENT(%rsp), %rdi
    call pv_prepare_entry               /* interrupts off from here on; true: by SYSRET */
    test %al, %al
    mov 8 + B_R15(%rsp), %r15
    mov 8 + B_R14(%rsp), %r14
    mov 8 + B_R13(%rsp), %r13
    mov 8 + B_R12(%rsp), %r12
    mov 8 + B_RBP(%rsp), %rbp
    mov 8 + B_RBX(%rsp), %rbx
    mov 8 + B_R10(%rsp), %r10
    mov 8 + B_R9(%rsp), %r9
    mov 8 + B_R8(%rsp), %r8
    mov 8 + B_RAX(%rsp), %rax
    mov 8 + B_RDX(%rsp), %rdx
    mov 8 + B_RSI(%rsp), %rsi
    mov 8 + B_RDI(%rsp), %rdi
    jz 1f
    mov 8 + B_RIP(%rsp), %rcx
    mov 8 + B_RFLAGS(%rsp), %r11
    mov 8 + B_RSP(%rsp), %rsp
    sysretq
1:  mov 8 + B_R11(%rsp), %r11
    mov 8 + B_RCX(%rsp), %rcx
    lea 8 + B_RIP(%rsp), %rsp
    jmp pv_iretq
