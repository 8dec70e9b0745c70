/* SPDX-License-Identifier: MIT */
// sources: xen/hw/event.c
/* From VMCB to exit record, and events on their way in: what the processor would have written is made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
#include "cpu/x86.h"
static struct vcpu *running;
static struct cpu_user_regs frame;
#undef current
#define current running
#define guest_regs() (&frame)

static unsigned int looks;                  /* at what the local APIC holds, by writing TPR */
#undef WRITE_CR
#define WRITE_CR(n, v) (assert_true((n) == 8 && (v) == 0), looks++)

#include "hw/svm/exit.c"
#include "hw/svm/inject.c"
#include "hw/svm/intercept.c"
#undef smp_processor_id
#define smp_processor_id() 3u
#include "hw/svm/nmi.c"

struct cpu_features cpu_features;
static struct vmcb vmcb aligned(4096);
static struct svm_container svm;
static struct vcpu vcpu;
static struct exit record;
static bool loaded_dr;
static unsigned int self_interrupts;

void svm_load_dr(struct svm_container *s) { loaded_dr = true; }
void smp_send_event_check(unsigned int cpu) { assert_int_equal(cpu, 3); self_interrupts++; }

static int setup(void **state)
{
    memset(&vmcb, 0, sizeof(vmcb));
    svm = (struct svm_container){ .vmcb = &vmcb, .container.vcpu = &vcpu };
    vcpu = (struct vcpu){ .container = &svm.container };
    running = &vcpu;
    cpu_features.svm_features = SVM_FEATURE_NPT;
    memset(&record, 0xee, sizeof(record));
    frame = (struct cpu_user_regs){ .rflags = X86_EFLAGS_IF };
    loaded_dr = false;
    self_interrupts = looks = 0;
    return 0;
}

static enum exit_reason reason(u64 code, u64 info1, u64 info2)
{
    vmcb.exit_code = code;
    vmcb.exit_info1 = info1;
    vmcb.exit_info2 = info2;
    assert_true(svm_exit_record(&svm, &record));
    assert_int_equal(record.code, code);
    return record.reason;
}

static void test_reasons(void **state)
{
    vmcb.cpl = 3;
    vmcb.rip = 0x1000;
    vmcb.next_rip = 0x1003;                 /* not to be believed: this CPU has no such feature */
    assert_int_equal(reason(VMEXIT_VMMCALL, 0, 0), EXIT_HYPERCALL);
    assert_int_equal(record.cpl, 3);
    assert_int_equal(record.length, 0);
    cpu_features.svm_features |= SVM_FEATURE_NRIP;
    assert_int_equal(reason(VMEXIT_CPUID, 0, 0), EXIT_CPUID);
    assert_int_equal(record.length, 3);
    vmcb.next_rip = 0x1010;                 /* longer than an instruction can be */
    assert_int_equal(reason(VMEXIT_HLT, 0, 0), EXIT_HLT);
    assert_int_equal(record.length, 0);
    assert_int_equal(reason(VMEXIT_MSR, 0, 0), EXIT_RDMSR);
    assert_int_equal(reason(VMEXIT_MSR, 1, 0), EXIT_WRMSR);
    assert_int_equal(reason(VMEXIT_INTR, 0, 0), EXIT_INTERRUPT);
    assert_int_equal(reason(VMEXIT_NMI, 0, 0), EXIT_INTERRUPT);
    assert_int_equal(reason(VMEXIT_INIT, 0, 0), EXIT_INIT);
    assert_int_equal(reason(VMEXIT_SHUTDOWN, 0, 0), EXIT_SHUTDOWN);
    assert_int_equal(reason(VMEXIT_VMRUN, 0, 0), EXIT_VIRTUALIZATION);
    assert_int_equal(reason(VMEXIT_TLBSYNC, 0, 0), EXIT_VIRTUALIZATION);
    assert_int_equal(reason(VMEXIT_INVALID, 0, 0), EXIT_INVALID_STATE);
    assert_int_equal(reason(0x65, 0, 0), EXIT_UNKNOWN);
    assert_int_equal(reason(0x12345678, 0, 0), EXIT_UNKNOWN);
    assert_int_equal(reason(VMEXIT_EXCEPTION + TRAP_AC, 0, 0), EXIT_EXCEPTION);
    assert_true(record.exception.has_error);
    assert_int_equal(reason(VMEXIT_EXCEPTION + TRAP_PF, 6, 0x1234), EXIT_EXCEPTION);
    assert_int_equal(record.exception.vector, TRAP_PF);
    assert_int_equal(record.exception.error, 6);
    assert_int_equal(record.exception.cr2, 0x1234);
}

