/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/hpet.c
/* The HPET against its specification: counter, one-shot and periodic comparators of both widths, routes, levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/hpet.h"

#define CONFIG 0x10
#define STATUS 0x20
#define COUNTER 0xf0
#define TIMER(n) (0x100u + 0x20 * (n))
#define COMPARATOR(n) (0x108u + 0x20 * (n))

static struct hpet h;
static u64 matches[HPET_TIMER_NUM];

static stime_t at(u64 tick) { return tick * HPET_TICK_NS; }

static void put(u32 offset, u64 value, u64 tick)
{
    hpet_run(&h, at(tick), matches);
    hpet_write(&h, offset, 8, value, at(tick));
}

static int fresh(void **state)
{
    hpet_reset(&h);
    put(CONFIG, 1, 1000);        /* counts from 0 at tick 1000 */
    return 0;
}

static void run(u64 tick) { hpet_run(&h, at(tick), matches); }

static void test_registers(void **state)
{
    assert_int_equal(hpet_read(&h, 0, 4, 0), 0x8086a201);
    assert_int_equal(hpet_read(&h, 4, 4, 0), 16000000);
    assert_int_equal(hpet_read(&h, 0, 8, 0), 16000000UL << 32 | 0x8086a201);
    put(TIMER(1), ~0UL, 1000);
    assert_int_equal(hpet_read(&h, TIMER(1), 8, 0), 0x00f0000000003f7eUL);
    assert_int_equal(hpet_read(&h, TIMER(1) + 4, 4, 0), 0x00f00000);
    assert_int_equal(hpet_read(&h, 2, 4, 0), 0xffffffff);
    assert_int_equal(hpet_read(&h, 0, 3, 0), 0xffffff);
    assert_int_equal(hpet_read(&h, 2, 2, 0), 0x8086);
    assert_int_equal(hpet_read(&h, 0, 1, 0), 0x01);
    assert_int_equal(hpet_read(&h, 0x3f8, 8, 0), 0);
    hpet_write(&h, TIMER(2) + 4, 4, 0xdead, at(1000));
    assert_int_equal(hpet_read(&h, TIMER(2), 8, 0), 0x00f0000000000030UL);
}

static void test_counter(void **state)
{
    assert_int_equal(hpet_read(&h, COUNTER, 8, at(1500)), 500);
    put(COUNTER, 7, 1500);                        /* not while it counts */
    assert_int_equal(hpet_read(&h, COUNTER, 8, at(1501)), 501);
    put(CONFIG, 0, 1600);
    assert_int_equal(hpet_read(&h, COUNTER, 8, at(9999)), 600);
    hpet_write(&h, COUNTER, 4, 0x10, at(9999));
    hpet_write(&h, COUNTER + 4, 4, 0x2, at(9999));
    put(CONFIG, 1, 20000);
    assert_int_equal(hpet_read(&h, COUNTER, 8, at(20005)), 0x200000015UL);
    assert_int_equal(hpet_read(&h, COUNTER + 4, 4, at(20005)), 2);
}

static void test_one_shot(void **state)
{
    put(TIMER(0), 20 << 9 | 4, 1000);
    put(COMPARATOR(0), 100, 1000);
    assert_int_equal(hpet_next(&h, 0), at(1100));
    run(1099);
    assert_int_equal(matches[0], 0);
    run(1100);
    assert_int_equal(matches[0], 1);
    run(5000000);
    assert_int_equal(matches[0], 0);
    put(COMPARATOR(0), 50, 5000000);              /* past: not before the counter comes round */
    run(9000000);
    assert_int_equal(matches[0], 0);
    put(TIMER(0), 20 << 9 | 4 | 0x100, 9000000);  /* 32 bits: that is 69 s */
    assert_int_equal(hpet_next(&h, 0), at(1050 + (1UL << 32)));
    run(1050 + (1UL << 32));
    assert_int_equal(matches[0], 1);
}

