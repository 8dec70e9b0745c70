/* SPDX-License-Identifier: MIT */
/* The emulated local APIC's registers as a saved state has them. */
#include "lib/lib.h"
#include "modes/pvh/hw_lapic.h"

#define VECTORS_BELOW_16 0xffffu     /* of the first word of ISR, TMR, IRR: no interrupt has such a vector */
#define ESR_BITS 0xffu
#define ICR_BITS 0x000ccfffu

static u32 half(const volatile u64 field[4], unsigned int word)
{
    return (u32)(field[word / 2] >> 32 * (word % 2));
}

void lapic_save(const struct lapic *l, u32 reg[NR_LAPIC_REGISTERS])
{
    memcpy(reg, l->reg, sizeof(l->reg));
    for (unsigned int i = 0; i < 8; i++) {
        u32 posted = half(l->posted, i);
        reg[LAPIC_IRR + i] |= posted;
        reg[LAPIC_TMR + i] = (reg[LAPIC_TMR + i] & ~posted) | (half(l->posted_level, i) & posted);
    }
    reg[LAPIC_EOI] = 0;
}

/* As software would write them, which keeps to their bits; a software-disabled APIC masks its LVT as it goes off. */
static void load_by_writing(struct lapic *l, const u32 reg[], stime_t now)
{
    static const u8 in_order[] = { LAPIC_TPR, LAPIC_DFR, LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERF, LAPIC_LVT_LINT0,
                                   LAPIC_LVT_LINT1, LAPIC_LVT_ERROR, LAPIC_SVR, LAPIC_TDCR, LAPIC_TMICT };

    l->reg[LAPIC_SVR] |= LAPIC_SVR_ENABLE;
    for (unsigned int i = 0; i < ARRAY_SIZE(in_order); i++)
        (void)lapic_write(l, in_order[i], reg[in_order[i]], now);
}

void lapic_load(struct lapic *l, const u32 reg[NR_LAPIC_REGISTERS], stime_t now)
{
    u64 deadline = l->tsc_deadline;

    l->timer_expires = STIME_NEVER;
    l->reg[LAPIC_TMICT] = 0;
    load_by_writing(l, reg, now);
    l->tsc_deadline = lapic_is_deadline(l->reg[LAPIC_LVT_TIMER]) ? deadline : 0;
    if (!lapic_x2apic(l))
        (void)lapic_write(l, LAPIC_LDR, reg[LAPIC_LDR], now);
    for (unsigned int i = 0; i < 8; i++) {
        u32 none = i == 0 ? VECTORS_BELOW_16 : 0;
        l->reg[LAPIC_ISR + i] = reg[LAPIC_ISR + i] & ~none;
        l->reg[LAPIC_TMR + i] = reg[LAPIC_TMR + i] & ~none;
        l->reg[LAPIC_IRR + i] = reg[LAPIC_IRR + i] & ~none;
    }
    l->reg[LAPIC_ESR] = reg[LAPIC_ESR] & ESR_BITS;
    l->reg[LAPIC_ICR] = reg[LAPIC_ICR] & ICR_BITS;
    l->reg[LAPIC_ICR2] = lapic_x2apic(l) ? reg[LAPIC_ICR2] : reg[LAPIC_ICR2] & 0xff000000;
}
