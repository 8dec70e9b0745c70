/* SPDX-License-Identifier: MIT */
/* The state that a vCPU starts with, as a guest gives it (VCPUOP_initialise, public header hvm/hvm_vcpu.h) or as tools
 * read it (XEN_DOMCTL_getvcpucontext). */
#include <xen/hvm/hvm_vcpu.h>

#include "dom/sched.h"
#include "modes/pvh/pvh.h"

#define CR0_DEFINED 0xe005003fUL
#define ATTR_BITS 0xfff
#define ATTR_CODE64 0xa9b
#define ATTR_DATA 0xc93
#define ATTR_TSS 0x8b

/* CR4 bits that the domain's CPUID gives it. */
static u64 cr4_offered(struct domain *d)
{
    u64 bits = 0x7ff & ~0x100UL;   /* VME to MCE, PGE, OSFXSR, OSXMMEXCPT; without PCE */
    u32 one[4], seven[4];

    hw_cpuid_policy(d, 1, 0, one);
    hw_cpuid_policy(d, 7, 0, seven);
    bits |= one[2] & (1u << 17) ? X86_CR4_PCIDE : 0;
    bits |= one[2] & (1u << 26) ? X86_CR4_OSXSAVE : 0;
    bits |= seven[1] & 1 ? X86_CR4_FSGSBASE : 0;
    bits |= seven[1] & (1u << 7) ? X86_CR4_SMEP : 0;
    bits |= seven[1] & (1u << 20) ? X86_CR4_SMAP : 0;
    return bits | (seven[2] & 4 ? X86_CR4_UMIP : 0);
}

/* APM vol. 2, 15.5.1: combinations that the processor refuses to enter. */
bool hw_control_ok(struct domain *d, u64 cr0, u64 cr4, u64 efer)
{
    bool paging = cr0 & X86_CR0_PG;

    if (cr0 & ~CR0_DEFINED || ((cr0 & X86_CR0_PG) && !(cr0 & X86_CR0_PE)) || ((cr0 >> 29 & 3) == 1))
        return false;
    if (cr4 & ~cr4_offered(d))
        return false;
    if (efer & ~(u64)(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX) || (!cpu_features.nx && (efer & EFER_NX)))
        return false;
    if (paging && (efer & EFER_LME) && !(cr4 & X86_CR4_PAE))
        return false;
    if ((cr4 & X86_CR4_PCIDE) && !(efer & EFER_LMA))
        return false;
    return !(efer & EFER_LMA) == !(paging && (efer & EFER_LME));
}

/* What both forms of the context have, in their own widths: prefixes e and r. */
struct start { struct cpu_user_regs regs; u64 cr0, cr3, cr4, efer; };
#define START(c, x) { .regs = { .rax = (c)->x##ax, .rcx = (c)->x##cx, .rdx = (c)->x##dx, .rbx = (c)->x##bx, \
                                .rsp = (c)->x##sp, .rbp = (c)->x##bp, .rsi = (c)->x##si, .rdi = (c)->x##di, \
                                .rip = (c)->x##ip, .rflags = (c)->x##flags | 2 }, \
                      .cr0 = (c)->cr0 | X86_CR0_ET, .cr3 = (c)->cr3, .cr4 = (c)->cr4, .efer = (c)->efer }

static bool start_ok(struct domain *d, const struct start *s)
{
    return !(s->regs.rflags & ~X86_EFLAGS_DEFINED) && hw_control_ok(d, s->cr0, s->cr4, s->efer);
}

/* After a reset: what there is beyond segments. */
static void begin(struct vcpu *v, const struct start *s)
{
    hw_reset(v);
    v->regs = s->regs;
    container_ops->set(v, CREG_EFER, s->efer);
    container_ops->set(v, CREG_CR4, s->cr4);
    container_ops->set(v, CREG_CR3, s->cr3);
    container_ops->set(v, CREG_CR0, s->cr0);
}

static u16 attributes(u16 value)
{
    return value & ATTR_BITS;
}

/* The limit is in bytes; an attribute of page granularity must not promise more than that. */
static bool segment_ok(u32 limit, u16 ar)
{
    return !(ar & SEGMENT_ATTR_P) || !(ar & SEGMENT_ATTR_G) || (limit & 0xfff) == 0xfff;
}

