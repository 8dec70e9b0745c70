/* SPDX-License-Identifier: MIT */
/* A PV domain's memory as a whole: its start and end, base pointers of its vCPUs, frame numbers, vm_assist. */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/sched.h"

#define RELINQUISH_STEPS 4096   /* frames of a domain's list looked at under its page_lock at a time */

void pv_fill_hypervisor_slots(u64 *l4, struct pv_domain *d)
{
    memcpy(l4 + HYPERVISOR_FIRST_SLOT, idle_l4 + HYPERVISOR_FIRST_SLOT,
           (HYPERVISOR_LAST_SLOT - HYPERVISOR_FIRST_SLOT + 1) * sizeof(u64));
    l4[PERDOMAIN_SLOT] = virt_to_maddr(d->perdomain_l3) | PTE_P | PTE_RW | PTE_A | PTE_D;
}

/* VMASST_TYPE_m2p_strict: a table for user mode does not show the M2P. */
static void set_m2p_slot(struct pv_domain *d, mfn_t l4_mfn, bool user)
{
    u64 *l4 = mfn_to_virt(l4_mfn);
    bool hide = user && (d->domain.vm_assist & (1UL << VMASST_TYPE_m2p_strict));
    u64 entry = hide ? 0 : idle_l4[pt_index(M2P_START, 4)];

    if (l4[pt_index(M2P_START, 4)] != entry)
        l4[pt_index(M2P_START, 4)] = entry;
}

/* Replaces *slot, and the value for CR3 that goes with it, by table mfn (0: none, user only). */
static int new_l4(struct pv_vcpu *v, mfn_t mfn, mfn_t *slot, u64 *cr3, bool user)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    mfn_t old;
    int rc;

    rc = pv_finish_deferred(v);
    if (rc)
        return rc;
    spin_lock(&d->mm_lock);
    old = *slot;
    if (mfn && mfn != old) {
        rc = d->relinquishing ? -EINVAL : pv_get_table(&d->domain, mfn, FT_L4, true);
        if (rc)
            goto out;
    }
    if (mfn)
        set_m2p_slot(d, mfn, user);
    *slot = mfn;
    *cr3 = (u64)mfn << PAGE_SHIFT;
    if (&v->vcpu == current && v->kernel_mode && !user) {
        ledger_count(&v->vcpu, LEDGER_CR3_LOAD);
        write_cr3(*cr3);
    }
    if (old && old != mfn && pv_put_table(&d->domain, old, true) == -ERESTART)
        pv_defer_table(v, &d->domain, old);
out:
    spin_unlock(&d->mm_lock);
    return rc;
}

int pv_new_kernel_l4(struct pv_vcpu *v, mfn_t mfn)
{
    int rc = mfn ? new_l4(v, mfn, &v->kernel_l4, &v->kernel_cr3, false) : -EINVAL;

    /* Its LDT is at a virtual address, which may lead elsewhere now. */
    if (rc == 0 && v->ldt_mapped)
        pv_invalidate_ldt(v);
    return rc;
}

int pv_new_user_l4(struct pv_vcpu *v, mfn_t mfn)
{
    return new_l4(v, mfn, &v->user_l4, &v->user_cr3, true);
}

/* mm_lock held. A dying domain looks for half torn down tables itself: pv_mm_relinquish. */
static void drop_l4(struct pv_vcpu *v, struct pv_domain *d, mfn_t mfn)
{
    if (mfn && pv_put_table(&d->domain, mfn, d->relinquishing || !v->deferred_owner) == -ERESTART && !d->relinquishing)
        pv_defer_table(v, &d->domain, mfn);
}

void pv_drop_l4s(struct pv_vcpu *v)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    mfn_t kernel, user;

    /* No CPU may walk these tables once they are given up, an idle one that still has v's state included. */
    if (&v->vcpu == current)
        write_cr3(virt_to_maddr(idle_l4));
    else
        sync_vcpu_state(&v->vcpu);
    spin_lock(&d->mm_lock);
    kernel = v->kernel_l4;
    user = v->user_l4;
    v->kernel_l4 = v->user_l4 = 0;
    v->kernel_cr3 = v->user_cr3 = 0;
    drop_l4(v, d, kernel);
    drop_l4(v, d, user);
    spin_unlock(&d->mm_lock);
}

int pv_mm_domain_init(struct pv_domain *d)
{
    spin_init(&d->mm_lock, RANK_PV_MM);
    pv_pte_rules_init();
    return pv_perdomain_init(d);
}

void pv_mm_domain_free(struct pv_domain *d)
{
    pv_perdomain_free(d);
}

