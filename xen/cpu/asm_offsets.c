/* SPDX-License-Identifier: MIT */
/* The trap frame and per-CPU stack top, for entry.S and modes' entry code. */
#include "cpu/asm_offsets.h"
#include "cpu/percpu.h"

#define REG(name, field) OFFSET(UREGS_##name, struct cpu_user_regs, field)

void asm_offsets_cpu(void);
void asm_offsets_cpu(void)
{
    REG(r15, r15); REG(r14, r14); REG(r13, r13); REG(r12, r12); REG(rbp, rbp); REG(rbx, rbx); REG(r11, r11);
    REG(r10, r10); REG(r9, r9); REG(r8, r8); REG(rax, rax); REG(rcx, rcx); REG(rdx, rdx); REG(rsi, rsi); REG(rdi, rdi);
    REG(error_code, error_code); REG(entry_vector, entry_vector); REG(rip, rip); REG(cs, cs); REG(rflags, rflags);
    REG(saved_upcall_mask, saved_upcall_mask); REG(rsp, rsp); REG(ss, ss); REG(es, es);
    NUMBER(CPUINFO_SIZE, sizeof(struct cpu_info));
    OFFSET(CPUINFO_current, struct cpu_info, vcpu);
    OFFSET(CPUINFO_ledger_cell, struct cpu_info, ledger_cell);
    OFFSET(CPUINFO_entry_tsc, struct cpu_info, entry_tsc);
    OFFSET(CPUINFO_cpu, struct cpu_info, cpu);
    OFFSET(CPUINFO_scratch, struct cpu_info, scratch);
    NUMBER(CPU_SIZE, sizeof(struct cpu));
    OFFSET(CPU_softirq_pending, struct cpu, softirq_pending);
    OFFSET(CPU_cr3, struct cpu, cr3);
}
