/* SPDX-License-Identifier: MIT */
/* An SVM vCPU comes and goes. */
#include "cpu/x86.h"
#include "hw/svm/svm.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "mem/p2m.h"

#define PAT_AT_RESET 0x0007040600070406

static void reset_segments(struct vmcb *vmcb)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(vmcb->segment); i++)
        vmcb->segment[i] = (struct vmcb_segment){ 0, 0x93, 0xffff, 0 };
    vmcb->segment[SEGMENT_CS] = (struct vmcb_segment){ 0xf000, 0x9b, 0xffff, 0xffff0000 };
    vmcb->ldtr = (struct vmcb_segment){ 0, 0x82, 0xffff, 0 };
    vmcb->tr = (struct vmcb_segment){ 0, 0x8b, 0xffff, 0 };
    vmcb->gdtr = vmcb->idtr = (struct vmcb_segment){ .limit = 0xffff };
}

/* As INIT leaves a processor (APM vol. 2, table 14-1), but with caches on. */
static void reset_state(struct vcpu *v, struct vmcb *vmcb)
{
    reset_segments(vmcb);
    vmcb->cr0 = X86_CR0_ET;
    vmcb->efer = EFER_SVME;
    vmcb->dr6 = 0xffff0ff0;
    vmcb->dr7 = 0x400;
    vmcb->pat = PAT_AT_RESET;
    v->regs.rip = 0xfff0;
    v->regs.rflags = 2;
    v->regs.cs = 0xf000;
    v->regs.rdx = cpuid(1, 0).a;
}

int svm_vcpu_init(struct vcpu *v, struct p2m *p2m, size_t (*fetch)(struct vcpu *, u64, void *, size_t))
{
    struct svm_container *s = xzalloc(struct svm_container);

    if (!s)
        return -ENOMEM;
    s->vmcb = page_alloc(0);
    if (!s->vmcb) {
        xfree(s);
        return -ENOMEM;
    }
    s->vmcb_maddr = virt_to_maddr(s->vmcb);
    s->container = (struct container){ .vcpu = v, .fetch = fetch };
    s->last_cpu = NR_CPUS;
    svm_intercept_init(s->vmcb);
    s->vmcb->iopm = svm_iopm;
    s->vmcb->msrpm = svm_msrpm;
    s->vmcb->int_control = V_INTR_MASKING;
    s->vmcb->nested_control = 1;
    s->vmcb->nested_cr3 = p2m->root << PAGE_SHIFT;
    reset_state(v, s->vmcb);
    v->container = &s->container;
    return 0;
}

void svm_vcpu_free(struct vcpu *v)
{
    struct svm_container *s;

    if (!v->container)
        return;
    s = to_svm(v);
    v->container = NULL;
    page_free(s->vmcb, 0);
    xfree(s);
}
