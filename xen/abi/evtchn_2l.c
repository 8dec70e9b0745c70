/* SPDX-License-Identifier: MIT */
/* Ports as two levels of bitmaps: pending and mask bits in shared_info, a selector word in the vCPU's vcpu_info (public
 * header xen/xen.h, struct shared_info). */
#include "abi/event_port.h"
#include "dom/shared_layout.h"

static void notify(struct domain *d, const struct evtchn *c)
{
    struct vcpu *v = d->vcpu[c->vcpu];

    if (v && !shared_select(v, c->port))
        vcpu_mark_events_pending(v);
}

static void set_pending_2l(struct domain *d, struct evtchn *c)
{
    if (c->port >= shared_ports(d) || test_and_set_bit(c->port, d->shared_info->evtchn_pending))
        return;   /* a port beyond them: from before the guest said how it lays them out */
    if (!test_bit(c->port, shared_masks(d)))
        notify(d, c);
    evtchn_check_pollers(d, c->port);
}

static void clear_pending_2l(struct domain *d, struct evtchn *c)
{
    if (c->port < shared_ports(d))
        clear_bit(c->port, d->shared_info->evtchn_pending);
}

static void unmask_2l(struct domain *d, struct evtchn *c)
{
    if (c->port < shared_ports(d) && test_and_clear_bit(c->port, shared_masks(d)) &&
        test_bit(c->port, d->shared_info->evtchn_pending))
        notify(d, c);
}

static bool is_pending_2l(const struct domain *d, const struct evtchn *c)
{
    return c->port < shared_ports(d) && test_bit(c->port, d->shared_info->evtchn_pending);
}

static bool is_masked_2l(const struct domain *d, const struct evtchn *c)
{
    return c->port >= shared_ports(d) || test_bit(c->port, shared_masks(d));
}

static bool is_busy_2l(const struct domain *d, const struct evtchn *c)
{
    return false;
}

const struct evtchn_port_ops evtchn_ops_2l = {
    .max_ports = EVTCHN_2L_NR_CHANNELS,
    .set_pending = set_pending_2l,
    .clear_pending = clear_pending_2l,
    .unmask = unmask_2l,
    .is_pending = is_pending_2l,
    .is_masked = is_masked_2l,
    .is_busy = is_busy_2l,
};
