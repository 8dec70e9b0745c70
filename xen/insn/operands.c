/* SPDX-License-Identifier: MIT */
/* Where a decoded instruction's operands are: registers of the frame, the offset of its memory operand. Pure. */
#include <xen/xen.h>

#include "insn/decode.h"

u64 *insn_reg(struct cpu_user_regs *regs, unsigned int n)
{
    switch (n & 15) {
    case 0: return &regs->rax;
    case 1: return &regs->rcx;
    case 2: return &regs->rdx;
    case 3: return &regs->rbx;
    case 4: return &regs->rsp;
    case 5: return &regs->rbp;
    case 6: return &regs->rsi;
    case 7: return &regs->rdi;
    case 8: return &regs->r8;
    case 9: return &regs->r9;
    case 10: return &regs->r10;
    case 11: return &regs->r11;
    case 12: return &regs->r12;
    case 13: return &regs->r13;
    case 14: return &regs->r14;
    default: return &regs->r15;
    }
}

u8 *insn_reg8(struct cpu_user_regs *regs, unsigned int n, bool rex)
{
    if (!rex && n >= 4 && n < 8)
        return (u8 *)insn_reg(regs, n - 4) + 1;
    return (u8 *)insn_reg(regs, n);
}

u64 insn_effective_address(const struct insn *insn, const struct cpu_user_regs *regs, u64 next_rip)
{
    struct cpu_user_regs *r = (struct cpu_user_regs *)regs;   /* read only: insn_reg() serves both */
    u64 address = (u64)insn->displacement;

    if (insn->rip_relative)
        address += next_rip;
    if (insn->base != 0xff)
        address += *insn_reg(r, insn->base);
    if (insn->index != 0xff)
        address += *insn_reg(r, insn->index) << insn->scale;
    return insn->address_size == 8 ? address : address & ((1UL << 8 * insn->address_size) - 1);
}
