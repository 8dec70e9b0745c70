/* SPDX-License-Identifier: MIT */
/* The emulated local APIC's registers. */
#include "lib/bitops.h"
#include "lib/lib.h"
#include "modes/pvh/hw_lapic.h"

#define VERSION 0x00050014u          /* six LVT entries */
#define FLAT_MODEL 0xffffffffu
#define ESR_SEND_ILLEGAL 0x20u
#define ESR_REGISTER 0x80u
#define ICR_WRITABLE 0x000ccfffu
#define BASE_RESERVED 0x2ffUL
#define MIN_GAP 100000UL             /* ns: a guest cannot have the host's timer run more often than that by itself */

/* Bits of the LVT entries that can be written. */
static u32 lvt_writable(const struct lapic *l, u32 n)
{
    switch (n) {
    case LAPIC_LVT_TIMER: return 0x300ff | (l->has_deadline_mode ? LAPIC_TIMER_DEADLINE : 0);
    case LAPIC_LVT_LINT0:
    case LAPIC_LVT_LINT1: return 0x1a7ff;
    case LAPIC_LVT_ERROR: return 0x100ff;
    default: return 0x107ff;
    }
}

static bool is_lvt(u32 n)
{
    return n >= LAPIC_LVT_TIMER && n <= LAPIC_LVT_ERROR;
}

static u32 x2_logical_id(u32 id)
{
    return (id >> 4) << 16 | 1u << (id & 15);
}

static void set_ids(struct lapic *l)
{
    l->reg[LAPIC_ID] = lapic_x2apic(l) ? l->id : l->id << 24;
    l->reg[LAPIC_LDR] = lapic_x2apic(l) ? x2_logical_id(l->id) : 0;
}

void lapic_init(struct lapic *l)
{
    memset(l->reg, 0, sizeof(l->reg));
    for (unsigned int i = 0; i < 4; i++)
        l->posted[i] = l->posted_level[i] = 0;
    l->reg[LAPIC_VERSION] = VERSION;
    l->reg[LAPIC_DFR] = FLAT_MODEL;
    l->reg[LAPIC_SVR] = 0xff;
    for (u32 n = LAPIC_LVT_TIMER; n <= LAPIC_LVT_ERROR; n++)
        l->reg[n] = LAPIC_LVT_MASKED;
    l->tsc_deadline = 0;
    l->timer_expires = STIME_NEVER;
    set_ids(l);
}

void lapic_reset(struct lapic *l, u32 id, bool bsp)
{
    l->id = id;
    l->base = LAPIC_DEFAULT_BASE | LAPIC_BASE_ENABLE | (bsp ? LAPIC_BASE_BSP : 0);
    lapic_init(l);
}

static bool base_ok(u64 base, u32 phys_bits)
{
    return !(base & (BASE_RESERVED | ~((1UL << phys_bits) - 1))) &&
           (base & (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC)) != LAPIC_BASE_X2APIC;
}

/* Intel SDM vol. 3, 11.12.5: from x2APIC back to xAPIC leads only through "disabled", and nothing leads from there to
 * x2APIC at once. */
bool lapic_set_base(struct lapic *l, u64 value, u32 phys_bits)
{
    u64 mode = value & (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC), was = l->base & (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC);

    if (!base_ok(value, phys_bits))
        return false;
    if (mode != was && ((was == (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC) && mode) ||
                        (was == 0 && (mode & LAPIC_BASE_X2APIC))))
        return false;
    l->base = value;
    if (mode == was)
        return true;
    if (!mode)
        lapic_init(l);
    set_ids(l);
    return true;
}

bool lapic_load_msrs(struct lapic *l, u64 base, u64 tsc_deadline, u32 phys_bits)
{
    if (!base_ok(base, phys_bits))
        return false;
    l->base = base;
    l->tsc_deadline = l->has_deadline_mode ? tsc_deadline : 0;
    set_ids(l);
    return true;
}

/* ---- Vectors */

static bool vector_bit(const u32 *field, u8 vector)
{
    return field[vector / 32] >> (vector % 32) & 1;
}

static int highest(const u32 *field)
{
    for (int i = 7; i >= 0; i--)
        if (field[i])
            return i * 32 + 31 - __builtin_clz(field[i]);
    return -1;
}

