/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/board*.c modes/hvm/p[im]*.c modes/hvm/rtc.c modes/hvm/hpet.c modes/hvm/ioapic.c
/* The emulated PC under a hostile guest, device model and saved state: any access, any line, any record, at any time.
 * Beside what the sanitizers see, what must hold at each step is checked. */
#include "cases.h"
#include "input.h"
#include "modes/hvm/board.h"

static struct board b;
static bool output;
static u8 answers;

static bool deliver(void *owner, const struct interrupt_message *m) { return answers++ & 1; }
static bool requested(void *owner, const struct interrupt_message *m) { return answers++ & 2; }
static void pic_changed(void *owner, bool asserted) { output = asserted; }
static const struct board_ops ops = { deliver, requested, pic_changed };

/* Mostly where there is something. */
static u64 place(struct input *in, bool port)
{
    static const u16 ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x1f40 };
    u8 which = (u8)take(in, 1);

    if (port)
        return which < 0xe0 ? ports[which % 14] + (which % 14 == 13 ? take(in, 1) % 16 : 0) : take(in, 2);
    if (which & 0x80)
        return HPET_ADDRESS + take(in, 2) % 0x500;
    if (which & 0x40)
        return IOAPIC_ADDRESS + (which & 3) * 0x10;
    return take(in, 8);
}

static void touch(struct input *in, u8 op, stime_t now)
{
    struct io_access a = { .count = 1, .size = (u8)(1 << (op >> 4 & 3)), .port = op & 1, .write = op & 2 };

    if (a.port && a.size == 8)
        a.size = 1;
    a.address = place(in, a.port);
    a.data = a.write ? take(in, a.size) : 0;
    if (board_access(&b, &a, now) == IO_DONE && !a.write)
        check((a.data & ~io_ones(a.size)) == 0);
}

static void lines(struct input *in, stime_t now)
{
    b.isa = (u16)take(in, 2);
    b.pci.pad[take(in, 1) & 1] = take(in, 8);
    b.link.route[take(in, 1) & 3] = take(in, 1) & 15;
    b.callback = take(in, 1) & 1 ? CALLBACK_INTX(take(in, 1) & 31, 1UL) : CALLBACK_GSI(take(in, 1) % IOAPIC_PINS);
    b.callback_up = take(in, 1) & 1;
    b.missed_ticks = TICKS_ALL + take(in, 1) % 3;
    board_settle(&b, now);
}

/* A record as it was saved, but for some bytes. */
static void records(struct input *in, u8 which, stime_t now)
{
    union {
        struct hvm_hw_vpic pic; struct hvm_hw_pit pit; struct hvm_hw_rtc rtc; struct hvm_hw_hpet hpet;
        struct hvm_hw_pmtimer pm; struct hvm_hw_vioapic ioapic; u8 bytes[1100];
    } r = { .bytes = { 0 } };
    unsigned int chip = which >> 3 & 1;

    switch (which % 6) {
    case 0: r.pic = b.pic.chip[chip]; break;
    case 1: pit_save(&b.pit, &r.pit); break;
    case 2: rtc_save(&b.rtc, &r.rtc, now); break;
    case 3: hpet_save(&b.hpet, &r.hpet, now); break;
    case 4: r.pm = b.pm.hw; break;
    case 5: r.ioapic = b.ioapic.hw; break;
    }
    for (u8 n = (u8)take(in, 1) % 5; n > 0; n--)
        r.bytes[take(in, 2) % (take(in, 1) & 1 ? sizeof(r.bytes) : 48)] = (u8)take(in, 1);
    switch (which % 6) {
    case 0: (void)pic_load(&b.pic, chip, &r.pic); break;
    case 1: (void)pit_load(&b.pit, &r.pit, now); break;
    case 2: (void)rtc_load(&b.rtc, &r.rtc, now); break;
    case 3: (void)hpet_load(&b.hpet, &r.hpet, now); break;
    case 4: (void)pm_load(&b.pm, &r.pm, now); break;
    case 5: (void)vioapic_load(&b.ioapic, &r.ioapic); break;
    }
    board_settle_loaded(&b, now);
}

static void hold(void)
{
    (void)board_next(&b, true);
    check(output == pic_output(&b.pic));
    check(!(b.pic.chip[0].int_output && !b.pic.chip[0].irr));
    check(!(b.ioapic.lines >> IOAPIC_PINS) && !(b.ioapic.edges));
    for (unsigned int i = 0; i < NR_TICKS; i++)
        check(b.missed[i] <= 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    stime_t now = 1000000000;

    board_reset(&b, &ops, &b);
    output = false;
    answers = 0;
    b.rtc.epoch_ns = 1700000000000000000;
    while (in.left) {
        u8 op = (u8)take(&in, 1);

        switch (op >> 6) {
        case 0:
        case 1:
            touch(&in, op, now);
            break;
        case 2:
            now += take(&in, op & 7) & 0xffffffffffffff;
            now = now > 1UL << 61 ? 1UL << 61 : now;
            if (op & 8)
                board_run(&b, now);
            break;
        default:
            if (op & 1)
                lines(&in, now);
            else if (op & 2)
                records(&in, (u8)take(&in, 1), now);
            else if (op & 4)
                vioapic_eoi(&b.ioapic, (u8)take(&in, 1));
            else
                (void)pic_ack(&b.pic);
            board_settle(&b, now);
        }
        hold();
    }
    return 0;
}
