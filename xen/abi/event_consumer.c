/* SPDX-License-Identifier: MIT */
/* Ports of a domain at which Prism listens in the guest's stead: an event calls a function. See abi/event.h. */
#include "abi/event_port.h"

int evtchn_alloc_consumer(struct domain *d, u32 vcpu, domid_t remote, void (*fn)(struct vcpu *v, u32 port), u32 *port)
{
    struct evtchn *c;
    int rc;

    if (vcpu >= d->max_vcpus)
        return -EINVAL;
    spin_lock(&d->event_lock);
    rc = evtchn_alloc(d, &c);
    if (rc == 0) {
        c->remote_id = remote;
        c->vcpu = (u16)vcpu;
        c->consumer = fn;
        d->consumer_evtchns++;
        evtchn_activate(c, PORT_UNBOUND);
        *port = c->port;
    }
    spin_unlock(&d->event_lock);
    return rc;
}

void evtchn_free_consumer(struct domain *d, u32 port)
{
    if (evtchn_is_consumer(d, port))
        (void)evtchn_close_any(d, port);
}

bool evtchn_consumer_deserted(const struct domain *d, u32 port)
{
    const struct evtchn *c = evtchn_port(d, port);

    return c && c->consumer && c->state == PORT_UNBOUND && c->deserted;
}
