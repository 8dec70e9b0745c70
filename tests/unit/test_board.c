/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/board*.c modes/hvm/p[im]*.c modes/hvm/rtc.c modes/hvm/hpet.c modes/hvm/ioapic.c
/* The emulated PC as a whole: where accesses and lines lead, ticks that are missed and made up for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "modes/hvm/board.h"
#include "modes/hvm/scale.h"

#define MS 1000000UL

static struct board b;
static struct interrupt_message last;
static unsigned int delivered;
static bool accepting, waiting, output;

static bool deliver(void *owner, const struct interrupt_message *m)
{
    assert_ptr_equal(owner, &b);
    last = *m;
    delivered++;
    waiting = accepting;
    return accepting;
}

static bool requested(void *owner, const struct interrupt_message *m) { return waiting; }
static void pic_changed(void *owner, bool asserted) { output = asserted; }
static const struct board_ops ops = { deliver, requested, pic_changed };

static void out(u16 port, u8 value, stime_t now)
{
    struct io_access a = { .address = port, .data = value, .count = 1, .size = 1, .port = true, .write = true };

    assert_int_equal(board_access(&b, &a, now), IO_DONE);
}

static u64 in(u16 port, u8 size, stime_t now)
{
    struct io_access a = { .address = port, .count = 1, .size = size, .port = true };

    assert_int_equal(board_access(&b, &a, now), IO_DONE);
    return a.data;
}

static void put(u64 address, u64 value, u8 size, stime_t now)
{
    struct io_access a = { .address = address, .data = value, .count = 1, .size = size, .write = true };

    assert_int_equal(board_access(&b, &a, now), IO_DONE);
}

static void entry(unsigned int pin, u32 value, stime_t now)
{
    put(IOAPIC_ADDRESS, 0x10 + 2 * pin, 4, now);
    put(IOAPIC_ADDRESS + 0x10, value, 4, now);
}

static void start_pic(stime_t now)
{
    static const u8 words[4] = { 0x11, 0x20, 0x04, 0x01 };

    for (unsigned int i = 0; i < 4; i++) {
        out(0x20 + !!i, words[i], now);
        out(0xa0 + !!i, i == 1 ? 0x28 : words[i], now);
    }
}

/* The PIT at 1000 Hz, nearly: every 1193 ticks. */
static void start_pit(stime_t now)
{
    out(0x43, 0x34, now);
    out(0x40, 0xa9, now);
    out(0x40, 0x04, now);
}

static int fresh(void **state)
{
    board_reset(&b, &ops, &b);
    delivered = 0;
    accepting = true;
    waiting = output = false;
    start_pic(0);
    return 0;
}

static void test_places(void **state)
{
    struct io_access a = { .address = 0x60, .count = 1, .size = 1, .port = true };

    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
    a = (struct io_access){ .address = 0x70, .data = 0x0e, .count = 1, .size = 1, .port = true, .write = true };
    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);   /* CMOS beyond the clock */
    a = (struct io_access){ .address = 0x71, .count = 1, .size = 1, .port = true };
    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
    out(0x70, 0x0d, 0);
    assert_int_equal(in(0x71, 1, 0), 0x80);
    a = (struct io_access){ .address = HPET_ADDRESS, .count = 1, .size = 4 };
    assert_int_equal(board_access(&b, &a, 0), IO_DONE);
    assert_int_equal(a.data, 0x8086a201);
    b.hpet_hidden = true;
    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
    a.address = IOAPIC_ADDRESS + IOAPIC_SIZE;
    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
    a = (struct io_access){ .address = 0xffff, .count = 1, .size = 4, .port = true };
    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
}

static void test_pm_block(void **state)
{
    struct io_access a = { .address = BOARD_PM_NEW, .count = 1, .size = 4, .port = true };

    assert_int_equal(board_access(&b, &a, 0), IO_NOT_MINE);
    assert_int_equal(in(BOARD_PM_OLD + 8, 4, NS_PER_S), PM_HZ);
    b.pm_base = BOARD_PM_NEW;
    assert_int_equal(in(BOARD_PM_NEW + 8, 4, 2 * NS_PER_S), 2 * PM_HZ);
    assert_int_equal(in(BOARD_PM_NEW + 4, 2, 2 * NS_PER_S), 1);
    a = (struct io_access){ .address = BOARD_PM_NEW + 4, .data = 0x2001, .count = 1, .size = 2, .port = true, .write = true };
    assert_int_equal(board_access(&b, &a, 2 * NS_PER_S), IO_DONE);
    assert_true(b.power_off && !b.sleep);
    pm_button(&b.pm, false);
    out(BOARD_PM_NEW + 3, 1, 2 * NS_PER_S);
    assert_true(output);
    assert_int_equal(pic_ack(&b.pic), 0x29);
}

