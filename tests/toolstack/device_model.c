/* SPDX-License-Identifier: MIT */
/* What a device model asks for its guest with a PC beyond what QEMU asks all the time: interrupts and messages, which pages
 * of a display have changed, memory that may not be written. The guest is paused but for its interrupts. */
#include "call.h"

#include <unistd.h>

#include <xen/hvm/dm_op.h>

#define FIRST 0x4000u                        /* frames of the guest's memory, from 64 MiB on */
#define FRAMES 72u
#define CHANGED 5u                           /* and the next */
#define TRIES 200

static uint32_t guest;

/* One call: the operation, and its second buffer, if it has one. */
static long dm(struct xen_dm_op *op, void *data, size_t size)
{
    struct xen_dm_op_buf *list = (struct xen_dm_op_buf *)buffer;
    char *place = buffer + PAGE;
    long answer;

    memset(list, 0, 2 * sizeof(*list));
    memcpy(place, op, sizeof(*op));
    set_xen_guest_handle(list[0].h, place);
    list[0].size = sizeof(*op);
    set_xen_guest_handle(list[1].h, data);
    list[1].size = size;
    answer = call3(__HYPERVISOR_dm_op, guest, data ? 2 : 1, (uint64_t)list);
    memcpy(op, place, sizeof(*op));
    return answer;
}

#define DM(name, ...) ({ struct xen_dm_op _op = { .op = XEN_DMOP_##name, __VA_ARGS__ }; dm(&_op, NULL, 0); })

/* ---- Interrupts */

static long event(uint32_t vcpu, uint8_t type, uint8_t vector)
{
    return DM(inject_event, .u.inject_event = { .vcpuid = vcpu, .type = type, .vector = vector });
}

/* The vector twice: at a vCPU's next entry, and as a device's message. */
static int interrupts(uint8_t vector)
{
    long answer = -EBUSY;
    int bad = 0;

    for (unsigned int tries = 0; answer == -EBUSY && tries < TRIES; tries++, usleep(10000))
        answer = event(0, XEN_DMOP_EVENT_ext_int, vector);
    if (answer)
        bad += wrong("an interrupt: %ld", answer);
    usleep(100000);
    answer = DM(inject_msi, .u.inject_msi = { .addr = 0xfee00000, .data = vector });
    if (answer < 0)
        bad += wrong("a message: %ld", answer);
    bad += EXPECT("an interrupt for no vCPU", event(99, XEN_DMOP_EVENT_ext_int, vector), -EINVAL);
    bad += EXPECT("a vector of an exception", event(0, XEN_DMOP_EVENT_ext_int, 8), -EINVAL, -EBUSY);
    bad += EXPECT("an exception that is none", event(0, XEN_DMOP_EVENT_hw_exc, 32), -EINVAL, -EBUSY);
    bad += EXPECT("an unknown event", event(0, 99, vector), -EINVAL, -EBUSY);
    bad += EXPECT("a software interrupt", event(0, XEN_DMOP_EVENT_sw_int, vector), -EOPNOTSUPP, -EBUSY);
    bad += EXPECT("a message with more", DM(inject_msi, .u.inject_msi = { .pad = 1 }), -EINVAL);
    bad += EXPECT("a shutdown for no reason", DM(remote_shutdown, .u.remote_shutdown = { .reason = 99 }), -EINVAL);
    return bad;
}

/* ---- A display */

static long track(uint8_t *bits, uint32_t frames)
{
    struct xen_dm_op op = { .op = XEN_DMOP_track_dirty_vram,
                            .u.track_dirty_vram = { .first_pfn = FIRST, .nr = frames } };

    return dm(&op, bits, (frames + 7) / 8);
}

static long modified(struct xen_dm_op_modified_memory_extent *list, uint32_t number, uint32_t room)
{
    struct xen_dm_op op = { .op = XEN_DMOP_modified_memory, .u.modified_memory = { .nr_extents = number } };

    return dm(&op, list, room * sizeof(*list));
}

static int seen(const char *what, const uint8_t *bits, uint64_t wanted)
{
    uint64_t got;

    memcpy(&got, bits, sizeof(got));
    return got == wanted ? 0 : wrong("%s: pages %lx have changed, not %lx", what, (long)got, (long)wanted);
}

