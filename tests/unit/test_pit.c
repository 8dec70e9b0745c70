/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/pit.c
/* The 8254 against its data sheet: counts, outputs and edges in each mode, latches, BCD, gates. Time here is in ticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/pit.h"
#include "modes/hvm/scale.h"

static struct pit p;

static stime_t at(u64 tick)
{
    return tick_begins(tick, PIT_HZ);
}

static int fresh(void **state)
{
    pit_reset(&p);
    (void)pit_run(&p, at(0));
    return 0;
}

/* Programs a channel for two-byte counts and loads one: counting starts at the tick after t. */
static void program(unsigned int channel, u8 mode, u16 count, u64 t)
{
    pit_write(&p, 0x43, (u8)(channel << 6 | 0x30 | mode), at(t));
    pit_write(&p, (u16)(0x40 + channel), (u8)count, at(t));
    pit_write(&p, (u16)(0x40 + channel), (u8)(count >> 8), at(t));
}

static u16 count_at(unsigned int channel, u64 t)
{
    u16 value;

    pit_write(&p, 0x43, (u8)(channel << 6), at(t));
    value = pit_read(&p, (u16)(0x40 + channel), at(t));
    return value | (u16)(pit_read(&p, (u16)(0x40 + channel), at(t)) << 8);
}

static void test_terminal_count(void **state)
{
    program(0, 0x0, 10, 100);
    assert_int_equal(count_at(0, 101), 10);
    assert_false(pit_output(&p, 0, at(110)));
    assert_int_equal(count_at(0, 110), 1);
    assert_int_equal(pit_next(&p), at(111));
    assert_int_equal(pit_run(&p, at(110)), 0);
    assert_int_equal(pit_run(&p, at(111)), 1);
    assert_true(pit_output(&p, 0, at(111)));
    assert_int_equal(count_at(0, 113), 0xfffe);   /* goes on */
    assert_true(pit_next(&p) == STIME_NEVER);
    assert_int_equal(pit_run(&p, at(200000)), 0);
    pit_write(&p, 0x40, 5, at(200000));           /* the first byte stops it */
    assert_false(pit_output(&p, 0, at(200100)));
    pit_write(&p, 0x40, 0, at(200100));
    assert_int_equal(pit_run(&p, at(200106)), 1);
}

static void test_rate(void **state)
{
    program(0, 0x4, 100, 0);
    assert_true(pit_output(&p, 0, at(50)));
    assert_false(pit_output(&p, 0, at(100)));      /* one clock of each hundred */
    assert_true(pit_output(&p, 0, at(101)));
    assert_int_equal(count_at(0, 1), 100);
    assert_int_equal(count_at(0, 100), 1);
    assert_int_equal(count_at(0, 101), 100);
    (void)pit_run(&p, at(101));
    assert_int_equal(pit_next(&p), at(201));
    assert_int_equal(pit_run(&p, at(1001)), 9);
    assert_int_equal(pit_period(&p), tick_begins(100, PIT_HZ));
}

/* A new count takes over at the end of a period. */
static void test_rate_changes(void **state)
{
    program(0, 0x4, 100, 0);
    (void)pit_run(&p, at(50));
    pit_write(&p, 0x40, 10, at(50));
    pit_write(&p, 0x40, 0, at(50));
    assert_int_equal(count_at(0, 60), 41);
    assert_int_equal(pit_next(&p), at(101));
    assert_int_equal(pit_run(&p, at(100)), 0);
    assert_int_equal(pit_run(&p, at(121)), 3);
    assert_int_equal(count_at(0, 125), 6);
}

static void test_square(void **state)
{
    program(0, 0x6, 10, 0);
    assert_true(pit_output(&p, 0, at(5)));
    assert_false(pit_output(&p, 0, at(6)));
    assert_false(pit_output(&p, 0, at(10)));
    assert_true(pit_output(&p, 0, at(11)));
    assert_int_equal(count_at(0, 1), 10);
    assert_int_equal(count_at(0, 2), 8);
    assert_int_equal(count_at(0, 6), 10);
    (void)pit_run(&p, at(11));
    assert_int_equal(pit_run(&p, at(101)), 9);
    program(0, 0x6, 5, 1000);                      /* odd: high for three, low for two */
    assert_true(pit_output(&p, 0, at(1003)));
    assert_false(pit_output(&p, 0, at(1004)));
    assert_false(pit_output(&p, 0, at(1005)));
    assert_true(pit_output(&p, 0, at(1006)));
    assert_int_equal(count_at(0, 1001), 4);
    assert_int_equal(count_at(0, 1004), 4);
}

