/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame.c
/* Populate on demand: a guest with its nested tables, its frames and a heap, against a model of what its memory holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "mem/layout.h"
#undef DIRECTMAP_START
#define DIRECTMAP_START ((unsigned long)memory)
#define FRAMES 4096
static u64 memory[FRAMES][512] aligned(4096);

static bool preempt;
#include "cpu/x86.h"
#include "dom/domain.h"
static struct vcpu *running;
#undef current
#define current running
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#include "abi/hypercall.h"
#define hypercall_preempt_check() (preempt = !preempt)
#include "mem/domain_frames.c"
#include "mem/p2m.c"
#include "mem/p2m_entry.c"
#include "mem/p2m_pod.c"
#include "mem/p2m_ref.c"
#include "mem/p2m_set.c"
#include "mem/p2m_table.c"
#include "mem/pod.c"
#include "mem/pod_cache.c"

#define GUEST 2048        /* gfns of the guest: 8 MiB */
static struct frame table[FRAMES];
struct frame *frame_table = table;
mfn_t max_mfn = FRAMES;
static u64 m2p[FRAMES];
u64 *m2p_table = m2p;
struct cpu cpus[NR_CPUS];
struct cpu_features cpu_features = { .phys_bits = 40, .page1gb = true };
static struct domain dom, tools;
static struct vcpu guests_vcpu = { .domain = &dom }, tools_vcpu = { .domain = &tools };
static struct p2m p2m;
static unsigned int in_use, crashes, tlb_flushes;
static void (*on_flush)(void);

u32 tlb_clock_now(void) { return 1; }
cpumask_t cpu_online_mask = 1;
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return stamp ? mask : 0; }
void flush_tlb_mask(cpumask_t mask) { tlb_flushes++; }
void container_flush_domain(struct domain *d)
{
    if (on_flush)
        on_flush();
}
void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait) { fn(arg); }
u64 heap_total_frames(void) { return 100000; }
maddr_t virt_to_maddr(const void *v) { return (unsigned long)v - (unsigned long)memory; }
bool heap_claim(u64 frames) { return true; }
void heap_unclaim(u64 frames) {}
bool domain_ref(struct domain *d) { d->refs++; return true; }
void domain_put(struct domain *d) { d->refs--; }
void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }
void frames_zero(mfn_t first, unsigned long n) { memset(memory[first], 0, n << PAGE_SHIFT); }

/* ---- A heap of all frames but the first: what was freed holds rubbish until it is handed out */

mfn_t heap_alloc(struct alloc_request r)
{
    unsigned long n = 1UL << r.order;

    for (mfn_t mfn = ROUND_UP(1, n); mfn + n <= FRAMES; mfn += n) {
        unsigned long free = 0;

        while (free < n && table[mfn + free].count == 0)
            free++;
        if (free < n)
            continue;
        for (mfn_t m = mfn; m < mfn + n; m++)
            table[m] = (struct frame){ FRAME_NIL, FRAME_NIL, FRAME_ALLOCATED | 1, 0, DOMID_XEN, 0, 0, 0 };
        memset(memory[mfn], 0, n << PAGE_SHIFT);
        in_use += (unsigned int)n;
        return mfn;
    }
    return INVALID_MFN;
}

void heap_free(mfn_t mfn, unsigned int order)
{
    for (mfn_t m = mfn; m < mfn + (1UL << order); m++) {
        assert_true(table[m].count == 0 || table[m].count == (FRAME_ALLOCATED | 1));
        assert_int_equal(table[m].type & FRAME_TCOUNT_MASK, 0);
        assert_int_equal(m2p[m], INVALID_M2P);
        table[m].count = 0;
        memset(memory[m], 0xee, PAGE_SIZE);
        in_use--;
    }
}

/* ---- The guest */

static int setup(void **state)
{
    memset(table, 0, sizeof(table));
    memset(m2p, 0xff, sizeof(m2p));
    in_use = crashes = tlb_flushes = 0;
    on_flush = NULL;
    running = &tools_vcpu;
    dom = (struct domain){ .id = 3, .refs = 1, .max_pages = 3000 };
    spin_init(&dom.page_lock, RANK_PAGE_LIST);
    assert_int_equal(p2m_init(&p2m, &dom), 0);
    return 0;
}

