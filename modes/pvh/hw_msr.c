/* SPDX-License-Identifier: MIT */
/* MSRs of a guest in a container. What is not listed does not exist for it: #GP. */
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#define MSR_TSC 0x10
#define MSR_PATCH_LEVEL 0x8b            /* microcode revision, both vendors */
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MISC_ENABLE 0x1a0
#define MSR_DEBUGCTL 0x1d9
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC_FIRST 0x800
#define MSR_X2APIC_LAST 0x83f
#define MSR_HYPERCALL_PAGE 0x40000000   /* CPUID 40000002 says so */
#define MSR_AMD_SYSCFG 0xc0010010
#define MSR_AMD_HWCR 0xc0010015
#define MSR_AMD_DE_CFG 0xc0011029
#define MSR_AMD_NB_CFG 0xc001001f
#define NB_CFG_EXTENDED_CF8 (1UL << 46)   /* as good as not: there is no port CF8 */
#define HWCR_TSC_FREQ_SEL (1UL << 24)
#define DE_CFG_LFENCE_SERIALIZE 2UL
#define EFER_SETTABLE(nx) (EFER_SCE | EFER_LME | EFER_LMA | ((nx) ? EFER_NX : 0))

static bool is_amd(void)
{
    return !strcmp(cpu_features.vendor, "AuthenticAMD") || !strcmp(cpu_features.vendor, "HygonGenuine");
}

/* Registers that the container keeps, by MSR. */
static bool container_msr(u32 msr, enum container_reg *reg)
{
    switch (msr) {
    case MSR_PAT: *reg = CREG_PAT; return true;
    case MSR_STAR: *reg = CREG_STAR; return true;
    case MSR_LSTAR: *reg = CREG_LSTAR; return true;
    case MSR_CSTAR: *reg = CREG_CSTAR; return true;
    case MSR_SFMASK: *reg = CREG_SFMASK; return true;
    case MSR_SHADOW_GS_BASE: *reg = CREG_KERNEL_GS_BASE; return true;
    case MSR_SYSENTER_CS: *reg = CREG_SYSENTER_CS; return true;
    case MSR_SYSENTER_ESP: *reg = CREG_SYSENTER_ESP; return true;
    case MSR_SYSENTER_EIP: *reg = CREG_SYSENTER_EIP; return true;
    case MSR_TSC_AUX: *reg = CREG_TSC_AUX; return cpu_features.rdtscp;
    case MSR_EFER: *reg = CREG_EFER; return true;
    }
    return false;
}

static bool is_base(u32 msr, enum container_segment_id *id)
{
    *id = msr == MSR_FS_BASE ? SEGMENT_FS : SEGMENT_GS;
    return msr == MSR_FS_BASE || msr == MSR_GS_BASE;
}

static int read_amd(u32 msr, u64 *value)
{
    switch (msr) {
    case MSR_AMD_HWCR: *value = HWCR_TSC_FREQ_SEL; return 0;
    case MSR_AMD_DE_CFG: *value = DE_CFG_LFENCE_SERIALIZE; return 0;
    case MSR_AMD_SYSCFG: *value = 0; return 0;
    case MSR_AMD_NB_CFG: *value = NB_CFG_EXTENDED_CF8; return 0;
    }
    return -EPERM;
}

int hw_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
    struct hw_vcpu *hw = to_hw(v);
    enum container_segment_id id;
    struct container_segment segment;
    enum container_reg reg;

    if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST)
        return hw_apic_rdmsr(v, msr, value) ? 0 : -EPERM;
    if (container_msr(msr, &reg)) {
        *value = container_ops->get(v, reg);
        return 0;
    }
    if (is_base(msr, &id)) {
        container_ops->get_segment(v, id, &segment);
        *value = segment.base;
        return 0;
    }
    if (hw_mtrr_read(hw, msr, value))
        return 0;
    switch (msr) {
    case MSR_TSC: *value = rdtsc() + hw->tsc_offset; return 0;
    case MSR_APIC_BASE: *value = hw->lapic.base; return hw_has_lapic(v->domain) ? 0 : -EPERM;
    case MSR_TSC_DEADLINE: *value = hw->lapic.tsc_deadline; return hw->lapic.has_deadline_mode ? 0 : -EPERM;
    case MSR_PATCH_LEVEL: return rdmsr_safe(msr, value) ? 0 : -EPERM;
    case MSR_MCG_CAP:                     /* no banks: machine checks are Prism's */
    case MSR_MCG_STATUS:
    case MSR_DEBUGCTL: *value = 0; return 0;   /* branch records and BTF are not offered: docs/CAVEATS.md */
    case MSR_MISC_ENABLE: *value = 1; return is_amd() ? -EPERM : 0;   /* fast strings */
    }
    return is_amd() ? read_amd(msr, value) : -EPERM;
}

