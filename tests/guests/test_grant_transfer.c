/* SPDX-License-Identifier: MIT */
/* A frame goes to another domain, which has offered a place for it by a grant entry: then it is that domain's, under the
 * number that the entry says, and no longer this kernel's. What is in use here or not this kernel's goes nowhere. What nobody
 * takes, since it is offered to another, by no entry, or to a domain that is full, is no longer this kernel's either. */
#include <xen/grant_table.h>

#include "lib/other_domain.h"

#define REF 9
#define NOBODY 0x6ffe
#define PFN 5

static volatile struct grant_entry_v1 *entry;
static domid_t other;              /* may have two frames */
static u8 spare[8][4096] page_aligned;
static unsigned int used;

static int transfer(u64 mfn, domid_t to, u32 ref)
{
    struct gnttab_transfer op = { .mfn = mfn, .domid = to, .ref = ref };

    EXPECT("transfer", CALL3(grant_table_op, GNTTABOP_transfer, &op, 1), 0);
    return op.status;
}

static void offer(domid_t from)
{
    entry[REF].frame = PFN;
    entry[REF].domid = from;
    entry[REF].flags = GTF_accept_transfer;
}

static void its_grant_table(void)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table op = { .dom = other, .nr_frames = 1 };

    set_xen_guest_handle(op.frame_list, &frame);
    EXPECT("setup_table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    EXPECT("its status", op.status, GNTST_okay);
    EXPECT("mapping it", map_foreign(scratch[0], other, frame), 0);
    entry = (struct grant_entry_v1 *)scratch[0];
}

/* Nothing has come of it: the offer is as it was. */
static void no_offer_taken(const char *what, u16 flags)
{
    EXPECT(what, entry[REF].flags, flags);
    EXPECT(what, entry[REF].frame, PFN);
}

/* A frame that is in use, or not ours, stays what it is. */
static void stays(const char *what, u64 mfn, domid_t to)
{
    long pages = pages_of(DOMID_SELF);

    offer(0);
    EXPECT(what, transfer(mfn, to, REF), GNTST_bad_page);
    no_offer_taken(what, GTF_accept_transfer);
    EXPECT(what, pages_of(DOMID_SELF), pages);
}

/* Nobody takes it: by the interface it is gone nevertheless. */
static void lost(const char *what, domid_t to, u32 ref, domid_t offered_to)
{
    u8 *page = spare[used++];
    u64 mfn = va_to_mfn(page);
    long pages = pages_of(DOMID_SELF), theirs = pages_of(other);

    EXPECT("unmapping", CALL3(update_va_mapping, page, 0, UVMF_INVLPG), 0);
    offer(offered_to);
    EXPECT_ERROR(what, transfer(mfn, to, ref));
    no_offer_taken(what, GTF_accept_transfer);
    EXPECT(what, pages_of(DOMID_SELF), pages - 1);
    EXPECT(what, pages_of(other), theirs);
    EXPECT_ERROR(what, CALL3(update_va_mapping, page, mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
}

static void refused(void)
{
    static xen_pfn_t own_table;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };

    set_xen_guest_handle(op.frame_list, &own_table);
    EXPECT("setup_table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    stays("a frame that is mapped", va_to_mfn(scratch[1]), other);
    stays("a frame that is mapped, to nobody", va_to_mfn(scratch[1]), NOBODY);
    stays("a page table", va_to_mfn(table_of(scratch[1], 1)), other);
    stays("our grant table, unmapped", own_table, other);
    stays("our shared info, unmapped", start_info->shared_info >> 12, other);
    stays("the hypervisor's", 0x200, other);
    stays("the local APIC", 0xfee00, other);
    stays("a frame beyond all", ~0UL, other);
    lost("to nobody", NOBODY, REF, 0);
    lost("to ourselves", 0, REF, 0);
    lost("by another entry", other, REF + 1, 0);
    lost("by an entry beyond the table", other, 512, 0);
    lost("by an entry of absurd number", other, ~0u, 0);
    lost("what is offered to somebody else", other, REF, NOBODY);
}

/* Gives the frame of a page, and looks what has become of it. */
static void given(u8 *page, long theirs)
{
    u64 mfn = va_to_mfn(page);
    long pages = pages_of(DOMID_SELF);

    page[77] = 78;
    EXPECT("unmapping", CALL3(update_va_mapping, page, 0, UVMF_INVLPG), 0);
    offer(0);
    EXPECT("transfer", transfer(mfn, other, REF), GNTST_okay);
    EXPECT("the entry's flags", entry[REF].flags, GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    EXPECT("its frame", entry[REF].frame, mfn);
    EXPECT("the frame's number", (long)machine_to_phys_mapping[mfn], PFN);
    EXPECT("frames of ours", pages_of(DOMID_SELF), pages - 1);
    EXPECT("frames of theirs", pages_of(other), theirs);
    EXPECT_ERROR("mapping it as ours", CALL3(update_va_mapping, page, mfn << 12 | PTE_RW_FLAGS, UVMF_INVLPG));
    EXPECT("once more", transfer(mfn, other, REF), GNTST_bad_page);
    EXPECT("mapping it as theirs", map_foreign(page, other, mfn), 0);
    EXPECT("what it holds", page[77], 78);
    EXPECT("unmapping", CALL3(update_va_mapping, page, 0, UVMF_INVLPG), 0);
}

void test_main(void)
{
    other = make_domain(false, 8);
    if (other == DOMID_INVALID)
        return;
    its_grant_table();
    refused();
    given(scratch[2], 1);
    given(scratch[3], 2);
    lost("to a domain that is full", other, REF, 0);
    EXPECT("unmapping the table", CALL3(update_va_mapping, scratch[0], 0, UVMF_INVLPG), 0);
    destroy_domain(other);
    EXPECT_ERROR("frames of a domain that has gone", pages_of(other));
}
