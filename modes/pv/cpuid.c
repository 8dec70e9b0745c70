/* SPDX-License-Identifier: MIT */
/* CPUID as a PV guest sees it where it asks Prism: the machine's, less what a kernel in ring 3 cannot have or Prism
 * does not switch, plus the leaves that say Xen (modes/cpuid.c). */
#include <xen/arch-x86/cpuid.h>

#include "modes/cpuid.h"
#include "modes/pv/pv.h"

#define LEAF1_EDX_SEP CPUID_BIT(11)

/* Without VME, PSE, PGE, MTRR, PSE36, SMEP, SMAP, PCID, UMIP: paging and memory types are Prism's. */
static const struct cpuid_answer answer = {
    .leaf1_edx = CPUID_BIT(22) | CPUID_BIT(27),   /* ACPI, self-snoop */
    .ext1_edx = CPUID_BIT(25),                    /* FFXSR */
    .last_xen_leaf = 5,
    .xen_features = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD,
};

static bool xen_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    bool ours = cpuid_xen(&answer, v, leaf, subleaf, r);

    if (leaf == XEN_CPUID_LEAF(5) && subleaf == 0)
        r[1] = cpu_features.phys_bits & XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK;
    return ours;
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
            r[2] &= l->c | CPUID1_ECX_OSXSAVE | CPUID1_ECX_HYPERVISOR;
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

/* The machine's leaves as v may see them; v NULL: as any vCPU may at most. Leaf D's size is the CPU's answer for its XCR0,
 * which is the guest's. */
static void machine_leaf(struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4])
{
    cpuid_machine(&answer, leaf, subleaf, r);
    if (leaf != 1)
        return;
    if (v && to_pv(v)->ctrlreg[4] & X86_CR4_OSXSAVE)
        r[2] |= CPUID1_ECX_OSXSAVE;
    if (strcmp(cpu_features.vendor, "GenuineIntel"))
        r[3] &= ~LEAF1_EDX_SEP;             /* SYSENTER does not work in AMD's long mode */
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
