/* SPDX-License-Identifier: MIT */
/* The board of the emulated PC: what time and lines do, and which device answers where. Ticks of the timers are edges
 * that are delivered one by one; those that find the one before them not taken are missed, and made up for or not. */
#include "lib/lib.h"
#include "modes/hvm/board.h"

#define MAX_MISSED 1000u
#define CATCH_UP_MIN 250000UL   /* ns between ticks that are made up for: a quarter of the period, within these bounds */
#define CATCH_UP_MAX 10000000UL

#define RTC_INDEX 0x70
#define RTC_DATA 0x71

void board_reset(struct board *b, const struct board_ops *ops, void *owner)
{
    memset(b, 0, sizeof(*b));
    pic_reset(&b->pic);
    pit_reset(&b->pit);
    rtc_reset(&b->rtc);
    hpet_reset(&b->hpet);
    pm_reset(&b->pm);
    vioapic_reset(&b->ioapic);
    b->pm_base = BOARD_PM_OLD;
    b->missed_ticks = TICKS_ALL;
    b->ops = ops;
    b->owner = owner;
}

bool board_extint_pin(const struct board *b)
{
    const union vioapic_redir_entry *e = &b->ioapic.hw.redirtbl[0];

    return !e->fields.mask && e->fields.delivery_mode == INTERRUPT_EXTINT;
}

/* ---- Ticks */

/* Where the ticks of a timer lead: a pin, and an ISA line or -1. False: nowhere. */
static bool tick_route(const struct board *b, unsigned int tick, int *irq, unsigned int *pin)
{
    enum hpet_route route;

    if (tick < TICK_HPET) {
        *irq = tick == TICK_PIT ? 0 : RTC_IRQ;
        *pin = isa_pin((unsigned int)*irq);
        return !hpet_legacy(&b->hpet);
    }
    route = hpet_route(&b->hpet, tick - TICK_HPET, pin);
    *irq = -1;
    if (route == HPET_LEGACY) {
        *irq = tick == TICK_HPET ? 0 : RTC_IRQ;
        *pin = isa_pin((unsigned int)*irq);
    }
    return route != HPET_NOWHERE;
}

/* Does any controller let it through? */
static bool tick_wanted(const struct board *b, unsigned int tick)
{
    unsigned int pin;
    int irq;

    return tick_route(b, tick, &irq, &pin) &&
           ((irq >= 0 && !pic_masked(&b->pic, (unsigned int)irq)) || !vioapic_masked(&b->ioapic, pin));
}

/* Is the one before it still waiting? */
static bool tick_requested(const struct board *b, unsigned int tick)
{
    struct interrupt_message m;
    unsigned int pin;
    int irq;

    if (!tick_route(b, tick, &irq, &pin))
        return false;
    if (irq >= 0 && pic_requested(&b->pic, (unsigned int)irq))
        return true;
    m = vioapic_message(&b->ioapic, pin);
    return !vioapic_masked(&b->ioapic, pin) && b->ops->requested(b->owner, &m);
}

static void pulse(struct board *b, unsigned int tick)
{
    unsigned int pin;
    int irq;

    if (!tick_route(b, tick, &irq, &pin))
        return;
    if (irq >= 0)
        pic_pulse(&b->pic, (unsigned int)irq);
    vioapic_pulse(&b->ioapic, pin);
}

static u64 tick_period(const struct board *b, unsigned int tick)
{
    return tick == TICK_PIT ? pit_period(&b->pit) : tick == TICK_RTC ? rtc_period(&b->rtc)
                                                                     : hpet_period(&b->hpet, tick - TICK_HPET);
}

static void set_missed(struct board *b, unsigned int tick, u64 missed, stime_t now)
{
    u64 period = tick_period(b, tick), pause = min(max(period / 4, CATCH_UP_MIN), CATCH_UP_MAX);
    u64 most = b->missed_ticks == TICKS_ALL ? MAX_MISSED : b->missed_ticks == TICKS_ONE ? 1 : 0;

    b->missed[tick] = period ? (u32)min(missed, most) : 0;
    if (b->missed[tick])
        b->catch_up_at = now + pause;
}

