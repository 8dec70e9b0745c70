/* SPDX-License-Identifier: MIT */
/* Which interrupt lines a domain knows under which PIRQ numbers (public header xen/physdev.h). Binding them to event channels:
 * abi/event.h. All of it with interrupts on; functions take d->event_lock themselves. */
#ifndef PRISM_ABI_PIRQ_H
#define PRISM_ABI_PIRQ_H

#include "dom/domain.h"

/* Gives line irq a number in d: *pirq if that is not negative, else a free one, GSIs under their own number where it is free.
 * The number is left in *pirq. Mapping the same line to the same number again is fine.
 * -EINVAL: no such line or number. -EPERM: d may not have the line. -EBUSY: the number is another line's. -ENOSPC -ENOMEM */
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
/* Is the line bound by guests, as against Prism itself? */
bool pirq_line_is_guests(u32 irq);

#endif
