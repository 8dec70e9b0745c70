/* SPDX-License-Identifier: MIT */
// sources:
/* dm_op: what comes in and goes back, and a device model's requests about memory, on made-up nested tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "mem/frame.h"

static struct vcpu *running;
static bool preempt;
#undef current
#define current running
#include "abi/hypercall.h"
#define hypercall_preempt_check() (preempt = !preempt)
#include "devmodel/dm_inject.c"
#include "devmodel/dm_memory.c"
#include "devmodel/dm_op.c"
#include "devmodel/vram.c"

/* ---- What surrounds it */

#define FRAMES 3000

static struct domain guest, tools = { .is_privileged = true };
static struct vcpu tool_vcpu = { .domain = &tools };
static struct p2m p2m = { .limit = FRAMES };
static struct devmodel models;
static enum p2m_type types[FRAMES];
static unsigned int continued, line_calls;
static u32 shutdown_reason;
static gfn_t moved_from, moved_to;
const struct container_ops *container_ops;

mfn_t p2m_get(struct p2m *p, gfn_t gfn, enum p2m_type *type, unsigned int *order)
{
    assert_true(gfn < FRAMES);
    *type = types[gfn];
    return gfn;
}
int p2m_change_type(struct p2m *p, gfn_t gfn, enum p2m_type from, enum p2m_type to)
{
    if (types[gfn] != from || gfn == 77)   /* one of Prism's own, which keeps its type */
        return -EINVAL;
    types[gfn] = to;
    return 0;
}
int p2m_change_type_range(struct p2m *p, gfn_t first, gfn_t end, enum p2m_type from, enum p2m_type to, gfn_t *next)
{
    gfn_t stop = end - first > 100 ? first + 100 : end;   /* interrupted now and then */

    for (gfn_t gfn = first; gfn < stop; gfn++)
        if (types[gfn] == from)
            types[gfn] = to;
    *next = stop;
    return stop < end ? -ERESTART : 0;
}
long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    assert_int_equal(number, __HYPERVISOR_dm_op);
    continued++;
    return 12345;
}
struct domain *domain_get(domid_t id) { return id == guest.id ? &guest : id == tools.id ? &tools : NULL; }
void domain_put(struct domain *d) { }
void domain_shutdown(struct domain *d, u32 reason) { shutdown_reason = reason; }
void vcpu_pause(struct vcpu *v) { }
void vcpu_unpause(struct vcpu *v) { }
bool devmodel_busy(const struct vcpu *v) { return false; }
int pod_populate(struct domain *d, gfn_t gfn)
{
    static bool searched;

    if ((searched = !searched))
        return -ERESTART;
    types[gfn] = P2M_RAM;
    return 0;
}
int memory_physmap_add(struct domain *d, unsigned int space, unsigned long idx, gfn_t gfn)
{
    assert_int_equal(space, XENMAPSPACE_gmfn_range);
    moved_from = idx;
    moved_to = gfn;
    return idx == 13 ? -EINVAL : 0;
}
int server_create(struct domain *d, u8 buffered, ioservid_t *id) { *id = 6; return buffered ? 0 : -ENOSPC; }
int server_destroy(struct domain *d, u32 id) { return 0; }
int server_info(struct domain *d, struct xen_dm_op_get_ioreq_server_info *info) { return 0; }
int server_set_state(struct domain *d, u32 id, bool enabled) { return 0; }
int server_map(struct domain *d, const struct xen_dm_op_ioreq_server_range *r, bool map) { return map ? 0 : -ENOENT; }

static size_t copy_from(void *dst, u64 va, size_t n)
{
    if (va < 4096)
        return n;
    memcpy(dst, (const void *)va, n);
    return 0;
}
static size_t copy_to(u64 va, const void *src, size_t n)
{
    if (va < 4096)
        return n;
    memcpy((void *)va, src, n);
    return 0;
}
static void isa_irq(struct domain *d, unsigned int irq, bool level) { line_calls++; }
static void pci_intx(struct domain *d, unsigned int device, unsigned int pin, bool level) { line_calls++; }
static void pci_link(struct domain *d, unsigned int link, unsigned int irq) { line_calls++; }
static int msi(struct domain *d, u64 address, u32 data) { line_calls++; return 0; }
static const struct platform_inputs lines = { isa_irq, pci_intx, pci_link, msi };
static const struct platform_ops platform = { .inputs = &lines };
static const struct privileged_ops privileged = { .copy_from = copy_from, .copy_to = copy_to };
static const struct row row = { .privileged = &privileged, .platform = &platform };

