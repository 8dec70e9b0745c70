/* SPDX-License-Identifier: MIT */
/* Carrying out one instruction on memory that is behind operations: finds its kind, checks LOCK, and makes the changes
 * of registers the vCPU's when all accesses have succeeded. */
#include "cpu/x86.h"
#include "insn/alu.h"
#include "insn/state.h"

/* Opcodes whose lowest bit is clear for the byte form. */
static bool byte_form(const struct insn *i)
{
    if (i->opcode & 1)
        return false;
    if (i->opcode_map == 0)
        return i->opcode < 0x40 || (i->opcode >= 0x80 && i->opcode < 0x8c) || (i->opcode >= 0xa0 && i->opcode < 0xb0) ||
               i->opcode == 0x6c || i->opcode == 0x6e || i->opcode >= 0xc0;
    return i->opcode_map == 1 && (i->opcode == 0xb0 || i->opcode == 0xc0);
}

/* LOCK goes with these, and with a memory destination, only; else it is #UD (APM vol. 3, 1.2.5). */
static bool lock_ok(const struct insn *i)
{
    unsigned int group = insn_group(i);
    u8 o = i->opcode;

    if (!i->has_modrm || i->mod == 3)
        return false;
    if (i->opcode_map == 0)
        return (o < 0x38 && (o & 7) < 2) || (o >= 0x80 && o <= 0x83 && group != 7) || o == 0x86 || o == 0x87 ||
               ((o & 0xfe) == 0xf6 && (group == 2 || group == 3)) || ((o & 0xfe) == 0xfe && group < 2);
    return i->opcode_map == 1 && (o == 0xab || o == 0xb3 || o == 0xbb || (o == 0xba && group > 4) || o == 0xb0 ||
                                  o == 0xb1 || o == 0xc0 || o == 0xc1 || (o == 0xc7 && group == 1));
}

static bool is_string(const struct insn *i)
{
    return i->opcode_map == 0 && ((i->opcode >= 0x6c && i->opcode <= 0x6f) || (i->opcode >= 0xa4 && i->opcode <= 0xa7) ||
                                  (i->opcode >= 0xaa && i->opcode <= 0xaf));
}

static bool is_branch(const struct insn *i)
{
    if (i->opcode_map != 0)
        return false;
    return i->opcode == 0xe8 || i->opcode == 0xc2 || i->opcode == 0xc3 ||
           (i->opcode == 0xff && (insn_group(i) == 2 || insn_group(i) == 4));
}

enum insn_then insn_then(const struct insn *insn, const struct cpu_user_regs *regs)
{
    bool zero = regs->rflags & FLAG_ZF;

    if (is_branch(insn))
        return INSN_JUMPED;
    if (!is_string(insn) || !(insn->prefix_rep || insn->prefix_repne))
        return INSN_NEXT;
    if (!(regs->rcx & size_mask(insn->address_size)))
        return INSN_NEXT;
    /* CMPS and SCAS look at the result as well. */
    if ((insn->opcode & 0xf6) == 0xa6 && zero != insn->prefix_rep)
        return INSN_NEXT;
    return INSN_REPEATS;
}

static enum insn_result dispatch(struct insn_state *s)
{
    enum insn_result r = insn_vector(s);

    if (r != INSN_UNHANDLED)
        return r;
    switch (s->i->opcode_map) {
    case 0: return is_string(s->i) ? insn_string(s) : insn_one_byte(s);
    case 1: return insn_two_byte(s);
    case 2: return insn_three_byte(s);
    }
    return INSN_UNHANDLED;
}

enum insn_result insn_emulate(const struct insn *insn, struct cpu_user_regs *regs, const struct insn_memory *memory,
                              u64 next_rip)
{
    struct insn_state s = {
        .i = insn, .regs = *regs, .memory = memory, .next_rip = next_rip, .flags = regs->rflags,
        .size = byte_form(insn) ? 1 : insn->operand_size,
    };
    enum insn_result r;

    if (insn->prefix_lock && !lock_ok(insn))
        return insn_raise(memory, TRAP_UD);
    if (insn->has_modrm && insn->mod != 3)
        s.offset = insn_effective_address(insn, regs, next_rip);
    r = dispatch(&s);
    if (r == INSN_DONE) {
        *regs = s.regs;
        regs->rflags = s.flags;
    }
    return r;
}
