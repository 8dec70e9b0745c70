/* SPDX-License-Identifier: MIT */
/* Another domain, made by a test kernel in the control domain's place. */
#include "lib/other_domain.h"

long domctl(u32 command, domid_t domain, struct xen_domctl *op)
{
    op->cmd = command;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domain;
    return CALL1(domctl, op);
}

domid_t make_domain(bool container, u64 max_kib)
{
    static struct xen_domctl op;
    domid_t made;

    op = (struct xen_domctl){ .u.createdomain = {
        .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .flags = container ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .arch.emulation_flags = container ? XEN_X86_EMU_LAPIC : 0 } };
    if (domctl(XEN_DOMCTL_createdomain, DOMID_INVALID, &op)) {
        verdict(ERROR, "no domain to be had");
        return DOMID_INVALID;
    }
    made = op.domain;
    op = (struct xen_domctl){ .u.max_vcpus.max = 1 };
    EXPECT("max_vcpus", domctl(XEN_DOMCTL_max_vcpus, made, &op), 0);
    op = (struct xen_domctl){ .u.max_mem.max_memkb = max_kib };
    EXPECT("max_mem", domctl(XEN_DOMCTL_max_mem, made, &op), 0);
    if (container) {
        op = (struct xen_domctl){ .u.paging_mempool.size = 4 << 20 };
        EXPECT("set_paging_mempool_size", domctl(XEN_DOMCTL_set_paging_mempool_size, made, &op), 0);
    }
    return made;
}

void destroy_domain(domid_t domain)
{
    static struct xen_domctl op;

    EXPECT("destroydomain", domctl(XEN_DOMCTL_destroydomain, domain, &op), 0);
}

long pages_of(domid_t domain)
{
    return CALL2(memory_op, XENMEM_current_reservation, &domain);
}

long map_foreign(void *va, domid_t domain, u64 frame)
{
    return CALL4(update_va_mapping_otherdomain, va, frame << 12 | PTE_RW_FLAGS, UVMF_INVLPG, domain);
}
