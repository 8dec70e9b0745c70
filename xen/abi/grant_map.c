/* SPDX-License-Identifier: MIT */
/* Mapping granted frames and unmapping them. A handle (maptrack entry) of the mapping domain stands for one pin of the
 * grant. Unmaps go in batches: all mappings out, one flush of the TLBs, then the pins, so that nobody can reach a frame
 * that its owner thinks is free again. */
#include "abi/grant_table.h"
#include "cpu/cpu.h"
#include "trace/trace.h"

#define MAP_FLAGS (GNTMAP_device_map | GNTMAP_host_map | GNTMAP_readonly | GNTMAP_application_map | GNTMAP_contains_pte)

/* ---- Chunks. Reading and answering many elements at once is cheaper; one that is partly out of reach is worked off
 * element by element, so that what comes before the hole is done. */

/* Up to n elements of `size` bytes from the guest's array. How many there are now; 0: not even the first can be read. */
static unsigned int chunk_read(void *to, unsigned long from, size_t size, unsigned int n)
{
    if (copy_from_guest_va(to, from, n * size) == 0)
        return n;
    return n > 1 && copy_from_guest_va(to, from, size) == 0;
}

static unsigned int chunk_of(unsigned long left)
{
    return left < GRANT_CHUNK ? (unsigned int)left : GRANT_CHUNK;
}

/* ---- Map */

static int map_pinned(struct domain *ld, struct domain *rd, struct gnttab_map_grant_ref *op, u32 handle, mfn_t mfn)
{
    bool readonly = op->flags & GNTMAP_readonly;
    int rc = GNTST_okay;

    if (op->flags & GNTMAP_host_map)
        rc = ld->row->privileged->grant_map(ld, op->host_addr, mfn, op->flags, readonly);
    if (rc != GNTST_okay)
        return rc;
    if (op->flags & GNTMAP_device_map)
        op->dev_bus_addr = (u64)mfn << PAGE_SHIFT;   /* no IOMMU: devices see machine addresses */
    op->handle = handle;
    maptrack_set(ld->grant_table, handle,
                 (struct maptrack){ .ref = op->ref, .domid = rd->id, .flags = op->flags & MAP_FLAGS });
    return GNTST_okay;
}

/* What the elements of a chunk share: handles, of which `used` stand for mappings, and the domain that the last element
 * named, with a reference, since the next names it as a rule. */
struct mapping {
    u32 handle[GRANT_CHUNK];
    unsigned int got, used;
    struct domain *rd;
};

static struct domain *granter(struct mapping *m, domid_t id)
{
    if (m->rd && m->rd->id == id)
        return m->rd;
    if (m->rd)
        domain_put(m->rd);
    m->rd = id < DOMID_FIRST_RESERVED ? domain_get(id) : NULL;
    return m->rd;
}

static int map_one(struct gnttab_map_grant_ref *op, struct mapping *m)
{
    bool readonly = op->flags & GNTMAP_readonly;
    struct domain *rd, *ld = current->domain;
    struct grant_view view;
    mfn_t mfn;
    int rc;

    if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map)))
        return GNTST_bad_gntref;
    rd = granter(m, op->dom);
    if (!rd)
        return GNTST_bad_domain;
    if (m->used == m->got)
        return GNTST_no_space;
    rc = grant_pin(rd, op->ref, ld->id, !readonly, true, &mfn, &view);
    if (rc != GNTST_okay)
        return rc;
    rc = map_pinned(ld, rd, op, m->handle[m->used], mfn);
    if (rc != GNTST_okay) {
        grant_unpin(rd, op->ref, !readonly);
        return rc;
    }
    m->used++;
    trace(TRC_MEM_PAGE_GRANT_MAP, rd->id);
    if (op->ref >= GNTTAB_NR_RESERVED_ENTRIES && rd->row->io->page_shared)
        rd->row->io->page_shared(rd);
    return GNTST_okay;
}

static void map_chunk(struct gnttab_map_grant_ref *op, unsigned int n)
{
    struct grant_table *t = current->domain->grant_table;
    struct mapping m;

    m.rd = NULL;
    m.used = 0;
    m.got = maptrack_get(t, m.handle, n);
    for (unsigned int i = 0; i < n; i++)
        op[i].status = (int16_t)map_one(&op[i], &m);
    if (m.used < m.got)
        maptrack_put(t, m.handle + m.used, m.got - m.used);
    if (m.rd)
        domain_put(m.rd);
}

long grant_map_array(unsigned long uop, unsigned long count)
{
    struct gnttab_map_grant_ref op[GRANT_CHUNK];
    unsigned int n;

    for (unsigned long done = 0; done < count; done += n) {
        unsigned long at = uop + done * sizeof(op[0]);

        if (done && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, GNTTABOP_map_grant_ref, at, count - done);
        n = chunk_read(op, at, sizeof(op[0]), chunk_of(count - done));
        if (n == 0)
            return -EFAULT;
        map_chunk(op, n);
        if (copy_to_guest_va(at, op, n * sizeof(op[0])))
            return -EFAULT;
    }
    return 0;
}

/* ---- Unmap */

union unmap {
    struct gnttab_unmap_grant_ref grant;
    struct gnttab_unmap_and_replace replace;
};

