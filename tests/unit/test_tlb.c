/* SPDX-License-Identifier: MIT */
// sources: xen/cpu/tlb.c
/* The TLB clock: who needs a flush for a stamp, and that no wrap of the clock excuses anybody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cpu/cpu.h"

struct cpu cpus[NR_CPUS];
unsigned int nr_cpus = 4;
cpumask_t cpu_online_mask = 15;
static void (*epoch_handler)(void);

void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait) { (void)mask; (void)fn; (void)arg; (void)wait; }
void open_softirq(enum softirq which, void (*handler)(void))
{ assert_int_equal(which, SOFTIRQ_TLB_EPOCH); epoch_handler = handler; }
void cpu_raise_softirq(unsigned int cpu, enum softirq which) { (void)cpu; (void)which; }

static void filter(void **state)
{
    (void)state;
    cpus[0].tlb_time = 99;
    cpus[1].tlb_time = 100;
    cpus[2].tlb_time = 101;
    cpus[3].tlb_time = 5000;
    assert_int_equal(tlb_filter(15, 100), 3);      /* at the stamp itself it may have come just before */
    assert_int_equal(tlb_filter(12, 100), 0);
    assert_int_equal(tlb_filter(15, 5000), 15);
    assert_int_equal(tlb_filter(0, 0), 0);
}

static void wrap(void **state)
{
    (void)state;
    cpus[0].tlb_time = 0xfffffff0;
    cpus[1].tlb_time = 0x10;
    assert_int_equal(tlb_filter(3, 0xfffffff8), 1);
    assert_int_equal(tlb_filter(3, 0), 1);
    /* A CPU that is behind by less than two epochs is flushed; a stamp too old to compare costs a flush too many. */
    cpus[0].tlb_time = 0;
    assert_int_equal(tlb_filter(1, 0x7fffffff), 1);
    assert_int_equal(tlb_filter(1, 0x80000001), 0);   /* 2^31 - 1 before */
    assert_int_equal(tlb_filter(1, 0x7ffffffe), 1);
}

static void epochs(void **state)
{
    (void)state;
    tlb_init();
    assert_ptr_equal(epoch_handler, flush_tlb_local);
    assert_true(tlb_clock_now() < 1u << 30);       /* the first epoch ends soon: it is tried out at every boot */
    assert_true(tlb_clock_now() > (1u << 30) - 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(filter), cmocka_unit_test(wrap), cmocka_unit_test(epochs) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