static int setup(void **state)
{
    tools.row = guest.row = &row;
    guest.id = 5;
    guest.max_vcpus = 3;
    guest.p2m = &p2m;
    guest.devmodel = &models;
    running = &tool_vcpu;
    memset(&models, 0, sizeof(models));
    for (unsigned int i = 0; i < FRAMES; i++)
        types[i] = P2M_RAM;
    continued = line_calls = 0;
    return 0;
}

/* Issues op until it is done, as a guest's hypercall stub does. */
static long call(struct xen_dm_op *op, void *second, size_t second_size)
{
    struct xen_dm_op_buf buffers[2] = { { .h = { op }, .size = sizeof(*op) }, { .h = { second }, .size = second_size } };
    long rc;

    do
        rc = hypercall_dm_op(guest.id, second ? 2 : 1, (unsigned long)buffers, 0, 0, 0);
    while (rc == 12345);
    return rc;
}

/* ---- The call */

static void who_may_call(void **state)
{
    struct xen_dm_op op = { .op = XEN_DMOP_nr_vcpus };
    struct xen_dm_op_buf buffer = { .h = { &op }, .size = sizeof(op) };
    unsigned long at = (unsigned long)&buffer;

    assert_int_equal(hypercall_dm_op(9, 1, at, 0, 0, 0), -ESRCH);
    assert_int_equal(hypercall_dm_op(0, 1, at, 0, 0, 0), -EPERM);
    assert_int_equal(hypercall_dm_op(5, 3, at, 0, 0, 0), -E2BIG);
    assert_int_equal(hypercall_dm_op(5, 1, 0, 0, 0, 0), -EFAULT);
    assert_int_equal(hypercall_dm_op(5, 0, at, 0, 0, 0), -EFAULT);
    assert_int_equal(hypercall_dm_op(5, 1, at, 0, 0, 0), 0);
    assert_int_equal(op.u.nr_vcpus.vcpus, 3);
    guest.devmodel = NULL;
    assert_int_equal(hypercall_dm_op(5, 1, at, 0, 0, 0), -EINVAL);
    guest.devmodel = &models;
    tools.is_privileged = false;
    assert_int_equal(hypercall_dm_op(5, 1, at, 0, 0, 0), -EPERM);
    tools.is_privileged = true;
}

static void buffers_are_checked(void **state)
{
    struct { struct xen_dm_op op; } *exact = malloc(offsetof(struct xen_dm_op, u) + sizeof(struct xen_dm_op_nr_vcpus));
    struct xen_dm_op_buf buffer = { .h = { exact } };
    size_t whole = offsetof(struct xen_dm_op, u) + sizeof(struct xen_dm_op_nr_vcpus);

    memset(exact, 0, whole);
    exact->op.op = XEN_DMOP_nr_vcpus;
    for (buffer.size = 0; buffer.size < whole; buffer.size++)
        assert_int_equal(hypercall_dm_op(5, 1, (unsigned long)&buffer, 0, 0, 0), -EFAULT);
    assert_int_equal(hypercall_dm_op(5, 1, (unsigned long)&buffer, 0, 0, 0), 0);
    exact->op.pad = 1;
    assert_int_equal(hypercall_dm_op(5, 1, (unsigned long)&buffer, 0, 0, 0), -EINVAL);
    exact->op.pad = 0;
    for (u32 op = 0; op < 64; op++)
        if (op == 0 || op == XEN_DMOP_map_mem_type_to_ioreq_server || op == XEN_DMOP_set_irq_level || op > XEN_DMOP_nr_vcpus) {
            exact->op.op = op;
            assert_int_equal(hypercall_dm_op(5, 1, (unsigned long)&buffer, 0, 0, 0), -EOPNOTSUPP);
        }
    free(exact);
}

static void lines_are_checked(void **state)
{
    struct xen_dm_op op = { .op = XEN_DMOP_set_pci_intx_level,
                            .u.set_pci_intx_level = { .device = 31, .intx = 3, .level = 1 } };

    assert_int_equal(call(&op, NULL, 0), 0);
    op.u.set_pci_intx_level.device = 32;
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    op = (struct xen_dm_op){ .op = XEN_DMOP_set_isa_irq_level, .u.set_isa_irq_level = { .isa_irq = 15, .level = 2 } };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    op.u.set_isa_irq_level.level = 1;
    assert_int_equal(call(&op, NULL, 0), 0);
    op.u.set_isa_irq_level.isa_irq = 16;
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    op = (struct xen_dm_op){ .op = XEN_DMOP_set_pci_link_route, .u.set_pci_link_route = { .link = 4 } };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    op = (struct xen_dm_op){ .op = XEN_DMOP_inject_msi, .u.inject_msi = { .pad = 1 } };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    assert_int_equal(line_calls, 2);
    op = (struct xen_dm_op){ .op = XEN_DMOP_inject_event, .u.inject_event = { .vcpuid = 3 } };
    guest.vcpu = (struct vcpu *[3]){ NULL };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    op = (struct xen_dm_op){ .op = XEN_DMOP_remote_shutdown, .u.remote_shutdown = { .reason = SHUTDOWN_crash } };
    assert_int_equal(call(&op, NULL, 0), 0);
    assert_int_equal(shutdown_reason, SHUTDOWN_crash);
    op.u.remote_shutdown.reason = SHUTDOWN_MAX + 1;
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
}

