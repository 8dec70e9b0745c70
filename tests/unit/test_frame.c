/* SPDX-License-Identifier: MIT */
// sources: xen/mem/frame.c
/* Frame references and types: what may be held together and what not, half-way validation, TLB flushes between uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/cpu.h"
#include "dom/domain.h"
#include "mem/frame.h"

static struct frame table[8];
struct frame *frame_table = table;
mfn_t max_mfn = 8;
static struct domain owner = { .id = 3, .dirty_cpus = 5 }, other = { .id = 4 };
static u32 now = 10;
static cpumask_t flushed;
cpumask_t cpu_online_mask = 0xff;
static mfn_t released = INVALID_MFN;

static u64 type_at_stamp;   /* of frame 1 */
u32 tlb_clock_now(void) { type_at_stamp = table[1].type; return now; }
cpumask_t tlb_filter(cpumask_t mask, u32 stamp) { return stamp >= now ? mask : 0; }
void flush_tlb_mask(cpumask_t mask) { flushed |= mask; now++; }
struct domain *frame_owner_domain(const struct frame *f) { return f->owner == owner.id ? &owner : NULL; }
void frame_release(mfn_t mfn) { released = mfn; }

static int setup(void **state)
{
    memset(table, 0, sizeof(table));
    table[1] = (struct frame){ .count = FRAME_ALLOCATED | 1, .owner = 3 };
    table[2].flags = FRAME_F_RESERVED;
    flushed = 0;
    released = INVALID_MFN;
    return 0;
}

static u64 tcount(mfn_t mfn) { return table[mfn].type & FRAME_TCOUNT_MASK; }

static void test_references(void **state)
{
    assert_false(get_frame(0, &owner));      /* free */
    assert_false(get_frame(2, &owner));      /* no RAM */
    assert_false(get_frame(8, &owner));
    assert_false(get_frame(INVALID_MFN, &owner));
    assert_false(get_frame(1, &other));
    assert_int_equal(table[1].count, FRAME_ALLOCATED | 1);
    assert_true(get_frame(1, &owner));
    assert_true(frame_take_allocation(1));
    assert_false(frame_take_allocation(1));
    put_frame(1);
    assert_true(get_frame_any(1));           /* given back, still referred to */
    put_frame(1);
    assert_int_equal(released, INVALID_MFN);
    put_frame(1);
    assert_int_equal(released, 1);
    assert_false(get_frame_any(1));
    table[1].count = FRAME_COUNT_MASK;
    assert_false(get_frame_any(1));          /* would overflow */
}

static void test_writable_excludes_tables(void **state)
{
    assert_true(get_frame_writable(1));
    assert_true(get_frame_writable(1));
    assert_int_equal(tcount(1), 2);
    for (int t = FT_L1; t <= FT_SEGDESC; t++)
        assert_int_equal(frame_type_try(1, t), -EBUSY);
    put_frame_writable(1);
    assert_int_equal(frame_type_try(1, FT_L1), -EBUSY);
    put_frame_writable(1);
    assert_int_equal(table[1].tlb_stamp, now);
    assert_int_equal(type_at_stamp & (FRAME_VALIDATED | FRAME_TCOUNT_MASK), 1);   /* held, and not to be had by others */
    assert_int_equal(frame_type_try(1, FT_L2), 1);
    assert_int_equal(flushed, 5);            /* stale writable translations are gone before it is validated */
    assert_false(get_frame_writable(1));
    assert_int_equal(frame_type_try(1, FT_L2), -EBUSY);   /* contains itself */
    frame_type_validated(1);
    assert_int_equal(frame_type_try(1, FT_L2), 0);
    assert_int_equal(frame_type_try(1, FT_L3), -EBUSY);
    assert_false(get_frame_writable(1));
    assert_false(frame_type_put(1));
    assert_true(frame_type_put(1));
    assert_int_equal(frame_type_progress(1), FRAME_PROGRESS_ALL);
    assert_false(get_frame_writable(1));     /* its entries still hold references */
    frame_type_abandon(1);
    flushed = 0;
    assert_true(get_frame_writable(1));
    assert_int_equal(flushed, 5);            /* nor may a walk go through it now */
    assert_true(table[1].type & FRAME_VALIDATED);
    put_frame_writable(1);
}

