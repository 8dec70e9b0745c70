/* SPDX-License-Identifier: MIT */
/* A PV vCPU enters or leaves a CPU: page tables, descriptor tables, segments, control and debug registers, FPU. */
#include "cpu/cpu.h"
#include "modes/pv/pv.h"

/* CR4 bits that a guest may choose; everything else is as Prism has it. FSGSBASE is among them so that no user program moves
 * GS's base behind a kernel that does not count on it. */
#define CR4_GUEST (X86_CR4_TSD | X86_CR4_DE | X86_CR4_FSGSBASE)
/* Bits of Prism's CR4 that a guest sees in its own. */
#define CR4_SHOWN (X86_CR4_PAE | X86_CR4_MCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | X86_CR4_OSXSAVE)

void pv_load_cr4(const struct pv_vcpu *p)
{
    unsigned long now = READ_CR(4), cr4 = (now & ~(unsigned long)CR4_GUEST) | (p->ctrlreg[4] & CR4_GUEST);

    if (cr4 != now)
        WRITE_CR(4, cr4);
}

void pv_set_cr4(struct pv_vcpu *p, u64 value)
{
    u64 choice = cpu_features.fsgsbase ? CR4_GUEST : CR4_GUEST & ~(u64)X86_CR4_FSGSBASE;

    p->ctrlreg[4] = (value & choice) | (READ_CR(4) & CR4_SHOWN);
    if (&p->vcpu == current)
        pv_load_cr4(p);
}

/* The FPU itself is never lazy: what TS brings about is the guest's own business alone. */
void pv_set_ts(struct pv_vcpu *p, bool on)
{
    unsigned long flags = irq_save();

    p->fpu_ts = on;
    p->ctrlreg[0] = on ? p->ctrlreg[0] | X86_CR0_TS : p->ctrlreg[0] & ~(u64)X86_CR0_TS;
    if (on)
        WRITE_CR(0, READ_CR(0) | X86_CR0_TS);
    else
        fpu_restore(&p->vcpu);
    irq_restore(flags);
}

/* Loads a selector of the guest's; null and false if the CPU refuses it. */
#define LOAD_SELECTOR(name) \
    static bool load_##name(u16 selector) \
    { \
        int ok = 1; \
        asm volatile("1: mov %1, %%" #name "\n" \
                     "2:\n" \
                     ".pushsection .text.fixup, \"ax\", @progbits\n" \
                     "3: xor %0, %0; mov %0, %%" #name "; jmp 2b\n" \
                     ".popsection\n" \
                     ".pushsection .extable, \"a\", @progbits\n" \
                     ".long 1b - ., 3b - .\n" \
                     ".popsection" : "+r" (ok) : "r" ((u32)selector) : "memory"); \
        return ok; \
    }
LOAD_SELECTOR(ds)
LOAD_SELECTOR(es)
LOAD_SELECTOR(fs)
LOAD_SELECTOR(gs)

static void save_segments(struct pv_vcpu *p)
{
    asm volatile("mov %%ds, %0" : "=r" (p->ds_sel));
    asm volatile("mov %%es, %0" : "=r" (p->es_sel));
    asm volatile("mov %%fs, %0" : "=r" (p->fs_sel));
    asm volatile("mov %%gs, %0" : "=r" (p->gs_sel));
    p->fs_base = rdmsr(MSR_FS_BASE);
    u64 active = rdmsr(MSR_GS_BASE), other = rdmsr(MSR_SHADOW_GS_BASE);
    p->gs_base_kernel = p->kernel_mode ? active : other;
    p->gs_base_user = p->kernel_mode ? other : active;
}

/* The bases are written after the selectors, which set them too. A selector that has become invalid while the vCPU was
 * away is the guest kernel's to deal with: its failsafe callback gets the values, the registers hold null. */
static void load_segments(struct pv_vcpu *p)
{
    bool ok = load_ds(p->ds_sel);

    ok &= load_es(p->es_sel);
    ok &= load_fs(p->fs_sel);
    ok &= load_gs(p->gs_sel);
    wrmsr(MSR_FS_BASE, p->fs_base);
    wrmsr(MSR_GS_BASE, p->kernel_mode ? p->gs_base_kernel : p->gs_base_user);
    wrmsr(MSR_SHADOW_GS_BASE, p->kernel_mode ? p->gs_base_user : p->gs_base_kernel);
    if (!ok)
        p->bounce_pending |= PV_BOUNCE_FAILSAFE;
}

/* The GDT, the FPU and the page tables are dom/context.c's to put away. */
void pv_switch_from(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    save_segments(p);
    if (pv_debugregs_active(p))
        pv_unload_debugregs();
    asm volatile("lldt %w0" :: "r" (0));
}

void pv_switch_to(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    if (!p->kernel_mode)
        v->ledger.user -= cpu_info()->entry_tsc;
    pv_map_cpu_gdt(p, smp_processor_id());
    write_cr3(p->kernel_mode ? p->kernel_cr3 : p->user_cr3);
    desc_load_gdt(pv_gdt_address(p));
    pv_load_ldt(p);
    load_segments(p);
    /* SYSRET leaves the hidden part of SS as it is, and an interrupt may have left it null (AMD64 APM vol. 3,
     * SYSRET). */
    asm volatile("mov %0, %%ss" :: "r" (SEL_PRISM_DS) : "memory");
    pv_load_cr4(p);
    if (pv_debugregs_active(p))
        pv_load_debugregs(p);
    if (cpu_features.rdtscp)
        wrmsr(MSR_TSC_AUX, p->tsc_aux);
    fpu_restore(v);
    if (p->fpu_ts)
        WRITE_CR(0, READ_CR(0) | X86_CR0_TS);
}
