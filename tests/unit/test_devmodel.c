/* SPDX-License-Identifier: MIT */
// sources: xen/lib/rangeset.c devmodel/slot.c devmodel/ring.c
/* Accesses of a made-up guest to I/O request servers, which this test plays: well, badly, and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/devmodel_machine.h"

static int setup(void **state) { machine_begin(); return 0; }
static int teardown(void **state) { machine_end(); return 0; }

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

/* A guest that gives memory back waits for the first server; the others have it in their rings. */
static void memory_goes(void **state)
{
    struct server *first = make_server(HVM_IOREQSRV_BUFIOREQ_ATOMIC, XEN_DMOP_IO_RANGE_PORT, 0x100, 0x1ff);
    struct server *second = make_server(HVM_IOREQSRV_BUFIOREQ_ATOMIC, XEN_DMOP_IO_RANGE_PORT, 0x200, 0x2ff);
    struct io_access a = { .count = 1, .size = 4, .write = true };

    assert_int_equal(devmodel_invalidate(&vcpus[0]), IO_RETRY);
    assert_int_equal(request(first, 0)->type, IOREQ_TYPE_INVALIDATE);
    assert_true(test_bit(VPF_IO, &vcpus[0].pause_flags));
    assert_false(ring_ends_with(first->ring.memory, IOREQ_TYPE_INVALIDATE));
    assert_true(ring_ends_with(second->ring.memory, IOREQ_TYPE_INVALIDATE));
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_RETRY);
    answer(first, 0, 0);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_false(devmodel_busy(&vcpus[0]));
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

/* Each state that cannot follow, after each that can be seen before. */
static void states_out_of_order(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 1);
    struct slot *slot = s->slots.memory;

    for (u8 first = STATE_IOREQ_READY; first <= STATE_IOREQ_INPROCESS; first++)
        for (u8 then = 0; then <= SLOT_STATE; then++) {
            bool waits = then == STATE_IOREQ_INPROCESS || then == first, done = then == STATE_IORESP_READY;

            crashes = 0;
            slot_clear(slot);
            assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
            slot->bits = (u8)((slot->bits & ~SLOT_STATE) | first);
            assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_RETRY);
            slot->bits = (u8)((slot->bits & ~SLOT_STATE) | then);
            assert_int_equal(devmodel_finish(&vcpus[0], &a), done ? IO_DONE : IO_RETRY);
            assert_int_equal(crashes, !waits && !done);
        }
}

static void an_answer_after_the_answer(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 1);
    struct slot *slot = s->slots.memory;

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    answer(s, 0, 0x11);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    slot->data = 0x22;
    slot->bits = STATE_IORESP_READY;
    ports[s->port[0]].fn(&vcpus[0], s->port[0]);
    assert_int_equal(a.data, 0x11);
    assert_false(devmodel_busy(&vcpus[0]));
    assert_int_equal(crashes, 0);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(crashes, 1);                         /* what is in the page is nobody's answer to this */
    assert_int_equal(slot->bits, STATE_IORESP_READY);
    assert_int_equal(devmodel_access(&vcpus[1], &a), IO_RETRY);
    answer(s, 1, 0x33);
    assert_int_equal(devmodel_finish(&vcpus[1], &a), IO_DONE);
    assert_int_equal(a.data, 0x33);
}

/* Whatever a server makes of a request in flight: the guest's access is what it was, and gets no more than it asked for. */
static void a_request_is_rewritten(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PCI, 0x18, 0x18);
    struct xen_dm_op_ioreq_server_range more[] = {
        { .id = s->id, .type = XEN_DMOP_IO_RANGE_PORT, .start = 0x60, .end = 0x6f },
        { .id = s->id, .type = XEN_DMOP_IO_RANGE_MEMORY, .start = 0xe0000000, .end = 0xe0000fff } };
    struct io_access latch = port_write(0xcf8, 4, 0x80001800), accesses[] = {
        port_read(0x60, 1), port_read(0x60, 2), port_read(0x60, 4), port_read(0xcfc, 1), port_read(0xcfe, 2),
        { .address = 0xe0000000, .count = 1, .size = 1 }, { .address = 0xe0000000, .count = 1, .size = 2 },
        { .address = 0xe0000000, .count = 1, .size = 4 }, { .address = 0xe0000000, .count = 1, .size = 8 },
        { .address = 0xe0000000, .data = 0x5000, .count = 7, .size = 4 }, port_write(0x61, 1, 0x77) };
    struct slot *slot = s->slots.memory;

    assert_int_equal(server_map(&guest, &more[0], true), 0);
    assert_int_equal(server_map(&guest, &more[1], true), 0);
    assert_int_equal(devmodel_access(&vcpus[0], &latch), IO_DONE);
    for (unsigned int i = 0; i < ARRAY_SIZE(accesses); i++) {
        struct io_access a = accesses[i];
        bool value = a.count == 1 && !a.write;

        assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
        assert_int_equal(slot->size, a.size);
        assert_int_equal(slot->count, a.count);
        slot->address = ~0UL;
        slot->count = slot->size = slot->port = ~0u;
        slot->type = 0xff;
        slot->data = ~0UL;
        slot->bits = 0xf0 | STATE_IORESP_READY;
        assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
        assert_int_equal(a.data, value ? io_ones(a.size) : accesses[i].data);
        assert_int_equal(a.size, accesses[i].size);
        assert_int_equal(a.address, accesses[i].address);
    }
    assert_int_equal(crashes, 0);
    assert_int_equal(guest.devmodel->platform.function, NO_FUNCTION);
}

