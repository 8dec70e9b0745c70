/* SPDX-License-Identifier: MIT */
/* domctl: which CPUID leaves and MSR values a domain is to see. */
#include "abi/control.h"
#include "abi/cpu_policy.h"
#include "dom/guest_access.h"
#include "mem/frame.h"

static policy_cpuid_fn *limit_of(const struct domain *d)
{
    return d->row->platform->cpuid_max ? d->row->platform->cpuid_max : policy_host_cpuid;
}

static struct xen_cpuid_leaf scratch[POLICY_MAX_LEAVES];   /* control_lock */
static const struct xen_msr_entry default_msrs[POLICY_MAX_MSRS] = { { .idx = 0xce }, { .idx = 0x10a } };

static long do_get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *q = &op->u.cpu_policy;
    const struct xen_cpuid_leaf *leaves;
    const struct xen_msr_entry *msrs;
    u32 nr_leaves, nr_msrs;
    d->row->platform->get_policy(d, &leaves, &nr_leaves, &msrs, &nr_msrs);
    if (nr_leaves == 0) {
        nr_leaves = policy_serialise(limit_of(d), scratch);
        leaves = scratch;
    }
    if (nr_msrs == 0) {
        nr_msrs = POLICY_MAX_MSRS;
        msrs = default_msrs;
    }
    if (!guest_handle_is_null(q->leaves)) {
        if (q->nr_leaves < nr_leaves)
            return -ENOBUFS;
        if (copy_to_guest(q->leaves, leaves, nr_leaves))
            return -EFAULT;
    }
    if (!guest_handle_is_null(q->msrs)) {
        if (q->nr_msrs < nr_msrs)
            return -ENOBUFS;
        if (copy_to_guest(q->msrs, msrs, nr_msrs))
            return -EFAULT;
    }
    q->nr_leaves = guest_handle_is_null(q->leaves) ? POLICY_MAX_LEAVES : nr_leaves;
    q->nr_msrs = guest_handle_is_null(q->msrs) ? POLICY_MAX_MSRS : nr_msrs;
    return 0;
}

/* No MSR that a policy may name has a value to offer but 0. */
static long check_msrs(struct xen_domctl_cpu_policy *q, const struct xen_msr_entry *msrs, u32 n)
{
    for (u32 i = 0; i < n; i++)
        if ((msrs[i].idx != 0xce && msrs[i].idx != 0x10a) || msrs[i].flags || msrs[i].val) {
            q->err_msr = msrs[i].idx;
            return -EINVAL;
        }
    return 0;
}

static long check_leaves(struct domain *d, struct xen_domctl_cpu_policy *q, struct xen_cpuid_leaf *leaves, u32 n)
{
    u32 bad = 0;
    int rc = policy_limit(limit_of(d), leaves, n, &bad);
    if (rc) {
        q->err_leaf = leaves[bad].leaf;
        q->err_subleaf = leaves[bad].subleaf;
    }
    return rc;
}

static long do_set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *q = &op->u.cpu_policy;
    u32 nr_leaves = q->nr_leaves, nr_msrs = q->nr_msrs;
    q->err_leaf = q->err_subleaf = XEN_CPUID_NO_SUBLEAF;
    q->err_msr = ~0u;
    if (d == current->domain)
        return -EINVAL;
    if (d->is_unpaused_once)
        return -EEXIST;
    if (nr_leaves > POLICY_MAX_LEAVES || nr_msrs > POLICY_MAX_MSRS)
        return -E2BIG;
    struct xen_cpuid_leaf *leaves = xzalloc_array(struct xen_cpuid_leaf, nr_leaves + 1);
    struct xen_msr_entry *msrs = xzalloc_array(struct xen_msr_entry, nr_msrs + 1);
    long rc = -ENOMEM;
    if (!leaves || !msrs)
        goto free_arrays;
    rc = -EFAULT;
    if ((nr_leaves && copy_from_guest(leaves, q->leaves, nr_leaves)) ||
        (nr_msrs && copy_from_guest(msrs, q->msrs, nr_msrs)))
        goto free_arrays;
    rc = check_leaves(d, q, leaves, nr_leaves);
    if (rc == 0)
        rc = check_msrs(q, msrs, nr_msrs);
    if (rc)
        goto free_arrays;
    d->row->platform->set_policy(d, leaves, nr_leaves, msrs, nr_msrs);
    return 0;

free_arrays:
    xfree(msrs);
    xfree(leaves);
    return rc;
}

const struct domctl_handler domctl_policy_handlers[] = {
    { XEN_DOMCTL_get_cpu_policy, BACK_SUCCESS, do_get_cpu_policy },
    { XEN_DOMCTL_set_cpu_policy, BACK_ALWAYS, do_set_cpu_policy },
    { }
};
