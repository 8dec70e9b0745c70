/* SPDX-License-Identifier: MIT */
/* The guest's side of event channels in queues (public header xen/event_channel.h, "FIFO ABI"), for two vCPUs: a word for each
 * port, and for each vCPU a control block and the ports at which its queues go on. */
#ifndef PRISM_TESTS_FIFO_H
#define PRISM_TESTS_FIFO_H

#include <xen/event_channel.h>

#include "lib/guest.h"

#define FIFO_PAGES 4
#define FIFO_WORDS 1024u                    /* in a page */
#define FIFO_PENDING (1u << EVTCHN_FIFO_PENDING)
#define FIFO_MASKED (1u << EVTCHN_FIFO_MASKED)
#define FIFO_LINKED (1u << EVTCHN_FIFO_LINKED)
#define FIFO_BUSY (1u << EVTCHN_FIFO_BUSY)

static event_word_t fifo_words[FIFO_PAGES][FIFO_WORDS] page_aligned;
static u8 fifo_control_pages[2][4096] page_aligned;
static struct { u32 ready, head[EVTCHN_FIFO_MAX_QUEUES]; } fifo_own[2];   /* seen as ready; where a queue goes on, or 0 */

struct fifo_event { u32 port, queue; };

static inline volatile struct evtchn_fifo_control_block *fifo_control(unsigned int vcpu)
{
    return (void *)&fifo_control_pages[vcpu][64 * vcpu];
}

static inline event_word_t *fifo_word(u32 port) { return &fifo_words[port / FIFO_WORDS % FIFO_PAGES][port % FIFO_WORDS]; }
static inline event_word_t fifo_read(u32 port) { return __atomic_load_n(fifo_word(port), __ATOMIC_SEQ_CST); }
/* Both return what was there. */
static inline event_word_t fifo_set(u32 port, event_word_t bits)
{ return __atomic_fetch_or(fifo_word(port), bits, __ATOMIC_SEQ_CST); }
static inline event_word_t fifo_clear(u32 port, event_word_t bits)
{ return __atomic_fetch_and(fifo_word(port), ~bits, __ATOMIC_SEQ_CST); }

static inline long fifo_init(u32 vcpu)
{
    struct evtchn_init_control op = { .control_gfn = frame_of(fifo_control_pages[vcpu]), .offset = 64 * vcpu, .vcpu = vcpu };

    return CALL2(event_channel_op, EVTCHNOP_init_control, &op);
}

static inline long fifo_expand(u32 page)
{
    struct evtchn_expand_array op = { .array_gfn = frame_of(fifo_words[page]) };

    return CALL2(event_channel_op, EVTCHNOP_expand_array, &op);
}

/* The port that comes next for this vCPU. It stays where it is. */
static inline bool fifo_first(unsigned int vcpu, struct fifo_event *e)
{
    volatile struct evtchn_fifo_control_block *control = fifo_control(vcpu);

    shared_info_page()->vcpu_info[vcpu].evtchn_upcall_pending = 0;
    fifo_own[vcpu].ready |= __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);
    if (!fifo_own[vcpu].ready)
        return false;
    e->queue = (u32)__builtin_ctz(fifo_own[vcpu].ready);
    e->port = fifo_own[vcpu].head[e->queue];
    if (!e->port)
        e->port = control->head[e->queue];
    return true;
}

/* Takes it off its queue: its word before that. */
static inline event_word_t fifo_take(unsigned int vcpu, const struct fifo_event *e)
{
    event_word_t word = fifo_clear(e->port, FIFO_LINKED | EVTCHN_FIFO_LINK_MASK);

    fifo_own[vcpu].head[e->queue] = word & EVTCHN_FIFO_LINK_MASK;
    if (!fifo_own[vcpu].head[e->queue])
        fifo_own[vcpu].ready &= ~(1u << e->queue);
    return word;
}

/* All words as at the start: masked those of the first page, as kernels have them before they bind a port. */
static inline void fifo_words_new(void)
{
    memset(fifo_words, 0, sizeof(fifo_words));
    for (u32 port = 0; port < FIFO_WORDS; port++)
        *fifo_word(port) = FIFO_MASKED;
}

/* Queues for both vCPUs and the first page of words; what comes too early or twice is refused. False, with a verdict: there is
 * one vCPU only. */
static inline bool fifo_begin(void)
{
    (void)shared_info_page();
    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return false;
    }
    fifo_words_new();
    EXPECT("expand_array without queues", fifo_expand(0), -XEN_EOPNOTSUPP);
    for (u32 vcpu = 0; vcpu < 2; vcpu++) {
        EXPECT("init_control", fifo_init(vcpu), 0);
        EXPECT("init_control a second time", fifo_init(vcpu), -XEN_EINVAL);
    }
    EXPECT("expand_array", fifo_expand(0), 0);
    return true;
}

/* ---- Ports */

static inline long on_port(unsigned int cmd, u32 port)
{
    struct evtchn_send op = { .port = port };   /* of close and unmask too */

    return CALL2(event_channel_op, cmd, &op);
}

static inline long set_priority(u32 port, u32 priority)
{
    struct evtchn_set_priority op = { .port = port, .priority = priority };

    return CALL2(event_channel_op, EVTCHNOP_set_priority, &op);
}

static inline long bind_vcpu(u32 port, u32 vcpu)
{
    struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

    return CALL2(event_channel_op, EVTCHNOP_bind_vcpu, &op);
}

static inline long bind_ipi(u32 vcpu, u32 *port)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };
    long rc = CALL2(event_channel_op, EVTCHNOP_bind_ipi, &op);

    *port = op.port;
    return rc;
}

/* A channel from this domain to itself: one end, and another for it. */
static inline long alloc_unbound(u32 *port)
{
    struct evtchn_alloc_unbound op = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
    long rc = CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &op);

    *port = op.port;
    return rc;
}

static inline long bind_to_own(u32 remote, u32 *port)
{
    struct evtchn_bind_interdomain op = { .remote_dom = DOMID_SELF, .remote_port = remote };
    long rc = CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &op);

    *port = op.local_port;
    return rc;
}

#endif
