/* SPDX-License-Identifier: MIT */
/* Setting up and giving up the queue ABI of event channels: memory that the guest offers for it. */
#include "abi/event_port.h"
#include "abi/evtchn_fifo.h"
#include "cpu/x86.h"
#include "mem/frame.h"

/* The guest's frame, with a writable reference; INVALID_MFN. */
static mfn_t take_frame(struct domain *d, u64 gfn)
{
    mfn_t mfn = d->row->privileged->get_gfn(d, gfn);

    if (mfn == INVALID_MFN)
        return INVALID_MFN;
    if (!get_frame_writable(mfn)) {
        put_frame(mfn);
        return INVALID_MFN;
    }
    return mfn;
}

/* event_lock held. -ENOMEM */
static int make_queues(struct vcpu *v)
{
    if (!v->fifo) {
        struct evtchn_fifo_vcpu *fv = xzalloc(struct evtchn_fifo_vcpu);

        if (!fv)
            return -ENOMEM;
        spin_init(&fv->lock, RANK_EVTCHN_FIFO);
        fv->control_mfn = INVALID_MFN;
        v->fifo = fv;
    }
    return 0;
}

/* Ports opened as bits in shared_info go on as words that the guest has yet to give: what is pending stays so. */
static void switch_to_queues(struct domain *d, struct evtchn_fifo_domain *f)
{
    u32 ports = min(d->valid_evtchns, evtchn_ops_2l.max_ports);

    ACCESS_ONCE(d->evtchn_fifo) = f;
    smp_wmb();
    ACCESS_ONCE(d->evtchn_ops) = &evtchn_ops_fifo;
    evtchn_senders_wait();
    for (u32 port = 1; port < ports; port++) {
        struct evtchn *c = evtchn_port(d, port);

        c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
        c->last_queue = (u32)c->vcpu << 8 | c->priority;
        if (test_bit(port, d->shared_info->evtchn_pending))
            c->pending_early = 1;
    }
}

/* All vCPUs' queues first, so that no failure is left for later. event_lock held. */
static int init_fifo(struct domain *d)
{
    struct evtchn_fifo_domain *f;
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (make_queues(v))
            return -ENOMEM;
    f = xzalloc(struct evtchn_fifo_domain);
    if (!f)
        return -ENOMEM;
    switch_to_queues(d, f);
    return 0;
}

/* Purpose: EVTCHNOP_init_control: the control block of vCPU op->vcpu. The first one changes the domain over to
 * queues. -ENOENT: no such vCPU; -EINVAL: it has one, the block would leave its frame or is not aligned, not the
 * domain's writable memory; -ENOMEM */
int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op)
{
    struct vcpu *v;
    mfn_t mfn;
    int rc = 0;

    op->link_bits = EVTCHN_FIFO_LINK_BITS;
    if (op->vcpu >= d->max_vcpus || !d->vcpu[op->vcpu])
        return -ENOENT;
    v = d->vcpu[op->vcpu];
    if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset % sizeof(u64))
        return -EINVAL;
    mfn = take_frame(d, op->control_gfn);
    if (mfn == INVALID_MFN)
        return -EINVAL;
    spin_lock(&d->event_lock);
    if (d->dying || (v->fifo && v->fifo->control))
        rc = -EINVAL;
    else if (!d->evtchn_fifo)
        rc = init_fifo(d);
    if (rc == 0)
        rc = make_queues(v);   /* a vCPU that was made since */
    if (rc == 0) {
        struct evtchn_fifo_control_block *control = (void *)((char *)mfn_to_virt(mfn) + op->offset);

        for (unsigned int i = 0; i < EVTCHN_FIFO_MAX_QUEUES; i++)
            control->head[i] = 0;
        control->ready = 0;
        v->fifo->control_mfn = mfn;
        ACCESS_ONCE(v->fifo->control) = control;
    }
    spin_unlock(&d->event_lock);
    if (rc)
        put_frame_and_write(mfn);
    return rc;
}

/* Ports whose words have just come and that were pending before. */
static void send_early(struct domain *d, u32 page)
{
    unsigned long flags;

    for (u32 port = page * FIFO_WORDS_PER_PAGE; port < (page + 1) * FIFO_WORDS_PER_PAGE; port++) {
        struct evtchn *c = evtchn_port(d, port);

        if (!c)
            break;
        if (c->pending_early && xchg(&c->pending_early, 0)) {
            flags = irq_save();
            evtchn_set_pending(d, c);
            irq_restore(flags);
        }
    }
}

/* Purpose: EVTCHNOP_expand_array: frame gfn holds the words of the next 1024 ports. -EOPNOTSUPP: no queues in use;
 * -ENOSPC: all words are there; -EINVAL: not the domain's writable memory. */
int evtchn_fifo_expand_array(struct domain *d, u64 gfn)
{
    struct evtchn_fifo_domain *f;
    mfn_t mfn = take_frame(d, gfn);
    int rc = 0;

    if (mfn == INVALID_MFN)
        return -EINVAL;
    spin_lock(&d->event_lock);
    f = d->evtchn_fifo;
    if (!f)
        rc = -EOPNOTSUPP;
    else if (f->pages >= FIFO_MAX_PAGES)
        rc = -ENOSPC;
    if (rc == 0) {
        u32 page = f->pages;

        f->mfn[page] = mfn;
        f->page[page] = mfn_to_virt(mfn);
        smp_wmb();
        f->pages = page + 1;
        smp_mb();
        send_early(d, page);
    }
    spin_unlock(&d->event_lock);
    if (rc)
        put_frame_and_write(mfn);
    return rc;
}

/* Purpose: EVTCHNOP_set_priority, from the next time on that the port becomes pending. -ENOSYS: no queues in use;
 * -EINVAL: no such port or priority. */
int evtchn_set_priority(struct domain *d, u32 port, u32 priority)
{
    struct evtchn *c;
    int rc = -EINVAL;

    if (priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    spin_lock(&d->event_lock);
    c = evtchn_port(d, port);
    if (c && c->state != PORT_FREE && c->state != PORT_RESERVED) {
        rc = d->evtchn_fifo ? 0 : -ENOSYS;
        if (rc == 0)
            c->priority = (u8)priority;
    }
    spin_unlock(&d->event_lock);
    return rc;
}

/* No port of d's is open. Before the bitmaps come back, which hold fewer ports, no sender may be at work on a former
 * one; before the memory goes, none that saw the queues. */
void evtchn_fifo_destroy(struct domain *d)
{
    struct evtchn_fifo_domain *f = d->evtchn_fifo;
    struct vcpu *v;

    evtchn_senders_wait();
    ACCESS_ONCE(d->evtchn_ops) = &evtchn_ops_2l;
    smp_wmb();
    ACCESS_ONCE(d->evtchn_fifo) = NULL;
    evtchn_senders_wait();
    for_each_vcpu(d, v) {
        if (!v->fifo)
            continue;
        if (v->fifo->control)
            put_frame_and_write(v->fifo->control_mfn);
        xfree(v->fifo);
        v->fifo = NULL;
    }
    for (u32 i = 0; i < f->pages; i++)
        put_frame_and_write(f->mfn[i]);
    xfree(f);
}
