/* SPDX-License-Identifier: MIT */
/* Every hypercall number with null, misplaced, unaligned, page-crossing, non-canonical and Prism's own pointers, and
 * with huge counts: each must answer (an error, or success where the arguments happen to mean nothing), and the kernel
 * must live on with its memory as it was. */
#include "lib/guest.h"

#define PRISM_ADDRESS 0xffff830000001000UL
#define NON_CANONICAL 0x8000000000000000UL

static bool left_out(unsigned long number)
{
    /* iret never returns; sched_op would end or block the guest and has a test of its own (test_sched_arguments). */
    return number == __HYPERVISOR_iret || number == __HYPERVISOR_sched_op || number == __HYPERVISOR_sched_op_compat;
}

/* Some calls did what they were asked: the kernel's trap table may be gone. */
static void restore(void)
{
    install_traps();
    memset(scratch, 0, 8 * 4096);
}

static void one(unsigned long number, const unsigned long *value, unsigned int n)
{
    u64 before = va_to_mfn(scratch[0]);

    for (unsigned int a = 0; a < n; a++)
        for (unsigned int b = 0; b < n; b++)
            for (unsigned int c = 0; c < n; c++) {
                long result;

                /* Some of these would be correct requests to put another frame in a page's place. */
                if (number == __HYPERVISOR_update_va_mapping || number == __HYPERVISOR_update_va_mapping_otherdomain)
                    if (value[a] >= VIRT_BASE)
                        continue;
                /* Writing the whole of memory to the console would be correct too, and take long. */
                if (number == __HYPERVISOR_console_io && !(u32)value[a] && value[b] > 16 && value[c] >= VIRT_BASE)
                    continue;
                result = hypercall(number, value[a], value[b], value[c], DOMID_SELF, value[b], value[a]);
                if (result < -4095)
                    FAIL("hypercall %lu (%lx, %lx, %lx) answered %ld", number, value[a], value[b], value[c], result);
                if (va_to_mfn(scratch[0]) != before) {
                    FAIL("hypercall %lu (%lx, %lx, %lx) took a page away", number, value[a], value[b], value[c]);
                    finish();
                }
                restore();
            }
}

void test_main(void)
{
    const unsigned long values[] = {
        0, 1, (unsigned long)scratch[0], (unsigned long)scratch[0] + 1, (unsigned long)scratch[1] - 4, PRISM_ADDRESS,
        NON_CANONICAL, ~0UL, 0x7fffffff, 0x100000000UL,
    };
    const unsigned int n = sizeof(values) / sizeof(values[0]);
    u64 before = va_to_mfn(scratch[0]);

    /* A list that is too long runs into a hole, not into what happens to lie behind it. */
    EXPECT("guard page", CALL3(update_va_mapping, scratch[8], 0, UVMF_INVLPG), 0);
    for (unsigned long number = 0; number < 72; number++)
        if (!left_out(number)) {
            say("  hypercall %lu\n", number);
            one(number, values, n);
        }
    for (unsigned int i = 0; i < n; i++)
        EXPECT("a number far out of range", hypercall(0x10000 + values[i] * 64, 0, 0, 0, 0, 0, 0), -XEN_ENOSYS);
    EXPECT("frame of the scratch page", va_to_mfn(scratch[0]), before);
}