/* What another domain had mapped writable may be in any CPU's TLB, until the frame has changed its type once. */
static void test_foreign_mappings(void **state)
{
    assert_true(get_frame_writable(1));
    frame_mark_foreign(1);
    assert_int_equal(tcount(1), 1);
    assert_int_equal(frame_type_of(table[1].type), FT_WRITABLE);
    put_frame_writable(1);
    assert_true(get_frame_writable(1));      /* the same type again: still to be flushed later */
    put_frame_writable(1);
    assert_int_equal(flushed, 0);
    assert_int_equal(frame_type_try(1, FT_L1), 1);
    assert_int_equal(flushed, 0xff);
    assert_false(table[1].type & FRAME_FOREIGN);
    frame_type_validated(1);
    assert_true(frame_type_put(1));
    frame_type_abandon(1);
    flushed = 0;
    assert_true(get_frame_writable(1));
    assert_int_equal(flushed, 5);            /* the owner's own CPUs */
    put_frame_writable(1);
}

static void test_no_flush_when_old(void **state)
{
    assert_true(get_frame_writable(1));
    assert_int_equal(flushed, 0);            /* first use */
    put_frame_writable(1);
    now++;
    assert_int_equal(frame_type_try(1, FT_L1), 1);
    assert_int_equal(flushed, 0);
    frame_type_abandon(1);
}

static void test_partial(void **state)
{
    assert_int_equal(frame_type_try(1, FT_L4), 1);
    assert_int_equal(frame_type_progress(1), 0);
    frame_type_partial(1, 17);
    assert_false(get_frame_writable(1));
    assert_int_equal(frame_type_try(1, FT_L3), -EBUSY);
    assert_int_equal(frame_type_try(1, FT_L4), 1);
    assert_int_equal(frame_type_progress(1), 17);
    assert_int_equal(tcount(1), 1);
    frame_type_validated(1);
    assert_true(frame_type_put(1));
    frame_type_partial(1, 300);              /* teardown stops */
    assert_true(frame_type_put(1));          /* and goes on */
    assert_int_equal(frame_type_progress(1), 300);
    frame_type_partial(1, 200);
    assert_int_equal(frame_type_try(1, FT_L4), 1);   /* or is validated again from there */
    assert_int_equal(frame_type_progress(1), 200);
    frame_type_abandon(1);
    assert_int_equal(tcount(1), 0);
}

static void test_descriptors_and_pins(void **state)
{
    assert_int_equal(frame_type_try(1, FT_SEGDESC), 1);
    frame_type_validated(1);
    assert_int_equal(frame_type_try(1, FT_SEGDESC), 0);
    assert_false(frame_type_put(1));
    assert_false(frame_type_put(1));         /* nothing to tear down */
    assert_int_equal(tcount(1), 0);
    assert_int_equal(frame_type_try(1, FT_L1), 1);
    table[1].type |= FRAME_PINNED;
    frame_type_validated(1);
    assert_int_equal(frame_type_try(1, FT_L1), 0);
    assert_true(table[1].type & FRAME_PINNED);
    table[1].type |= FRAME_TCOUNT_MASK;
    assert_int_equal(frame_type_try(1, FT_L1), -EINVAL);
}

static void test_get_and_write(void **state)
{
    assert_true(get_frame_and_write(1, &owner));
    assert_false(get_frame_and_write(1, &other));
    assert_int_equal(table[1].count, FRAME_ALLOCATED | 2);
    put_frame_and_write(1);
    assert_int_equal(frame_type_try(1, FT_L1), 1);
    assert_false(get_frame_and_write(1, &owner));
    assert_int_equal(table[1].count, FRAME_ALLOCATED | 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_references, setup), cmocka_unit_test_setup(test_writable_excludes_tables, setup),
        cmocka_unit_test_setup(test_foreign_mappings, setup),
        cmocka_unit_test_setup(test_no_flush_when_old, setup), cmocka_unit_test_setup(test_partial, setup),
        cmocka_unit_test_setup(test_descriptors_and_pins, setup), cmocka_unit_test_setup(test_get_and_write, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
