/* SPDX-License-Identifier: MIT */
// sources: modes/pvh/hw_lapic.c modes/pvh/hw_lapic_record.c
/* The emulated local APIC's rules: priorities, ends of interrupts, destinations, modes, the timer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "modes/pvh/hw_lapic.h"

static struct lapic l;

static int fresh(void **state)
{
    lapic_reset(&l, 4, true);
    l.has_deadline_mode = true;
    assert_int_equal(lapic_write(&l, LAPIC_SVR, 0x1ff, 0), LAPIC_OK);
    return 0;
}

static u32 read_register(u32 n)
{
    u32 value = 0xdead;

    assert_true(lapic_read(&l, n, 0, &value));
    return value;
}

static void test_reset(void **state)
{
    lapic_reset(&l, 4, false);
    assert_int_equal(l.base, 0xfee00800);
    assert_int_equal(read_register(LAPIC_ID), 4u << 24);
    assert_int_equal(read_register(LAPIC_SVR), 0xff);
    assert_int_equal(read_register(LAPIC_LVT_TIMER), 0x10000);
    lapic_post(&l, 0x40, false);
    assert_int_equal(lapic_pending(&l), -1);   /* switched off by software */
}

static void test_priority(void **state)
{
    lapic_post(&l, 0x41, false);
    lapic_post(&l, 0x83, false);
    assert_true(lapic_might_interrupt(&l, 0));
    assert_int_equal(lapic_pending(&l), 0x83);
    lapic_accept(&l, 0x83);
    assert_int_equal(lapic_pending(&l), -1);
    lapic_post(&l, 0x8f, false);                /* of the same class: waits */
    assert_int_equal(lapic_pending(&l), -1);
    lapic_post(&l, 0x90, false);
    assert_int_equal(lapic_pending(&l), 0x90);
    assert_int_equal(read_register(LAPIC_PPR), 0x80);
    assert_int_equal(lapic_write(&l, LAPIC_TPR, 0xa0, 0), LAPIC_OK);
    assert_int_equal(read_register(LAPIC_PPR), 0xa0);
    assert_int_equal(lapic_pending(&l), -1);
    assert_int_equal(lapic_held_up(&l), 0x90);
    assert_true(lapic_might_interrupt(&l, 0x80));
    assert_false(lapic_might_interrupt(&l, 0x90));
    lapic_post(&l, 0x81, false);                /* held up by what is in service, whatever TPR says */
    assert_int_equal(lapic_held_up(&l), 0x90);
    lapic_set_cr8(&l, 0);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_OK);
    assert_int_equal(lapic_pending(&l), 0x90);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_OK);   /* none in service */
}

static void test_level(void **state)
{
    lapic_post(&l, 0x55, true);
    assert_int_equal(lapic_pending(&l), 0x55);
    lapic_accept(&l, 0x55);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_ENDED);
    lapic_post(&l, 0x55, false);
    assert_int_equal(lapic_pending(&l), 0x55);
    lapic_accept(&l, 0x55);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_OK);
}

static void test_destinations(void **state)
{
    assert_true(lapic_is_destination(&l, 4, false));
    assert_false(lapic_is_destination(&l, 5, false));
    assert_true(lapic_is_destination(&l, 0xff, false));
    lapic_write(&l, LAPIC_LDR, 0x04000000, 0);
    assert_true(lapic_is_destination(&l, 0x0c, true));
    assert_false(lapic_is_destination(&l, 0x03, true));
    lapic_write(&l, LAPIC_DFR, 0x0fffffff, 0);  /* clusters */
    lapic_write(&l, LAPIC_LDR, 0x21000000, 0);
    assert_true(lapic_is_destination(&l, 0x23, true));
    assert_false(lapic_is_destination(&l, 0x13, true));
    assert_true(lapic_set_base(&l, l.base | LAPIC_BASE_X2APIC, 40));
    assert_int_equal(read_register(LAPIC_ID), 4);
    assert_int_equal(read_register(LAPIC_LDR), 1 << 4);
    assert_true(lapic_is_destination(&l, 0x10, true));
    assert_false(lapic_is_destination(&l, 0x10010, true));
    assert_true(lapic_is_destination(&l, 0xffffffff, false));
    assert_false(lapic_is_destination(&l, 0xff, false));
}

