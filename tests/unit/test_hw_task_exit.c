/* SPDX-License-Identifier: MIT */
// sources: modes/pvh/hw_task_core.c modes/pvh/hw_task_segment.c
/* From the exit of a task switch to the vCPU's new state: where the old task goes on, what becomes of the event that brought
 * it about, who may use a gate, and memory that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
#include "dom/domain.h"

static struct cpu_user_regs frame;
#define guest_regs() (&frame)
#include "modes/pvh/hw_task.c"

#define MEMORY 0x8000u
#define GDT 0x1000u
#define IDT 0x2000u
#define OLD_TSS 0x3000u
#define NEW_TSS 0x4ff0u          /* in two pages */
enum { CODE = 0x08, DATA = 0x10, OLD = 0x18, NEW = 0x20, GDT_END = 0x28 };
enum { GATE = 0x80, T32_EIP = 0x20, T32_EFLAGS = 0x24, T32_ESP = 0x38, T32_CS = 0x4c, T32_SS = 0x50, T32_TRAP = 0x64 };

static u8 memory[MEMORY];
static u32 missing;              /* a page that is not mapped; 0: none */
static struct container_segment segments[NR_SEGMENTS];
static u64 creg[NR_CREGS];
static bool dropped, shadow, fetch_fails;
static int injected;
static u32 injected_error;
static struct hw_domain dom;
static struct hw_vcpu vcpu = { .vcpu = { .domain = &dom.domain } };
static struct exit exit_now;

bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error)
{
    *gpa = va;
    *error = access;
    return !missing || va >> 12 != missing >> 12;
}
bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n)
{
    assert_true((gpa & 0xfff) + n <= 0x1000);
    if (gpa + n > MEMORY)
        return false;
    memcpy(dst, memory + gpa, n);
    return true;
}
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n)
{
    assert_true((gpa & 0xfff) + n <= 0x1000);
    if (gpa + n > MEMORY)
        return false;
    memcpy(memory + gpa, src, n);
    return true;
}
void hw_inject(struct vcpu *v, u8 vector, u32 error, u64 cr2) { injected = vector; injected_error = error; }
int container_fetch_insn(struct vcpu *v, struct insn *insn)
{
    insn->length = 7;
    return fetch_fails ? -ENODATA : 0;
}

static void get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out)
{
    *out = segments[id];
}
static void set_segment(struct vcpu *v, enum container_segment_id id, const struct container_segment *s) { segments[id] = *s; }
static void get_tables(const struct vcpu *v, struct container_table *gdt, struct container_table *idt)
{
    *gdt = (struct container_table){ GDT_END - 1, GDT };
    *idt = (struct container_table){ 0x407, IDT };
}
static u64 get(const struct vcpu *v, enum container_reg reg) { return creg[reg]; }
static void set(struct vcpu *v, enum container_reg reg, u64 value) { creg[reg] = value; }
static void set_shadow(struct vcpu *v, bool on) { shadow = on; }
static void drop(struct vcpu *v) { dropped = true; }
static const struct container_ops ops = { .get_segment = get_segment, .set_segment = set_segment, .get_tables = get_tables,
                                          .get = get, .set = set, .set_interrupt_shadow = set_shadow, .drop_event = drop };
const struct container_ops *container_ops = &ops;

static void put32(u32 at, u32 v) { memcpy(memory + at, &v, 4); }
static u32 get32(u32 at) { u32 v; memcpy(&v, memory + at, 4); return v; }

static void descriptor(u32 selector, u32 base, u16 attributes)
{
    u64 raw = (attributes & 0x800 ? 0xffffUL : 0x67UL) | (u64)base << 16 | (u64)(attributes & 0xff) << 40 |
              (attributes & 0x800 ? 0xfUL << 48 : 0) | (u64)(attributes >> 8) << 52;

    memcpy(memory + GDT + selector, &raw, 8);
}

static int setup(void **state)
{
    memset(memory, 0, sizeof(memory));
    memset(creg, 0, sizeof(creg));
    memset(segments, 0, sizeof(segments));
    descriptor(CODE, 0, 0xc9b);
    descriptor(DATA, 0, 0xc93);
    descriptor(OLD, OLD_TSS, 0x8b);
    descriptor(NEW, NEW_TSS, 0x89);
    put32(NEW_TSS + T32_EIP, 0x5555);
    put32(NEW_TSS + T32_EFLAGS, 2);
    put32(NEW_TSS + T32_ESP, 0x7000);
    put32(NEW_TSS + T32_CS, CODE);
    put32(NEW_TSS + T32_SS, DATA);
    memory[IDT + 8 * GATE + 5] = 0x85;
    segments[SEGMENT_TR] = (struct container_segment){ OLD, 0x8b, 0x67, OLD_TSS };
    creg[CREG_CR0] = X86_CR0_PE;
    creg[CREG_DR6] = 0xffff0ff0;
    frame = (struct cpu_user_regs){ .rip = 0x1234, .rflags = 2 | X86_EFLAGS_RF };
    exit_now = (struct exit){ .reason = EXIT_TASK_SWITCH, .task.selector = NEW };
    missing = 0;
    injected = -1;
    dropped = fetch_fails = false;
    shadow = true;
    return 0;
}

