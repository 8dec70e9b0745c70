/* SPDX-License-Identifier: MIT */
/* Descriptors and segment registers of a task that is switched to (AMD64 APM vol. 2, 4.7 to 4.11, 12.4). */
#include "cpu/x86.h"
#include "lib/lib.h"
#include "modes/pvh/hw_task_segment.h"

#define ACCESS_BYTE 5            /* of a descriptor: type, S, DPL, P */
#define VM86_DATA 0xf3u          /* what segments are in virtual-8086 mode */

bool task_fault(struct task *t, u8 vector, u16 selector)
{
    *t->fault = (struct insn_fault){ .vector = vector, .has_error = true,
                                     .error = (selector & ~SELECTOR_RPL & 0xffff) | (t->r->external ? 1 : 0) };
    return false;
}

bool task_read(struct task *t, u64 linear, void *data, unsigned int n)
{
    return t->m->read(t->m->context, (u32)linear, data, n, t->fault);
}

bool task_write(struct task *t, u64 linear, const void *data, unsigned int n)
{
    return t->m->write(t->m->context, (u32)linear, data, n, t->fault);
}

/* ---- Descriptors */

static u64 descriptor_address(const struct task *t, u16 selector)
{
    u64 base = selector & SELECTOR_LDT ? t->s->segment[SEGMENT_LDTR].base : t->s->gdt.base;

    return (u32)(base + (selector & SELECTOR_INDEX));
}

bool task_in_table(const struct task *t, u16 selector)
{
    const struct container_segment *ldt = &t->s->segment[SEGMENT_LDTR];

    if (!(selector & SELECTOR_LDT))
        return (selector | 7u) <= t->s->gdt.limit;
    return ldt->attributes & SEGMENT_ATTR_P && (selector | 7u) <= ldt->limit;
}

bool task_read_descriptor(struct task *t, u16 selector, struct descriptor *d)
{
    u64 raw;
    u32 limit;
    u16 attributes;

    d->address = descriptor_address(t, selector);
    if (!task_read(t, d->address, &raw, sizeof(raw)))
        return false;
    attributes = (u16)((raw >> 40 & 0xff) | (raw >> 52 & 0xf) << 8);
    limit = (u32)((raw & 0xffff) | (raw >> 32 & 0xf0000));
    d->segment = (struct container_segment){
        .selector = selector, .attributes = attributes, .base = (raw >> 16 & 0xffffff) | (raw >> 32 & 0xff000000),
        .limit = attributes & SEGMENT_ATTR_G ? limit << 12 | 0xfff : limit,
    };
    return true;
}

/* A TR that was never loaded from the GDT (selector 0, after reset) has no descriptor to mark. */
static bool has_descriptor(const struct task *t, u16 selector)
{
    return selector & SELECTOR_INDEX && !(selector & SELECTOR_LDT) && task_in_table(t, selector);
}

bool task_can_mark(struct task *t, u16 selector)
{
    if (!has_descriptor(t, selector))
        return true;
    return t->m->can_write(t->m->context, (u32)(descriptor_address(t, selector) + ACCESS_BYTE), 1, t->fault);
}

bool task_mark(struct task *t, u16 selector, bool busy)
{
    u64 at = descriptor_address(t, selector) + ACCESS_BYTE;
    u8 byte;

    if (!has_descriptor(t, selector))
        return true;
    if (!task_read(t, at, &byte, 1))
        return false;
    byte = busy ? byte | (TYPE_TSS_BUSY & ~TYPE_TSS) : byte & ~(TYPE_TSS_BUSY & ~TYPE_TSS);
    return task_write(t, at, &byte, 1);
}

/* ---- Loading */

static unsigned int dpl(const struct container_segment *g) { return (g->attributes & SEGMENT_ATTR_DPL) >> 5; }
static bool is_code(const struct container_segment *g) { return g->attributes & TYPE_CODE; }
static bool conforms(const struct container_segment *g) { return is_code(g) && g->attributes & TYPE_DOWN; }

/* The rules of each register; a violation's vector, or 0. */
static u8 code_fault(const struct container_segment *g, unsigned int rpl)
{
    if (!is_code(g) || (conforms(g) ? dpl(g) > rpl : dpl(g) != rpl))
        return TRAP_TS;
    return g->attributes & SEGMENT_ATTR_P ? 0 : TRAP_NP;
}

static u8 stack_fault(const struct container_segment *g, unsigned int rpl, unsigned int cpl)
{
    if (is_code(g) || !(g->attributes & TYPE_WRITABLE) || rpl != cpl || dpl(g) != cpl)
        return TRAP_TS;
    return g->attributes & SEGMENT_ATTR_P ? 0 : TRAP_SS;
}