static void test_modes(void **state)
{
    u64 on = l.base;

    assert_false(lapic_set_base(&l, on | 1, 40));
    assert_false(lapic_set_base(&l, on | 1UL << 40, 40));
    assert_false(lapic_set_base(&l, (on & ~LAPIC_BASE_ENABLE) | LAPIC_BASE_X2APIC, 40));
    assert_true(lapic_set_base(&l, on | LAPIC_BASE_X2APIC, 40));
    assert_false(lapic_set_base(&l, on, 40));
    assert_true(lapic_set_base(&l, on & ~LAPIC_BASE_ENABLE, 40));
    assert_false(lapic_set_base(&l, on | LAPIC_BASE_X2APIC, 40));
    assert_true(lapic_set_base(&l, on, 40));
    assert_int_equal(read_register(LAPIC_SVR), 0xff);
}

static void test_x2apic(void **state)
{
    u64 value;

    assert_true(lapic_set_base(&l, l.base | LAPIC_BASE_X2APIC, 40));
    assert_int_equal(lapic_write_x2(&l, LAPIC_ICR, 7UL << 32 | 0x40, 0), LAPIC_SEND);
    assert_int_equal(l.reg[LAPIC_ICR2], 7);
    assert_true(lapic_read_x2(&l, LAPIC_ICR, 0, &value));
    assert_int_equal(value, 7UL << 32 | 0x40);
    assert_int_equal(lapic_write_x2(&l, LAPIC_EOI, 1, 0), LAPIC_BAD);
    assert_int_equal(lapic_write_x2(&l, LAPIC_ID, 1, 0), LAPIC_BAD);
    assert_int_equal(lapic_write_x2(&l, LAPIC_TPR, 0x100, 0), LAPIC_BAD);
    assert_int_equal(lapic_write_x2(&l, 0x3ff, 0, 0), LAPIC_BAD);
    assert_false(lapic_read_x2(&l, LAPIC_EOI, 0, &value));
    assert_false(lapic_read_x2(&l, LAPIC_DFR, 0, &value));
    assert_false(lapic_read_x2(&l, 0x50, 0, &value));
    assert_int_equal(lapic_write_x2(&l, LAPIC_SELF_IPI, 0x77, 0), LAPIC_OK);
    assert_int_equal(lapic_pending(&l), 0x77);
}

static void test_bad_vector(void **state)
{
    assert_int_equal(lapic_write(&l, LAPIC_ICR, 5, 0), LAPIC_OK);
    assert_int_equal(read_register(LAPIC_ESR), 0x20);
    assert_int_equal(lapic_write(&l, LAPIC_ESR, 0, 0), LAPIC_OK);
    assert_int_equal(lapic_write(&l, LAPIC_ICR, 0x500, 0), LAPIC_SEND);   /* INIT has none */
}

static void test_one_shot(void **state)
{
    u32 count;

    lapic_write(&l, LAPIC_LVT_TIMER, 0xec, 0);
    lapic_write(&l, LAPIC_TDCR, 0xb, 0);        /* by 1 */
    assert_int_equal(lapic_write(&l, LAPIC_TMICT, 100, 5000), LAPIC_TIMER);
    assert_int_equal(l.timer_expires, 6000);
    assert_true(lapic_read(&l, LAPIC_TMCCT, 5500, &count));
    assert_int_equal(count, 50);
    lapic_timer_expired(&l, 5999);
    assert_int_equal(lapic_pending(&l), -1);
    lapic_timer_expired(&l, 6000);
    assert_int_equal(lapic_pending(&l), 0xec);
    assert_true(l.timer_expires == STIME_NEVER);
    assert_true(lapic_read(&l, LAPIC_TMCCT, 7000, &count));
    assert_int_equal(count, 0);
}

