/* SPDX-License-Identifier: MIT */
/* The state of a guest in a container that runs: paused, read, loaded again, read once more, whole and record by record. What
 * is not in order is refused. The guest goes on; what it notices of it is for who calls this program. */
#include "call.h"

#include <stddef.h>

#include <xen/arch-x86/hvm/save.h>
#include <xen/hvm/save.h>

#define CONTEXT buffer                       /* the first state, and behind it the second */
#define HALF (BUFFER_PAGES * PAGE / 2)
#define PERIODIC (1u << 3)                   /* of a comparator's configuration (IA-PC HPET 1.0a, 2.3.8) */

typedef struct hvm_save_descriptor descriptor;

static long context(uint32_t command, uint32_t id, char *at, uint32_t *size)
{
    struct xen_domctl op = { .u.hvmcontext.size = *size };
    long answer;

    set_xen_guest_handle(op.u.hvmcontext.buffer, (uint8_t *)at);
    answer = domctl(command, id, &op);
    *size = op.u.hvmcontext.size;
    return answer;
}

/* The record behind one; NULL behind the last. */
static descriptor *next(descriptor *d)
{
    d = (descriptor *)((char *)(d + 1) + d->length);
    return d->typecode ? d : NULL;
}

#define BYTES(name, from, size) { HVM_SAVE_CODE(name), (from), (from) + (size) }
#define FIELD(name, structure, field) BYTES(name, offsetof(struct structure, field), sizeof(((struct structure *)0)->field))

/* Bytes of a record that follow time, which does not stop for a domain that is paused. */
static bool of_time(uint16_t type, size_t at)
{
    static const struct { uint16_t type; size_t from, to; } fields[] = {
        FIELD(CPU, hvm_hw_cpu, tsc), FIELD(HPET, hvm_hw_hpet, mc64), FIELD(PMTIMER, hvm_hw_pmtimer, tmr_val),
        BYTES(RTC, 0, 1), BYTES(RTC, 2, 1), BYTES(RTC, 4, 1), BYTES(RTC, 6, 4),     /* seconds, minutes, hours, the date */
        BYTES(LAPIC_REGS, 0x200, 0x80), BYTES(LAPIC_REGS, 0x390, 4),                /* its timer's interrupt, and count */
    };

    for (unsigned int i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (type == fields[i].type && at >= fields[i].from && at < fields[i].to)
            return true;
    return false;
}

/* A byte of an HPET's periodic comparator, which goes on by whole periods. */
static bool of_periods(uint16_t type, const void *before, const void *after, size_t at)
{
    struct hvm_hw_hpet x, y;
    size_t timer = (at - offsetof(struct hvm_hw_hpet, timers)) / sizeof(x.timers[0]);

    if (type != HVM_SAVE_CODE(HPET) || at < offsetof(struct hvm_hw_hpet, timers) || timer >= HPET_TIMER_NUM)
        return false;
    memcpy(&x, before, sizeof(x));
    memcpy(&y, after, sizeof(y));
    return at - offsetof(struct hvm_hw_hpet, timers[timer].cmp) < sizeof(x.timers[0].cmp)
           && x.timers[timer].config & PERIODIC && x.period[timer] != 0
           && (uint32_t)(y.timers[timer].cmp - x.timers[timer].cmp) % x.period[timer] == 0;
}

static int compare(const char *what, const descriptor *a, const void *data)
{
    const uint8_t *x = (const uint8_t *)(a + 1), *y = data;

    for (size_t i = 0; i < a->length; i++)
        if (x[i] != y[i] && !of_time(a->typecode, i) && !of_periods(a->typecode, x, y, i))
            return wrong("%s: record %u, instance %u differs at %zu of %u: %x, %x", what, a->typecode, a->instance, i,
                         a->length, x[i], y[i]);
    return 0;
}

static long partial(uint32_t id, uint32_t type, uint32_t instance, void *at, uint64_t size)
{
    struct xen_domctl op = { .u.hvmcontext_partial = { .type = type, .instance = instance, .bufsz = size } };

    set_xen_guest_handle(op.u.hvmcontext_partial.buffer, (uint8_t *)at);
    return domctl(XEN_DOMCTL_gethvmcontext_partial, id, &op);
}

static int one_by_one(uint32_t id)
{
    char *record = CONTEXT + HALF;
    int bad = 0;

    for (descriptor *d = (descriptor *)CONTEXT; d; d = next(d)) {
        memset(record, 0x5a, d->length);
        bad += partial(id, d->typecode, d->instance, record, d->length) ? wrong("record %u alone", d->typecode)
                                                                        : compare("alone", d, record);
        bad += EXPECT("a record without room", partial(id, d->typecode, d->instance, record, d->length - 1), -ENOSPC);
    }
    bad += EXPECT("a record that is none", partial(id, 999, 0, record, PAGE), -ENOENT);
    bad += EXPECT("an instance that is none", partial(id, HVM_SAVE_CODE(CPU), 99, record, PAGE), -ENOENT);
    bad += EXPECT("an instance of many bits", partial(id, HVM_SAVE_CODE(CPU), 1 << 16, record, PAGE), -EINVAL);
    return bad;
}

static int again(uint32_t id, uint32_t size)
{
    descriptor *a = (descriptor *)CONTEXT, *b = (descriptor *)(CONTEXT + HALF);
    uint32_t loaded = size, room = HALF;
    int bad = 0;

    if (context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &loaded) || context(XEN_DOMCTL_gethvmcontext, id, (char *)b, &room))
        return wrong("the state cannot be loaded and read");
    if (room != size)
        return wrong("a state of %u bytes, then of %u", size, room);
    for (; a && b; a = next(a), b = next(b))
        bad += a->typecode != b->typecode || a->instance != b->instance ? wrong("records in another order")
                                                                        : compare("loaded again", a, b + 1);
    return bad;
}

