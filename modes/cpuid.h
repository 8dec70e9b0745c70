/* SPDX-License-Identifier: MIT */
/* What a guest is shown of the processor by CPUID, as far as it is the same for all answers: what Prism switches and
 * guards, and the leaves that say Xen (public header arch-x86/cpuid.h). */
#ifndef PRISM_MODES_CPUID_H
#define PRISM_MODES_CPUID_H

#include "lib/types.h"

struct vcpu;

#define CPUID_BIT(n) (1U << (n))
#define CPUID1_ECX_OSXSAVE CPUID_BIT(27)
#define CPUID1_ECX_HYPERVISOR CPUID_BIT(31)

/* An answer's own part. */
struct cpuid_answer {
    /* Bits that it shows, where the processor has them, beyond those that every guest may have. ext1: leaf 80000001. */
    u32 leaf1_ecx, leaf1_edx, leaf7_ebx, leaf7_ecx, ext1_ecx, ext1_edx;
    u32 own_ecx, own_edx;         /* of leaf 1: there on any processor, for Prism stands in for them */
    u32 last_xen_leaf;            /* counted from XEN_CPUID_FIRST_LEAF */
    u32 xen_features;             /* XEN_CPUID_FEAT1_* */
};

/* Purpose: takes from r, a leaf as the processor gives it, what a guest by this answer may not see. A bit that nobody has
 * thought about is not shown. Leaf D's EBX is the caller's: the processor gives it for its own XCR0. Pure, but for
 * cpu_features. */
void cpuid_limit(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4]);
/* The same of this processor's leaf; zeros for one that is not shown at all. */
void cpuid_machine(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4]);
/* Purpose: the hypervisor's leaf, as far as all answers give the same. False: not one of the hypervisor's 100H; r is zero. */
bool cpuid_xen(const struct cpuid_answer *a, struct vcpu *v, u32 leaf, u32 subleaf, u32 r[4]);

#endif
