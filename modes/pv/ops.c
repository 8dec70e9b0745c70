/* SPDX-License-Identifier: MIT */
/* The PV answers to the four columns, as tables. */
#include <xen/features.h>
#include <xen/sysctl.h>
#include <xen/arch-x86/xen-mca.h>

#include "abi/event.h"
#include "abi/grant.h"
#include "abi/hypercall.h"
#include "dom/sched.h"
#include "modes/pv/pv.h"
#include "modes/pv/trace.h"

#define HANDLER_ANY(name, args) [__HYPERVISOR_##name] = { hypercall_##name, args },
#define HANDLER_PV(name, args) [__HYPERVISOR_##name] = { hypercall_##name, args },
#define HANDLER_HW(name, args)
#define HANDLER(name, args, where) HANDLER_##where(name, args)
static const struct hypercall pv_hypercalls[HYPERCALL_COUNT] = { HYPERCALLS(HANDLER) };

#define SYSCALL_BYTES 2

static void pv_hypercall_again(unsigned int nargs, const unsigned long *args)
{
    struct cpu_user_regs *regs = guest_regs();
    uint64_t *const registers[6] = { &regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8, &regs->r9 };

    for (unsigned int i = 0; i < nargs; i++)
        *registers[i] = args[i];
    regs->rip -= SYSCALL_BYTES;
}

static int pv_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    struct pv_domain *pv = to_pv_domain(d);

    spin_init(&pv->mm_lock, RANK_PV_MM);
    return pv_mm_domain_init(pv);
}

static int pv_domain_relinquish(struct domain *d)
{
    return pv_mm_relinquish(to_pv_domain(d));
}

static void pv_domain_free(struct domain *d)
{
    struct pv_domain *pv = to_pv_domain(d);

    pv_mm_domain_free(pv);
    xfree(pv->cpuid_policy);
    xfree(pv->msr_policy);
}

/* An access faults here as it would in the guest: there is nothing to save. */
static void *no_writable(u64 va, size_t n, mfn_t *mfn)
{
    return NULL;
}

const struct privileged_ops privileged_pv = {
    .name = "ring 3",
    .answer = ANSWER_PV,
    .capabilities = "xen-3.0-x86_64",
    .physcaps = XEN_SYSCTL_PHYSCAP_pv,
    .domain_size = sizeof(struct pv_domain),
    .vcpu_size = sizeof(struct pv_vcpu),
    .domain_init = pv_domain_init,
    .domain_relinquish = pv_domain_relinquish,
    .domain_free = pv_domain_free,
    .vcpu_init = pv_vcpu_init,
    .vcpu_free = pv_vcpu_free,
    .set_context = pv_set_context,
    .get_context = pv_get_context,
    .reset = pv_reset,
    .switch_from = pv_switch_from,
    .switch_to = pv_switch_to,
    .resume = pv_resume,
    .trap = pv_trap,
    .kernel_mode = pv_kernel_mode,
    .inject = pv_inject,
    .copy_from = pv_copy_from,
    .copy_to = pv_copy_to,
    .writable = no_writable,
    .clear = pv_clear,
    .get_gfn = pv_get_gfn,
    .map_gfn = pv_map_gfn,
    .unmap_gfn = pv_unmap_gfn,
    .grant_map = pv_grant_map,
    .grant_unmap = pv_grant_unmap,
    .hypercall_again = pv_hypercall_again,
    .trace_subcall = pv_trace_subcall,
    .hypercalls = pv_hypercalls,
    .dump = pv_dump,
    .physdev_op = pv_physdev_op,
};

/* What a PV guest may see of the machine is decided when it asks (cpuid.c, msr.c); there is nothing to set up. */
static int nothing_to_init(struct domain *d)
{
    return 0;
}

static void nothing_to_free(struct domain *d)
{
}

const struct platform_ops platform_pv = {
    .name = "PV",
    .answer = ANSWER_PV,
    .features = 1u << XENFEAT_pae_pgdir_above_4gb | 1u << XENFEAT_mmu_pt_update_preserve_ad |
                1u << XENFEAT_highmem_assist | 1u << XENFEAT_gnttab_map_avail_bits,
    .domain_init = nothing_to_init,
    .domain_free = nothing_to_free,
    .cpuid = pv_cpuid,
    .cpuid_max = pv_cpuid_max,
    .set_policy = pv_set_policy,
    .get_policy = pv_get_policy,
    .fill_hypercall_page = pv_fill_hypercall_page,
    .rdmsr = pv_rdmsr,
    .wrmsr = pv_wrmsr,
};

static bool pv_interrupts_pending(const struct vcpu *v)
{
    return vcpu_event_pending(v) || v->nmi_pending;
}

const struct interrupt_ops interrupts_pv = {
    .name = "event channels",
    .answer = ANSWER_PV,
    .vcpu_init = evtchn_vcpu_init,
    .vcpu_free = evtchn_vcpu_free,
    .upcall = vcpu_kick,
    .pending = pv_interrupts_pending,
    .nmi = vcpu_nmi,
    .pv_timers = true,
};

const struct io_ops io_pv = {
    .name = "PV rings",
    .answer = ANSWER_PV,
    .domain_init = nothing_to_init,
    .domain_free = nothing_to_free,
};
