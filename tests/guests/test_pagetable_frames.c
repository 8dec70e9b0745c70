/* SPDX-License-Identifier: MIT */
/* Frames that are not the kernel's own cannot be mapped: Prism's image and tables, frames of nobody, frames beyond memory;
 * nor can Prism's part of the address space be changed, nor reserved or large-page bits be set. */
#include "lib/guest.h"

static void refused(const char *what, u64 value)
{
    u64 was = read_entry(scratch[0], 1);

    EXPECT_ERROR(what, CALL3(update_va_mapping, scratch[0], value, UVMF_INVLPG));
    EXPECT("entry after a refused update", read_entry(scratch[0], 1), was);
}

static void foreign_frames(void)
{
    refused("writable mapping of Prism's image", 0x200UL << 12 | PTE_RW_FLAGS);
    refused("read-only mapping of Prism's image", 0x200UL << 12 | PTE_RO_FLAGS);
    refused("writable mapping of Prism's data", 0x280UL << 12 | PTE_RW_FLAGS);
    refused("mapping of the local APIC", 0xfee00UL << 12 | PTE_RW_FLAGS);
    refused("an address beyond the processor's", 0x8000000000000UL | PTE_RW_FLAGS);
}

static void hypervisor_slots(void)
{
    u64 l4 = va_to_mfn((void *)start_info->pt_base) << 12;

    for (unsigned int slot = 256; slot < 272; slot++) {
        u64 was = table_of(scratch[0], 4)[slot];

        EXPECT_ERROR("a change of Prism's level-4 slot", set_entry(l4 + slot * 8, 0));
        EXPECT("that slot afterwards", table_of(scratch[0], 4)[slot], was);
    }
    EXPECT_ERROR("a mapping in Prism's range",
                 CALL3(update_va_mapping, 0xffff830000001000UL, va_to_mfn(scratch[0]) << 12 | PTE_RW_FLAGS, 0));
}

static void wrong_levels(void)
{
    u64 data = va_to_mfn(scratch[5]) << 12, l1 = va_to_mfn(table_of(scratch[0], 1)) << 12;
    u64 empty_l2 = entry_address(scratch[0], 2) ^ 8 * 128;   /* another entry of the same table, 256 MiB away */

    EXPECT_ERROR("a level-2 entry to writable memory", set_entry(empty_l2, data | PTE_RW_FLAGS));
    EXPECT_ERROR("a large page", set_entry(empty_l2, 0x200000 | PTE_RW_FLAGS | 0x80));
    EXPECT_ERROR("a level-3 entry to a level-1 table", set_entry(entry_address(scratch[0], 3) ^ 8, l1 | PTE_RW_FLAGS));
    EXPECT_ERROR("a level-4 entry to a level-1 table",
                 set_entry((va_to_mfn((void *)start_info->pt_base) << 12) + 8 * 300, l1 | PTE_RW_FLAGS));
}

static void base_pointers(void)
{
    struct mmuext_op op = { .cmd = MMUEXT_NEW_BASEPTR };
    const u64 frames[] = { 0, 0x200, 0xfee00, va_to_mfn(scratch[0]), va_to_mfn(table_of(scratch[0], 1)), 0xffffffffffUL, ~0UL };

    for (unsigned int cmd = 0; cmd < 2; cmd++)
        for (unsigned int i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
            if (cmd && !frames[i])
                continue;   /* a user base pointer of 0 means: none */
            op.cmd = cmd ? MMUEXT_NEW_USER_BASEPTR : MMUEXT_NEW_BASEPTR;
            op.arg1.mfn = frames[i];
            EXPECT_ERROR("a base pointer that is no level-4 table", CALL4(mmuext_op, &op, 1, 0, DOMID_SELF));
        }
}

void test_main(void)
{
    foreign_frames();
    hypervisor_slots();
    wrong_levels();
    base_pointers();
}
