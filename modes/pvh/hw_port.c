/* SPDX-License-Identifier: MIT */
/* Ports of a guest in a container. String forms go a unit at a time, or in blocks where who answers takes them; after a
 * bound the guest begins the rest anew. */
#include "modes/pvh/hw_access.h"

/* ---- String forms */

struct string_port {
    struct hw_access access;
    const struct exit *exit;
    const struct insn *insn;
    struct insn_block block;       /* what can be done from where the instruction stands */
    u64 va;                        /* of the next unit in memory */
    bool single;                   /* each iteration may trap */
    u8 ports;                      /* breakpoints on ports that are on */
};

/* The memory operand comes from the instruction's bytes: the processor may not have told it (QEMU 7.2), and has not checked
 * it. Whether the guest may use the port is known for the access that it exited with, so only that is carried out: false
 * where the bytes are another instruction's by now. */
static bool is_same(const struct exit *exit, const struct insn *insn)
{
    u8 opcode = insn->opcode & 0xfe, size = insn->opcode & 1 ? min(insn->operand_size, (u8)4) : 1;

    return insn->opcode_map == 0 && opcode == (exit->port.in ? 0x6c : 0x6e) && size == exit->port.size &&
           !insn->prefix_lock;
}

/* Translates `size` bytes of the unit, as far as they are in va's page. False: a->fault. */
static bool translate(struct string_port *s, u64 va, unsigned int size, u64 *gpa)
{
    return hw_access_translate(&s->access, va, size, s->exit->port.in ? PFEC_WRITE : 0, gpa) == INSN_DONE;
}

static struct io_access access_of(const struct string_port *s)
{
    return (struct io_access){ .address = s->exit->port.port, .count = 1, .size = s->exit->port.size, .port = true,
                               .write = !s->exit->port.in };
}

/* One unit, whose memory is translated before the port is touched. */
static enum insn_result one_unit(struct string_port *s)
{
    struct vcpu *v = s->access.v;
    struct io_access a = access_of(s);
    u64 gpa[4];

    if (!translate(s, s->va, a.size, &gpa[0]))
        return INSN_FAULT;
    for (unsigned int i = 1; i < a.size; i++)
        if (!translate(s, hw_access_wrap(&s->access, s->va + i), 1, &gpa[i]))
            return INSN_FAULT;
    for (unsigned int i = 0; a.write && i < a.size; i++) {
        u8 byte = 0xff;
        (void)hw_read_gpa(v->domain, gpa[i], &byte, 1);
        a.data |= (u64)byte << 8 * i;
    }
    if (hw_io(v, &a) == IO_RETRY)
        return INSN_RETRY;
    s->access.hits = hw_watch_hits(v, s->ports, a.address, a.size, true) |
                     hw_watch_hits(v, s->access.watching, s->va, a.size, !a.write);
    for (unsigned int i = 0; !a.write && i < a.size; i++)
        (void)hw_write_gpa(v->domain, gpa[i], (const u8 *)&a.data + i, 1);
    return INSN_DONE;
}

/* Many units at once, if whoever answers takes them. INSN_UNHANDLED: one at a time, please. */
static enum insn_result many_units(struct string_port *s, u32 units)
{
    struct vcpu *v = s->access.v;
    struct io_access a = access_of(s);

    if (units < 2 || s->single || s->access.aligned_only)
        return INSN_UNHANDLED;
    if (!translate(s, s->va, a.size, &a.data) || hw_place(v, a.data) != PLACE_RAM)
        return INSN_UNHANDLED;
    a.count = units;
    a.down = s->block.down;
    switch (hw_io(v, &a)) {
    case IO_DONE: return INSN_DONE;
    case IO_RETRY: return INSN_RETRY;
    default: return INSN_UNHANDLED;
    }
}

static enum insn_result string_step(struct string_port *s)
{
    struct cpu_user_regs *regs = guest_regs();
    enum insn_result rc = insn_string_block(s->insn, regs, &s->access.memory, PAGE_SIZE, &s->block);
    u32 units;

    if (rc != INSN_DONE || s->block.count == 0)
        return rc;
    s->va = s->exit->port.in ? s->block.destination : s->block.source;
    units = hw_units_in_page(s->va, s->block.size, s->block.down, s->block.count);
    rc = many_units(s, units);
    if (rc == INSN_UNHANDLED) {
        units = 1;
        rc = one_unit(s);
    }
    if (rc == INSN_DONE) {
        insn_string_advance(s->insn, regs, units);
        hw_io_next_unit(s->access.v, units);
    }
    return rc;
}

static void string(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    struct string_port s = { .exit = exit, .insn = hw_io_insn(v), .ports = hw_watching(v, true) };
    enum insn_then then = INSN_REPEATS;
    enum insn_result rc = INSN_DONE;

    if (!s.insn || !is_same(exit, s.insn))
        return;
    hw_access_begin(&s.access, v, exit->cpl);
    s.single = regs->rflags & X86_EFLAGS_TF || s.ports || s.access.watching;
    while (rc == INSN_DONE && then == INSN_REPEATS && to_hw(v)->io.units < (s.single ? 1 : HW_IO_UNITS)) {
        rc = string_step(&s);
        then = insn_then(s.insn, regs);
    }
    hw_access_end(&s.access);
    if (rc == INSN_FAULT)
        hw_inject(v, s.access.fault.vector, s.access.fault.error, s.access.fault.cr2);
    else if (rc == INSN_DONE && then == INSN_REPEATS)
        container_between_units(v);
    else if (rc == INSN_DONE)
        container_advance_rip_by(v, s.insn->length);
    if (rc == INSN_DONE)
        hw_watch_trap(v, s.access.hits);
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
    hw_watch_trap(v, hw_watch_hits(v, hw_watching(v, true), a.address, a.size, true));
}

void hw_port(struct vcpu *v, struct exit *exit)
{
    if (exit->port.string)
        string(v, exit);
    else
        single(v, exit);
}
