/* SPDX-License-Identifier: MIT */
/* A PV vCPU's life: made, given a state (VCPUOP_initialise, XEN_DOMCTL_setvcpucontext), asked for it, reset. */
#include "dom/sched.h"
#include "modes/pv/pv.h"

int pv_vcpu_init(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);
    int rc = pv_mm_vcpu_init(p);

    if (rc)
        return rc;
    p->hypercalls = v->domain->row->privileged->hypercalls;
    p->kernel_mode = 1;
    p->ctrlreg[0] = READ_CR(0) & ~(u64)X86_CR0_TS;
    p->debugreg[6] = 0xffff0ff0;
    p->debugreg[7] = 0x400;
    pv_set_cr4(p, 0);
    return 0;
}

/* What it holds of page and descriptor tables went with pv_reset(); its own page tables go with the domain's. */
void pv_vcpu_free(struct vcpu *v)
{
}

static bool context_ok(const struct vcpu_guest_context *c)
{
    if (!is_canonical(c->user_regs.rip) || !pv_kernel_stack_ok(c->kernel_sp) || !pv_entry_ok(c->event_callback_eip) ||
        !pv_entry_ok(c->failsafe_callback_eip) || !pv_entry_ok(c->syscall_callback_eip) || !is_canonical(c->fs_base) ||
        !is_canonical(c->gs_base_kernel) || !is_canonical(c->gs_base_user))
        return false;
    for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++)
        if (!pv_entry_ok(c->trap_ctxt[i].address))
            return false;
    if (c->ldt_ents > 8192 || (c->ldt_ents && ((c->ldt_base & ~PAGE_MASK) || !is_canonical(c->ldt_base) ||
                                               !pv_range_ok(c->ldt_base, c->ldt_ents * 8))))
        return false;
    return c->gdt_ents <= FIRST_RESERVED_GDT_ENTRY && ((c->flags & VGCF_in_kernel) || c->ctrlreg[1]);
}

static void set_registers(struct pv_vcpu *p, const struct vcpu_guest_context *c)
{
    struct cpu_user_regs *regs = &p->vcpu.regs;

    *regs = c->user_regs;
    pv_fixup_selector(&regs->cs);
    pv_fixup_selector(&regs->ss);
    pv_fixup_selector(&regs->ds);
    pv_fixup_selector(&regs->es);
    pv_fixup_selector(&regs->fs);
    pv_fixup_selector(&regs->gs);
    p->ds_sel = regs->ds;
    p->es_sel = regs->es;
    p->fs_sel = regs->fs;
    p->gs_sel = regs->gs;
    /* The starting IOPL comes in EFLAGS, and the hardware's stays 0. */
    p->iopl = regs->rflags & X86_EFLAGS_IOPL;
    if (!(regs->rflags & X86_EFLAGS_IF))
        p->vcpu.vcpu_info->evtchn_upcall_mask = 1;
    regs->rflags = ((u32)regs->rflags & ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM | X86_EFLAGS_NT)) | X86_EFLAGS_IF | 2;
    regs->entry_vector = 0;
    regs->error_code = 0;
    p->fs_base = c->fs_base;
    p->gs_base_kernel = c->gs_base_kernel;
    p->gs_base_user = c->gs_base_user;
}

static void set_entries(struct pv_vcpu *p, const struct vcpu_guest_context *c)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(p->traps); i++) {
        p->traps[i] = (struct pv_trap){ c->trap_ctxt[i].address, c->trap_ctxt[i].cs, c->trap_ctxt[i].flags };
        pv_fixup_selector(&p->traps[i].selector);
    }
    p->kernel_ss = (u16)c->kernel_ss | 3;
    p->kernel_sp = c->kernel_sp;
    p->event_entry = c->event_callback_eip;
    p->failsafe_entry = c->failsafe_callback_eip;
    p->failsafe_masks = !!(c->flags & VGCF_failsafe_disables_events);
    p->syscall_entry = c->syscall_callback_eip;
    p->syscall_masks_events = !!(c->flags & VGCF_syscall_disables_events);
}

/* Tables last: they are what may have to be tried again, and everything before can be repeated. */
static int set_tables(struct pv_vcpu *p, const struct vcpu_guest_context *c)
{
    mfn_t frames[FIRST_RESERVED_GDT_PAGE];

    for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
        frames[i] = c->gdt_frames[i];
    int rc = pv_new_kernel_l4(p, xen_cr3_to_pfn(c->ctrlreg[3]));
    if (!rc && c->ctrlreg[1])
        rc = pv_new_user_l4(p, xen_cr3_to_pfn(c->ctrlreg[1]));
    if (!rc)
        rc = pv_set_gdt(p, frames, c->gdt_ents);
    if (rc)
        return rc;
    pv_invalidate_ldt(p);
    p->ldt_base = c->ldt_ents ? c->ldt_base : 0;
    p->ldt_entries = c->ldt_ents;
    return 0;
}

