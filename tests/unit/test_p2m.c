/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame.c
/* Nested page tables against a model: an array of what should be where. Frames' references are counted through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "mem/layout.h"
#undef DIRECTMAP_START
#define DIRECTMAP_START ((unsigned long)memory)
#define TABLES 64                     /* frames from 0: tables. Then the domain's RAM, another's, and device memory */
#define FRAMES 2048
#define OTHER 1900
#define RAM_END 2048
static u64 memory[TABLES * 512] aligned(4096);

static bool preempt;
#include "cpu/x86.h"
#define irq_save() 0UL
#define irq_restore(flags) ((void)(flags))
#include "abi/hypercall.h"
#define hypercall_preempt_check() (preempt = !preempt)
#include "mem/p2m.c"
#include "mem/p2m_entry.c"
#include "mem/p2m_ref.c"
#include "mem/p2m_set.c"
#include "mem/p2m_table.c"

static struct frame table[FRAMES];
struct frame *frame_table = table;
mfn_t max_mfn = FRAMES;
static u64 m2p[FRAMES];
u64 *m2p_table = m2p;
struct cpu_features cpu_features = { .phys_bits = 40, .page1gb = true };
static struct domain dom = { .id = 3 };
static struct p2m p2m;
static unsigned int flushes, tables_used;
static bool table_taken[TABLES];

u32 tlb_clock_now(void) { return 1; }
cpumask_t cpu_online_mask = 1;
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return 0; }
void flush_tlb_mask(cpumask_t mask) {}
struct domain *frame_owner_domain(const struct frame *f) { return NULL; }
void frame_release(mfn_t mfn) { fail(); }
void pod_init(struct p2m *unused) {}
/* Frames from `watched` on, so many, whose references are looked at when translations are flushed. */
static mfn_t watched;
static unsigned int nr_watched, let_go_early;
void container_flush_domain(struct domain *d)
{
    flushes++;
    for (unsigned int i = 0; i < nr_watched; i++)
        let_go_early += table[watched + i].count != (FRAME_ALLOCATED | 2);
}
void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait) { fn(arg); }
u64 heap_total_frames(void) { return 100000; }
maddr_t virt_to_maddr(const void *v) { return (unsigned long)v - (unsigned long)memory; }

mfn_t heap_alloc(struct alloc_request request)
{
    for (mfn_t i = 0; i < TABLES; i++)
        if (!table_taken[i]) {
            table_taken[i] = true;
            tables_used++;
            memset(memory + i * 512, 0, 4096);
            return i;
        }
    return INVALID_MFN;
}

void heap_free(mfn_t mfn, unsigned int order)
{
    assert_true(table_taken[mfn]);
    table_taken[mfn] = false;
    tables_used--;
    memset(memory + mfn * 512, 0xee, 4096);
}

static int setup(void **state)
{
    memset(table, 0, sizeof(table));
    memset(table_taken, 0, sizeof(table_taken));
    tables_used = flushes = 0;
    for (mfn_t i = 0; i < FRAMES; i++) {
        table[i] = (struct frame){ .count = FRAME_ALLOCATED | 1, .owner = i >= OTHER ? 4 : 3 };
        m2p[i] = INVALID_M2P;
    }
    table[1] = (struct frame){ .flags = FRAME_F_RESERVED };      /* no RAM, so never counted */
    dom = (struct domain){ .id = 3 };
    assert_int_equal(p2m_init(&p2m, &dom), 0);
    return 0;
}

/* Everything is given back, whatever the test left behind. */
static int teardown(void **state)
{
    while (p2m_teardown(&p2m) == -ERESTART)
        ;
    assert_int_equal(p2m_set(&p2m, 0, 64, 0, P2M_RAM), -EINVAL);
    p2m_free(&p2m);
    assert_int_equal(tables_used, 0);
    assert_null(dom.p2m);
    for (mfn_t i = 0; i < FRAMES; i++) {
        assert_int_equal(table[i].count, table[i].flags & FRAME_F_RESERVED ? 0 : FRAME_ALLOCATED | 1);
        assert_int_equal(table[i].type & FRAME_TCOUNT_MASK, 0);
        assert_int_equal(m2p[i], INVALID_M2P);
    }
    for (unsigned int i = 0; i < 3; i++)
        assert_int_equal(p2m.entries[i], 0);
    return 0;
}

static mfn_t at(gfn_t gfn, enum p2m_type wanted)
{
    enum p2m_type type;
    mfn_t mfn = p2m_get(&p2m, gfn, &type, NULL);

    assert_int_equal(type, wanted);
    return mfn;
}

