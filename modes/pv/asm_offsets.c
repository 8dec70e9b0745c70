/* SPDX-License-Identifier: MIT */
/* Numbers for entry.S. S_*: from &regs.rsp, where a SYSCALL starts; B_*: from the frame's beginning. */
#include "cpu/asm_offsets.h"

#include "modes/pv/pv.h"

#define SLOT(name, field) \
    NUMBER(name, (long)offsetof(struct cpu_info, field) - (long)offsetof(struct cpu_info, regs.rsp))
#define BASE(name, field) NUMBER(name, offsetof(struct cpu_info, field))

void pv_asm_offsets(void)
{
    SLOT(S_BASE, regs.r15);
    SLOT(S_RAX, regs.rax);
    SLOT(S_RCX, regs.rcx);
    SLOT(S_RDX, regs.rdx);
    SLOT(S_RSI, regs.rsi);
    SLOT(S_RDI, regs.rdi);
    SLOT(S_R8, regs.r8);
    SLOT(S_R9, regs.r9);
    SLOT(S_R10, regs.r10);
    SLOT(S_R11, regs.r11);
    SLOT(S_VECTOR, regs.error_code);
    SLOT(S_RIP, regs.rip);
    SLOT(S_CS, regs.cs);
    SLOT(S_RFLAGS, regs.rflags);
    SLOT(S_SS, regs.ss);
    SLOT(S_CURRENT, vcpu);
    SLOT(S_LEDGER_CELL, ledger_cell);
    SLOT(S_ENTRY_TSC, entry_tsc);
    SLOT(S_SELF, self);
    BASE(B_RAX, regs.rax);
    BASE(B_RBP, regs.rbp);
    BASE(B_RBX, regs.rbx);
    BASE(B_RCX, regs.rcx);
    BASE(B_RDX, regs.rdx);
    BASE(B_RSI, regs.rsi);
    BASE(B_RDI, regs.rdi);
    BASE(B_R8, regs.r8);
    BASE(B_R9, regs.r9);
    BASE(B_R10, regs.r10);
    BASE(B_R11, regs.r11);
    BASE(B_R12, regs.r12);
    BASE(B_R13, regs.r13);
    BASE(B_R14, regs.r14);
    BASE(B_R15, regs.r15);
    BASE(B_VECTOR, regs.entry_vector);
    BASE(B_RIP, regs.rip);
    BASE(B_RFLAGS, regs.rflags);
    BASE(B_RSP, regs.rsp);
    BASE(B_CURRENT, vcpu);
    BASE(B_LEDGER_CELL, ledger_cell);
    BASE(B_ENTRY_TSC, entry_tsc);
    BASE(B_SELF, self);
    NUMBER(PV_CPU_INFO_SIZE, sizeof(struct cpu_info));

    OFFSET(PV_KERNEL_SP, struct pv_vcpu, kernel_sp);
    OFFSET(PV_SYSCALL_ENTRY, struct pv_vcpu, syscall_entry);
    OFFSET(PV_USER_CR3, struct pv_vcpu, user_cr3);
    OFFSET(PV_KERNEL_CR3, struct pv_vcpu, kernel_cr3);
    OFFSET(PV_HYPERCALLS, struct pv_vcpu, hypercalls);
    OFFSET(PV_KERNEL_MODE, struct pv_vcpu, kernel_mode);
    OFFSET(PV_SYSCALL_MASKS, struct pv_vcpu, syscall_masks_events);
    OFFSET(PV_NMI_MASKED, struct pv_vcpu, nmi_masked);
    OFFSET(PV_BOUNCE_PENDING, struct pv_vcpu, bounce_pending);
    OFFSET(PV_FAULT_HANDLER, struct pv_vcpu, traps[TRAP_PF].address);
    OFFSET(PV_FAULT_FLAGS, struct pv_vcpu, traps[TRAP_PF].flags);
    OFFSET(PV_CR2, struct pv_vcpu, ctrlreg[2]);
    OFFSET(PV_DOMAIN, struct pv_vcpu, vcpu.domain);
    OFFSET(PV_VCPU_INFO, struct pv_vcpu, vcpu.vcpu_info);
    OFFSET(PV_NMI_PENDING, struct pv_vcpu, vcpu.nmi_pending);
    OFFSET(PV_LEDGER, struct pv_vcpu, vcpu.ledger);
    NUMBER(PV_LEDGER_CELL_SIZE, sizeof(struct ledger_cell));
    NUMBER(PV_LEDGER_NAMED, LEDGER_NAMED);
    NUMBER(PV_LEDGER_COUNTED, LEDGER_COUNTED);
    OFFSET(PV_LEDGER_PAGE_FAULT, struct pv_vcpu, vcpu.ledger.cell[LEDGER_PAGE_FAULT]);
    OFFSET(PV_LEDGER_CR3_LOAD, struct pv_vcpu, vcpu.ledger.cell[LEDGER_CR3_LOAD]);
    OFFSET(PV_PAGE_FAULTS, struct pv_vcpu, vcpu.ledger.kinds[LEDGER_KIND_TRAP + TRAP_PF]);
    OFFSET(PV_LEDGER_SYSCALL, struct pv_vcpu, vcpu.ledger.cell[LEDGER_SYSCALL]);
    OFFSET(PV_LEDGER_IRET, struct pv_vcpu, vcpu.ledger.cell[LEDGER_IRET]);
    OFFSET(PV_LEDGER_HYPERCALL, struct pv_vcpu, vcpu.ledger.cell[LEDGER_HYPERCALL]);
    OFFSET(PV_HYPERCALL_COUNTS, struct pv_vcpu, vcpu.ledger.kinds[LEDGER_KIND_HYPERCALL]);
    OFFSET(PV_LEDGER_USER, struct pv_vcpu, vcpu.ledger.user);
    OFFSET(PV_DOMAIN_VM_ASSIST, struct domain, vm_assist);
    OFFSET(PV_CPU_CR3, struct cpu, cr3);
    OFFSET(PV_CPU_SOFTIRQ, struct cpu, softirq_pending);
    OFFSET(VI_PENDING, struct vcpu_info, evtchn_upcall_pending);
    OFFSET(VI_CR2, struct vcpu_info, arch.cr2);
    OFFSET(VI_MASK, struct vcpu_info, evtchn_upcall_mask);
    NUMBER(PV_ARCH_IOPL_BIT, 1 << VMASST_TYPE_architectural_iopl);
    NUMBER(PV_LEDGER_TICKS, offsetof(struct ledger_cell, ticks));
    NUMBER(PV_LEDGER_COUNT, offsetof(struct ledger_cell, count));
    OFFSET(IRET_RAX, struct iret_context, rax);
    OFFSET(IRET_R11, struct iret_context, r11);
    OFFSET(IRET_RCX, struct iret_context, rcx);
    OFFSET(IRET_FLAGS, struct iret_context, flags);
    OFFSET(IRET_RIP, struct iret_context, rip);
    OFFSET(IRET_CS, struct iret_context, cs);
    OFFSET(IRET_RFLAGS, struct iret_context, rflags);
    OFFSET(IRET_RSP, struct iret_context, rsp);
    OFFSET(IRET_SS, struct iret_context, ss);
}
