/* SPDX-License-Identifier: MIT */
/* Memory before there is a heap: which RAM exists and which of it is in use. Boot CPU only, no lock. */
#ifndef PRISM_MEM_BOOT_MEMORY_H
#define PRISM_MEM_BOOT_MEMORY_H

#include "boot/boot.h"

struct span { maddr_t start, end; };   /* [start, end), on page boundaries */

extern struct span boot_ram[BOOT_MAX_RANGES];   /* sorted, disjoint; whole pages only */
extern u32 nr_boot_ram;

void boot_memory_init(const struct boot_info *info);
/* Marks [start, end), rounded outwards, as in use. */
void boot_memory_use(maddr_t start, maddr_t end);
/* The highest unused piece of RAM below limit, size bytes on a boundary of align (a power of two, >= PAGE_SIZE), marked as
 * in use. Contents unknown. Panics if there is none. */
maddr_t boot_memory_take(u64 size, u64 align, maddr_t limit);
/* Calls fn for each piece of RAM that is not in use. */
void boot_memory_each_free(void (*fn)(maddr_t start, maddr_t end));
u64 boot_ram_bytes(void);

/* directmap.c: maps all of boot_ram at DIRECTMAP_START; returns the number of frames its tables take. */
u64 directmap_build(const struct boot_info *info);
/* The read-only alias of the M2P at M2P_START, frames [m2p, m2p + size). Likewise. */
u64 directmap_m2p(maddr_t m2p, u64 size);

#endif
