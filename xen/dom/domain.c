/* SPDX-License-Identifier: MIT */
/* Domains: how they are made, found, counted and destroyed. */
#include "abi/event.h"
#include "abi/grant.h"
#include "abi/memory.h"
#include "dom/account.h"
#include "dom/sched.h"
#include "mem/frame.h"
#include "trace/trace.h"

struct list domain_list = LIST_INIT(domain_list);
struct spinlock domlist_lock = SPINLOCK_INIT(RANK_DOMLIST);
struct domain *hardware_domain;
struct domain idle_domain;

static domid_t last_id;                     /* domlist_lock */
static domid_t leaving_id = DOMID_INVALID;   /* domlist_lock: of a domain out of the list that has frames yet, as their owner */
static struct vcpu *idle_vcpus[NR_CPUS];

/* Domains whose last reference is gone. References are dropped under any lock, freeing needs many: it is done from a
 * timer, where none is held. */
static struct domain *volatile dead_domains;
static struct timer reaper;

static void domain_free(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        vcpu_free(v);
    if (d->row->io->domain_stop)
        d->row->io->domain_stop(d);   /* a domain whose creation failed has not been killed */
    d->row->io->domain_free(d);
    d->row->platform->domain_free(d);
    d->row->privileged->domain_free(d);
    scheduler->domain_free(d);
    grant_domain_free(d);
    memory_domain_free(d);
    pirq_domain_free(d);
    evtchn_domain_free(d);
    if (d->shared_info) {
        frame_unshare(d->shared_info);
        page_free(d->shared_info, 0);
    }
    rangeset_free(&d->io_ports);
    rangeset_free(&d->io_frames);
    rangeset_free(&d->io_frames_read_only);
    rangeset_free(&d->irqs);
    account_domain_free(d);
    xfree(d->vcpu);
    xfree(d);
}

/* The reaper comes for d, which has no reference any more. */
static void bury(struct domain *d)
{
    struct domain *head, *seen;

    for (head = dead_domains; ; head = seen) {
        d->next_dead = head;
        seen = cmpxchg(&dead_domains, head, d);
        if (seen == head)
            break;
    }
    timer_set(&reaper, system_time());
}

static void reap(void *unused)
{
    struct domain *next, *d = xchg(&dead_domains, (struct domain *)NULL);

    for (; d; d = next) {
        next = d->next_dead;
        if (!frames_audit_some(d, true)) {
            bury(d);
            continue;
        }
        spin_lock(&domlist_lock);
        list_del(&d->list);
        leaving_id = d->id;
        spin_unlock(&domlist_lock);
        domain_free(d);
        spin_lock(&domlist_lock);
        leaving_id = DOMID_INVALID;
        spin_unlock(&domlist_lock);
    }
}

void idle_domain_init(void)
{
    idle_domain.id = DOMID_IDLE;
    idle_domain.is_idle = true;
    idle_domain.refs = 1;
    idle_domain.max_vcpus = NR_CPUS;
    idle_domain.vcpu = idle_vcpus;
    spin_init(&idle_domain.domain_lock, RANK_DOMAIN);
    spin_init(&idle_domain.event_lock, RANK_EVTCHN);
    strlcpy(idle_domain.name_for_log, "idle", sizeof(idle_domain.name_for_log));
    timer_init(&reaper, reap, NULL, 0);
}

/* ---- References */

bool domain_ref(struct domain *d)
{
    u32 refs = d->refs, seen;

    for (; refs; refs = seen) {
        seen = cmpxchg(&d->refs, refs, refs + 1);
        if (seen == refs)
            return true;
    }
    return false;
}

void domain_put(struct domain *d)
{
    if (atomic_dec_and_test(&d->refs))
        bury(d);
}

struct domain *domain_get(domid_t id)
{
    struct domain *d, *found = NULL;

    if (id == DOMID_SELF)
        return domain_ref(current->domain) ? current->domain : NULL;
    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        if (d->id == id) {
            found = domain_ref(d) ? d : NULL;
            break;
        }
    spin_unlock(&domlist_lock);
    return found;
}

/* ---- Creation */

/* Puts d into the list at its place. An id is taken as long as its last holder is in the list, dead or not, or on its way
 * from there to where nothing of it is left. domlist_lock held. */
static int take_id(struct domain *d, domid_t id)
{
    struct domain *pos;

    if (id == leaving_id)
        return -EEXIST;
    list_for_each(pos, &domain_list, list) {
        if (pos->id == id)
            return -EEXIST;
        if (pos->id > id)
            break;
    }
    d->id = id;
    list_add_tail(&d->list, &pos->list);
    return 0;
}

static int enter_list(struct domain *d, domid_t id)
{
    int rc = -EINVAL;

    spin_lock(&domlist_lock);
    if (id < DOMID_FIRST_RESERVED) {
        rc = take_id(d, id);
    } else if (id == DOMID_INVALID) {
        rc = -ENOMEM;
        for (u32 tries = 1; rc && tries < DOMID_FIRST_RESERVED; tries++) {
            last_id = last_id + 1u < DOMID_FIRST_RESERVED ? last_id + 1 : 1;
            rc = take_id(d, last_id) ? -ENOMEM : 0;
        }
    }
    spin_unlock(&domlist_lock);
    return rc;
}

