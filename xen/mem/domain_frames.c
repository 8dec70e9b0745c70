/* SPDX-License-Identifier: MIT */
/* Frames of domains: who owns what, counted exactly. A domain's list holds first the frames whose allocation
 * reference it has, then those it gave back while somebody still maps them; all of them are charged to it
 * (tot_pages), and as long as there is one the domain's structure exists. */
#include "abi/hypercall.h"
#include "cpu/cpu.h"
#include "dom/domain.h"
#include "mem/frame.h"

/* ---- From a frame's owner id to the domain: an entry is set while its domain has frames. Written under owners_lock. One
 * for every id there can be, so that what is allocated does not depend on how many domains there have been. */
static struct domain *volatile owners[DOMID_FIRST_RESERVED];
static struct spinlock owners_lock = SPINLOCK_INIT(RANK_PAGE_LIST);

struct domain *frame_owner_domain(const struct frame *f)
{
    return f->owner < DOMID_FIRST_RESERVED ? owners[f->owner] : NULL;
}

/* d is about to get frames: it can be found by its id, and is referred to. Never again once it began to die, so that it
 * is unregistered only once. -EINVAL */
static int owner_register(struct domain *d)
{
    int rc = 0;

    if (ACCESS_ONCE(d->owns_frames))
        return 0;
    spin_lock(&owners_lock);
    if (d->owns_frames) {
        rc = 0;
    } else if (d->dying != DOMDYING_ALIVE || !domain_ref(d)) {
        rc = -EINVAL;
    } else {
        d->frames = d->frames_tail = FRAME_NIL;
        owners[d->id] = d;
        ACCESS_ONCE(d->owns_frames) = true;
    }
    spin_unlock(&owners_lock);
    return rc;
}

/* d->page_lock held. A living domain stays registered though it has no frame at the moment. */
static bool owner_is_done(struct domain *d)
{
    return d->owns_frames && d->tot_pages == 0 && d->dying != DOMDYING_ALIVE;
}

static void owner_unregister(struct domain *d)
{
    bool had;

    spin_lock(&owners_lock);
    had = d->owns_frames;
    if (had) {
        owners[d->id] = NULL;
        d->owns_frames = false;
    }
    spin_unlock(&owners_lock);
    if (had)
        domain_put(d);
}

/* ---- The list. d->page_lock held. */

static void list_insert_head(struct domain *d, mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    f->prev = FRAME_NIL;
    f->next = d->frames;
    if (d->frames != FRAME_NIL)
        mfn_to_frame(d->frames)->prev = (u32)mfn;
    else
        d->frames_tail = (u32)mfn;
    d->frames = (u32)mfn;
}

static void list_insert_tail(struct domain *d, mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    f->next = FRAME_NIL;
    f->prev = d->frames_tail;
    if (d->frames_tail != FRAME_NIL)
        mfn_to_frame(d->frames_tail)->next = (u32)mfn;
    else
        d->frames = (u32)mfn;
    d->frames_tail = (u32)mfn;
}

static void list_remove(struct domain *d, mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    if (f->prev != FRAME_NIL)
        mfn_to_frame(f->prev)->next = f->next;
    else
        d->frames = f->next;
    if (f->next != FRAME_NIL)
        mfn_to_frame(f->next)->prev = f->prev;
    else
        d->frames_tail = f->prev;
    f->next = f->prev = FRAME_NIL;
}

/* ---- Getting frames */

/* Charges n frames to d before it has them, and takes up to as many off its claim: *claimed. -EINVAL -E2BIG */
static int charge(struct domain *d, u64 n, u64 *claimed)
{
    int rc = 0;

    spin_lock(&d->page_lock);
    if (d->dying != DOMDYING_ALIVE)
        rc = -EINVAL;
    else if (d->tot_pages + n > d->max_pages)
        rc = -E2BIG;
    else {
        d->tot_pages += n;
        *claimed = min(d->outstanding_pages, n);
        d->outstanding_pages -= *claimed;
    }
    spin_unlock(&d->page_lock);
    return rc;
}

