/* SPDX-License-Identifier: MIT */
/* Building the control domain: what the files dom0_*.c share. All of it runs once, at boot, on one CPU. */
#ifndef PRISM_MODES_PV_DOM0_H
#define PRISM_MODES_PV_DOM0_H

#include "boot/boot.h"
#include "boot/kernel.h"
#include "modes/pv/pv.h"

/* pfns [pfn, pfn + count) of the domain are frames [mfn, mfn + count). */
struct dom0_chunk { pfn_t pfn; mfn_t mfn; u64 count; };
#define DOM0_MAX_CHUNKS 2048

struct dom0 {
    struct domain *d;
    const struct boot_module *kernel, *ramdisk;   /* ramdisk may be NULL */
    struct kernel_image image;
    u64 nr_pages;

    /* Memory: chunks by rising pfn; next_pfn: what comes after the last. */
    struct dom0_chunk *chunks; u32 nr_chunks; pfn_t next_pfn;

    /* The initial mapping, pfns from 0 on: kernel, then, each where it has no place of its own, ramdisk and p2m list;
     * start_info, page tables, stack; padding. Behind it the ramdisk, and the p2m list with its tables. */
    u64 initial_pages;
    pfn_t start_info, tables, stack;
    u64 nr_tables;
    pfn_t ramdisk_pfn; u64 ramdisk_pages;
    pfn_t p2m_pfn; u64 p2m_pages, p2m_tables;      /* p2m_tables: behind the list; 0 if it is in the initial mapping */
    bool ramdisk_adopted;                          /* the module's own frames became the domain's */
};

static inline u64 dom0_va(const struct dom0 *b, pfn_t pfn) { return b->image.virt_base + pfn * PAGE_SIZE; }

/* ---- dom0_memory.c. They panic with one line where memory does not suffice. */
mfn_t dom0_mfn(const struct dom0 *b, pfn_t pfn);
void *dom0_page(const struct dom0 *b, pfn_t pfn);               /* in the direct map */
void dom0_decide_memory(struct dom0 *b, u64 free);              /* nr_pages, by options and free frames */
void dom0_layout(struct dom0 *b);
void dom0_alloc_initial(struct dom0 *b);                        /* up to the p2m list */
void dom0_alloc_rest(struct dom0 *b);
void dom0_copy(struct dom0 *b, u64 paddr, const void *src, u64 size);   /* src NULL: zeros */
void dom0_fill_p2m(struct dom0 *b);                             /* and the machine-to-physical table */
u64 dom0_tables_for(u64 va, u64 pages, bool with_l4);           /* page tables that map so many pages at va */

/* ---- dom0_tables.c */
void dom0_build_tables(struct dom0 *b);

/* ---- dom0_permissions.c */
void dom0_permissions(struct domain *d, const struct boot_info *info);

/* ---- dom0_start.c */
void dom0_fill_start_info(struct dom0 *b, const struct boot_info *info);
void dom0_start_vcpu(struct dom0 *b, struct vcpu *v);

#endif
