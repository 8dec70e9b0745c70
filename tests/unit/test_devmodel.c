/* SPDX-License-Identifier: MIT */
// sources: xen/lib/rangeset.c devmodel/slot.c devmodel/ring.c
/* Accesses of a made-up guest to I/O request servers, which this test plays: well, badly, and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "mem/frame.h"

static struct vcpu *running;
#undef current
#define current running
#undef maddr_to_virt
#include "abi/event.h"
#include "devmodel/devmodel.c"
#include "devmodel/ioreq.c"
#include "devmodel/platform_device.c"
#include "devmodel/select.c"
#include "devmodel/server.c"
#include "devmodel/server_page.c"

/* ---- What surrounds device models */

static char last_note[64];
void mode_note(struct domain *d, enum column c, const char *reason)
{
    assert_int_equal(c, COLUMN_IO);
    assert_true(strlen(reason) < sizeof(last_note));
    strcpy(last_note, reason);
}

#define VCPUS 2
#define PORTS 64
#define PAGES 8
#define PLACE 0xfeff0UL              /* the first guest frame set aside for servers' pages */

static struct domain guest, tools = { .id = 0 };
static struct vcpu vcpus[VCPUS], tool_vcpu = { .domain = &tools };
static struct vcpu *vcpu_array[VCPUS];
static struct { bool used, bound, deserted; u32 vcpu; void (*fn)(struct vcpu *, u32); } ports[PORTS];
static u32 last_sent, ports_left;
static unsigned int pages_out, crashes, sleeps, wakes, paused;
static void *place_page[4];          /* what is at PLACE + i of the guest's memory: NULL, its own frame, a server's page */
static int map_answer, own_references;
static u64 params[64];

void *page_alloc(unsigned int order)
{
    void *p = NULL;

    if (pages_out == PAGES || posix_memalign(&p, PAGE_SIZE, PAGE_SIZE))
        return NULL;
    pages_out++;
    memset(p, 0, PAGE_SIZE);
    return p;
}
void page_free(void *p, unsigned int order) { pages_out--; free(p); }
void frame_share(void *p, struct domain *d, bool writable) { assert_ptr_equal(d, &guest); }
void frame_unshare(void *p) { }
maddr_t virt_to_maddr(const void *v) { return (maddr_t)(unsigned long)v; }
void put_frame(mfn_t mfn) { own_references--; }
bool domain_drop_allocation(struct domain *d, mfn_t mfn) { return true; }
stime_t system_time(void) { return 1500000000; }
void vcpu_wake(struct vcpu *v) { wakes++; }
void vcpu_sleep_nosync(struct vcpu *v) { sleeps++; }
void domain_pause(struct domain *d) { paused++; }
void domain_unpause(struct domain *d) { paused--; }
void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }

int evtchn_alloc_consumer(struct domain *d, u32 vcpu, domid_t remote, void (*fn)(struct vcpu *v, u32 port), u32 *port)
{
    assert_true(vcpu < d->max_vcpus);
    assert_int_equal(remote, running->domain->id);
    for (u32 i = 1; i < PORTS && ports_left; i++)
        if (!ports[i].used) {
            memset(&ports[i], 0, sizeof(ports[i]));
            ports[i].used = true;
            ports[i].vcpu = vcpu;
            ports[i].fn = fn;
            ports_left--;
            *port = i;
            return 0;
        }
    return -ENOSPC;
}
void evtchn_free_consumer(struct domain *d, u32 port)
{
    assert_true(ports[port].used);
    ports[port].used = false;
    ports_left++;
}
bool evtchn_consumer_deserted(const struct domain *d, u32 port) { return ports[port].deserted; }
int evtchn_send(struct domain *d, u32 port)
{
    assert_true(ports[port].used);
    last_sent = port;
    return 0;
}

static mfn_t get_gfn(struct domain *d, gfn_t gfn)
{
    void *p = gfn >= PLACE && gfn < PLACE + 4 ? place_page[gfn - PLACE] : NULL;

    if (!p)
        return INVALID_MFN;
    own_references++;
    return (mfn_t)(unsigned long)p >> PAGE_SHIFT;
}
static int unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    if (!place_page[gfn - PLACE] || (mfn_t)(unsigned long)place_page[gfn - PLACE] >> PAGE_SHIFT != mfn)
        return -EINVAL;
    place_page[gfn - PLACE] = NULL;
    return 0;
}
static int map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    if (map_answer == 0)
        place_page[gfn - PLACE] = (void *)(mfn << PAGE_SHIFT);
    return map_answer;
}
static int get_param(struct domain *d, u32 index, u64 *value, bool by_itself)
{
    *value = params[index];
    return 0;
}
static const struct container_abi abi = { .get_param = get_param };
static const struct privileged_ops privileged = { .get_gfn = get_gfn, .map_gfn = map_gfn, .unmap_gfn = unmap_gfn,
                                                  .container = &abi };
