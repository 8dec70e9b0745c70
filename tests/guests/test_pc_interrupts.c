/* SPDX-License-Identifier: MIT */
// modes: hvm64 hvm32
/* The 8259A pair of an emulated PC by its data sheet: initialisation, masks, edges and levels, nesting, every end of an
 * interrupt, rotation, special masks, polls, the second controller behind line 2. Lines are the timer's (0), the clock's (8),
 * and one that an event drives. (Xen 4.17's 8254 never raises line 0 in mode 0: there the timer's line stays down.) */
#include "lib/pc.h"

#define MS 1000000ull
#define ELCR 0x4d0
#define RTC_A 10
#define RTC_B 11
#define RTC_C 12
#define RTC_FAST 0x23                       /* 8,192 a second */
#define RTC_PERIODIC 0x40
#define RTC_24H 2
#define LINE 5
#define SLAVE_LINE 11
#define TAKEN(line) (0x80 | (line))         /* a poll's answer */

/* ---- Lines by devices: up until they are put down */

static void await_request(u16 pic, unsigned int line)
{
    u64 limit = now_ns() + 2000 * MS, step = 0;

    while (!(pic_irr(pic) >> line & 1) && now_ns() < limit)
        rest(&step);
    EXPECT("a request", pic_irr(pic) >> line & 1, 1);
}

static void timer_down(void) { pit_control(0, PIT_BOTH | PIT_MODE(0)); }
static void timer_up(void) { timer_down(); pit_write(0, 50); await_request(PIC, 0); }
static void clock_down(void) { set_rtc(RTC_B, RTC_24H); (void)rtc(RTC_C); }

static void clock_up(void)
{
    clock_down();
    set_rtc(RTC_A, RTC_FAST);
    set_rtc(RTC_B, RTC_24H | RTC_PERIODIC);
    await_request(PIC_SLAVE, 0);
}

/* All lines down, and the controllers as new. */
static void anew(u8 icw4, unsigned int line)
{
    line_down();
    line_is(line);
    timer_down();
    clock_down();
    pic_start(icw4);
    pic_masks(0);
}

static void line_again(void) { line_down(); line_up(); }

/* ---- Registers */

static void registers(void)
{
    anew(ICW4, LINE);
    out8(PIC, ICW1);
    EXPECT("masks after the first word", in8(PIC + 1), 0);
    anew(ICW4, LINE);
    for (u16 pic = PIC; pic <= PIC_SLAVE; pic += PIC_SLAVE - PIC) {
        out8(pic + 1, 0xa5);
        EXPECT("masks", in8(pic + 1), 0xa5);
        out8(pic + 1, 0x5a);
        EXPECT("masks", in8(pic + 1), 0x5a);
    }
    out8(ELCR, 0xff);
    out8(ELCR + 1, 0xff);
    EXPECT("lines that may be levels", in8(ELCR), 0xf8);
    EXPECT("lines that may be levels", in8(ELCR + 1), 0xde);
    out8(PIC, 0x12);                                             /* alone, and no fourth word */
    out8(PIC + 1, 0x40);
    out8(PIC + 1, 0x71);
    EXPECT("a mask as the third word", in8(PIC + 1), 0x71);
    out8(PIC, 0x10);                                             /* two of them, no fourth word */
    out8(PIC + 1, 0x40);
    out8(PIC + 1, 4);
    out8(PIC + 1, 0x72);
    EXPECT("a mask as the fourth word", in8(PIC + 1), 0x72);
    out8(PIC, 0x13);                                             /* alone, with a fourth word */
    out8(PIC + 1, 0x40);
    out8(PIC + 1, ICW4);
    out8(PIC + 1, 0x73);
    EXPECT("a mask after the last word", in8(PIC + 1), 0x73);
    anew(ICW4, LINE);
    line_up();
    EXPECT("a poll", pic_poll(PIC), TAKEN(LINE));
    line_again();
    EXPECT("requested", pic_irr(PIC), 1 << LINE);
    EXPECT("requested, asked again", in8(PIC), 1 << LINE);
    EXPECT("in service", pic_isr(PIC), 1 << LINE);
    EXPECT("in service, asked again", in8(PIC), 1 << LINE);
    out8(PIC, ICW1);
    EXPECT("nothing is requested after the first word", in8(PIC), 0);
    EXPECT("nor in service", pic_isr(PIC), 0);
    anew(ICW4, LINE);
    out8(PIC, ICW1);
    out8(PIC + 1, 0x47);                                         /* of which the controller puts in three bits */
    out8(PIC + 1, 4);
    out8(PIC + 1, ICW4);
    line_up();
    let_in();
    EXPECT("by another vector", interrupts[0x40 + LINE], 1);
    EXPECT("not by the one before", taken(LINE), 0);
}

