/* SPDX-License-Identifier: MIT */
/* Binding event channel ports: to another domain's, to virtual and physical interrupts, to vCPUs. */
#include "abi/event_port.h"
#include "cpu/x86.h"

int evtchn_get_target(domid_t id, struct domain **out)
{
    struct domain *d = domain_get(id);

    if (!d)
        return -ESRCH;
    if (d != current->domain && !current->domain->is_privileged) {
        domain_put(d);
        return -EPERM;
    }
    *out = d;
    return 0;
}

static bool vcpu_exists(const struct domain *d, u32 vcpu)
{
    return vcpu < d->max_vcpus && d->vcpu[vcpu];
}

/* Purpose: a port of op->dom's that op->remote_dom may bind to. -ESRCH -EPERM -ENOSPC -ENOMEM -EINVAL (dying) */
int evtchn_alloc_unbound(struct evtchn_alloc_unbound *op)
{
    struct domain *d;
    struct evtchn *c;
    int rc = evtchn_get_target(op->dom, &d);

    if (rc)
        return rc;
    spin_lock(&d->event_lock);
    rc = evtchn_alloc(d, &c);
    if (rc == 0) {
        c->remote_id = op->remote_dom == DOMID_SELF ? current->domain->id : op->remote_dom;
        evtchn_activate(c, PORT_UNBOUND);
        op->port = c->port;
    }
    spin_unlock(&d->event_lock);
    domain_put(d);
    return rc;
}

/* Both locks held. */
static int bind_pair(struct domain *ld, struct domain *rd, struct evtchn_bind_interdomain *op)
{
    struct evtchn *local, *remote = evtchn_port(rd, op->remote_port);
    unsigned long flags;
    int rc;

    if (rd->dying || !remote || remote->state != PORT_UNBOUND || remote->remote_id != ld->id)
        return -EINVAL;
    rc = evtchn_alloc(ld, &local);
    if (rc)
        return rc;
    local->remote = rd;
    local->remote_port = remote->port;
    remote->remote = ld;
    remote->remote_port = local->port;
    remote->deserted = false;
    evtchn_activate(local, PORT_INTERDOMAIN);
    evtchn_activate(remote, PORT_INTERDOMAIN);
    op->local_port = local->port;
    flags = irq_save();
    evtchn_set_pending(ld, local);   /* whatever the other side sent before anyone listened */
    irq_restore(flags);
    return 0;
}

/* Purpose: a new local port, connected with an unbound one that op->remote_dom has for this domain. -ESRCH -EINVAL
 * -ENOSPC -ENOMEM */
int evtchn_bind_interdomain(struct evtchn_bind_interdomain *op)
{
    struct domain *ld = current->domain, *rd = domain_get(op->remote_dom);
    int rc;

    if (!rd)
        return -ESRCH;
    spin_lock_pair(&ld->event_lock, &rd->event_lock);
    rc = bind_pair(ld, rd, op);
    spin_unlock_pair(&ld->event_lock, &rd->event_lock);
    domain_put(rd);
    return rc;
}

/* Purpose: -EINVAL: no such VIRQ, or a global one asked for on another vCPU than 0; -ENOENT: no such vCPU; -EEXIST:
 * bound already; -ENOSPC -ENOMEM */
int evtchn_bind_virq(struct evtchn_bind_virq *op)
{
    struct domain *d = current->domain;
    struct evtchn *c;
    struct vcpu *v;
    int rc = -EEXIST;

    if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu != 0))
        return -EINVAL;
    if (!vcpu_exists(d, op->vcpu))
        return -ENOENT;
    v = d->vcpu[op->vcpu];
    spin_lock(&d->event_lock);
    if (v->virq_port[op->virq] == 0)
        rc = evtchn_alloc(d, &c);
    if (rc == 0) {
        c->number = (u16)op->virq;
        c->vcpu = (u16)op->vcpu;
        evtchn_activate(c, PORT_VIRQ);
        ACCESS_ONCE(v->virq_port[op->virq]) = op->port = c->port;
    }
    spin_unlock(&d->event_lock);
    return rc;
}

/* -ENOENT: no such vCPU; -ENOSPC -ENOMEM */
int evtchn_bind_ipi(struct evtchn_bind_ipi *op)
{
    struct domain *d = current->domain;
    struct evtchn *c;
    int rc;

    if (!vcpu_exists(d, op->vcpu))
        return -ENOENT;
    spin_lock(&d->event_lock);
    rc = evtchn_alloc(d, &c);
    if (rc == 0) {
        c->vcpu = (u16)op->vcpu;
        evtchn_activate(c, PORT_IPI);
        op->port = c->port;
    }
    spin_unlock(&d->event_lock);
    return rc;
}

/* -EINVAL: no such interrupt; -EPERM: not this domain's; -EBUSY: bound already, or not to be shared; -ENOSPC -ENOMEM */
int evtchn_bind_pirq(struct evtchn_bind_pirq *op)
{
    struct domain *d = current->domain;
    struct evtchn *c;
    int rc;

    if (op->pirq >= d->nr_pirqs || !vcpu_exists(d, 0))
        return -EINVAL;
    spin_lock(&d->event_lock);
    rc = evtchn_alloc(d, &c);
    if (rc == 0) {
        c->number = (u16)op->pirq;
        evtchn_activate(c, PORT_PIRQ);   /* before the binding: the first interrupt may come at once */
        rc = pirq_bind(d->vcpu[0], op->pirq, c->port, op->flags & BIND_PIRQ__WILL_SHARE);
        if (rc)
            evtchn_free(d, c);
        op->port = c->port;
    }
    spin_unlock(&d->event_lock);
    return rc;
}

/* Purpose: events on port notify vCPU vcpu from now on. -ENOENT: no such vCPU; -EINVAL: no such port, or one that
 * belongs to its vCPU for good (IPIs, a vCPU's own VIRQs). */
int evtchn_bind_vcpu(struct domain *d, u32 port, u32 vcpu)
{
    struct evtchn *c;
    int rc = 0;

    if (!vcpu_exists(d, vcpu))
        return -ENOENT;
    spin_lock(&d->event_lock);
    c = evtchn_port(d, port);
    switch (c && !c->consumer ? c->state : PORT_FREE) {
    case PORT_VIRQ:
        if (virq_is_global(c->number))
            c->vcpu = (u16)vcpu;
        else
            rc = -EINVAL;
        break;
    case PORT_PIRQ:
        if (c->vcpu != vcpu) {
            c->vcpu = (u16)vcpu;
            pirq_set_affinity(d, c->number, d->vcpu[vcpu]->processor);
        }
        break;
    case PORT_UNBOUND:
    case PORT_INTERDOMAIN:
        c->vcpu = (u16)vcpu;
        break;
    default:
        rc = -EINVAL;
        break;
    }
    spin_unlock(&d->event_lock);
    return rc;
}