/* The opposite. n 0: only looks whether d, dying, has had its last frame. */
static void uncharge(struct domain *d, u64 n, u64 claimed)
{
    bool done;

    spin_lock(&d->page_lock);
    d->tot_pages -= n;
    if (d->dying == DOMDYING_ALIVE) {
        d->outstanding_pages += claimed;
        claimed = 0;
    }
    done = owner_is_done(d);
    spin_unlock(&d->page_lock);
    if (claimed)
        heap_unclaim(claimed);
    if (done)
        owner_unregister(d);
}

void domain_uncharge_frames(struct domain *d, u64 n)
{
    uncharge(d, n, 0);
}

/* Enters charged frames; false if d began to die meanwhile: they are still the caller's, and charged. */
static bool enter_frames(struct domain *d, mfn_t mfn, unsigned long n)
{
    bool alive;

    spin_lock(&d->page_lock);
    alive = d->dying == DOMDYING_ALIVE;
    for (unsigned long i = n; alive && i-- > 0; ) {
        list_insert_head(d, mfn + i);
        barrier();
        mfn_to_frame(mfn + i)->owner = d->id;
    }
    spin_unlock(&d->page_lock);
    return alive;
}

static void forget_pfns(mfn_t mfn, unsigned long n)
{
    for (unsigned long i = 0; i < n; i++)
        m2p_table[mfn + i] = INVALID_M2P;
}

mfn_t domain_alloc_detached(struct domain *d, struct alloc_request r)
{
    u64 n = 1UL << r.order;
    mfn_t mfn;

    if (r.order > MAX_ORDER || owner_register(d))
        return INVALID_MFN;
    if (charge(d, n, &r.claimed)) {
        uncharge(d, 0, 0);
        return INVALID_MFN;
    }
    mfn = heap_alloc(r);
    if (mfn == INVALID_MFN) {
        uncharge(d, n, r.claimed);
        return INVALID_MFN;
    }
    forget_pfns(mfn, n);
    return mfn;
}

mfn_t domain_alloc_frames(struct domain *d, struct alloc_request r)
{
    mfn_t mfn = domain_alloc_detached(d, r);

    if (mfn == INVALID_MFN || enter_frames(d, mfn, 1UL << r.order))
        return mfn;
    heap_free(mfn, r.order);
    uncharge(d, 1UL << r.order, 0);
    return INVALID_MFN;
}

int domain_assign_frame(struct domain *d, mfn_t mfn)
{
    u64 claimed = 0;
    int rc = owner_register(d);

    if (rc)
        return rc;
    if ((rc = charge(d, 1, &claimed)) != 0) {
        uncharge(d, 0, 0);
        return rc;
    }
    heap_unclaim(claimed);
    forget_pfns(mfn, 1);
    if (enter_frames(d, mfn, 1))
        return 0;
    uncharge(d, 1, 0);
    return -EINVAL;
}

/* ---- Giving them up */

/* d->page_lock held. The caller's reference and the owner's are taken away, if they are all that there are: then nobody can
 * get another, nor see who owns the frame now. Without a reference of the caller's it might become somebody else's between
 * the look at its owner and the exchange, which would take away what its new owner has. */
static int detach(struct domain *d, mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);

    if (f->owner != d->id)
        return -EINVAL;
    if (f->flags & FRAME_F_XENHEAP || f->type & FRAME_TCOUNT_MASK ||
        cmpxchg(&f->count, FRAME_ALLOCATED | 2, 0UL) != (FRAME_ALLOCATED | 2))
        return -EBUSY;
    list_remove(d, mfn);
    return 0;
}

/* It is in nobody's hands, and becomes Prism's. */
static void detached(struct frame *f)
{
    /* Its type stays noted: if d gets it back, translations from before still count. */
    f->tlb_stamp = max(tlb_clock_now(), 1u);   /* 0 would say that no guest ever had it */
    f->owner = DOMID_XEN;
    barrier();
    f->count = FRAME_ALLOCATED | 1;
}

int domain_reclaim_frame(struct domain *d, mfn_t mfn)
{
    int rc;

    spin_lock(&d->page_lock);
    rc = detach(d, mfn);
    spin_unlock(&d->page_lock);
    if (rc == 0)
        detached(mfn_to_frame(mfn));
    return rc;
}

