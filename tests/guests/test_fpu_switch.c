/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64 pvh32
// xl: memory=32 maxvcpus=2
/* Two vCPUs on one CPU, each with its own x87, SSE and AVX registers, control word, MXCSR and XCR0, beside a control domain
 * that has some too. A new vCPU's are as the processor begins; then all stay as they were loaded, over yields, sleeps, a CPU
 * taken away, CR0.TS with its #NM (of which there is one each time), and other sets of components. Without a second vCPU the
 * same, alone. */
#include "lib/guest.h"

#define ROUNDS 60
#define NM 7
#define GP 13
#define CR0_TS 8ul
#define CR4_OSFXSR_OSXSAVE (1ul << 9 | 1ul << 18)
#define X87 1u
#define SSE 2u
#define AVX 4u
#define AREA 1024
#define HEADER 512
#define AT_MXCSR 24
#define AT_ST 32
#define AT_XMM 160
#ifdef __x86_64__
#define W "64"
#define NR_XMM 16u
#else
#define W ""
#define NR_XMM 8u
#endif

struct player { u8 want[AREA], got[AREA]; unsigned int id; u32 all; } __attribute__((__aligned__(64)));
static struct player players[2];
static volatile unsigned int rounds_of[2], not_available;
static volatile bool finished[2];
static bool alone;
static unsigned int switched_off;                   /* times that TS was set, by both */
static u32 at_ymm;                                  /* the upper halves' place in an area; 0: there is no AVX */
static bool has_xsaveopt;

static u64 xgetbv(void)
{
    u32 lo, hi;

    asm volatile("xgetbv" : "=a" (lo), "=d" (hi) : "c" (0));
    return lo | (u64)hi << 32;
}

/* The emulated processor's XSAVE and XRSTOR do not look at CR0.TS, by which Xen learns that a vCPU needs its registers. */
static void use_fpu(void) { asm volatile("fnop"); }

static void xsetbv(u32 value) { asm volatile("xsetbv" :: "c" (0), "a" (value), "d" (0) : "memory"); }

static void load(const u8 *area, u32 mask)
{
    use_fpu();
    asm volatile("xrstor" W " (%0)" :: "r" (area), "a" (mask), "d" (0) : "memory");
}

static void save(u8 *area, u32 mask, unsigned int round)
{
    memset(area, 0, AREA);
    use_fpu();
    if (has_xsaveopt && round % 2)
        asm volatile("xsaveopt" W " (%0)" :: "r" (area), "a" (mask), "d" (0) : "memory");
    else
        asm volatile("xsave" W " (%0)" :: "r" (area), "a" (mask), "d" (0) : "memory");
}

static bool enable(struct player *p)
{
    unsigned long cr4;
    u32 r[4];

    asm volatile("mov %%cr4, %0" : "=r" (cr4));
    asm volatile("mov %0, %%cr4" :: "r" (cr4 | CR4_OSFXSR_OSXSAVE));
    guest_cpuid(1, 0, r);
    if (!(r[2] >> 26 & 1))
        return false;
    p->all = X87 | SSE | (r[2] >> 28 & 1 ? AVX : 0);
    guest_cpuid(0xd, 1, r);
    has_xsaveopt = r[0] & 1;
    guest_cpuid(0xd, 2, r);
    at_ymm = p->all & AVX ? r[1] : 0;
    return true;
}

/* ---- A new vCPU's */

