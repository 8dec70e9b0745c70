/* SPDX-License-Identifier: MIT */
// sources: xen/lib/rangeset.c devmodel/slot.c devmodel/ring.c
/* A guest's device accesses between a hostile guest, hostile servers and hostile tools: dm_ops of any kind with any
 * arguments, accesses, answers that are good, late, out of order or nonsense, in pages that the servers may write to
 * whenever they like; servers that go while somebody waits; memory that runs out. */
#include <stdarg.h>
#include <stddef.h>

#include "devmodel_tools.h"
#include "cases.h"

#define STATE_AT offsetof(struct slot, bits)

/* ---- Tools */

/* Where there is something, or nearly. */
static u64 place(struct input *in, u32 kind)
{
    static const u64 ports[] = { 0x60, 0x1f0, 0xcf8, 0xcfc, 0x10, 0xfffe };
    static const u64 memory[] = { 0xa0000, 0xb8000, 0xbfffc, 0xe0000000 };
    u8 which = (u8)take(in, 1), more = (u8)take(in, 1);

    if (which >= 0xf0)
        return take(in, 8);
    if (kind == XEN_DMOP_IO_RANGE_PORT)
        return ports[which % 6] + (more & 7);
    return kind == XEN_DMOP_IO_RANGE_MEMORY ? memory[which % 4] + more : more & 0x1f;
}

static void fill_range(struct input *in, struct xen_dm_op_ioreq_server_range *r)
{
    r->id = (ioservid_t)take(in, 1) % 9;
    r->type = (u32)take(in, 1) % 4;
    r->start = place(in, r->type);
    r->end = r->start + take(in, 1);
}

/* What the bits of arguments mostly are. */
static const u8 usual[24][24] = {
    [XEN_DMOP_create_ioreq_server] = { 3 }, [XEN_DMOP_get_ioreq_server_info] = { 7, 0, 1 },
    [XEN_DMOP_set_ioreq_server_state] = { 7, 0, 1 }, [XEN_DMOP_destroy_ioreq_server] = { 7 },
    [XEN_DMOP_track_dirty_vram] = { 0xff, 0x0f, [8] = 0xff, 0x0f }, [XEN_DMOP_set_pci_intx_level] = { [3] = 0x3f, 7, 3 },
    [XEN_DMOP_set_isa_irq_level] = { 0x1f, 3 }, [XEN_DMOP_set_pci_link_route] = { 7, 0x1f },
    [XEN_DMOP_modified_memory] = { 7 }, [XEN_DMOP_set_mem_type] = { 0xff, 0x0f, [4] = 7, [8] = 0xff, 0x0f },
    [XEN_DMOP_inject_event] = { 3, 0, 0, 0, 0xff, 7, [8] = 0xff, 0xff, 0xff, 0xff },
    [XEN_DMOP_inject_msi] = { 0xff, 0xff, 0xff, 0xff, [8] = 0xff, 0xff, 0xff, 0xff }, [XEN_DMOP_remote_shutdown] = { 7 },
    [XEN_DMOP_relocate_memory] = { 0xff, 0x0f, [8] = 0xff, 0x0f, [16] = 0xff, 0x0f },
    [XEN_DMOP_pin_memory_cacheattr] = { 0xff, [8] = 0xff, 1, [16] = 7 },
};

/* Arguments that may be right, with an extent in the second buffer; then some that are not. */
static void fill(struct input *in, struct xen_dm_op *op)
{
    struct xen_dm_op_modified_memory_extent extent = { .nr = (u32)take(in, 2), .first_pfn = take(in, 2) & 0xfff };

    memset(op, 0, sizeof(*op));
    op->op = (u32)take(in, 1) % 24;
    for (unsigned int i = 0; i < sizeof(usual[0]); i++)
        if (usual[op->op][i])
            ((u8 *)&op->u)[i] = (u8)take(in, 1) & usual[op->op][i];
    if (op->op == XEN_DMOP_map_io_range_to_ioreq_server || op->op == XEN_DMOP_unmap_io_range_from_ioreq_server)
        fill_range(in, &op->u.map_io_range_to_ioreq_server);
    memcpy(shared.scratch, &extent, sizeof(extent));
    if (take(in, 1) > 0xe0)
        damage(in, (u8 *)op, sizeof(*op));
}

