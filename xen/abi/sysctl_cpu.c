/* SPDX-License-Identifier: MIT */
/* sysctl: what the machine's CPUs can do, and what of it guests may be given. */
#include "abi/control.h"
#include "abi/cpu_policy.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"

/* Levelling is hiding features from a guest's own CPUID instruction: in ring 3 that takes hardware help not used
 * here. */
static long do_levelling_caps(struct xen_sysctl *op)
{
    op->u.cpu_levelling_caps.caps = 0;
    return 0;
}

/* The limit of the first row whose privileged instructions are carried out so; NULL: there is none in this build. */
static policy_cpuid_fn *limit_for(u32 physcap)
{
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (!row_refused(&spectrum[i]) && (spectrum[i].privileged->physcaps & physcap))
            return spectrum[i].platform->cpuid_max ? spectrum[i].platform->cpuid_max : policy_host_cpuid;
    return NULL;
}

static long do_featureset(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_featureset *q = &op->u.cpu_featureset;
    u32 features[FEATURESET_WORDS], n = q->nr_features;
    policy_cpuid_fn *source;
    switch (q->index) {
    case XEN_SYSCTL_cpu_featureset_raw: case XEN_SYSCTL_cpu_featureset_host:
        source = policy_host_cpuid;
        break;
    case XEN_SYSCTL_cpu_featureset_pv: case XEN_SYSCTL_cpu_featureset_pv_max:
        source = limit_for(XEN_SYSCTL_PHYSCAP_pv);
        break;
    case XEN_SYSCTL_cpu_featureset_hvm: case XEN_SYSCTL_cpu_featureset_hvm_max:
        source = limit_for(XEN_SYSCTL_PHYSCAP_hvm);
        break;
    default:
        return -EINVAL;
    }
    q->nr_features = FEATURESET_WORDS;
    if (guest_handle_is_null(q->features))
        return 0;
    if (!source)
        return -EOPNOTSUPP;
    policy_featureset(source, features);
    if (copy_to_guest(q->features, features, min(n, (u32)FEATURESET_WORDS)))
        return -EFAULT;
    return n < FEATURESET_WORDS ? -ENOBUFS : 0;
}

static struct xen_cpuid_leaf leaves[POLICY_MAX_LEAVES];   /* control_lock */

static long do_policy(struct xen_sysctl *op)
{
    static const struct xen_msr_entry msrs[POLICY_MAX_MSRS] = { { .idx = 0xce }, { .idx = 0x10a } };
    struct xen_sysctl_cpu_policy *q = &op->u.cpu_policy;
    policy_cpuid_fn *source;
    if (q->_rsvd)
        return -EINVAL;
    switch (q->index) {
    case XEN_SYSCTL_cpu_policy_raw: case XEN_SYSCTL_cpu_policy_host:
        source = policy_host_cpuid;
        break;
    case XEN_SYSCTL_cpu_policy_pv_max: case XEN_SYSCTL_cpu_policy_pv_default:
        source = limit_for(XEN_SYSCTL_PHYSCAP_pv);
        break;
    case XEN_SYSCTL_cpu_policy_hvm_max: case XEN_SYSCTL_cpu_policy_hvm_default:
        source = limit_for(XEN_SYSCTL_PHYSCAP_hvm);
        break;
    default:
        return -EINVAL;
    }
    if (!source)
        return -EOPNOTSUPP;
    u32 n = policy_serialise(source, leaves);
    if (guest_handle_is_null(q->leaves)) {
        q->nr_leaves = POLICY_MAX_LEAVES;
    } else {
        if (q->nr_leaves < n)
            return -ENOBUFS;
        if (copy_to_guest(q->leaves, leaves, n))
            return -EFAULT;
        q->nr_leaves = n;
    }
    if (!guest_handle_is_null(q->msrs)) {
        if (q->nr_msrs < POLICY_MAX_MSRS)
            return -ENOBUFS;
        if (copy_to_guest(q->msrs, msrs, POLICY_MAX_MSRS))
            return -EFAULT;
    }
    q->nr_msrs = POLICY_MAX_MSRS;
    return 0;
}

const struct sysctl_handler sysctl_cpu_handlers[] = {
    { XEN_SYSCTL_get_cpu_levelling_caps, BACK_SUCCESS, do_levelling_caps },
    { XEN_SYSCTL_get_cpu_featureset, BACK_ALWAYS, do_featureset },
    { XEN_SYSCTL_get_cpu_policy, BACK_SUCCESS, do_policy },
    { }
};
