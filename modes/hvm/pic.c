/* SPDX-License-Identifier: MIT */
/* The 8259A pair: lines, priorities, ends of interrupts, initialisation. */
#include "lib/lib.h"
#include "modes/hvm/pic.h"

#define CASCADE 2
#define ELCR_MASTER 0xf8        /* lines that may be level-triggered: neither timer, keyboard nor cascade */
#define ELCR_SLAVE 0xde         /* neither clock nor FPU error */

/* init_state as the public header has it */
#define INIT_STEP 3
#define INIT_ICW4 4
#define INIT_SINGLE 8

static const u8 elcr_writable[2] = { ELCR_MASTER, ELCR_SLAVE };

void pic_reset(struct pic *p)
{
    memset(p, 0, sizeof(*p));
    p->chip[0].is_master = 1;
    p->chip[0].elcr = 1 << CASCADE;   /* the slave's output is a level */
    p->chip[1].irq_base = 8;
}

/* ---- Priorities: rank 0 is the highest line, 7 the lowest */

static unsigned int rank_of(const struct hvm_hw_vpic *c, u8 lines)
{
    u8 rotated = (u8)(lines >> c->priority_add | lines << (8 - c->priority_add));

    return rotated ? (unsigned int)__builtin_ctz(rotated) : 8;
}

static unsigned int line_of(const struct hvm_hw_vpic *c, unsigned int rank)
{
    return (rank + c->priority_add) & 7;
}

/* The line that interrupts now, -1: none. In special mask mode what is in service and masked holds nobody up; in special
 * fully nested mode the slave may interrupt its own handler. */
static int pending(const struct hvm_hw_vpic *c)
{
    unsigned int wanted = rank_of(c, c->irr & (u8)~c->imr);
    unsigned int busy = rank_of(c, c->special_mask_mode ? c->isr & (u8)~c->imr : c->isr);
    bool nested = c->is_master && c->special_fully_nested_mode && line_of(c, wanted) == CASCADE && wanted == busy;

    return wanted < busy || (nested && wanted < 8) ? (int)line_of(c, wanted) : -1;
}

static void set_level(struct pic *p, unsigned int chip, u8 lines)
{
    struct hvm_hw_vpic *c = &p->chip[chip];
    u8 rising = lines & (u8)~p->lines[chip];

    p->lines[chip] = lines;
    c->irr = (u8)(((c->irr | rising) & ~c->elcr) | (lines & c->elcr));
}

/* Brings the outputs in step with all else: the slave first, which is an input of the master's. */
static void update(struct pic *p)
{
    set_level(p, 1, p->lines[1]);
    p->chip[1].int_output = pending(&p->chip[1]) >= 0;
    set_level(p, 0, (u8)((p->lines[0] & ~(1 << CASCADE)) | p->chip[1].int_output << CASCADE));
    p->chip[0].int_output = pending(&p->chip[0]) >= 0;
}

void pic_set_lines(struct pic *p, u16 lines)
{
    set_level(p, 1, (u8)(lines >> 8));
    set_level(p, 0, (u8)((lines & ~(1 << CASCADE)) | (p->lines[0] & 1 << CASCADE)));
    update(p);
}

void pic_adopt_lines(struct pic *p, u16 lines)
{
    p->lines[0] = lines & 0xff & ~(1 << CASCADE);
    p->lines[1] = (u8)(lines >> 8);
    update(p);
}

void pic_pulse(struct pic *p, unsigned int irq)
{
    struct hvm_hw_vpic *c = &p->chip[irq >> 3];

    c->irr |= (u8)(1u << (irq & 7) & ~c->elcr);
    update(p);
}

bool pic_masked(const struct pic *p, unsigned int irq)
{
    return p->chip[irq >> 3].imr >> (irq & 7) & 1 || (irq >= 8 && p->chip[0].imr >> CASCADE & 1);
}

bool pic_requested(const struct pic *p, unsigned int irq)
{
    return !pic_masked(p, irq) && p->chip[irq >> 3].irr >> (irq & 7) & 1;
}

/* ---- Acknowledging and ending */

static void accept(struct hvm_hw_vpic *c, unsigned int line)
{
    u8 bit = (u8)(1u << line);

    c->irr &= (u8)(~bit | c->elcr);
    if (!c->auto_eoi)
        c->isr |= bit;
    else if (c->rotate_on_auto_eoi)
        c->priority_add = (line + 1) & 7;
}

u8 pic_ack(struct pic *p)
{
    int line = pending(&p->chip[0]);
    u8 vector;

    if (line < 0)
        return p->chip[0].irq_base | 7;
    accept(&p->chip[0], (unsigned int)line);
    vector = p->chip[0].irq_base + (u8)line;
    if (line == CASCADE) {
        line = pending(&p->chip[1]);
        if (line >= 0)
            accept(&p->chip[1], (unsigned int)line);
        vector = p->chip[1].irq_base + (u8)(line < 0 ? 7 : line);
    }
    update(p);
    return vector;
}

