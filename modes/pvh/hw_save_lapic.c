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

    if (!hw_has_lapic(d))
        return -EINVAL;
    return lapic_load_msrs(&to_hw(v)->lapic, h->apic_base_msr, h->tdt_msr, cpu_features.phys_bits) ? 0 : -EINVAL;
}

bool hw_save_lapic_regs(struct domain *d, struct vcpu *v, void *data)
{
    struct hvm_hw_lapic_regs *h = data;
    u32 reg[NR_LAPIC_REGISTERS];

    hw_apic_sync(v);
    lapic_save(&to_hw(v)->lapic, reg);
    for (u32 n = 0; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&h->data[16 * n], &reg[n], 4);
    return hw_has_lapic(d);
}

int hw_load_lapic_regs(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_lapic_regs *h = data;
    struct lapic *l = &to_hw(v)->lapic;
    u32 reg[NR_LAPIC_REGISTERS];

    if (!hw_has_lapic(d))
        return -EINVAL;
    for (u32 n = 0; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&reg[n], &h->data[16 * n], 4);
    lapic_load(l, reg, system_time());
    container_ops->set(v, CREG_TPR, l->reg[LAPIC_TPR]);
    if (lapic_is_deadline(l->reg[LAPIC_LVT_TIMER]))
        (void)hw_apic_set_deadline(v, l->tsc_deadline);
    else
        hw_apic_restart_timer(to_hw(v));
    return 0;
}
