/* SPDX-License-Identifier: MIT */
/* Carrying out one instruction on memory that is behind operations. Everything is computed on a copy of the frame,
 * which becomes the frame when all accesses have succeeded. What reads and writes one place does it by compare and
 * exchange, LOCK or not, so that nothing another CPU does in between is lost. */
#include <xen/xen.h>

#include "insn/emulate.h"
#include "insn/alu.h"

struct state {
    const struct insn *i;
    struct cpu_user_regs regs;
    const struct insn_memory *memory;
    u64 address;        /* linear, of the ModRM memory operand */
    u64 flags;
    unsigned int size;  /* of the operation */
};

static u64 get_reg(struct state *s, unsigned int n, unsigned int size)
{
    return size == 1 ? *insn_reg8(&s->regs, n, s->i->rex) : *insn_reg(&s->regs, n) & size_mask(size);
}

/* 32-bit results clear the upper half; smaller ones leave the rest (APM vol. 1, 3.1.2). */
static void set_reg(struct state *s, unsigned int n, unsigned int size, u64 v)
{
    u64 *r = insn_reg(&s->regs, n);

    if (size == 1)
        *insn_reg8(&s->regs, n, s->i->rex) = (u8)v;
    else
        *r = size >= 4 ? v & size_mask(size) : (*r & ~size_mask(size)) | (v & size_mask(size));
}

static enum insn_result load(struct state *s, u64 va, unsigned int size, u64 *v)
{
    *v = 0;
    return s->memory->read(s->memory->context, va, v, size);
}

static enum insn_result store(struct state *s, u64 va, unsigned int size, u64 v)
{
    return s->memory->write(s->memory->context, va, &v, size);
}

static enum insn_result get_rm(struct state *s, u64 *v)
{
    if (s->i->mod != 3)
        return load(s, s->address, s->size, v);
    *v = get_reg(s, s->i->rm, s->size);
    return INSN_DONE;
}

static enum insn_result set_rm(struct state *s, u64 v)
{
    if (s->i->mod != 3)
        return store(s, s->address, s->size, v);
    set_reg(s, s->i->rm, s->size, v);
    return INSN_DONE;
}

/* The operand becomes new, if it is old still. */
static enum insn_result update(struct state *s, u64 old, u64 new)
{
    u64 seen = old;

    if (s->i->mod == 3)
        return set_rm(s, new);
    enum insn_result r = s->memory->cmpxchg(s->memory->context, s->address, &seen, new & size_mask(s->size), s->size);
    return r != INSN_DONE ? r : (seen & size_mask(s->size)) == old ? INSN_DONE : INSN_RETRY;
}

static enum insn_result arithmetic(struct state *s, enum alu_op op, u64 b)
{
    u64 a, v;
    enum insn_result r = get_rm(s, &a);

    if (r != INSN_DONE)
        return r;
    v = alu(op, a, b, s->size, &s->flags);
    return op == ALU_CMP ? INSN_DONE : update(s, a, v);
}

static enum insn_result arithmetic_to_reg(struct state *s, enum alu_op op)
{
    u64 b, v;
    enum insn_result r = get_rm(s, &b);

    if (r != INSN_DONE)
        return r;
    v = alu(op, get_reg(s, s->i->reg, s->size), b, s->size, &s->flags);
    if (op != ALU_CMP)
        set_reg(s, s->i->reg, s->size, v);
    return INSN_DONE;
}

static enum insn_result test(struct state *s, u64 b)
{
    u64 a;
    enum insn_result r = get_rm(s, &a);

    if (r == INSN_DONE)
        alu(ALU_AND, a, b, s->size, &s->flags);
    return r;
}

static enum insn_result exchange(struct state *s)
{
    u64 a, b = get_reg(s, s->i->reg, s->size);
    enum insn_result r = get_rm(s, &a);

    if (r == INSN_DONE)
        r = update(s, a, b);
    if (r == INSN_DONE)
        set_reg(s, s->i->reg, s->size, a);
    return r;
}

static enum insn_result exchange_add(struct state *s)
{
    u64 a, b = get_reg(s, s->i->reg, s->size), sum;
    enum insn_result r = get_rm(s, &a);

