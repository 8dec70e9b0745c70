/* SPDX-License-Identifier: MIT */
/* The HW answer to the privileged column, and the PV answers to platform and interrupts as a guest in a container gets
 * them, as tables. */
#include <xen/sysctl.h>
#include <xen/arch-x86/xen-mca.h>

#include "abi/hypercall.h"
#include "modes/pvh/pvh.h"

#define HANDLER_ANY(name, args) [__HYPERVISOR_##name] = { hypercall_##name, args },
#define HANDLER_HW(name, args) [__HYPERVISOR_##name] = { hypercall_##name, args },
#define HANDLER_PV(name, args)
#define HANDLER(name, args, where) HANDLER_##where(name, args)
static const struct hypercall hw_hypercalls[HYPERCALL_COUNT] = { HYPERCALLS(HANDLER) };

static const char *unavailable(void)
{
    return container_available() ? NULL : "this machine has no hardware container (SVM with nested paging)";
}

const struct privileged_ops privileged_hw = {
    .name = "hardware container",
    .answer = ANSWER_HW,
    .external_guest_tables = true,
    .capabilities = "hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64",
    .physcaps = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap,
    .unavailable = unavailable,
    .container = &hw_container_abi,
    .domain_size = sizeof(struct hw_domain),
    .vcpu_size = sizeof(struct hw_vcpu),
    .domain_init = hw_domain_init,
    .domain_relinquish = hw_domain_relinquish,
    .domain_free = hw_domain_free,
    .vcpu_init = hw_vcpu_init,
    .vcpu_free = hw_vcpu_free,
    .set_context = hw_set_context,
    .get_context = hw_get_context,
    .reset = hw_reset,
    .switch_from = hw_switch_from,
    .switch_to = hw_switch_to,
    .resume = hw_resume,
    .trap = hw_trap,
    .kernel_mode = hw_kernel_mode,
    .inject = hw_inject,
    .copy_from = hw_copy_from,
    .copy_to = hw_copy_to,
    .writable = hw_writable,
    .clear = hw_clear,
    .get_gfn = hw_get_gfn,
    .map_gfn = hw_map_gfn,
    .unmap_gfn = hw_unmap_gfn,
    .grant_map = hw_grant_map,
    .grant_unmap = hw_grant_unmap,
    .hypercall_again = hw_hypercall_again,
    .hypercalls = hw_hypercalls,
    .dump = hw_dump,
};

static int nothing_to_init(struct domain *d)
{
    return 0;
}

static void nothing_to_free(struct domain *d)
{
}

const struct platform_ops platform_pvh = {
    .name = "PV in a container",
    .answer = ANSWER_PV,
    HW_PLATFORM,
    .domain_init = nothing_to_init,
    .domain_free = nothing_to_free,
    .cpuid = hw_cpuid,
    .wrmsr = hw_wrmsr,
};