static u32 priority_with(const struct lapic *l, u32 tpr)
{
    int in_service = highest(&l->reg[LAPIC_ISR]);
    u32 isr = in_service < 0 ? 0 : (u32)in_service & 0xf0;

    return (tpr & 0xf0) >= isr ? tpr : isr;
}

static u32 processor_priority(const struct lapic *l)
{
    return priority_with(l, l->reg[LAPIC_TPR] & 0xff);
}

/* The highest vector requested, if it is of a higher class than this priority; -1: it is not, or there is none. */
static int requested_above(const struct lapic *l, u32 priority)
{
    int vector = highest(&l->reg[LAPIC_IRR]);

    return vector >= 0 && ((u32)vector & 0xf0) > (priority & 0xf0) ? vector : -1;
}

void lapic_post(struct lapic *l, u8 vector, bool level)
{
    if (level)
        set_bit(vector % 64, &l->posted_level[vector / 64]);
    set_bit(vector % 64, &l->posted[vector / 64]);
}

static void collect(struct lapic *l)
{
    for (unsigned int i = 0; i < 4; i++) {
        if (!l->posted[i])
            continue;
        u64 level = xchg(&l->posted_level[i], 0UL), all = xchg(&l->posted[i], 0UL);
        for (unsigned int half = 0; half < 2; half++) {
            u32 vectors = (u32)(all >> 32 * half), tmr = (u32)(level >> 32 * half);
            l->reg[LAPIC_IRR + 2 * i + half] |= vectors;
            l->reg[LAPIC_TMR + 2 * i + half] = (l->reg[LAPIC_TMR + 2 * i + half] & ~vectors) | (vectors & tmr);
        }
    }
}

int lapic_pending(struct lapic *l)
{
    if (!lapic_sw_enabled(l))
        return -1;
    collect(l);
    return requested_above(l, processor_priority(l));
}

int lapic_held_up(const struct lapic *l)
{
    return lapic_sw_enabled(l) ? requested_above(l, priority_with(l, 0)) : -1;
}

bool lapic_might_interrupt(const struct lapic *l, u32 tpr)
{
    if (!lapic_sw_enabled(l))
        return false;
    if (l->posted[0] | l->posted[1] | l->posted[2] | l->posted[3])
        return true;
    return requested_above(l, priority_with(l, tpr)) >= 0;
}

void lapic_accept(struct lapic *l, u8 vector)
{
    l->reg[LAPIC_IRR + vector / 32] &= ~(1u << vector % 32);
    l->reg[LAPIC_ISR + vector / 32] |= 1u << vector % 32;
}

static enum lapic_result end_of_interrupt(struct lapic *l)
{
    int vector = highest(&l->reg[LAPIC_ISR]);

    if (vector < 0)
        return LAPIC_OK;
    l->reg[LAPIC_ISR + vector / 32] &= ~(1u << vector % 32);
    l->reg[LAPIC_EOI] = (u32)vector;
    return vector_bit(&l->reg[LAPIC_TMR], (u8)vector) ? LAPIC_ENDED : LAPIC_OK;
}

void lapic_set_cr8(struct lapic *l, u64 cr8)
{
    l->reg[LAPIC_TPR] = (u32)(cr8 & 15) << 4;
}

bool lapic_is_destination(const struct lapic *l, u32 dest, bool logical)
{
    if (!lapic_enabled(l))
        return false;
    if (lapic_x2apic(l)) {
        if (dest == 0xffffffff)
            return true;
        if (!logical)
            return dest == l->id;
        return dest >> 16 == l->reg[LAPIC_LDR] >> 16 && (dest & l->reg[LAPIC_LDR] & 0xffff);
    }
    if ((dest & 0xff) == 0xff)
        return true;
    if (!logical)
        return dest == l->id;
    u32 ldr = l->reg[LAPIC_LDR] >> 24;
    if (l->reg[LAPIC_DFR] >> 28 == 15)
        return ldr & dest;
    return ldr >> 4 == (dest >> 4 & 15) && (ldr & dest & 15);   /* cluster model */
}

/* ---- The timer */

