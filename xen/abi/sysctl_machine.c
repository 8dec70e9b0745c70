/* SPDX-License-Identifier: MIT */
/* sysctl: the machine's processors, memory and topology, the CPU pool and the scheduler's own parameters. */
#include "abi/control.h"
#include "abi/cpu_policy.h"
#include "cpu/cpu.h"
#include "cpu/pci.h"
#include "cpu/time.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "mem/frame.h"
#include "trace/trace.h"

/* ---- Topology, from APIC ids (APM vol. 3, appendix E, functions 0000000BH and 80000008H) */
struct place { u32 core, socket; };

static void apic_id_fields(u32 *thread_bits, u32 *package_bits)
{
    *thread_bits = *package_bits = 0;
    if (cpu_features.max_leaf >= 0xb && cpuid(0xb, 0).b) {
        *thread_bits = cpuid(0xb, 0).a & 31;
        *package_bits = cpuid(0xb, 1).a & 31;
    } else if (cpu_features.max_ext_leaf >= 0x80000008) {
        u32 c = cpuid(0x80000008, 0).c, size = c >> 12 & 15;
        while (size == 0 && 1u << *package_bits < (c & 0xff) + 1)
            ++*package_bits;
        if (size)
            *package_bits = size;
    }
}

static struct place place_of(unsigned int cpu)
{
    u32 thread_bits, package_bits, id = cpus[cpu].apic_id;
    apic_id_fields(&thread_bits, &package_bits);
    return (struct place){ (id & ((1u << package_bits) - 1)) >> thread_bits, id >> package_bits };
}

static long do_physinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo *info = &op->u.physinfo;
    struct place first = place_of(0);
    u32 features[FEATURESET_WORDS], same_socket = 0, same_core = 0;
    memset(info, 0, sizeof(*info));
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        struct place p = place_of(cpu);
        same_socket += p.socket == first.socket;
        same_core += p.socket == first.socket && p.core == first.core;
    }
    info->threads_per_core = same_core;
    info->cores_per_socket = same_socket / same_core;
    info->nr_cpus = bits_set(cpu_online_mask);
    info->max_cpu_id = nr_cpus - 1;
    info->nr_nodes = 1;
    info->cpu_khz = tsc_khz();
    info->capabilities = XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2;
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (!row_refused(&spectrum[i]))
            info->capabilities |= spectrum[i].privileged->physcaps;
    info->total_pages = mem_ram_frames();
    info->free_pages = heap_free_frames();
    info->scrub_pages = heap_scrub_pending();
    info->outstanding_pages = heap_claimed_frames();
    info->max_mfn = max_mfn - 1;
    policy_featureset(policy_host_cpuid, features);
    memcpy(info->hw_cap, features, sizeof(info->hw_cap));
    return 0;
}

static long do_getcpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *q = &op->u.getcpuinfo;
    u32 n = min(q->max_cpus, nr_cpus);
    for (u32 cpu = 0; cpu < n; cpu++) {
        struct xen_sysctl_cpuinfo info = { .idletime = vcpu_cpu_time(cpus[cpu].idle_vcpu) };
        if (copy_to_guest_offset(q->info, cpu, &info, 1))
            return -EFAULT;
    }
    q->nr_cpus = n;
    return 0;
}

static long do_availheap(struct xen_sysctl *op)
{
    struct xen_sysctl_availheap *q = &op->u.availheap;
    u64 below = heap_free_frames_below(q->max_bitwidth ? min(q->max_bitwidth, 64u) : 64), lower = 0;
    if (q->node > 0)
        return -EINVAL;
    if (q->min_bitwidth)
        lower = heap_free_frames_below(min(q->min_bitwidth, 64u));
    q->avail_bytes = below > lower ? (below - lower) << PAGE_SHIFT : 0;
    return 0;
}

static long do_cputopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *q = &op->u.cputopoinfo;
    u32 n = guest_handle_is_null(q->cputopo) ? 0 : min(q->num_cpus, nr_cpus);
    for (u32 cpu = 0; cpu < n; cpu++) {
        struct place p = place_of(cpu);
        struct xen_sysctl_cputopo t = { .core = p.core, .socket = p.socket, .node = 0 };
        if (copy_to_guest_offset(q->cputopo, cpu, &t, 1))
            return -EFAULT;
    }
    q->num_cpus = nr_cpus;
    return 0;
}

