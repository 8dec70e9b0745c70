/* SPDX-License-Identifier: MIT */
// sources: xen/dom/ledger_kinds.c
/* Names of what the ledger counts alone: each has one of its own, in one word, and a column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <xen/xen.h>

#include "cpu/x86.h"
#include "dom/ledger.h"

static struct ledger_kind names[NR_LEDGER_KINDS];

static int name_all(void **state)
{
    for (unsigned int kind = 0; kind < NR_LEDGER_KINDS; kind++)
        ledger_name_kind(kind, &names[kind]);
    return 0;
}

static void is(unsigned int kind, enum column column, const char *name)
{
    assert_string_equal(names[kind].name, name);
    assert_int_equal(names[kind].column, column);
}

static void test_names(void **state)
{
    is(LEDGER_KIND_HYPERCALL + __HYPERVISOR_mmu_update, COLUMN_PRIVILEGED, "hypercall:mmu_update");
    is(LEDGER_KIND_HYPERCALL + __HYPERVISOR_update_va_mapping_otherdomain, COLUMN_PRIVILEGED,
       "hypercall:update_va_mapping_otherdomain");
    is(LEDGER_KIND_HYPERCALL + __HYPERVISOR_event_channel_op, COLUMN_INTERRUPTS, "hypercall:event_channel_op");
    is(LEDGER_KIND_HYPERCALL + __HYPERVISOR_grant_table_op, COLUMN_IO, "hypercall:grant_table_op");
    is(LEDGER_KIND_HYPERCALL + 48, COLUMN_PLATFORM, "hypercall:mca");
    is(LEDGER_KIND_HYPERCALL + 63, COLUMN_PRIVILEGED, "hypercall:63");
    is(LEDGER_KIND_EXIT + EXIT_CPUID, COLUMN_PLATFORM, "exit:cpuid");
    is(LEDGER_KIND_EXIT + EXIT_PORT, COLUMN_IO, "exit:port");
    is(LEDGER_KIND_EXIT + EXIT_UNKNOWN, COLUMN_PRIVILEGED, "exit:unknown");
    is(LEDGER_KIND_TRAP + TRAP_PF, COLUMN_PRIVILEGED, "trap:page-fault");
    is(LEDGER_KIND_TRAP + 31, COLUMN_PRIVILEGED, "trap:31");
}

static void test_each(void **state)
{
    for (unsigned int kind = 0; kind < NR_LEDGER_KINDS; kind++) {
        const char *name = names[kind].name, *bare = strchr(name, ':');

        assert_non_null(bare);
        assert_int_equal(strcspn(name, " \t\n"), strlen(name));
        assert_true(strlen(name) + 1 < sizeof(names[kind].name));
        assert_true(names[kind].column < NR_COLUMNS);
        if (kind >= LEDGER_KIND_EXIT && kind < LEDGER_KIND_TRAP)
            assert_true(bare[1] >= 'a' && bare[1] <= 'z');
        for (unsigned int other = 0; other < kind; other++)
            assert_string_not_equal(names[other].name, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_each) };

    return cmocka_run_group_tests(tests, name_all, NULL);
}
