/* SPDX-License-Identifier: MIT */
/* One x86 instruction, taken apart (AMD64 APM vol. 3, chapter 1, and appendix A). Pure: works on bytes given to it. */
#ifndef PRISM_INSN_DECODE_H
#define PRISM_INSN_DECODE_H

#include "lib/types.h"

#define INSN_MAX 15

enum insn_mode { INSN_16, INSN_32, INSN_64 };
enum insn_segment { INSN_ES, INSN_CS, INSN_SS, INSN_DS, INSN_FS, INSN_GS, INSN_NO_SEGMENT };

struct insn {
    u8 length;             /* bytes in all */
    u8 mode;               /* enum insn_mode it was decoded for */
    u8 opcode_map;         /* 0: one byte; 1: 0F; 2: 0F38; 3: 0F3A; 0x10|n: VEX map n; 0x20|n: EVEX map n */
    u8 opcode;
    u8 prefix_lock:1, prefix_rep:1, prefix_repne:1, prefix_66:1, prefix_67:1, has_modrm:1, has_sib:1, rip_relative:1;
    u8 rex;                /* 0x40..0x4f, or 0 */
    u8 vex_l, vex_vvvv, vex_pp, vex_w;
    u8 segment;            /* override, or the default of the memory operand */
    u8 operand_size;       /* bytes of the non-byte form: 2, 4, 8 */
    u8 address_size;       /* 2, 4, 8 */
    u8 modrm, mod, reg, rm;   /* reg, rm with REX bits applied */
    u8 base, index, scale; /* of a memory operand: registers 0-15, 0xff none; scale 0-3 */
    s64 displacement;
    u64 immediate; u8 immediate_size;
    u64 immediate2;        /* ENTER, far pointers: the second */
};

/* Takes apart the instruction in bytes[0..available). 0; -EINVAL: no instruction (#UD); -E2BIG: longer than 15 bytes
 * (#GP); -ENODATA: goes on past `available`. Changes *out only on success. */
int insn_decode(const u8 *bytes, size_t available, enum insn_mode mode, struct insn *out);

struct cpu_user_regs;
/* The offset of the memory operand (before the segment base), truncated to the address size. next_rip for
 * RIP-relative. */
u64 insn_effective_address(const struct insn *insn, const struct cpu_user_regs *regs, u64 next_rip);
/* Register n (0-15) of the frame as the whole 64 bits. */
u64 *insn_reg(struct cpu_user_regs *regs, unsigned int n);
/* Byte register n as encoded: with no REX, 4-7 are AH CH DH BH. */
u8 *insn_reg8(struct cpu_user_regs *regs, unsigned int n, bool rex);

#endif
