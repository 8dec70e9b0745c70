/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64
/* CPUID as a kernel is answered: leaves agree with each other, with XCR0, with what the hypervisor says by other ways, and,
 * for a kernel in ring 3, with the machine; what Prism keeps to itself is not there; each instruction that is promised
 * exists, and those that are kept back do not. */
#include <xen/arch-x86/cpuid.h>

#include "lib/guest.h"

#define UD 6
#define A 0
#define B 1
#define C 2
#define D 3
#define OSXSAVE (1u << 27)
#define HYPERVISOR (1u << 31)
#define CR4_OSXSAVE (1ul << 18)
#define CR4_WANTED (1ul << 9 | CR4_OSXSAVE)

static u32 one(u32 leaf, u32 sub, unsigned int reg)
{
    u32 r[4];

    guest_cpuid(leaf, sub, r);
    return r[reg];
}

static void same(const char *what, u32 leaf, u32 got, u32 want)
{
    if (got != want)
        FAIL("%s, leaf %x: %x, not %x", what, leaf, got, want);
}

/* ---- What is the guest's to know */

static void identity(void)
{
    u32 r[4], e[4];

    guest_cpuid(0, 0, r);
    guest_cpuid(0x80000000, 0, e);
    if (r[A] < 0xd || e[A] < 0x80000008)
        FAIL("the last leaves are %x and %x", r[A], e[A]);
    if (r[B] == 0x68747541 && (r[B] != e[B] || r[C] != e[C] || r[D] != e[D]))   /* as AMD has it */
        FAIL("two vendors");
    if (r[B] == 0x68747541)
        same("family and model", 0x80000001, one(0x80000001, 0, A), one(1, 0, A));
    same("a leaf past the last", r[A] + 1, one(r[A] + 1, 0, A) | one(r[A] + 1, 0, B), 0);
    same("one past the last extended one", e[A] + 1, one(e[A] + 1, 0, A) | one(e[A] + 1, 0, D), 0);
}

/* VMX, SMX, SVM, MONITOR, counters, thermal and power controls, branch traces, resource control. */
static void kept_back(void)
{
    static const struct { u32 leaf, reg, bits; } none[] = {
        { 1, C, 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 15 | 1u << 18 },
        { 1, D, 1u << 21 | 1u << 29 }, { 5, A, ~0u }, { 5, C, ~0u }, { 6, A, ~0u }, { 6, C, ~0u }, { 0xa, A, ~0u },
        { 7, B, 1u << 1 | 1u << 2 | 1u << 12 | 1u << 14 | 1u << 15 | 1u << 25 }, { 0xf, D, ~0u }, { 0x10, B, ~0u },
        { 0x12, A, ~0u }, { 0x14, A, ~0u }, { 0x80000001, C, 1u << 2 | 1u << 9 | 1u << 10 | 1u << 12 | 1u << 13 | 1u << 15 |
        1u << 19 | 1u << 23 | 1u << 24 | 1u << 26 | 1u << 28 | 1u << 29 }, { 0x8000000a, A, ~0u }, { 0x8000000a, D, ~0u },
        { 0x8000001b, A, ~0u }, { 0x8000001f, A, ~0u }, { 0x80000020, B, ~0u },
    };

    for (unsigned int i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        same("what is not a guest's", none[i].leaf, one(none[i].leaf, 0, none[i].reg) & none[i].bits, 0);
    same("the hypervisor's bit", 1, one(1, 0, C) & HYPERVISOR, HYPERVISOR);
    same("features of AMD's copy", 0x80000001, one(0x80000001, 0, D) & ~one(1, 0, D) & 0x0183f3ff & ~(1u << 11), 0);
}

#ifndef GUEST_HW
/* Asked without the prefix, CPUID in ring 3 is the machine's. */
static void part_of_the_machine(void)
{
    static const struct { u32 leaf, reg, own; } part[] = {
        { 1, C, HYPERVISOR | OSXSAVE }, { 1, D, 0 }, { 7, B, 0 }, { 7, C, 0 }, { 7, D, 0 }, { 0xd, A, 0 }, { 0x80000001, C, 0 },
        { 0x80000001, D, 0 }, { 0x80000007, D, 0 }, { 0x80000008, B, 0 },
    };
    u32 r[4];

    for (unsigned int i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (part[i].leaf), "2" (0));
        same("more than the machine has", part[i].leaf, one(part[i].leaf, 0, part[i].reg) & ~r[part[i].reg] & ~part[i].own, 0);
    }
    for (u32 leaf = 0x80000002; leaf < 0x80000005; leaf++) {
        asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (0));
        same("the processor's name", leaf, one(leaf, 0, A) ^ one(leaf, 0, D), r[A] ^ r[D]);
    }
}
#endif

/* ---- The hypervisor's leaves */

