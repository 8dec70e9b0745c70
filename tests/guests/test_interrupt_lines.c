/* SPDX-License-Identifier: MIT */
/* What the control domain's kernel says of interrupt lines and PCI functions: a message of a function (the chipset's SATA
 * controller) from its mapping to its end, and written again after the function has lost it; lines and their modes; free
 * numbers; and each with what is not there. */
#include <xen/event_channel.h>
#include <xen/physdev.h>

#include "lib/guest.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define SATA 0xfa                /* device 31, function 2 */
#define NO_FUNCTION 0xf1         /* device 30 has none */
#define HOST_BRIDGE 0            /* has no messages */
#define MSI_CAPABILITY 5
#define MSI_ON 1u
#define MSI_WIDE 0x80u
#define IOAPIC 0xfec00000UL
#define ENTRY(gsi) (0x10 + 2 * (gsi))
#define GSI 21u                  /* no device's in the emulated machine, as long as no driver has it */
#define ACTIVE_LOW (1u << 13)
#define LEVEL (1u << 15)
#define MASKED (1u << 16)
#define NOBODY 0x6ffe

static u32 pci_read(u32 offset)
{
    u32 value;

    asm volatile("outl %0, %w1" :: "a" (1u << 31 | SATA << 8 | offset), "d" (PCI_ADDRESS));
    asm volatile("inl %w1, %0" : "=a" (value) : "d" (PCI_DATA));
    return value;
}

static void pci_write(u32 offset, u32 value)
{
    asm volatile("outl %0, %w1" :: "a" (1u << 31 | SATA << 8 | offset), "d" (PCI_ADDRESS));
    asm volatile("outl %0, %w1" :: "a" (value), "d" (PCI_DATA));
}

#define ASK(name, argument) CALL2(physdev_op, PHYSDEVOP_##name, argument)

/* ---- Messages */

static u32 capability(void)
{
    u32 at = pci_read(0x34) & 0xfc;

    while (at && (pci_read(at) & 0xff) != MSI_CAPABILITY)
        at = pci_read(at) >> 8 & 0xfc;
    return at;
}

static struct physdev_map_pirq map;

static long map_message(int type, int devfn)
{
    map = (struct physdev_map_pirq){ .domid = DOMID_SELF, .type = type, .index = -1, .pirq = -1, .devfn = devfn };
    return ASK(map_pirq, &map);
}

static long unmap(int pirq)
{
    struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

    return ASK(unmap_pirq, &op);
}

static void written_again(u32 at)
{
    u32 address = pci_read(at + 4), data = pci_read(at + (pci_read(at) >> 16 & MSI_WIDE ? 12 : 8));
    struct physdev_restore_msi op = { .devfn = SATA };
    struct physdev_pci_device ext = { .devfn = SATA };

    EXPECT("where the message goes", address >> 20, 0xfee);
    EXPECT("a vector", (data & 0xff) >= 0x20, true);
    for (unsigned int way = 0; way < 2; way++) {
        pci_write(at + 4, 0);
        EXPECT("restore_msi", way ? ASK(restore_msi_ext, &ext) : ASK(restore_msi, &op), 0);
        EXPECT("the address again", pci_read(at + 4), address);
        EXPECT("the data again", pci_read(at + (pci_read(at) >> 16 & MSI_WIDE ? 12 : 8)), data);
    }
    op.devfn = NO_FUNCTION;
    EXPECT("restore_msi of no function", ASK(restore_msi, &op), -XEN_ENODEV);
}

