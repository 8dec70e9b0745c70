/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np
/* A kernel gives back the pages that its own page tables are in. In a container the processor finds no tables any more,
 * and the domain is crashed; in ring 3 a page that is a table stays one. */
#include "lib/hostile.h"

void test_main(void)
{
#ifdef GUEST_HW
    extern pte_t level2[];

    expect_crash();
    give_back(frame_of(level2));
    give_back(frame_of(level1));
    asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=r" (trap_resume) :: "memory");
    FAIL("page tables outlive their pages");
#else
    u64 frame = va_to_mfn(table_of(scratch[0], 1));

    give_back(frame);
    give_back(va_to_mfn(table_of(scratch[0], 2)));
    give_back(va_to_mfn((void *)start_info->pt_base));
    EXPECT("the table's frame", va_to_mfn(table_of(scratch[0], 1)), frame);
    *(volatile u32 *)scratch[0] = 4711;
    EXPECT("a page by that table", *(volatile u32 *)scratch[0], 4711);
    EXPECT("a change of that table", CALL3(update_va_mapping, scratch[1], 0, UVMF_INVLPG), 0);
#endif
}
