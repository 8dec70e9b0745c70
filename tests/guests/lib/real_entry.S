/* SPDX-License-Identifier: MIT */
/* First sector of a disk, as the PC's firmware starts it at 0:7C00H in real mode, DL its drive: has the firmware read what
 * comes behind it, and goes there. Then the ways out of real mode and back, and trap stubs. */
#define CODE16 0x08                        /* both begin at 0; real mode's limit, and one of 4 GiB */
#define DATA16 0x10
#define DATA_WIDE 0x18
#define SECTOR 512

    .section .boot, "ax"
    .code16
    .globl start
start:
    cli
    cld
    xorl %eax, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $stack_end, %esp
    ljmp $0, $1f
1:  sti
    movb %dl, drive
    movb $0x42, %ah                        /* INT 13h: read by block number */
    movw $packet, %si
    int $0x13
    jc fails
    jmp real_start
fails:
    movw $failure, %si
2:  lodsb
    outb %al, $0xe9
    testb %al, %al
    jnz 2b
3:  hlt
    jmp 3b

drive:
    .byte 0
failure:
    .asciz "VERDICT error real_entry the disk cannot be read\n"
    .balign 4
packet:
    .byte 16, 0
    .word rest_sectors
    .word rest, 0
    .quad 1
    .org start + SECTOR - 2
    .word 0xaa55

    .section .rest, "ax"
    .globl rest
rest:
real_start:
    movw $bss_start, %di
    movw $bss_end, %cx
    subw %di, %cx
    xorb %al, %al
    rep stosb
    movb drive, %al
    movb %al, boot_drive
    calll guest_start
    ud2

/* To 16-bit code of protected mode, on the same stack, and back; interrupts off, their table is of the other mode. */
.macro PROTECTED
    pushfl
    cli
    lgdtl gdt_pointer
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmp $CODE16, $.Lprotected\@
.Lprotected\@:
    movw $DATA16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
.endm

.macro REAL
    movl %cr0, %edx
    andb $0xfe, %dl
    movl %edx, %cr0
    ljmp $0, $.Lreal\@
.Lreal\@:
    xorw %dx, %dx
    movw %dx, %ds
    movw %dx, %es
    movw %dx, %ss
    popfl
.endm

/* hypercall(): seven words, of which the last, in EBP, is 0. */
    .globl hypercall
hypercall:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    PROTECTED
    addr32 movl 24(%esp), %eax
    addr32 movl 28(%esp), %ebx
    addr32 movl 32(%esp), %ecx
    addr32 movl 36(%esp), %edx
    addr32 movl 40(%esp), %esi
    addr32 movl 44(%esp), %edi
    xorl %ebp, %ebp
    vmmcall
    REAL
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    retl

    .globl widen_fs
widen_fs:
    PROTECTED
    movw $DATA_WIDE, %ax
    movw %ax, %fs
    REAL
    retl

/* bios(vector, registers): the vector goes into the instruction. */
    .globl bios
bios:
    pushal
    addr32 movl 36(%esp), %eax
    movb %al, 1f + 1
    addr32 movl 40(%esp), %ebp
    movl %ebp, given
    addr32 movl (%ebp), %eax
    addr32 movl 4(%ebp), %ebx
    addr32 movl 8(%ebp), %ecx
    addr32 movl 12(%ebp), %edx
    addr32 movl 16(%ebp), %esi
    addr32 movl 20(%ebp), %edi
    addr32 movw %ds:24(%ebp), %es
    jmp 1f                                 /* what was stored is fetched anew */
1:  int $0
    pushfw
    pushw %es
    pushl %ebp
    movw %cs, %bp
    movw %bp, %ds
    movl given, %ebp
    addr32 movl %eax, %ds:(%ebp)
    addr32 movl %ebx, %ds:4(%ebp)
    addr32 movl %ecx, %ds:8(%ebp)
    addr32 movl %edx, %ds:12(%ebp)
    addr32 movl %esi, %ds:16(%ebp)
    addr32 movl %edi, %ds:20(%ebp)
    popl %eax
    popw %ax
    addr32 movw %ax, %ds:24(%ebp)
    popw %ax
    addr32 movw %ax, %ds:26(%ebp)
    movw %cs, %ax
    movw %ax, %es
    cld
    popal
    retl

/* struct trap_frame in real.h is what trap_handler sees. */
.macro STUB vector
    .balign 16
    pushl $\vector
    jmp trap_common
.endm

    .balign 16
    .globl trap_stubs
trap_stubs:
    vector = 0
    .rept 256
    STUB vector
    vector = vector + 1
    .endr

trap_common:
    pushal
    movl %esp, %eax
    cld
    pushl %eax
    calll trap_handler
    addl $4, %esp
    popal
    addl $4, %esp
    iretw

    .balign 8
gdt:
    .quad 0, 0x00009b000000ffff, 0x000093000000ffff, 0x00cf93000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long gdt

    .bss
given:
    .long 0

    .section .note.GNU-stack, "", @progbits