static void message(void)
{
    struct evtchn_bind_pirq bind = { 0 };
    struct evtchn_close close;
    struct physdev_irq_status_query status = { 0 };
    u32 at = capability();
    int pirq;

    EXPECT("a capability", at != 0, true);
    EXPECT("map_pirq", map_message(MAP_PIRQ_TYPE_MSI_SEG, SATA), 0);
    pirq = map.pirq;
    EXPECT("mapping it again", map_message(MAP_PIRQ_TYPE_MSI_SEG, SATA), -XEN_EEXIST);
    bind.pirq = status.irq = (u32)pirq;
    EXPECT("bind_pirq", CALL2(event_channel_op, EVTCHNOP_bind_pirq, &bind), 0);
    EXPECT("its status", ASK(irq_status_query, &status), 0);
    EXPECT("no end to be told", status.flags & XENIRQSTAT_needs_eoi, 0);
    written_again(at);
    EXPECT("unmapping what is bound", unmap(pirq), -XEN_EBUSY);
    close.port = bind.port;
    EXPECT("close", CALL2(event_channel_op, EVTCHNOP_close, &close), 0);
    pci_write(at, pci_read(at) | MSI_ON << 16);      /* as a driver leaves it */
    EXPECT("unmapping", unmap(pirq), 0);
    EXPECT("messages then", pci_read(at) >> 16 & MSI_ON, 0);
    EXPECT("unmapping again", unmap(pirq), -XEN_EINVAL);
    EXPECT("map_pirq once more", map_message(MAP_PIRQ_TYPE_MSI, SATA), 0);
    EXPECT("its number", map.pirq, pirq);
    EXPECT("unmapping", unmap(pirq), 0);
}

static void no_messages(void)
{
    EXPECT("of no function", map_message(MAP_PIRQ_TYPE_MSI_SEG, NO_FUNCTION), -XEN_ENODEV);
    EXPECT("of a function without", map_message(MAP_PIRQ_TYPE_MSI_SEG, HOST_BRIDGE), -XEN_EINVAL);
    EXPECT("of a function that cannot be", map_message(MAP_PIRQ_TYPE_MSI_SEG, 0x100), -XEN_EINVAL);
    EXPECT("of an unknown type", map_message(99, SATA), -XEN_EINVAL);
    map = (struct physdev_map_pirq){ .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MULTI_MSI, .pirq = -1, .devfn = SATA,
                                     .entry_nr = 4 };
    EXPECT("four at once", ASK(map_pirq, &map), -XEN_EOPNOTSUPP);
    map.entry_nr = 33;
    EXPECT("thirty-three at once", ASK(map_pirq, &map), -XEN_EDOM);
    map = (struct physdev_map_pirq){ .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG, .pirq = -1, .devfn = SATA,
                                     .table_base = 0xfe000000 };
    EXPECT("MSI-X of a function without", ASK(map_pirq, &map), -XEN_EINVAL);
    map.domid = NOBODY;
    EXPECT("for nobody", ASK(map_pirq, &map), -XEN_ESRCH);
    EXPECT("unmapping a number that cannot be", unmap(-1), -XEN_EINVAL);
    EXPECT("unmapping a number too large", unmap(1 << 20), -XEN_EINVAL);
}

/* ---- Lines */

static u32 entry_of_line(u32 gsi)
{
    struct physdev_apic op = { .apic_physbase = IOAPIC, .reg = ENTRY(gsi) };

    EXPECT("apic_read", ASK(apic_read, &op), 0);
    return op.value;
}

static long write_line(unsigned long base, u32 reg, u32 value)
{
    struct physdev_apic op = { .apic_physbase = base, .reg = reg, .value = value };

    return ASK(apic_write, &op);
}

static void modes(void)
{
    struct physdev_setup_gsi setup = { .gsi = (int)GSI };
    struct physdev_apic version = { .apic_physbase = IOAPIC, .reg = 1 };

    EXPECT("apic_read", ASK(apic_read, &version), 0);
    EXPECT("lines", version.value >> 16 & 0xff, 23);
    EXPECT("a line by level, low", write_line(IOAPIC, ENTRY(GSI), LEVEL | ACTIVE_LOW), 0);
    EXPECT("its mode", entry_of_line(GSI) & (LEVEL | ACTIVE_LOW | MASKED), LEVEL | ACTIVE_LOW | MASKED);
    EXPECT("a line by edge, high", ASK(setup_gsi, &setup), 0);
    EXPECT("its mode", entry_of_line(GSI) & (LEVEL | ACTIVE_LOW | MASKED), MASKED);
    EXPECT("a masked one", write_line(IOAPIC, ENTRY(GSI), MASKED | LEVEL), 0);
    EXPECT("its mode", entry_of_line(GSI) & LEVEL, 0);
    EXPECT("a destination", write_line(IOAPIC, ENTRY(GSI) + 1, ~0u), 0);
    EXPECT("the identity of the controller", write_line(IOAPIC, 0, 0), -XEN_EPERM);
    EXPECT_ERROR("a line that is none", write_line(IOAPIC, ENTRY(24), 0));
    EXPECT_ERROR("a controller that is none", write_line(IOAPIC + 0x10000, ENTRY(GSI), 0));
    version.apic_physbase += 0x10000;
    EXPECT_ERROR("reading it", ASK(apic_read, &version));
    setup.gsi = 24;
    EXPECT("a line that is none", ASK(setup_gsi, &setup), -XEN_EINVAL);
    setup.gsi = -1;
    EXPECT("a line below all", ASK(setup_gsi, &setup), -XEN_EINVAL);
}

