/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_mmuext_op (public header xen/xen.h): pins, base pointers, flushes, the LDT, pages cleared and copied. */
#include "modes/pv/mm.h"

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/guest_access.h"
#include "modes/pv/guest_fetch.h"

struct extended {
    struct page_owner owner;
    cpumask_t flush;         /* CPUs whose TLBs are to be flushed whole, once, at the end */
};

static int ext_pin(struct extended *x, const struct mmuext_op *op)
{
    struct domain *d = x->owner.domain;

    if (x->owner.kind != OWNER_DOMAIN || d->row->privileged != &privileged_pv)
        return -EINVAL;
    if (op->cmd == MMUEXT_UNPIN_TABLE)
        return pv_unpin_table(d, op->arg1.mfn);
    return pv_pin_table(d, op->arg1.mfn, FT_L1 + (op->cmd - MMUEXT_PIN_L1_TABLE), true);
}

static int ext_base(struct extended *x, const struct mmuext_op *op)
{
    struct pv_vcpu *v = to_pv(current);

    if (op->cmd == MMUEXT_NEW_USER_BASEPTR)
        return pv_new_user_l4(v, op->arg1.mfn);
    return pv_new_kernel_l4(v, op->arg1.mfn);
}

static int ext_flush(struct extended *x, const struct mmuext_op *op)
{
    struct domain *d = current->domain;
    cpumask_t mask = 1ULL << smp_processor_id();
    u64 va = op->arg1.linear_addr;
    int rc = 0;

    if (op->cmd == MMUEXT_TLB_FLUSH_ALL || op->cmd == MMUEXT_INVLPG_ALL)
        mask = d->dirty_cpus;
    else if (op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_INVLPG_MULTI)
        rc = pv_vcpus_to_cpus(d, (u64)(unsigned long)op->arg2.vcpumask.p, &mask);
    if (rc)
        return rc;
    if (op->cmd == MMUEXT_INVLPG_LOCAL || op->cmd == MMUEXT_INVLPG_MULTI || op->cmd == MMUEXT_INVLPG_ALL) {
        if (is_canonical(va)) {
            ledger_count(current, LEDGER_TLB_PAGE);
            flush_tlb_one_mask(mask, va);
        }
    } else {
        x->flush |= mask;
    }
    return 0;
}

static void write_back_caches(void *unused)
{
    asm volatile("wbinvd" ::: "memory");
}

/* Only a domain with a device to be coherent with may slow the machine down so. */
static int ext_cache(struct extended *x, const struct mmuext_op *op)
{
    struct domain *d = current->domain;

    if (!d->is_privileged && list_empty(&d->io_frames.ranges) && list_empty(&d->io_ports.ranges))
        return -EACCES;
    if (op->cmd == MMUEXT_FLUSH_CACHE)
        write_back_caches(NULL);
    else
        on_cpus(cpu_online_mask, write_back_caches, NULL, true);
    return 0;
}

static int ext_ldt(struct extended *x, const struct mmuext_op *op)
{
    return pv_set_ldt(to_pv(current), op->arg1.linear_addr, op->arg2.nr_ents);
}

static int ext_page(struct extended *x, const struct mmuext_op *op)
{
    struct domain *d = x->owner.domain;
    mfn_t to = op->arg1.mfn, from = op->arg2.src_mfn;

    if (x->owner.kind != OWNER_DOMAIN || !get_frame_and_write(to, d))
        return -EINVAL;
    if (op->cmd == MMUEXT_CLEAR_PAGE) {
        memset(mfn_to_virt(to), 0, PAGE_SIZE);
    } else if (get_frame(from, d)) {
        memcpy(mfn_to_virt(to), mfn_to_virt(from), PAGE_SIZE);
        put_frame(from);
    } else {
        put_frame_and_write(to);
        return -EINVAL;
    }
    put_frame_and_write(to);
    return 0;
}

static int ext_super(struct extended *x, const struct mmuext_op *op)
{
    return -EOPNOTSUPP;   /* superpages are not offered to PV guests */
}