static void test_port(void **state)
{
    vmcb.rip = 0x2000;
    assert_int_equal(reason(VMEXIT_IOIO, 0x03f80000 | 1 << 5, 0x2002), EXIT_PORT);
    assert_int_equal(record.port.port, 0x3f8);
    assert_int_equal(record.port.size, 2);
    assert_false(record.port.in);
    assert_int_equal(record.length, 2);
    assert_int_equal(reason(VMEXIT_IOIO, 0x00710000 | 3 << 10 | 1 << 9 | 1 << 6 | 1 << 3 | 1 << 2 | 1, 0x2003),
                     EXIT_PORT);
    assert_int_equal(record.port.size, 4);
    assert_true(record.port.in && record.port.string && record.port.rep);
    assert_int_equal(record.port.address_size, 8);
    assert_int_equal(record.port.segment, INSN_NO_SEGMENT);
    cpu_features.svm_features |= SVM_FEATURE_DECODE;
    reason(VMEXIT_IOIO, 3 << 10, 0x2001);
    assert_int_equal(record.port.segment, INSN_DS);
}

static void test_nested_fault(void **state)
{
    assert_int_equal(reason(VMEXIT_NPF, 1UL << 32 | PFEC_USER | PFEC_WRITE | PFEC_PRESENT, 0xfee00080),
                     EXIT_NESTED_FAULT);
    assert_int_equal(record.nested.gpa, 0xfee00080);
    assert_true(record.nested.write && record.nested.present);
    assert_false(record.nested.read || record.nested.fetch || record.nested.in_walk || record.nested.gla_valid);
    assert_int_equal(record.nested.bytes, 0);
    cpu_features.svm_features |= SVM_FEATURE_DECODE;
    vmcb.nr_bytes = 3;
    memcpy(vmcb.bytes, "\x8b\x07\x90", 3);
    reason(VMEXIT_NPF, 1UL << 32 | PFEC_USER, 0x1000);
    assert_true(record.nested.read);
    assert_int_equal(record.nested.bytes, 3);
    assert_int_equal(record.nested.code[0], 0x8b);
    reason(VMEXIT_NPF, 1UL << 33 | PFEC_USER | PFEC_WRITE, 0x1000);
    assert_true(record.nested.in_walk);
    assert_int_equal(record.nested.bytes, 0);
}

static void test_own_affairs(void **state)
{
    vmcb.exit_code = 0x37;                  /* MOV to DR7 */
    assert_false(svm_exit_record(&svm, &record));
    assert_true(loaded_dr);
    assert_int_equal(vcpu.ledger.kinds[LEDGER_KIND_EXIT + EXIT_DEBUG_REGISTER], 1);
    svm_request_interrupt_window(&vcpu, 0x93);
    assert_true(vmcb.intercept3 & INTERCEPT_VINTR && vmcb.int_control & V_IRQ);
    assert_int_equal((vmcb.int_control & V_INTR_PRIORITY) >> V_INTR_PRIORITY_SHIFT, 9);
    assert_int_equal(reason(VMEXIT_VINTR, 0, 0), EXIT_INTERRUPT_WINDOW);
    assert_false(vmcb.intercept3 & INTERCEPT_VINTR || vmcb.int_control & V_IRQ);
}

static void test_nmi(void **state)
{
    assert_true(svm_can_inject_nmi(&vcpu));
    svm_inject_nmi(&vcpu);
    assert_false(svm_can_inject_nmi(&vcpu) || svm_can_inject_interrupt(&vcpu));
    vmcb.exit_int_info = 0;
    svm_keep_interrupted_event(&svm);       /* it was delivered */
    assert_false(svm_event_pending(&vcpu));
    assert_false(svm_can_inject_nmi(&vcpu));
    assert_true(svm_can_inject_interrupt(&vcpu));
    vmcb.rip = frame.rip = 0x5000;
    vmcb.exit_code = VMEXIT_IRET;
    assert_false(svm_exit_record(&svm, &record));
    assert_false(svm_can_inject_nmi(&vcpu));
    frame.rip = 0x6000;                     /* the IRET is done */
    assert_true(svm_can_inject_nmi(&vcpu));
}