/* n new ticks of the PIT or of an HPET comparator. Where none gets through they are not missed; but the PIC keeps one. */
static void account(struct board *b, unsigned int tick, u64 n, stime_t now)
{
    u64 all = n + b->missed[tick];

    if (!tick_wanted(b, tick)) {
        b->missed[tick] = 0;
        if (n)
            pulse(b, tick);
        return;
    }
    if (!all || (!n && now < b->catch_up_at))
        return;
    if (!tick_requested(b, tick)) {
        pulse(b, tick);
        all--;
    }
    set_missed(b, tick, all, now);
}

/* n new ticks of the RTC, of which the first has raised its line unless that was up. */
static void account_rtc(struct board *b, u64 n, bool was_up, stime_t now)
{
    u64 missed = b->missed[TICK_RTC];

    if (!rtc_period(&b->rtc) || !tick_wanted(b, TICK_RTC)) {
        b->missed[TICK_RTC] = 0;
    } else if (n) {
        set_missed(b, TICK_RTC, missed + n - !was_up, now);
    } else if (missed && now >= b->catch_up_at && !rtc_line(&b->rtc) && !tick_requested(b, TICK_RTC)) {
        rtc_tick_again(&b->rtc);
        set_missed(b, TICK_RTC, missed - 1, now);
    }
}

/* Ticks of the PIT are told of first: its line may be up by now for the same reason, and an edge that comes by both is one. */
void board_settle(struct board *b, stime_t now)
{
    struct board_lines lines;

    account(b, TICK_PIT, pit_run(&b->pit, now), now);
    lines = board_lines(b, now);
    b->moved = true;
    pic_set_lines(&b->pic, lines.irqs);
    vioapic_set_lines(&b->ioapic, lines.pins | (pic_output(&b->pic) ? 1 : 0));
    for (u64 due = vioapic_due(&b->ioapic); due; due &= due - 1) {
        unsigned int pin = (unsigned int)__builtin_ctzl(due);
        struct interrupt_message m = vioapic_message(&b->ioapic, pin);
        vioapic_delivered(&b->ioapic, pin, m.mode != INTERRUPT_EXTINT && b->ops->deliver(b->owner, &m));
    }
    if (pic_output(&b->pic) != b->pic_was) {
        b->pic_was = pic_output(&b->pic);
        b->ops->pic_output(b->owner, b->pic_was);
    }
}

void board_settle_loaded(struct board *b, stime_t now)
{
    struct board_lines lines = board_lines(b, now);

    pic_adopt_lines(&b->pic, lines.irqs);
    b->ioapic.lines = lines.pins | (pic_output(&b->pic) ? 1 : 0);
    board_settle(b, now);
}

void board_run(struct board *b, stime_t now)
{
    bool rtc_was_up = rtc_line(&b->rtc);
    u64 matches[HPET_TIMER_NUM];

    account_rtc(b, rtc_run(&b->rtc, now), rtc_was_up, now);
    hpet_run(&b->hpet, now, matches);
    for (unsigned int i = 0; i < HPET_TIMER_NUM; i++)
        account(b, TICK_HPET + i, matches[i], now);
    pm_run(&b->pm, now);
    board_settle(b, now);
}

/* Nothing wakes anybody for ticks that no controller lets through: they are found when somebody looks. */
stime_t board_next(const struct board *b, bool awake)
{
    stime_t next = pm_next(&b->pm);
    bool catch_up = false;

    for (unsigned int tick = 0; tick < NR_TICKS; tick++) {
        if (!tick_wanted(b, tick))
            continue;
        next = min(next, tick == TICK_PIT ? pit_next(&b->pit) : tick == TICK_RTC ? rtc_next(&b->rtc)
                                                              : hpet_next(&b->hpet, tick - TICK_HPET));
        catch_up = catch_up || (b->missed[tick] && !(tick == TICK_RTC && rtc_line(&b->rtc)));
    }
    return catch_up && awake ? min(next, b->catch_up_at) : next;
}

/* ---- Accesses */

static bool has_port(const struct board *b, u64 port)
{
    return pic_has_port((u16)port) || pit_has_port((u16)port) || port == RTC_DATA ||
           (port >= b->pm_base && pm_has_offset((u32)(port - b->pm_base)));
}

