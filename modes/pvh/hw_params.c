/* SPDX-License-Identifier: MIT */
/* HVM parameters (public header hvm/params.h): what a domain and who builds it tell each other, and Prism. */
#include <xen/sched.h>

#include "dom/sched.h"
#include "modes/pvh/pvh.h"

/* What a guest may set of its own. */
static bool guest_may_set(u32 index)
{
    switch (index) {
    case HVM_PARAM_CALLBACK_IRQ:
    case HVM_PARAM_VM86_TSS:
    case HVM_PARAM_VM86_TSS_SIZED:
    case HVM_PARAM_ACPI_IOPORTS_LOCATION:
    case HVM_PARAM_VM_GENERATION_ID_ADDR:
    case HVM_PARAM_CONSOLE_EVTCHN:
    case HVM_PARAM_X87_FIP_WIDTH:
        return true;
    }
    return false;
}

static bool guest_may_get(u32 index)
{
    switch (index) {
    case HVM_PARAM_STORE_PFN:
    case HVM_PARAM_STORE_EVTCHN:
    case HVM_PARAM_CONSOLE_PFN:
    case HVM_PARAM_ALTP2M:
    case HVM_PARAM_PAE_ENABLED:
    case HVM_PARAM_TIMER_MODE:
        return true;
    }
    return guest_may_set(index);
}

/* Set once, for good. */
static bool stays(u32 index)
{
    return index == HVM_PARAM_STORE_EVTCHN || index == HVM_PARAM_CONSOLE_EVTCHN || index == HVM_PARAM_ALTP2M ||
           index == HVM_PARAM_VIRIDIAN || index == HVM_PARAM_MCA_CAP;
}

/* Nested containers, Hyper-V's interface, alternate views and machine checks are not offered: only "none" can be
 * asked for. */
static bool value_ok(u32 index, u64 value)
{
    switch (index) {
    case HVM_PARAM_NESTEDHVM:
    case HVM_PARAM_VIRIDIAN:
    case HVM_PARAM_ALTP2M:
    case HVM_PARAM_MCA_CAP:
        return value == 0;
    case HVM_PARAM_TIMER_MODE:
        return value <= 3;
    case HVM_PARAM_TRIPLE_FAULT_REASON:
        return value <= SHUTDOWN_MAX;
    case HVM_PARAM_X87_FIP_WIDTH:
        return value == 0 || value == 4 || value == 8;
    case HVM_PARAM_ACPI_S_STATE:
        return value == 0 || value == 3;
    }
    return true;
}

/* Parameters that do something when they are set. */
static int act_on(struct domain *d, u32 index, u64 value)
{
    struct hw_domain *hw = to_hw_domain(d);

    switch (index) {
    case HVM_PARAM_CALLBACK_IRQ:
        return d->row->interrupts->set_callback(d, value);
    case HVM_PARAM_TIMER_MODE:
    case HVM_PARAM_ACPI_IOPORTS_LOCATION:
    case HVM_PARAM_ACPI_S_STATE:
        return hw->pc ? pc_param(d, index, value) : 0;
    }
    return 0;
}

int hw_set_param(struct domain *d, u32 index, u64 value, bool by_itself)
{
    struct hw_domain *hw = to_hw_domain(d);
    int rc = 0;

    if (index >= HVM_NR_PARAMS)
        return -EINVAL;
    if (by_itself && !guest_may_set(index))
        return -EPERM;
    if (!value_ok(index, value))
        return -EINVAL;
    rc = act_on(d, index, value);
    if (rc)
        return rc;
    if (by_itself && index == HVM_PARAM_CALLBACK_IRQ)
        hw_note_width(current);
    spin_lock(&d->domain_lock);
    if (stays(index) && hw->params[index] && hw->params[index] != value)
        rc = -EEXIST;
    else
        hw->params[index] = value;
    spin_unlock(&d->domain_lock);
    return rc;
}

int hw_get_param(struct domain *d, u32 index, u64 *value, bool by_itself)
{
    if (index >= HVM_NR_PARAMS)
        return -EINVAL;
    if (by_itself && !guest_may_get(index))
        return -EPERM;
    *value = to_hw_domain(d)->params[index];
    return 0;
}
