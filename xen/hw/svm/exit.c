/* SPDX-License-Identifier: MIT */
/* From a VMCB to the neutral exit record (AMD64 APM vol. 2, 15.7 to 15.14, 15.25.6, appendix C). */
#include "cpu/x86.h"
#include "hw/event.h"
#include "hw/svm/svm.h"
#include "lib/lib.h"

/* Exits that an instruction caused, and whose code tells all. 0 is EXIT_INTERRUPT, which none of them is. */
static const u8 instruction_exits[] = {
    [VMEXIT_CR8_WRITE] = EXIT_TPR, [VMEXIT_RDPMC] = EXIT_RDPMC, [VMEXIT_CPUID] = EXIT_CPUID, [VMEXIT_INVD] = EXIT_INVD,
    [VMEXIT_PAUSE] = EXIT_PAUSE, [VMEXIT_HLT] = EXIT_HLT, [VMEXIT_VMMCALL] = EXIT_HYPERCALL, [VMEXIT_WBINVD] = EXIT_WBINVD,
    [VMEXIT_MONITOR] = EXIT_MONITOR, [VMEXIT_MWAIT] = EXIT_MWAIT, [VMEXIT_MWAIT_ARMED] = EXIT_MWAIT,
    [VMEXIT_XSETBV] = EXIT_XSETBV,
    [VMEXIT_INVLPGA] = EXIT_VIRTUALIZATION, [VMEXIT_VMRUN] = EXIT_VIRTUALIZATION, [VMEXIT_VMLOAD] = EXIT_VIRTUALIZATION,
    [VMEXIT_VMSAVE] = EXIT_VIRTUALIZATION, [VMEXIT_STGI] = EXIT_VIRTUALIZATION, [VMEXIT_CLGI] = EXIT_VIRTUALIZATION,
    [VMEXIT_SKINIT] = EXIT_VIRTUALIZATION,
    /* Not offered to any guest: to it they do not exist, just as SVM. */
    [VMEXIT_RDPRU] = EXIT_VIRTUALIZATION, [VMEXIT_INVLPGB] = EXIT_VIRTUALIZATION,
    [VMEXIT_INVLPGB_ILLEGAL] = EXIT_VIRTUALIZATION, [VMEXIT_MCOMMIT] = EXIT_VIRTUALIZATION,
    [VMEXIT_TLBSYNC] = EXIT_VIRTUALIZATION,
};

static void instruction(const struct vmcb *vmcb, struct exit *exit, enum exit_reason reason)
{
    u64 length = svm_has(SVM_FEATURE_NRIP) ? vmcb->next_rip - vmcb->rip : 0;

    exit->reason = reason;
    exit->length = length <= INSN_MAX ? (u8)length : 0;
}

/* EXITINFO1 bits (APM vol. 2, 15.10.2). */
static void port(const struct vmcb *vmcb, struct exit *exit)
{
    u64 info = vmcb->exit_info1;

    exit->reason = EXIT_PORT;
    exit->length = (u8)(vmcb->exit_info2 - vmcb->rip);
    exit->port.port = (u16)(info >> 16);
    exit->port.size = (u8)(info >> 4 & 7);
    exit->port.in = info & 1;
    exit->port.string = info & 4;
    exit->port.rep = info & 8;
    exit->port.address_size = (u8)((info >> 7 & 7) << 1);
    exit->port.segment = svm_has(SVM_FEATURE_DECODE) ? (u8)(info >> 10 & 7) : INSN_NO_SEGMENT;
    exit->port.next_rip = vmcb->exit_info2;
}

static void exception(const struct vmcb *vmcb, struct exit *exit)
{
    exit->reason = EXIT_EXCEPTION;
    exit->exception.vector = (u8)(vmcb->exit_code - VMEXIT_EXCEPTION);
    exit->exception.has_error = event_has_error(exit->exception.vector);
    exit->exception.error = (u32)vmcb->exit_info1;
    exit->exception.cr2 = exit->exception.vector == TRAP_PF ? vmcb->exit_info2 : 0;
}

