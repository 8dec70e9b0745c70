/* SPDX-License-Identifier: MIT */
/* A local APIC's two records (public header arch-x86/hvm/save.h): its mode, and its registers. */
#include <xen/hvm/save.h>

#include "modes/pvh/hw_save.h"
#include "modes/pvh/pvh.h"

bool hw_save_lapic(struct domain *d, struct vcpu *v, void *data)
{
    const struct lapic *l = &to_hw(v)->lapic;
    struct hvm_hw_lapic *h = data;

    h->apic_base_msr = l->base;
    h->disabled = lapic_enabled(l) ? 0 : 2;
    h->tdt_msr = l->tsc_deadline;
    return hw_has_lapic(d);
}

int hw_load_lapic(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_lapic *h = data;
    struct lapic *l = &to_hw(v)->lapic;

    if (!hw_has_lapic(d) || (h->apic_base_msr & 0xfff & ~0xd00UL) || h->apic_base_msr >> cpu_features.phys_bits ||
        (h->apic_base_msr & (LAPIC_BASE_X2APIC | LAPIC_BASE_ENABLE)) == LAPIC_BASE_X2APIC)
        return -EINVAL;
    l->base = h->apic_base_msr;
    l->tsc_deadline = h->tdt_msr;
    return 0;
}

bool hw_save_lapic_regs(struct domain *d, struct vcpu *v, void *data)
{
    const struct lapic *l = &to_hw(v)->lapic;
    struct hvm_hw_lapic_regs *h = data;

    for (u32 n = 0; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&h->data[16 * n], &l->reg[n], 4);
    for (unsigned int i = 0; i < 8; i++) {   /* what has arrived counts as requested */
        u32 irr = l->reg[LAPIC_IRR + i] | (u32)(l->posted[i / 2] >> 32 * (i % 2));
        memcpy(&h->data[16 * (LAPIC_IRR + i)], &irr, 4);
    }
    return hw_has_lapic(d);
}

int hw_load_lapic_regs(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_lapic_regs *h = data;
    struct hw_vcpu *hw = to_hw(v);
    struct lapic *l = &hw->lapic;
    u32 count;

    if (!hw_has_lapic(d))
        return -EINVAL;
    for (u32 n = LAPIC_TPR; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&l->reg[n], &h->data[16 * n], 4);
    container_ops->set(v, CREG_TPR, l->reg[LAPIC_TPR] & 0xff);
    count = l->reg[LAPIC_TMICT];
    l->timer_expires = STIME_NEVER;
    if (count)
        (void)lapic_write(l, LAPIC_TMICT, count, system_time());
    hw_apic_restart_timer(hw);
    return 0;
}