    if (r != INSN_DONE)
        return r;
    sum = alu(ALU_ADD, a, b, s->size, &s->flags);
    r = update(s, a, sum);
    if (r == INSN_DONE && s->i->mod == 3)   /* one register twice: the sum stays */
        set_reg(s, s->i->reg, s->size, a), set_rm(s, sum);
    else if (r == INSN_DONE)
        set_reg(s, s->i->reg, s->size, a);
    return r;
}

static enum insn_result compare_exchange(struct state *s)
{
    u64 a, accumulator = get_reg(s, 0, s->size);
    enum insn_result r = get_rm(s, &a);

    if (r != INSN_DONE)
        return r;
    alu(ALU_CMP, accumulator, a, s->size, &s->flags);
    if (s->flags & FLAG_ZF)
        r = update(s, a, get_reg(s, s->i->reg, s->size));
    else if (s->i->mod != 3)
        r = update(s, a, a);   /* a failed one writes memory too */
    if (r == INSN_DONE && !(s->flags & FLAG_ZF))
        set_reg(s, 0, s->size, a);
    return r;
}

/* CMPXCHG8B. Its 16-byte form is more than a page-table entry and is not had. */
static enum insn_result compare_exchange_8(struct state *s)
{
    u64 a, wanted = (u32)s->regs.rax | s->regs.rdx << 32, new = (u32)s->regs.rbx | s->regs.rcx << 32;

    if (s->i->mod == 3 || s->i->operand_size == 8)
        return INSN_UNHANDLED;
    s->size = 8;
    enum insn_result r = get_rm(s, &a);
    if (r == INSN_DONE)
        r = update(s, a, a == wanted ? new : a);
    if (r != INSN_DONE)
        return r;
    s->flags &= ~FLAG_ZF;
    if (a == wanted) {
        s->flags |= FLAG_ZF;
    } else {
        s->regs.rax = (u32)a;
        s->regs.rdx = a >> 32;
    }
    return INSN_DONE;
}

/* BT, BTS, BTR, BTC by op 0-3. A bit offset in a register reaches beyond the operand, in both directions. */
static enum insn_result bit_test(struct state *s, unsigned int op, bool immediate)
{
    unsigned int bits = 8 * s->size;
    s64 bit = immediate ? (s64)s->i->immediate : (s64)(get_reg(s, s->i->reg, s->size) << (64 - bits)) >> (64 - bits);
    u64 a, mask = 1UL << (bit & (bits - 1));

    if (s->i->mod != 3 && !immediate)
        s->address += (bit >> __builtin_ctz(bits)) * s->size;
    enum insn_result r = get_rm(s, &a);
    if (r == INSN_DONE && op != 0)
        r = update(s, a, op == 1 ? a | mask : op == 2 ? a & ~mask : a ^ mask);
    s->flags = (s->flags & ~FLAG_CF) | (a & mask ? FLAG_CF : 0);
    return r;
}

static enum insn_result unary(struct state *s, unsigned int group)
{
    u64 a, v;
    enum insn_result r = get_rm(s, &a);

    if (r != INSN_DONE)
        return r;
    v = group == 2 ? ~a & size_mask(s->size) : alu_neg(a, s->size, &s->flags);
    return update(s, a, v);
}

static enum insn_result step(struct state *s, bool down)
{
    u64 a;
    enum insn_result r = get_rm(s, &a);

    return r != INSN_DONE ? r : update(s, a, alu_inc(a, down, s->size, &s->flags));
}

static enum insn_result do_shift(struct state *s, unsigned int count)
{
    u64 a;
    enum insn_result r = get_rm(s, &a);

    return r != INSN_DONE ? r : update(s, a, alu_shift((s->i->modrm >> 3) & 7, a, count, s->size, &s->flags));
}

static enum insn_result extend(struct state *s, unsigned int from, bool sign)
{
    u64 v;

    s->size = from;
    enum insn_result r = get_rm(s, &v);
    if (r != INSN_DONE)
        return r;
    if (sign)
        v = (u64)((s64)(v << (64 - 8 * from)) >> (64 - 8 * from));
    set_reg(s, s->i->reg, s->i->operand_size, v);
    return INSN_DONE;
}

static u64 string_address(struct state *s, unsigned int reg, unsigned int segment)
{
    return s->memory->segment_base[segment] + (*insn_reg(&s->regs, reg) & size_mask(s->i->address_size));
}

