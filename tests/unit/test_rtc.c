/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/rtc.c
/* The MC146818A against its data sheet: calendar, formats, update cycle, alarm, periodic interrupt, setting the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/rtc.h"
#include "modes/hvm/scale.h"

#define SECOND ((stime_t)NS_PER_S)
#define NEW_YEAR 1704067200L     /* 2024-01-01 00:00:00, a Monday */

static struct rtc r;

static u8 get(u8 index, stime_t now)
{
    assert_true(rtc_select(&r, index));
    (void)rtc_run(&r, now);
    return rtc_read(&r, now);
}

static void put(u8 index, u8 value, stime_t now)
{
    assert_true(rtc_select(&r, index));
    (void)rtc_run(&r, now);
    rtc_write(&r, value, now);
}

static int fresh(void **state)
{
    rtc_reset(&r);
    r.epoch_ns = NEW_YEAR * (s64)NS_PER_S;
    (void)rtc_run(&r, 0);
    (void)get(0x0c, 0);
    return 0;
}

static void check_date(stime_t now, u8 year, u8 month, u8 day, u8 weekday)
{
    assert_int_equal(get(9, now), year);
    assert_int_equal(get(8, now), month);
    assert_int_equal(get(7, now), day);
    assert_int_equal(get(6, now), weekday);
}

static void test_calendar(void **state)
{
    check_date(0, 0x24, 0x01, 0x01, 2);
    check_date(59 * 86400 * SECOND, 0x24, 0x02, 0x29, 5);
    check_date(60 * 86400 * SECOND, 0x24, 0x03, 0x01, 6);
    check_date(366 * 86400 * SECOND, 0x25, 0x01, 0x01, 4);
    r.epoch_ns = 951782400L * (s64)NS_PER_S;      /* 2000-02-29 */
    check_date(400 * 86400 * SECOND, 0x01, 0x04, 0x04, 4);
    r.epoch_ns = -86400L * (s64)NS_PER_S;
    check_date(500 * 86400 * SECOND, 0x71, 0x05, 0x15, 7);
}

static void test_formats(void **state)
{
    stime_t evening = (21 * 3600 + 35 * 60 + 48) * SECOND;

    assert_int_equal(get(4, evening), 0x21);
    assert_int_equal(get(2, evening), 0x35);
    assert_int_equal(get(0, evening), 0x48);
    put(0x0b, 0x00, evening);                     /* 12 hours */
    assert_int_equal(get(4, evening), 0x89);
    put(0x0b, 0x04, evening);                     /* and binary */
    assert_int_equal(get(4, evening), 0x80 | 9);
    assert_int_equal(get(2, evening), 35);
    assert_int_equal(get(4, 24 * 3600 * SECOND), 12);
    assert_int_equal(get(4, 36 * 3600 * SECOND), 0x80 | 12);
}

static void test_others(void **state)
{
    assert_int_equal(get(0x0d, 0), 0x80);
    assert_int_equal(get(0x0a, 0), 0x26);
    assert_false(rtc_select(&r, 0x0e));
    assert_true(rtc_select(&r, 0x8d));            /* bit 7 is the NMI mask */
    put(1, 0x5a, 0);
    assert_int_equal(get(1, 0), 0x5a);
}

static void test_update(void **state)
{
    assert_int_equal(get(0x0a, SECOND - 244001) & 0x80, 0);
    assert_int_equal(get(0x0a, SECOND - 244000) & 0x80, 0x80);
    assert_int_equal(get(0x0a, SECOND) & 0x80, 0);
    assert_int_equal(get(0x0c, SECOND) & 0x30, 0x10);
    assert_int_equal(get(0x0c, SECOND) & 0x10, 0);
    put(0x0b, 0x12, SECOND);                      /* interrupts for it */
    assert_int_equal(rtc_next(&r), 2 * SECOND);
    (void)rtc_run(&r, 2 * SECOND - 1);
    assert_false(rtc_line(&r));
    (void)rtc_run(&r, 2 * SECOND);
    assert_true(rtc_line(&r));
    assert_true(rtc_next(&r) == STIME_NEVER);
    assert_int_equal(get(0x0c, 2 * SECOND) & 0x90, 0x90);
    assert_false(rtc_line(&r));
}

static void test_periodic(void **state)
{
    put(0x0b, 0x42, 0);                           /* 1024 Hz */
    assert_int_equal(rtc_period(&r), 976563);
    assert_int_equal(rtc_next(&r), 976563);
    assert_int_equal(rtc_run(&r, 976562), 0);
    assert_int_equal(rtc_run(&r, 976563), 1);
    assert_true(rtc_line(&r));
    assert_int_equal(rtc_run(&r, SECOND), 1023);
    assert_int_equal(get(0x0c, SECOND) & 0xc0, 0xc0);
    rtc_tick_again(&r);
    assert_true(rtc_line(&r));
    (void)get(0x0c, SECOND);
    put(0x0a, 0x2f, SECOND);                      /* 2 Hz */
    assert_int_equal(rtc_run(&r, 3 * SECOND), 4);
    put(0x0a, 0x21, 3 * SECOND);                  /* 256 Hz, as 6 is not */
    assert_int_equal(rtc_run(&r, 4 * SECOND), 256);
    put(0x0a, 0x20, 4 * SECOND);
    assert_int_equal(rtc_run(&r, 5 * SECOND), 0);
    put(0x0a, 0x66, 5 * SECOND);                  /* held */
    assert_int_equal(rtc_run(&r, 6 * SECOND), 0);
}

