/* SPDX-License-Identifier: MIT */
/* The state that a test kernel in a hardware container starts a second vCPU with. */
#include <xen/hvm/hvm_vcpu.h>

#include "lib/vcpu.h"

#define SEGMENT_CODE32 0xc9b
#define SEGMENT_DATA32 0xc93
#define SEGMENT_TSS 0x8b

static unsigned long control(unsigned int n)
{
    unsigned long value;

    if (n == 0)
        asm volatile("mov %%cr0, %0" : "=r" (value));
    else if (n == 3)
        asm volatile("mov %%cr3, %0" : "=r" (value));
    else
        asm volatile("mov %%cr4, %0" : "=r" (value));
    return value;
}

static void fill_context(struct vcpu_hvm_context *c)
{
#ifdef __x86_64__
    c->mode = VCPU_HVM_MODE_64B;
    c->cpu_regs.x86_64 = (struct vcpu_hvm_x86_64){
        .rip = (u64)second_vcpu_entry, .rsp = (u64)second_vcpu_stack_end, .rflags = 2,
        .cr0 = control(0), .cr3 = control(3), .cr4 = control(4), .efer = read_msr(0xc0000080),
    };
#else
    c->mode = VCPU_HVM_MODE_32B;
    c->cpu_regs.x86_32 = (struct vcpu_hvm_x86_32){
        .eip = (u32)second_vcpu_entry, .esp = (u32)second_vcpu_stack_end, .eflags = 2,
        .cr0 = control(0), .cr3 = control(3), .cr4 = control(4),
        .cs_limit = ~0u, .ds_limit = ~0u, .ss_limit = ~0u, .es_limit = ~0u, .tr_limit = 0x67,
        .cs_ar = SEGMENT_CODE32, .ds_ar = SEGMENT_DATA32, .ss_ar = SEGMENT_DATA32, .es_ar = SEGMENT_DATA32,
        .tr_ar = SEGMENT_TSS,
    };
#endif
}

const void *second_vcpu_state(void)
{
    static struct vcpu_hvm_context context;

    fill_context(&context);
    return &context;
}
