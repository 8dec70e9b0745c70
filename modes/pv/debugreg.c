/* SPDX-License-Identifier: MIT */
/* Debug registers of a PV guest (AMD64 APM vol. 2, 13.1). The hardware holds them only while DR7 enables something. */
#include "abi/hypercall.h"
#include "modes/pv/pv.h"

#define DR6_FIXED 0xffff0ff0UL
#define DR6_WRITABLE 0xe00fUL
#define DR7_FIXED 0x400UL
#define DR7_GD 0x2000UL
#define DR7_RESERVED 0xd800UL
#define DR7_ENABLES 0xffUL

static void write_dr(unsigned int reg, u64 v)
{
    switch (reg) {
    case 0: asm volatile("mov %0, %%dr0" :: "r" (v)); break;
    case 1: asm volatile("mov %0, %%dr1" :: "r" (v)); break;
    case 2: asm volatile("mov %0, %%dr2" :: "r" (v)); break;
    case 3: asm volatile("mov %0, %%dr3" :: "r" (v)); break;
    case 6: asm volatile("mov %0, %%dr6" :: "r" (v)); break;
    case 7: asm volatile("mov %0, %%dr7" :: "r" (v)); break;
    }
}

void pv_load_debugregs(const struct pv_vcpu *p)
{
    for (unsigned int reg = 0; reg < 4; reg++)
        write_dr(reg, p->debugreg[reg]);
    write_dr(6, DR6_FIXED);
    write_dr(7, p->debugreg[7]);
}

void pv_unload_debugregs(void)
{
    write_dr(7, DR7_FIXED);
}

bool pv_debugregs_active(const struct pv_vcpu *p)
{
    return p->debugreg[7] & DR7_ENABLES;
}

/* No breakpoint on I/O (its DE semantics would be Prism's), none in Prism's addresses (checked when they are set). */
static int check_dr7(u64 v)
{
    if (v >> 32 || (v & DR7_GD))
        return -EPERM;
    for (unsigned int n = 0; n < 4; n++)
        if ((v >> 2 * n & 3) && (v >> (16 + 4 * n) & 3) == 2)
            return -EPERM;
    return 0;
}

int pv_set_debugreg(struct pv_vcpu *p, unsigned int reg, u64 value)
{
    bool on_cpu = &p->vcpu == current, was_active = pv_debugregs_active(p);

    switch (reg) {
    case 0 ... 3:
        if (!is_canonical(value) || !pv_range_ok(value, 8))
            return -EPERM;
        p->debugreg[reg] = value;
        if (on_cpu && was_active)
            write_dr(reg, value);
        return 0;
    case 6:
        if (value >> 32)
            return -EPERM;
        p->debugreg[6] = (value & DR6_WRITABLE) | DR6_FIXED;
        return 0;
    case 7:
        if (check_dr7(value))
            return -EPERM;
        p->debugreg[7] = (value & ~DR7_RESERVED) | DR7_FIXED;
        if (!on_cpu)
            return 0;
        if (pv_debugregs_active(p))
            pv_load_debugregs(p);
        else if (was_active)
            pv_unload_debugregs();
        return 0;
    }
    return -EINVAL;
}

u64 pv_get_debugreg(struct pv_vcpu *p, unsigned int reg)
{
    return reg == 6 ? p->debugreg[6] | DR6_FIXED : reg == 7 ? p->debugreg[7] | DR7_FIXED : p->debugreg[reg & 3];
}

long hypercall_set_debugreg(unsigned long reg, unsigned long value, unsigned long a3, unsigned long a4,
                            unsigned long a5, unsigned long a6)
{
    return reg > 7 ? -EINVAL : pv_set_debugreg(to_pv(current), reg, value);
}

long hypercall_get_debugreg(unsigned long reg, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                            unsigned long a6)
{
    if (reg > 7 || reg == 4 || reg == 5)
        return -EINVAL;
    return (long)pv_get_debugreg(to_pv(current), reg);
}