/* A call as a tool makes it, until it is done. Nothing but the tool's own memory is read or written. */
static void tool_calls(struct input *in, u8 kind)
{
    domid_t id = kind & 4 ? guest.id : (domid_t)take(in, 1) % 12;
    unsigned int nr = kind & 2 ? 1 + (kind & 1u) : (unsigned int)take(in, 1) % 4;
    unsigned int turns = 0;
    long rc;

    running = tool_vcpus[kind >> 3 & 1];
    fill(in, &shared.op);
    shared.list[0] = (struct xen_dm_op_buf){ .h = { &shared.op }, .size = sizeof(shared.op) };
    shared.list[1] = (struct xen_dm_op_buf){ .h = { shared.scratch }, .size = sizeof(shared.scratch) };
    if (take(in, 1) > 0xe0)
        damage(in, (u8 *)shared.list, sizeof(shared.list));
    do
        rc = hypercall_dm_op(id, nr, (unsigned long)&shared.list, 0, 0, 0);
    while (rc == CONTINUED && ++turns < 10 * FRAMES);
    check(rc == 0 || (rc < 0 && rc >= -4095) || rc == 2);
}

/* What a good tool asks of its server, and in the end that it goes. */
static void owner_calls(struct input *in, u8 kind)
{
    struct server *s = guest.devmodel->server[take(in, 1) % MAX_SERVERS];
    struct xen_dm_op_get_ioreq_server_info info = { .id = s ? s->id : 0 };

    if (!s)
        return;
    running = s->owner == tools.id ? &tool_vcpu : &other_vcpu;
    switch (kind & 3) {
    case 0: (void)server_info(&guest, &info); break;
    case 1: (void)server_set_state(&guest, s->id, true); break;
    case 2: (void)server_set_state(&guest, s->id, false); break;
    default: check(server_destroy(&guest, s->id) == 0); break;
    }
}

static void resource(struct input *in)
{
    mfn_t mfn = INVALID_MFN;

    running = &tool_vcpu;
    if (devmodel_resource_frame(&guest, (u32)take(in, 1), take(in, 1) % 4, &mfn) == 0)
        check(mfn != INVALID_MFN);
}

/* ---- Servers */

static struct io_access under_way[VCPUS];
static bool tampered;                /* has a server written a state that it may not? */
static bool deserted;                /* has anyone who serves one closed a port? */

static struct server *server_of(struct input *in)
{
    return guest.devmodel->server[take(in, 1) % MAX_SERVERS];
}

static void notify(struct server *s, u32 id)
{
    ports[s->port[id]].fn(&vcpus[id], s->port[id]);
    if (vcpus[id].devmodel->server == s)
        check(!test_bit(VPF_IO, &vcpus[id].pause_flags));
}

/* As it should be done, but for what it may say. */
static void server_answers(struct input *in, u32 id)
{
    struct server *s = vcpus[id].devmodel->server;
    struct slot *slot = s ? (struct slot *)s->slots.memory + id : NULL;
    u8 state;

    if (!s)
        return;
    state = slot->bits & SLOT_STATE;
    slot->data = take(in, 8);
    if (state == STATE_IOREQ_READY || state == STATE_IOREQ_INPROCESS)
        slot->bits = (u8)((slot->bits & ~SLOT_STATE) |
                          (state == STATE_IOREQ_READY && take(in, 1) & 1 ? STATE_IOREQ_INPROCESS : STATE_IORESP_READY));
    notify(s, id);
}

/* Anything but a slot's state, in flight or not. */
static void server_rewrites(struct input *in, u32 id)
{
    struct server *s = server_of(in);
    u8 *slot = s ? (u8 *)s->slots.memory + id * sizeof(struct slot) : NULL;

    for (u8 n = (u8)take(in, 1) % 8; slot && n > 0; n--) {
        u32 at = (u32)take(in, 1) % sizeof(struct slot), value = (u32)take(in, 1);
        slot[at] = (u8)(at == STATE_AT ? (slot[at] & SLOT_STATE) | (value & ~SLOT_STATE) : value);
    }
}

