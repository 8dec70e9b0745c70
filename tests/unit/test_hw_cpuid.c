/* SPDX-License-Identifier: MIT */
// sources: modes/cpuid.c
/* What one vCPU sees of its domain's CPUID policy: its own APIC id, what hangs on its control registers and its APIC, and
 * the hypervisor, or no trace of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/percpu.h"
#include "dom/domain.h"

static struct cpu_user_regs frame;
#define guest_regs() (&frame)
#include "modes/pvh/hw_cpuid.c"

#define POLICY_LEAVES 3
static struct hw_domain dom;
static struct hw_vcpu vcpu;
static bool hidden, has_lapic;
static u64 cr4;

struct cpu_features cpu_features;
bool hvm_xen_hidden(const struct domain *d) { return hidden; }
bool hw_has_lapic(const struct domain *d) { return has_lapic; }
u32 tsc_khz(void) { return 1000000; }
static u64 get(const struct vcpu *v, enum container_reg reg) { return reg == CREG_CR4 ? cr4 : 0; }
static const struct container_ops ops = { .get = get };
const struct container_ops *container_ops = &ops;

static int setup(void **state)
{
    struct xen_cpuid_leaf *l = calloc(POLICY_LEAVES, sizeof(*l));

    l[0] = (struct xen_cpuid_leaf){ 0, XEN_CPUID_NO_SUBLEAF, 1, 0x68747541, 0x444d4163, 0x69746e65 };
    l[1] = (struct xen_cpuid_leaf){ 1, XEN_CPUID_NO_SUBLEAF, 0x800f12, 0xffff0800, CPUID1_ECX_HYPERVISOR | CPUID1_ECX_OSXSAVE,
                                    LEAF1_EDX_APIC | CPUID_BIT(0) };
    l[2] = (struct xen_cpuid_leaf){ 0x80000001, XEN_CPUID_NO_SUBLEAF, 0x800f12, 0, 0, LEAF1_EDX_APIC | CPUID_BIT(29) };
    memset(&dom, 0, sizeof(dom));
    memset(&vcpu, 0, sizeof(vcpu));
    vcpu.vcpu.domain = &dom.domain;
    hw_set_policy(&dom.domain, l, POLICY_LEAVES, NULL, 0);
    vcpu.vcpu.id = 3;
    vcpu.lapic.base = 0xfee00800;
    hidden = false;
    has_lapic = true;
    cr4 = 0;
    return 0;
}

static int teardown(void **state)
{
    hw_set_policy(&dom.domain, NULL, 0, NULL, 0);
    return 0;
}

static void test_own(void **state)
{
    u32 r[4];

    hw_cpuid(&vcpu.vcpu, 1, 0, r);
    assert_int_equal(r[0], 0x800f12);
    assert_int_equal(r[1], 6 << 24 | 0xff0800);
    assert_int_equal(r[2], CPUID1_ECX_HYPERVISOR);
    assert_int_equal(r[3], LEAF1_EDX_APIC | CPUID_BIT(0));
    cr4 = X86_CR4_OSXSAVE;
    hw_cpuid(&vcpu.vcpu, 1, 0, r);
    assert_int_equal(r[2], CPUID1_ECX_HYPERVISOR | CPUID1_ECX_OSXSAVE);
}

/* A switched-off APIC is not there, in both leaves (APM vol. 3, E.3.2 and E.4.2). */
static void test_no_apic(void **state)
{
    u32 r[4];

    vcpu.lapic.base = 0xfee00000;
    hw_cpuid(&vcpu.vcpu, 1, 0, r);
    assert_int_equal(r[3], CPUID_BIT(0));
    hw_cpuid(&vcpu.vcpu, 0x80000001, 0, r);
    assert_int_equal(r[3], CPUID_BIT(29));
    vcpu.lapic.base = 0xfee00800;
    has_lapic = false;
    hw_cpuid(&vcpu.vcpu, 1, 0, r);
    assert_int_equal(r[3], CPUID_BIT(0));
}

static void test_xen(void **state)
{
    u32 r[4];

    hw_cpuid(&vcpu.vcpu, XEN_CPUID_FIRST_LEAF, 0, r);
    assert_int_equal(r[1], XEN_CPUID_SIGNATURE_EBX);
    hw_cpuid(&vcpu.vcpu, XEN_CPUID_FIRST_LEAF + 4, 0, r);
    assert_int_equal(r[0], XEN_HVM_CPUID_VCPU_ID_PRESENT | XEN_HVM_CPUID_DOMID_PRESENT);
    assert_int_equal(r[1], 3);
}

/* Nothing of a hypervisor is left: neither its leaves nor the bit that says that there is one. */
static void test_hidden(void **state)
{
    u32 r[4];

    hidden = true;
    hw_cpuid(&vcpu.vcpu, 1, 0, r);
    assert_int_equal(r[2], 0);
    for (u32 leaf = XEN_CPUID_FIRST_LEAF; leaf < XEN_CPUID_FIRST_LEAF + 6; leaf++) {
        hw_cpuid(&vcpu.vcpu, leaf, 0, r);
        assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_own, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_apic, setup, teardown),
        cmocka_unit_test_setup_teardown(test_xen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hidden, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
