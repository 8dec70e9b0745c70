/* SPDX-License-Identifier: MIT */
/* What a kernel in a container does with the PC around it: ports, the pair of interrupt controllers, a line of its own. */
#ifndef PRISM_TESTS_PC_H
#define PRISM_TESTS_PC_H

#include "lib/guest.h"

static inline void out8(u16 port, u8 value) { asm volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }
static inline u8 in8(u16 port) { u8 v; asm volatile("inb %1, %0" : "=a" (v) : "Nd" (port)); return v; }

/* ---- 8259A: commands at the port, the mask behind it. Line 2 of the first is the second's output. */
#define PIC 0x20
#define PIC_SLAVE 0xa0
#define PIC_VECTOR(irq) (0x20u + (irq))     /* as pic_start() sets them */
#define ICW1 0x11                           /* two controllers, ICW4 follows */
#define ICW4 0x01
#define ICW4_AUTO_END 0x02
#define ICW4_NESTED 0x10                    /* special fully nested mode */
#define OCW2_END 0x20
#define OCW2_END_OF 0x60                    /* and the line */
#define OCW3_POLL 0x0c
#define OCW3_IRR 0x0a
#define OCW3_ISR 0x0b

/* Both anew with these ICW4 and vectors PIC_VECTOR, everything masked; and no lines by level. */
void pic_start(u8 master_icw4);
static inline u8 pic_irr(u16 pic) { out8(pic, OCW3_IRR); return in8(pic); }
static inline u8 pic_isr(u16 pic) { out8(pic, OCW3_ISR); return in8(pic); }
static inline u8 pic_poll(u16 pic) { out8(pic, OCW3_POLL); return in8(pic); }
static inline void pic_masks(u16 lines) { out8(PIC + 1, (u8)lines); out8(PIC_SLAVE + 1, (u8)(lines >> 8)); }
static inline void pic_end(unsigned int irq)
{
    if (irq >= 8)
        out8(PIC_SLAVE, OCW2_END);
    out8(PIC, OCW2_END);
}

/* Sleeps, each time twice as long, up to 5 ms: for who looks for something that may come soon. *step is 0 at first. */
void rest(u64 *step);
/* The controllers reach the processor, and events do not: for the beginning of a test. Lines begin at nothing. */
void pc_start(void);
/* How many interrupts of line irq have come. */
static inline unsigned int taken(unsigned int irq) { return interrupts[PIC_VECTOR(irq)]; }
/* Interrupts on for a moment. */
static inline void let_in(void) { asm volatile("sti; nop; nop; cli" ::: "memory"); }
/* Until line irq's interrupt has come so often in all, by let_in(). False: it has not for long. The caller ends each. */
bool await_irq(unsigned int irq, unsigned int number);

/* ---- A line that this kernel drives: ISA line irq follows an event that waits (HVM_PARAM_CALLBACK_IRQ); 0: none */
void line_is(unsigned int irq);
void line_up(void);
void line_down(void);

/* ---- 8254 */
#define PIT 0x40                            /* and the channel */
#define PIT_CONTROL 0x43
#define PIT_BOTH 0x30                       /* the low byte, then the high one */
#define PIT_MODE(n) ((n) << 1)
#define PIT_BCD 1
#define PIT_OUT 0x80                        /* of the status */
#define PIT_NULL 0x40                       /* what was written last is not counted yet */
#define PIT_TICK_NS 838ull                  /* rounded down from 838.095 */

static inline void pit_control(unsigned int channel, u8 how) { out8(PIT_CONTROL, (u8)(channel << 6 | how)); }
static inline void pit_write(unsigned int channel, u16 count)
{ out8((u16)(PIT + channel), (u8)count); out8((u16)(PIT + channel), (u8)(count >> 8)); }
static inline u16 pit_read(unsigned int channel)
{ u8 low = in8((u16)(PIT + channel)); return (u16)(low | in8((u16)(PIT + channel)) << 8); }
static inline u16 pit_latch(unsigned int channel) { pit_control(channel, 0); return pit_read(channel); }
static inline u8 pit_status(unsigned int channel)
{ out8(PIT_CONTROL, (u8)(0xe0 | 2 << channel)); return in8((u16)(PIT + channel)); }
static inline void pit_start(unsigned int channel, u8 mode, u16 count)
{ pit_control(channel, PIT_BOTH | mode); pit_write(channel, count); }

/* ---- MC146818: a register's number at the port, its value behind it */
#define RTC 0x70
static inline u8 rtc(u8 reg) { out8(RTC, reg); return in8(RTC + 1); }
static inline void set_rtc(u8 reg, u8 value) { out8(RTC, reg); out8(RTC + 1, value); }

#endif
