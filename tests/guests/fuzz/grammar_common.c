/* SPDX-License-Identifier: MIT */
/* The grammar of what all guests may call: events, grants, scheduling, vCPUs, versions; and of what only a toolstack may. */
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/hvm/dm_op.h>
#include <xen/hypfs.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>

#include "fuzz/fuzz.h"
#include "fuzz/world_pv.h"

/* ---- Events */

SHAPE(alloc_unbound, evtchn_alloc_unbound_t, F(evtchn_alloc_unbound_t, dom, K_DOMID, 0),
      F(evtchn_alloc_unbound_t, remote_dom, K_DOMID, 0), F(evtchn_alloc_unbound_t, port, K_PORT, 0));
SHAPE(interdomain, evtchn_bind_interdomain_t, F(evtchn_bind_interdomain_t, remote_dom, K_DOMID, 0),
      F(evtchn_bind_interdomain_t, remote_port, K_PORT, 0), F(evtchn_bind_interdomain_t, local_port, K_PORT, 0));
SHAPE(bind_virq, evtchn_bind_virq_t, F(evtchn_bind_virq_t, virq, K_BELOW, 24), F(evtchn_bind_virq_t, vcpu, K_VCPU, 0),
      F(evtchn_bind_virq_t, port, K_PORT, 0));
SHAPE(bind_pirq, evtchn_bind_pirq_t, F(evtchn_bind_pirq_t, pirq, K_BELOW, 40), F(evtchn_bind_pirq_t, flags, K_BITS, 3),
      F(evtchn_bind_pirq_t, port, K_PORT, 0));
SHAPE(bind_ipi, evtchn_bind_ipi_t, F(evtchn_bind_ipi_t, vcpu, K_VCPU, 0), F(evtchn_bind_ipi_t, port, K_PORT, 0));
SHAPE(port, evtchn_close_t, F(evtchn_close_t, port, K_PORT, 0));
SHAPE(port_status, evtchn_status_t, F(evtchn_status_t, dom, K_DOMID, 0), F(evtchn_status_t, port, K_PORT, 0));
SHAPE(bind_vcpu, evtchn_bind_vcpu_t, F(evtchn_bind_vcpu_t, port, K_PORT, 0), F(evtchn_bind_vcpu_t, vcpu, K_VCPU, 0));
SHAPE(event_reset, evtchn_reset_t, F(evtchn_reset_t, dom, K_DOMID, 0));
SHAPE(init_control, evtchn_init_control_t, F(evtchn_init_control_t, control_gfn, K_FRAME, 0),
      F(evtchn_init_control_t, offset, K_BITS, 0xff8), F(evtchn_init_control_t, vcpu, K_VCPU, 0));
SHAPE(expand_array, evtchn_expand_array_t, F(evtchn_expand_array_t, array_gfn, K_FRAME, 0));
SHAPE(priority, evtchn_set_priority_t, F(evtchn_set_priority_t, port, K_PORT, 0),
      F(evtchn_set_priority_t, priority, K_BELOW, 16));

/* ---- Grants */

SHAPE(map, gnttab_map_grant_ref_t, F(gnttab_map_grant_ref_t, host_addr, K_PLACE, 0),
      F(gnttab_map_grant_ref_t, flags, K_BITS, 0x7001f), F(gnttab_map_grant_ref_t, ref, K_REF, 0),
      F(gnttab_map_grant_ref_t, dom, K_DOMID, 0), F(gnttab_map_grant_ref_t, handle, K_HANDLE, 0));
SHAPE(map_host, gnttab_map_grant_ref_t, F(gnttab_map_grant_ref_t, host_addr, K_PLACE, 0),
      F(gnttab_map_grant_ref_t, flags, K_CONST, GNTMAP_host_map), F(gnttab_map_grant_ref_t, ref, K_REF, 0),
      F(gnttab_map_grant_ref_t, dom, K_DOMID, 0), F(gnttab_map_grant_ref_t, handle, K_HANDLE, 0));
