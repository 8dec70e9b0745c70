/* SPDX-License-Identifier: MIT */
// modes: real
/* Real mode (AMD64 APM vol. 2, 1.3.4 and 8.6): calls and interrupts with segment and offset, exceptions without error codes,
 * string instructions whose offsets wrap, a segment register that protected mode has left wide; and what the hypervisor
 * answers there: ports, addresses without memory, the local APIC, processor identification, hypercalls. */
#include <xen/arch-x86/cpuid.h>
#include <xen/features.h>

#include "lib/guest.h"

#define DE 0
#define DB 1
#define BP 3
#define OF 4
#define BR 5
#define UD 6
#define GP 13
#define SERVICE 0x60
#define UNUSED_PORT 0x1234
#define FLAG_IF 0x200u
#define APIC 0xfee00000u
#define APIC_ID 0x20
#define APIC_TPR 0x80
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_ICR 0x300
#define APIC_ICR_HIGH 0x310
#define APIC_LVT_TIMER 0x320
#define APIC_TIMER_COUNT 0x380
#define APIC_TIMER_DIVIDE 0x3e0
#define ICR_SELF 0x40000u
#define ICR_NMI 0x400u
#define LVT_MASKED 0x10000u
#define VECTOR 0x81
#define NMI 2
#define NOWHERE 0xfe710000u                /* no memory, no device */
#define OTHER 0x2000u                      /* a segment of 64 KiB with nothing of this kernel in it */
#define OTHER_AT (OTHER << 4)

static volatile u8 *at(unsigned long address) { asm("" : "+r" (address)); return (volatile u8 *)address; }

/* ---- Segments, which are all that there is to an address */

static u8 byte_of(u16 segment, u16 offset)
{
    u8 value;

    asm volatile("movw %1, %%es; movb %%es:(%%di), %0; movw %2, %%es" : "=q" (value)
                 : "r" (segment), "r" ((u16)0), "D" ((u32)offset));
    return value;
}

static void segments(void)
{
    scratch[0][1] = 0x5a;
    u32 where = (u32)&scratch[0][1];

    for (u32 segment = 0; segment < where >> 4; segment += 77)
        EXPECT("one byte by many names", byte_of((u16)segment, (u16)(where - (segment << 4))), 0x5a);
}

/* Code elsewhere, by a far call: it says where it is, and what was pushed. */
extern const u8 far_code[], far_code_end[];
asm(".code16\nfar_code: movw %cs, %ax; movw %sp, %bp; movw (%bp), %cx; movw 2(%bp), %dx; lretw\nfar_code_end:\n.code16gcc\n");

static void far_calls(void)
{
    static struct far to = { 0x40, OTHER };
    u32 cs, ip, from_cs, behind;

    for (u32 i = 0; i < (u32)(far_code_end - far_code); i++)
        *at(OTHER_AT + to.offset + i) = far_code[i];
    asm volatile("movl $1f, %3; pushl %%ebp; .byte 0xff, 0x1c; 1: popl %%ebp"    /* lcallw *(%si) */
                 : "=a" (cs), "=c" (ip), "=d" (from_cs), "=&b" (behind) : "S" (&to) : "memory", "cc");
    EXPECT("CS there", cs & 0xffff, OTHER);
    EXPECT("the offset to return to", ip & 0xffff, behind);
    EXPECT("the segment to return to", from_cs & 0xffff, 0);
}

/* ---- Interrupts and exceptions */

static struct trap_frame seen;
static u32 seen_flags;

static bool look(struct trap_frame *frame)
{
    seen = *frame;
    asm volatile("pushfl; popl %0" : "=r" (seen_flags));
    frame->flags |= 1;                     /* the carry flag, as services answer by it */
    interrupts[frame->vector]++;
    return true;
}

