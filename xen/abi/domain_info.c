/* SPDX-License-Identifier: MIT */
/* What the toolstack sees of a domain at a glance: XEN_DOMCTL_getdomaininfo and XEN_SYSCTL_getdomaininfolist. */
#include "abi/control.h"
#include "cpu/x86.h"
#include "dom/sched.h"

/* A domain counts as running if a vCPU runs, and as blocked if every vCPU that is up waits for an event. */
static void count_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    struct vcpu *v;
    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    info->flags = XEN_DOMINF_blocked;
    for_each_vcpu(d, v) {
        info->max_vcpu_id = v->id;
        info->cpu_time += vcpu_cpu_time(v);
        if (test_bit(VPF_DOWN, &v->pause_flags))
            continue;
        info->nr_online_vcpus++;
        if (!test_bit(VPF_BLOCKED, &v->pause_flags))
            info->flags &= ~XEN_DOMINF_blocked;
        if (v->is_running)
            info->flags |= XEN_DOMINF_running;
    }
}

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    count_vcpus(d, info);
    info->flags |= (d->dying == DOMDYING_DEAD ? XEN_DOMINF_dying : 0) | (d->is_shut_down ? XEN_DOMINF_shutdown : 0) |
                   (d->controller_pause_count ? XEN_DOMINF_paused : 0) |
                   (d->debugger_attached ? XEN_DOMINF_debugged : 0) |
                   (d->create_flags & XEN_DOMCTL_CDF_xs_domain ? XEN_DOMINF_xs_domain : 0) |
                   (d->row->privileged->external_guest_tables ? XEN_DOMINF_hvm_guest | XEN_DOMINF_hap : 0) |
                   (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
    info->tot_pages = d->tot_pages;
    info->max_pages = d->max_pages;
    info->outstanding_pages = d->outstanding_pages;
    info->shr_pages = d->shared_pages;
    info->shared_info_frame = d->shared_info_mfn;
    info->ssidref = d->ssidref;
    memcpy(info->handle, d->handle, sizeof(info->handle));
    info->gpaddr_bits = (u8)cpu_features.phys_bits;
    info->arch_config.emulation_flags = d->emulation_flags;
}
