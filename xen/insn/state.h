/* SPDX-License-Identifier: MIT */
/* Between the files of the emulator: one instruction under way, its registers, its accesses. */
#ifndef PRISM_INSN_STATE_H
#define PRISM_INSN_STATE_H

#include <xen/xen.h>

#include "insn/emulate.h"

/* Everything is computed on a copy of the frame, which becomes the frame when all accesses have succeeded. */
struct insn_state {
    const struct insn *i;
    struct cpu_user_regs regs;
    const struct insn_memory *memory;
    u64 offset;         /* of the ModRM memory operand in its segment */
    u64 next_rip;
    u64 flags;
    unsigned int size;  /* of the operation */
};

static inline unsigned int insn_group(const struct insn *i) { return (i->modrm >> 3) & 7; }
static inline u64 sign_extend(u64 v, unsigned int size) { return (u64)((s64)(v << (64 - 8 * size)) >> (64 - 8 * size)); }

/* Registers. 32-bit results clear the upper half; smaller ones leave the rest (APM vol. 1, 3.1.2). */
u64 insn_get_reg(struct insn_state *s, unsigned int n, unsigned int size);
void insn_set_reg(struct insn_state *s, unsigned int n, unsigned int size, u64 v);

/* An exception of the instruction's own. Returns INSN_FAULT. */
enum insn_result insn_raise(const struct insn_memory *memory, u8 vector);

/* The linear address of size bytes at offset of segment; INSN_FAULT if an access there breaks a rule. */
enum insn_result insn_linear(const struct insn *i, const struct insn_memory *memory, unsigned int segment, u64 offset,
                             unsigned int size, bool write, u64 *linear);
/* Memory by segment and offset. A load clears what is above size in *v. */
enum insn_result insn_load(struct insn_state *s, unsigned int segment, u64 offset, unsigned int size, u64 *v);
enum insn_result insn_store(struct insn_state *s, unsigned int segment, u64 offset, unsigned int size, u64 v);

/* The ModRM operand, register or memory, of s->size bytes. to_update: insn_update() will follow. */
enum insn_result insn_get_rm(struct insn_state *s, u64 *v);
enum insn_result insn_get_rm_to_update(struct insn_state *s, u64 *v);
enum insn_result insn_set_rm(struct insn_state *s, u64 v);
/* The operand becomes new, if it is old still. What reads and writes one place does it by compare and exchange, LOCK or
 * not, so that nothing another CPU does in between is lost. */
enum insn_result insn_update(struct insn_state *s, u64 old, u64 new);

/* Kinds of instructions, each INSN_UNHANDLED for opcodes it does not know. */
enum insn_result insn_one_byte(struct insn_state *s);      /* arithmetic and moves of the first map */
enum insn_result insn_two_byte(struct insn_state *s);      /* and of the second */
enum insn_result insn_three_byte(struct insn_state *s);    /* MOVBE */
enum insn_result insn_shift(struct insn_state *s, unsigned int count);
enum insn_result insn_double_shift(struct insn_state *s, unsigned int count);
enum insn_result insn_bit_test(struct insn_state *s, unsigned int op, bool immediate);   /* BT, BTS, BTR, BTC */
enum insn_result insn_bit_scan(struct insn_state *s);      /* BSF, BSR, TZCNT, LZCNT, POPCNT */
enum insn_result insn_multiply(struct insn_state *s);      /* group 3: MUL, IMUL, DIV, IDIV */
enum insn_result insn_multiply_to_reg(struct insn_state *s, bool immediate);
enum insn_result insn_exchange(struct insn_state *s);
enum insn_result insn_exchange_add(struct insn_state *s);
enum insn_result insn_compare_exchange(struct insn_state *s);
enum insn_result insn_compare_exchange_pair(struct insn_state *s);   /* CMPXCHG8B, CMPXCHG16B */
enum insn_result insn_string(struct insn_state *s);
enum insn_result insn_stack(struct insn_state *s);         /* PUSH, POP, near CALL, JMP, RET */
enum insn_result insn_vector(struct insn_state *s);

#endif
