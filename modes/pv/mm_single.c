/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_mmu_update of a single entry of a level-1 table that is the caller's own: what a kernel asks for at each page
 * fault. Nothing is decided here but that it is such a call; whatever else it is goes the long way (mm_update.c).
 * Budget: hypercall_mmu_update 310 instructions, for ordinary memory. */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "modes/pv/guest_fetch.h"

_Static_assert(sizeof(struct mmu_update) == 2 * sizeof(u64), "fetched as words");

bool pv_update_single(unsigned long request, int *rc)
{
    struct pv_domain *d = to_pv_domain(current->domain);
    const struct page_owner owner = page_owner_self(&d->domain);
    u64 words[2];   /* struct mmu_update: ptr, val */
    bool single;

    if (unlikely(to_pv(current)->deferred_owner) || !pv_fetch_words(words, request, 2))
        return false;
    if ((words[0] & (sizeof(u64) - 1)) != MMU_NORMAL_PT_UPDATE || words[0] >> PAGE_SHIFT >= max_mfn)
        return false;
    spin_lock(&d->mm_lock);
    irq_disable();
    single = !d->relinquishing && pv_is_own_l1(&d->domain, words[0] >> PAGE_SHIFT);
    irq_enable();
    if (likely(single))
        *rc = pv_update_l1e(&owner, maddr_to_virt(words[0]), words[1], PTE_STORE, 0);
    spin_unlock(&d->mm_lock);
    return single;
}
