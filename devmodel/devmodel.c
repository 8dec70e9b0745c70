/* SPDX-License-Identifier: MIT */
/* A domain's device models as a whole: from its making to its end. */
#include "devmodel/server.h"
#include "mem/frame.h"

int devmodel_init(struct domain *d)
{
    struct devmodel *dm;

    if (d->max_vcpus > MAX_SLOTS)
        return -EINVAL;
    dm = xzalloc(struct devmodel);
    if (!dm)
        return -ENOMEM;
    spin_init(&dm->lock, RANK_DEVMODEL);
    dm->platform.function = dm->platform.vendor_seen = NO_FUNCTION;
    d->devmodel = dm;
    return 0;
}

void devmodel_stop(struct domain *d)
{
    if (d->devmodel)
        servers_remove_all(d);
}

void devmodel_free(struct domain *d)
{
    xfree(d->devmodel);
    d->devmodel = NULL;
}

int devmodel_vcpu_init(struct vcpu *v)
{
    v->devmodel = xzalloc(struct devmodel_vcpu);
    return v->devmodel ? 0 : -ENOMEM;
}

void devmodel_vcpu_free(struct vcpu *v)
{
    xfree(v->devmodel);
    v->devmodel = NULL;
}

bool devmodel_busy(const struct vcpu *v)
{
    return v->devmodel && v->devmodel->busy;
}
