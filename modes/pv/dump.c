/* SPDX-License-Identifier: MIT */
/* What explains a PV guest's crash: its registers, where it would be entered, its stack. */
#include "modes/pv/pv.h"

#define STACK_WORDS 32

static void dump_stack(const struct cpu_user_regs *regs)
{
    u64 word;

    for (unsigned int i = 0; i < STACK_WORDS; i++) {
        if (pv_copy_from_here(&word, regs->rsp + 8 * i, sizeof(word))) {
            pr_err("  (stack ends at %lx)\n", (unsigned long)regs->rsp + 8 * i);
            return;
        }
        pr_err("%s%016lx%s", i % 4 ? " " : "  ", (unsigned long)word, i % 4 == 3 ? "\n" : "");
    }
}

static void dump_registers(const struct cpu_user_regs *r)
{
    pr_err("RIP %04x:%016lx  RSP %04x:%016lx  RFLAGS %lx  vector %u, error code %x\n", r->cs, (unsigned long)r->rip,
           r->ss, (unsigned long)r->rsp, (unsigned long)r->rflags, r->entry_vector, r->error_code);
    pr_err("RAX %016lx RBX %016lx RCX %016lx RDX %016lx\n", (unsigned long)r->rax, (unsigned long)r->rbx,
           (unsigned long)r->rcx, (unsigned long)r->rdx);
    pr_err("RSI %016lx RDI %016lx RBP %016lx R8  %016lx\n", (unsigned long)r->rsi, (unsigned long)r->rdi,
           (unsigned long)r->rbp, (unsigned long)r->r8);
    pr_err("R9  %016lx R10 %016lx R11 %016lx R12 %016lx\n", (unsigned long)r->r9, (unsigned long)r->r10,
           (unsigned long)r->r11, (unsigned long)r->r12);
    pr_err("R13 %016lx R14 %016lx R15 %016lx\n", (unsigned long)r->r13, (unsigned long)r->r14, (unsigned long)r->r15);
}

void pv_dump(struct vcpu *v)
{
    struct pv_vcpu *p = to_pv(v);
    const struct cpu_user_regs *regs = v == current ? guest_regs() : &v->regs;

    pr_err("%s v%u, in its %s:\n", v->domain->name_for_log, v->id, p->kernel_mode ? "kernel" : "user mode");
    dump_registers(regs);
    pr_err("CR2 %lx  CR3 kernel %lx user %lx  CR4 %lx  kernel stack %lx  entries: event %lx failsafe %lx syscall %lx\n",
           (unsigned long)p->ctrlreg[2], (unsigned long)p->kernel_cr3, (unsigned long)p->user_cr3,
           (unsigned long)p->ctrlreg[4], (unsigned long)p->kernel_sp, (unsigned long)p->event_entry,
           (unsigned long)p->failsafe_entry, (unsigned long)p->syscall_entry);
    pr_err("Events: %s, %s\n", v->vcpu_info->evtchn_upcall_pending ? "pending" : "none pending",
           v->vcpu_info->evtchn_upcall_mask ? "masked" : "unmasked");
    if (v == current)
        dump_stack(regs);
}