int pv_mm_vcpu_init(struct pv_vcpu *v)
{
    return pv_perdomain_vcpu_init(v);
}

/* Moves on to the next frame of d's list that is pinned or half-way, or to any that ends a long stretch, with a
 * reference that keeps it on the list; 0 at the list's end. */
static mfn_t next_to_release(struct pv_domain *d)
{
    mfn_t at = d->relinquish_frame, next, found = 0;
    unsigned int steps;

    spin_lock(&d->domain.page_lock);
    next = at ? mfn_to_frame(at)->next : d->domain.frames;
    for (steps = 0; ; steps++, next = mfn_to_frame(next)->next) {
        if (next == FRAME_NIL)
            break;
        if (!(mfn_to_frame(next)->type & (FRAME_PINNED | FRAME_PARTIAL)) && steps < RELINQUISH_STEPS)
            continue;
        if (get_frame(next, &d->domain)) {
            found = next;
            break;
        }
    }
    spin_unlock(&d->domain.page_lock);
    if (at)
        put_frame(at);
    d->relinquish_frame = found;
    return found;
}

static int release_frame(struct pv_domain *d, mfn_t mfn)
{
    int rc = 0;

    if (!(mfn_to_frame(mfn)->type & (FRAME_PINNED | FRAME_PARTIAL)))
        return 0;
    d->relinquish_again = true;
    spin_lock(&d->mm_lock);
    if (test_and_clear_bit(__builtin_ctzl(FRAME_PINNED), &mfn_to_frame(mfn)->type))
        rc = pv_put_table(&d->domain, mfn, true);
    else
        rc = pv_finish_table(&d->domain, mfn);
    spin_unlock(&d->mm_lock);
    return rc;
}

static void relinquish_vcpus(struct pv_domain *d)
{
    struct vcpu *vcpu;

    spin_lock(&d->mm_lock);
    d->relinquishing = true;
    spin_unlock(&d->mm_lock);
    for_each_vcpu(&d->domain, vcpu) {
        pv_drop_l4s(to_pv(vcpu));
        pv_drop_deferred(to_pv(vcpu));
        pv_destroy_gdt(to_pv(vcpu));
        pv_invalidate_ldt(to_pv(vcpu));
    }
    d->relinquish_again = true;
}

int pv_mm_relinquish(struct pv_domain *d)
{
    int rc;

    if (!d->relinquishing)
        relinquish_vcpus(d);
    if (!d->domain.owns_frames)
        return 0;
    for (;;) {
        /* A frame that the toolstack takes away meanwhile moves to the list's end, and we with it: so a pass that has
         * found something is followed by another. */
        if (!d->relinquish_frame) {
            if (!d->relinquish_again)
                return 0;
            d->relinquish_again = false;
        }
        if (d->relinquish_frame || next_to_release(d)) {
            rc = release_frame(d, d->relinquish_frame);
            if (rc)
                return rc;
            next_to_release(d);
        }
        if (hypercall_preempt_check())
            return -ERESTART;
    }
}

mfn_t pv_get_gfn(struct domain *d, gfn_t gfn)
{
    return get_frame(gfn, d) ? gfn : INVALID_MFN;
}

/* The guest's other vCPUs may give the frame back at any moment: another domain's entry is not to be touched. */
int pv_map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    if (!get_frame(mfn, d))
        return -EINVAL;
    m2p_table[mfn] = gfn;
    put_frame(mfn);
    return 0;
}

int pv_unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    return pv_map_gfn(d, INVALID_M2P, mfn);
}

/* HYPERVISOR_vm_assist. The segment assists mean nothing to a 64-bit guest, and page directories lie anywhere:
 * accepted, as the ABI has them, without effect. */
#define ASSISTS_PV (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
                    1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
                    1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag | \
                    1UL << VMASST_TYPE_m2p_strict)
#define ASSISTS_CONTAINER (1UL << VMASST_TYPE_runstate_update_flag)

long hypercall_vm_assist(unsigned long cmd, unsigned long type, unsigned long a3, unsigned long a4, unsigned long a5,
                         unsigned long a6)
{
    struct domain *d = current->domain;
    u64 valid = d->row->privileged->external_guest_tables ? ASSISTS_CONTAINER : ASSISTS_PV;

    if ((u32)type >= 64 || !(valid & (1UL << (u32)type)))
        return -EINVAL;
    switch ((u32)cmd) {
    case VMASST_CMD_enable:
        set_bit((u32)type, &d->vm_assist);
        return 0;
    case VMASST_CMD_disable:
        clear_bit((u32)type, &d->vm_assist);
        return 0;
    }
    return -ENOSYS;
}
