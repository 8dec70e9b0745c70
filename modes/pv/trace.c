/* SPDX-License-Identifier: MIT */
/* Hypercalls of PV guests as trace records: number and those arguments that say how much or which of many (public header
 * xen/trace.h, TRC_PV_HYPERCALL_V2 format). */
#include "modes/pv/trace.h"

#include "abi/hypercalls.h"

/* Bit i: argument i is recorded, as 32 bits. */
static const u8 recorded[HYPERCALL_COUNT] = {
    [__HYPERVISOR_mmu_update] = 1 << 1, [__HYPERVISOR_multicall] = 1 << 1, [__HYPERVISOR_mmuext_op] = 1 << 1,
    [__HYPERVISOR_set_gdt] = 1 << 1, [__HYPERVISOR_fpu_taskswitch] = 1 << 0,
    [__HYPERVISOR_set_debugreg] = 1 << 0, [__HYPERVISOR_get_debugreg] = 1 << 0,
    [__HYPERVISOR_memory_op] = 1 << 0, [__HYPERVISOR_xen_version] = 1 << 0,
    [__HYPERVISOR_console_io] = 1 << 0 | 1 << 1, [__HYPERVISOR_grant_table_op] = 1 << 0 | 1 << 2,
    [__HYPERVISOR_vm_assist] = 1 << 0 | 1 << 1, [__HYPERVISOR_vcpu_op] = 1 << 0 | 1 << 1,
    [__HYPERVISOR_set_segment_base] = 1 << 0, [__HYPERVISOR_sched_op] = 1 << 0, [__HYPERVISOR_callback_op] = 1 << 0,
    [__HYPERVISOR_event_channel_op] = 1 << 0, [__HYPERVISOR_physdev_op] = 1 << 0, [__HYPERVISOR_hvm_op] = 1 << 0,
    [__HYPERVISOR_dm_op] = 1 << 0 | 1 << 1, [__HYPERVISOR_hypfs_op] = 1 << 0,
};

static void record(u32 event, unsigned long number, const unsigned long args[6])
{
    u32 extra[1 + 6] = { (u32)number & ~(u32)TRC_PV_HYPERCALL_V2_ARG_MASK }, words = 1;
    u8 wanted = number < HYPERCALL_COUNT ? recorded[number] : 0;

    for (unsigned int i = 0; i < 6; i++)
        if (wanted & 1 << i) {
            extra[0] |= TRC_PV_HYPERCALL_V2_ARG_32(i);
            extra[words++] = (u32)args[i];
        }
    trace_record(event, true, extra, words);
}

void pv_trace_hypercall(const struct cpu_user_regs *regs)
{
    const unsigned long args[6] = { regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9 };

    record(TRC_PV_HYPERCALL_V2, regs->rax, args);
}

void pv_trace_subcall(unsigned long number, const unsigned long args[6])
{
    record(TRC_PV_HYPERCALL_SUBCALL, number, args);
}