static const struct row row = { .privileged = &privileged };

static int setup(void **state)
{
    memset(&guest, 0, sizeof(guest));
    memset(vcpus, 0, sizeof(vcpus));
    memset(ports, 0, sizeof(ports));
    memset(params, 0, sizeof(params));
    ports_left = PORTS;
    last_sent = pages_out = crashes = sleeps = wakes = 0;
    map_answer = own_references = 0;
    guest.id = 5;
    guest.row = &row;
    guest.max_vcpus = VCPUS;
    guest.vcpu = vcpu_array;
    spin_init(&guest.domain_lock, RANK_DOMAIN);
    assert_int_equal(devmodel_init(&guest), 0);
    for (u32 i = 0; i < VCPUS; i++) {
        vcpus[i].domain = &guest;
        vcpus[i].id = i;
        vcpu_array[i] = &vcpus[i];
        assert_int_equal(devmodel_vcpu_init(&vcpus[i]), 0);
    }
    for (unsigned int i = 0; i < 4; i++)
        place_page[i] = (void *)(PAGE_SIZE * (1 + i));   /* frames 1 to 4 */
    running = &tool_vcpu;
    return 0;
}

static int teardown(void **state)
{
    guest.dying = DOMDYING_DYING;
    devmodel_stop(&guest);
    devmodel_stop(&guest);
    assert_int_equal(pages_out, 0);
    assert_int_equal(ports_left, PORTS);
    assert_int_equal(paused, 0);
    assert_int_equal(own_references, 0);
    for (u32 i = 0; i < VCPUS; i++)
        devmodel_vcpu_free(&vcpus[i]);
    devmodel_free(&guest);
    return 0;
}

static struct server *make_server(u8 buffered, u32 kind, u64 first, u64 last)
{
    struct xen_dm_op_ioreq_server_range r = { .type = kind, .start = first, .end = last };
    ioservid_t id;

    assert_int_equal(server_create(&guest, buffered, &id), 0);
    r.id = id;
    assert_int_equal(server_map(&guest, &r, true), 0);
    assert_int_equal(server_set_state(&guest, id, true), 0);
    return guest.devmodel->server[id];
}

static struct io_access port_read(u64 port, u8 size)
{
    return (struct io_access){ .address = port, .count = 1, .size = size, .port = true };
}

static struct io_access port_write(u64 port, u8 size, u64 data)
{
    return (struct io_access){ .address = port, .data = data, .count = 1, .size = size, .port = true, .write = true };
}

static ioreq_t *request(struct server *s, u32 vcpu)
{
    return (ioreq_t *)s->slots.memory + vcpu;
}

static void answer(struct server *s, u32 vcpu, u64 data)
{
    ioreq_t *r = request(s, vcpu);

    assert_int_equal(r->state, STATE_IOREQ_READY);
    r->state = STATE_IOREQ_INPROCESS;
    r->data = data;
    r->state = STATE_IORESP_READY;
    ports[s->port[vcpu]].fn(&vcpus[vcpu], s->port[vcpu]);
}

/* A whole configuration access by v0, answered with `value` if it is a read. */
static struct io_access configuration(struct server *s, u32 function, u32 reg, u8 size, bool write, u32 value)
{
    struct io_access latch = port_write(0xcf8, 4, 0x80000000u | function << 8 | (reg & 0xfc));
    struct io_access a = write ? port_write(0xcfc + (reg & 3), size, value) : port_read(0xcfc + (reg & 3), size);

    assert_int_equal(devmodel_access(&vcpus[0], &latch), IO_DONE);
    if (devmodel_access(&vcpus[0], &a) == IO_RETRY) {
        answer(s, 0, value);
        assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    }
    return a;
}

/* ---- One access */