static u64 tick_ns(const struct lapic *l)
{
    u32 code = (l->reg[LAPIC_TDCR] & 3) | (l->reg[LAPIC_TDCR] >> 1 & 4);

    return LAPIC_TICK_NS * (code == 7 ? 1UL : 2UL << code);
}

static void start_timer(struct lapic *l, stime_t now)
{
    l->timer_expires = l->reg[LAPIC_TMICT] ? now + l->reg[LAPIC_TMICT] * tick_ns(l) : STIME_NEVER;
}

static u32 current_count(const struct lapic *l, stime_t now)
{
    stime_t expires = l->timer_expires;
    u64 left;

    if (lapic_is_deadline(l->reg[LAPIC_LVT_TIMER]) || expires == STIME_NEVER || expires <= now)
        return 0;
    left = (expires - now) / tick_ns(l);
    return left > l->reg[LAPIC_TMICT] ? l->reg[LAPIC_TMICT] : (u32)left;
}

/* A masked entry lets the timer run on in silence. Missed periods are not made up for, nor those of a period that is too
 * short for the host. */
void lapic_timer_expired(struct lapic *l, stime_t now)
{
    u32 lvt = ACCESS_ONCE(l->reg[LAPIC_LVT_TIMER]);
    u64 period = ACCESS_ONCE(l->reg[LAPIC_TMICT]) * tick_ns(l), gap = period < MIN_GAP ? MIN_GAP : 0;
    stime_t expires = l->timer_expires;

    if (expires == STIME_NEVER || expires > now)
        return;
    if ((lvt & LAPIC_TIMER_MODE) == LAPIC_TIMER_PERIODIC && period)
        l->timer_expires = expires + ((now + gap - expires) / period + 1) * period;
    else
        l->timer_expires = STIME_NEVER;
    if (lapic_is_deadline(lvt))
        l->tsc_deadline = 0;
    if (!(lvt & LAPIC_LVT_MASKED) && (lvt & 0xff) >= 16)
        lapic_post(l, (u8)lvt, false);
}

enum lapic_result lapic_set_deadline(struct lapic *l, u64 tsc, stime_t expires)
{
    if (!lapic_is_deadline(l->reg[LAPIC_LVT_TIMER]))
        return LAPIC_OK;
    l->tsc_deadline = tsc;
    l->timer_expires = tsc ? expires : STIME_NEVER;
    return LAPIC_TIMER;
}

/* Intel SDM vol. 3, 11.5.4.1: a change of mode to or from TSC deadline disarms it. */
static enum lapic_result write_lvt(struct lapic *l, u32 n, u32 value)
{
    u32 old = l->reg[n];

    value &= lvt_writable(l, n);
    if (!(l->reg[LAPIC_SVR] & LAPIC_SVR_ENABLE))
        value |= LAPIC_LVT_MASKED;
    l->reg[n] = value;
    if (n != LAPIC_LVT_TIMER || lapic_is_deadline(old) == lapic_is_deadline(value))
        return LAPIC_OK;
    l->timer_expires = STIME_NEVER;
    l->tsc_deadline = 0;
    l->reg[LAPIC_TMICT] = 0;
    return LAPIC_TIMER;
}

static enum lapic_result write_svr(struct lapic *l, u32 value)
{
    l->reg[LAPIC_SVR] = value & 0x3ff;
    if (value & LAPIC_SVR_ENABLE)
        return LAPIC_OK;
    for (u32 n = LAPIC_LVT_TIMER; n <= LAPIC_LVT_ERROR; n++)
        l->reg[n] |= LAPIC_LVT_MASKED;
    return LAPIC_OK;
}

/* ---- Registers */

bool lapic_read(const struct lapic *l, u32 n, stime_t now, u32 *value)
{
    switch (n) {
    case LAPIC_ID: case LAPIC_VERSION: case LAPIC_TPR: case LAPIC_APR: case LAPIC_LDR: case LAPIC_DFR: case LAPIC_SVR:
    case LAPIC_ISR ... LAPIC_IRR + 7: case LAPIC_ESR: case LAPIC_ICR: case LAPIC_ICR2:
    case LAPIC_LVT_TIMER ... LAPIC_TMICT: case LAPIC_TDCR:
        *value = l->reg[n];
        return true;
    case LAPIC_PPR: *value = processor_priority(l); return true;
    case LAPIC_TMCCT: *value = current_count(l, now); return true;
    }
    *value = 0;
    return false;
}

