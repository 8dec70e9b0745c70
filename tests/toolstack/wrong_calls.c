/* SPDX-License-Identifier: MIT */
/* Calls with the wrong domain, in the wrong state, with absurd sizes and bad pointers: each is an errno, changes nothing
 * that can be seen, and what is destroyed afterwards gives all its memory back. */
#include "call.h"

#define BAD_POINTER 0x5a5a5a5a0000UL         /* nothing is mapped there */
#define NOT_CANONICAL 0x800000000000UL
#define HYPERVISOR 0xffff830000000000UL

static const uint64_t bad_pointers[] = { BAD_POINTER, NOT_CANONICAL, HYPERVISOR, ~0UL };

/* Those that need a domain answer ESRCH for any that is none, known command or not. */
static int nobody(void)
{
    static const uint32_t ids[] = { NOBODY, DOMID_FIRST_RESERVED, DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_COW, DOMID_INVALID };
    int bad = 0;

    for (uint32_t command = 0; command < MAX_DOMCTL; command++)
        for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
            struct xen_domctl op = { 0 };
            long answer;

            if (command == XEN_DOMCTL_createdomain || command == XEN_DOMCTL_assign_device ||
                command == XEN_DOMCTL_test_assign_device || command == XEN_DOMCTL_deassign_device)
                continue;                    /* without passthrough these may say so first */
            answer = domctl(command, ids[i], &op);
            if (answer != -ESRCH && !(command == XEN_DOMCTL_getdomaininfo && answer < 0))
                bad += wrong("domctl %u of domain %x: %ld", command, ids[i], answer);
        }
    return bad;
}

static int raw_arguments(void)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_pausedomain, .interface_version = 1, .domain = NOBODY };
    int bad = 0;

    bad += EXPECT("domctl of another version", domctl_raw(&op), -EACCES);
    for (unsigned int i = 0; i < sizeof(bad_pointers) / sizeof(bad_pointers[0]); i++) {
        bad += EXPECT("domctl with a bad pointer", call1(__HYPERVISOR_domctl, bad_pointers[i]), -EFAULT);
        bad += EXPECT("sysctl with a bad pointer", call1(__HYPERVISOR_sysctl, bad_pointers[i]), -EFAULT);
        bad += EXPECT("platform_op with a bad pointer", call1(__HYPERVISOR_platform_op, bad_pointers[i]), -EFAULT);
        if (call2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, bad_pointers[i]) > 0)
            bad += wrong("populate with a bad pointer did something");
        bad += EXPECT("a batch of places with a bad pointer",
                      call2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, bad_pointers[i]), -EFAULT);
        bad += EXPECT("event channel call with a bad pointer",
                      call2(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, bad_pointers[i]), -EFAULT);
        bad += EXPECT("hvm_op with a bad pointer", call2(__HYPERVISOR_hvm_op, HVMOP_set_param, bad_pointers[i]), -EFAULT);
        bad += EXPECT("grant table call with a bad pointer",
                      call3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, bad_pointers[i], 1), -EFAULT);
        bad += EXPECT("multicall with a bad pointer", call2(__HYPERVISOR_multicall, bad_pointers[i], 1), -EFAULT);
    }
    bad += EXPECT("a hypercall that does not exist", call1(58, 0), -ENOSYS);
    bad += EXPECT("a hypercall far beyond the table", call1(0x7fffffff, 0), -ENOSYS);
    return bad;
}