static void services(void)
{
    struct far old = take_vector(SERVICE);
    u32 behind, flags, before = interrupts[SERVICE];

    trap_hook = look;
    asm volatile("movl $1f, %0; sti; clc; mov $0x4321, %%eax; int $0x60; 1: pushfl; cli; popl %1"
                 : "=&b" (behind), "=&d" (flags) :: "eax", "memory", "cc");
    trap_hook = NULL;
    EXPECT("calls of a service", interrupts[SERVICE] - before, 1);
    EXPECT("EAX there", seen.eax, 0x4321);
    EXPECT("the offset to return to", seen.ip, behind);
    EXPECT("the segment to return to", seen.cs, 0);
    EXPECT("interrupts, where it came from", seen.flags & FLAG_IF, FLAG_IF);
    EXPECT("interrupts there", seen_flags & FLAG_IF, 0);
    EXPECT("interrupts behind it", flags & FLAG_IF, FLAG_IF);
    EXPECT("the carry flag behind it", flags & 1, 1);
    give_vector(SERVICE, old);
}

static const u8 taken[] = { DE, DB, BP, OF, BR, UD, GP };

static void exceptions(void)
{
    static u16 bounds[2] = { 10, 20 };
    static u32 stack;

    EXPECT("#DE", TRY("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx", "a" (1)), DE);
    EXPECT("#BP", TRY("int3", "i" (0)), BP);
    EXPECT("#OF", TRY("movb $127, %%al; addb $1, %%al; into", "i" (0)), OF);
    EXPECT("no #OF", TRY("xorl %%eax, %%eax; into", "i" (0)), -1);
    EXPECT("#BR", TRY("boundw %w1, (%0)", "b" (bounds), "a" (21)), BR);
    EXPECT("no #BR", TRY("boundw %w1, (%0)", "b" (bounds), "a" (20)), -1);
    EXPECT("#UD", TRY("ud2", "i" (0)), UD);
    EXPECT("what is left on the stack", TRY("movl %%esp, %%edx; movl %%edx, %0; ud2", "m" (stack)), UD);
    EXPECT("three words are pushed, no error code", stack - (u32)last_trap.unused_esp, 6 + 4);
    EXPECT("a selector of no table is no fault", TRY("movw %w0, %%gs; movw %w1, %%gs", "r" (0x1230), "r" (0)), -1);
    EXPECT("LLDT, which is not of this mode", TRY("lldt %w0", "a" (0)), UD);
    EXPECT("a step", TRY("pushfl; orl $0x100, (%%esp); popfl; cpuid; nop", "a" (0)), DB);
    EXPECT("behind CPUID", *at(last_trap.ip), 0x90);
}

/* The table of vectors is where IDTR says, and as long. */
static void table_elsewhere(void)
{
    static struct far table[4];
    static struct { u16 limit; u32 base; } tight here = { sizeof(table) - 1, (u32)table }, usual = { 0x3ff, 0 };
    volatile u32 *counts = interrupts;
    u32 before = counts[BP];

    for (u32 i = 0; i < 4; i++)
        table[i] = (struct far){ ivt()[i].offset, ivt()[i].segment };
    table[1] = table[BP];                  /* the single step's has the breakpoint's handler */
    asm volatile("lidtl %0" :: "m" (here));
    asm volatile("int $1; int3" ::: "memory");
    asm volatile("lidtl %0" :: "m" (usual));
    EXPECT("breakpoints by both vectors", counts[BP] - before, 2);
}

/* ---- What the hypervisor carries out */

static void identification(void)
{
    u32 a = XEN_CPUID_FIRST_LEAF, b, c, d;

    asm volatile("cpuid" : "+a" (a), "=b" (b), "=c" (c), "=d" (d));
    EXPECT("signature", b, XEN_CPUID_SIGNATURE_EBX);
    EXPECT("signature", c, XEN_CPUID_SIGNATURE_ECX);
    EXPECT("signature", d, XEN_CPUID_SIGNATURE_EDX);
    EXPECT("RDMSR of one that is none", TRY("movl $0x12345, %%ecx; rdmsr", "i" (0)), GP);
    EXPECT("WBINVD", TRY("wbinvd", "i" (0)), -1);
}

