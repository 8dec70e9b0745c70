/* SPDX-License-Identifier: MIT */
/* String instructions: one iteration, or how far many reach as one block (AMD64 APM vol. 3, 1.2.6). */
#include "cpu/x86.h"
#include "insn/alu.h"
#include "insn/state.h"

#define SOURCE 6        /* rSI */
#define DESTINATION 7   /* rDI, always in ES */

static bool repeats(const struct insn *i) { return i->prefix_rep || i->prefix_repne; }

static u64 address_reg(const struct insn *i, const struct cpu_user_regs *regs, unsigned int n)
{
    return *insn_reg((struct cpu_user_regs *)regs, n) & size_mask(i->address_size);   /* read only */
}

/* A 32-bit register is written whole, a 16-bit one in part, as elsewhere. */
static void set_address_reg(const struct insn *i, struct cpu_user_regs *regs, unsigned int n, u64 v)
{
    u64 *r = insn_reg(regs, n);

    *r = i->address_size == 2 ? (*r & ~0xffffUL) | (u16)v : v & size_mask(i->address_size);
}

/* What the opcodes have: by their high seven bits. */
static bool has_source(u8 opcode) { return (opcode & 0xfe) != 0xaa && (opcode & 0xfe) != 0xae && (opcode & 0xfe) != 0x6c; }
static bool has_destination(u8 opcode) { return (opcode & 0xfe) != 0xac && (opcode & 0xfe) != 0x6e; }

/* Bytes of one iteration; ports are 32 bits wide at most. */
static u8 unit_size(const struct insn *i)
{
    return !(i->opcode & 1) ? 1 : i->opcode < 0x70 ? min(i->operand_size, (u8)4) : i->operand_size;
}

void insn_string_advance(const struct insn *i, struct cpu_user_regs *regs, u64 units)
{
    u64 size = unit_size(i), step = (regs->rflags & FLAG_DF ? -size : size) * units;

    if (has_source(i->opcode))
        set_address_reg(i, regs, SOURCE, address_reg(i, regs, SOURCE) + step);
    if (has_destination(i->opcode))
        set_address_reg(i, regs, DESTINATION, address_reg(i, regs, DESTINATION) + step);
    if (repeats(i))
        set_address_reg(i, regs, 1, address_reg(i, regs, 1) - units);
}

/* CMPS and SCAS compare, in this order: source or accumulator, destination. */
static enum insn_result compare(struct insn_state *s)
{
    u64 a = insn_get_reg(s, 0, s->size), b;
    enum insn_result r = INSN_DONE;

    if (has_source(s->i->opcode))
        r = insn_load(s, s->i->segment, address_reg(s->i, &s->regs, SOURCE), s->size, &a);
    if (r == INSN_DONE)
        r = insn_load(s, INSN_ES, address_reg(s->i, &s->regs, DESTINATION), s->size, &b);
    if (r == INSN_DONE)
        alu(ALU_CMP, a, b, s->size, &s->flags);
    return r;
}

/* MOVS, STOS, LODS. */
static enum insn_result move(struct insn_state *s)
{
    u64 v = insn_get_reg(s, 0, s->size);
    enum insn_result r = INSN_DONE;

    if (has_source(s->i->opcode))
        r = insn_load(s, s->i->segment, address_reg(s->i, &s->regs, SOURCE), s->size, &v);
    if (r == INSN_DONE && has_destination(s->i->opcode))
        r = insn_store(s, INSN_ES, address_reg(s->i, &s->regs, DESTINATION), s->size, v);
    else if (r == INSN_DONE)
        insn_set_reg(s, 0, s->size, v);
    return r;
}

enum insn_result insn_string(struct insn_state *s)
{
    enum insn_result r;

    if (s->i->opcode < 0xa0)
        return INSN_UNHANDLED;   /* INS, OUTS: ports are the caller's */
    if (repeats(s->i) && address_reg(s->i, &s->regs, 1) == 0)
        return INSN_DONE;
    r = (s->i->opcode & 0xf6) == 0xa6 ? compare(s) : move(s);
    if (r == INSN_DONE)
        insn_string_advance(s->i, &s->regs, 1);
    return r;
}

/* ---- Blocks */

#define MOST_UNITS (1UL << 20)   /* more than anybody carries out at once, and less than what address spaces are apart */

/* How many units from `offset` on break no rule, and where the first is. block->count goes down to that. */
static enum insn_result reach(const struct insn *i, const struct insn_memory *memory, unsigned int segment, u64 offset,
                              struct insn_block *block, u64 *linear)
{
    u64 room = block->down ? offset / block->size + 1 : (size_mask(i->address_size) - offset) / block->size, other;
    bool write = linear == &block->destination;
    struct insn_memory quiet = *memory;
    enum insn_result r = insn_linear(i, memory, segment, offset, block->size, write, linear);

    if (r != INSN_DONE)
        return r;
    block->count = max(min(block->count, room), 1UL);
    quiet.fault = NULL;
    /* What is allowed is in one piece: if the farthest unit is, so are those between. */
    while (block->count > 1) {
        u64 distance = (block->count - 1) * (block->down ? -(u64)block->size : block->size);
        if (insn_linear(i, &quiet, segment, offset + distance, block->size, write, &other) == INSN_DONE &&
            other - *linear == distance)
            break;
        block->count /= 2;
    }
    return INSN_DONE;
}

/* All but CMPS and SCAS, which look at each unit before they go on. */
static bool moves_only(const struct insn *i)
{
    return i->opcode_map == 0 && ((i->opcode >= 0x6c && i->opcode <= 0x6f) || i->opcode == 0xa4 || i->opcode == 0xa5 ||
                                  (i->opcode >= 0xaa && i->opcode <= 0xad));
}

enum insn_result insn_string_block(const struct insn *i, const struct cpu_user_regs *regs,
                                   const struct insn_memory *memory, u64 most, struct insn_block *block)
{
    struct insn_block b = {
        .size = unit_size(i), .down = regs->rflags & FLAG_DF, .count = 1,
        .has_source = has_source(i->opcode), .has_destination = has_destination(i->opcode),
    };
    enum insn_result r = INSN_DONE;

    if (!moves_only(i))
        return INSN_UNHANDLED;
    if (repeats(i))
        b.count = min(min(most, MOST_UNITS), address_reg(i, regs, 1));
    if (b.count && b.has_source)
        r = reach(i, memory, i->segment, address_reg(i, regs, SOURCE), &b, &b.source);
    if (b.count && r == INSN_DONE && b.has_destination)
        r = reach(i, memory, INSN_ES, address_reg(i, regs, DESTINATION), &b, &b.destination);
    if (r == INSN_DONE)
        *block = b;
    return r;
}
