/* SPDX-License-Identifier: MIT */
// sources: xen/mem/domain_frames.c xen/mem/frame.c xen/mem/frame_audit.c xen/mem/frame_share.c
/* Frames of domains: limits, claims, exact counts, giving back while mapped, exchange, destruction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/cpu.h"
#include "dom/domain.h"
#include "mem/frame.h"

#define FRAMES 256
static struct frame table[FRAMES];
static u64 m2p[FRAMES];
struct frame *frame_table = table;
u64 *m2p_table = m2p;
mfn_t max_mfn = FRAMES;
struct cpu cpus[NR_CPUS];
static mfn_t next;
static u64 claimed, freed;
static struct domain d;
static void *owner_page;
static char shown[PAGE_SIZE];
#define SHOWN_MFN 200

u32 tlb_clock_now(void) { return 1; }
cpumask_t cpu_online_mask = 0xf;
static cpumask_t stale, flushed;
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return mask & stale; }
void flush_tlb_mask(cpumask_t mask) { flushed |= mask; }
maddr_t virt_to_maddr(const void *v) { return SHOWN_MFN << PAGE_SHIFT; }
void *page_alloc(unsigned int order) { return owner_page = calloc(1, PAGE_SIZE); }
void page_free(void *p, unsigned int order) { free(p); }
bool heap_claim(u64 frames) { claimed += frames; return true; }
void heap_unclaim(u64 frames) { assert_true(frames <= claimed); claimed -= frames; }
bool domain_ref(struct domain *dom) { dom->refs++; return true; }
void domain_put(struct domain *dom) { dom->refs--; }

mfn_t heap_alloc(struct alloc_request r)
{
    mfn_t mfn = ROUND_UP(next, 1UL << r.order);

    if (mfn + (1UL << r.order) > SHOWN_MFN)
        return INVALID_MFN;
    next = mfn + (1UL << r.order);
    claimed -= r.claimed;
    for (mfn_t m = mfn; m < next; m++)
        table[m] = (struct frame){ FRAME_NIL, FRAME_NIL, FRAME_ALLOCATED | 1, 0, DOMID_XEN, 0, 0, 0 };
    return mfn;
}

void heap_free(mfn_t mfn, unsigned int order)
{
    for (mfn_t m = mfn; m < mfn + (1UL << order); m++) {
        assert_true(table[m].count == 0 || table[m].count == (FRAME_ALLOCATED | 1));
        table[m].count = 0;
        freed++;
    }
}

static int setup(void **state)
{
    memset(table, 0, sizeof(table));
    d = (struct domain){ .id = 7, .max_pages = 20, .refs = 1 };
    spin_init(&d.page_lock, RANK_PAGE_LIST);
    next = 1;
    claimed = freed = 0;
    stale = flushed = 0;
    return 0;
}

static unsigned int listed(void)
{
    unsigned int n = 0;
    u32 prev = FRAME_NIL;

    for (u32 m = d.frames; m != FRAME_NIL; prev = m, m = table[m].next, n++)
        assert_int_equal(table[m].prev, prev);
    assert_int_equal(d.frames_tail, prev);
    return n;
}

static mfn_t get(unsigned int order) { return domain_alloc_frames(&d, (struct alloc_request){ .order = order }); }

static void die(void)
{
    d.dying = DOMDYING_DYING;
    assert_int_equal(domain_relinquish_frames(&d), 0);
    assert_true(frames_audit_some(&d, d.tot_pages == 0));
}

static void test_limits(void **state)
{
    mfn_t mfn = get(4);

    assert_int_equal(d.refs, 2);
    assert_int_equal(d.tot_pages, 16);
    assert_int_equal(listed(), 16);
    assert_int_equal(get(3), INVALID_MFN);
    assert_int_equal(d.tot_pages, 16);
    assert_int_not_equal(get(2), INVALID_MFN);
    assert_int_equal(get(0), INVALID_MFN);
    assert_ptr_equal(frame_owner_domain(&table[mfn]), &d);
    assert_true(get_frame(mfn + 3, &d));
    assert_true(domain_drop_allocation(&d, mfn + 3));
    assert_false(domain_drop_allocation(&d, mfn + 3));
    assert_int_equal(d.tot_pages, 20);       /* still referred to, still charged */
    put_frame(mfn + 3);
    assert_int_equal(d.tot_pages, 19);
    assert_int_equal(freed, 1);
    assert_int_equal(listed(), 19);
    die();
    assert_int_equal(d.tot_pages, 0);
    assert_int_equal(freed, 20);
    assert_int_equal(d.refs, 1);
    assert_int_equal(get(0), INVALID_MFN);
    assert_int_equal(d.refs, 1);
}

static void test_mapped_beyond_death(void **state)
{
    mfn_t a = get(2);

    assert_true(get_frame(a + 1, &d));
    assert_true(get_frame(a + 2, &d));
    assert_true(domain_drop_allocation(&d, a + 2));
    die();
    assert_int_equal(d.tot_pages, 2);
    assert_int_equal(d.refs, 2);
    put_frame(a + 1);
    assert_int_equal(d.refs, 2);
    put_frame(a + 2);
    assert_int_equal(d.refs, 1);
    assert_int_equal(freed, 4);
}

