/* SPDX-License-Identifier: MIT */
/* What a PV guest may write into a page-table entry, judged by the entry alone. Pure. AMD64 APM vol. 2, 5.3. */
#ifndef PRISM_MODES_PV_MM_ENTRY_H
#define PRISM_MODES_PV_MM_ENTRY_H

#include "mem/layout.h"

#define PTES_PER_TABLE 512

struct entry_rules {
    u32 phys_bits;   /* width of a machine address on this CPU: bits from here to 51 are reserved */
    bool nx;         /* EFER.NXE is set; else bit 63 is reserved */
};

static inline u64 pte_mfn(u64 entry) { return (entry & PTE_MFN_MASK) >> PAGE_SHIFT; }
static inline bool is_guest_l4_slot(unsigned int slot)
{ return slot < HYPERVISOR_FIRST_SLOT || slot > HYPERVISOR_LAST_SLOT; }
static inline unsigned int pt_index(u64 va, unsigned int level)
{ return (va >> (PAGE_SHIFT + 9 * (level - 1))) & (PTES_PER_TABLE - 1); }

/* The bits that no present entry of a guest's table of level 1-4 may have. */
u64 pv_forbidden_bits(const struct entry_rules *rules, unsigned int level);
/* The entry as it is stored: present ones reach ring 3, where the guest's kernel runs, and are not global, so that a
 * load of CR3 separates kernel and user. Others unchanged. */
static inline u64 pv_entry_adjust(u64 entry)
{ return entry & PTE_P ? (entry | PTE_US) & ~PTE_G : entry; }
unsigned int pv_search_present(const u64 *table, unsigned int from);
unsigned int pv_search_present_below(const u64 *table, unsigned int below);
/* The first index >= from whose entry is present; PTES_PER_TABLE if there is none. Tables are mostly empty, and what is in
 * them stands together. */
static inline unsigned int pv_next_present(const u64 *table, unsigned int from)
{ return from < PTES_PER_TABLE && table[from] & PTE_P ? from : pv_search_present(table, from); }
/* One more than the last index < below whose entry is present; 0 if there is none. */
static inline unsigned int pv_present_below(const u64 *table, unsigned int below)
{ return below && table[below - 1] & PTE_P ? below : pv_search_present_below(table, below); }

#endif
