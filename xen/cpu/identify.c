/* SPDX-License-Identifier: MIT */
/* What this processor can do (AMD64 APM vol. 3, appendix E), and the control registers that follow from it. */
#include "cpu/cpu.h"
#include "cpu/identify.h"
#include "cpu/x86.h"
#include "lib/lib.h"

struct cpu_features cpu_features;
extern const u64 __start_smap_clac[], __stop_smap_clac[];

static bool bit(u32 word, unsigned int n)
{
    return word >> n & 1;
}

static void identify_name(struct cpu_features *f)
{
    struct cpuid_regs r = cpuid(0, 0);

    f->max_leaf = r.a;
    memcpy(f->vendor, &r.b, 4);
    memcpy(f->vendor + 4, &r.d, 4);
    memcpy(f->vendor + 8, &r.c, 4);
    r = cpuid(1, 0);
    f->family = r.a >> 8 & 0xf;
    f->model = r.a >> 4 & 0xf;
    f->stepping = r.a & 0xf;
    if (f->family == 0xf || f->family == 6)
        f->model |= r.a >> 12 & 0xf0;
    if (f->family == 0xf)
        f->family += r.a >> 20 & 0xff;
}

/* XCR0 components that Prism switches: x87, SSE, AVX. Others are not offered to guests. */
static void identify_xsave(struct cpu_features *f)
{
    struct cpuid_regs r;

    if (!f->xsave || f->max_leaf < 0xd) {
        f->xsave = false;
        return;
    }
    r = cpuid(0xd, 0);
    f->xcr0_mask = (r.a | (u64)r.d << 32) & 7;
    f->xsave_size = 576;
    if (f->xcr0_mask & 4) {
        r = cpuid(0xd, 2);
        f->xsave_size = r.b + r.a;
    }
    f->xsaveopt = bit(cpuid(0xd, 1).a, 0);
}

void cpu_identify(void)
{
    struct cpu_features *f = &cpu_features;
    struct cpuid_regs r;

    identify_name(f);
    r = cpuid(1, 0);
    f->monitor = bit(r.c, 3); f->pcid = bit(r.c, 17); f->x2apic = bit(r.c, 21);
    f->tsc_deadline = bit(r.c, 24); f->xsave = bit(r.c, 26);
    f->pge = bit(r.d, 13); f->clflush = bit(r.d, 19);
    if (f->max_leaf >= 6)
        f->apic_arat = bit(cpuid(6, 0).a, 2);
    if (f->max_leaf >= 7) {
        r = cpuid(7, 0);
        f->fsgsbase = bit(r.b, 0); f->smep = bit(r.b, 7); f->smap = bit(r.b, 20); f->umip = bit(r.c, 2);
    }
    f->max_ext_leaf = cpuid(0x80000000, 0).a;
    if (f->max_ext_leaf < 0x80000000 || f->max_ext_leaf > 0x8000ffff)
        f->max_ext_leaf = 0x80000000;
    f->phys_bits = 36;
    if (f->max_ext_leaf >= 0x80000001) {
        r = cpuid(0x80000001, 0);
        f->svm = bit(r.c, 2); f->nx = bit(r.d, 20); f->page1gb = bit(r.d, 26); f->rdtscp = bit(r.d, 27);
    }
    if (f->max_ext_leaf >= 0x80000007)
        f->invariant_tsc = bit(cpuid(0x80000007, 0).d, 8);
    if (f->max_ext_leaf >= 0x80000008)
        f->phys_bits = min(cpuid(0x80000008, 0).a & 0xff, 52u);
    if (f->svm && f->max_ext_leaf >= 0x8000000a) {
        f->svm_features = cpuid(0x8000000a, 0).d;
        f->npt = bit(f->svm_features, 0);
    }
    identify_xsave(f);
    if (!f->nx)
        panic("This processor has no NX bit (CPUID 80000001H EDX bit 20); Prism needs it");
}

void cpu_init_control(void)
{
    unsigned long cr4 = READ_CR(4) | X86_CR4_PAE | X86_CR4_DE | X86_CR4_MCE;

    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NX | EFER_SCE);
    if (cpu_features.pge)
        cr4 |= X86_CR4_PGE;
    if (cpu_features.smep)
        cr4 |= X86_CR4_SMEP;
    if (cpu_features.smap)
        cr4 |= X86_CR4_SMAP;
    WRITE_CR(4, cr4);
    WRITE_CR(0, (READ_CR(0) | X86_CR0_WP | X86_CR0_AM | X86_CR0_NE) & ~(unsigned long)(3u << 29));
    fpu_init_cpu();
}

/* Entry stubs hold three-byte no-operations where CLAC (0F 01 CA) belongs. Text is still writable at this time. */
void cpu_patch_smap(void)
{
    if (!cpu_features.smap)
        return;
    for (const u64 *site = __start_smap_clac; site < __stop_smap_clac; site++)
        memcpy((void *)*site, "\x0f\x01\xca", 3);
}