static void test_periodic(void **state)
{
    put(TIMER(0), 20 << 9 | 4 | 8 | 0x40, 1000);
    put(COMPARATOR(0), 100, 1000);                /* first match */
    put(COMPARATOR(0), 30, 1000);                 /* period */
    assert_int_equal(hpet_read(&h, COMPARATOR(0), 8, 0), 100);
    assert_int_equal(hpet_period(&h, 0), 30 * 16);
    run(1100);
    assert_int_equal(matches[0], 1);
    assert_int_equal(hpet_read(&h, COMPARATOR(0), 8, 0), 130);
    assert_int_equal(hpet_next(&h, 0), at(1130));
    run(1189);
    assert_int_equal(matches[0], 2);
    run(1190);
    assert_int_equal(matches[0], 1);
    run(1220 + 30 * 1000);
    assert_int_equal(matches[0], 1001);
}

static void test_periodic_32(void **state)
{
    put(TIMER(1), 21 << 9 | 4 | 8 | 0x40 | 0x100, 1000);
    put(COMPARATOR(1), 0xffffff00, 1000);
    put(COMPARATOR(1), 0x200, 1000);
    run(1000 + 0xffffff00UL);
    assert_int_equal(matches[1], 1);
    assert_int_equal(hpet_read(&h, COMPARATOR(1), 8, 0), 0x100);
    assert_int_equal(hpet_next(&h, 1), at(1000 + 0x100000100UL));
    run(1000 + 0x100000100UL);
    assert_int_equal(matches[1], 1);
    put(COMPARATOR(1), 0, 1000 + 0x100000100UL);  /* no period: once a round */
    run(1000 + 0x100000300UL);
    assert_int_equal(matches[1], 1);
    run(1000 + 0x100000301UL);
    assert_int_equal(matches[1], 0);
}

static void test_level(void **state)
{
    unsigned int pin;

    put(TIMER(2), 23 << 9 | 4 | 2, 1000);
    put(COMPARATOR(2), 10, 1000);
    assert_int_equal(hpet_route(&h, 2, &pin), HPET_PIN);
    assert_int_equal(pin, 23);
    run(1010);
    assert_int_equal(matches[2], 0);              /* no edge */
    assert_true(hpet_level(&h, 2));
    assert_true(hpet_next(&h, 2) == STIME_NEVER);
    assert_int_equal(hpet_read(&h, STATUS, 8, 0), 4);
    put(STATUS, 3, 1010);
    assert_true(hpet_level(&h, 2));
    put(STATUS, 4, 1010);
    assert_false(hpet_level(&h, 2));
}

static void test_routes(void **state)
{
    unsigned int pin;

    put(TIMER(0), 5 << 9 | 4, 1000);
    assert_int_equal(hpet_route(&h, 0, &pin), HPET_NOWHERE);
    put(CONFIG, 3, 1000);
    assert_true(hpet_legacy(&h));
    assert_int_equal(hpet_route(&h, 0, &pin), HPET_LEGACY);
    put(TIMER(2), 22 << 9 | 4, 1000);
    assert_int_equal(hpet_route(&h, 2, &pin), HPET_PIN);
    put(TIMER(2), 22 << 9, 1000);
    assert_int_equal(hpet_route(&h, 2, &pin), HPET_NOWHERE);
    put(CONFIG, 2, 1000);
    assert_false(hpet_legacy(&h));
    assert_int_equal(hpet_route(&h, 0, &pin), HPET_NOWHERE);
}

static void test_records(void **state)
{
    struct hvm_hw_hpet hw;

    put(TIMER(0), 20 << 9 | 4 | 8 | 0x40, 1000);
    put(COMPARATOR(0), 100, 1000);
    hpet_save(&h, &hw, at(1040));
    assert_int_equal(hw.mc64, 40);
    hpet_reset(&h);
    assert_true(hpet_load(&h, &hw, at(77777)));
    assert_int_equal(hpet_next(&h, 0), at(77777 + 60));
    hw.timers[0].config |= 1;
    assert_false(hpet_load(&h, &hw, at(77777)));
    hw.timers[0].config &= ~1UL;
    hw.isr = 8;
    assert_false(hpet_load(&h, &hw, at(77777)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_registers, fresh), cmocka_unit_test_setup(test_counter, fresh),
        cmocka_unit_test_setup(test_one_shot, fresh), cmocka_unit_test_setup(test_periodic, fresh),
        cmocka_unit_test_setup(test_periodic_32, fresh), cmocka_unit_test_setup(test_level, fresh),
        cmocka_unit_test_setup(test_routes, fresh), cmocka_unit_test_setup(test_records, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