/* ---- Writing */

static bool has_nx(struct domain *d)
{
    u32 r[4];

    hw_cpuid_policy(d, 0x80000001, 0, r);
    return r[3] & (1u << 20);
}

/* LMA is read-only, and LME does not change while paging is on (APM vol. 2, 14.6.1). */
static int write_efer(struct vcpu *v, u64 value)
{
    u64 old = container_ops->get(v, CREG_EFER), cr0 = container_ops->get(v, CREG_CR0);

    if (value & ~(u64)EFER_SETTABLE(has_nx(v->domain)))
        return -EPERM;
    if ((cr0 & X86_CR0_PG) && ((value ^ old) & EFER_LME))
        return -EPERM;
    container_ops->set(v, CREG_EFER, (value & ~(u64)EFER_LMA) | (old & EFER_LMA));
    return 0;
}

/* Bounds of what software may write to them. */
static bool container_value_ok(enum container_reg reg, u64 value)
{
    switch (reg) {
    case CREG_PAT: return hw_pat_ok(value);
    case CREG_LSTAR: case CREG_CSTAR: case CREG_KERNEL_GS_BASE: case CREG_SYSENTER_ESP: case CREG_SYSENTER_EIP:
        return is_canonical(value);
    case CREG_TSC_AUX: return !(value >> 32);
    default: return true;
    }
}

static int write_base(struct vcpu *v, enum container_segment_id id, u64 value)
{
    struct container_segment segment;

    if (!is_canonical(value))
        return -EPERM;
    container_ops->get_segment(v, id, &segment);
    segment.base = value;
    container_ops->set_segment(v, id, &segment);
    return 0;
}

/* The page is named by its guest frame number; bits 11:0 are its index, of which there is one. */
static int write_hypercall_page(struct vcpu *v, u64 value)
{
    u8 *page;
    int rc = -EPERM;

    if (hvm_xen_hidden(v->domain) || value & ~PAGE_MASK || (page = page_alloc(0)) == NULL)
        return -EPERM;
    hw_fill_hypercall_page(page);
    if (hw_write_gpa(v->domain, value, page, PAGE_SIZE)) {
        hw_note_width(v);
        rc = 0;
    }
    page_free(page, 0);
    return rc;
}

/* The guest's clock moves: its time page is reckoned by the machine's, so only a guest that does not use that should. */
static int write_tsc(struct vcpu *v, u64 value)
{
    to_hw(v)->tsc_offset = value - rdtsc();
    container_ops->set_tsc_offset(v, to_hw(v)->tsc_offset);
    return 0;
}

static int write_apic_base(struct vcpu *v, u64 value)
{
    struct hw_vcpu *hw = to_hw(v);

    if (!hw_has_lapic(v->domain) || !lapic_set_base(&hw->lapic, value, cpu_features.phys_bits))
        return -EPERM;
    hw_apic_restart_timer(hw);
    return 0;
}

int hw_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
    enum container_segment_id id;
    enum container_reg reg;
    u64 now;

    if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST)
        return hw_apic_wrmsr(v, msr, value) ? 0 : -EPERM;
    if (msr == MSR_EFER)
        return write_efer(v, value);
    if (container_msr(msr, &reg)) {
        if (!container_value_ok(reg, value))
            return -EPERM;
        container_ops->set(v, reg, value);
        return 0;
    }
    if (is_base(msr, &id))
        return write_base(v, id, value);
    if (hw_mtrr_write(to_hw(v), msr, value))
        return 0;
    switch (msr) {
    case MSR_TSC: return write_tsc(v, value);
    case MSR_APIC_BASE: return write_apic_base(v, value);
    case MSR_TSC_DEADLINE: return hw_apic_set_deadline(v, value) ? 0 : -EPERM;
    case MSR_HYPERCALL_PAGE: return write_hypercall_page(v, value);
    case MSR_MCG_STATUS: return 0;
    case MSR_PATCH_LEVEL: return 0;       /* as CPUs do: written before it is read, to latch */
    case MSR_DEBUGCTL:
    case MSR_MISC_ENABLE:
    case MSR_AMD_SYSCFG:
    case MSR_AMD_HWCR:
    case MSR_AMD_NB_CFG:
    case MSR_AMD_DE_CFG:                  /* what it is already may be written again */
        return hw_rdmsr(v, msr, &now) == 0 && now == value ? 0 : -EPERM;
    }
    return -EPERM;
}
