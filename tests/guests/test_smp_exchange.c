/* SPDX-License-Identifier: MIT */
// modes: control pv
/* Two vCPUs exchange, give back and get frames at once. Of two that want to exchange the same frame, or give it back, one
 * does; of one that exchanges it and one that maps it, too. Whatever each does to its own, and at the domain's limit, what
 * fails is an error: at the end each frame belongs to one place, can be mapped and holds what was put there, and the domain
 * has as many as it should. */
#include "lib/players.h"

#define OWN 64u                   /* frames of each vCPU's */
#define ROUNDS 1500u
#define DUELS 600u
#define MOST 1024u                /* frames that the domain's limit may be away */
#define MAX_ORDER 2u

/* A vCPU's pages, which its kernel does not need: by number, and the frame that is there; 0: none. */
static struct own { u64 pfn[OWN], frame[OWN]; } owns[2];
static u8 pages[2 * OWN][4096] page_aligned;
static u64 in_use;                /* a frame that is mapped */
static volatile u32 done[3][2];   /* by enum what: how often it went well and did not */
enum what { EXCHANGED, GIVEN, GOT };

static long pages_now(void) { domid_t self = DOMID_SELF; return CALL2(memory_op, XENMEM_current_reservation, &self); }
static long pages_at_most(void) { domid_t self = DOMID_SELF; return CALL2(memory_op, XENMEM_maximum_reservation, &self); }

static bool tell(enum what what, bool well)
{
    __atomic_fetch_add(&done[what][!well], 1, __ATOMIC_SEQ_CST);
    return well;
}

static long map(void *window, u64 entry) { return CALL3(update_va_mapping, window, entry, UVMF_INVLPG); }

/* ---- The calls. Frames in, frames out, in place. */

static long reservation(unsigned int cmd, xen_pfn_t *list, unsigned long n, unsigned int order)
{
    struct xen_memory_reservation op = { .nr_extents = n, .extent_order = order, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, list);
    return CALL2(memory_op, cmd, &op);
}

/* How many input extents were exchanged; out has the pfns, and then the frames. */
static unsigned long exchange(xen_pfn_t *in, unsigned long n_in, unsigned int in_order, xen_pfn_t *out, unsigned int out_order)
{
    struct xen_memory_exchange op = {
        .in = { .nr_extents = n_in, .extent_order = in_order, .domid = DOMID_SELF },
        .out = { .nr_extents = (n_in << in_order) >> out_order, .extent_order = out_order, .domid = DOMID_SELF } };
    long rc;

    set_xen_guest_handle(op.in.extent_start, in);
    set_xen_guest_handle(op.out.extent_start, out);
    rc = CALL2(memory_op, XENMEM_exchange, &op);
    if ((rc == 0) != (op.nr_exchanged == n_in))
        FAIL("exchange is %ld after %lu of %lu", rc, (unsigned long)op.nr_exchanged, n_in);
    return (unsigned long)op.nr_exchanged;
}

/* ---- Each vCPU's own frames */

/* 2^order places, each with a frame of its own: for one block, which becomes theirs; and back, one by one. */
static void exchange_some(struct own *o, u64 *seed)
{
    unsigned int order = random_below(seed, MAX_ORDER + 1), n = 1u << order, at = random_below(seed, OWN / n) * n;
    xen_pfn_t in[1 << MAX_ORDER], out[1 << MAX_ORDER];

    for (unsigned int i = 0; i < n; i++) {
        in[i] = o->frame[at + i];
        out[i] = o->pfn[at + i];
        if (!in[i])
            return;
    }
    if (random_below(seed, 2)) {              /* the block's pfns are its first one's and those behind it */
        bool wrong = n > 1 && random_below(seed, 4) == 0;

        if (wrong)
            in[n - 1] = in_use;               /* then the others stay too */
        if (tell(EXCHANGED, exchange(in, n, 0, out, order) == n))
            for (unsigned int i = 0; i < n; i++)
                o->frame[at + i] = wrong ? 0 : out[0] + i;
        EXPECT("frames in use that were exchanged", wrong && !o->frame[at], false);
    } else {
        unsigned long well = exchange(in, n, 0, out, 0);

        tell(EXCHANGED, well == n);
        for (unsigned int i = 0; i < well; i++)
            o->frame[at + i] = out[i];
    }
}

