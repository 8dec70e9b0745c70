/* SPDX-License-Identifier: MIT */
/* One instruction on Prism's emulator and on Unicorn, from the same registers, flags, vector registers and memory; then
 * everything must be equal but what the manuals leave open. For the host test and the fuzzer. */
#ifndef PRISM_TESTS_INSN_UNICORN_H
#define PRISM_TESTS_INSN_UNICORN_H

#include "tests/unit/insn_sides.h"
#include "tests/unit/insn_undefined.h"

enum verdict { SAME, DIFFERENT, NOT_COMPARED };

/* Real mode begins without SSE, and the guest itself has to ask for it. */
static void allow_sse(struct pair *p)
{
    static const u8 code[] = { 0x66, 0xb8, 0, 6, 0, 0, 0x0f, 0x22, 0xe0 };   /* mov $0x600, %eax; mov %eax, %cr4 */
    u16 cs = REAL_CS;

    memcpy(p->theirs.memory + CODE, code, sizeof(code));
    uc_reg_write(p->uc, UC_X86_REG_CS, &cs);
    must(uc_emu_start(p->uc, CODE, CODE + sizeof(code), 0, 0), "CR4");
}

static void pair_open(struct pair *p, enum insn_mode mode)
{
    static const uc_mode modes[] = { UC_MODE_16, UC_MODE_32, UC_MODE_64 };
    uc_hook hook;

    p->mode = mode;
    p->base = mode == INSN_16 ? 0 : 0x40000000;
    must(uc_open(UC_ARCH_X86, modes[mode], &p->uc), "open");
    must(uc_ctl_set_cpu_model(p->uc, UC_CPU_X86_EPYC_ROME), "CPU model");
    must(uc_mem_map_ptr(p->uc, p->base, MEMORY, UC_PROT_ALL, p->theirs.memory), "memory");
    must(uc_hook_add(p->uc, &hook, UC_HOOK_INTR, (void *)on_exception, p, 1, 0), "hook");
    if (mode == INSN_16)
        allow_sse(p);
    must(uc_context_alloc(p->uc, &p->fresh), "context");
    must(uc_context_save(p->uc, p->fresh), "context");
    p->random = mode + 1;
    for (unsigned int n = 0; n < MEMORY; n += 8) {
        u64 v = random_of(p) & random_of(p) & (n & 64 ? 0xff00ff : ~0UL);   /* small numbers, zeroes, and others */
        memcpy(p->before.memory + n, &v, 8);
    }
    memcpy(p->ours.memory, p->before.memory, MEMORY);
    memcpy(p->theirs.memory, p->before.memory, MEMORY);
}

/* Segments: real mode's by selectors, FS and GS in 64-bit mode by base, else flat. */
static void set_segments(struct pair *p)
{
    for (unsigned int n = 0; n < 6; n++) {
        struct container_segment *g = &p->segments[n];
        u16 selector = n == INSN_CS ? REAL_CS : (u16)(random_of(p) % REAL_CS);
        *g = (struct container_segment){ .attributes = SEGMENT_ATTR_P | SEGMENT_ATTR_S | SEGMENT_ATTR_DB | 3,
                                         .limit = 0xffffffff };
        if (p->mode == INSN_16) {
            *g = (struct container_segment){ selector, SEGMENT_ATTR_P | SEGMENT_ATTR_S | 3, 0xffff, selector * 16UL };
            uc_reg_write(p->uc, selectors[n], &selector);
        } else if (p->mode == INSN_64 && n >= INSN_FS) {
            g->base = random_of(p) % 0x1000 * 8;
            uc_reg_write(p->uc, n == INSN_FS ? UC_X86_REG_FS_BASE : UC_X86_REG_GS_BASE, &g->base);
        } else {
            uc_reg_read(p->uc, selectors[n], &g->selector);
        }
    }
}

static u64 place_in_memory(struct pair *p, unsigned int segment)
{
    u64 at = random_of(p) % (CODE - 0x1000) + 0x800;

    if (p->mode == INSN_16)
        return random_of(p) & (random_of(p) & 1 ? 0xfff0 : 0xffff);
    if (random_of(p) % 4)
        at &= ~15UL;
    return p->base + at - (p->mode == INSN_64 && segment >= INSN_FS ? p->segments[segment].base : 0);
}

