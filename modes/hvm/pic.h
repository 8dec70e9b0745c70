/* SPDX-License-Identifier: MIT */
/* The pair of 8259A interrupt controllers of a PC, the second on line 2 of the first (Intel 8259A data sheet; ELCR:
 * Intel 82371SB data sheet, 3.2). Pure: the caller's lock guards it. */
#ifndef PRISM_MODES_HVM_PIC_H
#define PRISM_MODES_HVM_PIC_H

#include <xen/hvm/save.h>

#include "lib/types.h"

struct pic {
    struct hvm_hw_vpic chip[2];   /* master, slave */
    u8 lines[2];                  /* levels of the inputs now; bit 2 of the master's is the slave's output */
};

void pic_reset(struct pic *p);
bool pic_has_port(u16 port);
/* port: one that pic_has_port() knows. A read may be a poll, which takes an interrupt. */
u8 pic_read(struct pic *p, u16 port);
void pic_write(struct pic *p, u16 port, u8 value);

void pic_set_lines(struct pic *p, u16 lines);      /* levels of all 16 */
void pic_pulse(struct pic *p, unsigned int irq);   /* irq falls and rises: a new edge */
static inline bool pic_output(const struct pic *p) { return p->chip[0].int_output; }
u8 pic_ack(struct pic *p);                         /* INTA cycle: the vector; IRQ 7's or 15's if there is nothing */
bool pic_masked(const struct pic *p, unsigned int irq);
bool pic_requested(const struct pic *p, unsigned int irq);   /* has arrived and is not acknowledged yet */

void pic_adopt_lines(struct pic *p, u16 lines);    /* as pic_set_lines(), but what is up was up: no edges */
/* A saved chip. False: not a state that this one can be in; nothing is changed. */
bool pic_load(struct pic *p, unsigned int chip, const struct hvm_hw_vpic *hw);

#endif
