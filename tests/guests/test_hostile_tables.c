/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel gives back the pages that its own page tables are in. In a container the processor finds no tables any more,
 * and the domain is crashed; in ring 3 a page that is a table stays one. */
#include "lib/hostile.h"

void test_main(void)
{
#ifdef GUEST_HW
    extern pte_t level2[];

    expect_end("crash");
    give_back(frame_of(level2));
    give_back(frame_of(level1));
    asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r" (trap_resume) :: "memory");
    FAIL("page tables outlive their pages");
#else
    volatile u64 *entry = table_of(scratch[0], 1) + ((u64)scratch[0] >> 12 & 511);
    u64 was = *entry, l1 = va_to_mfn(table_of(scratch[0], 1)), l2 = va_to_mfn(table_of(scratch[0], 2));
    u64 l4 = va_to_mfn((void *)start_info->pt_base);

    give_back(l1);                          /* from now on nobody knows which page that frame was */
    give_back(l2);
    give_back(l4);
    EXPECT("the entry", *entry & ~0x60ul, was & ~0x60ul);
    *(volatile u32 *)scratch[0] = 4711;
    EXPECT("a page by that table", *(volatile u32 *)scratch[0], 4711);
    EXPECT("a change of that table", CALL3(update_va_mapping, scratch[1], 0, UVMF_INVLPG), 0);
#endif
}
