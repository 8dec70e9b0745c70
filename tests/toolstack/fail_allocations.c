/* SPDX-License-Identifier: MIT */
/* A domain is created with all that a toolstack asks for, and the n-th allocation on the way fails, for every n: each call
 * says so or does without, the same call succeeds the next time, and after the destruction all is back. For the hypervisor's
 * debug build, which can be told to fail an allocation (/debug of its file system). */
#include "call.h"

#include <stddef.h>
#include <stdlib.h>

#include <xen/hvm/dm_op.h>
#include <xen/hvm/save.h>
#include <xen/hypfs.h>
#include <xen/physdev.h>

#define VCPUS 2
#define PAGES 8                      /* populated one by one */
#define LATER 8192                   /* gfn of what is populated on demand */
#define LARGE 1024                   /* gfn of a page of 2 MiB */
#define PLACES 0x3000                /* gfns of the hypervisor's own pages */
#define LEAVES 128
#define MOST 5000                    /* allocations that a creation may have */
#define SLAB_FRAMES 16               /* pages of the allocator of small objects that may stay for a while */

/* Parts of the buffer. The list of a call, its second argument, a path of the file system and what is in the file. */
#define LIST 0
#define MORE (8 * PAGE)
#define PATH (14 * PAGE)
#define TEXT (15 * PAGE)

enum { PV = 1 << KIND_PV, PVH = 1 << KIND_PVH, PC = 1 << KIND_PC, CONTAINER = PVH | PC, ALL = PV | CONTAINER };

struct made {
    enum kind kind;
    uint32_t id;
    unsigned int populated;
    xen_pfn_t frames[PAGES];
    ioservid_t server;
};

/* ---- The fault */

static long hypfs(unsigned int command, const char *path, size_t size)
{
    strcpy(buffer + PATH, path);
    return call5(__HYPERVISOR_hypfs_op, command, (uint64_t)(buffer + PATH), strlen(path) + 1, (uint64_t)(buffer + TEXT), size);
}

static long hypfs_write(const char *path, const char *text)
{
    strcpy(buffer + TEXT, text);
    return hypfs(XEN_HYPFS_OP_write_contents, path, strlen(text) + 1);
}

/* The contents, which stay until the next call; NULL: there is no such file. */
static const char *hypfs_read(const char *path)
{
    return hypfs(XEN_HYPFS_OP_read, path, PAGE) ? NULL : buffer + TEXT + sizeof(struct xen_hypfs_direntry);
}

static bool fail_at(unsigned int n)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", n);
    return hypfs_write("/debug/fail-allocation", text) == 0;
}

static bool has_failed(void)
{
    const char *text = hypfs_read("/debug/fail-allocation");

    return text && !strcmp(text, "0");
}

/* ---- Steps. Each returns 0, or the errno; -ENOMEM also where the call says it by having done less. It can be repeated. */

static long step_create(struct made *m)
{
    struct xen_domctl op = { .u.createdomain = {
        .max_vcpus = VCPUS, .max_evtchn_port = 1023, .max_grant_frames = 8, .max_maptrack_frames = 8,
        .grant_opts = XEN_DOMCTL_GRANT_version(2) } };
    long rc;

    if (m->kind != KIND_PV)
        op.u.createdomain.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    if (m->kind == KIND_PVH)
        op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_LAPIC;
    if (m->kind == KIND_PC)
        op.u.createdomain.arch.emulation_flags = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI;
    rc = domctl(XEN_DOMCTL_createdomain, DOMID_INVALID, &op);
    if (rc == 0)
        m->id = op.domain;
    return rc;
}

static long step_vcpus(struct made *m)
{
    struct xen_domctl op = { .u.max_vcpus.max = VCPUS };

    return domctl(XEN_DOMCTL_max_vcpus, m->id, &op);
}

static long step_limit(struct made *m)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = 4096 * 4 };

    return domctl(XEN_DOMCTL_max_mem, m->id, &op);
}

static long step_pool(struct made *m)
{
    struct xen_domctl op = { .u.paging_mempool.size = 4 << 20 };

    return domctl(XEN_DOMCTL_set_paging_mempool_size, m->id, &op);
}

static long step_policy(struct made *m)
{
    struct xen_domctl op = { .u.cpu_policy = { .nr_leaves = LEAVES, .nr_msrs = 2 } };
    long rc;

    set_xen_guest_handle(op.u.cpu_policy.leaves, (xen_cpuid_leaf_t *)(buffer + LIST));
    set_xen_guest_handle(op.u.cpu_policy.msrs, (xen_msr_entry_t *)(buffer + MORE));
    rc = domctl(XEN_DOMCTL_get_cpu_policy, m->id, &op);
    return rc ? rc : domctl(XEN_DOMCTL_set_cpu_policy, m->id, &op);
}

