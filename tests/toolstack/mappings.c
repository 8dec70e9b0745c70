/* SPDX-License-Identifier: MIT */
/* A domain is destroyed while the caller has its memory mapped: as foreign frames, as a resource and by a grant. Nobody
 * else gets that memory before the mappings are gone, and everybody may have it then. */
#include "call.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <xenforeignmemory.h>
#include <xengnttab.h>

#define PAGES 64

static void mark(char *pages, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        memset(pages + (size_t)i * PAGE, (int)(0x40 + i % 64), PAGE);
}

static int check_marks(const char *pages, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        for (unsigned int at = 0; at < PAGE; at++)
            if (pages[(size_t)i * PAGE + at] != (char)(0x40 + i % 64))
                return wrong("page %u of a dead domain changed while it was mapped", i);
    return 0;
}

static int foreign(enum kind kind, uint64_t before)
{
    xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
    xen_pfn_t frames[PAGES];
    int errors[PAGES], bad = 0;
    struct half_built h, other;
    unsigned int count = kind == KIND_PV ? 2 : PAGES;
    char *pages;

    build(&h, kind, build_steps());
    for (unsigned int i = 0; i < count; i++)
        frames[i] = kind == KIND_PV ? h.frames[1 + i] : i;      /* frame 0 of a PV domain is a page table */
    pages = xenforeignmemory_map(memory, h.id, PROT_READ | PROT_WRITE, count, frames, errors);
    if (!pages)
        return wrong("mapping %u frames: %s", count, strerror(errno));
    mark(pages, count);
    if (destroy(h.id))
        bad += wrong("destroy with foreign mappings");
    if (settled_free_frames() >= before)
        bad += wrong("memory that is mapped counts as free");
    build(&other, kind, build_steps());
    bad += check_marks(pages, count);
    destroy(other.id);
    xenforeignmemory_unmap(memory, pages, count);
    xenforeignmemory_close(memory);
    if (!memory_is_back(before))
        bad += wrong("unmapped: %ld frames are missing", (long)(before - settled_free_frames()));
    if (exists(h.id))
        bad += wrong("the domain is still there after its last mapping went");
    return bad;
}

static int not_mapped(xenforeignmemory_handle *memory, const char *what, uint32_t id, xen_pfn_t frame, int rights)
{
    void *page = xenforeignmemory_map(memory, id, rights, 1, &frame, NULL);   /* NULL: one that fails fails the call */

    if (!page)
        return 0;
    xenforeignmemory_unmap(memory, page, 1);
    return wrong("%s (%lx) is mapped", what, frame);
}

static int refused(enum kind kind)
{
    xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
    struct half_built h;
    int bad = 0;

    build(&h, kind, build_steps());
    bad += not_mapped(memory, "a frame where there is nothing", h.id, 0x7ffffffff, PROT_READ);
    bad += not_mapped(memory, "a frame beyond all", h.id, 0xfffffffffffff, PROT_READ);
    bad += not_mapped(memory, "a frame of nobody's", NOBODY, h.frames[1], PROT_READ);
    if (kind == KIND_PV) {
        bad += not_mapped(memory, "a pinned page table, writable", h.id, h.frames[0], PROT_READ | PROT_WRITE);
        bad += not_mapped(memory, "a domain's frame as the hypervisor's", DOMID_XEN, h.frames[1], PROT_READ);
    }
    destroy(h.id);
    xenforeignmemory_close(memory);
    return bad;
}

/* The half-built domain's grant table is mapped as a resource, an entry is written as its kernel would, and the frame is
 * mapped by that grant. */
static int granted(enum kind kind, uint64_t before)
{
    xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
    xengnttab_handle *grants = xengnttab_open(NULL, 0);
    xenforeignmemory_resource_handle *resource;
    grant_entry_v1_t *table = NULL;
    struct half_built h;
    char *page;
    int bad = 0;

    build(&h, kind, build_steps());
    resource = xenforeignmemory_map_resource(memory, (domid_t)h.id, XENMEM_resource_grant_table,
                                             XENMEM_resource_grant_table_id_shared, 0, 1, (void **)&table,
                                             PROT_READ | PROT_WRITE, 0);
    if (!resource || !grants)
        return wrong("the grant table as a resource: %s", strerror(errno));
    table[9] = (grant_entry_v1_t){ .flags = GTF_permit_access, .domid = 0,
                                   .frame = (uint32_t)(kind == KIND_PV ? h.frames[1] : 5) };
    page = xengnttab_map_grant_ref(grants, h.id, 9, PROT_READ | PROT_WRITE);
    if (!page)
        return wrong("mapping a grant: %s", strerror(errno));
    mark(page, 1);
    if (!(table[9].flags & GTF_reading) || !(table[9].flags & GTF_writing))
        bad += wrong("the entry of a mapped grant has flags %x", table[9].flags);
    if (destroy(h.id))
        bad += wrong("destroy with a granted frame mapped");
    bad += check_marks(page, 1);
    xengnttab_unmap(grants, page, 1);
    xenforeignmemory_unmap_resource(memory, resource);
    xengnttab_close(grants);
    xenforeignmemory_close(memory);
    if (!memory_is_back(before))
        bad += wrong("grant unmapped: %ld frames are missing", (long)(before - settled_free_frames()));
    if (exists(h.id))
        bad += wrong("the domain is still there after its last grant was unmapped");
    return bad;
}

int test_mappings(enum kind kind)
{
    struct half_built h;
    uint64_t before;

    build(&h, kind, build_steps());
    destroy(h.id);
    granted(kind, settled_free_frames());    /* the kernel's own first mapping of each kind allocates what it keeps */
    before = settled_free_frames();
    return refused(kind) + foreign(kind, before) + granted(kind, before);
}
