/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_memory_op from 32-bit code: frame numbers, addresses and counts are 32 bits wide, in structures and in
 * lists. Lists are worked off one element at a time. */
#include <xen/memory.h>

#include "modes/pvh/hw_compat.h"

#define OP_BITS 6
#define OP_MASK ((1u << OP_BITS) - 1)

/* Structures as 32-bit code lays them out. */
struct reservation32 { u32 extent_start, nr_extents, extent_order, mem_flags; domid_t domid; u16 pad; } packed;
struct add_to_physmap32 { domid_t domid; u16 size; u32 space, idx, gpfn; } packed;
struct add_to_physmap_batch32 { domid_t domid; u16 space, size, extra; u32 idxs, gpfns, errs; } packed;
struct remove_from_physmap32 { domid_t domid; u16 pad; u32 gpfn; } packed;
struct memory_map32 { u32 nr_entries, buffer; } packed;

/* `done` elements of a list are done; the guest makes the call again for the rest. */
static long later(u32 op, u32 done, u32 arg)
{
    return hypercall_continue(__HYPERVISOR_memory_op, 2, (unsigned long)(op | done << OP_BITS), (unsigned long)arg);
}

static unsigned long wide_index(u32 space, u32 idx)
{
    if (space == XENMAPSPACE_grant_table && (idx & 0x80000000))
        return (idx & ~0x80000000u) | XENMAPIDX_grant_table_status;
    return idx;
}

static long add_to_physmap(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_add_to_physmap *native = compat_struct(c);
    struct add_to_physmap32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    *native = (struct xen_add_to_physmap){ .domid = op.domid, .size = op.size, .space = op.space, .gpfn = op.gpfn,
                                           .idx = wide_index(op.space, op.idx) };
    return compat_call(__HYPERVISOR_memory_op, cmd, COMPAT_BASE, 0);
}

struct batch_lists { xen_ulong_t idx; xen_pfn_t gpfn; int err; };

/* Element i. -errno: the call ends with it. */
static long batch_one(struct hw_compat *c, const struct add_to_physmap_batch32 *op, u32 i)
{
    struct xen_add_to_physmap_batch *native = compat_struct(c);
    struct batch_lists *lists = compat_list(c);
    u32 idx, gpfn;
    long rc;

    if (copy_from_guest_va(&idx, op->idxs + 4UL * i, 4) || copy_from_guest_va(&gpfn, op->gpfns + 4UL * i, 4))
        return -EFAULT;
    *lists = (struct batch_lists){ wide_index(op->space, idx), gpfn, 0 };
    memset(native, 0, sizeof(*native));
    native->domid = op->domid;
    native->space = op->space;
    native->size = 1;
    native->u.foreign_domid = op->extra;
    native->idxs.p = (xen_ulong_t *)(COMPAT_LIST + offsetof(struct batch_lists, idx));
    native->gpfns.p = (xen_pfn_t *)(COMPAT_LIST + offsetof(struct batch_lists, gpfn));
    native->errs.p = (int *)(COMPAT_LIST + offsetof(struct batch_lists, err));
    rc = compat_call(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, COMPAT_BASE, 0);
    return rc ? rc : copy_to_guest_va(op->errs + 4UL * i, &lists->err, sizeof(lists->err));
}

static long add_to_physmap_batch(struct hw_compat *c, u32 cmd, u32 arg)
{
    u32 op = cmd & OP_MASK, first = cmd >> OP_BITS;
    struct add_to_physmap_batch32 batch;
    long rc;

    if (copy_arg_from(&batch, (u64)arg))
        return -EFAULT;
    if (first > batch.size)
        return -EINVAL;
    for (u32 i = first; i < batch.size; i++) {
        if (i > first && hypercall_preempt_check())
            return later(op, i, arg);
        rc = batch_one(c, &batch, i);
        if (rc)
            return rc;
    }
    return 0;
}

static long remove_from_physmap(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_remove_from_physmap *native = compat_struct(c);
    struct remove_from_physmap32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    *native = (struct xen_remove_from_physmap){ .domid = op.domid, .gpfn = op.gpfn };
    return compat_call(__HYPERVISOR_memory_op, cmd, COMPAT_BASE, 0);
}

static long memory_map(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_memory_map *native = compat_struct(c);
    struct memory_map32 op;
    long rc;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->nr_entries = op.nr_entries;
    native->buffer.p = (void *)(unsigned long)op.buffer;
    rc = compat_call(__HYPERVISOR_memory_op, cmd, COMPAT_BASE, 0);
    op.nr_entries = native->nr_entries;
    return rc == 0 && copy_arg_to((u64)arg, &op) ? -EFAULT : rc;
}

/* Answers with the extents done, as its 64-bit form does. */
static long reservation(struct hw_compat *c, u32 cmd, u32 arg)
{
    u32 op = cmd & OP_MASK, first = cmd >> OP_BITS, i;
    struct xen_memory_reservation *native = compat_struct(c);
    xen_pfn_t *gfn = compat_list(c);
    struct reservation32 r;
    u32 number = 0;

    if (copy_arg_from(&r, (u64)arg) || r.nr_extents > ~0u >> OP_BITS)
        return first;
    for (i = first; i < r.nr_extents; i++) {
        if (i > first && hypercall_preempt_check())
            return later(op, i, arg);
        if (r.extent_start && copy_from_guest_va(&number, r.extent_start + 4UL * i, 4))
            break;
        *gfn = number;
        memset(native, 0, sizeof(*native));
        native->extent_start.p = r.extent_start ? (xen_pfn_t *)COMPAT_LIST : NULL;
        native->nr_extents = 1;
        native->extent_order = r.extent_order;
        native->mem_flags = r.mem_flags;
        native->domid = r.domid;
        if (compat_call(__HYPERVISOR_memory_op, op, COMPAT_BASE, 0) != 1)
            break;
    }
    return i;
}

long compat_memory_op(struct hw_compat *c, const u32 a[6])
{
    switch (a[0] & OP_MASK) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap: return reservation(c, a[0], a[1]);
    case XENMEM_add_to_physmap: return add_to_physmap(c, a[0], a[1]);
    case XENMEM_add_to_physmap_batch: return add_to_physmap_batch(c, a[0], a[1]);
    case XENMEM_remove_from_physmap: return remove_from_physmap(c, a[0], a[1]);
    case XENMEM_memory_map: return memory_map(c, a[0], a[1]);
    case XENMEM_maximum_ram_page:
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn: return compat_call(__HYPERVISOR_memory_op, a[0], a[1], 0);
    }
    return -ENOSYS;
}
