/* SPDX-License-Identifier: MIT */
/* CPUID as data (AMD64 APM vol. 3, appendix E; public headers arch-x86/xen.h and arch-x86/cpufeatureset.h). */
#include "abi/cpu_policy.h"
#include "cpu/x86.h"
#include "lib/lib.h"

#define LAST_BASIC 0xd
#define LAST_EXTENDED 0x80000021u
#define MAX_CACHE_SUBLEAVES 6
#define MAX_FEATURE_SUBLEAF 2
enum { EAX, EBX, ECX, EDX };

/* Bits of 80000001.EDX that repeat those of 1.EDX; a featureset has them once. */
#define COMMON_1D 0x0183f3ffu

static const struct { u32 leaf, subleaf; u8 reg; } word_source[FEATURESET_WORDS] = {
    { 1, 0, EDX }, { 1, 0, ECX }, { 0x80000001, 0, EDX }, { 0x80000001, 0, ECX }, { 0xd, 1, EAX }, { 7, 0, EBX },
    { 7, 0, ECX }, { 0x80000007, 0, EDX }, { 0x80000008, 0, EBX }, { 7, 0, EDX }, { 7, 1, EAX }, { 0x80000021, 0, EAX },
    { 7, 1, EBX }, { 7, 2, EDX }, { 7, 1, ECX }, { 7, 1, EDX },
    { 0 }, { 0 },      /* MSR_ARCH_CAPABILITIES: not given to guests */
    { 0x80000021, 0, ECX },
};

void policy_host_cpuid(u32 leaf, u32 subleaf, u32 regs[4])
{
    struct cpuid_regs r = cpuid(leaf, subleaf);
    memcpy(regs, &r, sizeof(r));
}

/* A register of a leaf that the policy may not go up to: 0 then, as unimplemented leaves read differently
 * everywhere. */
static u32 bounded(policy_cpuid_fn *cpuid_of, u32 leaf, u32 subleaf, unsigned int reg)
{
    u32 r[4];
    cpuid_of(leaf & 0x80000000, 0, r);
    if (leaf > r[EAX])
        return 0;
    if (leaf == 7 && subleaf) {
        cpuid_of(7, 0, r);
        if (subleaf > r[EAX])
            return 0;
    }
    cpuid_of(leaf, subleaf, r);
    return r[reg];
}

void policy_featureset(policy_cpuid_fn *cpuid_of, u32 features[FEATURESET_WORDS])
{
    for (unsigned int i = 0; i < FEATURESET_WORDS; i++)
        features[i] = word_source[i].leaf ? bounded(cpuid_of, word_source[i].leaf, word_source[i].subleaf,
                                                    word_source[i].reg) : 0;
    features[2] &= ~COMMON_1D;
}

static const u32 hypervisor_leaves[] = { 0x40000000, 0x40000100 };

struct list_writer { policy_cpuid_fn *cpuid_of; struct xen_cpuid_leaf *leaves; u32 n; };

static void put(struct list_writer *w, u32 leaf, u32 subleaf)
{
    u32 r[4];
    if (w->n == POLICY_MAX_LEAVES)
        return;
    w->cpuid_of(leaf, subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : subleaf, r);
    w->leaves[w->n++] = (struct xen_cpuid_leaf){ leaf, subleaf, r[EAX], r[EBX], r[ECX], r[EDX] };
}

static void put_basic(struct list_writer *w, u32 leaf)
{
    u32 r[4];
    switch (leaf) {
    case 4:
        for (u32 i = 0; i < MAX_CACHE_SUBLEAVES; i++)
            put(w, 4, i);
        break;
    case 7:
        w->cpuid_of(7, 0, r);
        for (u32 i = 0; i <= min(r[EAX], (u32)MAX_FEATURE_SUBLEAF); i++)
            put(w, 7, i);
        break;
    case 0xb:
        put(w, 0xb, 0);
        put(w, 0xb, 1);
        break;
    case 0xd: {
        w->cpuid_of(0xd, 0, r);
        u64 states = r[EAX] | (u64)r[EDX] << 32;
        put(w, 0xd, 0);
        put(w, 0xd, 1);
        w->cpuid_of(0xd, 1, r);
        states |= r[ECX] | (u64)r[EDX] << 32;
        for (u32 i = 2; i < 63; i++)
            if (states >> i & 1)
                put(w, 0xd, i);
        break;
    }
    default:
        put(w, leaf, XEN_CPUID_NO_SUBLEAF);
    }
}

