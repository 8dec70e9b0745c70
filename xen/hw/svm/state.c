/* SPDX-License-Identifier: MIT */
/* An SVM vCPU's state, in and out (AMD64 APM vol. 2, appendix B). After each exit all of it is in the VMCB, but for the
 * general registers, DR0 to DR3 while the guest uses them, and TSC_AUX. */
#include "cpu/x86.h"
#include "hw/svm/svm.h"
#include "lib/lib.h"

static struct vmcb_segment *segment_of(struct vmcb *vmcb, enum container_segment_id id)
{
    return id == SEGMENT_LDTR ? &vmcb->ldtr : id == SEGMENT_TR ? &vmcb->tr : &vmcb->segment[id];
}

void svm_get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out)
{
    const struct vmcb_segment *s = segment_of(to_svm(v)->vmcb, id);

    *out = (struct container_segment){ s->selector, s->attributes & 0xfff, s->limit, s->base };
    if (!(out->attributes & SEGMENT_ATTR_P))
        out->attributes = 0;
}

void svm_set_segment(struct vcpu *v, enum container_segment_id id, const struct container_segment *segment)
{
    struct svm_container *s = to_svm(v);

    *segment_of(s->vmcb, id) = (struct vmcb_segment){ segment->selector, segment->attributes & 0xfff, segment->limit,
                                                      segment->base };
    if (id == SEGMENT_SS) {
        s->vmcb->cpl = (segment->attributes & SEGMENT_ATTR_DPL) >> 5;
        svm_regs(v)->ss = segment->selector;
    } else if (id == SEGMENT_CS)
        svm_regs(v)->cs = segment->selector;
    svm_touch(s, CLEAN_SEGMENTS);
}

void svm_get_tables(const struct vcpu *v, struct container_table *gdt, struct container_table *idt)
{
    const struct vmcb *vmcb = to_svm(v)->vmcb;

    *gdt = (struct container_table){ vmcb->gdtr.limit & 0xffff, vmcb->gdtr.base };
    *idt = (struct container_table){ vmcb->idtr.limit & 0xffff, vmcb->idtr.base };
}

void svm_set_tables(struct vcpu *v, const struct container_table *gdt, const struct container_table *idt)
{
    struct svm_container *s = to_svm(v);

    s->vmcb->gdtr = (struct vmcb_segment){ .limit = gdt->limit & 0xffff, .base = gdt->base };
    s->vmcb->idtr = (struct vmcb_segment){ .limit = idt->limit & 0xffff, .base = idt->base };
    svm_touch(s, CLEAN_TABLES);
}

u8 svm_cpl(const struct vcpu *v)
{
    return to_svm(v)->vmcb->cpl;
}

/* ---- DR0 to DR3. The guest gets them when it first touches a debug register, or with breakpoints that are on. */

void svm_load_dr(struct svm_container *s)
{
    asm volatile("mov %0, %%db0; mov %1, %%db1; mov %2, %%db2; mov %3, %%db3"
                 :: "r" (s->dr[0]), "r" (s->dr[1]), "r" (s->dr[2]), "r" (s->dr[3]));
    s->dr_loaded = true;
    s->vmcb->intercept_dr = 0;
    svm_touch(s, CLEAN_INTERCEPTS);
}

static void read_dr(u64 dr[4])
{
    asm volatile("mov %%db0, %0; mov %%db1, %1; mov %%db2, %2; mov %%db3, %3"
                 : "=r" (dr[0]), "=r" (dr[1]), "=r" (dr[2]), "=r" (dr[3]));
}

void svm_unload_dr(struct svm_container *s)
{
    read_dr(s->dr);
    s->dr_loaded = false;
    s->vmcb->intercept_dr = INTERCEPT_ALL_DR;
    svm_touch(s, CLEAN_INTERCEPTS);
}

static u64 get_dr(const struct svm_container *s, unsigned int n)
{
    u64 dr[4];

    if (!s->dr_loaded)
        return s->dr[n];
    read_dr(dr);
    return dr[n];
}

static void set_dr(struct svm_container *s, unsigned int n, u64 value)
{
    unsigned long flags = irq_save();

    if (s->dr_loaded)
        read_dr(s->dr);
    s->dr[n] = value;
    if (s->dr_loaded)
        svm_load_dr(s);
    irq_restore(flags);
}

/* ---- Scalars */