/* Prefixes of which Unicorn has its own view. In 64-bit mode those of ES, CS, SS and DS are ignored (APM vol. 3, 1.2.4),
 * and a REX that does not stand last is (1.2.7); there they take the place of FS or GS before them, and it counts. Of F2
 * and F3 the last counts here, F3 there; the manuals do not say (SDM vol. 2, 2.1.1). */
static bool odd_prefixes(const struct pair *p, const u8 *bytes)
{
    bool fs_or_gs = false, flat = false, repne = false, rep = false, rex = false;

    for (;; bytes++) {
        switch (*bytes) {
        case 0x64: case 0x65: fs_or_gs = true; break;
        case 0x26: case 0x2e: case 0x36: case 0x3e: flat = true; break;
        case 0x66: case 0x67: case 0xf0: break;
        case 0xf2: repne = true; break;
        case 0xf3: rep = true; break;
        default:
            if (p->mode != INSN_64 || (*bytes & 0xf0) != 0x40)
                return (p->mode == INSN_64 && fs_or_gs && flat) || (repne && rep);
            rex = true;
            continue;
        }
        if (rex)
            return true;
    }
}

static bool is_string(const struct insn *i)
{
    return i->opcode_map == 0 && ((i->opcode >= 0xa4 && i->opcode <= 0xa7) || (i->opcode >= 0xaa && i->opcode <= 0xaf));
}

/* Makes the operand's address one in memory: by a register, or by the bytes themselves. */
static void aim(struct pair *p, const struct insn *i, u8 *bytes)
{
    struct cpu_user_regs *r = &p->before.regs;
    u64 wanted = place_in_memory(p, i->segment), v;
    bool offset = i->opcode_map == 0 && i->opcode >= 0xa0 && i->opcode <= 0xa3;
    unsigned int displacement = i->address_size == 2 ? 2 : 4;

    if (offset) {
        memcpy(bytes + i->length - i->immediate_size, &wanted, i->immediate_size);
    } else if (i->has_modrm && i->mod != 3 && i->base == 0xff && i->index == 0xff) {
        v = i->rip_relative ? wanted - (r->rip + i->length) : wanted;
        memcpy(bytes + i->length - i->immediate_size - displacement, &v, displacement);
    } else if (i->has_modrm && i->mod != 3 && i->base == 0xff) {
        *insn_reg(r, i->index) = (wanted - (u64)i->displacement) >> i->scale;
    } else if (i->has_modrm && i->mod != 3) {
        if (i->index != 0xff && i->index != i->base && i->address_size > 2)
            *insn_reg(r, i->index) = random_of(p) >> (random_of(p) & 63);
        *insn_reg(r, i->base) += wanted - insn_effective_address(i, r, 0);
    }
    if (i->opcode_map == 1 && (i->opcode & 0xe7) == 0xa3 && i->mod != 3 && i->reg != i->base && i->reg != i->index)
        *insn_reg(r, i->reg) = (u64)((s64)random_of(p) >> (48 + random_of(p) % 16));   /* how far BT reaches */
}

static void randomize(struct pair *p)
{
    struct cpu_user_regs *r = &p->before.regs;

    memset(r, 0, sizeof(*r));
    for (unsigned int n = 0; n < registers(p); n++)
        *insn_reg(r, n) = random_of(p) >> (random_of(p) % 4 ? 0 : random_of(p) & 63);
    for (unsigned int n = 0; n < 16; n++)
        for (unsigned int k = 0; k < 2; k++)
            ((u64 *)p->before.xmm[n])[k] = n < registers(p) ? random_of(p) : 0;
    for (unsigned int n = 0; n < 8; n++)
        p->before.mm[n] = random_of(p);
    r->rflags = (random_of(p) & (FLAGS_ARITHMETIC | FLAG_DF)) | 2;
    r->rsp = place_in_memory(p, INSN_SS) & ~7UL;
    r->rip = p->mode == INSN_16 ? CODE - REAL_CS * 16 : p->base + CODE;
}

