/* SPDX-License-Identifier: MIT */
/* The n-th allocation fails, for every n of what a kernel asks for itself: each call says so, changes nothing and succeeds the
 * next time; what is given back is all back. The control domain's place is where that can be brought about (/debug of the
 * hypervisor file system, in the debug build). */
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hypfs.h>
#include <xen/physdev.h>
#include <xen/sysctl.h>

#include "lib/guest.h"

#define REF 8
#define PORTS 8
#define REPEATS 300      /* of each n: what is lost becomes more than what the allocator of small objects keeps */
#define KEPT 8           /* frames that it may */
#define MOST 200         /* allocations of all steps */

#define SET_PATH "/debug/fail-allocation"

static char text[128];

static bool fail_at(unsigned int n)
{
    unsigned int at = 0;

    for (unsigned int unit = 100; unit; unit /= 10)
        text[at++] = (char)('0' + n / unit % 10);
    text[at++] = 0;
    return hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_write_contents, (unsigned long)SET_PATH, sizeof(SET_PATH),
                     (unsigned long)text, at, 0) == 0;
}

static bool has_failed(void)
{
    EXPECT("reading what is left", hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_read, (unsigned long)SET_PATH,
                                             sizeof(SET_PATH), (unsigned long)text, sizeof(text), 0), 0);
    return text[sizeof(struct xen_hypfs_direntry)] == '0';
}

static u64 free_frames(void)
{
    static struct xen_sysctl op;

    op = (struct xen_sysctl){ .cmd = XEN_SYSCTL_physinfo, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    EXPECT("physinfo", CALL1(sysctl, &op), 0);
    return op.u.physinfo.free_pages;
}

/* ---- Steps: 0 or an errno. One that has failed is repeated. */

static evtchn_port_t port[PORTS], virq, bound;
static xen_pfn_t list[8];
static grant_handle_t handle;
static int pirq;

static long ports(void)
{
    for (unsigned int i = 0; i < PORTS; i++) {
        struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
        long rc = port[i] ? 0 : CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &op);

        if (rc)
            return rc;
        port[i] = port[i] ? port[i] : op.port;
    }
    return 0;
}

static long bind(void)
{
    struct evtchn_bind_interdomain op = { .remote_dom = DOMID_SELF, .remote_port = port[0] };
    struct evtchn_bind_virq timer = { .virq = VIRQ_TIMER };
    long rc = bound ? 0 : CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &op);

    if (rc)
        return rc;
    bound = bound ? bound : op.local_port;
    rc = CALL2(event_channel_op, EVTCHNOP_bind_virq, &timer);
    virq = timer.port;
    return rc;
}

static long queues(void)
{
    struct evtchn_init_control op = { .control_gfn = frame_of(scratch[5]), .vcpu = 0 };

    return CALL2(event_channel_op, EVTCHNOP_init_control, &op);
}

static long words(void)
{
    struct evtchn_expand_array op = { .array_gfn = frame_of(scratch[6]) };

    return CALL2(event_channel_op, EVTCHNOP_expand_array, &op);
}

static long no_ports(void)
{
    struct evtchn_reset op = { .dom = DOMID_SELF };
    long rc = CALL2(event_channel_op, EVTCHNOP_reset, &op);

    memset(port, 0, sizeof(port));
    bound = virq = 0;
    return rc;
}

static long line(void)
{
    struct physdev_map_pirq op = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 10, .pirq = 10 };
    long rc = CALL2(physdev_op, PHYSDEVOP_map_pirq, &op);

    pirq = op.pirq;
    return rc;
}

static long line_bound(void)
{
    struct evtchn_bind_pirq op = { .pirq = (u32)pirq };

    return CALL2(event_channel_op, EVTCHNOP_bind_pirq, &op);
}

static long line_free(void)
{
    struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

    return CALL2(physdev_op, PHYSDEVOP_unmap_pirq, &op);
}

static long grants(void)
{
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 3 };

    set_xen_guest_handle(op.frame_list, list);
    return CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1) ? : op.status ? -XEN_ENOMEM : 0;
}

static long grant_version(void)
{
    for (u32 version = 2; version; version--) {
        struct gnttab_set_version op = { .version = version };
        long rc = CALL3(grant_table_op, GNTTABOP_set_version, &op, 1);

        if (rc)
            return rc;
    }
    return 0;
}

