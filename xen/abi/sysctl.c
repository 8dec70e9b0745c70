/* SPDX-License-Identifier: MIT */
/* sysctl: the control domain asks about the machine (public header xen/sysctl.h). Dispatch, and what is neither
 * hardware nor CPU features: the console ring, debug keys, the list of domains. */
#include "abi/control.h"
#include "abi/event.h"
#include "abi/hypercall.h"
#include "cpu/hotplug.h"
#include "dom/guest_access.h"
#include "dom/sched.h"
#include "lib/console.h"

struct spinlock control_lock = SPINLOCK_INIT(RANK_DOMCTL);

static long do_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    bool incremental = r->incremental;
    u32 index = r->index, done = 0;
    char chunk[256];
    while (done < r->count) {
        size_t n = console_ring_read(chunk, min(r->count - done, (u32)sizeof(chunk)), &index, incremental, false);
        if (n == 0)
            break;
        if (copy_to_guest_offset(r->buffer, done, chunk, n))
            return -EFAULT;
        incremental = true;
        done += (u32)n;
    }
    if (r->clear)
        console_ring_read(chunk, 0, &index, true, true);
    r->index = index;
    r->count = done;
    return 0;
}

static long do_debug_keys(struct xen_sysctl *op)
{
    for (u32 i = 0; i < op->u.debug_keys.nr_keys; i++) {
        char key;
        if (copy_from_guest_offset(&key, op->u.debug_keys.keys, i, 1))
            return -EFAULT;
        debug_key(key);
    }
    return 0;
}

/* The living domain with the smallest id from `first` on, with a reference; NULL. */
static struct domain *next_domain(u32 first)
{
    struct domain *d, *found = NULL;
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        if (d->id >= first && domain_ref(d)) {
            found = d;
            break;
        }
    spin_unlock(&domlist_lock);
    return found;
}

static long do_getdomaininfolist(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    struct domain *d;
    u32 n = 0, first = list->first_domain;
    for (; n < list->max_domains && (d = next_domain(first)) != NULL; n++) {
        first = d->id + 1u;
        domain_info_fill(d, &info);
        domain_put(d);
        if (copy_to_guest_offset(list->buffer, n, &info, 1))
            return -EFAULT;
    }
    list->num_domains = n;
    return 0;
}

static long do_sched_id(struct xen_sysctl *op)
{
    op->u.sched_id.sched_id = scheduler->id;
    return 0;
}

long control_cpu(u32 cpu, bool online)
{
    int rc = online ? cpu_back_online(cpu) : cpu_offline(cpu);

    if (rc == 0)
        send_global_virq(VIRQ_PCPU_STATE);
    return rc;
}

static long do_cpu_hotplug(struct xen_sysctl *op)
{
    switch (op->u.cpu_hotplug.op) {
    case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
        return control_cpu(op->u.cpu_hotplug.cpu, true);
    case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
        return control_cpu(op->u.cpu_hotplug.cpu, false);
    }
    return -EOPNOTSUPP;    /* all siblings at once */
}

static long not_here(struct xen_sysctl *op) { return -EOPNOTSUPP; }
static long no_device(struct xen_sysctl *op) { return -ENODEV; }

static const struct sysctl_handler handlers[] = {
    { XEN_SYSCTL_readconsole, BACK_SUCCESS, do_readconsole },
    { XEN_SYSCTL_debug_keys, BACK_NEVER, do_debug_keys },
    { XEN_SYSCTL_getdomaininfolist, BACK_SUCCESS, do_getdomaininfolist },
    { XEN_SYSCTL_sched_id, BACK_SUCCESS, do_sched_id },
    { XEN_SYSCTL_cpu_hotplug, BACK_NEVER, do_cpu_hotplug },
    { XEN_SYSCTL_page_offline_op, BACK_NEVER, not_here },
    { XEN_SYSCTL_coverage_op, BACK_NEVER, not_here },
    { XEN_SYSCTL_get_pmstat, BACK_NEVER, no_device },     /* power states are the firmware's affair */
    { XEN_SYSCTL_pm_op, BACK_NEVER, no_device },
    { XEN_SYSCTL_psr_cmt_op, BACK_NEVER, no_device },
    { XEN_SYSCTL_psr_alloc, BACK_NEVER, no_device },
    { }
};

static const struct sysctl_handler *find(u32 cmd)
{
    static const struct sysctl_handler *const tables[] = {
        handlers, sysctl_machine_handlers, sysctl_cpu_handlers, sysctl_trace_handlers,
    };
    for (unsigned int i = 0; i < ARRAY_SIZE(tables); i++)
        for (const struct sysctl_handler *h = tables[i]; h->fn; h++)
            if (h->cmd == cmd)
                return h;
    return NULL;
}

/* Purpose: one sysctl. -EPERM: not the control domain; -EFAULT; -EACCES: made for another version of the interface;
 * -ENOSYS: no such command (lock profiling and live patching are not in this build). */
long hypercall_sysctl(unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,
                      unsigned long a6)
{
    struct xen_sysctl op;
    if (!current->domain->is_privileged)
        return -EPERM;
    if (copy_arg_from(&op, arg))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    const struct sysctl_handler *h = find(op.cmd);
    if (!h)
        return -ENOSYS;
    if (!spin_trylock(&control_lock))
        return hypercall_continue(__HYPERVISOR_sysctl, 1, arg);
    long rc = h->fn(&op);
    spin_unlock(&control_lock);
    if (rc == -ERESTART)
        return hypercall_continue(__HYPERVISOR_sysctl, 1, arg);
    if (h->back != BACK_NEVER && (rc >= 0 || h->back == BACK_ALWAYS) && copy_arg_to(arg, &op))
        return -EFAULT;
    return rc;
}
