/* SPDX-License-Identifier: MIT */
/* The pages that Prism shares with a server. They are Prism's; their owner is the domain, so that the server maps them as
 * the domain's memory: by frame number (XENMEM_acquire_resource), or at a place in the guest's memory that the builder of
 * the domain has set aside, where they are as long as the server is not enabled. */
#include <xen/hvm/params.h>

#include "devmodel/server.h"
#include "mem/frame.h"

#define MAX_PLACES 62                 /* in devmodel.places_used, beside the two single ones */

int server_page_init(struct domain *d, struct server_page *p)
{
    p->gfn = INVALID_GFN;
    p->displaced = INVALID_MFN;
    p->memory = page_alloc(0);
    if (!p->memory)
        return -ENOMEM;
    frame_share(p->memory, d, true);
    return 0;
}

/* Gives up the place: what was there comes back, if the domain goes on living. */
static void unplace(struct domain *d, struct server_page *p)
{
    server_page_hide(d, p);
    if (p->displaced != INVALID_MFN) {
        if (d->row->privileged->map_gfn(d, p->gfn, p->displaced) && !d->dying)
            domain_drop_allocation(d, p->displaced);   /* no room in the tables: it is lost to the guest, not to the heap */
        put_frame(p->displaced);
    }
    p->displaced = INVALID_MFN;
    if (p->gfn != INVALID_GFN)
        d->devmodel->places_used &= ~(1UL << p->place);
    p->gfn = INVALID_GFN;
}

void server_page_free(struct domain *d, struct server_page *p)
{
    if (!p->memory)
        return;
    unplace(d, p);
    frame_unshare(p->memory);
    page_free(p->memory, 0);
    p->memory = NULL;
}

static u64 param(struct domain *d, u32 index)
{
    const struct container_abi *abi = d->row->privileged->container;
    u64 value = 0;

    return abi && abi->get_param(d, index, &value, false) == 0 ? value : 0;
}

void server_places(struct domain *d, struct server_places *places)
{
    places->base = param(d, HVM_PARAM_IOREQ_SERVER_PFN);
    places->count = (u32)min(param(d, HVM_PARAM_NR_IOREQ_SERVER_PAGES), (u64)MAX_PLACES);
    places->single[0] = param(d, HVM_PARAM_IOREQ_PFN);
    places->single[1] = param(d, HVM_PARAM_BUFIOREQ_PFN);
}

/* The first place that is free, as a bit in places_used; -1. */
static int free_place(const struct devmodel *dm, const struct server_places *places, gfn_t *gfn)
{
    for (unsigned int i = 0; i < MAX_PLACES + ARRAY_SIZE(places->single); i++) {
        *gfn = i < MAX_PLACES ? places->base + i : places->single[i - MAX_PLACES];
        if (!(dm->places_used & 1UL << i) && (i < MAX_PLACES ? i < places->count && places->base : *gfn != 0))
            return (int)i;
    }
    return -1;
}

int server_page_place(struct domain *d, struct server_page *p, const struct server_places *places)
{
    int place, rc;
    gfn_t gfn;

    if (p->gfn != INVALID_GFN)
        return 0;
    place = free_place(d->devmodel, places, &gfn);
    if (place < 0)
        return -ENOMEM;
    p->displaced = d->row->privileged->get_gfn(d, gfn);
    rc = p->displaced == INVALID_MFN ? 0 : d->row->privileged->unmap_gfn(d, gfn, p->displaced);
    if (rc) {
        put_frame(p->displaced);
        p->displaced = INVALID_MFN;
        return rc;
    }
    p->gfn = gfn;
    p->place = (u8)place;
    d->devmodel->places_used |= 1UL << place;
    rc = server_page_show(d, p);
    if (rc)
        unplace(d, p);
    return rc;
}

int server_page_show(struct domain *d, struct server_page *p)
{
    int rc;

    if (!p->memory || p->gfn == INVALID_GFN || p->is_there)
        return 0;
    rc = d->row->privileged->map_gfn(d, p->gfn, virt_to_mfn(p->memory));
    p->is_there = rc == 0;
    return rc;
}

/* The guest may have put something else there: then that stays. */
void server_page_hide(struct domain *d, struct server_page *p)
{
    if (p->is_there)
        (void)d->row->privileged->unmap_gfn(d, p->gfn, virt_to_mfn(p->memory));
    p->is_there = false;
}