static void a_read_is_answered(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 1), other = port_read(0x70, 1);
    ioreq_t *r = request(s, 1);

    assert_int_equal(r->vp_eport, s->port[1]);
    assert_int_equal(devmodel_access(&vcpus[1], &other), IO_NOT_MINE);
    assert_false(devmodel_busy(&vcpus[1]));
    assert_int_equal(devmodel_access(&vcpus[1], &a), IO_RETRY);
    assert_true(devmodel_busy(&vcpus[1]));
    assert_int_equal(last_sent, s->port[1]);
    assert_int_equal(sleeps, 1);
    assert_true(test_bit(VPF_IO, &vcpus[1].pause_flags));
    assert_int_equal(r->addr, 0x64);
    assert_int_equal(r->type, IOREQ_TYPE_PIO);
    assert_int_equal(r->dir, IOREQ_READ);
    assert_int_equal(r->count, 1);
    r->state = STATE_IOREQ_INPROCESS;
    assert_int_equal(devmodel_finish(&vcpus[1], &a), IO_RETRY);   /* woken for nothing */
    assert_int_equal(sleeps, 2);
    r->state = STATE_IOREQ_READY;
    vcpus[1].devmodel->seen = STATE_IOREQ_READY;
    answer(s, 1, 0xffffff1d);
    assert_false(test_bit(VPF_IO, &vcpus[1].pause_flags));
    assert_int_equal(wakes, 1);
    assert_int_equal(devmodel_finish(&vcpus[1], &a), IO_DONE);
    assert_int_equal(a.data, 0x1d);
    assert_int_equal(r->state, STATE_IOREQ_NONE);
    assert_false(devmodel_busy(&vcpus[1]));
}

/* The answer is there before the vCPU has gone to sleep. */
static void answer_before_sleep(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_MEMORY, 0xe0000000, 0xe0000fff);
    struct io_access a = { .address = 0xe0000010, .count = 1, .size = 8 };

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    answer(s, 0, 0x1122334455667788);
    sleep_until_answered(&vcpus[0], s);
    assert_int_equal(sleeps, 1);   /* the first time only */
    assert_false(test_bit(VPF_IO, &vcpus[0].pause_flags));
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0x1122334455667788);
}

static void a_block_goes_whole(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x1f0, 0x1f7);
    struct io_access a = port_read(0x1f0, 2), memory = { .address = 0xe0000000, .data = 0x5000, .count = 4, .size = 4 };
    struct xen_dm_op_ioreq_server_range range = { .id = s->id, .type = XEN_DMOP_IO_RANGE_MEMORY, .start = 0xe0000000,
                                                  .end = 0xe000000f };
    ioreq_t *r = request(s, 0);

    a.count = 256;
    a.data = 0x12000;
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(r->data_is_ptr, 1);
    assert_int_equal(r->data, 0x12000);
    assert_int_equal(r->count, 256);
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0x12000);

    assert_int_equal(server_map(&guest, &range, true), 0);
    memory.down = true;
    assert_int_equal(devmodel_access(&vcpus[0], &memory), IO_NOT_MINE);   /* leaves the range */
    memory.address += 12;
    assert_int_equal(devmodel_access(&vcpus[0], &memory), IO_RETRY);
    assert_int_equal(r->df, 1);
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &memory), IO_DONE);
    memory.down = false;
    assert_int_equal(devmodel_access(&vcpus[0], &memory), IO_NOT_MINE);
}

static void display_writes_are_buffered(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_ATOMIC, XEN_DMOP_IO_RANGE_MEMORY, 0xa0000, 0xbffff);
    struct buffered_iopage *ring = s->ring.memory;
    struct io_access a = { .address = 0xb8000, .data = 0x0741, .count = 1, .size = 2, .write = true };

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_DONE);
    assert_int_equal(ring->write_pointer, 1);
    assert_int_equal(ring->buf_ioreq[0].addr, 0xb8000);
    assert_int_equal(ring->buf_ioreq[0].data, 0x0741);
    assert_int_equal(last_sent, s->ring_port);
    ring->write_pointer = IOREQ_BUFFER_SLOT_NUM;
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);   /* no room: as any other */
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);

    devmodel_broadcast_invalidate(&guest);
    assert_true(s->flush_due);
    ring->read_pointer = ring->write_pointer;
    a.write = false;
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_false(s->flush_due);
    assert_true(ring_ends_with(ring, IOREQ_TYPE_INVALIDATE));
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
}

/* ---- Which server */

static void the_last_server_that_claims_it(void **state)
{
    struct server *first = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x100, 0x1ff);
    struct server *second = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x180, 0x183);
    struct place p;
    struct io_access a = port_read(0x180, 4), b = port_read(0x182, 4), c = port_read(0x1fe, 4), wrap = port_read(0xffff, 2);

    assert_true(place_of(&a, 0, &p));
    assert_ptr_equal(server_for(guest.devmodel, &p), second);
    assert_true(place_of(&b, 0, &p));
    assert_ptr_equal(server_for(guest.devmodel, &p), first);   /* not wholly the second's */
    assert_true(place_of(&c, 0, &p));
    assert_null(server_for(guest.devmodel, &p));
    assert_false(place_of(&wrap, 0, &p));
    assert_int_equal(server_set_state(&guest, second->id, false), 0);
    assert_true(place_of(&a, 0, &p));
    assert_ptr_equal(server_for(guest.devmodel, &p), first);
}

