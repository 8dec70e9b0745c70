/* SPDX-License-Identifier: MIT */
/* Page-table entries found by virtual address, and HYPERVISOR_update_va_mapping (public header xen/xen.h). */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"

u64 *pv_walk(mfn_t l4, u64 va)
{
    mfn_t mfn = l4;
    unsigned int level;

    if (!mfn || !is_canonical(va) || !is_guest_l4_slot(pt_index(va, 4)))
        return NULL;
    for (level = 4; level > 1; level--) {
        u64 entry = ((u64 *)mfn_to_virt(mfn))[pt_index(va, level)];

        if (!(entry & PTE_P))
            return NULL;
        mfn = pte_mfn(entry);
    }
    return (u64 *)mfn_to_virt(mfn) + pt_index(va, 1);
}

int pv_vcpus_to_cpus(struct domain *d, u64 bitmap, cpumask_t *mask)
{
    unsigned int bytes = DIV_ROUND_UP(d->max_vcpus, 8), at, n;

    *mask = 0;
    for (at = 0; at < bytes; at += n) {
        u64 bits = 0;

        n = min(bytes - at, 8u);
        if (copy_from_guest_va(&bits, bitmap + at, n))
            return -EFAULT;
        for (; bits; bits &= bits - 1) {
            unsigned int id = at * 8 + (unsigned int)__builtin_ctzll(bits);

            if (id < d->max_vcpus && d->vcpu[id])
                *mask |= d->vcpu[id]->dirty_cpus;
        }
    }
    return 0;
}

static int flush_after_update(u64 va, unsigned long flags)
{
    struct domain *d = current->domain;
    unsigned long type = flags & UVMF_FLUSHTYPE_MASK, who = flags & ~UVMF_FLUSHTYPE_MASK;
    cpumask_t mask;
    int rc = 0;

    if (type != UVMF_TLB_FLUSH && type != UVMF_INVLPG)
        return 0;
    if (who == UVMF_LOCAL)
        mask = 1ULL << smp_processor_id();
    else if (who == UVMF_ALL)
        mask = d->dirty_cpus;
    else
        rc = pv_vcpus_to_cpus(d, who, &mask);
    if (rc)
        return rc;
    if (type == UVMF_TLB_FLUSH) {
        ledger_count(current, LEDGER_TLB_FLUSH);
        flush_tlb_mask(mask);
    } else {
        ledger_count(current, LEDGER_TLB_PAGE);
        flush_tlb_one_mask(mask, va);
    }
    return 0;
}

static int update_va(const struct page_owner *owner, u64 va, u64 value, unsigned long flags)
{
    struct pv_domain *d = to_pv_domain(current->domain);
    u64 *p;
    int rc = -EINVAL, flushed;

    spin_lock(&d->mm_lock);
    p = pv_walk(to_pv(current)->kernel_l4, va);
    if (p)
        rc = pv_update_l1e(owner, p, value, PTE_STORE, 0);
    spin_unlock(&d->mm_lock);
    /* The flush is done even where the update failed: the guest may have counted on it for what it did before. */
    flushed = flush_after_update(va, flags);
    return rc ? rc : flushed;
}

/* Budget: hypercall_update_va_mapping 360 instructions, for ordinary memory. */
long hypercall_update_va_mapping(unsigned long va, unsigned long value, unsigned long flags, unsigned long a4,
                                 unsigned long a5, unsigned long a6)
{
    const struct page_owner owner = page_owner_self(current->domain);

    ledger_charge(current, LEDGER_PT_HYPERCALL);
    return update_va(&owner, va, value, flags);
}

long hypercall_update_va_mapping_otherdomain(unsigned long va, unsigned long value, unsigned long flags,
                                             unsigned long domid, unsigned long a5, unsigned long a6)
{
    struct page_owner owner;
    mfn_t mfn = INVALID_MFN;
    int rc;

    ledger_charge(current, LEDGER_PT_HYPERCALL);
    rc = page_owner_get((domid_t)domid, current->domain, &owner);
    if (rc)
        return rc;
    rc = -EPERM;
    if (owner.kind == OWNER_IO && !current->domain->is_privileged)
        goto out;
    if (owner.kind == OWNER_DOMAIN && (value & PTE_P) && owner.domain->row->privileged->external_guest_tables) {
        /* The entry names a frame by the owner's own numbering. */
        mfn = owner.domain->row->privileged->get_gfn(owner.domain, pte_mfn(value));
        rc = -EINVAL;
        if (mfn == INVALID_MFN)
            goto out;
        value = (value & ~PTE_MFN_MASK) | mfn << PAGE_SHIFT;
    }
    rc = update_va(&owner, va, value, flags);
    if (mfn != INVALID_MFN)
        put_frame(mfn);
out:
    page_owner_put(&owner);
    return rc;
}