static struct domain *domain_alloc(domid_t id, const struct row *row, const struct xen_domctl_createdomain *config,
                                   bool privileged)
{
    struct domain *d = xzalloc_bytes(row->privileged->domain_size, 64);

    if (!d)
        return NULL;
    d->id = id;
    d->row = row;
    d->is_privileged = privileged;
    memcpy(d->handle, config->handle, sizeof(d->handle));
    d->create_flags = config->flags;
    d->emulation_flags = config->arch.emulation_flags;
    d->ssidref = config->ssidref;
    d->emulation_flags = config->arch.emulation_flags;
    d->max_vcpus = config->max_vcpus;
    d->created = system_time();
    d->shutdown_code = SHUTDOWN_CODE_NONE;
    d->pause_count = d->controller_pause_count = 1;
    d->node_affinity = ~0ULL;
    list_init(&d->list);
    spin_init(&d->domain_lock, RANK_DOMAIN);
    spin_init(&d->page_lock, RANK_PAGE_LIST);
    spin_init(&d->event_lock, RANK_EVTCHN);
    spin_init(&d->pirq_lock, RANK_PIRQ);
    d->frames = d->frames_tail = FRAME_NIL;
    rangeset_init(&d->io_ports);
    rangeset_init(&d->io_frames);
    rangeset_init(&d->io_frames_read_only);
    rangeset_init(&d->irqs);
    return d;
}

/* Purpose: a new domain; see dom/domain.h. The id is taken first, so that every part can use it. Others that look for
 * it get no reference before it is whole; whoever only goes through the list sees no vCPUs, ports or frames. */
int domain_create(domid_t id, const struct row *row, const struct xen_domctl_createdomain *config, bool privileged,
                  struct domain **out)
{
    const char *refused = row_refused(row), *missing = refused ? NULL : row_check(row);
    struct domain *d;
    int rc;

    if (refused || missing) {
        printk("No %s domain: %s%s\n", row->name, refused ? refused : missing, missing ? " is missing" : "");
        return -EOPNOTSUPP;
    }
    if (config->max_vcpus == 0 || config->max_vcpus > MAX_VCPUS)
        return -EINVAL;
    d = domain_alloc(id, row, config, privileged);
    if (!d)
        return -ENOMEM;
    rc = -ENOMEM;
    d->vcpu = xzalloc_array(struct vcpu *, d->max_vcpus);
    d->shared_info = page_alloc(0);
    if (!d->vcpu || !d->shared_info)
        goto free_memory;
    rc = evtchn_domain_init(d, config->max_evtchn_port);
    if (rc)
        goto free_memory;
    rc = enter_list(d, id);
    if (rc)
        goto free_events;
    snprintf(d->name_for_log, sizeof(d->name_for_log), "d%u", d->id);
    d->shared_info_mfn = virt_to_mfn(d->shared_info);
    frame_share(d->shared_info, d, true);
    rc = grant_domain_init(d, config->max_grant_frames, config->max_maptrack_frames,
                           XEN_DOMCTL_GRANT_version(config->grant_opts));
    if (rc == 0)
        rc = pirq_domain_init(d);
    if (rc == 0)
        rc = scheduler->domain_init(d);
    if (rc == 0)
        rc = row->privileged->domain_init(d, config);
    if (rc == 0)
        rc = row->platform->domain_init(d);
    if (rc == 0)
        rc = row->io->domain_init(d);
    if (rc)
        goto destroy;
    update_domain_wallclock(d);
    if (privileged && d->id == 0)
        hardware_domain = d;
    smp_wmb();
    ACCESS_ONCE(d->refs) = 1;   /* the list's: now it can be found */
    trace(TRC_DOM0_DOM_ADD, d->id);
    trace(TRC_SCHED_DOM_ADD, d->id);
    *out = d;
    return 0;

destroy:
    d->dying = DOMDYING_DEAD;
    d->refs = 1;
    domain_put(d);
    return rc;
free_events:
    evtchn_domain_free(d);
free_memory:
    if (d->shared_info)
        page_free(d->shared_info, 0);
    xfree(d->vcpu);
    xfree(d);
    return rc;
}

/* ---- Destruction */

static void start_dying(struct domain *d)
{
    struct vcpu *v;

    domain_pause(d);   /* for good */
    spin_lock(&d->domain_lock);
    ACCESS_ONCE(d->dying) = DOMDYING_DYING;
    spin_unlock(&d->domain_lock);
    for_each_vcpu(d, v)
        vcpu_timers_kill(v);
    for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
        timer_kill(&d->watchdog[i]);
    d->evtchn_cursor = 0;
}

/* Purpose: one step after the other of destroying d, or going on with it. The caller has a reference, and there is
 * one caller at a time (domctl's lock); d is not current's domain and not the hardware domain (-EINVAL). -ERESTART:
 * call again. */
int domain_kill(struct domain *d)
{
    struct vcpu *v;
    int rc;

    if (d->is_idle || d == current->domain || d == hardware_domain)
        return -EINVAL;
    if (d->dying == DOMDYING_DEAD)
        return 0;
    if (d->dying == DOMDYING_ALIVE)
        start_dying(d);
    if (d->row->io->domain_stop)
        d->row->io->domain_stop(d);
    rc = evtchn_domain_teardown(d);
    if (rc)
        return rc;
    rc = grant_domain_release_mappings(d);
    if (rc)
        return rc;
    for_each_vcpu(d, v)
        vcpu_unmap_info(v);
    pirq_domain_teardown(d);
    rc = d->row->privileged->domain_relinquish(d);
    if (rc)
        return rc;
    rc = domain_relinquish_frames(d);
    if (rc)
        return rc;
    while (!frames_audit_some(d, false))
        if (hypercall_preempt_check())
            return -ERESTART;
    spin_lock(&d->domain_lock);
    ACCESS_ONCE(d->dying) = DOMDYING_DEAD;
    spin_unlock(&d->domain_lock);
    trace(TRC_DOM0_DOM_REM, d->id);
    trace(TRC_SCHED_DOM_REM, d->id);
    send_global_virq(VIRQ_DOM_EXC);
    domain_put(d);   /* the list's reference */
    return 0;
}
