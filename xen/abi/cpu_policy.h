/* SPDX-License-Identifier: MIT */
/* CPUID as data: lists of leaves as libxl exchanges them, and the featureset (public header
 * arch-x86/cpufeatureset.h). */
#ifndef PRISM_ABI_CPU_POLICY_H
#define PRISM_ABI_CPU_POLICY_H

#include <xen/xen.h>

#include "lib/types.h"

#define POLICY_MAX_LEAVES 128
#define POLICY_MAX_MSRS 2
#define FEATURESET_WORDS 19

/* Reads one (leaf, subleaf) of some policy. */
typedef void policy_cpuid_fn(u32 leaf, u32 subleaf, u32 regs[4]);
/* All leaves of a policy, in rising order; returns how many. Pure but for what cpuid_of does. */
u32 policy_serialise(policy_cpuid_fn *cpuid_of, struct xen_cpuid_leaf leaves[POLICY_MAX_LEAVES]);
void policy_featureset(policy_cpuid_fn *cpuid_of, u32 features[FEATURESET_WORDS]);
/* Bounds a wanted policy by `limit`: features that it has not are cleared. 0; -EINVAL with *bad the entry that cannot
 * be: more leaves than it has, an entry twice or out of order, a leaf that is none. */
int policy_limit(policy_cpuid_fn *limit, struct xen_cpuid_leaf *leaves, u32 n, u32 *bad);
void policy_host_cpuid(u32 leaf, u32 subleaf, u32 regs[4]);

#endif
