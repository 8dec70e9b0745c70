/* SPDX-License-Identifier: MIT */
/* Inside PV memory management: what its files share. The outside sees pv.h.
 *
 * Who holds what: a present level-1 entry that maps RAM holds a general reference to the frame, and a writable type
 * reference if it maps writable. A present entry of level 2-4 holds a general reference and a type reference of the
 * table below. So do a vCPU's base pointers, a pin, each GDT page and each LDT page that is mapped. An entry is written
 * before the references of what it replaced are dropped; stale TLB entries are flushed when a frame changes its type or
 * owner (mem/frame.h), not before.
 *
 * Tables that are half validated or half torn down keep one general and one type reference of their own
 * (FRAME_PARTIAL). Contents of tables are guarded by the owner's mm_lock; the processor itself only sets A and D. */
#ifndef PRISM_MODES_PV_MM_H
#define PRISM_MODES_PV_MM_H

#include "cpu/x86.h"
#include "modes/pv/mm_entry.h"
#include "modes/pv/pv.h"

/* Whose frames a level-1 entry may map. */
enum page_owner_kind {
    OWNER_DOMAIN,   /* domain's RAM, and device memory that domain may use */
    OWNER_IO,       /* device memory that current's domain may use, no RAM (DOMID_IO) */
    OWNER_XEN,      /* pages that Prism shows to the control domain (DOMID_XEN) */
};
struct page_owner {
    struct domain *domain;
    enum page_owner_kind kind;
    bool held;
    bool foreign;   /* the tables are another domain's than domain */
};

static inline struct page_owner page_owner_self(struct domain *d)
{ return (struct page_owner){ d, OWNER_DOMAIN, false, false }; }
/* The owner that a hypercall of current names, for entries in tables of domain `tables`. 0 -EPERM -ESRCH; on 0
 * page_owner_put() follows. */
int page_owner_find(domid_t id, const struct domain *tables, struct page_owner *owner);
static inline int page_owner_get(domid_t id, const struct domain *tables, struct page_owner *owner)
{
    if (unlikely(id != DOMID_SELF || tables != current->domain))
        return page_owner_find(id, tables, owner);
    *owner = page_owner_self(current->domain);
    return 0;
}
static inline void page_owner_put(struct page_owner *owner)
{
    if (unlikely(owner->held))
        domain_put(owner->domain);
    owner->held = false;
}

/* Is mfn, below max_mfn, a validated level-1 table of d's? Under d's mm_lock it stays one, then without a reference of the
 * caller's too. The caller has one, or interrupts off: else the frame could be another domain's table at the first look and
 * d's at the second; but whoever gets a frame that was another's waits until all CPUs have flushed their translations
 * (heap_alloc, domain_steal_frame). */
static inline bool pv_is_own_l1(const struct domain *d, mfn_t mfn)
{
    const struct frame *f = mfn_to_frame(mfn);
    u64 type = f->type;

    barrier();
    return (type & (FRAME_TYPE_MASK | FRAME_VALIDATED)) == (FRAME_TYPE(FT_L1) | FRAME_VALIDATED) && f->owner == d->id;
}

/* ---- mm_l1.c. mm_lock of the table's owner held unless said otherwise. */
enum pte_how { PTE_STORE, PTE_PRESERVE_AD, PTE_COMPARE };
/* References for a present entry to map. 0 -EINVAL -EPERM. No lock needed. */
int pv_get_l1e(const struct page_owner *owner, u64 entry);
void pv_put_l1e(u64 entry);
/* The same for all present entries of a table of d's, which are adjusted (pv_entry_adjust). On -EINVAL none has references. */
int pv_get_l1_table(struct domain *d, u64 *table);
/* For the first `count` entries. No lock needed. */
void pv_put_l1_table(const u64 *table, unsigned int count);
/* Puts `entry` into *p, an entry of a validated level-1 table. PTE_COMPARE: only if *p == expected, which is else not
 * looked at. 0 -EINVAL -EPERM; -EAGAIN: *p is not expected; on error nothing has changed. */
