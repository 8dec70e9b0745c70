/* SPDX-License-Identifier: MIT */
/* The numbers under which a domain knows interrupt lines: d->pirqs[], guarded by d->event_lock. */
#include "abi/event.h"
#include "abi/pirq.h"
#include "cpu/cpu.h"
#include "cpu/pci.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define PIRQS_FOR_MSI_UNPRIVILEGED 32

int pirq_domain_init(struct domain *d)
{
    d->nr_pirqs = ioapic_nr_gsis() + (d->is_privileged ? NR_IRQS - NR_GSI : PIRQS_FOR_MSI_UNPRIVILEGED);
    d->pirqs = xzalloc_array(struct pirq *, d->nr_pirqs);
    d->pirq_eoi_map_mfn = INVALID_MFN;
    if (!d->pirqs) {
        d->nr_pirqs = 0;
        return -ENOMEM;
    }
    return 0;
}

/* Frees a number that is not bound. */
static void release_number(struct domain *d, u32 pirq)
{
    struct pirq *p = d->pirqs[pirq];

    d->pirqs[pirq] = NULL;
    if (p->msi) {
        msi_teardown(p->irq);
        irq_free_msi(p->irq);
    }
    xfree(p);
}

/* Purpose: gives up d's lines and its EOI page. d is dying; its ports are closed already or are closed after. */
void pirq_domain_teardown(struct domain *d)
{
    spin_lock(&d->event_lock);
    pirq_drop_eoi_map(d);
    for (u32 i = 0; i < d->nr_pirqs; i++)
        if (d->pirqs[i]) {
            pirq_unbind(d, i);
            release_number(d, i);
        }
    spin_unlock(&d->event_lock);
}

void pirq_domain_free(struct domain *d)
{
    pirq_domain_teardown(d);
    xfree(d->pirqs);
    d->pirqs = NULL;
    d->nr_pirqs = 0;
}

/* MSIs get numbers above all GSIs, so that a GSI's own number stays free. event_lock held. */
static int first_free(const struct domain *d, bool msi)
{
    u32 from = msi ? ioapic_nr_gsis() : 1, to = msi ? d->nr_pirqs : ioapic_nr_gsis();

    for (u32 i = from; i < to; i++)
        if (!d->pirqs[i])
            return (int)i;
    return -ENOSPC;
}

int pirq_find_free(struct domain *d, bool msi)
{
    int rc;

    spin_lock(&d->event_lock);
    rc = first_free(d, msi);
    spin_unlock(&d->event_lock);
    return rc;
}

/* Which number line irq is to have in d; -EEXIST: it has this one. event_lock held. */
static int choose_number(const struct domain *d, u32 irq, bool msi, int wanted)
{
    if (wanted >= (int)d->nr_pirqs)
        return -EINVAL;
    for (u32 i = 0; !msi && i < d->nr_pirqs; i++)
        if (d->pirqs[i] && d->pirqs[i]->irq == irq)
            return wanted < 0 || wanted == (int)i ? -EEXIST : -EBUSY;
    if (wanted >= 0)
        return d->pirqs[wanted] ? -EBUSY : wanted;
    if (!msi && irq < d->nr_pirqs && !d->pirqs[irq])
        return (int)irq;
    return first_free(d, msi);
}

static int number_of(const struct domain *d, u32 irq)
{
    for (u32 i = 0; i < d->nr_pirqs; i++)
        if (d->pirqs[i] && d->pirqs[i]->irq == irq)
            return (int)i;
    return -EINVAL;
}

int pirq_map(struct domain *d, u32 irq, bool msi, int *pirq)
{
    struct irq_desc *desc = irq_to_desc(irq);
    struct pirq *p;
    int n;

    if (!desc || !desc->chip)
        return -EINVAL;
    if (!msi && !rangeset_contains(&d->irqs, irq, irq))   /* who maps an MSI has been asked for his rights already */
        return -EPERM;
    p = xzalloc(struct pirq);
    if (!p)
        return -ENOMEM;
    *p = (struct pirq){ .domain = d, .irq = irq, .msi = msi };

    spin_lock(&d->event_lock);
    n = d->dying != DOMDYING_ALIVE ? -EINVAL : choose_number(d, irq, msi, *pirq);
    if (n == -EEXIST) {
        *pirq = number_of(d, irq);
        n = 0;
    } else if (n >= 0) {
        d->pirqs[n] = p;
        p = NULL;
        *pirq = n;
        n = 0;
    }
    spin_unlock(&d->event_lock);
    xfree(p);
    return n;
}

int pirq_unmap(struct domain *d, u32 pirq)
{
    struct pirq *p;
    int rc = 0;

    spin_lock(&d->event_lock);
    p = pirq_find(d, pirq);
    if (!p)
        rc = -EINVAL;
    else if (p->port)
        rc = -EBUSY;
    else
        release_number(d, pirq);
    spin_unlock(&d->event_lock);
    return rc;
}