static long granted(void)
{
    struct grant_entry_v1 *entry = grant_table() + REF;
    struct gnttab_map_grant_ref op = { .host_addr = (u64)scratch[2], .flags = GNTMAP_host_map, .ref = REF, .dom = 0 };

    entry->frame = (u32)frame_of(scratch[1]);
    entry->domid = 0;
    entry->flags = GTF_permit_access;
    EXPECT("map_grant_ref", CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    handle = op.handle;
    return op.status == GNTST_no_space ? -XEN_ENOMEM : op.status;
}

static long given_back(void)
{
    u64 own = read_entry(scratch[3], 1);
    struct gnttab_unmap_grant_ref op = { .host_addr = (u64)scratch[2], .handle = handle };

    EXPECT("unmap_grant_ref", CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    EXPECT("its status", op.status, 0);
    return read_entry(scratch[3], 1) == own ? 0 : -XEN_EINVAL;
}

/* A page more, and the same less. */
static long page(void)
{
    struct xen_memory_reservation op = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, list);
    return CALL2(memory_op, XENMEM_increase_reservation, &op) == 1 ? 0 : -XEN_ENOMEM;
}

static long no_page(void)
{
    struct xen_memory_reservation op = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, list);
    return CALL2(memory_op, XENMEM_decrease_reservation, &op) == 1 ? 0 : -XEN_EBUSY;
}

/* A frame that is not mapped for another. */
static long exchange(void)
{
    static xen_pfn_t in, out;
    u64 mfn = va_to_mfn(scratch[4]);
    struct xen_memory_exchange op = { .in = { .nr_extents = 1, .domid = DOMID_SELF },
                                      .out = { .nr_extents = 1, .domid = DOMID_SELF } };
    long rc;

    in = mfn;
    out = va_to_pfn(scratch[4]);
    set_xen_guest_handle(op.in.extent_start, &in);
    set_xen_guest_handle(op.out.extent_start, &out);
    EXPECT("unmapping", CALL3(update_va_mapping, scratch[4], 0, UVMF_INVLPG), 0);
    rc = CALL2(memory_op, XENMEM_exchange, &op);
    EXPECT("mapping", CALL3(update_va_mapping, scratch[4], (rc ? mfn : out) << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    return rc;
}

static long memory_map(void)
{
    static struct { u64 address, size; u32 type; } tight map = { 0, 1 << 20, 1 };
    struct xen_foreign_memory_map op = { .domid = DOMID_SELF, .map.nr_entries = 1 };

    op.map.buffer.p = &map;
    return CALL2(memory_op, XENMEM_set_memory_map, &op);
}

static const struct {
    const char *name;
    long (*go)(void);
} steps[] = {
    { "ports", ports }, { "bindings", bind }, { "queues", queues }, { "words", words }, { "a line", line },
    { "its port", line_bound }, { "no ports", no_ports }, { "no line", line_free }, { "grant table", grants },
    { "its version", grant_version }, { "mapping a grant", granted }, { "unmapping it", given_back }, { "a page", page },
    { "a page less", no_page }, { "exchange", exchange }, { "memory map", memory_map },
};

/* All steps, with the n-th allocation failing; false if there are not so many. */
static bool round(unsigned int n)
{
    bool failed;

    fail_at(n);
    for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
        long rc = steps[i].go();

        if (rc == 0)
            continue;
        if (rc != -XEN_ENOMEM || !n || !has_failed())
            FAIL("%s, with allocation %u failing: %ld", steps[i].name, n, rc);
        rc = steps[i].go();
        if (rc)
            FAIL("%s once more, after allocation %u failed: %ld", steps[i].name, n, rc);
    }
    failed = has_failed();
    fail_at(0);
    return failed;
}

static unsigned int all(unsigned int repeats)
{
    unsigned int n = 1;

    for (bool reached = true; reached && n < MOST; n++)
        for (unsigned int i = 0; i < repeats; i++)
            reached = round(n);
    return n - 2;
}

void test_main(void)
{
    unsigned int once, again;
    u64 before, after;

    if (!fail_at(0)) {
        verdict(SKIP, "allocations are made to fail in the debug build alone");
        return;
    }
    once = all(1);
    before = free_frames();
    again = all(REPEATS);
    after = free_frames();
    say("%u allocations at first, %u later; %ld frames less\n", once, again, (long)(before - after));
    if (once < 8)
        FAIL("only %u allocations were made to fail", once);
    if (after + KEPT < before)
        FAIL("%ld frames are missing", (long)(before - after));
}
