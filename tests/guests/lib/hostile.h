/* SPDX-License-Identifier: MIT */
/* What the tests of hostile kernels do alike in every mode. */
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#include "lib/guest.h"

/* Where the hypervisor may enter a page by a grant: place n, below 4. */
static inline u64 grant_place(unsigned int n)
{
#ifdef GUEST_HW
    return (u64)(EMPTY_GFN + n) << 12;
#else
    return (u64)scratch[4 + n];
#endif
}

static inline long give_back(unsigned long frame)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
    xen_pfn_t list = frame;

    set_xen_guest_handle(r.extent_start, &list);
    return CALL2(memory_op, XENMEM_decrease_reservation, &r);
}

/* A page that control domain and guest share by the builder's hand, and the port beside it. */
static inline volatile void *shared_ring(bool console, u32 *port)
{
#ifdef GUEST_HW
    struct xen_hvm_param frame = { .domid = DOMID_SELF, .index = console ? HVM_PARAM_CONSOLE_PFN : HVM_PARAM_STORE_PFN };
    struct xen_hvm_param event = { .domid = DOMID_SELF,
                                   .index = console ? HVM_PARAM_CONSOLE_EVTCHN : HVM_PARAM_STORE_EVTCHN };

    EXPECT("get_param", CALL2(hvm_op, HVMOP_get_param, &frame), 0);
    EXPECT("get_param", CALL2(hvm_op, HVMOP_get_param, &event), 0);
    *port = (u32)event.value;
    return gfn_to_va((unsigned long)frame.value);
#else
    *port = console ? start_info->console.domU.evtchn : start_info->store_evtchn;
    return page_of_mfn(console ? start_info->console.domU.mfn : start_info->store_mfn);
#endif
}
