/* SPDX-License-Identifier: MIT */
/* Lines of the emulated PC that others drive: device models, and the domain's event channels. */
#include "modes/hvm/pc_state.h"

void pc_isa_irq(struct domain *d, unsigned int isa_irq, bool level)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;

    if (!pc)
        return;
    flags = pc_begin(pc);
    pc->board.isa = (u16)((pc->board.isa & ~(1u << isa_irq)) | (unsigned int)level << isa_irq);
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
}

void pc_pci_intx(struct domain *d, unsigned int device, unsigned int intx, bool level)
{
    struct pc *pc = pc_of(d);
    unsigned int line = device * 4 + intx;
    unsigned long flags;

    if (!pc)
        return;
    flags = pc_begin(pc);
    if (level)
        __set_bit(line, pc->board.pci.pad);
    else
        __clear_bit(line, pc->board.pci.pad);
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
}

void pc_pci_link_route(struct domain *d, unsigned int link, unsigned int isa_irq)
{
    struct pc *pc = pc_of(d);
    unsigned long flags;

    if (!pc)
        return;
    flags = pc_begin(pc);
    pc->board.link.route[link] = (u8)isa_irq;
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
}

/* ---- Events by a line */

int pc_set_callback(struct domain *d, u64 via)
{
    struct pc *pc = pc_of(d);
    u64 line = via & ~HVM_PARAM_CALLBACK_IRQ_TYPE_MASK, callback = CALLBACK_NONE;
    unsigned long flags;

    switch (via >> CALLBACK_TYPE_SHIFT) {
    case HVM_PARAM_CALLBACK_TYPE_GSI:
        if (line >= IOAPIC_PINS)
            return -EINVAL;
        if (line)
            callback = CALLBACK_GSI(line);
        break;
    case HVM_PARAM_CALLBACK_TYPE_PCI_INTX:
        if (line >> 16)   /* there is one bus */
            return -EINVAL;
        callback = CALLBACK_INTX(line >> 11 & 31, line & 3);
        break;
    case HVM_PARAM_CALLBACK_TYPE_VECTOR:
        break;
    default:
        return -EINVAL;
    }
    if (!pc)
        return callback == CALLBACK_NONE ? 0 : -EINVAL;
    flags = pc_begin(pc);
    pc->board.callback = callback;
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
    return 0;
}

static bool upcall_pending(const struct vcpu *v)
{
    return ACCESS_ONCE(v->vcpu_info->evtchn_upcall_pending);
}

bool pc_callback_waits(const struct vcpu *v)
{
    const struct pc *pc = pc_of(v->domain);

    return pc && v->id == 0 && ACCESS_ONCE(pc->board.callback) != CALLBACK_NONE &&
           upcall_pending(v) != ACCESS_ONCE(pc->board.callback_up);
}

void pc_sync_callback(struct vcpu *v)
{
    struct pc *pc = pc_of(v->domain);
    unsigned long flags;

    if (!pc_callback_waits(v))
        return;
    flags = pc_begin(pc);
    pc->board.callback_up = upcall_pending(v);
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
}

/* ---- For the console */

void pc_dump(struct domain *d)
{
    const struct pc *pc = pc_of(d);
    const struct board *b;

    if (!pc)
        return;
    b = &pc->board;
    printk("PIC: %02x/%02x requested, %02x/%02x masked, %02x/%02x in service, output %u\n", b->pic.chip[0].irr,
           b->pic.chip[1].irr, b->pic.chip[0].imr, b->pic.chip[1].imr, b->pic.chip[0].isr, b->pic.chip[1].isr,
           pic_output(&b->pic));
    printk("I/O APIC: lines %lx;", b->ioapic.lines);
    for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
        if (!vioapic_masked(&b->ioapic, pin))
            printk(" %u:%lx", pin, b->ioapic.hw.redirtbl[pin].bits);
    printk("\nISA %x, PCI %lx %lx, callback %lx %s\n", b->isa, b->pci.pad[1], b->pci.pad[0], b->callback,
           b->callback_up ? "up" : "down");
    printk("PIT mode %u count %u; RTC A %02x B %02x C %02x; HPET %lx; PM1a %x of %x; missed ticks %u %u\n",
           b->pit.hw.channels[0].mode, b->pit.hw.channels[0].count, b->rtc.hw.cmos_data[10], b->rtc.hw.cmos_data[11],
           b->rtc.hw.cmos_data[12], b->hpet.hw.config, b->pm.hw.pm1a_sts, b->pm.hw.pm1a_en, b->missed[TICK_PIT],
           b->missed[TICK_RTC]);
}
