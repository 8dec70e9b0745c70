/* SPDX-License-Identifier: MIT */
// modes: control pv
/* One vCPU reads a page without end while the other changes what is mapped there, or that anything is, in each way that there
 * is: once the call that has to flush has returned, the reader sees what is there now. So too where no flush was asked for: a
 * grant that is unmapped, and a frame that is given back and given out again. What is not flushed on the reader's CPU may be
 * read for longer, and is at least once: else this test would show nothing. */
#include <xen/grant_table.h>

#include "lib/reader.h"

#define ROUNDS 6
#define MANY_ROUNDS 300
#define OLD 0xaaaa0001u
#define NEW 0xbbbb0002u
#define REF 8
#define WINDOW scratch[1]
#define FAR_WINDOW ((u8 *)(VIRT_BASE + (512ul << 20)))   /* nothing is mapped there, nor has it tables */

static u64 old_entry, new_entry;
static u64 second_vcpu_alone = 2, first_vcpu_alone = 1;
static unsigned int stale;

static void update(u64 entry, unsigned long flags)
{
    EXPECT("update_va_mapping", CALL3(update_va_mapping, WINDOW, entry, flags), 0);
}

static void extended(unsigned int cmd, const void *va, const u64 *mask)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.linear_addr = (unsigned long)va };

    set_xen_guest_handle(op.arg2.vcpumask, (void *)(unsigned long)mask);
    EXPECT("mmuext_op", CALL4(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
}

/* ---- Ways to change an entry and flush */

static void page_all(u64 entry) { update(entry, UVMF_INVLPG | UVMF_ALL); }
static void whole_all(u64 entry) { update(entry, UVMF_TLB_FLUSH | UVMF_ALL); }
static void page_mask(u64 entry) { update(entry, UVMF_INVLPG | (unsigned long)&second_vcpu_alone); }
static void whole_mask(u64 entry) { update(entry, UVMF_TLB_FLUSH | (unsigned long)&second_vcpu_alone); }
static void then_flush_all(u64 entry) { update(entry, 0); extended(MMUEXT_TLB_FLUSH_ALL, NULL, NULL); }
static void then_page_all(u64 entry) { update(entry, 0); extended(MMUEXT_INVLPG_ALL, WINDOW, NULL); }
static void then_flush_multi(u64 entry) { update(entry, 0); extended(MMUEXT_TLB_FLUSH_MULTI, NULL, &second_vcpu_alone); }
static void then_page_multi(u64 entry) { update(entry, 0); extended(MMUEXT_INVLPG_MULTI, WINDOW, &second_vcpu_alone); }

static void by_mmu_update(u64 entry)
{
    EXPECT("mmu_update", set_entry(entry_address(WINDOW, 1), entry), 0);
    extended(MMUEXT_INVLPG_ALL, WINDOW + 77, NULL);
}

/* Which Prism carries out for the kernel: its page tables are read-only. */
static void by_store(u64 entry)
{
    *(volatile u64 *)&table_of(WINDOW, 1)[(u64)WINDOW >> 12 & 511] = entry;
    extended(MMUEXT_TLB_FLUSH_ALL, NULL, NULL);
}

static void by_multicall(u64 entry)
{
    struct mmuext_op flush = { .cmd = MMUEXT_INVLPG_ALL, .arg1.linear_addr = (unsigned long)WINDOW };
    struct multicall_entry calls[2] = {
        { .op = __HYPERVISOR_update_va_mapping, .args = { (unsigned long)WINDOW, entry, 0 } },
        { .op = __HYPERVISOR_mmuext_op, .args = { (unsigned long)&flush, 1, 0, DOMID_SELF } },
    };

    EXPECT("multicall", CALL2(multicall, calls, 2), 0);
    EXPECT("its parts", calls[0].result | calls[1].result, 0);
}

static void flush_here(void) { extended(MMUEXT_TLB_FLUSH_LOCAL, NULL, NULL); }
static void page_here(void) { extended(MMUEXT_INVLPG_LOCAL, WINDOW, NULL); }
static void cr3_here(void) { asm volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" ::: "rax", "memory"); }
static void then_reader_flushes(u64 entry) { update(entry, UVMF_INVLPG); on_reader(flush_here); }
static void then_reader_drops_page(u64 entry) { update(entry, UVMF_TLB_FLUSH); on_reader(page_here); }
static void then_reader_cr3(u64 entry) { update(entry, 0); on_reader(cr3_here); }

static const struct { const char *name; void (*fn)(u64 entry); } ways[] = {
    { "UVMF_INVLPG, all", page_all }, { "UVMF_TLB_FLUSH, all", whole_all }, { "UVMF_INVLPG, mask", page_mask },
    { "UVMF_TLB_FLUSH, mask", whole_mask }, { "TLB_FLUSH_ALL", then_flush_all }, { "INVLPG_ALL", then_page_all },
    { "TLB_FLUSH_MULTI", then_flush_multi }, { "INVLPG_MULTI", then_page_multi }, { "mmu_update", by_mmu_update },
    { "a store to a page table", by_store }, { "multicall", by_multicall }, { "TLB_FLUSH_LOCAL there", then_reader_flushes },
    { "INVLPG_LOCAL there", then_reader_drops_page }, { "MOV to CR3 there", then_reader_cr3 },
};

static void in_each_way(void)
{
    for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        for (unsigned int round = 0; round < ROUNDS; round++) {
            bool unmap = round & 1;

            expect_before(ways[i].name, OLD);
            ways[i].fn(unmap ? 0 : new_entry);
            EXPECT(ways[i].name, ask_reader(), unmap ? FAULT : NEW);
            ways[i].fn(old_entry);
            EXPECT("back", ask_reader(), OLD);
        }
}

/* No flush, or on this CPU alone: the reader may go on with what it knows. Its CPU may have had another vCPU meanwhile, and
 * then it knows nothing: again, until it has. */
static void unflushed(void)
{
    for (unsigned int round = 0; round < ROUNDS || (!stale && round < MANY_ROUNDS); round++) {
        u32 value;

        expect_before("before a change without flush", OLD);
        update(new_entry, round % 3 == 0 ? 0 : round % 3 == 1 ? UVMF_INVLPG : UVMF_INVLPG | (unsigned long)&first_vcpu_alone);
        value = ask_reader();
        if (value != OLD && value != NEW)
            FAIL("without a flush the reader finds %x", value);
        stale += value == OLD;
        page_all(old_entry);
    }
}

/* ---- A whole table comes and goes */

static void table_update(u64 value)
{
    EXPECT("level 2", set_entry(entry_address(FAR_WINDOW, 2), value), 0);
}

static void whole_tables(void)
{
    u64 *table = (u64 *)scratch[3], mfn = va_to_mfn(table), own = read_entry(table, 1);

    memset(table, 0, 4096);
    table[0] = old_entry;
    EXPECT("read-only", CALL3(update_va_mapping, table, mfn << 12 | PTE_RO_FLAGS, UVMF_INVLPG | UVMF_ALL), 0);
    for (unsigned int round = 0; round < ROUNDS; round++) {
        table_update(mfn << 12 | PTE_RW_FLAGS);
        place = (const volatile u32 *)FAR_WINDOW;
        expect_before("by a table of its own", OLD);
        table_update(0);
        if (round & 1)
            extended(MMUEXT_TLB_FLUSH_ALL, NULL, NULL);
        else
            extended(MMUEXT_INVLPG_ALL, FAR_WINDOW, NULL);
        EXPECT("without the table", ask_reader(), FAULT);
    }
    place = (const volatile u32 *)WINDOW;
    EXPECT("writable again", CALL3(update_va_mapping, table, own, UVMF_INVLPG | UVMF_ALL), 0);
}

/* ---- Grants: what unmaps one flushes by itself */

static grant_handle_t map_grant(void)
{
    struct gnttab_map_grant_ref op = { .host_addr = (u64)WINDOW, .flags = GNTMAP_host_map, .ref = REF, .dom = own_domid() };

    CALL3(grant_table_op, GNTTABOP_map_grant_ref, &op, 1);
    EXPECT("map_grant_ref", op.status, GNTST_okay);
    return op.handle;
}

static void grants(void)
{
    volatile struct grant_entry_v1 *entry = &grant_table()[REF];

    entry->frame = (u32)va_to_mfn(scratch[2]);
    entry->domid = own_domid();
    entry->flags = GTF_permit_access;
    for (unsigned int round = 0; round < ROUNDS; round++) {
        struct gnttab_unmap_grant_ref unmap = { .host_addr = (u64)WINDOW };
        struct gnttab_unmap_and_replace replace = { .host_addr = (u64)WINDOW, .new_addr = (u64)scratch[4] };

        page_all(0);
        unmap.handle = replace.handle = map_grant();
        expect_before("a granted page", NEW);
        if (round & 1) {
            CALL3(grant_table_op, GNTTABOP_unmap_grant_ref, &unmap, 1);
            EXPECT("unmap_grant_ref", unmap.status, GNTST_okay);
            EXPECT("after unmap_grant_ref", ask_reader(), FAULT);
        } else {
            EXPECT("what replaces it", CALL3(update_va_mapping, scratch[4], old_entry, UVMF_INVLPG | UVMF_ALL), 0);
            CALL3(grant_table_op, GNTTABOP_unmap_and_replace, &replace, 1);
            EXPECT("unmap_and_replace", replace.status, GNTST_okay);
            EXPECT("after unmap_and_replace", ask_reader(), OLD);
        }
        page_all(old_entry);
    }
    entry->flags = 0;
}

/* ---- A frame that is given back */

static long reservation(unsigned int cmd, xen_pfn_t *frame)
{
    struct xen_memory_reservation op = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, frame);
    return CALL2(memory_op, cmd, &op);
}

/* The mapping goes without a flush, and the frame with it. Whoever gets the frame next must have it alone: here that is this
 * domain, mostly, which so learns that it was given out, and then nobody reads it by the old mapping. */
static void given_back(void)
{
    unsigned int same = 0;

    for (unsigned int round = 0; round < ROUNDS; round++) {
        xen_pfn_t frame, was = va_to_mfn(WINDOW);      /* an entry has more bits, some of them Xen's own */
        u32 value;

        *(volatile u32 *)WINDOW = OLD;
        expect_before("before it is given back", OLD);
        update(0, 0);
        frame = was;
        EXPECT("decrease_reservation", reservation(XENMEM_decrease_reservation, &frame), 1);
        frame = va_to_pfn(WINDOW);
        EXPECT("populate_physmap", reservation(XENMEM_populate_physmap, &frame), 1);
        value = ask_reader();
        if (frame == was) {
            same++;
            EXPECT("a frame that has been given out anew", value, FAULT);
        }
        old_entry = frame << 12 | PTE_RW_FLAGS;
        page_all(old_entry);
    }
    say("  %u of %u frames came back at once\n", same, ROUNDS);
}

void test_main(void)
{
    (void)shared_info_page();
    trap_hook = step_over_read;
    EXPECT("vm_assist", CALL2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    old_entry = read_entry(WINDOW, 1);
    new_entry = read_entry(scratch[2], 1);
    *(volatile u32 *)WINDOW = OLD;
    *(volatile u32 *)scratch[2] = NEW;
    place = (const volatile u32 *)WINDOW;
    if (!start_second_vcpu(reader))
        return;
    in_each_way();
    unflushed();
    whole_tables();
    grants();
    given_back();
    reader_ends = true;
    say("  %u stale reads\n", stale);
    if (!stale)
        verdict(ERROR, "a TLB never kept anything: nothing was shown");
}
