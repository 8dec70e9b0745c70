/* SPDX-License-Identifier: MIT */
/* Finding the ACPI tables: RSDP, RSDT or XSDT, each table mapped once and kept. The tables lie in reserved memory that
 * the direct map does not cover. */
#include "cpu/acpi.h"

#include "boot/boot.h"
#include "cpu/cpu.h"
#include "lib/lib.h"
#include "mem/frame.h"

#define TABLE_HEADER 36u
#define TABLE_MAX (16u << 20)
#define MAX_TABLES 64

struct acpi_info acpi_info;
struct acpi_routing acpi_routing;
u8 bios_keyboard_flags;

static struct { const u8 *p; u32 length; u64 address; } tables[MAX_TABLES];
static unsigned int nr_tables;

/* Looks for a valid RSDP on 16-byte boundaries of [start, start + length) (5.2.5.1). Its address, or 0. */
static __init u64 scan_for_rsdp(u64 start, u32 length)
{
    const u8 *p = ioremap(start, length, MAP_WB);
    u64 found = 0;

    if (!p)
        return 0;
    for (u32 i = 0; i + 20 <= length && !found; i += 16)
        if (!memcmp(p + i, "RSD PTR ", 8) && acpi_checksum_ok(p + i, 20))
            found = start + i;
    iounmap((void *)p, length);
    return found;
}

/* The BIOS data area: the segment of its extension at 0x40e, the keyboard's shift state at 0x417. */
static __init u64 read_bios_data(void)
{
    u8 *bda = ioremap(0x400, 256, MAP_WB);
    u16 segment;

    if (!bda)
        return 0;
    memcpy(&segment, bda + 0x0e, sizeof(segment));
    bios_keyboard_flags = bda[0x17];
    iounmap(bda, 256);
    return (u64)segment << 4;
}

static __init u64 find_rsdp(void)
{
    u64 ebda = read_bios_data(), found = 0;

    if (boot_info.rsdp)
        return boot_info.rsdp;
    if (ebda >= 0x400 && ebda < 0xa0000)
        found = scan_for_rsdp(ebda, min(1024u, (u32)(0xa0000 - ebda)));
    return found ? found : scan_for_rsdp(0xe0000, 0x20000);
}

/* Maps the table at address, whole and with a right checksum, and keeps it; NULL with a warning if it is bad. */
static __init const u8 *keep_table(u64 address, u32 *length)
{
    u8 *p = ioremap(address, TABLE_HEADER, MAP_WB);

    if (!p)
        return NULL;
    memcpy(length, p + 4, sizeof(*length));
    iounmap(p, TABLE_HEADER);
    if (*length < TABLE_HEADER || *length > TABLE_MAX) {
        pr_warn("ACPI: table at %#lx has a length of %u\n", (unsigned long)address, *length);
        return NULL;
    }
    p = ioremap(address, *length, MAP_WB);
    if (!p)
        return NULL;
    if (!acpi_checksum_ok(p, *length)) {
        pr_warn("ACPI: table %.4s at %#lx has a wrong checksum\n", (const char *)p, (unsigned long)address);
        iounmap(p, *length);
        return NULL;
    }
    printk("ACPI: %.4s %#lx, %u bytes\n", (const char *)p, (unsigned long)address, *length);
    if (nr_tables < MAX_TABLES) {
        tables[nr_tables].p = p;
        tables[nr_tables].length = *length;
        tables[nr_tables++].address = address;
    }
    return p;
}

static __init void read_root(u64 rsdp_address)
{
    u32 length, table_length, width = 4, rsdt;
    u64 root, entry;
    u8 *rsdp = ioremap(rsdp_address, 36, MAP_WB);
    const u8 *table;

    if (!rsdp || memcmp(rsdp, "RSD PTR ", 8) || !acpi_checksum_ok(rsdp, 20))
        panic("No usable ACPI: the RSDP at %#lx is bad", (unsigned long)rsdp_address);
    memcpy(&rsdt, rsdp + 16, 4);
    root = rsdt;
    if (rsdp[15] >= 2 && acpi_checksum_ok(rsdp, 36)) {
        memcpy(&entry, rsdp + 24, 8);
        if (entry) {
            root = entry;
            width = 8;
        }
    }
    iounmap(rsdp, 36);
    table = root ? keep_table(root, &length) : NULL;
    if (!table || memcmp(table, width == 8 ? "XSDT" : "RSDT", 4))
        panic("No usable ACPI: the %s at %#lx is bad", width == 8 ? "XSDT" : "RSDT", (unsigned long)root);
    for (u32 at = TABLE_HEADER; length - at >= width; at += width) {
        entry = 0;
        memcpy(&entry, table + at, width);
        if (entry)
            keep_table(entry, &table_length);
    }
}

static __init const u8 *table_of(const char signature[4], u32 *length, u64 *address)
{
    for (unsigned int i = 0; i < nr_tables; i++)
        if (!memcmp(tables[i].p, signature, 4)) {
            *length = tables[i].length;
            *address = tables[i].address;
            return tables[i].p;
        }
    return NULL;
}

void *acpi_find_table(const char signature[4], unsigned int instance)
{
    for (unsigned int i = 0; i < nr_tables; i++)
        if (!memcmp(tables[i].p, signature, 4) && instance-- == 0)
            return (void *)tables[i].p;
    return NULL;
}

/* Purpose: reads what Prism needs of ACPI into acpi_info, acpi_routing and madt_cpus. Boot CPU, once, after
 * mem_init(). Panics in one line where the machine cannot be used without what is missing. */
__init void acpi_init(void)
{
    const u8 *table;
    u32 length;
    u64 address;

    acpi_info.rsdp = find_rsdp();
    if (!acpi_info.rsdp)
        panic("No ACPI: no RSDP found, and Prism needs the MADT and FADT");
    read_root(acpi_info.rsdp);

    table = table_of("APIC", &length, &acpi_info.madt);
    if (!table)
        panic("No usable ACPI: there is no MADT (table APIC)");
    if (acpi_parse_madt(table, length, &acpi_info, &acpi_routing))
        panic("No usable ACPI: the MADT has an entry that runs past its end");
    if (!nr_madt_cpus)
        panic("No usable ACPI: the MADT names no CPU");
    if (!acpi_routing.nr_ioapics)
        panic("No usable ACPI: the MADT names no I/O APIC");

    table = table_of("FACP", &length, &acpi_info.fadt);
    if (!table)
        panic("No usable ACPI: there is no FADT (table FACP)");
    if (acpi_parse_fadt(table, length, &acpi_info))
        panic("No usable ACPI: the FADT is %u bytes short", 116 - length);

    table = table_of("HPET", &length, &address);
    if (table && acpi_parse_hpet(table, length, &acpi_info))
        pr_warn("ACPI: the HPET table is too short, ignored\n");
    table = table_of("MCFG", &length, &address);
    if (table && acpi_parse_mcfg(table, length, &acpi_info, &acpi_routing))
        pr_warn("ACPI: the MCFG table is too short, ignored\n");
}
