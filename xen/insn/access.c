/* SPDX-License-Identifier: MIT */
/* The emulator's way to registers and memory, with the checks that segmentation makes (AMD64 APM vol. 2, 4.5 to 4.12;
 * canonical addresses: vol. 2, 1.1.3). */
#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/alu.h"
#include "insn/state.h"

#define TYPE_CODE 8
#define TYPE_EXPAND_DOWN 4   /* of data */
#define TYPE_WRITABLE 2      /* of data; of code: readable */

/* ---- Registers */

u64 insn_get_reg(struct insn_state *s, unsigned int n, unsigned int size)
{
    return size == 1 ? *insn_reg8(&s->regs, n, s->i->rex) : *insn_reg(&s->regs, n) & size_mask(size);
}

void insn_set_reg(struct insn_state *s, unsigned int n, unsigned int size, u64 v)
{
    u64 *r = insn_reg(&s->regs, n);

    if (size == 1)
        *insn_reg8(&s->regs, n, s->i->rex) = (u8)v;
    else
        *r = size >= 4 ? v & size_mask(size) : (*r & ~size_mask(size)) | (v & size_mask(size));
}

/* ---- Segments */

enum insn_result insn_raise(const struct insn_memory *memory, u8 vector)
{
    if (memory->fault)
        *memory->fault = (struct insn_fault){ .vector = vector, .has_error = vector == TRAP_GP || vector == TRAP_SS };
    return INSN_FAULT;
}

static bool canonical(u64 va) { return (u64)((s64)(va << 16) >> 16) == va; }

static bool kind_allows(u16 attributes, bool write)
{
    if (!(attributes & SEGMENT_ATTR_P) || !(attributes & SEGMENT_ATTR_S))
        return false;
    if (attributes & TYPE_CODE)
        return !write && (attributes & TYPE_WRITABLE);
    return !write || (attributes & TYPE_WRITABLE);
}

static bool within_limit(const struct container_segment *segment, u64 first, u64 last)
{
    if ((segment->attributes & (TYPE_CODE | TYPE_EXPAND_DOWN)) != TYPE_EXPAND_DOWN)
        return last <= segment->limit;
    return first > segment->limit && last <= (segment->attributes & SEGMENT_ATTR_DB ? 0xffffffff : 0xffff);
}

enum insn_result insn_linear(const struct insn *i, const struct insn_memory *memory, unsigned int segment, u64 offset,
                             unsigned int size, bool write, u64 *linear)
{
    const struct container_segment *g = memory->segments ? &memory->segments[segment] : NULL;
    u8 vector = segment == INSN_SS ? TRAP_SS : TRAP_GP;

    if (i->mode == INSN_64) {
        *linear = offset + (!g ? memory->segment_base[segment] : segment >= INSN_FS ? g->base : 0);
        return !g || (canonical(*linear) && canonical(*linear + size - 1)) ? INSN_DONE : insn_raise(memory, vector);
    }
    *linear = (u32)(offset + (g ? g->base : memory->segment_base[segment]));
    if (g && ((!memory->real_mode && !kind_allows(g->attributes, write)) || !within_limit(g, offset, offset + size - 1)))
        return insn_raise(memory, vector);
    return INSN_DONE;
}

/* ---- Memory */

enum insn_result insn_load(struct insn_state *s, unsigned int segment, u64 offset, unsigned int size, u64 *v)
{
    u64 linear;
    enum insn_result r = insn_linear(s->i, s->memory, segment, offset, size, false, &linear);

    *v = 0;
    return r != INSN_DONE ? r : s->memory->read(s->memory->context, linear, v, size);
}

enum insn_result insn_store(struct insn_state *s, unsigned int segment, u64 offset, unsigned int size, u64 v)
{
    u64 linear;
    enum insn_result r = insn_linear(s->i, s->memory, segment, offset, size, true, &linear);

    return r != INSN_DONE ? r : s->memory->write(s->memory->context, linear, &v, size);
}

enum insn_result insn_get_rm(struct insn_state *s, u64 *v)
{
    if (s->i->mod != 3)
        return insn_load(s, s->i->segment, s->offset, s->size, v);
    *v = insn_get_reg(s, s->i->rm, s->size);
    return INSN_DONE;
}

enum insn_result insn_get_rm_to_update(struct insn_state *s, u64 *v)
{
    u64 linear;
    enum insn_result r = INSN_DONE;

    if (s->i->mod == 3)
        return insn_get_rm(s, v);
    r = insn_linear(s->i, s->memory, s->i->segment, s->offset, s->size, true, &linear);
    if (r == INSN_DONE && s->memory->probe)
        r = s->memory->probe(s->memory->context, linear, s->size);
    return r != INSN_DONE ? r : insn_get_rm(s, v);
}

enum insn_result insn_set_rm(struct insn_state *s, u64 v)
{
    if (s->i->mod != 3)
        return insn_store(s, s->i->segment, s->offset, s->size, v);
    insn_set_reg(s, s->i->rm, s->size, v);
    return INSN_DONE;
}

enum insn_result insn_update(struct insn_state *s, u64 old, u64 new)
{
    u64 linear, seen = old;

    if (s->i->mod == 3)
        return insn_set_rm(s, new);
    enum insn_result r = insn_linear(s->i, s->memory, s->i->segment, s->offset, s->size, true, &linear);
    if (r == INSN_DONE)
        r = s->memory->cmpxchg(s->memory->context, linear, &seen, new & size_mask(s->size), s->size);
    return r != INSN_DONE ? r : (seen & size_mask(s->size)) == old ? INSN_DONE : INSN_RETRY;
}