static u8 read_port(struct board *b, u16 port, stime_t now)
{
    if (pic_has_port(port))
        return pic_read(&b->pic, port);
    if (pit_has_port(port))
        return pit_read(&b->pit, port, now);
    if (port == RTC_DATA)
        return rtc_read(&b->rtc, now);
    return pm_read(&b->pm, (u32)(port - b->pm_base));
}

static void write_port(struct board *b, u16 port, u8 value, stime_t now)
{
    enum pm_result result;

    if (pic_has_port(port)) {
        pic_write(&b->pic, port, value);
    } else if (pit_has_port(port)) {
        pit_write(&b->pit, port, value, now);
    } else if (port == RTC_DATA) {
        rtc_write(&b->rtc, value, now);
    } else {
        result = pm_write(&b->pm, (u32)(port - b->pm_base), value);
        b->power_off |= result == PM_OFF;
        b->sleep |= result == PM_SLEEP;
    }
}

/* Reads that have no effect, which guests make in loops: they alone need not bring all else up to date. */
static bool is_quiet(const struct board *b, const struct io_access *a)
{
    if (a->write)
        return false;
    return a->port ? pit_has_port((u16)a->address) || a->address == b->pm_base + 8u
                   : (a->address & ~(HPET_SIZE - 1UL)) == HPET_ADDRESS;
}

/* The index port's registers beyond the clock's are somebody else's, index and data. */
static bool rtc_passes_on(struct board *b, const struct io_access *a)
{
    if (a->address == RTC_INDEX)
        return !a->write || !rtc_select(&b->rtc, (u8)a->data);
    return a->address == RTC_DATA && !rtc_selected(&b->rtc);
}

static enum io_result port_access(struct board *b, struct io_access *a, stime_t now)
{
    u64 data = 0;

    if (!a->write && a->size == 4 && a->address == b->pm_base + 8u) {   /* a clock, and read as one */
        pm_run(&b->pm, now);
        a->data = b->pm.hw.tmr_val;
        return IO_DONE;
    }
    if (a->address != RTC_INDEX && !has_port(b, a->address))
        return IO_NOT_MINE;
    if (rtc_passes_on(b, a))
        return IO_NOT_MINE;
    if (is_quiet(b, a))
        pm_run(&b->pm, now);
    else
        board_run(b, now);
    for (unsigned int i = 0; i < a->size; i++) {
        u64 port = a->address + i;
        if (a->write && has_port(b, port))
            write_port(b, (u16)port, (u8)(a->data >> 8 * i), now);
        else if (!a->write)
            data |= (u64)(has_port(b, port) ? read_port(b, (u16)port, now) : 0xff) << 8 * i;
    }
    if (!is_quiet(b, a))
        board_settle(b, now);
    if (!a->write)
        a->data = data;
    return IO_DONE;
}

static enum io_result hpet_access(struct board *b, struct io_access *a, stime_t now)
{
    u32 offset = (u32)(a->address - HPET_ADDRESS);

    if (!a->write) {
        a->data = hpet_read(&b->hpet, offset, a->size, now);
        return IO_DONE;
    }
    board_run(b, now);
    hpet_write(&b->hpet, offset, a->size, a->data, now);
    board_settle(b, now);
    return IO_DONE;
}

static enum io_result ioapic_access(struct board *b, struct io_access *a, stime_t now)
{
    u32 offset = (u32)(a->address - IOAPIC_ADDRESS);

    if (!a->write) {
        a->data = vioapic_read(&b->ioapic, offset, a->size);
        return IO_DONE;
    }
    board_run(b, now);
    vioapic_write(&b->ioapic, offset, a->size, (u32)a->data);
    board_settle(b, now);
    return IO_DONE;
}

enum io_result board_access(struct board *b, struct io_access *a, stime_t now)
{
    if (a->port)
        return port_access(b, a, now);
    if (a->address - HPET_ADDRESS < HPET_SIZE && !b->hpet_hidden)
        return hpet_access(b, a, now);
    if (a->address - IOAPIC_ADDRESS < IOAPIC_SIZE)
        return ioapic_access(b, a, now);
    return IO_NOT_MINE;
}
