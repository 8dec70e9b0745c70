/* SPDX-License-Identifier: MIT */
/* vCPUs: making, freeing and pausing them. */
#include "abi/event.h"
#include "cpu/cpu.h"
#include "dom/sched.h"
#include "mem/frame.h"

void vcpu_free(struct vcpu *v)
{
    struct domain *d = v->domain;

    vcpu_timers_kill(v);
    if (d->row->io->vcpu_free)
        d->row->io->vcpu_free(v);
    d->row->interrupts->vcpu_free(v);
    d->row->privileged->vcpu_free(v);
    sched_vcpu_free(v);
    fpu_free(v);
    d->vcpu[v->id] = NULL;
    xfree(v);
}

static struct vcpu *vcpu_alloc(struct domain *d, unsigned int id, unsigned int cpu)
{
    struct vcpu *v = xzalloc_bytes(d->row->privileged->vcpu_size, 64);

    if (!v)
        return NULL;
    v->domain = d;
    v->id = id;
    v->processor = cpu;
    v->pause_flags = 1UL << VPF_DOWN;
    v->vcpu_info_mfn = INVALID_MFN;
    list_init(&v->domain_link);
    vcpu_info_init(v);
    vcpu_timers_init(v);
    return v;
}

/* Purpose: see dom/domain.h. Makers of vCPUs of one domain are serialized by their caller (domctl's lock, booting). */
int vcpu_create(struct domain *d, unsigned int id, unsigned int cpu, struct vcpu **out)
{
    struct vcpu *v;
    int rc;

    if (id >= d->max_vcpus || cpu >= nr_cpus)
        return -EINVAL;
    if (d->vcpu[id])
        return -EEXIST;
    v = vcpu_alloc(d, id, cpu);
    if (!v)
        return -ENOMEM;
    rc = fpu_alloc(v);
    if (rc)
        goto free_vcpu;
    rc = sched_vcpu_init(v, cpu);
    if (rc)
        goto free_vcpu;
    rc = d->row->privileged->vcpu_init(v);
    if (rc)
        goto free_vcpu;
    rc = d->row->interrupts->vcpu_init(v);
    if (rc)
        goto free_vcpu;
    rc = d->row->io->vcpu_init ? d->row->io->vcpu_init(v) : 0;
    if (rc)
        goto free_vcpu;
    spin_lock(&d->domain_lock);
    smp_wmb();
    d->vcpu[id] = v;
    spin_unlock(&d->domain_lock);
    *out = v;
    return 0;

free_vcpu:
    vcpu_free(v);
    return rc;
}

void vcpu_pause_nosync(struct vcpu *v)
{
    atomic_inc(&v->pause_count);
    vcpu_sleep_nosync(v);
}

void vcpu_pause(struct vcpu *v)
{
    ASSERT(v != current);
    atomic_inc(&v->pause_count);
    vcpu_sleep_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
    if (atomic_dec_and_test(&v->pause_count))
        vcpu_wake(v);
}
