/* SPDX-License-Identifier: MIT */
/* What the control domain's kernel and its tools ask about the machine and the scheduler: sane answers, and errors for CPUs,
 * nodes, pools and watchdogs that are not there. */
#include <xen/platform.h>
#include <xen/sysctl.h>

#include "lib/guest.h"

#define WATCHDOGS 2
#define NOBODY 0x6ffe
#define SECONDS 1000

static struct xen_sysctl op;
static struct xen_platform_op platform;

static long sysctl(u32 command)
{
    op.cmd = command;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return CALL1(sysctl, &op);
}

static long platform_call(u32 command)
{
    platform.cmd = command;
    platform.interface_version = XENPF_INTERFACE_VERSION;
    return CALL1(platform_op, &platform);
}

/* Each has a number from 1 on; one that has been stopped is free again. */
static void watchdogs(void)
{
    for (u32 i = 1; i <= WATCHDOGS; i++)
        EXPECT("a watchdog", set_watchdog(0, SECONDS), i);
    EXPECT("one too many", set_watchdog(0, SECONDS), -XEN_ENOSPC);
    EXPECT("more time for the first", set_watchdog(1, 2 * SECONDS), 0);
    EXPECT("one that cannot be", set_watchdog(WATCHDOGS + 1, SECONDS), -XEN_EINVAL);
    EXPECT("stopping the first", set_watchdog(1, 0), 0);
    EXPECT("stopping it again", set_watchdog(1, 0), -XEN_EINVAL);
    EXPECT("a new one", set_watchdog(0, SECONDS), 1);
    for (u32 i = 1; i <= WATCHDOGS; i++)
        EXPECT("stopping it", set_watchdog(i, 0), 0);
    EXPECT("a watchdog from nowhere", CALL2(sched_op, SCHEDOP_watchdog, 8), -XEN_EFAULT);
}

static void scheduling(void)
{
    struct sched_pin_override pin = { .pcpu = 0 };
    struct sched_shutdown code = { .reason = 99 };
    struct sched_remote_shutdown remote = { .domain_id = NOBODY, .reason = SHUTDOWN_crash };

    EXPECT("a CPU of its own", CALL2(sched_op, SCHEDOP_pin_override, &pin), 0);
    EXPECT("twice", CALL2(sched_op, SCHEDOP_pin_override, &pin), -XEN_EBUSY);
    pin.pcpu = -1;
    EXPECT("any CPU again", CALL2(sched_op, SCHEDOP_pin_override, &pin), 0);
    pin.pcpu = 4000;
    EXPECT_ERROR("a CPU that is none", CALL2(sched_op, SCHEDOP_pin_override, &pin));
    EXPECT("a reason that is none", CALL2(sched_op, SCHEDOP_shutdown_code, &code), -XEN_EINVAL);
    EXPECT("the end of nobody", CALL2(sched_op, SCHEDOP_remote_shutdown, &remote), -XEN_ESRCH);
    EXPECT("it from nowhere", CALL2(sched_op, SCHEDOP_remote_shutdown, 8), -XEN_EFAULT);
    EXPECT("an unknown call", CALL2(sched_op, 99, &code), -XEN_ENOSYS);
}

static void memory(void)
{
    u64 all, low;

    op = (struct xen_sysctl){ 0 };
    EXPECT("availheap", sysctl(XEN_SYSCTL_availheap), 0);
    all = op.u.availheap.avail_bytes;
    op = (struct xen_sysctl){ .u.availheap.max_bitwidth = 28 };
    EXPECT("availheap below 256 MiB", sysctl(XEN_SYSCTL_availheap), 0);
    low = op.u.availheap.avail_bytes;
    op = (struct xen_sysctl){ .u.availheap.min_bitwidth = 28 };
    EXPECT("availheap above", sysctl(XEN_SYSCTL_availheap), 0);
    EXPECT("the sum", low + op.u.availheap.avail_bytes, all);
    if (!all || low > 1UL << 28)
        FAIL("%lx bytes are free, %lx of them below 256 MiB", all, low);
    op = (struct xen_sysctl){ .u.availheap.node = 7 };
    EXPECT_ERROR("a node that is none", sysctl(XEN_SYSCTL_availheap));
}

static void cpus(void)
{
    static struct xen_sysctl_cpuinfo idle[4];
    static u64 times[4];
    static u8 map[1] = { 0xf };

    op = (struct xen_sysctl){ .u.getcpuinfo.max_cpus = 4 };
    set_xen_guest_handle(op.u.getcpuinfo.info, idle);
    EXPECT("getcpuinfo", sysctl(XEN_SYSCTL_getcpuinfo), 0);
    EXPECT("CPUs", op.u.getcpuinfo.nr_cpus, 1);
    platform = (struct xen_platform_op){ .u.getidletime.cpumap_nr_cpus = 4 };
    set_xen_guest_handle(platform.u.getidletime.cpumap_bitmap, map);
    set_xen_guest_handle(platform.u.getidletime.idletime, times);
    EXPECT("getidletime", platform_call(XENPF_getidletime), 0);
    EXPECT("CPUs that there are", map[0], 1);
    if (times[0] < idle[0].idletime || platform.u.getidletime.now < times[0])
        FAIL("idle for %lx, then %lx of %lx", (u64)idle[0].idletime, times[0], (u64)platform.u.getidletime.now);
    platform = (struct xen_platform_op){ .u.pcpu_version.xen_cpuid = 0 };
    EXPECT("get_cpu_version", platform_call(XENPF_get_cpu_version), 0);
    EXPECT("the highest CPU", platform.u.pcpu_version.max_present, 0);
    if (!platform.u.pcpu_version.vendor_id[0] || !platform.u.pcpu_version.family)
        FAIL("a CPU of no kind");
    platform = (struct xen_platform_op){ .u.cpu_ol.cpuid = 77 };
    EXPECT_ERROR("turning off a CPU that is none", platform_call(XENPF_cpu_offline));
    EXPECT_ERROR("turning it on", platform_call(XENPF_cpu_online));
    EXPECT("an unknown call", platform_call(999), -XEN_ENOSYS);
}

void test_main(void)
{
    watchdogs();
    scheduling();
    memory();
    cpus();
}