static int set_32(struct vcpu *v, const struct vcpu_hvm_x86_32 *c)
{
    struct container_segment cs = { 0, attributes(c->cs_ar), c->cs_limit, c->cs_base };
    struct container_segment ss = { 0, attributes(c->ss_ar), c->ss_limit, c->ss_base };
    struct container_segment ds = { 0, attributes(c->ds_ar), c->ds_limit, c->ds_base };
    struct container_segment es = { 0, attributes(c->es_ar), c->es_limit, c->es_base };
    struct container_segment tr = { 0, attributes(c->tr_ar), c->tr_limit, c->tr_base };
    struct start start = START(c, e);

    start.efer &= ~(u64)EFER_LMA;
    if ((start.cr0 & X86_CR0_PG) && (start.efer & EFER_LME))
        start.efer |= EFER_LMA;
    if (c->pad1 || c->pad2[0] || c->pad2[1] || c->pad2[2] || !(cs.attributes & SEGMENT_ATTR_P) ||
        !segment_ok(cs.limit, cs.attributes) || !segment_ok(ss.limit, ss.attributes) ||
        !segment_ok(ds.limit, ds.attributes) || !segment_ok(es.limit, es.attributes) || !start_ok(v->domain, &start))
        return -EINVAL;
    begin(v, &start);
    container_ops->set_segment(v, SEGMENT_CS, &cs);
    container_ops->set_segment(v, SEGMENT_SS, &ss);
    container_ops->set_segment(v, SEGMENT_DS, &ds);
    container_ops->set_segment(v, SEGMENT_ES, &es);
    container_ops->set_segment(v, SEGMENT_TR, &tr);
    return 0;
}

static int set_64(struct vcpu *v, const struct vcpu_hvm_x86_64 *c)
{
    static const struct container_segment code = { 0, ATTR_CODE64, ~0u, 0 }, data = { 0, ATTR_DATA, ~0u, 0 },
                                          tss = { 0, ATTR_TSS, 0x67, 0 };
    struct start start = START(c, r);

    start.efer |= EFER_LMA;
    if (!is_canonical(c->rip) || !(c->efer & EFER_LME) || !(c->cr0 & X86_CR0_PG) || !start_ok(v->domain, &start))
        return -EINVAL;
    begin(v, &start);
    for (enum container_segment_id id = SEGMENT_ES; id <= SEGMENT_GS; id++)
        container_ops->set_segment(v, id, id == SEGMENT_CS ? &code : &data);
    container_ops->set_segment(v, SEGMENT_TR, &tss);
    return 0;
}

int hw_set_hvm_context(struct vcpu *v, const struct vcpu_hvm_context *context)
{
    if (context->pad)
        return -EINVAL;
    if (ACCESS_ONCE(v->is_running))   /* on its way down: the guest is to try again */
        return -EBUSY;
    switch (context->mode) {
    case VCPU_HVM_MODE_32B: return set_32(v, &context->cpu_regs.x86_32);
    case VCPU_HVM_MODE_64B: return set_64(v, &context->cpu_regs.x86_64);
    }
    return -EINVAL;
}

/* XEN_DOMCTL_setvcpucontext is about kernels in ring 3. */
int hw_set_context(struct vcpu *v, const struct vcpu_guest_context *context)
{
    return -EINVAL;
}

void hw_get_context(struct vcpu *v, struct vcpu_guest_context *c)
{
    u16 *const selectors[] = { &c->user_regs.es, &c->user_regs.cs, &c->user_regs.ss, &c->user_regs.ds, &c->user_regs.fs,
                               &c->user_regs.gs };
    struct container_segment segment;

    memset(c, 0, sizeof(*c));
    sync_vcpu_state(v);
    fpu_export(v, c->fpu_ctxt.x);
    c->flags = VGCF_I387_VALID | (test_bit(VPF_DOWN, &v->pause_flags) ? 0 : VGCF_online) |
               (container_ops->cpl(v) == 0 ? VGCF_in_kernel : 0);
    c->user_regs = *hw_regs(v);
    for (unsigned int i = 0; i < ARRAY_SIZE(selectors); i++) {
        container_ops->get_segment(v, (enum container_segment_id)i, &segment);
        *selectors[i] = segment.selector;
    }
    container_ops->get_segment(v, SEGMENT_FS, &segment);
    c->fs_base = segment.base;
    container_ops->get_segment(v, SEGMENT_GS, &segment);
    c->gs_base_kernel = segment.base;
    c->gs_base_user = container_ops->get(v, CREG_KERNEL_GS_BASE);
    c->ctrlreg[0] = container_ops->get(v, CREG_CR0);
    c->ctrlreg[2] = container_ops->get(v, CREG_CR2);
    c->ctrlreg[3] = container_ops->get(v, CREG_CR3);
    c->ctrlreg[4] = container_ops->get(v, CREG_CR4);
    for (unsigned int i = 0; i < 4; i++)
        c->debugreg[i] = container_ops->get(v, CREG_DR0 + i);
    c->debugreg[6] = container_ops->get(v, CREG_DR6);
    c->debugreg[7] = container_ops->get(v, CREG_DR7);
}