static void test_posted(void **state)
{
    svm_inject_interrupt(&vcpu, 0x51);
    svm_post_event(&svm);
    assert_true(vmcb.event_inject == 0 && vmcb.int_control & V_IRQ);
    assert_int_equal((vmcb.int_control & V_INTR_VECTOR) >> V_INTR_VECTOR_SHIFT, 0x51);
    vmcb.exit_int_info = 0;
    svm_keep_interrupted_event(&svm);       /* something else came first: V_IRQ is still set */
    assert_int_equal(svm_injecting(&vcpu), 0x51);
    assert_false(vmcb.int_control & V_IRQ);
    svm_post_event(&svm);
    vmcb.int_control &= ~V_IRQ;             /* taken */
    svm_keep_interrupted_event(&svm);
    assert_int_equal(svm_injecting(&vcpu), -1);
    assert_false(svm_event_pending(&vcpu) || vmcb.int_control & V_IGNORE_TPR);

    svm_post_event(&svm);
    assert_false(vmcb.int_control & V_IRQ);
    svm_inject_interrupt(&vcpu, 0x51);
    svm_request_interrupt_window(&vcpu, 0x93);   /* one virtual interrupt cannot be both */
    svm_post_event(&svm);
    assert_int_equal(vmcb.event_inject, EVENT_VALID | EVENT_INTERRUPT | 0x51);
    svm_keep_interrupted_event(&svm);
    assert_false(svm_event_pending(&vcpu));
    assert_true(vmcb.int_control & V_IRQ && vmcb.intercept3 & INTERCEPT_VINTR);
}

/* After each entry with a virtual interrupt, and no other. */
static void test_looks_for_interrupts(void **state)
{
    svm_post_event(&svm);
    svm_keep_interrupted_event(&svm);
    assert_int_equal(looks, 0);
    svm_inject_interrupt(&vcpu, 0x51);
    svm_post_event(&svm);
    vmcb.int_control &= ~V_IRQ;
    svm_keep_interrupted_event(&svm);
    assert_int_equal(looks, 1);
    svm_request_interrupt_window(&vcpu, 0x93);
    svm_post_event(&svm);
    svm_keep_interrupted_event(&svm);
    assert_int_equal(looks, 2);
    svm_cancel_interrupt_window(&vcpu);
    svm_post_event(&svm);
    svm_keep_interrupted_event(&svm);
    assert_int_equal(looks, 2);
}

static u64 kept(u64 info)
{
    vmcb.exit_int_info = info;
    svm_keep_interrupted_event(&svm);
    return svm.event;
}

static void test_interrupted_events(void **state)
{
    assert_int_equal(kept(0x40), 0);                                               /* not valid */
    assert_int_equal(kept(EVENT_VALID | EVENT_INTERRUPT | 0x40), EVENT_VALID | EVENT_INTERRUPT | 0x40);
    assert_int_equal(kept(EVENT_VALID | EVENT_EXCEPTION | 0xf3), EVENT_VALID | EVENT_INTERRUPT | 0xf3);
    assert_int_equal(kept(EVENT_VALID | EVENT_SOFTWARE | 0x80), 0);
    assert_int_equal(kept(EVENT_VALID | EVENT_EXCEPTION | TRAP_BP), 0);
    assert_int_equal(kept(EVENT_VALID | EVENT_EXCEPTION | TRAP_UD | 0xabcdUL << 32),
                     EVENT_VALID | EVENT_EXCEPTION | TRAP_UD);
    assert_int_equal(kept(EVENT_VALID | EVENT_EXCEPTION | EVENT_HAS_ERROR | TRAP_GP | 0x18UL << 32),
                     EVENT_VALID | EVENT_EXCEPTION | EVENT_HAS_ERROR | TRAP_GP | 0x18UL << 32);
    assert_true(svm_inject(&vcpu, TRAP_NP, true, 8, 0));                           /* on top of that #GP */
    assert_int_equal(svm.event, EVENT_VALID | EVENT_EXCEPTION | EVENT_HAS_ERROR | TRAP_DF);
    assert_false(svm_inject(&vcpu, TRAP_PF, true, 2, 0x7000));
    assert_int_equal(vmcb.cr2, 0);
    svm.event = EVENT_VALID | EVENT_INTERRUPT | 0x40;
    vmcb.clean = CLEAN_ALL;
    assert_true(svm_inject(&vcpu, TRAP_PF, true, 2, 0x7000));
    assert_int_equal(svm.event, EVENT_VALID | EVENT_EXCEPTION | EVENT_HAS_ERROR | TRAP_PF | 2UL << 32);
    assert_int_equal(vmcb.cr2, 0x7000);
    assert_int_equal(vmcb.clean, CLEAN_ALL & ~CLEAN_CR2);
}

