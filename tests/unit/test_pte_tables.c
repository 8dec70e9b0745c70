/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame.c
/* Page tables of a PV guest on a small simulated machine: what a hostile kernel may try is tried, and after thousands
 * of random operations, stopped half-way at random, every reference count is what the tables' contents say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/pv_machine.h"
#define irq_disable() ((void)0)
#define irq_enable() ((void)0)
#include "modes/pv/mm_grant.c"
#include "modes/pv/mm_single.c"
#include "modes/pv/mm_update.c"

static unsigned long again[4];
long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    va_list args;

    va_start(args, nargs);
    for (unsigned int i = 0; i < 4; i++)
        again[i] = va_arg(args, unsigned long);
    va_end(args);
    return -ERESTART;
}

static int update(u64 ptr, u64 value, u32 foreigndom)
{
    struct mmu_update request = { ptr, value };

    return (int)hypercall_mmu_update((unsigned long)&request, 1, 0, foreigndom, 0, 0);
}

static void test_pin(void **state)
{
    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    check_counts();
    assert_int_equal(page(1)[0], to(2, PTE_RW | PTE_US));
    assert_int_equal(page(1)[256], ~0UL);
    assert_int_equal(page(4)[511], to(12, PTE_RW | PTE_NX | PTE_US));   /* user, not global */
    assert_int_equal(pin(1, FT_L4), -EINVAL);
    assert_int_equal(pin(1, FT_L3), -EINVAL);
    check_counts();
    unpin(1);
    check_counts();
    assert_int_equal(pv_unpin_table(&dom.domain, 1), -EINVAL);
    for (mfn_t m = 1; m < FRAMES; m++)
        assert_int_equal(table[m].count & FRAME_COUNT_MASK, 1);
}

/* One bad entry at a time; each makes the pin fail and leaves nothing behind. */
static void test_bad_trees(void **state)
{
    static const struct { mfn_t table; unsigned int index; u64 entry; } bad[] = {
        { 4, 100, 4UL << 12 | PTE_P | PTE_RW },                /* a table, writable */
        { 4, 100, 1UL << 12 | PTE_P | PTE_RW },
        { 4, 100, (FRAMES - 1UL) << 12 | PTE_P },              /* another domain's */
        { 4, 100, 0UL << 12 | PTE_P },                         /* nobody's */
        { 4, 100, 0x2000UL << 12 | PTE_P },                    /* device memory that is not for it */
        { 4, 100, 1UL << 40 | PTE_P },                         /* beyond the machine's addresses */
        { 3, 100, 10UL << 12 | PTE_P | PTE_PSE },              /* a large page */
        { 3, 100, 3UL << 12 | PTE_P },                         /* itself */
        { 3, 100, 2UL << 12 | PTE_P },                         /* levels mixed up */
        { 3, 100, 10UL << 12 | PTE_P },                        /* mapped writable at the same time */
        { 2, 511, (FRAMES - 1UL) << 12 | PTE_P },
        { 1, 300, 1UL << 12 | PTE_P },                         /* a linear map */
        { 1, 511, 4UL << 12 | PTE_P },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        setup(NULL);
        make_tree();
        page(bad[i].table)[bad[i].index] = bad[i].entry;
        assert_int_equal(pin(1, FT_L4), -EINVAL);
        check_counts();
        for (mfn_t m = 1; m < FRAMES; m++)
            assert_int_equal(table[m].type & FRAME_TCOUNT_MASK, 0);
    }
}

/* A device frame that the domain may not write is mapped read-only, whatever it asks for. */
static void test_read_only_device(void **state)
{
    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    assert_int_equal(update(4 << 12 | 8 * 8, to(0x1000, PTE_RW), DOMID_SELF), 0);
    assert_int_equal(page(4)[8], to(0x1000, PTE_RW | PTE_US));
    assert_int_equal(update(4 << 12 | 8 * 8, to(0x1001, PTE_RW), DOMID_SELF), 0);
    assert_int_equal(page(4)[8], to(0x1001, PTE_US));
    assert_int_equal(update(4 << 12 | 8 * 8, to(0x1001, PTE_RW), DOMID_SELF), 0);
    assert_int_equal(page(4)[8], to(0x1001, PTE_US));
    assert_int_equal(update(4 << 12 | 8 * 8, to(0x1002, PTE_RW), DOMID_SELF), -EPERM);
}

