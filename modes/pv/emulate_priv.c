/* SPDX-License-Identifier: MIT */
/* Instructions that a kernel in ring 3 may not execute, carried out for it. Each one: fetch, decode, find, do, step
 * over. */
#include "dom/sched.h"
#include "insn/decode.h"
#include "modes/pv/guest_fetch.h"
#include "modes/pv/trace.h"

#define RDMSR 0x320f    /* opcodes, as they are read from memory */
#define WRMSR 0x300f

struct fetched {
    struct insn insn;
    bool long_mode;
};

enum done { DONE, DONE_RIP_SET, NOT_OURS, FAULTS };   /* FAULTS: another exception waits for the guest */

bool pv_fetch(struct pv_vcpu *p, struct cpu_user_regs *regs, struct insn *insn, bool *long_mode, bool *faulted)
{
    u8 bytes[INSN_MAX];
    bool is16;

    *long_mode = pv_in_long_mode(p, regs, &is16);
    u64 va = regs->rip + pv_segment_base(p, regs, INSN_CS, *long_mode);
    size_t got = sizeof(bytes) - pv_copy_from_here(bytes, va, sizeof(bytes));
    int rc = insn_decode(bytes, got, *long_mode ? INSN_64 : is16 ? INSN_16 : INSN_32, insn);

    *faulted = rc == -ENODATA;
    if (*faulted)
        pv_inject(&p->vcpu, TRAP_PF, PFEC_FETCH, va + got);
    return rc == 0;
}

void pv_advance_rip(struct pv_vcpu *p, struct cpu_user_regs *regs, unsigned int length)
{
    regs->rip += length;
    if (regs->rflags & X86_EFLAGS_TF) {
        p->debugreg[6] |= 0x4000;
        pv_inject(&p->vcpu, TRAP_DB, 0, 0);
    }
    regs->rflags &= ~(u64)X86_EFLAGS_RF;
}

static enum done do_cpuid(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    u32 r[4];

    ledger_charge(&p->vcpu, LEDGER_CPUID);
    p->vcpu.domain->row->platform->cpuid(&p->vcpu, (u32)regs->rax, (u32)regs->rcx, r);
    regs->rax = r[0];
    regs->rbx = r[1];
    regs->rcx = r[2];
    regs->rdx = r[3];
    return DONE;
}

static enum done do_rdmsr(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    u64 v;

    ledger_charge(&p->vcpu, LEDGER_MSR);
    if (p->vcpu.domain->row->platform->rdmsr(&p->vcpu, (u32)regs->rcx, &v)) {
        /* A kernel that has no #GP handler yet must not die of this (public header arch-x86/xen.h, trap_info). */
        if (p->traps[TRAP_GP].address)
            return NOT_OURS;
        v = 0;
    }
    regs->rax = (u32)v;
    regs->rdx = v >> 32;
    return DONE;
}

static enum done do_wrmsr(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    u64 v = (u32)regs->rax | regs->rdx << 32;

    ledger_charge(&p->vcpu, LEDGER_MSR);
    return p->vcpu.domain->row->platform->wrmsr(&p->vcpu, (u32)regs->rcx, v) ? NOT_OURS : DONE;
}

static enum done do_rdtsc(struct cpu_user_regs *regs)
{
    u64 v = rdtsc();

    regs->rax = (u32)v;
    regs->rdx = v >> 32;
    return DONE;
}

static enum done read_cr(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    u64 *r = insn_reg(regs, i->rm);

    switch (i->reg) {
    case 0: *r = (READ_CR(0) & ~(u64)X86_CR0_TS) | (p->ctrlreg[0] & X86_CR0_TS); return DONE;
    case 2: *r = p->ctrlreg[2]; return DONE;
    case 3: *r = xen_pfn_to_cr3(p->kernel_l4); return DONE;
    case 4: *r = p->ctrlreg[4]; return DONE;
    }
    return NOT_OURS;
}

static enum done write_cr(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    u64 v = *insn_reg(regs, i->rm);
    int rc;

    switch (i->reg) {
    case 0:   /* TS is all that there is to change; the rest is Prism's */
        if ((v ^ READ_CR(0)) & ~(u64)X86_CR0_TS)
            return NOT_OURS;
        pv_set_ts(p, v & X86_CR0_TS);
        return DONE;
    case 2:
        p->ctrlreg[2] = v;
        p->vcpu.vcpu_info->arch.cr2 = v;
        return DONE;
    case 3:
        rc = pv_new_kernel_l4(p, xen_cr3_to_pfn(v));
        return rc == 0 ? DONE : rc == -ERESTART ? DONE_RIP_SET : NOT_OURS;
    case 4:
        pv_set_cr4(p, v);
        return DONE;
    }
    return NOT_OURS;
}

