/* SPDX-License-Identifier: MIT */
/* A domain in a container: its making and end, its frames, and grants in its nested page tables. */
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>

#include "devmodel/devmodel.h"
#include "mem/pod.h"
#include "modes/pvh/pvh.h"

int hw_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    struct hw_domain *hw = to_hw_domain(d);

    if (!(config->flags & XEN_DOMCTL_CDF_hap)) {
        printk("%s: a container without nested paging is not offered\n", d->name_for_log);
        return -EOPNOTSUPP;
    }
    if (!(config->arch.emulation_flags & XEN_X86_EMU_LAPIC)) {
        printk("%s: a container without a local APIC is not offered\n", d->name_for_log);
        return -EOPNOTSUPP;
    }
    hw->params[HVM_PARAM_TRIPLE_FAULT_REASON] = SHUTDOWN_reboot;
    return p2m_init(&hw->p2m, d);
}

int hw_domain_relinquish(struct domain *d)
{
    struct vcpu *v;
    int rc;

    for_each_vcpu(d, v)
        timer_kill(&to_hw(v)->lapic_timer);
    if (to_hw_domain(d)->pc)
        pc_stop(d);
    rc = d->p2m ? p2m_teardown(d->p2m) : 0;
    return rc || !d->p2m ? rc : pod_teardown(d->p2m);
}

/* A domain whose creation failed has not been relinquished: then it is empty, and one call does. */
void hw_domain_free(struct domain *d)
{
    struct hw_domain *hw = to_hw_domain(d);

    if (d->p2m) {
        while (p2m_teardown(d->p2m) == -ERESTART)
            ;
        p2m_free(d->p2m);
    }
    xfree(hw->cpuid_policy);
    xfree(hw->msr_policy);
}

/* ---- Frames */

mfn_t hw_get_gfn(struct domain *d, gfn_t gfn)
{
    enum p2m_type type;
    mfn_t mfn = pod_get_frame(d->p2m, gfn, &type);

    if (mfn == INVALID_MFN || p2m_type_is_ram(type))
        return mfn;
    put_frame(mfn);
    return INVALID_MFN;
}

int hw_map_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    return p2m_set(d->p2m, gfn, mfn, 0, P2M_RAM);
}

int hw_unmap_gfn(struct domain *d, gfn_t gfn, mfn_t mfn)
{
    int rc = p2m_remove_typed(d->p2m, gfn, mfn, P2M_TYPES_RAM);

    if (rc == 0 && d == current->domain)
        to_hw(current)->memory_gone = true;
    else if (rc == 0)
        devmodel_broadcast_invalidate(d);   /* device models keep mappings of guest memory */
    return rc;
}

static int map_extent(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order)
{
    return p2m_set(d->p2m, gfn, mfn, order, P2M_RAM);
}

/* ---- Grants: host_addr is a guest-physical address. The p2m entry holds the references. */

int hw_grant_map(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, bool readonly)
{
    int rc;

    if (flags & GNTMAP_contains_pte || host_addr & ~PAGE_MASK)
        return GNTST_general_error;
    rc = p2m_set(d->p2m, host_addr >> PAGE_SHIFT, mfn, 0, readonly ? P2M_GRANT_RO : P2M_GRANT);
    return rc == 0 ? GNTST_okay : rc == -ENOMEM ? GNTST_no_space : GNTST_general_error;
}

int hw_grant_unmap(struct domain *d, u64 host_addr, mfn_t mfn, u32 flags, u64 new_addr)
{
    if (new_addr || flags & GNTMAP_contains_pte || host_addr & ~PAGE_MASK || mfn == INVALID_MFN)
        return GNTST_general_error;
    return p2m_remove_typed(d->p2m, host_addr >> PAGE_SHIFT, mfn, P2M_TYPES_GRANT) ? GNTST_general_error : GNTST_okay;
}

/* ---- The rest of the ABI */

static int flush_tlbs(struct domain *d)
{
    container_flush_domain(d);
    return 0;
}

static int mem_type(struct domain *d, gfn_t gfn)
{
    enum p2m_type type;

    p2m_get(d->p2m, gfn, &type, NULL);
    switch (type) {
    case P2M_RAM_RO: case P2M_GRANT_RO: case P2M_FOREIGN_RO: return HVMMEM_ram_ro;
    case P2M_NONE: case P2M_MMIO: return HVMMEM_mmio_dm;
    default: return HVMMEM_ram_rw;
    }
}

static int set_upcall_vector(struct domain *d, u32 vcpu, u8 vector)
{
    return d->row->interrupts->set_upcall_vector(d, vcpu, vector);
}

static int set_pool(struct domain *d, u64 bytes)
{
    return bytes & ~PAGE_MASK ? -EINVAL : p2m_pool_set(d->p2m, bytes >> PAGE_SHIFT);
}

static u64 get_pool(struct domain *d)
{
    return p2m_pool_get(d->p2m) << PAGE_SHIFT;
}

static gfn_t highest_gfn(struct domain *d)
{
    return p2m_highest(d->p2m);
}

const struct container_abi hw_container_abi = {
    .set_param = hw_set_param,
    .get_param = hw_get_param,
    .set_upcall_vector = set_upcall_vector,
    .flush_tlbs = flush_tlbs,
    .mem_type = mem_type,
    .set_context = hw_set_hvm_context,
    .save_size = hw_save_size,
    .save = hw_save,
    .save_one = hw_save_one,
    .load = hw_load,
    .set_pool = set_pool,
    .get_pool = get_pool,
    .highest_gfn = highest_gfn,
    .map_extent = map_extent,
};