static void test_update(void **state)
{
    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    assert_int_equal(update(4 << 12 | 8 * 8, to(13, PTE_RW), DOMID_SELF), 0);
    check_counts();
    assert_int_equal(update(4 << 12 | 8 * 8, to(13, PTE_A), DOMID_SELF), 0);          /* write-protected */
    check_counts();
    assert_int_equal(update(4 << 12 | 8 * 8 | MMU_PT_UPDATE_PRESERVE_AD, to(13, PTE_D), DOMID_SELF), 0);
    assert_int_equal(page(4)[8], to(13, PTE_A | PTE_D | PTE_US));
    assert_int_equal(update(4 << 12 | 8 * 8, to(3, PTE_RW), DOMID_SELF), -EINVAL);
    assert_int_equal(update(4 << 12 | 8 * 8, to(FRAMES - 1, 0), DOMID_SELF), -EINVAL);
    assert_int_equal(update(4 << 12 | 3 * 8, to(3, PTE_RW), DOMID_SELF), -EINVAL);    /* upgrading a table's mapping */
    assert_int_equal(update(4 << 12 | 8 * 8 | 4, to(13, 0), DOMID_SELF), -EINVAL);
    assert_int_equal(update((u64)(FRAMES - 1) << 12, 0, DOMID_SELF), -EINVAL);
    assert_int_equal(update(1 << 12 | 256 * 8, 0, DOMID_SELF), -EINVAL);
    assert_int_equal(update(1 << 12 | 256 * 8, to(2, 0), DOMID_SELF), -EINVAL);
    check_counts();
    assert_int_equal(update(3 << 12 | 9 * 8, to(5, PTE_RW), DOMID_SELF), 0);          /* a new, empty level-1 table */
    assert_int_equal(update(3 << 12 | 9 * 8, to(6, PTE_RW), DOMID_SELF), 0);
    assert_int_equal(update(3 << 12 | 7 * 8, to(1, PTE_RW), DOMID_SELF), -EINVAL);
    check_counts();
    assert_int_equal(update(2 << 12 | 5 * 8, 0, DOMID_SELF), 0);                      /* and all of it goes */
    check_counts();
    assert_int_equal(update(20 << 12 | 8, 0x1234, DOMID_SELF), 0);                    /* plain memory */
    assert_int_equal(page(20)[1], 0x1234);
    assert_int_equal(update(20 << 12 | MMU_MACHPHYS_UPDATE, 77, DOMID_SELF), 0);
    assert_int_equal(m2p[20], 77);
    check_counts();
    unpin(1);
}

static void test_foreign(void **state)
{
    mfn_t theirs = FRAMES - 1;

    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    assert_int_equal(update(4 << 12 | 8 * 8, to(theirs, 0), 4), 0);
    assert_int_equal(update(4 << 12 | 8 * 8, to(theirs, PTE_RW), DOMID_SELF), -EINVAL);   /* not more than was given */
    check_counts();
    assert_int_equal(update(4 << 12 | 8 * 8, to(13, 0), 4), -EINVAL);
    assert_int_equal(update(4 << 12 | 10 * 8, to(theirs, 0), DOMID_IO), -EINVAL);
    assert_int_equal(update(4 << 12 | 10 * 8, to(theirs, 0), DOMID_XEN), -EINVAL);
    assert_int_equal(update(4 << 12 | 10 * 8, to(theirs, 0), 9), -ESRCH);
    dom.domain.is_privileged = false;
    assert_int_equal(update(4 << 12 | 8 * 8, to(theirs, 0), 4), -EPERM);
    assert_int_equal(update(4 << 12 | 8 * 8, 0, DOMID_SELF), 0);
    check_counts();
    unpin(1);
}

