/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32
/* One vCPU of a container reads a page without end while the other changes what the domain has at that place: moves, removes,
 * gives back, grants. Once the call has returned, the reader sees what is there now, or that nothing is. What a kernel
 * changes in its own page tables it sees after HVMOP_flush_tlbs, INVLPG and MOV to CR3. How often a read before that was
 * stale is said: on the emulated machine each exit empties the TLB, and there may be none. */
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>

#include "lib/reader.h"

#define ROUNDS 6
#define OLD 0xaaaa0001u
#define NEW 0xbbbb0002u
#define NOTHING 0xffffffffu
#define REF 9
#define PLACE EMPTY_GFN

static void look_at(unsigned long gfn, const volatile void *within)
{
    place = (const volatile u32 *)((gfn << 12) + ((unsigned long)within & 0xfff));
}

static void put(void *page, u32 value) { *(volatile u32 *)page = value; }

/* A page goes from one place to another and back. */
static void moved(void)
{
    unsigned long from = frame_of(scratch[4]);

    put(scratch[4], OLD);
    for (unsigned int round = 0; round < ROUNDS; round++) {
        look_at(from, 0);
        expect_before("a page", OLD);
        EXPECT("add_to_physmap", add_to_physmap(XENMAPSPACE_gmfn, from, PLACE), 0);
        EXPECT("where it was", ask_reader(), NOTHING);
        look_at(PLACE, 0);
        expect_before("where it is", OLD);
        EXPECT("add_to_physmap", add_to_physmap(XENMAPSPACE_gmfn, PLACE, from), 0);
        EXPECT("where it was", ask_reader(), NOTHING);
    }
}

/* A page takes the place of another, which is given back. */
static void replaced(void)
{
    for (unsigned int round = 0; round < ROUNDS; round++) {
        put(scratch[4], OLD);
        put(scratch[5], NEW);
        look_at(frame_of(scratch[4]), 0);
        expect_before("a page", OLD);
        EXPECT("add_to_physmap", add_to_physmap(XENMAPSPACE_gmfn, frame_of(scratch[5]), frame_of(scratch[4])), 0);
        EXPECT("what took its place", ask_reader(), NEW);
        EXPECT("populate", populate(frame_of(scratch[5])), 1);
    }
}

static void given_back(void)
{
    for (unsigned int round = 0; round < ROUNDS; round++) {
        put(scratch[4], OLD);
        look_at(frame_of(scratch[4]), 0);
        expect_before("a page", OLD);
        EXPECT("decrease_reservation", decrease_reservation(frame_of(scratch[4])), 1);
        EXPECT("a page that was given back", ask_reader(), NOTHING);
        EXPECT("populate", populate(frame_of(scratch[4])), 1);
        if (on_prism())                     /* Xen hands on what a domain gives back as it was left */
            EXPECT("a new page", ask_reader(), 0);
    }
}

/* What the hypervisor shares is moved, and removed. */
static void shared(void)
{
    shared_info_t *info = shared_info_page();
    unsigned long kept = info->evtchn_mask[20];

    info->evtchn_mask[20] = OLD;
    for (unsigned int round = 0; round < ROUNDS; round++) {
        look_at(PLACE, &info->evtchn_mask[20]);
        EXPECT("add_to_physmap", add_to_physmap(XENMAPSPACE_shared_info, 0, PLACE), 0);
        expect_before("shared_info", OLD);
        if (round & 1) {
            struct xen_remove_from_physmap gone = { .domid = DOMID_SELF, .gpfn = PLACE };

            EXPECT("remove_from_physmap", CALL2(memory_op, XENMEM_remove_from_physmap, &gone), 0);
            EXPECT("a place that was removed", ask_reader(), NOTHING);
        } else {
            EXPECT("a grant table there", add_to_physmap(XENMAPSPACE_grant_table, 0, PLACE), 0);
            EXPECT("what took its place", ask_reader(), 0);
        }
    }
    EXPECT("back", add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN), 0);
    info->evtchn_mask[20] = kept;
}

static void grants(void)
{
    volatile struct grant_entry_v1 *entry;

    EXPECT("a grant table", add_to_physmap(XENMAPSPACE_grant_table, 0, GRANT_TABLE_GFN), 0);
    entry = &grant_table()[REF];
    put(scratch[5], NEW);
    entry->frame = (u32)frame_of(scratch[5]);
    entry->domid = own_domid();
    entry->flags = GTF_permit_access;
    for (unsigned int round = 0; round < ROUNDS; round++) {
        struct gnttab_map_grant_ref map = { .host_addr = (u64)PLACE << 12, .flags = GNTMAP_host_map, .ref = REF,
                                            .dom = own_domid() };
        struct gnttab_unmap_grant_ref unmap = { .host_addr = (u64)PLACE << 12 };

        CALL3(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
        EXPECT("map_grant_ref", map.status, GNTST_okay);
        look_at(PLACE, 0);
        expect_before("a granted page", NEW);
        unmap.handle = map.handle;
        CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1);
        EXPECT("unmap_grant_ref", unmap.status, GNTST_okay);
        EXPECT("after unmap_grant_ref", ask_reader(), NOTHING);
    }
    entry->flags = 0;
}

/* ---- The kernel's own page tables */

static void flush_all(void) { EXPECT("flush_tlbs", CALL2(hvm_op, HVMOP_flush_tlbs, 0), 0); }
static void invlpg_here(void) { forget_page(scratch[6]); }

static void cr3_here(void)
{
    unsigned long cr3;

    asm volatile("mov %%cr3, %0; mov %0, %%cr3" : "=&r" (cr3) :: "memory");
}

static void own_tables(void)
{
    volatile pte_t *entry = entry_of(scratch[6]);
    pte_t old = *entry, new = *entry_of(scratch[7]);
    unsigned int stale = 0;

    put(scratch[6], OLD);
    put(scratch[7], NEW);
    place = (const volatile u32 *)scratch[6];
    for (unsigned int round = 0; round < 3 * ROUNDS; round++) {
        expect_before("a page of the kernel's", OLD);
        *entry = round & 1 ? new : 0;
        stale += ask_reader() == OLD;
        if (round % 3 == 0)
            flush_all();
        else
            on_reader(round % 3 == 1 ? invlpg_here : cr3_here);
        EXPECT("after a flush", ask_reader(), round & 1 ? NEW : FAULT);
        *entry = old;
        flush_all();
    }
    forget_page(scratch[6]);
    say("  %u stale reads\n", stale);
}

void test_main(void)
{
    (void)shared_info_page();
    trap_hook = step_over_read;
    place = (const volatile u32 *)scratch[4];
    if (!start_second_vcpu(reader))
        return;
    moved();
    replaced();
    given_back();
    shared();
    grants();
    own_tables();
    reader_ends = true;
}