static void test_isa(void **state)
{
    b.isa = 1 << 4;
    board_settle(&b, 0);
    assert_true(output);
    assert_int_equal(pic_ack(&b.pic), 0x24);
    board_settle(&b, 0);
    assert_false(output);
    entry(4, 0x34, 0);
    assert_int_equal(delivered, 0);
    b.isa = 0;
    board_settle(&b, 0);
    b.isa = 1 << 4;
    board_settle(&b, 0);
    assert_int_equal(delivered, 1);
    assert_int_equal(last.vector, 0x34);
}

static void test_pci(void **state)
{
    entry(16 + 12, 0xa041, 0);                    /* device 3 INTA: level, low */
    b.link.route[3] = 10;
    b.pci.pad[0] = 1UL << 12;
    board_settle(&b, 0);
    assert_int_equal(delivered, 1);
    assert_int_equal(last.vector, 0x41);
    assert_true(last.level && output);
    assert_int_equal(pic_ack(&b.pic), 0x2a);
    b.pci.pad[0] |= 1UL << (7 * 4);               /* device 7: the same link */
    b.pci.pad[0] &= ~(1UL << 12);
    board_settle(&b, 0);
    assert_int_equal(b.ioapic.lines, 1UL << 44 | 1UL << 10);
    b.pci.pad[0] = 0;
    b.pci.pad[1] = 1UL << 63;                     /* device 31 INTD: 16 + (124 + 3 + 3) % 32, link 2 */
    board_settle(&b, 0);
    assert_int_equal(b.ioapic.lines, 1UL << 18);
    vioapic_eoi(&b.ioapic, 0x41);
    board_settle(&b, 0);
    assert_int_equal(delivered, 1);
}

static void test_callback(void **state)
{
    entry(16 + 8, 0xa051, 0);
    b.callback = CALLBACK_INTX(2, 0);
    b.callback_up = true;
    b.pci.pad[0] = 1UL << 8;                      /* shared with the device */
    board_settle(&b, 0);
    assert_int_equal(delivered, 1);
    b.callback_up = false;
    vioapic_eoi(&b.ioapic, 0x51);
    board_settle(&b, 0);
    assert_int_equal(delivered, 2);
    b.pci.pad[0] = 0;
    vioapic_eoi(&b.ioapic, 0x51);
    board_settle(&b, 0);
    assert_int_equal(delivered, 2);
    b.callback = CALLBACK_GSI(5);
    b.callback_up = true;
    board_settle(&b, 0);
    assert_int_equal(pic_ack(&b.pic), 0x25);
    assert_int_equal(b.ioapic.lines & 1UL << 5, 1UL << 5);
}

static void test_extint_pin(void **state)
{
    entry(0, 0x700, 0);
    assert_true(board_extint_pin(&b));
    b.isa = 1 << 4;
    board_settle(&b, 0);
    assert_int_equal(delivered, 0);
    assert_true(output);
    entry(0, 0x55, 0);                            /* the PIC's output as an interrupt of its own */
    b.isa = 0;
    (void)pic_ack(&b.pic);
    board_settle(&b, 0);
    pic_write(&b.pic, 0x20, 0x20);
    b.isa = 1 << 4;
    board_settle(&b, 0);
    board_settle(&b, 0);
    assert_int_equal(delivered, 1);
    assert_int_equal(last.vector, 0x55);
}

/* Through the PIC: ticks that come while one waits are made up for, one by one. */
static void test_ticks_all(void **state)
{
    stime_t now = 0;
    unsigned int ticks = 0;

    start_pit(0);
    assert_true(board_next(&b, true) < 1001 * 1000);
    board_run(&b, 10 * MS);                       /* ten; one more was made by programming, which nobody took */
    assert_true(output);
    assert_int_equal(b.missed[TICK_PIT], 10);
    for (now = 10 * MS; now < 20 * MS; now = board_next(&b, true)) {
        board_run(&b, now);
        if (output) {
            assert_int_equal(pic_ack(&b.pic), 0x20);
            pic_write(&b.pic, 0x20, 0x20);
            board_settle(&b, now);
            ticks++;
        }
    }
    assert_int_equal(b.missed[TICK_PIT], 0);
    assert_int_equal(ticks, 21);
}

static void test_ticks_other_modes(void **state)
{
    start_pit(0);
    b.missed_ticks = TICKS_NONE;
    board_run(&b, 10 * MS);
    assert_int_equal(b.missed[TICK_PIT], 0);
    b.missed_ticks = TICKS_ONE;
    board_run(&b, 20 * MS);
    assert_int_equal(b.missed[TICK_PIT], 1);
    b.missed_ticks = TICKS_ALL;
    board_run(&b, 3600 * 1000 * MS);
    assert_int_equal(b.missed[TICK_PIT], 1000);   /* there is an end to it */
    assert_true(board_next(&b, true) <= 3600 * 1000 * MS + MS / 4);
    assert_true(board_next(&b, false) > 3600 * 1000 * MS + MS / 4);
}