static long step_weight(struct made *m)
{
    struct xen_domctl op = { .u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo };
    struct xen_sysctl scheduler = { 0 };
    long rc = sysctl(XEN_SYSCTL_sched_id, &scheduler);

    op.u.scheduler_op.sched_id = scheduler.u.sched_id.sched_id;
    if (rc == 0)
        rc = domctl(XEN_DOMCTL_scheduler_op, m->id, &op);
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    return rc ? rc : domctl(XEN_DOMCTL_scheduler_op, m->id, &op);
}

static long step_memory_map(struct made *m)
{
    struct xen_foreign_memory_map request = { .domid = (domid_t)m->id, .map.nr_entries = 2 };
    struct { uint64_t address, size; uint32_t type; } __attribute__((packed)) map[2] = {
        { 0, PAGES * PAGE, 1 }, { 1 << 30, PAGE, 2 } };

    memcpy(buffer + LIST, map, sizeof(map));
    request.map.buffer.p = buffer + LIST;
    return memory_op(XENMEM_set_memory_map, &request, sizeof(request));
}

/* Extents as many calls as there are; 0 if the call has done them. */
static long extents(const struct made *m, unsigned int op, unsigned int flags, xen_pfn_t first, unsigned int n,
                    unsigned int order)
{
    struct xen_memory_reservation r = { .nr_extents = n, .extent_order = order, .mem_flags = flags, .domid = (domid_t)m->id };
    xen_pfn_t *list = (xen_pfn_t *)(buffer + LIST);

    for (unsigned int i = 0; i < n; i++)
        list[i] = first + i;
    set_xen_guest_handle(r.extent_start, list);
    return memory_op(op, &r, sizeof(r)) == n ? 0 : -ENOMEM;
}

/* Frames are set aside, and a large page and a small one are to come out of them. */
static long step_on_demand(struct made *m)
{
    struct xen_pod_target target = { .target_pages = 520, .domid = (domid_t)m->id };
    long rc = memory_op(XENMEM_set_pod_target, &target, sizeof(target));

    if (rc == 0)
        rc = extents(m, XENMEM_populate_physmap, XENMEMF_populate_on_demand, LATER, 1, 9);
    return rc ? rc : extents(m, XENMEM_populate_physmap, XENMEMF_populate_on_demand, LATER + 520, 1, 0);
}

static long step_memory(struct made *m)
{
    for (; m->populated < PAGES; m->populated++) {
        if (extents(m, XENMEM_populate_physmap, 0, m->populated, 1, 0))
            return -ENOMEM;
        m->frames[m->populated] = *(xen_pfn_t *)(buffer + LIST);
    }
    return 0;
}

static long step_large(struct made *m) { return extents(m, XENMEM_populate_physmap, 0, LARGE, 1, 9); }

/* Out of the middle of the large page; what is not there any more was given back before. */
static long step_give_back(struct made *m)
{
    return extents(m, XENMEM_decrease_reservation, 0, m->kind == KIND_PV ? m->frames[PAGES - 1] : LARGE + 7, 1, 0);
}

static long step_claim(struct made *m)
{
    struct xen_memory_reservation r = { .nr_extents = 1400, .domid = (domid_t)m->id };
    long rc = memory_op(XENMEM_claim_pages, &r, sizeof(r));

    r.nr_extents = 0;
    return rc ? rc : memory_op(XENMEM_claim_pages, &r, sizeof(r));
}

static long step_places(struct made *m)
{
    struct xen_add_to_physmap place = { .domid = (domid_t)m->id, .space = XENMAPSPACE_shared_info, .gpfn = PLACES };
    long rc = memory_op(XENMEM_add_to_physmap, &place, sizeof(place));

    place.space = XENMAPSPACE_grant_table;
    for (place.idx = 0; place.idx < 3 && rc == 0; place.idx++) {
        place.gpfn = PLACES + 0x200 * (place.idx + 1);        /* each in a table of its own */
        rc = memory_op(XENMEM_add_to_physmap, &place, sizeof(place));
    }
    return rc;
}

static long step_out_of_place(struct made *m)
{
    struct xen_remove_from_physmap place = { .domid = (domid_t)m->id, .gpfn = PLACES + 0x200 };

    return memory_op(XENMEM_remove_from_physmap, &place, sizeof(place));
}

