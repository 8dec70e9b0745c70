/* SPDX-License-Identifier: MIT */
/* The tables behind a p2m, for mem/p2m*.c alone. p2m->lock is held throughout, but where it says otherwise.
 *
 * Entries are read without the lock too, with interrupts off: each is written and read whole, and a table that was
 * taken out is freed only after every CPU has had interrupts on. */
#ifndef PRISM_MEM_P2M_TABLE_H
#define PRISM_MEM_P2M_TABLE_H

#include "mem/frame.h"
#include "mem/p2m_entry.h"

static inline p2m_entry_t *p2m_table_of(p2m_entry_t e) { return mfn_to_virt(p2m_entry_mfn(e)); }

/* The largest level (1 to 3) of which this machine has leaves. */
unsigned int p2m_max_level(void);
/* A table, zeroed, out of the pool; INVALID_MFN. And back. */
mfn_t p2m_table_alloc(struct p2m *p2m);
void p2m_table_free(struct p2m *p2m, mfn_t table);

/* The entry of gfn as deep as there is one, down to level 1; *level says where. */
p2m_entry_t *p2m_lookup(struct p2m *p2m, gfn_t gfn, unsigned int *level);
/* The same without the lock, interrupts off; *entry: what was read there. */
p2m_entry_t *p2m_read(const struct p2m *p2m, gfn_t gfn, unsigned int *level, p2m_entry_t *entry);
/* Returns when nobody reads tables any more that were unlinked before the call. Interrupts on. */
void p2m_wait_readers(void);
/* The entry of gfn at `level`: tables on the way are made, larger leaves split into them. NULL: no memory. */
p2m_entry_t *p2m_slot(struct p2m *p2m, gfn_t gfn, unsigned int level);
/* Tables that gfn's entries are in become leaves again where they map one run; the tables go after a flush. */
void p2m_merge(struct p2m *p2m, gfn_t gfn);

/* References of the n frames behind a leaf of `type`. -EPERM: not a frame that can be mapped so. */
int p2m_hold(struct p2m *p2m, mfn_t mfn, unsigned long n, enum p2m_type type);
void p2m_drop(struct p2m *p2m, mfn_t mfn, unsigned long n, enum p2m_type type);
/* Notes in the M2P that the domain's own frames are at gfn; and that they are not there any more. */
void p2m_note(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned long n, enum p2m_type type);
void p2m_forget(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned long n, enum p2m_type type);

/* Entries that are not in the tables any more, but may be in TLBs. */
struct p2m_retired {
    unsigned int n;
    struct { p2m_entry_t entry; gfn_t gfn; unsigned int level; } item[32];
};
void p2m_retire(struct p2m *p2m, struct p2m_retired *r, p2m_entry_t entry, gfn_t gfn, unsigned int level);
/* Flushes, then gives up their references and tables. */
void p2m_release(struct p2m *p2m, struct p2m_retired *r);

#endif
