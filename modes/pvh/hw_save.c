/* SPDX-License-Identifier: MIT */
/* The state of a domain in a container as a stream of records (public headers hvm/save.h, arch-x86/hvm/save.h). Records of
 * devices that the row does not have are not there, and are refused. The domain is paused. */
#include <xen/hvm/save.h>

#include "cpu/time.h"
#include "dom/sched.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#define RFLAGS_DEFINED 0x3f7fd7UL
/* Types of a pending event (APM vol. 2, 15.20). */
enum { EVENT_TYPE_INTERRUPT, EVENT_TYPE_NMI = 2, EVENT_TYPE_EXCEPTION };
#define MAX_RECORD 1088   /* bytes; the largest is the HPET's */

/* A type of record: how one instance is filled and taken. get: false where there is none. put: 0 or -EINVAL. Instances: by
 * vCPU, else one; those of an emulated PC (pc): as that says, and get and put are its own. */
struct record {
    u16 type;
    u32 length;
    bool per_vcpu;
    const struct pc_record *pc;
    bool (*get)(struct domain *d, struct vcpu *v, void *data);
    int (*put)(struct domain *d, struct vcpu *v, const void *data);
};

/* ---- Header */

static bool get_header(struct domain *d, struct vcpu *v, void *data)
{
    *(struct hvm_save_header *)data = (struct hvm_save_header){
        .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION, .changeset = ~0UL, .cpuid = cpuid(1, 0).a,
        .gtsc_khz = tsc_khz() };
    return true;
}

static int put_header(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_save_header *h = data;

    return h->magic == HVM_FILE_MAGIC && h->version == HVM_FILE_VERSION ? 0 : -EINVAL;
}

/* ---- Processor */

