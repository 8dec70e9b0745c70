/* SPDX-License-Identifier: MIT */
/* What the MADT and MCFG say beyond struct acpi_info: I/O APICs, interrupt source overrides, configuration space.
 * Filled by acpi_init() on the boot CPU, constant afterwards. */
#ifndef PRISM_CPU_ACPI_H
#define PRISM_CPU_ACPI_H

#include "lib/types.h"

#define MAX_IOAPICS 16
#define MAX_MCFG 8
#define NR_ISA_IRQS 16

struct madt_ioapic { u64 address; u32 gsi_base; u8 id; };
struct isa_route { u32 gsi; bool level, low; };    /* where an ISA interrupt arrives, and how */
struct mcfg_region { u64 address; u16 segment; u8 bus_start, bus_end; };

struct acpi_routing {
    u32 nr_ioapics; struct madt_ioapic ioapics[MAX_IOAPICS];
    struct isa_route isa[NR_ISA_IRQS];             /* ISA defaults with the overrides applied */
    u32 nr_mcfg; struct mcfg_region mcfg[MAX_MCFG];
    bool has_pic;                                  /* PCAT_COMPAT: two 8259s to be masked */
};
extern struct acpi_routing acpi_routing;
extern u8 bios_keyboard_flags;                     /* as INT 16H, AH=2 would answer */

/* The parsers (acpi_parse.c), pure: a whole table with its header, length bytes long and checked for its checksum. */
bool acpi_checksum_ok(const void *table, size_t length);
struct acpi_info;
/* 0, or -EINVAL: the table is too short or an entry runs past its end. */
int acpi_parse_madt(const u8 *table, u32 length, struct acpi_info *info, struct acpi_routing *routing);
int acpi_parse_fadt(const u8 *table, u32 length, struct acpi_info *info);
int acpi_parse_hpet(const u8 *table, u32 length, struct acpi_info *info);
int acpi_parse_mcfg(const u8 *table, u32 length, struct acpi_info *info, struct acpi_routing *routing);

#endif