static void test_grant(void **state)
{
    u64 va = 5UL << 30 | 7UL << 21, at = 4 << 12 | 8 * 8;
    mfn_t theirs = FRAMES - 1;

    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    vcpu.kernel_l4 = 1;
    assert_int_equal(pv_grant_map(&dom.domain, va + 8 * 4096, theirs, GNTMAP_host_map, false), GNTST_okay);
    check_counts();
    assert_int_equal(page(4)[8] & (PTE_MFN_MASK | PTE_P | PTE_RW), to(theirs, PTE_RW));
    assert_int_equal(pv_grant_unmap(&dom.domain, va + 8 * 4096, theirs - 1, GNTMAP_host_map, 0), GNTST_general_error);
    assert_int_equal(pv_grant_unmap(&dom.domain, va + 8 * 4096, theirs, GNTMAP_host_map, 0), GNTST_okay);
    check_counts();
    assert_int_equal(page(4)[8], 0);
    assert_int_equal(pv_grant_map(&dom.domain, at, theirs, GNTMAP_host_map | GNTMAP_contains_pte, true), GNTST_okay);
    assert_int_equal(page(4)[8] & PTE_RW, 0);
    /* A read-only grant stays one. */
    assert_int_equal(update(at, to(theirs, PTE_RW), DOMID_SELF), -EINVAL);
    check_counts();
    assert_int_equal(pv_grant_unmap(&dom.domain, va + 8 * 4096, theirs, GNTMAP_host_map, va), GNTST_okay);
    assert_int_equal(pte_mfn(page(4)[8]), 10);
    assert_int_equal(page(4)[0], 0);
    check_counts();
    assert_int_equal(pv_grant_map(&dom.domain, 20 << 12, theirs, GNTMAP_contains_pte, true), GNTST_general_error);
    assert_int_equal(pv_grant_map(&dom.domain, HYPERVISOR_START, theirs, 0, true), GNTST_bad_virt_addr);
    assert_int_equal(pv_grant_map(&dom.domain, va, 4, 0, false), GNTST_general_error);
    check_counts();
    vcpu.kernel_l4 = 0;
    unpin(1);
}

/* GNTTABOP_unmap_and_replace with the entry itself as replacement, which would leave it in place and drop what it
 * holds; found at the same address, and at another that leads to the same level-1 table. */
static void test_grant_replaced_by_itself(void **state)
{
    u64 va = 5UL << 30 | 7UL << 21;
    mfn_t theirs = FRAMES - 1;

    make_tree();
    page(3)[8] = to(4, PTE_RW);
    assert_int_equal(pin(1, FT_L4), 0);
    vcpu.kernel_l4 = 1;
    va += 8 * 4096;
    assert_int_equal(pv_grant_map(&dom.domain, va, theirs, GNTMAP_host_map, false), GNTST_okay);
    assert_true(table[theirs].type & FRAME_FOREIGN);
    check_counts();
    assert_int_equal(pv_grant_unmap(&dom.domain, va, theirs, GNTMAP_host_map, va), GNTST_bad_virt_addr);
    check_counts();
    assert_int_equal(pv_grant_unmap(&dom.domain, va, theirs, GNTMAP_host_map, va + (1UL << 21)), GNTST_bad_virt_addr);
    check_counts();
    assert_int_equal(pte_mfn(page(4)[8]), theirs);
    assert_int_equal(pv_grant_unmap(&dom.domain, va + (1UL << 21), theirs, GNTMAP_host_map, 0), GNTST_okay);
    assert_int_equal(page(4)[8], 0);
    check_counts();
    vcpu.kernel_l4 = 0;
    unpin(1);
}

/* Writable mappings by another domain than the owner are noted, whichever of the two has the tables. */
static void test_foreign_is_noted(void **state)
{
    mfn_t theirs = FRAMES - 1;

    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    assert_int_equal(update(4 << 12 | 8 * 8, to(theirs, 0), 4), 0);
    assert_false(table[theirs].type & FRAME_FOREIGN);
    assert_int_equal(update(4 << 12 | 8 * 8, to(theirs, PTE_RW), 4), 0);
    assert_true(table[theirs].type & FRAME_FOREIGN);
    assert_int_equal(update(4 << 12 | 9 * 8, to(13, PTE_RW), DOMID_SELF), 0);
    assert_false(table[13].type & FRAME_FOREIGN);
    check_counts();
    unpin(1);
}

static void test_batch(void **state)
{
    struct mmu_update requests[100];
    u32 done = 0;
    long rc;

    make_tree();
    assert_int_equal(pin(1, FT_L4), 0);
    for (unsigned int i = 0; i < 100; i++)
        requests[i] = (struct mmu_update){ 4 << 12 | (20 + i) * 8, to(10 + i % 20, i % 2 ? PTE_RW : 0) };
    stop_at_random = true;
    rc = hypercall_mmu_update((unsigned long)requests, 100, (unsigned long)&done, DOMID_SELF, 0, 0);
    while (rc == -ERESTART)
        rc = hypercall_mmu_update(again[0], again[1], again[2], again[3], 0, 0);
    assert_int_equal(rc, 0);
    assert_int_equal(done, 100);
    check_counts();
    requests[70].val = to(4, PTE_RW);
    rc = hypercall_mmu_update((unsigned long)requests, 100, (unsigned long)&done, DOMID_SELF, 0, 0);
    while (rc == -ERESTART)
        rc = hypercall_mmu_update(again[0], again[1], again[2], again[3], 0, 0);
    assert_int_equal(rc, -EINVAL);
    assert_int_equal(done, 70);
    check_counts();
    stop_at_random = false;
    unpin(1);
}

