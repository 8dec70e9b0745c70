/* SPDX-License-Identifier: MIT */
/* Why a guest left its container, and who answers. A case is one count and one call. */
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#include "dom/sched.h"
#include "trace/trace.h"

#define CASE(reason, event, call) case reason: ledger_charge(v, LEDGER_##event); call; break

/* An instruction that was carried out here. Where its length is unknown and cannot be found out, it is begun anew. */
static void done(struct vcpu *v, struct exit *exit)
{
    container_advance_rip(v, exit);
}

static void exception(struct vcpu *v, const struct exit *exit)
{
    ledger_count_kind(v, LEDGER_KIND_TRAP, exit->exception.vector);
    trace_untimed(TRC_HVM_TRAP, exit->exception.vector);
    if (unlikely(exit->exception.vector == TRAP_DB) && hvm_firmware_breakpoint(v, exit))
        return;
    hw_inject(v, exit->exception.vector, exit->exception.error, exit->exception.cr2);
}

/* An instruction of ring 0's alone that there is nothing to do for. */
static void no_effect(struct vcpu *v, struct exit *exit)
{
    if (exit->cpl)
        hw_inject(v, TRAP_GP, 0, 0);
    else
        done(v, exit);
}

/* Budget: cpuid 2,510 instructions, from exit to entry; the processor does not say where the next instruction is. */
static void do_cpuid(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    u32 r[4];

    v->domain->row->platform->cpuid(v, (u32)regs->rax, (u32)regs->rcx, r);
    trace_untimed(TRC_HVM_CPUID, (u32)regs->rax, r[0], r[1], r[2], r[3]);
    regs->rax = r[0];
    regs->rbx = r[1];
    regs->rcx = r[2];
    regs->rdx = r[3];
    done(v, exit);
}

/* With interrupts off only an NMI could wake it: it is taken for switching itself off. */
static void halt(struct vcpu *v, struct exit *exit)
{
    if (exit->cpl) {
        hw_inject(v, TRAP_GP, 0, 0);
        return;
    }
    done(v, exit);
    if (container_ops->event_pending(v))   /* a single step's trap */
        return;
    if (!(guest_regs()->rflags & X86_EFLAGS_IF) && !v->nmi_pending)
        hw_down(v);
    else
        vcpu_block_current();
    trace_untimed(TRC_HVM_HLT, vcpu_runnable(v));
}

static void read_msr(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    u64 value = 0;

    if (v->domain->row->platform->rdmsr(v, (u32)regs->rcx, &value)) {
        hw_inject(v, TRAP_GP, 0, 0);
        return;
    }
    trace_untimed(TRC_HVM_MSR_READ, (u32)regs->rcx, TRACE_LONG(value));
    regs->rax = (u32)value;
    regs->rdx = value >> 32;
    done(v, exit);
}

static void write_msr(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();

    trace_untimed(TRC_HVM_MSR_WRITE, (u32)regs->rcx, (u32)regs->rax, (u32)regs->rdx);
    if (v->domain->row->platform->wrmsr(v, (u32)regs->rcx, (u32)regs->rax | regs->rdx << 32))
        hw_inject(v, TRAP_GP, 0, 0);
    else
        done(v, exit);
}

/* XCR0 (APM vol. 2, 11.5.2): x87 always, AVX not without SSE, AVX-512 as a whole and not without AVX; nothing that the
 * domain's CPUID does not have. */
static bool xcr0_ok(struct vcpu *v, u64 value)
{
    u32 r[4];

    hw_cpuid_policy(v->domain, 0xd, 0, r);
    if (!(value & 1) || value & ~(r[0] | (u64)r[3] << 32) || value & ~cpu_features.xcr0_mask)
        return false;
    if ((value & 4) && !(value & 2))
        return false;
    return !(value & 0xe0) || ((value & 0xe0) == 0xe0 && (value & 4));
}

static void set_xcr(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    u64 value = (u32)regs->rax | regs->rdx << 32;

    if ((u32)regs->rcx != 0 || exit->cpl != 0 || !xcr0_ok(v, value)) {
        hw_inject(v, TRAP_GP, 0, 0);
        return;
    }
    trace_untimed(TRC_HVM_XCR_WRITE64, 0, TRACE_LONG(value));
    v->xcr0 = value;
    asm volatile("xsetbv" :: "c" (0), "a" ((u32)value), "d" ((u32)(value >> 32)));
    done(v, exit);
}