static const struct {
    int (*fn)(struct extended *x, const struct mmuext_op *op);
    bool foreign;            /* may be about another domain */
} ext_ops[] = {
    [MMUEXT_PIN_L1_TABLE] = { ext_pin, true },
    [MMUEXT_PIN_L2_TABLE] = { ext_pin, true },
    [MMUEXT_PIN_L3_TABLE] = { ext_pin, true },
    [MMUEXT_PIN_L4_TABLE] = { ext_pin, true },
    [MMUEXT_UNPIN_TABLE] = { ext_pin, true },
    [MMUEXT_NEW_BASEPTR] = { ext_base, false },
    [MMUEXT_NEW_USER_BASEPTR] = { ext_base, false },
    [MMUEXT_TLB_FLUSH_LOCAL] = { ext_flush, false },
    [MMUEXT_INVLPG_LOCAL] = { ext_flush, false },
    [MMUEXT_TLB_FLUSH_MULTI] = { ext_flush, false },
    [MMUEXT_INVLPG_MULTI] = { ext_flush, false },
    [MMUEXT_TLB_FLUSH_ALL] = { ext_flush, false },
    [MMUEXT_INVLPG_ALL] = { ext_flush, false },
    [MMUEXT_FLUSH_CACHE] = { ext_cache, false },
    [MMUEXT_FLUSH_CACHE_GLOBAL] = { ext_cache, false },
    [MMUEXT_SET_LDT] = { ext_ldt, false },
    [MMUEXT_CLEAR_PAGE] = { ext_page, true },
    [MMUEXT_COPY_PAGE] = { ext_page, true },
    [MMUEXT_MARK_SUPER] = { ext_super, true },
    [MMUEXT_UNMARK_SUPER] = { ext_super, true },
};

static int ext_one(struct extended *x, const struct mmuext_op *op)
{
    if (op->cmd >= ARRAY_SIZE(ext_ops) || !ext_ops[op->cmd].fn)
        return -ENOSYS;
    if (!ext_ops[op->cmd].foreign && (x->owner.kind != OWNER_DOMAIN || x->owner.domain != current->domain))
        return -EPERM;
    return ext_ops[op->cmd].fn(x, op);
}

_Static_assert(sizeof(struct mmuext_op) == 3 * sizeof(u64), "fetched as words");

static bool fetch_op(struct mmuext_op *op, u64 at)
{
    u64 words[3];

    if (unlikely(!pv_fetch_words(words, at, 3)))
        return !copy_from_guest_va(op, at, sizeof(*op));
    memcpy(op, words, sizeof(words));
    return true;
}

/* ops (guest address) count times; *done counts. 0, an error of the next one, or -ERESTART to go on. */
static int ext_all(struct extended *x, unsigned long ops, u32 count, u32 *done)
{
    struct mmuext_op op;
    int rc;

    for (*done = 0; *done < count; ++*done) {
        if (*done && (hypercall_preempt_check() || to_pv(current)->deferred_owner))
            return -ERESTART;
        if (!fetch_op(&op, ops + (u64)*done * sizeof(op)))
            return -EFAULT;
        rc = ext_one(x, &op);
        if (rc)
            return rc;
    }
    return to_pv(current)->deferred_owner ? -ERESTART : 0;
}

/* Budget: hypercall_mmuext_op 800 instructions, for both base pointers of a process. */
long hypercall_mmuext_op(unsigned long ops, unsigned long count_arg, unsigned long done_ptr, unsigned long foreigndom,
                         unsigned long a5, unsigned long a6)
{
    u32 count = (u32)count_arg & ~MMU_PREEMPTED, done = 0, earlier = 0;
    struct extended x = { .flush = 0 };
    int rc;

    ledger_charge(current, LEDGER_PT_HYPERCALL);
    if (((u32)count_arg & MMU_PREEMPTED) && done_ptr && copy_arg_from(&earlier, done_ptr))
        return -EFAULT;
    if (pv_finish_deferred(to_pv(current)) == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmuext_op, 4, ops, count_arg, done_ptr, foreigndom);
    rc = page_owner_get((domid_t)foreigndom, current->domain, &x.owner);
    if (rc)
        return rc;
    rc = ext_all(&x, ops, count, &done);
    page_owner_put(&x.owner);
    if (x.flush) {
        ledger_count(current, LEDGER_TLB_FLUSH);
        flush_tlb_mask(x.flush);
    }

    earlier += done;
    if (done_ptr && copy_arg_to(done_ptr, &earlier))
        return -EFAULT;
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_mmuext_op, 4, ops + (u64)done * sizeof(struct mmuext_op),
                                  (unsigned long)((count - done) | MMU_PREEMPTED), done_ptr, foreigndom);
    return rc;
}
