/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64 pvh32
/* Two vCPUs with their event channels in queues. Both send to the same channels while both take ports off their queues, mask
 * and unmask, change priorities and vCPUs, close and bind anew. No send is lost, no event is more than was sent, and no port
 * is in another queue than one that it may be in, or in two; nothing stays behind. Then one vCPU writes rubbish into words and
 * control blocks while the other goes on: once that is cleaned up all works again. */
#include "lib/fifo.h"
#include "lib/players.h"

#define CHANNELS 16u
#define ROUNDS 240u
#define STEPS 64u
#define RUBBISH_STEPS 3000u
#define QUEUE(vcpu, priority) (1u << (16 * (vcpu) + (priority)))

/* What is done in a round, beside sending and, but for STILL, taking. */
enum kind { STILL, PLAIN, MASKS, MOVES, REBIRTHS, ALL, KINDS };

static struct channel {
    u32 from;                     /* where is sent; */
    volatile u32 port;            /* and where it arrives: closed and bound anew at times */
    u32 vcpu, priority, other;    /* of this round; another priority */
    volatile u32 queues;          /* where it may be found in this round: a bit each */
    u32 sent, seen, more;         /* in this round; events that there may be beside those that were sent */
} channels[CHANNELS];
static volatile u8 owner[FIFO_WORDS];      /* the channel whose port this is, and 1; 0: none's */
static volatile bool looking[2];           /* the vCPU is between finding a port and having taken it */
static volatile u32 kind, steps;           /* of this round */
static volatile bool rubbish;

/* Nothing can be said of what comes after this. */
#define give_up(...) do { FAIL(__VA_ARGS__); finish(); } while (0)

static void count(u32 *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST); }

/* ---- One vCPU's moves */

static void send(struct channel *c)
{
    count(&c->sent);
    EXPECT("send", on_port(EVTCHNOP_send, c->from), 0);
}

static void unmask(struct channel *c)
{
    count(&c->more);              /* one that was pending, and is taken meanwhile */
    EXPECT("unmask", on_port(EVTCHNOP_unmask, c->port), 0);
}

static void taken(unsigned int me, const struct fifo_event *e, struct channel *c)
{
    event_word_t word = fifo_read(e->port);

    if (!(c->queues & QUEUE(me, e->queue)))
        FAIL("port %u is in queue %u of vCPU %u: it may be in %x", e->port, e->queue, me, c->queues);
    if ((word & FIFO_PENDING) && !(word & FIFO_MASKED) && (fifo_clear(e->port, FIFO_PENDING) & FIFO_PENDING))
        count(&c->seen);
}

/* A port that is nobody's any more only leaves its queue. */
static bool take(unsigned int me)
{
    struct channel *c = NULL;
    struct fifo_event e;
    bool there;

    __atomic_store_n(&looking[me], true, __ATOMIC_SEQ_CST);
    there = fifo_first(me, &e);
    if (there) {
        if (e.port == 0 || e.port >= FIFO_WORDS)
            give_up("queue %u of vCPU %u has port %u", e.queue, me, e.port);
        if (owner[e.port])
            c = &channels[owner[e.port] - 1];
        if (!(fifo_take(me, &e) & FIFO_LINKED))
            give_up("port %u is found in queue %u of vCPU %u, and not linked", e.port, e.queue, me);
        if (c)
            taken(me, &e, c);
    }
    __atomic_store_n(&looking[me], false, __ATOMIC_SEQ_CST);
    return there;
}

static void drain(unsigned int me)
{
    for (u32 n = 0; take(me); n++)
        if (n > FIFO_WORDS)
            give_up("vCPU %u's queues have no end", me);
}

static void move(struct channel *c, u64 *seed)
{
    if (random_below(seed, 2))
        EXPECT("set_priority", set_priority(c->port, random_below(seed, 2) ? c->priority : c->other), 0);
    else
        EXPECT("bind_vcpu", bind_vcpu(c->port, random_below(seed, 2)), 0);
}

