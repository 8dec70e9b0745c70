/* SPDX-License-Identifier: MIT */
/* Carrying out one decoded instruction whose memory operand is not ordinary memory. Pure: memory is behind
 * operations. */
#ifndef PRISM_INSN_EMULATE_H
#define PRISM_INSN_EMULATE_H

#include "insn/decode.h"

struct cpu_user_regs;
enum insn_result { INSN_DONE, INSN_UNHANDLED, INSN_FAULT, INSN_RETRY };

struct insn_memory {
    void *context;
    /* size 1, 2, 4, 8, 16; va is linear. INSN_DONE, INSN_FAULT (the operation has noted the exception) or
     * INSN_UNHANDLED. */
    enum insn_result (*read)(void *context, u64 va, void *data, unsigned int size);
    enum insn_result (*write)(void *context, u64 va, const void *data, unsigned int size);
    /* Atomically: if *va == old store new. *old gets what was there. */
    enum insn_result (*cmpxchg)(void *context, u64 va, u64 *old, u64 new_value, unsigned int size);
    u64 segment_base[6];
};

/* Emulates insn: data moves (MOV, MOVNTI, XCHG, CMPXCHG, XADD, STOS, MOVS, ...), ALU operations with a memory operand
 * (ADD OR ADC SBB AND SUB XOR CMP TEST INC DEC NOT NEG BT BTS BTR BTC, shifts), with flags as hardware sets them.
 * Registers and flags change only with INSN_DONE; RIP is the caller's. Anything else INSN_UNHANDLED. REP: one
 * iteration per call. */
enum insn_result insn_emulate(const struct insn *insn, struct cpu_user_regs *regs, const struct insn_memory *memory,
                              u64 next_rip);

#endif
