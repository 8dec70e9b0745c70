/* SPDX-License-Identifier: MIT */
/* Populate on demand as the domain builder and libxl use it: what each step leaves of a domain's frames, of those kept for
 * it, and of gfns that have none. */
#include "call.h"

#include <sys/mman.h>

#include <xenforeignmemory.h>

#define BEFORE_MEMORY 4          /* steps of half_built.c: up to the paging pool; the limit is 1536 pages */
#define LIMIT 1536

static xenforeignmemory_handle *foreign;

static int counts(const char *when, const struct xen_pod_target *seen, uint64_t total, uint64_t cache, uint64_t entries)
{
    if (seen->tot_pages == total && seen->pod_cache_pages == cache && seen->pod_entries == entries)
        return 0;
    return wrong("%s: %lu pages, %lu kept, %lu on demand; not %lu, %lu, %lu", when, (unsigned long)seen->tot_pages,
                 (unsigned long)seen->pod_cache_pages, (unsigned long)seen->pod_entries, (unsigned long)total,
                 (unsigned long)cache, (unsigned long)entries);
}

static int target(const struct half_built *h, const char *when, uint64_t pages, uint64_t total, uint64_t cache,
                  uint64_t entries)
{
    struct xen_pod_target t = { .target_pages = pages, .domid = (domid_t)h->id };
    long rc = memory_op(XENMEM_set_pod_target, &t, sizeof(t));

    return rc ? wrong("%s: a target of %lu: %ld", when, (unsigned long)pages, rc) : counts(when, &t, total, cache, entries);
}

static int now(const struct half_built *h, const char *when, uint64_t total, uint64_t cache, uint64_t entries)
{
    struct xen_pod_target t = { .domid = (domid_t)h->id };
    long rc = memory_op(XENMEM_get_pod_target, &t, sizeof(t));

    return rc ? wrong("%s: getting the target: %ld", when, rc) : counts(when, &t, total, cache, entries);
}

/* n extents from first on, one behind the other; what the call answers. */
static long extents(domid_t id, unsigned int op, unsigned int flags, xen_pfn_t first, unsigned int n, unsigned int order)
{
    struct xen_memory_reservation r = { .nr_extents = n, .extent_order = order, .mem_flags = flags, .domid = id };
    xen_pfn_t *list = (xen_pfn_t *)buffer;

    for (unsigned int i = 0; i < n; i++)
        list[i] = first + ((xen_pfn_t)i << order);
    set_xen_guest_handle(r.extent_start, list);
    return memory_op(op, &r, sizeof(r));
}

static int mark(const struct half_built *h, xen_pfn_t first, unsigned int n, unsigned int order)
{
    long done = extents((domid_t)h->id, XENMEM_populate_physmap, XENMEMF_populate_on_demand, first, n, order);

    return done == n ? 0 : wrong("%ld of %u extents from %lx on are on demand", done, n, first);
}

static int give_back(const struct half_built *h, xen_pfn_t first, unsigned int n, unsigned int order)
{
    long done = extents((domid_t)h->id, XENMEM_decrease_reservation, 0, first, n, order);

    return done == n ? 0 : wrong("%ld of %u extents from %lx on are given back", done, n, first);
}

static char *map(const struct half_built *h, xen_pfn_t gfn)
{
    return xenforeignmemory_map(foreign, h->id, PROT_READ | PROT_WRITE, 1, &gfn, NULL);
}

static bool is_zero(const char *page)
{
    for (unsigned int i = 0; i < PAGE; i++)
        if (page[i])
            return false;
    return true;
}

