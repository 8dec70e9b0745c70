/* SPDX-License-Identifier: MIT */
// sources: xen/abi/grant_entry.c
/* Shared grant entries of both versions: who may use them, how that is marked, and what a transfer leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "abi/grant_entry.h"

static volatile struct grant_entry_v1 v1;
static volatile union grant_entry_v2 v2;
static volatile u16 status;
static const struct grant_entry_ref one = { .v1 = &v1 }, two = { .v2 = &v2, .status = &status };

static int setup(void **state)
{
    memset((void *)&v1, 0, sizeof(v1));
    memset((void *)&v2, 0, sizeof(v2));
    status = 0;
    return 0;
}

static void test_v1(void **state)
{
    struct grant_view view;

    v1.domid = 5;
    v1.frame = 0x1234;
    assert_int_not_equal(grant_entry_claim(&one, 5, false, true, 0), GNTST_okay);   /* invalid */
    assert_int_equal(v1.flags, 0);
    v1.flags = GTF_permit_access | GTF_readonly | GTF_sub_page;   /* a bit that version 1 does not know */
    assert_int_not_equal(grant_entry_claim(&one, 6, false, true, 0), GNTST_okay);
    assert_int_not_equal(grant_entry_claim(&one, 5, true, true, 0), GNTST_okay);
    assert_int_equal(grant_entry_claim(&one, 5, false, true, 0), GNTST_okay);
    assert_int_equal(v1.flags & (GTF_reading | GTF_writing), GTF_reading);
    grant_entry_read(&one, &view);
    assert_int_equal(view.frame, 0x1234);
    assert_int_equal(view.length, PAGE_SIZE);
    v1.flags &= ~GTF_readonly;
    assert_int_equal(grant_entry_claim(&one, 5, true, true, GTF_reading), GNTST_okay);
    assert_int_equal(v1.flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
    grant_entry_unclaim(&one, GTF_writing);
    assert_int_equal(v1.flags & (GTF_reading | GTF_writing), GTF_reading);
    grant_entry_unclaim(&one, GTF_reading);
    assert_int_equal(v1.flags, GTF_permit_access | GTF_sub_page);
    v1.flags = GTF_transitive;
    assert_int_not_equal(grant_entry_claim(&one, 5, false, false, 0), GNTST_okay);   /* version 2 only */
    v1.flags = GTF_accept_transfer;
    assert_int_not_equal(grant_entry_claim(&one, 5, false, false, 0), GNTST_okay);
}

static void test_v2(void **state)
{
    struct grant_view view;

    v2.hdr.domid = 5;
    v2.full_page.frame = 0x123456789;
    v2.hdr.flags = GTF_permit_access;
    assert_int_equal(grant_entry_claim(&two, 5, false, true, 0), GNTST_okay);
    assert_int_equal(status, GTF_reading);
    assert_int_equal(v2.hdr.flags, GTF_permit_access);
    grant_entry_read(&two, &view);
    assert_int_equal(view.frame, 0x123456789);
    v2.hdr.flags |= GTF_readonly;
    assert_int_not_equal(grant_entry_claim(&two, 5, true, true, GTF_reading), GNTST_okay);
    assert_int_equal(status, GTF_reading);       /* the other pin's mark stays */
    assert_int_not_equal(grant_entry_claim(&two, 7, false, true, 0), GNTST_okay);
    grant_entry_unclaim(&two, GTF_reading);
    assert_int_equal(status, 0);
}

static void test_sub_page(void **state)
{
    struct grant_view view;

    v2.hdr.domid = 5;
    v2.hdr.flags = GTF_permit_access | GTF_sub_page;
    v2.sub_page.page_off = 100;
    v2.sub_page.length = 200;
    v2.sub_page.frame = 9;
    assert_int_not_equal(grant_entry_claim(&two, 5, false, true, 0), GNTST_okay);   /* not to be mapped */
    assert_int_equal(status, 0);
    assert_int_equal(grant_entry_claim(&two, 5, true, false, 0), GNTST_okay);
    grant_entry_read(&two, &view);
    assert_int_equal(view.offset, 100);
    assert_int_equal(view.length, 200);
    assert_int_equal(view.frame, 9);
}

static void test_transitive(void **state)
{
    struct grant_view view;

    v2.hdr.domid = 5;
    v2.hdr.flags = GTF_transitive;
    v2.transitive.trans_domid = 8;
    v2.transitive.gref = 77;
    assert_int_not_equal(grant_entry_claim(&two, 5, false, true, 0), GNTST_okay);
    assert_int_equal(grant_entry_claim(&two, 5, false, false, 0), GNTST_okay);
    grant_entry_read(&two, &view);
    assert_int_equal(view.trans_domid, 8);
    assert_int_equal(view.trans_ref, 77);
}

static void test_transfer(void **state)
{
    v1.domid = 3;
    v1.flags = GTF_permit_access;
    assert_int_equal(grant_entry_commit_transfer(&one, 3), GNTST_bad_gntref);
    v1.flags = GTF_accept_transfer;
    assert_int_equal(grant_entry_commit_transfer(&one, 4), GNTST_bad_gntref);
    assert_int_equal(grant_entry_commit_transfer(&one, 3), GNTST_okay);
    assert_int_equal(v1.flags, GTF_accept_transfer | GTF_transfer_committed);
    assert_int_equal(grant_entry_commit_transfer(&one, 3), GNTST_bad_gntref);
    grant_entry_transferred(&one, 0, false);
    assert_int_equal(v1.flags, GTF_accept_transfer);
    assert_int_equal(grant_entry_commit_transfer(&one, 3), GNTST_okay);
    grant_entry_transferred(&one, 0x4321, true);
    assert_int_equal(v1.frame, 0x4321);
    assert_true(v1.flags & GTF_transfer_completed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_v1, setup), cmocka_unit_test_setup(test_v2, setup),
        cmocka_unit_test_setup(test_sub_page, setup), cmocka_unit_test_setup(test_transitive, setup),
        cmocka_unit_test_setup(test_transfer, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
