/* SPDX-License-Identifier: MIT */
// modes: control pv
/* MSRs, all that the processor's manuals give numbers to: those that a kernel may read are known here, each with the value
 * that it begins with where there is one, and all others are #GP; so is a write to what is read-only, of reserved bits, and
 * of addresses that are none. Nothing of the machine's own is among them: no banks of machine checks, no SVM, no top of
 * memory, no counters. */
#include "lib/guest.h"

#define GP 13
#define ANY ~0ull                           /* some value: not compared */
#define EFER 0xc0000080
#define APIC_BASE 0x1b
#define PAT 0x277
#define TSC 0x10
#define DE_CFG 0xc0011029                   /* of it whether LFENCE serializes, and nothing else */
#define LFENCE_SERIALIZES 2

static bool read_ok(u32 msr, u64 *value)
{
    u32 lo = 0, hi = 0;

    trap_vector = -1;
#ifdef __x86_64__
    asm volatile("mov %%rsp, %%r12; lea 1f(%%rip), %%rbx; mov %%rbx, trap_resume(%%rip); rdmsr; 1: mov %%r12, %%rsp;"
                 "movq $0, trap_resume(%%rip)" : "+a" (lo), "+d" (hi) : "c" (msr) : "rbx", "r12", "memory", "cc");
#else
    asm volatile("mov %%esp, trap_stack; movl $1f, trap_resume; rdmsr; 1: mov trap_stack, %%esp; movl $0, trap_resume"
                 : "+a" (lo), "+d" (hi) : "c" (msr) : "memory", "cc");
#endif
    *value = lo | (u64)hi << 32;
    return trap_vector < 0;
}

static bool write_ok(u32 msr, u64 value) { return try_wrmsr(msr, (u32)value, (u32)(value >> 32)) < 0; }

/* ---- What may be read */

static const struct { u32 first, last; u64 value; } readable[] = {
    { TSC, TSC, ANY }, { 0x8b, 0x8b, ANY }, { 0x179, 0x17a, 0 },
    { 0xc0000100, 0xc0000102, ANY },                       /* bases of FS and GS */
    { 0xc0010010, 0xc0010010, 0 }, { 0xc0010015, 0xc0010015, 1ull << 24 }, { DE_CFG, DE_CFG, ANY },
    { APIC_BASE, APIC_BASE, 0xfee00900 },
#ifdef GUEST_HW
    { PAT, PAT, 0x0007040600070406ull },
    { 0xfe, 0xfe, 0x508 }, { 0x200, 0x20f, 0 }, { 0x250, 0x250, ANY }, { 0x258, 0x259, ANY }, { 0x268, 0x26f, ANY },
    { 0x2ff, 0x2ff, ANY },                                 /* MTRRs */
    { 0x174, 0x176, 0 }, { 0x1d9, 0x1d9, 0 }, { 0xc0000081, 0xc0000084, 0 }, { 0xc001001f, 0xc001001f, 1ull << 46 },
#ifdef __x86_64__
    { EFER, EFER, 0xd01 },                                 /* as this kernel's entry sets it, and LMA */
#else
    { EFER, EFER, 0 },
#endif
#else
    { PAT, PAT, 0x050100070406ull },                       /* as the ABI has it */
    { EFER, EFER, 0xd01 },
#endif
};
static unsigned int found;