static void test_one(void **state)
{
    enum p2m_type type;
    unsigned int order;

    assert_int_equal(at(5, P2M_NONE), INVALID_MFN);
    assert_int_equal(p2m_set(&p2m, 5, 100, 0, P2M_RAM), 0);
    assert_int_equal(p2m_get(&p2m, 5, &type, &order), 100);
    assert_int_equal(order, 0);
    assert_int_equal(m2p[100], 5);
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 2);
    assert_int_equal(p2m_get_frame(&p2m, 5, &type), 100);
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 3);
    put_frame(100);
    assert_int_equal(p2m_set(&p2m, 5, 101, 0, P2M_RAM_RO), 0);      /* in its place */
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 1);
    assert_int_equal(m2p[100], INVALID_M2P);
    assert_true(flushes > 0);
    assert_int_equal(p2m_remove(&p2m, 5, 100, 0), -EINVAL);
    assert_int_equal(p2m_highest(&p2m), 5);
    assert_int_equal(p2m_remove(&p2m, 5, 101, 0), 0);
    assert_int_equal(at(5, P2M_NONE), INVALID_MFN);
    assert_int_equal(p2m_remove(&p2m, 5, INVALID_MFN, 0), -EINVAL);
    assert_int_equal(p2m_highest(&p2m), 0);
    assert_int_equal(p2m_set(&p2m, 7, 0, 0, P2M_POD), 0);
    assert_int_equal(at(7, P2M_POD), INVALID_MFN);
}

/* A look without a reference. */
static void test_peek(void **state)
{
    enum p2m_type type;

    assert_int_equal(p2m_set(&p2m, 5, 100, 0, P2M_RAM), 0);
    assert_int_equal(p2m_set(&p2m, 6, 101, 0, P2M_LOGDIRTY), 0);
    assert_int_equal(p2m_set(&p2m, 7, OTHER, 0, P2M_GRANT_RO), 0);
    assert_int_equal(p2m_set(&p2m, 8, FRAMES + 5, 0, P2M_MMIO), 0);
    assert_int_equal(p2m_set(&p2m, 9, 0, 0, P2M_POD), 0);
    assert_int_equal(p2m_set(&p2m, 512, 512, 9, P2M_RAM), 0);
    assert_int_equal(p2m_peek(&p2m, 5, &type), 100);
    assert_int_equal(type, P2M_RAM);
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 2);
    assert_int_equal(p2m_peek(&p2m, 6, &type), 101);
    assert_int_equal(type, P2M_LOGDIRTY);
    assert_int_equal(p2m_peek(&p2m, 7, &type), OTHER);
    assert_int_equal(type, P2M_GRANT_RO);
    assert_int_equal(p2m_peek(&p2m, 512 + 77, &type), 512 + 77);
    for (gfn_t gfn = 8; gfn < 11; gfn++)
        assert_int_equal(p2m_peek(&p2m, gfn, &type), INVALID_MFN);
    assert_int_equal(p2m_peek(&p2m, p2m.limit, &type), INVALID_MFN);
    p2m.dying = true;
    assert_int_equal(p2m_peek(&p2m, 5, &type), INVALID_MFN);
    p2m.dying = false;
}

static void test_refused(void **state)
{
    gfn_t limit = 1UL << 28;

    assert_int_equal(p2m_set(&p2m, limit, 100, 0, P2M_RAM), -EINVAL);
    assert_int_equal(p2m_set(&p2m, ~0UL, 100, 0, P2M_RAM), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 1, 512, 9, P2M_RAM), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 512, 513, 9, P2M_RAM), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 0, 0, 27, P2M_RAM), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 1, 100, 0, NR_P2M_TYPES), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 1, OTHER, 0, P2M_RAM), -EPERM);
    assert_int_equal(p2m_set(&p2m, 1, 1, 0, P2M_RAM), -EPERM);          /* no RAM */
    assert_int_equal(p2m_set(&p2m, 1, 100, 0, P2M_MMIO), -EPERM);       /* RAM */
    assert_int_equal(p2m_set(&p2m, 1, 1UL << 30, 0, P2M_MMIO), -EINVAL);
    assert_int_equal(p2m_set(&p2m, 512, 1536, 9, P2M_RAM), -EPERM);     /* the last of them are another's */
    assert_int_equal(at(512, P2M_NONE), INVALID_MFN);
    assert_int_equal(p2m_set(&p2m, 1, FRAMES + 5, 0, P2M_MMIO), 0);
    assert_int_equal(p2m_get_frame(&p2m, 1, NULL), INVALID_MFN);
}

