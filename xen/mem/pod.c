/* SPDX-License-Identifier: MIT */
/* Populate on demand: who gets a frame, where it comes from, and how many are kept. */
#include "mem/pod.h"

#include "abi/hypercall.h"
#include "dom/domain.h"
#include "mem/frame.h"
#include "trace/trace.h"

#define MOST_PARTS 64   /* of a search that nobody can interrupt */

void pod_init(struct p2m *p2m)
{
    struct pod *pod = &p2m->pod;

    spin_init(&pod->lock, RANK_POD);
    pod->large = pod->clean = pod->used = FRAME_NIL;
    for (unsigned int i = 0; i < POD_RECENT; i++)
        pod->recent[i] = INVALID_GFN;
}

/* ---- How many are kept. pod->lock held. */

static void give_to_heap(struct domain *d, mfn_t mfn, unsigned int order)
{
    heap_free(mfn, order);
    domain_uncharge_frames(d, 1UL << order);
}

/* -ERESTART */
static int shrink(struct domain *d, u64 frames, bool preempt)
{
    struct pod *pod = &d->p2m->pod;
    unsigned int order;

    for (unsigned int n = 1; pod->count > frames; n++) {
        mfn_t mfn = pod_cache_give(pod, pod->count - frames, &order);

        give_to_heap(d, mfn, order);
        if (preempt && (order || n % 64 == 0) && pod->count > frames && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* In blocks as long as there are any. -ERESTART -ENOMEM */
static int grow(struct domain *d, u64 frames)
{
    struct pod *pod = &d->p2m->pod;
    unsigned int order = P2M_ORDER_2M;

    for (unsigned int n = 1; pod->count < frames; n++) {
        mfn_t mfn = INVALID_MFN;

        if (frames - pod->count < 1UL << order)
            order = P2M_ORDER_4K;
        mfn = domain_alloc_detached(d, (struct alloc_request){ .order = order });
        if (mfn == INVALID_MFN && order == P2M_ORDER_4K)
            return -ENOMEM;
        if (mfn == INVALID_MFN) {
            order = P2M_ORDER_4K;
            continue;
        }
        pod_cache_put(pod, mfn, order, true);
        if ((order || n % 64 == 0) && pod->count < frames && hypercall_preempt_check())
            return -ERESTART;
    }
    return 0;
}

/* A domain without outstanding entries has all its memory, unless it is only being made. One that is to have less than it
 * has will give it back itself. One that is to have more will ask for what no entry stands for. */
static int set_target(struct domain *d, u64 frames)
{
    struct p2m *p2m = d->p2m;
    u64 total = ACCESS_ONCE(d->tot_pages), populated = total - p2m->pod.count, entries = ACCESS_ONCE(p2m->pod_entries);
    u64 wanted;

    if (d->dying || (populated && !entries) || frames < total)
        return 0;
    wanted = frames - populated;
    if (populated)
        wanted = min(wanted, entries);
    p2m->pod.swept = 0;
    return wanted < p2m->pod.count ? shrink(d, wanted, true) : grow(d, wanted);
}

int pod_set_target(struct domain *d, u64 frames)
{
    int rc;

    if (!d->p2m)
        return 0;
    spin_lock(&d->p2m->pod.lock);
    rc = set_target(d, frames);
    spin_unlock(&d->p2m->pod.lock);
    return rc;
}

void pod_counts(struct domain *d, u64 *cache, u64 *entries)
{
    *cache = d->p2m ? ACCESS_ONCE(d->p2m->pod.count) : 0;
    *entries = d->p2m ? ACCESS_ONCE(d->p2m->pod_entries) : 0;
}

int pod_teardown(struct p2m *p2m)
{
    int rc;

    if (!p2m->domain)
        return 0;
    ASSERT(p2m->domain->dying || p2m->pod.count == 0);
    spin_lock(&p2m->pod.lock);   /* who has begun before the domain was dying, is done then */
    rc = shrink(p2m->domain, 0, true);
    spin_unlock(&p2m->pod.lock);
    return rc;
}

/* ---- Entries come and go */

int pod_mark(struct domain *d, gfn_t gfn, unsigned int order)
{
    if (!d->p2m)
        return -EOPNOTSUPP;
    return p2m_set_over(d->p2m, gfn, 0, order, P2M_POD, P2M_TYPE_BIT(P2M_NONE) | P2M_TYPE_BIT(P2M_POD));
}

int pod_drop(struct domain *d, gfn_t gfn, unsigned int order)
{
    struct p2m *p2m = d->p2m;
    u64 few;
    int rc;

    if (!p2m || !ACCESS_ONCE(p2m->pod_entries))
        return -EEXIST;
    rc = p2m_set_over(p2m, gfn, 0, order, P2M_NONE, P2M_TYPE_BIT(P2M_POD));
    if (rc)
        return rc;
    /* Others than this function take entries away too: not all that has become too many at once. */
    spin_lock(&p2m->pod.lock);
    few = min(p2m->pod.count, (1UL << order) + 64);
    (void)shrink(d, max(ACCESS_ONCE(p2m->pod_entries), p2m->pod.count - few), false);
    spin_unlock(&p2m->pod.lock);
    return 0;
}

bool pod_keep(struct domain *d, mfn_t mfn)
{
    struct p2m *p2m = d->p2m;
    bool kept;

    if (!p2m || !ACCESS_ONCE(p2m->pod_entries))
        return false;
    spin_lock(&p2m->pod.lock);
    kept = !d->dying && ACCESS_ONCE(p2m->pod_entries) > p2m->pod.count && domain_reclaim_frame(d, mfn) == 0;
    if (kept)
        pod_cache_put(&p2m->pod, mfn, P2M_ORDER_4K, false);
    spin_unlock(&p2m->pod.lock);
    return kept;
}

/* ---- The first access. pod->lock held. */

/* Frames taken out could not be entered: those that d has already are taken from it again. */
static void take_back(struct domain *d, mfn_t mfn, unsigned long n)
{
    struct pod *pod = &d->p2m->pod;

    for (; n > 0; n--, mfn++) {
        if (!get_frame(mfn, d) || domain_reclaim_frame(d, mfn) == 0) {
            pod_cache_put(pod, mfn, P2M_ORDER_4K, false);
        } else {
            domain_drop_allocation(d, mfn);
            put_frame(mfn);
        }
    }
}

/* Frames out of the cache to 2^order gfns around gfn. 0, also if something else is there by now. -EINVAL -ENOMEM */
static int fill(struct domain *d, gfn_t gfn, unsigned int order)
{
    struct pod *pod = &d->p2m->pod;
    unsigned long n = 1UL << order;
    mfn_t mfn = pod_cache_take(pod, order);
    int rc = 0;

    for (unsigned long i = 0; i < n && rc == 0; i++)
        rc = domain_attach_frame(d, mfn + i);
    if (rc == 0)
        rc = p2m_set_over(d->p2m, gfn & ~(n - 1), mfn, order, P2M_RAM, P2M_TYPE_BIT(P2M_POD));
    if (rc) {
        take_back(d, mfn, n);
        return rc == -EEXIST ? 0 : rc;
    }
    pod->recent[pod->recent_at++ % POD_RECENT] = gfn;
    trace_untimed(TRC_MEM_POD_POPULATE, TRACE_LONG(gfn), TRACE_LONG(mfn), TRACE_PAIR(d->id, order));
    return 0;
}

/* A part of the search for memory that is zero. -ERESTART: there may be some; -ENODATA: there is none. */
static int sweep(struct domain *d)
{
    struct pod *pod = &d->p2m->pod;
    mfn_t found[P2M_RECLAIM_MAX];
    unsigned int n;
    u64 passed;

    if (pod->swept >= d->p2m->limit)
        return -ENODATA;
    n = p2m_reclaim_zeroed(d->p2m, found, ARRAY_SIZE(found), &passed);
    pod->swept = n ? 0 : pod->swept + passed;
    while (n-- > 0)
        pod_cache_put(pod, found[n], P2M_ORDER_4K, false);
    return pod->count ? 0 : pod->swept < d->p2m->limit ? -ERESTART : -ENODATA;
}

static int populate(struct domain *d, gfn_t gfn)
{
    struct p2m *p2m = d->p2m;
    enum p2m_type type;
    unsigned int order;
    int rc = 0;

    if (d->dying)
        return -EINVAL;
    p2m_get(p2m, gfn, &type, &order);
    if (type != P2M_POD)
        return 0;
    if (p2m->pod.count == 0)
        rc = sweep(d);
    else
        p2m->pod.swept = 0;   /* a search that was begun is not needed any more: the next is for all that is zero by then */
    if (rc)
        return rc;
    if (order >= P2M_ORDER_2M && p2m->pod.large != FRAME_NIL)
        return fill(d, gfn, P2M_ORDER_2M);
    if (order)
        trace_untimed(TRC_MEM_POD_SUPERPAGE_SPLINTER, TRACE_LONG(gfn), d->id);
    return fill(d, gfn, P2M_ORDER_4K);
}

int pod_populate(struct domain *d, gfn_t gfn)
{
    struct p2m *p2m = d->p2m;
    int rc;

    spin_lock(&p2m->pod.lock);
    rc = populate(d, gfn);
    spin_unlock(&p2m->pod.lock);
    if (rc == -ENODATA)
        domain_crash(d, "no frame for gfn %lx, which is populate on demand: %lu frames, %lu such entries", gfn, d->tot_pages,
                     p2m->pod_entries);
    else if (rc == -ENOMEM)
        domain_crash(d, "no room in its nested tables to populate gfn %lx", gfn);
    return rc;
}

/* Whoever emulates an access of the guest's has no way to say that it is to be made later: what is written would be lost. */
mfn_t pod_get_frame(struct p2m *p2m, gfn_t gfn, enum p2m_type *type)
{
    enum p2m_type here;
    unsigned int parts = 0;
    mfn_t mfn;
    int rc = 0;

    do {
        mfn = p2m_get_frame(p2m, gfn, &here);
        if (likely(here != P2M_POD))
            break;
        rc = pod_populate(p2m->domain, gfn);
    } while (rc == 0 || (rc == -ERESTART && ++parts < MOST_PARTS));
    if (unlikely(here == P2M_POD && rc == -ERESTART && p2m->domain == current->domain))
        domain_crash(p2m->domain, "no frame found in time for gfn %lx, which is populate on demand", gfn);
    if (type)
        *type = here;
    return mfn;
}
