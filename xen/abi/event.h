/* SPDX-License-Identifier: MIT */
/* Event channels (public header xen/event_channel.h), for the rest of Prism. */
#ifndef PRISM_ABI_EVENT_H
#define PRISM_ABI_EVENT_H

#include <xen/event_channel.h>

#include "dom/domain.h"

int evtchn_domain_init(struct domain *d, u32 max_port);   /* -ENOMEM */
int evtchn_domain_teardown(struct domain *d);             /* closes all ports; peers see it. -ERESTART: call again */
void evtchn_domain_free(struct domain *d);
int evtchn_vcpu_init(struct vcpu *v);
void evtchn_vcpu_free(struct vcpu *v);
/* Any CPU, interrupts in any state; not bound: nothing happens. */
void send_guest_vcpu_virq(struct vcpu *v, u32 virq);
void send_guest_global_virq(struct domain *d, u32 virq);
void send_global_virq(u32 virq);                          /* to its handler, by default the hardware domain */
int set_global_virq_handler(struct domain *d, u32 virq);  /* -EINVAL */
void send_guest_pirq(struct domain *d, u32 port);         /* the port a PIRQ is bound to */
bool evtchn_port_pending(struct domain *d, u32 port);     /* for SCHEDOP_poll; false for a bad port */
bool evtchn_port_valid(const struct domain *d, u32 port);
/* The vCPU that the port notifies, to know where it is; NULL if there is none. Interrupts off, or event_lock held. */
struct vcpu *evtchn_port_vcpu(const struct domain *d, u32 port);
void evtchn_check_pollers(struct domain *d, u32 port);
/* Senders hold no lock, only interrupts off: after this, none that began before is still at work. Interrupts on. */
void evtchn_senders_wait(void);
/* EVTCHNOP_send for d, e.g. for Prism's own use of a port: -EINVAL */
int evtchn_send(struct domain *d, u32 port);
void vcpu_mark_events_pending(struct vcpu *v);            /* sets upcall_pending; if it was clear: row's upcall */
void evtchn_dump(struct domain *d);

/* ---- event_consumer.c: ports of a domain at which Prism itself listens, for vCPU vcpu. The guest cannot bind, send on,
 * unmask or close one; `remote` binds to it as to any other, and Prism answers by evtchn_send(). fn is called, with
 * interrupts off and no lock held, when the other end sends, and when it is closed. -ENOMEM -ENOSPC -EINVAL (no such
 * vCPU can be, or d is dying). Interrupts on, no lock from RANK_EVTCHN on held. */
int evtchn_alloc_consumer(struct domain *d, u32 vcpu, domid_t remote, void (*fn)(struct vcpu *v, u32 port), u32 *port);
/* Closes it; nothing happens if it is none (any more). A sender that came before may still call fn until
 * evtchn_senders_wait(). Locks as above. */
void evtchn_free_consumer(struct domain *d, u32 port);
bool evtchn_consumer_deserted(const struct domain *d, u32 port);   /* its other end was bound, and has been closed */

static inline bool vcpu_event_pending(const struct vcpu *v)
{ return v->vcpu_info->evtchn_upcall_pending && !v->vcpu_info->evtchn_upcall_mask; }
static inline bool vcpu_event_delivery_enabled(const struct vcpu *v) { return !v->vcpu_info->evtchn_upcall_mask; }

/* ---- pirq.c: a domain's interrupts. Binding by EVTCHNOP_bind_pirq. event_lock held. */
int pirq_bind(struct vcpu *v, u32 pirq, u32 port, bool shareable);   /* -EINVAL -EPERM -EBUSY */
void pirq_unbind(struct domain *d, u32 pirq);
void pirq_set_affinity(struct domain *d, u32 pirq, unsigned int cpu);
void pirq_eoi(struct domain *d, u32 pirq);                /* the guest has handled it */
int pirq_domain_init(struct domain *d);
void pirq_domain_teardown(struct domain *d);              /* at destruction: lines, EOI page. event_lock not held */
void pirq_domain_free(struct domain *d);

#endif
