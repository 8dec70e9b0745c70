/* SPDX-License-Identifier: MIT */
/* One vCPU writes to a page while the other takes the writable mapping away, without a flush of its own, and makes the
 * page a page table: from then on not a bit of it may change, or a guest could write its page tables unchecked. */
#include "lib/guest.h"

#define ROUNDS 400
#define WATCHED_NS 20000

static volatile bool stop;
static volatile u64 faults, writes;

/* The second vCPU's store is left out while the page is read-only; nothing else may trap. */
static void second(void)
{
    for (u64 n = 0; !stop; n++) {   /* an even number: as a page-table entry it is not present */
        if (!store_unless_fault((u64 *)scratch[0] + n % 512, n << 1))
            faults++;
        writes++;
    }
}

static u64 sum(const volatile u64 *words)
{
    u64 total = 0;

    for (unsigned int i = 0; i < 512; i++)
        total = total * 31 + words[i];
    return total;
}

static bool one_round(u64 mfn)
{
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn };
    struct mmuext_op unpin = { .cmd = MMUEXT_UNPIN_TABLE, .arg1.mfn = mfn };
    u64 before, start;
    bool same = true;

    EXPECT("writable", CALL3(update_va_mapping, scratch[0], mfn << 12 | PTE_RW_FLAGS, 0), 0);
    for (u64 from = writes; writes < from + 600; )
        CALL2(sched_op, SCHEDOP_yield, 0);
    EXPECT("read-only", CALL3(update_va_mapping, scratch[0], mfn << 12 | PTE_RO_FLAGS, 0), 0);
    EXPECT("pin", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF), 0);
    before = sum((const u64 *)scratch[1]);
    for (start = now_ns(); same && now_ns() - start < WATCHED_NS; )
        same = sum((const u64 *)scratch[1]) == before;
    EXPECT("unpin", CALL4(mmuext_op, &unpin, 1, 0, DOMID_SELF), 0);
    return same;
}

void test_main(void)
{
    u64 mfn = va_to_mfn(scratch[0]);

    (void)shared_info_page();
    EXPECT("alias", CALL3(update_va_mapping, scratch[1], mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    allow_faulting_stores();
    if (!start_second_vcpu(second))
        return;
    for (unsigned int round = 0; round < ROUNDS; round++)
        if (!one_round(mfn)) {
            FAIL("a page table was written to in round %u", round);
            break;
        }
    stop = true;
    say("  %lu stores, %lu faults\n", writes, faults);
    if (!faults)
        verdict(ERROR, "the second vCPU never met the read-only page");
}