static void test_periodic(void **state)
{
    lapic_write(&l, LAPIC_LVT_TIMER, 0x200ec, 0);
    lapic_write(&l, LAPIC_TDCR, 0, 0);          /* by 2 */
    lapic_write(&l, LAPIC_TMICT, 50000, 0);
    assert_int_equal(l.timer_expires, 1000000);
    lapic_timer_expired(&l, 3500000);           /* two were missed */
    assert_int_equal(l.timer_expires, 4000000);
    assert_int_equal(lapic_pending(&l), 0xec);
    lapic_write(&l, LAPIC_TMICT, 0, 3600000);
    assert_true(l.timer_expires == STIME_NEVER);
}

/* The host's timer runs 10,000 times a second for it at most, at multiples of its period. */
static void test_short_period(void **state)
{
    stime_t now = 1007;

    lapic_write(&l, LAPIC_LVT_TIMER, 0x200ec, 0);
    lapic_write(&l, LAPIC_TDCR, 0xb, 0);
    lapic_write(&l, LAPIC_TMICT, 3, now);
    assert_int_equal(l.timer_expires, 1037);
    for (unsigned int i = 0; i < 10; i++) {
        now = l.timer_expires + 5;
        lapic_timer_expired(&l, now);
        assert_true(l.timer_expires >= now + 100000 && l.timer_expires < now + 100030);
        assert_int_equal((l.timer_expires - 1007) % 30, 0);
    }
    lapic_write(&l, LAPIC_TMICT, 10000, 0);     /* just long enough */
    lapic_timer_expired(&l, 100000);
    assert_int_equal(l.timer_expires, 200000);
}

static void test_deadline(void **state)
{
    assert_int_equal(lapic_set_deadline(&l, 77, 500), LAPIC_OK);   /* not in that mode */
    assert_int_equal(lapic_write(&l, LAPIC_LVT_TIMER, 0x400ec, 0), LAPIC_TIMER);
    assert_int_equal(lapic_set_deadline(&l, 77, 500), LAPIC_TIMER);
    assert_int_equal(l.timer_expires, 500);
    assert_int_equal(lapic_write(&l, LAPIC_TMICT, 5, 0), LAPIC_OK);
    assert_int_equal(l.timer_expires, 500);
    lapic_timer_expired(&l, 500);
    assert_int_equal(l.tsc_deadline, 0);
    assert_int_equal(lapic_pending(&l), 0xec);
}

static void test_masked(void **state)
{
    lapic_write(&l, LAPIC_LVT_TIMER, 0x100ec, 0);
    lapic_write(&l, LAPIC_TMICT, 1, 0);
    lapic_timer_expired(&l, 1000);
    assert_int_equal(lapic_pending(&l), -1);
    lapic_write(&l, LAPIC_LVT_LINT0, 0x700, 0);
    assert_int_equal(read_register(LAPIC_LVT_LINT0), 0x700);
    lapic_write(&l, LAPIC_SVR, 0xff, 0);        /* off: all masked, and they stay so */
    assert_int_equal(read_register(LAPIC_LVT_LINT0), 0x10700);
    lapic_write(&l, LAPIC_LVT_LINT0, 0x700, 0);
    assert_int_equal(read_register(LAPIC_LVT_LINT0), 0x10700);
}

/* ---- Saved states */

/* What has arrived is saved as requested, by level or not; whoever loads it anew has the same. */
static void test_saved(void **state)
{
    u32 reg[NR_LAPIC_REGISTERS], again[NR_LAPIC_REGISTERS];

    lapic_write(&l, LAPIC_LVT_TIMER, 0x200ec, 0);
    lapic_write(&l, LAPIC_TMICT, 50, 0);
    lapic_write(&l, LAPIC_TPR, 0x20, 0);
    lapic_post(&l, 0x55, true);
    lapic_post(&l, 0x81, false);
    lapic_save(&l, reg);
    lapic_reset(&l, 4, true);
    lapic_load(&l, reg, 7000);
    assert_int_equal(l.timer_expires, 8000);
    lapic_save(&l, again);
    assert_memory_equal(reg, again, sizeof(reg));
    assert_int_equal(lapic_pending(&l), 0x81);
    lapic_accept(&l, 0x81);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_OK);
    assert_int_equal(lapic_pending(&l), 0x55);
    lapic_accept(&l, 0x55);
    assert_int_equal(lapic_write(&l, LAPIC_EOI, 0, 0), LAPIC_ENDED);
}