SHAPE(unmap, gnttab_unmap_grant_ref_t, F(gnttab_unmap_grant_ref_t, host_addr, K_PLACE, 0),
      F(gnttab_unmap_grant_ref_t, handle, K_HANDLE, 0));
SHAPE(replace, gnttab_unmap_and_replace_t, F(gnttab_unmap_and_replace_t, host_addr, K_PLACE, 0),
      F(gnttab_unmap_and_replace_t, new_addr, K_PLACE, 0), F(gnttab_unmap_and_replace_t, handle, K_HANDLE, 0));
SHAPE(frame, xen_pfn_t, ELEMENT(xen_pfn_t, K_FRAME, 0));
SHAPE(setup_table, gnttab_setup_table_t, F(gnttab_setup_table_t, dom, K_DOMID, 0),
      F_LIST(gnttab_setup_table_t, frame_list, 64, frame), F(gnttab_setup_table_t, nr_frames, K_COUNT, 0));
SHAPE(dump_table, gnttab_dump_table_t, F(gnttab_dump_table_t, dom, K_DOMID, 0));
SHAPE(transfer, gnttab_transfer_t, F(gnttab_transfer_t, mfn, K_FRAME, 0), F(gnttab_transfer_t, domid, K_DOMID, 0),
      F(gnttab_transfer_t, ref, K_REF, 0));
SHAPE(copy, gnttab_copy_t, F(gnttab_copy_t, source.u.gmfn, K_FRAME, 0), F(gnttab_copy_t, source.domid, K_DOMID, 0),
      F(gnttab_copy_t, source.offset, K_BITS, 0xfff), F(gnttab_copy_t, dest.u.gmfn, K_FRAME, 0),
      F(gnttab_copy_t, dest.domid, K_DOMID, 0), F(gnttab_copy_t, dest.offset, K_BITS, 0xfff),
      F(gnttab_copy_t, len, K_BITS, 0xfff), F(gnttab_copy_t, flags, K_BITS, 3));
SHAPE(copy_refs, gnttab_copy_t, F(gnttab_copy_t, source.u.gmfn, K_REF, 0), F(gnttab_copy_t, source.domid, K_DOMID, 0),
      F(gnttab_copy_t, source.offset, K_BITS, 0xfff), F(gnttab_copy_t, dest.u.gmfn, K_REF, 0),
      F(gnttab_copy_t, dest.domid, K_DOMID, 0), F(gnttab_copy_t, dest.offset, K_BITS, 0xfff),
      F(gnttab_copy_t, len, K_BITS, 0xfff), F(gnttab_copy_t, flags, K_CONST, GNTCOPY_source_gref | GNTCOPY_dest_gref));
SHAPE(query_size, gnttab_query_size_t, F(gnttab_query_size_t, dom, K_DOMID, 0));
SHAPE(set_version, gnttab_set_version_t, F(gnttab_set_version_t, version, K_BELOW, 3));
SHAPE(get_version, gnttab_get_version_t, F(gnttab_get_version_t, dom, K_DOMID, 0));
SHAPE(wide, u64, ELEMENT(u64, K_NUMBER, 0));
SHAPE(status_frames, gnttab_get_status_frames_t, F(gnttab_get_status_frames_t, dom, K_DOMID, 0),
      F_LIST(gnttab_get_status_frames_t, frame_list, 32, wide), F(gnttab_get_status_frames_t, nr_frames, K_COUNT, 0));
SHAPE(swap, gnttab_swap_grant_ref_t, F(gnttab_swap_grant_ref_t, ref_a, K_REF, 0), F(gnttab_swap_grant_ref_t, ref_b, K_REF, 0));
SHAPE(cache_flush, gnttab_cache_flush_t, F(gnttab_cache_flush_t, a.dev_bus_addr, K_NUMBER, 0),
      F(gnttab_cache_flush_t, offset, K_BITS, 0xfff), F(gnttab_cache_flush_t, length, K_BITS, 0xfff),
      F(gnttab_cache_flush_t, op, K_BITS, 0x80000003));