static void fresh(struct player *p)
{
    u64 nothing = 0;

#ifdef GUEST_HW
    EXPECT("XCR0 of a new vCPU", xgetbv(), X87);         /* as after a reset, by the manuals */
#else
    EXPECT("XCR0 of a new vCPU, but for SSE", xgetbv() & ~(u64)SSE, X87);
#endif
    xsetbv(p->all);
    memset(p->got, 0xee, AREA);
    asm volatile("fxsave" W " (%0)" :: "r" (p->got) : "memory");
    EXPECT("FCW", *(u16 *)p->got, 0x37f);
    EXPECT("FSW", *(u16 *)(p->got + 2), 0);
    EXPECT("FTW", p->got[4], 0);
    EXPECT("FIP and FDP", *(u32 *)(p->got + 8) | *(u32 *)(p->got + 16), 0);
    EXPECT("MXCSR", *(u32 *)(p->got + AT_MXCSR), 0x1f80);
    for (u32 at = AT_ST; at < AT_XMM + 16 * NR_XMM; at += 2)
        if (at >= AT_XMM || (at & 15) < 10)
            nothing |= *(u16 *)(p->got + at);
    if (at_ymm)
        asm volatile("vextractf128 $1, %%ymm0, (%0); vextractf128 $1, %%ymm3, 16(%0); vextractf128 $1, %%ymm7, 32(%0)"
                     :: "r" (p->got + at_ymm) : "memory");
    for (u32 at = at_ymm; at_ymm && at < at_ymm + 48; at += 4)
        nothing |= *(u32 *)(p->got + at);
    EXPECT("registers that nobody has written to", nothing, 0);
}

/* XCR0 as no processor takes it (APM vol. 2, 11.5.2). */
static void wrong_components(const struct player *p)
{
    static const u32 wrong[] = { 0, SSE, X87 | AVX, 1u << 9 | X87, 1u << 30 | X87 };

    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        EXPECT("XSETBV of what there is not", TRY("xor %%ecx, %%ecx; xor %%edx, %%edx; xsetbv", "a" (wrong[i])), GP);
    EXPECT("XCR1", TRY("mov $1, %%ecx; xor %%edx, %%edx; xsetbv", "a" (1)), GP);
    EXPECT("upper half", TRY("xor %%ecx, %%ecx; mov $1, %%edx; xsetbv", "a" (1)), GP);
    EXPECT("reading XCR2", TRY("mov $2, %%ecx; xgetbv", "a" (1)), GP);
    EXPECT("after that", xgetbv(), p->all);
}

/* ---- Rounds */

static void fill(struct player *p, unsigned int round)
{
    u32 value = (round * 2 + p->id) * 0x9e3779b1u | 1;

    memset(p->want, 0, AREA);
    for (u32 at = AT_ST; at < AREA; at += 4, value = value * 1664525 + 1013904223)
        if ((at < AT_XMM ? (at & 15) < 8 : at < AT_XMM + 16 * NR_XMM) || (at_ymm && at >= at_ymm && at < at_ymm + 16 * NR_XMM))
            *(u32 *)(p->want + at) = value;
    for (u32 at = AT_ST; at < AT_XMM; at += 16) {
        p->want[at + 7] |= 0x80;                    /* an ordinary number */
        *(u16 *)(p->want + at + 8) = (u16)(0x3f00 + round + 0x8000 * p->id);
    }
    *(u16 *)p->want = (u16)(0x37f & ~0xc00) | (u16)((round + p->id) % 4 << 10);
    p->want[4] = 0xff;
    *(u32 *)(p->want + AT_MXCSR) = 0x1f80 | (round + 2 * p->id) % 4 << 13 | (u32)(p->id << 15);
    *(u32 *)(p->want + HEADER) = p->all;
}

static void same(struct player *p, const char *how, unsigned int round, unsigned int at, unsigned int n)
{
    for (unsigned int i = at; i < at + n; i++)
        if (p->got[i] != p->want[i]) {
            FAIL("vCPU %u, round %u, %s: byte %u is %x, not %x", p->id, round, how, i, p->got[i], p->want[i]);
            return;
        }
}

static void check(struct player *p, const char *how, unsigned int round)
{
    save(p->got, p->all, round);
    same(p, how, round, 0, 5);
    same(p, how, round, AT_MXCSR, 4);
    for (unsigned int i = 0; i < 8; i++)
        same(p, how, round, AT_ST + 16 * i, 10);
    same(p, how, round, AT_XMM, 16 * NR_XMM);
    if (at_ymm)
        same(p, how, round, at_ymm, 16 * NR_XMM);
    EXPECT("XCR0", xgetbv(), p->all);
}

