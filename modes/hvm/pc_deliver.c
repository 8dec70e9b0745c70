/* SPDX-License-Identifier: MIT */
/* Interrupts of the emulated PC: from lines and messages to local APICs, and the PIC pair's way past or through them. */
#include "dom/sched.h"
#include "modes/hvm/pc_state.h"

#define FIRST_VECTOR 16              /* those below are not for interrupts */
#define BROADCAST 0xff
#define MSI_PREFIX 0xfee

/* ---- Messages */

/* A destination of 8 bits means the same to an APIC in x2APIC mode, which has 32; all ones are everybody. */
static bool is_destination(const struct vcpu *v, const struct interrupt_message *m)
{
    const struct lapic *l = &to_hw_const(v)->lapic;

    return lapic_is_destination(l, m->destination == BROADCAST && lapic_x2apic(l) ? ~0u : m->destination, m->logical);
}

static bool post(struct vcpu *v, const struct interrupt_message *m)
{
    struct lapic *l = &to_hw(v)->lapic;

    if (!lapic_sw_enabled(l))
        return false;
    lapic_post(l, m->vector, m->level);
    vcpu_kick(v);
    return true;
}

/* To one of them: each in turn. */
static bool deliver_lowest(struct pc *pc, const struct interrupt_message *m)
{
    struct domain *d = pc->d;

    for (u32 i = 0; i < d->max_vcpus; i++) {
        u32 id = (pc->next_lowest + i) % d->max_vcpus;
        struct vcpu *v = d->vcpu[id];
        if (v && is_destination(v, m) && post(v, m)) {
            pc->next_lowest = id + 1;
            return true;
        }
    }
    return false;
}

static bool deliver(void *owner, const struct interrupt_message *m)
{
    struct pc *pc = owner;
    bool accepted = false;
    struct vcpu *v;

    if (m->mode <= INTERRUPT_LOWEST && m->vector < FIRST_VECTOR)
        return false;
    if (m->mode == INTERRUPT_LOWEST)
        return deliver_lowest(pc, m);
    for_each_vcpu(pc->d, v) {
        if (!is_destination(v, m))
            continue;
        if (m->mode == INTERRUPT_FIXED) {
            accepted |= post(v, m);
        } else if (m->mode == INTERRUPT_NMI) {
            pc->d->row->interrupts->nmi(v);
            accepted = true;
        } else if (m->mode == INTERRUPT_INIT) {
            hw_apic_send_init(v);
            accepted = true;
        }
    }
    return accepted;
}

/* Its own CPU may be moving the vector at this moment: then it is requested no longer, or will not be soon. */
static bool is_requested(const struct lapic *l, u8 vector)
{
    return test_bit(vector % 64, &l->posted[vector / 64]) ||
           ACCESS_ONCE(l->reg[LAPIC_IRR + vector / 32]) >> (vector % 32) & 1;
}

static bool requested(void *owner, const struct interrupt_message *m)
{
    struct pc *pc = owner;
    struct vcpu *v;

    if (m->mode > INTERRUPT_LOWEST)
        return false;
    for_each_vcpu(pc->d, v)
        if (is_destination(v, m) && is_requested(&to_hw(v)->lapic, m->vector))
            return true;
    return false;
}

int pc_msi(struct domain *d, u64 address, u32 data)
{
    struct interrupt_message m = { .vector = (u8)data, .mode = data >> 8 & 7, .destination = (u8)(address >> 12),
                                   .logical = address & 4, .level = data & 0x8000 };
    struct pc *pc = pc_of(d);
    unsigned long flags;

    if (!pc || address >> 20 != MSI_PREFIX || (m.mode > INTERRUPT_LOWEST && m.mode != INTERRUPT_NMI &&
                                               m.mode != INTERRUPT_INIT))
        return -EINVAL;
    if (m.mode <= INTERRUPT_LOWEST && m.vector < FIRST_VECTOR)
        return -EINVAL;
    flags = pc_begin(pc);
    (void)deliver(pc, &m);
    pc_end(pc, flags);
    return 0;
}

/* ---- The PIC pair: its output is the first CPU's INTR pin, all local APICs' LINT0, and pin 0 of the I/O APIC */

static bool takes_extint(const struct pc *pc, const struct vcpu *v)
{
    const struct lapic *l = &to_hw_const(v)->lapic;
    u32 lvt = l->reg[LAPIC_LVT_LINT0];
    struct interrupt_message m;

    if (!lapic_enabled(l))
        return v->id == 0;
    if (!lapic_sw_enabled(l))
        return false;
    if (!(lvt & LAPIC_LVT_MASKED) && (lvt >> 8 & 7) == INTERRUPT_EXTINT)
        return true;
    if (!board_extint_pin(&pc->board))
        return false;
    m = vioapic_message(&pc->board.ioapic, 0);
    return is_destination(v, &m);
}

/* LINT0 may be programmed to more than to let the PIC through. */
static void raise_lint0(struct vcpu *v)
{
    u32 lvt = to_hw(v)->lapic.reg[LAPIC_LVT_LINT0];
    struct interrupt_message m = { .vector = (u8)lvt, .level = lvt & LAPIC_ICR_LEVEL };

    if (!lapic_sw_enabled(&to_hw(v)->lapic) || lvt & LAPIC_LVT_MASKED)
        return;
    if ((lvt >> 8 & 7) == INTERRUPT_FIXED && m.vector >= FIRST_VECTOR)
        (void)post(v, &m);
    else if ((lvt >> 8 & 7) == INTERRUPT_NMI)
        v->domain->row->interrupts->nmi(v);
}

static void pic_output_changed(void *owner, bool asserted)
{
    struct pc *pc = owner;
    struct vcpu *v;

    pc->extint = asserted;
    if (!asserted)
        return;
    for_each_vcpu(pc->d, v) {
        raise_lint0(v);
        if (takes_extint(pc, v))
            vcpu_kick(v);
    }
}

const struct board_ops pc_board_ops = { .deliver = deliver, .requested = requested, .pic_output = pic_output_changed };

bool pc_extint_pending(const struct vcpu *v)
{
    const struct pc *pc = pc_of(v->domain);

    return pc && pc->extint && takes_extint(pc, v);
}

int pc_extint_ack(struct vcpu *v)
{
    struct pc *pc = pc_of(v->domain);
    int vector = -1;
    unsigned long flags;

    if (!pc)
        return -1;
    flags = pc_begin(pc);
    if (pic_output(&pc->board.pic)) {
        vector = pic_ack(&pc->board.pic);
        board_settle(&pc->board, pc->now);
    }
    pc_end(pc, flags);
    return vector;
}

void pc_eoi(struct vcpu *v, u8 vector)
{
    struct pc *pc = pc_of(v->domain);
    unsigned long flags;

    if (!pc)
        return;
    flags = pc_begin(pc);
    vioapic_eoi(&pc->board.ioapic, vector);
    board_settle(&pc->board, pc->now);
    pc_end(pc, flags);
}