static int display(void)
{
    uint8_t *bits = (uint8_t *)buffer + 2 * PAGE;
    struct xen_dm_op_modified_memory_extent *list = (void *)(buffer + 3 * PAGE);
    int bad = 0;

    if (track(bits, FRAMES))
        return wrong("a display is not tracked");
    bad += seen("at first", bits, ~0UL);
    if (bits[8] != 0xff)
        bad += wrong("the last pages at first: %x", bits[8]);
    bad += track(bits, FRAMES) ? wrong("asked again") : seen("then", bits, 0);
    list[0] = (struct xen_dm_op_modified_memory_extent){ .first_pfn = FIRST + CHANGED, .nr = 2 };
    list[1] = (struct xen_dm_op_modified_memory_extent){ .first_pfn = FIRST, .nr = 1 };
    if (modified(list, 2, 2))
        bad += wrong("writes are not noted");
    bad += track(bits, FRAMES) ? wrong("asked after writes") : seen("after writes", bits, 3UL << CHANGED | 1);
    bad += track(bits, 16) ? wrong("another range") : seen("another range", bits, 3UL << CHANGED | 1 | 0xffff);
    if (track(bits, 0))
        bad += wrong("it does not end");
    bad += EXPECT("extents that are not there", modified(list, 3, 2), -EINVAL);
    list[0].nr = 0;
    bad += EXPECT("an extent of nothing", modified(list, 1, 1), -EINVAL);
    list[0] = (struct xen_dm_op_modified_memory_extent){ .first_pfn = ~0UL - 1, .nr = 1 };
    bad += EXPECT("an extent outside", modified(list, 1, 1), -EINVAL);
    return bad;
}

/* ---- Types of memory */

static long set_type(uint64_t first, uint32_t frames, uint16_t type)
{
    return DM(set_mem_type, .u.set_mem_type = { .first_pfn = first, .nr = frames, .mem_type = type });
}

static int types(void)
{
    static const uint16_t each[] = { HVMMEM_ram_ro, HVMMEM_ram_rw };
    struct xen_hvm_get_mem_type q = { .domid = (domid_t)guest, .pfn = FIRST + 1 };
    int bad = 0;

    for (unsigned int i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        if (set_type(FIRST, 3, each[i]) || hvm_op(HVMOP_get_mem_type, &q, sizeof(q)) || q.mem_type != each[i])
            bad += wrong("memory of type %u is of type %u", each[i], q.mem_type);
    }
    q.pfn = 0xfe000;
    if (hvm_op(HVMOP_get_mem_type, &q, sizeof(q)) || q.mem_type != HVMMEM_mmio_dm)
        bad += wrong("no memory is of type %u", q.mem_type);
    bad += EXPECT("memory for the device model", set_type(FIRST, 1, HVMMEM_mmio_dm), -EOPNOTSUPP);
    bad += EXPECT("memory for a server", set_type(FIRST, 1, HVMMEM_ioreq_server), -EOPNOTSUPP);
    bad += EXPECT("an unknown type", set_type(FIRST, 1, 99), -EINVAL);
    bad += EXPECT("memory that is none", set_type(0xfe000, 1, HVMMEM_ram_ro), -EINVAL);
    bad += EXPECT("memory beyond all", set_type(~0UL - 1, 1, HVMMEM_ram_ro), -EINVAL);
    bad += EXPECT("an unknown operation", dm(&(struct xen_dm_op){ .op = 99 }, NULL, 0), -EOPNOTSUPP);
    return bad;
}

int test_device_model(const uint32_t *n)
{
    struct xen_domctl op = { 0 };
    int bad;

    guest = n[0];
    bad = interrupts((uint8_t)n[1]);
    if (domctl(XEN_DOMCTL_pausedomain, guest, &op))
        return bad + wrong("domain %u cannot be paused", guest);
    bad += display();
    bad += types();
    memset(&op, 0, sizeof(op));
    if (domctl(XEN_DOMCTL_unpausedomain, guest, &op))
        bad += wrong("it cannot go on");
    return bad;
}