static void string_advance(struct state *s, unsigned int reg)
{
    u64 v = *insn_reg(&s->regs, reg) + (s->flags & FLAG_DF ? -(u64)s->size : s->size);

    set_reg(s, reg, s->i->address_size, v);
}

/* MOVS, STOS, LODS. With REP one iteration: the count goes down, and the caller leaves RIP until it is 0. */
static enum insn_result string_move(struct state *s)
{
    u8 kind = s->i->opcode & 0xfe;
    bool rep = s->i->prefix_rep || s->i->prefix_repne;
    u64 v = get_reg(s, 0, s->size), count = *insn_reg(&s->regs, 1) & size_mask(s->i->address_size);
    enum insn_result r = INSN_DONE;

    if (rep && count == 0)
        return INSN_DONE;
    if (kind != 0xaa)
        r = load(s, string_address(s, 6, s->i->segment), s->size, &v);
    if (r == INSN_DONE && kind != 0xac)
        r = store(s, string_address(s, 7, INSN_ES), s->size, v);
    if (r != INSN_DONE)
        return r;
    if (kind == 0xac)
        set_reg(s, 0, s->size, v);
    if (kind != 0xaa)
        string_advance(s, 6);
    if (kind != 0xac)
        string_advance(s, 7);
    if (rep)
        set_reg(s, 1, s->i->address_size, count - 1);
    return INSN_DONE;
}

static enum insn_result move(struct state *s, bool to_reg)
{
    u64 v = get_reg(s, s->i->reg, s->size);

    if (!to_reg)
        return set_rm(s, v);
    enum insn_result r = get_rm(s, &v);
    if (r == INSN_DONE)
        set_reg(s, s->i->reg, s->size, v);
    return r;
}

static enum insn_result move_offset(struct state *s)
{
    u64 v = get_reg(s, 0, s->size), va = s->memory->segment_base[s->i->segment] + s->i->immediate;

    if (s->i->opcode & 2)
        return store(s, va, s->size, v);
    enum insn_result r = load(s, va, s->size, &v);
    if (r == INSN_DONE)
        set_reg(s, 0, s->size, v);
    return r;
}

static enum insn_result move_swapped(struct state *s, bool to_reg)
{
    u64 v = __builtin_bswap64(get_reg(s, s->i->reg, s->size)) >> (64 - 8 * s->size);

    if (s->i->mod == 3 || s->i->prefix_repne)
        return INSN_UNHANDLED;
    if (!to_reg)
        return set_rm(s, v);
    enum insn_result r = get_rm(s, &v);
    if (r == INSN_DONE)
        set_reg(s, s->i->reg, s->size, __builtin_bswap64(v) >> (64 - 8 * s->size));
    return r;
}

static enum insn_result one_byte(struct state *s)
{
    const struct insn *i = s->i;
    unsigned int group = (i->modrm >> 3) & 7;

    if (i->opcode < 0x40 && (i->opcode & 7) < 4)
        return i->opcode & 2 ? arithmetic_to_reg(s, i->opcode >> 3) :
               arithmetic(s, i->opcode >> 3, get_reg(s, i->reg, s->size));
    switch (i->opcode) {
    case 0x63:
        return i->address_size == 8 || i->rex ? extend(s, 4, true) : INSN_UNHANDLED;
    case 0x80 ... 0x83: return arithmetic(s, group, i->immediate);
    case 0x84: case 0x85: return test(s, get_reg(s, i->reg, s->size));
    case 0x86: case 0x87: return exchange(s);
    case 0x88: case 0x89: return move(s, false);
    case 0x8a: case 0x8b: return move(s, true);
    case 0xa0 ... 0xa3: return move_offset(s);
    case 0xa4: case 0xa5: case 0xaa ... 0xad: return string_move(s);
    case 0xc0: case 0xc1: return do_shift(s, (u8)i->immediate);
    case 0xd0: case 0xd1: return do_shift(s, 1);
    case 0xd2: case 0xd3: return do_shift(s, (u8)s->regs.rcx);
    case 0xc6: case 0xc7: return group == 0 ? set_rm(s, i->immediate) : INSN_UNHANDLED;
    case 0xf6: case 0xf7:
        return group < 2 ? test(s, i->immediate) : group < 4 ? unary(s, group) : INSN_UNHANDLED;
    case 0xfe: case 0xff: return group < 2 ? step(s, group == 1) : INSN_UNHANDLED;
    }
    return INSN_UNHANDLED;
}

