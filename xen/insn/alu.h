/* SPDX-License-Identifier: MIT */
/* Integer operations with their flags, as the processor computes them. Pure. */
#ifndef PRISM_INSN_ALU_H
#define PRISM_INSN_ALU_H

#include "lib/types.h"

enum alu_op { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };   /* as encoded in bits 5:3 */
enum shift_op { SHIFT_ROL, SHIFT_ROR, SHIFT_RCL, SHIFT_RCR, SHIFT_SHL, SHIFT_SHR, SHIFT_SAL, SHIFT_SAR };

#define FLAG_CF 1UL
#define FLAG_PF 4UL
#define FLAG_AF 0x10UL
#define FLAG_ZF 0x40UL
#define FLAG_SF 0x80UL
#define FLAG_DF 0x400UL
#define FLAG_OF 0x800UL
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

static inline u64 size_mask(unsigned int size) { return size == 8 ? ~0UL : (1UL << 8 * size) - 1; }

/* a op b of size bytes; *flags: RFLAGS before and after. The result, zero-extended (ALU_CMP: a - b, not to be kept). */
u64 alu(enum alu_op op, u64 a, u64 b, unsigned int size, u64 *flags);
u64 alu_inc(u64 a, bool down, unsigned int size, u64 *flags);   /* CF stays */
u64 alu_neg(u64 a, unsigned int size, u64 *flags);
/* Shifts and rotates; OF is defined for counts of 1 only and is then right; a count of 0 changes nothing. */
u64 alu_shift(enum shift_op op, u64 a, unsigned int count, unsigned int size, u64 *flags);
/* SHLD (left), SHRD: a moves by count, what comes in is b's. OF as above; 16 bits by more than 16: the processor's own
 * choice (APM vol. 3, SHLD), here b goes on into a. */
u64 alu_double_shift(bool left, u64 a, u64 b, unsigned int count, unsigned int size, u64 *flags);
bool alu_condition(unsigned int condition, u64 flags);   /* low four bits of Jcc, SETcc, CMOVcc */

#endif