/* Entries on demand are counted through everything that makes, splits, merges and replaces them. */
static void test_on_demand(void **state)
{
    unsigned int order;

    assert_int_equal(p2m_set(&p2m, 0, 0, 18, P2M_POD), 0);
    assert_int_equal(p2m.pod_entries, 1 << 18);
    assert_int_equal(p2m_set_over(&p2m, 512, 512, 9, P2M_RAM, P2M_TYPE_BIT(P2M_NONE)), -EEXIST);
    assert_int_equal(table[512].count, FRAME_ALLOCATED | 1);
    assert_int_equal(p2m_set_over(&p2m, 512, 512, 9, P2M_RAM, P2M_TYPE_BIT(P2M_POD)), 0);
    assert_int_equal(p2m.pod_entries, (1 << 18) - 512);
    assert_int_equal(p2m_set_over(&p2m, 0, 0, 10, P2M_NONE, P2M_TYPE_BIT(P2M_POD)), -EEXIST);
    assert_int_equal(p2m_set(&p2m, 5, 100, 0, P2M_RAM), 0);
    assert_int_equal(p2m_set(&p2m, 6, 0, 0, P2M_NONE), 0);
    assert_int_equal(p2m.pod_entries, (1 << 18) - 514);
    at(5, P2M_RAM), at(6, P2M_NONE), at(7, P2M_POD);
    assert_int_equal(p2m_set(&p2m, 5, 0, 0, P2M_POD), 0);
    assert_int_equal(p2m_set(&p2m, 6, 0, 0, P2M_POD), 0);
    assert_int_equal(p2m_set(&p2m, 512, 0, 9, P2M_POD), 0);
    assert_int_equal(p2m.pod_entries, 1 << 18);
    p2m_get(&p2m, 7, NULL, &order);
    assert_int_equal(order, 18);                                       /* merged all the way up */
    assert_int_equal(p2m_set(&p2m, 1030, 100, 0, P2M_RAM), 0);
    assert_int_equal(p2m_set_over(&p2m, 1024, 1024, 9, P2M_RAM, P2M_TYPE_BIT(P2M_POD) | P2M_TYPES_RAM), 0);   /* a table */
    assert_int_equal(p2m.pod_entries, (1 << 18) - 512);
    assert_int_equal(p2m_remove(&p2m, 1030, INVALID_MFN, 0), 0);
    assert_int_equal(p2m_remove(&p2m, 2048, INVALID_MFN, 0), -EINVAL);
}

/* Another domain's frame is held for writing, a page table of its is not to be had so. */
static void test_foreign(void **state)
{
    assert_int_equal(p2m_set(&p2m, 1, OTHER, 0, P2M_GRANT), 0);
    assert_int_equal(table[OTHER].type, FRAME_TYPE(FT_WRITABLE) | FRAME_VALIDATED | 1);
    assert_int_equal(p2m_set(&p2m, 2, OTHER, 0, P2M_FOREIGN_RO), 0);
    assert_int_equal(table[OTHER].count, FRAME_ALLOCATED | 3);
    table[OTHER + 1].type = FRAME_TYPE(FT_L1) | FRAME_VALIDATED | 1;
    assert_int_equal(p2m_set(&p2m, 3, OTHER + 1, 0, P2M_FOREIGN), -EPERM);
    assert_int_equal(p2m_set(&p2m, 3, OTHER + 1, 0, P2M_FOREIGN_RO), 0);
    assert_int_equal(m2p[OTHER], INVALID_M2P);
    assert_int_equal(p2m_remove_typed(&p2m, 1, OTHER, P2M_TYPES_RAM | P2M_TYPES_FOREIGN), -EINVAL);
    assert_int_equal(p2m_remove_typed(&p2m, 1, OTHER + 1, P2M_TYPES_GRANT), -EINVAL);
    assert_int_equal(p2m_remove_typed(&p2m, 1, OTHER, P2M_TYPES_GRANT), 0);
    assert_int_equal(p2m_remove_typed(&p2m, 1, OTHER, P2M_TYPES_GRANT), -EINVAL);
    assert_int_equal(p2m_remove_typed(&p2m, 3, OTHER + 1, P2M_TYPES_FOREIGN), 0);
    table[OTHER + 1].type = 0;
}

