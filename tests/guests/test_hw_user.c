/* SPDX-License-Identifier: MIT */
// modes: pvh64
/* Instructions for which a container is left, and others of ring 0's: each in the kernel and in user mode, with its exception,
 * error code and place; where there is none, it goes on behind the instruction. Debug registers hold what was written, over
 * switches to others. */
#include "lib/guest.h"

#define UD 6
#define GP 13
#define KERNEL_DATA 0x10
#define USER_CODE 0x23
#define USER_DATA 0x2b
#define TSS 0x30
#define CR4_OSXSAVE (1ul << 18)

#ifdef __x86_64__
#define KERNEL_CODE 0x18
#define WORD ".quad"
#define R "r"
#else
#define KERNEL_CODE 0x08
#define WORD ".long"
#define R "e"
#endif

enum outcome { GOES_ON, IS_GP, IS_UD, IS_GP_OR_UD, LEFT_OUT };
struct piece { const u8 *start, *at, *end; unsigned long in_kernel, in_user; const char *what; };
extern const struct piece pieces[], pieces_end[];
#define ASM_TEXT(x) #x
#define NUMBER(x) ASM_TEXT(x)
/* Code: what goes before, the instruction, what it is to bring about in the kernel and in user mode (enum outcome). */
#define PIECE(before, instruction, in_kernel, in_user) \
    asm(".pushsection .text; 1: " before "\n 2: " instruction "\n 3: ud2; .popsection\n" \
        ".pushsection .rodata; 4: .asciz \"" instruction "\"; .popsection\n" \
        ".pushsection .pieces, \"a\"; .balign 8;" WORD " 1b, 2b, 3b, " NUMBER(in_kernel) ", " NUMBER(in_user) ", 4b;" \
        ".balign 8; .popsection")
asm(".pushsection .pieces, \"a\"; .balign 8; pieces: .popsection");

#define ZERO "xor %eax, %eax; xor %ecx, %ecx; xor %edx, %edx"
PIECE(ZERO, "cpuid", 0, 0);
PIECE("", "pause", 0, 0);
PIECE("", "rdtsc", 0, 0);
PIECE(ZERO, "invd", 0, 1);
PIECE(ZERO, "wbinvd", 0, 1);
PIECE("", "clts", 0, 1);
PIECE("", "invlpg scratch", 0, 1);
PIECE("", "hlt", 4, 1);                      /* for ever, in the kernel: interrupts are off */
PIECE(ZERO, "rdpmc", 1, 1);
PIECE(ZERO "; mov $0x12345, %ecx", "rdmsr", 1, 1);
PIECE(ZERO "; mov $0x1b, %ecx", "rdmsr", 0, 1);
PIECE(ZERO "; mov $0x12345, %ecx", "wrmsr", 1, 1);
PIECE(ZERO "; inc %eax", "xsetbv", 0, 1);
PIECE(ZERO, "xsetbv", 1, 1);
PIECE(ZERO "; inc %eax; inc %ecx", "xsetbv", 1, 1);
PIECE(ZERO, "monitor", 2, 2);
PIECE(ZERO, "mwait", 2, 2);
PIECE(ZERO, "rsm", 2, 2);
PIECE("lea scratch, %" R "ax", "vmrun", 2, 3);
PIECE("lea scratch, %" R "ax", "vmload", 2, 3);
PIECE("lea scratch, %" R "ax", "vmsave", 2, 3);
PIECE("mov $0x1234, %eax", "vmmcall", 0, 0);
PIECE("", "stgi", 2, 3);
PIECE("", "clgi", 2, 3);
PIECE("xor %eax, %eax", "skinit", 2, 3);
PIECE(ZERO, "invlpga", 2, 3);
PIECE("mov $0x1234, %edx", "inb %dx, %al", 0, 1);
PIECE("mov $0x1234, %edx", "outl %eax, %dx", 0, 1);
PIECE("mov $0x1234, %edx; lea scratch, %" R "di", "insb", 0, 1);
PIECE("", "cli", 0, 1);
PIECE("", "mov %dr7, %" R "ax", 0, 1);
PIECE("xor %eax, %eax", "mov %" R "ax, %dr0", 0, 1);
PIECE("", "mov %cr3, %" R "ax", 0, 1);
PIECE("", "mov %cr0, %" R "ax", 0, 1);
#ifdef __x86_64__
PIECE("", "mov %cr8, %rax", 0, 1);
PIECE("xor %eax, %eax", "mov %rax, %cr8", 0, 1);
PIECE("", "swapgs; swapgs", 0, 1);
#endif
asm(".pushsection .pieces, \"a\"; pieces_end: .popsection");

/* ---- User mode, in the kernel's own pages */

static struct { u32 reserved0; unsigned long stack0; u32 ss0; u32 rest[30]; } tight task;
static u64 own_gdt[9];
static u8 user_stack[4096] page_aligned, trap_stack0[8192] page_aligned;
const u8 *run_at;                           /* what goes on with these is assembly */
void *run_stack;
u32 run_in_user;
extern pte_t level2[], level3[], level4[];

