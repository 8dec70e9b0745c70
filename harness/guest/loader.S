/* SPDX-License-Identifier: MIT */
/* Boots Linux from a CD by its BIOS, the shortest way: no menu, no files, and the command line to the letter. The CD
 * (harness/disc.py, boot_disc in /init) has this program, a block with the words, the kernel and the ramdisk, the last two
 * padded to whole chunks. The firmware loads the first two to 7C00H and starts them there (El Torito, no emulation).
 * Linux's side is Documentation/x86/boot.rst, boot protocol 2.06 and later. Given by the builder: KERNEL_CHUNKS,
 * RAMDISK_CHUNKS, RAMDISK_BYTES, FIRST_BLOCK (of the kernel). */
#define BLOCK 2048
#define CHUNK_BLOCKS 16
#define CHUNK (CHUNK_BLOCKS * BLOCK)
#define SELF 0x7c00
#define WORDS (SELF + BLOCK)
#define SETUP 0x10000         /* the kernel's part for real mode; it ends in the first chunk */
#define SETUP_STACK 0xe000
#define BUFFER 0x20000
#define KERNEL 0x100000
#define RAMDISK 0x8000000
#define SERIAL_PORT 0x3f8

/* Fields of the boot protocol, from SETUP */
#define SETUP_SECTORS 0x1f1
#define TYPE_OF_LOADER 0x210
#define LOADFLAGS 0x211
#define RAMDISK_IMAGE 0x218
#define RAMDISK_SIZE 0x21c
#define HEAP_END 0x224
#define COMMAND_LINE 0x228
#define UNKNOWN_LOADER 0xff
#define CAN_USE_HEAP 0x80

    .code16
    .globl start
start:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %ss
    movw $SELF, %sp
    sti
    ljmp $0, $(SELF + here - start)
here:
    movb %dl, drive

    movw $(SETUP >> 4), segment
    call read
    movw $(BUFFER >> 4), segment
    movw $(SETUP >> 4), %ax
    movw %ax, %fs
    movzbl %fs:SETUP_SECTORS, %eax
    incl %eax                            /* the boot sector is not counted */
    shll $9, %eax
    movl $KERNEL, %edi
    movl $CHUNK, %ecx
    subl %eax, %ecx
    leal SETUP(%eax), %esi
    call copy
    movw $(KERNEL_CHUNKS - 1), %bp
    call load
    movl $RAMDISK, %edi
    movw $RAMDISK_CHUNKS, %bp
    call load

    movw $(SETUP >> 4), %ax
    movw %ax, %fs
    movb $UNKNOWN_LOADER, %fs:TYPE_OF_LOADER
    orb $CAN_USE_HEAP, %fs:LOADFLAGS
    movw $(SETUP_STACK - 0x200), %fs:HEAP_END
    movl $RAMDISK, %fs:RAMDISK_IMAGE
    movl $RAMDISK_BYTES, %fs:RAMDISK_SIZE
    movl $WORDS, %fs:COMMAND_LINE
    cli
    movw %fs, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %gs
    movw %ax, %ss
    movw $SETUP_STACK, %sp
    ljmp $((SETUP >> 4) + 0x20), $0

/* The next BP chunks to EDI, which ends behind them. */
load:
    call read
    movl $BUFFER, %esi
    movl $CHUNK, %ecx
    call copy
    decw %bp
    jnz load
    ret

/* The next chunk of the CD to segment:0. */
read:
    pushal
    movw $packet, %si
    movb drive, %dl
    movb $0x42, %ah                      /* extended read */
    int $0x13
    jc failed
    addl $CHUNK_BLOCKS, block
    popal
    ret

/* ECX bytes, a multiple of four, from linear address ESI to EDI; both end behind what was copied. Above 1 MiB by segments that
 * keep the limit they got in protected mode. The firmware may lose it again, thus each time anew. */
copy:
    cli
    lgdtl descriptors
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    jmp 1f
1:  movw $8, %bx
    movw %bx, %ds
    movw %bx, %es
    andb $0xfe, %al
    movl %eax, %cr0
    jmp 2f
2:  xorw %bx, %bx
    movw %bx, %ds
    movw %bx, %es
    shrl $2, %ecx
    addr32 rep movsl
    sti
    ret

failed:
    movw $message, %si
    movw $SERIAL_PORT, %dx
3:  lodsb
    outb %al, %dx
    testb %al, %al
    jnz 3b
4:  hlt
    jmp 4b
message: .asciz "loader: the CD cannot be read\r\n"

    .balign 8
gdt:
    .quad 0, 0x00cf92000000ffff          /* data, flat, 4 GiB */
descriptors:
    .word . - gdt - 1
    .long gdt
packet:                                  /* what int 13H, function 42H is told */
    .byte 16, 0
    .word CHUNK_BLOCKS, 0
segment:
    .word 0
block:
    .long FIRST_BLOCK, 0
drive:
    .byte 0
    .org start + BLOCK