/* An entry that is to step over the NMI handler's IRET, which comes back with this exit. */
static void step(u64 exit_code, u64 dr6)
{
    vmcb.rflags = frame.rflags;
    svm_begin_step(&svm);
    assert_true(svm.stepping);
    assert_true(vmcb.rflags & X86_EFLAGS_TF);
    assert_int_equal(vmcb.intercept_exceptions, ~(1u << TRAP_NMI));
    frame.rflags = vmcb.rflags;
    vmcb.exit_code = exit_code;
    vmcb.exit_int_info = 0;
    vmcb.dr6 = dr6;
}

static int in_nmi_handler(void **state)
{
    setup(state);
    svm_inject_nmi(&vcpu);
    svm_keep_interrupted_event(&svm);
    svm_request_nmi_window(&vcpu);
    svm_begin_step(&svm);
    assert_false(svm.stepping);             /* the handler runs: nothing to step over yet */
    vmcb.intercept_exceptions = 0x20002;
    vmcb.dr6 = 0xffff0ff0;
    vmcb.rip = frame.rip = 0x5000;
    frame.rflags = 2;
    vmcb.exit_code = VMEXIT_IRET;
    assert_false(svm_exit_record(&svm, &record));
    return 0;
}

/* What a guest writes to CR8 while a window is asked for, its row writes. */
static void test_window_and_cr8(void **state)
{
    svm_request_interrupt_window(&vcpu, 0x71);
    assert_int_equal(vmcb.intercept_cr, INTERCEPT_CR8_WRITE);
    assert_int_equal(reason(VMEXIT_CR8_WRITE, 0, 0), EXIT_TPR);
    svm_intercept_tpr(&vcpu, false);
    assert_int_equal(vmcb.intercept_cr, INTERCEPT_CR8_WRITE);
    svm_cancel_interrupt_window(&vcpu);
    assert_int_equal(vmcb.intercept_cr, 0);
    svm_intercept_tpr(&vcpu, true);
    assert_int_equal(vmcb.intercept_cr, INTERCEPT_CR8_WRITE);
    svm_intercept_tpr(&vcpu, false);
    assert_int_equal(vmcb.intercept_cr, 0);
}

static void test_nmi_window(void **state)
{
    step(VMEXIT_EXCEPTION + TRAP_DB, 0xffff4ff0);
    frame.rip = 0x5000;                     /* back to an IRET, of all things: it is another one */
    frame.rflags = X86_EFLAGS_IF;
    assert_true(svm_exit_record(&svm, &record));
    assert_int_equal(record.reason, EXIT_INTERRUPT);
    assert_int_equal(frame.rflags, X86_EFLAGS_IF);
    assert_int_equal(vmcb.dr6, 0xffff0ff0);
    assert_int_equal(vmcb.intercept_exceptions, 0x20002);
    assert_true(svm_can_inject_nmi(&vcpu));
}

static void test_nmi_window_breakpoint(void **state)
{
    step(VMEXIT_EXCEPTION + TRAP_DB, 0xffff4ff2);     /* a breakpoint on the stack as well */
    assert_int_equal(reason(VMEXIT_EXCEPTION + TRAP_DB, 0, 0), EXIT_EXCEPTION);
    assert_int_equal(vmcb.dr6, 0xffff0ff2);
}

static void test_nmi_window_guest_steps(void **state)
{
    frame.rflags = X86_EFLAGS_TF;
    step(VMEXIT_EXCEPTION + TRAP_DB, 0xffff4ff0);
    assert_int_equal(reason(VMEXIT_EXCEPTION + TRAP_DB, 0, 0), EXIT_EXCEPTION);
    assert_int_equal(vmcb.dr6, 0xffff4ff0);
}

static void test_nmi_window_fault(void **state)
{
    step(VMEXIT_EXCEPTION + TRAP_GP, 0xffff0ff0);
    assert_int_equal(reason(VMEXIT_EXCEPTION + TRAP_GP, 0, 0), EXIT_EXCEPTION);
    assert_int_equal(frame.rflags, 2);                /* nobody pushes that TF */
    assert_false(svm_can_inject_nmi(&vcpu));
    svm_request_nmi_window(&vcpu);
    svm_inject(&vcpu, TRAP_GP, true, 0, 0);
    svm_begin_step(&svm);
    assert_false(svm.stepping);                       /* the fault's delivery comes first */
    svm_request_nmi_window(&vcpu);
    assert_int_equal(self_interrupts, 1);
}

