/* SPDX-License-Identifier: MIT */
/* MSRs of a PV guest. What is not listed does not exist for it: #GP. */
#include "cpu/time.h"
#include "modes/pv/pv.h"

#define MSR_TSC 0x10
#define MSR_PATCH_LEVEL 0x8b            /* microcode revision, both vendors */
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MISC_ENABLE 0x1a0
#define MSR_AMD_SYSCFG 0xc0010010
#define MSR_AMD_HWCR 0xc0010015
#define MSR_AMD_DE_CFG 0xc0011029
#define MSR_HYPERCALL_PAGE 0x40000000   /* CPUID 40000002 says so */

#define APIC_BASE_VALUE 0xfee00800UL    /* enabled, at its default address */
#define APIC_BASE_BSP 0x100UL
#define HWCR_TSC_FREQ_SEL (1UL << 24)   /* the TSC counts at P0's frequency */
#define DE_CFG_LFENCE_SERIALIZE 2UL
#define EFER_FFXSR (1UL << 14)
#define EFER_SHOWN (EFER_SCE | EFER_LME | EFER_LMA | EFER_NX | EFER_FFXSR)

static bool is_amd(void)
{
    return !strcmp(cpu_features.vendor, "AuthenticAMD") || !strcmp(cpu_features.vendor, "HygonGenuine");
}

static int read_amd(u32 msr, u64 *value)
{
    switch (msr) {
    case MSR_AMD_HWCR: *value = HWCR_TSC_FREQ_SEL; return 0;
    case MSR_AMD_DE_CFG: return rdmsr_safe(msr, value) ? (*value &= DE_CFG_LFENCE_SERIALIZE, 0) : -EPERM;
    case MSR_AMD_SYSCFG: *value = 0; return 0;
    }
    return -EPERM;
}

int pv_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:                     /* the kernel runs: its own; SHADOW is the user's */
    case MSR_SHADOW_GS_BASE: *value = rdmsr(msr); return 0;
    case MSR_EFER: *value = rdmsr(msr) & EFER_SHOWN; return 0;
    case MSR_TSC: *value = rdtsc(); return 0;
    case MSR_TSC_AUX:
        *value = to_pv(v)->tsc_aux;
        return cpu_features.rdtscp ? 0 : -EPERM;
    case MSR_APIC_BASE: *value = APIC_BASE_VALUE | (v->id == 0 ? APIC_BASE_BSP : 0); return 0;
    case MSR_PAT: *value = rdmsr(MSR_PAT); return 0;
    case MSR_PATCH_LEVEL: return rdmsr_safe(msr, value) ? 0 : -EPERM;
    case MSR_MCG_CAP:                     /* no banks: machine checks are Prism's */
    case MSR_MCG_STATUS: *value = 0; return 0;
    case MSR_MISC_ENABLE: return !is_amd() && rdmsr_safe(msr, value) ? 0 : -EPERM;
    }
    return is_amd() ? read_amd(msr, value) : -EPERM;
}

static int write_base(u32 msr, u64 value)
{
    if (!is_canonical(value))
        return -EPERM;
    wrmsr(msr, value);
    return 0;
}

static int write_tsc_aux(struct pv_vcpu *p, u64 value)
{
    if (!cpu_features.rdtscp || value >> 32)
        return -EPERM;
    p->tsc_aux = value;
    wrmsr(MSR_TSC_AUX, value);
    return 0;
}

/* The page is named by its frame number; bits 11:0 are its index, of which there is one. */
static int write_hypercall_page(struct vcpu *v, u64 value)
{
    mfn_t mfn = value >> PAGE_SHIFT;

    if ((value & ~PAGE_MASK) || !get_frame_and_write(mfn, v->domain))
        return -EPERM;
    pv_fill_hypercall_page(mfn_to_virt(mfn));
    put_frame_and_write(mfn);
    return 0;
}

int pv_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
    u64 now;

    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_SHADOW_GS_BASE: return write_base(msr, value);
    case MSR_TSC_AUX: return write_tsc_aux(to_pv(v), value);
    case MSR_TSC: return 0;               /* time is not the guest's to set */
    case MSR_HYPERCALL_PAGE: return write_hypercall_page(v, value);
    case MSR_MCG_STATUS: return 0;
    case MSR_PATCH_LEVEL: return 0;       /* as CPUs do: written before it is read, to latch */
    case MSR_EFER:
    case MSR_MISC_ENABLE:
    case MSR_AMD_SYSCFG:
    case MSR_AMD_HWCR:
    case MSR_AMD_DE_CFG:                  /* what it is already may be written again */
        return pv_rdmsr(v, msr, &now) == 0 && now == value ? 0 : -EPERM;
    }
    return -EPERM;
}