/* The ring is a page of its own: a byte beyond it ends the test. */
static void absurd_pointers(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_ATOMIC, XEN_DMOP_IO_RANGE_MEMORY, 0xa0000, 0xbffff);
    struct buffered_iopage *ring = s->ring.memory;
    static const struct { u32 read, write; bool room; } p[] = {
        { 0, IOREQ_BUFFER_SLOT_NUM - 2, true }, { 0, IOREQ_BUFFER_SLOT_NUM - 1, false }, { 1, 0, false },
        { 0, ~0u, false }, { ~0u, 0, true }, { ~0u, ~0u, true }, { ~0u - 1, ~0u, true }, { 0x80000000, 0x7fffffff, false },
        { 5 * IOREQ_BUFFER_SLOT_NUM - 1, 5 * IOREQ_BUFFER_SLOT_NUM - 1, true } };

    for (unsigned int i = 0; i < ARRAY_SIZE(p); i++) {
        struct io_access a = { .address = 0xb8000, .data = 0x1122334455667788, .count = 1, .size = 8, .write = true };

        ring->read_pointer = p[i].read;
        ring->write_pointer = p[i].write;
        assert_int_equal(devmodel_access(&vcpus[0], &a), p[i].room ? IO_DONE : IO_RETRY);
        if (!p[i].room) {
            answer(s, 0, 0);
            assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
        }
        devmodel_broadcast_invalidate(&guest);
    }
    assert_int_equal(crashes, 0);
}

static void a_server_goes_while_all_wait(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    ioservid_t other = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x70, 0x7f)->id;
    struct io_access a = port_read(0x64, 1), b = { .address = 0x70, .data = 0x5000, .count = 4, .size = 2, .port = true };

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(devmodel_access(&vcpus[1], &b), IO_RETRY);
    assert_int_equal(server_destroy(&guest, s->id), 0);
    assert_true(test_bit(VPF_IO, &vcpus[1].pause_flags));   /* another's */
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0xff);
    guest.dying = DOMDYING_DYING;
    devmodel_stop(&guest);
    assert_null(guest.devmodel->server[other]);
    assert_false(test_bit(VPF_IO, &vcpus[1].pause_flags));
    assert_int_equal(devmodel_finish(&vcpus[1], &b), IO_DONE);
    assert_int_equal(b.data, 0x5000);
    assert_int_equal(wakes, 2);
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

/* Its device model has ended without taking its server away: the one that waits is told, and each access that follows. */
static void a_dead_device_model_crashes_the_guest(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_ATOMIC, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct xen_dm_op_ioreq_server_range display = { .id = s->id, .type = XEN_DMOP_IO_RANGE_MEMORY, .start = 0xa0000,
                                                    .end = 0xbffff };
    struct io_access a = port_read(0x64, 4), b = port_read(0x60, 1), other = port_read(0x80, 1);
    struct io_access buffered = { .address = 0xb8000, .count = 1, .size = 2, .write = true };

    assert_int_equal(server_map(&guest, &display, true), 0);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    ports[s->port[0]].deserted = ports[s->port[1]].deserted = true;
    ports[s->port[0]].fn(&vcpus[0], s->port[0]);
    assert_false(test_bit(VPF_IO, &vcpus[0].pause_flags));
    assert_int_equal(crashes, 0);                                   /* not before the vCPU runs */
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(crashes, 1);
    assert_int_equal(devmodel_access(&vcpus[1], &other), IO_NOT_MINE);
    assert_int_equal(devmodel_access(&vcpus[1], &b), IO_RETRY);
    assert_int_equal(crashes, 2);
    assert_false(devmodel_busy(&vcpus[1]));
    assert_int_equal(devmodel_access(&vcpus[1], &buffered), IO_RETRY);
    assert_int_equal(crashes, 3);
    assert_int_equal(((struct buffered_iopage *)s->ring.memory)->write_pointer, 0);
    ports[s->port[1]].deserted = false;                             /* somebody serves it again */
    assert_int_equal(devmodel_access(&vcpus[1], &b), IO_RETRY);
    answer(s, 1, 1);
    assert_int_equal(devmodel_finish(&vcpus[1], &b), IO_DONE);
    assert_int_equal(crashes, 3);
}

/* A device model that has been switched off, or has taken its server away, leaves in good order. */
static void a_device_model_may_leave(void **state)
{
    struct server *s = make_server(HVM_IOREQSRV_BUFIOREQ_OFF, XEN_DMOP_IO_RANGE_PORT, 0x60, 0x6f);
    struct io_access a = port_read(0x64, 4);

    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_RETRY);
    assert_int_equal(server_set_state(&guest, s->id, false), 0);
    ports[s->port[0]].deserted = true;
    ports[s->port[0]].fn(&vcpus[0], s->port[0]);
    assert_int_equal(devmodel_finish(&vcpus[0], &a), IO_DONE);
    assert_int_equal(a.data, 0xffffffff);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
    assert_int_equal(server_destroy(&guest, s->id), 0);
    assert_int_equal(devmodel_access(&vcpus[0], &a), IO_NOT_MINE);
    assert_int_equal(crashes, 0);
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
        T(a_read_is_answered), T(answer_before_sleep), T(a_block_goes_whole), T(display_writes_are_buffered), T(memory_goes),
        T(the_last_server_that_claims_it), T(configuration_space), T(platform_device_hides), T(bad_answers_crash_the_guest),
        T(a_server_goes_while_one_waits), T(a_dead_device_model_crashes_the_guest), T(a_device_model_may_leave), T(refusals),
        T(numbers), T(places), T(states_out_of_order), T(an_answer_after_the_answer), T(a_request_is_rewritten),
        T(absurd_pointers), T(a_server_goes_while_all_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