static void test_claims(void **state)
{
    assert_int_equal(domain_set_claim(&d, 21), -EINVAL);
    assert_int_equal(domain_set_claim(&d, 10), 0);
    assert_int_equal(domain_set_claim(&d, 12), -EINVAL);
    assert_int_equal(claimed, 10);
    get(3);
    assert_int_equal(claimed, 2);
    assert_int_equal(d.outstanding_pages, 2);
    get(2);
    assert_int_equal(d.outstanding_pages, 0);
    assert_int_equal(domain_set_claim(&d, 0), 0);
    assert_int_equal(domain_set_claim(&d, 15), 0);
    assert_int_equal(claimed, 3);
    next = SHOWN_MFN;
    assert_int_equal(get(0), INVALID_MFN);   /* none left: the claim is as it was */
    assert_int_equal(d.outstanding_pages, 3);
    assert_int_equal(d.tot_pages, 12);
    die();
    assert_int_equal(claimed, 0);
    assert_int_equal(d.refs, 1);
}

static void test_claim_without_frames(void **state)
{
    assert_int_equal(domain_set_claim(&d, 10), 0);
    assert_int_equal(claimed, 10);
    die();
    assert_int_equal(claimed, 0);
    assert_int_equal(domain_set_claim(&d, 10), -EINVAL);
    assert_int_equal(claimed, 0);
}

/* A frame that changes hands is in nobody's TLB, the domains that had it mapped for its owner included. */
static void test_steal_flushes_all(void **state)
{
    mfn_t a = get(0);

    d.dirty_cpus = 1;
    stale = 5;
    assert_true(get_frame_writable(a));
    put_frame_writable(a);
    assert_int_equal(domain_detach_frame(&d, a), 0);
    assert_int_equal(flushed, 0);
    assert_int_equal(domain_attach_frame(&d, a), 0);
    assert_int_equal(domain_steal_frame(&d, a), 0);
    assert_int_equal(flushed, 5);
    assert_int_equal(frame_type_of(table[a].type), FT_NONE);
    stale = 0;
    die();
}

static void test_exchange(void **state)
{
    mfn_t a = get(0), b = get(0);

    m2p[a] = 42;
    assert_true(get_frame_writable(a));
    assert_int_equal(domain_detach_frame(&d, a), -EBUSY);
    put_frame_writable(a);
    assert_true(get_frame(a, &d));
    assert_int_equal(domain_detach_frame(&d, a), -EBUSY);
    put_frame(a);
    assert_int_equal(domain_detach_frame(&d, a), 0);
    assert_int_equal(d.tot_pages, 2);
    assert_int_equal(listed(), 1);
    assert_false(get_frame(a, &d));
    assert_int_equal(frame_type_of(table[a].type), FT_WRITABLE);
    assert_int_equal(domain_attach_frame(&d, a), 0);
    assert_int_equal(m2p[a], 42);
    assert_int_equal(listed(), 2);
    assert_int_equal(domain_steal_frame(&d, b), 0);
    assert_int_equal(d.tot_pages, 1);
    assert_int_equal(domain_assign_frame(&d, b), 0);
    assert_int_equal(d.tot_pages, 2);
    assert_int_equal(domain_steal_frame(&d, INVALID_MFN), -EINVAL);
    d.max_pages = 1;
    assert_int_equal(domain_steal_frame(&d, b), 0);
    assert_int_equal(domain_assign_frame(&d, b), -E2BIG);
    die();
    assert_int_equal(d.refs, 1);
}

/* On its way from the heap to a new owner a frame has the count of one that only its owner refers to, and whoever has no
 * reference may still see the owner before. */
static void test_reclaim_needs_reference(void **state)
{
    mfn_t a = get(0);

    assert_int_equal(domain_reclaim_frame(&d, a), -EBUSY);
    assert_int_equal(listed(), 1);
    assert_true(get_frame(a, &d));
    assert_int_equal(domain_reclaim_frame(&d, a), 0);
    assert_int_equal(listed(), 0);
    assert_int_equal(domain_attach_frame(&d, a), 0);
    assert_int_equal(table[a].count, FRAME_ALLOCATED | 1);
    die();
}

static void test_shared_page(void **state)
{
    table[SHOWN_MFN] = (struct frame){ .count = FRAME_ALLOCATED | 1, .owner = DOMID_XEN };
    frame_share(shown, &d, true);
    assert_true(get_frame_and_write(SHOWN_MFN, &d));
    assert_false(domain_drop_allocation(&d, SHOWN_MFN));
    assert_int_equal(domain_detach_frame(&d, SHOWN_MFN), -EBUSY);
    assert_int_equal(frame_type_try(SHOWN_MFN, FT_L1), -EBUSY);
    put_frame_and_write(SHOWN_MFN);
    assert_int_equal(frame_type_try(SHOWN_MFN, FT_L1), -EBUSY);   /* Prism's own reference */
    frame_unshare(shown);
    assert_false(get_frame(SHOWN_MFN, &d));
    table[SHOWN_MFN].type = 0;
    frame_share(shown, &d, false);
    assert_true(get_frame(SHOWN_MFN, &d));
    assert_false(get_frame_writable(SHOWN_MFN));
    assert_int_equal(d.tot_pages, 0);
    die();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_limits, setup), cmocka_unit_test_setup(test_mapped_beyond_death, setup),
        cmocka_unit_test_setup(test_claims, setup), cmocka_unit_test_setup(test_exchange, setup),
        cmocka_unit_test_setup(test_reclaim_needs_reference, setup),
        cmocka_unit_test_setup(test_shared_page, setup), cmocka_unit_test_setup(test_claim_without_frames, setup),
        cmocka_unit_test_setup(test_steal_flushes_all, setup),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);

    free(owner_page);
    return rc;
}
