/* SPDX-License-Identifier: MIT */
// sources: xen/hw/event.c xen/hw/svm/asid.c
/* The pure parts of hardware containers: exceptions on exceptions, address space identifiers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cpu/x86.h"
#include "hw/event.h"
#include "hw/svm/asid.h"

static void test_join(void **state)
{
    assert_int_equal(event_join(TRAP_BP, TRAP_GP), EVENT_REPLACE);
    assert_int_equal(event_join(TRAP_GP, TRAP_BP), EVENT_REPLACE);
    assert_int_equal(event_join(TRAP_GP, TRAP_PF), EVENT_REPLACE);
    assert_int_equal(event_join(TRAP_GP, TRAP_NP), EVENT_DOUBLE_FAULT);
    assert_int_equal(event_join(TRAP_DE, TRAP_TS), EVENT_DOUBLE_FAULT);
    assert_int_equal(event_join(TRAP_PF, TRAP_PF), EVENT_DOUBLE_FAULT);
    assert_int_equal(event_join(TRAP_PF, TRAP_GP), EVENT_DOUBLE_FAULT);
    assert_int_equal(event_join(TRAP_PF, TRAP_UD), EVENT_REPLACE);
    assert_int_equal(event_join(TRAP_DF, TRAP_GP), EVENT_TRIPLE_FAULT);
    assert_int_equal(event_join(TRAP_DF, TRAP_PF), EVENT_TRIPLE_FAULT);
    assert_int_equal(event_join(TRAP_DF, TRAP_DB), EVENT_REPLACE);
}

static void test_error_codes(void **state)
{
    for (unsigned int v = 0; v < 256; v++)
        assert_int_equal(event_has_error((u8)v), v == TRAP_DF || (v >= TRAP_TS && v <= TRAP_PF) || v == TRAP_AC ||
                                                 v == 21 || v == 29 || v == 30);
}

static void test_asids(void **state)
{
    struct asid_holder a = { 0 }, b = { 0 };
    struct asid_pool pool, other;

    asid_pool_init(&pool, 4);
    asid_pool_init(&other, 4);
    assert_int_equal(asid_get(&pool, &a, 0, false, false), ASID_FLUSH_ALL);      /* the first of all */
    assert_int_equal(a.asid, 1);
    assert_int_equal(asid_get(&pool, &b, 0, false, false), ASID_KEEP);
    assert_int_equal(b.asid, 2);
    assert_int_equal(asid_get(&pool, &a, 0, false, false), ASID_KEEP);
    assert_int_equal(a.asid, 1);
    assert_int_equal(asid_get(&pool, &a, 0, true, true), ASID_FLUSH_ONE);
    assert_int_equal(a.asid, 1);
    assert_int_equal(asid_get(&pool, &a, 0, true, false), ASID_KEEP);            /* a fresh one does */
    assert_int_equal(a.asid, 3);
    assert_int_equal(asid_get(&pool, &a, 0, true, false), ASID_FLUSH_ALL);       /* none left: a new generation */
    assert_int_equal(a.asid, 1);
    assert_int_equal(asid_get(&pool, &b, 0, false, false), ASID_KEEP);           /* b's was of the old one */
    assert_int_equal(b.asid, 2);
    assert_int_equal(asid_get(&other, &b, 1, false, false), ASID_FLUSH_ALL);     /* away */
    assert_int_equal(asid_get(&pool, &b, 0, false, true), ASID_KEEP);            /* and back: not the one it had */
    assert_int_equal(b.asid, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join), cmocka_unit_test(test_error_codes), cmocka_unit_test(test_asids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