/* ---- Requests */

static void masks_and_edges(void)
{
    unsigned int before = taken(LINE);

    anew(ICW4, LINE);
    pic_masks(1 << LINE);
    line_up();
    EXPECT("a masked request", pic_irr(PIC), 1 << LINE);
    EXPECT("a poll for it", pic_poll(PIC), 0);
    let_in();
    EXPECT("it does not interrupt", taken(LINE), before);
    pic_masks(0);
    let_in();
    EXPECT("unmasked", taken(LINE), before + 1);
    EXPECT("no request any more", pic_irr(PIC), 0);
    EXPECT("in service", pic_isr(PIC), 1 << LINE);
    line_again();
    let_in();
    EXPECT("while it is in service", taken(LINE), before + 1);
    pic_end(LINE);
    let_in();
    EXPECT("after its end", taken(LINE), before + 2);
    pic_end(LINE);
    let_in();
    EXPECT("without an edge", taken(LINE), before + 2);
    EXPECT("nothing in service", pic_isr(PIC), 0);
    line_again();
    pic_masks(0xffff);
    let_in();
    EXPECT("masked after the request", taken(LINE), before + 2);
    pic_start(ICW4);
    pic_masks(0);
    let_in();
    EXPECT("a line that was up before", taken(LINE), before + 2);
}

/* A level that has gone is no interrupt of its line; it may be a spurious one, by line 7, which is not in service then. */
static void levels(unsigned int line)
{
    u16 pic = line < 8 ? PIC : PIC_SLAVE;
    u8 bit = (u8)(1 << (line & 7));
    unsigned int before = taken(line), spurious = taken(7) + taken(15);

    anew(ICW4, line);
    out8(ELCR + (line >> 3), bit);
    EXPECT("by level", in8(ELCR + (line >> 3)), bit);
    line_up();
    let_in();
    EXPECT("a level", taken(line), before + 1);
    EXPECT("it stays requested", pic_irr(pic), bit);
    EXPECT("in service", pic_isr(pic), bit);
    let_in();
    EXPECT("while it is in service", taken(line), before + 1);
    pic_end(line);
    let_in();
    EXPECT("a level that is still there", taken(line), before + 2);
    line_down();
    pic_end(line);
    EXPECT("a level that has gone", pic_irr(pic), 0);
    let_in();
    EXPECT("it does not interrupt", taken(line), before + 2);
    line_up();
    EXPECT("requested", pic_irr(pic), bit);
    line_down();
    let_in();
    EXPECT("a level that was there for a moment", taken(line), before + 2);
    EXPECT("in service", pic_isr(pic), 0);
    EXPECT("spurious ones", taken(7) + taken(15) - spurious <= 1, true);
}

/* ---- Priorities, by polls */

static void nesting(void)
{
    anew(ICW4, LINE);
    EXPECT("a poll for nothing", pic_poll(PIC), 0);
    line_up();
    EXPECT("the line", pic_poll(PIC), TAKEN(LINE));
    timer_up();
    EXPECT("a higher one", pic_poll(PIC), TAKEN(0));
    EXPECT("two in service", pic_isr(PIC), 1 << LINE | 1);
    out8(PIC, OCW2_END);
    EXPECT("the higher has ended", pic_isr(PIC), 1 << LINE);
    timer_up();
    EXPECT("again", pic_poll(PIC), TAKEN(0));
    out8(PIC, OCW2_END_OF | LINE);
    EXPECT("the lower has ended", pic_isr(PIC), 1);
    line_again();
    EXPECT("it waits", pic_poll(PIC), 0);
    out8(PIC, OCW2_END_OF | 3);
    EXPECT("the end of one that is not in service", pic_isr(PIC), 1);
    out8(PIC, OCW2_END);
    EXPECT("it waits no longer", pic_poll(PIC), TAKEN(LINE));
}

static void both_up(void)
{
    timer_up();
    line_again();
}

static void rotation(void)
{
    anew(ICW4, LINE);
    both_up();
    out8(PIC, 0xc0);                                             /* line 0 is the lowest */
    EXPECT("the line before the timer", pic_poll(PIC), TAKEN(LINE));
    EXPECT("the timer is lower", pic_poll(PIC), 0);
    out8(PIC, OCW2_END);
    EXPECT("then the timer", pic_poll(PIC), TAKEN(0));
    line_again();
    EXPECT("the line before it has ended", pic_poll(PIC), TAKEN(LINE));
    out8(PIC, 0xe0 | LINE);                                      /* has ended, and is the lowest */
    EXPECT("the timer alone", pic_isr(PIC), 1);
    out8(PIC, OCW2_END);
    both_up();
    EXPECT("the timer first", pic_poll(PIC), TAKEN(0));
    out8(PIC, 0xa0);                                             /* the highest has ended, and is the lowest */
    EXPECT("none in service", pic_isr(PIC), 0);
    timer_up();
    EXPECT("the line first", pic_poll(PIC), TAKEN(LINE));
    out8(PIC, OCW2_END);
    EXPECT("then the timer", pic_poll(PIC), TAKEN(0));
    out8(PIC, OCW2_END);
    out8(PIC, 0xc7);
    both_up();
    EXPECT("the timer first", pic_poll(PIC), TAKEN(0));
}

