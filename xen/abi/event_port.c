/* SPDX-License-Identifier: MIT */
/* Event channel ports: the table that grows with them, free ones, and a domain's or vCPU's part in it. */
#include "abi/event_port.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/shared_layout.h"
#include "mem/frame.h"

static u32 port_limit(const struct domain *d)
{
    u32 by_abi = d->evtchn_ops == &evtchn_ops_2l ? shared_ports(d) : d->evtchn_ops->max_ports;

    return min(d->max_evtchn_port + 1, by_abi);
}

static int add_bucket(struct domain *d)
{
    struct evtchn *bucket = xzalloc_array(struct evtchn, PORTS_PER_BUCKET);
    u32 first = d->valid_evtchns;

    if (!bucket)
        return -ENOMEM;
    for (u32 i = 0; i < PORTS_PER_BUCKET; i++)
        bucket[i].port = first + i;
    d->evtchn_bucket[first / PORTS_PER_BUCKET] = bucket;
    smp_wmb();
    ACCESS_ONCE(d->valid_evtchns) = first + PORTS_PER_BUCKET;
    return 0;
}

/* The lowest free port. One that the guest has yet to take out of its queue stays free and is passed over. */
static struct evtchn *find_free(struct domain *d, u32 limit)
{
    bool passed_over = false;

    for (u32 port = d->free_evtchn_hint; port < min(limit, d->valid_evtchns); port++) {
        struct evtchn *c = evtchn_port(d, port);

        if (c->state != PORT_FREE)
            continue;
        if (!d->evtchn_ops->is_busy(d, c)) {
            if (!passed_over)
                d->free_evtchn_hint = port + 1;
            return c;
        }
        if (!passed_over)
            d->free_evtchn_hint = port;
        passed_over = true;
    }
    return NULL;
}

int evtchn_alloc(struct domain *d, struct evtchn **out)
{
    u32 limit = port_limit(d);
    struct evtchn *c;
    int rc;

    if (d->dying)
        return -EINVAL;
    c = find_free(d, limit);
    if (!c) {
        if (d->valid_evtchns >= limit)
            return -ENOSPC;
        rc = add_bucket(d);
        if (rc)
            return rc;
        c = find_free(d, limit);
        if (!c)
            return -ENOSPC;
    }
    c->state = PORT_RESERVED;
    c->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    c->deserted = false;
    d->evtchn_ops->clear_pending(d, c);   /* of a late sender to the port's last life */
    d->active_evtchns++;
    *out = c;
    return 0;
}

void evtchn_free(struct domain *d, struct evtchn *c)
{
    c->state = PORT_FREE;
    c->vcpu = 0;
    if (c->consumer)
        d->consumer_evtchns--;
    c->consumer = NULL;
    d->evtchn_ops->clear_pending(d, c);
    d->active_evtchns--;
    d->free_evtchn_hint = min(d->free_evtchn_hint, c->port);
}

bool evtchn_port_valid(const struct domain *d, u32 port)
{
    const struct evtchn *c = evtchn_port(d, port);

    return c && c->port != 0;
}

struct vcpu *evtchn_port_vcpu(const struct domain *d, u32 port)
{
    const struct evtchn *c = evtchn_port(d, port);

    return c && c->state != PORT_FREE ? d->vcpu[c->vcpu] : NULL;
}

bool evtchn_port_pending(struct domain *d, u32 port)
{
    unsigned long flags = irq_save();   /* as a sender: the ops may change */
    const struct evtchn *c = evtchn_port(d, port);
    bool pending = c && d->evtchn_ops->is_pending(d, c);

    irq_restore(flags);
    return pending;
}

static void nothing(void *unused)
{
}

void evtchn_senders_wait(void)
{
    on_cpus(cpu_online_mask & ~(1ULL << smp_processor_id()), nothing, NULL, true);
}

/* Purpose: d without ports, of which it may have up to number max_port. -ENOMEM */
int evtchn_domain_init(struct domain *d, u32 max_port)
{
    struct evtchn *c;
    int rc;

    d->evtchn_ops = &evtchn_ops_2l;
    d->free_evtchn_hint = 0;
    d->max_evtchn_port = min(max_port, (u32)MAX_PORTS - 1);
    d->evtchn_bucket = xzalloc_array(struct evtchn *, DIV_ROUND_UP(d->max_evtchn_port + 1, PORTS_PER_BUCKET));
    if (!d->evtchn_bucket)
        return -ENOMEM;
    spin_lock(&d->event_lock);
    rc = evtchn_alloc(d, &c);   /* port 0 stays reserved: 0 means "none" in many places */
    spin_unlock(&d->event_lock);
    if (rc)
        evtchn_domain_free(d);
    d->active_evtchns = 0;
    return rc;
}

void evtchn_domain_free(struct domain *d)
{
    if (!d->evtchn_bucket)
        return;
    for (u32 port = 0; port < d->valid_evtchns; port += PORTS_PER_BUCKET)
        xfree(d->evtchn_bucket[port / PORTS_PER_BUCKET]);
    d->valid_evtchns = 0;
    xfree(d->evtchn_bucket);
    d->evtchn_bucket = NULL;
}

/* A vCPU needs nothing until its guest asks for queues (evtchn_fifo.c). */
int evtchn_vcpu_init(struct vcpu *v)
{
    return 0;
}

void evtchn_vcpu_free(struct vcpu *v)
{
    xfree(v->fifo);
    v->fifo = NULL;
}

void evtchn_dump(struct domain *d)
{
    static const char *const names[] = { "free", "reserved", "unbound", "interdomain", "pirq", "virq", "ipi" };

    printk("Event channels of %s: %u, %s\n", d->name_for_log, d->active_evtchns,
           d->evtchn_ops == &evtchn_ops_2l ? "two levels" : "queues");
    spin_lock(&d->event_lock);
    for (u32 port = 1; port < d->valid_evtchns; port++) {
        const struct evtchn *c = evtchn_port(d, port);

        if (c->state == PORT_FREE)
            continue;
        printk("  %4u %s vcpu %u pending %u masked %u", port, names[c->state], c->vcpu, d->evtchn_ops->is_pending(d, c),
               d->evtchn_ops->is_masked(d, c));
        if (c->state == PORT_UNBOUND)
            printk(" for d%u\n", c->remote_id);
        else if (c->state == PORT_INTERDOMAIN)
            printk(" to %s port %u\n", c->remote->name_for_log, c->remote_port);
        else if (c->state == PORT_VIRQ || c->state == PORT_PIRQ)
            printk(" number %u\n", c->number);
        else
            printk("\n");
    }
    spin_unlock(&d->event_lock);
}
