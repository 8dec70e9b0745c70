/* SPDX-License-Identifier: MIT */
/* Accounts of marked operations, on a machine of one or two CPUs that this test moves forward by hand: parts add up to the
 * whole, ends without beginnings and wild numbers change nothing, and all memory comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "cpu/x86.h"

static struct cpu_info here;
static u64 tsc;
#define cpu_info() (&here)
#define rdtsc() tsc
#include "xen/dom/account.c"

struct domain *hardware_domain;
struct cpu cpus[NR_CPUS];
unsigned int nr_cpus;

static struct vcpu idle[2], of_guest[2], of_control;
static struct vcpu *guest_vcpus[2] = { &of_guest[0], &of_guest[1] }, *control_vcpus[1] = { &of_control };
static struct domain guest = { .max_vcpus = 2, .vcpu = guest_vcpus }, control = { .max_vcpus = 1, .vcpu = control_vcpus };
static unsigned int allocations, allocations_left;

void *xzalloc_bytes(size_t size, size_t align)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    allocations++;
    return calloc(1, size);
}

void xfree(void *p)
{
    allocations -= p != NULL;
    free(p);
}

/* What dom/context.c does. */
static void switch_to(struct vcpu *prev, struct vcpu *next)
{
    prev->ran += tsc;
    next->ran -= tsc;
}

/* A crossing of this CPU's vCPU, begun now and charged when `ticks` have gone by. */
static void crossing(struct vcpu *v, enum ledger_event event, u64 ticks)
{
    tsc += ticks;
    v->ledger.cell[event].count++;
    v->ledger.cell[event].ticks += ticks;
}

/* A mark costs 10 ticks before it is understood and 5 after. */
static void mark(struct vcpu *v, enum mark what, u64 operation)
{
    here.vcpu = v;
    here.entry_tsc = tsc;
    tsc += 10;
    account_mark(v, what, operation);
    tsc += 5;
    here.ledger_cell->count++;
    here.ledger_cell->ticks += tsc - here.entry_tsc;
}

static int setup(void **state)
{
    memset(idle, 0, sizeof(idle));
    memset(of_guest, 0, sizeof(of_guest));
    memset(&of_control, 0, sizeof(of_control));
    of_guest[0].domain = of_guest[1].domain = &guest;
    of_control.domain = &control;
    hardware_domain = &control;
    tsc = 1000;
    nr_cpus = 1;
    cpus[0].idle_vcpu = &idle[0];
    cpus[1].idle_vcpu = &idle[1];
    idle[0].ran = idle[1].ran = -tsc;
    allocations = 0;
    allocations_left = 100;
    return 0;
}

static int teardown(void **state)
{
    account_domain_free(&guest);
    account_domain_free(&control);
    assert_int_equal(allocations, 0);
    return 0;
}

static struct account get(struct domain *d, u32 operation)
{
    struct account a;

    assert_true(account_get(d, operation, &a));
    return a;
}

static u64 parts(const struct account *a)
{
    return a->domain.ticks + a->control.ticks + a->idle;
}

static void test_sum(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    tsc += 500;
    switch_to(&idle[0], v);
    crossing(v, LEDGER_SYSCALL, 77);          /* before the bracket: none of its business */
    for (unsigned int round = 0; round < 3; round++) {
        mark(v, MARK_BEGIN, 7);
        tsc += 100;                           /* its own */
        crossing(v, LEDGER_SYSCALL, 20);
        switch_to(v, &of_control);
        tsc += 40;
        crossing(&of_control, LEDGER_HYPERCALL, 9);
        switch_to(&of_control, &idle[0]);
        tsc += 1000;
        switch_to(&idle[0], v);
        tsc += 3;
        mark(v, MARK_END, 7);
        tsc += 11;
    }
    a = get(&guest, 7);
    assert_int_equal(a.brackets, 3);
    assert_int_equal(a.ticks, 3 * (5 + 100 + 20 + 49 + 1000 + 3));
    assert_int_equal(parts(&a), a.ticks);
    assert_int_equal(a.idle, 3000);
    assert_int_equal(a.control.ticks, 147);
    assert_int_equal(a.control.ledger.cell[LEDGER_HYPERCALL].ticks, 27);
    assert_int_equal(a.domain.ledger.cell[LEDGER_SYSCALL].ticks, 60);
    assert_int_equal(a.domain.ledger.cell[LEDGER_SYSCALL].count, 3);
    assert_int_equal(a.domain.ledger.cell[LEDGER_MARK].ticks, 15);   /* what is left of the first mark */
    assert_int_equal(a.domain.ledger.cell[LEDGER_MARK].count, 3);
    assert_false(account_get(&guest, 6, &a));
    assert_false(account_get(&control, 7, &a));
}

