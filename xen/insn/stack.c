/* SPDX-License-Identifier: MIT */
/* PUSH, POP, and the near branches that go by memory (AMD64 APM vol. 3): either side may be what is not memory. */
#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/alu.h"
#include "insn/state.h"

#define RSP 4

/* Of rSP as an address: by SS's D/B bit, in 64-bit mode always all of it. */
static unsigned int stack_size(const struct insn_state *s)
{
    if (s->i->mode == INSN_64)
        return 8;
    if (s->memory->segments)
        return s->memory->segments[INSN_SS].attributes & SEGMENT_ATTR_DB ? 4 : 2;
    return s->i->mode == INSN_32 ? 4 : 2;
}

static void move_stack(struct insn_state *s, u64 by)
{
    unsigned int size = stack_size(s);

    /* In 32-bit code nobody sees the upper half; a 16-bit stack keeps it. */
    insn_set_reg(s, RSP, size, s->regs.rsp + by);
}

static enum insn_result push(struct insn_state *s, u64 v)
{
    unsigned int size = s->i->operand_size;
    u64 top = (s->regs.rsp - size) & size_mask(stack_size(s));
    enum insn_result r = insn_store(s, INSN_SS, top, size, v);

    if (r == INSN_DONE)
        move_stack(s, -(u64)size);
    return r;
}

static enum insn_result pop(struct insn_state *s, u64 *v)
{
    unsigned int size = s->i->operand_size;
    enum insn_result r = insn_load(s, INSN_SS, s->regs.rsp & size_mask(stack_size(s)), size, v);

    if (r == INSN_DONE)
        move_stack(s, size);
    return r;
}

static enum insn_result push_rm(struct insn_state *s)
{
    u64 v;
    enum insn_result r = insn_get_rm(s, &v);

    return r != INSN_DONE ? r : push(s, v);
}

/* An address that counts from rSP takes it as it is after the pop. */
static enum insn_result pop_rm(struct insn_state *s)
{
    u64 v;
    enum insn_result r = pop(s, &v);

    if (r != INSN_DONE)
        return r;
    if (s->i->mod != 3)
        s->offset = insn_effective_address(s->i, &s->regs, s->next_rip);
    return insn_set_rm(s, v);
}

/* Where a branch goes is checked before anything is pushed or popped. */
static enum insn_result branch(struct insn_state *s, u64 target)
{
    target &= size_mask(s->i->operand_size);
    if (s->i->mode == INSN_64 && (u64)((s64)(target << 16) >> 16) != target)
        return insn_raise(s->memory, TRAP_GP);
    if (s->i->mode != INSN_64 && s->memory->segments && target > s->memory->segments[INSN_CS].limit)
        return insn_raise(s->memory, TRAP_GP);
    s->regs.rip = target;
    return INSN_DONE;
}

static enum insn_result call(struct insn_state *s, u64 target)
{
    enum insn_result r = branch(s, target);

    return r != INSN_DONE ? r : push(s, s->next_rip);
}

static enum insn_result return_near(struct insn_state *s)
{
    u64 target;
    enum insn_result r = pop(s, &target);

    if (r != INSN_DONE)
        return r;
    if (s->i->opcode == 0xc2)
        move_stack(s, s->i->immediate);
    return branch(s, target);
}

static enum insn_result group5(struct insn_state *s)
{
    u64 v;
    enum insn_result r;

    switch (insn_group(s->i)) {
    case 2:
        r = insn_get_rm(s, &v);
        return r != INSN_DONE ? r : call(s, v);
    case 4:
        r = insn_get_rm(s, &v);
        return r != INSN_DONE ? r : branch(s, v);
    case 6:
        return push_rm(s);
    }
    return INSN_UNHANDLED;
}

enum insn_result insn_stack(struct insn_state *s)
{
    const struct insn *i = s->i;
    bool near = i->opcode == 0xe8 || i->opcode == 0xc2 || i->opcode == 0xc3 ||
                (i->opcode == 0xff && insn_group(i) != 6);
    u64 v;
    enum insn_result r;

    /* A 16-bit near branch in 64-bit mode: the vendors differ in whether there is one (APM vol. 3, B.5; SDM vol. 2). */
    if (near && i->mode == INSN_64 && i->operand_size != 8)
        return INSN_UNHANDLED;
    switch (i->opcode) {
    case 0x50 ... 0x57:
        return push(s, *insn_reg(&s->regs, (i->opcode & 7) | (i->rex & 1) << 3));
    case 0x58 ... 0x5f:
        r = pop(s, &v);
        if (r == INSN_DONE)
            insn_set_reg(s, (i->opcode & 7) | (i->rex & 1) << 3, i->operand_size, v);
        return r;
    case 0x68: case 0x6a: return push(s, i->immediate);
    case 0x8f: return pop_rm(s);
    case 0xc2: case 0xc3: return return_near(s);
    case 0xe8: return call(s, s->next_rip + i->immediate);
    case 0xff: return group5(s);
    }
    return INSN_UNHANDLED;
}