static void look_at(u32 msr)
{
    u64 value;

    if (!read_ok(msr, &value)) {
        EXPECT("a refused MSR's vector", trap_vector, GP);
        return;
    }
    found++;
    for (unsigned int i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        if (msr >= readable[i].first && msr <= readable[i].last) {
            if (readable[i].value != ANY && value != readable[i].value)
                FAIL("MSR %x is %x%x", msr, (u32)(value >> 32), (u32)value);
            return;
        }
    FAIL("MSR %x can be read: %x%x", msr, (u32)(value >> 32), (u32)value);
}

static void all_of_them(void)
{
    unsigned int wanted = 0;

    for (u32 msr = 0; msr < 0x900; msr++)
        look_at(msr);
    for (u32 msr = 0xc0000080; msr < 0xc0000110; msr++)
        look_at(msr);
    for (u32 msr = 0xc0010000; msr < 0xc0010300; msr++)
        look_at(msr);
    for (u32 msr = 0xc0011000; msr < 0xc0011050; msr++)
        look_at(msr);
    look_at(0xda0);
    look_at(0x1fff);
    look_at(0x2000);
    look_at(0xc0001fff);
    look_at(0xc0002000);
    look_at(0xc0012000);
    look_at(0xffffffff);
    for (unsigned int i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        wanted += readable[i].last - readable[i].first + 1;
    EXPECT("MSRs that can be read", found, wanted);
}

/* ---- What may be written */

static void takes(u32 msr, u64 value)
{
    u64 now = 0;

    if (!write_ok(msr, value))
        FAIL("MSR %x does not take %x%x", msr, (u32)(value >> 32), (u32)value);
    else if (!read_ok(msr, &now) || now != value)
        FAIL("MSR %x is %x%x, not %x%x", msr, (u32)(now >> 32), (u32)now, (u32)(value >> 32), (u32)value);
}

static void refuses(u32 msr, u64 value)
{
    u64 before = 0, after = 0;
    bool readable_at_all = read_ok(msr, &before);

    if (write_ok(msr, value))
        FAIL("MSR %x takes %x%x", msr, (u32)(value >> 32), (u32)value);
    EXPECT("its vector", trap_vector, GP);
    if (readable_at_all && read_ok(msr, &after) && after != before)
        FAIL("MSR %x has changed", msr);
}

static void bases(void)
{
#ifdef __x86_64__
#ifndef GUEST_HW                            /* a container's are the processor's own to refuse, and the emulated one does not */
    refuses(0xc0000100, 1ull << 47);
    refuses(0xc0000101, 1ull << 63);
    refuses(0xc0000102, 1ull << 63);
    refuses(0xc0000102, 1ull << 47);
#endif
    takes(0xc0000100, 0x1234567890ull);
    takes(0xc0000100, ~0ull << 47);
    takes(0xc0000101, 0x7fffffffffffull);
    takes(0xc0000101, 0);
    takes(0xc0000100, 0);
#endif
    takes(0xc0000102, 0x4711000ull);
    takes(0xc0000102, 0);
}

/* What nobody but the machine's owner changes. What it is already may be written again, where a kernel does that. */
static void not_its_own(void)
{
    static const u32 never[] = { 0x3a, 0x48, 0x49, 0x79, 0x8c, 0xe7, 0x186, 0x198, 0x1a0, 0x400, 0x401, 0x403, 0x6e0, 0x830,
        0xc0000103, 0xc0000104, 0xc0010000, 0xc0010004, 0xc0010016, 0xc0010018, 0xc001001a, 0xc001001d, 0xc0010062, 0xc0010111,
        0xc0010112, 0xc0010113, 0xc0010114, 0xc0010115, 0xc0010117, 0xc0010200, 0xc0011022, 0xc0011030, 0x12345 };
    u64 now = 0;

    for (unsigned int i = 0; i < sizeof(never) / sizeof(never[0]); i++)
        refuses(never[i], 0);
    refuses(0x179, 1);
    refuses(0xc0010010, 1ull << 23);
    refuses(0xc0010015, 1ull << 18);
    takes(0xc0010010, 0);
    (void)read_ok(DE_CFG, &now);
    EXPECT("other bits of DE_CFG", now & ~(u64)LFENCE_SERIALIZES, 0);
    refuses(DE_CFG, now ^ LFENCE_SERIALIZES);
    takes(DE_CFG, now);
}

static void long_mode(void)
{
    u64 now = 0;

    (void)read_ok(EFER, &now);
    refuses(EFER, now | 0x1000);             /* SVME */
    refuses(EFER, now | 0x2000);             /* LMSLE */
    refuses(EFER, now | 1ull << 32);
    refuses(EFER, now | 2);
    refuses(EFER, now ^ 0x100);              /* LME with paging on */
    takes(EFER, now);
}

static void interrupt_controller(void)
{
    u64 now = 0;

    (void)read_ok(APIC_BASE, &now);
    refuses(APIC_BASE, now | 1);
    refuses(APIC_BASE, now | 1ull << 52);
#ifdef GUEST_HW
    takes(APIC_BASE, now);
    refuses(APIC_BASE, (now & ~0x800ull) | 0x400);         /* x2 without the APIC */
    takes(APIC_BASE, now | 0x400);
    refuses(APIC_BASE, now);                               /* from x2 only off */
    takes(APIC_BASE, now & ~0xc00ull);
    takes(APIC_BASE, now);
#else
    refuses(APIC_BASE, now);
#endif
}

static void memory_types(void)
{
#ifdef GUEST_HW
    u64 now = 0;

    (void)read_ok(PAT, &now);
    takes(PAT, 0x0606060606060606ull);
    refuses(PAT, 2);
    refuses(PAT, 3ull << 56);
    refuses(PAT, 8);
    takes(PAT, now);
    refuses(0xfe, 0x508);
    refuses(0x250, 2);
    refuses(0x200, 7);
    refuses(0x200, 1ull << 63);
    refuses(0x201, 1);
    refuses(0x2ff, 1ull << 12);
    takes(0x200, 0x80000006ull);
    takes(0x200, 0);
#else
    refuses(PAT, 0x0606060606060606ull);
    refuses(0x2ff, 0);
    refuses(0x200, 0);
#endif
}

/* How system calls enter: a container's own; of a kernel in ring 3, told by hypercalls. */
static void system_calls(void)
{
#ifdef GUEST_HW
    for (u32 msr = 0xc0000082; msr < 0xc0000084; msr++) {
        takes(msr, 0xffff800000001000ull);
        takes(msr, 0);
    }
    takes(0xc0000081, 0x0023001000000000ull);
    takes(0xc0000081, 0);
    takes(0x174, 8);
    takes(0x175, 0x1000);
    takes(0x176, 0x2000);
    refuses(0x1d9, 2);                       /* BTF is not offered */
#else
    for (u32 msr = 0xc0000081; msr < 0xc0000085; msr++)
        refuses(msr, 0);
    for (u32 msr = 0x174; msr < 0x177; msr++)
        refuses(msr, 0);
#endif
}

void test_main(void)
{
    if (on_prism()) {
        all_of_them();
        not_its_own();
    } else {
        verdict(SKIP, "which MSRs there are beyond those of the ABI is a hypervisor's own choice");
    }
    bases();
    long_mode();
    interrupt_controller();
    memory_types();
    system_calls();
}
