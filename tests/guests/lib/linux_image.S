/* SPDX-License-Identifier: MIT */
/* A test kernel for a container in the form of Linux's (Documentation/x86/boot.rst, boot protocol 2.6), so that a PC's firmware
 * starts it. The part for real mode asks the firmware for the memory map, as long as it can be asked, and goes to 32-bit code
 * with paging off; EBX has the start info of public header arch-x86/hvm/start_info.h: the command line, the map, and where
 * the ACPI tables begin. Given by the builder: KERNEL, the kernel's bytes from 1 MiB on; ENTRY, where it begins; END, of its
 * memory. QEMU puts this part to 10000H. */
#define SELF 0x10000
#define PROTECTED 0x100000
#define SECTOR 512
#define SECTORS 3                            /* of this part */
#define LOADED_HIGH 1
#define START_MAGIC 0x336ec578
#define START_VERSION 1                      /* the first that has a memory map */
#define SMAP 0x534d4150                      /* INT 15h AX=E820h (ACPI, 15.1): "SMAP" */
#define MAP_ENTRY 20                         /* bytes that the firmware fills in of one */
#define INFO_ENTRY 24                        /* and bytes that the start info has for it */
#define MAP_ENTRIES 16
#define RSDP_FROM 0xe0000                    /* ACPI 5.2.5.1; the other place, the first KiB of the EBDA, holds none here */
#define RSDP_TO 0x100000
#define RSDP_FIRST 0x20445352                /* "RSD " */
#define RSDP_SECOND 0x20525450               /* "PTR " */

    .code16
    .globl start
start:
    .org 0x1f1
    .byte SECTORS - 1
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
    cld
    movw $(SELF >> 4), %ax
    movw %ax, %ds
    movw %ax, %es
    movl words, %eax
    movl %eax, info_words

    xorl %ebx, %ebx                      /* from the first entry on; 0 comes back with the last */
    movw $map, %di
next_entry:
    movl $0xe820, %eax
    movl $SMAP, %edx
    movl $MAP_ENTRY, %ecx
    int $0x15
    jc map_ends
    cmpl $SMAP, %eax
    jne map_ends
    incl info_entries
    addw $INFO_ENTRY, %di
    cmpw $map_end, %di
    je map_ends
    testl %ebx, %ebx
    jnz next_entry
map_ends:
    cli
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

    mov $RSDP_FROM, %eax
2:  cmpl $RSDP_FIRST, (%eax)
    jne 3f
    cmpl $RSDP_SECOND, 4(%eax)
    je 4f
3:  add $16, %eax
    cmp $RSDP_TO, %eax
    jb 2b
    xor %eax, %eax
4:  mov %eax, SELF + info_rsdp

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
    .long START_MAGIC, START_VERSION, 0, 0
    .quad 0
info_words:
    .quad 0
info_rsdp:
    .quad 0
    .long SELF + map, 0
info_entries:
    .long 0, 0
map:
    .fill MAP_ENTRIES * INFO_ENTRY, 1, 0
map_end:
    .org start + SECTORS * SECTOR
kernel:
    .incbin KERNEL
kernel_end:
