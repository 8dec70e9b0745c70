/* SPDX-License-Identifier: MIT */
/* What a toolstack reads of the machine: the features and CPUID policies that each kind of guest can have, which are the
 * machine's or less; topology; the one CPU pool, which stays as it is; the scheduler. Room that is too small, indices, pools,
 * nodes and schedulers that are none. */
#include <xen/sysctl.h>

#include "lib/guest.h"

#define WORDS 19
#define LEAVES 128
#define CANARY 0x5a5a5a5au
#define GUESTS_ALONE (1u << 31 | 1u << 21)   /* of word 1: a hypervisor is there; x2APIC, which is emulated */
#define PAST 16                     /* words and leaves behind what is asked for */

static struct xen_sysctl op;

static long sysctl(u32 command)
{
    op.cmd = command;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return CALL1(sysctl, &op);
}

#define ASK(name, member, ...) (op = (struct xen_sysctl){ .u.member = { __VA_ARGS__ } }, sysctl(XEN_SYSCTL_##name))

/* ---- Features */

static u32 host[WORDS], words[WORDS + PAST];

static long features(u32 index, u32 room)
{
    op = (struct xen_sysctl){ .u.cpu_featureset = { .index = index, .nr_features = room } };
    for (unsigned int i = 0; i < WORDS + PAST; i++)
        words[i] = CANARY;
    set_xen_guest_handle(op.u.cpu_featureset.features, words);
    return sysctl(XEN_SYSCTL_get_cpu_featureset);
}

static void featuresets(void)
{
    EXPECT("the host's", features(XEN_SYSCTL_cpu_featureset_host, WORDS), 0);
    EXPECT("words", op.u.cpu_featureset.nr_features, WORDS);
    EXPECT("words behind them", words[WORDS], CANARY);
    memcpy(host, words, sizeof(host));
    for (u32 index = XEN_SYSCTL_cpu_featureset_raw; index <= XEN_SYSCTL_cpu_featureset_hvm_max; index++) {
        EXPECT("a kind's", features(index, WORDS + PAST), 0);
        for (unsigned int i = 0; i < WORDS; i++)
            if (words[i] & ~host[i] & ~(i == 1 ? GUESTS_ALONE : 0))
                FAIL("kind %u has features %x in word %u, the machine %x", index, words[i], i, host[i]);
        EXPECT("words behind them", words[WORDS], CANARY);
        EXPECT("into too few words", features(index, 2), -XEN_ENOBUFS);
        EXPECT("their number", op.u.cpu_featureset.nr_features, WORDS);
        EXPECT("the first behind", words[2], CANARY);
    }
    EXPECT("of an unknown kind", features(99, WORDS), -XEN_EINVAL);
    EXPECT("their number", ASK(get_cpu_featureset, cpu_featureset, .index = 1), 0);
    EXPECT("words", op.u.cpu_featureset.nr_features, WORDS);
    EXPECT("what can be hidden", ASK(get_cpu_levelling_caps, cpu_levelling_caps, .caps = ~0u), 0);
    EXPECT("nothing", op.u.cpu_levelling_caps.caps, 0);
}

static void policies(void)
{
    static struct xen_cpuid_leaf leaves[LEAVES + PAST];
    static struct xen_msr_entry msrs[4];

    for (u32 index = XEN_SYSCTL_cpu_policy_raw; index <= XEN_SYSCTL_cpu_policy_hvm_default; index++) {
        for (u32 room = 1; room; room = room == 1 ? LEAVES + PAST : 0) {
            op = (struct xen_sysctl){ .u.cpu_policy = { .index = index, .nr_leaves = room, .nr_msrs = 4 } };
            leaves[1].a = CANARY;
            set_xen_guest_handle(op.u.cpu_policy.leaves, leaves);
            set_xen_guest_handle(op.u.cpu_policy.msrs, msrs);
            EXPECT("a policy", sysctl(XEN_SYSCTL_get_cpu_policy), room == 1 ? -XEN_ENOBUFS : 0);
        }
        if (op.u.cpu_policy.nr_leaves < 5 || op.u.cpu_policy.nr_leaves > LEAVES || op.u.cpu_policy.nr_msrs > 4)
            FAIL("policy %u has %u leaves, %u MSRs", index, op.u.cpu_policy.nr_leaves, op.u.cpu_policy.nr_msrs);
        if (leaves[0].leaf || leaves[0].b != 0x68747541 || leaves[1].leaf != 1 || leaves[1].d & ~host[0])   /* "Auth" */
            FAIL("policy %u begins with %x %x %x", index, leaves[0].leaf, leaves[0].b, leaves[1].d);
        EXPECT("too few MSRs", (op.u.cpu_policy.nr_leaves = LEAVES, op.u.cpu_policy.nr_msrs = 1,
                                sysctl(XEN_SYSCTL_get_cpu_policy)), -XEN_ENOBUFS);
        EXPECT("its size", ASK(get_cpu_policy, cpu_policy, .index = index), 0);
        EXPECT("leaves at most", op.u.cpu_policy.nr_leaves, LEAVES);
    }
    EXPECT("of an unknown kind", ASK(get_cpu_policy, cpu_policy, .index = 99), -XEN_EINVAL);
    EXPECT("with more in it", ASK(get_cpu_policy, cpu_policy, ._rsvd = 1), -XEN_EINVAL);
}

/* ---- Places */

static void topology(void)
{
    static struct xen_sysctl_cputopo cpus[2];
    static struct xen_sysctl_meminfo memory[2];
    static u32 distances[4] = { CANARY, CANARY, CANARY, CANARY }, nodes[3];
    static struct physdev_pci_device devices[3] = { { .devfn = 0xfa }, { .devfn = 0xa1 }, { .seg = 7 } };

    op = (struct xen_sysctl){ .u.cputopoinfo.num_cpus = 2 };
    set_xen_guest_handle(op.u.cputopoinfo.cputopo, cpus);
    cpus[1].core = CANARY;
    EXPECT("cputopoinfo", sysctl(XEN_SYSCTL_cputopoinfo), 0);
    EXPECT("CPUs", op.u.cputopoinfo.num_cpus, 1);
    EXPECT("its node", cpus[0].node, 0);
    EXPECT("the place of no CPU", cpus[1].core, CANARY);
    op = (struct xen_sysctl){ .u.numainfo.num_nodes = 2 };
    set_xen_guest_handle(op.u.numainfo.meminfo, memory);
    set_xen_guest_handle(op.u.numainfo.distance, distances);
    EXPECT("numainfo", sysctl(XEN_SYSCTL_numainfo), 0);
    EXPECT("nodes", op.u.numainfo.num_nodes, 1);
    EXPECT("its distance", distances[0], 10);
    EXPECT("no other's", distances[1], CANARY);
    EXPECT("what is free of it", memory[0].memfree <= memory[0].memsize && memory[0].memfree, true);
    op = (struct xen_sysctl){ .u.pcitopoinfo.num_devs = 3 };
    EXPECT("pcitopoinfo from nowhere", sysctl(XEN_SYSCTL_pcitopoinfo), -XEN_EINVAL);
    set_xen_guest_handle(op.u.pcitopoinfo.devs, devices);
    set_xen_guest_handle(op.u.pcitopoinfo.nodes, nodes);
    EXPECT("pcitopoinfo", sysctl(XEN_SYSCTL_pcitopoinfo), 0);
    EXPECT("devices", op.u.pcitopoinfo.num_devs, 3);
    if (on_prism())                     /* Xen knows what the control domain has told it of */
        EXPECT("a device's node", nodes[0], XEN_INVALID_NODE_ID);
    EXPECT("a device's that is not there", nodes[1], XEN_INVALID_DEV);
    EXPECT("a device's in a segment that is none", nodes[2], XEN_INVALID_DEV);
    set_xen_guest_handle(op.u.pcitopoinfo.devs, (struct physdev_pci_device *)16);
    EXPECT("of devices from nowhere", sysctl(XEN_SYSCTL_pcitopoinfo), -XEN_EFAULT);
}

/* ---- CPU pools and the scheduler */

static void pools(void)
{
    static const struct { u32 op; long mine, another; } changes[] = {
        { XEN_SYSCTL_CPUPOOL_OP_CREATE, -XEN_EEXIST, -XEN_EOPNOTSUPP },
        { XEN_SYSCTL_CPUPOOL_OP_DESTROY, -XEN_EBUSY, -XEN_ENOENT },
        { XEN_SYSCTL_CPUPOOL_OP_ADDCPU, -XEN_ENODEV, -XEN_ENOENT }, { XEN_SYSCTL_CPUPOOL_OP_RMCPU, -XEN_EBUSY, -XEN_ENOENT },
        { XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, -XEN_ENOENT },
    };
    static u8 map[1];

    for (u32 id = 0; id < 2; id++) {
        for (unsigned int i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
            EXPECT("a pool's change", ASK(cpupool_op, cpupool_op, .op = changes[i].op, .cpupool_id = id),
                   id ? changes[i].another : changes[i].mine);
        for (u32 free = 0; free < 2; free++) {
            u32 kind = free ? XEN_SYSCTL_CPUPOOL_OP_FREEINFO : XEN_SYSCTL_CPUPOOL_OP_INFO;

            op = (struct xen_sysctl){ .u.cpupool_op = { .op = kind, .cpupool_id = id } };
            set_xen_guest_handle(op.u.cpupool_op.cpumap.bitmap, map);
            op.u.cpupool_op.cpumap.nr_bits = 8;
            map[0] = 0xff;
            EXPECT("information", sysctl(XEN_SYSCTL_cpupool_op), !free && id ? -XEN_ENOENT : 0);
            if (free || !id)
                EXPECT("CPUs", map[0], free ? 0 : 1);
        }
    }
    EXPECT("nobody's pool", ASK(cpupool_op, cpupool_op, .op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, .domid = 0x6ffe), -XEN_EINVAL);
}

static long scheduler(u32 command, u32 limit)
{
    op = (struct xen_sysctl){ .u.scheduler_op = { .sched_id = XEN_SCHEDULER_CREDIT2, .cmd = command,
                                                  .u.sched_credit2.ratelimit_us = limit } };
    return sysctl(XEN_SYSCTL_scheduler_op);
}

static void scheduling(void)
{
    u32 old;

    EXPECT("the limit", scheduler(XEN_SYSCTL_SCHEDOP_getinfo, 0), 0);
    old = op.u.scheduler_op.u.sched_credit2.ratelimit_us;
    EXPECT("another", scheduler(XEN_SYSCTL_SCHEDOP_putinfo, 777), 0);
    EXPECT("too low a limit", scheduler(XEN_SYSCTL_SCHEDOP_putinfo, XEN_SYSCTL_SCHED_RATELIMIT_MIN - 1), -XEN_EINVAL);
    EXPECT("too high a limit", scheduler(XEN_SYSCTL_SCHEDOP_putinfo, XEN_SYSCTL_SCHED_RATELIMIT_MAX + 1), -XEN_EINVAL);
    EXPECT("an unknown command", scheduler(99, 0), -XEN_EINVAL);
    EXPECT("the limit", scheduler(XEN_SYSCTL_SCHEDOP_getinfo, 0), 0);
    EXPECT("what it is", op.u.scheduler_op.u.sched_credit2.ratelimit_us, 777);
    EXPECT("the old one", scheduler(XEN_SYSCTL_SCHEDOP_putinfo, old), 0);
    EXPECT("another pool's", ASK(scheduler_op, scheduler_op, .cpupool_id = 1), -XEN_ESRCH);
    EXPECT("another scheduler's", ASK(scheduler_op, scheduler_op, .sched_id = XEN_SCHEDULER_CREDIT), -XEN_EINVAL);
}

void test_main(void)
{
    featuresets();
    policies();
    topology();
    pools();
    scheduling();
}
