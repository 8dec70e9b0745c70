/* SPDX-License-Identifier: MIT */
/* The contents of ACPI tables (ACPI 6.4, chapter 5). Pure: bytes in, struct acpi_info and acpi_routing out. */
#include "cpu/acpi.h"
#include "cpu/cpu.h"
#include "lib/lib.h"

#define HEADER 36u

struct madt_cpu madt_cpus[NR_CPUS];
unsigned int nr_madt_cpus;

/* Tables are packed and unaligned: fields are read by offset. */
static u16 get16(const u8 *p) { u16 v; memcpy(&v, p, 2); return v; }
static u32 get32(const u8 *p) { u32 v; memcpy(&v, p, 4); return v; }
static u64 get64(const u8 *p) { u64 v; memcpy(&v, p, 8); return v; }

/* Purpose: do the bytes of a table add up to zero (5.2.6)? */
bool acpi_checksum_ok(const void *table, size_t length)
{
    const u8 *p = table;
    u8 sum = 0;

    while (length--)
        sum += *p++;
    return sum == 0;
}

static void add_cpu(u32 apic_id, u32 acpi_id, u32 flags)
{
    if (!(flags & 1))   /* not usable now: 5.2.12.2 */
        return;
    for (unsigned int i = 0; i < nr_madt_cpus; i++)
        if (madt_cpus[i].apic_id == apic_id)
            return;     /* listed once as APIC and once as x2APIC */
    if (nr_madt_cpus == NR_CPUS) {
        pr_warn("ACPI: CPU with APIC id %u ignored: Prism is built for %u CPUs\n", apic_id, NR_CPUS);
        return;
    }
    madt_cpus[nr_madt_cpus++] = (struct madt_cpu){ .apic_id = apic_id, .acpi_id = acpi_id, .enabled = true };
}

static void add_override(const u8 *p, struct acpi_routing *routing)
{
    u8 bus = p[2], source = p[3];
    u16 flags = get16(p + 8);

    if (bus != 0 || source >= NR_ISA_IRQS) {
        pr_warn("ACPI: interrupt override for bus %u interrupt %u ignored\n", bus, source);
        return;
    }
    /* Polarity and trigger: 0 conforms to ISA, which is active high and edge (5.2.12.5). */
    routing->isa[source] = (struct isa_route){
        .gsi = get32(p + 4), .low = (flags & 3) == 3, .level = ((flags >> 2) & 3) == 3 };
}

static int madt_entry(const u8 *p, u8 length, struct acpi_info *info, struct acpi_routing *routing)
{
    static const u8 minimum[] = { [0] = 8, [1] = 12, [2] = 10, [5] = 12, [9] = 16 };

    if (p[0] < ARRAY_SIZE(minimum) && length < minimum[p[0]])
        return -EINVAL;
    switch (p[0]) {
    case 0:
        if (p[3] != 0xff)
            add_cpu(p[3], p[2], get32(p + 4));
        break;
    case 1:
        if (routing->nr_ioapics == MAX_IOAPICS) {
            pr_warn("ACPI: I/O APIC %u ignored: there are more than %u\n", p[2], MAX_IOAPICS);
            break;
        }
        routing->ioapics[routing->nr_ioapics++] =
            (struct madt_ioapic){ .id = p[2], .address = get32(p + 4), .gsi_base = get32(p + 8) };
        break;
    case 2:
        add_override(p, routing);
        break;
    case 5:
        info->lapic_address = (u32)get64(p + 4);
        break;
    case 9:
        add_cpu(get32(p + 4), get32(p + 12), get32(p + 8));
        break;
    }
    return 0;
}

int acpi_parse_madt(const u8 *table, u32 length, struct acpi_info *info, struct acpi_routing *routing)
{
    u32 at = HEADER + 8;

    if (length < at)
        return -EINVAL;
    info->lapic_address = get32(table + HEADER);
    routing->has_pic = get32(table + HEADER + 4) & 1;
    for (unsigned int i = 0; i < NR_ISA_IRQS; i++)
        routing->isa[i] = (struct isa_route){ .gsi = i };
    while (at < length) {
        if (length - at < 2 || table[at + 1] < 2 || table[at + 1] > length - at)
            return -EINVAL;
        if (madt_entry(table + at, table[at + 1], info, routing))
            return -EINVAL;
        at += table[at + 1];
    }
    return 0;
}

/* A register block's port: the extended (GAS) form where the table has it and it is in I/O space (5.2.9), else the old
 * one. */
static u32 fadt_port(const u8 *table, u32 length, u32 old, u32 extended)
{
    if (length >= extended + 12 && table[extended] == 1 && get64(table + extended + 4))
        return (u32)get64(table + extended + 4) & 0xffff;
    return get32(table + old) & 0xffff;
}

int acpi_parse_fadt(const u8 *table, u32 length, struct acpi_info *info)
{
    u32 flags;

    if (length < 116)   /* ACPI 1.0 ends after the flags */
        return -EINVAL;
    flags = get32(table + 112);
    info->dsdt = length >= 148 && get64(table + 140) ? get64(table + 140) : get32(table + 40);
    info->sci_irq = get16(table + 46);
    info->boot_flags = get16(table + 109);
    info->pm1a_evt = fadt_port(table, length, 56, 148);
    info->pm1b_evt = fadt_port(table, length, 60, 160);
    info->pm1a_cnt = fadt_port(table, length, 64, 172);
    info->pm1b_cnt = fadt_port(table, length, 68, 184);
    info->pm_timer_port = table[91] == 4 ? fadt_port(table, length, 76, 208) : 0;
    info->pm_timer_32bit = flags & (1 << 8);
    if (length >= 129 && (flags & (1 << 10))) {
        info->reset.space = table[116];
        info->reset.width = table[117];
        info->reset.address = get64(table + 120);
        info->reset.value = table[128];
        info->reset.valid = info->reset.address != 0;
    }
    return 0;
}

int acpi_parse_hpet(const u8 *table, u32 length, struct acpi_info *info)
{
    if (length < 56)
        return -EINVAL;
    if (table[40] == 0)   /* in memory space */
        info->hpet_address = get64(table + 44);
    return 0;
}

int acpi_parse_mcfg(const u8 *table, u32 length, struct acpi_info *info, struct acpi_routing *routing)
{
    if (length < HEADER + 8)
        return -EINVAL;
    for (u32 at = HEADER + 8; length - at >= 16 && routing->nr_mcfg < MAX_MCFG; at += 16) {
        struct mcfg_region r = { .address = get64(table + at), .segment = get16(table + at + 8),
                                 .bus_start = table[at + 10], .bus_end = table[at + 11] };

        if (!r.address || r.bus_start > r.bus_end)
            continue;
        if (!routing->nr_mcfg) {
            info->mcfg_address = r.address;
            info->mcfg_segment = r.segment;
            info->mcfg_bus_start = r.bus_start;
            info->mcfg_bus_end = r.bus_end;
        }
        routing->mcfg[routing->nr_mcfg++] = r;
    }
    return 0;
}