static void test_saved_modes(void **state)
{
    u32 reg[NR_LAPIC_REGISTERS];
    u64 value, base = l.base | LAPIC_BASE_X2APIC;

    lapic_save(&l, reg);
    reg[LAPIC_LVT_TIMER] = 0x400ec;
    assert_true(lapic_load_msrs(&l, base, 77, 40));
    lapic_load(&l, reg, 0);
    assert_true(lapic_read_x2(&l, LAPIC_ID, 0, &value));
    assert_int_equal(value, 4);
    assert_true(lapic_read_x2(&l, LAPIC_LDR, 0, &value));
    assert_int_equal(value, 1 << 4);
    assert_int_equal(l.tsc_deadline, 77);
    assert_false(lapic_load_msrs(&l, base & ~LAPIC_BASE_ENABLE, 0, 40));
    assert_false(lapic_load_msrs(&l, base | 0x200, 0, 40));
    assert_false(lapic_load_msrs(&l, base | 1UL << 40, 0, 40));
    assert_int_equal(l.base, base);
    l.has_deadline_mode = false;
    assert_true(lapic_load_msrs(&l, LAPIC_DEFAULT_BASE | LAPIC_BASE_ENABLE, 77, 40));
    lapic_load(&l, reg, 0);
    assert_int_equal(read_register(LAPIC_ID), 4u << 24);
    assert_int_equal(read_register(LAPIC_LVT_TIMER), 0xec);
    assert_int_equal(l.tsc_deadline, 0);
}

/* Bits that no software could have put there. */
static void test_saved_badly(void **state)
{
    u32 reg[NR_LAPIC_REGISTERS];

    memset(reg, 0xff, sizeof(reg));
    lapic_load(&l, reg, 0);
    assert_int_equal(read_register(LAPIC_TPR), 0xff);
    assert_int_equal(lapic_cr8(&l), 15);
    assert_int_equal(read_register(LAPIC_LVT_ERROR), 0x100ff);
    assert_int_equal(read_register(LAPIC_TDCR), 0xb);
    assert_int_equal(read_register(LAPIC_ISR), 0xffff0000);
    assert_int_equal(read_register(LAPIC_IRR), 0xffff0000);
    assert_int_equal(read_register(LAPIC_ID), 4u << 24);
    assert_int_equal(lapic_pending(&l), -1);
    reg[LAPIC_SVR] = 0xff;
    reg[LAPIC_LVT_LINT0] = 0x700;
    lapic_load(&l, reg, 0);
    assert_int_equal(read_register(LAPIC_LVT_LINT0), 0x10700);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reset, fresh), cmocka_unit_test_setup(test_priority, fresh),
        cmocka_unit_test_setup(test_level, fresh), cmocka_unit_test_setup(test_destinations, fresh),
        cmocka_unit_test_setup(test_modes, fresh), cmocka_unit_test_setup(test_x2apic, fresh),
        cmocka_unit_test_setup(test_bad_vector, fresh), cmocka_unit_test_setup(test_one_shot, fresh),
        cmocka_unit_test_setup(test_periodic, fresh), cmocka_unit_test_setup(test_deadline, fresh),
        cmocka_unit_test_setup(test_masked, fresh), cmocka_unit_test_setup(test_short_period, fresh),
        cmocka_unit_test_setup(test_saved, fresh), cmocka_unit_test_setup(test_saved_modes, fresh),
        cmocka_unit_test_setup(test_saved_badly, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
