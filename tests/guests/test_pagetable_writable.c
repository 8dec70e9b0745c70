/* SPDX-License-Identifier: MIT */
/* No level of the kernel's page tables can be had writable, by any of the ways to map a page; and a page in use as
 * writable memory cannot become a page table. */
#include "lib/guest.h"

static void try_level(unsigned int level)
{
    u64 *table = table_of(scratch[0], level);
    u64 mfn = va_to_mfn(table), was = read_entry(scratch[1], 1);
    char what[] = "writable mapping of a level-0 table";

    what[sizeof("writable mapping of a level-") - 1] = (char)('0' + level);
    EXPECT_ERROR(what, set_entry(entry_address(scratch[1], 1), mfn << 12 | PTE_RW_FLAGS));
    EXPECT_ERROR(what, CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
    EXPECT_ERROR(what, CALL3(update_va_mapping, table, mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
    EXPECT("entry after refused updates", read_entry(scratch[1], 1), was);
    EXPECT("read-only mapping of a table", CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    EXPECT("the mapping back", CALL3(update_va_mapping, scratch[1], was, UVMF_INVLPG), 0);
}

void test_main(void)
{
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = va_to_mfn(scratch[2]) };
    u64 entry;

    for (unsigned int level = 1; level <= 4; level++)
        try_level(level);
    for (unsigned int cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_PIN_L4_TABLE; cmd++) {
        pin.cmd = cmd;
        EXPECT_ERROR("pinning a page that is mapped writable", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF));
    }
    /* A direct store is a fault of ours, or is carried out as a checked update: never an unchecked write. */
    entry = table_of(scratch[3], 1)[(u64)scratch[3] >> 12 & 511];
    TRY("mov %0, (%1)", "r" (va_to_mfn(table_of(scratch[3], 1)) << 12 | PTE_RW_FLAGS),
        "r" (&table_of(scratch[3], 1)[(u64)scratch[3] >> 12 & 511]));
    EXPECT("entry after a store of a writable mapping of its own table", read_entry(scratch[3], 1), entry);
}
