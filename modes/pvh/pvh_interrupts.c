/* SPDX-License-Identifier: MIT */
/* Event channels told to a guest in a container as interrupts: by a vector that a vCPU has chosen, through its local
 * APIC; or by one vector for the whole domain, past the APIC (public headers hvm/params.h, hvm/hvm_op.h). The guest's
 * own RFLAGS.IF masks them; evtchn_upcall_mask means nothing here. */
#include <xen/features.h>

#include "abi/event.h"
#include "dom/sched.h"
#include "modes/pvh/pvh.h"
#include "modes/spectrum_change.h"

static bool upcall_pending(const struct vcpu *v)
{
    return ACCESS_ONCE(v->vcpu_info->evtchn_upcall_pending) && !vcpu_info_is_dummy(v);
}

static u8 callback_pending(const struct vcpu *v)
{
    u8 vector = to_hw_domain(v->domain)->callback_vector;

    return vector && !to_hw_const(v)->upcall_vector && upcall_pending(v) ? vector : 0;
}

static void upcall(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);

    if (hw->upcall_vector)
        lapic_post(&hw->lapic, hw->upcall_vector, false);
    vcpu_kick(v);
}

/* A guest with a PC takes leave of its interrupt controllers. */
static void note_vector(struct domain *d, u8 vector, bool really, const char *what)
{
    char text[40];

    if (!really || !to_hw_domain(d)->pc)
        return;
    snprintf(text, sizeof(text), "%s vector %02x registered", what, vector);
    mode_note(d, COLUMN_INTERRUPTS, text);
}

/* Purpose: HVMOP_set_evtchn_upcall_vector. What is pending already is told again by the new vector. */
static int set_upcall_vector(struct domain *d, u32 id, u8 vector)
{
    struct vcpu *v;

    if (vector < 16)
        return -EINVAL;
    if (id >= d->max_vcpus || (v = d->vcpu[id]) == NULL)
        return -ENOENT;
    to_hw(v)->upcall_vector = vector;
    note_vector(d, vector, id == 0, "upcall");
    smp_mb();
    if (upcall_pending(v))
        upcall(v);
    return 0;
}

/* Interrupts that wait are told of by the new vector. A line leads to interrupt controllers, if the platform has them. */
static int set_callback(struct domain *d, u64 via)
{
    bool by_vector = via >> CALLBACK_TYPE_SHIFT == HVM_PARAM_CALLBACK_TYPE_VECTOR;
    struct vcpu *v;
    int rc;

    if (by_vector && (via & 0xff) < 16)
        return -EINVAL;
    rc = pc_set_callback(d, via);
    if (rc)
        return rc;
    to_hw_domain(d)->callback_vector = by_vector ? (u8)via : 0;
    note_vector(d, (u8)via, by_vector, "callback");
    for_each_vcpu(d, v)
        vcpu_kick(v);
    return 0;
}

const struct interrupt_ops interrupts_pvh = {
    .name = "event channels by vector",
    .answer = ANSWER_PV,
    HW_INTERRUPTS,
    .upcall = upcall,
    .pv_timers = true,
    .features = 1u << XENFEAT_hvm_callback_vector | 1u << XENFEAT_hvm_safe_pvclock,
    .callback = callback_pending,
    .set_callback = set_callback,
    .set_upcall_vector = set_upcall_vector,
};