/* The first access by whoever maps it; the balloon driver's requests, made for the domain. */
static int whole_way(void)
{
    struct xen_pod_target beyond = { .target_pages = LIMIT + 1 };
    struct half_built h;
    char *page;
    int bad = 0;

    build(&h, KIND_PVH, BEFORE_MEMORY);
    bad += target(&h, "before there is memory", 600, 600, 600, 0);
    bad += mark(&h, 0, 2, 9) + mark(&h, 1024, 100, 0) + now(&h, "built", 600, 600, 1124);
    bad += mark(&h, 1024, 100, 0) + now(&h, "the same once more", 600, 600, 1124);
    if (extents(DOMID_SELF, XENMEM_populate_physmap, XENMEMF_populate_on_demand, 0x7000000, 1, 0) > 0)
        bad += wrong("memory on demand for the caller itself");
    beyond.domid = (domid_t)h.id;
    bad += EXPECT("a target beyond the limit", memory_op(XENMEM_set_pod_target, &beyond, sizeof(beyond)), -EINVAL);
    beyond.domid = NOBODY;
    bad += EXPECT("a target for nobody", memory_op(XENMEM_set_pod_target, &beyond, sizeof(beyond)), -ESRCH);
    page = map(&h, 5);
    if (!page || !is_zero(page))
        return bad + wrong("the first access: %s", page ? "not zero" : strerror(errno));
    bad += now(&h, "one access", 600, 88, 612);
    if (extents((domid_t)h.id, XENMEM_populate_physmap, XENMEMF_populate_on_demand, 7, 1, 0) != 0)
        bad += wrong("a page with contents is on demand");
    bad += target(&h, "a lower target", 500, 600, 88, 612) + target(&h, "a higher one", 650, 650, 138, 612);
    bad += give_back(&h, 1024, 100, 0) + now(&h, "gave back what it never had", 650, 138, 512);
    bad += give_back(&h, 10, 1, 0) + now(&h, "gave back a page", 650, 139, 512);
    bad += give_back(&h, 512, 1, 9) + now(&h, "gave back all the rest", 511, 0, 0);
    bad += target(&h, "none is on demand any more", 700, 511, 0, 0);
    xenforeignmemory_unmap(foreign, page, 1);
    if (destroy(h.id))
        bad += wrong("destroy");
    return bad;
}

/* Pages that were only read, or zeroed, make room for others; when none are left, the domain is crashed. */
static int exhausted(void)
{
    struct xen_domctl info = { 0 };
    struct half_built h;
    int bad = 0;
    char *page;

    build(&h, KIND_PVH, BEFORE_MEMORY);
    bad += target(&h, "before there is memory", 40, 40, 40, 0) + mark(&h, 0, 128, 0);
    for (xen_pfn_t gfn = 0; gfn < 128; gfn++) {
        page = map(&h, gfn);
        if (!page || !is_zero(page))
            return bad + wrong("page %lu, one after the other: %s", gfn, page ? "not zero" : strerror(errno));
        xenforeignmemory_unmap(foreign, page, 1);
    }
    for (xen_pfn_t gfn = 0; gfn < 40; gfn++) {
        page = map(&h, gfn);
        if (!page)
            return bad + wrong("page %lu for writing: %s", gfn, strerror(errno));
        memset(page, 0x55, PAGE);
        xenforeignmemory_unmap(foreign, page, 1);
    }
    bad += now(&h, "all written to", 40, 0, 88);
    page = map(&h, 100);
    if (page)
        bad += wrong("a page more than there are");
    if (domctl(XEN_DOMCTL_getdomaininfo, h.id, &info) || !(info.u.getdomaininfo.flags & XEN_DOMINF_shutdown) ||
        (info.u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask) != SHUTDOWN_crash)
        bad += wrong("a domain without memory is not crashed");
    if (destroy(h.id))
        bad += wrong("destroy");
    return bad;
}

/* In the midst of being made, with everything kept and nothing used. */
static int abandoned(void)
{
    struct half_built h;
    int bad = 0;

    build(&h, KIND_PVH, BEFORE_MEMORY);
    bad += target(&h, "before there is memory", 1400, 1400, 1400, 0) + mark(&h, 0, 1, 18);
    bad += now(&h, "1 GiB", 1400, 1400, 1 << 18);
    if (destroy(h.id))
        bad += wrong("destroy");
    return bad;
}

int test_on_demand(enum kind kind)
{
    struct half_built h;
    uint64_t before;
    int bad = 0;

    if (kind == KIND_PV)
        return 0;                            /* such a domain knows its frames */
    foreign = xenforeignmemory_open(NULL, 0);
    build(&h, kind, build_steps());
    destroy(h.id);
    (void)whole_way();                       /* whatever is allocated once and kept is allocated now */
    before = settled_free_frames();
    bad += whole_way() + exhausted() + abandoned();
    if (!memory_is_back(before))
        bad += wrong("%ld frames are missing", (long)(before - settled_free_frames()));
    xenforeignmemory_close(foreign);
    return bad;
}
