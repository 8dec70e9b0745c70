/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* What happens between two instructions, of which the hypervisor carries out one: single steps, shadows of STI and MOV SS,
 * NMIs, which wait for IRET and no longer, interrupts that CR8 holds up. */
#include "lib/guest.h"

#define HOLE ((u8 *)gfn_to_va(EMPTY_GFN))
#define UNUSED_PORT 0x1234
#define APIC 0xfee00000ul
#define APIC_ID 0x20
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_ICR 0x300
#define APIC_ICR_HIGH 0x310
#define SELF 0x40000u
#define NMI_MODE 0x400u
#define VECTOR 0x71
#define DB 1
#define NMI 2
#define GP 13
#define DR6_BS 0x4000u

#ifdef __x86_64__
#define REG_DI "rdi"
#define STEP "pushfq; orq $0x100, (%%rsp); popfq;"
#define STEP_END "pushfq; andq $~0x100, (%%rsp); popfq;"
#else
#define REG_DI "edi"
#define STEP "pushf; orl $0x100, (%%esp); popf;"
#define STEP_END "pushf; andl $~0x100, (%%esp); popf;"
#endif

static volatile u32 *apic(unsigned long at) { return (volatile u32 *)(APIC + at); }

/* ---- Single steps: what the trap finds, one after the other */

static unsigned long trapped[64];
static volatile unsigned int traps;

static bool note_steps(struct trap_frame *frame)
{
    unsigned long dr6, zero = 0;

    if (frame->vector != DB)
        return false;
    asm volatile("mov %%dr6, %0" : "=r" (dr6));
    if (!(dr6 & DR6_BS))
        FAIL("DR6 is %lx in a single step", dr6);
    asm volatile("mov %0, %%dr6" :: "r" (zero));
    if (traps < 64)
        trapped[traps] = frame->rip;
    traps++;
    return true;
}

static unsigned long first_step(void) { return traps ? trapped[0] : 0; }

static void single_steps(void)
{
    unsigned long end = 0, count = 3, to = (unsigned long)HOLE;

    traps = 0;
    trap_hook = note_steps;
    asm volatile("mov $2f, %0; xor %%eax, %%eax;" STEP "cpuid; 2: nop;" STEP_END : "=&S" (end)
                 :: "eax", "ebx", "ecx", "edx", "memory", "cc");
    EXPECT("the step over CPUID", first_step(), end);
    traps = 0;
    asm volatile("mov $2f, %0;" STEP "mov (%1), %%eax; 2: nop;" STEP_END : "=&S" (end) : "b" (HOLE) : "eax", "memory", "cc");
    EXPECT("the step over a load", first_step(), end);
    traps = 0;
    asm volatile("mov $2f, %2;" STEP "rep stosb; 2:" STEP_END : "+D" (to), "+c" (count), "=&S" (end) : "a" (0)
                 : "memory", "cc");
    EXPECT("what is left", count, 0);
    EXPECT("the first iteration's trap", trapped[0], trapped[1]);
    EXPECT("the last one's", trapped[2], end);
    traps = 0;
    count = 2, to = (unsigned long)scratch[0];
    asm volatile("mov $2f, %2;" STEP "rep insb; 2:" STEP_END : "+D" (to), "+c" (count), "=&S" (end) : "d" (UNUSED_PORT)
                 : "memory", "cc");
    EXPECT("INS, first iteration", trapped[0], end - 2);
    EXPECT("INS, second", trapped[1], end);
    traps = 0;
    asm volatile("mov $2f, %0; mov %%ss, %%edi; xor %%eax, %%eax; xor %%ecx, %%ecx; push %%" REG_DI ";" STEP
                 "mov %%edi, %%ss; cpuid; 2: nop;" STEP_END "pop %%" REG_DI : "=&S" (end)
                 :: "eax", "ebx", "ecx", "edx", "edi", "memory", "cc");
    EXPECT("no step behind MOV SS, but behind what follows", first_step(), end);
    trap_hook = NULL;
}