static long step_resource(struct made *m)
{
    struct xen_mem_acquire_resource r = { .domid = (domid_t)m->id, .type = XENMEM_resource_grant_table,
                                          .id = XENMEM_resource_grant_table_id_shared, .frame = 4, .nr_frames = 2 };

    set_xen_guest_handle(r.frame_list, (xen_pfn_t *)(buffer + LIST));
    return memory_op(XENMEM_acquire_resource, &r, sizeof(r));
}

static long step_pin(struct made *m)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = m->frames[0] };

    memcpy(buffer, &op, sizeof(op));
    return call4(__HYPERVISOR_mmuext_op, (uint64_t)buffer, 1, 0, m->id);
}

static long step_context(struct made *m)
{
    vcpu_guest_context_t *context = (vcpu_guest_context_t *)(buffer + LIST);
    struct xen_domctl op = { .u.vcpucontext.vcpu = 0 };
    long rc;

    memset(context, 0, sizeof(*context));
    context->flags = VGCF_in_kernel;
    context->ctrlreg[3] = xen_pfn_to_cr3(m->frames[0]);
    set_xen_guest_handle(op.u.vcpucontext.ctxt, context);
    rc = domctl(XEN_DOMCTL_setvcpucontext, m->id, &op);
    return rc ? rc : domctl(XEN_DOMCTL_getvcpucontext, m->id, &op);
}

static long step_hvm_context(struct made *m)
{
    struct xen_domctl op = { 0 };
    long rc;

    op.u.hvmcontext.size = 8 * PAGE;
    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)(buffer + LIST));
    rc = domctl(XEN_DOMCTL_gethvmcontext, m->id, &op);
    if (rc == 0)
        rc = domctl(XEN_DOMCTL_sethvmcontext, m->id, &op);
    memset(&op, 0, sizeof(op));
    op.u.hvmcontext_partial.type = HVM_SAVE_CODE(LAPIC);
    op.u.hvmcontext_partial.bufsz = PAGE;
    set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)(buffer + LIST));
    return rc ? rc : domctl(XEN_DOMCTL_gethvmcontext_partial, m->id, &op);
}

static long step_events(struct made *m)
{
    struct evtchn_alloc_unbound port = { .dom = (domid_t)m->id, .remote_dom = DOMID_SELF };
    long rc = 0;

    for (unsigned int i = 0; i < 70 && rc == 0; i++)
        rc = event_op(EVTCHNOP_alloc_unbound, &port, sizeof(port));
    return rc;
}

static long step_parameters(struct made *m)
{
    struct xen_hvm_param param = { .domid = (domid_t)m->id, .index = HVM_PARAM_STORE_PFN, .value = PLACES + 9 };
    long rc = hvm_op(HVMOP_set_param, &param, sizeof(param));

    param.index = HVM_PARAM_CALLBACK_IRQ;
    param.value = (uint64_t)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | 0xf3;
    return rc ? rc : hvm_op(HVMOP_set_param, &param, sizeof(param));
}

/* Ports, device memory and a line: given, and a part of them taken back, which leaves two ranges. */
static long step_access(struct made *m)
{
    struct xen_domctl ports = { .u.ioport_permission = { .first_port = 0xc100, .nr_ports = 16, .allow_access = 1 } };
    struct xen_domctl frames = { .u.iomem_permission = { .first_mfn = 0xfd000, .nr_mfns = 16, .allow_access = 1 } };
    struct xen_domctl line = { .u.irq_permission = { .pirq = 9, .allow_access = 1 } };
    long rc = domctl(XEN_DOMCTL_ioport_permission, m->id, &ports);

    if (rc == 0)
        rc = domctl(XEN_DOMCTL_iomem_permission, m->id, &frames);
    if (rc == 0)
        rc = domctl(XEN_DOMCTL_irq_permission, m->id, &line);
    ports.u.ioport_permission = (struct xen_domctl_ioport_permission){ .first_port = 0xc104, .nr_ports = 4 };
    if (rc == 0)
        rc = domctl(XEN_DOMCTL_ioport_permission, m->id, &ports);
    frames.u.iomem_permission = (struct xen_domctl_iomem_permission){ .first_mfn = 0xfd004, .nr_mfns = 4 };
    return rc ? rc : domctl(XEN_DOMCTL_iomem_permission, m->id, &frames);
}