/* EXITINFO1 is an error code as a #PF's, with bit 33 for an access to the guest's page tables (APM vol. 2, 15.25.6). */
static void nested_fault(const struct vmcb *vmcb, struct exit *exit)
{
    u64 info = vmcb->exit_info1;

    exit->reason = EXIT_NESTED_FAULT;
    exit->nested.gpa = vmcb->exit_info2;
    exit->nested.present = info & PFEC_PRESENT;
    exit->nested.write = info & PFEC_WRITE;
    exit->nested.fetch = info & PFEC_FETCH;
    exit->nested.read = !exit->nested.write && !exit->nested.fetch;
    exit->nested.reserved = info & PFEC_RESERVED;
    exit->nested.in_walk = info >> 33 & 1;
    exit->nested.gla_valid = false;
    exit->nested.bytes = 0;
    if (svm_has(SVM_FEATURE_DECODE) && !exit->nested.in_walk && !exit->nested.fetch) {
        exit->nested.bytes = min((u8)(vmcb->nr_bytes & 15), (u8)sizeof(vmcb->bytes));
        memcpy(exit->nested.code, vmcb->bytes, exit->nested.bytes);
    }
}

/* EXITINFO2 bits (APM vol. 2, 15.14.1). What neither it nor EXITINTINFO names is a far CALL. */
static void task_switch(const struct vmcb *vmcb, struct exit *exit)
{
    u64 info = vmcb->exit_info2, event = vmcb->exit_int_info;

    exit->reason = EXIT_TASK_SWITCH;
    exit->task.selector = (u16)vmcb->exit_info1;
    exit->task.iret = info >> 36 & 1;
    exit->task.jump = info >> 38 & 1;
    exit->task.has_error = info >> 44 & 1;
    exit->task.error = (u32)info;
    exit->task.resume_flag = info >> 48 & 1;
    exit->task.by_event = event & EVENT_VALID && !exit->task.iret && !exit->task.jump;
    exit->task.vector = (u8)event;
    exit->task.software = exit->task.by_event && svm_software_event(event);
}

static bool debug_register(u64 code)
{
    return code >= VMEXIT_DR_READ && code <= VMEXIT_DR_WRITE_LAST;
}

/* Those that hardware makes for itself: what the row hears of is done here. */
static bool own_affair(struct svm_container *s)
{
    struct vcpu *v = s->container.vcpu;
    u64 code = s->vmcb->exit_code;

    if (debug_register(code)) {
        ledger_count_kind(v, LEDGER_KIND_EXIT, EXIT_DEBUG_REGISTER);
        svm_load_dr(s);
    } else if (code == VMEXIT_IRET) {
        ledger_count_kind(v, LEDGER_KIND_EXIT, EXIT_IRET);
        svm_iret_seen(s);
    } else {
        return false;
    }
    return true;
}

static enum exit_reason host_event(struct svm_container *s)
{
    switch (s->vmcb->exit_code) {
    case VMEXIT_INIT:
        return EXIT_INIT;
    case VMEXIT_VINTR:
        svm_cancel_interrupt_window(s->container.vcpu);
        return EXIT_INTERRUPT_WINDOW;
    case VMEXIT_SHUTDOWN:
        return EXIT_SHUTDOWN;
    case VMEXIT_EXCEPTION + TRAP_MC:
        asm volatile("int %0" :: "i" (TRAP_MC));   /* the host's handler, as if it had happened here */
        return EXIT_INTERRUPT;
    default:
        return EXIT_INTERRUPT;
    }
}

bool svm_exit_record(struct svm_container *s, struct exit *exit)
{
    const struct vmcb *vmcb = s->vmcb;
    u64 code = vmcb->exit_code;

    exit->code = code;
    if (unlikely(s->stepping) && svm_end_step(s)) {
        exit->reason = EXIT_INTERRUPT;
        return true;
    }
    if (own_affair(s))
        return false;
    exit->length = 0;
    exit->cpl = vmcb->cpl;
    exit->info[0] = vmcb->exit_info1;
    exit->info[1] = vmcb->exit_info2;
    if (code == VMEXIT_NPF)
        nested_fault(vmcb, exit);
    else if (code == VMEXIT_IOIO)
        port(vmcb, exit);
    else if (code == VMEXIT_MSR)
        instruction(vmcb, exit, vmcb->exit_info1 & 1 ? EXIT_WRMSR : EXIT_RDMSR);
    else if (code == VMEXIT_TASK_SWITCH)
        task_switch(vmcb, exit);
    else if (code == VMEXIT_SHUTDOWN || code == VMEXIT_EXCEPTION + TRAP_MC ||
             (code >= VMEXIT_INTR && code <= VMEXIT_VINTR))
        exit->reason = host_event(s);
    else if (code >= VMEXIT_EXCEPTION && code <= VMEXIT_EXCEPTION_LAST)
        exception(vmcb, exit);
    else if (code < ARRAY_SIZE(instruction_exits) && instruction_exits[code])
        instruction(vmcb, exit, instruction_exits[code]);
    else
        exit->reason = code == VMEXIT_INVALID ? EXIT_INVALID_STATE : EXIT_UNKNOWN;
    return true;
}
