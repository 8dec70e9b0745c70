/* SPDX-License-Identifier: MIT */
/* VCPUOP_initialise: no state is taken that a guest could not have got into by itself, and none twice. */
#include <xen/vcpu.h>

#include "lib/guest.h"

#define IN_PRISM 0xffff830000001000UL
#define NOT_CANONICAL 0x8000000000000000UL

static struct vcpu_guest_context context;

/* The good context with one word changed. */
#define REFUSED(field, value) do { \
    second_vcpu_context(&context); \
    context.field = (value); \
    EXPECT("a context with " #field " = " #value, CALL3(vcpu_op, VCPUOP_initialise, 1, &context), -XEN_EINVAL); \
    } while (0)

static volatile bool ran;
static void second(void) { ran = true; }

void test_main(void)
{
    if (vcpus() < 2) {
        verdict(SKIP, "this domain has one vCPU only");
        return;
    }
    EXPECT("up before it is initialised", CALL3(vcpu_op, VCPUOP_up, 1, 0), -XEN_EINVAL);
    EXPECT("no such vCPU", CALL3(vcpu_op, VCPUOP_initialise, 512, &context), -XEN_ENOENT);
    EXPECT("context in Prism", CALL3(vcpu_op, VCPUOP_initialise, 1, IN_PRISM), -XEN_EFAULT);
    REFUSED(user_regs.rip, NOT_CANONICAL);
    REFUSED(kernel_sp, IN_PRISM);
    REFUSED(kernel_sp, NOT_CANONICAL);
    REFUSED(event_callback_eip, NOT_CANONICAL);
    REFUSED(failsafe_callback_eip, NOT_CANONICAL);
    REFUSED(syscall_callback_eip, NOT_CANONICAL);
    REFUSED(trap_ctxt[14].address, NOT_CANONICAL);
    REFUSED(fs_base, NOT_CANONICAL);
    REFUSED(gs_base_kernel, NOT_CANONICAL);
    REFUSED(gs_base_user, NOT_CANONICAL);
    REFUSED(gdt_ents, 7169);
    REFUSED(ldt_ents, 8193);
    REFUSED(flags, 0);                                      /* user mode, and no page table for it */
    REFUSED(ctrlreg[3], 0);
    REFUSED(ctrlreg[3], xen_pfn_to_cr3(0xfffffffUL));
    REFUSED(ctrlreg[3], xen_pfn_to_cr3(0x200));             /* Prism's image */
    REFUSED(ctrlreg[3], xen_pfn_to_cr3(va_to_mfn(scratch[0])));
    REFUSED(ctrlreg[1], xen_pfn_to_cr3(va_to_mfn(scratch[0])));
    REFUSED(debugreg[7], 0x2000);                           /* DR7.GD: any access would trap, Prism's first */
    REFUSED(debugreg[7], 0x20001);                          /* an I/O breakpoint */
    REFUSED(debugreg[0], IN_PRISM);
    second_vcpu_context(&context);
    context.ldt_ents = 1;
    context.ldt_base = IN_PRISM;
    EXPECT("LDT in Prism", CALL3(vcpu_op, VCPUOP_initialise, 1, &context), -XEN_EINVAL);
    context.ldt_ents = 0;
    context.gdt_ents = 512;
    context.gdt_frames[0] = va_to_mfn(scratch[0]);
    EXPECT("GDT in a writable page", CALL3(vcpu_op, VCPUOP_initialise, 1, &context), -XEN_EINVAL);
    EXPECT("still not to be had", CALL3(vcpu_op, VCPUOP_up, 1, 0), -XEN_EINVAL);
    (void)shared_info_page();
    if (!start_second_vcpu(second))
        return;
    for (u64 start = now_ns(); !ran && now_ns() - start < 3000000000UL; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    EXPECT("it runs", ran, 1);
    second_vcpu_context(&context);
    EXPECT("initialised twice", CALL3(vcpu_op, VCPUOP_initialise, 1, &context), -XEN_EEXIST);
}
