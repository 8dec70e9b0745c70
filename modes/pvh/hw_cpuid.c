/* SPDX-License-Identifier: MIT */
/* CPUID of a guest in a container: its policy, as the toolstack set it or the most that there is, plus what depends on
 * the vCPU, plus the leaves that say Xen (public header arch-x86/cpuid.h). A bit that nobody here has thought about is
 * not shown. Feature bits: APM vol. 3, E; Intel SDM vol. 2, CPUID. */
#include <xen/arch-x86/cpuid.h>

#include "cpu/time.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#define BIT(n) (1U << (n))
#define REPORTED_VERSION (4U << 16 | 17)
#define HYPERCALL_MSR 0x40000000

/* FPU VME DE PSE TSC MSR PAE MCE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFLUSH MMX FXSR SSE SSE2. */
#define LEAF1_EDX (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(11) | \
                   BIT(12) | BIT(13) | BIT(14) | BIT(15) | BIT(16) | BIT(17) | BIT(19) | BIT(23) | BIT(24) | BIT(25) | \
                   BIT(26) | BIT(28))
/* SSE3, PCLMULQDQ, SSSE3, FMA, CX16, PCID, SSE4.1, SSE4.2, MOVBE, POPCNT, TSC_DEADLINE, AES, XSAVE, AVX, F16C,
 * RDRAND. */
#define LEAF1_ECX (BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(17) | BIT(19) | BIT(20) | BIT(22) | BIT(23) | \
                   BIT(24) | BIT(25) | BIT(26) | BIT(28) | BIT(29) | BIT(30))
#define X2APIC BIT(21)
#define OSXSAVE BIT(27)
#define HYPERVISOR BIT(31)
#define APIC BIT(9)
/* FSGSBASE, BMI1, AVX2, FDP_EXCPTN, SMEP, BMI2, ERMS, INVPCID, no FCS/FDS, AVX512F and DQ, RDSEED, ADX, SMAP, IFMA,
 * CLFLUSHOPT, CLWB, PF, ER, CD, SHA, BW, VL. */
#define LEAF7_EBX (BIT(0) | BIT(3) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) | BIT(13) | BIT(16) | \
                   BIT(17) | BIT(18) | BIT(19) | BIT(20) | BIT(21) | BIT(23) | BIT(24) | BIT(26) | BIT(27) | BIT(28) | \
                   BIT(29) | BIT(30) | BIT(31))
/* PREFETCHWT1, AVX512_VBMI, UMIP, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID. */
#define LEAF7_ECX (BIT(0) | BIT(1) | BIT(2) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14) | BIT(22))
/* AVX512_4VNNIW, 4FMAPS, VP2INTERSECT, MD_CLEAR. */
#define LEAF7_EDX (BIT(2) | BIT(3) | BIT(8) | BIT(10))
#define AVX512_EBX (BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31))
#define AVX512_ECX (BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14))
#define AVX512_EDX (BIT(2) | BIT(3) | BIT(8))
/* SYSCALL, NX, MMXEXT, FFXSR, 1 GiB pages, RDTSCP, LM, 3DNOW; and the copies of leaf 1 that AMD has there. */
#define EXT1_EDX (BIT(11) | BIT(20) | BIT(22) | BIT(26) | BIT(27) | BIT(29) | BIT(30) | BIT(31))
#define EXT1_EDX_COPIES 0x0183f3ffU
/* LAHF, CR8, ABM, SSE4A, MISALIGNSSE, PREFETCHW, XOP, FMA4, TBM. */
#define EXT1_ECX (BIT(0) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | BIT(16) | BIT(21))

#define XSTATE_AVX 4
#define XSTATE_AVX512 0xe0
#define MAX_BASIC_LEAF 0xd
#define MAX_EXTENDED_LEAF 0x80000008

static void nothing(u32 r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
}

/* ---- The most that a guest can be given */

static void max_leaf_1(u32 r[4])
{
    r[1] &= 0x0000ffff;
    r[2] = (r[2] & LEAF1_ECX) | X2APIC | HYPERVISOR;
    r[3] = (r[3] & LEAF1_EDX) | APIC | BIT(12);   /* the APIC is emulated, the MTRRs are kept */
    if (!cpu_features.xsave)
        r[2] &= ~(BIT(26) | BIT(28) | BIT(12) | BIT(29));
    else if (!(cpu_features.xcr0_mask & XSTATE_AVX))
        r[2] &= ~(BIT(28) | BIT(12) | BIT(29));
}

