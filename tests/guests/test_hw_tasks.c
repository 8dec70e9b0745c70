/* SPDX-License-Identifier: MIT */
// modes: pvh32 pvh32np hvm32 hvm32np
/* The hardware's own tasks: far CALL, far JMP, IRET, INT and exceptions by task gates, 32-bit and 16-bit segments; what is
 * saved, what is loaded, and what is refused. */
#include "lib/guest.h"

enum { CODE = 0x08, DATA = 0x10, MAIN = 0x20, SECOND = 0x28, THIRD = 0x30, CODE16 = 0x38, STACK16 = 0x40, GDT_ENTRIES = 9 };
#define TYPE_TSS16 0x81u
#define TYPE_TSS32 0x89u
#define TYPE_BUSY 2u
#define TASK_GATE 0x85u
#define GATE 0x80
#define DB 1
#define GP 13
#define TS 10
#define NP 11
#define NT 0x4000u
#define CR0_TS 8u
#define LINEAR_END 0x67u

struct tss32 {
    u32 link, stacks[6], cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi, es, cs, ss, ds, fs, gs, ldt;
    u16 trap, io_map;
} tight;
struct tss16 { u16 link, stacks[6], ip, flags, ax, cx, dx, bx, sp, bp, si, di, es, cs, ss, ds, ldt; } tight;

struct tss32 main_task;
static struct tss32 second;
static struct tss16 third;
static u64 own_gdt[GDT_ENTRIES] page_aligned;
static u8 stacks[2][4096] page_aligned;
static u32 debug_traps;
extern const char task_entry[], error_entry[], jump_entry[], task16_entry[];
extern volatile u32 task_runs, task_error, task_flags, main_resume;

/* The other tasks. error_entry's lets the one that faulted go on behind the fault. */
asm(".data; task_runs: .long 0; task_error: .long 0; task_flags: .long 0; main_resume: .long 0; .text\n"
    "task_entry: pushf; pop task_flags; incl task_runs; mov $0x55aa55aa, %eax; iret; jmp task_entry\n"
    "error_entry: pop task_error; incl task_runs; mov main_resume, %eax; mov %eax, main_task + 0x20; iret; jmp error_entry\n"
    "jump_entry: incl task_runs; ljmp $0x20, $0; jmp jump_entry\n"
    "task16_entry: incl task_runs; mov $0x1234, %bx; iret; jmp task16_entry\n");

static u64 descriptor(const void *base, u32 limit, u32 type)
{
    u64 at = (unsigned long)base;

    return (limit & 0xffff) | (at & 0xffffff) << 16 | (u64)type << 40 | (u64)(limit >> 16 & 0xf) << 48 | (at >> 24) << 56;
}

static u32 type_of(u32 selector) { return (u32)(own_gdt[selector / 8] >> 40) & 0xff; }

static void load_gdt(void)
{
    struct { u16 limit; u32 base; } tight old, pointer = { sizeof(own_gdt) - 1, (unsigned long)own_gdt };

    asm volatile("sgdt %0" : "=m" (old));
    memcpy(own_gdt, (void *)old.base, 4 * 8);
    asm volatile("lgdt %0" :: "m" (pointer));
}

static u32 read_cr3(void) { u32 v; asm volatile("mov %%cr3, %0" : "=r" (v)); return v; }
static u32 read_cr0(void) { u32 v; asm volatile("mov %%cr0, %0" : "=r" (v)); return v; }
static u32 task_register(void) { u32 v = 0; asm volatile("str %w0" : "+r" (v)); return v; }

static void prepare(const void *entry)
{
    own_gdt[MAIN / 8] = descriptor(&main_task, LINEAR_END, TYPE_TSS32);
    own_gdt[SECOND / 8] = descriptor(&second, LINEAR_END, TYPE_TSS32);
    own_gdt[THIRD / 8] = descriptor(&third, sizeof(third) - 1, TYPE_TSS16);
    own_gdt[CODE16 / 8] = descriptor(task16_entry, 0xffff, 0x9b) | 1ull << 54;
    own_gdt[STACK16 / 8] = descriptor(stacks[1], 0xfff, 0x93);
    second = (struct tss32){ .cr3 = read_cr3(), .eip = (unsigned long)entry, .eflags = 2, .esp = (unsigned long)stacks[1],
                             .es = DATA, .cs = CODE, .ss = DATA, .ds = DATA, .fs = DATA, .io_map = LINEAR_END + 1 };
    third = (struct tss16){ .flags = 2, .sp = 0x1000, .es = DATA, .cs = CODE16, .ss = STACK16, .ds = DATA };
    main_task = (struct tss32){ .cr3 = read_cr3() };
    asm volatile("ltr %w0" :: "r" (MAIN));
    asm volatile("clts");
    task_runs = 0;
}

static void call_and_return(void)
{
    u32 bx = 0x11112222, flags;

    prepare(task_entry);
    for (u32 i = 1; i < 4; i++) {
        asm volatile("lcall %1, $0" : "+b" (bx) : "i" (SECOND) : "memory", "cc");
        asm volatile("pushf; pop %0" : "=r" (flags));
        EXPECT("runs of the task called", task_runs, i);
        EXPECT("NT in there", task_flags & NT, NT);
        EXPECT("NT behind it", flags & NT, 0);
        EXPECT("a register", bx, 0x11112222);
        EXPECT("the task register", task_register(), MAIN);
        EXPECT("the caller's type", type_of(MAIN), TYPE_TSS32 | TYPE_BUSY);
        EXPECT("the other's type", type_of(SECOND), TYPE_TSS32);
        EXPECT("its link", second.link, MAIN);
        EXPECT("its saved EAX", second.eax, 0x55aa55aa);
        EXPECT("NT where it is saved", second.eflags & NT, 0);
    }
    EXPECT("CR0.TS", read_cr0() & CR0_TS, CR0_TS);
}

