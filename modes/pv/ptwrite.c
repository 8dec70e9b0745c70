/* SPDX-License-Identifier: MIT */
/* Writes of a guest kernel to its level-1 tables, which it has mapped read-only: the fault is answered by carrying out
 * the instruction with the entry checked as HYPERVISOR_mmu_update would (VMASST_TYPE_writable_pagetables). */
#include "modes/pv/mm.h"
#include "modes/pv/trace.h"

#include "cpu/cpu.h"
#include "insn/emulate.h"

struct pt_write {
    struct domain *d;
    u64 va;          /* of the faulting page */
    u64 *table;      /* that page */
};

/* The entry that holds [va, va+size), or NULL if that is not inside one entry of the page. */
static u64 *entry_at(const struct pt_write *w, u64 va, unsigned int size)
{
    if ((va & PAGE_MASK) != w->va || size > sizeof(u64) || va % sizeof(u64) + size > sizeof(u64))
        return NULL;
    return w->table + (va & ~PAGE_MASK) / sizeof(u64);
}

static u64 part_mask(u64 va, unsigned int size)
{
    return (size == 8 ? ~0ULL : (1ULL << size * 8) - 1) << va % 8 * 8;
}

static enum insn_result pt_read(void *context, u64 va, void *data, unsigned int size)
{
    struct pt_write *w = context;
    u64 *p = entry_at(w, va, size), part;

    if (!p)
        return INSN_UNHANDLED;
    part = ACCESS_ONCE(*p) >> va % 8 * 8;
    memcpy(data, &part, size);
    return INSN_DONE;
}

static enum insn_result install(struct pt_write *w, u64 *p, u64 expected, u64 entry)
{
    const struct page_owner owner = page_owner_self(w->d);

    switch (pv_update_l1e(&owner, p, entry, PTE_COMPARE, expected)) {
    case 0:
        trace(TRC_PV_PTWR_EMULATION | TRC_64_FLAG, TRACE_LONG(entry),
              TRACE_LONG(w->va + (u64)(p - w->table) * sizeof(*p)), TRACE_LONG(guest_regs()->rip));
        return INSN_DONE;
    case -EAGAIN:
        return INSN_RETRY;
    default:
        return INSN_UNHANDLED;
    }
}

static enum insn_result pt_store(void *context, u64 va, const void *data, unsigned int size)
{
    struct pt_write *w = context;
    u64 *p = entry_at(w, va, size), old, part = 0, mask = part_mask(va, size);

    if (!p)
        return INSN_UNHANDLED;
    memcpy(&part, data, size);
    old = ACCESS_ONCE(*p);
    return install(w, p, old, (old & ~mask) | (part << va % 8 * 8 & mask));
}

static enum insn_result pt_cmpxchg(void *context, u64 va, u64 *old, u64 new_value, unsigned int size)
{
    struct pt_write *w = context;
    u64 *p = entry_at(w, va, size), mask = part_mask(va, size), was;
    unsigned int shift = va % 8 * 8;

    if (!p)
        return INSN_UNHANDLED;
    was = ACCESS_ONCE(*p);
    if (((was ^ *old << shift) & mask) != 0) {
        *old = (was & mask) >> shift;
        return INSN_DONE;
    }
    return install(w, p, was, (was & ~mask) | (new_value << shift & mask));
}

/* mm_lock held. Is va mapped read-only to a level-1 table of d? The mapping refers to it. */
static bool find_table(struct pt_write *w, mfn_t l4, u64 va)
{
    const u64 *l1e = pv_walk(l4, va);
    u64 entry = l1e ? *l1e : 0;

    if ((entry & (PTE_P | PTE_RW)) != PTE_P || pte_mfn(entry) >= max_mfn || !pv_is_own_l1(w->d, pte_mfn(entry)))
        return false;
    w->va = va & PAGE_MASK;
    w->table = mfn_to_virt(pte_mfn(entry));
    return true;
}

bool pv_emulate_pt_write(struct pv_vcpu *v, struct cpu_user_regs *regs, u64 va)
{
    struct pv_domain *d = to_pv_domain(v->vcpu.domain);
    struct pt_write w = { .d = &d->domain };
    struct insn_memory memory = { .context = &w, .read = pt_read, .write = pt_store, .cmpxchg = pt_cmpxchg };
    enum insn_result result = INSN_UNHANDLED;
    u8 bytes[INSN_MAX];
    size_t have;
    struct insn insn;
    u64 next;
    bool is16;

    if (!pv_in_long_mode(v, regs, &is16))
        return false;
    have = sizeof(bytes) - pv_copy_from(bytes, regs->rip, sizeof(bytes));
    if (insn_decode(bytes, have, INSN_64, &insn) || insn.prefix_rep || insn.prefix_repne)
        return false;
    if (insn.segment == INSN_FS || insn.segment == INSN_GS)
        memory.segment_base[insn.segment] = pv_segment_base(v, regs, insn.segment, true);
    next = regs->rip + insn.length;

    spin_lock(&d->mm_lock);
    if (find_table(&w, v->kernel_l4, va)) {
        do {
            result = insn_emulate(&insn, regs, &memory, next);
        } while (result == INSN_RETRY);   /* the processor has set A or D meanwhile: a few times at most */
    }
    spin_unlock(&d->mm_lock);
    if (result != INSN_DONE)
        return false;
    if (insn_then(&insn, regs) == INSN_NEXT)
        pv_advance_rip(v, regs, insn.length);
    return true;
}
