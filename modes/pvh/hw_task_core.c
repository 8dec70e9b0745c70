/* SPDX-License-Identifier: MIT */
/* Switching tasks: what is checked, saved and loaded, in this order (AMD64 APM vol. 2, 12.3 and 12.4). */
#include "cpu/x86.h"
#include "lib/lib.h"
#include "modes/pvh/hw_task_core.h"
#include "modes/pvh/hw_task_segment.h"

#define DR7_LOCAL 0x155u         /* L0 to L3, LE */
#define LINK_SIZE 2

struct tss32 {
    u16 link, reserved02; u32 stacks[6], cr3, eip, eflags, general[8];
    struct { u16 selector, reserved; } segment[6], ldt;
    u16 trap, io_map;
} packed;
struct tss16 { u16 link, stacks[6], ip, flags, general[8], segment[4], ldt; } packed;
_Static_assert(sizeof(struct tss32) == 0x68 && sizeof(struct tss16) == 0x2c, "smallest limits, plus one");

/* What a switch writes into the old task's TSS is one run of bytes. */
#define SAVED32_FIRST offsetof(struct tss32, eip)
#define SAVED32_END offsetof(struct tss32, ldt)
#define SAVED16_FIRST offsetof(struct tss16, ip)
#define SAVED16_END offsetof(struct tss16, ldt)

/* Both forms as one. */
struct tss {
    u32 cr3, eip, eflags, general[8];
    u16 segment[6], ldt;
    bool trap;
};

static u64 *general(struct cpu_user_regs *r, unsigned int n)
{
    u64 *const order[] = { &r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi, &r->rdi };

    return order[n];
}

/* ---- The old task's side */

static bool save32(struct task *t, u64 base, u32 flags)
{
    struct tss32 tss;

    tss.eip = (u32)t->s->regs.rip;
    tss.eflags = flags;
    for (unsigned int i = 0; i < 8; i++)
        tss.general[i] = (u32)*general(&t->s->regs, i);
    for (unsigned int i = 0; i < 6; i++) {
        tss.segment[i].selector = t->s->segment[i].selector;
        tss.segment[i].reserved = 0;
    }
    return task_write(t, base + SAVED32_FIRST, (const char *)&tss + SAVED32_FIRST, SAVED32_END - SAVED32_FIRST);
}

static bool save16(struct task *t, u64 base, u32 flags)
{
    struct tss16 tss;

    tss.ip = (u16)t->s->regs.rip;
    tss.flags = (u16)flags;
    for (unsigned int i = 0; i < 8; i++)
        tss.general[i] = (u16)*general(&t->s->regs, i);
    for (unsigned int i = 0; i < 4; i++)
        tss.segment[i] = t->s->segment[i].selector;
    return task_write(t, base + SAVED16_FIRST, (const char *)&tss + SAVED16_FIRST, SAVED16_END - SAVED16_FIRST);
}

/* Room for the old task's state: where it goes is checked before anything changes. */
static bool old_ready(struct task *t, const struct container_segment *old)
{
    bool wide = old->attributes & TYPE_TSS_32;
    u32 first = wide ? SAVED32_FIRST : SAVED16_FIRST, end = wide ? SAVED32_END : SAVED16_END;

    if (!(old->attributes & SEGMENT_ATTR_P) || old->limit < end - 1)
        return task_fault(t, TRAP_TS, old->selector);
    return t->m->can_write(t->m->context, old->base + first, end - first, t->fault);
}

static bool save_old(struct task *t, const struct container_segment *old)
{
    u32 flags = (u32)t->s->regs.rflags;

    if (t->r->cause == TASK_IRET)
        flags &= ~(u32)X86_EFLAGS_NT;
    return old->attributes & TYPE_TSS_32 ? save32(t, old->base, flags) : save16(t, old->base, flags);
}

/* ---- The new task's side */

static bool nests(const struct task_request *r) { return r->cause == TASK_CALL || r->cause == TASK_EVENT; }

/* Its TSS descriptor, and what a switch of this kind demands of it. */
static bool find_new(struct task *t, struct descriptor *d)
{
    u16 selector = t->r->selector;
    bool back = t->r->cause == TASK_IRET;
    u8 wrong = back ? TRAP_TS : TRAP_GP, kind;

    if (selector & SELECTOR_LDT || !(selector & SELECTOR_INDEX) || !task_in_table(t, selector))
        return task_fault(t, wrong, selector);
    if (!task_read_descriptor(t, selector, d))
        return false;
    kind = d->segment.attributes & (TYPE_MASK | SEGMENT_ATTR_S) & ~TYPE_TSS_32;
    if (kind != (back ? TYPE_TSS_BUSY : TYPE_TSS))
        return task_fault(t, wrong, selector);
    if (!(d->segment.attributes & SEGMENT_ATTR_P))
        return task_fault(t, TRAP_NP, selector);
    if (d->segment.limit < (d->segment.attributes & TYPE_TSS_32 ? sizeof(struct tss32) : sizeof(struct tss16)) - 1)
        return task_fault(t, TRAP_TS, selector);
    return true;
}

