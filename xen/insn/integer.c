/* SPDX-License-Identifier: MIT */
/* Moves and arithmetic with a ModRM operand: which opcode is which (AMD64 APM vol. 3, appendix A), and the simple ones
 * themselves. */
#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/alu.h"
#include "insn/state.h"

static enum insn_result arithmetic(struct insn_state *s, enum alu_op op, u64 b)
{
    u64 a, v;
    enum insn_result r = op == ALU_CMP ? insn_get_rm(s, &a) : insn_get_rm_to_update(s, &a);

    if (r != INSN_DONE)
        return r;
    v = alu(op, a, b, s->size, &s->flags);
    return op == ALU_CMP ? INSN_DONE : insn_update(s, a, v);
}

static enum insn_result arithmetic_to_reg(struct insn_state *s, enum alu_op op)
{
    u64 b, v;
    enum insn_result r = insn_get_rm(s, &b);

    if (r != INSN_DONE)
        return r;
    v = alu(op, insn_get_reg(s, s->i->reg, s->size), b, s->size, &s->flags);
    if (op != ALU_CMP)
        insn_set_reg(s, s->i->reg, s->size, v);
    return INSN_DONE;
}

static enum insn_result test(struct insn_state *s, u64 b)
{
    u64 a;
    enum insn_result r = insn_get_rm(s, &a);

    if (r == INSN_DONE)
        alu(ALU_AND, a, b, s->size, &s->flags);
    return r;
}

static enum insn_result invert(struct insn_state *s, bool negate)
{
    u64 a, v;
    enum insn_result r = insn_get_rm_to_update(s, &a);

    if (r != INSN_DONE)
        return r;
    v = negate ? alu_neg(a, s->size, &s->flags) : ~a & size_mask(s->size);
    return insn_update(s, a, v);
}

static enum insn_result step(struct insn_state *s, bool down)
{
    u64 a;
    enum insn_result r = insn_get_rm_to_update(s, &a);

    return r != INSN_DONE ? r : insn_update(s, a, alu_inc(a, down, s->size, &s->flags));
}

static enum insn_result move(struct insn_state *s, bool to_reg)
{
    u64 v = insn_get_reg(s, s->i->reg, s->size);

    if (!to_reg)
        return insn_set_rm(s, v);
    enum insn_result r = insn_get_rm(s, &v);
    if (r == INSN_DONE)
        insn_set_reg(s, s->i->reg, s->size, v);
    return r;
}

/* Between the accumulator and an address that stands in the instruction. */
static enum insn_result move_offset(struct insn_state *s)
{
    u64 v = insn_get_reg(s, 0, s->size);

    if (s->i->opcode & 2)
        return insn_store(s, s->i->segment, s->i->immediate, s->size, v);
    enum insn_result r = insn_load(s, s->i->segment, s->i->immediate, s->size, &v);
    if (r == INSN_DONE)
        insn_set_reg(s, 0, s->size, v);
    return r;
}

/* A selector: 16 bits in memory, zero-extended in a register. */
static enum insn_result move_selector(struct insn_state *s)
{
    unsigned int segment = insn_group(s->i);

    if (!s->memory->segments)
        return INSN_UNHANDLED;
    if (s->i->mod != 3)
        s->size = 2;
    return insn_set_rm(s, s->memory->segments[segment].selector);
}

static enum insn_result extend(struct insn_state *s, unsigned int from, bool sign)
{
    u64 v;

    s->size = from;
    enum insn_result r = insn_get_rm(s, &v);
    if (r == INSN_DONE)
        insn_set_reg(s, s->i->reg, s->i->operand_size, sign ? sign_extend(v, from) : v);
    return r;
}

static enum insn_result move_if(struct insn_state *s)
{
    u64 v;
    enum insn_result r = insn_get_rm(s, &v);   /* memory is read whatever the condition */

    if (r != INSN_DONE)
        return r;
    if (!alu_condition(s->i->opcode, s->flags))
        v = insn_get_reg(s, s->i->reg, s->size);
    insn_set_reg(s, s->i->reg, s->size, v);
    return INSN_DONE;
}

/* XLATB */
static enum insn_result translate(struct insn_state *s)
{
    u64 v, offset = (s->regs.rbx + (u8)s->regs.rax) & size_mask(s->i->address_size);
    enum insn_result r = insn_load(s, s->i->segment, offset, 1, &v);

    if (r == INSN_DONE)
        insn_set_reg(s, 0, 1, v);
    return r;
}

static enum insn_result group3(struct insn_state *s)
{
    unsigned int group = insn_group(s->i);

    return group < 2 ? test(s, s->i->immediate) : group < 4 ? invert(s, group == 3) : insn_multiply(s);
}

enum insn_result insn_one_byte(struct insn_state *s)
{
    const struct insn *i = s->i;
    unsigned int group = insn_group(i);

