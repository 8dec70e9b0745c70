/* SPDX-License-Identifier: MIT */
// modes: pvh32 pvh32np hvm32 hvm32np
/* Virtual-8086 mode (AMD64 APM vol. 2, 4.13 and 12.3.3): entered by IRET, left by exceptions and interrupts; which instructions
 * its IOPL and the I/O bitmap let it have; and its accesses to ports, devices and processor identification, which are the
 * hypervisor's to answer, with the addresses of that mode. */
#include "lib/guest.h"

enum { CODE = 0x08, DATA = 0x10, TASK = 0x20, GDT_ENTRIES = 5 };
#define TYPE_TSS32 0x89u
#define GATE32 0x8eu
#define DPL3 0x60u
#define GP 13
#define UD 6
#define PF 14
#define SERVICE 0x21
#define FLAG_CF 1u
#define FLAG_IF 0x200u
#define FLAG_VM 0x20000u
#define IOPL(n) ((u32)(n) << 12)
#define PORT 0x1234u                       /* no device is there */
#define FORBIDDEN 0x1240u                  /* a port whose bit in the bitmap is set */
#define APIC_ADDRESS 0xfee00000u

/* Below 640 KiB, where there is memory and nothing of this kernel. As that mode has them, a segment is a 16th of an address. */
#define CODE_AT 0x20000u
#define DATA_AT 0x30000u
#define STACK_AT 0x40000u
#define DEVICE_AT 0x50000u                 /* the page with the local APIC's registers is mapped here */
#define HOLE_AT 0x51000u                   /* and here one without memory */
#define SEGMENT(at) ((at) >> 4)

static struct {
    u32 link, esp0, ss0, rest[22];
    u16 trap, io_map;
    u8 bitmap[0x2001];
} tight task page_aligned;
static u64 own_gdt[GDT_ENTRIES], own_idt[256];

/* What was there when the mode was left; in the order of the pushes at vm86_left. */
struct vm86_frame {
    u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax, vector, error_code, eip, cs, eflags, esp, ss, es, ds, fs, gs;
};
struct vm86_frame vm86_frame;
extern u32 vm86_stack_end[];
u32 vm86_caller;

/* vm86_enter(EFLAGS): runs what is at CODE_AT until something raises a vector; that. */
u32 vm86_enter(u32 eflags);
extern const char vm86_left_6[], vm86_left_13[], vm86_left_14[], vm86_left_21[];
asm(".text\n"
    "vm86_enter: mov 4(%esp), %eax; pusha; mov %esp, vm86_caller; mov $vm86_stack_end, %esp\n"
    "    push $0x5000; push $0x5000; push $0x3000; push $0x3000; push $0x4000; push $0x1000\n"   /* gs fs ds es ss esp */
    "    push %eax; push $0x2000; push $0\n"
    "    xor %eax, %eax; xor %ebx, %ebx; xor %ecx, %ecx; xor %edx, %edx; xor %esi, %esi; xor %edi, %edi; iret\n"
    "vm86_left_6: push $0; push $6; jmp vm86_left\n"
    "vm86_left_13: push $13; jmp vm86_left\n"
    "vm86_left_14: push $14; jmp vm86_left\n"
    "vm86_left_21: push $0; push $0x21\n"
    "vm86_left: pusha; mov $0x10, %eax; mov %eax, %ds; mov %eax, %es; mov %eax, %fs; mov %eax, %gs; cld\n"
    "    mov %esp, %esi; mov $vm86_frame, %edi; mov $19, %ecx; rep movsl\n"
    "    mov vm86_caller, %esp; popa; mov vm86_frame + 32, %eax; ret\n"
    ".bss; .balign 16; .skip 4096; vm86_stack_end: .skip 16; .text\n");

