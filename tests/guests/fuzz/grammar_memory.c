/* SPDX-License-Identifier: MIT */
/* The grammar of memory_op. */
#include <xen/physdev.h>

#include "fuzz/fuzz.h"

#define R xen_memory_reservation_t
#define E xen_memory_exchange_t

SHAPE(frame, xen_pfn_t, ELEMENT(xen_pfn_t, K_FRAME, 0));
SHAPE(index, xen_ulong_t, ELEMENT(xen_ulong_t, K_FRAME, 0));
SHAPE(small, xen_ulong_t, ELEMENT(xen_ulong_t, K_BELOW, 70));
SHAPE(error, int, ELEMENT(int, K_NUMBER, 0));
SHAPE(word, u32, ELEMENT(u32, K_BELOW, 8));
SHAPE(range, xen_vmemrange_t, F(xen_vmemrange_t, start, K_NUMBER, 0));

SHAPE(reservation, R, F_LIST(R, extent_start, 256, frame), F(R, nr_extents, K_COUNT, 0), F(R, extent_order, K_ORDER, 0),
      F(R, mem_flags, K_BITS, 0xfffff), F(R, domid, K_DOMID, 0));
SHAPE(reservation_plain, R, F_LIST(R, extent_start, 64, frame), F(R, nr_extents, K_COUNT, 0),
      F(R, domid, K_CONST, DOMID_SELF));
SHAPE(exchange, E, F_LIST(E, in.extent_start, 64, frame), F(E, in.nr_extents, K_COUNT, 0), F(E, in.extent_order, K_ORDER, 0),
      F(E, in.domid, K_DOMID, 0), F_LIST(E, out.extent_start, 64, frame), F(E, out.nr_extents, K_COUNT, 0),
      F(E, out.extent_order, K_ORDER, 0), F(E, out.mem_flags, K_BITS, 0xfffff), F(E, out.domid, K_DOMID, 0),
      F(E, nr_exchanged, K_BELOW, 2));
SHAPE(exchange_plain, E, F_LIST(E, in.extent_start, 8, frame), F(E, in.nr_extents, K_COUNT, 0),
      F(E, in.domid, K_CONST, DOMID_SELF), F_LIST(E, out.extent_start, 8, frame), F(E, out.nr_extents, K_COUNT, 0),
      F(E, out.domid, K_CONST, DOMID_SELF));
SHAPE(domain, struct xen_memory_domain, F(struct xen_memory_domain, domid, K_DOMID, 0));
SHAPE(mfn_list, xen_machphys_mfn_list_t, F_LIST(xen_machphys_mfn_list_t, extent_start, 64, frame),
      F(xen_machphys_mfn_list_t, max_extents, K_COUNT, 0));
SHAPE(mapping, xen_machphys_mapping_t, F(xen_machphys_mapping_t, v_start, K_NUMBER, 0));
SHAPE(add_frame, xen_add_to_physmap_t, F(xen_add_to_physmap_t, domid, K_DOMID, 0),
      F(xen_add_to_physmap_t, size, K_BELOW, 20), F(xen_add_to_physmap_t, space, K_BELOW, 7),
      F(xen_add_to_physmap_t, idx, K_FRAME, 0), F(xen_add_to_physmap_t, gpfn, K_FRAME, 0));
SHAPE(add_index, xen_add_to_physmap_t, F(xen_add_to_physmap_t, domid, K_CONST, DOMID_SELF),
      F(xen_add_to_physmap_t, space, K_BELOW, 2), F(xen_add_to_physmap_t, idx, K_BITS, 0x8000003f),
      F(xen_add_to_physmap_t, gpfn, K_FRAME, 0));
SHAPE(batch, xen_add_to_physmap_batch_t, F(xen_add_to_physmap_batch_t, domid, K_DOMID, 0),
      F(xen_add_to_physmap_batch_t, space, K_BELOW, 7), F(xen_add_to_physmap_batch_t, u.foreign_domid, K_BITS, 3),
      F_LIST(xen_add_to_physmap_batch_t, idxs, 64 | TOGETHER, index),
      F_LIST(xen_add_to_physmap_batch_t, errs, 64 | TOGETHER, error),
      F_LIST(xen_add_to_physmap_batch_t, gpfns, 64 | TOGETHER, frame), F(xen_add_to_physmap_batch_t, size, K_COUNT, 0));
SHAPE(batch_index, xen_add_to_physmap_batch_t, F(xen_add_to_physmap_batch_t, domid, K_CONST, DOMID_SELF),
      F(xen_add_to_physmap_batch_t, space, K_CONST, XENMAPSPACE_grant_table),
      F_LIST(xen_add_to_physmap_batch_t, idxs, 64 | TOGETHER, small),
      F_LIST(xen_add_to_physmap_batch_t, errs, 64 | TOGETHER, error),
      F_LIST(xen_add_to_physmap_batch_t, gpfns, 64 | TOGETHER, frame), F(xen_add_to_physmap_batch_t, size, K_COUNT, 0));
SHAPE(removal, xen_remove_from_physmap_t, F(xen_remove_from_physmap_t, domid, K_DOMID, 0),
      F(xen_remove_from_physmap_t, gpfn, K_FRAME, 0));
SHAPE(map, xen_memory_map_t, F(xen_memory_map_t, buffer, K_POINTER, 0), F(xen_memory_map_t, nr_entries, K_NUMBER, 0));
SHAPE(foreign_map, xen_foreign_memory_map_t, F(xen_foreign_memory_map_t, domid, K_DOMID, 0),
      F_LIST(xen_foreign_memory_map_t, map.buffer, 60, word), F(xen_foreign_memory_map_t, map.nr_entries, K_BELOW, 4));
