/* SPDX-License-Identifier: MIT */
/* The walk through a guest's page tables. */
#include "mem/layout.h"
#include "modes/pvh/hw_walk.h"

#define CR4_PSE (1UL << 4)
#define CR4_LA57 (1UL << 12)
#define MAX_RETRIES 8

struct walk {
    const struct paging *p;
    u64 va;
    u32 access;
    unsigned int levels, bits, size;   /* bits of va per level, bytes per entry */
    u64 reserved;                      /* must be 0 in entries of 8 bytes, whatever their level */
    u64 rights;                        /* of all entries so far: US, RW; NX if any has it */
    struct { u64 gpa, entry; } seen[5];
};

static bool long_mode(const struct paging *p) { return p->efer & EFER_LMA; }
static bool pae(const struct paging *p) { return p->cr4 & X86_CR4_PAE; }

static void set_shape(struct walk *w)
{
    const struct paging *p = w->p;

    w->levels = long_mode(p) ? (p->cr4 & CR4_LA57 ? 5 : 4) : pae(p) ? 3 : 2;
    w->bits = pae(p) || long_mode(p) ? 9 : 10;
    w->size = pae(p) || long_mode(p) ? 8 : 4;
    w->reserved = (~((1UL << p->phys_bits) - 1) & 0x000fffffffffffffUL) | (p->efer & EFER_NX ? 0 : PTE_NX);
}

/* Bits that must be 0 in a present entry of this level. */
static u64 reserved_bits(const struct walk *w, unsigned int level, bool large)
{
    u64 mask = w->reserved;

    if (w->size == 4)
        return large ? 1UL << 21 : 0;
    /* In PAE's top level the accessed bit is to be 0 as well, but an emulator may set it (QEMU 7.2 does). */
    if (w->levels == 3)
        mask |= level < 3 ? 0x7ff0000000000000UL : 0xfff00000000001c6UL;
    if (level >= 4)
        mask |= PTE_PSE;
    if (large)
        mask |= (1UL << (PAGE_SHIFT + 9 * (level - 1))) - (1UL << 13);
    return mask;
}

static bool is_large(const struct walk *w, unsigned int level, u64 entry)
{
    if (!(entry & PTE_PSE))
        return false;
    if (level == 2)
        return w->size == 8 || (w->p->cr4 & CR4_PSE);
    return level == 3 && long_mode(w->p);
}

static u64 large_base(const struct walk *w, unsigned int level, u64 entry)
{
    unsigned int shift = PAGE_SHIFT + w->bits * (level - 1);

    if (w->size == 4)   /* PSE-36: bits 20:13 are address bits 39:32 */
        return (entry & 0xffc00000UL) | (entry >> 13 & 0xffUL) << 32;
    return entry & PTE_MFN_MASK & ~((1UL << shift) - 1);
}

/* The error code of an entry that is not there. */
static u32 absent(const struct walk *w)
{
    bool fetch = (w->access & PFEC_FETCH) && ((w->p->efer & EFER_NX) || (w->p->cr4 & X86_CR4_SMEP));

    return (w->access & (PFEC_WRITE | PFEC_USER)) | (fetch ? PFEC_FETCH : 0);
}

/* May this be done to a page with such rights? Otherwise the error code says why. */
static bool allowed(const struct walk *w, u32 *error)
{
    const struct paging *p = w->p;
    bool user_page = w->rights & PTE_US, user = w->access & PFEC_USER;

    *error = PFEC_PRESENT | absent(w);
    if (user && !user_page)
        return false;
    if ((w->access & PFEC_WRITE) && !(w->rights & PTE_RW) && (user || (p->cr0 & X86_CR0_WP)))
        return false;
    if ((w->access & PFEC_FETCH) && ((w->rights & PTE_NX) || (!user && user_page && (p->cr4 & X86_CR4_SMEP))))
        return false;
    return user || !user_page || (w->access & PFEC_FETCH) || !(p->cr4 & X86_CR4_SMAP) || p->smap_lifted;
}

/* Accessed in all entries of the walk, dirty in the last if it is written to. PAE's top level has neither. */
static bool mark(struct walk *w, unsigned int last)
{
    for (unsigned int level = w->levels; level >= last; level--) {
        u64 want = PTE_A | (level == last && (w->access & PFEC_WRITE) ? PTE_D : 0), have = w->seen[level - 1].entry;

        if (w->levels == 3 && level == 3)
            continue;
        if ((have & want) != want && !w->p->update(w->p->context, w->seen[level - 1].gpa, have, want, w->size))
            return false;
    }
    return true;
}

enum walk_end { WALK_DONE, WALK_FAULT, WALK_AGAIN };

static enum walk_end descend(struct walk *w, u64 *gpa, u32 *error)
{
    u64 table = w->p->cr3 & (w->size == 4 ? 0xfffff000UL : long_mode(w->p) ? PTE_MFN_MASK : 0xffffffe0UL);

    w->rights = PTE_US | PTE_RW;
    for (unsigned int level = w->levels; ; level--) {
        unsigned int shift = PAGE_SHIFT + w->bits * (level - 1);
        u64 at = table + (w->va >> shift & ((1UL << w->bits) - 1)) * w->size, entry = 0;
        bool large;

        if (!w->p->read(w->p->context, at, &entry, w->size) || !(entry & PTE_P)) {
            *error = absent(w);
            return WALK_FAULT;
        }
        large = is_large(w, level, entry);
        if (unlikely(entry & reserved_bits(w, level, large))) {
            *error = absent(w) | PFEC_PRESENT | PFEC_RESERVED;
            return WALK_FAULT;
        }
        w->seen[level - 1].gpa = at;
        w->seen[level - 1].entry = entry;
        if (w->levels != 3 || level != 3)
            w->rights = (w->rights & entry & (PTE_US | PTE_RW)) | ((w->rights | entry) & PTE_NX);
        if (level > 1 && !large) {
            table = entry & (w->size == 4 ? 0xfffff000UL : PTE_MFN_MASK);
            continue;
        }
        if (!allowed(w, error))
            return WALK_FAULT;
        if (!mark(w, level))
            return WALK_AGAIN;
        *gpa = (large ? large_base(w, level, entry) : entry & (w->size == 4 ? 0xfffff000UL : PTE_MFN_MASK)) |
               (w->va & ((1UL << shift) - 1));
        return WALK_DONE;
    }
}

bool paging_walk(const struct paging *p, u64 va, u32 access, u64 *gpa, u32 *error)
{
    struct walk w = { .p = p, .va = va, .access = access };
    enum walk_end end = WALK_AGAIN;

    if (!(p->cr0 & X86_CR0_PG)) {
        *gpa = (u32)va;
        return true;
    }
    if (!long_mode(p))
        w.va = (u32)va;
    set_shape(&w);
    if (long_mode(p) && (u64)((s64)(va << (w.levels == 5 ? 7 : 16)) >> (w.levels == 5 ? 7 : 16)) != va) {
        *error = 0;   /* #GP in truth: there is no entry to blame */
        return false;
    }
    for (unsigned int tries = 0; tries < MAX_RETRIES && end == WALK_AGAIN; tries++)
        end = descend(&w, gpa, error);
    return end == WALK_DONE;
}
