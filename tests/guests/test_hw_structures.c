/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* The hypercalls whose structures 64-bit and 32-bit kernels lay out differently do what they are asked, and write no
 * byte beside them. */
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define PLACE EMPTY_GFN
#define REF 9

static void versions(void)
{
    struct { struct xen_platform_parameters p; unsigned long guard; } parameters = { .guard = 0x5a5a5a5a };
    struct xen_feature_info features = { .submap_idx = 0 };

    EXPECT("platform_parameters", CALL2(xen_version, XENVER_platform_parameters, &parameters), 0);
    EXPECT("what stands behind them", parameters.guard, 0x5a5a5a5a);
    EXPECT("get_features", CALL2(xen_version, XENVER_get_features, &features), 0);
    EXPECT("a translated guest", features.submap >> XENFEAT_auto_translated_physmap & 1, 1);
    EXPECT("events by vector", features.submap >> XENFEAT_hvm_callback_vector & 1, 1);
}

static long pages_now(void)
{
    domid_t self = DOMID_SELF;

    return CALL2(memory_op, XENMEM_current_reservation, &self);
}

static void extents(void)
{
    xen_pfn_t list[3] = { PLACE, PLACE + 1, PLACE + 2 };
    struct xen_memory_reservation r = { .nr_extents = 3, .domid = DOMID_SELF };
    long pages = pages_now();

    /* the domain may have no more than it has: what is populated is given back first */
    list[0] = frame_of(scratch[4]), list[1] = frame_of(scratch[5]), list[2] = frame_of(scratch[6]);
    set_xen_guest_handle(r.extent_start, list);
    EXPECT("decrease_reservation", CALL2(memory_op, XENMEM_decrease_reservation, &r), 3);
    EXPECT("pages", pages_now(), pages - 3);
    EXPECT("a page that is gone", *(volatile u8 *)scratch[4], 0xff);
    EXPECT("populate_physmap", CALL2(memory_op, XENMEM_populate_physmap, &r), 3);
    EXPECT("the frame it was told", list[1], frame_of(scratch[5]));
    EXPECT("a new page", *(volatile u8 *)scratch[4], 0);
    EXPECT("pages", pages_now(), pages);
}

static void places(void)
{
    xen_ulong_t idx[2] = { frame_of(scratch[4]), frame_of(scratch[5]) };
    xen_pfn_t gfn[2] = { PLACE, PLACE + 1 };
    int err[3] = { 77, 77, 4711 };
    struct xen_add_to_physmap_batch op = { .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn, .size = 2 };
    struct xen_remove_from_physmap gone = { .domid = DOMID_SELF, .gpfn = PLACE };
    volatile shared_info_t *info = shared_info_page();
    unsigned long mask = info->evtchn_mask[20];

    *(volatile u32 *)scratch[4] = 123;
    *(volatile u32 *)scratch[5] = 456;
    set_xen_guest_handle(op.idxs, idx);
    set_xen_guest_handle(op.gpfns, gfn);
    set_xen_guest_handle(op.errs, err);
    EXPECT("add_to_physmap_batch", CALL2(memory_op, XENMEM_add_to_physmap_batch, &op), 0);
    EXPECT("first answer", err[0], 0);
    EXPECT("second answer", err[1], 0);
    EXPECT("what stands behind them", err[2], 4711);
    EXPECT("the first page at its new place", *(volatile u32 *)gfn_to_va(PLACE), 123);
    EXPECT("the second", *(volatile u32 *)gfn_to_va(PLACE + 1), 456);
    EXPECT("the old place", (int)*(volatile u32 *)scratch[4], -1);
    EXPECT("once more", CALL2(memory_op, XENMEM_add_to_physmap_batch, &op), 0);
    EXPECT("there is nothing to move", err[0], -XEN_EINVAL);
    EXPECT("back", add_to_physmap(XENMAPSPACE_gmfn, PLACE + 1, frame_of(scratch[5])), 0);
    EXPECT("remove_from_physmap", CALL2(memory_op, XENMEM_remove_from_physmap, &gone), 0);
    EXPECT("a removed page", (int)*(volatile u32 *)gfn_to_va(PLACE), -1);
    EXPECT("removing nothing", CALL2(memory_op, XENMEM_remove_from_physmap, &gone), -XEN_ENOENT);
    info->evtchn_mask[20] = 0x4711;
    EXPECT("another place for shared_info", add_to_physmap(XENMAPSPACE_shared_info, 0, PLACE), 0);
    EXPECT("where it was", *(volatile u32 *)info, ~0u);
    EXPECT("back", add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN), 0);
    EXPECT("that place then", *(volatile u32 *)gfn_to_va(PLACE), ~0u);
    EXPECT("its mask", info->evtchn_mask[20], 0x4711);
    info->evtchn_mask[20] = mask;
    EXPECT_ERROR("a second shared_info", add_to_physmap(XENMAPSPACE_shared_info, 1, PLACE));
    EXPECT("foreign pages singly", add_to_physmap(XENMAPSPACE_gmfn_foreign, 0, PLACE), -XEN_ENOSYS);
    EXPECT_ERROR("device memory", add_to_physmap(XENMAPSPACE_dev_mmio, 0, PLACE));
    EXPECT_ERROR("a space that is none", add_to_physmap(77, 0, PLACE));
    op.space = XENMAPSPACE_gmfn_foreign;
    op.u.foreign_domid = 0;
    err[0] = 0;
    EXPECT("foreign pages", CALL2(memory_op, XENMEM_add_to_physmap_batch, &op), 0);
    EXPECT("the control domain's pages", err[0], -XEN_EPERM);
    op.space = XENMAPSPACE_gmfn_range;
    EXPECT("a batch of ranges", CALL2(memory_op, XENMEM_add_to_physmap_batch, &op), -XEN_EOPNOTSUPP);
}