/* ---- Scheduling, vCPUs and their timers */

SHAPE(port_number, evtchn_port_t, ELEMENT(evtchn_port_t, K_PORT, 0));
SHAPE(poll, sched_poll_t, F_LIST(sched_poll_t, ports, 130, port_number), F(sched_poll_t, nr_ports, K_COUNT, 0),
      F(sched_poll_t, timeout, K_SOON, 0));
SHAPE(no_reason, sched_shutdown_t, F(sched_shutdown_t, reason, K_CONST, SHUTDOWN_poweroff));
SHAPE(reason, sched_shutdown_t, F(sched_shutdown_t, reason, K_BELOW, 6));
SHAPE(remote, sched_remote_shutdown_t, F(sched_remote_shutdown_t, domain_id, K_DOMID, 0),
      F(sched_remote_shutdown_t, reason, K_BELOW, 6));
SHAPE(watchdog_far, sched_watchdog_t, F(sched_watchdog_t, id, K_BELOW, 3), F(sched_watchdog_t, timeout, K_CONST, 1000000));
SHAPE(watchdog, sched_watchdog_t, F(sched_watchdog_t, id, K_BELOW, 3), F(sched_watchdog_t, timeout, K_NUMBER, 0));
SHAPE(pin_override, struct sched_pin_override, F(struct sched_pin_override, pcpu, K_NUMBER, 0));
SHAPE(runstate_area, vcpu_register_runstate_memory_area_t, F(vcpu_register_runstate_memory_area_t, addr.p, K_POINTER, 0));
SHAPE(time_area, vcpu_register_time_memory_area_t, F(vcpu_register_time_memory_area_t, addr.p, K_POINTER, 0));
SHAPE(info_area, vcpu_register_vcpu_info_t, F(vcpu_register_vcpu_info_t, mfn, K_FRAME, 0),
      F(vcpu_register_vcpu_info_t, offset, K_BITS, 0xff8));
SHAPE(periodic, vcpu_set_periodic_timer_t, F(vcpu_set_periodic_timer_t, period_ns, K_NUMBER, 0));
SHAPE(singleshot, vcpu_set_singleshot_timer_t, F(vcpu_set_singleshot_timer_t, timeout_abs_ns, K_SOON, 0),
      F(vcpu_set_singleshot_timer_t, flags, K_BITS, 1));
SHAPE(singleshot_any, vcpu_set_singleshot_timer_t, F(vcpu_set_singleshot_timer_t, timeout_abs_ns, K_NUMBER, 0),
      F(vcpu_set_singleshot_timer_t, flags, K_BITS, 1));

/* ---- A toolstack's */

SHAPE(domctl, struct xen_domctl, F(struct xen_domctl, cmd, K_BELOW, 90), F(struct xen_domctl, domain, K_DOMID, 0),
      F(struct xen_domctl, interface_version, K_CONST, XEN_DOMCTL_INTERFACE_VERSION),
      F(struct xen_domctl, u, K_NUMBER, 0));
SHAPE(sysctl, struct xen_sysctl, F(struct xen_sysctl, cmd, K_BELOW, 32),
      F(struct xen_sysctl, interface_version, K_CONST, XEN_SYSCTL_INTERFACE_VERSION),
      F(struct xen_sysctl, u, K_NUMBER, 0));
SHAPE(platform, struct xen_platform_op, F(struct xen_platform_op, cmd, K_BELOW, 66),
      F(struct xen_platform_op, interface_version, K_CONST, XENPF_INTERFACE_VERSION),
      F(struct xen_platform_op, u, K_NUMBER, 0));