static void ports(void)
{
    u32 value = 0x11223344;

    asm volatile("inb %w1, %b0" : "+a" (value) : "d" (UNUSED_PORT));
    EXPECT("INB", value, 0x112233ff);
    asm volatile("inw %w1, %w0" : "+a" (value) : "d" (UNUSED_PORT));
    EXPECT("INW", value, 0x1122ffff);
    asm volatile("inl %w1, %0" : "+a" (value) : "d" (UNUSED_PORT));
    EXPECT("INL", value, ~0u);
}

/* 16-bit offsets wrap within their segment, and what is above the 16 bits stays. An operand must not lie across the end. */
static void strings(void)
{
    u32 di = 0xaaaafff8, cx = 0xbbbb000c, si = 0xcccc0006;

    for (u32 i = 0; i < 0x10010; i += 4)
        wide_write(OTHER_AT + i, 0);
    asm volatile("movw %w3, %%es; .byte 0xf3, 0x6c; movw %w4, %%es" : "+D" (di), "+c" (cx)             /* rep insb */
                 : "d" (UNUSED_PORT), "r" (OTHER), "r" (0) : "memory");
    EXPECT("DI", di, 0xaaaa0004);
    EXPECT("CX", cx, 0xbbbb0000);
    EXPECT("before", wide_read(OTHER_AT + 0xfff4), 0);
    EXPECT("the segment's last bytes", wide_read(OTHER_AT + 0xfffc), ~0u);
    EXPECT("its first", wide_read(OTHER_AT), ~0u);
    EXPECT("behind these", wide_read(OTHER_AT + 4), 0);
    EXPECT("behind its end", wide_read(OTHER_AT + 0x10000), 0);
    cx = 0xbbbb0003;
    asm volatile("std; .byte 0xf3, 0x6f; cld" : "+S" (si), "+c" (cx) : "d" (UNUSED_PORT) : "memory");  /* rep outsw */
    EXPECT("SI, downwards", si, 0xcccc0000);
    EXPECT("INSW across the segment's end", TRY(".byte 0x6d", "D" (0xffff), "d" (UNUSED_PORT)), GP);
    EXPECT("INSB with 32 bits of offset, behind it", TRY(".byte 0x67, 0x6c", "D" (0x10000), "d" (UNUSED_PORT)), GP);
    si = 0x200000, cx = 5000;
    asm volatile(".byte 0x67, 0xf3, 0x64, 0x66, 0x6f" : "+S" (si), "+c" (cx) : "d" (UNUSED_PORT) : "memory");
    EXPECT("ESI of OUTSL from a segment that is wide", si, 0x200000 + 4 * 5000);
}

/* Addresses above 1 MiB, by the segment register that protected mode has left wide. */
static void wide(void)
{
    u32 value = 0x11223344, from = NOWHERE, to = (u32)scratch[1], count = 8;

    wide_write(0x180000, 4711);
    EXPECT("memory above 1 MiB", wide_read(0x180000), 4711);
    EXPECT("where nothing is", wide_read(NOWHERE), ~0u);
    asm volatile("movb %%fs:(%1), %%ah" : "+a" (value) : "b" (NOWHERE) : "memory");
    EXPECT("a byte of it", value, 0x1122ff44);
    asm volatile(".byte 0x67, 0xf3, 0x64, 0xa5" : "+S" (from), "+D" (to), "+c" (count) :: "memory");   /* rep movsw */
    EXPECT("ESI behind eight words of it", from, NOWHERE + 16);
    EXPECT("EDI", to, (u32)scratch[1] + 16);
    EXPECT("the last of them", *(volatile u32 *)(scratch[1] + 12), ~0u);
    EXPECT("behind them", *(volatile u32 *)(scratch[1] + 16), 0);
    wide_write(APIC + APIC_TPR, 0x20);
    asm volatile("orl $0x40, %%fs:(%0)" :: "b" (APIC + APIC_TPR) : "memory", "cc");
    EXPECT("TPR", wide_read(APIC + APIC_TPR), 0x60);
    asm volatile("xchgl %0, %%fs:(%1)" : "=a" (value) : "b" (APIC + APIC_TPR), "0" (0) : "memory");
    EXPECT("TPR, exchanged", value, 0x60);
    EXPECT("TPR then", wide_read(APIC + APIC_TPR), 0);
}