/* As the toolstack has made it: a PC's firmware knows itself what is below 1 MiB, and what it has put above. */
static void memory_map(void)
{
    struct { u64 start, size; u32 type; } tight map[32];
    struct xen_memory_map op = { .nr_entries = 32 };

    set_xen_guest_handle(op.buffer, map);
    EXPECT("memory_map", CALL2(memory_op, XENMEM_memory_map, &op), 0);
    if (op.nr_entries < (has_firmware() ? 1 : 2) || op.nr_entries > 32)
        FAIL("%lu entries in the memory map", (unsigned long)op.nr_entries);
    EXPECT("where memory begins", map[0].start, has_firmware() ? 0x100000 : 0);
    EXPECT("its type", map[0].type, 1);
}

static void grants(void)
{
    struct gnttab_copy copy[2] = {
        { .source = { .u.gmfn = frame_of(scratch[5]), .domid = DOMID_SELF },
          .dest = { .u.gmfn = frame_of(scratch[6]), .domid = DOMID_SELF, .offset = 100 }, .len = 8, .status = 99 },
        { .source = { .u.ref = REF, .domid = own_domid() },
          .dest = { .u.gmfn = frame_of(scratch[6]), .domid = DOMID_SELF, .offset = 200 }, .len = 8,
          .flags = GNTCOPY_source_gref, .status = 99 },
    };
    struct gnttab_query_size size = { .dom = DOMID_SELF };
    volatile grant_entry_v1_t *table = grant_table();
    struct gnttab_map_grant_ref map = { .host_addr = (u64)PLACE << 12, .flags = GNTMAP_host_map, .ref = REF,
                                        .dom = own_domid() };
    struct gnttab_unmap_grant_ref unmap = { .host_addr = (u64)PLACE << 12 };

    *(volatile u32 *)scratch[5] = 0x1badcafe;
    table[REF].frame = frame_of(scratch[5]);
    table[REF].domid = own_domid();
    table[REF].flags = GTF_permit_access;
    EXPECT("copy", CALL3(grant_table_op, GNTTABOP_copy, copy, 2), 0);
    EXPECT("by frame", copy[0].status, GNTST_okay);
    EXPECT("by grant", copy[1].status, GNTST_okay);
    EXPECT("what was copied", *(volatile u32 *)(scratch[6] + 100), 0x1badcafe);
    EXPECT("what was copied", *(volatile u32 *)(scratch[6] + 200), 0x1badcafe);
    EXPECT("query_size", CALL3(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
    EXPECT("its status", size.status, GNTST_okay);
    EXPECT("map", CALL3(grant_table_op, GNTTABOP_map_grant_ref, &map, 1), 0);
    EXPECT("its status", map.status, GNTST_okay);
    EXPECT("what is there", *(volatile u32 *)gfn_to_va(PLACE), 0x1badcafe);
    unmap.handle = map.handle;
    EXPECT("unmap", CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1), 0);
    EXPECT("its status", unmap.status, GNTST_okay);
    EXPECT("what is there then", (int)*(volatile u32 *)gfn_to_va(PLACE), -1);
    table[REF].flags = 0;
}

static void lists(void)
{
    domid_t self = DOMID_SELF;
    multicall_entry_t list[3] = {
        { .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
        { .op = __HYPERVISOR_memory_op, .args = { XENMEM_current_reservation, (unsigned long)&self } },
        { .op = __HYPERVISOR_multicall },
    };

    EXPECT("multicall", CALL2(multicall, list, 3), 0);
    EXPECT("the version by a list", list[0].result, CALL2(xen_version, XENVER_version, 0));
    EXPECT("pages by a list", list[1].result, CALL2(memory_op, XENMEM_current_reservation, &self));
    EXPECT_ERROR("a list in a list", (long)list[2].result);
}

static void runstates(void)
{
    static struct { struct vcpu_runstate_info info; u32 guard; } tight area;
    struct vcpu_register_runstate_memory_area op = { .addr.p = ~0ull };

    memset(&area, 0x77, sizeof(area));
    EXPECT("get_runstate_info", CALL3(vcpu_op, VCPUOP_get_runstate_info, 0, &area.info), 0);
    EXPECT("state", area.info.state, RUNSTATE_running);
    EXPECT("what stands behind it", area.guard, 0x77777777);
    memset(&area, 0x77, sizeof(area));
    set_xen_guest_handle(op.addr.h, &area.info);
    EXPECT("register_runstate_memory_area", CALL3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &op), 0);
    nap(3000000);
    EXPECT("state in the area", area.info.state, RUNSTATE_running);
    if (now_ns() - area.info.state_entry_time > 2000000000u)
        FAIL("the area is not kept up to date");
    if (!area.info.time[RUNSTATE_blocked] || area.info.time[RUNSTATE_blocked] == 0x7777777777777777)
        FAIL("no time in the state blocked");
    EXPECT("what stands behind the area", area.guard, 0x77777777);
    op.addr.p = 0;
    EXPECT("no area any more", CALL3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &op), 0);
}

static void wallclock(void)
{
    const volatile shared_info_t *s = shared_info_page();

    if (s->wc_version & 1 || s->wc_sec < 1500000000u || s->wc_nsec >= 1000000000u)
        FAIL("a time of day of %lu seconds, %lu ns, version %lu", (unsigned long)s->wc_sec, (unsigned long)s->wc_nsec,
             (unsigned long)s->wc_version);
}

void test_main(void)
{
    versions();
    extents();
    places();
    memory_map();
    grants();
    lists();
    runstates();
    wallclock();
}
