/* SPDX-License-Identifier: MIT */
/* CPUID as far as all answers agree. Feature bits: APM vol. 3, E; Intel SDM vol. 2, CPUID. */
#include <xen/arch-x86/cpuid.h>

#include "cpu/time.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "lib/lib.h"
#include "modes/cpuid.h"

#define BIT(n) CPUID_BIT(n)
#define REPORTED_VERSION (4U << 16 | 17)
#define HYPERCALL_MSR 0x40000000

/* What every guest may have. FPU DE TSC MSR PAE MCE CX8 APIC SEP MCA CMOV PAT CLFLUSH MMX FXSR SSE SSE2. */
#define LEAF1_EDX (BIT(0) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(11) | BIT(14) | \
                   BIT(15) | BIT(16) | BIT(19) | BIT(23) | BIT(24) | BIT(25) | BIT(26))
/* SSE3, PCLMULQDQ, SSSE3, FMA, CX16, SSE4.1, SSE4.2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND. */
#define LEAF1_ECX (BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | BIT(20) | BIT(22) | BIT(23) | BIT(25) | \
                   BIT(26) | BIT(28) | BIT(29) | BIT(30))
#define LEAF1_ECX_AVX (BIT(12) | BIT(28) | BIT(29))
#define LEAF1_ECX_XSAVE BIT(26)
/* FSGSBASE, BMI1, AVX2, FDP_EXCPTN, BMI2, ERMS, no FCS/FDS, AVX512F and DQ, RDSEED, ADX, IFMA, CLFLUSHOPT, CLWB, PF,
 * ER, CD, SHA, BW, VL. Without TSC_ADJUST, MPX, RTM and HLE. */
#define LEAF7_EBX (BIT(0) | BIT(3) | BIT(5) | BIT(6) | BIT(8) | BIT(9) | BIT(13) | BIT(16) | BIT(17) | BIT(18) | \
                   BIT(19) | BIT(21) | BIT(23) | BIT(24) | BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(30) | BIT(31))
#define LEAF7_EBX_FSGSBASE BIT(0)
#define LEAF7_EBX_AVX BIT(5)
#define LEAF7_EBX_AVX512 (BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31))
/* PREFETCHWT1, AVX512_VBMI, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID. */
#define LEAF7_ECX (BIT(0) | BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14) | BIT(22))
#define LEAF7_ECX_AVX (BIT(9) | BIT(10))
#define LEAF7_ECX_AVX512 (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
/* AVX512_4VNNIW, 4FMAPS, VP2INTERSECT, MD_CLEAR. Speculation controls are Prism's (docs/CAVEATS.md). */
#define LEAF7_EDX (BIT(2) | BIT(3) | BIT(8) | BIT(10))
#define LEAF7_EDX_AVX512 (BIT(2) | BIT(3) | BIT(8))
/* SYSCALL, NX, MMXEXT, RDTSCP, LM, 3DNOW; and the copies of leaf 1 that AMD has there. */
#define EXT1_EDX (BIT(11) | BIT(20) | BIT(22) | BIT(27) | BIT(29) | BIT(30) | BIT(31))
#define EXT1_EDX_NX BIT(20)
#define EXT1_EDX_RDTSCP BIT(27)
#define EXT1_EDX_COPIES 0x0183f3ffU
/* LAHF, ABM, SSE4A, MISALIGNSSE, PREFETCHW, XOP, FMA4, TBM. */
#define EXT1_ECX (BIT(0) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(21))
#define EXT1_ECX_AVX (BIT(11) | BIT(16))

#define XSTATE_AVX 4
#define XSTATE_AVX512 0xe0
#define XSAVE_FEATURES 7U         /* XSAVEOPT, XSAVEC, XGETBV1; supervisor states are not switched */
#define MAX_BASIC_LEAF 0xdU
#define MAX_EXTENDED_LEAF 0x80000008U

static void nothing(u32 r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
}

static bool has_avx(void)
{
    return cpu_features.xcr0_mask & XSTATE_AVX;
}

static bool has_avx512(void)
{
    return (cpu_features.xcr0_mask & XSTATE_AVX512) == XSTATE_AVX512;
}

static void limit_1(const struct cpuid_answer *a, u32 r[4])
{
    r[1] &= 0x0000ffff;                     /* one logical processor, APIC 0: topology is not shown */
    r[2] = (r[2] & (LEAF1_ECX | a->leaf1_ecx)) | a->own_ecx | CPUID1_ECX_HYPERVISOR;
    r[3] = (r[3] & (LEAF1_EDX | a->leaf1_edx)) | a->own_edx;
    if (!cpu_features.xsave)
        r[2] &= ~(LEAF1_ECX_XSAVE | LEAF1_ECX_AVX);
    else if (!has_avx())
        r[2] &= ~LEAF1_ECX_AVX;
}

static void limit_7(const struct cpuid_answer *a, u32 subleaf, u32 r[4])
{
    if (subleaf != 0) {
        nothing(r);
        return;
    }
    r[0] = 0;
    r[1] &= LEAF7_EBX | a->leaf7_ebx;
    r[2] &= LEAF7_ECX | a->leaf7_ecx;
    r[3] &= LEAF7_EDX;
    if (!has_avx512())
        r[1] &= ~LEAF7_EBX_AVX512, r[2] &= ~LEAF7_ECX_AVX512, r[3] &= ~LEAF7_EDX_AVX512;
    if (!has_avx())
        r[1] &= ~LEAF7_EBX_AVX, r[2] &= ~LEAF7_ECX_AVX;
    if (!cpu_features.fsgsbase)
        r[1] &= ~LEAF7_EBX_FSGSBASE;
}

