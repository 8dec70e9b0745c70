/* SPDX-License-Identifier: MIT */
/* Event channel ports from inside; private to abi/event*.c and abi/evtchn_*.c.
 *
 * Ports change under domain.event_lock (two domains: spin_lock_pair). Senders take no lock: they turn interrupts off,
 * read a port's state, then what the state makes valid. So the parts of a port that different states use do not
 * overlap, the state is written last when a port comes to life and first when it dies, and what a sender may still
 * look at is given up only after evtchn_senders_wait(). A sender that comes late sends an event too many, which a
 * guest has to expect anyway. */
#ifndef PRISM_ABI_EVENT_PORT_H
#define PRISM_ABI_EVENT_PORT_H

#include "abi/event.h"

enum port_state { PORT_FREE, PORT_RESERVED, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_PIRQ, PORT_VIRQ, PORT_IPI };

struct evtchn {
    volatile u8 state;              /* enum port_state */
    u8 priority;                    /* FIFO: the queue it goes to */
    volatile u16 vcpu;              /* whom it notifies */
    u32 port;                       /* its own number */
    struct domain *remote;          /* INTERDOMAIN */
    u32 remote_port;                /* INTERDOMAIN */
    domid_t remote_id;              /* UNBOUND: who may bind to it */
    u16 number;                     /* VIRQ, PIRQ */
    volatile u32 last_queue;        /* FIFO: vcpu << 8 | priority of the queue it was last in; that queue's lock */
    volatile u32 pending_early;     /* FIFO: set before the guest gave a word for it. atomic */
    void (*volatile consumer)(struct vcpu *v, u32 port);   /* an event here calls it; NULL: it is the guest's */
    bool deserted;                  /* UNBOUND: it had another end, which has been closed */
};

#define PORTS_PER_BUCKET 64
#define MAX_PORTS EVTCHN_FIFO_NR_CHANNELS

/* How the guest sees its ports: two levels of bitmaps, or queues. Functions without a comment: any lock or none. */
struct evtchn_port_ops {
    u32 max_ports;
    void (*set_pending)(struct domain *d, struct evtchn *c);      /* and notifies; interrupts off */
    void (*clear_pending)(struct domain *d, struct evtchn *c);
    void (*unmask)(struct domain *d, struct evtchn *c);           /* and notifies if it is pending; interrupts off */
    bool (*is_pending)(const struct domain *d, const struct evtchn *c);
    bool (*is_masked)(const struct domain *d, const struct evtchn *c);
    bool (*is_busy)(const struct domain *d, const struct evtchn *c);   /* closed, but in a queue of the guest's yet */
};
extern const struct evtchn_port_ops evtchn_ops_2l, evtchn_ops_fifo;

/* The port, if there is a structure for it and its number is below the limit; else NULL. A port once made stays. */
static inline struct evtchn *evtchn_port(const struct domain *d, u32 port)
{
    if (port >= ACCESS_ONCE(d->valid_evtchns))
        return NULL;
    return &d->evtchn_bucket[port / PORTS_PER_BUCKET][port % PORTS_PER_BUCKET];
}

/* event_port.c. event_lock held. */
int evtchn_alloc(struct domain *d, struct evtchn **out);   /* RESERVED until its state is set. -ENOSPC -ENOMEM */
void evtchn_free(struct domain *d, struct evtchn *c);
/* Gives a port that evtchn_alloc made its state: from now on it is alive. */
static inline void evtchn_activate(struct evtchn *c, enum port_state state)
{
    smp_wmb();
    c->state = (u8)state;
}

/* A port at which Prism listens is none that its guest can use. Any lock or none. */
static inline bool evtchn_is_consumer(const struct domain *d, u32 port)
{
    const struct evtchn *c = evtchn_port(d, port);

    return c && c->consumer;
}
/* An event has come to c: false if that is the guest's. Interrupts off. */
static inline bool evtchn_call_consumer(struct domain *d, struct evtchn *c)
{
    void (*consumer)(struct vcpu *, u32) = c->consumer;
    struct vcpu *v = d->vcpu[c->vcpu];

    if (!consumer)
        return false;
    if (v)
        consumer(v, c->port);
    return true;
}

/* event_bind.c, event_close.c: the operations on current's domain, or another that it may control. */
int evtchn_alloc_unbound(struct evtchn_alloc_unbound *op);
int evtchn_bind_interdomain(struct evtchn_bind_interdomain *op);
int evtchn_bind_virq(struct evtchn_bind_virq *op);
int evtchn_bind_ipi(struct evtchn_bind_ipi *op);
int evtchn_bind_pirq(struct evtchn_bind_pirq *op);
int evtchn_bind_vcpu(struct domain *d, u32 port, u32 vcpu);
/* EVTCHNOP_close. -EINVAL: no such port, not open, or Prism's own. To lock the other end's domain, one has to know it,
 * which needs this domain's lock: so look, lock both, look again. */
int evtchn_close(struct domain *d, u32 port);
int evtchn_close_any(struct domain *d, u32 port);         /* the same, Prism's own included */
int evtchn_reset(struct domain *d);                        /* -ERESTART: call again */
bool virq_is_global(u32 virq);
void evtchn_drop_virq_handlers(struct domain *d);          /* global VIRQs go to the hardware domain again */

/* event_send.c: interrupts off. */
static inline void evtchn_set_pending(struct domain *d, struct evtchn *c) { d->evtchn_ops->set_pending(d, c); }

/* evtchn_fifo.c */
int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *op);   /* -EINVAL -ENOENT -ENOMEM */
int evtchn_fifo_expand_array(struct domain *d, u64 gfn);                       /* -EOPNOTSUPP -ENOSPC -EINVAL -ENOMEM */
int evtchn_set_priority(struct domain *d, u32 port, u32 priority);                /* -ENOSYS -EINVAL */
void evtchn_fifo_destroy(struct domain *d);   /* back to two levels; event_lock held, interrupts on */

/* The domain that an operation names: current's own, or one that current's may control. -ESRCH -EPERM */
int evtchn_get_target(domid_t id, struct domain **out);

#endif