/* Programs for the mode; each ends with HLT, which is not its to execute. */
#define PROGRAM(name, text) extern const char name[]; asm(".code16\n" #name ": " text "; hlt; hlt\n.code32\n")
PROGRAM(only_halts, "mov $0x77, %bl");
PROGRAM(reads_port, "mov $0x1234, %dx; xor %ax, %ax; in %dx, %al; mov %ax, %bx; in %dx, %ax; in $0x80, %al");
PROGRAM(reads_forbidden, "mov $0x1240, %dx; in %dx, %al");
PROGRAM(reads_across, "mov $0x123f, %dx; in %dx, %ax");
PROGRAM(reads_string, "mov $0x1234, %dx; mov $0xfff8, %di; mov $12, %cx; rep insb");
PROGRAM(writes_string, "mov $0x1234, %dx; mov $6, %cx; rep outsw");
PROGRAM(asks_service, "mov $0x4321, %ax; int $0x21");
PROGRAM(clears_interrupts, "sti; cli; pushf; pop %bx");
PROGRAM(identifies, "mov $0x40000000, %eax; cpuid");
PROGRAM(device, "movl $0x50, %fs:0x80; movl %fs:0x80, %ebx; incb %fs:0x1000; mov %fs:0x1002, %cx");
PROGRAM(copies_hole, "push %fs; pop %ds; mov $0x1000, %si; mov $0x40, %di; mov $8, %cx; rep movsw");
PROGRAM(switches_off, "mov %cr0, %eax");

static void map_for_it(u32 at, u32 to)
{
    *entry_of((void *)at) = (pte_t)(to | PTE_PRESENT | PTE_RW | PTE_USER);
    forget_page((void *)at);
}

/* The memory that it has is its own: entries of both levels say so, and the segment limit of 64 KiB does the rest. */
static void give_memory(void)
{
    extern pte_t level2[];

    level2[0] |= PTE_USER;
    for (u32 at = CODE_AT; at < STACK_AT + 0x10000; at += 0x1000)
        map_for_it(at, at);
    map_for_it(DEVICE_AT, APIC_ADDRESS);
    map_for_it(HOLE_AT, EMPTY_GFN << 12);
}

static void set_gate(unsigned int vector, const void *entry, u32 type)
{
    u32 at = (u32)entry;

    own_idt[vector] = (at & 0xffff) | CODE << 16 | (u64)type << 40 | (u64)(at >> 16) << 48;
}

static void load_tables(void)
{
    struct { u16 limit; u32 base; } tight old, gdt = { sizeof(own_gdt) - 1, (u32)own_gdt }, idt = { sizeof(own_idt) - 1,
                                                                                                     (u32)own_idt };
    u64 at = (u32)&task, limit = sizeof(task) - 1;

    asm volatile("sgdt %0" : "=m" (old));
    memcpy(own_gdt, (void *)old.base, 4 * 8);
    own_gdt[TASK / 8] = limit | (at & 0xffffff) << 16 | (u64)TYPE_TSS32 << 40 | (at >> 24) << 56;
    task.ss0 = DATA;
    task.esp0 = (u32)vm86_stack_end;
    task.io_map = (u16)__builtin_offsetof(__typeof__(task), bitmap);
    task.bitmap[FORBIDDEN / 8] = 1u << FORBIDDEN % 8;
    task.bitmap[sizeof(task.bitmap) - 1] = 0xff;
    set_gate(UD, vm86_left_6, GATE32);
    set_gate(GP, vm86_left_13, GATE32);
    set_gate(PF, vm86_left_14, GATE32);
    set_gate(SERVICE, vm86_left_21, GATE32 | DPL3);
    asm volatile("lgdt %0; lidt %1; ltr %w2" :: "m" (gdt), "m" (idt), "r" (TASK));
}

static u32 run(const char *program, u32 eflags)
{
    memcpy((void *)CODE_AT, program, 128);
    return vm86_enter(FLAG_VM | 2 | eflags);
}

/* What it may not do raises #GP(0), and finds the mode as it was. */
static void stopped_at(const char *what, u32 vector, u32 offset)
{
    EXPECT(what, vector, GP);
    EXPECT("error code", vm86_frame.error_code, 0);
    EXPECT("CS", vm86_frame.cs, SEGMENT(CODE_AT));
    EXPECT("IP", vm86_frame.eip, offset);
    EXPECT("the mode's flag", vm86_frame.eflags & FLAG_VM, FLAG_VM);
}