u32 policy_serialise(policy_cpuid_fn *cpuid_of, struct xen_cpuid_leaf leaves[POLICY_MAX_LEAVES])
{
    struct list_writer w = { cpuid_of, leaves, 0 };
    u32 r[4];
    cpuid_of(0, 0, r);
    for (u32 leaf = 0; leaf <= min(r[EAX], (u32)LAST_BASIC); leaf++)
        put_basic(&w, leaf);
    /* libxc writes its changed policy over the list it read: the list has every entry that libxc knows, so these two,
     * in which a policy can limit the hypervisor's own leaves, and all caches. */
    for (unsigned int i = 0; i < ARRAY_SIZE(hypervisor_leaves); i++)
        w.leaves[w.n++] = (struct xen_cpuid_leaf){ hypervisor_leaves[i], XEN_CPUID_NO_SUBLEAF };
    cpuid_of(0x80000000, 0, r);
    if (r[EAX] >= 0x80000000)
        for (u32 leaf = 0x80000000; leaf <= min(r[EAX], LAST_EXTENDED); leaf++)
            put(&w, leaf, XEN_CPUID_NO_SUBLEAF);
    return w.n;
}

/* ---- A policy that somebody wants, held against one that bounds it */

static bool after(const struct xen_cpuid_leaf *a, const struct xen_cpuid_leaf *b)
{
    return a->leaf > b->leaf || (a->leaf == b->leaf && a->subleaf > b->subleaf && a->subleaf != XEN_CPUID_NO_SUBLEAF &&
                                 b->subleaf != XEN_CPUID_NO_SUBLEAF);
}

static bool known_leaf(const struct xen_cpuid_leaf *l)
{
    bool has_subleaves = l->leaf == 4 || l->leaf == 7 || l->leaf == 0xb || l->leaf == 0xd;
    if (has_subleaves)
        return l->subleaf < 63;
    return l->subleaf == XEN_CPUID_NO_SUBLEAF &&
           (l->leaf <= LAST_BASIC || (l->leaf >= 0x80000000 && l->leaf <= LAST_EXTENDED) ||
            l->leaf == 0x40000000 || l->leaf == 0x40000100);
}

static void clear_features(policy_cpuid_fn *limit, struct xen_cpuid_leaf *l)
{
    u32 *regs[4] = { &l->a, &l->b, &l->c, &l->d }, r[4];
    for (unsigned int i = 0; i < FEATURESET_WORDS; i++)
        if (word_source[i].leaf && word_source[i].leaf == l->leaf &&
            word_source[i].subleaf == (l->subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : l->subleaf))
            *regs[word_source[i].reg] &= bounded(limit, word_source[i].leaf, word_source[i].subleaf,
                                                 word_source[i].reg);
    if (l->leaf == 0xd && l->subleaf == 0) {
        l->a &= bounded(limit, 0xd, 0, EAX);
        l->d &= bounded(limit, 0xd, 0, EDX);
    }
    if (l->leaf == 0x80000008) {      /* no wider addresses than there are */
        limit(0x80000008, 0, r);
        l->a = min(l->a & 0xff, r[EAX] & 0xff) | min(l->a >> 8 & 0xff, r[EAX] >> 8 & 0xff) << 8;
    }
}

int policy_limit(policy_cpuid_fn *limit, struct xen_cpuid_leaf *leaves, u32 n, u32 *bad)
{
    u32 r[4];
    for (u32 i = 0; i < n; i++) {
        struct xen_cpuid_leaf *l = &leaves[i];
        *bad = i;
        if (!known_leaf(l) || (i && !after(l, l - 1)))
            return -EINVAL;
        if (l->leaf == 0 || l->leaf == 0x80000000 || (l->leaf == 7 && l->subleaf == 0)) {
            limit(l->leaf, 0, r);
            if (l->a > r[EAX])
                return -EINVAL;
        }
        clear_features(limit, l);
    }
    return 0;
}
