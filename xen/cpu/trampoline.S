/* SPDX-License-Identifier: MIT */
/* Another CPU's way from real mode at TRAMPOLINE_ADDRESS to 64-bit code at Prism's own addresses (APM vol. 2, 14.6 to
 * 14.8). Copied there; nothing here may refer to its link address. */
#include "cpu/smp.h"
#include "cpu/x86.h"

#define AT(symbol) (TRAMPOLINE_ADDRESS + (symbol) - trampoline_start)

    .section .rodata
    .globl trampoline_start, trampoline_data, trampoline_end
    .balign 16
trampoline_start:
    .code16
    cli
    cld
    xor %ax, %ax
    mov %ax, %ds
    lgdtl AT(gdt_register)
    mov $(X86_CR0_PE), %eax
    mov %eax, %cr0
    ljmpl $8, $AT(protected)

    .code32
protected:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %ss
    mov $(X86_CR4_PAE), %eax
    mov %eax, %cr4
    mov AT(trampoline_data) + 16, %eax
    mov %eax, %cr3
    mov $MSR_EFER, %ecx
    mov $(EFER_LME | EFER_NX | EFER_SCE), %eax
    xor %edx, %edx
    wrmsr
    mov $0x80010033, %eax           /* PG, WP, NE, ET, MP, PE */
    mov %eax, %cr0
    ljmpl $24, $AT(long_mode)

    .code64
long_mode:
    mov AT(trampoline_data), %rsp
    mov AT(trampoline_data) + 8, %rax
    xor %ebp, %ebp
    call *%rax
    ud2

    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdt_register:
    .word gdt_register - gdt - 1
    .long AT(gdt)
    .balign 8
trampoline_data:                    /* struct trampoline_data: stack, entry, cr3 */
    .quad 0, 0
    .long 0
trampoline_end:

    .section .note.GNU-stack, "", @progbits
