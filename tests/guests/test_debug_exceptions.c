/* SPDX-License-Identifier: MIT */
// modes: control pv
/* #DB in ring 3: single steps, also over what the hypervisor carries out; breakpoints and watchpoints by the guest's debug
 * registers, also after the vCPU was away; watched memory that the hypervisor itself touches for the guest; values that
 * would make the debug registers the guest's to break into the hypervisor with are refused. */
#include "lib/guest.h"

#define DB 1
#define GP 13
#define DR6_B(n) (1u << (n))
#define DR6_BS 0x4000u
#define DR7_ON(n) (1u << 2 * (n))
#define DR7_WRITES(n) (1u << (16 + 4 * (n)))
#define DR7_PORTS(n) (2u << (16 + 4 * (n)))
#define DR7_READS_WRITES(n) (3u << (16 + 4 * (n)))
#define DR7_FOUR_BYTES(n) (3u << (18 + 4 * (n)))
#define DR7_GD 0x2000u
#define HYPERVISOR 0xffff830000000000UL
#define STEP "pushfq; orl $0x100, (%%rsp); popfq;"

static long set_dr(unsigned int reg, u64 value) { return CALL2(set_debugreg, reg, value); }
static u64 dr6(void) { return (u64)CALL1(get_debugreg, 6); }

/* What has come: #DB with these causes in DR6, which stay until the kernel takes them away. */
static void debug_trap(const char *what, long vector, unsigned int causes)
{
    EXPECT(what, vector, DB);
    EXPECT(what, dr6() & (DR6_BS | 15), causes);
    EXPECT("clearing DR6", set_dr(6, 0), 0);
    EXPECT("DR6 then", dr6() & (DR6_BS | 15), 0);
}

static void steps(void)
{
    debug_trap("a step", TRY("lea 2f(%%rip), %%rdx;" STEP "nop; 2: nop", "i" (0)), DR6_BS);
    EXPECT("where it ends", last_trap.rip, last_trap.rdx);
    EXPECT("the step flag in the frame", last_trap.rflags & 0x100, 0x100);
    debug_trap("a step over what is emulated", TRY("lea 2f(%%rip), %%rdx;" STEP "mov %%cr0, %%rcx; 2: nop", "i" (0)), DR6_BS);
    EXPECT("where it ends", last_trap.rip, last_trap.rdx);
    EXPECT("a step into a fault", TRY(STEP "ud2", "i" (0)), 6);
    EXPECT("int $1, which no ring 3 may use", TRY("int $1", "i" (0)), GP);
    EXPECT("its error code", last_trap.error_code, 1 << 3 | 2);
}

static void breakpoint(void)
{
    EXPECT("DR0 by its instruction", TRY("mov %0, %%rdx; mov %%rdx, %%db0", "r" (test_main)), -1);
    EXPECT("it by hypercall", CALL1(get_debugreg, 0), (long)test_main);
    debug_trap("a breakpoint", TRY("lea 2f(%%rip), %%rdx; mov %%rdx, %%db0; mov $1, %%ecx; mov %%rcx, %%db7; nop; 2: nop",
                                   "i" (0)), DR6_B(0));
    EXPECT("where", last_trap.rip, last_trap.rdx);
    EXPECT("DR7 off", set_dr(7, 0), 0);
    EXPECT("what it reads as", CALL1(get_debugreg, 7), 0x400);
    EXPECT("no breakpoint", TRY("lea 2f(%%rip), %%rdx; mov %%rdx, %%db0; nop; 2: nop", "i" (0)), -1);
}

