/* SPDX-License-Identifier: MIT */
/* Mapping granted frames and unmapping them. A handle (maptrack entry) of the mapping domain stands for one pin of the
 * grant. Unmaps go in batches: all mappings out, one flush of the TLBs, then the pins, so that nobody can reach a frame
 * that its owner thinks is free again. */
#include "abi/grant_table.h"
#include "cpu/cpu.h"
#include "trace/trace.h"

#define UNMAP_BATCH 32
#define MAP_FLAGS (GNTMAP_device_map | GNTMAP_host_map | GNTMAP_readonly | GNTMAP_application_map | GNTMAP_contains_pte)

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

static int map_one(struct gnttab_map_grant_ref *op)
{
    bool readonly = op->flags & GNTMAP_readonly;
    struct domain *rd, *ld = current->domain;
    struct grant_view view;
    u32 handle;
    mfn_t mfn;
    int rc;

    if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map)))
        return GNTST_bad_gntref;
    rd = op->dom < DOMID_FIRST_RESERVED ? domain_get(op->dom) : NULL;
    if (!rd)
        return GNTST_bad_domain;
    rc = GNTST_no_space;
    handle = maptrack_get(ld->grant_table);
    if (handle == MAPTRACK_NONE)
        goto put_domain;
    rc = grant_pin(rd, op->ref, ld->id, !readonly, true, &mfn, &view);
    if (rc != GNTST_okay)
        goto put_handle;
    rc = map_pinned(ld, rd, op, handle, mfn);
    if (rc == GNTST_okay) {
        trace(TRC_MEM_PAGE_GRANT_MAP, rd->id);
        if (op->ref >= GNTTAB_NR_RESERVED_ENTRIES && rd->row->io->page_shared)
            rd->row->io->page_shared(rd);
        goto put_domain;
    }
    grant_unpin(rd, op->ref, !readonly);
put_handle:
    maptrack_put(ld->grant_table, &handle, 1);
put_domain:
    domain_put(rd);
    return rc;
}

void grant_op_map(void *p)
{
    struct gnttab_map_grant_ref *op = p;

    op->status = (int16_t)map_one(op);
}

/* ---- Unmap */

struct unmap {
    u64 host_addr, dev_bus_addr, new_addr;
    u32 handle;
    /* A mapping that is gone, its pin not yet. */
    struct domain *rd;
    u32 ref;
    bool write;
};

/* Takes the mappings that u names away, as far as it names them. The pin is left in u when none remains. */
static int unmap_claimed(struct domain *ld, struct unmap *u, struct maptrack *m, mfn_t mfn)
{
    if (u->dev_bus_addr && m->flags & GNTMAP_device_map) {
        if (u->dev_bus_addr != (u64)mfn << PAGE_SHIFT)
            return GNTST_bad_dev_addr;
        m->flags &= (u16)~GNTMAP_device_map;
    }
    if (u->host_addr && m->flags & GNTMAP_host_map) {
        int rc = ld->row->privileged->grant_unmap(ld, u->host_addr, mfn, m->flags, u->new_addr);

        if (rc != GNTST_okay)
            return rc;
        m->flags &= (u16)~GNTMAP_host_map;
    }
    return GNTST_okay;
}

static int unmap_one(struct unmap *u)
{
    struct domain *rd, *ld = current->domain;
    struct maptrack m;
    int rc;

    u->rd = NULL;
    if (!maptrack_claim(ld->grant_table, u->handle, &m))
        return GNTST_bad_handle;
    rd = domain_get(m.domid);   /* exists: a pin holds one of its frames */
    if (!rd) {
        maptrack_set(ld->grant_table, u->handle, m);
        return GNTST_bad_domain;
    }
    rc = unmap_claimed(ld, u, &m, grant_pinned_frame(rd, m.ref));
    if (m.flags & (GNTMAP_device_map | GNTMAP_host_map)) {
        maptrack_set(ld->grant_table, u->handle, m);
        domain_put(rd);
    } else {
        trace(TRC_MEM_PAGE_GRANT_UNMAP, rd->id);
        u->rd = rd;   /* the handle stays claimed until unmap_finish() */
        u->ref = m.ref;
        u->write = !(m.flags & GNTMAP_readonly);
    }
    return rc;
}

/* After the mappings of a batch: no TLB has them any more, then the pins go. */
static void unmap_finish(struct unmap *batch, unsigned int n)
{
    struct domain *ld = current->domain;
    u32 handles[UNMAP_BATCH];
    unsigned int gone = 0;

    for (unsigned int i = 0; i < n; i++)
        if (batch[i].rd)
            handles[gone++] = batch[i].handle;
    if (gone == 0)
        return;
    ledger_count(current, LEDGER_TLB_FLUSH);
    flush_tlb_mask(ld->dirty_cpus);
    for (unsigned int i = 0; i < n; i++) {
        if (!batch[i].rd)
            continue;
        grant_unpin(batch[i].rd, batch[i].ref, batch[i].write);
        domain_put(batch[i].rd);
    }
    maptrack_put(ld->grant_table, handles, gone);
}

/* Element i of the guest's array, of either kind. -EFAULT */
static int unmap_read(unsigned long uop, unsigned long i, bool replace, struct unmap *u)
{
    struct gnttab_unmap_and_replace r;
    struct gnttab_unmap_grant_ref g;

    if (replace) {
        if (copy_arg_from(&r, uop + i * sizeof(r)))
            return -EFAULT;
        *u = (struct unmap){ .host_addr = r.host_addr, .new_addr = r.new_addr, .handle = r.handle };
        return 0;
    }
    if (copy_arg_from(&g, uop + i * sizeof(g)))
        return -EFAULT;
    *u = (struct unmap){ .host_addr = g.host_addr, .dev_bus_addr = g.dev_bus_addr, .handle = g.handle };
    return 0;
}

static int unmap_answer(unsigned long uop, unsigned long i, bool replace, int16_t status)
{
    return copy_to_guest_va(uop + (replace ? i * sizeof(struct gnttab_unmap_and_replace) +
                                             offsetof(struct gnttab_unmap_and_replace, status)
                                           : i * sizeof(struct gnttab_unmap_grant_ref) +
                                             offsetof(struct gnttab_unmap_grant_ref, status)), &status, sizeof(status));
}

long grant_unmap_array(unsigned long uop, unsigned long count, bool replace)
{
    unsigned long size = replace ? sizeof(struct gnttab_unmap_and_replace) : sizeof(struct gnttab_unmap_grant_ref);
    unsigned long cmd = replace ? GNTTABOP_unmap_and_replace : GNTTABOP_unmap_grant_ref;
    struct unmap batch[UNMAP_BATCH];

    for (unsigned long done = 0; done < count; ) {
        unsigned int n = 0;
        int rc = 0;

        while (n < UNMAP_BATCH && done < count && rc == 0) {
            rc = unmap_read(uop, done, replace, &batch[n]);
            if (rc == 0)
                rc = unmap_answer(uop, done++, replace, (int16_t)unmap_one(&batch[n++]));
        }
        unmap_finish(batch, n);
        if (rc)
            return rc;
        if (done < count && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, cmd, uop + done * size, count - done);
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