/* At the end of a half period. */
static void test_square_changes(void **state)
{
    program(0, 0x6, 100, 0);
    (void)pit_run(&p, at(10));
    pit_write(&p, 0x40, 20, at(10));
    pit_write(&p, 0x40, 0, at(10));
    assert_true(pit_output(&p, 0, at(50)));
    assert_false(pit_output(&p, 0, at(51)));
    assert_false(pit_output(&p, 0, at(60)));
    assert_true(pit_output(&p, 0, at(61)));
    assert_int_equal(pit_run(&p, at(60)), 0);
    assert_int_equal(pit_run(&p, at(81)), 2);
}

static void test_strobe(void **state)
{
    program(0, 0x8, 10, 0);
    assert_true(pit_output(&p, 0, at(10)));
    assert_false(pit_output(&p, 0, at(11)));
    assert_true(pit_output(&p, 0, at(12)));
    assert_int_equal(pit_run(&p, at(11)), 0);
    assert_int_equal(pit_run(&p, at(12)), 1);
    assert_int_equal(pit_run(&p, at(100000)), 0);
}

static void test_one_shot(void **state)
{
    program(2, 0x2, 10, 0);
    assert_true(pit_output(&p, 2, at(50)));        /* waits for its gate */
    pit_write(&p, PIT_GATE_PORT, 1, at(50));
    assert_false(pit_output(&p, 2, at(51)));
    assert_int_equal(count_at(2, 53), 8);
    pit_write(&p, PIT_GATE_PORT, 0, at(55));
    pit_write(&p, PIT_GATE_PORT, 1, at(58));       /* again */
    assert_false(pit_output(&p, 2, at(68)));
    assert_true(pit_output(&p, 2, at(69)));
    pit_write(&p, 0x42, 3, at(70));
    pit_write(&p, 0x42, 0, at(70));                /* for the next trigger */
    assert_true(pit_output(&p, 2, at(80)));
    pit_write(&p, PIT_GATE_PORT, 0, at(80));
    pit_write(&p, PIT_GATE_PORT, 1, at(81));
    assert_false(pit_output(&p, 2, at(84)));
    assert_true(pit_output(&p, 2, at(85)));
}

static void test_triggered_strobe(void **state)
{
    program(2, 0xa, 4, 0);
    assert_true(pit_output(&p, 2, at(20)));
    pit_write(&p, PIT_GATE_PORT, 1, at(20));
    assert_true(pit_output(&p, 2, at(24)));
    assert_false(pit_output(&p, 2, at(25)));
    assert_true(pit_output(&p, 2, at(26)));
}

static void test_gate(void **state)
{
    pit_write(&p, PIT_GATE_PORT, 3, at(0));
    program(2, 0x0, 100, 0);
    assert_int_equal(count_at(2, 11), 90);
    pit_write(&p, PIT_GATE_PORT, 2, at(11));       /* stands */
    assert_int_equal(count_at(2, 500), 90);
    assert_int_equal(pit_read(&p, PIT_GATE_PORT, at(500)) & 0x23, 2);
    pit_write(&p, PIT_GATE_PORT, 1, at(501));
    assert_int_equal(count_at(2, 511), 80);
    assert_int_equal(pit_read(&p, PIT_GATE_PORT, at(591)) & 0x23, 0x21);
    program(2, 0x4, 50, 1000);
    pit_write(&p, PIT_GATE_PORT, 0, at(1020));
    assert_true(pit_output(&p, 2, at(1050)));
    pit_write(&p, PIT_GATE_PORT, 1, at(1100));     /* begins anew */
    assert_int_equal(count_at(2, 1101), 50);
    assert_false(pit_output(&p, 2, at(1150)));
}

