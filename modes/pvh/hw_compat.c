/* SPDX-License-Identifier: MIT */
/* Hypercalls from 32-bit code. The handlers know structures in their 64-bit form alone: where that differs, the
 * guest's is put into it in a buffer of the vCPU's, which stands at an address above all that 32-bit code can name, and
 * taken back from there. What is not in the table below is answered with -ENOSYS (docs/CAVEATS.md). */
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "modes/pvh/pvh.h"

#define AREA_BASE (1UL << 40)

struct hw_compat { u8 area[1024] aligned(16); };

/* Structures as 32-bit code lays them out. */
struct poll32 { u32 ports, nr_ports; u64 timeout; } packed;
struct reservation32 { u32 extent_start, nr_extents, extent_order, mem_flags; domid_t domid; u16 pad; } packed;
struct add_to_physmap32 { domid_t domid; u16 size; u32 space, idx, gpfn; } packed;
struct memory_map32 { u32 nr_entries, buffer; } packed;
struct singleshot32 { u64 timeout_abs_ns; u32 flags; } packed;

void *hw_compat_area(struct vcpu *v, u64 va, size_t n)
{
    struct hw_compat *c = to_hw(v)->compat;

    return c && va >= AREA_BASE && va + n >= va && va + n <= AREA_BASE + sizeof(c->area) ? &c->area[va - AREA_BASE] : NULL;
}

void hw_compat_free(struct hw_vcpu *v)
{
    xfree(v->compat);
    v->compat = NULL;
}

/* An argument in the buffer stands for the guest's own, which its register still has. */
void hw_compat_again(struct vcpu *v, unsigned int nargs, const unsigned long *args)
{
    struct cpu_user_regs *regs = guest_regs();
    uint64_t *const registers[6] = { &regs->rbx, &regs->rcx, &regs->rdx, &regs->rsi, &regs->rdi, &regs->rbp };

    for (unsigned int i = 0; i < nargs; i++)
        if (args[i] < AREA_BASE)
            *registers[i] = (u32)args[i];
}

static long call(u32 number, unsigned long a1, unsigned long a2, unsigned long a3)
{
    const unsigned long args[6] = { a1, a2, a3 };

    return hypercall_dispatch(number, args);
}

/* ---- Structures that differ */

static long poll(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct sched_poll *native = (struct sched_poll *)c->area;
    struct poll32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->ports.p = (evtchn_port_t *)(unsigned long)op.ports;
    native->nr_ports = op.nr_ports;
    native->timeout = op.timeout;
    return call(__HYPERVISOR_sched_op, cmd, AREA_BASE, 0);
}

static long add_to_physmap(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_add_to_physmap *native = (struct xen_add_to_physmap *)c->area;
    struct add_to_physmap32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    *native = (struct xen_add_to_physmap){ .domid = op.domid, .size = op.size, .space = op.space, .idx = op.idx,
                                           .gpfn = op.gpfn };
    if (op.space == XENMAPSPACE_grant_table && (op.idx & 0x80000000))
        native->idx = (op.idx & ~0x80000000u) | XENMAPIDX_grant_table_status;
    return call(__HYPERVISOR_memory_op, cmd, AREA_BASE, 0);
}

static long memory_map(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_memory_map *native = (struct xen_memory_map *)c->area;
    struct memory_map32 op;
    long rc;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    memset(native, 0, sizeof(*native));
    native->nr_entries = op.nr_entries;
    native->buffer.p = (void *)(unsigned long)op.buffer;
    rc = call(__HYPERVISOR_memory_op, cmd, AREA_BASE, 0);
    op.nr_entries = native->nr_entries;
    return rc == 0 && copy_arg_to((u64)arg, &op) ? -EFAULT : rc;
}