/* All comes back, whatever the test left behind. */
static int teardown(void **state)
{
    dom.dying = DOMDYING_DYING;
    while (p2m_teardown(&p2m) == -ERESTART || pod_teardown(&p2m) == -ERESTART || domain_relinquish_frames(&dom) == -ERESTART)
        ;
    assert_int_equal(p2m.pod.count, 0);
    p2m_free(&p2m);
    assert_int_equal(dom.tot_pages, 0);
    assert_int_equal(in_use, 0);
    assert_int_equal(dom.refs, 1);
    return 0;
}

static int target(u64 frames)
{
    int rc;

    while ((rc = pod_set_target(&dom, frames)) == -ERESTART)
        ;
    return rc;
}

static void expect_counts(u64 total, u64 cache, u64 entries)
{
    u64 seen_cache, seen_entries;

    pod_counts(&dom, &seen_cache, &seen_entries);
    assert_int_equal(dom.tot_pages, total);
    assert_int_equal(seen_cache, cache);
    assert_int_equal(seen_entries, entries);
}

/* As the domain builder does it. */
static void make(u64 frames)
{
    assert_int_equal(target(frames), 0);
    for (gfn_t gfn = 0; gfn < GUEST; gfn += 512)
        assert_int_equal(pod_mark(&dom, gfn, 9), 0);
    expect_counts(frames, frames, GUEST);
}

static u64 *touch(gfn_t gfn)
{
    mfn_t mfn = pod_get_frame(&p2m, gfn, NULL);

    if (mfn == INVALID_MFN)
        return NULL;
    put_frame(mfn);
    return memory[mfn];
}

static bool balloon_out(gfn_t gfn)
{
    mfn_t mfn;

    if (pod_drop(&dom, gfn, 0) == 0)
        return true;
    mfn = pod_get_frame(&p2m, gfn, NULL);
    if (mfn == INVALID_MFN)
        return false;
    assert_int_equal(p2m_remove_typed(&p2m, gfn, mfn, P2M_TYPES_RAM), 0);
    if (!pod_keep(&dom, mfn)) {
        assert_true(domain_drop_allocation(&dom, mfn));
        put_frame(mfn);
    }
    return true;
}

static bool balloon_in(gfn_t gfn)
{
    mfn_t mfn = domain_alloc_frames(&dom, (struct alloc_request){ 0 });

    if (mfn == INVALID_MFN)
        return false;
    assert_int_equal(p2m_set(&p2m, gfn, mfn, 0, P2M_RAM), 0);
    return true;
}

/* ---- */

static void test_first_access(void **state)
{
    enum p2m_type type;
    unsigned int order;
    u64 *p;

    make(1030);                                                /* two blocks and six frames */
    p = touch(700);
    assert_non_null(p);
    for (unsigned int i = 0; i < 512; i++)
        assert_int_equal(p[i], 0);
    expect_counts(1030, 518, GUEST - 512);
    p2m_get(&p2m, 513, &type, &order);
    assert_int_equal(type, P2M_RAM);
    assert_int_equal(order, 9);
    assert_non_null(touch(3));
    expect_counts(1030, 6, GUEST - 1024);
    assert_non_null(touch(1500));                              /* no block is left */
    expect_counts(1030, 5, GUEST - 1025);
    p2m_get(&p2m, 1500, &type, &order);
    assert_int_equal(order, 0);
    assert_int_equal(pod_populate(&dom, 1500), 0);             /* somebody was faster */
    assert_int_equal(pod_populate(&dom, 1 << 20), 0);          /* nothing there */
    expect_counts(1030, 5, GUEST - 1025);
    assert_int_equal(pod_mark(&dom, 1501, 0), 0);              /* as it was */
    assert_int_equal(pod_mark(&dom, 1500, 0), -EEXIST);
    expect_counts(1030, 5, GUEST - 1025);
}