static void describe(struct pair *p, const struct insn *i, const u8 *bytes, const char *what)
{
    fprintf(stderr, "%d bits, ", 16 << p->mode);
    for (unsigned int n = 0; n < i->length; n++)
        fprintf(stderr, "%02x ", bytes[n]);
    fprintf(stderr, ": %s\n", what);
    for (unsigned int n = 0; n < registers(p); n++)
        if (*insn_reg(&p->ours.regs, n) != *insn_reg(&p->theirs.regs, n))
            fprintf(stderr, "  register %u: %lx before, %lx here, %lx there\n", n, *insn_reg(&p->before.regs, n),
                    *insn_reg(&p->ours.regs, n), *insn_reg(&p->theirs.regs, n));
    fprintf(stderr, "  flags: %lx before, %lx here, %lx there; rip %lx here, %lx there\n",
            (unsigned long)p->before.regs.rflags, (unsigned long)p->ours.regs.rflags,
            (unsigned long)p->theirs.regs.rflags, (unsigned long)p->ours.regs.rip, (unsigned long)p->theirs.regs.rip);
    for (u64 n = 0; n < MEMORY; n++)
        if (p->ours.memory[n] != p->theirs.memory[n]) {
            fprintf(stderr, "  memory %lx: %02x before, %02x here, %02x there\n", p->base + n, p->before.memory[n],
                    p->ours.memory[n], p->theirs.memory[n]);
            break;
        }
}

/* The sanitizer's memcmp() goes byte by byte. */
__attribute__((no_sanitize("address", "undefined"))) static bool same_memory(const struct pair *p)
{
    const u64 *a = (const u64 *)p->ours.memory, *b = (const u64 *)p->theirs.memory;

    for (unsigned int n = 0; n < MEMORY / 8; n++)
        if (a[n] != b[n])
            return false;
    return true;
}

static enum verdict judge(struct pair *p, const struct insn *i, const u8 *bytes, enum insn_result ours, int theirs)
{
    u64 flags = FLAGS_ARITHMETIC & ~undefined_flags(i, &p->before.regs);
    int exception = ours == INSN_DONE ? -1 : p->fault.vector;

    if (exception != theirs) {
        fprintf(stderr, "exception %d here, %d there: ", exception, theirs);
        describe(p, i, bytes, "another outcome");
        return DIFFERENT;
    }
    for (unsigned int n = 0; n < registers(p); n++)
        if (*insn_reg(&p->ours.regs, n) != *insn_reg(&p->theirs.regs, n))
            return describe(p, i, bytes, "another register"), DIFFERENT;
    if (exception >= 0)
        return SAME;
    if ((p->ours.regs.rflags ^ p->theirs.regs.rflags) & flags)
        return describe(p, i, bytes, "other flags"), DIFFERENT;
    if (p->ours.regs.rip != p->theirs.regs.rip)
        return describe(p, i, bytes, "another way"), DIFFERENT;
    if (memcmp(p->ours.xmm, p->theirs.xmm, sizeof(p->ours.xmm)) || memcmp(p->ours.mm, p->theirs.mm, sizeof(p->ours.mm)))
        return describe(p, i, bytes, "other vector registers"), DIFFERENT;
    if (!same_memory(p))
        return describe(p, i, bytes, "other memory"), DIFFERENT;
    return SAME;
}

/* Where Unicorn 2.0.1 is no measure. test_emulate.c and test_insn_rules.c have these. */
static bool beyond_one_byte(const struct insn *i)
{
    unsigned int group = (i->modrm >> 3) & 7;

    if (i->opcode == 0xc2)   /* RET takes its number for a signed one */
        return i->immediate & 0x8000;
    if ((i->opcode & 0xfe) == 0xc6)   /* MOV refuses REX.R, which has no meaning */
        return i->rex & 4;
    /* No second encoding of TEST; other flags of NEG with LOCK than without. */
    return (i->opcode & 0xfe) == 0xf6 && (group == 1 || (group == 3 && i->prefix_lock));
}