static void switched(u32 old_eip, u32 old_flags)
{
    hw_task_switch(&vcpu.vcpu, &exit_now);
    assert_int_equal(frame.rip, 0x5555);
    assert_int_equal(get32(OLD_TSS + T32_EIP), old_eip);
    assert_int_equal(get32(OLD_TSS + T32_EFLAGS), old_flags);
    assert_true(creg[CREG_CR0] & X86_CR0_TS);
    assert_int_equal(segments[SEGMENT_TR].selector, NEW);
    assert_false(shadow);
}

static void not_switched(int vector, u32 error)
{
    hw_task_switch(&vcpu.vcpu, &exit_now);
    assert_int_equal(injected, vector);
    if (vector >= 0)
        assert_int_equal(injected_error, error);
    assert_int_equal(frame.rip, 0x1234);
    assert_int_equal(segments[SEGMENT_TR].selector, OLD);
    assert_int_equal(creg[CREG_CR0], X86_CR0_PE);
    assert_false(dropped);
}

static void test_call(void **state)
{
    switched(0x123b, 2);
    assert_int_equal(memory[NEW_TSS], OLD);
    assert_int_equal(injected, -1);
    assert_false(dropped);
}

static void test_event(void **state)
{
    exit_now.task.by_event = exit_now.task.has_error = exit_now.task.resume_flag = true;
    exit_now.task.error = 0xabc;
    switched(0x1234, 2 | X86_EFLAGS_RF);
    assert_true(dropped);
    assert_int_equal(get32(0x6ffc), 0xabc);
}

/* The event waits, for the fault to meet it. */
static void test_event_fails(void **state)
{
    exit_now.task.by_event = true;
    memory[GDT + NEW + 5] = 0x09;
    not_switched(TRAP_NP, NEW | 1);
    descriptor(NEW, NEW_TSS, 0x89);
    put32(NEW_TSS + T32_SS, 0);
    hw_task_switch(&vcpu.vcpu, &exit_now);
    assert_int_equal(injected, TRAP_TS);
    assert_int_equal(injected_error, 1);
    assert_int_equal(segments[SEGMENT_TR].selector, NEW);
    assert_false(dropped);
}

static void test_software(void **state)
{
    exit_now.task.by_event = exit_now.task.software = true;
    exit_now.task.vector = GATE;
    exit_now.cpl = 3;
    not_switched(TRAP_GP, GATE * 8 | 2);
    exit_now.task.vector = GATE + 1;                 /* beyond the table */
    not_switched(TRAP_GP, (GATE + 1) * 8 | 2);
    exit_now.task.vector = GATE;
    missing = IDT + 8 * GATE;
    not_switched(TRAP_PF, 0);
    missing = 0;
    injected = -1;
    memory[IDT + 8 * GATE + 5] = 0xe5;
    switched(0x123b, 2);
    assert_int_equal(injected, -1);
}

static void test_bytes_gone(void **state)
{
    fetch_fails = true;
    not_switched(-1, 0);
}

static void test_long_mode(void **state)
{
    creg[CREG_EFER] = EFER_LMA;
    not_switched(TRAP_GP, NEW);
}

static void test_trap_bit(void **state)
{
    put32(NEW_TSS + T32_TRAP, 1);
    switched(0x123b, 2);
    assert_int_equal(injected, TRAP_DB);
    assert_int_equal(creg[CREG_DR6], 0xffff8ff0);
}

static void test_missing_memory(void **state)
{
    missing = NEW_TSS + 0x10;
    not_switched(TRAP_PF, 0);
    missing = 0;
    segments[SEGMENT_TR].base = MEMORY + 0x1000;     /* what is saved is lost */
    hw_task_switch(&vcpu.vcpu, &exit_now);
    assert_int_equal(frame.rip, 0x5555);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_call, setup), cmocka_unit_test_setup(test_event, setup),
        cmocka_unit_test_setup(test_event_fails, setup), cmocka_unit_test_setup(test_software, setup),
        cmocka_unit_test_setup(test_bytes_gone, setup), cmocka_unit_test_setup(test_long_mode, setup),
        cmocka_unit_test_setup(test_trap_bit, setup), cmocka_unit_test_setup(test_missing_memory, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