/* As the interface defines it (public header xen/memory.h). */
static void test_targets(void **state)
{
    make(600);
    assert_int_equal(target(500), 0);                          /* less than it has: the balloon driver's affair */
    expect_counts(600, 600, GUEST);
    touch(0);
    expect_counts(600, 88, GUEST - 512);
    assert_int_equal(target(900), 0);
    expect_counts(900, 388, GUEST - 512);
    assert_int_equal(target(2900), 0);                         /* no more than there are entries for */
    expect_counts(GUEST, GUEST - 512, GUEST - 512);
    dom.max_pages = GUEST;
    for (gfn_t gfn = 512; gfn < GUEST; gfn++)
        assert_non_null(touch(gfn));
    expect_counts(GUEST, 0, 0);
    assert_int_equal(target(GUEST + 100), 0);                  /* it has all that it was made with */
    expect_counts(GUEST, 0, 0);
}

static void test_limits(void **state)
{
    assert_int_equal(target(3001), -ENOMEM);                   /* beyond its limit */
    expect_counts(3000, 3000, 0);
    assert_int_equal(target(3000), 0);
    dom.dying = DOMDYING_DYING;
    assert_int_equal(target(3001), 0);
    assert_int_equal(pod_populate(&dom, 0), -EINVAL);
    assert_int_equal(pod_mark(&dom, 1 << 20, 18), 0);
    assert_int_equal(pod_mark(&dom, 1, 9), -EINVAL);
    assert_int_equal(pod_mark(&dom, 1UL << 28, 0), -EINVAL);
    assert_null(touch(1 << 20));
    assert_int_equal(crashes, 0);
}

/* A guest of 2048 that is to have 1000 gives 1048 back: in the end there is a frame for each entry, and no more. */
static void test_balloon(void **state)
{
    make(1000);
    for (gfn_t gfn = 0; gfn < 300; gfn++)
        *touch(gfn) = gfn + 1;
    for (gfn_t gfn = 0; gfn < 600; gfn += 2)                   /* some with frames, some without */
        assert_true(balloon_out(gfn));
    for (gfn_t gfn = GUEST - 748; gfn < GUEST; gfn++)
        assert_true(balloon_out(gfn));
    assert_int_equal(dom.tot_pages, 1000);
    assert_int_equal(p2m.pod.count, p2m.pod_entries);
    for (gfn_t gfn = 1; gfn < 300; gfn += 2)
        assert_int_equal(*touch(gfn), gfn + 1);
    for (gfn_t gfn = 0; gfn < GUEST - 748; gfn++)
        if (gfn >= 600 || gfn % 2)
            assert_non_null(touch(gfn));
    expect_counts(1000, 0, 0);
    assert_null(touch(0));
    assert_int_equal(crashes, 0);
    assert_true(balloon_in(0));                                /* from the heap, as ever */
    assert_true(balloon_out(1));
    expect_counts(1000, 0, 0);
}

/* More is given back than was to be: it goes to the heap, whether it had frames or not. */
static void test_below_target(void **state)
{
    make(1000);
    for (gfn_t gfn = 0; gfn < 512; gfn++)
        *touch(gfn) = 1;
    expect_counts(1000, 488, GUEST - 512);
    assert_int_equal(pod_drop(&dom, 512, 9), 0);
    assert_int_equal(pod_drop(&dom, 1024, 9), 0);
    expect_counts(1000, 488, 512);
    assert_int_equal(pod_drop(&dom, 0, 9), -EEXIST);
    for (gfn_t gfn = 0; gfn < 24; gfn++)
        assert_true(balloon_out(gfn));
    expect_counts(1000, 512, 512);
    for (gfn_t gfn = 24; gfn < 34; gfn++)
        assert_true(balloon_out(gfn));
    expect_counts(990, 512, 512);
    assert_true(balloon_out(GUEST - 1));
    expect_counts(989, 511, 511);
    assert_int_equal(pod_drop(&dom, GUEST - 512, 9), -EEXIST);   /* not all of them any more */
    assert_int_equal(tlb_flushes, 0);
}