static void configuration_space(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PCI, 0x0018, 0x0018);
    struct io_access latch = port_write(0xcf8, 4, 0x80001804), back = port_read(0xcf8, 4), a = port_read(0xcfe, 2);
    struct io_access across = port_read(0xcfe, 4), block = port_read(0xcfc, 4);
    ioreq_t *r = request(s, 0);

    assert_int_equal(devmodel_access(&vcpus[0], &latch), IO_DONE);
    assert_int_equal(devmodel_access(&vcpus[0], &back), IO_DONE);
    assert_int_equal(back.data, 0x80001804);
    block.count = 2;
    assert_int_equal(devmodel_access(&vcpus[0], &across), IO_NOT_MINE);
    assert_int_equal(devmodel_access(&vcpus[0], &block), IO_NOT_MINE);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(r->type, IOREQ_TYPE_PCI_CONFIG);
    assert_int_equal(r->addr, 0x18UL << 32 | 6);
    answer(s, 0, 0x290);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0x290);
    latch.data = 0x80002004;   /* nobody's function */
    assert_int_equal(devmodel_access(&vcpus[0], &latch), IO_DONE);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
    latch.data = 0x00001804;   /* not enabled: a port like any other */
    assert_int_equal(devmodel_access(&vcpus[0], &latch), IO_DONE);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
}

static void platform_device_hides(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PCI, 0, 0xffff);
    struct xen_dm_op_ioreq_server_range all = { .id = s->id, .type = XEN_DMOP_IO_RANGE_PORT, .start = 0, .end = 0xffff };
    struct io_access a = port_read(0xc004, 4), unplug = port_write(0x10, 2, 3);

    assert_int_equal(server_map(&guest, &all, true), 0);
    configuration(s, 0x10, 0, 2, false, 0x5853);
    configuration(s, 0x18, 2, 2, false, 1);      /* another function's device number */
    assert_int_equal(guest.devmodel->platform.function, NO_FUNCTION);
    configuration(s, 0x18, 0, 2, false, 0x5853);
    configuration(s, 0x18, 2, 2, false, 1);
    assert_int_equal(guest.devmodel->platform.function, 0x18);
    configuration(s, 0x18, 0x10, 4, true, 0xffffffff);
    configuration(s, 0x18, 0x10, 4, false, 0xffffff01);
    configuration(s, 0x18, 0x10, 4, true, 0xc000);
    assert_int_equal(devmodel_access(&vcpus[0], &unplug), IO_RETRY);
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &unplug), IO_DONE);
    assert_int_equal(devmodel_unplugged_mask(&guest), 3);
    assert_string_equal(last_note, "unplugged disks network (3)");

    devmodel_hide_platform(&guest);
    assert_int_equal(configuration(s, 0x18, 0, 4, false, 0x00015853).data, 0xffffffff);
    assert_int_equal(configuration(s, 0x20, 0, 4, false, 0x70008086).data, 0x70008086);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0xffffffff);
    unplug.data = 4;
    assert_int_equal(devmodel_access(&vcpus[0], &unplug), IO_DONE);
    assert_int_equal(devmodel_unplugged_mask(&guest), 3);
    a = port_read(0xc100, 1);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    answer(s, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
}

/* ---- Servers that do wrong, or go */

static void bad_answers_crash_the_guest(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 1);

    request(s, 0)->state = STATE_IORESP_READY;
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(crashes, 1);
    request(s, 1)->state = STATE_IOREQ_NONE;
    assert_int_equal(devmodel_access(&vcpus[1], &a), IO_RETRY);
    request(s, 1)->state = STATE_IOREQ_NONE;
    assert_int_equal(devmodel_finish(&vcpus[1], &a), IO_RETRY);
    assert_int_equal(crashes, 2);
}

static void a_server_goes_while_one_waits(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_LEGACY, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 2);

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(server_destroy(&guest, s->id), 0);
    assert_false(test_bit(VPF_IO, &vcpus[0].pause_flags));
    assert_int_equal(wakes, 1);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0xffff);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
    assert_int_equal(server_destroy(&guest, 0), -ENOENT);
}

static void a_deserted_server_answers_ones(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 4);

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    ports[s->port[0]].deserted = true;
    ports[s->port[0]].fn(&vcpus[0], s->port[0]);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0xffffffff);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
    ports[s->port[0]].deserted = false;   /* somebody serves it again */
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    answer(s, 0, 1);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
}