static enum done move_debug(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    u64 *r = insn_reg(regs, i->rm);
    unsigned int reg = i->reg;

    if (reg == 4 || reg == 5)
        reg += 2;   /* aliases while CR4.DE is clear, #UD else; a kernel that sets DE does not ask */
    if (reg > 7)
        return NOT_OURS;
    if (i->opcode == 0x21) {
        *r = pv_get_debugreg(p, reg);
        return DONE;
    }
    return pv_set_debugreg(p, reg, *r) ? NOT_OURS : DONE;
}

static enum done do_xsetbv(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    u64 v = (u32)regs->rax | regs->rdx << 32;

    /* x87 always; AVX needs SSE; AVX-512's three go together with AVX (APM vol. 2, 11.5.2). */
    if ((u32)regs->rcx != 0 || !(p->ctrlreg[4] & X86_CR4_OSXSAVE) || (v & ~cpu_features.xcr0_mask) || !(v & 1) ||
        ((v & 4) && !(v & 2)) || ((v & 0xe0) && ((v & 0xe4) != 0xe4)))
        return NOT_OURS;
    p->vcpu.xcr0 = v;
    asm volatile("xsetbv" :: "c" (0), "a" ((u32)v), "d" ((u32)(v >> 32)));
    return DONE;
}

static enum done do_halt(struct pv_vcpu *p)
{
    p->vcpu.vcpu_info->evtchn_upcall_mask = 0;
    vcpu_block_current();
    return DONE;
}

/* 0F 01: what is register-encoded by the whole ModRM byte, then groups. */
static enum done group7(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    switch (i->modrm) {
    case 0xd1: return do_xsetbv(p, regs);
    case 0xf9:   /* RDTSCP */
        if (!cpu_features.rdtscp)
            return NOT_OURS;
        do_rdtsc(regs);
        regs->rcx = (u32)p->tsc_aux;
        return DONE;
    }
    return NOT_OURS;
}

static enum done two_byte(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    switch (i->opcode) {
    case 0x01: return group7(p, regs, i);
    case 0x06: pv_set_ts(p, false); return DONE;
    case 0x09:   /* with devices of its own, a domain's cache contents matter */
        if (p->vcpu.domain->is_privileged)
            asm volatile("wbinvd" ::: "memory");
        return DONE;
    case 0x20: return read_cr(p, regs, i);
    case 0x22: return write_cr(p, regs, i);
    case 0x21: case 0x23: return move_debug(p, regs, i);
    case 0x30: return do_wrmsr(p, regs);
    case 0x31: return do_rdtsc(regs);
    case 0x32: return do_rdmsr(p, regs);
    case 0xa2: return do_cpuid(p, regs);
    }
    return NOT_OURS;
}

static enum done port_io(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct insn *i)
{
    u16 port = i->opcode & 8 ? (u16)regs->rdx : (u8)i->immediate;
    unsigned int bytes = !(i->opcode & 1) ? 1 : i->operand_size == 2 ? 2 : 4;

    if (!pv_port_allowed(p, port, bytes))
        return NOT_OURS;
    ledger_charge(&p->vcpu, LEDGER_PORT);
    if (i->opcode & 2) {
        pv_port_write(p, port, bytes, (u32)regs->rax);
        return DONE;
    }
    u32 v = pv_port_read(p, port, bytes);
    if (bytes == 4)
        regs->rax = v;
    else
        memcpy(&regs->rax, &v, bytes);
    return DONE;
}

/* INS, OUTS: one element at linear address va. Bytes of the guest that could not be reached, as a fault address. */
static bool move_element(struct pv_vcpu *p, u16 port, unsigned int bytes, bool in, u64 va)
{
    u32 v = 0;
    size_t left;

    if (in) {
        /* The page first: reading a port may have effects, which must not be lost to a fault. */
        left = pv_copy_from_here(&v, va, bytes);
        if (!left)
            left = pv_copy_to_here(va, &v, bytes);
        if (!left) {
            v = pv_port_read(p, port, bytes);
            left = pv_copy_to_here(va, &v, bytes);
        }
    } else {
        left = pv_copy_from_here(&v, va, bytes);
        if (!left)
            pv_port_write(p, port, bytes, v);
    }
    if (left)
        pv_inject(&p->vcpu, TRAP_PF, in ? PFEC_WRITE : 0, va + bytes - left);
    return !left;
}