int domain_detach_frame(struct domain *d, mfn_t mfn)
{
    bool held;
    int rc;

    /* Referred to under the lock, so that of two who try it at once neither is in the other's way; let go after it, as the
     * last reference to somebody else's frame takes its owner's lock. */
    spin_lock(&d->page_lock);
    held = get_frame_any(mfn);
    rc = held ? detach(d, mfn) : -EINVAL;
    spin_unlock(&d->page_lock);
    if (rc == 0)
        detached(mfn_to_frame(mfn));
    else if (held)
        put_frame(mfn);
    return rc;
}

int domain_attach_frame(struct domain *d, mfn_t mfn)
{
    return enter_frames(d, mfn, 1) ? 0 : -EINVAL;
}

int domain_steal_frame(struct domain *d, mfn_t mfn)
{
    int rc = domain_detach_frame(d, mfn);
    cpumask_t stale;

    if (rc)
        return rc;
    /* All CPUs: others than d may have had it mapped. */
    stale = tlb_filter(cpu_online_mask, mfn_to_frame(mfn)->tlb_stamp);
    if (stale)
        flush_tlb_mask(stale);
    mfn_to_frame(mfn)->type = 0;
    forget_pfns(mfn, 1);
    domain_uncharge_frames(d, 1);
    return 0;
}

bool domain_drop_allocation(struct domain *d, mfn_t mfn)
{
    bool had;

    if (mfn_to_frame(mfn)->flags & FRAME_F_XENHEAP)
        return false;   /* Prism's, only shown to d: not d's to give up */
    spin_lock(&d->page_lock);
    had = frame_take_allocation(mfn);
    if (had) {
        list_remove(d, mfn);
        list_insert_tail(d, mfn);
    }
    spin_unlock(&d->page_lock);
    if (had)
        put_frame(mfn);
    return had;
}

void frame_release(mfn_t mfn)
{
    struct frame *f = mfn_to_frame(mfn);
    struct domain *d = frame_owner_domain(f);
    bool done = false;

    BUG_ON(f->count & FRAME_ALLOCATED || f->type & FRAME_TCOUNT_MASK);
    if (d) {
        spin_lock(&d->page_lock);
        list_remove(d, mfn);
        d->tot_pages--;
        done = owner_is_done(d);
        spin_unlock(&d->page_lock);
        m2p_table[mfn] = INVALID_M2P;
    }
    heap_free(mfn, 0);
    if (done)
        owner_unregister(d);
}

/* d is dying: no new claim comes after this. */
static void drop_claim(struct domain *d)
{
    u64 claimed;

    spin_lock(&d->page_lock);
    claimed = d->outstanding_pages;
    d->outstanding_pages = 0;
    spin_unlock(&d->page_lock);
    heap_unclaim(claimed);
}

int domain_relinquish_frames(struct domain *d)
{
    bool done;

    drop_claim(d);   /* also of a domain that never got a frame */
    if (!ACCESS_ONCE(d->owns_frames))
        return 0;
    for (unsigned int n = 1; ; n++) {
        u32 mfn;

        spin_lock(&d->page_lock);
        mfn = d->frames;
        if (mfn == FRAME_NIL || !frame_take_allocation(mfn))
            break;
        list_remove(d, mfn);
        list_insert_tail(d, mfn);
        spin_unlock(&d->page_lock);
        put_frame(mfn);
        if (n % 64 == 0 && hypercall_preempt_check())
            return -ERESTART;
    }
    done = owner_is_done(d);
    spin_unlock(&d->page_lock);
    if (done)
        owner_unregister(d);
    return 0;
}

int domain_set_claim(struct domain *d, u64 frames)
{
    u64 released = 0;
    int rc = 0;

    spin_lock(&d->page_lock);
    if (frames == 0) {
        released = d->outstanding_pages;
        d->outstanding_pages = 0;
    } else if (d->outstanding_pages || frames <= d->tot_pages || frames > d->max_pages || d->dying != DOMDYING_ALIVE) {
        rc = -EINVAL;
    } else if (!heap_claim(frames - d->tot_pages)) {
        rc = -ENOMEM;
    } else {
        d->outstanding_pages = frames - d->tot_pages;
    }
    spin_unlock(&d->page_lock);
    if (released)
        heap_unclaim(released);
    return rc;
}