/* The end where events arrive is closed, perhaps while it is in a queue, and another bound. Nobody who has found the old one
 * may take what is the new one's for its event: so nobody is looking when it is closed. */
static void reborn(unsigned int me, struct channel *c)
{
    u32 port = c->port;

    owner[port] = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    while (looking[1 - me])
        CALL2(sched_op, SCHEDOP_yield, 0);
    (void)fifo_set(port, FIFO_MASKED);
    EXPECT("close", on_port(EVTCHNOP_close, port), 0);
    count(&c->more);              /* binding tells of what came too early */
    EXPECT("bind_interdomain", bind_to_own(c->from, &port), 0);
    if (port >= FIFO_WORDS)
        give_up("port %u: those before are not free again", port);
    c->port = port;
    owner[port] = (u8)(c - channels + 1);
    unmask(c);
}

/* Each vCPU closes channels of its own alone: what a port is called is then known to whoever closes it. Moves of the others'
 * would meet closed ports. */
static void change(unsigned int me, enum kind what, u64 *seed)
{
    struct channel *c = &channels[random_below(seed, CHANNELS)];
    struct channel *own = &channels[random_below(seed, CHANNELS / 2) * 2 + me];

    switch (what) {
    case MASKS:
        if (random_below(seed, 2))
            (void)fifo_set(c->port, FIFO_MASKED);
        else
            unmask(c);
        break;
    case MOVES: move(kind == ALL ? own : c, seed); break;
    case REBIRTHS: reborn(me, own); break;
    case ALL: change(me, MASKS + random_below(seed, 3), seed); break;
    default: break;
    }
}

static void step(unsigned int me, u64 *seed)
{
    u32 n = random_below(seed, 8);

    if (n < 4 || kind == STILL)
        send(&channels[random_below(seed, CHANNELS)]);
    else if (n < 6)
        for (u32 times = random_below(seed, 4); times && take(me); times--)
            ;
    else
        change(me, kind, seed);
}

/* ---- A round */

/* The first vCPU, while the other waits. */
static void begin(u32 round, u64 *seed)
{
    kind = round % KINDS;
    steps = round % 5 ? 1 + random_below(seed, STEPS) : 1 + random_below(seed, 3);
    for (unsigned int i = 0; i < CHANNELS; i++) {
        struct channel *c = &channels[i];

        c->vcpu = random_below(seed, 2);
        c->priority = random_below(seed, EVTCHN_FIFO_MAX_QUEUES);
        c->other = (c->priority + 5) % EVTCHN_FIFO_MAX_QUEUES;
        EXPECT("bind_vcpu", bind_vcpu(c->port, c->vcpu), 0);
        EXPECT("set_priority", set_priority(c->port, c->priority), 0);
        c->queues = QUEUE(c->vcpu, c->priority);
        if (kind == MOVES || kind == ALL)
            c->queues = QUEUE(0, c->priority) | QUEUE(1, c->priority) | QUEUE(0, c->other) | QUEUE(1, c->other);
        if (kind == REBIRTHS || kind == ALL)     /* a new port has the first vCPU and the ordinary priority */
            c->queues |= QUEUE(0, EVTCHN_FIFO_PRIORITY_DEFAULT);
        if (kind == ALL)                         /* and moves from there */
            c->queues |= QUEUE(1, EVTCHN_FIFO_PRIORITY_DEFAULT);
        c->sent = c->seen = c->more = 0;
    }
}

