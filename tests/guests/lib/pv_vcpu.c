/* SPDX-License-Identifier: MIT */
/* A second vCPU for tests that need two at once: brought up on the first one's page tables, with the same traps. */
#include <xen/vcpu.h>

#include "lib/guest.h"

extern const char trap_stubs[], event_entry_stub[], second_vcpu_entry[];
static u8 second_vcpu_stack[16384] aligned(4096);
static void (*second_main)(void);
static volatile bool second_runs;

/* On the second vCPU. Its function may return: then the vCPU takes itself down. */
void second_vcpu_start(void);
void second_vcpu_start(void)
{
    second_runs = true;
    second_main();
    CALL3(vcpu_op, VCPUOP_down, 1, 0);
    for (;;)
        CALL2(sched_op, SCHEDOP_yield, 0);
}

void second_vcpu_context(struct vcpu_guest_context *c)
{
    const char *stub = trap_stubs;

    memset(c, 0, sizeof(*c));
    c->flags = VGCF_in_kernel;
    c->user_regs.rip = (u64)second_vcpu_entry;
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = FLAT_KERNEL_SS;
    c->user_regs.rflags = 0x202;
    c->user_regs.rsp = c->kernel_sp = (u64)second_vcpu_stack + sizeof(second_vcpu_stack);
    c->kernel_ss = FLAT_KERNEL_SS;
    c->ctrlreg[3] = xen_pfn_to_cr3(va_to_mfn((void *)start_info->pt_base));
    for (unsigned int vector = 0; vector < 32; vector++, stub += 16)
        c->trap_ctxt[vector] = (struct trap_info){ .vector = (u8)vector, .cs = FLAT_KERNEL_CS,
                                                   .address = (unsigned long)stub };
    c->event_callback_eip = c->failsafe_callback_eip = (u64)event_entry_stub;
}

bool start_second_vcpu(void (*fn)(void))
{
    static struct vcpu_guest_context context;

    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return false;
    }
    second_main = fn;
    second_vcpu_context(&context);
    EXPECT("VCPUOP_initialise", CALL3(vcpu_op, VCPUOP_initialise, 1, &context), 0);
    EXPECT("VCPUOP_up", CALL3(vcpu_op, VCPUOP_up, 1, 0), 0);
    for (u64 start = now_ns(); !second_runs && now_ns() - start < 5000000000UL; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    if (!second_runs)
        FAIL("the second vCPU does not run");
    return second_runs;
}