static void hypervisor_leaves(void)
{
    u32 r[4], last;

    guest_cpuid(XEN_CPUID_FIRST_LEAF, 0, r);
    last = r[A];
    same("signature", XEN_CPUID_FIRST_LEAF, r[B] ^ r[C] ^ r[D],
         XEN_CPUID_SIGNATURE_EBX ^ XEN_CPUID_SIGNATURE_ECX ^ XEN_CPUID_SIGNATURE_EDX);
    if (last < XEN_CPUID_LEAF(3) || last > XEN_CPUID_LEAF(5))
        FAIL("the last of the hypervisor's leaves is %x", last);
    same("version", XEN_CPUID_LEAF(1), one(XEN_CPUID_LEAF(1), 0, A), (u32)CALL2(xen_version, XENVER_version, 0));
    guest_cpuid(XEN_CPUID_LEAF(2), 0, r);
    same("hypercall pages", XEN_CPUID_LEAF(2), r[A], 1);
    same("their MSR", XEN_CPUID_LEAF(2), r[B], 0x40000000);
    guest_cpuid(XEN_CPUID_LEAF(3), 1, r);
    same("the clock's multiplier", XEN_CPUID_LEAF(3), r[C], shared_info_page()->vcpu_info[0].time.tsc_to_system_mul);
    same("the clock's shift", XEN_CPUID_LEAF(3), r[D], (u32)(int)shared_info_page()->vcpu_info[0].time.tsc_shift);
#ifdef GUEST_HW
    guest_cpuid(XEN_CPUID_LEAF(4), 0, r);
    same("vCPU", XEN_CPUID_LEAF(4), r[B], 0);
    same("domain", XEN_CPUID_LEAF(4), r[C], own_domid());
    same("what is said of these", XEN_CPUID_LEAF(4), r[A] & (XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT),
         XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT);
#endif
    for (u32 leaf = last + 1; leaf < XEN_CPUID_LEAF(0x10); leaf++)
        same("past the last", leaf, one(leaf, 0, A) | one(leaf, 0, B) | one(leaf, 0, C) | one(leaf, 0, D), 0);
}

/* ---- XSAVE: what leaf D says of the components that are on */

static unsigned long cr4(void) { unsigned long v; asm volatile("mov %%cr4, %0" : "=r" (v)); return v; }
static void set_cr4(unsigned long v) { asm volatile("mov %0, %%cr4" :: "r" (v)); }

static u32 size_of(u32 components)
{
    u32 size = 576, r[4];

    for (u32 n = 2; n < 32; n++) {
        if (!(components >> n & 1))
            continue;
        guest_cpuid(0xd, n, r);
        if (!r[A])
            FAIL("component %u has no size", n);
        if (r[A] + r[B] > size)
            size = r[A] + r[B];
    }
    return size;
}

static void saved_size(u32 components, u32 all)
{
    static u8 area[4096] __attribute__((__aligned__(64)));
    u32 size = size_of(components), written = 0;

    asm volatile("xsetbv" :: "c" (0), "a" (components), "d" (0));
    for (unsigned int i = 0; i < 3; i++) {
        same("room for what is on", 0xd, one(0xd, 0, B), size);
        CALL2(sched_op, SCHEDOP_yield, 0);
        nap(1000000);                                   /* others have the CPU, with an XCR0 of their own */
    }
    memset(area, 0x5a, sizeof(area));
    memset(area + 512, 0, 64);
    asm volatile("xsave (%0)" :: "r" (area), "a" (~0u), "d" (~0u) : "memory");
    for (u32 i = 0; i < sizeof(area); i++)
        if (area[i] != 0x5a)
            written = i + 1;
    if (written > size)
        FAIL("XSAVE of %x writes %u bytes, more than %u", components, written, size);
    asm volatile("xsetbv" :: "c" (0), "a" (all), "d" (0));
}

static void extended_state(void)
{
    u32 r[4], all;

    if (!(one(1, 0, C) >> 26 & 1)) {
        guest_cpuid(0xd, 0, r);
        same("XSAVE's leaf without XSAVE", 0xd, r[A] | r[B] | r[C] | r[D], 0);
        return;
    }
    set_cr4(cr4() | CR4_WANTED);
    same("OSXSAVE with CR4", 1, one(1, 0, C) & OSXSAVE, OSXSAVE);
    guest_cpuid(0xd, 0, r);
    all = r[A];
    same("components", 0xd, all & 3, 3);
    same("AVX and its component", 0xd, all >> 2 & 1, one(1, 0, C) >> 28 & 1);
    same("room for all", 0xd, r[C], size_of(all));
    same("components of no use here", 0xd, r[D], 0);
    for (u32 n = 2; n < 64; n++) {
        if (n < 32 && all >> n & 1)
            continue;
        same("a component that there is not", n, one(0xd, n, A) | one(0xd, n, B), 0);
    }
    same("supervisor components", 0xd, one(0xd, 1, A) & 8, 0);
    same("those there are", 0xd, one(0xd, 1, C) | one(0xd, 1, D), 0);
    saved_size(1, all);
    saved_size(3, all);
    saved_size(all, all);
#ifdef GUEST_HW
    set_cr4(cr4() & ~CR4_OSXSAVE);
    same("OSXSAVE without CR4", 1, one(1, 0, C) & OSXSAVE, 0);
    set_cr4(cr4() | CR4_WANTED);
#endif
}

