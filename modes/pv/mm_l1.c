/* SPDX-License-Identifier: MIT */
/* Level-1 entries: what a PV guest may map, and the references that a mapping holds. */
#include "modes/pv/mm.h"

#include "cpu/cpu.h"

u64 pv_forbidden_leaf __read_mostly, pv_forbidden_table __read_mostly;

void pv_pte_rules_init(void)
{
    const struct entry_rules rules = { cpu_features.phys_bits, cpu_features.nx };

    pv_forbidden_leaf = pv_forbidden_bits(&rules, 1);
    pv_forbidden_table = pv_forbidden_bits(&rules, 2);
}

int page_owner_find(domid_t id, const struct domain *tables, struct page_owner *owner)
{
    struct domain *d = current->domain;

    *owner = page_owner_self(d);
    owner->foreign = d != tables;
    if (id == DOMID_SELF || id == d->id)
        return 0;
    if (id == DOMID_IO) {
        owner->kind = OWNER_IO;
        return 0;
    }
    if (!d->is_privileged)
        return -EPERM;
    if (id == DOMID_XEN) {
        owner->kind = OWNER_XEN;
        return 0;
    }
    owner->domain = domain_get(id);
    owner->held = owner->domain != NULL;
    owner->foreign = owner->domain != tables;
    return owner->held ? 0 : -ESRCH;
}

/* Device memory: what the domain was given. What Prism works with itself, its image and other RAM that the frame table
 * does not deal out included, is in nobody's set (dom0_permissions.c). */
static int check_io(const struct page_owner *owner, mfn_t mfn, bool writable)
{
    if (owner->kind == OWNER_XEN)
        return -EINVAL;
    if (writable && rangeset_contains(&owner->domain->io_frames_read_only, mfn, mfn))
        return -EPERM;
    return rangeset_contains(&owner->domain->io_frames, mfn, mfn) ? 0 : -EPERM;
}

static bool get_ram(const struct page_owner *owner, mfn_t mfn)
{
    if (likely(owner->kind == OWNER_DOMAIN))
        return get_frame(mfn, owner->domain);
    if (owner->kind == OWNER_IO || !get_frame_any(mfn))
        return false;
    /* Of Prism's own pages only those that it shows, not whatever its heap holds. */
    if (mfn_to_frame(mfn)->owner == DOMID_XEN && mfn_to_frame(mfn)->flags & FRAME_F_SHOWN)
        return true;
    put_frame(mfn);
    return false;
}

/* Ordinary memory of the owner's own tables, used already as the entry wants it: in line. False: nothing has changed. */
static inline bool get_ordinary(const struct page_owner *owner, u64 entry)
{
    mfn_t mfn = pte_mfn(entry);

    if (unlikely(owner->kind != OWNER_DOMAIN || owner->foreign) || !get_frame_inline(mfn, owner->domain->id))
        return false;
    if (!(entry & PTE_RW) || frame_type_more(mfn, FT_WRITABLE))
        return true;
    put_frame_inline(mfn);
    return false;
}

static noinline int get_unusual(const struct page_owner *owner, u64 entry)
{
    mfn_t mfn = pte_mfn(entry);

    if (unlikely(!get_ram(owner, mfn)))
        return mfn_is_ram(mfn) ? -EINVAL : check_io(owner, mfn, entry & PTE_RW);
    if (!(entry & PTE_RW))
        return 0;
    if (!get_frame_writable(mfn)) {
        put_frame(mfn);
        return -EINVAL;
    }
    if (unlikely(owner->foreign))
        frame_mark_foreign(mfn);
    return 0;
}

static inline int get_l1e(const struct page_owner *owner, u64 entry)
{
    if (!pv_pte_ok(1, entry))
        return -EINVAL;
    return likely(get_ordinary(owner, entry)) ? 0 : get_unusual(owner, entry);
}

int pv_get_l1e(const struct page_owner *owner, u64 entry)
{
    return get_l1e(owner, entry);
}

