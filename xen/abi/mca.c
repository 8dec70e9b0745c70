/* SPDX-License-Identifier: MIT */
/* mca (public header arch-x86/xen-mca.h): which processors there are. Machine checks themselves end the machine, and banks
 * are not polled, so there is nothing to fetch: the other commands answer -ENOSYS. */
#include <xen/xen.h>
#include <xen/arch-x86/xen-mca.h>

#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"

#define MSR_MCG_CAP 0x179

static void describe_vendor(xen_mc_logical_cpu_t *info)
{
    memcpy(info->mc_vendorid, cpu_features.vendor, min(sizeof(info->mc_vendorid), sizeof(cpu_features.vendor)));
    if (cpu_features.max_ext_leaf < 0x80000004)
        return;
    for (u32 leaf = 0; leaf < 3; leaf++) {
        struct cpuid_regs r = cpuid(0x80000002 + leaf, 0);

        memcpy(info->mc_brandid + leaf * sizeof(r), &r, sizeof(r));
    }
}

/* All CPUs are alike (boot requires it), so this one's answers stand for every one of them. */
static void describe(u32 cpu, xen_mc_logical_cpu_t *info)
{
    struct cpuid_regs r = cpuid(1, 0);

    memset(info, 0, sizeof(*info));
    info->mc_cpunr = cpu;
    info->mc_coreid = cpu;
    info->mc_apicid = cpus[cpu].apic_id;
    info->mc_ncores = nr_cpus;
    info->mc_ncores_active = bits_set(cpu_online_mask);
    info->mc_nthreads = 1;
    info->mc_cpuid_level = (int)cpu_features.max_leaf;
    info->mc_family = cpu_features.family;
    info->mc_model = cpu_features.model;
    info->mc_step = cpu_features.stepping;
    info->mc_cpu_caps[0] = r.d;
    info->mc_cpu_caps[4] = r.c;
    info->mc_cache_alignment = (int)(r.b >> 8 & 0xff) * 8;
    info->mc_nmsrvals = 1;
    info->mc_msrvalues[0].reg = MSR_MCG_CAP;
    if (!rdmsr_safe(MSR_MCG_CAP, &info->mc_msrvalues[0].value))
        info->mc_nmsrvals = 0;
    describe_vendor(info);
}

/* Without a buffer: how many there are. */
static int physcpuinfo(xen_mc_physcpuinfo_t *request)
{
    u32 room = guest_handle_is_null(request->info) ? 0 : min(request->ncpus, nr_cpus);
    xen_mc_logical_cpu_t info;

    for (u32 cpu = 0; cpu < room; cpu++) {
        describe(cpu, &info);
        if (copy_to_guest_offset(request->info, cpu, &info, 1))
            return -EFAULT;
    }
    request->ncpus = guest_handle_is_null(request->info) ? nr_cpus : room;
    return 0;
}

/* Purpose: one command for the control domain. -EPERM -EFAULT -EACCES (interface version) -ENOSYS */
long hypercall_mca(unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5, unsigned long a6)
{
    xen_mc_t op;
    int rc;

    ledger_charge(current, LEDGER_PLATFORM_CALL);
    if (!current->domain->is_privileged)
        return -EPERM;
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
        return -EACCES;
    if (op.cmd != XEN_MC_physcpuinfo)
        return -ENOSYS;
    rc = physcpuinfo(&op.u.mc_physcpuinfo);
    if (rc)
        return rc;
    return copy_arg_to(arg, &op);
}
