/* SPDX-License-Identifier: MIT */
/* domctl: what of the machine a domain may touch: interrupts, device memory, ports; and pages that Prism fills for it.
 * The control domain passes on only what it has itself. */
#include "abi/control.h"
#include "abi/pirq.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"
#include "mem/frame.h"

static int change(struct rangeset *set, unsigned long first, unsigned long last, bool allow)
{
    return allow ? rangeset_add(set, first, last) : rangeset_remove(set, first, last);
}

static long do_irq_permission(struct domain *d, struct xen_domctl *op)
{
    struct domain *own = current->domain;
    spin_lock(&own->event_lock);
    const struct pirq *pirq = pirq_find(own, op->u.irq_permission.pirq);
    u32 irq = pirq ? pirq->irq : 0;
    spin_unlock(&own->event_lock);
    if (op->u.irq_permission.pirq >= own->nr_pirqs)
        return -EINVAL;
    if (!pirq || !rangeset_contains(&own->irqs, irq, irq))
        return -EPERM;
    return change(&d->irqs, irq, irq, op->u.irq_permission.allow_access);
}

/* 0; -EINVAL: no frames of this machine; -EPERM: not the caller's to give. */
static long check_frames(u64 first, u64 count)
{
    u64 frames = 1UL << (cpu_features.phys_bits - PAGE_SHIFT);
    if (count == 0 || first >= frames || count > frames - first)
        return -EINVAL;
    return rangeset_contains(&current->domain->io_frames, first, first + count - 1) ? 0 : -EPERM;
}

static long do_iomem_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_iomem_permission *q = &op->u.iomem_permission;
    long rc = check_frames(q->first_mfn, q->nr_mfns);
    return rc ? rc : change(&d->io_frames, q->first_mfn, q->first_mfn + q->nr_mfns - 1, q->allow_access);
}

static long do_ioport_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ioport_permission *q = &op->u.ioport_permission;
    u64 end = (u64)q->first_port + q->nr_ports;
    if (end > 65536)
        return -EINVAL;
    if (q->nr_ports == 0)
        return 0;
    if (!rangeset_contains(&current->domain->io_ports, q->first_port, end - 1))
        return -EPERM;
    return change(&d->io_ports, q->first_port, end - 1, q->allow_access);
}

/* A domain that makes its own page tables maps device memory by itself, once it may. */
static long do_memory_mapping(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_memory_mapping *q = &op->u.memory_mapping;
    long rc = check_frames(q->first_mfn, q->nr_mfns);
    if (rc)
        return rc;
    if (!rangeset_contains(&d->io_frames, q->first_mfn, q->first_mfn + q->nr_mfns - 1))
        return -EPERM;
    return d->row->privileged->external_guest_tables ? -EOPNOTSUPP : 0;
}

static long do_hypercall_init(struct domain *d, struct xen_domctl *op)
{
    mfn_t mfn = d->row->privileged->get_gfn(d, op->u.hypercall_init.gmfn);
    long rc = -EACCES;
    if (mfn == INVALID_MFN)
        return rc;
    if (get_frame_writable(mfn)) {
        d->row->platform->fill_hypercall_page(mfn_to_virt(mfn));
        put_frame_writable(mfn);
        rc = 0;
    }
    put_frame(mfn);
    return rc;
}

const struct domctl_handler domctl_access_handlers[] = {
    { XEN_DOMCTL_irq_permission, BACK_NEVER, do_irq_permission },
    { XEN_DOMCTL_iomem_permission, BACK_NEVER, do_iomem_permission },
    { XEN_DOMCTL_ioport_permission, BACK_NEVER, do_ioport_permission },
    { XEN_DOMCTL_memory_mapping, BACK_NEVER, do_memory_mapping },
    { XEN_DOMCTL_hypercall_init, BACK_NEVER, do_hypercall_init },
    { }
};
