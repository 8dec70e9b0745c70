/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_platform_op (public header xen/platform.h): what the control domain's kernel does about the machine as a
 * whole. */
#include <xen/platform.h>

#include "abi/control.h"
#include "abi/hypercall.h"
#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "cpu/time.h"
#include "cpu/x86.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "lib/lib.h"

#define PM1_SLEEP_TYPE (7u << 10)     /* ACPI 6.4, 4.8.3.2.1 */
#define PM1_SLEEP_ENABLE (1u << 13)

static long settime(u64 sec, u32 nsec, stime_t at)
{
    if (sec >> 34 || nsec >= NS_PER_SEC || at > sec * NS_PER_SEC + nsec)
        return -EINVAL;
    wallclock_set(sec, nsec, at);
    return 0;
}

/* What the BIOS told about disks and displays is gone when Prism starts in protected mode: Prism has no entry of these
 * lists. */
static long firmware_info(struct xenpf_firmware_info *info)
{
    switch (info->type) {
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
    case XEN_FW_VBEDDC_INFO:
        return -ESRCH;
    case XEN_FW_KBD_SHIFT_FLAGS:
        if (info->index)
            return -ESRCH;
        info->u.kbd_shift_flags = bios_keyboard_flags;
        return 0;
    case XEN_FW_EFI_INFO:
        return -ENOSYS;
    }
    return -EINVAL;
}

/* The value for a PM1 control register: of the caller's only the sleep type. */
static u16 sleep_value(u32 port, u16 wanted)
{
    u16 now = inw((u16)port);

    return (u16)((now & ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE)) | (wanted & PM1_SLEEP_TYPE) | PM1_SLEEP_ENABLE);
}

static long enter_sleep(const struct xenpf_enter_acpi_sleep *op)
{
    u16 b = 0;

    if (op->sleep_state < 1 || op->sleep_state > 5 || (op->flags & ~XENPF_ACPI_SLEEP_EXTENDED))
        return -EINVAL;
    if (op->sleep_state != 5 || (op->flags & XENPF_ACPI_SLEEP_EXTENDED))
        return -EOPNOTSUPP;
    if (!acpi_info.pm1a_cnt)
        return -ENODEV;
    if (acpi_info.pm1b_cnt)
        b = sleep_value(acpi_info.pm1b_cnt, op->val_b);
    printk("Entering ACPI S5 state\n");
    machine_poweroff((u16)acpi_info.pm1a_cnt, sleep_value(acpi_info.pm1a_cnt, op->val_a), (u16)acpi_info.pm1b_cnt, b);
    pr_err("The machine did not turn itself off\n");
    machine_halt();
}

/* Idle times of the CPUs in the caller's bitmap. Nothing changes but the caller's memory, so that a fault half-way is
 * harmless. */
static long get_idle_time(struct xenpf_getidletime *op)
{
    u32 nr = min(op->cpumap_nr_cpus, (u32)NR_CPUS);
    u8 map[NR_CPUS / 8] = { 0 };

    if (copy_from_guest(map, op->cpumap_bitmap, DIV_ROUND_UP(nr, 8)))
        return -EFAULT;
    op->now = system_time();
    for (u32 cpu = 0; cpu < nr; cpu++) {
        u64 idle = 0;

        if (!(map[cpu / 8] & (1u << (cpu % 8))))
            continue;
        if (cpu < nr_cpus)
            idle = vcpu_cpu_time(cpus[cpu].idle_vcpu);
        else
            map[cpu / 8] &= (u8)~(1u << (cpu % 8));
        if (copy_to_guest_offset(op->idletime, cpu, &idle, 1))
            return -EFAULT;
    }
    return copy_to_guest(op->cpumap_bitmap, map, DIV_ROUND_UP(nr, 8));
}