/* ---- What owners ask */

static void refusals(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct xen_dm_op_ioreq_server_range r = { .id = s->id, .type = XEN_DMOP_IO_RANGE_PORT, .start = 0x6f, .end = 0x70 };
    struct domain other = { .id = 9 };
    struct vcpu other_vcpu = { .domain = &other };
    ioservid_t id;
    mfn_t mfn;

    assert_int_equal(server_create(&guest, 3, &id), -EINVAL);
    assert_int_equal(server_map(&guest, &r, true), -EEXIST);
    assert_int_equal(server_map(&guest, &r, false), -ENOENT);
    r.type = RANGE_KINDS;
    assert_int_equal(server_map(&guest, &r, true), -EINVAL);
    r = (struct xen_dm_op_ioreq_server_range){ .id = s->id, .start = 2, .end = 1 };
    assert_int_equal(server_map(&guest, &r, true), -EINVAL);
    assert_int_equal(devmodel_resource_frame(&guest, s->id, 0, &mfn), -ENOENT);
    assert_int_equal(devmodel_resource_frame(&guest, s->id, 1, &mfn), 0);
    assert_ptr_equal((void *)(mfn << PAGE_SHIFT), s->slots.memory);
    assert_int_equal(devmodel_resource_frame(&guest, s->id, 2, &mfn), -EINVAL);
    assert_int_equal(devmodel_resource_frame(&guest, ~0u, 1, &mfn), -ENOENT);
    running = &other_vcpu;
    assert_int_equal(devmodel_resource_frame(&guest, s->id, 1, &mfn), -EPERM);
    assert_int_equal(server_destroy(&guest, s->id), -EPERM);
    running = &tool_vcpu;
    ports_left = 1;   /* not enough for a server: nothing of it stays */
    assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), -ENOSPC);
    assert_int_equal(ports_left, 1);
    assert_int_equal(pages_out, 1);
    ports_left = PORTS - VCPUS;
    guest.dying = DOMDYING_DYING;
    assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), -EINVAL);
}

static void numbers(void **state)
{
    ioservid_t id;

    for (unsigned int i = 0; i < MAX_SERVERS; i++) {
        assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), 0);
        assert_int_equal(id, i);
    }
    assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), -ENOSPC);
    assert_int_equal(server_destroy(&guest, 3), 0);
    assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_OFF, &id), 0);
    assert_int_equal(id, 3);
}

/* Old tools: pages at places in the guest's memory, there only while the server is off. */
static void places(void **state)
{
    struct xen_dm_op_get_ioreq_server_info info = { 0 };
    ioservid_t id;

    assert_int_equal(server_create(&guest, HVM_IOREQSRV_BUFIOREQ_ATOMIC, &id), 0);
    info.flags = 2;
    assert_int_equal(server_info(&guest, &info), -EINVAL);
    info.flags = 0;
    assert_int_equal(server_info(&guest, &info), -ENOMEM);
    params[HVM_PARAM_IOREQ_SERVER_PFN] = PLACE;
    params[HVM_PARAM_NR_IOREQ_SERVER_PAGES] = 1;
    params[HVM_PARAM_BUFIOREQ_PFN] = PLACE + 2;
    assert_int_equal(server_info(&guest, &info), 0);
    assert_int_equal(info.ioreq_gfn, PLACE);
    assert_int_equal(info.bufioreq_gfn, PLACE + 2);
    assert_int_equal(info.bufioreq_port, guest.devmodel->server[id]->ring_port);
    assert_ptr_equal(place_page[0], guest.devmodel->server[id]->slots.memory);
    assert_int_equal(server_set_state(&guest, id, true), 0);
    assert_null(place_page[0]);
    assert_null(place_page[2]);
    assert_int_equal(server_set_state(&guest, id, false), 0);
    assert_ptr_equal(place_page[2], guest.devmodel->server[id]->ring.memory);
    assert_int_equal(server_destroy(&guest, id), 0);
    assert_ptr_equal(place_page[0], PAGE_SIZE);
    assert_ptr_equal(place_page[2], 3 * PAGE_SIZE);
    assert_int_equal(guest.devmodel->places_used, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_read_is_answered), T(answer_before_sleep), T(a_block_goes_whole), T(display_writes_are_buffered),
        T(the_last_server_that_claims_it), T(configuration_space), T(platform_device_hides), T(bad_answers_crash_the_guest),
        T(a_server_goes_while_one_waits), T(a_deserted_server_answers_ones), T(refusals), T(numbers), T(places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
