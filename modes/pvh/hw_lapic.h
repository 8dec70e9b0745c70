/* SPDX-License-Identifier: MIT */
/* An emulated local APIC: its registers and rules alone (AMD64 APM vol. 2, 16; Intel SDM vol. 3, 11). Pure: time, other
 * vCPUs and the guest's memory are the caller's (hw_apic.c). Its vCPU's own CPU uses it, or anyone while that vCPU is
 * paused; lapic_post() is for any CPU at any time. */
#ifndef PRISM_MODES_PVH_HW_LAPIC_H
#define PRISM_MODES_PVH_HW_LAPIC_H

#include "lib/types.h"

#define LAPIC_DEFAULT_BASE 0xfee00000UL
#define LAPIC_BASE_BSP (1UL << 8)
#define LAPIC_BASE_X2APIC (1UL << 10)
#define LAPIC_BASE_ENABLE (1UL << 11)
#define LAPIC_TICK_NS 10               /* the bus clock that the timer divides: 100 MHz */

/* Registers by number: MMIO offset / 16, x2APIC MSR - 800H. */
enum lapic_register {
    LAPIC_ID = 0x02, LAPIC_VERSION, LAPIC_TPR = 0x08, LAPIC_APR, LAPIC_PPR, LAPIC_EOI, LAPIC_RRR, LAPIC_LDR, LAPIC_DFR,
    LAPIC_SVR, LAPIC_ISR, LAPIC_TMR = 0x18, LAPIC_IRR = 0x20, LAPIC_ESR = 0x28, LAPIC_LVT_CMCI = 0x2f,
    LAPIC_ICR = 0x30, LAPIC_ICR2, LAPIC_LVT_TIMER, LAPIC_LVT_THERMAL, LAPIC_LVT_PERF, LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,
    LAPIC_LVT_ERROR, LAPIC_TMICT, LAPIC_TMCCT, LAPIC_TDCR = 0x3e, LAPIC_SELF_IPI, NR_LAPIC_REGISTERS
};
#define LAPIC_SVR_ENABLE 0x100u
#define LAPIC_LVT_MASKED 0x10000u
#define LAPIC_TIMER_MODE 0x60000u
#define LAPIC_TIMER_ONE_SHOT 0u
#define LAPIC_TIMER_PERIODIC 0x20000u
#define LAPIC_TIMER_DEADLINE 0x40000u
#define LAPIC_ICR_LOGICAL 0x800u
#define LAPIC_ICR_ASSERT 0x4000u
#define LAPIC_ICR_LEVEL 0x8000u

struct lapic {
    u64 base;                          /* MSR 1BH */
    u32 id;                            /* physical id, for good */
    u32 reg[NR_LAPIC_REGISTERS];
    volatile u64 posted[4], posted_level[4];   /* vectors that have arrived and are not in IRR yet. atomic */
    u64 tsc_deadline;                  /* MSR 6E0H as the guest wrote it */
    volatile stime_t timer_expires;    /* STIME_NEVER: not running */
    bool has_deadline_mode;
};

/* What a write asks of the caller. */
enum lapic_result {
    LAPIC_OK,
    LAPIC_BAD,                         /* no such register, or reserved bits: #GP in x2APIC mode, else lost */
    LAPIC_SEND,                        /* the interrupt command register says what to whom */
    LAPIC_TIMER,                       /* timer_expires has changed */
    LAPIC_ENDED,                       /* a level-triggered interrupt was ended: its I/O APIC is to hear */
};

/* State after power-up; lapic_init() is INIT's: all but id and mode. */
void lapic_reset(struct lapic *l, u32 id, bool bsp);
void lapic_init(struct lapic *l);
static inline bool lapic_enabled(const struct lapic *l) { return l->base & LAPIC_BASE_ENABLE; }
static inline bool lapic_x2apic(const struct lapic *l) { return l->base & LAPIC_BASE_X2APIC; }
static inline bool lapic_sw_enabled(const struct lapic *l)
{ return lapic_enabled(l) && (l->reg[LAPIC_SVR] & LAPIC_SVR_ENABLE); }
/* MSR 1BH. False: #GP */
bool lapic_set_base(struct lapic *l, u64 value, u32 phys_bits);

/* ---- hw_lapic_record.c: an APIC whose state is saved, and one that begins with a saved state, whoever wrote that. */
/* Registers as they are, with what has arrived as requested; those that are reckoned from others are 0. */
void lapic_save(const struct lapic *l, u32 reg[NR_LAPIC_REGISTERS]);
/* MSRs 1BH, whatever it was before, and 6E0H. False: there is no such mode; nothing has changed. hw_lapic.c */
bool lapic_load_msrs(struct lapic *l, u64 base, u64 tsc_deadline, u32 phys_bits);
/* Registers, after the MSRs; reserved bits are 0. A timer that counts begins anew at `now`. A deadline stays as it
 * is, and is the caller's to arm. What has arrived since is not lost. */
void lapic_load(struct lapic *l, const u32 reg[NR_LAPIC_REGISTERS], stime_t now);
static inline bool lapic_is_deadline(u32 lvt_timer) { return (lvt_timer & LAPIC_TIMER_MODE) == LAPIC_TIMER_DEADLINE; }

/* Register n at time now. False: there is none such, or it cannot be read. */
bool lapic_read(const struct lapic *l, u32 n, stime_t now, u32 *value);
enum lapic_result lapic_write(struct lapic *l, u32 n, u32 value, stime_t now);
/* The same by x2APIC MSR number - 800H. */
bool lapic_read_x2(const struct lapic *l, u32 n, stime_t now, u64 *value);
enum lapic_result lapic_write_x2(struct lapic *l, u32 n, u64 value, stime_t now);

/* A vector arrives. Any CPU. */
void lapic_post(struct lapic *l, u8 vector, bool level);
/* The vector that is to be delivered next, above the processor priority; -1: none. */
int lapic_pending(struct lapic *l);
/* lapic_pending()'s answer with this TPR, for who is not on the vCPU's CPU: may be too hopeful, never too pessimistic. */
bool lapic_might_interrupt(const struct lapic *l, u32 tpr);
/* After lapic_pending(): the vector that nothing but TPR holds up; -1: none. */
int lapic_held_up(const struct lapic *l);
void lapic_accept(struct lapic *l, u8 vector);   /* from IRR to ISR: it is being delivered */
/* Bits 7:4 of TPR, as CR8 has it. */
static inline u64 lapic_cr8(const struct lapic *l) { return l->reg[LAPIC_TPR] >> 4; }
void lapic_set_cr8(struct lapic *l, u64 cr8);

/* Does an interrupt sent to dest (8 or, in x2APIC mode, 32 bits) with this kind of destination mean this APIC? */
bool lapic_is_destination(const struct lapic *l, u32 dest, bool logical);
/* The timer has run out: posts its vector, and sets timer_expires anew if it is periodic. Any CPU. */
void lapic_timer_expired(struct lapic *l, stime_t now);
/* MSR 6E0H: expires is the same moment in system time, STIME_NEVER for 0. */
enum lapic_result lapic_set_deadline(struct lapic *l, u64 tsc, stime_t expires);

#endif