static void server_goes_mad(struct input *in, u8 kind)
{
    struct server *s = server_of(in);
    u8 *page = s ? kind & 1 && s->ring.memory ? s->ring.memory : s->slots.memory : NULL;

    for (u8 n = (u8)take(in, 1) % 16; page && n > 0; n--) {
        u32 at = (u32)take(in, 2) % PAGE_SIZE;
        page[kind & 2 ? at % VCPUS * sizeof(struct slot) + STATE_AT : at] = (u8)take(in, 1) & (kind & 2 ? 3 : 0xff);
    }
    tampered |= s && page == s->slots.memory;
    if (s && kind & 4)
        notify(s, kind >> 3 & 1);
}

/* Whoever serves it closes a port, or opens it again. */
static void server_deserts(struct input *in, u32 id)
{
    struct server *s = server_of(in);

    if (!s)
        return;
    ports[s->port[id]].deserted = !ports[s->port[id]].deserted;
    deserted = true;
    notify(s, id);
}

/* ---- The guest */

static struct io_access make_access(struct input *in, u8 kind)
{
    struct io_access a = { .port = kind & 1, .write = kind & 2, .count = 1, .size = (u8)(1 << (take(in, 1) & 3)) };

    if (a.port && a.size == 8)
        a.size = 2;
    a.address = place(in, a.port ? XEN_DMOP_IO_RANGE_PORT : XEN_DMOP_IO_RANGE_MEMORY);
    a.address = a.port ? a.address & 0xffff : a.address & ~(u64)(a.size - 1) & 0xfffffffffffff;
    a.data = take(in, 8) & io_ones(a.size);
    if (a.port && a.address == 0xcf8 && a.size == 4)
        a.data = 0x80000000 | (a.data & 0x1ffc);
    if (kind & 4 && take(in, 1) & 1) {
        a.down = kind & 8;
        a.count = 2 + (u32)take(in, 1) % 200;
        a.data = 0x5800;
    }
    return a;
}

static void check_read(const struct io_access *a, const struct io_access *before)
{
    if (a->count != 1 || a->write)
        check(a->data == before->data);
    else
        check(!(a->data & ~io_ones(a->size)));
}

/* What a server finds is what the guest has done. */
static void check_request(const struct vcpu *v, const struct io_access *a)
{
    const struct server *s = v->devmodel->server;
    const struct slot *slot = (const struct slot *)s->slots.memory + v->id;

    check(v->devmodel->busy && (slot->bits & SLOT_STATE) == STATE_IOREQ_READY);
    check(slot->size == a->size && slot->count == a->count && slot->port == s->port[v->id]);
    check(!(slot->bits & SLOT_READ) == a->write && !(slot->bits & SLOT_POINTER) == (a->count == 1));
    check(slot->data == (a->write || a->count != 1 ? a->data : 0));
    check(slot->type == IOREQ_TYPE_PCI_CONFIG || slot->address == a->address);
    check(test_bit(VPF_IO, &v->pause_flags) || ports[s->port[v->id]].deserted);
}

static void guest_accesses(struct input *in, struct vcpu *v, u8 kind)
{
    struct io_access a = make_access(in, kind), before = a;

    if (devmodel_busy(v) || crashes)
        return;
    running = v;
    switch (devmodel_access(v, &a)) {
    case IO_DONE:
        check(!devmodel_busy(v));
        check_read(&a, &before);
        break;
    case IO_NOT_MINE:
        check(!devmodel_busy(v) && !memcmp(&a, &before, sizeof(a)));
        break;
    default:
        under_way[v->id] = a;
        if (!crashes)
            check_request(v, &a);
    }
}

/* A vCPU is let run, with an answer or for no reason. */
static void guest_goes_on(struct vcpu *v)
{
    const struct server *s = v->devmodel->server;
    const struct slot *slot = s ? (const struct slot *)s->slots.memory + v->id : NULL;
    u8 state = slot ? slot->bits & SLOT_STATE : 0, seen = v->devmodel->seen;
    bool answered = state == STATE_IORESP_READY, orphan = s && s->enabled && ports[s->port[v->id]].deserted;
    bool right = !slot || answered || (state >= seen && (state == STATE_IOREQ_READY || state == STATE_IOREQ_INPROCESS));
    struct io_access *a = &under_way[v->id], before = *a;
    u64 value = (answered ? slot->data : ~0UL) & io_ones(a->size);

    if (!devmodel_busy(v) || crashes)
        return;
    running = v;
    clear_bit(VPF_IO, &v->pause_flags);
    if (devmodel_finish(v, a) == IO_DONE) {
        check(!devmodel_busy(v) && right && (answered || !orphan));
        check_read(a, &before);
        check(a->count != 1 || a->write || a->data == value);
        return;
    }
    check(crashes ? !right || orphan : !answered && s && test_bit(VPF_IO, &v->pause_flags));
}

