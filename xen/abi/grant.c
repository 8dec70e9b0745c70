/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_grant_table_op: dispatch. Arrays are worked off one element at a time, or a chunk; in between a call may be
 * preempted and then goes on with the rest of the array. */
#include "abi/grant_table.h"

union element {
    struct gnttab_copy copy;
    struct gnttab_transfer transfer;
    struct gnttab_swap_grant_ref swap;
};

/* An array whose elements are done one by one and copied back. 0, -EFAULT or a continuation. */
static long each(unsigned long cmd, unsigned long uop, unsigned long count, size_t size, void (*one)(void *))
{
    union element e;

    for (unsigned long i = 0; i < count; i++) {
        if (i && hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_grant_table_op, 3, cmd, uop + i * size, count - i);
        if (copy_from_guest_va(&e, uop + i * size, size))
            return -EFAULT;
        one(&e);
        if (copy_to_guest_va(uop + i * size, &e, size))
            return -EFAULT;
    }
    return 0;
}

long hypercall_grant_table_op(unsigned long cmd, unsigned long uop, unsigned long count, unsigned long a4,
                              unsigned long a5, unsigned long a6)
{
    cmd = (u32)cmd;
    count = (u32)count;
    if ((int32_t)count < 0)
        return -EINVAL;
    ledger_charge(current, LEDGER_GRANT);
    if (!current->domain->grant_table)
        return -ENOSYS;
    switch (cmd) {
    case GNTTABOP_map_grant_ref:
        return grant_map_array(uop, count);
    case GNTTABOP_unmap_grant_ref:
        return grant_unmap_array(uop, count, false);
    case GNTTABOP_unmap_and_replace:
        return grant_unmap_array(uop, count, true);
    case GNTTABOP_setup_table:
        return grant_setup_table(uop, count);
    case GNTTABOP_transfer:
        return each(cmd, uop, count, sizeof(struct gnttab_transfer), grant_op_transfer);
    case GNTTABOP_copy:
        return each(cmd, uop, count, sizeof(struct gnttab_copy), grant_op_copy);
    case GNTTABOP_query_size:
        return grant_query_size(uop, count);
    case GNTTABOP_set_version:
        return grant_set_version(uop);
    case GNTTABOP_get_status_frames:
        return grant_get_status_frames(uop, count);
    case GNTTABOP_get_version:
        return grant_get_version(uop);
    case GNTTABOP_swap_grant_ref:
        return each(cmd, uop, count, sizeof(struct gnttab_swap_grant_ref), grant_op_swap);
    case GNTTABOP_cache_flush:
        return -EOPNOTSUPP;   /* caches are coherent here */
    default:
        return -ENOSYS;
    }
}
