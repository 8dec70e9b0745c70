/* SPDX-License-Identifier: MIT */
/* Interrupt lines of the emulated PC as its firmware's tables describe them: ISA lines lead to the PIC and to the I/O
 * APIC's first 16 pins, line 0 to pin 2. PCI INTx leads to one of pins 16 to 47, and by one of four links to an ISA line.
 * A line is up while anyone holds it up; nothing is counted, all is worked out from the sources. */
#include "lib/lib.h"
#include "modes/hvm/board.h"

#define CASCADE 2

static void isa_line(struct board_lines *l, unsigned int irq)
{
    if (irq == CASCADE)
        return;
    l->irqs |= (u16)(1u << irq);
    l->pins |= 1UL << isa_pin(irq);
}

/* source: device * 4 + INTx */
static void pci_line(const struct board *b, struct board_lines *l, unsigned int source)
{
    unsigned int device = source / 4, intx = source % 4;
    unsigned int gsi = 16 + (((device << 2) + (device >> 3) + intx) & 31);
    u8 irq = b->link.route[(device + intx) & 3];

    l->pins |= 1UL << gsi;
    if (irq)
        isa_line(l, irq);
}

/* A GSI is a pin; one that an ISA line leads to is that line's too. */
static void callback_line(const struct board *b, struct board_lines *l)
{
    unsigned int line = b->callback & 0xff;

    if (!b->callback_up || b->callback == CALLBACK_NONE)
        return;
    if (b->callback >> 8 == 2) {
        pci_line(b, l, line);
        return;
    }
    l->pins |= 1UL << line;
    if (line < 16 && line != CASCADE)
        l->irqs |= (u16)(1u << line);
}

static void hpet_lines(const struct board *b, struct board_lines *l)
{
    unsigned int pin;

    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++) {
        enum hpet_route route = hpet_route(&b->hpet, i, &pin);
        if (!hpet_level(&b->hpet, i) || route == HPET_NOWHERE)
            continue;
        if (route == HPET_LEGACY)
            isa_line(l, i == 0 ? 0 : RTC_IRQ);
        else
            l->pins |= 1UL << pin;
    }
}

struct board_lines board_lines(struct board *b, stime_t now)
{
    struct board_lines l = { 0 };
    u64 pci[2] = { b->pci.pad[0], b->pci.pad[1] };

    for (u32 lines = b->isa; lines; lines &= lines - 1)
        isa_line(&l, (unsigned int)__builtin_ctz(lines));
    for (unsigned int i = 0; i < 2; i++)
        for (u64 lines = pci[i]; lines; lines &= lines - 1)
            pci_line(b, &l, i * 64 + (unsigned int)__builtin_ctzl(lines));
    /* A wave's edges are ticks (board.c), told of one by one; its level would tell of them again. */
    if (!hpet_legacy(&b->hpet) && (pit_period(&b->pit) || pit_output(&b->pit, 0, now)))
        isa_line(&l, 0);
    if (!hpet_legacy(&b->hpet) && rtc_line(&b->rtc))
        isa_line(&l, RTC_IRQ);
    if (pm_line(&b->pm))
        isa_line(&l, PM_IRQ);
    hpet_lines(b, &l);
    callback_line(b, &l);
    return l;
}