static void max_leaf_7(u32 subleaf, u32 r[4])
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
}

static void max_leaf_d(u32 subleaf, u32 r[4])
{
    if (!cpu_features.xsave || subleaf > 62 || (subleaf > 1 && !(cpu_features.xcr0_mask >> subleaf & 1))) {
        nothing(r);
        return;
    }
    if (subleaf == 0) {
        r[0] &= (u32)cpu_features.xcr0_mask;
        r[1] = r[2] = cpu_features.xsave_size;
        r[3] &= (u32)(cpu_features.xcr0_mask >> 32);
    } else if (subleaf == 1) {
        r[0] &= 7;                          /* XSAVEOPT, XSAVEC, XGETBV1; supervisor states are not switched */
        r[1] = r[2] = r[3] = 0;
    } else {
        r[2] &= 2;
        r[3] = 0;
    }
}

static void max_basic(u32 leaf, u32 subleaf, u32 r[4])
{
    switch (leaf) {
    case 0: r[0] = min(r[0], (u32)MAX_BASIC_LEAF); break;
    case 1: max_leaf_1(r); break;
    case 2: break;
    case 4: r[0] &= 0x3fff; break;          /* caches stay, who shares them goes */
    case 7: max_leaf_7(subleaf, r); break;
    case 0xd: max_leaf_d(subleaf, r); break;
    default: nothing(r); break;
    }
}

static void max_extended(u32 leaf, u32 r[4])
{
    bool intel = !strcmp(cpu_features.vendor, "GenuineIntel");

    switch (leaf) {
    case 0x80000000: r[0] = min(r[0], (u32)MAX_EXTENDED_LEAF); break;
    case 0x80000001:
        r[2] &= EXT1_ECX;
        r[3] &= EXT1_EDX | (intel ? 0 : EXT1_EDX_COPIES & LEAF1_EDX);
        r[3] |= intel ? 0 : APIC | BIT(12);
        if (!(cpu_features.xcr0_mask & XSTATE_AVX))
            r[2] &= ~(BIT(11) | BIT(16));
        break;
    case 0x80000002 ... 0x80000006: break;
    case 0x80000007: r[0] = r[1] = r[2] = 0; r[3] &= cpu_features.invariant_tsc ? BIT(8) : 0; break;
    case 0x80000008: r[0] &= 0xffff; r[1] &= BIT(0) | BIT(2); r[2] = r[3] = 0; break;   /* CLZERO, XSAVEERPTR */
    default: nothing(r); break;
    }
}

void hw_cpuid_max(u32 leaf, u32 subleaf, u32 r[4])
{
    bool extended = leaf & 0x80000000;
    u32 limit = extended ? min(cpu_features.max_ext_leaf, (u32)MAX_EXTENDED_LEAF)
                         : min(cpu_features.max_leaf, (u32)MAX_BASIC_LEAF);
    struct cpuid_regs c;

    nothing(r);
    if (leaf > limit)
        return;
    c = cpuid(leaf, subleaf);
    memcpy(r, &c, sizeof(c));
    if (extended)
        max_extended(leaf, r);
    else
        max_basic(leaf, subleaf, r);
}

/* ---- A domain's own */

void hw_set_policy(struct domain *d, struct xen_cpuid_leaf *leaves, u32 nr_leaves, struct xen_msr_entry *msrs, u32 nr_msrs)
{
    struct hw_domain *hw = to_hw_domain(d);

    xfree(hw->cpuid_policy);
    xfree(hw->msr_policy);
    hw->cpuid_policy = leaves;
    hw->nr_cpuid_leaves = nr_leaves;
    hw->msr_policy = msrs;
    hw->nr_msr_entries = nr_msrs;
}

void hw_get_policy(struct domain *d, const struct xen_cpuid_leaf **leaves, u32 *nr_leaves, const struct xen_msr_entry **msrs,
                   u32 *nr_msrs)
{
    struct hw_domain *hw = to_hw_domain(d);

    *leaves = hw->cpuid_policy;
    *nr_leaves = hw->nr_cpuid_leaves;
    *msrs = hw->msr_policy;
    *nr_msrs = hw->nr_msr_entries;
}