/* What somebody else refers to is not kept: it is freed when that ends. */
static void test_keep_shared(void **state)
{
    mfn_t mfn;

    make(600);
    mfn = pod_get_frame(&p2m, 1, NULL);                        /* mapped by another domain, say */
    assert_true(balloon_out(1));
    expect_counts(600, 88, GUEST - 512);                       /* still charged */
    put_frame(mfn);
    expect_counts(599, 88, GUEST - 512);
}

/* A guest has written to every frame: there is none for the next. Once it gives something back or zeroes it, there is. */
static void test_out_of_frames(void **state)
{
    make(512);
    for (gfn_t gfn = 0; gfn < 512; gfn++)
        touch(gfn)[511] = 1;
    assert_int_equal(crashes, 0);
    assert_null(touch(600));
    assert_int_equal(crashes, 1);
    assert_true(balloon_out(5));
    assert_non_null(touch(600));
    expect_counts(512, 0, GUEST - 513);
    assert_true(tlb_flushes > 0);
}

static void test_zeroed(void **state)
{
    make(512);
    for (gfn_t gfn = 0; gfn < 512; gfn++)
        touch(gfn)[511] = gfn % 8 ? gfn : 0;
    for (unsigned int i = 0; i < 64; i++) {
        u64 *p = touch(1000 + i);

        assert_non_null(p);
        assert_int_equal(p[511], 0);
        p[0] = 1;
    }
    expect_counts(512, 0, GUEST - 512);
    for (gfn_t gfn = 1; gfn < 512; gfn++)
        if (gfn % 8)
            assert_int_equal(touch(gfn)[511], gfn);
    assert_int_equal(crashes, 0);
    assert_null(touch(8));
    assert_int_equal(crashes, 1);
}

/* Another CPU writes, or takes a reference, between the look and the flush. */
static mfn_t raced;
static void write_late(void) { memory[raced][100] = 7; on_flush = NULL; }
static void refer_late(void) { assert_true(get_frame_any(raced)); on_flush = NULL; }

static void test_race(void **state)
{
    make(512);
    for (gfn_t gfn = 0; gfn < 512; gfn++)
        touch(gfn)[0] = gfn != 77 && gfn != 78;
    raced = p2m_get(&p2m, 77, NULL, NULL);
    on_flush = write_late;
    assert_non_null(touch(900));                               /* 78's */
    assert_int_equal(touch(77)[100], 7);
    assert_int_equal(p2m_get(&p2m, 77, NULL, NULL), raced);
    *touch(900) = 1;
    memory[raced][100] = 0;
    on_flush = refer_late;
    assert_null(touch(901));
    assert_int_equal(p2m_get(&p2m, 77, NULL, NULL), raced);
    put_frame(raced);
    assert_int_equal(table[raced].count, FRAME_ALLOCATED | 2);
    assert_int_equal(target(512), 0);                          /* the search may begin anew */
    table[raced].type = FRAME_TYPE(FT_WRITABLE) | FRAME_VALIDATED | 1;
    assert_null(touch(901));
    table[raced].type = 0;
    assert_int_equal(target(512), 0);
    assert_non_null(touch(901));
    expect_counts(512, 0, GUEST - 512);
}

/* A search that was begun, and that a frame given back has made needless, is not half of the next one. */
static void test_begun_search(void **state)
{
    int rc;

    make(1500);
    for (gfn_t gfn = 0; gfn < 1500; gfn++)
        *touch(gfn) = 1;
    assert_int_equal(pod_populate(&dom, 1600), -ERESTART);     /* a thousand passed */
    assert_true(balloon_out(5));
    *touch(1600) = 1;
    *touch(700) = 0;
    do
        rc = pod_populate(&dom, 1601);
    while (rc == -ERESTART);
    assert_int_equal(rc, 0);
    assert_int_equal(crashes, 0);
    expect_counts(1500, 0, GUEST - 1500 - 1);
}

/* What nobody can interrupt comes to an end, with nothing found. A tool asks again; what the guest has written is not dropped
 * in silence. */
