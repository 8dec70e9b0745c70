/* SPDX-License-Identifier: MIT */
/* Domains running, paused, shut down, crashed. */
#include <xen/sched.h>

#include "abi/event.h"
#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/sched.h"

#define MAX_CONTROLLER_PAUSES 255

void domain_pause_nosync(struct domain *d)
{
    struct vcpu *v;

    atomic_inc(&d->pause_count);
    for_each_vcpu(d, v)
        vcpu_sleep_nosync(v);
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;

    ASSERT(d != current->domain);
    domain_pause_nosync(d);
    for_each_vcpu(d, v)
        vcpu_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;

    if (atomic_dec_and_test(&d->pause_count))
        for_each_vcpu(d, v)
            vcpu_wake(v);
}

int domain_pause_by_controller(struct domain *d)
{
    u32 n = ACCESS_ONCE(d->controller_pause_count), seen;

    for (; ; n = seen) {
        if (n >= MAX_CONTROLLER_PAUSES)
            return -EINVAL;
        seen = cmpxchg(&d->controller_pause_count, n, n + 1);
        if (seen == n)
            break;
    }
    domain_pause(d);
    return 0;
}

int domain_unpause_by_controller(struct domain *d)
{
    u32 n = ACCESS_ONCE(d->controller_pause_count), seen;

    for (; ; n = seen) {
        if (n == 0)
            return -EINVAL;
        seen = cmpxchg(&d->controller_pause_count, n, n - 1);
        if (seen == n)
            break;
    }
    if (n == 1)
        d->is_unpaused_once = true;
    domain_unpause(d);
    return 0;
}

/* ---- Shutdown */

/* The hardware domain has the machine: what it does to itself it does to that. A reboot that was asked for happens even
 * with "noreboot", which is there so that the traces of a crash can be read. */
static noreturn void machine_shutdown(u32 reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        printk("The control domain halted: the machine stops\n");
        machine_halt();
    case SHUTDOWN_crash:
        printk("The control domain crashed\n");
        break;
    case SHUTDOWN_reboot:
        printk("The control domain shut down: the machine restarts\n");
        machine_restart();
    case SHUTDOWN_watchdog:
        printk("The control domain's watchdog fired\n");
        break;
    default:
        printk("The control domain shut down (reason %u)\n", reason);
        break;
    }
    if (options.noreboot) {
        printk("\"noreboot\" is set: the machine stops\n");
        machine_halt();
    }
    machine_restart();
}

/* Purpose: d stops with this reason, and its controller hears of it. No effect while it is shutting down already. Any
 * context in which a run queue lock may be taken; no lock of its own, since crashes come under any. On return a vCPU
 * of d's own that called this is paused, whoever came first: it may be in no state to go on. */
void domain_shutdown(struct domain *d, u32 reason)
{
    struct vcpu *v;

    if (d == hardware_domain)
        machine_shutdown(reason);
    if (xchg(&d->is_shutting_down, true)) {
        while (current->domain == d && !ACCESS_ONCE(d->is_shut_down))
            cpu_relax();
        return;
    }
    (void)cmpxchg(&d->shutdown_code, SHUTDOWN_CODE_NONE, reason);   /* SCHEDOP_shutdown_code may have said more */
    smp_mb();
    for_each_vcpu(d, v)
        vcpu_pause_nosync(v);
    ACCESS_ONCE(d->is_shut_down) = true;
    if (d->shutdown_code == SHUTDOWN_suspend && d->suspend_evtchn)
        (void)evtchn_send(d, d->suspend_evtchn);
    else
        send_global_virq(VIRQ_DOM_EXC);
}

/* Purpose: undoes domain_shutdown (XEN_DOMCTL_resumedomain). d is not current's; interrupts on. */
void domain_resume(struct domain *d)
{
    struct vcpu *v;
    bool was_down;

    domain_pause(d);   /* nothing of it moves while the state changes */
    was_down = d->is_shut_down;
    if (was_down) {
        d->is_shut_down = false;
        d->shutdown_code = SHUTDOWN_CODE_NONE;
        d->suspend_evtchn = 0;
        smp_mb();
        d->is_shutting_down = false;
        for_each_vcpu(d, v)
            vcpu_unpause(v);
    }
    domain_unpause(d);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
    char why[160];
    va_list args;

    if (d->is_shutting_down && d != hardware_domain) {   /* one account of it is enough */
        domain_shutdown(d, SHUTDOWN_crash);
        return;
    }
    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    pr_err("%s crashed: %s\n", d->name_for_log, why);
    if (current->domain == d)
        d->row->privileged->dump(current);
    domain_shutdown(d, SHUTDOWN_crash);
}