int pv_update_l1e(const struct page_owner *owner, u64 *p, u64 entry, enum pte_how how, u64 expected);
/* False: PTE_COMPARE, and *p is not expected. */
bool pv_exchange_pte(u64 *p, u64 entry, enum pte_how how, u64 expected);
static inline bool pv_write_pte(u64 *p, u64 entry, enum pte_how how, u64 expected)
{
    if (unlikely(how != PTE_STORE))
        return pv_exchange_pte(p, entry, how, expected);
    *(volatile u64 *)p = entry;
    return true;
}
extern u64 pv_forbidden_leaf, pv_forbidden_table;   /* pv_forbidden_bits() on this machine: set by pv_pte_rules_init */
void pv_pte_rules_init(void);
static inline bool pv_pte_ok(unsigned int level, u64 entry)
{ return !(entry & (level == 1 ? pv_forbidden_leaf : pv_forbidden_table)); }

/* ---- mm_table.c */
/* Goes on tearing down (or validating back to nothing) a frame of d that was left FRAME_PARTIAL; nothing to do
 * otherwise. 0 or -ERESTART. mm_lock held. */
int pv_finish_table(struct domain *d, mfn_t mfn);
/* Undoes pv_pin_table; what is left to tear down is deferred by current. mm_lock not held. -EINVAL */
int pv_unpin_table(struct domain *d, mfn_t mfn);
/* Takes entry i of a validated table of level 2-4 to `entry`. *left: a table whose teardown is to be finished with
 * pv_defer_table(), or INVALID_MFN. 0 -EINVAL -ERESTART; on error nothing has changed. mm_lock held. */
int pv_update_table_entry(struct domain *d, u64 *table, unsigned int level, unsigned int i, u64 entry, enum pte_how how,
                          mfn_t *left);

/* ---- mm_defer.c: teardown too long for one hypercall. A vCPU remembers one table; it is finished before that vCPU's
 * next operation on page tables. */
void pv_defer_table(struct pv_vcpu *v, struct domain *owner, mfn_t mfn);   /* owner's mm_lock held */
int pv_go_on_deferred(struct pv_vcpu *v);
static inline int pv_finish_deferred(struct pv_vcpu *v)   /* 0 -ERESTART. No lock held. */
{ return likely(!v->deferred_owner) ? 0 : pv_go_on_deferred(v); }
void pv_drop_deferred(struct pv_vcpu *v);    /* forgets it, unfinished: its owner is dying, or v is */

/* ---- mm_single.c: mmu_update of the one request at guest address `request`, for current's own tables. False: not done,
 * nothing has changed, as it is not that simple. *rc: the hypercall's answer. No lock held. */
bool pv_update_single(unsigned long request, int *rc);

/* ---- mm_va.c */
/* The level-1 entry for va in the tables of level-4 frame l4; NULL if there is none. mm_lock held. */
u64 *pv_walk(mfn_t l4, u64 va);
/* The CPUs on which the vCPUs of d in the bitmap at guest address `bitmap` may have translations. 0 -EFAULT */
int pv_vcpus_to_cpus(struct domain *d, u64 bitmap, cpumask_t *mask);

/* ---- gdt.c */
int pv_perdomain_init(struct pv_domain *d);          /* -ENOMEM */
void pv_perdomain_free(struct pv_domain *d);
int pv_perdomain_vcpu_init(struct pv_vcpu *v);       /* -ENOMEM */
/* MMUEXT_SET_LDT: entries descriptors at va; 0: none. v is current. -EINVAL */
int pv_set_ldt(struct pv_vcpu *v, u64 va, u32 entries);

#define MMU_PREEMPTED (1u << 31)   /* in a count: this call goes on with an earlier one */

#endif
