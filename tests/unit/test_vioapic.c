/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/ioapic.c modes/hvm/pmtimer.c
/* The I/O APIC: edges, levels that come again, masks, registers. And the ACPI timer with its events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/ioapic.h"
#include "modes/hvm/pmtimer.h"
#include "modes/hvm/scale.h"

static struct ioapic io;
static struct pmtimer pm;

static int fresh(void **state)
{
    vioapic_reset(&io);
    pm_reset(&pm);
    return 0;
}

static void put(u32 reg, u32 value)
{
    vioapic_write(&io, 0, 4, reg);
    vioapic_write(&io, 0x10, 4, value);
}

static u32 get(u32 reg)
{
    vioapic_write(&io, 0, 4, reg);
    return vioapic_read(&io, 0x10, 4);
}

static void test_registers(void **state)
{
    assert_int_equal(get(1), 0x002f0011);
    put(0, 0xff000000);
    assert_int_equal(get(0), 0x0f000000);
    assert_int_equal(get(2), 0x0f000000);
    assert_int_equal(get(0x10), 0x00010000);
    put(0x12, 0xffffffff);
    put(0x13, 0xffffffff);
    assert_int_equal(get(0x12), 0x0001afff);      /* status and remote IRR are not for writing */
    assert_int_equal(get(0x13), 0xff000000);
    put(0x10 + 2 * IOAPIC_PINS, 0);
    assert_int_equal(get(0x10 + 2 * IOAPIC_PINS), 0);
    assert_int_equal(vioapic_read(&io, 0x20, 4), 0);
    assert_int_equal(vioapic_read(&io, 0x10, 1), 0);
}

static void test_edge(void **state)
{
    vioapic_set_lines(&io, 1 << 4);
    assert_int_equal(vioapic_due(&io), 0);        /* masked */
    put(0x18, 0x31);
    assert_int_equal(vioapic_due(&io), 0);        /* lost */
    vioapic_set_lines(&io, 0);
    vioapic_set_lines(&io, 1 << 4);
    assert_int_equal(vioapic_due(&io), 1 << 4);
    assert_int_equal(vioapic_message(&io, 4).vector, 0x31);
    assert_false(vioapic_message(&io, 4).level);
    vioapic_delivered(&io, 4, true);
    assert_int_equal(vioapic_due(&io), 0);
    assert_int_equal(get(0x18), 0x31);
    vioapic_pulse(&io, 4);
    assert_int_equal(vioapic_due(&io), 1 << 4);
    put(0x18, 0x10031);
    assert_int_equal(vioapic_due(&io), 0);
}

static void test_level(void **state)
{
    put(0x10 + 2 * 20, 0xa931);                   /* level, low, lowest priority, logical */
    put(0x11 + 2 * 20, 0x03000000);
    vioapic_set_lines(&io, 1 << 20);
    assert_int_equal(vioapic_due(&io), 1 << 20);
    assert_int_equal(vioapic_message(&io, 20).mode, INTERRUPT_LOWEST);
    assert_int_equal(vioapic_message(&io, 20).destination, 3);
    assert_true(vioapic_message(&io, 20).logical && vioapic_message(&io, 20).level);
    vioapic_delivered(&io, 20, false);            /* nobody took it */
    assert_int_equal(vioapic_due(&io), 1 << 20);
    vioapic_delivered(&io, 20, true);
    assert_int_equal(vioapic_due(&io), 0);
    assert_int_equal(get(0x10 + 2 * 20), 0xe931);
    vioapic_eoi(&io, 0x30);
    assert_int_equal(vioapic_due(&io), 0);
    vioapic_eoi(&io, 0x31);
    assert_int_equal(vioapic_due(&io), 1 << 20);  /* still up: again */
    vioapic_delivered(&io, 20, true);
    vioapic_set_lines(&io, 0);
    vioapic_eoi(&io, 0x31);
    assert_int_equal(vioapic_due(&io), 0);
}