static void prepare(void)
{
    struct { u16 limit; unsigned long base; } tight pointer = { sizeof(own_gdt) - 1, (unsigned long)own_gdt }, old;
    u64 at = (unsigned long)&task;
    unsigned long cr3;

    asm volatile("sgdt %0" : "=m" (old));
    memcpy(own_gdt, (void *)old.base, 4 * 8);
    own_gdt[4] = own_gdt[KERNEL_CODE / 8] | 3ull << 45;
    own_gdt[5] = own_gdt[KERNEL_DATA / 8] | 3ull << 45;
    own_gdt[6] = 0x67 | (at & 0xffffff) << 16 | 0x89ull << 40;
    task.stack0 = (unsigned long)trap_stack0 + sizeof(trap_stack0);
    task.ss0 = KERNEL_DATA;
    task.rest[0] = 0;
    ((u16 *)&task)[51] = 0x68;              /* no ports */
    for (unsigned int i = 0; i < LEVEL1_PAGES; i++)
        level1[i] |= PTE_USER;
    level2[0] |= PTE_USER, level2[1] |= PTE_USER;
#ifdef __x86_64__
    level3[0] |= PTE_USER, level4[0] |= PTE_USER;
#endif
    asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=&r" (cr3) :: "memory");
    asm volatile("lgdt %0" :: "m" (pointer));
    asm volatile("ltr %w0; mov %w1, %%ds; mov %w1, %%es" :: "r" (TSS), "r" (USER_DATA));
}

/* What happens in user mode is noted, and the kernel goes on. */
static bool from_user(struct trap_frame *frame)
{
    if ((frame->cs & 3) != 3)
        return false;
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->cs = KERNEL_CODE;
    frame->rip = trap_resume;
    frame->rflags &= ~0x100ul;
#ifdef __x86_64__
    frame->ss = KERNEL_DATA;
#endif
    return true;
}

/* Runs a piece of code, which ends with an exception. */
static __attribute__((__noinline__)) void run(const u8 *code, bool in_user)
{
    trap_vector = -1;
    run_at = code;
    run_stack = user_stack + sizeof(user_stack);
    run_in_user = in_user;
#ifdef __x86_64__
    asm volatile("mov %%rsp, %%r12; movq $1f, trap_resume; cmpl $0, run_in_user; je 2f;"
                 "pushq $" NUMBER(USER_DATA) "; push run_stack; pushq $2; pushq $" NUMBER(USER_CODE) "; push run_at; iretq;"
                 "2: jmp *run_at; 1: mov %%r12, %%rsp; movq $0, trap_resume"
                 ::: "rax", "rbx", "rcx", "rdx", "rdi", "r12", "memory", "cc");
#else
    asm volatile("mov %%esp, trap_stack; movl $1f, trap_resume; cmpl $0, run_in_user; je 2f;"
                 "pushl $" NUMBER(USER_DATA) "; push run_stack; pushl $2; pushl $" NUMBER(USER_CODE) "; push run_at; iret;"
                 "2: jmp *run_at; 1: mov trap_stack, %%esp; movl $0, trap_resume"
                 ::: "eax", "ebx", "ecx", "edx", "edi", "memory", "cc");
#endif
}

static void judge(const struct piece *p, const char *where, enum outcome wanted)
{
    unsigned long at = (unsigned long)(wanted == GOES_ON ? p->end : p->at);
    bool right = trap_vector == (wanted == IS_GP ? GP : UD) || (wanted == IS_GP_OR_UD && trap_vector == GP);

    if (!right || last_trap.rip != at || last_trap.error_code)
        FAIL("%s in %s: vector %ld, error %lx, %ld bytes behind its beginning", p->what, where, trap_vector,
             (unsigned long)last_trap.error_code, (long)(last_trap.rip - (unsigned long)p->at));
}

static void each_piece(void)
{
    unsigned int n = 0;

    for (const struct piece *p = pieces; p < pieces_end; p++, n++) {
        if (p->in_kernel != LEFT_OUT) {
            run(p->start, false);
            judge(p, "the kernel", (enum outcome)p->in_kernel);
        }
        run(p->start, true);
        judge(p, "user mode", (enum outcome)p->in_user);
    }
    if (n < 30)
        verdict(ERROR, "%u instructions only", n);
}

/* A hypercall from user mode is refused. */
static void user_hypercall(void)
{
    const struct piece *p = pieces;

    while (p->what[0] != 'v' || p->what[2] != 'm')
        p++;
    run(p->start, true);
    EXPECT("vmmcall in user mode", (long)last_trap.rax, -XEN_EPERM);
}

/* ---- Debug registers */

#define SET_AND_GET(n, value) do { unsigned long _v = (value); asm volatile("mov %0, %%dr" #n :: "r" (_v)); nap(100000); \
    asm volatile("mov %%dr" #n ", %0" : "=r" (_v)); EXPECT("DR" #n, _v, value); } while (0)

static void debug_registers(void)
{
    for (unsigned int round = 0; round < 3; round++) {
        SET_AND_GET(0, 0x1000ul + round);
        SET_AND_GET(1, 0x2000ul + round);
        SET_AND_GET(2, 0x3000ul + round);
        SET_AND_GET(3, 0x4000ul + round);
        SET_AND_GET(7, 0x400ul);
        SET_AND_GET(7, 0xf04aaul);   /* watched: places where nobody goes */
        SET_AND_GET(0, 0x5000ul + round);
        SET_AND_GET(7, 0x400ul);
    }
}

void test_main(void)
{
    unsigned long cr4;

    (void)shared_info_page();
    asm volatile("mov %%cr4, %0; or %1, %0; mov %0, %%cr4" : "=&r" (cr4) : "r" (CR4_OSXSAVE | 1ul << 9));
    prepare();
    trap_hook = from_user;
    each_piece();
    user_hypercall();
    trap_hook = NULL;
    debug_registers();
}