/* Those that are a field of the VMCB as they are, and the clean bits that their change ends. */
static u64 *plain(struct vmcb *vmcb, enum container_reg reg, u32 *groups)
{
    *groups = 0;
    switch (reg) {
    case CREG_CR0: *groups = CLEAN_CR; return &vmcb->cr0;
    case CREG_CR2: *groups = CLEAN_CR2; return &vmcb->cr2;
    case CREG_CR3: *groups = CLEAN_CR; return &vmcb->cr3;
    case CREG_CR4: *groups = CLEAN_CR; return &vmcb->cr4;
    case CREG_DR6: *groups = CLEAN_DR; return &vmcb->dr6;
    case CREG_DR7: *groups = CLEAN_DR; return &vmcb->dr7;
    case CREG_PAT: *groups = CLEAN_NESTED; return &vmcb->pat;
    case CREG_STAR: return &vmcb->star;
    case CREG_LSTAR: return &vmcb->lstar;
    case CREG_CSTAR: return &vmcb->cstar;
    case CREG_SFMASK: return &vmcb->sfmask;
    case CREG_KERNEL_GS_BASE: return &vmcb->kernel_gs_base;
    case CREG_SYSENTER_CS: return &vmcb->sysenter_cs;
    case CREG_SYSENTER_ESP: return &vmcb->sysenter_esp;
    case CREG_SYSENTER_EIP: return &vmcb->sysenter_eip;
    default: return NULL;
    }
}

u64 svm_get(const struct vcpu *v, enum container_reg reg)
{
    struct svm_container *s = to_svm(v);
    u32 groups;

    switch (reg) {
    case CREG_EFER:
        return s->vmcb->efer & ~(u64)EFER_SVME;
    case CREG_TPR:
        return (s->vmcb->int_control & V_TPR) << 4;
    case CREG_DR0: case CREG_DR1: case CREG_DR2: case CREG_DR3:
        return get_dr(s, reg - CREG_DR0);
    case CREG_TSC_AUX:
        return s->tsc_aux;
    default:
        return *plain(s->vmcb, reg, &groups);
    }
}

/* LMA is what LME and paging make it (APM vol. 2, 14.6); VMRUN demands a VMCB that says so. */
static void set_mode(struct svm_container *s, u64 efer)
{
    bool lma = efer & EFER_LME && s->vmcb->cr0 & X86_CR0_PG;

    s->vmcb->efer = (efer & ~(u64)EFER_LMA) | EFER_SVME | (lma ? EFER_LMA : 0);
    svm_touch(s, CLEAN_CR);
    s->container.flush_pending = true;
}

void svm_set(struct vcpu *v, enum container_reg reg, u64 value)
{
    struct svm_container *s = to_svm(v);
    u32 groups;

    switch (reg) {
    case CREG_EFER:
        set_mode(s, value);
        return;
    case CREG_TPR:
        s->vmcb->int_control = (s->vmcb->int_control & ~V_TPR) | (value >> 4 & V_TPR);
        svm_touch(s, CLEAN_TPR);
        return;
    case CREG_DR0: case CREG_DR1: case CREG_DR2: case CREG_DR3:
        set_dr(s, reg - CREG_DR0, value);
        return;
    case CREG_TSC_AUX:
        s->tsc_aux = (u32)value;
        if (v == current && cpu_features.rdtscp)
            wrmsr(MSR_TSC_AUX, s->tsc_aux);
        return;
    default:
        *plain(s->vmcb, reg, &groups) = value;
        svm_touch(s, groups);
    }
    if (groups & CLEAN_CR)
        set_mode(s, s->vmcb->efer);
    if (reg == CREG_DR7 && value & 0xff && v == current && !s->dr_loaded)
        svm_load_dr(s);
}

void svm_dump(struct vcpu *v)
{
    static const char names[NR_SEGMENTS][5] = { "es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr" };
    const struct cpu_user_regs *r = svm_regs(v);
    struct svm_container *s = to_svm(v);
    const struct vmcb *m = s->vmcb;

    printk("rip %016lx rsp %016lx rflags %08lx cpl %u\n", r->rip, r->rsp, r->rflags, m->cpl);
    printk("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
    printk("rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
    printk("r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
    printk("r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
    printk("cr0 %08lx cr2 %016lx cr3 %016lx cr4 %08lx efer %04lx\n", m->cr0, m->cr2, m->cr3, m->cr4, m->efer);
    for (unsigned int i = 0; i < NR_SEGMENTS; i++) {
        const struct vmcb_segment *g = segment_of(s->vmcb, i);

        printk("%4s %04x attributes %03x limit %08x base %016lx\n", names[i], g->selector, g->attributes, g->limit,
               g->base);
    }
    printk("gdtr %04x %016lx idtr %04x %016lx\n", m->gdtr.limit, m->gdtr.base, m->idtr.limit, m->idtr.base);
    printk("exit code %lx info %lx %lx int info %lx event %lx shadow %lx int control %lx nested cr3 %lx asid %u\n",
           m->exit_code, m->exit_info1, m->exit_info2, m->exit_int_info, s->event, m->int_state, m->int_control,
           m->nested_cr3, m->asid);
}
