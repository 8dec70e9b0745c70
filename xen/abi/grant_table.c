/* SPDX-License-Identifier: MIT */
/* The grant table as a structure: made, grown, shown to its domain, dumped, freed. */
#include "abi/grant_table.h"

#define DEFAULT_FRAMES 64
#define DEFAULT_MAPTRACK_FRAMES 1024
#define LIMIT_FRAMES 4096
#define LIMIT_MAPTRACK_FRAMES 65536
#define INITIAL_FRAMES 1

struct grant_entry_ref grant_entry(const struct grant_table *t, u32 ref)
{
    struct grant_entry_ref e = { 0 };

    if (t->version == 2) {
        e.v2 = (volatile union grant_entry_v2 *)t->shared[ref / ENTRIES_V2] + ref % ENTRIES_V2;
        e.status = &t->status[ref / STATUS_PER_FRAME][ref % STATUS_PER_FRAME];
    } else {
        e.v1 = (volatile struct grant_entry_v1 *)t->shared[ref / ENTRIES_V1] + ref % ENTRIES_V1;
    }
    return e;
}

static int add_status_frames(struct domain *d, u32 nr)
{
    struct grant_table *t = d->grant_table;

    for (; t->nr_status < nr; t->nr_status++) {
        void *page = page_alloc(0);

        if (!page)
            return -ENOMEM;
        frame_share(page, d, true);
        t->status[t->nr_status] = page;
    }
    return 0;
}

int grant_grow(struct domain *d, u32 nr)
{
    struct grant_table *t = d->grant_table;

    if (nr > t->max_frames)
        return -EINVAL;
    if (t->version == 2 && add_status_frames(d, grant_status_frames_for(max(nr, t->nr_frames))))
        return -ENOMEM;
    for (; t->nr_frames < nr; t->nr_frames++) {
        void *page = page_alloc(0), *active = page_alloc(ACTIVE_ORDER);

        if (!page || !active) {
            if (page)
                page_free(page, 0);
            if (active)
                page_free(active, ACTIVE_ORDER);
            return -ENOMEM;
        }
        frame_share(page, d, true);
        t->active[t->nr_frames] = active;
        t->shared[t->nr_frames] = page;
    }
    return 0;
}

int grant_domain_init(struct domain *d, int max_grant_frames, int max_maptrack_frames, u32 max_version)
{
    struct grant_table *t;
    int rc = -ENOMEM;

    if (max_grant_frames < 0)
        max_grant_frames = DEFAULT_FRAMES;
    if (max_maptrack_frames < 0)
        max_maptrack_frames = DEFAULT_MAPTRACK_FRAMES;
    if (max_grant_frames < INITIAL_FRAMES || max_grant_frames > LIMIT_FRAMES ||
        max_maptrack_frames > LIMIT_MAPTRACK_FRAMES || max_version > 2)
        return -EINVAL;
    _Static_assert(sizeof(struct grant_active) * ENTRIES_V1 <= PAGE_SIZE << ACTIVE_ORDER, "active entries of a frame");
    t = xzalloc(struct grant_table);
    if (!t)
        return -ENOMEM;
    spin_init(&t->lock, RANK_GRANT);
    t->version = 1;
    t->max_version = max_version ? max_version : 2;
    t->max_frames = (u32)max_grant_frames;
    t->max_maptrack = (u32)max_maptrack_frames * MAPTRACK_PER_FRAME;
    t->free_maptrack = MAPTRACK_NONE;
    d->grant_table = t;
    t->shared = xzalloc_array(void *, t->max_frames);
    t->active = xzalloc_array(struct grant_active *, t->max_frames);
    t->status = xzalloc_array(grant_status_t *, grant_status_frames_for(t->max_frames));
    t->maptrack = xzalloc_array(struct maptrack *, DIV_ROUND_UP(t->max_maptrack, MAPTRACK_PER_PAGE));
    if (t->shared && t->active && t->status && t->maptrack)
        rc = grant_grow(d, INITIAL_FRAMES);
    if (rc)
        grant_domain_free(d);
    return rc;
}

static void free_shared(void *page)
{
    frame_unshare(page);
    page_free(page, 0);
}

void grant_domain_free(struct domain *d)
{
    struct grant_table *t = d->grant_table;

    if (!t)
        return;
    for (u32 i = 0; i < t->nr_frames; i++) {
        free_shared(t->shared[i]);
        page_free(t->active[i], ACTIVE_ORDER);
    }
    for (u32 i = 0; i < t->nr_status; i++)
        free_shared(t->status[i]);
    for (u32 i = 0; i < t->nr_maptrack; i += MAPTRACK_PER_PAGE)
        page_free(t->maptrack[i / MAPTRACK_PER_PAGE], 0);
    xfree(t->shared);
    xfree(t->active);
    xfree(t->status);
    xfree(t->maptrack);
    xfree(t);
    d->grant_table = NULL;
}

int grant_table_frame(struct domain *d, u32 idx, bool status, mfn_t *mfn)
{
    struct grant_table *t = d->grant_table;
    int rc = 0;

    if (!t)
        return -EINVAL;
    spin_lock(&t->lock);
    if (status) {
        if (t->version != 2 || idx >= grant_status_frames_for(t->max_frames))
            rc = -EINVAL;
        else if (idx >= t->nr_status)
            rc = grant_grow(d, min(t->max_frames, (u32)((idx + 1) * (STATUS_PER_FRAME / ENTRIES_V2))));
    } else if (idx >= t->nr_frames) {
        rc = idx < t->max_frames ? grant_grow(d, idx + 1) : -EINVAL;
    }
    if (rc == 0)
        *mfn = virt_to_mfn(status ? (void *)t->status[idx] : t->shared[idx]);
    spin_unlock(&t->lock);
    return rc;
}

u32 grant_table_limit(struct domain *d, bool status)
{
    u32 frames = d->grant_table ? d->grant_table->max_frames : 0;

    return status ? grant_status_frames_for(frames) : frames;
}

void grant_dump(struct domain *d)
{
    struct grant_table *t = d->grant_table;
    unsigned int shown = 0;

    if (!t)
        return;
    spin_lock(&t->lock);
    printk("%s: grant table v%u, %u of %u frames, %u maptrack entries\n", d->name_for_log, t->version, t->nr_frames,
           t->max_frames, t->nr_maptrack);
    for (u32 ref = 0; ref < grant_entries(t) && shown < 64; ref++) {
        const struct grant_active *a = grant_active(t, ref);

        if (!grant_in_use(a))
            continue;
        printk("  ref %u: mfn %lx used by d%u, readers %u writers %u\n", ref, a->mfn, a->domid, a->readers, a->writers);
        shown++;
    }
    spin_unlock(&t->lock);
}