    if (i->opcode < 0x40 && (i->opcode & 7) < 4)
        return i->opcode & 2 ? arithmetic_to_reg(s, i->opcode >> 3) :
               arithmetic(s, i->opcode >> 3, insn_get_reg(s, i->reg, s->size));
    switch (i->opcode) {
    case 0x63: return i->mode == INSN_64 ? extend(s, 4, true) : INSN_UNHANDLED;
    case 0x69: case 0x6b: return insn_multiply_to_reg(s, true);
    case 0x80 ... 0x83: return arithmetic(s, group, i->immediate);
    case 0x84: case 0x85: return test(s, insn_get_reg(s, i->reg, s->size));
    case 0x86: case 0x87: return insn_exchange(s);
    case 0x88: case 0x89: return move(s, false);
    case 0x8a: case 0x8b: return move(s, true);
    case 0x8c: return move_selector(s);
    case 0xa0 ... 0xa3: return move_offset(s);
    case 0xc0: case 0xc1: return insn_shift(s, (u8)i->immediate);
    case 0xd0: case 0xd1: return insn_shift(s, 1);
    case 0xd2: case 0xd3: return insn_shift(s, (u8)s->regs.rcx);
    case 0xc6: case 0xc7: return group == 0 ? insn_set_rm(s, i->immediate) : INSN_UNHANDLED;
    case 0xd7: return translate(s);
    case 0xf6: case 0xf7: return group3(s);
    case 0xfe: case 0xff:
        if (group < 2)
            return step(s, group == 1);
        break;
    }
    return insn_stack(s);
}

/* CLFLUSH, CLFLUSHOPT, CLWB: a place that is not memory is in no cache. Their address is checked as for a read. */
static enum insn_result flush_line(struct insn_state *s)
{
    unsigned int group = insn_group(s->i);
    u64 linear;

    if (s->i->mod == 3 || s->i->prefix_rep || s->i->prefix_repne || !(group == 7 || (group == 6 && s->i->prefix_66)))
        return INSN_UNHANDLED;
    return insn_linear(s->i, s->memory, s->i->segment, s->offset, 1, false, &linear);
}

static enum insn_result move_non_temporal(struct insn_state *s)
{
    if (s->i->mod == 3 || s->i->prefix_66 || s->i->prefix_rep || s->i->prefix_repne)
        return insn_raise(s->memory, TRAP_UD);
    s->size = max(s->size, 4u);   /* there is no 16-bit form */
    return move(s, false);
}

enum insn_result insn_two_byte(struct insn_state *s)
{
    const struct insn *i = s->i;
    unsigned int group = insn_group(i);

    switch (i->opcode) {
    case 0x40 ... 0x4f: return move_if(s);
    case 0x90 ... 0x9f: s->size = 1; return insn_set_rm(s, alu_condition(i->opcode, s->flags));
    case 0xa3: case 0xab: case 0xb3: case 0xbb: return insn_bit_test(s, (i->opcode >> 3) & 3, false);
    case 0xba: return group < 4 ? insn_raise(s->memory, TRAP_UD) : insn_bit_test(s, group & 3, true);
    case 0xa4: case 0xac: return insn_double_shift(s, (u8)i->immediate);
    case 0xa5: case 0xad: return insn_double_shift(s, (u8)s->regs.rcx);
    case 0xae: return flush_line(s);
    case 0xaf: return insn_multiply_to_reg(s, false);
    case 0xb0: case 0xb1: return insn_compare_exchange(s);
    case 0xb6: case 0xb7: return extend(s, 1 + (i->opcode & 1), false);
    case 0xb8: case 0xbc: case 0xbd: return insn_bit_scan(s);
    case 0xbe: case 0xbf: return extend(s, 1 + (i->opcode & 1), true);
    case 0xc0: case 0xc1: return insn_exchange_add(s);
    case 0xc3: return move_non_temporal(s);
    case 0xc7: return group == 1 ? insn_compare_exchange_pair(s) : INSN_UNHANDLED;
    }
    return INSN_UNHANDLED;
}

enum insn_result insn_three_byte(struct insn_state *s)
{
    bool to_reg = s->i->opcode == 0xf0;
    u64 v;

    /* With F2 these opcodes are CRC32. */
    if ((s->i->opcode & 0xfe) != 0xf0 || s->i->prefix_repne)
        return INSN_UNHANDLED;
    if (s->i->mod == 3)
        return insn_raise(s->memory, TRAP_UD);
    v = insn_get_reg(s, s->i->reg, s->size);
    if (!to_reg)
        return insn_set_rm(s, __builtin_bswap64(v) >> (64 - 8 * s->size));
    enum insn_result r = insn_get_rm(s, &v);
    if (r == INSN_DONE)
        insn_set_reg(s, s->i->reg, s->size, __builtin_bswap64(v) >> (64 - 8 * s->size));
    return r;
}
