/* SPDX-License-Identifier: MIT */
// modes: control pv
/* What a kernel in ring 3 has carried out for it: control and debug registers, MSRs, the lazy FPU's bit, XCR0, WBINVD. What is
 * its own to choose it gets back as it was set; what is the machine's stays as it is, and says so by #GP. */
#include "lib/guest.h"

#define UD 6
#define NM 7
#define GP 13
#define CR0_TS 8UL
#define CR4_TSD 4UL
#define CR4_DE 8UL
#define CR4_FSGSBASE (1UL << 16)
#define CR4_OSXSAVE (1UL << 18)

#define MSR_TSC 0x10
#define MSR_APIC_BASE 0x1b
#define MSR_PATCH_LEVEL 0x8b
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_PAT 0x277
#define MSR_HYPERCALL_PAGE 0x40000000
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103
#define MSR_SYSCFG 0xc0010010
#define MSR_HWCR 0xc0010015
#define MSR_NONE 0x12345

#define READ_CR(n) ({ u64 _v; asm volatile("mov %%cr" #n ", %0" : "=r" (_v)); _v; })
#define WRITE_CR(n, v) TRY("mov %0, %%cr" #n, "r" ((u64)(v)))

static u64 msr_value;

static long read_msr(u32 msr)
{
    return TRY("mov %0, %%ecx; rdmsr; shl $32, %%rdx; or %%rax, %%rdx; mov %%rdx, %1", "r" (msr), "m" (msr_value), "a" (0UL));
}

static long write_msr(u32 msr, u64 value)
{
    return TRY("mov %0, %%ecx; mov %2, %%edx; wrmsr", "r" (msr), "a" ((u32)value), "r" ((u32)(value >> 32)));
}

static void bases(void)
{
    static const u32 msrs[] = { MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE };

    for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
        EXPECT("a base", write_msr(msrs[i], 0x123456789000UL + i), -1);
        EXPECT("reading it", read_msr(msrs[i]), -1);
        EXPECT("a base", msr_value, 0x123456789000UL + i);
        EXPECT("one that is not canonical", write_msr(msrs[i], 1UL << 47), GP);
        EXPECT("none", write_msr(msrs[i], 0), -1);
    }
    EXPECT("an FS base", write_msr(MSR_FS_BASE, (u64)scratch[0]), -1);
    *(u32 *)&scratch[0][16] = 99;
    EXPECT("what is there", ({ u32 v; asm volatile("mov %%fs:16, %0" : "=r" (v)); v; }), 99);
    EXPECT("a base by hypercall", CALL2(set_segment_base, 0, 1UL << 47), -XEN_EINVAL);
    EXPECT("an unknown one", CALL2(set_segment_base, 9, 0), -XEN_EINVAL);
    EXPECT("none", CALL2(set_segment_base, 0, 0), 0);
}

static u64 time_stamp(void)
{
    u32 lo, hi;

    asm volatile("rdtsc" : "=a" (lo), "=d" (hi));
    return lo | (u64)hi << 32;
}

/* Of EFER what it is may be written again, of the others nothing. */
static void the_machines(void)
{
    static const u32 msrs[] = { MSR_EFER, MSR_APIC_BASE, MSR_PAT };

    for (unsigned int i = 0; i < ARRAY_SIZE(msrs); i++) {
        EXPECT("reading it", read_msr(msrs[i]), -1);
        EXPECT("its value again", write_msr(msrs[i], msr_value), msrs[i] == MSR_EFER ? -1 : GP);
        EXPECT("another", write_msr(msrs[i], msr_value ^ 1UL << 8), GP);
    }
    EXPECT("EFER", read_msr(MSR_EFER), -1);
    EXPECT("system calls, long mode", msr_value & 0x501, 0x501);
    EXPECT("EFER with SVME", write_msr(MSR_EFER, msr_value | 0x1000), GP);
    EXPECT("STAR", write_msr(MSR_STAR, 0), GP);
    EXPECT("an MSR that is none", read_msr(MSR_NONE), GP);
    EXPECT("writing it", write_msr(MSR_NONE, 0), GP);
    EXPECT("TSC_AUX of 33 bits", write_msr(MSR_TSC_AUX, 1UL << 32), GP);
    EXPECT("the TSC", read_msr(MSR_TSC), -1);
    EXPECT("it has gone on", time_stamp() > msr_value, 1);
    EXPECT("the microcode's level", read_msr(MSR_PATCH_LEVEL), -1);
    EXPECT("no banks for machine checks", read_msr(MSR_MCG_CAP), -1);
    (void)read_msr(MSR_MCG_STATUS);
    (void)read_msr(MSR_SYSCFG);
    (void)read_msr(MSR_HWCR);
}

