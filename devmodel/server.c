/* SPDX-License-Identifier: MIT */
/* I/O request servers: made and taken away, their ranges, whether they are asked. */
#include <xen/hvm/hvm_op.h>

#include "abi/event.h"
#include "devmodel/server.h"
#include "dom/sched.h"
#include "mem/frame.h"

/* ---- Ports. v's waits for the answer to its request; the ring's is there to tell the server alone. */

static void answered(struct vcpu *v, u32 port)
{
    if (test_and_clear_bit(VPF_IO, &v->pause_flags))
        vcpu_wake(v);
}

static void unheard(struct vcpu *v, u32 port)
{
}

static void free_ports(struct domain *d, struct server *s)
{
    for (u32 i = 0; s->port && i < d->max_vcpus; i++)
        if (s->port[i])
            evtchn_free_consumer(d, s->port[i]);
    if (s->ring_port)
        evtchn_free_consumer(d, s->ring_port);
    xfree(s->port);
    s->port = NULL;
    s->ring_port = 0;
}

/* For vCPUs that are still to come as well. -ENOMEM -ENOSPC -EINVAL */
static int alloc_ports(struct domain *d, struct server *s)
{
    struct slot *slots = s->slots.memory;
    int rc = 0;

    s->port = xzalloc_array(u32, d->max_vcpus);
    if (!s->port)
        return -ENOMEM;
    for (u32 i = 0; i < d->max_vcpus && rc == 0; i++) {
        rc = evtchn_alloc_consumer(d, i, s->owner, answered, &s->port[i]);
        slots[i].port = s->port[i];   /* where the server finds it */
    }
    if (rc == 0 && s->ring.memory)
        rc = evtchn_alloc_consumer(d, 0, s->owner, unheard, &s->ring_port);
    return rc;
}

/* ---- Making and unmaking */

static void server_free(struct domain *d, struct server *s)
{
    free_ports(d, s);
    server_page_free(d, &s->slots);
    server_page_free(d, &s->ring);
    for (unsigned int i = 0; i < RANGE_KINDS; i++)
        rangeset_free(&s->range[i]);
    xfree(s);
}

/* domain_lock held. */
static int make(struct domain *d, u8 buffered, struct server **out)
{
    struct server *s = xzalloc(struct server);
    int rc;

    if (!s)
        return -ENOMEM;
    for (unsigned int i = 0; i < RANGE_KINDS; i++)
        rangeset_init(&s->range[i]);
    s->owner = current->domain->id;
    s->atomic = buffered == HVM_IOREQSRV_BUFIOREQ_ATOMIC;
    rc = server_page_init(d, &s->slots);
    if (rc == 0 && buffered != HVM_IOREQSRV_BUFIOREQ_OFF)
        rc = server_page_init(d, &s->ring);
    if (rc == 0)
        rc = alloc_ports(d, s);
    if (rc) {
        server_free(d, s);
        return rc;
    }
    *out = s;
    return 0;
}

/* Purpose: XEN_DMOP_create_ioreq_server for current's domain: the first free number. -EINVAL: no such kind of ring, or d is
 * dying; -ENOSPC: no number or event channel is free; -ENOMEM */
int server_create(struct domain *d, u8 buffered, ioservid_t *id)
{
    struct devmodel *dm = d->devmodel;
    struct server *s;
    unsigned int i = 0;
    int rc = -EINVAL;

    if (buffered > HVM_IOREQSRV_BUFIOREQ_ATOMIC)
        return -EINVAL;
    spin_lock(&d->domain_lock);
    while (i < MAX_SERVERS && dm->server[i])
        i++;
    if (!d->dying)
        rc = i < MAX_SERVERS ? make(d, buffered, &s) : -ENOSPC;
    if (rc == 0) {
        *id = s->id = (ioservid_t)i;
        spin_lock(&dm->lock);
        dm->server[i] = s;
        spin_unlock(&dm->lock);
    }
    spin_unlock(&d->domain_lock);
    return rc;
}

struct server *server_find(struct domain *d, u32 id, int *rc)
{
    struct server *s = id < MAX_SERVERS ? d->devmodel->server[id] : NULL;

    *rc = !s ? -ENOENT : s->owner != current->domain->id ? -EPERM : 0;
    return *rc ? NULL : s;
}

static void take_out(struct devmodel *dm, struct server *s)
{
    spin_lock(&dm->lock);
    dm->server[s->id] = NULL;
    spin_unlock(&dm->lock);
}

/* A server that no access finds any more goes. With the domain paused no vCPU is at work with it, but some may wait for
 * it: those get their answer from nobody. domain_lock not held. */
static void bury(struct domain *d, struct server *s)
{
    struct vcpu *v;

    domain_pause(d);
    for_each_vcpu(d, v)
        if (v->devmodel && v->devmodel->server == s) {
            v->devmodel->server = NULL;
            answered(v, 0);
        }
    domain_unpause(d);
    spin_lock(&d->domain_lock);
    server_free(d, s);
    spin_unlock(&d->domain_lock);
}

