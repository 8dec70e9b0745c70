/* SPDX-License-Identifier: MIT */
/* From the boot loader to prism_start(): multiboot 1 and 2 headers, the first page tables, long mode.
 *
 * The image is linked at IMAGE_START and loaded at IMAGE_LOAD_ADDRESS; until paging is on, every address must be
 * turned into the machine address with PHYS(). The tables made here map the first 4 GiB twice (at 0, so that the instruction
 * after "paging on" exists, and in the direct map) and the image page by page, so that mem/map.c can protect it later. */
#include "offsets.h"
#include "cpu/percpu.h"
#include "cpu/x86.h"
#include "mem/layout.h"

#define PHYS(symbol) ((symbol) - IMAGE_START + IMAGE_LOAD_ADDRESS)
#define L4_SLOT(va) (((va) >> 39) & 511)
#define L3_SLOT(va) (((va) >> 30) & 511)
#define TABLE_FLAGS 0x63                /* P RW A D */
#define IMAGE_MAX_TABLES 4              /* level-1 tables of the image: 8 MiB; prism.lds checks */

#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x3                   /* modules on page boundaries, memory information */
#define MB2_MAGIC 0xe85250d6

        .section .head, "ax", @progbits
        .code32
        .global image_entry
        .hidden image_entry

        .balign 8
multiboot1_header:
        .long MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)

        .balign 8
multiboot2_header:
        .long MB2_MAGIC, 0, multiboot2_end - multiboot2_header
        .long -(MB2_MAGIC + (multiboot2_end - multiboot2_header))
        .short 1, 0                     /* information request: what boot/multiboot.c cannot do without */
        .long 12, 6                     /* memory map */
        .balign 8
        .short 6, 0                     /* modules on page boundaries */
        .long 8
        .short 0, 0
        .long 8
multiboot2_end:

        .balign 8
boot_gdt:
        .quad 0
        .quad 0x00af9a000000ffff        /* 0x08: 64-bit code */
        .quad 0x00cf92000000ffff        /* 0x10: data */
boot_gdt_end:
boot_gdt_pointer32:
        .short boot_gdt_end - boot_gdt - 1
        .long PHYS(boot_gdt)
boot_gdt_pointer64:
        .short boot_gdt_end - boot_gdt - 1
        .quad boot_gdt

unfit_message:
        .asciz "Prism: panic: this processor has no 64-bit mode with no-execute pages\r\n"

/* EAX: the loader's magic. EBX: machine address of its information. Protected mode, flat segments, paging off. */
image_entry:
        cli
        cld
        movl    %eax, %edi
        movl    %ebx, %esi
        /* The firmware's timer tick may be pending at the 8259s. They are masked while the local APIC still listens
         * to them: the request is withdrawn, and the processor takes no interrupt without a vector later. */
        movb    $0xff, %al
        outb    %al, $0xa1
        outb    %al, $0x21
        movl    $PHYS(bsp_stack + STACK_SIZE - CPUINFO_SIZE), %esp

        /* APM vol. 3, appendix E: CPUID exists if EFLAGS.ID can be changed; 80000001H EDX has NX (20) and LM (29). */
        pushfl
        popl    %eax
        movl    %eax, %ecx
        xorl    $(1 << 21), %eax
        pushl   %eax
        popfl
        pushfl
        popl    %eax
        xorl    %ecx, %eax
        testl   $(1 << 21), %eax
        jz      unfit
        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      unfit
        movl    $0x80000001, %eax
        cpuid
        andl    $(1 << 29 | 1 << 20), %edx
        cmpl    $(1 << 29 | 1 << 20), %edx
        jne     unfit

        /* The first 4 GiB in pages of 2 MiB, used for both mappings. */
        movl    $PHYS(boot_l2), %ebx
        xorl    %ecx, %ecx
1:      movl    %ecx, %eax
        shll    $21, %eax
        orl     $(TABLE_FLAGS | PTE_PSE), %eax
        movl    %eax, (%ebx, %ecx, 8)
        incl    %ecx
        cmpl    $2048, %ecx
        jb      1b
        xorl    %ecx, %ecx
        movl    $(PHYS(boot_l2) + TABLE_FLAGS), %eax
1:      movl    %eax, PHYS(boot_l3_low)(, %ecx, 8)
        movl    %eax, PHYS(hypervisor_l3 + (L4_SLOT(DIRECTMAP_START) - HYPERVISOR_FIRST_SLOT) * 4096)(, %ecx, 8)
        addl    $4096, %eax
        incl    %ecx
        cmpl    $4, %ecx
        jb      1b

        /* The image, page by page. */
        movl    $PHYS(_end), %edx
        movl    $IMAGE_LOAD_ADDRESS, %eax
        movl    $PHYS(image_l1), %ebx
