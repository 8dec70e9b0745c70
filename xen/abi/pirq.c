/* SPDX-License-Identifier: MIT */
/* Interrupt lines of guests: their binding to event channels, and the way of an interrupt from the line to the ports.
 *
 * d->pirqs[] is guarded by d->event_lock. Who is bound to a line (struct guest_line) is guarded by the line's
 * desc->lock, since the interrupt handler reads it; that it exists at all, by bindings_lock. */
#include "abi/pirq.h"

#include <xen/physdev.h>

#include "abi/event.h"
#include "cpu/cpu.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define MAX_SHARERS 8

struct guest_line {               /* a line's handler argument; desc->lock */
    struct pirq *sharer[MAX_SHARERS];
    u32 nr_sharers, nr_pending;   /* nr_pending: sharers with eoi_pending. The line stays masked until it is 0 */
    bool shareable;
};

static struct spinlock bindings_lock = SPINLOCK_INIT(RANK_PIRQ);   /* binding and unbinding; interrupts on */

static bool needs_eoi(const struct irq_desc *desc) { return desc->flow == IRQ_FLOW_LEVEL; }

/* A line that one guest has goes where the vCPU it notifies has gone: from its next interrupt on. */
static void follow_vcpu(struct irq_desc *desc, struct domain *d, u32 port)
{
    const struct vcpu *v = evtchn_port_vcpu(d, port);

    if (v && v->processor != desc->cpu)
        irq_set_affinity(desc->irq, v->processor);
}

/* The line's handler, interrupts off. Sends with no lock held; pirq_unbind waits for it (irq_synchronize). */
static void guest_interrupt(struct irq_desc *desc, void *arg)
{
    struct guest_line *line = arg;
    struct { struct domain *d; u32 port; } to[MAX_SHARERS];
    u32 n;

    spin_lock(&desc->lock);
    for (n = 0; n < line->nr_sharers; n++) {
        struct pirq *p = line->sharer[n];

        to[n].d = p->domain;
        to[n].port = p->port;
        if (needs_eoi(desc) && !p->eoi_pending) {
            p->eoi_pending = true;
            line->nr_pending++;
        }
    }
    spin_unlock(&desc->lock);
    if (n == 1)
        follow_vcpu(desc, to[0].d, to[0].port);
    while (n--)
        send_guest_pirq(to[n].d, to[n].port);
}

bool pirq_line_is_guests(u32 irq)
{
    struct irq_desc *desc = irq_to_desc(irq);

    return desc && ACCESS_ONCE(desc->handler) == guest_interrupt;
}

static void eoi_map_write(struct domain *d, u32 pirq, bool set)
{
    u64 *map = d->pirq_eoi_map;

    if (!map || pirq >= PAGE_SIZE * 8)
        return;
    if (set)
        set_bit(pirq, map);
    else
        clear_bit(pirq, map);
}

/* ---- binding: event_lock held by the caller */