/* ---- Interrupts that the hypervisor delivers */

static bool end_interrupt(struct trap_frame *frame)
{
    if (frame->vector != VECTOR)
        return false;
    seen = *frame;
    interrupts[VECTOR]++;
    wide_write(APIC + APIC_EOI, 0);
    return true;
}

static void delivered(void)
{
    struct far old = take_vector(VECTOR), old_nmi = take_vector(NMI);
    u32 behind;

    trap_hook = end_interrupt;
    wide_write(APIC + APIC_SVR, 0x1ff);
    wide_write(APIC + APIC_ICR, ICR_SELF | VECTOR);
    EXPECT("while interrupts are off", interrupts[VECTOR], 0);
    asm volatile("movl $1f, %0; xorl %%eax, %%eax; sti; cpuid; 1: nop; cli" : "=&S" (behind)
                 :: "eax", "ebx", "ecx", "edx", "memory", "cc");
    EXPECT("an interrupt", interrupts[VECTOR], 1);
    EXPECT("behind STI and CPUID", seen.ip, behind);
    EXPECT("its segment", seen.cs, 0);
    wide_write(APIC + APIC_LVT_TIMER, VECTOR);
    wide_write(APIC + APIC_TIMER_DIVIDE, 0xb);
    wide_write(APIC + APIC_TIMER_COUNT, 1000000);
    asm volatile("sti; hlt; cli" ::: "memory");
    EXPECT("the local APIC's timer, out of HLT", interrupts[VECTOR], 2);
    wide_write(APIC + APIC_LVT_TIMER, LVT_MASKED);
    wide_write(APIC + APIC_ICR_HIGH, wide_read(APIC + APIC_ID));
    wide_write(APIC + APIC_ICR, ICR_NMI);
    EXPECT("NMIs", interrupts[NMI], 1);
    trap_hook = NULL;
    give_vector(VECTOR, old);
    give_vector(NMI, old_nmi);
}

/* ---- Hypercalls: those of 32-bit code, whose pointers are linear addresses */

static void hypercalls(void)
{
    static struct xen_feature_info features;
    long result = __HYPERVISOR_xen_version, command = XENVER_version, argument = 0;

    asm volatile("vmmcall" : "+a" (result), "+b" (command), "+c" (argument) :: "memory");
    EXPECT("a hypercall", result >> 16, 4);
    result = __HYPERVISOR_xen_version, command = XENVER_get_features, argument = (long)&features;
    asm volatile("vmmcall" : "+a" (result), "+b" (command), "+c" (argument) :: "memory");
    EXPECT("one with a pointer", result, 0);
    EXPECT("events by vector", features.submap >> XENFEAT_hvm_callback_vector & 1, 1);
    EXPECT("one of 16-bit protected mode", CALL2(xen_version, XENVER_version, 0) >> 16, 4);
    EXPECT("back here", *at(0x7dfe), 0x55);
}

void test_main(void)
{
    struct far old[sizeof(taken)];

    for (u32 i = 0; i < sizeof(taken); i++)
        old[i] = take_vector(taken[i]);
    segments();
    far_calls();
    services();
    exceptions();
    table_elsewhere();
    identification();
    ports();
    widen_fs();
    strings();
    wide();
    delivered();
    hypercalls();
    for (u32 i = 0; i < sizeof(taken); i++)
        give_vector(taken[i], old[i]);
}
