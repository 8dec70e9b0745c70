/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/pic.c
/* The 8259A pair against its data sheet: priorities, ends of interrupts, rotation, masks, modes, cascade. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/pic.h"

static struct pic p;

static void initialise(u8 icw4)
{
    pic_write(&p, 0x20, 0x11);
    pic_write(&p, 0x21, 0x23);   /* the low bits of a base are the line's */
    pic_write(&p, 0x21, 0x04);
    pic_write(&p, 0x21, icw4);
    pic_write(&p, 0xa0, 0x11);
    pic_write(&p, 0xa1, 0x70);
    pic_write(&p, 0xa1, 0x02);
    pic_write(&p, 0xa1, icw4 & 3);
}

static int fresh(void **state)
{
    pic_reset(&p);
    initialise(0x01);
    return 0;
}

static u8 isr(u16 command_port)
{
    pic_write(&p, command_port, 0x0b);
    return pic_read(&p, command_port);
}

static u8 irr(u16 command_port)
{
    pic_write(&p, command_port, 0x0a);
    return pic_read(&p, command_port);
}

static void test_edge(void **state)
{
    assert_false(pic_output(&p));
    pic_set_lines(&p, 1 << 3);
    assert_true(pic_output(&p));
    assert_true(pic_requested(&p, 3));
    assert_int_equal(irr(0x20), 1 << 3);
    assert_int_equal(pic_ack(&p), 0x23);
    assert_int_equal(isr(0x20), 1 << 3);
    assert_int_equal(irr(0x20), 0);
    assert_false(pic_output(&p));
    pic_write(&p, 0x20, 0x20);
    assert_false(pic_output(&p));       /* still up: no edge */
    pic_set_lines(&p, 0);
    pic_set_lines(&p, 1 << 3);
    assert_true(pic_output(&p));
    pic_set_lines(&p, 0);               /* latched */
    assert_int_equal(pic_ack(&p), 0x23);
    pic_pulse(&p, 4);
    pic_write(&p, 0x20, 0x20);
    assert_int_equal(pic_ack(&p), 0x24);
}

static void test_priority(void **state)
{
    pic_set_lines(&p, 1 << 5 | 1 << 1);
    assert_int_equal(pic_ack(&p), 0x21);
    assert_false(pic_output(&p));       /* 5 is lower */
    pic_set_lines(&p, 1 << 5 | 1 << 1 | 1 << 0);
    assert_true(pic_output(&p));        /* 0 is higher */
    assert_int_equal(pic_ack(&p), 0x20);
    assert_int_equal(isr(0x20), 3);
    pic_write(&p, 0x20, 0x20);          /* ends the highest */
    assert_int_equal(isr(0x20), 2);
    assert_false(pic_output(&p));
    pic_write(&p, 0x20, 0x61);          /* ends number 1 */
    assert_int_equal(isr(0x20), 0);
    assert_int_equal(pic_ack(&p), 0x25);
}

static void test_masks(void **state)
{
    pic_write(&p, 0x21, 0x08);
    pic_set_lines(&p, 1 << 3 | 1 << 4);
    assert_true(pic_masked(&p, 3));
    assert_int_equal(pic_ack(&p), 0x24);
    pic_write(&p, 0x20, 0x20);
    assert_false(pic_output(&p));
    assert_int_equal(pic_read(&p, 0x21), 0x08);
    pic_write(&p, 0x21, 0);
    assert_int_equal(pic_ack(&p), 0x23);
}

static void test_cascade(void **state)
{
    pic_set_lines(&p, 1 << 12 | 1 << 3);
    assert_int_equal(pic_ack(&p), 0x74);
    assert_int_equal(isr(0x20), 1 << 2);
    assert_int_equal(isr(0xa0), 1 << 4);
    pic_set_lines(&p, 1 << 12 | 1 << 3 | 1 << 9);
    assert_false(pic_output(&p));       /* fully nested: the slave's own handler runs */
    pic_write(&p, 0xa0, 0x20);
    pic_write(&p, 0x20, 0x20);
    assert_int_equal(pic_ack(&p), 0x71);
    pic_write(&p, 0xa0, 0x20);
    pic_write(&p, 0x20, 0x20);
    assert_int_equal(pic_ack(&p), 0x23);
    pic_write(&p, 0x21, 0x04);
    assert_true(pic_masked(&p, 9));     /* by the master */
}

static void test_special_fully_nested(void **state)
{
    initialise(0x11);
    pic_set_lines(&p, 1 << 12);
    assert_int_equal(pic_ack(&p), 0x74);
    pic_set_lines(&p, 1 << 12 | 1 << 9);
    assert_true(pic_output(&p));
    assert_int_equal(pic_ack(&p), 0x71);
    pic_set_lines(&p, 1 << 12 | 1 << 9 | 1 << 10);
    assert_false(pic_output(&p));       /* lower than 9 in the slave */
}

static void test_spurious(void **state)
{
    assert_int_equal(pic_ack(&p), 0x27);
    assert_int_equal(isr(0x20), 0);
    pic_set_lines(&p, 1 << 12);
    pic_write(&p, 0xa1, 0x10);
    assert_false(pic_output(&p));
}