struct segment_fields { size_t selector, limit, base, attributes; };
#define FIELDS(name) { offsetof(struct hvm_hw_cpu, name##_sel), offsetof(struct hvm_hw_cpu, name##_limit), \
                       offsetof(struct hvm_hw_cpu, name##_base), offsetof(struct hvm_hw_cpu, name##_arbytes) }
static const struct segment_fields segments[NR_SEGMENTS] = {
    [SEGMENT_ES] = FIELDS(es), [SEGMENT_CS] = FIELDS(cs), [SEGMENT_SS] = FIELDS(ss), [SEGMENT_DS] = FIELDS(ds),
    [SEGMENT_FS] = FIELDS(fs), [SEGMENT_GS] = FIELDS(gs), [SEGMENT_LDTR] = FIELDS(ldtr), [SEGMENT_TR] = FIELDS(tr),
};
#define U32_AT(c, offset) (*(u32 *)((char *)(c) + (offset)))
#define U64_AT(c, offset) (*(u64 *)((char *)(c) + (offset)))

static const struct { enum container_reg reg; size_t offset; } registers[] = {
    { CREG_CR2, offsetof(struct hvm_hw_cpu, cr2) }, { CREG_DR0, offsetof(struct hvm_hw_cpu, dr0) },
    { CREG_DR1, offsetof(struct hvm_hw_cpu, dr1) }, { CREG_DR2, offsetof(struct hvm_hw_cpu, dr2) },
    { CREG_DR3, offsetof(struct hvm_hw_cpu, dr3) }, { CREG_DR6, offsetof(struct hvm_hw_cpu, dr6) },
    { CREG_DR7, offsetof(struct hvm_hw_cpu, dr7) }, { CREG_SYSENTER_CS, offsetof(struct hvm_hw_cpu, sysenter_cs) },
    { CREG_SYSENTER_ESP, offsetof(struct hvm_hw_cpu, sysenter_esp) },
    { CREG_SYSENTER_EIP, offsetof(struct hvm_hw_cpu, sysenter_eip) },
    { CREG_KERNEL_GS_BASE, offsetof(struct hvm_hw_cpu, shadow_gs) },
    { CREG_LSTAR, offsetof(struct hvm_hw_cpu, msr_lstar) }, { CREG_STAR, offsetof(struct hvm_hw_cpu, msr_star) },
    { CREG_CSTAR, offsetof(struct hvm_hw_cpu, msr_cstar) },
    { CREG_SFMASK, offsetof(struct hvm_hw_cpu, msr_syscall_mask) },
    { CREG_TSC_AUX, offsetof(struct hvm_hw_cpu, msr_tsc_aux) },
    /* These last: EFER before CR4 before CR3 before CR0. */
    { CREG_EFER, offsetof(struct hvm_hw_cpu, msr_efer) }, { CREG_CR4, offsetof(struct hvm_hw_cpu, cr4) },
    { CREG_CR3, offsetof(struct hvm_hw_cpu, cr3) }, { CREG_CR0, offsetof(struct hvm_hw_cpu, cr0) },
};

/* The general registers lie in both structures in their own order. */
#define GENERAL(X) X(rax) X(rbx) X(rcx) X(rdx) X(rbp) X(rsi) X(rdi) X(rsp) X(r8) X(r9) X(r10) X(r11) X(r12) X(r13) \
                   X(r14) X(r15) X(rip) X(rflags)

/* A vCPU that is down has no record: it stays down where the stream is loaded. */
static bool get_cpu(struct domain *d, struct vcpu *v, void *data)
{
    const struct cpu_user_regs *regs = &v->regs;
    struct hvm_hw_cpu *c = data;
    struct container_table gdt, idt;
    u64 event;

    if (test_bit(VPF_DOWN, &v->pause_flags))
        return false;
    sync_vcpu_state(v);
    fpu_export(v, c->fpu_regs);
    c->flags = XEN_X86_FPU_INITIALISED;
#define SAVE(name) c->name = regs->name;
    GENERAL(SAVE)
#undef SAVE
    for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
        U64_AT(c, registers[i].offset) = container_ops->get(v, registers[i].reg);
    for (enum container_segment_id id = 0; id < NR_SEGMENTS; id++) {
        struct container_segment s;
        container_ops->get_segment(v, id, &s);
        U32_AT(c, segments[id].selector) = s.selector;
        U32_AT(c, segments[id].limit) = s.limit;
        U64_AT(c, segments[id].base) = s.base;
        U32_AT(c, segments[id].attributes) = s.attributes;
    }
    container_ops->get_tables(v, &gdt, &idt);
    c->gdtr_base = gdt.base, c->gdtr_limit = gdt.limit;
    c->idtr_base = idt.base, c->idtr_limit = idt.limit;
    c->tsc = rdtsc() + to_hw(v)->tsc_offset;
    event = container_ops->get_event(v);
    c->pending_event = (u32)event;
    c->error_code = (u32)(event >> 32);
    return true;
}

static bool cpu_ok(struct domain *d, const struct hvm_hw_cpu *c)
{
    if (!hw_control_ok(d, c->cr0 | X86_CR0_ET, c->cr4, c->msr_efer) || c->rflags & ~RFLAGS_DEFINED)
        return false;
    if (c->dr6 >> 32 || c->dr7 >> 32 || c->gdtr_limit > 0xffff || c->idtr_limit > 0xffff ||
        !(c->cs_arbytes & SEGMENT_ATTR_P))
        return false;
    if (c->pending_valid && c->pending_type == EVENT_TYPE_EXCEPTION && c->pending_vector > 31)
        return false;
    return is_canonical(c->fs_base) && is_canonical(c->gs_base) && is_canonical(c->shadow_gs) &&
           is_canonical(c->tr_base) && is_canonical(c->ldtr_base) && is_canonical(c->gdtr_base) &&
           is_canonical(c->idtr_base) && is_canonical(c->msr_lstar) && is_canonical(c->msr_cstar) &&
           is_canonical(c->sysenter_esp) && is_canonical(c->sysenter_eip) && !(c->msr_tsc_aux >> 32);
}

static void set_registers(struct vcpu *v, const struct hvm_hw_cpu *c)
{
    struct cpu_user_regs *regs = &v->regs;

#define LOAD(name) regs->name = c->name;
    GENERAL(LOAD)
#undef LOAD
    regs->rflags |= 2;
    for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
        container_ops->set(v, registers[i].reg,
                           U64_AT(c, registers[i].offset) | (registers[i].reg == CREG_CR0 ? X86_CR0_ET : 0));
}

/* Its delivery had begun: an interrupt controller has done with an interrupt. What software makes it makes again. */
static void put_event(struct vcpu *v, const struct hvm_hw_cpu *c)
{
    container_ops->reset_events(v);
    if (!c->pending_valid)
        return;
    if (c->pending_type == EVENT_TYPE_INTERRUPT)
        container_ops->inject_interrupt(v, c->pending_vector);
    else if (c->pending_type == EVENT_TYPE_NMI)
        container_ops->inject_nmi(v);
    else if (c->pending_type == EVENT_TYPE_EXCEPTION)
        (void)container_ops->inject(v, c->pending_vector, c->pending_error_valid, c->error_code, c->cr2);
}

static int put_cpu(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_cpu *c = data;
    struct container_table gdt = { c->gdtr_limit, c->gdtr_base }, idt = { c->idtr_limit, c->idtr_base };

    if (!cpu_ok(d, c))
        return -EINVAL;
    sync_vcpu_state(v);
    set_registers(v, c);
    for (enum container_segment_id id = 0; id < NR_SEGMENTS; id++) {
        struct container_segment s = { (u16)U32_AT(c, segments[id].selector),
                                       (u16)(U32_AT(c, segments[id].attributes) & 0xfff),
                                       U32_AT(c, segments[id].limit), U64_AT(c, segments[id].base) };
        container_ops->set_segment(v, id, &s);
    }
    container_ops->set_tables(v, &gdt, &idt);
    if (c->flags & XEN_X86_FPU_INITIALISED)
        fpu_import(v, c->fpu_regs);
    put_event(v, c);
    hvm_firmware_begin(v);
    v->is_initialised = true;
    clear_bit(VPF_DOWN, &v->pause_flags);
    return 0;
}

/* ---- Local APIC */

static bool get_lapic(struct domain *d, struct vcpu *v, void *data)
{
    const struct lapic *l = &to_hw(v)->lapic;
    struct hvm_hw_lapic *h = data;

    h->apic_base_msr = l->base;
    h->disabled = lapic_enabled(l) ? 0 : 2;
    h->tdt_msr = l->tsc_deadline;
    return hw_has_lapic(d);
}

static int put_lapic(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_lapic *h = data;
    struct lapic *l = &to_hw(v)->lapic;

    if (!hw_has_lapic(d) || (h->apic_base_msr & 0xfff & ~0xd00UL) || h->apic_base_msr >> cpu_features.phys_bits ||
        (h->apic_base_msr & (LAPIC_BASE_X2APIC | LAPIC_BASE_ENABLE)) == LAPIC_BASE_X2APIC)
        return -EINVAL;
    l->base = h->apic_base_msr;
    l->tsc_deadline = h->tdt_msr;
    return 0;
}

static bool get_lapic_regs(struct domain *d, struct vcpu *v, void *data)
{
    const struct lapic *l = &to_hw(v)->lapic;
    struct hvm_hw_lapic_regs *h = data;

    for (u32 n = 0; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&h->data[16 * n], &l->reg[n], 4);
    for (unsigned int i = 0; i < 8; i++) {   /* what has arrived counts as requested */
        u32 irr = l->reg[LAPIC_IRR + i] | (u32)(l->posted[i / 2] >> 32 * (i % 2));
        memcpy(&h->data[16 * (LAPIC_IRR + i)], &irr, 4);
    }
    return hw_has_lapic(d);
}

static int put_lapic_regs(struct domain *d, struct vcpu *v, const void *data)
{
    const struct hvm_hw_lapic_regs *h = data;
    struct hw_vcpu *hw = to_hw(v);
    struct lapic *l = &hw->lapic;
    u32 count;

    if (!hw_has_lapic(d))
        return -EINVAL;
    for (u32 n = LAPIC_TPR; n < NR_LAPIC_REGISTERS; n++)
        memcpy(&l->reg[n], &h->data[16 * n], 4);
    container_ops->set(v, CREG_TPR, l->reg[LAPIC_TPR] & 0xff);
    count = l->reg[LAPIC_TMICT];
    l->timer_expires = STIME_NEVER;
    if (count)
        (void)lapic_write(l, LAPIC_TMICT, count, system_time());
    hw_apic_restart_timer(hw);
    return 0;
}

/* ---- Memory types, TSC */

static bool get_mtrr(struct domain *d, struct vcpu *v, void *data)
{
    const struct hw_mtrr *m = &to_hw(v)->mtrr;
    struct hvm_hw_mtrr *h = data;

    h->msr_pat_cr = container_ops->get(v, CREG_PAT);
    memcpy(h->msr_mtrr_var, m->variable, sizeof(m->variable));
    memcpy(h->msr_mtrr_fixed, m->fixed, sizeof(m->fixed));
    h->msr_mtrr_cap = hw_mtrr_cap();
    h->msr_mtrr_def_type = m->def_type;
    return true;
}

static int put_mtrr(struct domain *d, struct vcpu *v, const void *data)
{
    static const u16 fixed_msr[MTRR_FIXED] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f };
    const struct hvm_hw_mtrr *h = data;
    struct hw_vcpu *hw = to_hw(v);
    bool ok = hw_pat_ok(h->msr_pat_cr) && hw_mtrr_write(hw, 0x2ff, h->msr_mtrr_def_type);

    for (unsigned int i = 0; i < 2 * MTRR_PAIRS; i++)
        ok = ok && hw_mtrr_write(hw, 0x200 + i, h->msr_mtrr_var[i]);
    for (unsigned int i = 0; i < MTRR_FIXED; i++)
        ok = ok && hw_mtrr_write(hw, fixed_msr[i], h->msr_mtrr_fixed[i]);
    if (!ok)
        return -EINVAL;
    container_ops->set(v, CREG_PAT, h->msr_pat_cr);
    return 0;
}