/* What no controller lets through wakes nobody; the PIC keeps one edge. */
static void test_ticks_masked(void **state)
{
    start_pit(0);
    out(0x21, 0x01, 0);
    assert_true(board_next(&b, true) == STIME_NEVER);
    out(0x21, 0x00, 100 * MS);
    assert_true(output);
    assert_int_equal(b.missed[TICK_PIT], 0);
    out(0x21, 0xff, 100 * MS);
    entry(2, 0x30, 100 * MS);                     /* IRQ 0 is pin 2 */
    assert_true(board_next(&b, true) < 101 * MS);
    delivered = 0;
    board_run(&b, 102 * MS);
    assert_int_equal(delivered, 1);
    assert_int_equal(b.missed[TICK_PIT], 1);
    waiting = false;
    board_run(&b, 102 * MS + MS / 2);
    assert_int_equal(delivered, 2);
    assert_int_equal(b.missed[TICK_PIT], 0);
}

static void test_ticks_rtc(void **state)
{
    out(0x70, 0x0b, 0);
    out(0x71, 0x42, 0);                           /* 1024 Hz */
    board_run(&b, 5 * MS);
    assert_true(output);
    assert_int_equal(b.missed[TICK_RTC], 4);
    assert_int_equal(pic_ack(&b.pic), 0x28);
    out(0xa0, 0x20, 5 * MS);
    out(0x20, 0x20, 5 * MS);
    assert_false(output);
    out(0x70, 0x0c, 5 * MS);
    assert_int_equal(in(0x71, 1, 5 * MS) & 0xc0, 0xc0);
    assert_int_equal(board_next(&b, true), 5 * MS + MS / 4);   /* the first that was missed */
    board_run(&b, 5 * MS + MS / 4);
    assert_true(output);
    assert_int_equal(b.missed[TICK_RTC], 3);
}

/* A shot of the PIT, which its line shows to whoever looks first: it is one interrupt by each controller. */
static void test_tick_seen_by_line(void **state)
{
    stime_t now = MS;

    entry(2, 0x30, 0);
    for (unsigned int i = 0; i < 3; i++, now += MS) {
        out(0x43, 0x30, now);
        out(0x40, 100, now);
        out(0x40, 0, now);
        if (i == 1)
            (void)in(0x40, 1, now + MS / 2);
        if (i < 2)
            board_settle(&b, now + MS / 2);       /* for another line's sake */
        else
            board_run(&b, now + MS / 2);
        assert_int_equal(delivered, i + 1);
        assert_true(output);
        assert_int_equal(pic_ack(&b.pic), 0x20);
        waiting = false;                          /* taken there too */
        board_run(&b, now + MS / 2 + 1);
        out(0x20, 0x20, now + MS / 2 + 2);
        assert_false(output);
        assert_int_equal(delivered, i + 1);
    }
}

static void test_hpet_legacy(void **state)
{
    start_pit(0);
    (void)pic_ack(&b.pic);
    out(0x20, 0x20, 0);
    put(HPET_ADDRESS + 0x100, 4 | 8 | 0x40, 4, 0);
    put(HPET_ADDRESS + 0x10, 3, 4, 0);
    put(HPET_ADDRESS + 0x108, 62500, 8, 0);
    put(HPET_ADDRESS + 0x108, 62500, 8, 0);
    assert_int_equal(board_next(&b, true), MS);
    out(0x21, 0, 0);
    board_run(&b, MS);
    assert_true(output);
    assert_int_equal(pic_ack(&b.pic), 0x20);
    assert_int_equal(b.missed[TICK_HPET], 0);
    board_run(&b, 4 * MS);
    assert_int_equal(b.missed[TICK_HPET], 2);
    assert_int_equal(b.missed[TICK_PIT], 0);      /* is not connected */
}

static void test_loaded(void **state)
{
    b.isa = 1 << 4;
    board_settle_loaded(&b, 0);
    assert_false(output);                         /* no edge */
    entry(20, 0x8061, 0);
    b.pci.pad[0] = 1UL << 4;                      /* device 1 */
    board_settle_loaded(&b, 0);
    assert_int_equal(delivered, 1);               /* a level */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_places, fresh), cmocka_unit_test_setup(test_pm_block, fresh),
        cmocka_unit_test_setup(test_isa, fresh), cmocka_unit_test_setup(test_pci, fresh),
        cmocka_unit_test_setup(test_callback, fresh), cmocka_unit_test_setup(test_extint_pin, fresh),
        cmocka_unit_test_setup(test_ticks_all, fresh), cmocka_unit_test_setup(test_ticks_other_modes, fresh),
        cmocka_unit_test_setup(test_ticks_masked, fresh), cmocka_unit_test_setup(test_ticks_rtc, fresh),
        cmocka_unit_test_setup(test_tick_seen_by_line, fresh), cmocka_unit_test_setup(test_hpet_legacy, fresh),
        cmocka_unit_test_setup(test_loaded, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