/* ---- What always holds */

static void hold(void)
{
    u32 ports_used = 0, pages = 0, displaced = 0;

    for (unsigned int i = 0; i < MAX_SERVERS; i++) {
        const struct server *s = guest.devmodel->server[i];

        if (!s)
            continue;
        check(s->id == i && (s->owner == tools.id || s->owner == other_tools.id));
        check(!s->enabled || !(s->slots.is_there || s->ring.is_there));
        ports_used += VCPUS + (s->ring.memory != NULL);
        pages += 1 + (s->ring.memory != NULL);
        displaced += (s->slots.displaced != INVALID_MFN) + (s->ring.memory && s->ring.displaced != INVALID_MFN);
    }
    check(ports_left == PORTS - ports_used && pages_out == pages && own_references == (int)displaced && paused == 0);
    for (u32 i = 0; i < VCPUS; i++) {
        const struct devmodel_vcpu *request = vcpus[i].devmodel;

        check(!request->server || (request->busy && guest.devmodel->server[request->server->id] == request->server));
        check(request->server || !test_bit(VPF_IO, &vcpus[i].pause_flags));
    }
    check(!spin_is_locked(&guest.devmodel->lock) && !spin_is_locked(&guest.domain_lock) && !guest.devmodel->vram_busy);
    check(!crashes || tampered || deserted);
}

static void begin(u8 first)
{
    fail_in = 0;
    machine_begin();
    guest.p2m = &p2m;
    guest.row = tools.row = other_tools.row = &whole_row;
    tools.is_privileged = true;
    for (u32 i = 0; i < VCPUS; i++)
        vcpus[i].container = (void *)&vcpus[i];
    memset(types, P2M_RAM, sizeof(types));
    types[200] = P2M_POD;
    types[300] = P2M_NONE;
    params[HVM_PARAM_IOREQ_SERVER_PFN] = first & 1 ? PLACE : 0;
    params[HVM_PARAM_NR_IOREQ_SERVER_PAGES] = 2;
    params[HVM_PARAM_IOREQ_PFN] = PLACE + 2;
    params[HVM_PARAM_BUFIOREQ_PFN] = PLACE + 3;
    tampered = deserted = false;
}

/* An input begins with a server that answers for most places, unless it says otherwise. */
static void first_server(u8 first)
{
    ioservid_t id;

    running = &tool_vcpu;
    if (first & 2 || server_create(&guest, first >> 2 & 3, &id))
        return;
    for (u32 kind = 0; kind < RANGE_KINDS; kind++) {
        struct xen_dm_op_ioreq_server_range r = { .id = id, .type = kind, .end = ~0UL };
        (void)server_map(&guest, &r, true);
    }
    (void)server_set_state(&guest, id, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    u8 first = (u8)take(&in, 1);
    unsigned int before = blocks;

    begin(first);
    first_server(first);
    while (in.left) {
        u8 op = (u8)take(&in, 1), kind = op >> 4;
        struct vcpu *v = &vcpus[kind >> 3];

        switch (op & 15) {
        case 0: case 1: tool_calls(&in, kind); break;
        case 2: owner_calls(&in, kind); break;
        case 3: kind & 1 ? resource(&in) : server_deserts(&in, kind >> 3); break;
        case 4: case 5: case 6: guest_accesses(&in, v, kind); break;
        case 7: case 8: guest_goes_on(v); break;
        case 9: case 10: server_answers(&in, kind >> 3); break;
        case 11: server_rewrites(&in, kind >> 3); break;
        case 12: server_goes_mad(&in, kind); break;
        case 13: devmodel_broadcast_invalidate(&guest); break;
        case 14: fail_in = kind; break;
        default:
            if (kind == 15)
                devmodel_hide_platform(&guest);
            else
                map_answer = kind & 1 ? -ENOMEM : 0;
        }
        hold();
    }
    map_answer = 0;
    machine_end();
    check(blocks == before);
    return 0;
}
