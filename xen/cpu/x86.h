/* SPDX-License-Identifier: MIT */
/* The processor's registers and instructions (AMD64 APM vol. 2 and 3). */
#ifndef PRISM_CPU_X86_H
#define PRISM_CPU_X86_H

/* Selectors. A PV guest's GDT holds its own entries on pages 0 to 13 and Prism's on page 14 (public header
 * arch-x86/xen.h), so the same selectors are valid whichever guest's GDT is loaded. */
#define SEL_USER32_CS 0xe023
#define SEL_USER_DS 0xe02b
#define SEL_USER64_CS 0xe033
#define SEL_PRISM_CS 0xe008
#define SEL_PRISM_DS 0xe010
#define SEL_TSS 0xe040
#define SEL_LDT 0xe050

#define X86_CR0_PE (1 << 0)
#define X86_CR0_MP (1 << 1)
#define X86_CR0_EM (1 << 2)
#define X86_CR0_TS (1 << 3)
#define X86_CR0_ET (1 << 4)
#define X86_CR0_NE (1 << 5)
#define X86_CR0_WP (1 << 16)
#define X86_CR0_AM (1 << 18)
#define X86_CR0_PG (1u << 31)
#define X86_CR4_TSD (1 << 2)
#define X86_CR4_DE (1 << 3)
#define X86_CR4_PAE (1 << 5)
#define X86_CR4_MCE (1 << 6)
#define X86_CR4_PGE (1 << 7)
#define X86_CR4_OSFXSR (1 << 9)
#define X86_CR4_OSXMMEXCPT (1 << 10)
#define X86_CR4_UMIP (1 << 11)
#define X86_CR4_FSGSBASE (1 << 16)
#define X86_CR4_PCIDE (1 << 17)
#define X86_CR4_OSXSAVE (1 << 18)
#define X86_CR4_SMEP (1 << 20)
#define X86_CR4_SMAP (1 << 21)

#define X86_EFLAGS_CF (1 << 0)
#define X86_EFLAGS_TF (1 << 8)
#define X86_EFLAGS_IF (1 << 9)
#define X86_EFLAGS_DF (1 << 10)
#define X86_EFLAGS_IOPL (3 << 12)
#define X86_EFLAGS_NT (1 << 14)
#define X86_EFLAGS_RF (1 << 16)
#define X86_EFLAGS_VM (1 << 17)
#define X86_EFLAGS_AC (1 << 18)
#define X86_EFLAGS_ID (1 << 21)
#define X86_EFLAGS_DEFINED 0x3f7fd7   /* every flag that there is, and bit 1, which is always set */

#define TRAP_DE 0
#define TRAP_DB 1
#define TRAP_NMI 2
#define TRAP_BP 3
#define TRAP_OF 4
#define TRAP_BR 5
#define TRAP_UD 6
#define TRAP_NM 7
#define TRAP_DF 8
#define TRAP_TS 10
#define TRAP_NP 11
#define TRAP_SS 12
#define TRAP_GP 13
#define TRAP_PF 14
#define TRAP_MF 16
#define TRAP_AC 17
#define TRAP_MC 18
#define TRAP_XM 19
#define TRAP_SYSCALL 256   /* entry_vector of a frame made by SYSCALL (restorable by SYSRET) */

#define PFEC_PRESENT (1 << 0)
#define PFEC_WRITE (1 << 1)
#define PFEC_USER (1 << 2)
#define PFEC_RESERVED (1 << 3)
#define PFEC_FETCH (1 << 4)

#define MSR_APIC_BASE 0x1b
#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_SHADOW_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define EFER_LMA (1 << 10)
#define EFER_NX (1 << 11)
#define EFER_SVME (1 << 12)

#ifndef __ASSEMBLER__
#include "lib/types.h"

static inline u64 rdmsr(u32 msr)
{ u32 lo, hi; asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr)); return lo | (u64)hi << 32; }
static inline void wrmsr(u32 msr, u64 v)
{ asm volatile("wrmsr" :: "c" (msr), "a" ((u32)v), "d" ((u32)(v >> 32)) : "memory"); }
/* As rdmsr and wrmsr, but a #GP is answered with false. */
bool rdmsr_safe(u32 msr, u64 *v);
bool wrmsr_safe(u32 msr, u64 v);
static inline u64 rdtsc(void) { u32 lo, hi; asm volatile("rdtsc" : "=a" (lo), "=d" (hi)); return lo | (u64)hi << 32; }
struct cpuid_regs { u32 a, b, c, d; };
static inline struct cpuid_regs cpuid(u32 leaf, u32 sub)
{
    struct cpuid_regs r;
    asm volatile("cpuid" : "=a" (r.a), "=b" (r.b), "=c" (r.c), "=d" (r.d) : "a" (leaf), "c" (sub));
    return r;
}
#define READ_CR(n) ({ unsigned long _v; asm volatile("mov %%cr" #n ", %0" : "=r" (_v)); _v; })
#define WRITE_CR(n, v) asm volatile("mov %0, %%cr" #n :: "r" ((unsigned long)(v)) : "memory")
static inline void outb(u16 port, u8 v) { asm volatile("outb %0, %1" :: "a" (v), "Nd" (port)); }
static inline u8 inb(u16 port) { u8 v; asm volatile("inb %1, %0" : "=a" (v) : "Nd" (port)); return v; }
static inline void outw(u16 port, u16 v) { asm volatile("outw %0, %1" :: "a" (v), "Nd" (port)); }
static inline u16 inw(u16 port) { u16 v; asm volatile("inw %1, %0" : "=a" (v) : "Nd" (port)); return v; }
static inline void outl(u16 port, u32 v) { asm volatile("outl %0, %1" :: "a" (v), "Nd" (port)); }
static inline u32 inl(u16 port) { u32 v; asm volatile("inl %1, %0" : "=a" (v) : "Nd" (port)); return v; }
static inline void irq_disable(void) { asm volatile("cli" ::: "memory"); }
static inline void irq_enable(void) { asm volatile("sti" ::: "memory"); }
static inline void safe_halt(void) { asm volatile("sti; hlt" ::: "memory"); }
static inline unsigned long irq_save(void)
{ unsigned long f; asm volatile("pushf; pop %0; cli" : "=r" (f) :: "memory"); return f; }
static inline void irq_restore(unsigned long f) { asm volatile("push %0; popf" :: "r" (f) : "memory", "cc"); }
static inline bool irqs_enabled(void) { unsigned long f; asm volatile("pushf; pop %0" : "=r" (f)); return f & X86_EFLAGS_IF; }
static inline void cpu_relax(void) { asm volatile("pause" ::: "memory"); }
static inline void invlpg(unsigned long va) { asm volatile("invlpg (%0)" :: "r" (va) : "memory"); }
static inline bool is_canonical(u64 a) { return (u64)((s64)(a << 16) >> 16) == a; }

/* Features of the boot CPU, filled by cpu_identify(). */
struct cpu_features {
    char vendor[13];
    u32 family, model, stepping, max_leaf, max_ext_leaf;
    bool nx, smep, smap, umip, fsgsbase, pcid, x2apic, tsc_deadline, invariant_tsc, xsave, xsaveopt, rdtscp, page1gb,
         svm, npt, apic_arat, pge, clflush, invtlb, monitor;
    u32 phys_bits, xsave_size;   /* xsave_size: bytes for all features in xcr0_mask */
    u64 xcr0_mask;               /* XCR0 bits that Prism switches */
    u32 svm_features;            /* CPUID 8000000AH EDX */
};
extern struct cpu_features cpu_features;
void cpu_identify(void);
#endif
#endif
