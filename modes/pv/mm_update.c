/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_mmu_update (public header xen/xen.h): batches of writes to page-table entries and to the M2P. */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "dom/guest_access.h"

#define BATCH 32   /* requests copied from the guest at a time; mm_lock is held for one batch at most */

/* One call's view of the domains involved, and the table frame that it last wrote to. */
struct update {
    struct domain *tables;          /* whose page tables */
    bool tables_held;
    struct page_owner owner;        /* whose frames are mapped */
    mfn_t frame;                    /* with a general reference; INVALID_MFN: none */
    bool plain;                     /* a writable reference too: it is no table and does not become one */
};

static void let_go(struct update *u)
{
    if (u->plain)
        put_frame_writable(u->frame);
    if (u->frame != INVALID_MFN)
        put_frame(u->frame);
    u->frame = INVALID_MFN;
    u->plain = false;
}

static int select_frame(struct update *u, mfn_t mfn)
{
    if (u->frame == mfn)
        return 0;
    let_go(u);
    if (!get_frame(mfn, u->tables))
        return -EINVAL;
    u->frame = mfn;
    return 0;
}

/* A frame in no special use is ordinary memory of the guest's: it may be written to, as through a mapping. Kernels fill
 * tables in long runs before they pin them: the reference stays for the next entry. */
static int update_plain(struct update *u, u64 *p, u64 value, enum pte_how how)
{
    if (!u->plain && !get_frame_writable(u->frame))
        return -EINVAL;
    u->plain = true;
    pv_write_pte(p, value, how, 0);
    return 0;
}

static int update_l1(struct update *u, u64 *p, u64 value, enum pte_how how, bool translate)
{
    struct domain *owner = u->owner.domain;
    mfn_t mfn;
    int rc;

    if (!translate || !(value & PTE_P) || u->owner.kind != OWNER_DOMAIN ||
        !owner->row->privileged->external_guest_tables)
        return pv_update_l1e(&u->owner, p, value, how, 0);
    /* The entry names a frame by the owner's own numbering. */
    mfn = owner->row->privileged->get_gfn(owner, pte_mfn(value));
    if (mfn == INVALID_MFN)
        return -EINVAL;
    rc = pv_update_l1e(&u->owner, p, (value & ~PTE_MFN_MASK) | mfn << PAGE_SHIFT, how, 0);
    put_frame(mfn);
    return rc;
}

static int update_entry(struct update *u, u64 ptr, u64 value, enum pte_how how, bool translate)
{
    mfn_t mfn = ptr >> PAGE_SHIFT, left;
    unsigned int i = (ptr & ~PAGE_MASK) / sizeof(u64);
    enum frame_type type;
    u64 word, *table;
    int rc;

    if (ptr & (sizeof(u64) - 1))
        return -EINVAL;
    rc = select_frame(u, mfn);
    if (rc)
        return rc;
    table = mfn_to_virt(mfn);
    if (u->plain)
        return update_plain(u, &table[i], value, how);
    word = mfn_to_frame(mfn)->type;   /* a table stays one while mm_lock is held */
    type = frame_type_of(word);
    if (!(word & FRAME_TCOUNT_MASK) || !frame_type_is_table(type))
        return update_plain(u, &table[i], value, how);
    if (!(word & FRAME_VALIDATED))
        return -EINVAL;
    if (likely(type == FT_L1))
        return update_l1(u, &table[i], value, how, translate);
    rc = pv_update_table_entry(u->tables, table, type - FT_L1 + 1, i, value, how, &left);
    if (rc == 0 && left != INVALID_MFN)
        pv_defer_table(to_pv(current), u->tables, left);
    return rc;
}

static int update_machphys(struct update *u, u64 ptr, u64 value)
{
    mfn_t mfn = ptr >> PAGE_SHIFT;

    if (u->owner.kind != OWNER_DOMAIN || u->owner.domain->row->privileged->external_guest_tables ||
        !get_frame(mfn, u->owner.domain))
        return -EINVAL;
    m2p_table[mfn] = value;
    put_frame(mfn);
    return 0;
}

static int update_one(struct update *u, const struct mmu_update *request)
{
    u64 ptr = request->ptr & ~3ULL;

    switch (request->ptr & 3) {
    case MMU_NORMAL_PT_UPDATE:
        return update_entry(u, ptr, request->val, PTE_STORE, true);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return update_entry(u, ptr, request->val, PTE_PRESERVE_AD, true);
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return update_entry(u, ptr, request->val, PTE_STORE, false);
    default:
        return update_machphys(u, ptr, request->val);
    }
}

