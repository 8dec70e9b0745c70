/* SPDX-License-Identifier: MIT */
/* domctl: the control domain makes, changes and ends other domains (public header xen/domctl.h). Dispatch, and a
 * domain's life: creation, pausing, destruction. */
#include "abi/control.h"
#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "dom/sched.h"

/* NULL, or what a request for a new domain asks that cannot be. */
static const char *unfit(const struct xen_domctl_createdomain *c)
{
    if (c->flags & ~(u32)(XEN_DOMCTL_CDF_MAX * 2 - 1))
        return "unknown flags";
    if (c->flags & (XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_nested_virt | XEN_DOMCTL_CDF_vpmu |
                    XEN_DOMCTL_CDF_s3_integrity))
        return "IOMMU, nested virtualization, performance counters or measured memory";
    if (!(c->flags & XEN_DOMCTL_CDF_hvm) && (c->flags & (XEN_DOMCTL_CDF_hap | XEN_DOMCTL_CDF_oos_off)))
        return "nested paging without a hardware container";
    if ((c->iommu_opts && !(c->flags & XEN_DOMCTL_CDF_iommu)) || c->vmtrace_size)
        return "an IOMMU or processor tracing";
    if (c->grant_opts & ~(u32)XEN_DOMCTL_GRANT_version_mask)
        return "unknown options of its grant table";
    if (c->arch.emulation_flags & ~(u32)XEN_X86_EMU_ALL || c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX)
        return "unknown architecture flags";
    if (!(c->flags & XEN_DOMCTL_CDF_hvm) && (c->arch.emulation_flags & ~(u32)XEN_X86_EMU_PIT))
        return "emulated devices without a hardware container";
    return NULL;
}

static long do_createdomain(struct domain *unused, struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *config = &op->u.createdomain;
    domid_t id = op->domain > 0 && op->domain < DOMID_FIRST_RESERVED ? op->domain : DOMID_INVALID;
    const char *why = unfit(config);
    struct domain *d;
    if (why) {
        printk("A domain is refused: it asks for %s\n", why);
        return -EINVAL;
    }
    if (config->cpupool_id != 0)
        return -EINVAL;
    const struct row *row = row_for(config, &why);
    if (!row) {
        printk("A domain is refused: %s\n", why);
        return -EOPNOTSUPP;
    }
    int rc = domain_create(id, row, config, false, &d);
    if (rc)
        return rc;
    op->domain = d->id;
    return 0;
}

/* The caller goes from domain to domain: asked for an id that no domain has, the next one answers. */
static long do_getdomaininfo(struct domain *unused, struct xen_domctl *op)
{
    struct domain *d, *found = NULL;
    if (op->domain >= DOMID_FIRST_RESERVED)
        return -EINVAL;
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        if (d->id >= op->domain && domain_ref(d)) {
            found = d;
            break;
        }
    spin_unlock(&domlist_lock);
    if (!found)
        return -ESRCH;
    domain_info_fill(found, &op->u.getdomaininfo);
    op->domain = found->id;
    domain_put(found);
    return 0;
}

static long do_destroydomain(struct domain *d, struct xen_domctl *op) { return domain_kill(d); }

static long do_pausedomain(struct domain *d, struct xen_domctl *op)
{
    return d == current->domain ? -EINVAL : domain_pause_by_controller(d);
}

static long do_unpausedomain(struct domain *d, struct xen_domctl *op) { return domain_unpause_by_controller(d); }

static long do_resumedomain(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain)
        return -EINVAL;
    domain_resume(d);
    return 0;
}

static long do_max_mem(struct domain *d, struct xen_domctl *op)
{
    u64 pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);
    spin_lock(&d->page_lock);
    d->max_pages = min(pages, 0xffffffffUL);   /* below what it has: it gets no more until it gave that back */
    spin_unlock(&d->page_lock);
    return 0;
}

static long do_max_vcpus(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain || op->u.max_vcpus.max != d->max_vcpus)
        return -EINVAL;
    for (u32 i = 0; i < d->max_vcpus; i++) {
        struct vcpu *v;
        int rc = d->vcpu[i] ? 0 : vcpu_create(d, i, (d->id + i) % nr_cpus, &v);
        if (rc)
            return rc;
        if (hypercall_preempt_check() && i + 1 < d->max_vcpus)
            return -ERESTART;
    }
    return 0;
}

static long not_here(struct domain *d, struct xen_domctl *op) { return -EOPNOTSUPP; }
static long no_device(struct domain *d, struct xen_domctl *op) { return -ENODEV; }

