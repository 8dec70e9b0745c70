/* SPDX-License-Identifier: MIT */
/* Segments as a PV guest's code sees them: reading descriptors, bases, and the segment-base hypercall. */
#include "abi/hypercall.h"
#include "insn/decode.h"
#include "modes/pv/pv.h"

size_t pv_raw_copy(void *dst, const void *src, size_t n);

#define DESC_L (1UL << 53)
#define DESC_DB (1UL << 54)
#define DESC_P (1UL << 47)
#define DESC_S (1UL << 44)

void pv_fixup_selector(u16 *sel)
{
    if (*sel & ~3)
        *sel |= 3;
}

bool pv_read_segment(struct pv_vcpu *p, u16 selector, u64 *descriptor)
{
    bool ldt = selector & 4;
    u32 index = selector >> 3;

    if (!(selector & ~3) || (ldt ? index >= p->ldt_entries :
                             index >= FIRST_RESERVED_GDT_ENTRY + PAGE_SIZE / 8))
        return false;
    u64 at = (ldt ? pv_ldt_address(p) : pv_gdt_address(p)) + index * 8UL;
    /* A guest's GDT has holes, and its LDT is mapped when the CPU first looks at it, as it is here. */
    if (pv_raw_copy(descriptor, (const void *)at, 8) &&
        (!ldt || !pv_ldt_fault(p, at) || pv_raw_copy(descriptor, (const void *)at, 8)))
        return false;
    return (*descriptor & (DESC_P | DESC_S)) == (DESC_P | DESC_S);
}

bool pv_in_long_mode(struct pv_vcpu *p, const struct cpu_user_regs *regs, bool *is16)
{
    u64 descriptor;

    *is16 = false;
    if (regs->cs == FLAT_RING3_CS64)
        return true;
    if (!pv_read_segment(p, regs->cs, &descriptor))
        return true;
    *is16 = !(descriptor & DESC_DB);
    return descriptor & DESC_L;
}

u64 pv_segment_base(struct pv_vcpu *p, const struct cpu_user_regs *regs, unsigned int segment, bool long_mode)
{
    u16 selector;
    u64 descriptor;

    switch (segment) {
    case INSN_FS: return rdmsr(MSR_FS_BASE);
    case INSN_GS: return rdmsr(MSR_GS_BASE);
    case INSN_CS: selector = regs->cs; break;
    case INSN_SS: selector = regs->ss; break;
    case INSN_ES: asm volatile("mov %%es, %0" : "=r" (selector)); break;
    default: asm volatile("mov %%ds, %0" : "=r" (selector)); break;
    }
    if (long_mode || !pv_read_segment(p, selector, &descriptor))
        return 0;
    return (descriptor >> 16 & 0xffffff) | (descriptor >> 32 & 0xff000000);
}

int pv_load_user_gs(u16 selector)
{
    int failed = 0;
    unsigned long flags;

    pv_fixup_selector(&selector);
    pv_ldt_touch(to_pv(current), selector);
    flags = irq_save();
    /* The user's GS base is the one in SHADOW_GS_BASE while the kernel runs. A null selector leaves the base alone on
     * some CPUs: a flat one goes first. */
    asm volatile("swapgs; mov %1, %%gs\n"
                 "1: mov %2, %%gs\n"
                 "2: swapgs\n"
                 ".pushsection .text.fixup, \"ax\", @progbits\n"
                 "3: mov %3, %%gs; mov $1, %0; jmp 2b\n"
                 ".popsection\n"
                 ".pushsection .extable, \"a\", @progbits\n"
                 ".long 1b - ., 3b - .\n"
                 ".popsection"
                 : "+r" (failed) : "r" (SEL_USER_DS), "r" ((u32)selector), "r" (0) : "memory");
    irq_restore(flags);
    return failed;
}

/* SEGBASE_* of the public header arch-x86/xen-x86_64.h. The guest's kernel runs: its GS base is the active one.
 * Budget: hypercall_set_segment_base 103 instructions. */
long hypercall_set_segment_base(unsigned long which, unsigned long base, unsigned long a3, unsigned long a4,
                                unsigned long a5, unsigned long a6)
{
    if (which == SEGBASE_GS_USER_SEL) {
        pv_load_user_gs((u16)base);
        return 0;
    }
    if (!is_canonical(base))
        return -EINVAL;
    switch (which) {
    case SEGBASE_FS: wrmsr(MSR_FS_BASE, base); return 0;
    case SEGBASE_GS_USER: wrmsr(MSR_SHADOW_GS_BASE, base); return 0;
    case SEGBASE_GS_KERNEL: wrmsr(MSR_GS_BASE, base); return 0;
    default: return -EINVAL;
    }
}
