/* SPDX-License-Identifier: MIT */
// modes: pv pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* A kernel grants pages, to itself and to the control domain, and gives them back while they are granted and mapped; it
 * unmaps twice, by handles that are none and at wrong places; in the end it dies with grants mapped. */
#include "lib/hostile.h"

#define REF 8
#define MAPPINGS 600

static volatile grant_entry_v1_t *table;
static domid_t self;

static int map(unsigned int place, u32 ref, u32 flags, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = { .host_addr = grant_place(place), .flags = GNTMAP_host_map | flags, .ref = ref,
                                       .dom = self };

    EXPECT("map_grant_ref", CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    *handle = op.handle;
    return op.status;
}

static int unmap(u64 address, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = address, .handle = handle };

    EXPECT("unmap_grant_ref", CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

static void refused(const char *what, int status)
{
    if (status >= 0)
        FAIL("%s: status %d", what, status);
}

static void grant(u32 ref, domid_t to, const void *page, u16 flags)
{
    table[ref].frame = (u32)frame_of(page);
    table[ref].domid = to;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    table[ref].flags = GTF_permit_access | flags;
}

static void wrong_unmaps(void)
{
    grant_handle_t handle, none;

    grant(REF, self, scratch[0], 0);
    EXPECT("map", map(0, REF, 0, &handle), GNTST_okay);
    refused("at another place", unmap(grant_place(1), handle));
#ifdef GUEST_HW
    if (on_prism())                         /* on Xen only the page of an address counts */
        refused("at an odd address", unmap(grant_place(0) + 8, handle));
#endif
    refused("where no memory can be", unmap(1ull << 51, handle));
    for (none = handle + 1; none; none *= 2)
        refused("a handle that is none", unmap(grant_place(0), none));
    EXPECT("marks", table[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    EXPECT("unmap", unmap(grant_place(0), handle), GNTST_okay);
    EXPECT("twice", unmap(grant_place(0), handle), GNTST_bad_handle);
    EXPECT("marks", table[REF].flags, GTF_permit_access);
}

/* The frame outlives its owner's hold on it for as long as it is mapped. */
static void freed_while_mapped(void)
{
    unsigned long frame = frame_of(scratch[1]);
    grant_handle_t handle;

    grant(REF, self, scratch[1], 0);
    EXPECT("map", map(0, REF, 0, &handle), GNTST_okay);
    give_back(frame);
#ifdef GUEST_HW
    *(volatile u32 *)(unsigned long)grant_place(0) = 4711;
    EXPECT("the page at its grant", *(volatile u32 *)(unsigned long)grant_place(0), 4711);
    EXPECT("the place it was given back from", (int)*(volatile u32 *)scratch[1], -1);
#endif
    EXPECT("unmap", unmap(grant_place(0), handle), GNTST_okay);
    EXPECT("twice", unmap(grant_place(0), handle), GNTST_bad_handle);
#ifdef GUEST_HW   /* in ring 3 it is there yet, since the kernel has it mapped */
    refused("the grant of a page that is gone", map(1, REF, 0, &handle));
#endif
    table[REF].flags = 0;
}

/* To the control domain, which does not ask for it: it costs nobody anything. */
static void granted_and_freed(void)
{
    grant_handle_t handle;

    for (u32 i = 0; i < 8; i++)
        grant(REF + 1 + i, 0, scratch[2], i & 1 ? GTF_readonly : 0);
    give_back(frame_of(scratch[2]));
    grant(REF, self, scratch[0], 0);
    table[REF].frame = ~0u;
    refused("a frame beyond all memory", map(0, REF, 0, &handle));
}

static void die_with_mappings(void)
{
    grant_handle_t handle;

    grant(REF, self, scratch[0], 0);
    for (unsigned int i = 0; i < MAPPINGS; i++) {
        int status = map(i % 4, REF, i & 1 ? GNTMAP_readonly : 0, &handle);

        if (status != GNTST_okay && status != GNTST_no_space)
            refused("another mapping at the same place", status);
    }
}

void test_main(void)
{
    table = grant_table();
    self = own_domid();
    wrong_unmaps();
    freed_while_mapped();
    granted_and_freed();
    die_with_mappings();
}
