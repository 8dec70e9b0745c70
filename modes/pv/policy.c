/* SPDX-License-Identifier: MIT */
/* Where a PV domain's CPUID and MSR policy is kept. */
#include "modes/pv/pv.h"

void pv_set_policy(struct domain *d, struct xen_cpuid_leaf *leaves, u32 nr_leaves, struct xen_msr_entry *msrs,
                   u32 nr_msrs)
{
    struct pv_domain *pv = to_pv_domain(d);
    xfree(pv->cpuid_policy);
    xfree(pv->msr_policy);
    pv->cpuid_policy = leaves;
    pv->nr_cpuid_leaves = nr_leaves;
    pv->msr_policy = msrs;
    pv->nr_msr_entries = nr_msrs;
}

void pv_get_policy(struct domain *d, const struct xen_cpuid_leaf **leaves, u32 *nr_leaves,
                   const struct xen_msr_entry **msrs, u32 *nr_msrs)
{
    struct pv_domain *pv = to_pv_domain(d);
    *leaves = pv->cpuid_policy;
    *nr_leaves = pv->nr_cpuid_leaves;
    *msrs = pv->msr_policy;
    *nr_msrs = pv->nr_msr_entries;
}