/* As many more entries as make a run in the frame that was last written to and is no table, without more ado. How many. */
static inline unsigned int update_run(const struct update *u, const struct mmu_update *requests, unsigned int n)
{
    const u64 base = (u64)u->frame << PAGE_SHIFT;
    char *table = mfn_to_virt(u->frame);
    unsigned int i;
    u64 offset;

    for (i = 0; i < n; i++) {
        offset = requests[i].ptr - base;
        if (offset & ~(PAGE_SIZE - sizeof(u64)))   /* another frame, another command, or no entry's address */
            break;
        *(volatile u64 *)(table + offset) = requests[i].val;
    }
    return i;
}

/* Carries out requests[0..n). *done: how many were. 0, an error of the next one, or -ERESTART: to go on after *done. */
static int update_batch(struct update *u, const struct mmu_update *requests, unsigned int n, unsigned int *done)
{
    struct pv_domain *tables = to_pv_domain(u->tables);
    unsigned int i = 0;
    int rc = 0;

    spin_lock(&tables->mm_lock);
    if (tables->relinquishing)
        rc = -EINVAL;
    while (i < n && rc == 0) {
        if (u->plain)
            i += update_run(u, requests + i, n - i);
        if (i == n)
            break;
        rc = update_one(u, &requests[i]);
        if (rc)
            break;
        i++;
        if (unlikely(to_pv(current)->deferred_owner))
            rc = -ERESTART;
    }
    spin_unlock(&tables->mm_lock);
    *done = i;
    return rc;
}

/* foreigndom: low half the owner of frames, high half the owner of tables plus one. */
static int decode_domains(struct update *u, u32 foreigndom)
{
    u32 tables = foreigndom >> 16;
    int rc;

    u->frame = INVALID_MFN;
    u->plain = false;
    u->tables = current->domain;
    u->tables_held = false;
    if (tables && tables - 1 != DOMID_SELF && tables - 1 != current->domain->id) {
        if (!current->domain->is_privileged)
            return -EPERM;
        u->tables = domain_get((domid_t)(tables - 1));
        if (!u->tables)
            return -ESRCH;
        u->tables_held = true;
    }
    rc = -EINVAL;
    if (u->tables->row && u->tables->row->privileged == &privileged_pv)
        rc = page_owner_get((domid_t)foreigndom, u->tables, &u->owner);
    if (rc && u->tables_held)
        domain_put(u->tables);
    return rc;
}

static void release_domains(struct update *u)
{
    let_go(u);
    page_owner_put(&u->owner);
    if (u->tables_held)
        domain_put(u->tables);
}

/* requests (guest address) count times; *total counts those done. 0 or an error, -ERESTART to go on. */
static int update_all(struct update *u, unsigned long requests, u32 count, u32 *total)
{
    struct mmu_update batch[BATCH];
    unsigned int n, done;
    u32 left = count;
    int rc = 0;

    while (left) {
        if (left != count && hypercall_preempt_check())
            return -ERESTART;
        n = min(left, (u32)BATCH);
        if (copy_from_guest_va(batch, requests + (u64)(count - left) * sizeof(batch[0]), n * sizeof(batch[0])))
            return -EFAULT;
        rc = update_batch(u, batch, n, &done);
        left -= done;
        *total += done;
        if (rc)
            return rc;
    }
    return 0;
}

static noinline long update_many(unsigned long requests, unsigned long count_arg, unsigned long done_ptr,
                                 unsigned long foreigndom)
{
    u32 count = (u32)count_arg & ~MMU_PREEMPTED, total = 0, earlier = 0;
    struct update u;
    int rc;

    if (((u32)count_arg & MMU_PREEMPTED) && done_ptr && copy_arg_from(&earlier, done_ptr))
        return -EFAULT;
    rc = pv_finish_deferred(to_pv(current));
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmu_update, 4, requests, count_arg, done_ptr, foreigndom);
    rc = decode_domains(&u, (u32)foreigndom);
    if (rc)
        return rc;
    rc = update_all(&u, requests, count, &total);
    release_domains(&u);

    earlier += total;
    if (done_ptr && copy_arg_to(done_ptr, &earlier))
        return -EFAULT;
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmu_update, 4, requests + (u64)total * sizeof(struct mmu_update),
                                  (unsigned long)((count - total) | MMU_PREEMPTED), done_ptr, foreigndom);
    return rc;
}

long hypercall_mmu_update(unsigned long requests, unsigned long count, unsigned long done_ptr, unsigned long foreigndom,
                          unsigned long a5, unsigned long a6)
{
    int rc;

    ledger_charge(current, LEDGER_PT_HYPERCALL);
    if (count == 1 && foreigndom == DOMID_SELF && !done_ptr && pv_update_single(requests, &rc))
        return rc;
    return update_many(requests, count, done_ptr, foreigndom);
}