/* -EINVAL for what no context may contain; -ERESTART to be called again; else pv_new_kernel_l4's and pv_set_gdt's
 * errors, after which v has what it had, or must be reset. v is down or paused, not current. */
int pv_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct pv_vcpu *p = to_pv(v);

    if (!context_ok(c))
        return -EINVAL;
    for (unsigned int reg = 0; reg < 8; reg++)
        if (reg != 4 && reg != 5 && c->debugreg[reg] && pv_set_debugreg(p, reg, c->debugreg[reg]))
            return -EINVAL;
    sync_vcpu_state(v);
    int rc = set_tables(p, c);
    if (rc)
        return rc;
    set_registers(p, c);
    set_entries(p, c);
    p->kernel_mode = !!(c->flags & VGCF_in_kernel);
    p->bounce_pending = 0;
    p->nmi_masked = 0;
    p->fpu_ts = false;
    p->ctrlreg[0] &= ~(u64)X86_CR0_TS;
    pv_set_cr4(p, c->ctrlreg[4]);
    if (c->flags & VGCF_I387_VALID)
        fpu_import(v, c->fpu_ctxt.x);
    else
        fpu_reset(v);
    if (v->id == 0 && !v->is_initialised)   /* the builder's word for the whole domain */
        v->domain->vm_assist = c->vm_assist & PV_VM_ASSISTS;
    return 0;
}

void pv_get_context(struct vcpu *v, struct vcpu_guest_context *c)
{
    struct pv_vcpu *p = to_pv(v);
    const struct cpu_user_regs *regs = v == current ? guest_regs() : &v->regs;

    memset(c, 0, sizeof(*c));
    sync_vcpu_state(v);
    fpu_export(v, c->fpu_ctxt.x);
    c->flags = VGCF_I387_VALID | (p->kernel_mode ? VGCF_in_kernel : 0) |
               (p->failsafe_masks ? VGCF_failsafe_disables_events : 0) |
               (p->syscall_masks_events ? VGCF_syscall_disables_events : 0) |
               (test_bit(VPF_DOWN, &v->pause_flags) ? 0 : VGCF_online);
    c->user_regs = *regs;
    c->user_regs.ds = p->ds_sel;
    c->user_regs.es = p->es_sel;
    c->user_regs.fs = p->fs_sel;
    c->user_regs.gs = p->gs_sel;
    c->user_regs.saved_upcall_mask = v->vcpu_info->evtchn_upcall_mask;
    c->user_regs.rflags &= ~(u64)(X86_EFLAGS_IF | X86_EFLAGS_IOPL);
    c->user_regs.rflags |= p->iopl | (v->vcpu_info->evtchn_upcall_mask ? 0 : X86_EFLAGS_IF);
    if (p->kernel_mode)
        c->user_regs.cs &= ~3;
    for (unsigned int i = 0; i < ARRAY_SIZE(p->traps); i++)
        c->trap_ctxt[i] = (struct trap_info){ i, p->traps[i].flags, p->traps[i].selector, p->traps[i].address };
    c->ldt_base = p->ldt_base;
    c->ldt_ents = p->ldt_entries;
    for (unsigned int i = 0; i < ARRAY_SIZE(p->gdt_frames); i++)
        c->gdt_frames[i] = p->gdt_frames[i];
    c->gdt_ents = p->gdt_entries;
    c->kernel_ss = p->kernel_ss;
    c->kernel_sp = p->kernel_sp;
    c->ctrlreg[0] = p->ctrlreg[0];
    c->ctrlreg[1] = xen_pfn_to_cr3(p->user_l4);
    c->ctrlreg[2] = p->ctrlreg[2];
    c->ctrlreg[3] = xen_pfn_to_cr3(p->kernel_l4);
    c->ctrlreg[4] = p->ctrlreg[4];
    memcpy(c->debugreg, p->debugreg, sizeof(c->debugreg));
    c->event_callback_eip = p->event_entry;
    c->failsafe_callback_eip = p->failsafe_entry;
    c->syscall_callback_eip = p->syscall_entry;
    c->vm_assist = v->domain->vm_assist;
    c->fs_base = p->fs_base;
    c->gs_base_kernel = p->gs_base_kernel;
    c->gs_base_user = p->gs_base_user;
}

/* v is down or its domain is dying. */
void pv_reset(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);

    pv_destroy_gdt(p);
    pv_invalidate_ldt(p);
    p->ldt_base = 0;
    p->ldt_entries = 0;
    pv_drop_l4s(p);
    memset(p->traps, 0, sizeof(p->traps));
    p->event_entry = p->failsafe_entry = p->syscall_entry = p->syscall32_entry = p->sysenter_entry = 0;
    p->bounce_pending = 0;
    p->nmi_masked = 0;
}
