/* SPDX-License-Identifier: MIT */
/* A processor's record (public header arch-x86/hvm/save.h, struct hvm_hw_cpu). */
#include <xen/hvm/save.h>

#include "cpu/time.h"
#include "dom/sched.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/hw_save.h"
#include "modes/pvh/pvh.h"

/* Types of a pending event (APM vol. 2, 15.20). */
enum { EVENT_TYPE_INTERRUPT, EVENT_TYPE_NMI = 2, EVENT_TYPE_EXCEPTION };

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
bool hw_save_cpu(struct domain *d, struct vcpu *v, void *data)
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
    if (!hw_control_ok(d, c->cr0 | X86_CR0_ET, c->cr4, c->msr_efer) || c->rflags & ~X86_EFLAGS_DEFINED)
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

int hw_load_cpu(struct domain *d, struct vcpu *v, const void *data)
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
    else
        fpu_reset(v);
    put_event(v, c);
    hvm_firmware_begin(v);
    v->is_initialised = true;
    clear_bit(VPF_DOWN, &v->pause_flags);
    return 0;
}