static void in_and_out(void)
{
    stopped_at("HLT", run(only_halts, 0), 2);
    EXPECT("BL", vm86_frame.ebx, 0x77);
    EXPECT("SS", vm86_frame.ss, SEGMENT(STACK_AT));
    EXPECT("ES", vm86_frame.es, SEGMENT(DATA_AT));
    EXPECT("SP", vm86_frame.esp, 0x1000);
    EXPECT("HLT with all of IOPL", run(only_halts, IOPL(3)), GP);
    EXPECT("a register of the processor", run(switches_off, IOPL(3)), GP);
}

static void ports(void)
{
    EXPECT("IN", run(reads_port, 0), GP);
    EXPECT("a byte of no device", vm86_frame.ebx & 0xffff, 0xff);
    EXPECT("a word of it", vm86_frame.eax >> 8 & 0xff, 0xff);
    stopped_at("IN of a port whose bit is set", run(reads_forbidden, IOPL(3)), 3);
    stopped_at("IN of a word half of which is forbidden", run(reads_across, IOPL(3)), 3);
}

/* Segment and offset make the address; the offset wraps within its 16 bits. */
static void strings(void)
{
    u8 *data = (u8 *)DATA_AT;

    memset(data, 0, 0x10000);
    EXPECT("INS", run(reads_string, 0), GP);
    EXPECT("DI", vm86_frame.edi, 4);
    EXPECT("CX", vm86_frame.ecx, 0);
    EXPECT("before", data[0xfff7], 0);
    EXPECT("the first byte", data[0xfff8], 0xff);
    EXPECT("the segment's last", data[0xffff], 0xff);
    EXPECT("its first", data[0], 0xff);
    EXPECT("the last byte", data[3], 0xff);
    EXPECT("behind", data[4], 0);
    EXPECT("OUTS", run(writes_string, 0), GP);
    EXPECT("SI", vm86_frame.esi, 12);
}

static void interrupts_of_it(void)
{
    EXPECT("INT with IOPL 3", run(asks_service, IOPL(3)), SERVICE);
    EXPECT("AX", vm86_frame.eax, 0x4321);
    EXPECT("IP behind it", vm86_frame.eip, 5);
    stopped_at("INT with IOPL 0", run(asks_service, 0), 3);
    set_gate(SERVICE, vm86_left_21, GATE32);
    EXPECT("INT through a gate of ring 0", run(asks_service, IOPL(3)), GP);
    EXPECT("error code", vm86_frame.error_code, SERVICE * 8 + 2);
    stopped_at("STI with IOPL 0", run(clears_interrupts, 0), 0);
    EXPECT("STI and CLI with IOPL 3", run(clears_interrupts, IOPL(3)), GP);
    EXPECT("IF", vm86_frame.ebx & FLAG_IF, 0);
}

static void what_the_hypervisor_answers(void)
{
    u32 here[4];

    cpuid(0x40000000, 0, here);
    EXPECT("CPUID", run(identifies, 0), GP);
    EXPECT("EAX", vm86_frame.eax, here[0]);
    EXPECT("EBX", vm86_frame.ebx, here[1]);
    EXPECT("a device", run(device, 0), GP);
    EXPECT("TPR", vm86_frame.ebx, 0x50);
    EXPECT("a word of no memory", vm86_frame.ecx, 0xffff);
    memset((void *)DATA_AT, 0, 0x100);
    EXPECT("MOVS", run(copies_hole, 0), GP);
    EXPECT("SI", vm86_frame.esi, 0x1010);
    EXPECT("what was copied", *(u32 *)(DATA_AT + 0x4c), ~0u);
    EXPECT("behind it", *(u32 *)(DATA_AT + 0x50), 0);
    *(volatile u32 *)(APIC_ADDRESS + 0x80) = 0;
}

void test_main(void)
{
    give_memory();
    load_tables();
    in_and_out();
    ports();
    strings();
    interrupts_of_it();
    what_the_hypervisor_answers();
    install_traps();
}