/* Some in a row. */
static void give_some(struct own *o, u64 *seed)
{
    unsigned int at = random_below(seed, OWN), n = 1 + random_below(seed, 4);

    for (unsigned int i = at; i < OWN && i < at + n; i++) {
        xen_pfn_t frame = o->frame[i];

        if (!frame)
            continue;
        if (tell(GIVEN, reservation(XENMEM_decrease_reservation, &frame, 1, 0) == 1))
            o->frame[i] = 0;
        else
            FAIL("frame %lx is not to be given back", (unsigned long)frame);
    }
}

static void get_some(struct own *o, u64 *seed)
{
    xen_pfn_t list[4], place[4];
    unsigned int n = 0;
    long got;

    for (unsigned int i = random_below(seed, OWN); i < OWN && n < 4; i++)
        if (!o->frame[i]) {
            place[n] = i;
            list[n++] = o->pfn[i];
        }
    if (!n)
        return;
    got = reservation(random_below(seed, 2) ? XENMEM_populate_physmap : XENMEM_increase_reservation, list, n, 0);
    tell(GOT, got == (long)n);
    if (got < 0 || got > (long)n)
        FAIL("%ld of %u frames", got, n);
    for (long i = 0; i < got; i++)
        o->frame[place[i]] = list[i];
}

static void own_frames(unsigned int me, u64 *seed)
{
    struct own *o = &owns[me];

    for (u32 round = 0; round < ROUNDS; round++)
        switch (random_below(seed, 4)) {
        case 0: give_some(o, seed); break;
        case 1: get_some(o, seed); break;
        default: exchange_some(o, seed);
        }
    while (o->frame[0] == 0)
        get_some(o, seed);
}

/* ---- Both want the same one */

enum move { EXCHANGE, GIVE_BACK, MAP, MOVES };

static volatile u64 wanted;
static volatile struct { u32 move; bool well; u64 frame; } players[2];

static void attempt(unsigned int me, enum move move)
{
    xen_pfn_t in = wanted, out = owns[0].pfn[0];

    players[me].move = move;
    players[me].frame = in;
    switch (move) {
    case EXCHANGE:
        players[me].well = exchange(&in, 1, 0, &out, 0) == 1;
        players[me].frame = out;
        break;
    case GIVE_BACK:
        players[me].well = reservation(XENMEM_decrease_reservation, &in, 1, 0) == 1;
        break;
    default:
        players[me].well = map(scratch[1 + me], in << 12 | PTE_RW_FLAGS) == 0;
    }
}

/* What the two attempts have left: the frame of the place, which is mapped nowhere; or 0. */
static u64 outcome(u32 round, long before)
{
    bool mapped = players[0].move == MAP || players[1].move == MAP;
    u64 left = wanted;

    if (players[0].move == players[1].move || !mapped) {
        if (players[0].move == MAP ? !(players[0].well && players[1].well) : players[0].well == players[1].well)
            FAIL("round %u: attempts %u and %u at one frame: %u, %u", round, players[0].move, players[1].move, players[0].well,
                 players[1].well);
    } else {
        unsigned int mapper = players[1].move == MAP;

        if (players[1 - mapper].move == EXCHANGE && players[0].well == players[1].well)
            FAIL("round %u: a frame is exchanged and mapped: %u, %u", round, players[0].well, players[1].well);
        if (players[1 - mapper].move == GIVE_BACK && !players[1 - mapper].well)
            FAIL("round %u: a frame that is being mapped cannot be given back", round);
    }
    for (unsigned int i = 0; i < 2; i++) {
        if (players[i].move == MAP)
            EXPECT("unmap", map(scratch[1 + i], 0), 0);
        if (players[i].move == EXCHANGE && players[i].well)
            left = players[i].frame;
        if (players[i].move == GIVE_BACK && players[i].well)
            left = 0;
    }
    EXPECT("frames", pages_now(), before - (left == 0));
    return left;
}

