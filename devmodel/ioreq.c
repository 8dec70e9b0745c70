/* SPDX-License-Identifier: MIT */
/* An access of a guest on its way to a server, and the answer on its way back. docs/device-models.md follows one. */
#include "abi/event.h"
#include "devmodel/server.h"
#include "dom/sched.h"

/* The frame buffer window of a PC's display adapter: writes there are many, and nobody waits for their effect. */
#define DISPLAY_FIRST 0xa0000UL
#define DISPLAY_END 0xc0000UL

static struct slot *slot_of(const struct vcpu *v, const struct server *s)
{
    return (struct slot *)s->slots.memory + v->id;
}

/* ---- Writes that need not be waited for. devmodel.lock held. */

static bool put_in_ring(struct domain *d, struct server *s, const struct ring_write *w)
{
    if (!ring_put(s->ring.memory, s->atomic, w))
        return false;
    (void)evtchn_send(d, s->ring_port);
    return true;
}

static void flush_mappings(struct domain *d, struct server *s)
{
    static const struct ring_write flush = { .data = ~0u, .type = IOREQ_TYPE_INVALIDATE, .size = 4 };

    if (!ring_ends_with(s->ring.memory, IOREQ_TYPE_INVALIDATE))   /* else the one that is still to come will do */
        s->flush_due = !put_in_ring(d, s, &flush);
}

/* A server takes what is in its ring before a request in a slot, so order is kept. */
static bool put_write(struct domain *d, struct server *s, const struct io_access *a)
{
    struct ring_write w = { .address = a->address, .data = a->data, .type = IOREQ_TYPE_COPY, .size = a->size };

    if (!s->ring.memory || a->port || !a->write || a->count != 1 || a->address < DISPLAY_FIRST || a->address >= DISPLAY_END)
        return false;
    return put_in_ring(d, s, &w);
}

/* ---- Requests that are waited for */

/* A guest's disk and timers do not come back: it does not go on with what nobody serves. A server that was switched off in
 * good order is not asked, and none is asked by a domain that is being shut down or destroyed, whose vCPUs do not run. */
static bool has_died(const struct vcpu *v, const struct server *s)
{
    return s->enabled && evtchn_consumer_deserted(v->domain, s->port[v->id]);
}

static enum io_result crash_orphan(struct vcpu *v)
{
    domain_crash(v->domain, "v%u: its device model is gone", v->id);
    return IO_RETRY;
}

/* v == current sleeps, unless there is something to be seen. The flag is set first: an answer from now on clears it. */
static void sleep_until_answered(struct vcpu *v, const struct server *s)
{
    set_bit(VPF_IO, &v->pause_flags);
    if (slot_has_news(slot_of(v, s)) || evtchn_consumer_deserted(v->domain, s->port[v->id]))
        clear_bit(VPF_IO, &v->pause_flags);
    else
        vcpu_sleep_nosync(v);
}

static enum io_result send(struct vcpu *v, struct server *s, const struct place *p, const struct io_access *a)
{
    struct devmodel_vcpu *request = v->devmodel;
    struct slot slot = {
        .address = p->address, .data = a->write || a->count != 1 ? a->data : 0, .count = a->count, .size = a->size,
        .port = s->port[v->id], .type = p->type,
        .bits = (u8)((a->write ? 0 : SLOT_READ) | (a->count != 1 ? SLOT_POINTER : 0) | (a->down ? SLOT_DOWN : 0)),
    };

    *request = (struct devmodel_vcpu){ .server = s, .busy = true, .seen = STATE_IOREQ_READY, .type = p->type,
                                       .address = p->address };
    if (!slot_send(slot_of(v, s), &slot)) {
        domain_crash(v->domain, "v%u: its device model writes to requests that are not its own", v->id);
        return IO_RETRY;
    }
    ledger_count(v, LEDGER_REQUEST);
    (void)evtchn_send(v->domain, s->port[v->id]);
    sleep_until_answered(v, s);
    return IO_RETRY;
}

/* The server that claims p. *done: the write has been taken into its ring. */
static struct server *find_server(struct vcpu *v, const struct place *p, const struct io_access *a, bool *done)
{
    struct devmodel *dm = v->domain->devmodel;
    struct server *s;

