/* SPDX-License-Identifier: MIT */
/* Moves between memory and vector registers: SSE and SSE2, their VEX forms, MMX's MOVD and MOVQ (AMD64 APM vol. 4 and
 * 5). Forms without a memory operand never come here for an access and are not known. */
#include "cpu/x86.h"
#include "hw/container.h"
#include "insn/state.h"
#include "lib/lib.h"

#define NP 1      /* mandatory prefixes, as bits: none, 66, F3, F2 - in the order of VEX.pp */
#define P66 2
#define PF3 4
#define PF2 8

#define FULL 0    /* size: the whole register, 16 or 32 bytes by VEX.L */
#define GENERAL 1 /* size: 4, or 8 with REX.W */

#define STORE 1
#define ALIGNED 2
#define HIGH 4    /* bytes 8-15 */
#define MERGE 8   /* a load leaves the rest: of the destination, or with VEX of vvvv */
#define MMX 16
#define ANY_L 64  /* VEX.L is ignored; of other partial moves it must be 0 */

static const struct vector_move { u8 map, opcode, prefixes, size, flags; } moves[] = {
    { 1, 0x10, NP | P66, FULL, 0 },        { 1, 0x11, NP | P66, FULL, STORE },                /* MOVUPS, MOVUPD */
    { 1, 0x10, PF3, 4, ANY_L },            { 1, 0x11, PF3, 4, STORE | ANY_L },                /* MOVSS */
    { 1, 0x10, PF2, 8, ANY_L },            { 1, 0x11, PF2, 8, STORE | ANY_L },                /* MOVSD */
    { 1, 0x12, NP | P66, 8, MERGE },       { 1, 0x13, NP | P66, 8, STORE },                   /* MOVLPS, MOVLPD */
    { 1, 0x16, NP | P66, 8, MERGE | HIGH }, { 1, 0x17, NP | P66, 8, STORE | HIGH },           /* MOVHPS, MOVHPD */
    { 1, 0x28, NP | P66, FULL, ALIGNED },  { 1, 0x29, NP | P66, FULL, STORE | ALIGNED },      /* MOVAPS, MOVAPD */
    { 1, 0x2b, NP | P66, FULL, STORE | ALIGNED },                                             /* MOVNTPS, MOVNTPD */
    { 1, 0x6e, NP, GENERAL, MMX },         { 1, 0x7e, NP, GENERAL, STORE | MMX },             /* MOVD, MOVQ */
    { 1, 0x6e, P66, GENERAL, 0 },          { 1, 0x7e, P66, GENERAL, STORE },
    { 1, 0x7e, PF3, 8, 0 },                { 1, 0xd6, P66, 8, STORE },                        /* MOVQ */
    { 1, 0x6f, NP, 8, MMX },               { 1, 0x7f, NP, 8, STORE | MMX },
    { 1, 0x6f, P66, FULL, ALIGNED },       { 1, 0x7f, P66, FULL, STORE | ALIGNED },           /* MOVDQA */
    { 1, 0x6f, PF3, FULL, 0 },             { 1, 0x7f, PF3, FULL, STORE },                     /* MOVDQU */
    { 1, 0xe7, NP, 8, STORE | MMX },       { 1, 0xe7, P66, FULL, STORE | ALIGNED },           /* MOVNTQ, MOVNTDQ */
    { 1, 0xf0, PF2, FULL, 0 },                                                                /* LDDQU */
    { 2, 0x2a, P66, FULL, ALIGNED },                                                          /* MOVNTDQA */
};

static const struct vector_move *find(const struct insn *i)
{
    bool vex = i->opcode_map & 0x10;
    u8 prefix = vex ? 1 << i->vex_pp : i->prefix_repne ? PF2 : i->prefix_rep ? PF3 : i->prefix_66 ? P66 : NP;

    for (unsigned int n = 0; n < ARRAY_SIZE(moves); n++)
        if (moves[n].map == (i->opcode_map & 0xf) && moves[n].opcode == i->opcode && moves[n].prefixes & prefix &&
            !(vex && moves[n].flags & MMX))
            return &moves[n];
    return NULL;
}

struct vector_state {
    unsigned int reg, reg_size, size, at;   /* the register; bytes moved, and where they are in it */
    u64 linear;
    u8 data[32];                            /* the register's */
};

/* Everything that is checked before memory is touched; the register's value. */
static enum insn_result prepare(struct insn_state *s, const struct vector_move *m, struct vector_state *v)
{
    const struct insn *i = s->i;
    bool vex = i->opcode_map & 0x10, merges = vex && m->flags & MERGE;
    u8 vvvv = i->vex_vvvv & (i->mode == INSN_64 ? 15 : 7);
    unsigned int from;
    enum insn_result r;

    v->size = m->size == FULL ? (vex && i->vex_l ? 32 : 16) : m->size == GENERAL ? (i->rex & 8 ? 8 : 4) : m->size;
    v->reg_size = m->flags & MMX ? 8 : vex ? 32 : 16;
    v->reg = m->flags & MMX ? INSN_MMX + (i->reg & 7) : i->reg;
    v->at = m->flags & HIGH ? 8 : 0;
    if (vex && ((vvvv && !merges) || (i->vex_l && m->size != FULL && !(m->flags & ANY_L))))
        return insn_raise(s->memory, TRAP_UD);
    from = merges ? vvvv : v->reg;
    r = s->memory->get_vector(s->memory->context, from, v->data, v->reg_size);
    if (r == INSN_DONE)
        r = insn_linear(i, s->memory, i->segment, s->offset, v->size, m->flags & STORE, &v->linear);
    if (r == INSN_DONE && m->flags & ALIGNED && v->linear & (v->size - 1))
        r = insn_raise(s->memory, TRAP_GP);
    return r;
}

enum insn_result insn_vector(struct insn_state *s)
{
    bool possible = s->i->opcode_map != 0 && s->i->has_modrm && s->i->mod != 3 && s->memory->get_vector;
    const struct vector_move *m = possible ? find(s->i) : NULL;
    struct vector_state v;
    enum insn_result r;

    if (!m)
        return INSN_UNHANDLED;
    r = prepare(s, m, &v);
    if (r != INSN_DONE)
        return r;
    if (m->flags & STORE) {
        r = s->memory->write(s->memory->context, v.linear, v.data + v.at, v.size);
    } else {
        if (!(m->flags & MERGE))
            memset(v.data, 0, v.reg_size);
        r = s->memory->read(s->memory->context, v.linear, v.data + v.at, v.size);
        if (v.reg_size == 32 && v.size < 32)
            memset(v.data + 16, 0, 16);   /* VEX clears the upper half, unless all of it is loaded */
    }
    if (r == INSN_DONE && (m->flags & MMX || !(m->flags & STORE)))
        s->memory->set_vector(s->memory->context, v.reg, v.data, v.reg_size);
    return r;
}
