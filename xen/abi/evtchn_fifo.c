/* SPDX-License-Identifier: MIT */
/* Ports in queues (public header xen/event_channel.h, "FIFO ABI"): the guest gives a word for each port in an event
 * array, and per vCPU a control block with the heads of sixteen queues, one a priority. A pending port is linked to
 * the tail of a queue by Prism, and taken off its head by the guest, which clears LINKED and reads the link.
 *
 * All that memory is the guest's, and it may write there whatever it likes: Prism decides nothing by it but whether
 * to link, and follows no link. Its own state of a queue is the tail alone. */
#include "abi/event_port.h"
#include "abi/evtchn_fifo.h"
#include "cpu/x86.h"
#include "dom/sched.h"
#include "mem/frame.h"

#define BIT_PENDING (1u << EVTCHN_FIFO_PENDING)
#define BIT_MASKED (1u << EVTCHN_FIFO_MASKED)
#define BIT_LINKED (1u << EVTCHN_FIFO_LINKED)
#define BIT_BUSY (1u << EVTCHN_FIFO_BUSY)

/* 32-bit operations: an event word may be the last one of its page. */
static bool word_test_and_set(volatile event_word_t *w, event_word_t bit)
{
    return __atomic_fetch_or(w, bit, __ATOMIC_SEQ_CST) & bit;
}

static bool word_test_and_clear(volatile event_word_t *w, event_word_t bit)
{
    return __atomic_fetch_and(w, ~bit, __ATOMIC_SEQ_CST) & bit;
}

static volatile event_word_t *word_of(const struct domain *d, u32 port)
{
    const struct evtchn_fifo_domain *f = ACCESS_ONCE(d->evtchn_fifo);

    if (!f || port / FIFO_WORDS_PER_PAGE >= ACCESS_ONCE(f->pages))
        return NULL;
    return f->page[port / FIFO_WORDS_PER_PAGE] + port % FIFO_WORDS_PER_PAGE;
}

/* ---- Linking. The queue's vCPU's lock held, interrupts off. */

enum link_result { LINKED, TAIL_GONE, STILL_CHANGING };

static enum link_result try_link(volatile event_word_t *tail, u32 port, event_word_t keep)
{
    for (unsigned int tries = 0; tries < 4; tries++) {
        event_word_t w = *tail, wanted = (w & ~(event_word_t)(EVTCHN_FIFO_LINK_MASK | BIT_BUSY)) | port;

        if (!(w & BIT_LINKED)) {
            if (w & BIT_BUSY)
                (void)word_test_and_clear(tail, BIT_BUSY);
            return TAIL_GONE;
        }
        if (cmpxchg(tail, w | keep, wanted) == (w | keep))
            return LINKED;
    }
    return STILL_CHANGING;
}

/* Appends port behind `tail`, if that is still in the queue. A guest that goes on changing the word gets a second
 * chance with BUSY set, which asks it to wait; one that does not wait loses the event, and only its own. */
static bool link_behind(volatile event_word_t *tail, u32 port)
{
    enum link_result result = try_link(tail, port, 0);

    if (result == STILL_CHANGING) {
        (void)word_test_and_set(tail, BIT_BUSY);
        result = try_link(tail, port, BIT_BUSY);
        if (result == STILL_CHANGING)
            (void)word_test_and_clear(tail, BIT_BUSY);
    }
    return result == LINKED;
}

/* Puts port at the end of the queue; true if that was empty, so that the guest has to be told. */
static bool append(struct domain *d, struct evtchn_fifo_vcpu *fv, u32 priority, u32 port)
{
    u32 *tail = &fv->tail[priority];
    volatile event_word_t *tail_word = *tail ? word_of(d, *tail) : NULL;
    bool linked = tail_word && link_behind(tail_word, port);

    if (!linked)
        ACCESS_ONCE(fv->control->head[priority]) = port;
    *tail = port;
    return !linked;
}

/* Locks the queue the port was last in and the one it belongs in now. The first changes only under both. */
static void lock_queues(struct domain *d, struct evtchn *c, struct vcpu *v, struct evtchn_fifo_vcpu **old)
{
    for (;;) {
        u32 last = c->last_queue;
        struct vcpu *last_vcpu = d->vcpu[last >> 8];

        *old = last_vcpu && last_vcpu->fifo ? last_vcpu->fifo : v->fifo;
        spin_lock_pair(&(*old)->lock, &v->fifo->lock);
        if (c->last_queue == last)
            return;
        spin_unlock_pair(&(*old)->lock, &v->fifo->lock);
    }
}

/* A pending, unmasked port that is in no queue goes into its vCPU's, and the vCPU is notified. Interrupts off. */
static void link_port(struct domain *d, struct evtchn *c, volatile event_word_t *word)
{
    struct vcpu *v = d->vcpu[c->vcpu];
    struct evtchn_fifo_vcpu *old;
    u32 priority = c->priority;
    bool was_empty = false;

    if (!v || !v->fifo || !v->fifo->control)
        return;   /* it stays pending, and is found if the guest sets the vCPU up and unmasks */
    lock_queues(d, c, v, &old);
    if (!word_test_and_set(word, BIT_LINKED)) {
        u32 queue = (u32)v->id << 8 | priority;

        /* If it was the last one taken from its old queue, that is empty: its tail must not be linked to any more. */
        if (old->tail[c->last_queue & 0xff] == c->port)
            old->tail[c->last_queue & 0xff] = 0;
        c->last_queue = queue;
        was_empty = append(d, v->fifo, priority, c->port);
    }
    spin_unlock_pair(&old->lock, &v->fifo->lock);
    if (was_empty && !word_test_and_set(&v->fifo->control->ready, 1u << priority))
        vcpu_mark_events_pending(v);
}

static void fifo_set_pending(struct domain *d, struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);
    bool was_pending;

    if (!word) {
        c->pending_early = 1;
        smp_mb();
        word = word_of(d, c->port);   /* it came meanwhile: whoever gave it may have looked for the mark too early */
        if (!word || !xchg(&c->pending_early, 0))
            return;
    }
    was_pending = word_test_and_set(word, BIT_PENDING);
    if (!(*word & (BIT_MASKED | BIT_LINKED)))
        link_port(d, c, word);
    if (!was_pending)
        evtchn_check_pollers(d, c->port);
}

static void fifo_clear_pending(struct domain *d, struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);

    c->pending_early = 0;
    if (word)   /* LINKED stays: the guest takes it off the queue, and may not find the port there twice */
        (void)word_test_and_clear(word, BIT_PENDING);
}

static void fifo_unmask(struct domain *d, struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);

    if (!word)
        return;
    (void)word_test_and_clear(word, BIT_MASKED);
    if (*word & BIT_PENDING)
        fifo_set_pending(d, c);
}

static bool fifo_is_pending(const struct domain *d, const struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);

    return word ? *word & BIT_PENDING : c->pending_early;
}

static bool fifo_is_masked(const struct domain *d, const struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);

    return !word || (*word & BIT_MASKED);
}

static bool fifo_is_busy(const struct domain *d, const struct evtchn *c)
{
    volatile event_word_t *word = word_of(d, c->port);

    return word && (*word & BIT_LINKED);
}

const struct evtchn_port_ops evtchn_ops_fifo = {
    .max_ports = EVTCHN_FIFO_NR_CHANNELS,
    .set_pending = fifo_set_pending,
    .clear_pending = fifo_clear_pending,
    .unmask = fifo_unmask,
    .is_pending = fifo_is_pending,
    .is_masked = fifo_is_masked,
    .is_busy = fifo_is_busy,
};