static u8 poll(struct hvm_hw_vpic *c)
{
    int line = pending(c);

    c->poll = 0;
    if (line < 0)
        return 0;
    accept(c, (unsigned int)line);
    return 0x80 | (u8)line;
}

/* The line that an EOI without a number ends: the highest in service, of those not masked in special mask mode. */
static int highest_in_service(const struct hvm_hw_vpic *c)
{
    unsigned int rank = rank_of(c, c->special_mask_mode ? c->isr & (u8)~c->imr : c->isr);

    return rank < 8 ? (int)line_of(c, rank) : -1;
}

/* OCW2: bits 7:5 are rotate, specific, EOI. */
static void operate(struct hvm_hw_vpic *c, u8 value)
{
    bool rotate = value & 0x80, specific = value & 0x40, eoi = value & 0x20;
    int line = specific ? value & 7 : highest_in_service(c);

    if (!eoi && !specific) {
        c->rotate_on_auto_eoi = rotate;
        return;
    }
    if (line < 0)
        return;
    if (eoi)
        c->isr &= (u8)~(1u << line);
    if (rotate)
        c->priority_add = (line + 1) & 7;
}

/* ---- Registers */

/* ICW1: edges that came before are forgotten, lines stay what they are. */
static void initialise(struct hvm_hw_vpic *c, u8 value)
{
    c->irr = c->imr = c->isr = 0;
    c->priority_add = 0;
    c->readsel_isr = c->poll = c->special_mask_mode = 0;
    c->auto_eoi = c->rotate_on_auto_eoi = c->special_fully_nested_mode = 0;
    c->init_state = 1 | (value & 1 ? INIT_ICW4 : 0) | (value & 2 ? INIT_SINGLE : 0);
}

static void write_command(struct hvm_hw_vpic *c, u8 value)
{
    if (value & 0x10) {
        initialise(c, value);
    } else if (value & 0x08) {   /* OCW3 */
        if (value & 0x40)
            c->special_mask_mode = value >> 5 & 1;
        c->poll = value >> 2 & 1;
        if (value & 2)
            c->readsel_isr = value & 1;
    } else {
        operate(c, value);
    }
}

static void write_data(struct hvm_hw_vpic *c, u8 value)
{
    u8 rest = c->init_state & INIT_ICW4 ? 3 : 0;

    switch (c->init_state & INIT_STEP) {
    case 0:
        c->imr = value;
        return;
    case 1:
        c->irq_base = value & 0xf8;
        if (!(c->init_state & INIT_SINGLE))
            rest = 2;
        break;
    case 2:   /* ICW3: how they are wired is not theirs to say */
        break;
    case 3:
        c->special_fully_nested_mode = value >> 4 & 1;
        c->auto_eoi = value >> 1 & 1;
        rest = 0;
        break;
    }
    c->init_state = rest ? (c->init_state & ~INIT_STEP) | rest : 0;
}

bool pic_has_port(u16 port)
{
    return (port & ~0x81) == 0x20 || (port & ~1) == 0x4d0;
}

u8 pic_read(struct pic *p, u16 port)
{
    struct hvm_hw_vpic *c = &p->chip[port >> 7 & 1];
    u8 value;

    if (port >= 0x4d0)
        return p->chip[port & 1].elcr & elcr_writable[port & 1];
    if (c->poll) {
        value = poll(c);
        update(p);
        return value;
    }
    return port & 1 ? c->imr : c->readsel_isr ? c->isr : c->irr;
}

void pic_write(struct pic *p, u16 port, u8 value)
{
    struct hvm_hw_vpic *c = &p->chip[port >> 7 & 1];

    if (port >= 0x4d0) {
        c = &p->chip[port & 1];
        c->elcr = (value & elcr_writable[port & 1]) | (c->is_master ? 1 << CASCADE : 0);
    } else if (port & 1) {
        write_data(c, value);
    } else {
        write_command(c, value);
    }
    update(p);
}

bool pic_load(struct pic *p, unsigned int chip, const struct hvm_hw_vpic *hw)
{
    u8 levels = hw->elcr & (u8)~(chip ? 0 : 1 << CASCADE);

    if (hw->is_master != !chip || hw->irq_base & 7 || hw->priority_add > 7 || levels & ~elcr_writable[chip] ||
        (hw->init_state && !(hw->init_state & INIT_STEP)))
        return false;
    p->chip[chip] = *hw;
    if (!chip)
        p->chip[chip].elcr |= 1 << CASCADE;
    update(p);
    return true;
}
