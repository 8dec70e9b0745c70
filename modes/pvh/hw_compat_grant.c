/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_grant_table_op and HYPERVISOR_vcpu_op from 32-bit code. Most structures of both are the same for 64-bit
 * code; what is different is here. */
#include <xen/grant_table.h>
#include <xen/vcpu.h>

#include "dom/sched.h"
#include "modes/pvh/hw_compat.h"

/* Structures as 32-bit code lays them out. */
struct copy_end32 { u32 ref_or_frame; domid_t domid; u16 offset; } packed;
struct copy32 { struct copy_end32 source, dest; u16 len, flags; int16_t status; u16 pad; } packed;
struct setup_table32 { domid_t dom; u16 pad; u32 nr_frames; int16_t status; u16 pad2; u32 frame_list; } packed;
struct status_frames32 { u32 nr_frames; domid_t dom; int16_t status; u32 frame_list; } packed;
struct singleshot32 { u64 timeout_abs_ns; u32 flags; } packed;

/* ---- Grants */

static void widen_end(struct gnttab_copy_ptr *to, const struct copy_end32 *from, bool granted)
{
    if (granted)
        to->u.ref = from->ref_or_frame;
    else
        to->u.gmfn = from->ref_or_frame;
    to->domid = from->domid;
    to->offset = from->offset;
}

static long copy(struct hw_compat *c, u32 cmd, u32 array, u32 count)
{
    struct gnttab_copy *native = compat_struct(c);
    struct copy32 op;
    long rc;

    for (u32 i = 0; i < count; i++) {
        u32 at = array + i * (u32)sizeof(op);

        if (i && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, (unsigned long)cmd, (unsigned long)at,
                                      (unsigned long)(count - i));
        if (copy_arg_from(&op, (u64)at))
            return -EFAULT;
        memset(native, 0, sizeof(*native));
        widen_end(&native->source, &op.source, op.flags & GNTCOPY_source_gref);
        widen_end(&native->dest, &op.dest, op.flags & GNTCOPY_dest_gref);
        native->len = op.len;
        native->flags = op.flags;
        rc = compat_call(__HYPERVISOR_grant_table_op, cmd, COMPAT_BASE, 1);
        if (rc)
            return rc;
        op.status = native->status;
        if (copy_arg_to((u64)at, &op))
            return -EFAULT;
    }
    return 0;
}

/* A translated guest places its table's frames by XENMEM_add_to_physmap: no list comes back. */
static long setup_table(struct hw_compat *c, u32 cmd, u32 arg, u32 count)
{
    struct gnttab_setup_table *native = compat_struct(c);
    struct setup_table32 op;
    long rc;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->dom = op.dom;
    native->nr_frames = op.nr_frames;
    rc = compat_call(__HYPERVISOR_grant_table_op, cmd, COMPAT_BASE, count);
    op.status = native->status;
    return rc == 0 && copy_arg_to((u64)arg, &op) ? -EFAULT : rc;
}

static long status_frames(struct hw_compat *c, u32 cmd, u32 arg, u32 count)
{
    struct gnttab_get_status_frames *native = compat_struct(c);
    struct status_frames32 op;
    long rc;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->nr_frames = op.nr_frames;
    native->dom = op.dom;
    native->frame_list.p = (u64 *)(unsigned long)op.frame_list;
    rc = compat_call(__HYPERVISOR_grant_table_op, cmd, COMPAT_BASE, count);
    op.status = native->status;
    return rc == 0 && copy_arg_to((u64)arg, &op) ? -EFAULT : rc;
}

long compat_grant_table_op(struct hw_compat *c, const u32 a[6])
{
    if ((int32_t)a[2] < 0)
        return -EINVAL;
    switch (a[0]) {
    case GNTTABOP_map_grant_ref:
    case GNTTABOP_unmap_grant_ref:
    case GNTTABOP_unmap_and_replace:
    case GNTTABOP_query_size:
    case GNTTABOP_set_version:
    case GNTTABOP_get_version:
    case GNTTABOP_swap_grant_ref: return compat_call(__HYPERVISOR_grant_table_op, a[0], a[1], a[2]);
    case GNTTABOP_copy: return copy(c, a[0], a[1], a[2]);
    case GNTTABOP_setup_table: return setup_table(c, a[0], a[1], a[2]);
    case GNTTABOP_get_status_frames: return status_frames(c, a[0], a[1], a[2]);
    case GNTTABOP_cache_flush: return -EOPNOTSUPP;
    }
    return -ENOSYS;
}

/* ---- vCPUs */

static long set_singleshot(struct hw_compat *c, const u32 a[6])
{
    struct vcpu_set_singleshot_timer *native = compat_struct(c);
    struct singleshot32 op;

    if (copy_arg_from(&op, (u64)a[2]))
        return -EFAULT;
    *native = (struct vcpu_set_singleshot_timer){ op.timeout_abs_ns, op.flags };
    return compat_call(__HYPERVISOR_vcpu_op, a[0], a[1], COMPAT_BASE);
}

/* The address of an area is a word of 32 bits in a union of 64: what stands beside it says nothing. */
static long register_area(struct hw_compat *c, const u32 a[6])
{
    u64 *native = compat_struct(c);
    u32 address;

    if (copy_arg_from(&address, (u64)a[2]))
        return -EFAULT;
    *native = address;
    return compat_call(__HYPERVISOR_vcpu_op, a[0], a[1], COMPAT_BASE);
}

long compat_vcpu_op(struct hw_compat *c, const u32 a[6])
{
    switch (a[0]) {
    case VCPUOP_set_singleshot_timer: return set_singleshot(c, a);
    case VCPUOP_register_runstate_memory_area:
    case VCPUOP_register_vcpu_time_memory_area: return register_area(c, a);
    case VCPUOP_initialise: case VCPUOP_up: case VCPUOP_down: case VCPUOP_is_up: case VCPUOP_stop_singleshot_timer:
    case VCPUOP_set_periodic_timer: case VCPUOP_stop_periodic_timer: case VCPUOP_register_vcpu_info:
    case VCPUOP_get_runstate_info: case VCPUOP_send_nmi: case VCPUOP_get_physid:
        return compat_call(__HYPERVISOR_vcpu_op, a[0], a[1], a[2]);
    }
    return -ENOSYS;
}
