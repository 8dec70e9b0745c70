/* SPDX-License-Identifier: MIT */
/* Sending events: by guests, as virtual and physical interrupts, and what wakes a vCPU for them. No lock is taken, so
 * that all of it can be called from anywhere: see abi/event_port.h. */
#include "abi/event_port.h"
#include "cpu/x86.h"
#include "dom/sched.h"

void vcpu_mark_events_pending(struct vcpu *v)
{
    if (xchg(&v->vcpu_info->evtchn_upcall_pending, 1) == 0)
        v->domain->row->interrupts->upcall(v);
}

/* Ends the polls of d's vCPUs that wait for port, or for more than one. */
void evtchn_check_pollers(struct domain *d, u32 port)
{
    for (u32 base = 0; base < d->max_vcpus; base += BITS_PER_LONG) {
        for (u64 left = ACCESS_ONCE(d->poll_mask[base / BITS_PER_LONG]); left; left &= left - 1) {
            struct vcpu *v = d->vcpu[base + (u32)__builtin_ctzll(left)];
            int waits_for = ACCESS_ONCE(v->poll_evtchn);

            if ((waits_for <= 0 || waits_for == (int)port) && test_and_clear_bit(v->id, d->poll_mask)) {
                ACCESS_ONCE(v->poll_evtchn) = 0;
                vcpu_unblock(v);
            }
        }
    }
}

/* Purpose: EVTCHNOP_send on a port of d. 0 also if nobody is bound to the other end yet. -EINVAL: no such port, or
 * not one that can be sent on. */
int evtchn_send(struct domain *d, u32 port)
{
    struct evtchn *c = evtchn_port(d, port), *peer;
    unsigned long flags;
    int rc = 0;

    if (!c)
        return -EINVAL;
    flags = irq_save();
    switch (c->state) {
    case PORT_INTERDOMAIN:
        smp_rmb();
        peer = evtchn_port(c->remote, c->remote_port);
        if (peer && peer->state == PORT_INTERDOMAIN && !evtchn_call_consumer(c->remote, peer))   /* else just being closed */
            evtchn_set_pending(c->remote, peer);
        break;
    case PORT_IPI:
        evtchn_set_pending(d, c);
        break;
    case PORT_UNBOUND:
        break;
    default:
        rc = -EINVAL;
        break;
    }
    irq_restore(flags);
    return rc;
}

/* ---- Virtual interrupts */

bool virq_is_global(u32 virq)
{
    return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}

static void send_virq(struct vcpu *v, u32 virq)
{
    unsigned long flags = irq_save();
    u32 port = (u32)ACCESS_ONCE(v->virq_port[virq]);
    struct evtchn *c = port ? evtchn_port(v->domain, port) : NULL;

    if (c && c->state == PORT_VIRQ && c->number == virq)
        evtchn_set_pending(v->domain, c);
    irq_restore(flags);
}

void send_guest_vcpu_virq(struct vcpu *v, u32 virq)
{
    ASSERT(!virq_is_global(virq));
    send_virq(v, virq);
}

void send_guest_global_virq(struct domain *d, u32 virq)
{
    ASSERT(virq_is_global(virq));
    if (d && d->vcpu[0])
        send_virq(d->vcpu[0], virq);
}

/* Who gets a global VIRQ; NULL: the hardware domain. A reference each. Written under handlers_lock. */
static struct domain *volatile handlers[NR_VIRQS];
static struct spinlock handlers_lock = SPINLOCK_INIT(RANK_EVTCHN);

void send_global_virq(u32 virq)
{
    unsigned long flags = irq_save();
    struct domain *d = handlers[virq];

    send_guest_global_virq(d ? d : hardware_domain, virq);
    irq_restore(flags);
}

/* The handler of one VIRQ is exchanged; a sender may still be at work with the old one. Interrupts on. */
static void replace_handler(u32 virq, struct domain *expected, struct domain *d)
{
    struct domain *old;

    spin_lock(&handlers_lock);
    old = handlers[virq];
    if (expected && old != expected)
        old = NULL;
    else
        handlers[virq] = d;
    spin_unlock(&handlers_lock);
    if (old) {
        evtchn_senders_wait();
        domain_put(old);
    }
}

/* Purpose: XEN_DOMCTL_set_virq_handler: from now on d gets global VIRQ virq. -EINVAL: not a global one, or d is
 * dying. */
int set_global_virq_handler(struct domain *d, u32 virq)
{
    if (virq >= NR_VIRQS || !virq_is_global(virq) || d->dying || !domain_ref(d))
        return -EINVAL;
    replace_handler(virq, NULL, d);
    return 0;
}

void evtchn_drop_virq_handlers(struct domain *d)
{
    for (u32 virq = 0; virq < NR_VIRQS; virq++)
        if (handlers[virq] == d)
            replace_handler(virq, d, NULL);
}

/* ---- Physical interrupts */

void send_guest_pirq(struct domain *d, u32 port)
{
    unsigned long flags = irq_save();
    struct evtchn *c = evtchn_port(d, port);

    if (c && c->state == PORT_PIRQ)
        evtchn_set_pending(d, c);
    irq_restore(flags);
}
