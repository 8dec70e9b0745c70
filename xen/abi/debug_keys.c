/* SPDX-License-Identifier: MIT */
/* Debug keys that show the state of domains (`xl debug-keys`, or typed after Ctrl-A three times). */
#include "abi/debug_keys.h"

#include "abi/event.h"
#include "abi/grant.h"
#include "dom/sched.h"
#include "lib/console.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "mem/p2m.h"

static void each_domain(void (*fn)(struct domain *d))
{
    struct domain *d;

    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        fn(d);
    spin_unlock(&domlist_lock);
}

static void show_domain(struct domain *d)
{
    struct vcpu *v;

    printk("%s: %s, %u references, %lu of %lu frames, pause %u%s%s\n", d->name_for_log, d->row->name, d->refs, d->tot_pages,
           d->max_pages, d->pause_count, d->dying ? ", dying" : "", d->is_shut_down ? ", shut down" : "");
    if (d->p2m)
        p2m_dump(d->p2m);
    for_each_vcpu(d, v)
        printk("  v%u on CPU %u: flags %lx, pause %u%s, upcall pending %u mask %u\n", v->id, v->processor, v->pause_flags,
               v->pause_count, v->is_running ? ", running" : "", v->vcpu_info->evtchn_upcall_pending,
               v->vcpu_info->evtchn_upcall_mask);
}

static void key_domains(char key)
{
    each_domain(show_domain);
}

static void key_events(char key)
{
    each_domain(evtchn_dump);
}

static void key_grants(char key)
{
    each_domain(grant_dump);
}

static void show_ledger(struct domain *d)
{
    ledger_dump(d);
}

static void key_ledger(char key)
{
    each_domain(show_ledger);
}

static void key_scheduler(char key)
{
    sched_dump();
}

static void key_memory(char key)
{
    u64 own, objects, domains = 0;
    struct domain *d;

    printk("Memory: %lu of %lu frames free, %lu of them not scrubbed, %lu Prism's own\n", heap_free_frames(),
           heap_total_frames(), heap_scrub_pending(), mem_own_frames());
    own = heap_total_frames() - heap_free_frames();
    objects = xmalloc_dump();
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        domains += d->tot_pages;
    spin_unlock(&domlist_lock);
    printk("Frames in use: %lu of domains, %lu of small objects, %ld others\n", domains, objects,
           (long)(own - domains - objects));
}

/* What a fault of Prism's own looks like, and that the machine ends as configured. */
static void key_crash(char key)
{
    pr_err("Debug key '%c': Prism stops itself\n", key);
    BUG();
}

void debug_keys_init(void)
{
    debug_key_register('C', key_crash, "crash Prism: registers, stack, call trace, then as on any fault of its own");
    debug_key_register('e', key_events, "event channels of all domains");
    debug_key_register('g', key_grants, "grant tables of all domains");
    debug_key_register('l', key_ledger, "ledgers of all domains");
    debug_key_register('m', key_memory, "memory");
    debug_key_register('q', key_domains, "domains and their vCPUs");
    debug_key_register('r', key_scheduler, "run queues");
}
