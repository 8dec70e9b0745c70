/* SPDX-License-Identifier: MIT */
/* A domain is created step by step as libxl would, stopped after each step, and destroyed: all it had comes back. */
#include "call.h"

#include <stdlib.h>
#include <unistd.h>

#define DOMAIN_PAGES 1024
#define VCPUS 4
#define SETTLE_SECONDS 5

uint64_t slack;

static void must(const char *what, long answer)
{
    if (answer >= 0)
        return;
    printf("WRONG building a domain: %s: %s\n", what, strerror((int)-answer));
    exit(1);
}

static void step_create(struct half_built *h)
{
    struct xen_domctl op = { .u.createdomain = {
        .max_vcpus = VCPUS, .max_evtchn_port = 1023, .max_grant_frames = 64, .max_maptrack_frames = 1024,
        .grant_opts = XEN_DOMCTL_GRANT_version(1) } };

    if (h->kind == KIND_PVH) {
        op.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
        op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_LAPIC;
    }
    must("createdomain", domctl(XEN_DOMCTL_createdomain, DOMID_INVALID, &op));
    h->id = op.domain;
}

static void step_vcpus(struct half_built *h)
{
    struct xen_domctl op = { .u.max_vcpus.max = VCPUS };

    must("max_vcpus", domctl(XEN_DOMCTL_max_vcpus, h->id, &op));
}

static void step_limit(struct half_built *h)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = (DOMAIN_PAGES + 512) * 4 };

    must("max_mem", domctl(XEN_DOMCTL_max_mem, h->id, &op));
}

static void step_pool(struct half_built *h)
{
    struct xen_domctl op = { .u.paging_mempool.size = 4 << 20 };

    if (h->kind == KIND_PVH)
        must("set_paging_mempool_size", domctl(XEN_DOMCTL_set_paging_mempool_size, h->id, &op));
}

static void step_memory(struct half_built *h)
{
    xen_pfn_t *list = (xen_pfn_t *)buffer;
    struct xen_memory_reservation r = { .nr_extents = DOMAIN_PAGES, .domid = (domid_t)h->id };

    for (unsigned int i = 0; i < DOMAIN_PAGES; i++)
        list[i] = i;
    set_xen_guest_handle(r.extent_start, list);
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) != DOMAIN_PAGES)
        must("populate_physmap", -ENOMEM);
    memcpy(h->frames, list, sizeof(h->frames));
    list[0] = 4096;
    r.nr_extents = 1;
    r.extent_order = 9;
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) != 1)
        must("populate_physmap of 2 MiB", -ENOMEM);
}

/* A PV domain's page table is pinned: all its entries are empty, which is valid. A PVH domain's shared frames get places. */
static void step_places(struct half_built *h)
{
    if (h->kind == KIND_PV) {
        struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = h->frames[0] };

        memcpy(buffer, &op, sizeof(op));
        must("pin", call4(__HYPERVISOR_mmuext_op, (uint64_t)buffer, 1, 0, h->id));
    } else {
        struct xen_add_to_physmap place = { .domid = (domid_t)h->id, .space = XENMAPSPACE_shared_info, .gpfn = 0x3000 };

        must("shared_info", memory_op(XENMEM_add_to_physmap, &place, sizeof(place)));
        place.space = XENMAPSPACE_grant_table;
        for (place.idx = 0; place.idx < 2; place.idx++) {
            place.gpfn = 0x3001 + place.idx;
            must("grant table", memory_op(XENMEM_add_to_physmap, &place, sizeof(place)));
        }
    }
}

static void step_events(struct half_built *h)
{
    struct evtchn_alloc_unbound port = { .dom = (domid_t)h->id, .remote_dom = DOMID_SELF };

    for (unsigned int i = 0; i < 200; i++)
        must("alloc_unbound", event_op(EVTCHNOP_alloc_unbound, &port, sizeof(port)));
}

static void step_unpause(struct half_built *h)
{
    struct xen_domctl op = { 0 };

    must("unpause", domctl(XEN_DOMCTL_unpausedomain, h->id, &op));
}

static const struct {
    const char *name;
    void (*go)(struct half_built *h);
} steps[] = {
    { "create", step_create }, { "vcpus", step_vcpus }, { "limit", step_limit }, { "pool", step_pool },
    { "memory", step_memory }, { "places", step_places }, { "events", step_events }, { "unpause", step_unpause },
};

unsigned int build_steps(void) { return sizeof(steps) / sizeof(steps[0]); }
const char *build_step_name(unsigned int step) { return steps[step].name; }

void build(struct half_built *h, enum kind kind, unsigned int count)
{
    memset(h, 0, sizeof(*h));
    h->kind = kind;
    for (unsigned int i = 0; i < count; i++)
        steps[i].go(h);
}

long destroy(uint32_t id)
{
    struct xen_domctl op = { 0 };

    return domctl(XEN_DOMCTL_destroydomain, id, &op);
}

bool exists(uint32_t id)
{
    struct xen_domctl op = { 0 };

    return domctl(XEN_DOMCTL_getdomaininfo, id, &op) == 0 && op.domain == id;
}

static uint64_t free_frames(void)
{
    struct xen_sysctl op = { 0 };

    must("physinfo", sysctl(XEN_SYSCTL_physinfo, &op));
    return op.u.physinfo.free_pages;
}

uint64_t settled_free_frames(void)
{
    uint64_t last = 0, now = free_frames();

    for (unsigned int same = 0; same < 4; same = now == last ? same + 1 : 0) {
        last = now;
        usleep(50000);
        now = free_frames();
    }
    return now;
}

bool memory_is_back(uint64_t before)
{
    for (unsigned int tries = 0; tries < SETTLE_SECONDS * 20; tries++) {
        if (free_frames() + slack >= before)
            return true;
        usleep(50000);
    }
    return false;
}

int test_half_built(enum kind kind)
{
    struct half_built h;
    uint64_t before;
    int bad = 0;

    build(&h, kind, build_steps());          /* whatever is allocated once and kept is allocated now */
    destroy(h.id);
    before = settled_free_frames();
    for (unsigned int i = 1; i <= build_steps(); i++) {
        build(&h, kind, i);
        bad += EXPECT("a second domain of the same id", domctl(XEN_DOMCTL_createdomain, h.id, &(struct xen_domctl){
                      .u.createdomain.max_vcpus = 1 }), -EEXIST);
        if (destroy(h.id))
            bad += wrong("destroy after step %s", build_step_name(i - 1));
        if (!memory_is_back(before))
            bad += wrong("after step %s: %ld frames are missing", build_step_name(i - 1),
                         (long)(before - free_frames()));
        if (exists(h.id))
            bad += wrong("the domain is still there after step %s", build_step_name(i - 1));
        bad += EXPECT("destroying it again", destroy(h.id), -ESRCH);
    }
    return bad;
}