/* XSAVE: only the components that Prism switches. */
static void limit_d(u32 subleaf, u32 r[4])
{
    if (!cpu_features.xsave || subleaf > 62 || (subleaf > 1 && !(cpu_features.xcr0_mask >> subleaf & 1))) {
        nothing(r);
        return;
    }
    if (subleaf == 0) {
        r[0] &= (u32)cpu_features.xcr0_mask;
        r[2] = cpu_features.xsave_size;
        r[3] &= (u32)(cpu_features.xcr0_mask >> 32);
    } else if (subleaf == 1) {
        r[0] &= XSAVE_FEATURES;
        r[2] = r[3] = 0;
    } else {
        r[2] &= 2;
        r[3] = 0;
    }
}

static void limit_basic(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4])
{
    switch (leaf) {
    case 0: r[0] = min(r[0], MAX_BASIC_LEAF); break;
    case 1: limit_1(a, r); break;
    case 2: break;
    case 4: r[0] &= 0x3fff; break;          /* caches stay, who shares them goes */
    case 7: limit_7(a, subleaf, r); break;
    case 0xd: limit_d(subleaf, r); break;
    default: nothing(r); break;             /* MWAIT, thermal, performance counters, topology, QoS, trace */
    }
}

static void limit_extended_1(const struct cpuid_answer *a, u32 r[4])
{
    bool intel = !strcmp(cpu_features.vendor, "GenuineIntel");
    u32 copies = intel ? 0 : EXT1_EDX_COPIES;

    r[2] &= EXT1_ECX | a->ext1_ecx;
    r[3] &= EXT1_EDX | a->ext1_edx | (copies & (LEAF1_EDX | a->leaf1_edx));
    r[3] |= copies & a->own_edx;
    if (!has_avx())
        r[2] &= ~EXT1_ECX_AVX;
    if (!cpu_features.nx)
        r[3] &= ~EXT1_EDX_NX;
    if (!cpu_features.rdtscp)
        r[3] &= ~EXT1_EDX_RDTSCP;
}

static void limit_extended(const struct cpuid_answer *a, u32 leaf, u32 r[4])
{
    switch (leaf) {
    case 0x80000000: r[0] = min(r[0], MAX_EXTENDED_LEAF); break;
    case 0x80000001: limit_extended_1(a, r); break;
    case 0x80000002 ... 0x80000006: break;
    case 0x80000007: r[0] = r[1] = r[2] = 0; r[3] &= cpu_features.invariant_tsc ? BIT(8) : 0; break;
    case 0x80000008: r[0] &= 0xffff; r[1] &= BIT(0) | BIT(2); r[2] = r[3] = 0; break;   /* CLZERO, XSAVEERPTR */
    default: nothing(r); break;
    }
}

void cpuid_limit(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4])
{
    if (leaf & 0x80000000)
        limit_extended(a, leaf, r);
    else
        limit_basic(a, leaf, subleaf, r);
}

void cpuid_machine(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4])
{
    u32 limit = leaf & 0x80000000 ? min(cpu_features.max_ext_leaf, MAX_EXTENDED_LEAF)
                                  : min(cpu_features.max_leaf, MAX_BASIC_LEAF);
    struct cpuid_regs c;

    nothing(r);
    if (leaf > limit)
        return;
    c = cpuid(leaf, subleaf);
    r[0] = c.a, r[1] = c.b, r[2] = c.c, r[3] = c.d;
    cpuid_limit(a, leaf, subleaf, r);
}

/* ---- The hypervisor's leaves */

/* Multiplier and shift of the guest's clock, as vcpu_time_info has them. */
static void tsc_leaf(const struct vcpu *v, u32 subleaf, u32 r[4])
{
    if (subleaf == 0) {
        r[0] = (cpu_features.invariant_tsc ? BIT(1) : 0) | (cpu_features.rdtscp ? BIT(2) : 0);
        r[1] = v->domain->tsc_mode;
        r[2] = tsc_khz();
    } else if (subleaf == 1) {
        r[2] = v->vcpu_info->time.tsc_to_system_mul;
        r[3] = (u32)(s64)v->vcpu_info->time.tsc_shift;
    } else if (subleaf == 2) {
        r[0] = tsc_khz();
    }
}

bool cpuid_xen(const struct cpuid_answer *a, struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    nothing(r);
    switch (leaf - XEN_CPUID_FIRST_LEAF) {
    case 0:
        r[0] = XEN_CPUID_LEAF(a->last_xen_leaf);
        r[1] = XEN_CPUID_SIGNATURE_EBX;
        r[2] = XEN_CPUID_SIGNATURE_ECX;
        r[3] = XEN_CPUID_SIGNATURE_EDX;
        return true;
    case 1: r[0] = REPORTED_VERSION; return true;
    case 2:
        r[0] = 1;                           /* one hypercall page, by this MSR */
        r[1] = HYPERCALL_MSR;
        r[2] = a->xen_features;
        return true;
    case 3: tsc_leaf(v, subleaf, r); return true;
    }
    return leaf - XEN_CPUID_FIRST_LEAF < 0x100;
}