/* One queue that nobody has taken from yet: its ports are marked in found. */
static void walk(unsigned int vcpu, u32 queue, u32 *found)
{
    u32 port = fifo_control(vcpu)->head[queue];

    for (u32 n = 0; port; n++) {
        event_word_t word = fifo_read(port);
        u32 which = port < FIFO_WORDS ? owner[port] : 0;

        if (!which || n > CHANNELS) {
            FAIL("port %u is the %u. in queue %u of vCPU %u", port, n, queue, vcpu);
            return;
        }
        if ((word & ~(event_word_t)EVTCHN_FIFO_LINK_MASK) != (FIFO_PENDING | FIFO_LINKED))
            FAIL("port %u is in queue %u of vCPU %u, and its word %x", port, queue, vcpu, word);
        if (*found >> (which - 1) & 1)
            FAIL("port %u is in two queues, or twice in one", port);
        if (channels[which - 1].queues != QUEUE(vcpu, queue))
            FAIL("port %u is in queue %u of vCPU %u, not %x", port, queue, vcpu, channels[which - 1].queues);
        *found |= 1u << (which - 1);
        port = word & EVTCHN_FIFO_LINK_MASK;
    }
}

/* After sends alone: whatever was sent to is in its queue, and the vCPUs know. */
static void look(void)
{
    u32 found = 0;

    for (unsigned int vcpu = 0; vcpu < 2; vcpu++) {
        u32 ready = fifo_control(vcpu)->ready, wanted = 0;

        for (unsigned int i = 0; i < CHANNELS; i++)
            if (channels[i].sent && channels[i].vcpu == vcpu)
                wanted |= 1u << channels[i].priority;
        EXPECT("the ready word", ready, wanted);
        if (ready && !shared_info_page()->vcpu_info[vcpu].evtchn_upcall_pending)
            FAIL("vCPU %u has events and was not told", vcpu);
        for (u32 queue = 0; queue < EVTCHN_FIFO_MAX_QUEUES; queue++)
            if (ready >> queue & 1)
                walk(vcpu, queue, &found);
    }
    for (unsigned int i = 0; i < CHANNELS; i++)
        EXPECT("in a queue", found >> i & 1, channels[i].sent != 0);
}

/* All is taken. Where ports die and are born, one who sends to the old port may come so late that he reaches the new one. */
static void end(u32 round)
{
    for (unsigned int i = 0; i < CHANNELS; i++) {
        struct channel *c = &channels[i];

        if (fifo_read(c->port))
            FAIL("round %u: the word of port %u is %x", round, c->port, fifo_read(c->port));
        if (c->sent && !c->seen)
            FAIL("round %u: %u events sent to port %u are lost", round, c->sent, c->port);
        if (kind < REBIRTHS && c->seen > c->sent + c->more)
            FAIL("round %u: port %u has %u events of %u", round, c->port, c->seen, c->sent + c->more);
    }
    for (u32 port = 1; port < FIFO_WORDS; port++)
        if (fifo_read(port) & (FIFO_LINKED | FIFO_BUSY | EVTCHN_FIFO_LINK_MASK))
            FAIL("round %u: the word of port %u is %x", round, port, fifo_read(port));
    for (unsigned int vcpu = 0; vcpu < 2; vcpu++)
        EXPECT("the ready word", fifo_control(vcpu)->ready, 0);
}

/* Nothing is masked, and what was pending is taken. */
static void settle(unsigned int me)
{
    meet(me);
    for (unsigned int i = me; i < CHANNELS; i += 2)
        unmask(&channels[i]);
    meet(me);
    drain(me);
    meet(me);
}

static void play(unsigned int me, u32 rounds, u64 seed)
{
    settle(me);
    for (u32 round = 0; round < rounds; round++) {
        if (me == 0)
            begin(round, &seed);
        meet(me);
        for (u32 n = 0; n < steps; n++)
            step(me, &seed);
        meet(me);
        if (me == 0 && kind == STILL)
            look();
        meet(me);
        drain(me);
        settle(me);
        if (me == 0)
            end(round);
    }
}

/* ---- Rubbish */

static event_word_t any_word(u32 port, u64 *seed)
{
    switch (random_below(seed, 6)) {
    case 0: return FIFO_LINKED | FIFO_PENDING | port;
    case 1: return FIFO_LINKED | FIFO_BUSY | EVTCHN_FIFO_LINK_MASK;
    case 2: return ~0u;
    case 3: return FIFO_LINKED | random_below(seed, FIFO_WORDS);
    case 4: return FIFO_BUSY | random_below(seed, 1u << 30);
    default: return 0;
    }
}

