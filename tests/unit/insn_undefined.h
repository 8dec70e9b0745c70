/* SPDX-License-Identifier: MIT */
/* What the manuals leave to the processor, so that two emulators need not agree on it. Sections are of the AMD64 APM,
 * vol. 3, by the instruction's name, unless another is named. */
#ifndef PRISM_TESTS_INSN_UNDEFINED_H
#define PRISM_TESTS_INSN_UNDEFINED_H

#include "insn/alu.h"
#include "insn/decode.h"

static u64 undefined_after_shift(const struct insn *i, unsigned int op, unsigned int count, unsigned int bits)
{
    u64 mask = 0;

    count &= i->operand_size == 8 && bits == 64 ? 63 : 31;
    if (count > 1)
        mask |= FLAG_OF;                    /* "Rotate", "Shift": OF is for one place only */
    if (op >= SHIFT_SHL && count)
        mask |= FLAG_AF;
    if ((op == SHIFT_SHL || op == SHIFT_SAL || op == SHIFT_SHR) && count >= bits)
        mask |= FLAG_CF;                    /* Intel SDM vol. 2, SAL/SAR/SHL/SHR */
    return mask;
}

static u64 undefined_one_byte(const struct insn *i, const struct cpu_user_regs *before)
{
    unsigned int group = (i->modrm >> 3) & 7, bits = i->opcode & 1 ? 8 * i->operand_size : 8;
    unsigned int op = i->opcode < 0x40 ? i->opcode >> 3 : group;

    if (i->opcode < 0x40 || (i->opcode >= 0x80 && i->opcode < 0x84))
        return op == ALU_OR || op == ALU_AND || op == ALU_XOR ? FLAG_AF : 0;
    switch (i->opcode) {
    case 0x84: case 0x85: return FLAG_AF;   /* TEST */
    case 0x69: case 0x6b: return FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF;   /* IMUL */
    case 0xf6: case 0xf7:
        return group < 2 ? FLAG_AF : group < 4 ? 0 : group < 6 ? FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF :
               FLAGS_ARITHMETIC;            /* MUL; DIV, IDIV */
    case 0xc0: case 0xc1: return undefined_after_shift(i, group, (u8)i->immediate, bits);
    case 0xd0: case 0xd1: return undefined_after_shift(i, group, 1, bits);
    case 0xd2: case 0xd3: return undefined_after_shift(i, group, (u8)before->rcx, bits);
    }
    return 0;
}

/* Flags that are not defined after insn, begun with registers `before`. */
static u64 undefined_flags(const struct insn *i, const struct cpu_user_regs *before)
{
    if (i->opcode_map == 0)
        return undefined_one_byte(i, before);
    if (i->opcode_map != 1)
        return 0;
    switch (i->opcode) {
    case 0xa3: case 0xab: case 0xb3: case 0xba: case 0xbb:   /* BT and its kin: CF alone */
        return FLAGS_ARITHMETIC & ~FLAG_CF;
    case 0xbc: case 0xbd:   /* BSF, BSR: ZF alone; TZCNT, LZCNT: CF and ZF */
        return i->prefix_rep ? FLAGS_ARITHMETIC & ~(FLAG_CF | FLAG_ZF) : FLAGS_ARITHMETIC & ~FLAG_ZF;
    case 0xaf: return FLAG_SF | FLAG_ZF | FLAG_AF | FLAG_PF;
    case 0xa4: case 0xac: return undefined_after_shift(i, SHIFT_SHL, (u8)i->immediate, 8 * i->operand_size);
    case 0xa5: case 0xad: return undefined_after_shift(i, SHIFT_SHL, (u8)before->rcx, 8 * i->operand_size);
    }
    return 0;
}

/* Is the result itself not defined? "SHLD", "SHRD": counts beyond the operand's size, which 16 bits allow. */
static bool undefined_result(const struct insn *i, const struct cpu_user_regs *before)
{
    unsigned int count = (u8)(i->opcode & 1 ? before->rcx : i->immediate) & 31;

    return i->opcode_map == 1 && (i->opcode == 0xa4 || i->opcode == 0xa5 || i->opcode == 0xac || i->opcode == 0xad) &&
           i->operand_size == 2 && count > 16;
}

#endif
