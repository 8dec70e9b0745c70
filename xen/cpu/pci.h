/* SPDX-License-Identifier: MIT */
/* PCI configuration space, MSI and MSI-X. A function is named by its sbdf: segment << 16 | bus << 8 | device << 3 |
 * function. */
#ifndef PRISM_CPU_PCI_H
#define PRISM_CPU_PCI_H

#include "lib/types.h"

static inline u32 pci_sbdf(u32 segment, u32 bus, u32 devfn) { return segment << 16 | bus << 8 | devfn; }

/* size 1, 2, 4; reg aligned to it and below 4096 (256 without MCFG). What is not there reads as all ones, and writes
 * to it are lost. Interrupts on, no lock from RANK_VMAP on held. */
u32 pci_read(u32 sbdf, u32 reg, u32 size);
void pci_write(u32 sbdf, u32 reg, u32 size, u32 value);
bool pci_function_exists(u32 sbdf);
u32 pci_find_capability(u32 sbdf, u8 id);         /* its offset; 0: none */
bool pci_segment_exists(u16 segment);
/* Is [start_bus, end_bus] of segment in the MCFG region that begins at address? */
bool pci_mcfg_known(u64 address, u16 segment, u8 start_bus, u8 end_bus);

/* Makes the function's MSI (entry 0) or MSI-X entry `entry` arrive at interrupt line irq, from irq_alloc_msi(); masked
 * as far as the device can until the line is requested. table_base: machine address of the MSI-X table's BAR, used
 * where the function has no such BAR of its own (virtual functions). -ENODEV: no such function. -EINVAL: no such
 * capability or entry. -EEXIST: it has a line. -ENOMEM -ENOSPC. Interrupts on. */
int msi_setup(u32 irq, u32 sbdf, bool msix, u32 entry, u64 table_base);
/* Undoes it: the entry is masked, an MSI is disabled. irq has no handler. */
void msi_teardown(u32 irq);
/* Writes again what msi_setup wrote, after the function was reset. -ENODEV: no such function. */
int msi_restore(u32 sbdf);

#endif