void pv_put_l1e(u64 entry)
{
    mfn_t mfn = pte_mfn(entry);

    if (!mfn_is_ram(mfn))
        return;
    if ((entry & PTE_RW) && !frame_type_less(mfn))
        put_frame_writable(mfn);
    put_frame_inline(mfn);
}

bool pv_exchange_pte(u64 *p, u64 entry, enum pte_how how, u64 expected)
{
    volatile u64 *pte = p;
    u64 seen, was;

    if (how == PTE_COMPARE)
        return cmpxchg(pte, expected, entry) == expected;
    for (was = *pte; ; was = seen) {   /* PTE_PRESERVE_AD */
        seen = cmpxchg(pte, was, entry | (was & (PTE_A | PTE_D)));
        if (seen == was)
            return true;
    }
}

/* The entry maps the same frame as before and grants nothing new: no permission to check, at most a reference to drop.
 * */
static int narrow_l1e(u64 *p, u64 old, u64 entry, enum pte_how how, u64 expected)
{
    if (!pv_pte_ok(1, entry))
        return -EINVAL;
    if (!pv_write_pte(p, entry, how, expected))
        return -EAGAIN;
    if ((old & ~entry & PTE_RW) && mfn_is_ram(pte_mfn(old)) && !frame_type_less(pte_mfn(old)))
        put_frame_writable(pte_mfn(old));
    return 0;
}

int pv_update_l1e(const struct page_owner *owner, u64 *p, u64 entry, enum pte_how how, u64 expected)
{
    u64 old = ACCESS_ONCE(*p);   /* but for A and D it stays so: mm_lock */
    int rc;

    if (how == PTE_COMPARE && old != expected)
        return -EAGAIN;
    if (entry & PTE_P) {
        entry = pv_entry_adjust(entry);
        if ((entry & PTE_RW) && unlikely(!mfn_is_ram(pte_mfn(entry))) &&
            rangeset_contains(&owner->domain->io_frames_read_only, pte_mfn(entry), pte_mfn(entry)))
            entry &= ~PTE_RW;   /* as the ABI has it: the kernel's mapping functions know nothing of such frames */
        if ((old & PTE_P) && pte_mfn(old) == pte_mfn(entry) && !(entry & ~old & PTE_RW))
            return narrow_l1e(p, old, entry, how, expected);
        rc = get_l1e(owner, entry);
        if (rc)
            return rc;
    }
    if (!pv_write_pte(p, entry, how, expected)) {
        if (entry & PTE_P)
            pv_put_l1e(entry);
        return -EAGAIN;
    }
    if (old & PTE_P)
        pv_put_l1e(old);
    return 0;
}

/* A table's worth at a time: entries of ordinary memory, which nearly all are, take and drop their references in line. */

int pv_get_l1_table(struct domain *d, u64 *table)
{
    /* Of an entry as it is stored, for memory that is read, all of these are zero once PTE_US has been turned over. */
    const u64 unusual = pv_forbidden_leaf | PTE_RW | PTE_US | PTE_G;
    const struct page_owner owner = page_owner_self(d);
    const u16 id = d->id;
    unsigned int i = 0;
    u64 entry;

    while (i < PTES_PER_TABLE) {
        entry = table[i];
        if (!(entry & PTE_P)) {
            i = pv_search_present(table, i);
            continue;
        }
        if (unlikely((entry ^ PTE_US) & unusual) || unlikely(!get_frame_inline(pte_mfn(entry), id))) {
            if (pv_get_l1e(&owner, entry)) {
                pv_put_l1_table(table, i);
                return -EINVAL;
            }
            table[i] = pv_entry_adjust(entry);
        }
        i++;
    }
    return 0;
}

void pv_put_l1_table(const u64 *table, unsigned int count)
{
    unsigned int i = count;

    while (i > 0) {
        u64 entry = table[i - 1];

        if (!(entry & PTE_P)) {
            i = pv_search_present_below(table, i);
            continue;
        }
        i--;
        if (unlikely(entry & PTE_RW) || unlikely(!mfn_is_ram(pte_mfn(entry))))
            pv_put_l1e(entry);
        else
            put_frame_inline(pte_mfn(entry));
    }
}