/* ---- Interrupts and the shadow of STI */

static unsigned long interrupted_at;

static bool note_interrupt(struct trap_frame *frame)
{
    if (frame->vector != VECTOR)
        return false;
    interrupted_at = frame->rip;
    *apic(APIC_EOI) = 0;
    return true;
}

static void shadows(void)
{
    unsigned long end = 0;

    *apic(APIC_SVR) = 0x1ff;
    trap_hook = note_interrupt;
    *apic(APIC_ICR) = SELF | VECTOR;
    asm volatile("mov $2f, %0; xor %%eax, %%eax; xor %%ecx, %%ecx; sti; cpuid; 2: nop; cli" : "=&S" (end)
                 :: "eax", "ebx", "ecx", "edx", "memory", "cc");
    EXPECT("an interrupt behind STI and CPUID", interrupted_at, end);
    interrupted_at = 0;
    *apic(APIC_ICR) = SELF | VECTOR;
    asm volatile("mov $2f, %0; sti; mov (%1), %%eax; 2: nop; cli" : "=&S" (end) : "b" (HOLE) : "eax", "memory", "cc");
    EXPECT("an interrupt behind STI and a load", interrupted_at, end);
    interrupted_at = 0;
    asm volatile("mov $2f, %0; sti; movl %2, (%1); 2: nop; cli" : "=&S" (end) : "b" (APIC + APIC_ICR), "i" (SELF | VECTOR)
                 : "memory", "cc");
    EXPECT("one that this very instruction sends", interrupted_at, end);
    trap_hook = NULL;
}

/* ---- CR8, while an interrupt waits for interrupts to be on */

static void priorities(void)
{
#ifdef __x86_64__
    unsigned long lower = VECTOR >> 4, tpr;

    trap_hook = note_interrupt;
    interrupted_at = 0;
    *apic(APIC_ICR) = SELF | VECTOR;
    asm volatile("mov %1, %%cr8; mov %%cr8, %0; sti; nop; nop; cli" : "=&r" (tpr) : "r" (lower) : "memory");
    EXPECT("CR8", tpr, lower);
    EXPECT("an interrupt of the class that CR8 holds up", interrupted_at, 0);
    asm volatile("mov %1, %%cr8; mov %%cr8, %0" : "=&r" (tpr) : "r" (lower - 1) : "memory");
    EXPECT("CR8 again", tpr, lower - 1);
    EXPECT("an interrupt without STI", interrupted_at, 0);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    if (!interrupted_at)
        FAIL("no interrupt, which CR8 does not hold up any more");
    asm volatile("mov %0, %%cr8" :: "r" (0ul));
    trap_hook = NULL;
#endif
}

/* ---- NMIs */

static volatile unsigned int nmis, depth, deepest;
static unsigned int more;
static unsigned long nmi_at[4];

static void send_nmi(void)
{
    *apic(APIC_ICR_HIGH) = *apic(APIC_ID);
    *apic(APIC_ICR) = NMI_MODE;
}

static bool take_nmi(struct trap_frame *frame)
{
    u32 r[4];

    if (frame->vector != NMI)
        return false;
    if (nmis < 4)
        nmi_at[nmis] = frame->rip;
    nmis++;
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (more) {
        more--;
        send_nmi();
        cpuid(0, 0, r);              /* an exit, after which it must not come yet */
    }
    depth--;
    return true;
}

static void non_maskable(void)
{
    trap_hook = take_nmi;
    send_nmi();
    EXPECT("an NMI", nmis, 1);
    nmis = 0;
    more = 2;
    interrupts_off();
    send_nmi();
    EXPECT("NMIs, each from the handler of the one before", nmis, 3);
    EXPECT("one inside another", deepest, 1);
    EXPECT("the second one's place is behind the first one's IRET", nmi_at[1], nmi_at[0]);
    EXPECT("the third one's as well", nmi_at[2], nmi_at[0]);
    trap_hook = NULL;
}

void test_main(void)
{
    single_steps();
    shadows();
    priorities();
    non_maskable();
}