static long step_line(struct made *m)
{
    struct physdev_map_pirq op = { .domid = (domid_t)m->id, .type = MAP_PIRQ_TYPE_GSI, .index = 9, .pirq = 9 };

    memcpy(buffer + LIST, &op, sizeof(op));
    return call2(__HYPERVISOR_physdev_op, PHYSDEVOP_map_pirq, (uint64_t)(buffer + LIST));
}

/* ---- A device model's */

/* In the first of its buffers; the second is at MORE. The operation comes back. */
static long dm_op(const struct made *m, struct xen_dm_op *op)
{
    struct xen_dm_op_buf *list = (struct xen_dm_op_buf *)(buffer + PATH);
    long rc;

    memcpy(buffer + LIST, op, sizeof(*op));
    set_xen_guest_handle(list[0].h, (void *)(buffer + LIST));
    list[0].size = sizeof(*op);
    set_xen_guest_handle(list[1].h, (void *)(buffer + MORE));
    list[1].size = PAGE;
    rc = call3(__HYPERVISOR_dm_op, m->id, 2, (uint64_t)list);
    memcpy(op, buffer + LIST, sizeof(*op));
    return rc;
}

static long step_server(struct made *m)
{
    struct xen_dm_op op = { .op = XEN_DMOP_create_ioreq_server, .u.create_ioreq_server.handle_bufioreq = 2 };
    long rc = dm_op(m, &op);

    m->server = op.u.create_ioreq_server.id;
    return rc;
}

/* A range given twice is refused, so that what is there from the first time is taken away. */
static long step_ranges(struct made *m)
{
    struct xen_dm_op op = { .op = XEN_DMOP_map_io_range_to_ioreq_server, .u.map_io_range_to_ioreq_server = {
        .id = m->server, .type = XEN_DMOP_IO_RANGE_PORT, .start = 0x3000, .end = 0x300f } };
    struct xen_dm_op hole = { .op = XEN_DMOP_unmap_io_range_from_ioreq_server, .u.unmap_io_range_from_ioreq_server = {
        .id = m->server, .type = XEN_DMOP_IO_RANGE_PORT, .start = 0x3004, .end = 0x3007 } };
    struct xen_dm_op whole = { .op = XEN_DMOP_map_io_range_to_ioreq_server, .u.map_io_range_to_ioreq_server = {
        .id = m->server, .type = XEN_DMOP_IO_RANGE_MEMORY, .start = 0xf0000000, .end = 0xf0000fff } };
    long rc = dm_op(m, &op);

    if (rc == 0 || rc == -EEXIST)
        rc = dm_op(m, &hole);
    if (rc == 0 || rc == -ENOENT)
        rc = dm_op(m, &whole);
    return rc == -EEXIST ? 0 : rc;
}

static long step_enable(struct made *m)
{
    struct xen_dm_op op = { .op = XEN_DMOP_set_ioreq_server_state, .u.set_ioreq_server_state = {
        .id = m->server, .enabled = 1 } };

    return dm_op(m, &op);
}

/* The large page in parts: one of them read-only, others watched for writes. */
static long step_dirty(struct made *m)
{
    struct xen_dm_op op = { .op = XEN_DMOP_set_mem_type, .u.set_mem_type = {
        .mem_type = HVMMEM_ram_ro, .nr = 2, .first_pfn = LARGE + 100 } };
    long rc = dm_op(m, &op);

    op = (struct xen_dm_op){ .op = XEN_DMOP_track_dirty_vram, .u.track_dirty_vram = { .nr = 4, .first_pfn = 2 } };
    return rc ? rc : dm_op(m, &op);
}

static long step_row(struct made *m)
{
    char path[32];
    long rc;

    snprintf(path, sizeof(path), "/mode/%u/row", m->id);
    rc = hypfs_write(path, "HVM");
    return rc ? rc : hypfs_write(path, "PVHVM");
}

static const struct {
    const char *name;
    unsigned int kinds;
    long (*go)(struct made *m);
} steps[] = {
    { "createdomain", ALL, step_create }, { "max_vcpus", ALL, step_vcpus }, { "max_mem", ALL, step_limit },
    { "paging pool", CONTAINER, step_pool }, { "cpu policy", ALL, step_policy }, { "scheduler", ALL, step_weight },
    { "memory map", ALL, step_memory_map }, { "row", PC, step_row }, { "populate on demand", CONTAINER, step_on_demand },
    { "populate", ALL, step_memory }, { "a large page", CONTAINER, step_large }, { "claim", ALL, step_claim },
    { "places", CONTAINER, step_places }, { "a place less", CONTAINER, step_out_of_place },
    { "grant table resource", ALL, step_resource }, { "pin", PV, step_pin }, { "vcpu context", PV, step_context },
    { "hvm context", CONTAINER, step_hvm_context }, { "event channels", ALL, step_events },
    { "parameters", CONTAINER, step_parameters }, { "access", ALL, step_access }, { "line", ALL, step_line },
    { "server", PC, step_server },
    { "ranges", PC, step_ranges }, { "server state", PC, step_enable }, { "dirty memory", PC, step_dirty },
    { "decrease", ALL, step_give_back },
};

