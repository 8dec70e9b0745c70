/* SPDX-License-Identifier: MIT */
/* Prism's own pages that guests may map: they stay Prism's, whatever their owner id says, and are on nobody's list. */
#include "dom/domain.h"
#include "mem/frame.h"

static struct frame *make_shared(void *p, bool writable)
{
    mfn_t mfn = virt_to_mfn(p);
    struct frame *f = mfn_to_frame(mfn);

    f->type = FRAME_TYPE(writable ? FT_WRITABLE : FT_SHARED) | FRAME_VALIDATED | 1;
    f->flags |= FRAME_F_XENHEAP;
    m2p_table[mfn] = INVALID_M2P;
    barrier();
    return f;
}

void frame_share(void *p, struct domain *d, bool writable)
{
    make_shared(p, writable)->owner = d->id;   /* last: now d can get references */
}

void frame_show(void *p, bool writable)
{
    make_shared(p, writable)->flags |= FRAME_F_SHOWN;   /* likewise */
}

void frame_unshare(void *p)
{
    mfn_t mfn = virt_to_mfn(p);

    mfn_to_frame(mfn)->owner = DOMID_XEN;
    m2p_table[mfn] = INVALID_M2P;
    frame_type_put(mfn);
}