/* A processor may still use what was just taken out: the frame is held until that cannot be. */
static void test_flush_before_release(void **state)
{
    unsigned int before;

    assert_int_equal(p2m_set(&p2m, 5, 100, 0, P2M_RAM), 0);
    watched = 100, nr_watched = 1, let_go_early = 0, before = flushes;
    assert_int_equal(p2m_remove(&p2m, 5, 100, 0), 0);
    assert_int_equal(flushes, before + 1);
    assert_int_equal(let_go_early, 0);
    nr_watched = 0;
    assert_int_equal(p2m_set(&p2m, 5, 100, 0, P2M_RAM), 0);
    before = flushes, nr_watched = 1;
    assert_int_equal(p2m_set(&p2m, 5, 101, 0, P2M_RAM), 0);            /* replaced */
    assert_int_equal(flushes, before + 1);
    assert_int_equal(let_go_early, 0);
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 1);
    nr_watched = 0;
    assert_int_equal(p2m_set(&p2m, 512, 512, 9, P2M_RAM), 0);
    assert_int_equal(p2m_set(&p2m, 600, 200, 0, P2M_RAM), 0);           /* in the midst of a large entry */
    watched = 512, nr_watched = 80, before = flushes;
    assert_int_equal(p2m_set(&p2m, 512, 1024, 9, P2M_RAM), 0);          /* in place of a whole table */
    assert_true(flushes > before);
    assert_int_equal(let_go_early, 0);
    assert_int_equal(table[512].count, FRAME_ALLOCATED | 1);
    nr_watched = 0;
}

static void test_split_and_merge(void **state)
{
    unsigned int order;

    for (gfn_t i = 0; i < 512; i++) {
        assert_int_equal(p2m.entries[1], 0);
        assert_int_equal(p2m_set(&p2m, 1024 + i, 512 + i, 0, P2M_RAM), 0);
    }
    assert_int_equal(p2m_get(&p2m, 1030, NULL, &order), 518);
    assert_int_equal(order, 9);
    assert_int_equal(p2m.entries[1], 1);
    assert_int_equal(p2m.entries[0], 0);
    assert_int_equal(tables_used, 3);
    assert_int_equal(p2m_change_type(&p2m, 1030, P2M_RAM, P2M_LOGDIRTY), 0);
    assert_int_equal(tables_used, 4);
    assert_int_equal(at(1030, P2M_LOGDIRTY), 518);
    assert_int_equal(at(1031, P2M_RAM), 519);
    assert_int_equal(p2m_change_type(&p2m, 1030, P2M_RAM, P2M_RAM_RO), -EINVAL);
    assert_int_equal(p2m_change_type(&p2m, 1030, P2M_LOGDIRTY, P2M_RAM), 0);
    assert_int_equal(tables_used, 3);
    assert_int_equal(p2m_remove(&p2m, 1100, 588, 0), 0);
    assert_int_equal(p2m.entries[0], 511);
    assert_int_equal(at(1101, P2M_RAM), 589);
    assert_int_equal(p2m_remove(&p2m, 1024, 512, 9), -EINVAL);         /* not all there */
    assert_int_equal(p2m_set(&p2m, 1100, 588, 0, P2M_RAM), 0);
    assert_int_equal(p2m_remove(&p2m, 1024, 512, 9), 0);
    assert_int_equal(p2m.entries[0] + p2m.entries[1], 0);
    assert_int_equal(p2m_set(&p2m, 1024, 512, 9, P2M_RAM), 0);
    assert_int_equal(p2m_remove(&p2m, 1026, INVALID_MFN, 1), 0);
    assert_int_equal(p2m.entries[0], 510);
    assert_int_equal(p2m_set(&p2m, 1024, 1024, 9, P2M_RAM), 0);        /* over a table with holes */
    assert_int_equal(p2m.entries[0], 0);
    assert_int_equal(p2m.entries[1], 1);
}

static void test_large(void **state)
{
    mfn_t device = 1UL << 20;
    unsigned int order;

    assert_int_equal(p2m_set(&p2m, 1UL << 18, device, 18, P2M_MMIO), 0);
    assert_int_equal(p2m_get(&p2m, (1UL << 18) + 77777, NULL, &order), device + 77777);
    assert_int_equal(order, 18);
    assert_int_equal(p2m_remove(&p2m, (1UL << 18) + 77777, device + 77777, 0), 0);
    assert_int_equal(p2m.entries[1], 511);
    assert_int_equal(p2m.entries[0], 511);
    assert_int_equal(at((1UL << 18) + 77776, P2M_MMIO), device + 77776);
    assert_int_equal(p2m_set(&p2m, (1UL << 18) + 77777, device + 77777, 0, P2M_MMIO), 0);
    assert_int_equal(p2m.entries[2], 1);                               /* merged all the way up */
    assert_int_equal(tables_used, 2);
    assert_int_equal(p2m_highest(&p2m), (2UL << 18) - 1);
}

