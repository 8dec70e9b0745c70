/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Every command of every hypercall with pointers to nothing, over the end of memory and at the last bytes of a page, and
 * with huge counts: each answers, and the kernel lives on. (A kernel in ring 3: test_hypercall_arguments.) */
#include <xen/vcpu.h>

#include "lib/hostile.h"

#define COMMANDS 64

/* Those that would end, stop or interrupt this kernel, pointer or no pointer. */
static bool left_out(unsigned long number, unsigned long cmd)
{
    if (number == __HYPERVISOR_sched_op)
        return cmd == SCHEDOP_block || cmd == SCHEDOP_shutdown || cmd == SCHEDOP_shutdown_code;
    return number == __HYPERVISOR_vcpu_op && (cmd == VCPUOP_down || cmd == VCPUOP_send_nmi);
}

static void one(unsigned long number, unsigned long cmd, unsigned long a, unsigned long b)
{
    long result = hypercall(number, cmd, a, b, a, b, 0);

    if (result < -4095)
        FAIL("hypercall %lu (%lx, %lx, %lx) answered %ld", number, cmd, a, b, result);
}

void test_main(void)
{
    const unsigned long bad[] = {
        0, 4, (unsigned long)scratch[8] - 4, (unsigned long)scratch[8], (unsigned long)scratch[8] - 20,
        (unsigned long)gfn_to_va(EMPTY_GFN), ~0ul, ~0ul - 15, ~0ul >> 1, 0xfffff000,
#ifdef __x86_64__
        0x8000000000000000, 0xffff830000001000, 0x0000800000000000, 1ul << 40, 0x100000000,
#endif
    };
    const unsigned long counts[] = { 1, 0x7fffffff };

    *entry_of(NULL) = 0;
    forget_page(NULL);
    *entry_of(scratch[8]) = 0;
    forget_page(scratch[8]);
    for (unsigned long number = 0; number < 64; number++)
        for (unsigned long cmd = 0; cmd < COMMANDS; cmd++)
            for (unsigned int i = 0; i < ARRAY_SIZE(bad) && !left_out(number, cmd); i++)
                for (unsigned int j = 0; j < ARRAY_SIZE(counts); j++) {
                    one(number, cmd, bad[i], counts[j]);
                    one(number, bad[i], counts[j], cmd);
                }
    for (unsigned int i = 0; i < 8 * 4096 - 20; i++)
        if (((u8 *)scratch)[i]) {
            FAIL("byte %u of memory that nobody was to write to is %x", i, ((u8 *)scratch)[i]);
            break;
        }
}