static void random_plain_write(mfn_t m)
{
    static const u64 flags[] = { 0, PTE_RW, PTE_RW | PTE_A, PTE_G, PTE_PSE, PTE_NX };

    /* Only what a guest could write through a mapping: memory in no special use. */
    if (!(table[m].type & FRAME_TCOUNT_MASK))
        page(m)[random_below(512)] = random_below(3) ? to(random_below(FRAMES), flags[random_below(6)]) : 0;
}

/* Everything at random, on a few frames so that trees come about: 1-4 serve as L4, 5-10 L3, 11-16 L2, 17-24 L1. */
static void test_random(void **state)
{
    static const struct { u32 from, n, below_from, below_n; } classes[] = {
        { 17, 8, 25, 23 }, { 11, 6, 17, 8 }, { 5, 6, 11, 6 }, { 1, 4, 5, 6 } };
    unsigned int pinned = 0, stopped = 0;

    stop_at_random = true;
    for (unsigned int round = 0; round < 60000; round++) {
        u32 level = random_below(4);
        mfn_t m = classes[level].from + random_below(classes[level].n);
        u64 value = to(classes[level].below_from + random_below(classes[level].below_n), random_below(2) ? PTE_RW : 0);
        int rc = 0;

        switch (random_below(8)) {
        case 0: rc = pin(m, FT_L1 + level); pinned += rc == 0; break;
        case 1: if (random_below(2) && !pv_finish_deferred(&vcpu)) unpin(m); break;
        case 2: rc = update((u64)m << 12 | random_below(512) * 8, random_below(3) ? value : 0, DOMID_SELF); break;
        case 3:
            value = to(random_below(FRAMES), random_below(2) ? PTE_RW : 0);
            rc = update((u64)m << 12 | random_below(512) * 8, value, random_below(2) ? DOMID_SELF : 4);
            break;
        case 4: random_plain_write(m); break;
        default:
            if (!(table[m].type & FRAME_TCOUNT_MASK))
                page(m)[random_below(512)] = random_below(6) ? value : 0;
        }
        stopped += rc == -ERESTART;
        if (round % 8 == 0)
            check_counts();
        if (round % 500 == 0)
            for (mfn_t i = 1; i < FRAMES; i++)
                if (!(table[i].type & FRAME_TCOUNT_MASK))
                    memset(page(i), 0, 4096);
    }
    assert_true(pinned > 500);
    assert_true(stopped > 500);

    /* The end of the domain: pins and what is half-way go, and everything is free. */
    while (pv_finish_deferred(&vcpu))
        ;
    for (bool left = true; left; ) {
        left = false;
        for (mfn_t m = 1; m < FRAMES; m++) {
            if (!(table[m].type & (FRAME_PINNED | FRAME_PARTIAL)))
                continue;
            left = true;
            while (pv_finish_deferred(&vcpu))
                ;
            if (table[m].type & FRAME_PINNED)
                unpin(m);
            else
                pv_finish_table(&dom.domain, m);
        }
    }
    while (pv_finish_deferred(&vcpu))
        ;
    check_counts();
    for (mfn_t m = 1; m < FRAMES; m++) {
        assert_int_equal(table[m].count & FRAME_COUNT_MASK, 1);
        assert_int_equal(table[m].type & FRAME_TCOUNT_MASK, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_pin, setup), cmocka_unit_test_setup(test_bad_trees, setup),
        cmocka_unit_test_setup(test_read_only_device, setup), cmocka_unit_test_setup(test_update, setup),
        cmocka_unit_test_setup(test_foreign, setup),
        cmocka_unit_test_setup(test_grant, setup), cmocka_unit_test_setup(test_batch, setup),
        cmocka_unit_test_setup(test_grant_replaced_by_itself, setup), cmocka_unit_test_setup(test_foreign_is_noted, setup),
        cmocka_unit_test_setup(test_random, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
