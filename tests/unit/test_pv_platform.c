/* SPDX-License-Identifier: MIT */
// sources: modes/cpuid.c modes/pv/cpuid.c modes/pv/descriptor.c
/* What a PV guest is shown of the processor, and which descriptors it may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <xen/arch-x86/cpuid.h>

#include "modes/pv/pv.h"

struct cpu_features cpu_features;
u32 tsc_khz(void) { return 1000000; }

static struct pv_domain domain;
static struct pv_vcpu vcpu;
static vcpu_info_t info;

static void setup(void)
{
    struct cpuid_regs c = cpuid(0, 0), e = cpuid(0x80000000, 0);

    memset(&domain, 0, sizeof(domain));
    memset(&vcpu, 0, sizeof(vcpu));
    vcpu.vcpu.domain = &domain.domain;
    vcpu.vcpu.vcpu_info = &info;
    cpu_features = (struct cpu_features){ .max_leaf = c.a, .max_ext_leaf = e.a, .phys_bits = 40, .nx = true };
    memcpy(cpu_features.vendor, "AuthenticAMD", 13);
}

static void ask(u32 leaf, u32 subleaf, u32 r[4])
{
    pv_cpuid(&vcpu.vcpu, leaf, subleaf, r);
}

static void xen_leaves(void **unused)
{
    u32 r[4];

    setup();
    ask(0x40000000, 0, r);
    assert_int_equal(r[0], 0x40000005);
    assert_memory_equal(&r[1], "XenVMMXenVMM", 12);
    ask(0x40000001, 0, r);
    assert_int_equal(r[0], 4 << 16 | 17);
    ask(0x40000002, 0, r);
    assert_int_equal(r[0], 1);
    assert_int_equal(r[1], 0x40000000);
    ask(0x40000003, 0, r);
    assert_int_equal(r[2], 1000000);
    ask(0x40000005, 0, r);
    assert_int_equal(r[1], 40);
    ask(0x40000042, 0, r);
    assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
}

static void hidden_features(void **unused)
{
    u32 r[4];

    setup();
    ask(0, 0, r);
    assert_true(r[0] <= 0xd);
    ask(1, 0, r);
    assert_false(r[3] & (1 << 1 | 1 << 3 | 1 << 12 | 1 << 13 | 1 << 17 | 1 << 28));   /* VME PSE MTRR PGE PSE36 HTT */
    /* MONITOR VMX PCID x2APIC deadline */
    assert_false(r[2] & (1 << 3 | 1 << 5 | 1 << 17 | 1 << 21 | 1 << 24));
    assert_false(r[2] & (1 << 26 | 1 << 27 | 1 << 28));                               /* no XSAVE in cpu_features */
    assert_true(r[2] >> 31);
    ask(7, 0, r);
    /* FSGSBASE AVX2 SMEP INVPCID AVX512 SMAP */
    assert_false(r[1] & (1 << 0 | 1 << 5 | 1 << 7 | 1 << 10 | 1 << 16 | 1 << 20));
    assert_false(r[2] & (1 << 2 | 1 << 3 | 1 << 16));                                 /* UMIP PKU LA57 */
    ask(0x80000001, 0, r);
    assert_false(r[2] & (1 << 2 | 1 << 22));                                          /* SVM TOPOEXT */
    assert_false(r[3] & (1 << 26));                                                   /* 1 GiB pages */
    for (u32 leaf = 0x80000009; leaf < 0x80000030; leaf++) {
        ask(leaf, 0, r);
        assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
    }
    ask(0xd, 0, r);
    assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
}

static void xsave(void **unused)
{
    u32 r[4];

    setup();
    cpu_features.xsave = true;
    cpu_features.xcr0_mask = 3;
    cpu_features.xsave_size = 576;
    ask(0xd, 0, r);
    assert_int_equal(r[0] & ~3U, 0);
    ask(0xd, 2, r);
    assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
    ask(0xd, 1000, r);
    assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
    vcpu.ctrlreg[4] = X86_CR4_OSXSAVE;
    ask(1, 0, r);
    assert_true(r[2] & 1 << 27);
}

static void policy_limits(void **unused)
{
    struct xen_cpuid_leaf leaves[] = { { .leaf = 1, .subleaf = XEN_CPUID_NO_SUBLEAF, .c = 0, .d = 1 } };
    u32 r[4];

    setup();
    domain.cpuid_policy = leaves;
    domain.nr_cpuid_leaves = 1;
    ask(1, 0, r);
    assert_int_equal(r[2], 1U << 31);
    assert_int_equal(r[3], 1);
}

static void descriptors(void **unused)
{
    u64 d = 0x00af9b000000ffff;        /* 64-bit code of ring 0 */

    assert_true(pv_check_descriptor(&d));
    assert_int_equal(d, 0x00affb000000ffff);
    assert_true(pv_check_descriptor(&d));
    d = 0;
    assert_true(pv_check_descriptor(&d));
    assert_int_equal(d, 0);
    d = 0xffff0fffffffffff & ~(1UL << 47);   /* anything that is not present */
    assert_true(pv_check_descriptor(&d));
    for (u64 type = 1; type < 16; type++)
        for (u64 dpl = 0; dpl < 4; dpl++) {
            d = 1UL << 47 | dpl << 45 | type << 40;   /* gates, TSS, LDT */
            assert_false(pv_check_descriptor(&d));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xen_leaves), cmocka_unit_test(hidden_features), cmocka_unit_test(xsave),
            cmocka_unit_test(policy_limits),
        cmocka_unit_test(descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
