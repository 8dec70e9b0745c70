/* SPDX-License-Identifier: MIT */
/* The hypercall event_channel_op (public header xen/event_channel.h): arguments in, the operation, arguments out. */
#include <xen/xen.h>

#include "abi/event_port.h"
#include "abi/hypercall.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"

static int evtchn_status(struct evtchn_status *op)
{
    struct domain *d;
    struct evtchn *c;
    int rc = evtchn_get_target(op->dom, &d);

    if (rc)
        return rc;
    spin_lock(&d->event_lock);
    c = evtchn_port(d, op->port);
    if (!c) {
        rc = -EINVAL;
        goto out;
    }
    switch (c->state) {
    case PORT_UNBOUND:
        op->status = EVTCHNSTAT_unbound;
        op->u.unbound.dom = c->remote_id;
        break;
    case PORT_INTERDOMAIN:
        op->status = EVTCHNSTAT_interdomain;
        op->u.interdomain.dom = c->remote->id;
        op->u.interdomain.port = c->remote_port;
        break;
    case PORT_PIRQ:
        op->status = EVTCHNSTAT_pirq;
        op->u.pirq = c->number;
        break;
    case PORT_VIRQ:
        op->status = EVTCHNSTAT_virq;
        op->u.virq = c->number;
        break;
    case PORT_IPI:
        op->status = EVTCHNSTAT_ipi;
        break;
    default:
        op->status = EVTCHNSTAT_closed;
        break;
    }
    op->vcpu = c->vcpu;
out:
    spin_unlock(&d->event_lock);
    domain_put(d);
    return rc;
}

static int evtchn_unmask(struct domain *d, u32 port)
{
    unsigned long flags = irq_save();
    struct evtchn *c = evtchn_port(d, port);
    int rc = -EINVAL;

    if (c && !c->consumer) {   /* in whatever state: the bit is the guest's own */
        d->evtchn_ops->unmask(d, c);
        rc = 0;
    }
    irq_restore(flags);
    return rc;
}

static long reset(domid_t id, unsigned long arg)
{
    struct domain *d;
    int rc = evtchn_get_target(id, &d);

    if (rc)
        return rc;
    rc = evtchn_reset(d);
    domain_put(d);
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_event_channel_op, 2, (unsigned long)EVTCHNOP_reset, arg);
    return rc;
}

/* Operations that answer in their argument: if it cannot be written, the guest does not know its new port, which stays
 * open until it is closed or reset. */
#define WITH_ANSWER(type, call) ({ \
    type op; \
    long _rc = copy_arg_from(&op, arg); \
    if (_rc == 0) \
        _rc = (call); \
    if (_rc == 0) \
        _rc = copy_arg_to(arg, &op); \
    _rc; })
#define WITHOUT_ANSWER(type, call) ({ \
    type op; \
    long _rc = copy_arg_from(&op, arg); \
    _rc ? _rc : (call); })

long hypercall_event_channel_op(unsigned long cmd, unsigned long arg, unsigned long a3, unsigned long a4,
                                unsigned long a5, unsigned long a6)
{
    struct domain *d = current->domain;

    ledger_charge(current, LEDGER_EVENT);
    switch ((int)cmd) {
    case EVTCHNOP_send:
        return WITHOUT_ANSWER(struct evtchn_send, evtchn_is_consumer(d, op.port) ? -EINVAL : evtchn_send(d, op.port));
    case EVTCHNOP_unmask:
        return WITHOUT_ANSWER(struct evtchn_unmask, evtchn_unmask(d, op.port));
    case EVTCHNOP_alloc_unbound:
        return WITH_ANSWER(struct evtchn_alloc_unbound, evtchn_alloc_unbound(&op));
    case EVTCHNOP_bind_interdomain:
        return WITH_ANSWER(struct evtchn_bind_interdomain, evtchn_bind_interdomain(&op));
    case EVTCHNOP_bind_virq:
        return WITH_ANSWER(struct evtchn_bind_virq, evtchn_bind_virq(&op));
    case EVTCHNOP_bind_pirq:
        return WITH_ANSWER(struct evtchn_bind_pirq, evtchn_bind_pirq(&op));
    case EVTCHNOP_bind_ipi:
        return WITH_ANSWER(struct evtchn_bind_ipi, evtchn_bind_ipi(&op));
    case EVTCHNOP_status:
        return WITH_ANSWER(struct evtchn_status, evtchn_status(&op));
    case EVTCHNOP_close:
        return WITHOUT_ANSWER(struct evtchn_close, evtchn_close(d, op.port));
    case EVTCHNOP_bind_vcpu:
        return WITHOUT_ANSWER(struct evtchn_bind_vcpu, evtchn_bind_vcpu(d, op.port, op.vcpu));
    case EVTCHNOP_reset:
        return WITHOUT_ANSWER(struct evtchn_reset, reset(op.dom, arg));
    case EVTCHNOP_init_control:
        return WITH_ANSWER(struct evtchn_init_control, evtchn_fifo_init_control(d, &op));
    case EVTCHNOP_expand_array:
        return WITHOUT_ANSWER(struct evtchn_expand_array, evtchn_fifo_expand_array(d, op.array_gfn));
    case EVTCHNOP_set_priority:
        return WITHOUT_ANSWER(struct evtchn_set_priority, evtchn_set_priority(d, op.port, op.priority));
    default:
        return -ENOSYS;
    }
}