/* ---- Instructions */

/* A promised one works; of those that somebody's CR4 or an intercept takes away, one that is not promised does not. */
#define PROMISED(leaf, reg, bit, code) do { if (one(leaf, 0, reg) >> (bit) & 1) \
    EXPECT(#code, TRY(code, "D" (scratch[0]), "a" (0)), -1); } while (0)
#define PROMISED_OR_UD(leaf, reg, bit, code) \
    EXPECT(#code, TRY(code, "D" (scratch[0]), "a" (0)), one(leaf, 0, reg) >> (bit) & 1 ? -1 : UD)

#ifdef __x86_64__
#define AT_DI "(%%rdi)"
#else
#define AT_DI "(%%edi)"
#endif

static void instructions(void)
{
    PROMISED(1, C, 0, "haddps %%xmm1, %%xmm0");
    PROMISED(1, C, 1, "pclmulqdq $0, %%xmm1, %%xmm0");
    PROMISED(1, C, 9, "pshufb %%xmm1, %%xmm0");
    PROMISED(1, C, 12, "vfmadd132ps %%xmm1, %%xmm0, %%xmm2");
    PROMISED(1, C, 19, "pmulld %%xmm1, %%xmm0");
    PROMISED(1, C, 20, "crc32l %%ecx, %%edx");
    PROMISED(1, C, 22, "movbe " AT_DI ", %%ecx");
    PROMISED(1, C, 23, "popcnt %%ecx, %%edx");
    PROMISED(1, C, 25, "aesenc %%xmm1, %%xmm0");
    PROMISED(1, C, 28, "vaddps %%ymm1, %%ymm0, %%ymm2");
    PROMISED(1, C, 29, "vcvtph2ps %%xmm1, %%xmm0");
    PROMISED(1, C, 30, "rdrand %%ecx");
    PROMISED(1, D, 15, "cmovc %%ecx, %%edx");
    PROMISED(1, D, 19, "clflush " AT_DI);
    PROMISED(1, D, 23, "paddb %%mm1, %%mm0; emms");
    PROMISED(1, D, 24, "fxsave " AT_DI);
    PROMISED(1, D, 26, "paddb %%xmm1, %%xmm0");
    PROMISED(7, B, 3, "andn %%ecx, %%edx, %%ecx");
    PROMISED(7, B, 5, "vpaddb %%ymm1, %%ymm0, %%ymm2");
    PROMISED(7, B, 8, "pdep %%ecx, %%edx, %%ecx");
    PROMISED(7, B, 18, "rdseed %%ecx");
    PROMISED(7, B, 19, "adcx %%ecx, %%edx");
    PROMISED(7, B, 23, "clflushopt " AT_DI);
    PROMISED(7, B, 24, "clwb " AT_DI);
    PROMISED(7, B, 29, "sha1msg1 %%xmm1, %%xmm0");
    PROMISED(0x80000001, C, 5, "lzcnt %%ecx, %%edx");
    PROMISED(0x80000001, C, 6, "extrq $1, $1, %%xmm0");
    PROMISED(0x80000001, C, 8, "prefetchw " AT_DI);
    PROMISED_OR_UD(0x80000001, D, 27, "rdtscp");
    PROMISED_OR_UD(1, C, 3, "mwait");
    PROMISED(0x80000008, B, 0, "mov %%edi, %%eax; clzero");
#ifdef __x86_64__
    PROMISED(1, C, 13, "mov %%rax, %%rdx; push %%rbx; xor %%ecx, %%ecx; cmpxchg16b (%%rdi); pop %%rbx");
    PROMISED(0x80000001, C, 0, "lahf");
    if (one(7, 0, B) & 1)
        set_cr4(cr4() | 1ul << 16);
    PROMISED_OR_UD(7, B, 0, "rdfsbase %%rcx");
#endif
}

static void extended_instructions(void)
{
    u32 features = one(0xd, 1, A);

    memset(scratch[0], 0, 4096);
    if (!(one(1, 0, C) >> 26 & 1))
        return;
    if (features & 1)
        EXPECT("XSAVEOPT", TRY("xor %%edx, %%edx; xsaveopt " AT_DI, "D" (scratch[0]), "a" (3)), -1);
    if (features & 2)
        EXPECT("XSAVEC", TRY("xor %%edx, %%edx; xsavec " AT_DI, "D" (scratch[0]), "a" (3)), -1);
    if (features & 4)
        EXPECT("XGETBV 1", TRY("mov $1, %%ecx; xgetbv", "a" (0)), -1);
}

void test_main(void)
{
    identity();
    kept_back();
#ifndef GUEST_HW
    part_of_the_machine();
#endif
    hypervisor_leaves();
    extended_state();
    instructions();
    extended_instructions();
}