void hw_cpuid_policy(struct domain *d, u32 leaf, u32 subleaf, u32 r[4])
{
    const struct hw_domain *hw = to_hw_domain(d);

    if (!hw->nr_cpuid_leaves) {
        hw_cpuid_max(leaf, subleaf, r);
        return;
    }
    nothing(r);
    for (u32 i = 0; i < hw->nr_cpuid_leaves; i++) {
        const struct xen_cpuid_leaf *l = &hw->cpuid_policy[i];
        if (l->leaf == leaf && (l->subleaf == XEN_CPUID_NO_SUBLEAF || l->subleaf == subleaf)) {
            r[0] = l->a, r[1] = l->b, r[2] = l->c, r[3] = l->d;
            return;
        }
    }
}

/* ---- As one vCPU sees it */

static void tsc_leaf(struct vcpu *v, u32 subleaf, u32 r[4])
{
    if (subleaf == 0) {
        r[0] = (cpu_features.invariant_tsc ? BIT(1) : 0) | (cpu_features.rdtscp ? BIT(2) : 0);
        r[1] = v->domain->tsc_mode;
        r[2] = tsc_khz();
    } else if (subleaf == 1) {
        r[0] = (u32)to_hw(v)->tsc_offset;
        r[1] = (u32)(to_hw(v)->tsc_offset >> 32);
        r[2] = v->vcpu_info->time.tsc_to_system_mul;
        r[3] = (u32)(s64)v->vcpu_info->time.tsc_shift;
    } else if (subleaf == 2) {
        r[0] = tsc_khz();
    }
}

/* Upcalls by a vector of the vCPU's own end with a write to its local APIC, an exit more than by the domain's callback;
 * so they are there for who asks, and not recommended (XEN_HVM_CPUID_UPCALL_VECTOR). */
static bool xen_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    nothing(r);
    switch (leaf - XEN_CPUID_FIRST_LEAF) {
    case 0:
        r[0] = XEN_CPUID_LEAF(XEN_CPUID_MAX_NUM_LEAVES - 1);
        r[1] = XEN_CPUID_SIGNATURE_EBX;
        r[2] = XEN_CPUID_SIGNATURE_ECX;
        r[3] = XEN_CPUID_SIGNATURE_EDX;
        return true;
    case 1: r[0] = REPORTED_VERSION; return true;
    case 2:
        r[0] = 1;                           /* one hypercall page, by this MSR */
        r[1] = HYPERCALL_MSR;
        return true;
    case 3: tsc_leaf(v, subleaf, r); return true;
    case 4:
        if (subleaf == 0) {
            r[0] = XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT;
            r[1] = v->id;
            r[2] = v->domain->id;
        }
        return true;
    }
    return leaf - XEN_CPUID_FIRST_LEAF < 0x100;
}

void hw_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    bool hidden = hvm_xen_hidden(v->domain);
    u64 cr4;

    if (!hidden && xen_leaf(v, leaf, subleaf, r))
        return;
    hw_cpuid_policy(v->domain, leaf, subleaf, r);
    switch (leaf) {
    case 1:
        cr4 = container_ops->get(v, CREG_CR4);
        r[1] = (r[1] & 0x00ffffff) | hw_apic_id(v) << 24;
        r[2] = (r[2] & ~(OSXSAVE | HYPERVISOR)) | (cr4 & X86_CR4_OSXSAVE ? OSXSAVE : 0) | (hidden ? 0 : HYPERVISOR);
        if (!lapic_enabled(&to_hw(v)->lapic) || !hw_has_lapic(v->domain))
            r[3] &= ~APIC;
        break;
    case 0xb:
        r[3] = hw_apic_id(v);
        break;
    case 0xd:   /* the room that the components switched on in XCR0 take, as the CPU reckons it */
        if (subleaf == 0 && r[0])
            r[1] = cpuid(0xd, 0).b;
        break;
    case 0x80000001:
        if (!lapic_enabled(&to_hw(v)->lapic) || !hw_has_lapic(v->domain))
            r[3] &= ~APIC;
        break;
    }
}
