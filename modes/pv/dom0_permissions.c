/* SPDX-License-Identifier: MIT */
/* What of the machine the control domain may touch: everything that is not memory and that Prism does not drive
 * itself. */
#include "boot/boot.h"
#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "lib/lib.h"
#include "modes/pv/dom0.h"

struct range { unsigned long first, last; };

static void __init deny(struct rangeset *set, unsigned long first, unsigned long last)
{
    if (rangeset_remove(set, first, last))
        panic("Control domain: no memory for its permissions");
}

static void __init deny_page(struct rangeset *frames, maddr_t address)
{
    deny(frames, address >> PAGE_SHIFT, address >> PAGE_SHIFT);
}

static void __init port_permissions(struct domain *d)
{
    static const struct range own[] = {
        { 0x20, 0x21 }, { 0xa0, 0xa1 },       /* interrupt controllers */
        { 0x40, 0x43 }, { 0x61, 0x61 },       /* interval timer; its gate and the speaker */
        { 0x4d0, 0x4d1 },                     /* trigger modes of the interrupt controllers */
        { 0xcf8, 0xcff },                     /* PCI configuration: address and data are one for all, so kept apart */
    };
    for (unsigned int i = 0; i < ARRAY_SIZE(own); i++)
        deny(&d->io_ports, own[i].first, own[i].last);
    if (options.console_com1)
        deny(&d->io_ports, options.com1_base, options.com1_base + 7);
}

static void __init frame_permissions(struct domain *d, const struct boot_info *info)
{
    for (u32 i = 0; i < info->nr_ranges; i++) {
        const struct memory_range *r = &info->ranges[i];
        mfn_t first = (r->start + PAGE_SIZE - 1) >> PAGE_SHIFT, end = (r->start + r->length) >> PAGE_SHIFT;
        /* A page that is memory in part only is not used as memory. */
        if (r->type == MEM_RAM && first < end)
            deny(&d->io_frames, first, end - 1);
    }
    deny(&d->io_frames, 0xfee00, 0xfeeff);    /* local APICs; as a target of writes, interrupt messages */
    if (acpi_info.lapic_address)
        deny_page(&d->io_frames, acpi_info.lapic_address);
    for (unsigned int i = 0; i < acpi_routing.nr_ioapics; i++)
        deny_page(&d->io_frames, acpi_routing.ioapics[i].address);
    /* ACPI code reads the HPET to see whether there is one; Prism's clock runs on it. */
    if (acpi_info.hpet_address && rangeset_add(&d->io_frames_read_only, acpi_info.hpet_address >> PAGE_SHIFT,
                                               acpi_info.hpet_address >> PAGE_SHIFT))
        panic("Control domain: no memory for its permissions");
}

void __init dom0_permissions(struct domain *d, const struct boot_info *info)
{
    unsigned long last_frame = (1UL << (cpu_features.phys_bits - PAGE_SHIFT)) - 1;
    if (rangeset_add(&d->io_ports, 0, 0xffff) || rangeset_add(&d->io_frames, 0, last_frame) ||
        rangeset_add(&d->irqs, 0, NR_IRQS - 1))
        panic("Control domain: no memory for its permissions");
    port_permissions(d);
    frame_permissions(d, info);
}