static void scribble(u64 *seed)
{
    while (rubbish) {
        const struct channel *c = &channels[random_below(seed, CHANNELS)];
        volatile struct evtchn_fifo_control_block *control = fifo_control(random_below(seed, 2));
        u32 port = random_below(seed, 4) ? c->port : random_below(seed, FIFO_WORDS);

        if (random_below(seed, 8) == 0)
            control->ready = any_word(port, seed);
        control->head[random_below(seed, EVTCHN_FIFO_MAX_QUEUES)] = any_word(port, seed);
        *(volatile event_word_t *)fifo_word(port) = any_word(port, seed);
        for (u32 n = 0; n < 50; n++)         /* while somebody is about to link behind it */
            __atomic_fetch_xor(fifo_word(c->port), FIFO_MASKED, __ATOMIC_SEQ_CST);
    }
}

/* Whatever the answers are: a port may look as if it were in a queue yet, and so cannot be had. */
static void go_on_regardless(u64 *seed)
{
    struct channel *c = &channels[random_below(seed, CHANNELS)];
    u32 port;

    switch (random_below(seed, 6)) {
    case 0: (void)set_priority(c->port, random_below(seed, EVTCHN_FIFO_MAX_QUEUES)); break;
    case 1: (void)bind_vcpu(c->port, random_below(seed, 2)); break;
    case 2: (void)on_port(EVTCHNOP_unmask, random_below(seed, FIFO_WORDS)); break;
    case 3:
        if (c->port)
            (void)on_port(EVTCHNOP_close, c->port);
        c->port = bind_to_own(c->from, &port) ? 0 : port;
        break;
    default: (void)on_port(EVTCHNOP_send, c->from); break;
    }
}

/* Where a channel's events arrive. */
static void attach(unsigned int which)
{
    u32 port;

    EXPECT("bind_interdomain", bind_to_own(channels[which].from, &port), 0);
    if (port >= FIFO_WORDS)
        give_up("port %u", port);
    channels[which].port = port;
    channels[which].queues = ~0u;   /* whatever comes before the next round begins */
    owner[port] = (u8)(which + 1);
}

/* All words and queues as they were at first, and each channel has a new end. */
static void clean_up(void)
{
    fifo_words_new();
    memset((void *)owner, 0, sizeof(owner));
    for (unsigned int vcpu = 0; vcpu < 2; vcpu++)
        memset((void *)fifo_control(vcpu), 0, sizeof(struct evtchn_fifo_control_block));
    memset(fifo_own, 0, sizeof(fifo_own));
    for (unsigned int i = 0; i < CHANNELS; i++) {
        if (channels[i].port)
            EXPECT("close", on_port(EVTCHNOP_close, channels[i].port), 0);
        attach(i);
    }
}

static void write_rubbish(unsigned int me, u64 seed)
{
    meet(me);
    rubbish = true;
    meet(me);
    if (me == 1)
        scribble(&seed);
    for (u32 n = 0; me == 0 && n < RUBBISH_STEPS; n++)
        go_on_regardless(&seed);
    rubbish = false;
    meet(me);
    if (me == 0)
        clean_up();
    meet(me);
}

static void all(unsigned int me)
{
    play(me, ROUNDS, 4711 + me);
    write_rubbish(me, 42 + me);
    play(me, 2 * KINDS, 815 + me);
}

static void second(void) { all(1); }

void test_main(void)
{
    if (!fifo_begin())
        return;
    for (unsigned int i = 0; i < CHANNELS; i++) {
        EXPECT("alloc_unbound", alloc_unbound(&channels[i].from), 0);
        attach(i);
    }
    if (start_second_vcpu(second))
        all(0);
}
