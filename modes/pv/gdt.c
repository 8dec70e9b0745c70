/* SPDX-License-Identifier: MIT */
/* Descriptor tables of PV guests. Every vCPU has 16 pages of GDT and 16 of LDT in its domain's own level-4 slot
 * (mem/layout.h): GDT pages 0-13 are the guest's, page 14 is the physical CPU's with Prism's own selectors, and the LDT
 * is mapped page by page as the processor asks for it. Pages mapped here are FT_SEGDESC: checked, and never writable to
 * the guest. */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"

#define GDT_CPU_PAGE FIRST_RESERVED_GDT_PAGE
#define LDT_FIRST_PAGE 16
#define LDT_PAGES 16
#define LDT_MAX_ENTRIES 8192
#define VCPUS_PER_L1 (PTES_PER_TABLE / PERDOMAIN_VCPU_PAGES)
#define PERDOMAIN_L1S (PERDOMAIN_MAX_VCPUS / VCPUS_PER_L1)
#define DESCRIPTORS_PER_PAGE (PAGE_SIZE / 8)
#define TABLE_ENTRY (PTE_P | PTE_RW | PTE_A | PTE_D)

/* Under GDT pages that a guest has not set: selectors there are null descriptors, #GP as beyond a limit. */
static const u64 zero_page[DESCRIPTORS_PER_PAGE] aligned(4096);

static u64 no_execute(void)
{
    return cpu_features.nx ? PTE_NX : 0;
}

static u64 table_page(mfn_t mfn)
{
    return (u64)mfn << PAGE_SHIFT | TABLE_ENTRY | no_execute();
}

static u64 empty_page(void)
{
    return virt_to_maddr(zero_page) | PTE_P | PTE_A | no_execute();
}

/* The level-1 entries of v's 32 pages; NULL in a half-built vCPU. */
static u64 *perdomain_entries(const struct pv_vcpu *v)
{
    const struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    u64 *l1 = d->perdomain_l1 ? d->perdomain_l1[v->vcpu.id / VCPUS_PER_L1] : NULL;

    return l1 ? l1 + v->vcpu.id % VCPUS_PER_L1 * PERDOMAIN_VCPU_PAGES : NULL;
}

int pv_perdomain_init(struct pv_domain *d)
{
    d->perdomain_l3 = page_alloc(0);
    d->perdomain_l2 = page_alloc(0);
    d->perdomain_l1 = xzalloc_array(u64 *, PERDOMAIN_L1S);
    if (!d->perdomain_l3 || !d->perdomain_l2 || !d->perdomain_l1) {
        pv_perdomain_free(d);
        return -ENOMEM;
    }
    d->perdomain_l1_count = PERDOMAIN_L1S;
    d->perdomain_l3[pt_index(PERDOMAIN_START, 3)] = virt_to_maddr(d->perdomain_l2) | TABLE_ENTRY;
    return 0;
}

void pv_perdomain_free(struct pv_domain *d)
{
    unsigned int i;

    for (i = 0; i < d->perdomain_l1_count; i++)
        if (d->perdomain_l1[i])
            page_free(d->perdomain_l1[i], 0);
    d->perdomain_l1_count = 0;
    xfree(d->perdomain_l1);
    if (d->perdomain_l2)
        page_free(d->perdomain_l2, 0);
    if (d->perdomain_l3)
        page_free(d->perdomain_l3, 0);
    d->perdomain_l1 = NULL;
    d->perdomain_l2 = d->perdomain_l3 = NULL;
}

int pv_perdomain_vcpu_init(struct pv_vcpu *v)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    unsigned int i = v->vcpu.id / VCPUS_PER_L1, page;
    u64 *entries;

    if (i >= d->perdomain_l1_count)
        return -ENOMEM;
    if (!d->perdomain_l1[i]) {
        d->perdomain_l1[i] = page_alloc(0);
        if (!d->perdomain_l1[i])
            return -ENOMEM;
        d->perdomain_l2[i] = virt_to_maddr(d->perdomain_l1[i]) | TABLE_ENTRY;
    }
    entries = perdomain_entries(v);
    for (page = 0; page < LDT_FIRST_PAGE; page++)
        entries[page] = empty_page();
    return 0;
}