/* Mappings of rd's grants that are gone, their pins not yet; a reference to rd while there are any. */
struct gone {
    struct domain *rd;
    unsigned int n;
    u32 handle[GRANT_CHUNK], ref[GRANT_CHUNK];
    bool write[GRANT_CHUNK];
};

/* After the mappings: no TLB has them any more, then the pins go. */
static void unmap_finish(struct gone *g)
{
    struct domain *ld = current->domain;

    if (g->n) {
        ledger_count(current, LEDGER_TLB_FLUSH);
        flush_tlb_mask(ld->dirty_cpus);
        grant_unpin_all(g->rd, g->ref, g->write, g->n);
        maptrack_put(ld->grant_table, g->handle, g->n);
    }
    if (g->rd)
        domain_put(g->rd);
    g->rd = NULL;
    g->n = 0;
}

/* The domain whose grant a claimed handle maps: what is gone is of one domain's only. It exists: a pin holds one of its
 * frames. */
static struct domain *gone_of(struct gone *g, domid_t id)
{
    if (g->rd && g->rd->id == id)
        return g->rd;
    unmap_finish(g);
    g->rd = domain_get(id);
    return g->rd;
}

/* Takes the mappings that u names away, as far as it names them. */
static int unmap_claimed(struct domain *ld, const union unmap *u, bool replace, struct maptrack *m, mfn_t mfn)
{
    u64 host_addr = replace ? u->replace.host_addr : u->grant.host_addr;
    u64 dev_bus_addr = replace ? 0 : u->grant.dev_bus_addr;

    if (dev_bus_addr && m->flags & GNTMAP_device_map) {
        if (dev_bus_addr != (u64)mfn << PAGE_SHIFT)
            return GNTST_bad_dev_addr;
        m->flags &= (u16)~GNTMAP_device_map;
    }
    if (host_addr && m->flags & GNTMAP_host_map) {
        int rc = ld->row->privileged->grant_unmap(ld, host_addr, mfn, m->flags, replace ? u->replace.new_addr : 0);

        if (rc != GNTST_okay)
            return rc;
        m->flags &= (u16)~GNTMAP_host_map;
    }
    return GNTST_okay;
}

static int unmap_one(const union unmap *u, bool replace, struct gone *g)
{
    u32 handle = replace ? u->replace.handle : u->grant.handle;
    struct domain *rd, *ld = current->domain;
    struct maptrack m;
    int rc;

    if (!maptrack_claim(ld->grant_table, handle, &m))
        return GNTST_bad_handle;
    rd = gone_of(g, m.domid);
    if (!rd) {
        maptrack_set(ld->grant_table, handle, m);
        return GNTST_bad_domain;
    }
    rc = unmap_claimed(ld, u, replace, &m, grant_pinned_frame(rd, m.ref));
    if (m.flags & (GNTMAP_device_map | GNTMAP_host_map)) {
        maptrack_set(ld->grant_table, handle, m);
        return rc;
    }
    trace(TRC_MEM_PAGE_GRANT_UNMAP, rd->id);
    g->handle[g->n] = handle;   /* stays claimed until unmap_finish() */
    g->ref[g->n] = m.ref;
    g->write[g->n++] = !(m.flags & GNTMAP_readonly);
    return rc;
}

static void unmap_chunk(union unmap *u, unsigned int n, bool replace)
{
    struct gone g;

    g.rd = NULL;
    g.n = 0;
    for (unsigned int i = 0; i < n; i++) {
        int16_t status = (int16_t)unmap_one(&u[i], replace, &g);

        *(replace ? &u[i].replace.status : &u[i].grant.status) = status;
    }
    unmap_finish(&g);
}

long grant_unmap_array(unsigned long uop, unsigned long count, bool replace)
{
    unsigned long cmd = replace ? GNTTABOP_unmap_and_replace : GNTTABOP_unmap_grant_ref;
    union unmap u[GRANT_CHUNK];
    unsigned int n;

    _Static_assert(sizeof(u[0].grant) == sizeof(u[0]) && sizeof(u[0].replace) == sizeof(u[0]), "arrays of either");
    for (unsigned long done = 0; done < count; done += n) {
        unsigned long at = uop + done * sizeof(u[0]);

        if (done && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, cmd, at, count - done);
        n = chunk_read(u, at, sizeof(u[0]), chunk_of(count - done));
        if (n == 0)
            return -EFAULT;
        unmap_chunk(u, n, replace);
        if (copy_to_guest_va(at, u, n * sizeof(u[0])))
            return -EFAULT;
    }
    return 0;
}

/* ---- Destruction */

/* The page tables (or nested ones) of d go later, and hold their own references until then. */
int grant_domain_release_mappings(struct domain *d)
{
    struct grant_table *t = d->grant_table;
    struct maptrack m;

    if (!t)
        return 0;
    while (t->release_cursor < t->nr_maptrack) {
        u32 handle = t->release_cursor++;
        struct domain *rd;

        if (maptrack_claim(t, handle, &m)) {
            rd = domain_get(m.domid);
            if (rd) {
                grant_unpin(rd, m.ref, !(m.flags & GNTMAP_readonly));
                domain_put(rd);
            }
            maptrack_put(t, &handle, 1);
        }
        if (handle % 64 == 63 && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}
