/* SPDX-License-Identifier: MIT */
/* Segments of the LDT, which is mapped only when the processor looks there: where it is Prism that makes it look (the
 * iret hypercall, the user's GS), the guest does not notice. A selector with nothing behind it stays a fault. */
#include "lib/guest.h"

#define CODE64 0x00affb000000ffffUL
#define DATA 0x00cff3000000ffffUL

static long set_ldt(const void *address, unsigned int entries)
{
    struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = (u64)address, .arg2.nr_ents = entries };

    return CALL4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* By struct iret_context to the code segment `selector`, and home by a far return. The CS there. */
static u64 iret_to(u64 selector)
{
    u64 cs;

    asm volatile("mov %%rsp, %%r12; mov %%ss, %%ecx; push %%rcx; push %%r12; pushfq; orl $0x200, (%%rsp)\n"
                 "push %1; lea 1f(%%rip), %%rcx; push %%rcx; push $0; push %%rcx; push %%r11; push %%rax\n"
                 "mov %2, %%eax; syscall\n"
                 "1: mov %%cs, %%ecx; mov %%rcx, %0\n"
                 "push %3; lea 2f(%%rip), %%rcx; push %%rcx; lretq\n"
                 "2: mov %%r12, %%rsp"
                 : "=&b" (cs) : "r" (selector), "i" (__HYPERVISOR_iret), "i" ((long)FLAT_KERNEL_CS)
                 : "rax", "rcx", "r11", "r12", "memory", "cc");
    return cs;
}

void test_main(void)
{
    u64 mfn = va_to_mfn(scratch[0]);
    u64 *ldt = (u64 *)scratch[0];

    ldt[0] = CODE64;
    ldt[1] = DATA;
    EXPECT("LDT page made read-only", CALL3(update_va_mapping, scratch[0], mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    for (unsigned int i = 0; i < 3; i++) {
        EXPECT("set_ldt", set_ldt(scratch[0], 16), 0);
        EXPECT("code segment in a new LDT", iret_to(4), 7);
        EXPECT("code segment in an LDT in use", iret_to(4), 7);
        EXPECT("no LDT", set_ldt(NULL, 0), 0);
    }
    EXPECT("set_ldt", set_ldt(scratch[0], 16), 0);
    EXPECT("load of a data selector",
           TRY("mov $0xf, %%ecx; mov %%ecx, %%es; xor %%ecx, %%ecx; mov %%ecx, %%es", "i" (0)), -1);
    EXPECT("load of an empty one", TRY("mov $0x17, %%ecx; mov %%ecx, %%es", "i" (0)), 13);
    EXPECT("no LDT", set_ldt(NULL, 0), 0);
    EXPECT("load beyond it", TRY("mov $0xf, %%ecx; mov %%ecx, %%es", "i" (0)), 13);
    EXPECT("page writable again", CALL3(update_va_mapping, scratch[0], mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
}