/* MOV to CR8, or with LOCK and CR0's number where CR8 has no encoding (APM vol. 3, "MOV CRn"): the APIC's TPR, bits 7:4. */
static void write_tpr(struct vcpu *v, struct exit *exit)
{
    struct insn insn;
    u64 value;

    if (container_fetch_insn(v, &insn) || insn.opcode_map != 1 || insn.opcode != 0x22 || insn.reg + 8 * insn.prefix_lock != 8)
        return;                             /* its bytes have changed: begun anew */
    value = *insn_reg(guest_regs(), insn.rm);
    if (container_mode(v) != MODE_64)
        value = (u32)value;
    if (value >> 4) {
        hw_inject(v, TRAP_GP, 0, 0);
        return;
    }
    container_ops->set(v, CREG_TPR, value << 4);
    done(v, exit);
}

static void shut_down(struct vcpu *v)
{
    pr_warn("%s v%u: triple fault\n", v->domain->name_for_log, v->id);
    container_ops->dump(v);
    domain_shutdown(v->domain, (u32)to_hw_domain(v->domain)->params[HVM_PARAM_TRIPLE_FAULT_REASON]);
}

static void crash(struct vcpu *v, const struct exit *exit)
{
    domain_crash(v->domain, "v%u left its container: %s (code %lx, %lx, %lx)", v->id, exit_reason_name(exit->reason),
                 exit->code, exit->info[0], exit->info[1]);
}

/* An instruction that may have to wait for answers. */
static void device(struct vcpu *v, struct exit *exit, void (*handler)(struct vcpu *, struct exit *))
{
    hw_io_begin(v);
    handler(v, exit);
    if (unlikely(to_hw(v)->io.waiting))
        to_hw(v)->io.exit = *exit;
}

void hw_exit_again(struct vcpu *v, struct exit *exit)
{
    if (exit->reason == EXIT_PORT) {
        ledger_charge(v, LEDGER_PORT);
        hw_port(v, exit);
    } else {
        ledger_charge(v, LEDGER_NESTED_FAULT);
        hw_nested_fault(v, exit);
    }
}

void hw_exit(struct vcpu *v, struct exit *exit)
{
    enum exit_reason reason = exit->reason;

    ledger_count_kind(v, LEDGER_KIND_EXIT, reason);
    switch (reason) {
    CASE(EXIT_INTERRUPT, PHYSICAL, trace_untimed(TRC_HVM_INTR));
    CASE(EXIT_EXCEPTION, EXCEPTION, exception(v, exit));
    CASE(EXIT_CPUID, CPUID, do_cpuid(v, exit));
    CASE(EXIT_HLT, HALT, halt(v, exit));
    CASE(EXIT_PAUSE, SCHED, (done(v, exit), vcpu_yield_current()));
    CASE(EXIT_RDPMC, EMULATE, hw_inject(v, TRAP_GP, 0, 0));      /* no counters */
    CASE(EXIT_INVD, EMULATE, no_effect(v, exit));                /* no device of the guest's bypasses caches */
    CASE(EXIT_WBINVD, EMULATE, no_effect(v, exit));
    CASE(EXIT_MONITOR, EMULATE, hw_inject(v, TRAP_UD, 0, 0));    /* CPUID does not have it */
    CASE(EXIT_MWAIT, EMULATE, hw_inject(v, TRAP_UD, 0, 0));
    CASE(EXIT_XSETBV, EMULATE, set_xcr(v, exit));
    CASE(EXIT_TPR, EMULATE, write_tpr(v, exit));
    CASE(EXIT_HYPERCALL, HYPERCALL, hw_hypercall(v, exit));
    CASE(EXIT_RDMSR, MSR, read_msr(v, exit));
    CASE(EXIT_WRMSR, MSR, write_msr(v, exit));
    CASE(EXIT_PORT, PORT, device(v, exit, hw_port));
    CASE(EXIT_NESTED_FAULT, NESTED_FAULT, device(v, exit, hw_nested_fault));
    CASE(EXIT_INTERRUPT_WINDOW, WINDOW, );
    CASE(EXIT_INIT, PHYSICAL, );
    CASE(EXIT_SHUTDOWN, EXIT, shut_down(v));
    CASE(EXIT_VIRTUALIZATION, EXIT, hw_inject(v, TRAP_UD, 0, 0));
    CASE(EXIT_TASK_SWITCH, EMULATE, hw_task_switch(v, exit));
    CASE(EXIT_INVALID_STATE, EXIT, crash(v, exit));
    default: ledger_charge(v, LEDGER_EXIT); crash(v, exit); break;
    }
}
