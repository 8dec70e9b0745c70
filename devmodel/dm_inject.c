/* SPDX-License-Identifier: MIT */
/* dm_op inject_event: an interrupt or exception for a vCPU at its next entry, as if its hardware had raised it. */
#include "devmodel/server.h"
#include "hw/container.h"

#define FIRST_INTERRUPT 16
#define EXCEPTIONS 32
#define NO_ERROR_CODE (~0u)

/* v is paused. -EBUSY: it cannot take one now; -EOPNOTSUPP: software interrupts and exceptions */
static int inject(struct vcpu *v, const struct xen_dm_op_inject_event *q)
{
    if (container_ops->event_pending(v) || devmodel_busy(v))
        return -EBUSY;
    switch (q->type) {
    case XEN_DMOP_EVENT_ext_int:
        if (q->vector < FIRST_INTERRUPT)
            return -EINVAL;
        if (!container_ops->can_inject_interrupt(v))
            return -EBUSY;
        container_ops->inject_interrupt(v, q->vector);
        return 0;
    case XEN_DMOP_EVENT_nmi:
        v->domain->row->interrupts->nmi(v);
        return 0;
    case XEN_DMOP_EVENT_hw_exc:
        if (q->vector >= EXCEPTIONS)
            return -EINVAL;
        (void)container_ops->inject(v, q->vector, q->error_code != NO_ERROR_CODE,
                                    q->error_code == NO_ERROR_CODE ? 0 : q->error_code, q->cr2);
        return 0;
    case XEN_DMOP_EVENT_sw_int:
    case XEN_DMOP_EVENT_pri_sw_exc:
    case XEN_DMOP_EVENT_sw_exc:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

long dm_inject_event(struct dm_call *c)
{
    const struct xen_dm_op_inject_event *q = &c->op.u.inject_event;
    struct vcpu *v = q->vcpuid < c->d->max_vcpus ? c->d->vcpu[q->vcpuid] : NULL;
    int rc;

    if (q->pad0 || q->pad1 || !v || !v->container)
        return -EINVAL;
    vcpu_pause(v);
    rc = inject(v, q);
    vcpu_unpause(v);
    return rc;
}
