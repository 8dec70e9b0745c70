/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64 pvh32
// xl: memory=32 max_event_channels=4095
/* Queues of event channels come, grow and go while events do. A vCPU sends to each port of a page of words while the other
 * gives that page: each event is seen once. In the control domain's place also: of two vCPUs that give the same control block
 * one is told that it is there; and a reset, while the other vCPU sends, unmasks, sets priorities and polls, gives all memory
 * back. */
#include "lib/fifo.h"
#include "lib/players.h"

#define RESETS 60u
#define PORTS 8u                  /* opened after each reset */

static u8 seen[FIFO_PAGES * FIFO_WORDS];   /* how often each port was */

static void drain(unsigned int me)
{
    struct fifo_event e;

    for (u32 n = 0; fifo_first(me, &e); n++) {
        if (e.port == 0 || e.port >= FIFO_PAGES * FIFO_WORDS || n > FIFO_PAGES * FIFO_WORDS) {
            FAIL("queue %u of vCPU %u has port %u, the %u.", e.queue, me, e.port, n);
            finish();
        }
        if (!(fifo_take(me, &e) & FIFO_LINKED))
            FAIL("port %u is found in queue %u of vCPU %u, and not linked", e.port, e.queue, me);
        if (fifo_clear(e.port, FIFO_PENDING) & FIFO_PENDING)
            seen[e.port]++;
    }
}

static void was_seen_once(u32 port)
{
    if (seen[port] != 1 || fifo_read(port))
        FAIL("port %u was seen %u times, its word is %x", port, seen[port], fifo_read(port));
}

/* ---- Words that come while events do */

static void send_to_page(u32 page)
{
    for (u32 port = page * FIFO_WORDS; port < (page + 1) * FIFO_WORDS; port++)
        EXPECT("send to a port whose word may not be there", on_port(EVTCHNOP_send, port), 0);
}

static void give(u32 page)
{
    for (volatile u32 n = 0; n < 20000 * page; n++)
        ;
    EXPECT("expand_array", fifo_expand(page), 0);
}

static void grow(unsigned int me)
{
    for (u32 page = 1; page < FIFO_PAGES; page++) {
        for (u32 port = 0, n = 0; me == 0 && port != (page + 1) * FIFO_WORDS - 1; n++)
            if (bind_ipi(n & 1, &port)) {
                FAIL("no port after %u", port);
                finish();
            }
        meet(me);
        if (me == 0)
            give(page);
        else
            send_to_page(page);
        meet(me);
        drain(me);
        meet(me);
        for (u32 port = page * FIFO_WORDS; me == 0 && port < (page + 1) * FIFO_WORDS; port++)
            was_seen_once(port);
    }
}

#ifdef GUEST_HW
static void reset(unsigned int me) { }
#else
/* ---- Resets. No port may be opened meanwhile: it would be closed too. */

static volatile bool flood;
static volatile u32 refused[2];            /* of the two control blocks */

static void send_everything(u64 *seed)
{
    struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };
    evtchn_port_t port;

    while (flood) {
        port = 1 + random_below(seed, random_below(seed, 4) ? PORTS : FIFO_PAGES * FIFO_WORDS - 1);
        set_xen_guest_handle(poll.ports, &port);
        (void)on_port(EVTCHNOP_send, port);
        (void)on_port(EVTCHNOP_unmask, port);
        (void)set_priority(port, random_below(seed, EVTCHN_FIFO_MAX_QUEUES));
        (void)CALL2(sched_op, SCHEDOP_poll, &poll);
    }
}

static void set_up(unsigned int me)
{
    for (u32 vcpu = 0; vcpu < 2; vcpu++) {
        long rc;

        meet(me);
        rc = fifo_init(vcpu);
        if (rc)
            __atomic_fetch_add(&refused[vcpu], 1, __ATOMIC_SEQ_CST);
        if (rc && rc != -XEN_EINVAL)
            FAIL("init_control is %ld", rc);
    }
    meet(me);
    for (u32 vcpu = 0; me == 0 && vcpu < 2; vcpu++) {
        EXPECT("control blocks refused", refused[vcpu], 1);
        refused[vcpu] = 0;
    }
    memset(&fifo_own[me], 0, sizeof(fifo_own[me]));
}

/* Of ports that no other was before, each is the first: the lowest ones are free. */
static void use(unsigned int me, u32 *ports)
{
    for (unsigned int i = 0; me == 0 && i < PORTS; i++) {
        EXPECT("bind_ipi", bind_ipi(i & 1, &ports[i]), 0);
        EXPECT("its number", ports[i], i + 1);
    }
    if (me == 0) {
        memset(fifo_words, 0, sizeof(fifo_words));
        memset(seen, 0, sizeof(seen));
        EXPECT("expand_array", fifo_expand(0), 0);
    }
    meet(me);
    for (unsigned int i = me; i < PORTS; i += 2)
        EXPECT("send", on_port(EVTCHNOP_send, ports[i]), 0);
    meet(me);
    drain(me);
    meet(me);
    for (unsigned int i = 0; me == 0 && i < PORTS; i++)
        was_seen_once(ports[i]);
}

/* A frame that anybody may still write to is no page table. */
static void nobody_writes(const char *what, void *page)
{
    u64 mfn = va_to_mfn(page);
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn };

    memset(page, 0, 4096);
    EXPECT("for reading", CALL3(update_va_mapping, page, mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG | UVMF_ALL), 0);
    EXPECT(what, CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF), 0);
    pin.cmd = MMUEXT_UNPIN_TABLE;
    EXPECT("unpin", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF), 0);
}

/* In the control domain's place no console hangs on a port. */
static void reset(unsigned int me)
{
    static u32 ports[PORTS];
    struct evtchn_reset op = { .dom = DOMID_SELF };
    u64 seed = 1234;

    if (!(start_info->flags & SIF_INITDOMAIN))
        return;
    for (u32 round = 0; round < RESETS; round++) {
        flood = true;
        meet(me);
        if (me == 0) {
            for (volatile u32 n = random_below(&seed, 20000); n; n--)
                ;
            EXPECT("reset", CALL2(event_channel_op, EVTCHNOP_reset, &op), 0);
            flood = false;
        } else {
            send_everything(&seed);
        }
        set_up(me);
        use(me, ports);
    }
    if (me == 0) {
        EXPECT("the last reset", CALL2(event_channel_op, EVTCHNOP_reset, &op), 0);
        nobody_writes("the words' page as a table", fifo_words[0]);
        nobody_writes("a control block's page as a table", fifo_control_pages[1]);
    }
}
#endif

static void all(unsigned int me)
{
    grow(me);
    reset(me);
}

static void second(void) { all(1); }

void test_main(void)
{
    if (fifo_begin() && start_second_vcpu(second))
        all(0);
}
