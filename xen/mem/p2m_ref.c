/* SPDX-License-Identifier: MIT */
/* What a p2m entry holds of its frames: references, and M2P entries. */
#include "dom/domain.h"
#include "mem/p2m_table.h"

static bool others(enum p2m_type type)
{
    return type >= P2M_GRANT && type <= P2M_FOREIGN_RO;
}

/* A frame of the domain's own RAM is nothing but memory. Another's may be a page table of a PV domain, and Prism's may
 * not be the guest's to write: those are held for writing. LOGDIRTY entries become writable without asking. */
static bool holds_write(mfn_t mfn, enum p2m_type type)
{
    if (others(type))
        return p2m_type_writable(type);
    return mfn_to_frame(mfn)->flags & FRAME_F_XENHEAP && (type == P2M_RAM || type == P2M_LOGDIRTY);
}

static bool hold_one(struct p2m *p2m, mfn_t mfn, enum p2m_type type)
{
    if (others(type) ? !get_frame_any(mfn) : !get_frame(mfn, p2m->domain))
        return false;
    if (!holds_write(mfn, type) || get_frame_writable(mfn))
        return true;
    put_frame(mfn);
    return false;
}

int p2m_hold(struct p2m *p2m, mfn_t mfn, unsigned long n, enum p2m_type type)
{
    if (type == P2M_MMIO) {
        for (unsigned long i = 0; i < n; i++)
            if (mfn_is_ram(mfn + i))
                return -EPERM;
        return 0;
    }
    if (!p2m_type_has_frame(type))
        return 0;
    for (unsigned long i = 0; i < n; i++)
        if (!hold_one(p2m, mfn + i, type)) {
            p2m_drop(p2m, mfn, i, type);
            return -EPERM;
        }
    return 0;
}

void p2m_drop(struct p2m *p2m, mfn_t mfn, unsigned long n, enum p2m_type type)
{
    if (!p2m_type_has_frame(type))
        return;
    for (; n > 0; n--, mfn++) {
        if (holds_write(mfn, type))
            put_frame_writable(mfn);
        put_frame(mfn);
    }
}

void p2m_note(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned long n, enum p2m_type type)
{
    for (unsigned long i = 0; p2m_type_is_ram(type) && i < n; i++)
        m2p_table[mfn + i] = gfn + i;
}

void p2m_forget(struct p2m *p2m, gfn_t gfn, mfn_t mfn, unsigned long n, enum p2m_type type)
{
    for (unsigned long i = 0; p2m_type_is_ram(type) && i < n; i++)
        if (m2p_table[mfn + i] == gfn + i)
            m2p_table[mfn + i] = INVALID_M2P;
}
