/* SPDX-License-Identifier: MIT */
/* The hypercall table: number (public header xen/xen.h), handler, arguments, and for which answer to the privileged
 * column it exists. X(name, nargs, where), where: ANY, PV (a kernel in ring 3 only), HW (a hardware container only).
 * The prototypes come from here: long hypercall_NAME(unsigned long a1, ... a6), always six, so that one dispatcher
 * serves all. What is not in the table is answered with -ENOSYS. */
#ifndef PRISM_ABI_HYPERCALLS_H
#define PRISM_ABI_HYPERCALLS_H

#define HYPERCALLS(X) \
    X(set_trap_table, 1, PV) X(mmu_update, 4, PV) X(set_gdt, 2, PV) X(stack_switch, 2, PV) X(set_callbacks, 3, PV) \
    X(fpu_taskswitch, 1, PV) X(platform_op, 1, ANY) X(set_debugreg, 2, PV) X(get_debugreg, 1, PV) \
    X(update_descriptor, 2, PV) X(memory_op, 2, ANY) X(multicall, 2, ANY) X(update_va_mapping, 3, PV) \
    X(set_timer_op, 1, ANY) X(xen_version, 2, ANY) X(console_io, 3, ANY) X(grant_table_op, 3, ANY) X(vm_assist, 2, ANY) \
    X(update_va_mapping_otherdomain, 4, PV) X(iret, 0, PV) X(vcpu_op, 3, ANY) X(set_segment_base, 2, PV) \
    X(mmuext_op, 4, PV) X(sched_op, 2, ANY) X(callback_op, 2, PV) X(event_channel_op, 2, ANY) X(physdev_op, 2, ANY) \
    X(hvm_op, 2, ANY) X(dm_op, 3, ANY) X(sysctl, 1, ANY) X(domctl, 1, ANY) X(mca, 1, ANY) \
    X(hypfs_op, 5, ANY)

#define HYPERCALL_COUNT 64

#ifndef __ASSEMBLER__
typedef long hypercall_fn(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long);
struct hypercall { hypercall_fn *fn; unsigned char nargs; };
#define HYPERCALL_PROTOTYPE(name, nargs, where) hypercall_fn hypercall_##name;
HYPERCALLS(HYPERCALL_PROTOTYPE)
#undef HYPERCALL_PROTOTYPE
#endif
#endif
