/* SPDX-License-Identifier: MIT */
// modes: control pv
/* Grant tables of version 2, of the kernel to itself: copies by grants of a part of a page, and, in the control domain's place,
 * by grants that pass on what another domain grants; what lies outside the part, what the kernel or nobody granted, passed on,
 * is not copied; neither is mapped. */
#include <xen/grant_table.h>

#include "lib/other_domain.h"

#define WHOLE 8u
#define PART 9u
#define PASSED_ON 10u
#define OWN_PASSED_ON 11u
#define OF_NOBODY 12u
#define READ_ONLY 13u
#define PASSED_ON_READ_ONLY 14u
#define OFFSET 100u
#define LENGTH 50u
#define NOBODY 0x6ffe

static grant_entry_v2_t *entries;
static domid_t self, other;             /* another domain, whose table is of version 1; NOBODY: there is none */
static volatile grant_entry_v1_t *others;
static u8 *theirs = scratch[6];

static long version(u32 wanted)
{
    struct gnttab_set_version op = { .version = wanted };
    long rc = CALL3(grant_table_op, GNTTABOP_set_version, &op, 1);

    if (rc == 0)
        EXPECT("the version", op.version, wanted);
    return rc;
}

static void setup(void)
{
    static xen_pfn_t frame;
    static uint64_t status_frame;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };
    struct gnttab_get_status_frames status = { .nr_frames = 1, .dom = DOMID_SELF };
    struct gnttab_get_version is = { .dom = DOMID_SELF };

    EXPECT("set_version", version(2), 0);
    EXPECT("get_version", CALL3(grant_table_op, GNTTABOP_get_version, &is, 1), 0);
    EXPECT("the version", is.version, 2);
    set_xen_guest_handle(op.frame_list, &frame);
    EXPECT("setup_table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    EXPECT("mapping it", CALL3(update_va_mapping, scratch[0], frame << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    entries = (grant_entry_v2_t *)scratch[0];
    set_xen_guest_handle(status.frame_list, &status_frame);
    EXPECT("get_status_frames", CALL3(grant_table_op, GNTTABOP_get_status_frames, &status, 1), 0);
    EXPECT("its status", status.status, GNTST_okay);
    EXPECT("mapping it", CALL3(update_va_mapping, scratch[3], status_frame << 12 | PTE_RO_FLAGS, UVMF_INVLPG), 0);
    self = own_domid();
}

static void entry(u32 ref, u16 flags, union grant_entry_v2 rest)
{
    rest.hdr = (grant_entry_header_t){ .flags = flags, .domid = self };
    entries[ref] = rest;
}

static void passes_on(u32 ref, domid_t whose, u32 what)
{
    entry(ref, GTF_transitive, (union grant_entry_v2){ .transitive = { .trans_domid = whose, .gref = what } });
}

static void fill(void)
{
    u64 mfn = va_to_mfn(scratch[1]);
    union grant_entry_v2 part = { .sub_page = { .page_off = OFFSET, .length = LENGTH, .frame = mfn } };

    entry(WHOLE, GTF_permit_access, (union grant_entry_v2){ .full_page.frame = mfn });
    entry(PART, GTF_permit_access | GTF_sub_page, part);
    entry(READ_ONLY, GTF_permit_access | GTF_sub_page | GTF_readonly, part);
    passes_on(PASSED_ON, other, WHOLE);
    passes_on(PASSED_ON_READ_ONLY, other, READ_ONLY);
    passes_on(OWN_PASSED_ON, self, PART);
    passes_on(OF_NOBODY, NOBODY, PART);
    for (unsigned int i = 0; i < 4096; i++)
        scratch[1][i] = (u8)(i * 7);
}

static int copy(struct gnttab_copy op)
{
    EXPECT("copy", CALL3(grant_table_op, GNTTABOP_copy, &op, 1), 0);
    return op.status;
}

static int copy_from(u32 ref, u16 offset, u16 length)
{
    memset(scratch[2], 0, 4096);
    return copy((struct gnttab_copy){ .source = { .u.ref = ref, .domid = self, .offset = offset },
                                      .dest = { .u.gmfn = frame_of(scratch[2]), .domid = DOMID_SELF },
                                      .len = length, .flags = GNTCOPY_source_gref });
}

static int copy_to(u32 ref, u16 offset, u16 length)
{
    memset(scratch[2], 0x5a, 4096);
    return copy((struct gnttab_copy){ .dest = { .u.ref = ref, .domid = self, .offset = offset },
                                      .source = { .u.gmfn = frame_of(scratch[2]), .domid = DOMID_SELF },
                                      .len = length, .flags = GNTCOPY_dest_gref });
}

/* What came is what is there, and no more; nobody is at any of them any more. */
static void came(const char *what, u16 offset, u16 length)
{
    for (unsigned int i = 0; i < length; i++)
        EXPECT(what, scratch[2][i], scratch[1][offset + i]);
    EXPECT(what, scratch[2][length], 0);
    for (u32 ref = WHOLE; ref <= PASSED_ON_READ_ONLY; ref++)
        EXPECT(what, ((u16 *)scratch[3])[ref], 0);
}

/* At OFFSET + 3, of the page that was filled. */
static void two_bytes_came(const u8 *page)
{
    EXPECT("what is before", page[OFFSET + 2], (u8)((OFFSET + 2) * 7));
    EXPECT("what came", page[OFFSET + 3] == 0x5a && page[OFFSET + 4] == 0x5a, true);
    EXPECT("what is behind", page[OFFSET + 5], (u8)((OFFSET + 5) * 7));
}