SHAPE(dm_op, struct xen_dm_op, F(struct xen_dm_op, op, K_BELOW, 20), F(struct xen_dm_op, u, K_NUMBER, 0));
SHAPE(dm_buffer, xen_dm_op_buf_t, F_LIST(xen_dm_op_buf_t, h, 1, dm_op),
      F(xen_dm_op_buf_t, size, K_CONST, sizeof(struct xen_dm_op)));
SHAPE(character, u8, ELEMENT(u8, K_BELOW, 0x70));
SHAPE(anything, u64, ELEMENT(u64, K_NUMBER, 0));

#define EVENT(cmd, weight, flags, shape) NAMED_OP(#cmd, cmd, event_channel_op, weight, flags, LIST(1, shape))
#define GRANT(cmd, weight, most, shape) \
    NAMED_OP(#cmd, cmd, grant_table_op, weight, 0, LIST(most, shape), VALUE(K_COUNT, 0))
#define SCHED(cmd, weight, flags, shape) NAMED_OP(#cmd, cmd, sched_op, weight, flags, LIST(1, shape))
#define VCPU(cmd, weight, flags, last) NAMED_OP(#cmd, cmd, vcpu_op, weight, flags, VALUE(K_VCPU, 0), last)
#define NOTHING VALUE(K_CONST, 0)

static const struct call calls[] = {
    EVENT(EVTCHNOP_alloc_unbound, 12, 0, alloc_unbound), EVENT(EVTCHNOP_bind_interdomain, 12, 0, interdomain),
    EVENT(EVTCHNOP_bind_virq, 8, 0, bind_virq), EVENT(EVTCHNOP_bind_pirq, 4, 0, bind_pirq),
    EVENT(EVTCHNOP_bind_ipi, 6, 0, bind_ipi), EVENT(EVTCHNOP_close, 14, 0, port), EVENT(EVTCHNOP_send, 10, 0, port),
    EVENT(EVTCHNOP_unmask, 8, 0, port), EVENT(EVTCHNOP_status, 8, 0, port_status), EVENT(EVTCHNOP_bind_vcpu, 6, 0, bind_vcpu),
    EVENT(EVTCHNOP_reset, 1, 0, event_reset), EVENT(EVTCHNOP_init_control, 1, MOVES, init_control),
    EVENT(EVTCHNOP_expand_array, 3, 0, expand_array), EVENT(EVTCHNOP_set_priority, 4, 0, priority),

    GRANT(GNTTABOP_map_grant_ref, 8, 32, map), GRANT(GNTTABOP_map_grant_ref, 10, 32, map_host),
    GRANT(GNTTABOP_unmap_grant_ref, 14, 32, unmap), GRANT(GNTTABOP_unmap_and_replace, 6, 16, replace),
    GRANT(GNTTABOP_setup_table, 4, 2, setup_table), GRANT(GNTTABOP_dump_table, 1, 2, dump_table),
    GRANT(GNTTABOP_transfer, 4, 8, transfer), GRANT(GNTTABOP_copy, 8, 32, copy), GRANT(GNTTABOP_copy, 8, 32, copy_refs),
    GRANT(GNTTABOP_query_size, 3, 2, query_size), GRANT(GNTTABOP_set_version, 2, 2, set_version),
    GRANT(GNTTABOP_get_version, 2, 2, get_version), GRANT(GNTTABOP_get_status_frames, 3, 2, status_frames),
    GRANT(GNTTABOP_swap_grant_ref, 4, 8, swap), GRANT(GNTTABOP_cache_flush, 3, 8, cache_flush),

    OP(SCHEDOP_yield, sched_op, 3, 0, NOTHING), OP(SCHEDOP_block, sched_op, 2, BLOCKS, NOTHING),
    SCHED(SCHEDOP_poll, 3, BLOCKS, poll), SCHED(SCHEDOP_shutdown_code, 2, 0, no_reason),
    SCHED(SCHEDOP_shutdown, 1, MORTAL, reason),
    SCHED(SCHEDOP_remote_shutdown, 3, DENIED, remote), SCHED(SCHEDOP_watchdog, 2, 0, watchdog_far),
    SCHED(SCHEDOP_watchdog, 1, MORTAL, watchdog), SCHED(SCHEDOP_pin_override, 2, DENIED, pin_override),

    VCPU(VCPUOP_up, 1, MORTAL, NOTHING), VCPU(VCPUOP_down, 1, MORTAL, NOTHING), VCPU(VCPUOP_is_up, 3, 0, NOTHING),
    VCPU(VCPUOP_initialise, 1, MORTAL, VALUE(K_POINTER, 0)), VCPU(VCPUOP_get_runstate_info, 3, 0, VALUE(K_POINTER, 0)),
    VCPU(VCPUOP_register_runstate_memory_area, 3, 0, LIST(1, runstate_area)),
    VCPU(VCPUOP_register_vcpu_time_memory_area, 3, 0, LIST(1, time_area)),
    VCPU(VCPUOP_register_vcpu_info, 1, MOVES, LIST(1, info_area)), VCPU(VCPUOP_set_periodic_timer, 2, 0, LIST(1, periodic)),
    VCPU(VCPUOP_stop_periodic_timer, 2, 0, NOTHING), VCPU(VCPUOP_set_singleshot_timer, 3, 0, LIST(1, singleshot)),
    VCPU(VCPUOP_set_singleshot_timer, 2, 0, LIST(1, singleshot_any)), VCPU(VCPUOP_stop_singleshot_timer, 2, 0, NOTHING),
    VCPU(VCPUOP_send_nmi, 2, 0, NOTHING), VCPU(VCPUOP_get_physid, 2, 0, VALUE(K_POINTER, 0)),

    CALL("set_timer_op", set_timer_op, 3, 0, VALUE(K_SOON, 0)), CALL("set_timer_op", set_timer_op, 2, 0, VALUE(K_NUMBER, 0)),
    CALL("xen_version", xen_version, 6, 0, VALUE(K_BELOW, 12), VALUE(K_POINTER, 0)),
    OP(CONSOLEIO_write, console_io, 1, 0, VALUE(K_BELOW, 16), VALUE(K_POINTER, 0)),
    OP(CONSOLEIO_read, console_io, 1, DENIED, VALUE(K_NUMBER, 0), VALUE(K_POINTER, 0)),
    CALL("vm_assist", vm_assist, 3, 0, VALUE(K_BELOW, 3), VALUE(K_BELOW, 34)),

    CALL("domctl", domctl, 5, DENIED, LIST(1, domctl)), CALL("sysctl", sysctl, 4, DENIED, LIST(1, sysctl)),
    CALL("platform_op", platform_op, 4, DENIED, LIST(1, platform)), CALL("mca", mca, 2, DENIED, LIST(4, anything)),
    CALL("dm_op", dm_op, 3, DENIED, VALUE(K_DOMID, 0), VALUE(K_BELOW, 4), LIST(3, dm_buffer)),
    CALL("hypfs_op", hypfs_op, 3, DENIED, VALUE(K_BELOW, 4), LIST(64, character), VALUE(K_COUNT, 0), VALUE(K_POINTER, 0),
         VALUE(K_NUMBER, 0)),
    { "no such call", 70, 1, DENIED, 5, { VALUE(K_POINTER, 0), VALUE(K_NUMBER, 0), VALUE(K_POINTER, 0), VALUE(K_NUMBER, 0),
                                          VALUE(K_NUMBER, 0) } },
    { "any number", 12, 1, MORTAL, 5, { VALUE(K_NUMBER, 0), VALUE(K_POINTER, 0), VALUE(K_NUMBER, 0), VALUE(K_POINTER, 0),
                                        VALUE(K_NUMBER, 0) } },
};

const struct book book_common = BOOK(calls);
