/* SPDX-License-Identifier: MIT */
// sources: xen/insn/decode.c
/* What code a container's CPU executes in each of its modes, where its bytes are, and what the end of an instruction that
 * was carried out for it does. */
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
#undef smp_processor_id
#define smp_processor_id() 0u
#define guest_regs() (&frame)

#include "hw/container.c"

const struct row spectrum[NR_ROWS] = { [0 ... NR_ROWS - 1] = { .name = "?" } };
const char *row_refused(const struct row *row) { return NULL; }
const struct container_ops *svm_probe(void) { return NULL; }
cpumask_t cpu_online_mask;
void on_cpus(cpumask_t mask, void (*fn)(void *), void *arg, bool wait) {}

static u64 creg[NR_CREGS];
static struct container_segment cs;
static bool shadow;
static int injected;
static struct container container;
static struct vcpu vcpu = { .container = &container };
static u64 fetched_from;
static u8 bytes[INSN_MAX];

static u64 get(const struct vcpu *v, enum container_reg reg) { return creg[reg]; }
static void set(struct vcpu *v, enum container_reg reg, u64 value) { creg[reg] = value; }
static void get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out)
{
    assert_int_equal(id, SEGMENT_CS);
    *out = cs;
}
static void set_shadow(struct vcpu *v, bool on) { shadow = on; }
static bool inject(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2) { injected = vector; return true; }
static const struct container_ops ops = { .get = get, .set = set, .get_segment = get_segment,
                                          .set_interrupt_shadow = set_shadow, .inject = inject };

static size_t fetch_bytes(struct vcpu *v, u64 linear, void *to, size_t n)
{
    fetched_from = linear;
    memcpy(to, bytes, n);
    return n;
}

static int setup(void **state)
{
    memset(creg, 0, sizeof(creg));
    memset(bytes, 0x90, sizeof(bytes));
    cs = (struct container_segment){ 8, 0x9b, 0xffff, 0 };
    frame = (struct cpu_user_regs){ .rip = 0x1000, .rflags = 2 };
    container.fetch = fetch_bytes;
    running = &vcpu;
    container_ops = &ops;
    shadow = true;
    injected = -1;
    return 0;
}

static void is(enum container_mode mode, enum insn_mode insn)
{
    assert_int_equal(container_mode(&vcpu), mode);
    assert_int_equal(container_insn_mode(&vcpu), insn);
}

static void test_modes(void **state)
{
    is(MODE_REAL, INSN_16);
    cs.attributes = 0xc9b;                      /* CR0.PE has just been cleared: still 32-bit code */
    is(MODE_REAL, INSN_32);
    creg[CREG_CR0] = X86_CR0_PE;
    is(MODE_PROTECTED32, INSN_32);
    cs.attributes = 0x9b;
    is(MODE_PROTECTED16, INSN_16);
    frame.rflags |= X86_EFLAGS_VM;
    is(MODE_VM86, INSN_16);
    frame.rflags = 2;
    creg[CREG_CR0] |= X86_CR0_PG;
    creg[CREG_EFER] = EFER_LME | EFER_LMA;
    is(MODE_COMPAT16, INSN_16);
    cs.attributes = 0xc9b;
    is(MODE_COMPAT32, INSN_32);
    cs.attributes = 0xa9b;
    is(MODE_64, INSN_64);
}

static void test_fetch(void **state)
{
    struct insn insn;

    cs.base = 0xfffff000;                       /* goes round at 4 GiB, but not in 64-bit mode, which has no base */
    assert_int_equal(container_fetch_insn(&vcpu, &insn), 0);
    assert_int_equal(fetched_from, 0);
    assert_int_equal(insn.length, 1);
    creg[CREG_CR0] = X86_CR0_PE | X86_CR0_PG;
    creg[CREG_EFER] = EFER_LME | EFER_LMA;
    cs.attributes = 0xa9b;
    frame.rip = 0xffffffff80001000;
    assert_int_equal(container_fetch_insn(&vcpu, &insn), 0);
    assert_int_equal(fetched_from, 0xffffffff80001000);
}

static void test_advance(void **state)
{
    struct exit exit = { .length = 0 };

    memcpy(bytes, "\x0f\xa2", 2);
    frame.rflags |= X86_EFLAGS_RF;
    assert_true(container_advance_rip(&vcpu, &exit));
    assert_int_equal(frame.rip, 0x1002);
    assert_int_equal(frame.rflags, 2);
    assert_false(shadow);
    assert_int_equal(injected, -1);
    memcpy(bytes, "\x66\x66\x0f\xa2", 4);       /* prefixes: taken apart */
    exit.length = 0;
    assert_true(container_advance_rip(&vcpu, &exit));
    assert_int_equal(frame.rip, 0x1006);
    memset(bytes, 0x66, sizeof(bytes));
    exit.length = 0;
    assert_false(container_advance_rip(&vcpu, &exit));
    assert_int_equal(frame.rip, 0x1006);
    frame.rip = 0xffff;                         /* a segment's end is for the next fetch to find; that of 4 GiB is not */
    container_advance_rip_by(&vcpu, 1);
    assert_int_equal(frame.rip, 0x10000);
    frame.rip = 0xffffffff;
    container_advance_rip_by(&vcpu, 1);
    assert_int_equal(frame.rip, 0);
}

static void test_single_step(void **state)
{
    frame.rflags |= X86_EFLAGS_TF;
    creg[CREG_DR6] = 0xffff0ff0;
    creg[CREG_DR7] = 0x2400;
    container_advance_rip_by(&vcpu, 2);
    assert_int_equal(injected, TRAP_DB);
    assert_int_equal(creg[CREG_DR6], 0xffff4ff0);
    assert_int_equal(creg[CREG_DR7], 0x400);    /* GD: the handler may use the registers */
}

static void test_between_units(void **state)
{
    container_between_units(&vcpu);
    assert_int_equal(frame.rip, 0x1000);
    assert_int_equal(frame.rflags, 2 | X86_EFLAGS_RF);
    assert_false(shadow);
    assert_int_equal(injected, -1);
    frame.rflags |= X86_EFLAGS_TF;
    container_between_units(&vcpu);
    assert_int_equal(injected, TRAP_DB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_modes, setup), cmocka_unit_test_setup(test_fetch, setup),
        cmocka_unit_test_setup(test_advance, setup), cmocka_unit_test_setup(test_single_step, setup),
        cmocka_unit_test_setup(test_between_units, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