void pv_map_cpu_gdt(struct pv_vcpu *v, unsigned int cpu)
{
    u64 *entry = perdomain_entries(v) + GDT_CPU_PAGE, new = table_page(virt_to_mfn(cpus[cpu].gdt_page));

    /* What this CPU may remember of the page is its own from an earlier time, or gone with the load of CR3 that
     * follows. */
    if (*entry != new)
        *entry = new;
}

/* The CPUs that may remember v's descriptor pages. */
static void flush_vcpu(struct pv_vcpu *v)
{
    if (v->vcpu.dirty_cpus)
        flush_tlb_mask(v->vcpu.dirty_cpus);
}

/* mm_lock held. */
static void destroy_gdt(struct pv_vcpu *v)
{
    struct domain *d = v->vcpu.domain;
    unsigned int pages = DIV_ROUND_UP(v->gdt_entries, DESCRIPTORS_PER_PAGE), i;
    u64 *entries = perdomain_entries(v);

    if (!pages)
        return;
    for (i = 0; i < pages; i++)
        entries[i] = empty_page();
    flush_vcpu(v);
    for (i = 0; i < pages; i++) {
        pv_put_table(d, v->gdt_frames[i], false);
        v->gdt_frames[i] = 0;
    }
    v->gdt_entries = 0;
}

void pv_destroy_gdt(struct pv_vcpu *v)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);

    spin_lock(&d->mm_lock);
    destroy_gdt(v);
    spin_unlock(&d->mm_lock);
}

int pv_set_gdt(struct pv_vcpu *v, const mfn_t *frames, unsigned int entries)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    unsigned int pages = DIV_ROUND_UP(entries, DESCRIPTORS_PER_PAGE), i;
    int rc;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    spin_lock(&d->mm_lock);
    rc = d->relinquishing ? -EINVAL : 0;
    for (i = 0; rc == 0 && i < pages; i++)
        rc = pv_get_table(&d->domain, frames[i], FT_SEGDESC, false);
    if (rc) {
        /* The last one failed and holds nothing. */
        while (i > 1)
            pv_put_table(&d->domain, frames[--i - 1], false);
        spin_unlock(&d->mm_lock);
        return -EINVAL;
    }
    destroy_gdt(v);
    for (i = 0; i < pages; i++) {
        v->gdt_frames[i] = frames[i];
        perdomain_entries(v)[i] = table_page(frames[i]);
    }
    v->gdt_entries = entries;
    flush_vcpu(v);
    spin_unlock(&d->mm_lock);
    return 0;
}

long hypercall_set_gdt(unsigned long list, unsigned long entries, unsigned long a3, unsigned long a4, unsigned long a5,
                       unsigned long a6)
{
    mfn_t frames[FIRST_RESERVED_GDT_PAGE];
    u32 n = (u32)entries;

    if (n > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (copy_from_guest_va(frames, list, DIV_ROUND_UP(n, DESCRIPTORS_PER_PAGE) * sizeof(frames[0])))
        return -EFAULT;
    return pv_set_gdt(to_pv(current), frames, n);
}

long hypercall_update_descriptor(unsigned long address, unsigned long descriptor, unsigned long a3, unsigned long a4,
                                 unsigned long a5, unsigned long a6)
{
    struct pv_domain *d = to_pv_domain(current->domain);
    mfn_t mfn = address >> PAGE_SHIFT;
    volatile u64 *p;
    u64 value = descriptor;
    int rc = -EINVAL;

    if ((address & 7) || !pv_check_descriptor(&value) || !get_frame(mfn, &d->domain))
        return -EINVAL;
    p = (volatile u64 *)((char *)mfn_to_virt(mfn) + (address & ~PAGE_MASK));
    spin_lock(&d->mm_lock);
    if (frame_type_of(mfn_to_frame(mfn)->type) == FT_SEGDESC && (mfn_to_frame(mfn)->type & FRAME_TCOUNT_MASK)) {
        *p = value;
        rc = 0;
    } else if (get_frame_writable(mfn)) {
        *p = value;
        put_frame_writable(mfn);
        rc = 0;
    }
    spin_unlock(&d->mm_lock);
    put_frame(mfn);
    return rc;
}

/* ---- LDT */

/* mm_lock held. */
static void invalidate_ldt(struct pv_vcpu *v)
{
    u64 *entries = perdomain_entries(v);
    mfn_t frames[LDT_PAGES];
    u32 mapped = v->ldt_mapped, left;

    if (!mapped)
        return;
    for (left = mapped; left; left &= left - 1) {
        unsigned int page = (unsigned int)__builtin_ctz(left);

        frames[page] = pte_mfn(entries[LDT_FIRST_PAGE + page]);
        entries[LDT_FIRST_PAGE + page] = 0;
    }
    v->ldt_mapped = 0;
    flush_vcpu(v);
    for (left = mapped; left; left &= left - 1)
        pv_put_table(v->vcpu.domain, frames[__builtin_ctz(left)], false);
}

void pv_invalidate_ldt(struct pv_vcpu *v)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);

    spin_lock(&d->mm_lock);
    invalidate_ldt(v);
    spin_unlock(&d->mm_lock);
}