static void hypercall_page(void)
{
    u64 mfn = va_to_mfn(scratch[1]);
    long (*call)(unsigned long, unsigned long) = (void *)(scratch[1] + 32 * __HYPERVISOR_xen_version);

    EXPECT("a hypercall page", write_msr(MSR_HYPERCALL_PAGE, mfn << 12), -1);
    EXPECT("making it", CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    EXPECT("a hypercall by it", call(XENVER_version, 0) >> 16, 4);
    EXPECT("into a read-only page", write_msr(MSR_HYPERCALL_PAGE, va_to_mfn(table_of(scratch[0], 1)) << 12), GP);
    EXPECT("into the hypervisor", write_msr(MSR_HYPERCALL_PAGE, 0x200000), GP);
    EXPECT("beyond all memory", write_msr(MSR_HYPERCALL_PAGE, ~0xfffUL), GP);
    EXPECT("its second page", write_msr(MSR_HYPERCALL_PAGE, mfn << 12 | 1), GP);
    EXPECT("the page back", CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
}

static void control_registers(void)
{
    u64 cr0 = READ_CR(0), cr3 = READ_CR(3), cr4 = READ_CR(4);

    EXPECT("CR0", cr0 & 0x80010001, 0x80010001);
    EXPECT("CR0 without paging", WRITE_CR(0, cr0 & ~(1UL << 31 | 1UL << 16)), GP);
    EXPECT("CR0 without WP, with TS", WRITE_CR(0, (cr0 & ~(1UL << 16)) | CR0_TS), GP);
    EXPECT("CR0 then", READ_CR(0), cr0);
    EXPECT("CR2", WRITE_CR(2, 0x4711000), -1);
    EXPECT("CR2 then", READ_CR(2), 0x4711000);
    EXPECT("CR3", cr3, xen_pfn_to_cr3(va_to_mfn((void *)start_info->pt_base)));
    EXPECT("CR3 once more", WRITE_CR(3, cr3), -1);
    EXPECT("CR3 of data", WRITE_CR(3, xen_pfn_to_cr3(va_to_mfn(scratch[0]))), GP);
    EXPECT("CR4 with TSD and DE", WRITE_CR(4, cr4 | CR4_TSD | CR4_DE), -1);
    EXPECT("CR4 then", READ_CR(4) & (CR4_TSD | CR4_DE), CR4_TSD | CR4_DE);
    EXPECT("RDTSC is the kernel's still", TRY("rdtsc", "a" (0)), -1);
    EXPECT("CR4 without PAE", WRITE_CR(4, cr4 & ~0x20UL), -1);
    EXPECT("CR4 then", READ_CR(4), cr4);
    EXPECT("CR8", TRY("mov %%cr8, %%rdx", "a" (0)), GP);
    EXPECT("RDPMC", TRY("xor %%ecx, %%ecx; rdpmc", "a" (0)), GP);
    EXPECT("WBINVD", TRY("wbinvd", "a" (0)), -1);
    EXPECT("INVD", TRY("invd", "a" (0)), GP);
    if (TRY(".byte 0xf0; mov %%cr0, %%rdx", "a" (0)) < 0)
        FAIL("a locked MOV from CR0 was carried out");
}

/* With the bit clear, nobody in ring 3 moves a base without the kernel. */
static void fs_gs_base(void)
{
    u64 cr4 = READ_CR(4);
    u32 r[4];

    guest_cpuid(7, 0, r);
    if (!(r[1] & 1)) {
        EXPECT("CR4 with FSGSBASE, which there is not", WRITE_CR(4, cr4 | CR4_FSGSBASE), -1);
        EXPECT("CR4 then", READ_CR(4), cr4);
        return;
    }
    EXPECT("FSGSBASE at first", cr4 & CR4_FSGSBASE, 0);
    for (unsigned int i = 0; i < 2; i++) {
        EXPECT("RDGSBASE without it", TRY("rdgsbase %%rcx", "a" (0)), UD);
        EXPECT("CR4 with FSGSBASE", WRITE_CR(4, cr4 | CR4_FSGSBASE), -1);
        EXPECT("CR4 then", READ_CR(4), cr4 | CR4_FSGSBASE);
        nap(2000000);
        EXPECT("a base", write_msr(MSR_GS_BASE, 0x123456789000UL), -1);
        EXPECT("RDGSBASE", TRY("rdgsbase %%rcx; mov %%rcx, %0", "m" (msr_value)), -1);
        EXPECT("it", msr_value, 0x123456789000UL);
        EXPECT("WRGSBASE", TRY("xor %%ecx, %%ecx; wrgsbase %%rcx", "a" (0)), -1);
        EXPECT("CR4 without", WRITE_CR(4, cr4), -1);
        nap(2000000);
    }
}

/* TS by each of its ways: the next FPU instruction is told of once, and then it is clear. */
static void lazy_fpu(void)
{
    u64 cr0 = READ_CR(0);

    for (unsigned int way = 0; way < 2; way++) {
        if (way)
            EXPECT("fpu_taskswitch", CALL1(fpu_taskswitch, 1), 0);
        else
            EXPECT("TS by CR0", WRITE_CR(0, cr0 | CR0_TS), -1);
        EXPECT("TS", READ_CR(0) & CR0_TS, CR0_TS);
        nap(2000000);
        EXPECT("TS after a rest", READ_CR(0) & CR0_TS, CR0_TS);
        EXPECT("an FPU instruction", TRY("fninit", "a" (0)), NM);
        EXPECT("TS when it was told", READ_CR(0) & CR0_TS, 0);
        EXPECT("the next one", TRY("fninit", "a" (0)), -1);
    }
    EXPECT("TS", WRITE_CR(0, cr0 | CR0_TS), -1);
    EXPECT("CLTS", TRY("clts", "a" (0)), -1);
    EXPECT("an FPU instruction", TRY("fninit", "a" (0)), -1);
}

static void xcr0(void)
{
    u64 cr4 = READ_CR(4);

    if (!(cr4 & CR4_OSXSAVE)) {
        EXPECT("XSETBV that the kernel has not asked for", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (3)) >= 0, 1);
        return;
    }
    EXPECT("XCR0", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (3)), -1);
    EXPECT("XCR0 without x87", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (2)), GP);
    EXPECT("AVX without SSE", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (5)), GP);
    EXPECT("XCR1", TRY("mov $1, %%ecx; xor %%edx, %%edx; xsetbv", "a" (3)), GP);
}

void test_main(void)
{
    bases();
    the_machines();
    hypercall_page();
    control_registers();
    fs_gs_base();
    lazy_fpu();
    xcr0();
}
