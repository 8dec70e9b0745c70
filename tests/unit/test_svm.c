/* SPDX-License-Identifier: MIT */
// sources: xen/hw/event.c
/* From VMCB to exit record, and events on their way in: what the processor would have written is made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
static struct vcpu *running;
static struct cpu_user_regs frame;
#undef current
#define current running
#define guest_regs() (&frame)

#include "hw/svm/exit.c"
#include "hw/svm/inject.c"

struct cpu_features cpu_features;
static struct vmcb vmcb aligned(4096);
static struct svm_container svm;
static struct vcpu vcpu;
static struct exit record;
static bool loaded_dr;

void svm_load_dr(struct svm_container *s) { loaded_dr = true; }

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reasons, setup), cmocka_unit_test_setup(test_port, setup),
        cmocka_unit_test_setup(test_nested_fault, setup), cmocka_unit_test_setup(test_own_affairs, setup),
        cmocka_unit_test_setup(test_nmi, setup), cmocka_unit_test_setup(test_posted, setup),
        cmocka_unit_test_setup(test_interrupted_events, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