static void test_nmi_window_shadow(void **state)
{
    vmcb.int_state = INT_STATE_SHADOW;
    frame.rflags = X86_EFLAGS_IF;
    svm_request_nmi_window(&vcpu);
    assert_true(vmcb.intercept3 & INTERCEPT_VINTR);
    svm_reset_events(&vcpu);
    assert_false(vmcb.intercept3 & (INTERCEPT_VINTR | INTERCEPT_IRET) || vmcb.int_state || svm.nmi_window);
}

static void test_inject_state(void **state)
{
    vmcb.int_state = INT_STATE_SHADOW;
    assert_true(svm_inject(&vcpu, TRAP_GP, true, 0, 0));
    assert_true(frame.rflags & X86_EFLAGS_RF);
    assert_int_equal(vmcb.int_state, 0);
    svm_drop_event(&vcpu);
    assert_false(svm_event_pending(&vcpu));
    frame.rflags = 2;
    assert_true(svm_inject(&vcpu, TRAP_DB, false, 0, 0));
    assert_int_equal(frame.rflags, 2);                /* a trap */
}

static void test_task_switch(void **state)
{
    vmcb.exit_int_info = 0;
    assert_int_equal(reason(VMEXIT_TASK_SWITCH, 0x28, 0), EXIT_TASK_SWITCH);
    assert_int_equal(record.task.selector, 0x28);
    assert_false(record.task.iret || record.task.jump || record.task.by_event || record.task.has_error);
    reason(VMEXIT_TASK_SWITCH, 0x28, 1UL << 36);
    assert_true(record.task.iret);
    reason(VMEXIT_TASK_SWITCH, 0x28, 1UL << 38);
    assert_true(record.task.jump);
    vmcb.exit_int_info = EVENT_VALID | EVENT_EXCEPTION | EVENT_HAS_ERROR | TRAP_GP;
    reason(VMEXIT_TASK_SWITCH, 0x28, 1UL << 48 | 1UL << 44 | 0x18);
    assert_true(record.task.by_event && record.task.has_error && record.task.resume_flag && !record.task.software);
    assert_int_equal(record.task.error, 0x18);
    vmcb.exit_int_info = EVENT_VALID | EVENT_SOFTWARE | 0x80;
    reason(VMEXIT_TASK_SWITCH, 0x28, 0);
    assert_true(record.task.by_event && record.task.software);
    assert_int_equal(record.task.vector, 0x80);
    vmcb.exit_int_info = EVENT_VALID | EVENT_EXCEPTION | TRAP_BP;
    reason(VMEXIT_TASK_SWITCH, 0x28, 0);
    assert_true(record.task.software);
    vmcb.exit_int_info = EVENT_VALID | EVENT_NMI | TRAP_NMI;
    reason(VMEXIT_TASK_SWITCH, 0x28, 0);
    assert_true(record.task.by_event && !record.task.software);
}

/* Every PAUSE an exit, or those of a long wait: nothing between them is worth it. */
static void test_pauses(void **state)
{
    svm_intercept_init(&vmcb);
    assert_int_equal(vmcb.intercept3 & INTERCEPT_PAUSE, 0);
    cpu_features.svm_features |= SVM_FEATURE_PAUSE_FILTER;
    svm_intercept_init(&vmcb);
    assert_true(vmcb.intercept3 & INTERCEPT_PAUSE);
    assert_true(vmcb.pause_count > 1000);
    assert_int_equal(vmcb.pause_threshold, 0);
    cpu_features.svm_features |= SVM_FEATURE_PAUSE_THRESHOLD;
    svm_intercept_init(&vmcb);
    assert_true(vmcb.pause_threshold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reasons, setup), cmocka_unit_test_setup(test_port, setup),
        cmocka_unit_test_setup(test_nested_fault, setup), cmocka_unit_test_setup(test_own_affairs, setup),
        cmocka_unit_test_setup(test_nmi, setup), cmocka_unit_test_setup(test_posted, setup),
        cmocka_unit_test_setup(test_looks_for_interrupts, setup),
        cmocka_unit_test_setup(test_window_and_cr8, setup),
        cmocka_unit_test_setup(test_interrupted_events, setup), cmocka_unit_test_setup(test_nmi_window, in_nmi_handler),
        cmocka_unit_test_setup(test_nmi_window_breakpoint, in_nmi_handler),
        cmocka_unit_test_setup(test_nmi_window_guest_steps, in_nmi_handler),
        cmocka_unit_test_setup(test_nmi_window_fault, in_nmi_handler),
        cmocka_unit_test_setup(test_nmi_window_shadow, setup), cmocka_unit_test_setup(test_inject_state, setup),
        cmocka_unit_test_setup(test_task_switch, setup), cmocka_unit_test_setup(test_pauses, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