static void duels(unsigned int me, u64 *seed)
{
    for (u32 round = 0; round < DUELS; round++) {
        u64 dawdle = random_below(seed, 200);
        long before = me == 0 ? pages_now() : 0;

        if (me == 0)
            wanted = owns[0].frame[0];
        meet(me);
        for (volatile u64 n = dawdle; n; n--)
            ;
        attempt(me, random_below(seed, MOVES));
        meet(me);
        if (me == 0) {
            owns[0].frame[0] = outcome(round, before);
            for (xen_pfn_t frame = owns[0].pfn[0]; !owns[0].frame[0]; owns[0].frame[0] = frame)
                EXPECT("populate", reservation(XENMEM_populate_physmap, &frame, 1, 0), 1);
        }
    }
}

/* ---- Both want what is left to the domain: together they get it, and no more. */

static volatile long got[2];

static void limit(unsigned int me)
{
    static xen_pfn_t lists[2][MOST];
    long room = pages_at_most() - pages_now();

    meet(me);                     /* both have read it */
    if (room < 0 || room > (long)MOST) {
        if (me == 0)
            say("  room for %ld more frames: no limit to be met\n", room);
        return;
    }
    for (got[me] = 0; got[me] < (long)MOST && reservation(XENMEM_increase_reservation, &lists[me][got[me]], 1, 0) == 1; )
        got[me]++;
    meet(me);
    if (me == 0) {
        say("  %ld and %ld of %ld frames\n", got[0], got[1], room);
        EXPECT("frames of both", got[0] + got[1], room);
        EXPECT("frames now", pages_now(), pages_at_most());
    }
    meet(me);
    EXPECT("given back", reservation(XENMEM_decrease_reservation, lists[me], (unsigned long)got[me], 0), got[me]);
    meet(me);
    if (me == 0)
        EXPECT("frames again", pages_now(), pages_at_most() - room);
}

/* ---- The end: to each place its own frame */

static void put_and_see(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < 2 * OWN; i++) {
        u64 *frame = &owns[i / OWN].frame[i % OWN];

        if (*frame) {
            n++;
            EXPECT("mapping of a frame that is ours", map(pages[i], *frame << 12 | PTE_RW_FLAGS), 0);
            *(volatile u64 *)pages[i] = 0x1234567800000000 + i;
        }
    }
    for (unsigned int i = 0; i < 2 * OWN; i++)
        if (owns[i / OWN].frame[i % OWN])
            EXPECT("what was put there", *(volatile u64 *)pages[i], 0x1234567800000000 + i);
    say("  %u frames of %u\n", n, 2 * OWN);
}

static void take_apart(void)
{
    for (unsigned int i = 0; i < 2 * OWN; i++) {
        owns[i / OWN].pfn[i % OWN] = va_to_pfn(pages[i]);
        owns[i / OWN].frame[i % OWN] = va_to_mfn(pages[i]);
    }
    for (unsigned int i = 0; i < 2 * OWN; i++)
        EXPECT("unmap", CALL3(update_va_mapping, pages[i], 0, UVMF_INVLPG | UVMF_ALL), 0);
    for (unsigned int i = 0; i < 2; i++)
        EXPECT("unmap", map(scratch[1 + i], 0), 0);
    in_use = va_to_mfn(scratch[3]);
}

static unsigned int missing(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < 2 * OWN; i++)
        n += owns[i / OWN].frame[i % OWN] == 0;
    return n;
}

static void play(unsigned int me)
{
    static long before;
    u64 seed = 99 + me;

    if (me == 0)
        before = pages_now();
    meet(me);
    own_frames(me, &seed);
    meet(me);
    if (me == 0)
        EXPECT("frames, but for those that are given back", pages_now(), before - missing());
    meet(me);
    duels(me, &seed);
    meet(me);
    limit(me);
    meet(me);
    if (me == 0)
        EXPECT("frames at the end", pages_now(), before - missing());
}

static void second(void) { play(1); }

void test_main(void)
{
    static const char *const names[] = { "exchanged", "given back", "got" };

    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return;
    }
    (void)shared_info_page();
    take_apart();
    if (!start_second_vcpu(second))
        return;
    play(0);
    put_and_see();
    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        say("  %s: %u times, refused %u times\n", names[i], done[i][0], done[i][1]);
        if (!done[i][0])
            verdict(ERROR, "nothing was ever %s", names[i]);
    }
}
