/* SPDX-License-Identifier: MIT */
/* Grants mapped into a PV domain: the grant layer has judged what may be mapped; here it becomes a level-1 entry, found
 * by virtual address or, with GNTMAP_contains_pte, by the entry's machine address. The entry takes references of its
 * own, as every other, so that a guest may clear it by any means. */
#include <xen/grant_table.h>

#include "modes/pv/mm.h"

/* An entry of d's that a grant call names; the frame of its table is held meanwhile if it was named by machine address.
 * */
struct place { u64 *p; mfn_t held; };

/* mm_lock held. GNTST_*; on GNTST_okay leave_place() follows. */
static int find_place(struct domain *d, u64 host_addr, u32 flags, struct place *place)
{
    mfn_t mfn = host_addr >> PAGE_SHIFT;

    *place = (struct place){ NULL, INVALID_MFN };
    if (!(flags & GNTMAP_contains_pte)) {
        if (current->domain == d)
            place->p = pv_walk(to_pv(current)->kernel_l4, host_addr);
        return place->p ? GNTST_okay : GNTST_bad_virt_addr;
    }
    if ((host_addr & (sizeof(u64) - 1)) || !get_frame(mfn, d))
        return GNTST_general_error;
    if (!pv_is_own_l1(d, mfn)) {
        put_frame(mfn);
        return GNTST_general_error;
    }
    place->held = mfn;
    place->p = (u64 *)((char *)mfn_to_virt(mfn) + (host_addr & ~PAGE_MASK));
    return GNTST_okay;
}

static void leave_place(const struct place *place)
{
    if (place->held != INVALID_MFN)
        put_frame(place->held);
}

int pv_grant_map(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, bool readonly)
{
    u64 entry = (u64)mfn << PAGE_SHIFT | PTE_P | PTE_US | PTE_A | (readonly ? 0 : PTE_RW | PTE_D), old;
    struct pv_domain *pd = to_pv_domain(d);
    struct place place;
    int rc = GNTST_general_error;

    entry |= (u64)(flags >> _GNTMAP_guest_avail0 & 7) << 9 & PTE_AVAIL;
    if (!get_frame_any(mfn))
        return GNTST_general_error;
    if (!readonly) {
        if (!get_frame_writable(mfn)) {
            put_frame(mfn);
            return GNTST_general_error;
        }
        /* Handles are told apart by frame, not by entry: the last writable entry may outlive the last writable pin. */
        if (mfn_to_frame(mfn)->owner != d->id)
            frame_mark_foreign(mfn);
    }
    spin_lock(&pd->mm_lock);
    if (!pd->relinquishing)
        rc = find_place(d, host_addr, flags, &place);
    if (rc == GNTST_okay) {
        old = ACCESS_ONCE(*place.p);
        pv_write_pte(place.p, entry, PTE_STORE, 0);
        if (old & PTE_P)
            pv_put_l1e(old);
        leave_place(&place);
    }
    spin_unlock(&pd->mm_lock);
    if (rc != GNTST_okay)
        pv_put_l1e(entry);
    return rc;
}

/* mm_lock held. Takes the entry at virtual address va away, with the references it holds; 0 if there is none. It must
 * be another one than `place`, which it is to replace: the same can be found at several addresses. */
static int take_entry(u64 va, const u64 *place, u64 *entry)
{
    u64 *p = pv_walk(to_pv(current)->kernel_l4, va);

    if (!p || p == place)
        return GNTST_bad_virt_addr;
    *entry = xchg(p, 0);
    return GNTST_okay;
}

int pv_grant_unmap(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, u64 new_addr)
{
    struct pv_domain *pd = to_pv_domain(d);
    struct place place;
    u64 old = 0, replacement = 0;
    int rc;

    /* Replacing (GNTTABOP_unmap_and_replace) is by virtual addresses of the caller's. */
    if (new_addr && ((flags & GNTMAP_contains_pte) || current->domain != d))
        return GNTST_general_error;
    spin_lock(&pd->mm_lock);
    rc = find_place(d, host_addr, flags, &place);
    if (rc == GNTST_okay) {
        old = ACCESS_ONCE(*place.p);
        if (!(old & PTE_P) || pte_mfn(old) != mfn)
            rc = GNTST_general_error;
        if (rc == GNTST_okay && new_addr)
            rc = take_entry(new_addr, place.p, &replacement);
        if (rc == GNTST_okay) {
            pv_write_pte(place.p, replacement, PTE_STORE, 0);
            pv_put_l1e(old);
        }
        leave_place(&place);
    }
    spin_unlock(&pd->mm_lock);
    return rc;
}
