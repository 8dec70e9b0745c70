/* SPDX-License-Identifier: MIT */
/* AMD's Secure Virtual Machine: switched on for each CPU; a vCPU's way through it (AMD64 APM vol. 2, chapter 15). */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "hw/svm/svm.h"
#include "lib/lib.h"
#include "mem/frame.h"

struct svm_cpu svm_cpus[NR_CPUS];
maddr_t svm_iopm, svm_msrpm;

/* ---- CPUs */

static bool alloc_page_maddr(maddr_t *maddr)
{
    void *p = *maddr ? maddr_to_virt(*maddr) : page_alloc(0);

    *maddr = p ? virt_to_maddr(p) : 0;
    return p;
}

static bool svm_alloc(void)
{
    void *iopm = page_alloc(IOPM_ORDER), *msrpm = page_alloc(MSRPM_ORDER);

    if (!iopm || !msrpm)
        return false;
    svm_maps_init(iopm, msrpm);
    svm_iopm = virt_to_maddr(iopm);
    svm_msrpm = virt_to_maddr(msrpm);
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        if (!alloc_page_maddr(&svm_cpus[cpu].hsave) || !alloc_page_maddr(&svm_cpus[cpu].host_vmcb))
            return false;
    return true;
}

/* What VMLOAD gives back after each exit does not change once a CPU is up: it is saved here. */
static int svm_cpu_init(unsigned int cpu)
{
    struct svm_cpu *c = &svm_cpus[cpu];
    u32 asids = cpuid(0x8000000a, 0).b;
    u64 vm_cr;

    if ((rdmsr_safe(MSR_VM_CR, &vm_cr) && vm_cr & VM_CR_SVMDIS) || asids < 2)
        return -ENODEV;
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    wrmsr(MSR_VM_HSAVE_PA, c->hsave);
    asm volatile("vmsave %0" :: "a" (c->host_vmcb) : "memory");
    asid_pool_init(&c->asids, asids);
    return 0;
}

/* ---- a vCPU on this CPU */

static void svm_switch_to(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    write_cr3(virt_to_maddr(idle_l4));
    if (cpu_features.rdtscp)
        wrmsr(MSR_TSC_AUX, s->tsc_aux);
    if (s->vmcb->dr7 & 0xff)
        svm_load_dr(s);
    fpu_restore(v);
}

static void svm_switch_from(struct vcpu *v)
{
    struct svm_container *s = to_svm(v);

    if (s->dr_loaded)
        svm_unload_dr(s);
}

static void svm_flush(struct vcpu *v)
{
    v->container->flush_pending = true;
}

static void choose_asid(struct svm_container *s, struct svm_cpu *c, unsigned int cpu)
{
    static const u8 control[] = { [ASID_KEEP] = TLB_KEEP, [ASID_FLUSH_ALL] = TLB_FLUSH_ALL,
                                  [ASID_FLUSH_ONE] = TLB_FLUSH_ASID };
    bool stale = s->container.flush_pending && xchg(&s->container.flush_pending, false);

    s->vmcb->tlb_control = control[asid_get(&c->asids, &s->asid, cpu, stale, svm_has(SVM_FEATURE_FLUSH_ASID))];
    if (s->vmcb->asid != s->asid.asid) {
        s->vmcb->asid = s->asid.asid;
        svm_touch(s, CLEAN_ASID);
    }
}

static void load(struct svm_container *s, const struct cpu_user_regs *regs, unsigned int cpu)
{
    struct vmcb *vmcb = s->vmcb;

    if (s->last_cpu != cpu) {
        vmcb->clean = 0;
        s->last_cpu = cpu;
    }
    vmcb->rax = regs->rax;
    vmcb->rip = regs->rip;
    vmcb->rsp = regs->rsp;
    vmcb->rflags = regs->rflags | 2;
    if (unlikely(s->nmi_window))
        svm_begin_step(s);
    svm_post_event(s);
}