/* ---- Memory */

static void written_memory_is_noted(void **state)
{
    struct xen_dm_op_modified_memory_extent x[3] = {
        { .nr = 10, .first_pfn = 100 }, { .nr = 700, .first_pfn = 1000 }, { .nr = 1, .first_pfn = FRAMES - 1 } };
    struct xen_dm_op op = { .op = XEN_DMOP_modified_memory, .u.modified_memory = { .nr_extents = 3 } };

    for (unsigned int i = 0; i < FRAMES; i++)
        types[i] = P2M_LOGDIRTY;
    assert_int_equal(call(&op, x, sizeof(x)), 0);
    assert_true(continued > 0);
    assert_int_equal(op.u.modified_memory.nr_extents, 0);
    for (unsigned int i = 0; i < FRAMES; i++)
        assert_int_equal(types[i], (i >= 100 && i < 110) || (i >= 1000 && i < 1700) || i == FRAMES - 1 ? P2M_RAM
                                                                                                      : P2M_LOGDIRTY);
    op.u.modified_memory = (struct xen_dm_op_modified_memory){ .nr_extents = 3 };
    x[1].first_pfn = FRAMES - 699;
    assert_int_equal(call(&op, x, sizeof(x)), -EINVAL);
    assert_int_equal(op.u.modified_memory.nr_extents, 2);   /* the one that is wrong, counted from 1 */
    op.u.modified_memory = (struct xen_dm_op_modified_memory){ .nr_extents = 4 };
    assert_int_equal(call(&op, x, sizeof(x)), -EINVAL);
    op.u.modified_memory = (struct xen_dm_op_modified_memory){ .nr_extents = ~0u };
    assert_int_equal(call(&op, x, sizeof(x)), -EINVAL);
    x[0].first_pfn = ~0UL;
    op.u.modified_memory = (struct xen_dm_op_modified_memory){ .nr_extents = 1 };
    assert_int_equal(call(&op, x, sizeof(x)), -EINVAL);
}

static void types_of_memory(void **state)
{
    struct xen_dm_op op = { .op = XEN_DMOP_set_mem_type };
    struct xen_dm_op_set_mem_type *q = &op.u.set_mem_type;

    types[205] = P2M_LOGDIRTY;
    types[206] = types[207] = P2M_POD;
    *q = (struct xen_dm_op_set_mem_type){ .nr = 1000, .mem_type = HVMMEM_ram_ro, .first_pfn = 200 };
    assert_int_equal(call(&op, NULL, 0), 0);
    for (unsigned int i = 0; i < FRAMES; i++)
        assert_int_equal(types[i], i >= 200 && i < 1200 ? P2M_RAM_RO : P2M_RAM);
    *q = (struct xen_dm_op_set_mem_type){ .nr = 1, .mem_type = HVMMEM_ram_ro, .first_pfn = 77 };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    types[300] = P2M_GRANT;
    *q = (struct xen_dm_op_set_mem_type){ .nr = 200, .mem_type = HVMMEM_ram_rw, .first_pfn = 200 };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    types[400] = P2M_NONE;
    *q = (struct xen_dm_op_set_mem_type){ .nr = 1, .mem_type = HVMMEM_mmio_dm, .first_pfn = 400 };
    assert_int_equal(call(&op, NULL, 0), 0);
    q->first_pfn = 401, q->nr = 1;
    assert_int_equal(call(&op, NULL, 0), -EOPNOTSUPP);
    for (u16 type = HVMMEM_mmio_dm + 1; type < 20; type++) {
        *q = (struct xen_dm_op_set_mem_type){ .nr = 1, .mem_type = type, .first_pfn = 1 };
        assert_int_equal(call(&op, NULL, 0), type == HVMMEM_ioreq_server ? -EOPNOTSUPP : -EINVAL);
    }
    *q = (struct xen_dm_op_set_mem_type){ .nr = 2, .mem_type = HVMMEM_ram_ro, .first_pfn = ~0UL };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
}

