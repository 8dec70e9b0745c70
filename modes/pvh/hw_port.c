/* SPDX-License-Identifier: MIT */
/* Ports of a guest in a container. String forms go a unit at a time, or in blocks where who answers takes them; after a
 * bound the guest begins the rest anew. */
#include "modes/pvh/pvh.h"

static u64 address_mask(unsigned int bytes)
{
    return bytes == 8 ? ~0UL : (1UL << 8 * bytes) - 1;
}

/* Registers of less than 64 bits: 16-bit ones leave the rest alone, 32-bit ones clear it. */
static void set_part(u64 *reg, u64 value, unsigned int bytes)
{
    *reg = bytes == 2 ? (*reg & ~0xffffUL) | (value & 0xffff) : value & address_mask(bytes);
}

/* ---- String forms */

struct string_port {
    struct vcpu *v;
    const struct exit *exit;
    u64 base, mask;                /* of the segment; of an address */
    u64 *index;                    /* rDI or rSI */
    unsigned int bytes;            /* of an address */
    bool down;
};

/* The segment of the memory operand and the bytes of an address come from the instruction where hardware did not tell them
 * (QEMU 7.2 tells neither). False: its bytes cannot be had; it is begun anew. */
static bool string_begin(struct string_port *s, struct vcpu *v, const struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    enum container_segment_id id = exit->port.in ? SEGMENT_ES : (enum container_segment_id)exit->port.segment;
    struct container_segment segment;

    *s = (struct string_port){ .v = v, .exit = exit, .bytes = exit->port.address_size };
    if (!s->bytes || (!exit->port.in && exit->port.segment == INSN_NO_SEGMENT)) {
        const struct insn *insn = hw_io_insn(v);
        if (!insn)
            return false;
        s->bytes = insn->address_size;
        if (!exit->port.in)
            id = insn->segment == INSN_NO_SEGMENT ? SEGMENT_DS : (enum container_segment_id)insn->segment;
    }
    container_ops->get_segment(v, id, &segment);
    s->base = container_mode(v) == MODE_64 && id < SEGMENT_FS ? 0 : segment.base;
    s->mask = address_mask(s->bytes);
    s->index = exit->port.in ? &regs->rdi : &regs->rsi;
    s->down = regs->rflags & X86_EFLAGS_DF;
    return true;
}

static u64 linear(const struct string_port *s, u64 offset)
{
    u64 address = s->base + (offset & s->mask);

    return container_mode(s->v) == MODE_64 ? address : (u32)address;
}

/* Translates the byte at `offset` of the operand. False: the guest has a page fault to handle. */
static bool translate(const struct string_port *s, u64 offset, u64 *gpa)
{
    u32 access = (s->exit->port.in ? PFEC_WRITE : 0) | (s->exit->cpl == 3 ? PFEC_USER : 0), error;
    u64 va = linear(s, offset);

    if (hw_translate(s->v, va, access, gpa, &error))
        return true;
    hw_inject(s->v, TRAP_PF, error, va);
    return false;
}

/* How many units of `units` lie in the page that the next one begins in; 0: not even one. */
static u32 units_in_page(const struct string_port *s, u32 units)
{
    u64 at = linear(s, *s->index) & ~PAGE_MASK;
    u32 size = s->exit->port.size;
    u32 fit = s->down ? (u32)(at / size) + 1 : (u32)((PAGE_SIZE - at) / size);

    return at + size > PAGE_SIZE ? 0 : min(units, fit);
}

static void step(const struct string_port *s, u32 units)
{
    u64 distance = (u64)units * s->exit->port.size;

    set_part(s->index, s->down ? *s->index - distance : *s->index + distance, s->bytes);
    if (s->exit->port.rep)
        set_part(&guest_regs()->rcx, guest_regs()->rcx - units, s->bytes);
    hw_io_next_unit(s->v, units);
}

/* One unit, whose memory is translated before the port is touched. False: a fault, or it waits for an answer. */
static bool one_unit(const struct string_port *s)
{
    struct io_access a = { .address = s->exit->port.port, .count = 1, .size = s->exit->port.size, .port = true,
                           .write = !s->exit->port.in };
    struct domain *d = s->v->domain;
    u64 gpa[4];

    for (unsigned int i = 0; i < a.size; i++)
        if (!translate(s, *s->index + i, &gpa[i]))
            return false;
    for (unsigned int i = 0; a.write && i < a.size; i++) {
        u8 byte = 0xff;
        (void)hw_read_gpa(d, gpa[i], &byte, 1);
        a.data |= (u64)byte << 8 * i;
    }
    if (hw_io(s->v, &a) == IO_RETRY)
        return false;
    for (unsigned int i = 0; !a.write && i < a.size; i++)
        (void)hw_write_gpa(d, gpa[i], (const u8 *)&a.data + i, 1);
    return true;
}

/* Many units at once, if whoever answers takes them. IO_NOT_MINE: one at a time, please. */
static enum io_result block(const struct string_port *s, u32 units)
{
    struct io_access a = { .address = s->exit->port.port, .count = units, .size = s->exit->port.size, .port = true,
                           .write = !s->exit->port.in, .down = s->down };
    enum p2m_type type;
    u64 gpa;

    if (units < 2 || !translate(s, *s->index, &gpa))
        return units < 2 ? IO_NOT_MINE : IO_RETRY;
    p2m_get(s->v->domain->p2m, gpa >> PAGE_SHIFT, &type, NULL);
    if (type != P2M_RAM)
        return IO_NOT_MINE;
    a.data = gpa;
    return hw_io(s->v, &a);
}

static void string(struct vcpu *v, struct exit *exit)
{
    struct string_port s;
    u64 left;
    u32 units;

    if (!string_begin(&s, v, exit))
        return;
    left = exit->port.rep ? guest_regs()->rcx & s.mask : 1;
    for (; left && to_hw(v)->io.units < HW_IO_UNITS; left -= units) {
        enum io_result result;
        units = units_in_page(&s, (u32)min(left, (u64)HW_IO_UNITS));
        result = block(&s, units);
        if (result == IO_RETRY)
            return;
        if (result == IO_NOT_MINE) {
            units = 1;
            if (!one_unit(&s))
                return;
        }
        step(&s, units);
    }
    if (!left)
        container_advance_rip(v, exit);
}

/* ---- One value */

static void single(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    u64 mask = io_ones(exit->port.size);
    struct io_access a = { .address = exit->port.port, .data = exit->port.in ? 0 : regs->rax & mask, .count = 1,
                           .size = exit->port.size, .port = true, .write = !exit->port.in };

    if (hw_io(v, &a) == IO_RETRY)
        return;
    if (exit->port.in)
        regs->rax = exit->port.size == 4 ? (u32)a.data : (regs->rax & ~mask) | (a.data & mask);
    container_advance_rip(v, exit);
}

void hw_port(struct vcpu *v, struct exit *exit)
{
    if (exit->port.string)
        string(v, exit);
    else
        single(v, exit);
}