int server_destroy(struct domain *d, u32 id)
{
    struct server *s;
    int rc;

    spin_lock(&d->domain_lock);
    s = server_find(d, id, &rc);
    if (s)
        take_out(d->devmodel, s);
    spin_unlock(&d->domain_lock);
    if (s)
        bury(d, s);
    return rc;
}

void servers_remove_all(struct domain *d)
{
    for (unsigned int id = 0; id < MAX_SERVERS; id++) {
        struct server *s;

        spin_lock(&d->domain_lock);
        s = d->devmodel->server[id];
        if (s)
            take_out(d->devmodel, s);
        spin_unlock(&d->domain_lock);
        if (s)
            bury(d, s);
    }
}

/* ---- What its owner asks */

/* Purpose: XEN_DMOP_get_ioreq_server_info: the ring's port and, unless that is not wanted, places in the guest's memory to
 * map the pages by. -EINVAL: flags that do not exist; -ENOENT -EPERM: see server_find(); -EPERM: it is enabled, so that its
 * pages do not appear in the guest's memory; -ENOMEM: no place is set aside. */
int server_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info)
{
    struct server_places places;
    struct server *s;
    int rc;

    if (info->flags & ~XEN_DMOP_no_gfns)
        return -EINVAL;
    server_places(d, &places);
    spin_lock(&d->domain_lock);
    s = server_find(d, info->id, &rc);
    if (s && !(info->flags & XEN_DMOP_no_gfns)) {
        if (s->enabled && s->slots.gfn == INVALID_GFN)
            rc = -EPERM;
        if (rc == 0)
            rc = server_page_place(d, &s->slots, &places);
        if (rc == 0 && s->ring.memory)
            rc = server_page_place(d, &s->ring, &places);
        info->ioreq_gfn = s->slots.gfn;
        info->bufioreq_gfn = s->ring.memory ? s->ring.gfn : 0;
    }
    if (s && s->ring.memory)
        info->bufioreq_port = s->ring_port;
    spin_unlock(&d->domain_lock);
    return rc;
}

/* Purpose: XEN_DMOP_set_ioreq_server_state. An enabled server's pages are not in the guest's memory. What is under way
 * when it is disabled is still answered. -ENOENT -EPERM; -ENOMEM -EINVAL: the pages cannot be put back. */
int server_set_state(struct domain *d, u32 id, bool enabled)
{
    struct server *s;
    int rc;

    spin_lock(&d->domain_lock);
    s = server_find(d, id, &rc);
    if (s && s->enabled != enabled) {
        if (enabled) {
            server_page_hide(d, &s->slots);
            server_page_hide(d, &s->ring);
        } else {
            rc = server_page_show(d, &s->slots);
            if (rc == 0)
                rc = server_page_show(d, &s->ring);
        }
        spin_lock(&d->devmodel->lock);
        s->enabled = enabled;
        spin_unlock(&d->devmodel->lock);
    }
    spin_unlock(&d->domain_lock);
    return rc;
}

/* Purpose: XEN_DMOP_map_io_range_to_ioreq_server and the reverse. -EINVAL: no such kind, or an empty range; -EEXIST: part of
 * it is mapped already; -ENOENT: not all of it is mapped, or no such server; -EPERM -ENOMEM */
int server_map(struct domain *d, const struct xen_dm_op_ioreq_server_range *r, bool map)
{
    struct rangeset *set;
    struct server *s;
    int rc;

    if (r->pad || r->type >= RANGE_KINDS || r->start > r->end)
        return -EINVAL;
    spin_lock(&d->domain_lock);
    s = server_find(d, r->id, &rc);
    if (s) {
        set = &s->range[r->type];
        if (map)
            rc = rangeset_overlaps(set, r->start, r->end) ? -EEXIST : rangeset_add(set, r->start, r->end);
        else
            rc = rangeset_contains(set, r->start, r->end) ? rangeset_remove(set, r->start, r->end) : -ENOENT;
    }
    spin_unlock(&d->domain_lock);
    return rc;
}

int devmodel_resource_frame(struct domain *d, u32 id, u64 index, mfn_t *mfn)
{
    const struct server_page *page;
    struct server *s;
    int rc;

    if (!d->devmodel || index > XENMEM_resource_ioreq_server_frame_ioreq(0))
        return -EINVAL;
    spin_lock(&d->domain_lock);
    s = server_find(d, id, &rc);
    if (s) {
        page = index == XENMEM_resource_ioreq_server_frame_bufioreq ? &s->ring : &s->slots;
        if (page->memory)
            *mfn = virt_to_mfn(page->memory);
        else
            rc = -ENOENT;
    }
    spin_unlock(&d->domain_lock);
    return rc;
}
