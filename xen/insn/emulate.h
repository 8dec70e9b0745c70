/* SPDX-License-Identifier: MIT */
/* Carrying out one decoded instruction whose memory operand is not ordinary memory. Pure: memory and the vector
 * registers are behind operations. */
#ifndef PRISM_INSN_EMULATE_H
#define PRISM_INSN_EMULATE_H

#include "insn/decode.h"

struct container_segment;
struct cpu_user_regs;

/* INSN_RETRY: nothing has changed; the instruction is to be emulated again from its beginning, later. It then makes the
 * same accesses in the same order, so that the caller can answer those that it has answered before with what it said
 * then. Only a compare-and-exchange that found another value makes all read before void. */
enum insn_result { INSN_DONE, INSN_UNHANDLED, INSN_FAULT, INSN_RETRY };

struct insn_fault { u8 vector; bool has_error; u32 error; u64 cr2; };

#define INSN_MMX 16   /* vector registers 0-15 are XMM (YMM), from here on MMX */
/* features: what else the encodings of BSF and BSR with F3 are on this processor. */
#define INSN_HAS_TZCNT 1
#define INSN_HAS_LZCNT 2

struct insn_memory {
    void *context;
    /* va is linear; size 1, 2, 4, 8, and of vector moves 16, 32; may cross a page. INSN_DONE, INSN_FAULT (the operation
     * has noted the exception), INSN_RETRY, or INSN_UNHANDLED. */
    enum insn_result (*read)(void *context, u64 va, void *data, unsigned int size);
    enum insn_result (*write)(void *context, u64 va, const void *data, unsigned int size);
    /* Atomically: if *va == old store new. *old gets what was there. size to 8. */
    enum insn_result (*cmpxchg)(void *context, u64 va, u64 *old, u64 new_value, unsigned int size);
    u64 segment_base[6];   /* where `segments` is NULL: nothing is checked then */
    /* The six segments by enum insn_segment, in the form in which a container gives them. Each access is checked as the
     * processor does: canonical addresses in 64-bit mode, else present, kind, limit (AMD64 APM vol. 2, 4.5 to 4.12). */
    const struct container_segment *segments;
    bool real_mode;        /* CR0.PE is 0: limits count, kinds of segments do not */
    u8 features;
    /* Where exceptions found by the emulator itself are noted; the operations may use the same place. May be NULL. */
    struct insn_fault *fault;
    /* The following may be NULL; instructions that need them are INSN_UNHANDLED then (probe: is not asked). */
    /* As cmpxchg, 16 bytes, aligned. */
    enum insn_result (*cmpxchg16)(void *context, u64 va, u64 old[2], const u64 new_value[2]);
    /* Asked before a place is read that will be written in the same instruction: INSN_FAULT as the write would. */
    enum insn_result (*probe)(void *context, u64 va, unsigned int size);
    /* Vector registers: size 16 (XMM), 32 (YMM), 8 (MMX). get is called before anything else happens, for destinations
     * too, and may refuse: INSN_FAULT (#UD, #NM by CR0, CR4, XCR0 and CPUID), INSN_UNHANDLED. set with 16 leaves the
     * upper half alone, and cannot fail after get did not; writing an MMX register has the effect on the x87 tag
     * word and stack top that every MMX instruction has. */
    enum insn_result (*get_vector)(void *context, unsigned int n, void *data, unsigned int size);
    void (*set_vector)(void *context, unsigned int n, const void *data, unsigned int size);
};

/* Emulates insn, decoded from the bytes that end before linear next_rip (as an offset in CS). Known are the integer
 * instructions with a memory operand, string instructions but INS and OUTS, PUSH, POP, near CALL, JMP and RET, and SSE,
 * AVX and MMX moves; docs/CAVEATS.md says what is not. Registers and flags change only with INSN_DONE.
 *
 * INSN_DONE: insn_then() says what becomes of RIP. INSN_FAULT: an exception is noted. INSN_RETRY: see above.
 * INSN_UNHANDLED: an instruction that is not known, or an operation said so.
 *
 * REP: one iteration per call. Context: any; no lock is needed but those of the operations. */
enum insn_result insn_emulate(const struct insn *insn, struct cpu_user_regs *regs, const struct insn_memory *memory,
                              u64 next_rip);

/* What becomes of RIP after INSN_DONE: it goes past the instruction; stays, as there are iterations left; or has been
 * set in regs by a branch. regs: as the emulation left them. */
enum insn_then { INSN_NEXT, INSN_REPEATS, INSN_JUMPED };
enum insn_then insn_then(const struct insn *insn, const struct cpu_user_regs *regs);

/* What a string instruction (MOVS, STOS, LODS, INS, OUTS) can do as one block from where it stands: count units in a row
 * with their addresses rising by size, or falling if `down`, none of which breaks a segment's limit or wraps. */
struct insn_block {
    u64 source, destination;   /* linear, of the first unit; 0 if it has none */
    u64 count;                 /* 0: REP with a count of 0, there is nothing to do */
    u8 size;
    bool has_source, has_destination, down;
};
/* most: the caller's own bound of count, at least 1. INSN_DONE; INSN_FAULT: the first unit's address breaks a rule of
 * its segment; INSN_UNHANDLED: no such instruction. Changes nothing. Pages are the caller's to look at. */
enum insn_result insn_string_block(const struct insn *insn, const struct cpu_user_regs *regs,
                                   const struct insn_memory *memory, u64 most, struct insn_block *block);
/* Moves rSI, rDI, rCX past `units` iterations, at most block.count; then insn_then() as after an emulation. */
void insn_string_advance(const struct insn *insn, struct cpu_user_regs *regs, u64 units);

/* A saved x87, SSE and AVX state as a place of vector registers, for get_vector and set_vector: what FXSAVE has written,
 * or (has_header) XSAVE in the standard format (APM vol. 2, 11.5.2). ymm_offset: as CPUID function 0xd says; 0: no AVX.
 * n and size are as above, and trusted; 32 only with AVX. */
struct insn_image { void *area; bool has_header; u32 ymm_offset; };
void insn_image_get(const struct insn_image *image, unsigned int n, void *data, unsigned int size);
void insn_image_set(const struct insn_image *image, unsigned int n, const void *data, unsigned int size);

#endif
