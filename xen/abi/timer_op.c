/* SPDX-License-Identifier: MIT */
/* The hypercall set_timer_op: current's single-shot timer in its oldest form, 0 stops it. */
#include "abi/hypercall.h"

long hypercall_set_timer_op(unsigned long timeout, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                            unsigned long a6)
{
    ledger_charge(current, LEDGER_TIMER);
    if (!current->domain->row->interrupts->pv_timers)
        return -ENOSYS;
    if (timeout)
        return vcpu_set_singleshot(current, timeout, false);
    vcpu_stop_singleshot(current);
    return 0;
}