/* Software ends an interrupt by making the entry edge-triggered and level-triggered again. */
static void test_end_by_hand(void **state)
{
    put(0x10 + 2 * 20, 0x8031);
    vioapic_set_lines(&io, 1 << 20);
    vioapic_delivered(&io, 20, true);
    put(0x10 + 2 * 20, 0x18031);
    assert_int_equal(get(0x10 + 2 * 20), 0x1c031);
    put(0x10 + 2 * 20, 0x10031);
    put(0x10 + 2 * 20, 0x18031);
    assert_int_equal(get(0x10 + 2 * 20), 0x18031);
    assert_int_equal(vioapic_due(&io), 0);
    put(0x10 + 2 * 20, 0x8031);
    assert_int_equal(vioapic_due(&io), 1 << 20);
}

static void test_ioapic_records(void **state)
{
    struct hvm_hw_vioapic hw;

    put(0x10 + 2 * 20, 0x8031);
    vioapic_set_lines(&io, 1 << 20);
    vioapic_delivered(&io, 20, true);
    hw = io.hw;
    vioapic_reset(&io);
    assert_true(vioapic_load(&io, &hw));
    io.lines = 1 << 20;
    assert_int_equal(vioapic_due(&io), 0);
    vioapic_eoi(&io, 0x31);
    assert_int_equal(vioapic_due(&io), 1 << 20);
    hw.redirtbl[3].bits |= 1UL << 20;
    assert_false(vioapic_load(&io, &hw));
    hw.redirtbl[3].bits = 1 << 14;                /* remote IRR of an edge */
    assert_false(vioapic_load(&io, &hw));
}

static void test_pm_timer(void **state)
{
    stime_t half = tick_begins(0x80000000UL, PM_HZ);

    pm_run(&pm, NS_PER_S);
    assert_int_equal(pm.hw.tmr_val, PM_HZ);
    assert_int_equal(pm_read(&pm, 8), PM_HZ & 0xff);
    assert_int_equal(pm_read(&pm, 11), PM_HZ >> 24);
    assert_true(pm_next(&pm) == STIME_NEVER);
    assert_int_equal(pm_write(&pm, 2, 1), PM_OK);
    assert_int_equal(pm_next(&pm), half);
    pm_run(&pm, half - 1);
    assert_false(pm_line(&pm));
    pm_run(&pm, half);
    assert_true(pm_line(&pm));
    assert_int_equal(pm_read(&pm, 0), 1);
    pm_write(&pm, 0, 1);
    assert_false(pm_line(&pm));
    assert_int_equal(pm_next(&pm), tick_begins(0x100000000UL, PM_HZ));
    pm_run(&pm, pm_next(&pm));
    assert_int_equal(pm.hw.tmr_val, 0);
    assert_true(pm_line(&pm));
}

static void test_pm_events(void **state)
{
    pm_button(&pm, false);
    assert_false(pm_line(&pm));
    pm_write(&pm, 3, 0x01);
    assert_true(pm_line(&pm));
    assert_int_equal(pm_read(&pm, 1), 0x01);
    pm_button(&pm, true);
    pm_write(&pm, 1, 0x01);
    assert_int_equal(pm_read(&pm, 1), 0x02);
    assert_false(pm_line(&pm));
    assert_int_equal(pm_read(&pm, 4), 1);         /* always in ACPI mode */
    assert_int_equal(pm_write(&pm, 4, 2), PM_OK);
    assert_int_equal(pm_read(&pm, 4), 3);
    assert_int_equal(pm_write(&pm, 5, 0x20), PM_OFF);
    assert_int_equal(pm_write(&pm, 5, 0x24), PM_SLEEP);
    assert_int_equal(pm_write(&pm, 5, 0x38), PM_OFF);
    assert_int_equal(pm_write(&pm, 5, 0x18), PM_OK);
    assert_int_equal(pm_read(&pm, 5), 0x18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_registers, fresh), cmocka_unit_test_setup(test_edge, fresh),
        cmocka_unit_test_setup(test_level, fresh), cmocka_unit_test_setup(test_end_by_hand, fresh),
        cmocka_unit_test_setup(test_ioapic_records, fresh), cmocka_unit_test_setup(test_pm_timer, fresh),
        cmocka_unit_test_setup(test_pm_events, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
