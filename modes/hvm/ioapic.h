/* SPDX-License-Identifier: MIT */
/* An I/O APIC of 48 pins (Intel 82093AA data sheet). Lines are asserted or not: the polarity that an entry has is kept
 * and has no effect. Pure: the caller's lock guards it. */
#ifndef PRISM_MODES_HVM_IOAPIC_H
#define PRISM_MODES_HVM_IOAPIC_H

#include <xen/hvm/save.h>

#include "lib/types.h"

#define IOAPIC_ADDRESS 0xfec00000UL
#define IOAPIC_SIZE 0x100
#define IOAPIC_PINS VIOAPIC_NUM_PINS

enum interrupt_mode {
    INTERRUPT_FIXED, INTERRUPT_LOWEST, INTERRUPT_SMI, INTERRUPT_NMI = 4, INTERRUPT_INIT, INTERRUPT_EXTINT = 7
};

/* An interrupt on its way to local APICs. */
struct interrupt_message {
    u8 vector, mode, destination;   /* mode: enum interrupt_mode or one of the reserved values */
    bool logical, level;
};

struct ioapic {
    struct hvm_hw_vioapic hw;
    u64 lines;               /* levels of the pins now */
    u64 edges;               /* edges that are to be delivered */
};

void vioapic_reset(struct ioapic *io);
u32 vioapic_read(const struct ioapic *io, u32 offset, unsigned int size);
void vioapic_write(struct ioapic *io, u32 offset, unsigned int size, u32 value);

void vioapic_set_lines(struct ioapic *io, u64 lines);
void vioapic_pulse(struct ioapic *io, unsigned int pin);   /* the pin falls and rises */
u64 vioapic_due(const struct ioapic *io);                  /* pins with something to deliver */
struct interrupt_message vioapic_message(const struct ioapic *io, unsigned int pin);
void vioapic_delivered(struct ioapic *io, unsigned int pin, bool accepted);   /* one of those due has been sent */
void vioapic_eoi(struct ioapic *io, u8 vector);
static inline bool vioapic_masked(const struct ioapic *io, unsigned int pin) { return io->hw.redirtbl[pin].fields.mask; }

bool vioapic_load(struct ioapic *io, const struct hvm_hw_vioapic *hw);   /* false: a bad record; nothing is changed */

#endif
