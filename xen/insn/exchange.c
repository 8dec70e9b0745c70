/* SPDX-License-Identifier: MIT */
/* XCHG, XADD, CMPXCHG and its pairs; atomic with LOCK and without. */
#include "cpu/x86.h"
#include "insn/alu.h"
#include "insn/state.h"

enum insn_result insn_exchange(struct insn_state *s)
{
    u64 a, b = insn_get_reg(s, s->i->reg, s->size);
    enum insn_result r = insn_get_rm_to_update(s, &a);

    if (r == INSN_DONE)
        r = insn_update(s, a, b);
    if (r == INSN_DONE)
        insn_set_reg(s, s->i->reg, s->size, a);
    return r;
}

enum insn_result insn_exchange_add(struct insn_state *s)
{
    u64 a, b = insn_get_reg(s, s->i->reg, s->size), sum;
    enum insn_result r = insn_get_rm_to_update(s, &a);

    if (r != INSN_DONE)
        return r;
    sum = alu(ALU_ADD, a, b, s->size, &s->flags);
    if (s->i->mod == 3) {   /* one register twice: the sum stays */
        insn_set_reg(s, s->i->reg, s->size, a);
        return insn_set_rm(s, sum);
    }
    r = insn_update(s, a, sum);
    if (r == INSN_DONE)
        insn_set_reg(s, s->i->reg, s->size, a);
    return r;
}

enum insn_result insn_compare_exchange(struct insn_state *s)
{
    u64 a, accumulator = insn_get_reg(s, 0, s->size), new = insn_get_reg(s, s->i->reg, s->size);
    enum insn_result r = insn_get_rm_to_update(s, &a);

    if (r != INSN_DONE)
        return r;
    alu(ALU_CMP, accumulator, a, s->size, &s->flags);
    if (s->flags & FLAG_ZF)
        r = insn_update(s, a, new);
    else if (s->i->mod != 3)
        r = insn_update(s, a, a);   /* a failed one writes memory too */
    if (r == INSN_DONE && !(s->flags & FLAG_ZF))
        insn_set_reg(s, 0, s->size, a);
    return r;
}

/* The accumulator pair, or the other one, of 4 or 8 bytes each. */
static void get_pair(const u64 low, const u64 high, bool wide, u64 pair[2])
{
    pair[0] = wide ? low : (u32)low | high << 32;
    pair[1] = wide ? high : 0;
}

static enum insn_result compare_exchange_16(struct insn_state *s, const u64 wanted[2], const u64 new[2], u64 seen[2])
{
    u64 linear;
    enum insn_result r = insn_linear(s->i, s->memory, s->i->segment, s->offset, 16, true, &linear);

    if (r != INSN_DONE)
        return r;
    if (linear & 15)
        return insn_raise(s->memory, TRAP_GP);
    if (!s->memory->cmpxchg16)
        return INSN_UNHANDLED;
    seen[0] = wanted[0];
    seen[1] = wanted[1];
    return s->memory->cmpxchg16(s->memory->context, linear, seen, new);
}

enum insn_result insn_compare_exchange_pair(struct insn_state *s)
{
    bool wide = s->i->operand_size == 8, equal;
    u64 wanted[2], new[2], seen[2] = { 0, 0 };
    enum insn_result r;

    if (s->i->mod == 3)
        return insn_raise(s->memory, TRAP_UD);
    get_pair(s->regs.rax, s->regs.rdx, wide, wanted);
    get_pair(s->regs.rbx, s->regs.rcx, wide, new);
    s->size = 8;
    if (wide) {
        r = compare_exchange_16(s, wanted, new, seen);
    } else {
        r = insn_get_rm_to_update(s, &seen[0]);
        if (r == INSN_DONE)
            r = insn_update(s, seen[0], seen[0] == wanted[0] ? new[0] : seen[0]);
    }
    if (r != INSN_DONE)
        return r;
    equal = seen[0] == wanted[0] && seen[1] == wanted[1];
    s->flags = (s->flags & ~FLAG_ZF) | (equal ? FLAG_ZF : 0);
    if (!equal) {
        s->regs.rax = wide ? seen[0] : (u32)seen[0];
        s->regs.rdx = wide ? seen[1] : seen[0] >> 32;
    }
    return INSN_DONE;
}