/* ---- The stream */

#define RECORD(name, vcpu, get, put) { HVM_SAVE_CODE(name), HVM_SAVE_LENGTH(name), vcpu, NULL, get, put }
static const struct record records[] = {
    RECORD(HEADER, false, get_header, put_header),
    RECORD(CPU, true, get_cpu, put_cpu),
    RECORD(LAPIC, true, get_lapic, put_lapic),
    RECORD(LAPIC_REGS, true, get_lapic_regs, put_lapic_regs),
    RECORD(MTRR, true, get_mtrr, put_mtrr),
};

/* All records: the header, those of a PC, the rest: what an I/O APIC's record has sent, a local APIC's must have. False:
 * there is no nth. */
static bool get_record(unsigned int n, struct record *r)
{
    const struct pc_record *pc;

    if (n == 0 || n > pc_nr_records) {
        n -= n ? pc_nr_records : 0;
        if (n < ARRAY_SIZE(records))
            *r = records[n];
        return n < ARRAY_SIZE(records);
    }
    pc = &pc_records[n - 1];
    *r = (struct record){ .type = pc->type, .length = pc->length, .pc = pc };
    return true;
}

static bool find_record(u16 type, struct record *r)
{
    for (unsigned int n = 0; get_record(n, r); n++)
        if (r->type == type)
            return true;
    return false;
}