static void test_bcd(void **state)
{
    pit_write(&p, 0x43, 0x35, at(0));
    pit_write(&p, 0x40, 0x00, at(0));
    pit_write(&p, 0x40, 0x10, at(0));
    assert_int_equal(count_at(0, 2), 0x0999);
    assert_int_equal(pit_period(&p), tick_begins(1000, PIT_HZ));
    pit_write(&p, 0x43, 0x35, at(5000));
    pit_write(&p, 0x40, 0, at(5000));
    pit_write(&p, 0x40, 0, at(5000));
    assert_int_equal(count_at(0, 5001), 0);        /* 10000 */
    assert_int_equal(count_at(0, 5002), 0x9999);
}

static void test_latches(void **state)
{
    program(0, 0x4, 0, 0);                         /* 65536 */
    pit_write(&p, 0x43, 0xc2, at(0x101));          /* read back: both, channel 0 */
    pit_write(&p, 0x43, 0xd2, at(0x200));          /* latched already: the count stays */
    assert_int_equal(pit_read(&p, 0x40, at(0x300)), 0xb4);
    assert_int_equal(pit_read(&p, 0x40, at(0x300)), 0x00);
    assert_int_equal(pit_read(&p, 0x40, at(0x300)), 0xff);
    pit_write(&p, 0x43, 0x14, at(0x400));          /* low byte only */
    pit_write(&p, 0x40, 0x80, at(0x400));
    assert_int_equal(pit_read(&p, 0x40, at(0x402)), 0x7f);
    assert_int_equal(pit_read(&p, 0x40, at(0x403)), 0x7e);
    pit_write(&p, 0x43, 0x24, at(0x500));          /* high byte only */
    pit_write(&p, 0x40, 0x12, at(0x500));
    assert_int_equal(pit_read(&p, 0x40, at(0x502)), 0x11);
    pit_write(&p, 0x43, 0x34, at(0x600));
    pit_write(&p, 0x43, 0xe2, at(0x600));          /* no count yet: null count */
    assert_int_equal(pit_read(&p, 0x40, at(0x600)), 0xf4);
    assert_int_equal(pit_read(&p, 0x43, at(0x600)), 0xff);
}

/* Edges are what counting makes; neither reading nor writing loses one. */
static void test_programming(void **state)
{
    program(0, 0x0, 1000, 0);
    assert_int_equal(pit_run(&p, at(10)), 0);
    program(0, 0x4, 100, 20);
    assert_int_equal(pit_run(&p, at(20)), 0);
    (void)count_at(0, 330);
    assert_true(pit_output(&p, 0, at(331)));
    assert_int_equal(pit_run(&p, at(421)), 4);
    program(0, 0x4, 1, 1000);                      /* no wave */
    assert_int_equal(pit_run(&p, at(1000)), 5);
    assert_true(pit_next(&p) == STIME_NEVER);
}

static void test_records(void **state)
{
    struct hvm_hw_pit hw;

    program(0, 0x4, 1193, 0);
    program(2, 0x6, 77, 0);
    pit_save(&p, &hw);
    pit_reset(&p);
    assert_true(pit_load(&p, &hw, at(10000)));
    assert_int_equal(pit_next(&p), at(10001 + 1193));
    hw.channels[0].mode = 6;
    assert_false(pit_load(&p, &hw, at(10000)));
    hw.channels[0].mode = 2;
    hw.channels[1].count = 0;
    assert_false(pit_load(&p, &hw, at(10000)));
    hw.channels[1].count = 65537;
    assert_false(pit_load(&p, &hw, at(10000)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_terminal_count, fresh), cmocka_unit_test_setup(test_rate, fresh),
        cmocka_unit_test_setup(test_rate_changes, fresh), cmocka_unit_test_setup(test_square, fresh),
        cmocka_unit_test_setup(test_square_changes, fresh), cmocka_unit_test_setup(test_strobe, fresh),
        cmocka_unit_test_setup(test_one_shot, fresh), cmocka_unit_test_setup(test_triggered_strobe, fresh),
        cmocka_unit_test_setup(test_gate, fresh), cmocka_unit_test_setup(test_bcd, fresh),
        cmocka_unit_test_setup(test_latches, fresh), cmocka_unit_test_setup(test_programming, fresh),
        cmocka_unit_test_setup(test_records, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
