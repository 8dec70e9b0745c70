/* SPDX-License-Identifier: MIT */
/* Where the parts of shared_info and vcpu_info are that 64-bit code and 32-bit code lay out differently (public header
 * xen/xen.h: what is an unsigned long there). The rest is at the same place for both, and reached by its name. */
#ifndef PRISM_DOM_SHARED_LAYOUT_H
#define PRISM_DOM_SHARED_LAYOUT_H

#include <xen/event_channel.h>

#include "dom/domain.h"

#define NARROW_PORTS 1024u             /* 32 words of 32 bits */
#define NARROW_SELECTOR 4              /* offset in vcpu_info */
#define NARROW_WC_SEC_HI 36            /* offset from wc_version: the last field of what is x86's own */

/* The two-level ports that d has: so many bits are in both bitmaps. The pending bits are at the same place for both. */
static inline u32 shared_ports(const struct domain *d)
{
    return unlikely(d->narrow) ? NARROW_PORTS : EVTCHN_2L_NR_CHANNELS;
}

static inline volatile void *shared_masks(const struct domain *d)
{
    return unlikely(d->narrow) ? (volatile void *)((char *)d->shared_info->evtchn_pending + NARROW_PORTS / 8)
                               : d->shared_info->evtchn_mask;
}

/* wc_version, wc_sec, wc_nsec; and where the seconds' upper half is. */
static inline u32 *shared_wallclock(const struct domain *d, u32 **sec_hi)
{
    u32 *wc = unlikely(d->narrow) ? (u32 *)((char *)d->shared_info->evtchn_pending + 2 * (NARROW_PORTS / 8))
                                  : &d->shared_info->wc_version;

    *sec_hi = unlikely(d->narrow) ? wc + NARROW_WC_SEC_HI / 4 : wc + 3;
    return wc;
}

/* Sets the selector's bit for port, atomically: was it set before? */
static inline bool shared_select(struct vcpu *v, u32 port)
{
    volatile u32 *selector = (volatile u32 *)((char *)v->vcpu_info + NARROW_SELECTOR);
    bool was;

    if (!unlikely(v->domain->narrow))
        return test_and_set_bit(port / BITS_PER_LONG, &v->vcpu_info->evtchn_pending_sel);
    asm volatile("lock; btsl %2,%0" : "+m" (*selector), "=@ccc" (was) : "r" (port / 32) : "memory");
    return was;
}

/* Every word of the bitmap may have something. */
static inline void shared_select_all(const struct domain *d, vcpu_info_t *info)
{
    if (unlikely(d->narrow))
        ACCESS_ONCE(*(u32 *)((char *)info + NARROW_SELECTOR)) = ~0u;
    else
        ACCESS_ONCE(info->evtchn_pending_sel) = ~0UL;
}

#endif