static void automatic_end(void)
{
    unsigned int before[2] = { taken(0), taken(LINE) };

    anew(ICW4 | ICW4_AUTO_END, LINE);
    out8(PIC, 0x80);                                             /* and each becomes the lowest */
    pic_masks(0xfffe);
    timer_up();
    let_in();
    EXPECT("the timer", taken(0), before[0] + 1);
    EXPECT("none in service", pic_isr(PIC), 0);
    both_up();
    pic_masks(0);
    EXPECT("the line first", pic_poll(PIC), TAKEN(LINE));
    out8(PIC, 0);                                                /* not any more */
    let_in();
    EXPECT("the timer", taken(0), before[0] + 2);
    line_again();
    let_in();
    EXPECT("the line", taken(LINE), before[1] + 1);
    EXPECT("none in service", pic_isr(PIC), 0);
}

static void special_masks(void)
{
    anew(ICW4, LINE);
    timer_up();
    EXPECT("the timer", pic_poll(PIC), TAKEN(0));
    line_up();
    pic_masks(1);
    EXPECT("masked, it holds others up", pic_poll(PIC), 0);
    out8(PIC, 0x68);
    EXPECT("in special mask mode it does not", pic_poll(PIC), TAKEN(LINE));
    EXPECT("both in service", pic_isr(PIC), 1 << LINE | 1);
    out8(PIC, OCW2_END);
    EXPECT("what is masked is not ended", pic_isr(PIC), 1);
    line_again();
    out8(PIC, 0x48);
    EXPECT("held up again", pic_poll(PIC), 0);
    pic_masks(0);
    out8(PIC, OCW2_END_OF);
    EXPECT("then not", pic_poll(PIC), TAKEN(LINE));
}

/* ---- The second controller */

static void second(void)
{
    unsigned int before[2] = { taken(8), taken(SLAVE_LINE) };

    anew(ICW4, SLAVE_LINE);
    pic_masks(4);
    clock_up();
    let_in();
    EXPECT("masked at the first", taken(8), before[0]);
    EXPECT("its request there", pic_irr(PIC), 4);
    pic_masks(0);
    let_in();
    EXPECT("the clock's", taken(8), before[0] + 1);
    EXPECT("in service", pic_isr(PIC), 4);
    EXPECT("in service", pic_isr(PIC_SLAVE), 1);
    line_up();
    let_in();
    EXPECT("a lower one", taken(SLAVE_LINE), before[1]);
    out8(PIC_SLAVE, OCW2_END);
    let_in();
    EXPECT("ended at the second alone", taken(SLAVE_LINE), before[1]);
    out8(PIC, OCW2_END);
    let_in();
    EXPECT("ended at both", taken(SLAVE_LINE), before[1] + 1);
    pic_end(SLAVE_LINE);
    let_in();
    EXPECT("a clock whose cause nobody has read", taken(8), before[0] + 1);
    clock_up();
    EXPECT("a poll of the first", pic_poll(PIC), TAKEN(2));
    EXPECT("a poll of the second", pic_poll(PIC_SLAVE), TAKEN(0));
    EXPECT("another", pic_poll(PIC_SLAVE), 0);
    pic_end(8);
    clock_down();
}

static void special_nesting(void)
{
    for (unsigned int special = 0; special < 2; special++) {
        anew(special ? ICW4 | ICW4_NESTED : ICW4, SLAVE_LINE);
        line_up();
        EXPECT("a poll of the first", pic_poll(PIC), TAKEN(2));
        EXPECT("a poll of the second", pic_poll(PIC_SLAVE), TAKEN(SLAVE_LINE - 8));
        clock_up();
        EXPECT("a higher one of the second", pic_poll(PIC), special ? TAKEN(2) : 0);
        EXPECT("it is the clock", pic_poll(PIC_SLAVE), TAKEN(0));
        EXPECT("both in service", pic_isr(PIC_SLAVE), 1 << (SLAVE_LINE - 8) | 1);
    }
}

void test_main(void)
{
    pc_start();
    registers();
    masks_and_edges();
    levels(LINE);
    levels(SLAVE_LINE);
    nesting();
    rotation();
    automatic_end();
    special_masks();
    second();
    special_nesting();
}
