/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Instructions and faults that leave a container: each has the effect that the bare processor would give it, and those
 * that a guest is not to have raise what they raise where they do not exist. */
#include "lib/guest.h"

#define MSR_EFER 0xc0000080
#define MSR_APIC_BASE 0x1b
#define MSR_NONE 0x12345
#define EFER_SVME 0x1000
#define UD 6
#define DB 1
#define BP 3
#define DE 0
#define GP 13
#define PF 14
#define UNUSED_PORT 0x1234

static void msrs(void)
{
    EXPECT("reading an MSR that is none", TRY("mov %0, %%ecx; rdmsr", "i" (MSR_NONE)), GP);
    EXPECT("writing an MSR that is none", try_wrmsr(MSR_NONE, 0, 0), GP);
    EXPECT("EFER.SVME", try_wrmsr(MSR_EFER, (u32)read_msr(MSR_EFER) | EFER_SVME, 0), GP);
    EXPECT("the APIC on", (read_msr(MSR_APIC_BASE) >> 11) & 1, 1);
    EXPECT("reserved bits of the APIC base", try_wrmsr(MSR_APIC_BASE, 0xfee00900 | 1, 0), GP);
    EXPECT("a hypercall page beyond all memory", try_wrmsr(0x40000000, 0xfffff000, 0x7ffff), GP);
}

static void instructions(void)
{
    u32 r[4];

    cpuid(0, 0, r);
    if (!r[0])
        FAIL("CPUID has no leaves");
    EXPECT("RDPMC", TRY("xor %%ecx, %%ecx; rdpmc", "i" (0)), GP);
    EXPECT("MONITOR", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; monitor", "a" (scratch[0])), UD);
    EXPECT("MWAIT", TRY("xor %%ecx, %%ecx; mwait", "a" (0)), UD);
    EXPECT("VMRUN", TRY("vmrun", "a" (scratch[0])), UD);
    EXPECT("VMLOAD", TRY("vmload", "a" (scratch[0])), UD);
    EXPECT("VMSAVE", TRY("vmsave", "a" (scratch[0])), UD);
    EXPECT("STGI", TRY("stgi", "i" (0)), UD);
    EXPECT("CLGI", TRY("clgi", "i" (0)), UD);
    EXPECT("WBINVD", TRY("wbinvd", "i" (0)), -1);
    EXPECT("INVD", TRY("invd", "i" (0)), -1);
    EXPECT("RDTSC", TRY("rdtsc", "i" (0)), -1);
}

/* XSETBV with CR4.OSXSAVE off does not exist; with it on, XCR0 takes no bits that CPUID does not have. */
static void xcr(void)
{
    u32 r[4];
    unsigned long cr4;

    EXPECT("XSETBV before OSXSAVE", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (1)), UD);
    cpuid(1, 0, r);
    if (!(r[2] >> 26 & 1))
        return;
    asm volatile("mov %%cr4, %0" : "=r" (cr4));
    asm volatile("mov %0, %%cr4" :: "r" (cr4 | 1ul << 18 | 1ul << 9));
    EXPECT("XCR0 with x87 and SSE", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (3)), -1);
    asm volatile("mov %0, %%cr4" :: "r" (cr4));
}

static void exceptions(void)
{
    EXPECT("#DE", TRY("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx", "a" (1)), DE);
    EXPECT("#BP", TRY("int3", "i" (0)), BP);
    EXPECT("#UD", TRY("ud2", "i" (0)), UD);
    EXPECT("#GP", TRY("mov $0x1000, %%ecx; mov %%ecx, %%fs", "i" (0)), GP);
    EXPECT("its error code", last_trap.error_code, 0x1000);
}

/* A step over an instruction that is carried out by the hypervisor traps behind it, as over any other. */
static void single_step(void)
{
#ifdef __x86_64__
    EXPECT("a step over WBINVD", TRY("pushfq; orq $0x100, (%%rsp); popfq; wbinvd; nop", "i" (0)), DB);
#else
    EXPECT("a step over WBINVD", TRY("pushf; orl $0x100, (%%esp); popf; wbinvd; nop", "i" (0)), DB);
#endif
    EXPECT("behind it", *(const u8 *)(unsigned long)last_trap.rip, 0x90);
}