/* What crossings were of: within the bracket, of all the domain's vCPUs, each owner's own. */
static void test_kinds(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    switch_to(&idle[0], v);
    ledger_count_kind(v, LEDGER_KIND_TRAP, 14);
    for (unsigned int round = 0; round < 2; round++) {
        mark(v, MARK_BEGIN, 1);
        ledger_count_kind(v, LEDGER_KIND_HYPERCALL, 29);
        ledger_count_kind(&of_guest[1], LEDGER_KIND_HYPERCALL, 29);
        ledger_count_kind(v, LEDGER_KIND_EXIT, NR_EXIT_REASONS - 1);
        ledger_count_kind(&of_control, LEDGER_KIND_TRAP, 31);
        mark(v, MARK_END, 1);
        ledger_count_kind(v, LEDGER_KIND_HYPERCALL, 0);
    }
    a = get(&guest, 1);
    assert_int_equal(a.domain.ledger.kinds[LEDGER_KIND_HYPERCALL + 29], 4);
    assert_int_equal(a.domain.ledger.kinds[LEDGER_KIND_TRAP - 1], 2);
    assert_int_equal(a.domain.ledger.kinds[LEDGER_KIND_TRAP + 14], 0);
    assert_int_equal(a.domain.ledger.kinds[LEDGER_KIND_HYPERCALL], 0);
    assert_int_equal(a.domain.ledger.kinds[NR_LEDGER_KINDS - 1], 0);
    assert_int_equal(a.control.ledger.kinds[NR_LEDGER_KINDS - 1], 2);
    assert_int_equal(parts(&a), a.ticks);
    assert_true(sizeof(a) < 4096);
}

/* A domain's time in user mode: with a stay there under way, which a mark belongs to, one that a switch ends, none. */
static void test_user(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    switch_to(&idle[0], v);
    v->ledger.user = 40 - tsc;            /* has had 40 before */
    of_guest[1].ledger.user = 1000;       /* not running */
    mark(v, MARK_BEGIN, 1);
    v->ledger.user -= tsc - here.entry_tsc;   /* the row, on the way back to user mode */
    tsc += 100;
    v->ledger.user += tsc;                    /* a system call */
    crossing(v, LEDGER_SYSCALL, 20);
    tsc += 30;
    v->ledger.user -= tsc;                    /* the way back to user mode */
    tsc += 7;
    mark(v, MARK_END, 1);
    a = get(&guest, 1);
    assert_int_equal(a.domain.ledger.user, 107);
    assert_int_equal(a.domain.ticks, 5 + 100 + 20 + 30 + 7);
    assert_int_equal(a.control.ledger.user, 0);
}

static void test_control_domain(void **state)
{
    struct account a;

    switch_to(&idle[0], &of_control);
    mark(&of_control, MARK_BEGIN, 0);
    tsc += 50;
    mark(&of_control, MARK_END, 0);
    a = get(&control, 0);
    assert_int_equal(a.domain.ticks, 55);
    assert_int_equal(a.control.ticks, 0);
    assert_int_equal(a.ticks, 55);
}

static void test_two_cpus(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    nr_cpus = 2;
    switch_to(&idle[0], v);
    mark(v, MARK_BEGIN, 1);
    tsc += 100;
    switch_to(&idle[1], &of_guest[1]);
    tsc += 300;
    mark(v, MARK_END, 1);
    a = get(&guest, 1);
    assert_int_equal(a.ticks, 2 * 405);
    assert_int_equal(a.idle, 105);
    assert_int_equal(a.domain.ticks, 405 + 300);
    assert_int_equal(parts(&a), a.ticks);
}

static void test_third_domain(void **state)
{
    struct vcpu *v = &of_guest[0], third = { .domain = NULL };
    struct account a;

    switch_to(&idle[0], v);
    mark(v, MARK_BEGIN, 1);
    switch_to(v, &third);
    tsc += 70;
    switch_to(&third, v);
    mark(v, MARK_END, 1);
    a = get(&guest, 1);
    assert_int_equal(a.ticks - parts(&a), 70);
}

static void test_unpaired(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    switch_to(&idle[0], v);
    mark(v, MARK_END, 3);
    mark(v, MARK_PROBE, 3);
    mark(v, MARK_BEGIN, NR_ACCOUNTS);
    mark(v, MARK_END, ~0UL);
    mark(v, MARK_BEGIN, 1UL << 32 | 3);
    mark(v, 99, 3);
    assert_int_equal(allocations, 0);
    mark(v, MARK_BEGIN, 3);
    mark(v, MARK_BEGIN, 4);     /* 3 is forgotten */
    mark(v, MARK_END, 3);
    mark(v, MARK_END, 4);
    mark(v, MARK_END, 4);
    assert_false(account_get(&guest, 3, &a));
    assert_int_equal(get(&guest, 4).brackets, 1);
}

static void test_no_memory(void **state)
{
    struct vcpu *v = &of_guest[0];
    struct account a;

    switch_to(&idle[0], v);
    allocations_left = 0;
    mark(v, MARK_BEGIN, 3);
    mark(v, MARK_END, 3);
    assert_false(account_get(&guest, 3, &a));
    allocations_left = 1;
    mark(v, MARK_BEGIN, 3);
    mark(v, MARK_END, 3);
    assert_false(account_get(&guest, 3, &a));
    allocations_left = 1;
    mark(v, MARK_BEGIN, 3);
    mark(v, MARK_END, 3);
    assert_int_equal(get(&guest, 3).brackets, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_user, setup, teardown),
        cmocka_unit_test_setup_teardown(test_control_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_cpus, setup, teardown),
        cmocka_unit_test_setup_teardown(test_third_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unpaired, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
