/* SPDX-License-Identifier: MIT */
/* Where a vCPU's struct vcpu_info is: in shared_info for the first ones, in memory of the guest's own choice once it
 * has registered that (public header xen/vcpu.h, VCPUOP_register_vcpu_info). */
#include "abi/event.h"
#include "dom/sched.h"
#include "dom/shared_layout.h"
#include "mem/frame.h"

/* For vCPUs beyond those in shared_info until they register their own: masked for ever, never looked at. */
static vcpu_info_t dummy_vcpu_info = { .evtchn_upcall_mask = 1 };

bool vcpu_info_is_dummy(const struct vcpu *v)
{
    return v->vcpu_info == &dummy_vcpu_info;
}

static vcpu_info_t *first_vcpu_info(const struct vcpu *v)
{
    return v->id < XEN_LEGACY_MAX_VCPUS ? &v->domain->shared_info->vcpu_info[v->id] : &dummy_vcpu_info;
}

void vcpu_info_init(struct vcpu *v)
{
    v->vcpu_info = first_vcpu_info(v);
    v->vcpu_info_mfn = INVALID_MFN;
    v->vcpu_info->evtchn_upcall_mask = 1;
}

/* A sender may have found the old place and written there after it was copied: once all senders that could have are
 * done, everything counts as pending, and the guest looks for itself. */
static void move_to(struct vcpu *v, vcpu_info_t *to)
{
    ACCESS_ONCE(v->vcpu_info) = to;
    evtchn_senders_wait();
    shared_select_all(v->domain, to);
    vcpu_mark_events_pending(v);
}

/* Purpose: v's vcpu_info moves to `offset` bytes into frame gfn, with its contents. domain_lock held, interrupts on;
 * v is current or down (else -EINVAL). -EINVAL: a second time; not within one page or not on a multiple of the guest's
 * word (events set whole words of it atomically); not ordinary writable memory of the domain. */
int vcpu_map_info(struct vcpu *v, gfn_t gfn, u32 offset)
{
    vcpu_info_t *to;
    mfn_t mfn;

    if (offset > PAGE_SIZE - sizeof(vcpu_info_t) || offset % (v->domain->narrow ? 4 : 8) || v->vcpu_info_mfn != INVALID_MFN)
        return -EINVAL;
    if (v != current && !test_bit(VPF_DOWN, &v->pause_flags))
        return -EINVAL;
    mfn = v->domain->row->privileged->get_gfn(v->domain, gfn);
    if (mfn == INVALID_MFN)
        return -EINVAL;
    if (!get_frame_writable(mfn)) {
        put_frame(mfn);
        return -EINVAL;
    }
    to = (vcpu_info_t *)((char *)mfn_to_virt(mfn) + offset);
    if (vcpu_info_is_dummy(v)) {
        memset(to, 0, sizeof(*to));
        to->evtchn_upcall_mask = 1;
    } else
        memcpy(to, v->vcpu_info, sizeof(*to));
    v->vcpu_info_mfn = mfn;
    move_to(v, to);
    return 0;
}

/* Interrupts on; v is not running, or a reset of it is under way. */
void vcpu_unmap_info(struct vcpu *v)
{
    mfn_t mfn = v->vcpu_info_mfn;

    if (mfn == INVALID_MFN)
        return;
    ACCESS_ONCE(v->vcpu_info) = first_vcpu_info(v);
    v->vcpu_info_mfn = INVALID_MFN;
    evtchn_senders_wait();
    put_frame_and_write(mfn);
}
