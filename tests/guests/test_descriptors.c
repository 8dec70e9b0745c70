/* SPDX-License-Identifier: MIT */
/* Descriptors: a GDT or LDT page may hold only what ring 3 may use, and stays read-only while it is one. */
#include "lib/guest.h"

#define USER_DATA 0x00cff3000000ffffUL
#define TSS_DESCRIPTOR 0x00008900000000ffUL
#define LDT_DESCRIPTOR 0x00008200000000ffUL
#define INTERRUPT_GATE 0x00008e0000080000UL

void test_main(void)
{
    xen_pfn_t frames[2] = { va_to_mfn(scratch[0]), va_to_mfn(scratch[1]) };
    const u64 bad[] = { TSS_DESCRIPTOR, LDT_DESCRIPTOR, INTERRUPT_GATE };
    u64 slot = (frames[0] << 12) + 8;

    EXPECT_ERROR("set_gdt with frames mapped writable", CALL2(set_gdt, frames, 512));
    EXPECT_ERROR("set_gdt with too many entries", CALL2(set_gdt, frames, 7169));
    EXPECT_ERROR("set_gdt from nowhere", CALL2(set_gdt, 8, 512));
    EXPECT("page made read-only", CALL3(update_va_mapping, scratch[0], frames[0] << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    EXPECT("set_gdt", CALL2(set_gdt, frames, 512), 0);
    EXPECT("user data descriptor", CALL2(update_descriptor, slot, USER_DATA), 0);
    EXPECT("descriptor seen", *(u64 *)&scratch[0][8], USER_DATA);
    for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT_ERROR("a descriptor that ring 3 may not have", CALL2(update_descriptor, slot, bad[i]));
    EXPECT("descriptor after refused updates", *(u64 *)&scratch[0][8], USER_DATA);
    EXPECT_ERROR("update_descriptor unaligned", CALL2(update_descriptor, slot + 4, USER_DATA));
    EXPECT_ERROR("update_descriptor in Prism's image", CALL2(update_descriptor, 0x200000, USER_DATA));
    EXPECT_ERROR("writable mapping of a GDT page",
                 CALL3(update_va_mapping, scratch[0], frames[0] << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
    EXPECT("load of a data selector", TRY("mov $0xb, %%ecx; mov %%ecx, %%es; xor %%ecx, %%ecx; mov %%ecx, %%es", "i" (0)), -1);
    EXPECT("set_gdt to none", CALL2(set_gdt, frames, 0), 0);
    EXPECT("page writable again", CALL3(update_va_mapping, scratch[0], frames[0] << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    EXPECT("store to it", TRY("movb $1, (%0)", "r" (scratch[0])), -1);
}