static u32 instances(const struct domain *d, const struct record *r)
{
    return r->per_vcpu ? d->max_vcpus : r->pc ? r->pc->instances : 1;
}

/* Is there an instance of that number, as far as its number says? */
static bool has_instance(const struct domain *d, const struct record *r, u16 instance)
{
    return instance < instances(d, r) && (!r->per_vcpu || d->vcpu[instance]);
}

static bool get_instance(struct domain *d, const struct record *r, u16 instance, void *data)
{
    return r->pc ? r->pc->save(d, instance, data) : r->get(d, r->per_vcpu ? d->vcpu[instance] : NULL, data);
}

static int put_instance(struct domain *d, const struct record *r, u16 instance, const void *data)
{
    return r->pc ? r->pc->load(d, instance, data) : r->put(d, r->per_vcpu ? d->vcpu[instance] : NULL, data);
}

size_t hw_save_size(const struct domain *d)
{
    size_t size = sizeof(struct hvm_save_descriptor);   /* the end */
    struct record r;

    for (unsigned int n = 0; get_record(n, &r); n++)
        size += (r.length + sizeof(struct hvm_save_descriptor)) * instances(d, &r);
    return size;
}

struct stream { char *at, *end; };

static int put_descriptor(struct stream *s, u16 type, u16 instance, u32 length)
{
    struct hvm_save_descriptor descriptor = { type, instance, length };

    if ((size_t)(s->end - s->at) < sizeof(descriptor) + length)
        return -ENOSPC;
    memcpy(s->at, &descriptor, sizeof(descriptor));
    s->at += sizeof(descriptor);
    memset(s->at, 0, length);
    return 0;
}

