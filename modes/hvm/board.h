/* SPDX-License-Identifier: MIT */
/* The devices of an emulated PC on one board: ports and addresses, interrupt lines, the time that moves them. Pure: what
 * lies beyond is behind operations; the caller's lock guards it; moments never go back. */
#ifndef PRISM_MODES_HVM_BOARD_H
#define PRISM_MODES_HVM_BOARD_H

#include "modes/hvm/hpet.h"
#include "modes/hvm/ioapic.h"
#include "modes/hvm/pic.h"
#include "modes/hvm/pit.h"
#include "modes/hvm/pmtimer.h"
#include "modes/hvm/rtc.h"
#include "modes/io.h"

#define BOARD_PM_OLD 0x1f40     /* public header hvm/ioreq.h */
#define BOARD_PM_NEW 0xb000

/* What happens to periodic ticks that find the one before them not taken yet (public header hvm/params.h). */
enum missed_ticks { TICKS_ALL = 1, TICKS_NONE, TICKS_ONE };

struct board_ops {
    /* Sends m to the local APICs that it means. Did any take it? */
    bool (*deliver)(void *owner, const struct interrupt_message *m);
    /* Has such an interrupt arrived there, and is not being handled yet? */
    bool (*requested)(void *owner, const struct interrupt_message *m);
    /* The output of the PIC pair has changed. */
    void (*pic_output)(void *owner, bool asserted);
};

enum { TICK_PIT, TICK_RTC, TICK_HPET, NR_TICKS = TICK_HPET + HPET_TIMER_NUM };

struct board {
    struct pic pic;
    struct pit pit;
    struct rtc rtc;
    struct hpet hpet;
    struct pmtimer pm;
    struct ioapic ioapic;

    /* Lines that others drive. A bit per line; several sources of one line stay apart. */
    u16 isa;                                /* of ISA devices */
    struct hvm_hw_pci_irqs pci;             /* INTx of PCI devices: device * 4 + INTx */
    struct hvm_hw_pci_link link;            /* where PCI interrupt links lead, ISA irq or 0 */
    u64 callback;                           /* the events' line: CALLBACK_*; and is it up? */
    bool callback_up;

    u16 pm_base;
    bool hpet_hidden;
    enum missed_ticks missed_ticks;
    u32 missed[NR_TICKS];                   /* ticks that are to be made up for */
    stime_t catch_up_at;                    /* not before then */
    bool pic_was;                           /* the output that pic_output has been told of */
    bool power_off, sleep;                  /* the guest asks for it; the caller takes it */
    bool moved;                             /* board_next() may have another answer than before; the caller clears it */

    const struct board_ops *ops; void *owner;   /* constant */
};

/* board->callback */
#define CALLBACK_NONE 0UL
#define CALLBACK_GSI(gsi) (1UL << 8 | (gsi))
#define CALLBACK_INTX(device, intx) (2UL << 8 | ((device) * 4 + (intx)))

void board_reset(struct board *b, const struct board_ops *ops, void *owner);
/* An access to a port or an address at time now; IO_DONE or IO_NOT_MINE. */
enum io_result board_access(struct board *b, struct io_access *a, stime_t now);
/* Time has come to now: ticks, flags, lines. */
void board_run(struct board *b, stime_t now);
/* When board_run() has something to do again, which may be in the past; STIME_NEVER. awake: somebody can take interrupts
 * that are waiting. */
stime_t board_next(const struct board *b, bool awake);
/* Lines, outputs and messages after any change by hand: the fields above, what other files' functions did. */
void board_settle(struct board *b, stime_t now);
/* The same after records have been loaded: lines that are up have been up. */
void board_settle_loaded(struct board *b, stime_t now);
bool board_extint_pin(const struct board *b);   /* the I/O APIC lets the PIC's output through at pin 0 */

/* ---- board_lines.c: levels of all lines, for the I/O APIC's pins and the PIC's inputs */
struct board_lines { u64 pins; u16 irqs; };
struct board_lines board_lines(struct board *b, stime_t now);
static inline unsigned int isa_pin(unsigned int irq) { return irq == 0 ? 2 : irq; }

#endif
