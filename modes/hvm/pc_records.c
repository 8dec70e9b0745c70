/* SPDX-License-Identifier: MIT */
/* The emulated PC's state as records (public header arch-x86/hvm/save.h). What a record has no place for is worked out
 * from the rest, or begins anew: counts of the PIT, ticks that were missed. The domain is paused. */
#include "modes/hvm/pc_state.h"

#define MAX_OFFSET (1L << 33)   /* s */

/* A device's part in saving and loading; the board's time has come to `now`. */
typedef void save_fn(struct board *b, u16 instance, void *data, stime_t now);
typedef bool load_fn(struct board *b, u16 instance, const void *data, stime_t now);

static bool save(struct domain *d, u16 instance, void *data, save_fn *fn)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;

    if (!pc)
        return false;
    flags = pc_begin(pc);
    board_run(&pc->board, pc->now);
    fn(&pc->board, instance, data, pc->now);
    pc_end(pc, flags);
    return true;
}

static int load(struct domain *d, u16 instance, const void *data, load_fn *fn)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;
    bool ok;

    if (!pc)
        return -EINVAL;
    flags = pc_begin(pc);
    ok = fn(&pc->board, instance, data, pc->now);
    if (ok)
        board_settle_loaded(&pc->board, pc->now);
    pc_end(pc, flags);
    return ok ? 0 : -EINVAL;
}

/* The two functions of a record, of a device's two. */
#define ACCESSORS(name) \
    static bool save_##name(struct domain *d, u16 i, void *data) { return save(d, i, data, get_##name); } \
    static int load_##name(struct domain *d, u16 i, const void *data) { return load(d, i, data, put_##name); }

/* ---- Interrupt controllers */

static void get_pic(struct board *b, u16 instance, void *data, stime_t now)
{
    *(struct hvm_hw_vpic *)data = b->pic.chip[instance];
}

static bool put_pic(struct board *b, u16 instance, const void *data, stime_t now)
{
    return pic_load(&b->pic, instance, data);
}
ACCESSORS(pic)

static void get_ioapic(struct board *b, u16 instance, void *data, stime_t now)
{
    *(struct hvm_hw_vioapic *)data = b->ioapic.hw;
}

static bool put_ioapic(struct board *b, u16 instance, const void *data, stime_t now)
{
    return vioapic_load(&b->ioapic, data);
}
ACCESSORS(ioapic)

/* ---- Lines */

static void get_pci_irq(struct board *b, u16 instance, void *data, stime_t now)
{
    *(struct hvm_hw_pci_irqs *)data = b->pci;
}

static bool put_pci_irq(struct board *b, u16 instance, const void *data, stime_t now)
{
    b->pci = *(const struct hvm_hw_pci_irqs *)data;
    return true;
}
ACCESSORS(pci_irq)

static void get_isa_irq(struct board *b, u16 instance, void *data, stime_t now)
{
    ((struct hvm_hw_isa_irqs *)data)->pad[0] = b->isa;
}

static bool put_isa_irq(struct board *b, u16 instance, const void *data, stime_t now)
{
    u64 lines = ((const struct hvm_hw_isa_irqs *)data)->pad[0];

    if (lines >> 16)
        return false;
    b->isa = (u16)lines;
    return true;
}
ACCESSORS(isa_irq)

static void get_link(struct board *b, u16 instance, void *data, stime_t now)
{
    *(struct hvm_hw_pci_link *)data = b->link;
}

static bool put_link(struct board *b, u16 instance, const void *data, stime_t now)
{
    const struct hvm_hw_pci_link *link = data;

    for (unsigned int i = 0; i < 4; i++)
        if (link->route[i] > 15)
            return false;
    memcpy(b->link.route, link->route, sizeof(b->link.route));
    return true;
}
ACCESSORS(link)

/* ---- Timers and clock */

static void get_pit(struct board *b, u16 instance, void *data, stime_t now)
{
    pit_save(&b->pit, data);
}

static bool put_pit(struct board *b, u16 instance, const void *data, stime_t now)
{
    return pit_load(&b->pit, data, now);
}
ACCESSORS(pit)

static void get_rtc(struct board *b, u16 instance, void *data, stime_t now)
{
    const struct pc *pc = b->owner;
    struct hvm_hw_rtc *hw = data;

    rtc_save(&b->rtc, hw, now);
    hw->rtc_offset = pc->d->time_offset_seconds;
}

static bool put_rtc(struct board *b, u16 instance, const void *data, stime_t now)
{
    const struct hvm_hw_rtc *hw = data;
    struct pc *pc = b->owner;

    if (hw->rtc_offset < -MAX_OFFSET || hw->rtc_offset > MAX_OFFSET)
        return false;
    b->rtc.epoch_ns += (hw->rtc_offset - pc->d->time_offset_seconds) * (s64)NS_PER_SEC;
    if (!rtc_load(&b->rtc, hw, now))
        return false;
    pc->d->time_offset_seconds = hw->rtc_offset;
    update_domain_wallclock(pc->d);
    return true;
}
ACCESSORS(rtc)

static void get_hpet(struct board *b, u16 instance, void *data, stime_t now)
{
    hpet_save(&b->hpet, data, now);
}

static bool put_hpet(struct board *b, u16 instance, const void *data, stime_t now)
{
    return hpet_load(&b->hpet, data, now);
}
ACCESSORS(hpet)

static void get_pmtimer(struct board *b, u16 instance, void *data, stime_t now)
{
    *(struct hvm_hw_pmtimer *)data = b->pm.hw;
}

static bool put_pmtimer(struct board *b, u16 instance, const void *data, stime_t now)
{
    return pm_load(&b->pm, data, now);
}
ACCESSORS(pmtimer)

#define RECORD(code, instances, name) \
    { HVM_SAVE_CODE(code), instances, HVM_SAVE_LENGTH(code), save_##name, load_##name }
const struct pc_record pc_records[] = {
    RECORD(PIC, 2, pic), RECORD(IOAPIC, 1, ioapic), RECORD(PCI_IRQ, 1, pci_irq), RECORD(ISA_IRQ, 1, isa_irq),
    RECORD(PCI_LINK, 1, link), RECORD(PIT, 1, pit), RECORD(RTC, 1, rtc), RECORD(HPET, 1, hpet),
    RECORD(PMTIMER, 1, pmtimer),
};
const unsigned int pc_nr_records = ARRAY_SIZE(pc_records);