static void test_alarm(void **state)
{
    stime_t noon = 12 * 3600 * SECOND;

    put(5, 0x12, 0);
    put(3, 0x30, 0);
    put(1, 0x15, 0);
    put(0x0b, 0x22, 0);
    assert_int_equal(rtc_next(&r), noon + (30 * 60 + 15) * SECOND);
    (void)rtc_run(&r, noon + (30 * 60 + 15) * SECOND - 1);
    assert_false(rtc_line(&r));
    (void)rtc_run(&r, noon + (30 * 60 + 15) * SECOND);
    assert_int_equal(get(0x0c, noon + (30 * 60 + 15) * SECOND) & 0xa0, 0xa0);
    assert_int_equal(rtc_next(&r), 24 * 3600 * SECOND + noon + (30 * 60 + 15) * SECOND);
    put(5, 0xc0, noon + 3000 * SECOND);           /* each hour */
    assert_int_equal(rtc_next(&r), noon + (90 * 60 + 15) * SECOND);
    put(3, 0xff, noon + 3000 * SECOND);           /* each minute */
    assert_int_equal(rtc_next(&r), noon + 3015 * SECOND);
    (void)get(0x0c, noon + 3015 * SECOND);
    assert_int_equal(rtc_next(&r), noon + 3075 * SECOND);
    put(1, 0xc0, noon + 3015 * SECOND);           /* each second */
    assert_int_equal(rtc_next(&r), noon + 3016 * SECOND);
    put(1, 0x77, noon + 3015 * SECOND);           /* never */
    assert_true(rtc_next(&r) == STIME_NEVER);
    put(1, 0x10, noon + 3015 * SECOND);
    (void)get(0x0c, noon + 3015 * SECOND);
    (void)rtc_run(&r, noon + 100000 * SECOND);    /* passed by far */
    assert_true(rtc_line(&r));
}

static void test_set(void **state)
{
    put(0x0b, 0x92, 100 * SECOND);                /* SET clears the update interrupt */
    assert_int_equal(get(0x0b, 100 * SECOND), 0x82);
    assert_int_equal(get(0, 150 * SECOND), 0x40); /* it stands at 1:40 */
    (void)get(0x0c, 150 * SECOND);
    assert_int_equal(get(0x0c, 160 * SECOND) & 0x30, 0);   /* no update */
    put(0, 0x30, 160 * SECOND);
    put(2, 0x15, 160 * SECOND);
    put(4, 0x07, 160 * SECOND);
    put(7, 0x31, 160 * SECOND);
    put(8, 0x12, 160 * SECOND);
    put(9, 0x99, 160 * SECOND);
    put(0x0b, 0x02, 160 * SECOND);
    assert_int_equal(r.moved, 946624530L - (NEW_YEAR + 160));
    check_date(161 * SECOND, 0x99, 0x12, 0x31, 6);
    assert_int_equal(get(0, 161 * SECOND), 0x31);
    put(2, 0x20, 161 * SECOND);                   /* without SET: at once */
    assert_int_equal(get(2, 161 * SECOND), 0x20);
    assert_int_equal(get(0, 162 * SECOND), 0x32);
    put(8, 0x13, 162 * SECOND);                   /* no month */
    assert_int_equal(get(8, 162 * SECOND), 0x12);
}

static void test_set_by_divider(void **state)
{
    put(0x0a, 0x70, 10 * SECOND);
    put(0, 0x00, 20 * SECOND);
    assert_int_equal(get(0, 30 * SECOND), 0x00);
    put(0x0a, 0x26, 30 * SECOND);
    assert_int_equal(r.moved, -30);
    assert_int_equal(get(0, 31 * SECOND), 0x01);
}

static void test_records(void **state)
{
    struct hvm_hw_rtc hw;

    put(0x0b, 0x42, 0);
    (void)rtc_run(&r, SECOND);
    rtc_save(&r, &hw, SECOND);
    assert_int_equal(hw.cmos_data[0], 0x01);
    rtc_reset(&r);
    assert_true(rtc_load(&r, &hw, 5 * SECOND));
    assert_true(rtc_line(&r));
    assert_int_equal(rtc_run(&r, 5 * SECOND), 0);
    hw.cmos_index = 0x80;
    assert_false(rtc_load(&r, &hw, 5 * SECOND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_calendar, fresh), cmocka_unit_test_setup(test_formats, fresh),
        cmocka_unit_test_setup(test_others, fresh), cmocka_unit_test_setup(test_update, fresh),
        cmocka_unit_test_setup(test_periodic, fresh), cmocka_unit_test_setup(test_alarm, fresh),
        cmocka_unit_test_setup(test_set, fresh), cmocka_unit_test_setup(test_set_by_divider, fresh),
        cmocka_unit_test_setup(test_records, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