/* Each time the state is loaded as a whole afterwards: what was in order before the fault has been taken. */
static int refused(uint32_t id, uint32_t size)
{
    descriptor *first = (descriptor *)CONTEXT;
    uint32_t half = size / 2;
    descriptor kept = *first;
    int bad = 0;

    bad += EXPECT("a state that breaks off", context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &half), -EINVAL);
    first->typecode = HVM_SAVE_CODE(CPU);
    bad += EXPECT("a state without a header", context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &size), -EINVAL);
    *first = kept;
    for (descriptor *d = next(first); d; d = next(d)) {
        kept = *d;
        d->instance = 0x7777;
        bad += EXPECT("an instance that is none", context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &size), -EINVAL);
        *d = kept;
        d->typecode = 999;
        bad += EXPECT("a record that is none", context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &size), -EINVAL);
        *d = kept;
    }
    return bad;
}

static struct hvm_hw_cpu *first_cpu(char *at)
{
    for (descriptor *d = (descriptor *)at; d; d = next(d))
        if (d->typecode == HVM_SAVE_CODE(CPU) && d->instance == 0)
            return (struct hvm_hw_cpu *)(d + 1);
    return NULL;
}

/* As debuggers see the first vCPU: of its record, in other words. */
static int registers(uint32_t id)
{
    struct vcpu_guest_context *c = (struct vcpu_guest_context *)(CONTEXT + HALF);
    struct xen_domctl op = { .u.vcpucontext.vcpu = 0 };
    struct hvm_hw_cpu cpu;
    int bad = 0;

    memcpy(&cpu, first_cpu(CONTEXT), sizeof(cpu));
    set_xen_guest_handle(op.u.vcpucontext.ctxt, (vcpu_guest_context_t *)c);
    if (domctl(XEN_DOMCTL_getvcpucontext, id, &op))
        return wrong("no context of the vCPU");
#define SAME(theirs, mine) \
    if (c->theirs != cpu.mine) bad += wrong(#theirs " is %lx, of the record %lx", (long)c->theirs, (long)cpu.mine)
    SAME(user_regs.rip, rip);
    SAME(user_regs.rsp, rsp);
    SAME(user_regs.rflags, rflags);
    SAME(user_regs.cs, cs_sel);
    SAME(user_regs.r15, r15);
    SAME(gs_base_kernel, gs_base);
    SAME(ctrlreg[0], cr0);
    SAME(ctrlreg[3], cr3);
    SAME(ctrlreg[4], cr4);
    SAME(debugreg[7], dr7);
#undef SAME
    if (memcmp(&c->fpu_ctxt, cpu.fpu_regs, sizeof(cpu.fpu_regs)))
        bad += wrong("another x87 and SSE state");
    return bad;
}

/* A record that has no x87 and SSE state gives the vCPU that of the beginning, whatever it had. It is to have its own again. */
static int without_fpu(uint32_t id, uint32_t size)
{
    struct hvm_hw_cpu *cpu = first_cpu(CONTEXT), *then;
    uint32_t flags = cpu->flags, loaded = size, room = HALF;
    uint16_t control;
    uint32_t mxcsr;

    cpu->flags = 0;
    if (context(XEN_DOMCTL_sethvmcontext, id, CONTEXT, &loaded) ||
        context(XEN_DOMCTL_gethvmcontext, id, CONTEXT + HALF, &room))
        return wrong("a state without x87 and SSE cannot be loaded and read");
    cpu->flags = flags;
    then = first_cpu(CONTEXT + HALF);
    memcpy(&control, then->fpu_regs, sizeof(control));
    memcpy(&mxcsr, then->fpu_regs + 24, sizeof(mxcsr));
    return EXPECT("the x87 control word", control, 0x37f) + EXPECT("MXCSR", mxcsr, 0x1f80) +
           EXPECT("the registers", !memcmp(then->fpu_regs + 32, then->fpu_regs + 48, 384), 1);
}

static int state(uint32_t id)
{
    uint32_t size = 0, room = HALF;
    int bad = 0;

    if (context(XEN_DOMCTL_gethvmcontext, id, NULL, &size) || size > HALF)
        return wrong("the size of the state is %u", size);
    bad += EXPECT("a state without room", context(XEN_DOMCTL_gethvmcontext, id, CONTEXT, &(uint32_t){ 100 }), -ENOSPC);
    if (context(XEN_DOMCTL_gethvmcontext, id, CONTEXT, &room))
        return bad + wrong("the state cannot be read");
    bad += one_by_one(id);
    bad += registers(id);
    bad += refused(id, room);
    bad += without_fpu(id, room);
    bad += again(id, room);
    return bad;
}

int test_guest_state(const uint32_t *n)
{
    uint32_t id = n[0];
    struct xen_domctl op = { 0 };
    int bad;

    if (domctl(XEN_DOMCTL_pausedomain, id, &op))
        return wrong("domain %u cannot be paused", id);
    bad = state(id);
    memset(&op, 0, sizeof(op));
    if (domctl(XEN_DOMCTL_unpausedomain, id, &op))
        bad += wrong("it cannot go on");
    return bad;
}