/* Extents one by one: their numbers are 32 bits wide, and so is what comes back. */
static long reservation(struct hw_compat *c, u32 cmd, u32 arg)
{
    struct xen_memory_reservation *native = (struct xen_memory_reservation *)c->area;
    xen_pfn_t *gfn = (xen_pfn_t *)(c->area + 512);
    u32 op = cmd & 63, done = cmd >> 6;
    struct reservation32 r;
    u32 number = 0;

    if (copy_arg_from(&r, (u64)arg))
        return done;
    for (; done < r.nr_extents; done++) {
        if (r.extent_start && copy_from_guest_va(&number, r.extent_start + 4UL * done, 4))
            break;
        if (hypercall_preempt_check())
            return hypercall_continue(__HYPERVISOR_memory_op, 2, (unsigned long)(op | done << 6), (unsigned long)arg);
        *gfn = number;
        memset(native, 0, sizeof(*native));
        native->extent_start.p = r.extent_start ? (xen_pfn_t *)(AREA_BASE + 512) : NULL;
        native->nr_extents = 1;
        native->extent_order = r.extent_order;
        native->mem_flags = r.mem_flags;
        native->domid = r.domid;
        if (call(__HYPERVISOR_memory_op, op, AREA_BASE, 0) != 1)
            break;
    }
    return done;
}

static long set_singleshot(struct hw_compat *c, u32 cmd, u32 id, u32 arg)
{
    struct vcpu_set_singleshot_timer *native = (struct vcpu_set_singleshot_timer *)c->area;
    struct singleshot32 op;

    if (copy_arg_from(&op, (u64)arg))
        return -EFAULT;
    *native = (struct vcpu_set_singleshot_timer){ op.timeout_abs_ns, op.flags };
    return call(__HYPERVISOR_vcpu_op, cmd, id, AREA_BASE);
}

/* ---- Hypercalls, as far as their structures are the same in both forms or are translated above */

static long memory_op(struct hw_compat *c, const u32 a[6])
{
    switch (a[0] & 63) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap: return reservation(c, a[0], a[1]);
    case XENMEM_add_to_physmap: return add_to_physmap(c, a[0], a[1]);
    case XENMEM_memory_map: return memory_map(c, a[0], a[1]);
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn: return call(__HYPERVISOR_memory_op, a[0], a[1], 0);
    }
    return -ENOSYS;
}

static long sched_op(struct hw_compat *c, const u32 a[6])
{
    return a[0] == SCHEDOP_poll ? poll(c, a[0], a[1]) : call(__HYPERVISOR_sched_op, a[0], a[1], 0);
}

static long vcpu_op(struct hw_compat *c, const u32 a[6])
{
    switch (a[0]) {
    case VCPUOP_set_singleshot_timer: return set_singleshot(c, a[0], a[1], a[2]);
    case VCPUOP_initialise: case VCPUOP_up: case VCPUOP_down: case VCPUOP_is_up: case VCPUOP_stop_singleshot_timer:
    case VCPUOP_set_periodic_timer: case VCPUOP_stop_periodic_timer: case VCPUOP_register_vcpu_info:
    case VCPUOP_send_nmi:
        return call(__HYPERVISOR_vcpu_op, a[0], a[1], a[2]);
    }
    return -ENOSYS;
}

static long xen_version(struct hw_compat *c, const u32 a[6])
{
    u32 virt_start = 0;   /* nothing of a 32-bit guest's addresses is Prism's */

    if (a[0] != XENVER_platform_parameters)
        return call(__HYPERVISOR_xen_version, a[0], a[1], 0);
    return copy_arg_to((u64)a[1], &virt_start);
}

static long event_channel_op(struct hw_compat *c, const u32 a[6])
{
    return call(__HYPERVISOR_event_channel_op, a[0], a[1], 0);
}

static long console_io(struct hw_compat *c, const u32 a[6])
{
    return call(__HYPERVISOR_console_io, a[0], a[1], a[2]);
}

static long hvm_op(struct hw_compat *c, const u32 a[6])
{
    return call(__HYPERVISOR_hvm_op, a[0], a[1], 0);
}

static const struct { u32 number; long (*fn)(struct hw_compat *c, const u32 a[6]); } table[] = {
    { __HYPERVISOR_memory_op, memory_op }, { __HYPERVISOR_sched_op, sched_op }, { __HYPERVISOR_vcpu_op, vcpu_op },
    { __HYPERVISOR_xen_version, xen_version }, { __HYPERVISOR_event_channel_op, event_channel_op },
    { __HYPERVISOR_console_io, console_io }, { __HYPERVISOR_hvm_op, hvm_op },
};

long hw_compat_hypercall(struct vcpu *v, u32 number, const u32 args[6])
{
    struct hw_vcpu *hw = to_hw(v);

    if (!hw->compat)
        hw->compat = xzalloc(struct hw_compat);
    if (!hw->compat)
        return -ENOMEM;
    for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].number == number)
            return table[i].fn(hw->compat, args);
    return -ENOSYS;
}