static int save_record(struct domain *d, const struct record *r, u16 instance, struct stream *s)
{
    int rc;

    if (!has_instance(d, r, instance))
        return 0;
    rc = put_descriptor(s, r->type, instance, r->length);
    if (rc)
        return rc;
    if (get_instance(d, r, instance, s->at))
        s->at += r->length;
    else
        s->at -= sizeof(struct hvm_save_descriptor);
    return 0;
}

long hw_save(struct domain *d, void *buffer, size_t size)
{
    struct stream s = { buffer, (char *)buffer + size };
    struct record r;
    int rc = 0;

    for (unsigned int n = 0; get_record(n, &r); n++)
        for (u32 i = 0; i < instances(d, &r) && rc == 0; i++)
            rc = save_record(d, &r, (u16)i, &s);
    if (rc == 0)
        rc = put_descriptor(&s, 0, 0, 0);
    return rc ? rc : s.at - (char *)buffer;
}

long hw_save_one(struct domain *d, u16 type, u16 instance, void *buffer, size_t size)
{
    struct record r;

    if (!find_record(type, &r) || !has_instance(d, &r, instance))
        return -ENOENT;
    if (size < r.length)
        return -ENOSPC;
    memset(buffer, 0, r.length);
    return get_instance(d, &r, instance, buffer) ? (long)r.length : -ENOENT;
}

/* A record at *p, of which n bytes are left. 1: that was the last one. */
static int load_record(struct domain *d, const char *p, size_t n, bool first, size_t *used)
{
    struct hvm_save_descriptor descriptor;
    char data[MAX_RECORD] aligned(8);
    struct record r;

    if (n < sizeof(descriptor))
        return -EINVAL;
    memcpy(&descriptor, p, sizeof(descriptor));
    if (descriptor.typecode == 0)
        return first ? -EINVAL : 1;
    if (descriptor.length > n - sizeof(descriptor))
        return -EINVAL;
    if (!find_record(descriptor.typecode, &r) || (first && r.type != HVM_SAVE_CODE(HEADER)) ||
        descriptor.length != r.length || r.length > sizeof(data) || !has_instance(d, &r, descriptor.instance))
        return -EINVAL;
    memcpy(data, p + sizeof(descriptor), r.length);   /* aligned */
    *used = sizeof(descriptor) + r.length;
    return put_instance(d, &r, descriptor.instance, data);
}

/* Every vCPU is down until the stream has a state for it. */
int hw_load(struct domain *d, const void *buffer, size_t size)
{
    const char *p = buffer;
    size_t used = 0;
    struct vcpu *v;
    int rc = 0;

    for_each_vcpu(d, v)
        set_bit(VPF_DOWN, &v->pause_flags);
    for (bool first = true; rc == 0; first = false, p += used, size -= used)
        rc = load_record(d, p, size, first, &used);
    return rc < 0 ? rc : 0;
}