    *done = false;
    spin_lock(&dm->lock);
    s = server_for(dm, p);
    if (s && !has_died(v, s)) {
        if (unlikely(s->flush_due))
            flush_mappings(v->domain, s);
        *done = put_write(v->domain, s, a);
    }
    spin_unlock(&dm->lock);
    return s;
}

static void access_latch(struct devmodel *dm, struct io_access *a)
{
    if (a->write)
        dm->cf8 = (u32)a->data;
    else
        a->data = dm->cf8;
}

/* A hidden device is nobody: a block comes unit by unit. */
static enum io_result access_nobody(struct io_access *a)
{
    if (a->count != 1)
        return IO_NOT_MINE;
    if (!a->write)
        a->data = io_ones(a->size);
    return IO_DONE;
}

enum io_result devmodel_access(struct vcpu *v, struct io_access *a)
{
    struct devmodel *dm = v->domain->devmodel;
    struct server *s;
    struct place p;
    bool done;

    if (is_pci_latch(a)) {
        access_latch(dm, a);
        return IO_DONE;
    }
    if (!place_of(a, dm->cf8, &p))
        return IO_NOT_MINE;
    if (platform_hides(dm, &p))
        return access_nobody(a);
    s = find_server(v, &p, a, &done);
    if (!s || done)
        return s ? IO_DONE : IO_NOT_MINE;
    if (has_died(v, s))
        return crash_orphan(v);
    if (a->write && p.type == IOREQ_TYPE_PCI_CONFIG)
        platform_learn(dm, p.address, a->size, (u32)a->data, true);
    if (is_unplug(a))
        devmodel_unplugged(v->domain, (u16)a->data);
    return send(v, s, &p, a);
}

/* ---- Mappings of the guest's memory that servers are to give up */

/* Tells all servers that have a ring, but the first one that v can ask, which is returned. v NULL: all. */
static struct server *flush_servers(struct domain *d, const struct vcpu *v)
{
    struct devmodel *dm = d->devmodel;
    struct server *first = NULL;

    if (!dm)
        return NULL;
    spin_lock(&dm->lock);
    for (unsigned int id = 0; id < MAX_SERVERS; id++) {
        struct server *s = dm->server[id];

        if (!s || !s->enabled)
            continue;
        if (v && !first && !has_died(v, s))
            first = s;
        else if (s->ring.memory)
            flush_mappings(d, s);
    }
    spin_unlock(&dm->lock);
    return first;
}

void devmodel_broadcast_invalidate(struct domain *d)
{
    (void)flush_servers(d, NULL);
}

enum io_result devmodel_invalidate(struct vcpu *v)
{
    static const struct place nowhere = { .type = IOREQ_TYPE_INVALIDATE };
    static const struct io_access drop = { .data = ~0UL, .count = 1, .size = 4, .write = true };
    struct server *first = flush_servers(v->domain, v);

    return first ? send(v, first, &nowhere, &drop) : IO_DONE;
}

/* ---- Answers */

static enum io_result complete(struct vcpu *v, struct io_access *a, u64 data)
{
    struct devmodel_vcpu *request = v->devmodel;

    request->busy = false;
    request->server = NULL;
    if (a->count == 1 && !a->write) {
        a->data = data & io_ones(a->size);
        if (request->type == IOREQ_TYPE_PCI_CONFIG)
            platform_learn(v->domain->devmodel, request->address, a->size, (u32)a->data, false);
    }
    return IO_DONE;
}

enum io_result devmodel_finish(struct vcpu *v, struct io_access *a)
{
    struct devmodel_vcpu *request = v->devmodel;
    struct server *s = request->server;
    u64 data = ~0UL;

    if (!s)
        return complete(v, a, data);
    switch (slot_look(slot_of(v, s), &request->seen, &data)) {
    case SLOT_ANSWERED:
        return complete(v, a, data);
    case SLOT_WAITS:
        if (has_died(v, s))
            return crash_orphan(v);
        if (evtchn_consumer_deserted(v->domain, s->port[v->id])) {
            slot_clear(slot_of(v, s));
            return complete(v, a, data);
        }
        sleep_until_answered(v, s);
        return IO_RETRY;
    default:
        domain_crash(v->domain, "v%u: its device model's answer is in a state that there is not", v->id);
        return IO_RETRY;
    }
}