static void test_rotation(void **state)
{
    pic_write(&p, 0x20, 0xc3);          /* 3 is lowest: 4 highest */
    pic_set_lines(&p, 1 << 3 | 1 << 4 | 1 << 0);
    assert_int_equal(pic_ack(&p), 0x24);
    pic_write(&p, 0x20, 0xa0);          /* ends it, and it becomes the lowest */
    assert_int_equal(p.chip[0].priority_add, 5);
    assert_int_equal(pic_ack(&p), 0x20);
    pic_write(&p, 0x20, 0xe0);          /* ends 0, which becomes the lowest */
    assert_int_equal(p.chip[0].priority_add, 1);
    assert_int_equal(pic_ack(&p), 0x23);
}

static void test_automatic_end(void **state)
{
    initialise(0x03);
    pic_set_lines(&p, 1 << 4);
    assert_int_equal(pic_ack(&p), 0x24);
    assert_int_equal(isr(0x20), 0);
    pic_write(&p, 0x20, 0x80);          /* and rotate */
    pic_set_lines(&p, 0);
    pic_set_lines(&p, 1 << 4);
    assert_int_equal(pic_ack(&p), 0x24);
    assert_int_equal(p.chip[0].priority_add, 5);
    pic_write(&p, 0x20, 0x00);
    assert_int_equal(p.chip[0].rotate_on_auto_eoi, 0);
}

static void test_special_mask(void **state)
{
    pic_set_lines(&p, 1 << 1);
    assert_int_equal(pic_ack(&p), 0x21);
    pic_set_lines(&p, 1 << 1 | 1 << 6);
    assert_false(pic_output(&p));
    pic_write(&p, 0x21, 0x02);
    assert_false(pic_output(&p));
    pic_write(&p, 0x20, 0x68);
    assert_int_equal(pic_ack(&p), 0x26);
    pic_write(&p, 0x20, 0x20);          /* not the masked one */
    assert_int_equal(isr(0x20), 1 << 1);
    pic_write(&p, 0x20, 0x48);
    pic_write(&p, 0x20, 0x20);
    assert_int_equal(isr(0x20), 0);
}

static void test_poll(void **state)
{
    pic_set_lines(&p, 1 << 6);
    pic_write(&p, 0x20, 0x0c);
    assert_int_equal(pic_read(&p, 0x20), 0x86);
    assert_int_equal(isr(0x20), 1 << 6);
    pic_write(&p, 0x20, 0x0c);
    assert_int_equal(pic_read(&p, 0x20), 0);
}

static void test_level(void **state)
{
    pic_write(&p, 0x4d0, 0xff);
    pic_write(&p, 0x4d1, 0xff);
    assert_int_equal(pic_read(&p, 0x4d0), 0xf8);
    assert_int_equal(pic_read(&p, 0x4d1), 0xde);
    pic_set_lines(&p, 1 << 11);
    assert_int_equal(pic_ack(&p), 0x73);
    pic_write(&p, 0xa0, 0x20);
    pic_write(&p, 0x20, 0x20);
    assert_true(pic_output(&p));        /* still up */
    pic_set_lines(&p, 0);
    assert_false(pic_output(&p));
    pic_set_lines(&p, 1 << 5);
    initialise(0x01);
    assert_true(pic_output(&p));        /* a level outlives initialisation, an edge does not */
    pic_set_lines(&p, 1 << 0);
    initialise(0x01);
    assert_false(pic_output(&p));
}

static void test_single(void **state)
{
    pic_write(&p, 0x20, 0x12);          /* alone, no ICW4 */
    pic_write(&p, 0x21, 0x40);
    pic_write(&p, 0x21, 0xfe);          /* is the mask already */
    assert_int_equal(pic_read(&p, 0x21), 0xfe);
    pic_set_lines(&p, 1);
    assert_int_equal(pic_ack(&p), 0x40);
}

static void test_records(void **state)
{
    struct hvm_hw_vpic master, slave;

    pic_set_lines(&p, 1 << 12);
    master = p.chip[0];
    slave = p.chip[1];
    pic_reset(&p);
    assert_false(pic_load(&p, 1, &master));
    assert_true(pic_load(&p, 0, &master));
    assert_true(pic_load(&p, 1, &slave));
    pic_adopt_lines(&p, 1 << 12);
    assert_int_equal(pic_ack(&p), 0x74);
    pic_adopt_lines(&p, 1 << 12);
    assert_int_equal(irr(0xa0), 0);
    master.elcr = 1;
    assert_false(pic_load(&p, 0, &master));
    master.elcr = 4;
    master.priority_add = 8;
    assert_false(pic_load(&p, 0, &master));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_edge, fresh), cmocka_unit_test_setup(test_priority, fresh),
        cmocka_unit_test_setup(test_masks, fresh), cmocka_unit_test_setup(test_cascade, fresh),
        cmocka_unit_test_setup(test_special_fully_nested, fresh), cmocka_unit_test_setup(test_spurious, fresh),
        cmocka_unit_test_setup(test_rotation, fresh), cmocka_unit_test_setup(test_automatic_end, fresh),
        cmocka_unit_test_setup(test_special_mask, fresh), cmocka_unit_test_setup(test_poll, fresh),
        cmocka_unit_test_setup(test_level, fresh), cmocka_unit_test_setup(test_single, fresh),
        cmocka_unit_test_setup(test_records, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
