/* SPDX-License-Identifier: MIT */
/* The I/O APIC: pins, redirection entries, registers. */
#include "lib/bitops.h"
#include "lib/lib.h"
#include "modes/hvm/ioapic.h"

#define VERSION 0x11u
#define REG_ID 0
#define REG_VERSION 1
#define REG_ARBITRATION 2
#define REG_ENTRIES 0x10
#define OFFSET_SELECT 0
#define OFFSET_WINDOW 0x10

#define ENTRY_READ_ONLY (1UL << 12 | 1UL << 14)   /* delivery status, remote IRR */
#define ENTRY_WRITABLE (0xff00000000000000UL | 0x1afffUL)

typedef union vioapic_redir_entry entry;

void vioapic_reset(struct ioapic *io)
{
    memset(io, 0, sizeof(*io));
    io->hw.base_address = IOAPIC_ADDRESS;
    for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
        io->hw.redirtbl[pin].fields.mask = 1;
}

/* ---- Pins */

static void edge(struct ioapic *io, unsigned int pin)
{
    const entry *e = &io->hw.redirtbl[pin];

    if (!e->fields.trig_mode && !e->fields.mask)   /* an edge that meets a mask is lost */
        io->edges |= 1UL << pin;
}

void vioapic_set_lines(struct ioapic *io, u64 lines)
{
    u64 rising = lines & ~io->lines;

    io->lines = lines & ((1UL << IOAPIC_PINS) - 1);
    for (; rising; rising &= rising - 1)
        edge(io, (unsigned int)__builtin_ctzl(rising));
}

void vioapic_pulse(struct ioapic *io, unsigned int pin)
{
    edge(io, pin);
}

u64 vioapic_due(const struct ioapic *io)
{
    u64 due = io->edges;

    for (u64 lines = io->lines & ~due; lines; lines &= lines - 1) {
        unsigned int pin = (unsigned int)__builtin_ctzl(lines);
        const entry *e = &io->hw.redirtbl[pin];
        if (e->fields.trig_mode && !e->fields.mask && !e->fields.remote_irr)
            due |= 1UL << pin;
    }
    return due;
}

struct interrupt_message vioapic_message(const struct ioapic *io, unsigned int pin)
{
    const entry *e = &io->hw.redirtbl[pin];

    return (struct interrupt_message){ .vector = e->fields.vector, .mode = e->fields.delivery_mode,
                                       .destination = e->fields.dest_id, .logical = e->fields.dest_mode,
                                       .level = e->fields.trig_mode };
}

/* Only fixed and lowest-priority interrupts end with an EOI. One that nobody took is tried again when anything changes. */
void vioapic_delivered(struct ioapic *io, unsigned int pin, bool accepted)
{
    entry *e = &io->hw.redirtbl[pin];

    io->edges &= ~(1UL << pin);
    if (e->fields.trig_mode && accepted && e->fields.delivery_mode <= INTERRUPT_LOWEST)
        e->fields.remote_irr = 1;
}

void vioapic_eoi(struct ioapic *io, u8 vector)
{
    for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++) {
        entry *e = &io->hw.redirtbl[pin];
        if (e->fields.trig_mode && e->fields.vector == vector)
            e->fields.remote_irr = 0;
    }
}

/* ---- Registers */

static u32 read_window(const struct ioapic *io)
{
    u32 n = io->hw.ioregsel, pin = (n - REG_ENTRIES) / 2;

    switch (n) {
    case REG_ID:
    case REG_ARBITRATION: return (io->hw.id & 15) << 24;
    case REG_VERSION: return VERSION | (IOAPIC_PINS - 1) << 16;
    }
    if (n < REG_ENTRIES || pin >= IOAPIC_PINS)
        return 0;
    return (u32)(io->hw.redirtbl[pin].bits >> 32 * (n & 1));
}

u32 vioapic_read(const struct ioapic *io, u32 offset, unsigned int size)
{
    if (offset == OFFSET_SELECT)
        return io->hw.ioregsel;
    return offset == OFFSET_WINDOW && size == 4 ? read_window(io) : 0;
}

/* An entry that becomes edge-triggered is no longer in anybody's service. */
static void write_entry(struct ioapic *io, unsigned int pin, unsigned int half, u32 value)
{
    entry *e = &io->hw.redirtbl[pin];
    u64 mask = 0xffffffffUL << 32 * half & ENTRY_WRITABLE;

    e->bits = (e->bits & (ENTRY_WRITABLE | ENTRY_READ_ONLY) & ~mask) | ((u64)value << 32 * half & mask);
    if (!e->fields.trig_mode)
        e->fields.remote_irr = 0;
    if (e->fields.trig_mode || e->fields.mask)
        io->edges &= ~(1UL << pin);
}

void vioapic_write(struct ioapic *io, u32 offset, unsigned int size, u32 value)
{
    u32 n = io->hw.ioregsel, pin = (n - REG_ENTRIES) / 2;

    if (offset == OFFSET_SELECT)
        io->hw.ioregsel = value & 0xff;
    if (offset != OFFSET_WINDOW || size != 4)
        return;
    if (n == REG_ID)
        io->hw.id = value >> 24 & 15;
    else if (n >= REG_ENTRIES && pin < IOAPIC_PINS)
        write_entry(io, pin, n & 1, value);
}

bool vioapic_load(struct ioapic *io, const struct hvm_hw_vioapic *hw)
{
    if (hw->base_address != IOAPIC_ADDRESS || hw->ioregsel > 0xff || hw->id > 15)
        return false;
    for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
        if (hw->redirtbl[pin].bits & ~(ENTRY_WRITABLE | ENTRY_READ_ONLY) ||
            (hw->redirtbl[pin].fields.remote_irr && !hw->redirtbl[pin].fields.trig_mode))
            return false;
    io->hw = *hw;
    for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
        io->hw.redirtbl[pin].fields.delivery_status = 0;
    io->edges = 0;
    return true;
}
