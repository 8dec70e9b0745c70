/* SPDX-License-Identifier: MIT */
/* A second vCPU of a test kernel in a hardware container, on the first one's page tables. */
#include <xen/hvm/hvm_vcpu.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define SEGMENT_CODE32 0xc9b
#define SEGMENT_DATA32 0xc93
#define SEGMENT_TSS 0x8b

extern const char second_vcpu_entry[];
void load_idt(void);
static u8 second_vcpu_stack[16384] page_aligned;
static void (*second_main)(void);
static volatile bool second_runs;

/* On the second vCPU. Its function may return: then the vCPU takes itself down. */
void second_vcpu_start(void);
void second_vcpu_start(void)
{
    load_idt();
    second_runs = true;
    second_main();
    CALL3(vcpu_op, VCPUOP_down, 1, 0);
    for (;;)
        CALL2(sched_op, SCHEDOP_yield, 0);
}

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
        .rip = (u64)second_vcpu_entry, .rsp = (u64)second_vcpu_stack + sizeof(second_vcpu_stack) - 8, .rflags = 2,
        .cr0 = control(0), .cr3 = control(3), .cr4 = control(4), .efer = read_msr(0xc0000080),
    };
#else
    c->mode = VCPU_HVM_MODE_32B;
    c->cpu_regs.x86_32 = (struct vcpu_hvm_x86_32){
        .eip = (u32)second_vcpu_entry, .esp = (u32)second_vcpu_stack + sizeof(second_vcpu_stack), .eflags = 2,
        .cr0 = control(0), .cr3 = control(3), .cr4 = control(4),
        .cs_limit = ~0u, .ds_limit = ~0u, .ss_limit = ~0u, .es_limit = ~0u, .tr_limit = 0x67,
        .cs_ar = SEGMENT_CODE32, .ds_ar = SEGMENT_DATA32, .ss_ar = SEGMENT_DATA32, .es_ar = SEGMENT_DATA32,
        .tr_ar = SEGMENT_TSS,
    };
#endif
}

bool start_second_vcpu(void (*fn)(void))
{
    static struct vcpu_hvm_context context;

    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return false;
    }
    second_main = fn;
    second_runs = false;
    fill_context(&context);
    EXPECT("VCPUOP_initialise", CALL3(vcpu_op, VCPUOP_initialise, 1, &context), 0);
    EXPECT("VCPUOP_up", CALL3(vcpu_op, VCPUOP_up, 1, 0), 0);
    for (u64 start = now_ns(); !second_runs && now_ns() - start < 5000000000UL; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    if (!second_runs)
        FAIL("the second vCPU does not run");
    return second_runs;
}