static int create_wrongly(enum kind kind)
{
    const struct xen_domctl_createdomain good = {
        .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 64, .max_maptrack_frames = 1024,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .flags = kind == KIND_PVH ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .arch.emulation_flags = kind == KIND_PVH ? XEN_X86_EMU_LAPIC : 0 };
    int bad = 0;

#define CREATE(what, change) do { \
        struct xen_domctl op = { .u.createdomain = good }; \
        long answer; \
        op.u.createdomain.change; \
        answer = domctl(XEN_DOMCTL_createdomain, DOMID_INVALID, &op); \
        if (answer >= 0) { \
            bad += wrong("a domain was created with " what); \
            destroy(op.domain); \
        } \
    } while (0)
    CREATE("no vCPU", max_vcpus = 0);
    CREATE("four billion vCPUs", max_vcpus = ~0u);
    CREATE("unknown flags", flags = 0x40000000);
    CREATE("all flags", flags = ~0u);
    CREATE("unknown IOMMU options", iommu_opts = 0x80);
    CREATE("a grant version of 9", grant_opts = 9);
    CREATE("unknown grant options", grant_opts = 0xff01);
    CREATE("a CPU pool that does not exist", cpupool_id = 77);
    CREATE("unknown emulated devices", arch.emulation_flags = 0x80000000);
    CREATE("unknown architecture flags", arch.misc_flags = 0x80);
#undef CREATE
    return bad;
}

/* A domain as far as it is made: what does not fit its state. */
static int in_wrong_state(const struct half_built *h)
{
    struct xen_domctl op;
    int bad = 0;

#define ASK(what, command, field, ...) do { \
        memset(&op, 0, sizeof(op)); \
        op.u.field; \
        bad += EXPECT(what, domctl(command, h->id, &op), __VA_ARGS__); \
    } while (0)
    ASK("vCPUs beyond the domain's", XEN_DOMCTL_max_vcpus, max_vcpus.max = 5, -EINVAL);
    ASK("four billion vCPUs", XEN_DOMCTL_max_vcpus, max_vcpus.max = ~0u, -EINVAL);
    ASK("information about vCPU 7", XEN_DOMCTL_getvcpuinfo, getvcpuinfo.vcpu = 7, -ESRCH, -EINVAL);
    ASK("context of vCPU 0 that has none", XEN_DOMCTL_getvcpucontext, vcpucontext.vcpu = 0, -ESRCH, -ENODATA, -EINVAL);
    ASK("context of vCPU 99", XEN_DOMCTL_getvcpucontext, vcpucontext.vcpu = 99, -ESRCH, -EINVAL);
    ASK("a context for vCPU 99", XEN_DOMCTL_setvcpucontext, vcpucontext.vcpu = 99, -ESRCH, -EINVAL);
    ASK("a context at a bad address", XEN_DOMCTL_setvcpucontext, vcpucontext.ctxt.p = (void *)BAD_POINTER,
        -EFAULT, -EINVAL, -ESRCH);
    ASK("affinity of vCPU 99", XEN_DOMCTL_setvcpuaffinity, vcpuaffinity.vcpu = 99, -ESRCH, -EINVAL);
    ASK("an address size of 7", XEN_DOMCTL_set_address_size, address_size.size = 7, -EINVAL, -EOPNOTSUPP);
    ASK("an unknown trigger", XEN_DOMCTL_sendtrigger, sendtrigger.trigger = 99, -EINVAL, -ENOSYS, -ESRCH);
    ASK("an unknown scheduler", XEN_DOMCTL_scheduler_op, scheduler_op.sched_id = 99, -EINVAL);
    ASK("ports in the wrong order", XEN_DOMCTL_ioport_permission, ioport_permission.first_port = 0xffff0000, -EINVAL);
    ASK("an interrupt of its own that does not exist", XEN_DOMCTL_irq_permission, irq_permission.pirq = 0xff, -EINVAL, -EPERM);
    ASK("a virtual interrupt that does not exist", XEN_DOMCTL_set_virq_handler, set_virq_handler.virq = 99, -EINVAL);
    ASK("page types of far too many frames", XEN_DOMCTL_getpageframeinfo3, getpageframeinfo3.num = 1 << 20,
        -E2BIG, -EINVAL, -EOPNOTSUPP);
    ASK("a policy at a bad address", XEN_DOMCTL_set_cpu_policy, cpu_policy.nr_leaves = 1, -EFAULT, -EEXIST, -EINVAL);
    ASK("a policy of absurd size", XEN_DOMCTL_set_cpu_policy, cpu_policy.nr_leaves = ~0u, -E2BIG, -EEXIST);
    ASK("memory of a device at an absurd frame", XEN_DOMCTL_iomem_permission, iomem_permission.first_mfn = ~0UL - 4,
        -EINVAL, -EPERM);