static const struct domctl_handler handlers[] = {
    { XEN_DOMCTL_createdomain, BACK_SUCCESS, do_createdomain },
    { XEN_DOMCTL_getdomaininfo, BACK_SUCCESS, do_getdomaininfo },
    { XEN_DOMCTL_destroydomain, BACK_NEVER, do_destroydomain },
    { XEN_DOMCTL_pausedomain, BACK_NEVER, do_pausedomain },
    { XEN_DOMCTL_unpausedomain, BACK_NEVER, do_unpausedomain },
    { XEN_DOMCTL_resumedomain, BACK_NEVER, do_resumedomain },
    { XEN_DOMCTL_max_mem, BACK_NEVER, do_max_mem },
    { XEN_DOMCTL_max_vcpus, BACK_NEVER, do_max_vcpus },
    /* docs/CAVEATS.md: migration's dirty log and extended state, passthrough, monitoring, vNUMA, soft reset */
    { XEN_DOMCTL_shadow_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_setvcpuextstate, BACK_NEVER, not_here },
    { XEN_DOMCTL_getvcpuextstate, BACK_NEVER, not_here },
    { XEN_DOMCTL_set_ext_vcpucontext, BACK_NEVER, not_here },
    { XEN_DOMCTL_get_ext_vcpucontext, BACK_NEVER, not_here },
    { XEN_DOMCTL_get_vcpu_msrs, BACK_NEVER, not_here },
    { XEN_DOMCTL_set_vcpu_msrs, BACK_NEVER, not_here },
    { XEN_DOMCTL_set_target, BACK_NEVER, not_here },
    { XEN_DOMCTL_debug_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_vm_event_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_mem_sharing_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_setvnumainfo, BACK_NEVER, not_here },
    { XEN_DOMCTL_monitor_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_soft_reset, BACK_NEVER, not_here },
    { XEN_DOMCTL_vmtrace_op, BACK_NEVER, not_here },
    { XEN_DOMCTL_assign_device, BACK_NEVER, no_device },
    { XEN_DOMCTL_test_assign_device, BACK_NEVER, no_device },
    { XEN_DOMCTL_deassign_device, BACK_NEVER, no_device },
    { XEN_DOMCTL_get_device_group, BACK_NEVER, no_device },
    { XEN_DOMCTL_bind_pt_irq, BACK_NEVER, no_device },
    { XEN_DOMCTL_unbind_pt_irq, BACK_NEVER, no_device },
    { XEN_DOMCTL_psr_cmt_op, BACK_NEVER, no_device },
    { XEN_DOMCTL_psr_alloc, BACK_NEVER, no_device },
    { }
};

static const struct domctl_handler *find(u32 cmd)
{
    static const struct domctl_handler *const tables[] = {
        handlers, domctl_vcpu_handlers, domctl_state_handlers, domctl_access_handlers, domctl_policy_handlers,
        domctl_hvm_handlers,
    };
    for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++)
        for (const struct domctl_handler *h = tables[i]; h->fn; h++)
            if (h->cmd == cmd)
                return h;
    return NULL;
}

/* Does a command stand for itself, whatever op.domain says? */
static bool needs_no_target(u32 cmd)
{
    return cmd == XEN_DOMCTL_createdomain || cmd == XEN_DOMCTL_getdomaininfo || cmd == XEN_DOMCTL_test_assign_device;
}

/* Purpose: one domctl. -EPERM: not the control domain; -EFAULT; -EACCES: made for another version of the interface;
 * -ESRCH: no such domain; -ENOSYS: no such command; else the handler's. */
long hypercall_domctl(unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                      unsigned long a6)
{
    struct xen_domctl op;
    struct domain *d = NULL;
    if (!current->domain->is_privileged)
        return -EPERM;
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    const struct domctl_handler *h = find(op.cmd);
    if (!needs_no_target(op.cmd)) {
        d = op.domain < DOMID_FIRST_RESERVED ? domain_get(op.domain) : NULL;
        if (!d)
            return -ESRCH;
    }
    long rc = h ? -ERESTART : -ENOSYS;
    if (h && spin_trylock(&control_lock)) {
        rc = h->fn(d, &op);
        spin_unlock(&control_lock);
    }
    if (d)
        domain_put(d);
    if (h && h->back != BACK_NEVER && (rc >= 0 || h->back == BACK_ALWAYS) && copy_arg_to(arg, &op))
        rc = -EFAULT;
    return rc == -ERESTART ? hypercall_continue(__HYPERVISOR_domctl, 1, arg) : rc;
}