static void test_given_up(void **state)
{
    make(512);
    for (gfn_t gfn = 0; gfn < 512; gfn++)
        *touch(gfn) = 1;
    for (unsigned int i = 0; i < 140; i++)                     /* tables that take long to be looked through */
        assert_int_equal(pod_mark(&dom, (1 << 20) + 512 * i, 0), 0);
    *touch(300) = 0;
    p2m.pod.sweep_at = 1 << 20;
    assert_null(touch(600));
    assert_int_equal(crashes, 0);
    assert_non_null(touch(600));
    *touch(600) = 1;
    running = &guests_vcpu;
    assert_null(touch(601));
    assert_int_equal(crashes, 1);
    expect_counts(512, 0, GUEST - 512 + 140);
}

/* Tables cannot be split any more. */
static void test_no_tables(void **state)
{
    make(20);
    assert_int_equal(p2m_pool_set(&p2m, p2m.pool_used), 0);
    assert_int_equal(pod_populate(&dom, 5), -ENOMEM);
    assert_int_equal(crashes, 1);
    expect_counts(20, 20, GUEST);
}

static u64 seed = 88172645463325252ULL;
static u32 random_below(u32 n)
{
    seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
    return (u32)(seed >> 20) % n;
}

/* What the guest should find at each gfn: a word, or nothing there. */
#define ABSENT (~0UL)
static u64 holds[GUEST];

static void random_step(gfn_t gfn)
{
    u64 *p;

    switch (random_below(8)) {
    case 0: case 1:
        if (holds[gfn] != ABSENT) {
            p = touch(gfn);
            assert_non_null(p);
            p[gfn % 512] = holds[gfn] = random_below(3) ? seed : 0;
        }
        break;
    case 2: case 3:
        assert_true(balloon_out(gfn) == (holds[gfn] != ABSENT));
        holds[gfn] = ABSENT;
        break;
    case 4:
        if (holds[gfn] == ABSENT && balloon_in(gfn))
            holds[gfn] = 0;
        break;
    case 5:
        if (random_below(10) == 0)
            (void)target(700 + random_below(1500));
        break;
    case 6:
        gfn &= ~511UL;
        if (random_below(10) == 0 && pod_drop(&dom, gfn, 9) == 0)
            for (unsigned int i = 0; i < 512; i++) {
                assert_true(holds[gfn + i] == 0);
                holds[gfn + i] = ABSENT;
            }
        break;
    default:
        p = holds[gfn] == ABSENT ? NULL : touch(gfn);
        if (p)
            assert_int_equal(p[gfn % 512], holds[gfn]);
    }
}

static void check_entries(void)
{
    u64 entries = 0;

    for (gfn_t gfn = 0; gfn < GUEST; gfn++) {
        enum p2m_type type;

        p2m_get(&p2m, gfn, &type, NULL);
        assert_true((type == P2M_NONE) == (holds[gfn] == ABSENT));
        entries += type == P2M_POD;
    }
    assert_int_equal(entries, p2m.pod_entries);
    assert_int_equal(in_use, dom.tot_pages + p2m.pool_used);
}

/* It never writes to more than it has frames for; then it is never crashed. */
static void test_random(void **state)
{
    memset(holds, 0, sizeof(holds));
    make(700);
    for (unsigned int round = 0; round < 40000; round++) {
        u64 written = 0;
        gfn_t gfn = random_below(GUEST);

        if (round % 200 == 0)
            check_entries();
        for (gfn_t i = 0; i < GUEST; i++)
            written += holds[i] && holds[i] != ABSENT;
        if (written + POD_RECENT + 1 < dom.tot_pages)
            random_step(gfn);
        else if (holds[gfn] && holds[gfn] != ABSENT)
            touch(gfn)[gfn % 512] = holds[gfn] = 0;
    }
    assert_int_equal(crashes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_access, setup, teardown),
        cmocka_unit_test_setup_teardown(test_targets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_balloon, setup, teardown),
        cmocka_unit_test_setup_teardown(test_below_target, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keep_shared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_zeroed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_race, setup, teardown),
        cmocka_unit_test_setup_teardown(test_begun_search, setup, teardown),
        cmocka_unit_test_setup_teardown(test_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
