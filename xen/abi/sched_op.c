/* SPDX-License-Identifier: MIT */
/* The hypercall sched_op (public header xen/sched.h): yield, block, poll; shutting down; a domain's watchdogs. */
#include <xen/sched.h>

#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "trace/trace.h"

static long shutdown_self(unsigned long arg)
{
    struct sched_shutdown op;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.reason > SHUTDOWN_MAX)
        return -EINVAL;
    trace(TRC_SCHED_SHUTDOWN, current->domain->id, current->id, op.reason);
    domain_shutdown(current->domain, op.reason);
    return 0;
}

/* What the toolstack will read as the reason if the domain shuts down later. */
static long shutdown_code(unsigned long arg)
{
    struct sched_shutdown op;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.reason > SHUTDOWN_MAX)
        return -EINVAL;
    trace(TRC_SCHED_SHUTDOWN_CODE, current->domain->id, current->id, op.reason);
    (void)cmpxchg(&current->domain->shutdown_code, SHUTDOWN_CODE_NONE, op.reason);
    return 0;
}

static long remote_shutdown(unsigned long arg)
{
    struct sched_remote_shutdown op;
    struct domain *d;
    long rc = 0;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.reason > SHUTDOWN_MAX)
        return -EINVAL;
    d = domain_get(op.domain_id);
    if (!d)
        return -ESRCH;
    if (!current->domain->is_privileged)
        rc = -EPERM;        /* its own end is another operation's */
    else
        domain_shutdown(d, op.reason);
    domain_put(d);
    return rc;
}

static long poll(unsigned long arg)
{
    struct sched_poll op;

    return copy_arg_from(&op, arg) ? -EFAULT : vcpu_poll(&op);
}

static long block(void)
{
    current->vcpu_info->evtchn_upcall_mask = 0;   /* before the look for events: one step for the guest */
    vcpu_block_current();
    return 0;
}

static long pin_override(unsigned long arg)
{
    struct sched_pin_override op;

    if (current->domain != hardware_domain)
        return -EPERM;
    return copy_arg_from(&op, arg) ? -EFAULT : vcpu_pin_override(current, op.pcpu);
}

/* ---- Watchdogs */

static void watchdog_expired(void *data)
{
    struct domain *d = data;

    if (d->is_shutting_down || d->dying)
        return;
    printk("%s: its watchdog expired\n", d->name_for_log);
    domain_shutdown(d, SHUTDOWN_watchdog);
}

/* domain_lock held. The new one's number from 1 on, or -ENOSPC. One of no time is over at once. */
static long watchdog_new(struct domain *d, u32 seconds)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++) {
        if (d->watchdogs_used & (1u << i))
            continue;
        if (!d->watchdog[i].fn)
            timer_init(&d->watchdog[i], watchdog_expired, d, smp_processor_id());
        d->watchdogs_used |= (u8)(1u << i);
        timer_set(&d->watchdog[i], system_time() + seconds * NS_PER_SEC);
        return i + 1;
    }
    return -ENOSPC;
}

static long watchdog(unsigned long arg)
{
    struct domain *d = current->domain;
    struct sched_watchdog op;
    long rc = 0;

    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.id > ARRAY_SIZE(d->watchdog))
        return -EINVAL;
    spin_lock(&d->domain_lock);
    if (op.id == 0) {
        rc = watchdog_new(d, op.timeout);
    } else if (!(d->watchdogs_used & (1u << (op.id - 1)))) {
        rc = -EINVAL;
    } else if (op.timeout == 0) {
        timer_stop(&d->watchdog[op.id - 1]);
        d->watchdogs_used &= (u8)~(1u << (op.id - 1));
    } else
        timer_set(&d->watchdog[op.id - 1], system_time() + op.timeout * NS_PER_SEC);
    spin_unlock(&d->domain_lock);
    return rc;
}

long hypercall_sched_op(unsigned long cmd, unsigned long arg, unsigned long a3, unsigned long a4, unsigned long a5,
                        unsigned long a6)
{
    ledger_charge(current, LEDGER_SCHED);
    switch ((int)cmd) {
    case SCHEDOP_block:
        return block();
    case SCHEDOP_yield:
        vcpu_yield_current();
        return 0;
    case SCHEDOP_poll:
        return poll(arg);
    case SCHEDOP_shutdown:
        return shutdown_self(arg);
    case SCHEDOP_shutdown_code:
        return shutdown_code(arg);
    case SCHEDOP_remote_shutdown:
        return remote_shutdown(arg);
    case SCHEDOP_watchdog:
        return watchdog(arg);
    case SCHEDOP_pin_override:
        return pin_override(arg);
    default:
        return -ENOSYS;
    }
}
