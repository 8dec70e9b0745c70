/* SPDX-License-Identifier: MIT */
/* PCI configuration space: by ports 0xcf8 and 0xcfc (PCI 3.0, 3.2.2.3.2), and by the MCFG's memory for what they
 * cannot reach. */
#include "cpu/pci.h"

#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define PCI_STATUS 0x06
#define PCI_HEADER_TYPE 0x0e
#define PCI_CAPABILITIES 0x34
#define STATUS_CAPABILITIES (1 << 4)
#define BUS_SPAN (1u << 20)      /* bytes of configuration space a bus */

static struct spinlock port_lock = SPINLOCK_INIT(RANK_IOAPIC);   /* the address port and what follows it */
static void *volatile bus_map[MAX_MCFG][256];                    /* mapped at first use and kept; by cmpxchg */

/* The mapped configuration space of the function's bus, or NULL. */
static volatile u8 *mcfg_of(u32 sbdf)
{
    u32 segment = sbdf >> 16, bus = (sbdf >> 8) & 0xff;

    for (unsigned int i = 0; i < acpi_routing.nr_mcfg; i++) {
        const struct mcfg_region *r = &acpi_routing.mcfg[i];
        void *map;

        if (segment != r->segment || bus < r->bus_start || bus > r->bus_end)
            continue;
        if (!bus_map[i][bus]) {
            map = ioremap(r->address + (u64)(bus - r->bus_start) * BUS_SPAN, BUS_SPAN, MAP_UC);
            if (map && cmpxchg(&bus_map[i][bus], NULL, map) != NULL)
                iounmap(map, BUS_SPAN);
        }
        return bus_map[i][bus] ? (volatile u8 *)bus_map[i][bus] + ((sbdf & 0xff) << 12) : NULL;
    }
    return NULL;
}

static bool by_ports(u32 sbdf, u32 reg) { return sbdf < 0x10000 && reg < 256; }
static bool access_ok(u32 reg, u32 size)
{ return (size == 1 || size == 2 || size == 4) && reg < 4096 && (reg & (size - 1)) == 0; }

static void select(u32 sbdf, u32 reg) { outl(0xcf8, 1u << 31 | sbdf << 8 | (reg & 0xfc)); }

u32 pci_read(u32 sbdf, u32 reg, u32 size)
{
    u32 ones = size == 4 ? ~0u : (1u << (8 * size)) - 1, value = ones;
    volatile u8 *p;

    if (!access_ok(reg, size))
        return ones;
    if (by_ports(sbdf, reg)) {
        unsigned long flags = spin_lock_irqsave(&port_lock);
        u16 port = (u16)(0xcfc + (reg & 3));

        select(sbdf, reg);
        value = size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
        spin_unlock_irqrestore(&port_lock, flags);
        return value;
    }
    p = mcfg_of(sbdf);
    if (!p)
        return ones;
    return size == 1 ? p[reg] : size == 2 ? *(volatile u16 *)(p + reg) : *(volatile u32 *)(p + reg);
}

void pci_write(u32 sbdf, u32 reg, u32 size, u32 value)
{
    volatile u8 *p;

    if (!access_ok(reg, size))
        return;
    if (by_ports(sbdf, reg)) {
        unsigned long flags = spin_lock_irqsave(&port_lock);
        u16 port = (u16)(0xcfc + (reg & 3));

        select(sbdf, reg);
        if (size == 1)
            outb(port, (u8)value);
        else if (size == 2)
            outw(port, (u16)value);
        else
            outl(port, value);
        spin_unlock_irqrestore(&port_lock, flags);
        return;
    }
    p = mcfg_of(sbdf);
    if (!p)
        return;
    if (size == 1)
        p[reg] = (u8)value;
    else if (size == 2)
        *(volatile u16 *)(p + reg) = (u16)value;
    else
        *(volatile u32 *)(p + reg) = value;
}

bool pci_function_exists(u32 sbdf)
{
    u32 vendor = pci_read(sbdf, 0, 2);

    return vendor != 0xffff && vendor != 0;
}

u32 pci_find_capability(u32 sbdf, u8 id)
{
    u32 at, limit = 48;   /* as many as fit: a chain that goes in a circle ends */

    if (!(pci_read(sbdf, PCI_STATUS, 2) & STATUS_CAPABILITIES) || (pci_read(sbdf, PCI_HEADER_TYPE, 1) & 0x7f) > 1)
        return 0;
    for (at = pci_read(sbdf, PCI_CAPABILITIES, 1) & ~3u; at >= 0x40 && limit--; at = pci_read(sbdf, at + 1, 1) & ~3u)
        if (pci_read(sbdf, at, 1) == id)
            return at;
    return 0;
}

bool pci_segment_exists(u16 segment)
{
    for (unsigned int i = 0; i < acpi_routing.nr_mcfg; i++)
        if (acpi_routing.mcfg[i].segment == segment)
            return true;
    return segment == 0;
}

bool pci_mcfg_known(u64 address, u16 segment, u8 start_bus, u8 end_bus)
{
    for (unsigned int i = 0; i < acpi_routing.nr_mcfg; i++) {
        const struct mcfg_region *r = &acpi_routing.mcfg[i];

        if (r->address == address && r->segment == segment && r->bus_start <= start_bus && r->bus_end >= end_bus)
            return true;
    }
    return false;
}
