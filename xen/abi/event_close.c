/* SPDX-License-Identifier: MIT */
/* Closing event channel ports: one, all of a domain's at its own wish (reset), or at its end. */
#include "abi/event_port.h"
#include "abi/hypercall.h"
#include "cpu/x86.h"

static void close_virq(struct domain *d, const struct evtchn *c)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (v->virq_port[c->number] == c->port)
            ACCESS_ONCE(v->virq_port[c->number]) = 0;
}

/* A port without another end. event_lock held. */
static int close_alone(struct domain *d, struct evtchn *c)
{
    enum port_state state = c->state;

    if (state == PORT_FREE || state == PORT_RESERVED)
        return -EINVAL;
    c->state = PORT_RESERVED;
    if (state == PORT_VIRQ)
        close_virq(d, c);
    else if (state == PORT_PIRQ)
        pirq_unbind(d, c->number);
    evtchn_free(d, c);
    return 0;
}

/* The other end waits for a new partner. Both event_locks held. */
static void close_pair(struct domain *d, struct evtchn *c)
{
    struct evtchn *peer = evtchn_port(c->remote, c->remote_port);

    c->state = PORT_RESERVED;
    peer->state = PORT_RESERVED;
    peer->remote_id = d->id;
    peer->deserted = true;
    evtchn_activate(peer, PORT_UNBOUND);
    evtchn_free(d, c);
}

/* The domain at the other end, with a reference; NULL: the port has no other end now. event_lock is taken inside. */
static struct domain *get_peer(struct domain *d, struct evtchn *c)
{
    struct domain *peer = NULL;

    spin_lock(&d->event_lock);
    if (c->state == PORT_INTERDOMAIN) {
        peer = c->remote;
        if (!domain_ref(peer))
            BUG();   /* it cannot be freed before it has closed its end, under our lock too */
    }
    spin_unlock(&d->event_lock);
    return peer;
}

/* One step of closing c: -EAGAIN if its other end has changed meanwhile. */
static int close_linked(struct domain *d, struct evtchn *c, struct domain *peer)
{
    u32 peer_port = 0;
    unsigned long flags;
    int rc = -EAGAIN;

    spin_lock_pair(&d->event_lock, &peer->event_lock);
    if (c->state == PORT_INTERDOMAIN && c->remote == peer) {
        peer_port = c->remote_port;
        close_pair(d, c);
        rc = 0;
    }
    spin_unlock_pair(&d->event_lock, &peer->event_lock);
    if (rc == 0) {
        flags = irq_save();
        (void)evtchn_call_consumer(peer, evtchn_port(peer, peer_port));
        irq_restore(flags);
    }
    return rc;
}

int evtchn_close_any(struct domain *d, u32 port)
{
    struct evtchn *c = evtchn_port(d, port);
    struct domain *peer;
    int rc = -EAGAIN;

    if (!c)
        return -EINVAL;
    while (rc == -EAGAIN) {
        peer = get_peer(d, c);
        if (!peer) {
            spin_lock(&d->event_lock);
            if (c->state != PORT_INTERDOMAIN)
                rc = close_alone(d, c);
            spin_unlock(&d->event_lock);
            continue;
        }
        rc = close_linked(d, c, peer);
        domain_put(peer);
    }
    return rc;
}

int evtchn_close(struct domain *d, u32 port)
{
    return evtchn_is_consumer(d, port) ? -EINVAL : evtchn_close_any(d, port);
}

/* Closes what is open from d->evtchn_cursor on; Prism's own ports only of a dying domain. -ERESTART: there is more. */
static int close_all(struct domain *d)
{
    u32 port = max(d->evtchn_cursor, 1u);

    for (; port < d->valid_evtchns; port++) {
        if (evtchn_port(d, port)->state != PORT_FREE && (d->dying || !evtchn_is_consumer(d, port)))
            (void)evtchn_close_any(d, port);
        if (port % 16 == 0 && hypercall_preempt_check()) {
            d->evtchn_cursor = port + 1;
            return -ERESTART;
        }
    }
    d->evtchn_cursor = 0;
    return 0;
}

/* Back to two levels, once no port is open: another vCPU may have opened one behind the cursor. -ERESTART */
static int drop_queues(struct domain *d)
{
    int rc = 0;

    spin_lock(&d->event_lock);
    if (d->active_evtchns > d->consumer_evtchns)
        rc = -ERESTART;
    else if (d->evtchn_fifo)
        evtchn_fifo_destroy(d);
    spin_unlock(&d->event_lock);
    return rc;
}

/* Purpose: EVTCHNOP_reset: all ports closed, two-level bitmaps again. -EINVAL: another domain that is not paused.
 * -ERESTART */
int evtchn_reset(struct domain *d)
{
    int rc;

    if (d != current->domain && !d->controller_pause_count)
        return -EINVAL;
    rc = close_all(d);
    return rc ? rc : drop_queues(d);
}

/* d is dying, so no port opens any more: afterwards no other domain's port refers to it, and no sender is at work. */
int evtchn_domain_teardown(struct domain *d)
{
    int rc = close_all(d);

    if (rc == 0)
        rc = drop_queues(d);
    if (rc)
        return rc;
    evtchn_drop_virq_handlers(d);
    evtchn_senders_wait();
    return 0;
}