/* Never gives the CPU away by itself; the other one has it meanwhile all the same. */
static void be_interrupted(const struct player *p)
{
    unsigned int before = rounds_of[!p->id];

    for (u64 n = 0; !alone && !finished[!p->id] && rounds_of[!p->id] == before; n++)
        if (n > 2000000000u) {
            FAIL("vCPU %u keeps the CPU for ever", p->id);
            return;
        }
}

static void pass_on(struct player *p, unsigned int round)
{
    switch (round % 3) {
    case 0: CALL2(sched_op, SCHEDOP_yield, 0); break;
    case 1: nap(200000); break;
    default: if (round % 12 == 2) be_interrupted(p);
    }
    if (p->id == 0 && round % 8 == 0)
        say("  round %u\n", round);                 /* xenconsoled copies it, with registers like these */
}

static bool note_not_available(struct trap_frame *frame)
{
    if (frame->vector != NM)
        return false;
    __atomic_fetch_add(&not_available, 1, __ATOMIC_SEQ_CST);
#ifdef GUEST_HW
    asm volatile("clts");                           /* a PV kernel's TS is clear again, by the ABI */
#endif
    return true;
}

static void switch_off(unsigned int round)
{
    unsigned long cr0;

#ifndef GUEST_HW
    if (round & 8) {
        EXPECT("fpu_taskswitch", CALL1(fpu_taskswitch, 1), 0);
        return;
    }
#endif
    asm volatile("mov %%cr0, %0" : "=r" (cr0));
    asm volatile("mov %0, %%cr0" :: "r" (cr0 | CR0_TS));
}

/* TS is the kernel's: it stays over switches, brings about one #NM, and costs nothing of what the registers hold. */
static void switched_off_round(struct player *p, unsigned int round)
{
    unsigned long cr0;

    switch_off(round);
    pass_on(p, round);
    asm volatile("mov %%cr0, %0" : "=r" (cr0));
    EXPECT("CR0.TS after a switch", cr0 & CR0_TS, CR0_TS);
    EXPECT("XCR0 behind TS", xgetbv(), p->all);
    if (round & 16) {
        asm volatile("clts");
    } else {
        __atomic_fetch_add(&switched_off, 1, __ATOMIC_SEQ_CST);
        asm volatile("fnop");
    }
    asm volatile("mov %%cr0, %0" : "=r" (cr0));
    EXPECT("CR0.TS in the end", cr0 & CR0_TS, 0);
    check(p, "behind TS", round);
}

/* What a component holds outlasts its being switched off. */
static void fewer_components(struct player *p, unsigned int round)
{
    u32 fewer = p->id ? X87 : X87 | SSE;

    xsetbv(fewer);
    pass_on(p, round);
    EXPECT("XCR0 of this vCPU", xgetbv(), fewer);
    xsetbv(p->all);
    check(p, "with fewer components meanwhile", round);
}

static void play(struct player *p)
{
    if (!enable(p)) {
        verdict(SKIP, "this machine has no XSAVE");
        finished[p->id] = true;
        return;
    }
    fresh(p);
    for (unsigned int round = 0; round < ROUNDS; round++) {
        fill(p, round);
        load(p->want, p->all);
        pass_on(p, round);
        check(p, "plain", round);
        if (round % 4 == 1)
            switched_off_round(p, round);
        if (round % 4 == 3)
            fewer_components(p, round);
        rounds_of[p->id]++;
    }
    finished[p->id] = true;
}

static void second(void)
{
    players[1].id = 1;
    play(&players[1]);
}

void test_main(void)
{
    (void)shared_info_page();
    trap_hook = note_not_available;
    alone = vcpus() < 2;
    if (!alone && !start_second_vcpu(second))
        return;
    play(&players[0]);
    while (!alone && !finished[1])
        nap(1000000);
    if (!players[0].all)
        return;
    EXPECT("rounds of the second vCPU", rounds_of[1], alone ? 0 : ROUNDS);
    EXPECT("#NM", not_available, switched_off);
    if (!switched_off)
        verdict(ERROR, "TS was never set");
    wrong_components(&players[0]);
}