bool pv_ldt_fault(struct pv_vcpu *v, u64 va)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    u64 offset = va - pv_ldt_address(v);
    unsigned int page = (unsigned int)(offset / PAGE_SIZE);
    bool mapped = false;
    u64 *guest, *entries = perdomain_entries(v);
    mfn_t mfn;

    if (offset >= (u64)v->ldt_entries * 8)
        return false;
    spin_lock(&d->mm_lock);
    guest = pv_walk(v->kernel_l4, v->ldt_base + (u64)page * PAGE_SIZE);
    if (v->ldt_mapped & (1u << page)) {
        mapped = true;
    } else if (guest && (*guest & PTE_P)) {
        mfn = pte_mfn(*guest);
        mapped = !d->relinquishing && pv_get_table(&d->domain, mfn, FT_SEGDESC, false) == 0;
        if (mapped) {
            entries[LDT_FIRST_PAGE + page] = table_page(mfn);
            v->ldt_mapped |= 1u << page;
        }
    }
    spin_unlock(&d->mm_lock);
    return mapped;
}

bool pv_ldt_touch(struct pv_vcpu *v, u16 selector)
{
    u32 index = selector >> 3, page = index / DESCRIPTORS_PER_PAGE;

    if (!(selector & 4) || index >= v->ldt_entries || (v->ldt_mapped & (1u << page)))
        return false;
    return pv_ldt_fault(v, pv_ldt_address(v) + (selector & ~7u));
}

void pv_load_ldt(struct pv_vcpu *v)
{
    u64 *slot = this_cpu()->gdt_page + (SEL_LDT - FIRST_RESERVED_GDT_BYTE) / 8;
    u64 base = pv_ldt_address(v), limit = (u64)v->ldt_entries * 8 - 1;

    if (!v->ldt_entries) {
        asm volatile("lldt %w0" :: "r" (0));
        return;
    }
    /* A 64-bit LDT descriptor, present, type 2 (APM vol. 2, 4.8.3). The limit fits 16 bits. */
    slot[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | 0x82UL << 40 | (base >> 24 & 0xff) << 56;
    slot[1] = base >> 32;
    asm volatile("lldt %w0" :: "r" (SEL_LDT) : "memory");
}

int pv_set_ldt(struct pv_vcpu *v, u64 va, u32 entries)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    unsigned long flags;

    if (entries > LDT_MAX_ENTRIES || (va & ~PAGE_MASK))
        return -EINVAL;
    if (entries && (!is_canonical(va) || !pv_range_ok(va, (u64)entries * 8)))
        return -EINVAL;
    if (!entries)
        va = 0;
    if (v->ldt_base == va && v->ldt_entries == entries)
        return 0;
    spin_lock(&d->mm_lock);
    invalidate_ldt(v);
    v->ldt_base = va;
    v->ldt_entries = entries;
    spin_unlock(&d->mm_lock);
    flags = irq_save();
    pv_load_ldt(v);
    irq_restore(flags);
    return 0;
}