/* Joins a line that guests have already. */
static int join_line(struct irq_desc *desc, struct pirq *p, u32 port, bool shareable)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);
    struct guest_line *line = desc->arg;
    int rc = 0;

    if (desc->handler != guest_interrupt || !line->shareable || !shareable || line->nr_sharers == MAX_SHARERS) {
        rc = -EBUSY;
    } else {
        p->port = port;
        line->sharer[line->nr_sharers++] = p;
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

static int take_line(struct irq_desc *desc, struct pirq *p, u32 port, bool shareable, unsigned int cpu)
{
    struct guest_line *line = xzalloc(struct guest_line);
    int rc;

    if (!line)
        return -ENOMEM;
    line->shareable = shareable;
    line->nr_sharers = 1;
    line->sharer[0] = p;
    p->port = port;   /* before the first interrupt */
    irq_set_affinity(p->irq, cpu);
    rc = irq_request(p->irq, guest_interrupt, line);
    if (rc) {
        p->port = 0;
        xfree(line);
    }
    return rc;
}

/* Purpose: interrupts of `pirq` of v's domain arrive at its event channel `port`, and at v's CPU. d->event_lock held.
 * -EINVAL: no such number. -EPERM: the line has been taken from the domain. -EBUSY: bound, or somebody has the line
 * and will not share it. -ENOMEM -ENOSPC */
int pirq_bind(struct vcpu *v, u32 pirq, u32 port, bool shareable)
{
    struct domain *d = v->domain;
    struct pirq *p = pirq_find(d, pirq);
    struct irq_desc *desc;
    int rc;

    if (!p)
        return -EINVAL;
    if (p->port)
        return -EBUSY;
    if (!p->msi && !rangeset_contains(&d->irqs, p->irq, p->irq))
        return -EPERM;
    desc = irq_to_desc(p->irq);
    spin_lock(&bindings_lock);
    if (pirq_line_is_guests(p->irq))
        rc = join_line(desc, p, port, shareable);
    else
        rc = take_line(desc, p, port, shareable, v->processor);
    spin_unlock(&bindings_lock);
    if (rc == 0)
        eoi_map_write(d, pirq, needs_eoi(desc));
    return rc;
}

/* Takes p off its line; true if it was the last. desc->lock held. */
static bool leave_line(struct guest_line *line, struct pirq *p)
{
    for (u32 i = 0; i < line->nr_sharers; i++)
        if (line->sharer[i] == p) {
            line->sharer[i] = line->sharer[--line->nr_sharers];
            break;
        }
    if (p->eoi_pending) {
        p->eoi_pending = false;
        line->nr_pending--;
    }
    return line->nr_sharers == 0;
}

/* Purpose: ends the binding; no interrupt of it is sent once this returns. d->event_lock held. */
void pirq_unbind(struct domain *d, u32 pirq)
{
    struct pirq *p = pirq_find(d, pirq);
    struct irq_desc *desc;
    struct guest_line *line;
    unsigned long flags;
    bool last, quiet;

    if (!p || !p->port)
        return;
    desc = irq_to_desc(p->irq);
    spin_lock(&bindings_lock);
    flags = spin_lock_irqsave(&desc->lock);
    line = desc->arg;
    last = leave_line(line, p);
    quiet = line->nr_pending == 0;
    spin_unlock_irqrestore(&desc->lock, flags);
    if (last) {
        irq_release(p->irq);
        xfree(line);
    } else {
        irq_synchronize(desc);
        if (quiet)
            irq_end(desc);
    }
    spin_unlock(&bindings_lock);
    p->port = 0;
    eoi_map_write(d, pirq, false);
}

/* Purpose: the line's interrupts arrive at `cpu` from now on, unless others share it. d->event_lock held. */
void pirq_set_affinity(struct domain *d, u32 pirq, unsigned int cpu)
{
    struct pirq *p = pirq_find(d, pirq);
    struct irq_desc *desc;
    struct guest_line *line;
    unsigned long flags;
    bool alone;

    if (!p || !p->port)
        return;
    desc = irq_to_desc(p->irq);
    if (desc->cpu == cpu)
        return;
    flags = spin_lock_irqsave(&desc->lock);
    line = desc->arg;
    alone = line->nr_sharers == 1;
    spin_unlock_irqrestore(&desc->lock, flags);
    if (alone)
        irq_set_affinity(p->irq, cpu);
}

/* Purpose: the guest has served its device; a level line is unmasked once all its guests have. d->event_lock held. */
void pirq_eoi(struct domain *d, u32 pirq)
{
    struct pirq *p = pirq_find(d, pirq);
    struct irq_desc *desc;
    struct guest_line *line;
    unsigned long flags;
    bool quiet = false;

    if (!p || !p->port)
        return;
    desc = irq_to_desc(p->irq);
    if (!needs_eoi(desc))
        return;
    flags = spin_lock_irqsave(&desc->lock);
    line = desc->arg;
    if (p->eoi_pending) {
        p->eoi_pending = false;
        quiet = --line->nr_pending == 0;
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    if (quiet)
        irq_end(desc);
}

/* event_lock held. */
void pirq_drop_eoi_map(struct domain *d)
{
    mfn_t mfn = d->pirq_eoi_map_mfn;

    if (!d->pirq_eoi_map)
        return;
    d->pirq_eoi_map = NULL;
    d->pirq_eoi_map_mfn = INVALID_MFN;
    put_frame_and_write(mfn);
}

int pirq_status(struct domain *d, u32 pirq, u32 *flags)
{
    struct pirq *p;
    struct irq_desc *desc;
    unsigned long irq_flags;

    if (pirq >= d->nr_pirqs)
        return -EINVAL;
    *flags = 0;
    spin_lock(&d->event_lock);
    p = d->pirqs[pirq];
    if (p) {
        desc = irq_to_desc(p->irq);
        irq_flags = spin_lock_irqsave(&desc->lock);
        if (needs_eoi(desc))
            *flags |= XENIRQSTAT_needs_eoi;
        if (p->port && ((struct guest_line *)desc->arg)->nr_sharers > 1)
            *flags |= XENIRQSTAT_shared;
        spin_unlock_irqrestore(&desc->lock, irq_flags);
    }
    spin_unlock(&d->event_lock);
    return 0;
}

int pirq_guest_eoi(struct domain *d, u32 pirq)
{
    if (pirq >= d->nr_pirqs)
        return -EINVAL;
    spin_lock(&d->event_lock);
    pirq_eoi(d, pirq);
    spin_unlock(&d->event_lock);
    return 0;
}

int pirq_set_eoi_map(struct domain *d, gfn_t gfn)
{
    mfn_t mfn = d->row->privileged->get_gfn(d, gfn);
    int rc = 0;

    if (mfn == INVALID_MFN)
        return -EINVAL;
    if (!get_frame_writable(mfn)) {
        put_frame(mfn);
        return -EINVAL;
    }
    spin_lock(&d->event_lock);
    if (d->pirq_eoi_map) {
        rc = -EBUSY;
    } else {
        d->pirq_eoi_map_mfn = mfn;
        d->pirq_eoi_map = mfn_to_virt(mfn);
        for (u32 i = 0; i < d->nr_pirqs; i++)
            eoi_map_write(d, i, d->pirqs[i] && d->pirqs[i]->port && needs_eoi(irq_to_desc(d->pirqs[i]->irq)));
    }
    spin_unlock(&d->event_lock);
    if (rc)
        put_frame_and_write(mfn);
    return rc;
}
