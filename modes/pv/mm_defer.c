/* SPDX-License-Identifier: MIT */
/* A page table whose teardown takes longer than one hypercall may: the operation that dropped it is done as far as the
 * guest can see; the rest is done before the same vCPU's next operation on page tables, or when the domain dies. */
#include "modes/pv/mm.h"

void pv_defer_table(struct pv_vcpu *v, struct domain *owner, mfn_t mfn)
{
    ASSERT(!v->deferred_owner);
    if (!get_frame(mfn, owner))
        BUG();   /* a partial frame has a reference of its own */
    if (owner != v->vcpu.domain && !domain_ref(owner)) {
        put_frame(mfn);   /* dying: its own teardown finds the frame */
        return;
    }
    v->deferred_table = mfn;
    v->deferred_owner = owner;
}

static void forget_deferred(struct pv_vcpu *v)
{
    struct domain *owner = v->deferred_owner;

    v->deferred_owner = NULL;
    put_frame(v->deferred_table);
    if (owner != v->vcpu.domain)
        domain_put(owner);
}

int pv_go_on_deferred(struct pv_vcpu *v)
{
    struct pv_domain *owner = to_pv_domain(v->deferred_owner);
    int rc;

    spin_lock(&owner->mm_lock);
    rc = pv_finish_table(&owner->domain, v->deferred_table);
    spin_unlock(&owner->mm_lock);
    if (rc == 0)
        forget_deferred(v);
    return rc;
}

void pv_drop_deferred(struct pv_vcpu *v)
{
    if (v->deferred_owner)
        forget_deferred(v);
}
