/* SPDX-License-Identifier: MIT */
/* One instruction taken apart by Prism's decoder and by Zydis. For the host test and the fuzzer. */
#ifndef PRISM_TESTS_INSN_ZYDIS_H
#define PRISM_TESTS_INSN_ZYDIS_H

#include <stdio.h>
#include <stdlib.h>

#include <Zydis/Zydis.h>
#include <xen/xen.h>

#include "insn/decode.h"
#include "lib/errno.h"

static void zydis_open(ZydisDecoder *decoder, enum insn_mode mode)
{
    static const ZydisMachineMode modes[] = {
        ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_MACHINE_MODE_LONG_64,
    };
    static const ZydisStackWidth widths[] = { ZYDIS_STACK_WIDTH_16, ZYDIS_STACK_WIDTH_32, ZYDIS_STACK_WIDTH_64 };

    /* The MPX that processors had for some years is not looked for. */
    if (ZYAN_FAILED(ZydisDecoderInit(decoder, modes[mode], widths[mode])) ||
        ZYAN_FAILED(ZydisDecoderEnableMode(decoder, ZYDIS_DECODER_MODE_MPX, ZYAN_FALSE)))
        abort();
}

/* What Zydis takes and Prism's decoder refuses or does not take apart: XOP and 3DNow!, which no processor of today has;
 * VIA's 0F A6 and A7; what only Knights Corner had (MVEX, and VEX jumps by a mask register). */
static bool not_ours(const ZydisDecodedInstruction *z)
{
    switch (z->encoding) {
    case ZYDIS_INSTRUCTION_ENCODING_XOP: case ZYDIS_INSTRUCTION_ENCODING_3DNOW: case ZYDIS_INSTRUCTION_ENCODING_MVEX:
        return true;
    case ZYDIS_INSTRUCTION_ENCODING_VEX:
        return z->mnemonic == ZYDIS_MNEMONIC_JKZD || z->mnemonic == ZYDIS_MNEMONIC_JKNZD;
    default:
        return z->opcode_map == ZYDIS_OPCODE_MAP_0F && (z->opcode & 0xfe) == 0xa6;
    }
}

/* 0-15, 0xff: none. */
static u8 number_of(ZydisRegister r)
{
    return r == ZYDIS_REGISTER_NONE || ZydisRegisterGetClass(r) == ZYDIS_REGCLASS_IP ? 0xff : (u8)ZydisRegisterGetId(r);
}

static const char *memory_difference(const struct insn *i, const ZydisDecodedOperand *o)
{
    static const ZydisRegister segments[] = {
        ZYDIS_REGISTER_ES, ZYDIS_REGISTER_CS, ZYDIS_REGISTER_SS, ZYDIS_REGISTER_DS, ZYDIS_REGISTER_FS, ZYDIS_REGISTER_GS,
    };

    /* 3E before a near branch: Intel's CET may take it for another thing (SDM vol. 1, 17.3.1), and Zydis does. */
    bool notrack = i->opcode_map == 0 && i->opcode == 0xff && i->segment == INSN_DS;

    if (o->mem.type == ZYDIS_MEMOP_TYPE_MEM && !notrack && o->mem.segment != segments[i->segment])
        return "segment";
    if (o->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
        return NULL;   /* registers of another kind */
    /* Zydis 4.0 takes REX.B with the SIB byte that has no base for R13D (APM vol. 3, 1.4.3: it does not matter). */
    if (o->mem.base == ZYDIS_REGISTER_R13D && i->mod == 0 && i->has_sib)
        return NULL;
    if (number_of(o->mem.base) != i->base)
        return "base";
    if (ZydisRegisterGetClass(o->mem.base) == ZYDIS_REGCLASS_IP && !i->rip_relative)
        return "RIP";
    if (number_of(o->mem.index) != i->index)
        return "index";
    if (i->index != 0xff && o->mem.scale != 1 << i->scale)
        return "scale";
    /* EVEX counts an 8-bit displacement in units of the operand: not done here. */
    return i->opcode_map < 0x20 && o->mem.disp.value != i->displacement ? "displacement" : NULL;
}

static const char *immediate_difference(const struct insn *i, const ZydisDecodedInstruction *z)
{
    u8 size = z->raw.imm[0].size / 8;
    u64 mask = size < 8 ? (1ULL << 8 * size) - 1 : ~0ULL;

    /* Registers in an immediate byte's upper half, and the last byte of EXTRQ's pair, are not told apart. */
    if (!size || z->raw.imm[1].size)
        return NULL;
    if (size != i->immediate_size)
        return "immediate's size";
    return (z->raw.imm[0].value.u ^ i->immediate) & mask ? "immediate" : NULL;
}

static const char *difference(const struct insn *i, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *o)
{
    if (i->length != z->length)
        return "length";
    if (i->opcode != z->opcode)
        return "opcode";
    if (!(i->has_modrm && i->mod == 3) && i->address_size != z->address_width / 8)
        return "address size";
    if (!!(z->attributes & ZYDIS_ATTRIB_HAS_MODRM) != i->has_modrm)
        return "ModRM";
    for (unsigned int n = 0; n < z->operand_count; n++) {
        const char *wrong = NULL;
        if (o[n].type == ZYDIS_OPERAND_TYPE_MEMORY && o[n].encoding == ZYDIS_OPERAND_ENCODING_MODRM_RM && i->mod != 3)
            wrong = memory_difference(i, &o[n]);
        if (wrong)
            return wrong;
    }
    return immediate_difference(i, z);
}

/* b: INSN_MAX bytes. 1: the same; 0: not compared; -1: different, and said so. */
static int zydis_compare(const ZydisDecoder *decoder, const u8 *b, enum insn_mode mode)
{
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    ZydisDecodedInstruction z;
    struct insn i;
    const char *wrong;
    int rc = insn_decode(b, INSN_MAX, mode, &i);

    if (ZYAN_FAILED(ZydisDecoderDecodeFull(decoder, b, INSN_MAX, &z, operands)) || not_ours(&z))
        return 0;
    wrong = rc ? "refused" : difference(&i, &z, operands);
    if (!wrong)
        return 1;
    fprintf(stderr, "%d bits, ", 16 << mode);
    for (unsigned int n = 0; n < z.length; n++)
        fprintf(stderr, "%02x ", b[n]);
    fprintf(stderr, "%s: %s", ZydisMnemonicGetString(z.mnemonic), wrong);
    fprintf(stderr, rc ? " (%d)\n" : " (%d bytes)\n", rc ? rc : i.length);
    return -1;
}

#endif
