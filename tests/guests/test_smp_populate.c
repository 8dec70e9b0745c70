/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32
// xl: memory=32 maxmem=64
/* Two vCPUs at memory that is populated on demand, with half as many frames as pages. Both come to the same page at once, by an
 * instruction or a hypercall: it is there once, and zero but for what they put there. Both read more than there are frames for,
 * so that frames go from page to page under both. A page that both give back is given back by one; one that is read or written
 * meanwhile is what it was, or nothing. What both populate then is zero, and everywhere each page has a frame of its own. */
#include "lib/players.h"

#define FIRST 0x500000ul          /* behind the kernel's image and tables */
#define FULL_END 0xd00000ul       /* both write to all of this, */
#define SPARSE_END 0x1500000ul    /* to every SPARSE. page of this, */
#define END 0x3f00000ul           /* and this they give back */
#define SPARSE 16u
#define POPULATED 1024u           /* pages of what was given back */
#define TEXT 1024u                /* where a hypercall writes in a page */

static const unsigned long first_given = SPARSE_END >> 12, past_given = END >> 12;
static u8 given[(END - SPARSE_END) >> 12];   /* how often each page was given back */

static volatile unsigned long *words(unsigned long at) { return (volatile unsigned long *)at; }

static long pages_now(void) { domid_t self = DOMID_SELF; return CALL2(memory_op, XENMEM_current_reservation, &self); }

/* ---- Both at once at the same page */

static void put(unsigned int me, unsigned long at)
{
    (void)__atomic_fetch_add((u32 *)at, 1, __ATOMIC_SEQ_CST);
    words(at)[2 + me] = at;
}

static void touch_together(unsigned int me)
{
    for (unsigned long at = FIRST; at < FULL_END; at += 4096) {
        meet(me);
        if (me == 1 && at % 0x4000 == 0)
            EXPECT("the version's text", CALL2(xen_version, XENVER_extraversion, at + TEXT), 0);
        put(me, at);
    }
}

/* Both have been there, and nothing else has. */
static void expect_both(unsigned long at, bool text)
{
    volatile unsigned long *page = words(at);

    if ((u32)page[0] != 2 || page[2] != at || page[3] != at)
        FAIL("%lx: %u have been there, and left %lx and %lx", at, (u32)page[0], page[2], page[3]);
    if (text && !*(char *)(at + TEXT))
        FAIL("%lx: nothing was written to it", at);
    for (unsigned long i = 4; i < 4096 / sizeof(long); i++)
        if (page[i] && !(text && i * sizeof(long) >= TEXT && i * sizeof(long) < TEXT + sizeof(xen_extraversion_t)))
            FAIL("%lx holds %lx", at + i * sizeof(long), page[i]);
}

/* ---- Frames from page to page: one vCPU goes up, the other down. */

static void read_all(unsigned int me)
{
    unsigned long n = (END - FULL_END) >> 12;

    for (unsigned long i = 0; i < n; i++) {
        unsigned long at = FULL_END + ((me ? n - 1 - i : i) << 12);

        if (at < SPARSE_END && at / 4096 % SPARSE == 0)
            put(me, at);
        else if (words(at)[0] || words(at)[4096 / sizeof(long) - 1])
            FAIL("%lx is not zero", at);
    }
}

static void expect_written(void)
{
    for (unsigned long at = FIRST; at < FULL_END; at += 4096)
        expect_both(at, at % 0x4000 == 0);
    for (unsigned long at = FULL_END; at < SPARSE_END; at += 4096)
        if (at / 4096 % SPARSE == 0)
            expect_both(at, false);
}

/* ---- Given back: by both, or by one while the other is there */

static void give(unsigned long gfn)
{
    long n = decrease_reservation(gfn);

    if (n != 0 && n != 1)
        FAIL("decrease_reservation of %lx is %ld", gfn, n);
    __atomic_fetch_add(&given[gfn - first_given], (u8)n, __ATOMIC_SEQ_CST);
}

static void use(unsigned long gfn)
{
    volatile unsigned long *page = words(gfn << 12);

    if (page[8] != 0 && page[8] != ~0ul)
        FAIL("%lx holds %lx while it is given back", gfn << 12, page[8]);
    if (gfn % 4 == 1)
        page[9] = gfn;
}

static void give_back(unsigned int me)
{
    for (unsigned long gfn = first_given; gfn < past_given; gfn++) {
        if (gfn % 8 == 0)
            meet(me);
        if (gfn % 2 == 0 || gfn / 32 % 2 == me)
            give(gfn);
        else
            use(gfn);
    }
}

static void expect_given(void)
{
    for (unsigned long gfn = first_given; gfn < past_given; gfn++) {
        if (given[gfn - first_given] != 1)
            FAIL("page %lx was given back %u times", gfn, given[gfn - first_given]);
        if (words(gfn << 12)[0] != ~0ul)
            FAIL("page %lx is there, and holds %lx", gfn, words(gfn << 12)[0]);
    }
}

/* ---- Populated, by turns */

static void populate_again(unsigned int me)
{
    for (unsigned long gfn = first_given + me; gfn < first_given + POPULATED; gfn += 2) {
        volatile unsigned long *page = words(gfn << 12);

        EXPECT("populate", populate(gfn), 1);
        for (unsigned int i = 0; i < 4096 / sizeof(long); i++)
            if (page[i]) {
                FAIL("%lx holds %lx", (gfn << 12) + i * sizeof(long), page[i]);
                break;
            }
        page[3] = gfn;
    }
}

static void expect_populated(long before)
{
    EXPECT("frames now", pages_now(), before + POPULATED);
    for (unsigned long gfn = first_given; gfn < first_given + POPULATED; gfn++)
        if (words(gfn << 12)[3] != gfn)
            FAIL("%lx holds %lx", gfn << 12, words(gfn << 12)[3]);
}

static void play(unsigned int me)
{
    long before = 0;

    touch_together(me);
    meet(me);
    read_all(me);
    meet(me);
    if (me == 0)
        expect_written();
    give_back(me);
    meet(me);
    if (me == 0) {
        expect_given();
        before = pages_now();
    }
    meet(me);
    populate_again(me);
    meet(me);
    if (me == 0) {
        expect_populated(before);
        expect_written();
    }
}

static void second(void) { play(1); }

void test_main(void)
{
    long total = pages_now();

    if (total > 10000 || total < 8000)
        verdict(ERROR, "%ld frames at the start: is maxmem set?", total);
    (void)shared_info_page();
    if (start_second_vcpu(second))
        play(0);
}