static void page_faults(void)
{
    pte_t *entry = entry_of(scratch[1]), whole = *entry;

    *entry = whole & ~(pte_t)PTE_PRESENT;
    forget_page(scratch[1]);
    EXPECT("a load without page", TRY("mov (%0), %%edx", "r" (scratch[1] + 20)), PF);
    EXPECT("CR2", last_cr2, (unsigned long)scratch[1] + 20);
    EXPECT("error code", last_trap.error_code, 0);
    EXPECT("a store without page", TRY("movl $1, (%0)", "r" (scratch[1])), PF);
    EXPECT("error code", last_trap.error_code, 2);
    EXPECT("OUTS without page", TRY("mov %1, %%edx; outsb", "S" (scratch[1] + 8), "i" (UNUSED_PORT)), PF);
    EXPECT("CR2", last_cr2, (unsigned long)scratch[1] + 8);
    EXPECT("INS without page", TRY("mov %1, %%edx; insb", "D" (scratch[1] + 9), "i" (UNUSED_PORT)), PF);
    EXPECT("error code", last_trap.error_code, 2);
    *entry = whole & ~(pte_t)PTE_RW;
    forget_page(scratch[1]);
    EXPECT("a store to a read-only page", TRY("movl $1, (%0)", "r" (scratch[1])), PF);
    EXPECT("error code", last_trap.error_code, 3);
    *entry = whole;
    forget_page(scratch[1]);
}

static u32 in(u16 port, unsigned int size)
{
    u32 value = 0x11223344;

    if (size == 1)
        asm volatile("inb %1, %b0" : "+a" (value) : "d" (port));
    else if (size == 2)
        asm volatile("inw %1, %w0" : "+a" (value) : "d" (port));
    else
        asm volatile("inl %1, %0" : "=a" (value) : "d" (port));
    return value;
}

/* Nothing is at these ports: a read gives ones, in as many bytes as were asked for. */
static void ports(void)
{
    u8 *buffer = scratch[2] + 4090;   /* goes on in the next page */
    unsigned long count = 20, to = (unsigned long)buffer;

    EXPECT("inb", in(UNUSED_PORT, 1), 0x112233ff);
    EXPECT("inw", in(UNUSED_PORT, 2), 0x1122ffff);
    EXPECT("inl", (int)in(UNUSED_PORT, 4), -1);
    asm volatile("rep insb" : "+D" (to), "+c" (count) : "d" (UNUSED_PORT) : "memory");
    EXPECT("what is left of the count", count, 0);
    EXPECT("where it ended", to, (unsigned long)buffer + 20);
    for (unsigned int i = 0; i < 20; i++)
        EXPECT("a byte read", buffer[i], 0xff);
    EXPECT("the byte behind them", buffer[20], 0);
    count = 5000, to = (unsigned long)scratch[2];
    asm volatile("rep outsb" : "+S" (to), "+c" (count) : "d" (UNUSED_PORT) : "memory");
    EXPECT("what is left of a long one", count, 0);
    EXPECT("where it ended", to, (unsigned long)scratch[2] + 5000);
    count = 3, to = (unsigned long)scratch[2] + 8;
    asm volatile("std; rep outsl; cld" : "+S" (to), "+c" (count) : "d" (UNUSED_PORT) : "memory");
    EXPECT("downwards", to, (unsigned long)scratch[2] - 4);
}

/* Where nothing is, reads give ones and writes are lost. */
static void no_memory(void)
{
    volatile u32 *hole = gfn_to_va(EMPTY_GFN);

    *hole = 4711;
    EXPECT("a read where nothing is", (int)*hole, -1);
    EXPECT("a byte there", *(volatile u8 *)hole, 0xff);
}

void test_main(void)
{
    msrs();
    instructions();
    xcr();
    exceptions();
    single_step();
    page_faults();
    ports();
    no_memory();
}