static void copies(void)
{
    static const u32 parts[] = { PART, READ_ONLY };

    EXPECT("of a page", copy_from(WHOLE, 90, 20), GNTST_okay);
    came("of a page", 90, 20);
    for (unsigned int i = 0; i < 2; i++) {
        EXPECT("all of a part", copy_from(parts[i], OFFSET, LENGTH), GNTST_okay);
        came("all of a part", OFFSET, LENGTH);
        EXPECT("from before it", copy_from(parts[i], OFFSET - 1, 10) < 0, true);
        came("from before it", OFFSET, 0);
        EXPECT("to behind it", copy_from(parts[i], OFFSET + 1, LENGTH) < 0, true);
        came("to behind it", OFFSET, 0);
    }
    EXPECT("into a part", copy_to(PART, OFFSET + 3, 2), GNTST_okay);
    two_bytes_came(scratch[1]);
}

/* ---- What another domain grants */

static void their_entry(u32 ref, u64 frame, u16 flags)
{
    others[ref].frame = (u32)frame;
    others[ref].domid = self;
    others[ref].flags = flags;
}

/* Its table, and one page that it grants. False: there is no such domain to be had. */
static bool make_other(void)
{
    static xen_pfn_t table, page;
    struct gnttab_setup_table op = { .nr_frames = 1 };
    struct xen_memory_reservation r = { .nr_extents = 1 };

    other = start_info->flags & SIF_INITDOMAIN ? make_domain(false, 64) : NOBODY;
    if (other == NOBODY || other == DOMID_INVALID)
        return false;
    op.dom = r.domid = other;
    set_xen_guest_handle(op.frame_list, &table);
    EXPECT("its table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    EXPECT("mapping it", map_foreign(scratch[5], other, table), 0);
    others = (grant_entry_v1_t *)scratch[5];
    page = 5;
    set_xen_guest_handle(r.extent_start, &page);
    EXPECT("its page", CALL2(memory_op, XENMEM_populate_physmap, &r), 1);
    EXPECT("mapping it", map_foreign(theirs, other, page), 0);
    their_entry(WHOLE, page, GTF_permit_access);
    their_entry(READ_ONLY, page, GTF_permit_access | GTF_readonly);
    for (unsigned int i = 0; i < 4096; i++)
        theirs[i] = (u8)(i * 7);
    return true;
}

static void passed_on(void)
{
    EXPECT("what is passed on", copy_from(PASSED_ON, 90, 20), GNTST_okay);
    came("what is passed on", 90, 20);
    EXPECT("to be read", copy_from(PASSED_ON_READ_ONLY, 90, 20), GNTST_okay);
    came("to be read", 90, 20);
    EXPECT("writing it", copy_to(PASSED_ON_READ_ONLY, OFFSET, 1) < 0, true);
    EXPECT("into what is passed on", copy_to(PASSED_ON, OFFSET + 3, 2), GNTST_okay);
    two_bytes_came(theirs);
    others[WHOLE].domid = NOBODY;
    EXPECT("what is not granted to who passes it on", copy_from(PASSED_ON, OFFSET, 1) < 0, true);
    EXPECT("its marks", others[WHOLE].flags, GTF_permit_access);
    EXPECT("its marks", others[READ_ONLY].flags, GTF_permit_access | GTF_readonly);
}

static void end_other(void)
{
    EXPECT("its table, unmapped", CALL3(update_va_mapping, scratch[5], 0, UVMF_INVLPG), 0);
    EXPECT("its page, unmapped", CALL3(update_va_mapping, theirs, 0, UVMF_INVLPG), 0);
    destroy_domain(other);
}

static int map(u32 ref)
{
    struct gnttab_map_grant_ref op = { .host_addr = entry_address(scratch[4], 1),
                                       .flags = GNTMAP_host_map | GNTMAP_contains_pte, .ref = ref, .dom = self };

    EXPECT("map_grant_ref", CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    return op.status;
}

static void refused(void)
{
    EXPECT("the kernel's own, passed on", copy_from(OWN_PASSED_ON, OFFSET, 1) < 0, true);
    EXPECT("what nobody passes on", copy_from(OF_NOBODY, OFFSET, 1) < 0, true);
    EXPECT("writing what is to be read", copy_to(READ_ONLY, OFFSET, 1) < 0, true);
    entries[PASSED_ON].transitive.gref = 500000;
    EXPECT("a grant that is none, passed on", copy_from(PASSED_ON, OFFSET, 1) < 0, true);
    entries[PASSED_ON].hdr.domid = NOBODY;
    EXPECT("what is passed on to another", copy_from(PASSED_ON, OFFSET, 1) < 0, true);
    came("nothing", OFFSET, 0);
    EXPECT("mapping a part", map(PART) < 0, true);
    EXPECT("mapping what is passed on", map(PASSED_ON_READ_ONLY) < 0, true);
    came("nothing", OFFSET, 0);
}

void test_main(void)
{
    bool has_other;

    setup();
    has_other = make_other();
    fill();
    if (has_other)
        passed_on();
    copies();
    refused();
    if (has_other)
        end_other();
    EXPECT("its memory back", CALL3(update_va_mapping, scratch[3], 0, UVMF_INVLPG), 0);
    EXPECT("set_version", version(1), 0);
}
