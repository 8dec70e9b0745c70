/* SPDX-License-Identifier: MIT */
/* CPUID of a guest in a container: its policy, as the toolstack set it or the most that there is, plus what depends on
 * the vCPU, plus the leaves that say Xen (modes/cpuid.c). */
#include <xen/arch-x86/cpuid.h>

#include "modes/cpuid.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#define LEAF1_EDX_APIC CPUID_BIT(9)     /* 80000001 has a copy of it */

static const struct cpuid_answer answer = {
    .leaf1_ecx = CPUID_BIT(17) | CPUID_BIT(24),                     /* PCID, TSC_DEADLINE */
    .leaf1_edx = CPUID_BIT(1) | CPUID_BIT(3) | CPUID_BIT(12) | CPUID_BIT(13) | CPUID_BIT(17) | CPUID_BIT(28),
                                                                    /* VME PSE MTRR PGE PSE36 HTT */
    .leaf7_ebx = CPUID_BIT(7) | CPUID_BIT(10) | CPUID_BIT(20),      /* SMEP, INVPCID, SMAP */
    .leaf7_ecx = CPUID_BIT(2),                                      /* UMIP */
    .ext1_ecx = CPUID_BIT(4),                                       /* CR8 in 32-bit code */
    .ext1_edx = CPUID_BIT(26),                                      /* 1 GiB pages */
    .own_ecx = CPUID_BIT(21),                                       /* x2APIC: the APIC is emulated */
    .own_edx = LEAF1_EDX_APIC | CPUID_BIT(12),                      /* the MTRRs are kept */
    .last_xen_leaf = 4,
};

void hw_cpuid_max(u32 leaf, u32 subleaf, u32 r[4])
{
    cpuid_machine(&answer, leaf, subleaf, r);
    if (leaf == 0xd && subleaf < 2)         /* what depends on XCR0 is known when a vCPU asks */
        r[1] = subleaf ? 0 : r[2];
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
    r[0] = r[1] = r[2] = r[3] = 0;
    for (u32 i = 0; i < hw->nr_cpuid_leaves; i++) {
        const struct xen_cpuid_leaf *l = &hw->cpuid_policy[i];
        if (l->leaf == leaf && (l->subleaf == XEN_CPUID_NO_SUBLEAF || l->subleaf == subleaf)) {
            r[0] = l->a, r[1] = l->b, r[2] = l->c, r[3] = l->d;
            return;
        }
    }
}

/* ---- As one vCPU sees it */

/* Upcalls by a vector of the vCPU's own end with a write to its local APIC, an exit more than by the domain's callback;
 * so they are there for who asks, and not recommended (XEN_HVM_CPUID_UPCALL_VECTOR). */
static bool xen_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    bool ours = cpuid_xen(&answer, v, leaf, subleaf, r);

    if (leaf == XEN_CPUID_LEAF(3) && subleaf == 1) {
        r[0] = (u32)to_hw(v)->tsc_offset;
        r[1] = (u32)(to_hw(v)->tsc_offset >> 32);
    } else if (leaf == XEN_CPUID_LEAF(4) && subleaf == 0) {
        r[0] = XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT;
        r[1] = v->id;
        r[2] = v->domain->id;
    }
    return ours;
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
        r[2] &= ~(CPUID1_ECX_OSXSAVE | CPUID1_ECX_HYPERVISOR);
        r[2] |= (cr4 & X86_CR4_OSXSAVE ? CPUID1_ECX_OSXSAVE : 0) | (hidden ? 0 : CPUID1_ECX_HYPERVISOR);
        if (!lapic_enabled(&to_hw(v)->lapic) || !hw_has_lapic(v->domain))
            r[3] &= ~LEAF1_EDX_APIC;
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
            r[3] &= ~LEAF1_EDX_APIC;
        break;
    }
}
