/* SPDX-License-Identifier: MIT */
/* A test kernel for a container in the form of Linux's (Documentation/x86/boot.rst, boot protocol 2.6), so that a PC's firmware
 * starts it: the part for real mode goes to 32-bit code with paging off, and EBX has the start info of public header
 * arch-x86/hvm/start_info.h, of which the command line is filled in. Given by the builder: KERNEL, the kernel's bytes from
 * 1 MiB on; ENTRY, where it begins; END, of its memory. QEMU puts this part to 10000H. */
#define SELF 0x10000
#define PROTECTED 0x100000
#define SECTOR 512
#define LOADED_HIGH 1
#define START_MAGIC 0x336ec578

    .code16
    .globl start
start:
    .org 0x1f1
    .byte 1                              /* sectors of this part but the first */
    .word 0
    .long (kernel_end - kernel + 15) / 16
    .org 0x1fe
    .word 0xaa55
    .byte 0xeb, real - . - 1             /* 200H: where it is entered */
    .ascii "HdrS"
    .word 0x206
    .org 0x211
    .byte LOADED_HIGH
    .org 0x214
    .long PROTECTED
    .org 0x228
words:
    .long 0
    .org 0x22c
    .long 0x7fffffff                     /* the highest address of a ramdisk */
    .org 0x238
    .long 1024                           /* bytes of command line */
    .org 0x240
real:
    cli
    movw $(SELF >> 4), %ax
    movw %ax, %ds
    movl words, %eax
    movl %eax, info_words
    lgdtl pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $8, $(SELF + 1f)
    .code32
1:  mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $0xff, %al                       /* no interrupts of the PC's clock, which the firmware has left running */
    out %al, $0x21
    out %al, $0xa1
    cld
    mov $PROTECTED + kernel_end - kernel, %edi
    mov $END, %ecx
    sub %edi, %ecx
    xor %eax, %eax
    rep stosb
    mov $SELF + info, %ebx
    mov $ENTRY, %eax
    jmp *%eax

    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
pointer:
    .word . - gdt - 1
    .long SELF + gdt
    .balign 8
info:
    .long START_MAGIC, 1, 0, 0
    .quad 0
info_words:
    .quad 0, 0, 0
    .long 0, 0
    .org start + 2 * SECTOR
kernel:
    .incbin KERNEL
kernel_end:
