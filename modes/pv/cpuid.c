/* SPDX-License-Identifier: MIT */
/* CPUID as a PV guest sees it where it asks Prism: the machine's, less what a kernel in ring 3 cannot have or Prism
 * does not switch, plus the leaves that say Xen (public header arch-x86/cpuid.h). Feature bits: APM vol. 3, E; Intel
 * SDM vol. 2, CPUID. A bit that nobody here has thought about is not shown. */
#include <xen/arch-x86/cpuid.h>

#include "cpu/time.h"
#include "modes/pv/pv.h"

#define BIT(n) (1U << (n))
#define REPORTED_VERSION (4U << 16 | 17)

/* Leaf 1, and in part 80000001. Without VME, PSE, PGE, MTRR, PSE36: paging and memory types are Prism's. */
#define LEAF1_EDX (BIT(0) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(11) | BIT(14) | \
                   BIT(15) | BIT(16) | BIT(19) | BIT(22) | BIT(23) | BIT(24) | BIT(25) | BIT(26) | BIT(27))
/* SSE3, PCLMULQDQ, SSSE3, FMA, CX16, SSE4.1, SSE4.2, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND. */
#define LEAF1_ECX (BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | BIT(20) | BIT(22) | BIT(23) | BIT(25) | \
                   BIT(26) | BIT(28) | BIT(29) | BIT(30))
/* FSGSBASE, BMI1, AVX2, FDP_EXCPTN, BMI2, ERMS, no FCS/FDS, AVX512F and DQ, RDSEED, ADX, IFMA, CLFLUSHOPT, CLWB, PF,
 * ER, CD, SHA, BW, VL. Without SMEP, SMAP, INVPCID, TSC_ADJUST, MPX, RTM and HLE. */
#define LEAF7_EBX (BIT(0) | BIT(3) | BIT(5) | BIT(6) | BIT(8) | BIT(9) | BIT(13) | BIT(16) | BIT(17) | BIT(18) | \
                   BIT(19) | BIT(21) | BIT(23) | BIT(24) | BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(30) | BIT(31))
/* PREFETCHWT1, AVX512_VBMI, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID. */
#define LEAF7_ECX (BIT(0) | BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14) | BIT(22))
/* AVX512_4VNNIW, 4FMAPS, VP2INTERSECT, MD_CLEAR. Speculation controls are Prism's (docs/CAVEATS.md). */
#define LEAF7_EDX (BIT(2) | BIT(3) | BIT(8) | BIT(10))
#define AVX512_EBX (BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_ECX (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_EDX (BIT(2) | BIT(3) | BIT(8))
/* 80000001: SYSCALL, NX, MMXEXT, FFXSR, RDTSCP, LM, 3DNOW; and the copies of leaf 1 that AMD has there. */
#define EXT1_EDX (BIT(11) | BIT(20) | BIT(22) | BIT(25) | BIT(27) | BIT(29) | BIT(30) | BIT(31))
#define EXT1_EDX_COPIES 0x0183f3ffU
/* LAHF, ABM, SSE4A, MISALIGNSSE, PREFETCHW, XOP, FMA4, TBM. */
#define EXT1_ECX (BIT(0) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(21))

#define XSTATE_AVX 4
#define XSTATE_AVX512 0xe0
#define MAX_BASIC_LEAF 0xd
#define MAX_EXTENDED_LEAF 0x80000008

static void from_machine(u32 leaf, u32 subleaf, u32 r[4])
{
    struct cpuid_regs c = cpuid(leaf, subleaf);

    r[0] = c.a, r[1] = c.b, r[2] = c.c, r[3] = c.d;
}

static void nothing(u32 r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
}

static void leaf_1(struct vcpu *v, u32 r[4])
{
    r[1] &= 0x0000ffff;                     /* one logical processor, APIC 0: topology is not shown */
    r[2] &= LEAF1_ECX;
    r[3] &= LEAF1_EDX;
    if (!cpu_features.xsave)
        r[2] &= ~(BIT(26) | BIT(28) | BIT(12) | BIT(29));
    else if (!(cpu_features.xcr0_mask & XSTATE_AVX))
        r[2] &= ~(BIT(28) | BIT(12) | BIT(29));
    if (v && to_pv(v)->ctrlreg[4] & X86_CR4_OSXSAVE)
        r[2] |= BIT(27);
    r[2] |= BIT(31);                        /* there is a hypervisor */
    if (strcmp(cpu_features.vendor, "GenuineIntel"))
        r[3] &= ~BIT(11);                   /* SYSENTER does not work in AMD's long mode */
}

static void leaf_7(u32 subleaf, u32 r[4])
{
    if (subleaf != 0) {
        nothing(r);
        return;
    }
    r[0] = 0;
    r[1] &= LEAF7_EBX;
    r[2] &= LEAF7_ECX;
    r[3] &= LEAF7_EDX;
    if ((cpu_features.xcr0_mask & XSTATE_AVX512) != XSTATE_AVX512)
        r[1] &= ~AVX512_EBX, r[2] &= ~AVX512_ECX, r[3] &= ~AVX512_EDX;
    if (!(cpu_features.xcr0_mask & XSTATE_AVX))
        r[1] &= ~BIT(5), r[2] &= ~(BIT(9) | BIT(10));
    if (!cpu_features.fsgsbase)
        r[1] &= ~BIT(0);
}

/* XSAVE: only the components that Prism switches. The CPU answers sub-leaf 0's EBX for its XCR0, which is the
 * guest's. */
static void leaf_d(u32 subleaf, u32 r[4])
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
        r[0] &= 7;                          /* XSAVEOPT, XSAVEC, XGETBV1; supervisor states are Prism's */
        r[2] = r[3] = 0;
    } else {
        r[2] &= 2;
        r[3] = 0;
    }
}

static void basic_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    switch (leaf) {
    case 0: r[0] = min(r[0], (u32)MAX_BASIC_LEAF); break;
    case 1: leaf_1(v, r); break;
    case 2: break;
    case 4: r[0] &= 0x3fff; break;          /* caches stay, who shares them goes */
    case 7: leaf_7(subleaf, r); break;
    case 0xd: leaf_d(subleaf, r); break;
    default: nothing(r); break;             /* MWAIT, thermal, performance counters, topology, QoS, trace */
    }
}

static void extended_leaf(u32 leaf, u32 r[4])
{
    switch (leaf) {
    case 0x80000000: r[0] = min(r[0], (u32)MAX_EXTENDED_LEAF); break;
    case 0x80000001:
        r[2] &= EXT1_ECX;
        r[3] &= EXT1_EDX | (strcmp(cpu_features.vendor, "GenuineIntel") ? EXT1_EDX_COPIES & LEAF1_EDX : 0);
        if (!(cpu_features.xcr0_mask & XSTATE_AVX))
            r[2] &= ~(BIT(11) | BIT(16));
        if (!cpu_features.nx)
            r[3] &= ~BIT(20);
        if (!cpu_features.rdtscp)
            r[3] &= ~BIT(27);
        break;
    case 0x80000002 ... 0x80000006: break;
    case 0x80000007: r[0] = r[1] = r[2] = 0; r[3] &= cpu_features.invariant_tsc ? BIT(8) : 0; break;
    case 0x80000008: r[0] &= 0xffff; r[1] &= BIT(0) | BIT(2); r[2] = r[3] = 0; break;   /* CLZERO, XSAVEERPTR */
    default: nothing(r); break;
    }
}

/* Multiplier and shift of the guest's clock, as vcpu_time_info has them. */
static void tsc_leaf(struct vcpu *v, u32 subleaf, u32 r[4])
{
    struct domain *d = v->domain;

    nothing(r);
    if (subleaf == 0) {
        r[0] = (cpu_features.invariant_tsc ? BIT(1) : 0) | (cpu_features.rdtscp ? BIT(2) : 0);
        r[1] = d->tsc_mode;
        r[2] = tsc_khz();
    } else if (subleaf == 1) {
        r[2] = v->vcpu_info->time.tsc_to_system_mul;
        r[3] = (u32)(s64)v->vcpu_info->time.tsc_shift;
    } else if (subleaf == 2) {
        r[0] = tsc_khz();
    }
}

static bool xen_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    nothing(r);
    switch (leaf - XEN_CPUID_FIRST_LEAF) {
    case 0:
        r[0] = XEN_CPUID_LEAF(XEN_CPUID_MAX_NUM_LEAVES);
        r[1] = XEN_CPUID_SIGNATURE_EBX;
        r[2] = XEN_CPUID_SIGNATURE_ECX;
        r[3] = XEN_CPUID_SIGNATURE_EDX;
        return true;
    case 1: r[0] = REPORTED_VERSION; return true;
    case 2:
        r[0] = 1;                           /* one hypercall page, by this MSR */
        r[1] = 0x40000000;
        r[2] = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        return true;
    case 3: tsc_leaf(v, subleaf, r); return true;
    case 4: return true;
    case 5:
        if (subleaf == 0)
            r[1] = cpu_features.phys_bits & XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK;
        return true;
    }
    return leaf - XEN_CPUID_FIRST_LEAF < 0x100;
}

/* What the toolstack set for this domain (DOMCTL_set_cpu_policy) is a further limit on the leaves that hold
 * features. */
static void apply_policy(const struct pv_domain *d, u32 leaf, u32 subleaf, u32 r[4])
{
    for (u32 i = 0; i < d->nr_cpuid_leaves; i++) {
        const struct xen_cpuid_leaf *l = &d->cpuid_policy[i];
        if (l->leaf != leaf || (l->subleaf != XEN_CPUID_NO_SUBLEAF && l->subleaf != subleaf))
            continue;
        if (leaf == 1) {
            r[2] &= l->c | BIT(27) | BIT(31);
            r[3] &= l->d;
        } else if (leaf == 7) {
            r[1] &= l->b, r[2] &= l->c, r[3] &= l->d;
        } else if (leaf == 0x80000001) {
            r[2] &= l->c, r[3] &= l->d;
        } else if (leaf == 0x80000007 || (leaf == 0xd && subleaf < 2)) {
            r[0] &= l->a, r[3] &= l->d;
        }
        return;
    }
}

/* The machine's leaves as v may see them; v NULL: as any vCPU may at most. */
static void machine_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    nothing(r);
    if (leaf & 0x80000000) {
        if (leaf > min(cpu_features.max_ext_leaf, (u32)MAX_EXTENDED_LEAF))
            return;
        from_machine(leaf, subleaf, r);
        extended_leaf(leaf, r);
    } else {
        if (leaf > min(cpu_features.max_leaf, (u32)MAX_BASIC_LEAF))
            return;
        from_machine(leaf, subleaf, r);
        basic_leaf(v, leaf, subleaf, r);
    }
}

void pv_cpuid_max(u32 leaf, u32 subleaf, u32 r[4])
{
    machine_leaf(NULL, leaf, subleaf, r);
}

void pv_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    if (xen_leaf(v, leaf, subleaf, r))
        return;
    machine_leaf(v, leaf, subleaf, r);
    apply_policy(to_pv_domain(v->domain), leaf, subleaf, r);
}