static void memory_moves(void **state)
{
    struct xen_dm_op op = { .op = XEN_DMOP_relocate_memory,
                            .u.relocate_memory = { .size = 50, .src_gfn = 20, .dst_gfn = 900 } };

    assert_int_equal(call(&op, NULL, 0), 0);
    assert_int_equal(moved_from, 69);
    assert_int_equal(moved_to, 949);
    assert_true(continued > 0);
    op.u.relocate_memory = (struct xen_dm_op_relocate_memory){ .size = 5, .src_gfn = 10 };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
}

static bool bit(const u8 *bits, unsigned int n)
{
    return bits[n / 8] & 1u << n % 8;
}

/* Writes by the guest: the first to a protected frame makes it plain again. */
static void guest_writes(gfn_t gfn)
{
    types[gfn] = P2M_RAM;
}

static void display_memory(void **state)
{
    static u8 bits[FRAMES / 8 + 1];
    struct xen_dm_op op = { .op = XEN_DMOP_track_dirty_vram, .u.track_dirty_vram = { .nr = 1300, .first_pfn = 600 } };

    assert_int_equal(call(&op, bits, sizeof(bits)), 0);
    for (unsigned int i = 0; i < 1300; i++)
        assert_true(bit(bits, i));
    assert_int_equal(types[599], P2M_RAM);
    assert_int_equal(types[600], P2M_LOGDIRTY);
    assert_int_equal(types[1899], P2M_LOGDIRTY);
    assert_int_equal(types[1900], P2M_RAM);
    assert_int_equal(call(&op, bits, sizeof(bits)), 0);
    for (unsigned int i = 0; i < 1300; i++)
        assert_false(bit(bits, i));
    guest_writes(600);
    guest_writes(1111);
    guest_writes(1112);
    guest_writes(1899);
    assert_int_equal(call(&op, bits, sizeof(bits)), 0);
    for (unsigned int i = 0; i < 1300; i++)
        assert_int_equal(bit(bits, i), i == 0 || i == 511 || i == 512 || i == 1299);
    assert_int_equal(types[1111], P2M_LOGDIRTY);

    op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 8, .first_pfn = 0 };   /* elsewhere */
    assert_int_equal(call(&op, bits, 1), 0);
    assert_int_equal(bits[0], 0xff);
    assert_int_equal(types[700], P2M_RAM);
    assert_int_equal(types[7], P2M_LOGDIRTY);
    op.u.track_dirty_vram.nr = 0;
    assert_int_equal(call(&op, NULL, 0), 0);
    assert_int_equal(types[7], P2M_RAM);
}

static void display_memory_refusals(void **state)
{
    static u8 bits[4];
    struct xen_dm_op op = { .op = XEN_DMOP_track_dirty_vram, .u.track_dirty_vram = { .nr = 33, .first_pfn = 0 } };

    assert_int_equal(call(&op, bits, sizeof(bits)), -EINVAL);   /* no room */
    op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 32, .first_pfn = FRAMES - 31 };
    assert_int_equal(call(&op, bits, sizeof(bits)), -EINVAL);
    op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 32, .first_pfn = ~0UL };
    assert_int_equal(call(&op, bits, sizeof(bits)), -EINVAL);
    op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = ~0u };
    assert_int_equal(call(&op, bits, ~0UL), -EINVAL);
    op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 32 };
    assert_int_equal(call(&op, (void *)16, 4), -EFAULT);
    assert_int_equal(call(&op, bits, 4), 0);
    assert_int_equal(bits[3], 0xff);   /* nothing was lost by that */
    models.vram_busy = true;
    assert_int_equal(call(&op, bits, 4), -EBUSY);
}

static void cache_attributes(void **state)
{
    struct xen_dm_op op = { .op = XEN_DMOP_pin_memory_cacheattr };
    struct xen_dm_op_pin_memory_cacheattr *q = &op.u.pin_memory_cacheattr;

    *q = (struct xen_dm_op_pin_memory_cacheattr){ .start = 1, .end = 2, .type = XEN_DMOP_MEM_CACHEATTR_WB };
    assert_int_equal(call(&op, NULL, 0), 0);
    q->type = XEN_DMOP_MEM_CACHEATTR_UC;
    assert_int_equal(call(&op, NULL, 0), -EOPNOTSUPP);
    q->type = 2;
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
    *q = (struct xen_dm_op_pin_memory_cacheattr){ .start = 3, .end = 2, .type = XEN_DMOP_MEM_CACHEATTR_WB };
    assert_int_equal(call(&op, NULL, 0), -EINVAL);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {
        T(who_may_call), T(buffers_are_checked), T(lines_are_checked), T(written_memory_is_noted), T(types_of_memory),
        T(memory_moves), T(display_memory), T(display_memory_refusals), T(cache_attributes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