SHAPE(pod_target, xen_pod_target_t, F(xen_pod_target_t, target_pages, K_NUMBER, 0), F(xen_pod_target_t, domid, K_DOMID, 0));
SHAPE(resource, xen_mem_acquire_resource_t, F(xen_mem_acquire_resource_t, domid, K_DOMID, 0),
      F(xen_mem_acquire_resource_t, type, K_BELOW, 4), F(xen_mem_acquire_resource_t, id, K_BELOW, 3),
      F_LIST(xen_mem_acquire_resource_t, frame_list, 32, frame), F(xen_mem_acquire_resource_t, nr_frames, K_COUNT, 0),
      F(xen_mem_acquire_resource_t, frame, K_BELOW, 8));
SHAPE(devices, xen_reserved_device_memory_map_t, F(xen_reserved_device_memory_map_t, flags, K_BITS, 1),
      F(xen_reserved_device_memory_map_t, buffer, K_POINTER, 0), F(xen_reserved_device_memory_map_t, nr_entries, K_NUMBER, 0));
SHAPE(topology, xen_vnuma_topology_info_t, F(xen_vnuma_topology_info_t, domid, K_DOMID, 0),
      F(xen_vnuma_topology_info_t, nr_vnodes, K_NUMBER, 0), F(xen_vnuma_topology_info_t, nr_vcpus, K_NUMBER, 0),
      F(xen_vnuma_topology_info_t, nr_vmemranges, K_NUMBER, 0), F(xen_vnuma_topology_info_t, vdistance.h, K_POINTER, 0),
      F(xen_vnuma_topology_info_t, vcpu_to_vnode.h, K_POINTER, 0), F_LIST(xen_vnuma_topology_info_t, vmemrange.h, 4, range));
SHAPE(paging, xen_mem_paging_op_t, F(xen_mem_paging_op_t, op, K_BELOW, 4), F(xen_mem_paging_op_t, domain, K_DOMID, 0),
      F(xen_mem_paging_op_t, buffer, K_POINTER, 0), F(xen_mem_paging_op_t, gfn, K_FRAME, 0));
SHAPE(sharing, xen_mem_sharing_op_t, F(xen_mem_sharing_op_t, op, K_BELOW, 11), F(xen_mem_sharing_op_t, domain, K_DOMID, 0),
      F(xen_mem_sharing_op_t, u, K_FRAME, 0));

#define MEMORY(cmd, weight, flags, shape) NAMED_OP(#cmd, cmd, memory_op, weight, flags, LIST(1, shape))

static const struct call calls[] = {
    MEMORY(XENMEM_increase_reservation, 4, 0, reservation), MEMORY(XENMEM_decrease_reservation, 6, 0, reservation),
    MEMORY(XENMEM_populate_physmap, 8, 0, reservation), MEMORY(XENMEM_populate_physmap, 8, 0, reservation_plain),
    MEMORY(XENMEM_decrease_reservation, 6, 0, reservation_plain), MEMORY(XENMEM_exchange, 5, 0, exchange),
    MEMORY(XENMEM_exchange, 5, 0, exchange_plain), OP(XENMEM_maximum_ram_page, memory_op, 1, 0, VALUE(K_POINTER, 0)),
    MEMORY(XENMEM_current_reservation, 2, 0, domain), MEMORY(XENMEM_maximum_reservation, 2, 0, domain),
    MEMORY(XENMEM_maximum_gpfn, 2, ANSWERS, domain),   /* a PV guest's own word for it */
    MEMORY(XENMEM_machphys_mfn_list, 2, 0, mfn_list),
    MEMORY(XENMEM_machphys_compat_mfn_list, 1, 0, mfn_list), MEMORY(XENMEM_machphys_mapping, 1, 0, mapping),
    MEMORY(XENMEM_add_to_physmap, 10, 0, add_frame), MEMORY(XENMEM_add_to_physmap, 8, 0, add_index),
    MEMORY(XENMEM_add_to_physmap_batch, 6, 0, batch), MEMORY(XENMEM_add_to_physmap_batch, 4, 0, batch_index),
    MEMORY(XENMEM_remove_from_physmap, 6, 0, removal), MEMORY(XENMEM_memory_map, 2, 0, map),
    MEMORY(XENMEM_machine_memory_map, 2, DENIED, map), MEMORY(XENMEM_set_memory_map, 2, 0, foreign_map),
    MEMORY(XENMEM_set_pod_target, 2, DENIED, pod_target), MEMORY(XENMEM_get_pod_target, 2, DENIED, pod_target),
    MEMORY(XENMEM_claim_pages, 2, DENIED, reservation), MEMORY(XENMEM_acquire_resource, 5, DENIED, resource),
    MEMORY(XENMEM_reserved_device_memory_map, 2, 0, devices), MEMORY(XENMEM_get_vnumainfo, 3, 0, topology),
    MEMORY(XENMEM_paging_op, 1, DENIED, paging), MEMORY(XENMEM_sharing_op, 1, DENIED, sharing),
    MEMORY(XENMEM_access_op, 1, DENIED, paging),
    CALL("memory_op", memory_op, 2, MORTAL, VALUE(K_BELOW, 64), VALUE(K_POINTER, 0)),
};

const struct book book_memory = BOOK(calls);