static void jump(void)
{
    prepare(jump_entry);
    asm volatile("ljmp %0, $0" :: "i" (SECOND) : "memory", "cc");
    EXPECT("runs of the task jumped to", task_runs, 1);
    EXPECT("its type, left by a jump", type_of(SECOND), TYPE_TSS32);
    EXPECT("its link", second.link, 0);
    EXPECT("the type of this one", type_of(MAIN), TYPE_TSS32 | TYPE_BUSY);
}

static void task_16(void)
{
    u32 bx = 0x55556666;

    prepare(task_entry);
    asm volatile("lcall %1, $0" : "+b" (bx) : "i" (THIRD) : "memory", "cc");
    EXPECT("runs of the 16-bit task", task_runs, 1);
    EXPECT("a register", bx, 0x55556666);
    EXPECT("its saved BX", third.bx, 0x1234);
    EXPECT("its type", type_of(THIRD), TYPE_TSS16);
    EXPECT("its link", third.link, MAIN);
}

static void set_gate(unsigned int vector, u32 selector, u32 type)
{
    struct { u16 limit; u32 base; } tight idt;

    asm volatile("sidt %0" : "=m" (idt));
    ((volatile u64 *)idt.base)[vector] = (u64)type << 40 | selector << 16;
}

static void gates(void)
{
    prepare(task_entry);
    set_gate(GATE, SECOND, TASK_GATE);
    asm volatile("int %0" :: "i" (GATE) : "memory", "cc");
    asm volatile("int %0" :: "i" (GATE) : "memory", "cc");
    EXPECT("runs of the task behind a gate", task_runs, 2);
    prepare(error_entry);
    set_gate(GP, SECOND, TASK_GATE);
    asm volatile("movl $1f, main_resume; mov $0x1230, %%eax; mov %%eax, %%fs; 1:" ::: "eax", "memory", "cc");
    install_traps();
    EXPECT("runs of the task for #GP", task_runs, 1);
    EXPECT("the error code", task_error, 0x1230);
}

static void clear_nt(void)
{
    asm volatile("pushf; andl $~0x4000, (%%esp); popf" ::: "memory", "cc");
}

/* After a switch that goes wrong half-way this code runs on in the new task. */
static void refused(void)
{
    prepare(task_entry);
    own_gdt[SECOND / 8] |= (u64)TYPE_BUSY << 40;
    EXPECT("a busy task", TRY("lcall %0, $0", "i" (SECOND)), GP);
    EXPECT("error code", last_trap.error_code, SECOND);
    prepare(task_entry);
    own_gdt[SECOND / 8] &= ~(0x80ull << 40);
    EXPECT("one that is not present", TRY("lcall %0, $0", "i" (SECOND)), NP);
    EXPECT("error code", last_trap.error_code, SECOND);
    prepare(task_entry);
    own_gdt[SECOND / 8] = descriptor(&second, LINEAR_END - 1, TYPE_TSS32);
    EXPECT("too short a limit", TRY("ljmp %0, $0", "i" (SECOND)), TS);
    EXPECT("error code", last_trap.error_code, SECOND);
    EXPECT("the task register", task_register(), MAIN);
    prepare(task_entry);
    main_task.link = SECOND;                /* which is not busy */
    EXPECT("IRET", TRY("pushf; orl $0x4000, (%%esp); popf; iret", "i" (0)), TS);
    EXPECT("error code", last_trap.error_code, SECOND);
    clear_nt();
    prepare(task_entry);
    second.gs = 0x1230;
    EXPECT("a data segment beyond the table", TRY("ljmp %0, $0", "i" (SECOND)), TS);
    EXPECT("error code", last_trap.error_code, 0x1230);
    EXPECT("in the new task", task_register(), SECOND);
    EXPECT("its CR0.TS", read_cr0() & CR0_TS, CR0_TS);
    asm volatile("mov %w0, %%gs" :: "r" (DATA));
}

/* #DB before the new task's first instruction. */
static bool count_debug(struct trap_frame *frame)
{
    u32 dr6;

    if (frame->vector != DB)
        return false;
    asm volatile("mov %%dr6, %0" : "=r" (dr6));
    if (frame->rip == (unsigned long)task_entry && dr6 & 0x8000)
        debug_traps++;
    return true;
}

static void debug_bit(void)
{
    prepare(task_entry);
    second.trap = 1;
    trap_hook = count_debug;
    asm volatile("lcall %0, $0" :: "i" (SECOND) : "memory", "cc");
    trap_hook = NULL;
    EXPECT("more debug traps than one", debug_traps > 1, 0);   /* QEMU 7.2 overlooks the T bit: docs/machine.md */
    EXPECT("runs behind it", task_runs, 1);
}

void test_main(void)
{
    load_gdt();
    call_and_return();
    jump();
    task_16();
    gates();
    refused();
    debug_bit();
}
