/* SPDX-License-Identifier: MIT */
// sources: xen/abi/cpu_policy.c
/* CPUID as data: the list of leaves, the featureset, and what a wanted policy is cut down to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "abi/cpu_policy.h"
#include "lib/errno.h"

/* A CPU with 13 basic leaves, two feature sub-leaves, three XSAVE states, extended leaves up to 80000008. */
static void cpu(u32 leaf, u32 subleaf, u32 r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
    switch (leaf) {
    case 0: r[0] = 0xd; break;
    case 1: r[2] = 0xf6d83203; r[3] = 0x078bf3fd; break;
    case 4: r[0] = subleaf < 2; break;
    case 7: r[0] = 1; r[1] = subleaf == 0 ? 0x8801a9 : 0x10; r[3] = 0xffffffff; break;
    case 0xd: r[0] = subleaf == 0 ? 7 : subleaf == 1 ? 5 : 256; break;
    case 0x80000000: r[0] = 0x80000008; break;
    case 0x80000001: r[2] = 0x75; r[3] = 0x27d3fbff; break;
    case 0x80000008: r[0] = 0x3028; r[1] = 0x1004; break;
    case 0x80000021: r[0] = 0xffffffff; break;   /* beyond what 80000000 says */
    }
}

static void test_featureset(void **state)
{
    u32 f[FEATURESET_WORDS];
    policy_featureset(cpu, f);
    assert_int_equal(f[0], 0x078bf3fd);
    assert_int_equal(f[1], 0xf6d83203);
    assert_int_equal(f[2], 0x27d3fbff & ~0x0183f3ff);
    assert_int_equal(f[3], 0x75);
    assert_int_equal(f[4], 5);
    assert_int_equal(f[5], 0x8801a9);
    assert_int_equal(f[8], 0x1004);
    assert_int_equal(f[11], 0);      /* 80000021 */
    assert_int_equal(f[12], 0x10);   /* 7, sub-leaf 1 */
    assert_int_equal(f[13], 0);      /* 7, sub-leaf 2, which there is not */
}

static void test_serialise(void **state)
{
    struct xen_cpuid_leaf l[POLICY_MAX_LEAVES];
    u32 n = policy_serialise(cpu, l), bad;
    unsigned int caches = 0, features = 0, states = 0, extended = 0;
    for (u32 i = 0; i < n; i++) {
        caches += l[i].leaf == 4;
        features += l[i].leaf == 7;
        states += l[i].leaf == 0xd;
        extended += l[i].leaf >= 0x80000000;
        if (i)
            assert_true(l[i].leaf > l[i - 1].leaf || (l[i].leaf == l[i - 1].leaf && l[i].subleaf > l[i - 1].subleaf));
    }
    assert_int_equal(caches, 6);
    assert_int_equal(features, 2);
    assert_int_equal(states, 3);
    assert_int_equal(extended, 9);
    assert_int_equal(policy_limit(cpu, l, n, &bad), 0);
}

static void test_limit(void **state)
{
    struct xen_cpuid_leaf l[POLICY_MAX_LEAVES];
    u32 n = policy_serialise(cpu, l), bad = 0;
    for (u32 i = 0; i < n; i++)
        if (l[i].leaf == 1)
            l[i].c = l[i].d = ~0u;
        else if (l[i].leaf == 0x80000008)
            l[i].a = 0x3940;
        else if (l[i].leaf == 7 && l[i].subleaf == 1)
            l[i].a = l[i].b = ~0u;
    assert_int_equal(policy_limit(cpu, l, n, &bad), 0);
    for (u32 i = 0; i < n; i++)
        if (l[i].leaf == 1) {
            assert_int_equal(l[i].c, 0xf6d83203);
            assert_int_equal(l[i].d, 0x078bf3fd);
        } else if (l[i].leaf == 0x80000008) {
            assert_int_equal(l[i].a, 0x3028);
        } else if (l[i].leaf == 7 && l[i].subleaf == 1) {
            assert_int_equal(l[i].a, 1);
            assert_int_equal(l[i].b, 0x10);
        }
}

static void refused(struct xen_cpuid_leaf *l, u32 n, u32 expected)
{
    u32 bad = ~0u;
    assert_int_equal(policy_limit(cpu, l, n, &bad), -EINVAL);
    assert_int_equal(bad, expected);
}

static void test_refused(void **state)
{
    refused((struct xen_cpuid_leaf[]){ { 0, ~0u, 0xe } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 0x80000000, ~0u, 0x80000009 } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 7, 0, 2 } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 1, 0 } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 7, ~0u } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 0xd, 63 } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 0xe, ~0u } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 0x80000022, ~0u } }, 1, 0);
    refused((struct xen_cpuid_leaf[]){ { 1, ~0u }, { 1, ~0u } }, 2, 1);
    refused((struct xen_cpuid_leaf[]){ { 2, ~0u }, { 1, ~0u } }, 2, 1);
    refused((struct xen_cpuid_leaf[]){ { 7, 1 }, { 7, 1 } }, 2, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_featureset), cmocka_unit_test(test_serialise), cmocka_unit_test(test_limit),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