static bool read32(struct task *t, u64 base, struct tss *out)
{
    struct tss32 tss;

    if (!task_read(t, base, &tss, sizeof(tss)))
        return false;
    *out = (struct tss){ .cr3 = tss.cr3, .eip = tss.eip, .eflags = tss.eflags, .ldt = tss.ldt.selector,
                         .trap = tss.trap & 1 };
    memcpy(out->general, tss.general, sizeof(out->general));
    for (unsigned int i = 0; i < 6; i++)
        out->segment[i] = tss.segment[i].selector;
    return true;
}

/* FS and GS are null, upper halves are zeroes. */
static bool read16(struct task *t, u64 base, struct tss *out)
{
    struct tss16 tss;

    if (!task_read(t, base, &tss, sizeof(tss)))
        return false;
    *out = (struct tss){ .eip = tss.ip, .eflags = tss.flags, .ldt = tss.ldt };
    for (unsigned int i = 0; i < 8; i++)
        out->general[i] = tss.general[i];
    for (unsigned int i = 0; i < 4; i++)
        out->segment[i] = tss.segment[i];
    return true;
}

/* Everything that can fail in the old task: from here on its memory is only what has been found to be there. */
static bool prepare(struct task *t, struct descriptor *d, struct tss *tss)
{
    const struct container_segment *old = &t->s->segment[SEGMENT_TR], *new = &d->segment;

    if (!find_new(t, d) || !old_ready(t, old))
        return false;
    if (!(new->attributes & TYPE_TSS_32 ? read32(t, new->base, tss) : read16(t, new->base, tss)))
        return false;
    if (nests(t->r) && !t->m->can_write(t->m->context, new->base, LINK_SIZE, t->fault))
        return false;
    return task_can_mark(t, t->r->selector) && (nests(t->r) || task_can_mark(t, old->selector));
}

static bool commit(struct task *t, const struct descriptor *d)
{
    const struct container_segment *old = &t->s->segment[SEGMENT_TR];

    if (!save_old(t, old))
        return false;
    if (nests(t->r) && !task_write(t, d->segment.base, &old->selector, LINK_SIZE))
        return false;
    if (!nests(t->r) && !task_mark(t, old->selector, false))
        return false;
    return t->r->cause == TASK_IRET || task_mark(t, t->r->selector, true);
}

static void load_registers(struct task *t, const struct descriptor *d, const struct tss *tss)
{
    struct task_state *s = t->s;
    u32 flags = (tss->eflags & X86_EFLAGS_DEFINED) | 2 | (nests(t->r) ? X86_EFLAGS_NT : 0);

    if (d->segment.attributes & TYPE_TSS_32 && s->cr0 & X86_CR0_PG) {
        s->cr3 = tss->cr3;
        t->m->set_cr3(t->m->context, s->cr3);
    }
    s->regs.rip = tss->eip;
    s->regs.rflags = flags;
    for (unsigned int i = 0; i < 8; i++)
        *general(&s->regs, i) = tss->general[i];
    s->cr0 |= X86_CR0_TS;
    s->dr7 &= ~(u64)DR7_LOCAL;
    s->segment[SEGMENT_TR] = d->segment;
    s->segment[SEGMENT_TR].selector = t->r->selector;
    s->segment[SEGMENT_TR].attributes |= TYPE_TSS_BUSY;
}

/* The new task's stack takes the error code of the event that it was switched to for. */
static bool push_error(struct task *t, bool wide)
{
    struct task_state *s = t->s;
    const struct container_segment *ss = &s->segment[SEGMENT_SS];
    u64 mask = ss->attributes & SEGMENT_ATTR_DB ? 0xffffffffUL : 0xffffUL, size = wide ? 4 : 2;
    u64 at = (s->regs.rsp - size) & mask;

    if (!task_stack_has(ss, at, size))
        return task_fault(t, TRAP_SS, 0);
    if (!task_write(t, (u32)(ss->base + at), &t->r->error, (unsigned int)size))
        return false;
    s->regs.rsp = (s->regs.rsp & ~mask) | at;
    return true;
}

enum task_result task_switch(struct task_state *s, const struct task_request *r, const struct task_memory *m,
                             struct insn_fault *fault)
{
    struct task t = { .s = s, .r = r, .m = m, .fault = fault };
    struct descriptor d;
    struct tss tss;

    if (!prepare(&t, &d, &tss) || !commit(&t, &d))
        return TASK_FAULT_OLD;
    load_registers(&t, &d, &tss);
    if (!task_load_segments(&t, tss.segment, tss.ldt))
        return TASK_FAULT_NEW;
    if (s->regs.rip > s->segment[SEGMENT_CS].limit) {
        (void)task_fault(&t, TRAP_GP, 0);
        return TASK_FAULT_NEW;
    }
    if (r->has_error && !push_error(&t, d.segment.attributes & TYPE_TSS_32))
        return TASK_FAULT_NEW;
    return tss.trap ? TASK_TRAPS : TASK_DONE;
}