/* A fixed interrupt with a vector below 16 is an error, not an interrupt. */
static enum lapic_result write_icr(struct lapic *l, u32 value)
{
    u32 mode = value >> 8 & 7;

    l->reg[LAPIC_ICR] = value & ICR_WRITABLE;
    if ((mode == 0 || mode == 1) && (value & 0xff) < 16) {
        l->reg[LAPIC_ESR] |= ESR_SEND_ILLEGAL;
        return LAPIC_OK;
    }
    return LAPIC_SEND;
}

enum lapic_result lapic_write(struct lapic *l, u32 n, u32 value, stime_t now)
{
    if (is_lvt(n))
        return write_lvt(l, n, value);
    switch (n) {
    case LAPIC_ID: return LAPIC_OK;                   /* it stays what firmware tables say it is */
    case LAPIC_TPR: l->reg[n] = value & 0xff; return LAPIC_OK;
    case LAPIC_EOI: return end_of_interrupt(l);
    case LAPIC_LDR: l->reg[n] = value & 0xff000000; return LAPIC_OK;
    case LAPIC_DFR: l->reg[n] = value | 0x0fffffff; return LAPIC_OK;
    case LAPIC_SVR: return write_svr(l, value);
    case LAPIC_ESR: l->reg[n] = 0; return LAPIC_OK;
    case LAPIC_ICR: return write_icr(l, value);
    case LAPIC_ICR2: l->reg[n] = value & 0xff000000; return LAPIC_OK;
    case LAPIC_TMICT:
        if (lapic_is_deadline(l->reg[LAPIC_LVT_TIMER]))
            return LAPIC_OK;
        l->reg[n] = value;
        start_timer(l, now);
        return LAPIC_TIMER;
    case LAPIC_TDCR:
        l->reg[n] = value & 0xb;
        return LAPIC_OK;
    }
    l->reg[LAPIC_ESR] |= ESR_REGISTER;
    return LAPIC_BAD;
}

bool lapic_read_x2(const struct lapic *l, u32 n, stime_t now, u64 *value)
{
    u32 low = 0;

    if (n == LAPIC_ICR2 || n == LAPIC_DFR || n == LAPIC_EOI || n >= NR_LAPIC_REGISTERS || !lapic_read(l, n, now, &low))
        return false;
    *value = low | (n == LAPIC_ICR ? (u64)l->reg[LAPIC_ICR2] << 32 : 0);
    return true;
}

enum lapic_result lapic_write_x2(struct lapic *l, u32 n, u64 value, stime_t now)
{
    switch (n) {
    case LAPIC_ICR:
        if (value & 0xfff33000 & ~0x1000u)
            return LAPIC_BAD;
        l->reg[LAPIC_ICR2] = (u32)(value >> 32);
        return write_icr(l, (u32)value);
    case LAPIC_SELF_IPI:
        if (value >> 8)
            return LAPIC_BAD;
        if (value < 16)
            l->reg[LAPIC_ESR] |= ESR_SEND_ILLEGAL;
        else
            lapic_post(l, (u8)value, false);
        return LAPIC_OK;
    case LAPIC_ID: case LAPIC_VERSION: case LAPIC_LDR: case LAPIC_DFR: case LAPIC_ICR2: case LAPIC_TMCCT:
        return LAPIC_BAD;
    case LAPIC_EOI: case LAPIC_ESR:
        if (value)
            return LAPIC_BAD;
        break;
    case LAPIC_TPR:
        if (value >> 8)
            return LAPIC_BAD;
        break;
    case LAPIC_SVR:
        if (value & ~0x1ffUL)
            return LAPIC_BAD;
        break;
    case LAPIC_TDCR:
        if (value & ~0xbUL)
            return LAPIC_BAD;
        break;
    }
    if (value >> 32 || n >= NR_LAPIC_REGISTERS)
        return LAPIC_BAD;
    return lapic_write(l, n, (u32)value, now);
}
