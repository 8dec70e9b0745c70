/* SPDX-License-Identifier: MIT */
/* The state that a test kernel in ring 3 starts a second vCPU with. */
#include <xen/vcpu.h>

#include "lib/vcpu.h"

extern const char trap_stubs[], event_entry_stub[];

void second_vcpu_context(struct vcpu_guest_context *c)
{
    const char *stub = trap_stubs;

    memset(c, 0, sizeof(*c));
    c->flags = VGCF_in_kernel;
    c->user_regs.rip = (u64)second_vcpu_entry;
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = FLAT_KERNEL_SS;
    c->user_regs.rflags = 0x202;
    c->user_regs.rsp = c->kernel_sp = (u64)second_vcpu_stack_end;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->ctrlreg[3] = xen_pfn_to_cr3(va_to_mfn((void *)start_info->pt_base));
    for (unsigned int vector = 0; vector < 32; vector++, stub += 16)
        c->trap_ctxt[vector] = (struct trap_info){ .vector = (u8)vector, .cs = FLAT_KERNEL_CS,
                                                   .address = (unsigned long)stub };
    c->event_callback_eip = c->failsafe_callback_eip = (u64)event_entry_stub;
}

const void *second_vcpu_state(void)
{
    static struct vcpu_guest_context context;

    second_vcpu_context(&context);
    return &context;
}
