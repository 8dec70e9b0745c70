/* SPDX-License-Identifier: MIT */
/* domctl: a domain as a whole: its name, clocks, and what its frames are used as. */
#include "abi/control.h"
#include "abi/event.h"
#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "mem/frame.h"

static long do_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
    spin_lock(&d->domain_lock);
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    spin_unlock(&d->domain_lock);
    return 0;
}

static long do_setdebugging(struct domain *d, struct xen_domctl *op)
{
    if (d == current->domain)
        return -EINVAL;
    domain_pause(d);
    d->debugger_attached = op->u.setdebugging.enable != 0;
    domain_unpause(d);
    return 0;
}

static long do_settimeoffset(struct domain *d, struct xen_domctl *op)
{
    d->time_offset_seconds = op->u.settimeoffset.time_offset_seconds;
    update_domain_wallclock(d);
    return 0;
}

/* The TSC is the machine's in every mode; emulating it is not offered. */
enum { TSC_MODE_DEFAULT, TSC_MODE_ALWAYS_EMULATE, TSC_MODE_NEVER_EMULATE };

static long do_settscinfo(struct domain *d, struct xen_domctl *op)
{
    u32 mode = op->u.tsc_info.tsc_mode;
    if (d == current->domain)
        return -EINVAL;
    if (mode == TSC_MODE_ALWAYS_EMULATE)
        return -EOPNOTSUPP;
    if (mode != TSC_MODE_DEFAULT && mode != TSC_MODE_NEVER_EMULATE)
        return -EINVAL;
    d->tsc_mode = mode;
    return 0;
}

static long do_gettscinfo(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_tsc_info *q = &op->u.tsc_info;
    *q = (struct xen_domctl_tsc_info){ .tsc_mode = d->tsc_mode, .gtsc_khz = tsc_khz() };
    return 0;
}

static long do_set_address_size(struct domain *d, struct xen_domctl *op)
{
    switch (op->u.address_size.size) {
    case 64: return 0;
    case 32: return -EOPNOTSUPP;
    }
    return -EINVAL;
}

static long do_get_address_size(struct domain *d, struct xen_domctl *op)
{
    op->u.address_size.size = 64;
    return 0;
}

static long do_set_virq_handler(struct domain *d, struct xen_domctl *op)
{
    return set_global_virq_handler(d, op->u.set_virq_handler.virq);
}

static long do_subscribe(struct domain *d, struct xen_domctl *op)
{
    u32 port = op->u.subscribe.port;
    if (port && !evtchn_port_valid(d, port))
        return -EINVAL;
    d->suspend_evtchn = port;
    return 0;
}

/* ---- Frames, for whoever saves the domain */

static u64 frame_use(struct domain *d, mfn_t mfn)
{
    static const u32 use[] = {
        [FT_L1] = XEN_DOMCTL_PFINFO_L1TAB, [FT_L2] = XEN_DOMCTL_PFINFO_L2TAB, [FT_L3] = XEN_DOMCTL_PFINFO_L3TAB,
        [FT_L4] = XEN_DOMCTL_PFINFO_L4TAB,
    };
    if (!get_frame(mfn, d))
        return XEN_DOMCTL_PFINFO_XTAB;
    u64 type = mfn_to_frame(mfn)->type;
    enum frame_type t = frame_type_of(type);
    put_frame(mfn);
    return (t < ARRAY_SIZE(use) ? use[t] : XEN_DOMCTL_PFINFO_NOTAB) |
           (type & FRAME_PINNED ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
}

static long do_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getpageframeinfo3 *q = &op->u.getpageframeinfo3;
    if (d == current->domain)
        return -EINVAL;
    if (d->row->privileged->external_guest_tables)
        return -EOPNOTSUPP;
    if (q->num > 1024)
        return -E2BIG;
    for (u64 i = 0; i < q->num; i++) {
        xen_pfn_t word;
        if (copy_from_guest_offset(&word, q->array, i, 1))
            return -EFAULT;
        word = frame_use(d, word);
        if (copy_to_guest_offset(q->array, i, &word, 1))
            return -EFAULT;
    }
    return 0;
}

const struct domctl_handler domctl_state_handlers[] = {
    { XEN_DOMCTL_setdomainhandle, BACK_NEVER, do_setdomainhandle },
    { XEN_DOMCTL_setdebugging, BACK_NEVER, do_setdebugging },
    { XEN_DOMCTL_settimeoffset, BACK_NEVER, do_settimeoffset },
    { XEN_DOMCTL_settscinfo, BACK_NEVER, do_settscinfo },
    { XEN_DOMCTL_gettscinfo, BACK_SUCCESS, do_gettscinfo },
    { XEN_DOMCTL_set_address_size, BACK_NEVER, do_set_address_size },
    { XEN_DOMCTL_get_address_size, BACK_SUCCESS, do_get_address_size },
    { XEN_DOMCTL_set_virq_handler, BACK_NEVER, do_set_virq_handler },
    { XEN_DOMCTL_subscribe, BACK_NEVER, do_subscribe },
    { XEN_DOMCTL_getpageframeinfo3, BACK_NEVER, do_getpageframeinfo3 },
    { }
};