static enum done string_io(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct fetched *f)
{
    const struct insn *i = &f->insn;
    unsigned int bytes = !(i->opcode & 1) ? 1 : i->operand_size == 2 ? 2 : 4;
    bool in = !(i->opcode & 2), rep = i->prefix_rep || i->prefix_repne;
    u64 *index = in ? &regs->rdi : &regs->rsi;
    u64 mask = i->address_size == 8 ? ~0UL : (1UL << 8 * i->address_size) - 1;
    u64 base = pv_segment_base(p, regs, in ? INSN_ES : i->segment, f->long_mode);
    s64 step = regs->rflags & X86_EFLAGS_DF ? -(s64)bytes : (s64)bytes;

    if (!pv_port_allowed(p, (u16)regs->rdx, bytes))
        return NOT_OURS;
    ledger_charge(&p->vcpu, LEDGER_PORT);
    while (!rep || (regs->rcx & mask)) {
        if (!move_element(p, (u16)regs->rdx, bytes, in, base + (*index & mask)))
            return FAULTS;
        *index = (*index & ~mask) | ((*index + (u64)step) & mask);
        if (!rep)
            break;
        regs->rcx = (regs->rcx & ~mask) | ((regs->rcx - 1) & mask);
        if (this_cpu()->softirq_pending)
            return DONE_RIP_SET;   /* the rest when it is this vCPU's turn again */
    }
    return DONE;
}

/* CLI and STI change nothing: POPF does not trap, so a kernel could not get events back that CLI took away. */
static enum done one_byte(struct pv_vcpu *p, struct cpu_user_regs *regs, const struct fetched *f)
{
    switch (f->insn.opcode) {
    case 0x6c ... 0x6f: return string_io(p, regs, f);
    case 0xe4 ... 0xe7: case 0xec ... 0xef: return port_io(p, regs, &f->insn);
    case 0xf4: return p->kernel_mode ? do_halt(p) : NOT_OURS;
    case 0xfa: case 0xfb: return p->iopl >= (p->kernel_mode ? 1UL << 12 : 3UL << 12) ? DONE : NOT_OURS;
    }
    return NOT_OURS;
}

/* RDMSR and WRMSR without prefixes, which a kernel executes at each switch of processes: known by two bytes, which are the
 * whole instruction. False: nothing has changed.
 * Budget: msr 303 instructions, for RDMSR. */
static bool emulate_msr(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    enum done done;
    u16 code;

    if (regs->cs != FLAT_RING3_CS64 || !pv_fetch_u16(&code, regs->rip) || (code != RDMSR && code != WRMSR))
        return false;
    done = code == RDMSR ? do_rdmsr(p, regs) : do_wrmsr(p, regs);
    if (done == NOT_OURS)
        return false;
    pv_trace_answered(TRC_PV_EMULATE_PRIVOP, regs->rip);
    pv_advance_rip(p, regs, sizeof(code));
    return true;
}

bool pv_emulate_privileged(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    struct fetched f;
    bool faulted;
    enum done done = NOT_OURS;
    u64 rip;

    if (p->kernel_mode && emulate_msr(p, regs))
        return true;
    if (!pv_fetch(p, regs, &f.insn, &f.long_mode, &faulted))
        return faulted;
    if (f.insn.prefix_lock)
        return false;
    ledger_charge(&p->vcpu, LEDGER_EMULATE);
    rip = regs->rip;
    if (f.insn.opcode_map == 0)
        done = one_byte(p, regs, &f);
    else if (f.insn.opcode_map == 1 && p->kernel_mode)
        done = two_byte(p, regs, &f.insn);
    else if (f.insn.opcode_map == 1 && f.insn.opcode == 0xa2)
        done = do_cpuid(p, regs);   /* CPUID that faults: a user's too */
    if (done == DONE)
        pv_advance_rip(p, regs, f.insn.length);
    else if (done == NOT_OURS)
        ledger_charge(&p->vcpu, LEDGER_EXCEPTION);
    if (done != NOT_OURS)
        pv_trace_answered(TRC_PV_EMULATE_PRIVOP, rip);
    return done != NOT_OURS;
}

/* XEN_EMULATE_PREFIX (public header arch-x86/xen.h), then CPUID. */
bool pv_emulate_forced(struct pv_vcpu *p, struct cpu_user_regs *regs)
{
    static const u8 forced[7] = { 0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2 };
    u8 code[7];
    size_t got = sizeof(code) - pv_copy_from_here(code, regs->rip, sizeof(code));

    if (got < 2 || memcmp(code, forced, got < 5 ? got : 5))
        return false;
    if (got < sizeof(code)) {
        pv_inject(&p->vcpu, TRAP_PF, PFEC_FETCH, regs->rip + got);
        return true;
    }
    if (memcmp(code, forced, sizeof(code)))
        return false;
    pv_trace_answered(TRC_PV_FORCED_INVALID_OP, regs->rip);
    do_cpuid(p, regs);
    pv_advance_rip(p, regs, sizeof(code));
    return true;
}