static long do_numainfo(struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *q = &op->u.numainfo;
    struct xen_sysctl_meminfo memory = { max_mfn << PAGE_SHIFT, heap_free_frames() << PAGE_SHIFT };
    u32 distance = 10;     /* ACPI's unit: to itself */
    if (q->num_nodes && !guest_handle_is_null(q->meminfo) && copy_to_guest(q->meminfo, &memory, 1))
        return -EFAULT;
    if (q->num_nodes && !guest_handle_is_null(q->distance) && copy_to_guest(q->distance, &distance, 1))
        return -EFAULT;
    q->num_nodes = 1;
    return 0;
}

/* Which node a device is near to is known of none; which devices there are, is. */
static long do_pcitopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_pcitopoinfo *q = &op->u.pcitopoinfo;
    if (guest_handle_is_null(q->devs) || guest_handle_is_null(q->nodes))
        return -EINVAL;
    q->num_devs = min(q->num_devs, 1024u);
    for (u32 i = 0; i < q->num_devs; i++) {
        struct physdev_pci_device device;
        u32 node = XEN_INVALID_NODE_ID;
        if (copy_from_guest_offset(&device, q->devs, i, 1))
            return -EFAULT;
        if (!pci_function_exists(pci_sbdf(device.seg, device.bus, device.devfn)))
            node = XEN_INVALID_DEV;
        if (copy_to_guest_offset(q->nodes, i, &node, 1))
            return -EFAULT;
    }
    return 0;
}

/* ---- CPU pools: there is one, of all CPUs */

static u32 count_domains(void)
{
    struct domain *d;
    u32 n = 0;
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        n++;
    spin_unlock(&domlist_lock);
    return n;
}

static long pool_info(struct xen_sysctl_cpupool_op *q)
{
    if (q->cpupool_id != 0)      /* the first pool from this id on is asked for */
        return -ENOENT;
    q->sched_id = scheduler->id;
    q->n_dom = count_domains();
    return bitmap_to_guest(&q->cpumap, cpu_online_mask, nr_cpus);
}

static long pool_move_domain(const struct xen_sysctl_cpupool_op *q)
{
    struct domain *d = domain_get((domid_t)q->domid);
    if (!d)
        return -EINVAL;
    domain_put(d);
    return q->cpupool_id == 0 ? 0 : -ENOENT;
}

static long do_cpupool_op(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *q = &op->u.cpupool_op;
    switch (q->op) {
    case XEN_SYSCTL_CPUPOOL_OP_INFO: return pool_info(q);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO: return bitmap_to_guest(&q->cpumap, 0, nr_cpus);
    case XEN_SYSCTL_CPUPOOL_OP_CREATE: return q->cpupool_id == 0 ? -EEXIST : -EOPNOTSUPP;
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY: return q->cpupool_id == 0 ? -EBUSY : -ENOENT;
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU: return q->cpupool_id == 0 ? -ENODEV : -ENOENT;   /* no CPU is free */
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU: return q->cpupool_id == 0 ? -EBUSY : -ENOENT;
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN: return pool_move_domain(q);
    }
    return -ENOSYS;
}

static long do_scheduler_op(struct xen_sysctl *op)
{
    struct xen_sysctl_scheduler_op *q = &op->u.scheduler_op;
    if (q->cpupool_id != 0)
        return -ESRCH;
    if (q->sched_id != scheduler->id || q->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    trace(TRC_SCHED_CTL);
    return scheduler->adjust_all(q);
}

const struct sysctl_handler sysctl_machine_handlers[] = {
    { XEN_SYSCTL_physinfo, BACK_SUCCESS, do_physinfo },
    { XEN_SYSCTL_getcpuinfo, BACK_SUCCESS, do_getcpuinfo },
    { XEN_SYSCTL_availheap, BACK_SUCCESS, do_availheap },
    { XEN_SYSCTL_cputopoinfo, BACK_SUCCESS, do_cputopoinfo },
    { XEN_SYSCTL_numainfo, BACK_SUCCESS, do_numainfo },
    { XEN_SYSCTL_pcitopoinfo, BACK_SUCCESS, do_pcitopoinfo },
    { XEN_SYSCTL_cpupool_op, BACK_SUCCESS, do_cpupool_op },
    { XEN_SYSCTL_scheduler_op, BACK_SUCCESS, do_scheduler_op },
    { }
};