1:      leal    TABLE_FLAGS(%eax), %ecx
        movl    %ecx, (%ebx)
        addl    $8, %ebx
        addl    $4096, %eax
        cmpl    %edx, %eax
        jb      1b
        xorl    %ecx, %ecx
        movl    $(PHYS(image_l1) + TABLE_FLAGS), %eax
1:      movl    %eax, PHYS(image_l2)(, %ecx, 8)
        addl    $4096, %eax
        incl    %ecx
        cmpl    $IMAGE_MAX_TABLES, %ecx
        jb      1b
        movl    $(PHYS(image_l2) + TABLE_FLAGS), \
                PHYS(hypervisor_l3 + (L4_SLOT(IMAGE_START) - HYPERVISOR_FIRST_SLOT) * 4096 + L3_SLOT(IMAGE_START) * 8)

        /* Level 4: the low mapping, and a level-3 table in every slot that is Prism's: guests copy these sixteen. */
        movl    $(PHYS(boot_l3_low) + TABLE_FLAGS), PHYS(boot_l4)
        movl    $HYPERVISOR_FIRST_SLOT, %ecx
        movl    $(PHYS(hypervisor_l3) + TABLE_FLAGS), %eax
1:      movl    %eax, PHYS(boot_l4)(, %ecx, 8)
        addl    $4096, %eax
        incl    %ecx
        cmpl    $HYPERVISOR_LAST_SLOT, %ecx
        jbe     1b
        orl     $PTE_US, PHYS(boot_l4 + L4_SLOT(M2P_START) * 8)     /* guests read the M2P */

        /* APM vol. 2, 14.6: PAE, CR3, EFER.LME, then paging. */
        movl    $X86_CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $PHYS(boot_l4), %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_NX), %eax
        wrmsr
        movl    $(0x80000000 | X86_CR0_AM | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE), %eax
        movl    %eax, %cr0
        lgdt    PHYS(boot_gdt_pointer32)
        ljmp    $0x08, $PHYS(long_mode)

unfit:  movl    $unfit_message - IMAGE_START + IMAGE_LOAD_ADDRESS, %esi
        movl    $0xb8000, %edi
        movb    $0x07, %ah
1:      lodsb
        testb   %al, %al
        jz      2f
        movw    $0x3f8, %dx
        outb    %al, %dx
        movw    %ax, (%edi)
        addl    $2, %edi
        jmp     1b
2:      hlt
        jmp     2b

        .code64
long_mode:
        movabsq $high_address, %rax
        jmp     *%rax
high_address:
        lgdt    boot_gdt_pointer64(%rip)
        movl    $0x10, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %eax, %gs
        leaq    bsp_stack + STACK_SIZE - CPUINFO_SIZE(%rip), %rsp
        andq    $-16, %rsp
        movl    %edi, %edi
        movl    %esi, %esi
#ifndef NDEBUG
        /* The stacks' guard, before any function that looks at it: the clock, and RDRAND where there is one (APM vol. 3,
         * appendix E: 1H ECX 30). Its first byte is 0, which ends a string that is copied too far. */
        movl    $1, %eax
        cpuid
        xorl    %r8d, %r8d
        testl   $(1 << 30), %ecx
        jz      1f
        rdrand  %r8
1:      rdtsc
        shlq    $32, %rdx
        orq     %rdx, %rax
        movabsq $0x9e3779b97f4a7c15, %rdx       /* odd: the few bits that a young clock has go everywhere */
        imulq   %rdx, %rax
        xorq    %r8, %rax
        xorb    %al, %al
        movq    %rax, __stack_chk_guard(%rip)
#endif
        xorl    %ebp, %ebp
        call    prism_start
        ud2

/* The boot CPU's stack region: cpu/percpu.h says what its pages are. */
        .section .bss.stack, "aw", @nobits
        .balign STACK_SIZE
        .global bsp_stack
        .hidden bsp_stack
        .type   bsp_stack, @object
bsp_stack:
        .fill   STACK_SIZE
        .size   bsp_stack, STACK_SIZE

        .macro table name, pages
        .global \name
        .hidden \name
        .type   \name, @object
\name:  .fill   4096 * \pages
        .size   \name, 4096 * \pages
        .endm
        .section .bss.boot, "aw", @nobits   /* until mem_init() */
        .balign 4096
        table   boot_l3_low, 1
        table   boot_l2, 4

        .section .bss.tables, "aw", @nobits
        .balign 4096
        table   boot_l4, 1
        table   hypervisor_l3, 16
        table   image_l2, 1
        table   image_l1, IMAGE_MAX_TABLES
