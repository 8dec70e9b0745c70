/* SPDX-License-Identifier: MIT */
/* The two sides of a comparison: an instruction carried out by Prism's emulator, and by Unicorn. */
#ifndef PRISM_TESTS_INSN_SIDES_H
#define PRISM_TESTS_INSN_SIDES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>
#include <xen/xen.h>

#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/alu.h"
#include "insn/emulate.h"

#define MEMORY 0x20000UL      /* at the mode's base: all of a real-mode segment that begins in its lower half */
#define CODE (MEMORY - 0x1000)
#define REAL_CS 0x1000
#define MOST_ITERATIONS 8

struct machine_state {
    struct cpu_user_regs regs;
    u8 xmm[16][16];
    u64 mm[8];
    u8 memory[MEMORY] aligned(8);
};

struct pair {
    enum insn_mode mode;
    uc_engine *uc;
    uc_context *fresh;        /* no exception is remembered in it */
    int exception;            /* that Unicorn has met; -1: none */
    u64 base;                 /* linear, of the memory */
    u64 random;
    u64 lowest, highest;      /* what was accessed, as offsets in the memory */
    struct container_segment segments[6];
    struct insn_fault fault;
    struct machine_state ours, theirs, before;
};

static u64 random_of(struct pair *p)
{
    u64 z = p->random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* ---- Prism's side */

static bool touch(struct pair *p, u64 va, unsigned int size)
{
    u64 at = va - p->base;

    if (at >= MEMORY || MEMORY - at < size) {
        p->fault = (struct insn_fault){ TRAP_PF, true, 0, va };
        return false;
    }
    p->lowest = min(p->lowest, at);
    p->highest = max(p->highest, at + size);
    return true;
}

static enum insn_result our_read(void *context, u64 va, void *data, unsigned int size)
{
    struct pair *p = context;

    if (!touch(p, va, size))
        return INSN_FAULT;
    memcpy(data, p->ours.memory + (va - p->base), size);
    return INSN_DONE;
}

static enum insn_result our_write(void *context, u64 va, const void *data, unsigned int size)
{
    struct pair *p = context;

    if (!touch(p, va, size))
        return INSN_FAULT;
    memcpy(p->ours.memory + (va - p->base), data, size);
    return INSN_DONE;
}

static enum insn_result our_cmpxchg(void *context, u64 va, u64 *old, u64 new, unsigned int size)
{
    u64 seen = 0, wanted = *old & size_mask(size);
    enum insn_result r = our_read(context, va, &seen, size);

    *old = seen;
    return r == INSN_DONE && seen == wanted ? our_write(context, va, &new, size) : r;
}

static enum insn_result our_cmpxchg16(void *context, u64 va, u64 old[2], const u64 new[2])
{
    u64 seen[2];
    enum insn_result r = our_read(context, va, seen, 16);

    if (r == INSN_DONE && seen[0] == old[0] && seen[1] == old[1])
        r = our_write(context, va, new, 16);
    memcpy(old, seen, 16);
    return r;
}

/* Unicorn has no AVX. */
static enum insn_result our_get_vector(void *context, unsigned int n, void *data, unsigned int size)
{
    struct pair *p = context;

    if (size == 32)
        return INSN_UNHANDLED;
    memcpy(data, n >= INSN_MMX ? (void *)&p->ours.mm[n - INSN_MMX] : p->ours.xmm[n], size);
    return INSN_DONE;
}

static void our_set_vector(void *context, unsigned int n, const void *data, unsigned int size)
{
    struct pair *p = context;

    memcpy(n >= INSN_MMX ? (void *)&p->ours.mm[n - INSN_MMX] : p->ours.xmm[n], data, size);
}

static enum insn_result emulate(struct pair *p, const struct insn *insn)
{
    struct insn_memory memory = {
        .context = p, .read = our_read, .write = our_write, .cmpxchg = our_cmpxchg, .cmpxchg16 = our_cmpxchg16,
        .get_vector = our_get_vector, .set_vector = our_set_vector, .segments = p->segments, .fault = &p->fault,
        .real_mode = p->mode == INSN_16, .features = INSN_HAS_TZCNT | INSN_HAS_LZCNT,
    };
    struct cpu_user_regs *regs = &p->ours.regs;
    u64 next = regs->rip + insn->length;

    for (;;) {
        enum insn_result r = insn_emulate(insn, regs, &memory, next);
        if (r != INSN_DONE)
            return r;
        enum insn_then then = insn_then(insn, regs);
        if (then == INSN_NEXT)
            regs->rip = next;
        if (then != INSN_REPEATS)
            return r;
    }
}

/* ---- Unicorn's side */

static const int general[16] = {
    UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX, UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI,
    UC_X86_REG_RDI, UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13,
    UC_X86_REG_R14, UC_X86_REG_R15,
};
static const int general32[8] = {
    UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX, UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI,
    UC_X86_REG_EDI,
};
static const int selectors[6] = {
    UC_X86_REG_ES, UC_X86_REG_CS, UC_X86_REG_SS, UC_X86_REG_DS, UC_X86_REG_FS, UC_X86_REG_GS,
};

/* Unicorn forgets some of what it has allocated. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libunicorn\n"; }

static void must(uc_err e, const char *what)
{
    if (e == UC_ERR_OK)
        return;
    fprintf(stderr, "unicorn: %s: %s\n", what, uc_strerror(e));
    abort();
}

static unsigned int registers(const struct pair *p) { return p->mode == INSN_64 ? 16 : 8; }

static void give(struct pair *p)
{
    struct machine_state *t = &p->theirs;
    u64 flags = t->regs.rflags;
    u8 x87[10] = { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    for (unsigned int n = 0; n < registers(p); n++) {
        uc_reg_write(p->uc, p->mode == INSN_64 ? general[n] : general32[n], insn_reg(&t->regs, n));
        uc_reg_write(p->uc, UC_X86_REG_XMM0 + (int)n, t->xmm[n]);
    }
    for (int n = 0; n < 8; n++) {
        memcpy(x87, &t->mm[n], 8);
        uc_reg_write(p->uc, UC_X86_REG_ST0 + n, x87);
    }
    uc_reg_write(p->uc, UC_X86_REG_EFLAGS, &flags);
}

static void take(struct pair *p)
{
    struct machine_state *t = &p->theirs;
    u8 x87[10];

    for (unsigned int n = 0; n < registers(p); n++) {
        *insn_reg(&t->regs, n) = 0;
        uc_reg_read(p->uc, p->mode == INSN_64 ? general[n] : general32[n], insn_reg(&t->regs, n));
        uc_reg_read(p->uc, UC_X86_REG_XMM0 + (int)n, t->xmm[n]);
    }
    for (int n = 0; n < 8; n++) {
        uc_reg_read(p->uc, UC_X86_REG_ST0 + n, x87);
        memcpy(&t->mm[n], x87, 8);
    }
    t->regs.rflags = 0;
    uc_reg_read(p->uc, UC_X86_REG_EFLAGS, &t->regs.rflags);
    t->regs.rip = 0;
    uc_reg_read(p->uc, p->mode == INSN_64 ? UC_X86_REG_RIP : p->mode == INSN_32 ? UC_X86_REG_EIP : UC_X86_REG_IP,
                &t->regs.rip);
}

static void on_exception(uc_engine *uc, uint32_t number, void *context)
{
    struct pair *p = context;

    if (p->exception < 0)
        p->exception = (int)number;
    uc_emu_stop(uc);
}

/* The exception's number; -1: none. All that a memory access can raise is TRAP_PF here. */
static int execute(struct pair *p, const struct insn *insn, bool branches)
{
    u64 code = p->base + CODE;
    uc_err e;

    p->exception = -1;
    uc_ctl_remove_cache(p->uc, code, code + 16);
    give(p);
    /* Where a branch leads there is nothing. Unicorn drops all it has translated if now there is a count and now none. */
    e = uc_emu_start(p->uc, code, branches ? 0 : code + insn->length, 0, branches ? 1 : 10 * MOST_ITERATIONS);
    take(p);
    switch (e) {
    case UC_ERR_OK: return p->exception;
    case UC_ERR_INSN_INVALID: return TRAP_UD;
    case UC_ERR_FETCH_UNMAPPED: return branches ? -1 : TRAP_PF;
    case UC_ERR_READ_UNMAPPED: case UC_ERR_WRITE_UNMAPPED:
    case UC_ERR_READ_PROT: case UC_ERR_WRITE_PROT: return TRAP_PF;
    default: return 100 + (int)e;
    }
}

#endif
