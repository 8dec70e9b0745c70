/* SPDX-License-Identifier: MIT */
/* What a guest that is not the control domain asks of the hypervisor as if it were: refused, whatever the arguments. */
#include "call.h"

#define FIRST_SYSCTL 1
#define LAST_SYSCTL 30

static int controls(void)
{
    static const uint32_t ids[] = { 0, 1, 2, 3, DOMID_SELF, NOBODY };
    int bad = 0;

    for (uint32_t command = 0; command < MAX_DOMCTL; command++)
        for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
            struct xen_domctl op = { 0 };
            long answer = domctl(command, ids[i], &op);

            if (answer >= 0)
                bad += wrong("domctl %u of domain %u is answered to a guest", command, ids[i]);
        }
    for (uint32_t command = FIRST_SYSCTL; command < LAST_SYSCTL; command++) {
        struct xen_sysctl op = { 0 };

        if (sysctl(command, &op) >= 0)
            bad += wrong("sysctl %u is answered to a guest", command);
    }
    for (uint32_t command = 0; command < 70; command++) {
        struct xen_platform_op op = { .cmd = command, .interface_version = XENPF_INTERFACE_VERSION };

        memcpy(buffer, &op, sizeof(op));
        if (call1(__HYPERVISOR_platform_op, (uint64_t)buffer) >= 0)
            bad += wrong("platform_op %u is answered to a guest", command);
    }
    return bad;
}

static int memory(void)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = 0 };
    struct xen_add_to_physmap place = { .domid = 0, .space = XENMAPSPACE_shared_info, .gpfn = 1 };
    struct xen_pod_target kept = { .domid = 0 };
    struct xen_mem_acquire_resource resource = { .domid = 0, .type = XENMEM_resource_grant_table, .nr_frames = 1 };
    domid_t id = 0;
    int bad = 0;

    set_xen_guest_handle(r.extent_start, (xen_pfn_t *)(buffer + PAGE));
    set_xen_guest_handle(resource.frame_list, (xen_pfn_t *)(buffer + PAGE));
    if (memory_op(XENMEM_populate_physmap, &r, sizeof(r)) > 0)
        bad += wrong("a guest populates the control domain");
    if (memory_op(XENMEM_decrease_reservation, &r, sizeof(r)) > 0)
        bad += wrong("a guest takes memory from the control domain");
    if (memory_op(XENMEM_add_to_physmap, &place, sizeof(place)) >= 0)
        bad += wrong("a guest changes the control domain's map");
    if (memory_op(XENMEM_acquire_resource, &resource, sizeof(resource)) >= 0)
        bad += wrong("a guest maps the control domain's grant table");
    bad += EXPECT("the control domain's frames kept", memory_op(XENMEM_get_pod_target, &kept, sizeof(kept)), -EPERM);
    if (memory_op(XENMEM_current_reservation, &id, sizeof(id)) >= 0)
        bad += wrong("a guest is told of the control domain's memory");
    return bad;
}

static int the_rest(void)
{
    struct xen_hvm_param param = { .domid = 0, .index = HVM_PARAM_CALLBACK_IRQ };
    struct evtchn_alloc_unbound port = { .dom = 0, .remote_dom = DOMID_SELF };
    struct evtchn_bind_virq virq = { .virq = VIRQ_DOM_EXC };
    struct evtchn_status status = { .dom = 0, .port = 1 };
    struct gnttab_setup_table setup = { .dom = 0, .nr_frames = 1 };
    struct sched_remote_shutdown off = { .domain_id = 0, .reason = SHUTDOWN_crash };
    int bad = 0;

    if (hvm_op(HVMOP_set_param, &param, sizeof(param)) >= 0)
        bad += wrong("a guest sets a parameter of the control domain");
    if (event_op(EVTCHNOP_alloc_unbound, &port, sizeof(port)) >= 0)
        bad += wrong("a guest makes a port for the control domain");
    if (event_op(EVTCHNOP_bind_virq, &virq, sizeof(virq)) >= 0)
        bad += wrong("a guest has the control domain's interrupt");
    if (event_op(EVTCHNOP_status, &status, sizeof(status)) >= 0)
        bad += wrong("a guest is told of the control domain's ports");
    if (grant_op(GNTTABOP_setup_table, &setup, sizeof(setup), 1) >= 0 && setup.status >= 0)
        bad += wrong("a guest sees the control domain's grant table");
    memcpy(buffer, &off, sizeof(off));
    if (call2(__HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, (uint64_t)buffer) >= 0)
        bad += wrong("a guest shuts the control domain down");
    if (call2(__HYPERVISOR_kexec_op, 0, (uint64_t)buffer) >= 0)
        bad += wrong("a guest loads a crash kernel");
    return bad;
}

int test_unprivileged(void)
{
    return controls() + memory() + the_rest();
}
