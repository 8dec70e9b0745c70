/* SPDX-License-Identifier: MIT */
// sources: modes/cpuid.c
/* What of a processor that has everything is shown to a guest, by what Prism switches and by its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <xen/arch-x86/cpuid.h>

#include "cpu/x86.h"
#include "dom/domain.h"
#include "modes/cpuid.h"

struct cpu_features cpu_features;
u32 tsc_khz(void) { return 2500000; }

static const struct cpuid_answer least = { .last_xen_leaf = 3 };
static const struct cpuid_answer more = {
    .leaf1_ecx = CPUID_BIT(17), .leaf1_edx = CPUID_BIT(3), .leaf7_ebx = CPUID_BIT(20), .leaf7_ecx = CPUID_BIT(2),
    .ext1_ecx = CPUID_BIT(4), .ext1_edx = CPUID_BIT(26), .own_ecx = CPUID_BIT(21), .own_edx = CPUID_BIT(12) | CPUID_BIT(29),
    .last_xen_leaf = 4, .xen_features = 0x40,
};

/* A processor with every bit set, of which Prism uses all. */
static void whole(const char *vendor)
{
    cpu_features = (struct cpu_features){ .max_leaf = 0x20, .max_ext_leaf = 0x80000021, .xsave = true, .xcr0_mask = 0xe7,
                                          .xsave_size = 2696, .fsgsbase = true, .nx = true, .rdtscp = true,
                                          .invariant_tsc = true };
    memcpy(cpu_features.vendor, vendor, 13);
}

static void limit(const struct cpuid_answer *a, u32 leaf, u32 subleaf, u32 r[4])
{
    memset(r, 0xff, 16);
    cpuid_limit(a, leaf, subleaf, r);
}

static void assert_nothing(const u32 r[4])
{
    assert_int_equal(r[0] | r[1] | r[2] | r[3], 0);
}

static void unknown_leaves(void **unused)
{
    u32 r[4];

    whole("GenuineIntel");
    for (u32 leaf = 0; leaf < 0x40; leaf++) {
        limit(&more, leaf, 0, r);
        if (leaf > 2 && leaf != 4 && leaf != 7 && leaf != 0xd)
            assert_nothing(r);
        limit(&more, 0x80000000 | leaf, 0, r);
        if (leaf > 8)
            assert_nothing(r);
    }
    limit(&more, 0, 0, r);
    assert_int_equal(r[0], 0xd);
    limit(&more, 0x80000000, 0, r);
    assert_int_equal(r[0], 0x80000008);
    limit(&more, 7, 1, r);
    assert_nothing(r);
}

static void own_bits(void **unused)
{
    u32 r[4] = { 0 };

    whole("GenuineIntel");
    limit(&least, 1, 0, r);
    assert_int_equal(r[1], 0xffff);
    assert_int_equal(r[2] & (1u << 3 | 1 << 5 | 1 << 17 | 1 << 21 | 1 << 24 | 1 << 27), 0);  /* no MONITOR to OSXSAVE */
    assert_int_equal(r[2] & CPUID1_ECX_HYPERVISOR, CPUID1_ECX_HYPERVISOR);
    assert_int_equal(r[3] & (1u << 3 | 1 << 12 | 1 << 29), 0);
    limit(&more, 1, 0, r);
    assert_int_equal(r[2] & (1u << 17 | 1 << 21), 1u << 17 | 1 << 21);
    assert_int_equal(r[3] & (1u << 3 | 1 << 12 | 1 << 29), 1u << 3 | 1 << 12 | 1 << 29);
    memset(r, 0, sizeof(r));
    cpuid_limit(&more, 1, 0, r);      /* a processor without any */
    assert_int_equal(r[2], CPUID1_ECX_HYPERVISOR | more.own_ecx);
    assert_int_equal(r[3], more.own_edx);
    limit(&least, 7, 0, r);
    assert_int_equal(r[1] & 1u << 20, 0);
    assert_int_equal(r[2] & 1u << 2, 0);
    limit(&more, 7, 0, r);
    assert_true(r[1] & 1u << 20 && r[2] & 1u << 2);
}

/* AMD repeats leaf 1's EDX in 80000001, as far as there is a place for it. */
static void copies(void **unused)
{
    u32 r[4];

    whole("GenuineIntel");
    limit(&more, 0x80000001, 0, r);
    assert_int_equal(r[3] & 0x0183f3ff & ~(1u << 11), 0);
    whole("AuthenticAMD");
    limit(&least, 0x80000001, 0, r);
    assert_int_equal(r[3] & (1u << 3 | 1 << 12 | 1 << 26), 0);
    assert_true(r[3] & 1u << 4);
    limit(&more, 0x80000001, 0, r);
    assert_int_equal(r[3] & (1u << 3 | 1 << 12 | 1 << 26), 1u << 3 | 1 << 12 | 1 << 26);
    assert_true(r[2] & 1u << 4);
    memset(r, 0, sizeof(r));
    cpuid_limit(&more, 0x80000001, 0, r);
    assert_int_equal(r[3], 1u << 12);
}