#undef ASK
    return bad;
}

static int absurd_memory(const struct half_built *h)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .extent_order = 63, .domid = (domid_t)h->id };
    struct xen_add_to_physmap place = { .domid = (domid_t)h->id, .space = 99 };
    struct xen_remove_from_physmap gone = { .domid = (domid_t)h->id, .gpfn = ~0UL };
    int bad = 0;

    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)buffer);
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) > 0)
        bad += wrong("populate of an order of 63 did something");
    if (memory_op(XENMEM_decrease_reservation, &r, sizeof(r)) > 0)
        bad += wrong("decrease of an order of 63 did something");
    r.extent_order = 0;
    r.nr_extents = ~0UL;
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) > 0)
        bad += wrong("populate of as many extents as there are numbers did something");
    r.nr_extents = 16;
    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)BAD_POINTER);
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) > 0)
        bad += wrong("populate with extents at a bad address did something");
    r.domid = NOBODY;
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) > 0)
        bad += wrong("nobody was populated");
    bad += EXPECT("a place in an unknown space", memory_op(XENMEM_add_to_physmap, &place, sizeof(place)),
                  -EINVAL, -ENOSYS, -EACCES, -EOPNOTSUPP);
    place.space = XENMAPSPACE_grant_table;
    place.idx = ~0UL >> 2;
    if (memory_op(XENMEM_add_to_physmap, &place, sizeof(place)) >= 0)
        bad += wrong("a grant table frame of absurd number has a place");
    if (memory_op(XENMEM_remove_from_physmap, &gone, sizeof(gone)) >= 0)
        bad += wrong("a frame beyond all was removed");
    return bad;
}

static int absurd_resources(const struct half_built *h)
{
    struct xen_mem_acquire_resource r = { .domid = (domid_t)h->id, .type = XENMEM_resource_grant_table,
                                          .id = XENMEM_resource_grant_table_id_shared, .frame = 0, .nr_frames = ~0u };
    int bad = 0;

    set_xen_guest_handle(r.frame_list, (xen_pfn_t *)buffer);
    if (memory_op(XENMEM_acquire_resource, &r, sizeof(r)) >= 0)
        bad += wrong("four billion grant table frames were mapped");
    r.nr_frames = 1;
    r.frame = ~0UL >> 1;
    if (memory_op(XENMEM_acquire_resource, &r, sizeof(r)) >= 0)
        bad += wrong("a grant table frame of absurd number was mapped");
    r.frame = 0;
    r.domid = NOBODY;
    bad += EXPECT("a resource of nobody", memory_op(XENMEM_acquire_resource, &r, sizeof(r)), -ESRCH);
    r.domid = (domid_t)h->id;
    r.type = 99;
    bad += EXPECT("an unknown resource", memory_op(XENMEM_acquire_resource, &r, sizeof(r)), -EOPNOTSUPP, -EINVAL);
    return bad;
}

static int absurd_events(const struct half_built *h)
{
    struct evtchn_alloc_unbound port = { .dom = NOBODY, .remote_dom = DOMID_SELF };
    struct evtchn_bind_interdomain bind = { .remote_dom = (domid_t)h->id, .remote_port = 900 };
    struct evtchn_status status = { .dom = (domid_t)h->id, .port = ~0u };
    struct evtchn_close shut = { .port = ~0u };
    struct evtchn_send send = { .port = 0x7fffffff };
    int bad = 0;

    bad += EXPECT("a port of nobody", event_op(EVTCHNOP_alloc_unbound, &port, sizeof(port)), -ESRCH);
    bad += EXPECT("a port that is not there", event_op(EVTCHNOP_bind_interdomain, &bind, sizeof(bind)), -EINVAL);
    bind.remote_dom = NOBODY;
    bad += EXPECT("a port of nobody's", event_op(EVTCHNOP_bind_interdomain, &bind, sizeof(bind)), -ESRCH);
    bad += EXPECT("state of an absurd port", event_op(EVTCHNOP_status, &status, sizeof(status)), -EINVAL);
    bad += EXPECT("closing an absurd port", event_op(EVTCHNOP_close, &shut, sizeof(shut)), -EINVAL);
    bad += EXPECT("sending on an absurd port", event_op(EVTCHNOP_send, &send, sizeof(send)), -EINVAL);
    return bad;
}