static u8 data_fault(const struct container_segment *g, unsigned int rpl, unsigned int cpl)
{
    if ((is_code(g) && !(g->attributes & TYPE_WRITABLE)) || (!conforms(g) && dpl(g) < max(rpl, cpl)))
        return TRAP_TS;
    return g->attributes & SEGMENT_ATTR_P ? 0 : TRAP_NP;
}

static bool mark_accessed(struct task *t, struct descriptor *d)
{
    u8 byte;

    if (d->segment.attributes & TYPE_ACCESSED)
        return true;
    d->segment.attributes |= TYPE_ACCESSED;
    byte = (u8)d->segment.attributes;
    return task_write(t, d->address + ACCESS_BYTE, &byte, 1);
}

static bool load(struct task *t, enum container_segment_id id, u16 selector, unsigned int cpl)
{
    unsigned int rpl = selector & SELECTOR_RPL;
    bool must = id == SEGMENT_CS || id == SEGMENT_SS;
    struct descriptor d;
    u8 vector;

    if (!(selector & (SELECTOR_INDEX | SELECTOR_LDT)))
        return must ? task_fault(t, TRAP_TS, selector) : true;
    if (!task_in_table(t, selector))
        return task_fault(t, TRAP_TS, selector);
    if (!task_read_descriptor(t, selector, &d))
        return false;
    vector = !(d.segment.attributes & SEGMENT_ATTR_S) ? TRAP_TS :
             id == SEGMENT_CS ? code_fault(&d.segment, rpl) :
             id == SEGMENT_SS ? stack_fault(&d.segment, rpl, cpl) : data_fault(&d.segment, rpl, cpl);
    if (vector)
        return task_fault(t, vector, selector);
    if (!mark_accessed(t, &d))
        return false;
    t->s->segment[id] = d.segment;
    return true;
}

static bool load_ldt(struct task *t, u16 selector)
{
    struct descriptor d;

    if (!(selector & (SELECTOR_INDEX | SELECTOR_LDT)))
        return true;
    if (selector & SELECTOR_LDT || !task_in_table(t, selector))
        return task_fault(t, TRAP_TS, selector);
    if (!task_read_descriptor(t, selector, &d))
        return false;
    if ((d.segment.attributes & (TYPE_MASK | SEGMENT_ATTR_S)) != TYPE_LDT || !(d.segment.attributes & SEGMENT_ATTR_P))
        return task_fault(t, TRAP_TS, selector);
    t->s->segment[SEGMENT_LDTR] = d.segment;
    return true;
}

static bool load_vm86(struct task *t, const u16 selector[6], u16 ldt)
{
    for (unsigned int i = SEGMENT_ES; i <= SEGMENT_GS; i++)
        t->s->segment[i] = (struct container_segment){ selector[i], VM86_DATA, 0xffff, (u64)selector[i] << 4 };
    return load_ldt(t, ldt);
}

/* Selectors first, so that a handler of a fault finds them all; what is not loaded yet cannot be used. */
bool task_load_segments(struct task *t, const u16 selector[6], u16 ldt)
{
    static const u8 order[] = { SEGMENT_CS, SEGMENT_SS, SEGMENT_ES, SEGMENT_DS, SEGMENT_FS, SEGMENT_GS };
    unsigned int cpl = selector[SEGMENT_CS] & SELECTOR_RPL;

    t->s->segment[SEGMENT_LDTR] = (struct container_segment){ .selector = ldt };
    if (t->s->regs.rflags & X86_EFLAGS_VM)
        return load_vm86(t, selector, ldt);
    for (unsigned int i = SEGMENT_ES; i <= SEGMENT_GS; i++)
        t->s->segment[i] = (struct container_segment){ .selector = selector[i] };
    t->s->segment[SEGMENT_SS].attributes = (u16)(cpl << 5);   /* its DPL is the CPL, even so */
    if (!load_ldt(t, ldt))
        return false;
    for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
        if (!load(t, order[i], selector[order[i]], cpl))
            return false;
    return true;
}

bool task_stack_has(const struct container_segment *ss, u64 offset, u64 size)
{
    u64 last = offset + size - 1;

    if (!(ss->attributes & TYPE_DOWN))
        return last <= ss->limit;
    return offset > ss->limit && last <= (ss->attributes & SEGMENT_ATTR_DB ? 0xffffffff : 0xffff);
}