static void test_pool(void **state)
{
    assert_int_equal(p2m_pool_set(&p2m, 0), -EBUSY);
    assert_int_equal(p2m_pool_set(&p2m, 1UL << 40), -E2BIG);
    assert_int_equal(p2m_pool_set(&p2m, 3), 0);
    assert_int_equal(p2m_set(&p2m, 512, 512, 9, P2M_RAM), 0);
    assert_int_equal(p2m_set(&p2m, 0, 100, 0, P2M_RAM), -ENOMEM);
    assert_int_equal(table[100].count, FRAME_ALLOCATED | 1);
    assert_int_equal(p2m_remove(&p2m, 600, 600, 0), -ENOMEM);
    assert_int_equal(p2m_change_type(&p2m, 600, P2M_RAM, P2M_RAM_RO), -ENOMEM);
    assert_int_equal(at(600, P2M_RAM), 600);
    assert_int_equal(p2m_pool_set(&p2m, 4), 0);
    assert_int_equal(p2m_remove(&p2m, 600, 600, 0), 0);
    assert_int_equal(p2m_pool_get(&p2m), 4);
}

static void test_change_range(void **state)
{
    gfn_t next = 512 + 100;
    int rc;

    assert_int_equal(p2m_set(&p2m, 512, 512, 9, P2M_RAM), 0);
    assert_int_equal(p2m_set(&p2m, 1024, 1024, 9, P2M_RAM), 0);
    while ((rc = p2m_change_type_range(&p2m, next, 1UL << 40, P2M_RAM, P2M_LOGDIRTY, &next)) == -ERESTART)
        ;
    assert_int_equal(rc, 0);
    assert_int_equal(at(611, P2M_RAM), 611);
    assert_int_equal(at(612, P2M_LOGDIRTY), 612);
    assert_int_equal(at(1024, P2M_LOGDIRTY), 1024);
    assert_int_equal(p2m.entries[1], 1);                               /* the second stayed whole */
    assert_int_equal(p2m_change_type_range(&p2m, 0, 5, P2M_RAM, P2M_GRANT, &next), -EINVAL);
}

static u64 seed = 88172645463325252ULL;
static u32 random_below(u32 n)
{
    seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
    return (u32)(seed >> 20) % n;
}

/* Two regions of 2 MiB, random operations of all orders, compared entry by entry. */
static void test_random(void **state)
{
    static struct { mfn_t mfn; enum p2m_type type; } model[1024];

    memset(model, 0, sizeof(model));
    for (unsigned int round = 0; round < 3000; round++) {
        unsigned int order = random_below(3) ? random_below(4) : random_below(10);
        gfn_t gfn = random_below(1024) & ~((1UL << order) - 1);
        mfn_t mfn = random_below(2) ? gfn + 512 : 512 + (random_below(1024) & ~((1UL << order) - 1));
        enum p2m_type type = random_below(5) ? P2M_RAM : P2M_RAM_RO;
        bool row = true;

        if (random_below(4)) {
            assert_int_equal(p2m_set(&p2m, gfn, mfn, order, type), 0);
            for (unsigned long i = 0; i < 1UL << order; i++) {
                model[gfn + i].mfn = mfn + i;
                model[gfn + i].type = type;
            }
        } else {
            for (unsigned long i = 0; i < 1UL << order; i++)
                row = row && model[gfn + i].type && model[gfn + i].mfn == model[gfn].mfn + i;
            assert_int_equal(p2m_remove(&p2m, gfn, INVALID_MFN, order), row ? 0 : -EINVAL);
            for (unsigned long i = 0; row && i < 1UL << order; i++)
                model[gfn + i].type = P2M_NONE;
        }
        for (gfn_t i = 0; i < 1024; i++)
            assert_int_equal(at(i, model[i].type), model[i].type ? model[i].mfn : INVALID_MFN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one, setup, teardown), cmocka_unit_test_setup_teardown(test_peek, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_on_demand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flush_before_release, setup, teardown),
        cmocka_unit_test_setup_teardown(test_split_and_merge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_change_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