/* Grant table calls answer 0 and put what was wrong into the argument's status. */
static int absurd_grants(const struct half_built *h)
{
    static const struct {
        uint32_t domain, ref;
        bool of_half_built;
    } asked[] = { { NOBODY, 1, false }, { DOMID_XEN, 1, false }, { 0, 8, true }, { 0, 5000, true }, { 0, ~0u, true } };
    int bad = 0;

    for (unsigned int i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        struct gnttab_map_grant_ref map = { .flags = GNTMAP_host_map | GNTMAP_readonly, .ref = asked[i].ref,
                                            .dom = (domid_t)(asked[i].of_half_built ? h->id : asked[i].domain) };
        long answer = grant_op(GNTTABOP_map_grant_ref, &map, sizeof(map), 1);

        if (answer < 0 || map.status >= 0)
            bad += wrong("grant %u of domain %u: answer %ld, status %d", map.ref, map.dom, answer, map.status);
    }
    struct gnttab_unmap_grant_ref unmap = { .handle = 0x00ffffff };
    if (grant_op(GNTTABOP_unmap_grant_ref, &unmap, sizeof(unmap), 1) < 0 || unmap.status >= 0)
        bad += wrong("unmapping an absurd handle: status %d", unmap.status);
    struct gnttab_setup_table setup = { .dom = (domid_t)h->id, .nr_frames = 1 << 30 };
    if (grant_op(GNTTABOP_setup_table, &setup, sizeof(setup), 1) == 0 && setup.status >= 0)
        bad += wrong("a grant table of a billion frames: status %d", setup.status);
    bad += EXPECT("an unknown grant table call", call3(__HYPERVISOR_grant_table_op, 99, (uint64_t)buffer, 1), -ENOSYS);
    return bad;
}

static int absurd_parameters(const struct half_built *h)
{
    struct xen_hvm_param param = { .domid = (domid_t)h->id, .index = 0xffff };
    int bad = 0;

    bad += EXPECT("an unknown parameter", hvm_op(HVMOP_set_param, &param, sizeof(param)), -EINVAL);
    bad += EXPECT("an unknown parameter", hvm_op(HVMOP_get_param, &param, sizeof(param)), -EINVAL);
    param.domid = NOBODY;
    bad += EXPECT("a parameter of nobody's", hvm_op(HVMOP_set_param, &param, sizeof(param)), -ESRCH, -EINVAL);
    bad += EXPECT("an unknown hvm_op", call2(__HYPERVISOR_hvm_op, 0x7f, (uint64_t)buffer), -ENOSYS, -EINVAL, -EOPNOTSUPP);
    return bad;
}

static int absurd_traces(void)
{
    struct xen_sysctl op = { .u.tbuf_op = { .cmd = 99 } };
    int bad = 0;

    bad += EXPECT("an unknown trace call", sysctl(XEN_SYSCTL_tbuf_op, &op), -EINVAL);
    memset(&op, 0, sizeof(op));
    op.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_set_size;
    bad += EXPECT("trace buffers of no pages", sysctl(XEN_SYSCTL_tbuf_op, &op), -EINVAL);
    memset(&op, 0, sizeof(op));
    op.u.tbuf_op.cmd = XEN_SYSCTL_TBUFOP_set_cpu_mask;
    op.u.tbuf_op.cpu_mask.nr_bits = 64;
    set_xen_guest_handle(op.u.tbuf_op.cpu_mask.bitmap, (uint8_t *)BAD_POINTER);
    bad += EXPECT("CPUs to trace from a bad address", sysctl(XEN_SYSCTL_tbuf_op, &op), -EFAULT);
    memset(&op, 0, sizeof(op));
    op.u.perfc_op.cmd = 99;
    bad += EXPECT("an unknown counters' call", sysctl(XEN_SYSCTL_perfc_op, &op), -EINVAL, -ENOSYS);
    return bad;
}

