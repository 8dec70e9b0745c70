/* SPDX-License-Identifier: MIT */
/* Which interrupt lines a domain knows under which PIRQ numbers (public header xen/physdev.h). Binding them to event
 * channels: abi/event.h. All of it with interrupts on; functions take d->event_lock themselves. */
#ifndef PRISM_ABI_PIRQ_H
#define PRISM_ABI_PIRQ_H

#include "dom/domain.h"

struct pirq {                     /* d->pirqs[number]; event_lock, but: */
    struct domain *domain;
    u32 irq;
    bool msi;
    u32 port;                     /* 0: not bound. Set before the line's handler can read it, cleared after */
    bool eoi_pending;             /* the line's desc->lock: sent to this guest, not yet answered */
};

/* event_lock held. NULL: not mapped */
static inline struct pirq *pirq_find(const struct domain *d, u32 pirq)
{ return pirq < d->nr_pirqs ? d->pirqs[pirq] : NULL; }

/* Gives line irq a number in d: *pirq if that is not negative, else a free one, GSIs under their own number where it
 * is free. The number is left in *pirq. Mapping the same line to the same number again is fine.
 * -EINVAL: no such line or number. -EPERM: d may not have the line. -EBUSY: the number is another line's. -ENOSPC
 * -ENOMEM */
int pirq_map(struct domain *d, u32 irq, bool msi, int *pirq);
/* -EINVAL: not mapped. -EBUSY: bound. An MSI's line is given back. */
int pirq_unmap(struct domain *d, u32 pirq);
/* A number that is free now. -ENOSPC */
int pirq_find_free(struct domain *d, bool msi);
/* PHYSDEVOP_irq_status_query: XENIRQSTAT_*. -EINVAL: out of range */
int pirq_status(struct domain *d, u32 pirq, u32 *flags);
/* The guest has handled it. -EINVAL: out of range */
int pirq_guest_eoi(struct domain *d, u32 pirq);
/* The page gfn becomes the bitmap that says which numbers need an EOI. -EBUSY: there is one. -EINVAL: no page of d's to
 * write to. */
int pirq_set_eoi_map(struct domain *d, gfn_t gfn);
void pirq_drop_eoi_map(struct domain *d);   /* event_lock held */
/* Is the line bound by guests, as against Prism itself? */
bool pirq_line_is_guests(u32 irq);

#endif