static bool beyond_two_byte(const struct insn *i)
{
    bool rep = i->prefix_rep || i->prefix_repne;

    switch (i->opcode) {
    case 0xba: return (i->modrm & 0x38) < 0x20;   /* reads the operand of what is none of BT's kin */
    case 0xc3: return i->prefix_66 || rep;   /* MOVNTI has no prefixes */
    case 0xa4: case 0xac: return i->rip_relative;   /* SHLD counts from before its last byte */
    case 0xb1: return i->mod == 3 && i->operand_size == 4;   /* a failed CMPXCHG clears half of its destination */
    case 0xbc: case 0xbd: return i->prefix_rep || i->operand_size == 4;   /* the same of a BSF that finds nothing */
    case 0xae: case 0xb8: case 0xf0: return true;   /* CLFLUSHOPT, CLWB, POPCNT, LDDQU are unknown */
    }
    /* 66 goes before F2 and F3 in choosing an SSE instruction. */
    return i->prefix_66 && rep && (i->opcode < 0x40 || (i->opcode >= 0x60 && i->opcode < 0x80) || i->opcode >= 0xd0);
}

static bool beyond_unicorn(const struct pair *p, const struct insn *i, enum insn_result r)
{
    /* It looks neither at limits, nor at the alignment of SSE operands, nor always at LOCK where it must not stand. */
    if (r == INSN_FAULT && (p->fault.vector == TRAP_SS || p->fault.vector == TRAP_GP ||
                            (p->fault.vector == TRAP_UD && i->prefix_lock)))
        return true;
    return i->opcode_map == 0 ? beyond_one_byte(i) : i->opcode_map == 1 ? beyond_two_byte(i) : true;   /* no MOVBE */
}

static void restore(struct pair *p, u64 at, u64 size)
{
    memcpy(p->ours.memory + at, p->before.memory + at, size);
    memcpy(p->theirs.memory + at, p->before.memory + at, size);
}

/* bytes: 15 of them, of which the instruction is the beginning; changed where its operand is. */
static enum verdict pair_compare(struct pair *p, u8 *bytes, u64 seed)
{
    struct insn insn;
    enum verdict verdict = NOT_COMPARED;

    p->random = seed;
    must(uc_context_restore(p->uc, p->fresh), "context");
    set_segments(p);
    randomize(p);
    if (insn_decode(bytes, INSN_MAX, p->mode, &insn) || odd_prefixes(p, bytes))
        return NOT_COMPARED;
    aim(p, &insn, bytes);
    if (insn_decode(bytes, INSN_MAX, p->mode, &insn))
        return NOT_COMPARED;
    if (p->mode != INSN_64)
        for (unsigned int n = 0; n < 8; n++)
            *insn_reg(&p->before.regs, n) = (u32)*insn_reg(&p->before.regs, n);
    if (is_string(&insn)) {
        p->before.regs.rsi = place_in_memory(p, insn.segment);
        p->before.regs.rdi = place_in_memory(p, INSN_ES);
        if (insn.prefix_rep || insn.prefix_repne)
            p->before.regs.rcx = random_of(p) % MOST_ITERATIONS;
    }
    p->ours.regs = p->theirs.regs = p->before.regs;
    memcpy(p->ours.xmm, p->before.xmm, sizeof(p->ours.xmm) + sizeof(p->ours.mm));
    memcpy(p->theirs.xmm, p->before.xmm, sizeof(p->ours.xmm) + sizeof(p->ours.mm));
    memcpy(p->ours.memory + CODE, bytes, INSN_MAX);
    memcpy(p->theirs.memory + CODE, bytes, INSN_MAX);
    p->lowest = MEMORY;
    p->highest = 0;
    enum insn_result r = emulate(p, &insn);
    if (r != INSN_UNHANDLED && p->highest <= CODE && !undefined_result(&insn, &p->before.regs) && !beyond_unicorn(p, &insn, r))
        verdict = judge(p, &insn, bytes, r, execute(p, &insn, insn_then(&insn, &p->ours.regs) == INSN_JUMPED));
    restore(p, CODE, INSN_MAX);
    if (p->lowest < p->highest)
        restore(p, p->lowest, p->highest - p->lowest);
    if (r == INSN_FAULT || verdict == DIFFERENT)
        restore(p, 0, MEMORY);   /* Unicorn may have written the first part of what crosses its end */
    return verdict;
}

#endif
