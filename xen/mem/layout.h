/* SPDX-License-Identifier: MIT */
/* The virtual addresses that are Prism's: slots 256 to 271 of every level-4 table (public header arch-x86/xen-x86_64.h,
 * HYPERVISOR_VIRT_START to END). docs/memory-map.md explains it.
 *
 *   slot 256       ffff800000000000  machine-to-physical table, read-only, readable from ring 3
 *   slot 260       ffff820000000000  this domain's: 32 pages a vCPU, 16 of GDT and 16 of LDT (its own level-3 table)
 *   slot 261       ffff82c000000000  vmap: MMIO, stacks, other mappings page by page, 64 GiB
 *                  ffff82d040000000  Prism's image: text (RX), rodata (R), data (RW)
 *   slots 262-269  ffff830000000000  direct map of machine memory, up to 4 TiB, RW and NX
 */
#ifndef PRISM_MEM_LAYOUT_H
#define PRISM_MEM_LAYOUT_H

#define HYPERVISOR_START 0xffff800000000000
#define HYPERVISOR_END 0xffff880000000000
#define M2P_START 0xffff800000000000
#define PERDOMAIN_START 0xffff820000000000
#define PERDOMAIN_VCPU_PAGES 32
#define PERDOMAIN_MAX_VCPUS 1024
#define VMAP_START 0xffff82c000000000
#define VMAP_END 0xffff82d000000000
#define IMAGE_START 0xffff82d040000000
#define DIRECTMAP_START 0xffff830000000000
#define DIRECTMAP_SIZE (4UL << 40)
#define HYPERVISOR_FIRST_SLOT 256
#define HYPERVISOR_LAST_SLOT 271
#define PERDOMAIN_SLOT 260
#define IMAGE_LOAD_ADDRESS 0x200000   /* machine address, 2 MiB aligned */

#define PTE_P (1UL << 0)
#define PTE_RW (1UL << 1)
#define PTE_US (1UL << 2)
#define PTE_PWT (1UL << 3)
#define PTE_PCD (1UL << 4)
#define PTE_A (1UL << 5)
#define PTE_D (1UL << 6)
#define PTE_PSE (1UL << 7)    /* levels 2 and 3: a large page; level 1: PAT */
#define PTE_PAT (1UL << 7)
#define PTE_G (1UL << 8)
#define PTE_AVAIL (7UL << 9)
#define PTE_NX (1UL << 63)
#define PTE_MFN_MASK 0x000ffffffffff000UL
#define PTE_CACHE_MASK (PTE_PWT | PTE_PCD | PTE_PAT)

#endif
