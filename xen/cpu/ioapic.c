/* SPDX-License-Identifier: MIT */
/* I/O APICs (82093AA data sheet; ACPI 6.4, 5.2.12.3): one line per pin, in the order of global system interrupts. */
#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define REG_VERSION 1
#define REG_RTE_LOW(pin) (0x10 + 2 * (pin))
#define REG_RTE_HIGH(pin) (0x11 + 2 * (pin))
#define RTE_LOW_ACTIVE (1u << 13)
#define RTE_LEVEL (1u << 15)
#define RTE_MASKED (1u << 16)

static struct ioapic {
    volatile u32 *registers;     /* [0]: index, [4]: data */
    u64 address;
    u32 gsi_base, pins;
} ioapics[MAX_IOAPICS];
static unsigned int nr_ioapics, nr_gsis;
static struct spinlock ioapic_lock = SPINLOCK_INIT(RANK_IOAPIC);   /* guards the index registers and pin_low */
static u32 pin_low[NR_GSI];      /* what each pin's low word holds: a read costs as much as a write */

static u32 read_register(struct ioapic *io, u32 reg)
{
    io->registers[0] = reg;
    return io->registers[4];
}

static void write_register(struct ioapic *io, u32 reg, u32 value)
{
    io->registers[0] = reg;
    io->registers[4] = value;
}

static struct ioapic *ioapic_of(unsigned int gsi)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].pins)
            return &ioapics[i];
    return NULL;
}

/* Changes bits of a pin's low word. desc->lock held. */
static void change_low(struct irq_desc *desc, u32 clear, u32 set)
{
    struct ioapic *io = ioapic_of(desc->irq);
    unsigned long flags = spin_lock_irqsave(&ioapic_lock);
    u32 value = (pin_low[desc->irq] & ~clear) | set;

    if (value != pin_low[desc->irq]) {
        pin_low[desc->irq] = value;
        write_register(io, REG_RTE_LOW(desc->irq - io->gsi_base), value);
    }
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

static void ioapic_mask(struct irq_desc *desc) { change_low(desc, 0, RTE_MASKED); }
static void ioapic_unmask(struct irq_desc *desc) { change_low(desc, RTE_MASKED, 0); }

static void ioapic_set_target(struct irq_desc *desc, unsigned int cpu)
{
    struct ioapic *io = ioapic_of(desc->irq);
    u32 pin = desc->irq - io->gsi_base;
    unsigned long flags = spin_lock_irqsave(&ioapic_lock);

    /* Fixed delivery, physical destination. Masked in between, so that no interrupt leaves with half of each. */
    write_register(io, REG_RTE_LOW(pin), pin_low[desc->irq] | RTE_MASKED);
    write_register(io, REG_RTE_HIGH(pin), cpus[cpu].apic_id << 24);
    pin_low[desc->irq] = (pin_low[desc->irq] & ~0xffu) | desc->vector;
    write_register(io, REG_RTE_LOW(pin), pin_low[desc->irq]);
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

static const struct irq_chip ioapic_chip = {
    .name = "I/O APIC", .mask = ioapic_mask, .unmask = ioapic_unmask, .set_target = ioapic_set_target,
};

unsigned int ioapic_nr_gsis(void) { return nr_gsis; }

int ioapic_setup_gsi(unsigned int gsi, bool level, bool low)
{
    struct irq_desc *desc = irq_to_desc(gsi);
    enum irq_flow flow = level ? IRQ_FLOW_LEVEL : IRQ_FLOW_EDGE;
    unsigned long flags;
    int rc = 0;

    if (gsi >= NR_GSI || !ioapic_of(gsi))
        return -EINVAL;
    flags = spin_lock_irqsave(&desc->lock);
    if (desc->handler && (desc->flow != flow || desc->level_low != low)) {
        rc = -EBUSY;
    } else {
        desc->chip = &ioapic_chip;
        desc->flow = flow;
        desc->level_low = low;
        change_low(desc, RTE_LEVEL | RTE_LOW_ACTIVE, (level ? RTE_LEVEL : 0) | (low ? RTE_LOW_ACTIVE : 0));
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

/* Purpose: register `reg` of the I/O APIC at machine address `address`, as the control domain asks. -EINVAL: there is
 * none, or it has no such register. */
int ioapic_read(u64 address, u32 reg, u32 *value)
{
    for (unsigned int i = 0; i < nr_ioapics; i++) {
        struct ioapic *io = &ioapics[i];
        unsigned long flags;

        if (io->address != address)
            continue;
        if (reg > 2 && (reg < 0x10 || reg >= REG_RTE_LOW(io->pins)))
            return -EINVAL;
        flags = spin_lock_irqsave(&ioapic_lock);
        *value = read_register(io, reg);
        spin_unlock_irqrestore(&ioapic_lock, flags);
        return 0;
    }
    return -EINVAL;
}

int ioapic_pin_gsi(u64 address, u32 pin)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (ioapics[i].address == address && pin < ioapics[i].pins)
            return (int)(ioapics[i].gsi_base + pin);
    return -EINVAL;
}

/* Both 8259s to vectors that nothing else uses, in case of a spurious one, and masked. */
static __init void mask_legacy_pics(void)
{
    outb(0xa1, 0xff);
    outb(0x21, 0xff);
    outb(0x20, 0x11); outb(0x21, 0x20); outb(0x21, 4); outb(0x21, 1);
    outb(0xa0, 0x11); outb(0xa1, 0x28); outb(0xa1, 2); outb(0xa1, 1);
    outb(0xa1, 0xff);
    outb(0x21, 0xff);
}

static __init void add_ioapic(const struct madt_ioapic *entry)
{
    struct ioapic *io = &ioapics[nr_ioapics];

    io->registers = ioremap(entry->address, 0x20, MAP_UC);
    if (!io->registers)
        panic("I/O APIC: no address space to map it");
    io->address = entry->address;
    io->gsi_base = entry->gsi_base;
    io->pins = ((read_register(io, REG_VERSION) >> 16) & 0xff) + 1;
    if (io->gsi_base >= NR_GSI || io->pins > NR_GSI - io->gsi_base) {
        pr_warn("I/O APIC at %#lx: GSIs from %u on are beyond %u, ignored\n", (unsigned long)io->address,
                io->gsi_base, NR_GSI);
        return;
    }
    for (u32 pin = 0; pin < io->pins; pin++) {
        pin_low[io->gsi_base + pin] = RTE_MASKED;
        write_register(io, REG_RTE_LOW(pin), RTE_MASKED);
    }
    nr_gsis = max(nr_gsis, io->gsi_base + io->pins);
    nr_ioapics++;
    printk("I/O APIC at %#lx: GSIs %u to %u\n", (unsigned long)io->address, io->gsi_base, io->gsi_base + io->pins - 1);
}

__init void ioapic_init(void)
{
    irq_init();
    if (acpi_routing.has_pic)
        mask_legacy_pics();
    for (unsigned int i = 0; i < acpi_routing.nr_ioapics; i++)
        add_ioapic(&acpi_routing.ioapics[i]);
    if (!nr_ioapics)
        panic("I/O APIC: none is usable");
    /* PCI's are level and active low. -EINVAL where there is a gap. */
    for (unsigned int gsi = 0; gsi < nr_gsis; gsi++)
        ioapic_setup_gsi(gsi, gsi >= NR_ISA_IRQS, gsi >= NR_ISA_IRQS);
    for (unsigned int i = 0; i < NR_ISA_IRQS; i++)
        ioapic_setup_gsi(acpi_routing.isa[i].gsi, acpi_routing.isa[i].level, acpi_routing.isa[i].low);
}
