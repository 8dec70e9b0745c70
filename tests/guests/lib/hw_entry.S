/* SPDX-License-Identifier: MIT */
/* First instruction of a test kernel in a hardware container (public header arch-x86/hvm/start_info.h: 32-bit code,
 * paging off, EBX has the start info), its descriptors, page tables and trap stubs. */
#include "lib/notes.h"
#include "lib/stubs.h"

#define CS32 0x08
#define DATA 0x10
#define CS64 0x18
#define PAGES_4K 1024
#define PRESENT_RW 3
#define LARGE 0x80

    XEN_NOTE XEN_ELFNOTE_PHYS32_ENTRY, .long guest_entry

    .text
    .code32
    .globl guest_entry
guest_entry:
    cld
    mov $boot_stack_end, %esp
    mov %ebx, hvm_start_info
    lgdt gdt_pointer
    ljmp $CS32, $1f
1:  call load_segments

    /* The first 4 MiB in pages of 4 KiB, the rest of 4 GiB in large ones, all at their own addresses. */
    mov $level1, %edi
    mov $PRESENT_RW, %eax
    mov $PAGES_4K, %ecx
2:  mov %eax, (%edi)
#ifdef GUEST_NO_PAE
    add $4, %edi
#else
    movl $0, 4(%edi)
    add $8, %edi
#endif
    add $0x1000, %eax
    loop 2b

    mov $level2, %edi
#ifdef GUEST_NO_PAE
    movl $level1 + PRESENT_RW, (%edi)
    mov $0x400000 + LARGE + PRESENT_RW, %eax
    mov $1023, %ecx
3:  add $4, %edi
    mov %eax, (%edi)
    add $0x400000, %eax
    loop 3b
    mov $0x10, %eax                 /* CR4.PSE */
    mov %eax, %cr4
    mov $level2, %eax
#else
    movl $level1 + PRESENT_RW, (%edi)
    movl $level1 + 0x1000 + PRESENT_RW, 8(%edi)
    add $8, %edi
    mov $0x400000 + LARGE + PRESENT_RW, %eax
    mov $2046, %ecx
3:  add $8, %edi
    mov %eax, (%edi)
    add $0x200000, %eax
    loop 3b
    mov $4, %ecx
    mov $level3, %edi
    mov $level2 + 1, %eax           /* entries of PAE's top level have no other flags; long mode does not mind */
#ifdef __x86_64__
    or $2, %eax
#endif
4:  mov %eax, (%edi)
    add $8, %edi
    add $0x1000, %eax
    loop 4b
    mov $0x20, %eax                 /* CR4.PAE */
    mov %eax, %cr4
    mov $level3, %eax
#ifdef __x86_64__
    movl $level3 + PRESENT_RW, level4
    mov $level4, %eax
#endif
#endif
    mov %eax, %cr3
#ifdef __x86_64__
    mov $0xc0000080, %ecx           /* EFER: long mode, no-execute, SYSCALL */
    rdmsr
    or $0x901, %eax
    wrmsr
#endif
    mov $0x80010033, %eax           /* paging, write protection, x87 as it is today, protected mode */
    mov %eax, %cr0
#ifdef __x86_64__
    ljmp $CS64, $5f
    .code64
5:  call guest_start
    ud2
#else
    ljmp $CS32, $5f
5:  call guest_start
    ud2
#endif

/* The second vCPU, as VCPUOP_initialise starts it: paging on, its stack loaded. */
    .globl second_vcpu_entry
second_vcpu_entry:
    cld
    lgdt gdt_pointer
#ifdef __x86_64__
    call load_segments
    pushq $CS64
    lea 1f(%rip), %rax
    push %rax
    lretq
1:
#else
    ljmp $CS32, $1f
1:  call load_segments
#endif
    call load_idt
    call second_vcpu_start
    ud2

load_segments:                      /* good as 32-bit and as 64-bit code */
    mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %eax, %fs
    mov %eax, %gs
    ret

/* struct trap_frame in hw.h is what trap_handler sees. */
    TRAP_STUBS 256

trap_common:
#ifdef __x86_64__
    SAVE_REGISTERS
    mov %rsp, %rdi
    mov %rsp, %rbx
    and $-16, %rsp
    cld
    call trap_handler
    mov %rbx, %rsp
    RESTORE_REGISTERS
    iretq
#else
    pusha
    push %esp
    cld
    call trap_handler
    add $4, %esp
    popa
    add $8, %esp
    iret
#endif

    .data
    .balign 8
    .globl gdt
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdt_end:
    .globl gdt_pointer
gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt, 0

    .bss
    .balign 4096
    .globl level1, level2, level3, level4
#ifdef GUEST_NO_PAE
level1: .skip 4096
level2: .skip 4096
level3:
level4:
#else
level1: .skip 2 * 4096
level2: .skip 4 * 4096
level3: .skip 4096
level4: .skip 4096
#endif
    .skip 32768
boot_stack_end:
    .skip 16384
    .globl second_vcpu_stack_end
second_vcpu_stack_end:

    .section .note.GNU-stack, "", @progbits
