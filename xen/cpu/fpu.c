/* SPDX-License-Identifier: MIT */
/* FPU, SSE and AVX state (AMD64 APM vol. 2, 11.4 and 11.5). Prism itself is built without any of it. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/domain.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define FXSAVE_SIZE 512
#define XSAVE_HEADER_SIZE 64

struct fpu_state {
    u16 fcw, fsw; u8 ftw, reserved0; u16 fop; u64 fip, fdp; u32 mxcsr, mxcsr_mask;
    u8 rest[FXSAVE_SIZE - 32];
    u64 xstate_bv, xcomp_bv, xsave_reserved[6];
    u8 extended[];
} aligned(64);

static inline void clts(void) { asm volatile("clts" ::: "memory"); }
static inline void stts(void) { WRITE_CR(0, READ_CR(0) | X86_CR0_TS); }
static inline void xsetbv(u32 index, u64 v) { asm volatile("xsetbv" :: "c" (index), "a" ((u32)v), "d" ((u32)(v >> 32))); }

/* AMD's processors before Zen 2 leave the last instruction's address, operand and opcode of the x87 unit out of what they
 * save and load, unless an exception is pending (APM vol. 2, 11.4.4; CPUID 80000008H EBX bit 2 says who does not): a
 * vCPU would see another's. A load of Prism's own takes their place. */
static bool keeps_x87_pointers;
static const u32 nowhere;

static void find_x87_pointers(void)
{
    bool amd = !strcmp(cpu_features.vendor, "AuthenticAMD") || !strcmp(cpu_features.vendor, "HygonGenuine");

    keeps_x87_pointers = amd && !(cpu_features.max_ext_leaf >= 0x80000008 && (cpuid(0x80000008, 0).b & 4));
}

static void clear_x87_pointers(void)
{
    asm volatile("fnclex; emms; fildl %0" :: "m" (nowhere));
}

/* Bits that MXCSR can hold: what FXSAVE says, and all but denormals-are-zero where it says nothing (APM vol. 2, 11.5.9). All
 * CPUs are alike. */
static u32 mxcsr_bits __read_mostly;

static void find_mxcsr_bits(void)
{
    static struct fpu_state now;

    asm volatile("fxsave %0" : "=m" (now));
    mxcsr_bits = now.mxcsr_mask ? now.mxcsr_mask : 0xffbf;
}

void fpu_init_cpu(void)
{
    unsigned long cr0 = READ_CR(0) & ~(unsigned long)(X86_CR0_EM | X86_CR0_TS);

    WRITE_CR(0, cr0 | X86_CR0_MP | X86_CR0_NE);
    WRITE_CR(4, READ_CR(4) | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | (cpu_features.xsave ? X86_CR4_OSXSAVE : 0));
    if (cpu_features.xsave)
        xsetbv(0, cpu_features.xcr0_mask);
    find_x87_pointers();
    asm volatile("fninit");
    if (!mxcsr_bits)
        find_mxcsr_bits();
    stts();
}

int fpu_alloc(struct vcpu *v)
{
    size_t size = cpu_features.xsave ? max((size_t)cpu_features.xsave_size, sizeof(struct fpu_state))
                                     : sizeof(struct fpu_state);

    v->fpu = xzalloc_bytes(size, 64);
    if (!v->fpu)
        return -ENOMEM;
    fpu_reset(v);
    v->xcr0 = 1;
    return 0;
}

/* A component that the header does not name is loaded as at the beginning (APM vol. 2, 11.5.6). */
void fpu_reset(struct vcpu *v)
{
    *v->fpu = (struct fpu_state){ .fcw = 0x37f, .mxcsr = 0x1f80 };
}

void fpu_free(struct vcpu *v)
{
    xfree(v->fpu);
    v->fpu = NULL;
}

/* All that Prism switches is saved and loaded, whatever the guest has put into its own XCR0: the guest may have left state
 * in components that it has since disabled. */
void fpu_save(struct vcpu *v)
{
    if (!v->fpu_dirty)
        return;
    clts();
    if (cpu_features.xsave) {
        xsetbv(0, cpu_features.xcr0_mask);
        asm volatile("xsaveq %0" : "+m" (*v->fpu) : "a" ((u32)cpu_features.xcr0_mask),
                     "d" ((u32)(cpu_features.xcr0_mask >> 32)) : "memory");
    } else
        asm volatile("fxsaveq %0" : "=m" (*v->fpu) :: "memory");
    v->fpu_dirty = false;
    stts();
}

void fpu_restore(struct vcpu *v)
{
    clts();
    if (v->fpu_dirty)
        return;
    if (keeps_x87_pointers)
        clear_x87_pointers();
    if (cpu_features.xsave) {
        xsetbv(0, cpu_features.xcr0_mask);
        asm volatile("xrstorq %0" :: "m" (*v->fpu), "a" ((u32)cpu_features.xcr0_mask),
                     "d" ((u32)(cpu_features.xcr0_mask >> 32)) : "memory");
        xsetbv(0, v->xcr0 | 1);
    } else
        asm volatile("fxrstorq %0" :: "m" (*v->fpu));
    v->fpu_dirty = true;
}

void fpu_export(const struct vcpu *v, void *fxsave)
{
    memcpy(fxsave, v->fpu, FXSAVE_SIZE);
}

/* Loading a reserved MXCSR bit would be a #GP of Prism's own (APM vol. 2, 11.5.9). */
void fpu_import(struct vcpu *v, const void *fxsave)
{
    memcpy(v->fpu, fxsave, FXSAVE_SIZE);
    v->fpu->mxcsr &= mxcsr_bits;
    v->fpu->xstate_bv = 3;
}