static int absurd_sysctls(void)
{
    struct xen_sysctl op = { .u.getdomaininfolist = { .max_domains = ~0u } };
    int bad = 0;

    set_xen_guest_handle(op.u.getdomaininfolist.buffer, (xen_domctl_getdomaininfo_t *)BAD_POINTER);
    bad += EXPECT("a list of domains at a bad address", sysctl(XEN_SYSCTL_getdomaininfolist, &op), -EFAULT);
    memset(&op, 0, sizeof(op));
    bad += EXPECT("an unknown sysctl", sysctl(99, &op), -ENOSYS);
    for (uint32_t what = XEN_SYSCTL_CPU_HOTPLUG_ONLINE; what <= XEN_SYSCTL_CPU_HOTPLUG_OFFLINE; what++) {
        memset(&op, 0, sizeof(op));
        op.u.cpu_hotplug = (struct xen_sysctl_cpu_hotplug){ .cpu = ~0u, .op = what };
        bad += EXPECT("a CPU that does not exist, on or off", sysctl(XEN_SYSCTL_cpu_hotplug, &op), -EINVAL, -EOPNOTSUPP);
    }
    memset(&op, 0, sizeof(op));
    op.u.cpupool_op.op = 99;
    bad += EXPECT("an unknown CPU pool call", sysctl(XEN_SYSCTL_cpupool_op, &op), -ENOSYS, -EINVAL, -EOPNOTSUPP);
    memset(&op, 0, sizeof(op));
    op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
    op.u.cpupool_op.domid = NOBODY;
    if (sysctl(XEN_SYSCTL_cpupool_op, &op) >= 0)
        bad += wrong("nobody was moved to a CPU pool");
    return bad;
}

int test_wrong_calls(enum kind kind)
{
    struct half_built h;
    uint64_t before;
    int bad = 0;

    build(&h, kind, build_steps());          /* what is allocated once and stays, is allocated now */
    absurd_grants(&h);
    destroy(h.id);
    before = settled_free_frames();
    bad += nobody();
    bad += raw_arguments();
    bad += create_wrongly(kind);
    bad += absurd_sysctls();
    bad += absurd_traces();
    for (unsigned int steps = 1; steps <= build_steps(); steps++) {
        build(&h, kind, steps);
        bad += in_wrong_state(&h);
        bad += absurd_memory(&h);
        bad += absurd_resources(&h);
        bad += absurd_events(&h);
        bad += absurd_grants(&h);
        bad += absurd_parameters(&h);
        if (destroy(h.id))
            bad += wrong("destroy after step %s", build_step_name(steps - 1));
        if (!memory_is_back(before))
            bad += wrong("step %s: %ld frames are missing", build_step_name(steps - 1),
                         (long)(before - settled_free_frames()));
    }
    return bad;
}

/* Every command, with nothing and with ones everywhere: whatever it answers, the domain can be destroyed after it. */
static int each_at(enum kind kind, unsigned int steps)
{
    uint64_t before = settled_free_frames();
    int bad = 0;

    for (uint32_t command = 0; command < MAX_DOMCTL; command++)
        for (unsigned int ones = 0; ones < 2; ones++) {
            struct half_built h;
            struct xen_domctl op;

            if (command == XEN_DOMCTL_createdomain || command == XEN_DOMCTL_destroydomain)
                continue;
            build(&h, kind, steps);
            memset(&op, ones ? 0xff : 0, sizeof(op));
            domctl(command, h.id, &op);
            destroy(h.id);
            if (memory_is_back(before))
                continue;
            bad += wrong("domctl %u, %s, at step %s: %ld frames are missing", command, ones ? "ones" : "zeros",
                         build_step_name(steps - 1), (long)(before - settled_free_frames()));
            before = settled_free_frames();
        }
    return bad;
}

int test_every_command(enum kind kind)
{
    struct half_built h;

    build(&h, kind, build_steps());
    destroy(h.id);
    return each_at(kind, 1) + each_at(kind, build_steps());
}
