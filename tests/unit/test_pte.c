/* SPDX-License-Identifier: MIT */
// sources: modes/pv/mm_entry.c
/* Which page-table entries a PV guest may write, how they are stored, and finding the present ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "modes/pv/mm_entry.h"

static const struct entry_rules rules = { .phys_bits = 40, .nx = true }, old_cpu = { .phys_bits = 36, .nx = false };

static bool allowed(const struct entry_rules *r, unsigned int level, u64 entry)
{
    return !(entry & pv_forbidden_bits(r, level));
}

static void test_leaves(void **state)
{
    u64 ram = 0x12345000 | PTE_P;

    assert_true(allowed(&rules, 1, ram));
    assert_true(allowed(&rules, 1, ram | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_AVAIL | PTE_CACHE_MASK | PTE_G));
    assert_true(allowed(&rules, 1, ram | PTE_NX));
    assert_true(allowed(&rules, 1, ram | 0x7ffUL << 52));
    assert_true(allowed(&rules, 1, (1UL << 39) | PTE_P));
    for (unsigned int bit = 40; bit < 52; bit++)
        assert_false(allowed(&rules, 1, ram | 1UL << bit));
    assert_false(allowed(&old_cpu, 1, ram | PTE_NX));
    assert_false(allowed(&old_cpu, 1, 1UL << 36 | PTE_P));
}

static void test_tables(void **state)
{
    u64 table = 0x12345000 | PTE_P | PTE_RW | PTE_US | PTE_A;

    for (unsigned int level = 2; level <= 4; level++) {
        assert_true(allowed(&rules, level, table));
        assert_true(allowed(&rules, level, table | PTE_D | PTE_AVAIL | PTE_NX));
        assert_false(allowed(&rules, level, table | PTE_PSE));
        assert_false(allowed(&rules, level, table | PTE_G));
        assert_false(allowed(&rules, level, table | PTE_PCD));
        assert_false(allowed(&rules, level, table | PTE_PWT));
        assert_false(allowed(&rules, level, table | 1UL << 40));
        assert_false(allowed(&old_cpu, level, table | PTE_NX));
    }
}

static void test_adjust(void **state)
{
    assert_int_equal(pv_entry_adjust(0), 0);
    assert_int_equal(pv_entry_adjust(PTE_G | 0x1000), PTE_G | 0x1000);   /* not present: software's own */
    assert_int_equal(pv_entry_adjust(PTE_P | PTE_G | 0x1000), PTE_P | PTE_US | 0x1000);
    assert_int_equal(pv_entry_adjust(PTE_P | PTE_US | PTE_RW), PTE_P | PTE_US | PTE_RW);
}

static void test_slots(void **state)
{
    assert_true(is_guest_l4_slot(0));
    assert_true(is_guest_l4_slot(255));
    assert_false(is_guest_l4_slot(256));
    assert_false(is_guest_l4_slot(271));
    assert_true(is_guest_l4_slot(272));
    assert_true(is_guest_l4_slot(511));
    assert_int_equal(pt_index(M2P_START, 4), 256);
    assert_int_equal(pt_index(PERDOMAIN_START, 4), PERDOMAIN_SLOT);
    assert_int_equal(pt_index(0xffffffff81234000, 1), 0x34);
    assert_int_equal(pte_mfn(0x8000012345678fff), 0x12345678);
}

/* Both searches against the plain one, for every starting point and random tables of every density. */
static void test_search(void **state)
{
    u64 table[PTES_PER_TABLE], seed = 88172645463325252ULL;

    for (unsigned int round = 0; round < 40; round++) {
        unsigned int density = round % 10, next = PTES_PER_TABLE;

        for (unsigned int i = 0; i < PTES_PER_TABLE; i++) {
            seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
            table[i] = (seed & ~PTE_P) | (density && seed >> 32 << (64 - density) == 0);
        }
        assert_int_equal(pv_next_present(table, PTES_PER_TABLE), PTES_PER_TABLE);
        assert_int_equal(pv_present_below(table, 0), 0);
        for (unsigned int i = PTES_PER_TABLE; i-- > 0; ) {
            if (table[i] & PTE_P)
                next = i;
            assert_int_equal(pv_next_present(table, i), next);
        }
        for (unsigned int i = 0, last = 0; i < PTES_PER_TABLE; i++) {
            if (table[i] & PTE_P)
                last = i + 1;
            assert_int_equal(pv_present_below(table, i + 1), last);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves), cmocka_unit_test(test_tables), cmocka_unit_test(test_adjust),
        cmocka_unit_test(test_slots), cmocka_unit_test(test_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
