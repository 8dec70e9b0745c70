/* SPDX-License-Identifier: MIT */
/* Grants, of the kernel to itself: what is mapped by a grant is held until it is unmapped, by its own handle and at its
 * own entry only; an entry cannot replace itself; Prism's pages, its memory and page tables can neither be granted nor
 * be copied to; wrong handles, references, versions and lengths are refused. */
#include <xen/grant_table.h>

#include "lib/guest.h"

#define REF 8
static volatile grant_entry_v1_t *grants;
static u64 grant_frame, spare_entry;

static void setup(void)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };

    set_xen_guest_handle(op.frame_list, &frame);
    EXPECT("setup_table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    EXPECT("its status", op.status, GNTST_okay);
    grant_frame = frame;
    EXPECT("mapping of the table", CALL3(update_va_mapping, scratch[0], frame << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    grants = (grant_entry_v1_t *)scratch[0];
    spare_entry = read_entry(scratch[2], 1);
}

static void grant(u64 mfn, u16 flags)
{
    grants[REF].frame = (u32)mfn;
    grants[REF].domid = 0;
    grants[REF].flags = GTF_permit_access | flags;
}

static int map_at(u64 host_addr, u32 ref, u32 flags, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = { .host_addr = host_addr, .flags = flags, .ref = ref, .dom = 0 };

    EXPECT("map_grant_ref", CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    *handle = op.handle;
    return op.status;
}

static int unmap_at(const void *va, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = (u64)va, .handle = handle };

    EXPECT("unmap_grant_ref", CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

static int replace_at(const void *va, const void *new, grant_handle_t handle)
{
    struct gnttab_unmap_and_replace op = { .host_addr = (u64)va, .new_addr = (u64)new, .handle = handle };

    EXPECT("unmap_and_replace", CALL3(grant_table_op, GNTTABOP_unmap_and_replace, &op, 1), 0);
    return op.status;
}

static void refused(const char *what, int status)
{
    if (status >= 0)
        FAIL("%s: status %d", what, status);
}

static long exchange(u64 mfn)
{
    xen_pfn_t in = mfn, out = 0;
    struct xen_memory_exchange op = { .in = { .nr_extents = 1, .domid = DOMID_SELF },
                                      .out = { .nr_extents = 1, .domid = DOMID_SELF } };

    set_xen_guest_handle(op.in.extent_start, &in);
    set_xen_guest_handle(op.out.extent_start, &out);
    return CALL2(memory_op, XENMEM_exchange, &op);
}

/* The granted page is mapped by its grant alone: it can be given away as little as become a page table. */
static void held_while_mapped(u64 mfn)
{
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = mfn };
    u64 own = read_entry(scratch[1], 1);

    EXPECT("taking the owner's mapping away", CALL3(update_va_mapping, scratch[1], 0, UVMF_INVLPG), 0);
    EXPECT_ERROR("pinning a frame that is mapped writable by a grant", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF));
    EXPECT_ERROR("exchange of a frame that is mapped by a grant", exchange(mfn));
    EXPECT("the owner's mapping back", CALL3(update_va_mapping, scratch[1], own, UVMF_INVLPG), 0);
}

static void map_and_unmap(void)
{
    u64 mfn = va_to_mfn(scratch[1]);
    grant_handle_t handle, other;

    grant(mfn, 0);
    EXPECT("map", map_at((u64)scratch[2], REF, GNTMAP_host_map, &handle), GNTST_okay);
    *(volatile u32 *)scratch[2] = 4711;
    EXPECT("what was written by the grant", *(volatile u32 *)scratch[1], 4711);
    EXPECT("marks", grants[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    held_while_mapped(mfn);
    refused("an entry as its own replacement", replace_at(scratch[2], scratch[2], handle));
    EXPECT("the entry then", va_to_mfn(scratch[2]), mfn);
    held_while_mapped(mfn);
    refused("an unmap at another entry", unmap_at(scratch[3], handle));
    refused("an unmap outside the kernel's memory", unmap_at((void *)0x7000, handle));
    refused("an unmap in Prism's range", unmap_at((void *)0xffff830000000000, handle));
    for (grant_handle_t bad = handle + 1; bad; bad *= 2)
        refused("a handle that is none", unmap_at(scratch[2], bad));
    EXPECT("mapping it once more", map_at((u64)scratch[4], REF, GNTMAP_host_map | GNTMAP_readonly, &other), GNTST_okay);
    EXPECT("unmap", unmap_at(scratch[2], handle), GNTST_okay);
    EXPECT("the entry", read_entry(scratch[2], 1), 0);
    EXPECT("marks", grants[REF].flags, GTF_permit_access | GTF_reading);
    EXPECT("a store to the read-only one", TRY("movl $1, (%0)", "r" (scratch[4])), 14);
    EXPECT("a handle twice", unmap_at(scratch[2], handle), GNTST_bad_handle);
    EXPECT("unmap", unmap_at(scratch[4], other), GNTST_okay);
    EXPECT("marks", grants[REF].flags, GTF_permit_access);
    EXPECT("a page back", CALL3(update_va_mapping, scratch[2], spare_entry, UVMF_INVLPG), 0);
}

static void not_to_be_mapped(void)
{
    const u32 by_entry = GNTMAP_host_map | GNTMAP_contains_pte;
    grant_handle_t handle;
    const struct { const char *what; u64 mfn; u16 flags; } entries[] = {
        { "Prism's image", 0x200, 0 }, { "device memory", 0xfee00, 0 }, { "a frame beyond all memory", 0xffffffff, 0 },
        { "the grant table", grant_frame, 0 }, { "shared_info", start_info->shared_info >> 12, 0 },
        { "a page table", va_to_mfn(table_of(scratch[0], 1)), 0 },
        { "a read-only grant", va_to_mfn(scratch[1]), GTF_readonly },
    };

    for (unsigned int i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        grant(entries[i].mfn, entries[i].flags);
        refused(entries[i].what, map_at((u64)scratch[2], REF, GNTMAP_host_map, &handle));
        EXPECT("marks", grants[REF].flags & (GTF_reading | GTF_writing), 0);
    }
    grant(va_to_mfn(scratch[1]), 0);
    refused("no such reference", map_at((u64)scratch[2], 0x7fffffff, GNTMAP_host_map, &handle));
    refused("no kind of mapping", map_at((u64)scratch[2], REF, 0, &handle));
    refused("at Prism's addresses", map_at(0xffff820000000000, REF, GNTMAP_host_map, &handle));
    refused("at an entry in a data page", map_at(va_to_mfn(scratch[1]) << 12, REF, by_entry, &handle));
    refused("at a level-2 entry", map_at(entry_address(scratch[2], 2), REF, by_entry, &handle));
    refused("at an odd address", map_at(entry_address(scratch[2], 1) + 4, REF, by_entry, &handle));
    EXPECT("the entry", read_entry(scratch[2], 1), spare_entry);
}

static void try_copy(const char *what, u64 from, u64 to, u16 offset, u16 length)
{
    struct gnttab_copy op = { .source = { .u.gmfn = from, .domid = DOMID_SELF, .offset = offset },
                              .dest = { .u.gmfn = to, .domid = DOMID_SELF }, .len = length };

    EXPECT("copy", CALL3(grant_table_op, GNTTABOP_copy, &op, 1), 0);
    refused(what, op.status);
}

static void copies(void)
{
    u64 page = va_to_mfn(scratch[1]), l1 = va_to_mfn(table_of(scratch[0], 1));
    struct gnttab_set_version version = { .version = 3 };

    try_copy("copying from Prism's memory", 0x200, page, 0, 64);
    try_copy("copying to Prism's memory", page, 0x200, 0, 64);
    try_copy("copying to a page table", page, l1, 0, 64);
    try_copy("copying beyond a page", page, page, 4000, 4000);
    try_copy("copying more than a page", page, page, 0, 0xffff);
    EXPECT_ERROR("version 3", CALL3(grant_table_op, GNTTABOP_set_version, &version, 1));
    EXPECT_ERROR("a negative count", CALL3(grant_table_op, GNTTABOP_copy, scratch[1], 0x80000000));
}

static void pages_of_prism(void)
{
    const u64 frames[] = { grant_frame, start_info->shared_info >> 12 };

    for (unsigned int i = 0; i < 2; i++) {
        struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = frames[i] };
        struct xen_memory_reservation give = { .nr_extents = 1, .domid = DOMID_SELF };
        struct gnttab_transfer transfer = { .mfn = frames[i], .domid = 1 };
        xen_pfn_t mfn = frames[i];

        set_xen_guest_handle(give.extent_start, &mfn);
        EXPECT_ERROR("pinning Prism's page", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF));
        EXPECT("giving Prism's page back", CALL2(memory_op, XENMEM_decrease_reservation, &give), 0);
        EXPECT_ERROR("exchange of Prism's page", exchange(frames[i]));
        EXPECT("transfer", CALL3(grant_table_op, GNTTABOP_transfer, &transfer, 1), 0);
        refused("a transfer of Prism's page", transfer.status);
        EXPECT_ERROR("Prism's page as descriptor table", CALL2(set_gdt, &mfn, 512));
    }
}

void test_main(void)
{
    setup();
    map_and_unmap();
    not_to_be_mapped();
    copies();
    pages_of_prism();
}
