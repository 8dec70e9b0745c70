/* SPDX-License-Identifier: MIT */
/* XENMEM_exchange: a domain gives frames and gets as many others, in another order or below an address limit
 * (contiguous memory for DMA, and back). Done in chunks of the larger of the two extent sizes. A chunk is exchanged
 * as a whole or not at all; how many are is kept in the guest's nr_exchanged, from where a preempted exchange goes
 * on. */
#include "abi/memory.h"
#include "mem/frame.h"

#define MAX_EXCHANGE_ORDER 12   /* of one chunk, which is not preempted */

struct exchange {
    struct xen_memory_exchange guest;
    struct domain *d;
    unsigned int chunk_order, address_bits;
    u32 in, out;             /* frames given, and got, of this chunk: linked through their next */
};

static void push(u32 *list, mfn_t mfn)
{
    mfn_to_frame(mfn)->next = *list;
    *list = (u32)mfn;
}

static mfn_t pop(u32 *list)
{
    mfn_t mfn = *list;

    *list = mfn_to_frame(mfn)->next;
    mfn_to_frame(mfn)->next = FRAME_NIL;
    return mfn;
}

/* -EFAULT -EINVAL -ENOMEM(address limit) -EPERM -ESRCH -EOPNOTSUPP */
static long decode(struct exchange *x, unsigned long arg)
{
    struct xen_memory_reservation *in = &x->guest.in, *out = &x->guest.out;
    unsigned int order;
    long rc = 0;

    if (copy_arg_from(&x->guest, arg))
        return -EFAULT;
    order = max(in->extent_order, out->extent_order);
    if (order > MAX_EXCHANGE_ORDER || order > memory_max_order())
        return -EPERM;
    if (in->domid != out->domid || in->nr_extents > ~0UL >> (MAX_EXCHANGE_ORDER + 4) ||
        out->nr_extents > ~0UL >> (MAX_EXCHANGE_ORDER + 4) || x->guest.nr_exchanged > in->nr_extents ||
        in->nr_extents << in->extent_order != out->nr_extents << out->extent_order ||
        (x->guest.nr_exchanged << in->extent_order) & ((1UL << order) - 1) ||
        (in->nr_extents << in->extent_order) & ((1UL << order) - 1))
        return -EINVAL;
    if (!memory_address_bits(out->mem_flags, &x->address_bits))
        return -ENOMEM;
    x->chunk_order = order;
    x->in = x->out = FRAME_NIL;
    x->d = memory_target(in->domid, &rc);
    if (x->d && x->d->row->privileged->external_guest_tables) {
        domain_put(x->d);
        return -EOPNOTSUPP;
    }
    return rc;
}

/* Detaches the frames of one input extent: without tables of Prism's a domain's frame numbers are the machine's.
 * -EFAULT -EINVAL -EBUSY */
static int take_in(struct exchange *x, unsigned long extent)
{
    xen_pfn_t gfn;

    if (copy_from_guest_offset(&gfn, x->guest.in.extent_start, extent, 1))
        return -EFAULT;
    for (unsigned long j = 0; j < 1UL << x->guest.in.extent_order; j++) {
        int rc = domain_detach_frame(x->d, gfn + j);

        if (rc)
            return rc;
        push(&x->in, gfn + j);
    }
    return 0;
}

static int take_out(struct exchange *x, unsigned long extents)
{
    while (extents-- > 0) {
        mfn_t mfn = heap_alloc((struct alloc_request){ .order = x->guest.out.extent_order,
                                                       .address_bits = x->address_bits });

        if (mfn == INVALID_MFN)
            return -ENOMEM;
        push(&x->out, mfn);
    }
    return 0;
}

/* d gets its own frames back, what was allocated goes. */
static void undo(struct exchange *x)
{
    while (x->in != FRAME_NIL) {
        mfn_t mfn = pop(&x->in);

        if (domain_attach_frame(x->d, mfn)) {
            heap_free(mfn, 0);
            domain_uncharge_frames(x->d, 1);
        }
    }
    while (x->out != FRAME_NIL)
        heap_free(pop(&x->out), x->guest.out.extent_order);
}

/* One new extent for d. A guest that takes its list away under us (-EFAULT) has its memory all the same. */
static int put_out(struct exchange *x, unsigned long extent)
{
    mfn_t mfn = pop(&x->out);
    xen_pfn_t gfn, told = mfn;
    int rc = copy_from_guest_offset(&gfn, x->guest.out.extent_start, extent, 1);

    for (unsigned long j = 0; j < 1UL << x->guest.out.extent_order; j++) {
        if (domain_attach_frame(x->d, mfn + j)) {
            heap_free(mfn + j, 0);
            domain_uncharge_frames(x->d, 1);
        } else if (rc == 0) {
            x->d->row->privileged->map_gfn(x->d, gfn + j, mfn + j);   /* a pfn without M2P entry stays without */
        }
    }
    return copy_to_guest_offset(x->guest.out.extent_start, extent, &told, 1) ? -EFAULT : rc;
}

static int exchange_chunk(struct exchange *x)
{
    unsigned long n_in = 1UL << (x->chunk_order - x->guest.in.extent_order);
    unsigned long n_out = 1UL << (x->chunk_order - x->guest.out.extent_order);
    unsigned long first_in = x->guest.nr_exchanged;
    unsigned long first_out = first_in << x->guest.in.extent_order >> x->guest.out.extent_order;
    int rc = 0;

    for (unsigned long i = 0; i < n_in && rc == 0; i++)
        rc = take_in(x, first_in + i);
    if (rc == 0)
        rc = take_out(x, n_out);
    if (rc) {
        undo(x);
        return rc;
    }
    while (x->in != FRAME_NIL) {
        mfn_t mfn = pop(&x->in);

        m2p_table[mfn] = INVALID_M2P;
        heap_free(mfn, 0);
    }
    for (unsigned long i = 0; i < n_out; i++) {
        int one = put_out(x, first_out + i);

        if (rc == 0)
            rc = one;
    }
    x->guest.nr_exchanged += n_in;
    return rc;
}

static int tell_progress(const struct exchange *x, unsigned long arg)
{
    return copy_to_guest_va(arg + offsetof(struct xen_memory_exchange, nr_exchanged), &x->guest.nr_exchanged,
                            sizeof(x->guest.nr_exchanged));
}

/* Purpose: XENMEM_exchange. 0 when all extents are exchanged, -errno else (then nr_exchanged says how far it went). */
long memory_exchange(unsigned long arg)
{
    struct exchange x;
    long rc = decode(&x, arg);

    if (rc)
        return rc;
    while (rc == 0 && x.guest.nr_exchanged < x.guest.in.nr_extents) {
        rc = exchange_chunk(&x);
        if (rc == 0 && x.guest.nr_exchanged < x.guest.in.nr_extents && hypercall_preempt_check()) {
            rc = tell_progress(&x, arg);
            domain_put(x.d);
            return rc ? rc : memory_continue(XENMEM_exchange, 0, arg);
        }
    }
    if (tell_progress(&x, arg))
        rc = -EFAULT;
    domain_put(x.d);
    return rc;
}
