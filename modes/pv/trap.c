/* SPDX-License-Identifier: MIT */
/* An exception raised by a PV guest: Prism's own to answer, or reflected to the guest's kernel. */
#include "dom/account.h"
#include "dom/sched.h"
#include "insn/decode.h"
#include "modes/pv/pv.h"
#include "modes/pv/trace.h"

#define OPCODE_INT 0xcd

static bool in_prism(u64 va)
{
    return va >= HYPERVISOR_START && va < HYPERVISOR_END;
}

/* Would the access that faulted at va be let through now? A CPU may fault on a stale translation after Prism or the
 * guest gave a page more rights, which needs no flush. */
static bool spurious(u64 va, u32 error)
{
    u64 need = PTE_P | PTE_US | (error & PFEC_WRITE ? PTE_RW : 0);
    const u64 *table = maddr_to_virt(READ_CR(3) & PTE_MFN_MASK);

    for (unsigned int level = 4;; level--) {
        u64 entry = ACCESS_ONCE(table[(va >> (PAGE_SHIFT + 9 * (level - 1))) & 511]);
        if ((entry & need) != need || ((error & PFEC_FETCH) && (entry & PTE_NX)))
            return false;
        if (level == 1 || (entry & PTE_PSE))
            return true;
        if (!mfn_is_ram((entry & PTE_MFN_MASK) >> PAGE_SHIFT))
            return false;
        table = maddr_to_virt(entry & PTE_MFN_MASK);
    }
}

/* What the straight line of entry_fault.S has left. */
static void page_fault(struct pv_vcpu *p, struct cpu_user_regs *regs, u64 va)
{
    u32 error = regs->error_code;

    ledger_charge(&p->vcpu, LEDGER_PAGE_FAULT);
    if (unlikely(in_prism(va))) {
        if (va - pv_ldt_address(p) < 16 * PAGE_SIZE && pv_ldt_fault(p, va)) {
            pv_trace_answered_at(TRC_PV_GDT_LDT_MAPPING_FAULT, regs->rip, va - pv_ldt_address(p));
            return;
        }
        /* Whether Prism has something there is none of the guest's business. */
        pv_inject(&p->vcpu, TRAP_PF, error | PFEC_PRESENT, va);
        return;
    }
    if ((error & (PFEC_PRESENT | PFEC_RESERVED)) == PFEC_PRESENT && p->kernel_mode) {
        if ((error & PFEC_WRITE) && (p->vcpu.domain->vm_assist & (1UL << VMASST_TYPE_writable_pagetables)) &&
            pv_emulate_pt_write(p, regs, va)) {
            ledger_charge(&p->vcpu, LEDGER_PT_WRITE);
            return;
        }
        if (spurious(va, error)) {
            pv_trace_answered_at(TRC_PV_PAGING_FIXUP, regs->rip, va);
            return;
        }
    }
    pv_inject(&p->vcpu, TRAP_PF, error, va);
}

/* INT n with a vector whose gate is not for ring 3 arrives as #GP with a selector error code. The instruction says which
 * vector that is and how long it is: it may have prefixes, and the emulated machine's error code names another gate
 * (docs/machine.md). *error becomes what the processor's manual says (AMD64 APM vol. 2, 8.4.2). */
static bool software_interrupt(struct pv_vcpu *p, struct cpu_user_regs *regs, u32 *error)
{
    bool long_mode, faulted;
    struct insn insn;

    if (!pv_fetch(p, regs, &insn, &long_mode, &faulted))
        return faulted;
    if (insn.opcode_map != 0 || insn.opcode != OPCODE_INT)
        return false;
    u8 vector = (u8)insn.immediate;
    const struct pv_trap *trap = &p->traps[vector];
    unsigned int dpl = trap->flags & 3;

    *error = vector << 3 | 2;
    if (!trap->address || !(p->kernel_mode ? dpl >= 1 : dpl == 3))
        return false;
    regs->rip += insn.length;
    pv_inject_sw(p, vector);
    return true;
}

static void general_protection(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    u32 error = regs->error_code;

    if (!(error & 1) && (error & 2)) {
        if (software_interrupt(p, regs, &error))
            return;
    } else if (error == 0 && pv_emulate_privileged(p, regs)) {
        return;
    }
    pv_inject(&p->vcpu, TRAP_GP, error, 0);
}

static void invalid_opcode(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    static const u8 vmmcall[3] = { 0x0f, 0x01, 0xd9 };
    u8 code[3];

    if (pv_emulate_forced(p, regs))
        return;
    if (!p->kernel_mode && !pv_copy_from_here(code, regs->rip, sizeof(code)) && !memcmp(code, vmmcall, sizeof(code)) &&
        account_mark(&p->vcpu, regs->rax, regs->rdi)) {
        pv_advance_rip(p, regs, sizeof(code));
        return;
    }
    pv_inject(&p->vcpu, TRAP_UD, 0, 0);
}

static void device_not_available(struct pv_vcpu *p)
{
    ledger_charge(&p->vcpu, LEDGER_FPU);
    trace(TRC_PV_MATH_STATE_RESTORE);
    irq_disable();
    fpu_restore(&p->vcpu);
    irq_enable();
    if (p->fpu_ts) {
        /* As the ABI has it: the guest's CR0.TS is clear once it has been told. */
        p->fpu_ts = false;
        p->ctrlreg[0] &= ~(u64)X86_CR0_TS;
        pv_inject(&p->vcpu, TRAP_NM, 0, 0);
    }
}

/* dr6: read with interrupts still off, and cleared. Of its bits the guest sees those of its own causes. */
static void debug(struct pv_vcpu *p, u64 dr6)
{
    p->debugreg[6] = (p->debugreg[6] & ~0xfUL) | (dr6 & 0xe00f) | 0xffff0ff0;
    pv_inject(&p->vcpu, TRAP_DB, 0, 0);
}

static u64 take_dr6(void)
{
    u64 dr6;

    asm volatile("mov %%dr6, %0" : "=r" (dr6));
    asm volatile("mov %0, %%dr6" :: "r" (0xffff0ff0UL));
    return dr6;
}

void pv_trap(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct pv_vcpu *p = to_pv(v);
    u8 vector = regs->entry_vector;
    u64 special = vector == TRAP_PF ? READ_CR(2) : vector == TRAP_DB ? take_dr6() : 0;

    ledger_charge(v, LEDGER_EXCEPTION);
    ledger_count_kind(v, LEDGER_KIND_TRAP, vector);
    irq_enable();
    switch (vector) {
    case TRAP_PF: page_fault(p, regs, special); break;
    case TRAP_GP: general_protection(p, regs); break;
    case TRAP_UD: invalid_opcode(p, regs); break;
    case TRAP_NM: device_not_available(p); break;
    case TRAP_DB: debug(p, special); break;
    case TRAP_BP:
    case TRAP_OF: pv_inject_sw(p, vector); break;
    default: pv_inject(v, vector, regs->error_code, 0); break;
    }
}