/* ---- Every n */

struct attempt {
    unsigned int n;
    bool go_on;                      /* repeat what has failed, and go on; else stop there */
    bool failed;                     /* the n-th allocation was reached */
    bool told;                       /* and a call said so */
};

/* 0: step done, or it failed as it should; *stop: the domain is left as it is. */
static int one_step(struct made *m, unsigned int step, struct attempt *a, bool *stop)
{
    long rc = steps[step].go(m);

    if (rc == 0)
        return 0;
    a->told = true;
    *stop = !a->go_on;
    if (rc != -ENOMEM || !has_failed())
        return *stop = true, wrong("allocation %u, %s: answered %ld (%s); failed in %s", a->n, steps[step].name, rc,
                                   strerror((int)-rc), hypfs_read("/debug/failed-allocation"));
    if (*stop)
        return 0;
    rc = steps[step].go(m);
    return rc ? (*stop = true, wrong("allocation %u, %s once more: %ld (%s); failed in %s", a->n, steps[step].name, rc,
                                     strerror((int)-rc), hypfs_read("/debug/failed-allocation"))) : 0;
}

static int attempt(enum kind kind, struct attempt *a, uint64_t before)
{
    struct made m = { .kind = kind, .id = NOBODY };
    bool stop = false;
    int bad = 0;

    fail_at(a->n);
    for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]) && !stop; i++)
        if (steps[i].kinds & 1u << kind)
            bad += one_step(&m, i, a, &stop);
    if (m.id != NOBODY && destroy(m.id))
        bad += wrong("allocation %u: destroy", a->n);
    a->failed = has_failed();
    fail_at(0);
    if (!memory_is_back(before - SLAB_FRAMES))
        bad += wrong("allocation %u: %ld frames are missing; failed in %s", a->n, (long)(before - settled_free_frames()),
                     hypfs_read("/debug/failed-allocation"));
    if (m.id != NOBODY && exists(m.id))
        bad += wrong("allocation %u: the domain is still there", a->n);
    return bad;
}

/* Made once and kept for good, so that there is one creation, which fails until it does not. */
static int traces(void)
{
    for (unsigned int n = 1; n < MOST; n++) {
        struct xen_sysctl op = { .u.tbuf_op = { .cmd = XEN_SYSCTL_TBUFOP_set_size, .size = 2 } };
        uint64_t before = settled_free_frames();
        long rc;

        fail_at(n);
        rc = sysctl(XEN_SYSCTL_tbuf_op, &op);
        fail_at(0);
        if (rc == 0 || rc == -EINVAL)          /* there are some of another size already */
            return 0;
        if (rc != -ENOMEM || !memory_is_back(before))
            return wrong("trace buffers, allocation %u: %ld", n, rc);
    }
    return wrong("trace buffers: no end");
}

int test_fail_allocations(enum kind kind)
{
    struct attempt a = { .failed = true };
    unsigned int silent = 0;
    uint64_t before;
    int bad = 0;

    if (!fail_at(0)) {
        printf("there is no /debug/fail-allocation: not the debug build\n");
        return 1;
    }
    /* what is allocated once is allocated now */
    bad += attempt(kind, &(struct attempt){ .go_on = true }, SLAB_FRAMES) + traces();
    before = settled_free_frames();
    for (a.n = 1; a.failed && a.n < MOST && bad < 20; a.n++) {
        a.go_on = a.told = false;
        bad += attempt(kind, &a, before);
        silent += a.failed && !a.told;
        a.go_on = true;
        if (a.failed)
            bad += attempt(kind, &a, before);
    }
    bad += attempt(kind, &(struct attempt){ .go_on = true }, before);
    if (!memory_is_back(before))
        bad += wrong("%ld frames are missing", (long)(before - settled_free_frames()));
    printf("%u allocations, %u of them done without\n", a.n - 2, silent);
    return bad;
}