/* A vector unit whose registers are not switched is not there. */
static void vectors(void **unused)
{
    u32 r[4];

    whole("AuthenticAMD");
    limit(&least, 1, 0, r);
    assert_int_equal(r[2] & 0x34001000, 0x34001000);    /* XSAVE, FMA, AVX, F16C */
    limit(&least, 7, 0, r);
    assert_true(r[1] & 1u << 16 && r[1] & 1u << 5);
    cpu_features.xcr0_mask = 7;
    limit(&least, 7, 0, r);
    assert_true(!(r[1] & 1u << 16) && !(r[2] & 1u << 11) && !(r[3] & 1u << 2) && r[1] & 1u << 5 && r[2] & 1u << 9);
    cpu_features.xcr0_mask = 3;
    limit(&least, 7, 0, r);
    assert_true(!(r[1] & 1u << 5) && !(r[2] & 1u << 9));
    limit(&least, 1, 0, r);
    assert_int_equal(r[2] & 0x34001000, 0x04000000);
    limit(&least, 0x80000001, 0, r);
    assert_int_equal(r[2] & (1u << 11 | 1 << 16), 0);   /* XOP, FMA4 */
    cpu_features.xsave = false;
    limit(&least, 1, 0, r);
    assert_int_equal(r[2] & 0x34001000, 0);
}

static void what_prism_does_not_use(void **unused)
{
    u32 r[4];

    whole("AuthenticAMD");
    cpu_features.fsgsbase = cpu_features.nx = cpu_features.rdtscp = cpu_features.invariant_tsc = false;
    limit(&more, 7, 0, r);
    assert_int_equal(r[1] & 1, 0);
    limit(&more, 0x80000001, 0, r);
    assert_int_equal(r[3] & (1u << 20 | 1 << 27), 0);
    limit(&more, 0x80000007, 0, r);
    assert_nothing(r);
}

static void xsave(void **unused)
{
    u32 r[4];

    whole("AuthenticAMD");
    limit(&least, 0xd, 0, r);
    assert_int_equal(r[0], 0xe7);
    assert_int_equal(r[2], 2696);
    assert_int_equal(r[3], 0);
    limit(&least, 0xd, 1, r);
    assert_int_equal(r[0], 7);
    assert_int_equal(r[2] | r[3], 0);
    limit(&least, 0xd, 2, r);
    assert_int_equal(r[2], 2);
    assert_int_equal(r[3], 0);
    limit(&least, 0xd, 3, r);       /* MPX: not switched */
    assert_nothing(r);
    limit(&least, 0xd, 63, r);
    assert_nothing(r);
    limit(&least, 0xd, ~0u, r);
    assert_nothing(r);
    cpu_features.xsave = false;
    limit(&least, 0xd, 0, r);
    assert_nothing(r);
}

static void machine(void **unused)
{
    u32 r[4] = { 1, 1, 1, 1 };

    whole("AuthenticAMD");
    cpu_features.max_leaf = 4;
    cpuid_machine(&least, 7, 0, r);
    assert_nothing(r);
    cpu_features.max_ext_leaf = 0x80000000;
    cpuid_machine(&least, 0x80000001, 0, r);
    assert_nothing(r);
    cpuid_machine(&least, 1, 0, r);
    assert_true(r[2] & CPUID1_ECX_HYPERVISOR);
}

static void xen_leaves(void **unused)
{
    vcpu_info_t info = { .time = { .tsc_to_system_mul = 0x12345678, .tsc_shift = -1 } };
    struct domain d = { .tsc_mode = 2 };
    struct vcpu v = { .domain = &d, .vcpu_info = &info };
    u32 r[4];

    whole("AuthenticAMD");
    assert_true(cpuid_xen(&more, &v, 0x40000000, 0, r));
    assert_int_equal(r[0], 0x40000004);
    assert_memory_equal(&r[1], "XenVMMXenVMM", 12);
    assert_true(cpuid_xen(&more, &v, 0x40000002, 0, r));
    assert_int_equal(r[1], 0x40000000);
    assert_int_equal(r[2], 0x40);
    assert_true(cpuid_xen(&more, &v, 0x40000003, 0, r));
    assert_int_equal(r[0], 6);
    assert_int_equal(r[1], 2);
    assert_int_equal(r[2], 2500000);
    assert_true(cpuid_xen(&more, &v, 0x40000003, 1, r));
    assert_int_equal(r[2], 0x12345678);
    assert_int_equal(r[3], ~0u);
    assert_true(cpuid_xen(&more, &v, 0x400000ff, 0, r));
    assert_nothing(r);
    assert_false(cpuid_xen(&more, &v, 0x40000100, 0, r));
    assert_false(cpuid_xen(&more, &v, 0x3fffffff, 0, r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_leaves), cmocka_unit_test(own_bits), cmocka_unit_test(copies), cmocka_unit_test(vectors),
        cmocka_unit_test(what_prism_does_not_use), cmocka_unit_test(xsave), cmocka_unit_test(machine),
        cmocka_unit_test(xen_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
