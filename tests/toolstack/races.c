/* SPDX-License-Identifier: MIT */
/* One thread destroys a domain while others are in the middle of hypercalls on it: all come to an end, nothing is lost. */
#include "call.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <xencall.h>

#define ROUNDS 12
#define EXTENTS 4096

struct racer {
    const struct half_built *h;
    unsigned int call;
    xencall_handle *handle;
    char *buffer;
};

/* The calls that take long, each preempted and taken up again; answers do not matter. */
static void long_call(struct racer *r)
{
    struct xen_memory_reservation *m = (void *)r->buffer;
    xen_pfn_t *list = (xen_pfn_t *)(r->buffer + PAGE);
    struct xen_domctl *op = (void *)r->buffer;

    switch (r->call) {
    case 0:
        *m = (struct xen_memory_reservation){ .nr_extents = EXTENTS, .domid = (domid_t)r->h->id };
        set_xen_guest_handle(m->extent_start, list);
        for (unsigned int i = 0; i < EXTENTS; i++)
            list[i] = 0x8000 + i;
        xencall2(r->handle, __HYPERVISOR_memory_op, XENMEM_populate_physmap, (uint64_t)m);
        break;
    case 1:
        memset(op, 0, sizeof(*op));
        op->cmd = XEN_DOMCTL_set_paging_mempool_size;
        op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
        op->domain = (domid_t)r->h->id;
        op->u.paging_mempool.size = 24 << 20;
        xencall1(r->handle, __HYPERVISOR_domctl, (uint64_t)op);
        break;
    default:
        memset(op, 0, sizeof(*op));
        op->cmd = XEN_DOMCTL_destroydomain;
        op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
        op->domain = (domid_t)r->h->id;
        xencall1(r->handle, __HYPERVISOR_domctl, (uint64_t)op);
        break;
    }
}

static void *racer_main(void *argument)
{
    struct racer *r = argument;

    for (unsigned int i = 0; i < 3; i++)
        long_call(r);
    return NULL;
}

int test_races(enum kind kind)
{
    enum { RACERS = 3 };
    struct racer racers[RACERS];
    uint64_t before = 0;
    int bad = 0;

    for (unsigned int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){ .call = i, .handle = xencall_open(NULL, 0) };
        racers[i].buffer = racers[i].handle ? xencall_alloc_buffer_pages(racers[i].handle, 1 + EXTENTS * 8 / PAGE) : NULL;
        if (!racers[i].buffer)
            return wrong("no memory for a thread");
    }
    for (unsigned int round = 0; round < ROUNDS; round++) {
        struct half_built h;
        struct xen_domctl limit = { .u.max_mem.max_memkb = 64 << 10 };
        pthread_t threads[RACERS];

        build(&h, kind, build_steps());
        domctl(XEN_DOMCTL_max_mem, h.id, &limit);
        for (unsigned int i = 0; i < RACERS; i++)
            racers[i].h = &h;
        for (unsigned int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, racer_main, &racers[i]);
        usleep(round * 700);                 /* another moment each time */
        pthread_create(&threads[2], NULL, racer_main, &racers[2]);
        for (unsigned int i = 0; i < RACERS; i++)
            pthread_join(threads[i], NULL);
        if (exists(h.id) && destroy(h.id) && exists(h.id))
            bad += wrong("round %u: the domain is still there", round);
        if (round == 0)
            before = settled_free_frames();
        else if (!memory_is_back(before))
            bad += wrong("round %u: %ld frames are missing", round, (long)(before - settled_free_frames()));
    }
    return bad;
}
