/* SPDX-License-Identifier: MIT */
/* An entry of nested page tables: bits, type and frame (AMD64 APM vol. 2, 5.3 and 15.25). Pure.
 *
 * The type is in bits 55:52, which hardware leaves to software. An entry that is not present, but not zero either,
 * keeps a type too. A pointer to a lower table is present, has no type (P2M_NONE), and PSE clear. */
#ifndef PRISM_MEM_P2M_ENTRY_H
#define PRISM_MEM_P2M_ENTRY_H

#include "mem/layout.h"
#include "mem/p2m.h"

typedef u64 p2m_entry_t;

#define P2M_TYPE_SHIFT 52
#define P2M_TYPE_MASK (15UL << P2M_TYPE_SHIFT)
#define P2M_TABLE_FLAGS (PTE_P | PTE_RW | PTE_US | PTE_A)   /* tables do not restrict: leaves do */
#define P2M_LEVELS 4

static inline unsigned int p2m_level_order(unsigned int level) { return 9 * (level - 1); }
static inline unsigned int p2m_index(gfn_t gfn, unsigned int level)
{ return (unsigned int)(gfn >> p2m_level_order(level)) & 511; }

static inline enum p2m_type p2m_entry_type(p2m_entry_t e)
{ return (enum p2m_type)((e & P2M_TYPE_MASK) >> P2M_TYPE_SHIFT); }
static inline mfn_t p2m_entry_mfn(p2m_entry_t e) { return (e & PTE_MFN_MASK) >> PAGE_SHIFT; }
static inline bool p2m_entry_is_table(p2m_entry_t e) { return e & PTE_P && p2m_entry_type(e) == P2M_NONE; }
static inline p2m_entry_t p2m_table_entry(mfn_t table) { return (table << PAGE_SHIFT) | P2M_TABLE_FLAGS; }
/* The gfns that a leaf at `level` makes populate on demand. */
static inline u64 p2m_entry_pod(p2m_entry_t e, unsigned int level)
{ return !(e & PTE_P) && p2m_entry_type(e) == P2M_POD ? 1UL << p2m_level_order(level) : 0; }

/* The leaf of a type at a level (1 to 3) that maps mfn; 0 for P2M_NONE. */
p2m_entry_t p2m_leaf(mfn_t mfn, enum p2m_type type, unsigned int level);
/* Part n (0 to 511) of a leaf at `level` (2 or 3), as a leaf one level lower. */
p2m_entry_t p2m_leaf_part(p2m_entry_t leaf, unsigned int level, unsigned int n);
/* Do the 512 entries of a table at `level` (1 or 2) map one aligned run with one type? Then *leaf is the entry for
 * the level above that does the same. */
bool p2m_table_merges(const p2m_entry_t *table, unsigned int level, p2m_entry_t *leaf);

#endif