static long get_cpuinfo(struct xenpf_pcpuinfo *info)
{
    const u32 cpu = info->xen_cpuid;

    info->max_present = nr_cpus - 1;
    info->flags = XEN_PCPU_FLAGS_INVALID;
    info->apic_id = info->acpi_id = 0;
    if (cpu < nr_cpus) {
        info->flags = cpus[cpu].online ? XEN_PCPU_FLAGS_ONLINE : 0;
        info->apic_id = cpus[cpu].apic_id;
        info->acpi_id = cpus[cpu].acpi_id;
    }
    return 0;
}

static long get_cpu_version(struct xenpf_pcpu_version *version)
{
    const u32 cpu = version->xen_cpuid;

    memset(version->vendor_id, 0, sizeof(version->vendor_id));
    version->family = version->model = version->stepping = 0;
    version->max_present = nr_cpus - 1;
    if (cpu < nr_cpus) {   /* all CPUs are of the boot CPU's kind */
        memcpy(version->vendor_id, cpu_features.vendor, sizeof(version->vendor_id));
        version->family = cpu_features.family;
        version->model = cpu_features.model;
        version->stepping = cpu_features.stepping;
    }
    return 0;
}

/* A CPU that is as it is to be has become so. */
static long cpu_online_op(u32 cpu, bool online)
{
    long rc;

    if (cpu >= nr_cpus)
        return -EINVAL;
    if (cpu == 0 && !online)
        return -EOPNOTSUPP;
    if (!spin_trylock(&control_lock))
        return -ERESTART;
    rc = control_cpu(cpu, online);
    spin_unlock(&control_lock);
    return rc == -EEXIST ? 0 : rc;
}

static long platform_op(struct xen_platform_op *op)
{
    switch (op->cmd) {
    case XENPF_settime32:
        return settime(op->u.settime32.secs, op->u.settime32.nsecs, op->u.settime32.system_time);
    case XENPF_settime64:
        return op->u.settime64.mbz ? -EINVAL
                                   : settime(op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.system_time);
    case XENPF_firmware_info:
        return firmware_info(&op->u.firmware_info);
    case XENPF_enter_acpi_sleep:
        return enter_sleep(&op->u.enter_acpi_sleep);
    case XENPF_getidletime:
        return get_idle_time(&op->u.getidletime);
    case XENPF_get_cpuinfo:
        return get_cpuinfo(&op->u.pcpu_info);
    case XENPF_get_cpu_version:
        return get_cpu_version(&op->u.pcpu_version);
    case XENPF_cpu_online:
        return cpu_online_op(op->u.cpu_ol.cpuid, true);
    case XENPF_cpu_offline:
        return cpu_online_op(op->u.cpu_ol.cpuid, false);
    /* A guest's kernel has no say in the machine's MTRRs, microcode, frequency, MSRs or hotplug. */
    case XENPF_add_memtype:
    case XENPF_del_memtype:
    case XENPF_read_memtype:
    case XENPF_microcode_update:
    case XENPF_platform_quirk:
    case XENPF_change_freq:
    case XENPF_cpu_hotadd:
    case XENPF_mem_hotadd:
    case XENPF_resource_op:
        return -EOPNOTSUPP;
    }
    return -ENOSYS;   /* EFI, power management tables, core parking, symbols, and what is newer */
}

static bool has_output(u32 cmd)
{
    return cmd == XENPF_firmware_info || cmd == XENPF_getidletime || cmd == XENPF_get_cpuinfo ||
           cmd == XENPF_get_cpu_version;
}

/* Purpose: the operation at guest address `arg`. -EPERM: not the control domain. -EACCES: another version of the
 * interface. -EFAULT -ENOSYS, and what the operation returns. */
long hypercall_platform_op(unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                           unsigned long a6)
{
    struct xen_platform_op op;
    long rc;

    if (!current->domain->is_privileged)
        return -EPERM;
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    rc = platform_op(&op);
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_platform_op, 1, arg);
    if (rc == 0 && has_output(op.cmd) && copy_arg_to(arg, &op))
        return -EFAULT;
    return rc;
}
