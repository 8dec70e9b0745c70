/* SPDX-License-Identifier: MIT */
/* Guest memory as Prism reads and writes it in the guest's name: by linear address through the guest's own page tables,
 * and by guest-physical address through the nested ones. */
#include "mem/pod.h"
#include "modes/pvh/pvh.h"

static size_t page_rest(u64 address, size_t n)
{
    return min(n, (size_t)(PAGE_SIZE - (address & ~PAGE_MASK)));
}

/* A frame that may be written through now. Writes to a tracked page are noted as the guest's own would be. */
static mfn_t frame_for_write(struct domain *d, gfn_t gfn)
{
    enum p2m_type type;
    mfn_t mfn = pod_get_frame(d->p2m, gfn, &type);

    if (mfn == INVALID_MFN || p2m_type_writable(type))
        return mfn;
    if (type == P2M_LOGDIRTY && p2m_change_type(d->p2m, gfn, P2M_LOGDIRTY, P2M_RAM) == 0)
        return mfn;
    put_frame(mfn);
    return INVALID_MFN;
}

/* Memory that is being accessed: without a reference and with interrupts off, or, where that will not do, by a reference. */
struct place {
    char *at;
    mfn_t mfn;              /* the reference; INVALID_MFN: none */
    unsigned long flags;    /* if there is none */
};

/* False: there is no such memory. Else leave() ends it. */
static bool enter(struct domain *d, u64 gpa, bool write, struct place *p)
{
    enum p2m_type type;
    mfn_t mfn;

    p->mfn = INVALID_MFN;
    if (d == current->domain) {
        p->flags = irq_save();
        mfn = p2m_peek(d->p2m, gpa >> PAGE_SHIFT, &type);
        if (likely(mfn != INVALID_MFN && (!write || p2m_type_writable(type)))) {
            p->at = (char *)mfn_to_virt(mfn) + (gpa & ~PAGE_MASK);
            return true;
        }
        irq_restore(p->flags);
    }
    p->mfn = write ? frame_for_write(d, gpa >> PAGE_SHIFT) : pod_get_frame(d->p2m, gpa >> PAGE_SHIFT, NULL);
    if (p->mfn == INVALID_MFN)
        return false;
    p->at = (char *)mfn_to_virt(p->mfn) + (gpa & ~PAGE_MASK);
    return true;
}

static void leave(const struct place *p)
{
    if (likely(p->mfn == INVALID_MFN))
        irq_restore(p->flags);
    else
        put_frame(p->mfn);
}

bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n)
{
    struct place from;

    if (!enter(d, gpa, false, &from))
        return false;
    memcpy(dst, from.at, n);
    leave(&from);
    return true;
}

/* src NULL: zeroes. */
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n)
{
    struct place to;

    if (!enter(d, gpa, true, &to))
        return false;
    if (src)
        memcpy(to.at, src, n);
    else
        memset(to.at, 0, n);
    leave(&to);
    return true;
}

/* ---- Linear addresses */

/* Whole, as the processor does. */
static bool read_entry(void *context, u64 gpa, void *entry, unsigned int size)
{
    struct vcpu *v = context;
    struct place from;

    if (!enter(v->domain, gpa, false, &from))
        return false;
    if (size == 8)
        *(u64 *)entry = ACCESS_ONCE(*(const u64 *)from.at);
    else
        *(u32 *)entry = ACCESS_ONCE(*(const u32 *)from.at);
    leave(&from);
    return true;
}

static bool update_entry(void *context, u64 gpa, u64 old, u64 bits, unsigned int size)
{
    struct vcpu *v = context;
    struct place to;
    bool same;

    if (!enter(v->domain, gpa, true, &to))
        return true;   /* tables in read-only memory keep no such bits */
    same = size == 8 ? cmpxchg((u64 *)to.at, old, old | bits) == old
                     : cmpxchg((u32 *)to.at, (u32)old, (u32)(old | bits)) == (u32)old;
    leave(&to);
    return same;
}

bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error)
{
    struct paging p = {
        .cr0 = container_ops->get(v, CREG_CR0), .cr3 = container_ops->get(v, CREG_CR3),
        .cr4 = container_ops->get(v, CREG_CR4), .efer = container_ops->get(v, CREG_EFER),
        .smap_lifted = hw_regs(v)->rflags & X86_EFLAGS_AC, .phys_bits = cpu_features.phys_bits,
        .context = v, .read = read_entry, .update = update_entry,
    };

    return paging_walk(&p, va, access, gpa, error);
}

size_t hw_copy_from(void *dst, u64 va, size_t n)
{
    struct vcpu *v = current;
    const void *own = hw_compat_area(v, va, n);
    char *to = dst;
    u64 gpa;
    u32 error;

    if (unlikely(own != NULL)) {
        memcpy(dst, own, n);
        return 0;
    }
    while (n) {
        size_t bytes = page_rest(va, n);
        if (!hw_translate(v, va, 0, &gpa, &error) || !hw_read_gpa(v->domain, gpa, to, bytes))
            break;
        to += bytes, va += bytes, n -= bytes;
    }
    return n;
}

static size_t write_linear(u64 va, const char *from, size_t n)
{
    struct vcpu *v = current;
    u64 gpa;
    u32 error;

    while (n) {
        size_t bytes = page_rest(va, n);
        if (!hw_translate(v, va, PFEC_WRITE, &gpa, &error) || !hw_write_gpa(v->domain, gpa, from, bytes))
            break;
        va += bytes, n -= bytes;
        if (from)
            from += bytes;
    }
    return n;
}

size_t hw_copy_to(u64 va, const void *src, size_t n)
{
    void *own = hw_compat_area(current, va, n);

    if (unlikely(own != NULL)) {
        memcpy(own, src, n);
        return 0;
    }
    return write_linear(va, src, n);
}

void *hw_writable(u64 va, size_t n, mfn_t *mfn)
{
    struct vcpu *v = current;
    u64 gpa;
    u32 error;

    if (page_rest(va, n) < n || hw_compat_area(v, va, n) || !hw_translate(v, va, PFEC_WRITE, &gpa, &error))
        return NULL;
    *mfn = frame_for_write(v->domain, gpa >> PAGE_SHIFT);
    return *mfn == INVALID_MFN ? NULL : (char *)mfn_to_virt(*mfn) + (gpa & ~PAGE_MASK);
}

size_t hw_clear(u64 va, size_t n)
{
    return write_linear(va, NULL, n);
}

size_t hw_fetch(struct vcpu *v, u64 linear, void *bytes, size_t n)
{
    u32 access = PFEC_FETCH | (container_ops->cpl(v) == 3 ? PFEC_USER : 0), error;
    size_t done = 0;
    u64 gpa;

    while (done < n) {
        size_t some = page_rest(linear + done, n - done);
        if (!hw_translate(v, linear + done, access, &gpa, &error) ||
            !hw_read_gpa(v->domain, gpa, (char *)bytes + done, some))
            break;
        done += some;
    }
    return done;
}