static void save(struct svm_container *s, struct cpu_user_regs *regs)
{
    struct vmcb *vmcb = s->vmcb;

    regs->rax = vmcb->rax;
    regs->rip = vmcb->rip;
    regs->rsp = vmcb->rsp;
    regs->rflags = vmcb->rflags;
    regs->cs = vmcb->segment[SEGMENT_CS].selector;
    regs->ss = vmcb->segment[SEGMENT_SS].selector;
    vmcb->clean = svm_has(SVM_FEATURE_CLEAN) ? CLEAN_ALL : 0;
    svm_keep_interrupted_event(s);
}

/* The crossing that ends here is charged to whatever it was found out to be. */
static void charge(struct cpu_info *info)
{
    info->ledger_cell->count++;
    info->ledger_cell->ticks += rdtsc() - info->entry_tsc;
}

static void svm_enter(struct vcpu *v, struct exit *exit)
{
    struct svm_container *s = to_svm(v);
    struct cpu_info *info = cpu_info();
    struct svm_cpu *c = &svm_cpus[info->cpu];

    locks_assert_none();
    do {
        choose_asid(s, c, info->cpu);
        load(s, &info->regs, info->cpu);
        charge(info);
        svm_vmrun(s->vmcb_maddr, c->host_vmcb);
        info->entry_tsc = rdtsc();
        save(s, &info->regs);
    } while (!svm_exit_record(s, exit));
}

/* ---- the machine */

static const struct container_ops svm_ops = {
    .name = "SVM",
    .cpu_init = svm_cpu_init,
    .vcpu_init = svm_vcpu_init,
    .vcpu_free = svm_vcpu_free,
    .switch_from = svm_switch_from,
    .switch_to = svm_switch_to,
    .enter = svm_enter,
    .get_segment = svm_get_segment,
    .set_segment = svm_set_segment,
    .get_tables = svm_get_tables,
    .set_tables = svm_set_tables,
    .get = svm_get,
    .set = svm_set,
    .cpl = svm_cpl,
    .inject = svm_inject,
    .inject_interrupt = svm_inject_interrupt,
    .inject_nmi = svm_inject_nmi,
    .event_pending = svm_event_pending,
    .get_event = svm_get_event,
    .drop_event = svm_drop_event,
    .reset_events = svm_reset_events,
    .injecting = svm_injecting,
    .can_inject_interrupt = svm_can_inject_interrupt,
    .can_inject_nmi = svm_can_inject_nmi,
    .request_nmi_window = svm_request_nmi_window,
    .request_interrupt_window = svm_request_interrupt_window,
    .cancel_interrupt_window = svm_cancel_interrupt_window,
    .intercept_tpr = svm_intercept_tpr,
    .interrupt_shadow = svm_interrupt_shadow,
    .set_interrupt_shadow = svm_set_interrupt_shadow,
    .set_tsc_offset = svm_set_tsc_offset,
    .flush = svm_flush,
    .dump = svm_dump,
};

const struct container_ops *svm_probe(void)
{
    if (!cpu_features.svm)
        return NULL;
    if (!cpu_features.npt) {
        printk("SVM without nested paging: not used\n");
        return NULL;
    }
    if (!svm_alloc()) {
        pr_warn("No memory for SVM: not used\n");
        return NULL;
    }
    printk("SVM with nested paging, %u ASIDs%s%s%s%s%s\n", cpuid(0x8000000a, 0).b,
           svm_has(SVM_FEATURE_NRIP) ? ", NRIP save" : "", svm_has(SVM_FEATURE_DECODE) ? ", decode assists" : "",
           svm_has(SVM_FEATURE_FLUSH_ASID) ? ", flush by ASID" : "", svm_has(SVM_FEATURE_CLEAN) ? ", clean bits" : "",
           svm_has(SVM_FEATURE_PAUSE_FILTER) ? ", pause filter" : "");
    return &svm_ops;
}