static void numbers(void)
{
    struct physdev_get_free_pirq get = { .type = MAP_PIRQ_TYPE_MSI };
    struct physdev_irq irq = { .irq = 5 };
    struct physdev_irq_status_query status = { .irq = 1u << 20 };
    struct physdev_eoi eoi = { .irq = 1u << 20 };

    EXPECT("a free number for a message", ASK(get_free_pirq, &get), 0);
    EXPECT("no line's", get.pirq >= 24, true);
    get.type = MAP_PIRQ_TYPE_GSI;
    EXPECT("a free number for a line", ASK(get_free_pirq, &get), 0);
    EXPECT("a line's", get.pirq < 24, true);
    get.type = 99;
    EXPECT("of an unknown type", ASK(get_free_pirq, &get), -XEN_EINVAL);
    EXPECT("alloc_irq_vector", ASK(alloc_irq_vector, &irq), 0);
    irq.irq = 1u << 20;
    EXPECT("of no line", ASK(alloc_irq_vector, &irq), -XEN_EINVAL);
    EXPECT_ERROR("the status of no line", ASK(irq_status_query, &status));
    EXPECT_ERROR("the end of no line", ASK(eoi, &eoi));
}

/* ---- Functions that the kernel has found */

static void functions(void)
{
    struct physdev_manage_pci manage = { .devfn = SATA };
    struct physdev_manage_pci_ext ext = { .devfn = SATA };
    struct physdev_pci_device device = { .devfn = SATA };
    struct physdev_dbgp_op port = { .op = PHYSDEVOP_DBGP_RESET_PREPARE, .bus = PHYSDEVOP_DBGP_BUS_PCI };
    struct physdev_pci_mmcfg_reserved room = { .address = 0x1000, .end_bus = 255 };

    EXPECT("manage_pci_add", ASK(manage_pci_add, &manage), 0);
    EXPECT("manage_pci_add_ext", ASK(manage_pci_add_ext, &ext), 0);
    EXPECT("manage_pci_remove", ASK(manage_pci_remove, &manage), 0);
    EXPECT("pci_device_remove", ASK(pci_device_remove, &device), 0);
    EXPECT("prepare_msix", ASK(prepare_msix, &device), 0);
    EXPECT("release_msix", ASK(release_msix, &device), 0);
    device.devfn = NO_FUNCTION;
    EXPECT("prepare_msix of none", ASK(prepare_msix, &device), -XEN_ENODEV);
    device.seg = 7;
    EXPECT("a segment that is none", ASK(pci_device_remove, &device), -XEN_EOPNOTSUPP);
    EXPECT("dbgp_op", ASK(dbgp_op, &port), 0);
    port.op = 99;
    EXPECT("an unknown one", ASK(dbgp_op, &port), -XEN_EINVAL);
    EXPECT("room for functions that is none", ASK(pci_mmcfg_reserved, &room), -XEN_ENODEV);
    EXPECT("from nowhere", ASK(manage_pci_add, 8), -XEN_EFAULT);
    EXPECT("an unknown operation", CALL2(physdev_op, 99, &port), -XEN_ENOSYS);
}

void test_main(void)
{
    struct physdev_set_iopl level = { .iopl = 1 };

    EXPECT("set_iopl", ASK(set_iopl, &level), 0);
    message();
    no_messages();
    modes();
    numbers();
    functions();
}