static void watchpoints(void)
{
    u32 *word = (u32 *)&scratch[0][8];

    EXPECT("DR1", set_dr(1, (u64)word), 0);
    EXPECT("DR7", set_dr(7, DR7_ON(1) | DR7_WRITES(1) | DR7_FOUR_BYTES(1)), 0);
    EXPECT("a read", TRY("mov (%0), %%ecx", "r" (word)), -1);
    debug_trap("a write", TRY("lea 2f(%%rip), %%rdx; movl $77, (%0); 2: nop", "r" (word)), DR6_B(1));
    EXPECT("where", last_trap.rip, last_trap.rdx);
    EXPECT("what was written", *word, 77);
    EXPECT("a write beside it", TRY("movl $78, 4(%0)", "r" (word)), -1);
    nap(3000000);
    debug_trap("a write after a rest", TRY("movl $79, (%0); nop", "r" (word)), DR6_B(1));
    EXPECT("DR7 for reads", set_dr(7, DR7_ON(2) | DR7_READS_WRITES(2)), 0);
    EXPECT("DR2", set_dr(2, (u64)word + 3), 0);
    debug_trap("a read", TRY("mov (%0), %%ecx; nop", "r" (word)), DR6_B(2));
    EXPECT("a read below", TRY("movw (%0), %%cx; nop", "r" (word)), -1);
}

/* With a watchpoint on them: an argument, a string, the stack that a trap is told on. */
static void touched_for_us(void)
{
    static xen_extraversion_t want, text;
    static u8 stack[4096] aligned(16);

    EXPECT("version", CALL2(xen_version, XENVER_extraversion, want), 0);
    EXPECT("DR0", set_dr(0, (u64)&text[0]), 0);
    EXPECT("DR3", set_dr(3, (u64)&stack[sizeof(stack) - 16]), 0);   /* of a trap's frame: the stack pointer */
    EXPECT("DR7", set_dr(7, DR7_ON(0) | DR7_WRITES(0) | DR7_ON(3) | DR7_WRITES(3) | DR7_FOUR_BYTES(3)), 0);
    for (unsigned int i = 0; i < 10; i++)
        EXPECT("version", CALL2(xen_version, XENVER_extraversion, text), 0);
    EXPECT("a trap on a watched stack", TRY("mov %0, %%rsp; ud2", "r" (stack + sizeof(stack))), 6);
    EXPECT("DR7 off", set_dr(7, 0), 0);
    EXPECT("clearing DR6", set_dr(6, 0), 0);
    for (unsigned int i = 0; i < sizeof(text); i++)
        EXPECT("what was copied", text[i], want[i]);
}

static void refused(void)
{
    static const u64 dr7[] = { DR7_ON(0) | DR7_GD, DR7_ON(0) | DR7_PORTS(0), DR7_ON(3) | DR7_PORTS(3), 1UL << 32 | 1 };

    for (unsigned int reg = 0; reg < 4; reg++) {
        EXPECT_ERROR("a breakpoint in the hypervisor", set_dr(reg, HYPERVISOR + 0x1000));
        EXPECT_ERROR("one in its part of the address space", set_dr(reg, 0xffff800000000000UL));
        EXPECT_ERROR("one across its beginning", set_dr(reg, 0xffff800000000000UL - 4));
        EXPECT_ERROR("a breakpoint that is not canonical", set_dr(reg, 1UL << 63));
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(dr7); i++)
        EXPECT_ERROR("DR7", set_dr(7, dr7[i]));
    EXPECT("DR7 with GD by its instruction", TRY("mov %0, %%rdx; mov %%rdx, %%db7", "r" ((u64)DR7_GD)), GP);
    EXPECT("DR7 after all this", CALL1(get_debugreg, 7), 0x400);
    EXPECT_ERROR("DR6 of 33 bits", set_dr(6, 1UL << 32));
    EXPECT_ERROR("register 8", set_dr(8, 0));
    EXPECT_ERROR("reading register 8", CALL1(get_debugreg, 8));
    EXPECT("DR4, another name of DR6", TRY("mov %%db4, %%rdx", "i" (0)), -1);
}

void test_main(void)
{
    steps();
    breakpoint();
    watchpoints();
    touched_for_us();
    refused();
}
