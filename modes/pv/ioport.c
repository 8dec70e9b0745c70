/* SPDX-License-Identifier: MIT */
/* I/O ports of a PV guest: may it (by its own IOPL and bitmap), and what is there (by what its domain was given). */
#include "cpu/pci.h"
#include "modes/pv/pv.h"

bool pv_port_allowed(struct pv_vcpu *p, u16 port, unsigned int bytes)
{
    u8 bits[2];

    /* Ring 0 of the guest's is level 1 to its IOPL, unless it asked to see the architecture's levels. */
    bool arch = p->vcpu.domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl);
    if (p->iopl >= (u64)(p->kernel_mode ? (arch ? 0 : 1) : 3) << 12)
        return true;
    if ((u32)port + bytes > p->iobmp_limit || pv_copy_from(&bits[0], p->iobmp + (port >> 3), 1))
        return false;
    bits[1] = 0xff;
    if ((port & 7) + bytes > 8 && pv_copy_from(&bits[1], p->iobmp + (port >> 3) + 1, 1))
        return false;
    return !(((bits[0] | bits[1] << 8) >> (port & 7)) & ((1U << bytes) - 1));
}

static u32 hardware_in(u16 port, unsigned int bytes)
{
    return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void hardware_out(u16 port, unsigned int bytes, u32 value)
{
    if (bytes == 1)
        outb(port, (u8)value);
    else if (bytes == 2)
        outw(port, (u16)value);
    else
        outl(port, value);
}

/* Ports that the control domain shares with Prism. The interval timer's channel 2 with its gate is free for it: kernels
 * calibrate their clocks by it. */
static bool own_timer_channel(u16 port, bool write, u8 value)
{
    switch (port) {
    case 0x42: case 0x61: return true;
    case 0x43: return write && ((value >> 6) == 2 || ((value >> 6) == 3 && (value & 0x0e) == 8));
    }
    return false;
}

/* Configuration mechanism #1 (PCI 3.0, 3.2.2.3.2): the address is kept for the domain, since Prism uses the ports
 * too. */
static bool pci_address(const struct pv_domain *d, u16 port, unsigned int bytes, u32 *sbdf, u32 *reg)
{
    if (port < 0xcfc || port + bytes > 0xd00 || !(d->pci_cf8 & 0x80000000))
        return false;
    *sbdf = (d->pci_cf8 >> 8) & 0xffff;
    *reg = (d->pci_cf8 & 0xfc) + (port & 3) + (d->pci_cf8 >> 16 & 0xf00);   /* AMD: extended registers in bits 27:24 */
    return (*reg & (bytes - 1)) == 0;
}

static u32 read_some(struct pv_vcpu *p, u16 port, unsigned int bytes)
{
    struct domain *d = p->vcpu.domain;
    u32 sbdf, reg;

    if (rangeset_contains(&d->io_ports, port, port + bytes - 1))
        return hardware_in(port, bytes);
    if (d == hardware_domain) {
        if (bytes == 1 && own_timer_channel(port, false, 0))
            return inb(port);
        if (port == 0xcf8 && bytes == 4)
            return to_pv_domain(d)->pci_cf8;
        if (pci_address(to_pv_domain(d), port, bytes, &sbdf, &reg))
            return pci_read(sbdf, reg, bytes);
    }
    return ~0U;
}

static void write_some(struct pv_vcpu *p, u16 port, unsigned int bytes, u32 value)
{
    struct domain *d = p->vcpu.domain;
    u32 sbdf, reg;

    if (rangeset_contains(&d->io_ports, port, port + bytes - 1)) {
        hardware_out(port, bytes, value);
    } else if (d == hardware_domain) {
        if (bytes == 1 && own_timer_channel(port, true, (u8)value))
            outb(port, port == 0x61 ? (inb(port) & ~3) | (value & 3) : (u8)value);
        else if (port == 0xcf8 && bytes == 4)
            to_pv_domain(d)->pci_cf8 = value;
        else if (pci_address(to_pv_domain(d), port, bytes, &sbdf, &reg))
            pci_write(sbdf, reg, bytes, value);
    }
}

/* An access that is not all of one kind goes byte by byte, as the bus would split it. */
static bool in_one(struct pv_vcpu *p, u16 port, unsigned int bytes)
{
    struct domain *d = p->vcpu.domain;

    if (bytes == 1 || rangeset_contains(&d->io_ports, port, port + bytes - 1))
        return true;
    return d == hardware_domain && port >= 0xcf8 && port + bytes <= 0xd00 && !(port & (bytes - 1));
}

u32 pv_port_read(struct pv_vcpu *p, u16 port, unsigned int bytes)
{
    u32 v = 0;

    if (in_one(p, port, bytes))
        return read_some(p, port, bytes);
    for (unsigned int i = 0; i < bytes; i++)
        v |= (port + i < 0x10000 ? read_some(p, port + i, 1) & 0xff : 0xff) << 8 * i;
    return v;
}

void pv_port_write(struct pv_vcpu *p, u16 port, unsigned int bytes, u32 value)
{
    if (in_one(p, port, bytes)) {
        write_some(p, port, bytes, value);
        return;
    }
    for (unsigned int i = 0; i < bytes; i++)
        if (port + i < 0x10000)
            write_some(p, port + i, 1, value >> 8 * i & 0xff);
}