static enum insn_result two_byte(struct state *s)
{
    const struct insn *i = s->i;
    u64 v;
    enum insn_result r;

    switch (i->opcode) {
    case 0x40 ... 0x4f:
        r = get_rm(s, &v);
        if (r == INSN_DONE)
            set_reg(s, i->reg, s->size, alu_condition(i->opcode, s->flags) ? v : get_reg(s, i->reg, s->size));
        return r;
    case 0x90 ... 0x9f: s->size = 1; return set_rm(s, alu_condition(i->opcode, s->flags));
    case 0xa3: case 0xab: case 0xb3: case 0xbb: return bit_test(s, (i->opcode >> 3) & 3, false);
    case 0xba: return i->modrm & 0x20 ? bit_test(s, (i->modrm >> 3) & 3, true) : INSN_UNHANDLED;
    case 0xb0: case 0xb1: return compare_exchange(s);
    case 0xb6: case 0xb7: return extend(s, 1 + (i->opcode & 1), false);
    case 0xbe: case 0xbf: return extend(s, 1 + (i->opcode & 1), true);
    case 0xc0: case 0xc1: return exchange_add(s);
    case 0xc3: return i->mod == 3 || i->prefix_66 || i->prefix_rep || i->prefix_repne ? INSN_UNHANDLED : move(s, false);
    case 0xc7: return ((i->modrm >> 3) & 7) == 1 ? compare_exchange_8(s) : INSN_UNHANDLED;
    }
    return INSN_UNHANDLED;
}

/* Opcodes whose lowest bit is clear for the byte form. */
static bool byte_form(const struct insn *i)
{
    if (i->opcode & 1)
        return false;
    if (i->opcode_map == 0)
        return i->opcode != 0x8e && i->opcode != 0x8c;
    return i->opcode == 0xb0 || i->opcode == 0xc0;
}

/* LOCK goes with these, and with a memory destination, only; else it is #UD (APM vol. 3, 1.2.5). */
static bool lock_ok(const struct insn *i)
{
    unsigned int group = (i->modrm >> 3) & 7;
    u8 o = i->opcode;

    if (!i->has_modrm || i->mod == 3)
        return false;
    if (i->opcode_map == 0)
        return (o < 0x38 && (o & 7) < 2) || (o >= 0x80 && o <= 0x83 && group != 7) || o == 0x86 || o == 0x87 ||
               ((o & 0xfe) == 0xf6 && (group == 2 || group == 3)) || ((o & 0xfe) == 0xfe && group < 2);
    return i->opcode_map == 1 && (o == 0xab || o == 0xb3 || o == 0xbb || (o == 0xba && group > 4) || o == 0xb0 ||
                                  o == 0xb1 || o == 0xc0 || o == 0xc1 || (o == 0xc7 && group == 1));
}

enum insn_result insn_emulate(const struct insn *insn, struct cpu_user_regs *regs, const struct insn_memory *memory,
                              u64 next_rip)
{
    struct state s = { .i = insn, .regs = *regs, .memory = memory, .flags = regs->rflags };
    enum insn_result r = INSN_UNHANDLED;

    if (insn->prefix_lock && !lock_ok(insn))
        return INSN_UNHANDLED;
    if (insn->has_modrm && insn->mod != 3) {
        s.address = insn_effective_address(insn, regs, next_rip) + memory->segment_base[insn->segment];
        if (insn->address_size != 8 && insn->segment < INSN_FS)
            s.address = (u32)s.address;
    }
    s.size = byte_form(insn) ? 1 : insn->operand_size;
    if (insn->opcode_map == 0)
        r = one_byte(&s);
    else if (insn->opcode_map == 1)
        r = two_byte(&s);
    else if (insn->opcode_map == 2 && (insn->opcode & 0xfe) == 0xf0) {
        s.size = insn->operand_size;
        r = move_swapped(&s, insn->opcode == 0xf0);
    }
    if (r == INSN_DONE) {
        *regs = s.regs;
        regs->rflags = s.flags;
    }
    return r;
}
