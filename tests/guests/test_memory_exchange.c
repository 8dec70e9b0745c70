/* SPDX-License-Identifier: MIT */
/* Memory given back and exchanged: a frame in use stays, a frame goes once, what has gone cannot be reached by any old
 * name, a failed exchange leaves everything as it was, and sizes that overflow are refused. */
#include "lib/guest.h"

static xen_pfn_t in[4], out[4];

static long exchange(unsigned long n, unsigned int in_order, unsigned long n_out, unsigned int out_order,
                     unsigned long done)
{
    struct xen_memory_exchange op = {
        .in = { .nr_extents = n, .extent_order = in_order, .domid = DOMID_SELF },
        .out = { .nr_extents = n_out, .extent_order = out_order, .domid = DOMID_SELF }, .nr_exchanged = done };

    set_xen_guest_handle(op.in.extent_start, in);
    set_xen_guest_handle(op.out.extent_start, out);
    return CALL2(memory_op, XENMEM_exchange, &op);
}

static long reservation(unsigned int cmd, unsigned long n, unsigned int order)
{
    struct xen_memory_reservation op = { .nr_extents = n, .extent_order = order, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, in);
    return CALL2(memory_op, cmd, &op);
}

static long tot_pages(void)
{
    domid_t self = DOMID_SELF;

    return CALL2(memory_op, XENMEM_current_reservation, &self);
}

static long machphys(u64 mfn, u64 pfn)
{
    mmu_update_t update = { .ptr = mfn << 12 | MMU_MACHPHYS_UPDATE, .val = pfn };

    return CALL4(mmu_update, &update, 1, 0, DOMID_SELF);
}

static void frames_in_use(void)
{
    long pages = tot_pages();

    in[0] = va_to_mfn(scratch[0]);
    EXPECT_ERROR("exchange of a mapped frame", exchange(1, 0, 1, 0, 0));
    in[0] = va_to_mfn(table_of(scratch[0], 1));
    EXPECT_ERROR("exchange of a page table", exchange(1, 0, 1, 0, 0));
    in[0] = va_to_mfn((void *)start_info->pt_base);
    EXPECT_ERROR("exchange of the level-4 table", exchange(1, 0, 1, 0, 0));
    in[0] = 0x200;
    EXPECT_ERROR("exchange of Prism's image", exchange(1, 0, 1, 0, 0));
    in[0] = ~0UL;
    EXPECT_ERROR("exchange of no frame", exchange(1, 0, 1, 0, 0));
    EXPECT("frames afterwards", tot_pages(), pages);
}

/* With its last mapping gone a frame can go, all of a chunk or none. */
static void unmapped(void)
{
    u64 entry = read_entry(scratch[0], 1), mfn = va_to_mfn(scratch[0]), pfn = va_to_pfn(scratch[0]);
    long pages = tot_pages();

    EXPECT("unmap", CALL3(update_va_mapping, scratch[0], 0, UVMF_INVLPG), 0);
    in[0] = in[1] = mfn;
    EXPECT_ERROR("the same frame twice for two in a row", exchange(2, 0, 1, 1, 0));
    in[1] = va_to_mfn(scratch[1]);
    EXPECT_ERROR("one that is free to go, one that is not", exchange(2, 0, 1, 1, 0));
    EXPECT("its number", (long)machine_to_phys_mapping[mfn], (long)pfn);
    EXPECT("mapped again", CALL3(update_va_mapping, scratch[0], entry, UVMF_INVLPG), 0);
    EXPECT("and again unmapped", CALL3(update_va_mapping, scratch[0], 0, UVMF_INVLPG), 0);
    out[0] = pfn;
    EXPECT("exchange", exchange(1, 0, 1, 0, 0), 0);
    EXPECT("the new frame's number", (long)machine_to_phys_mapping[out[0]], (long)pfn);
    if (out[0] != mfn) {
        EXPECT_ERROR("mapping of the frame that has gone", CALL3(update_va_mapping, scratch[0], entry, UVMF_INVLPG));
        EXPECT_ERROR("a number for it", machphys(mfn, 1));
        EXPECT("its number", (long)machine_to_phys_mapping[mfn], -1);
        EXPECT_ERROR("exchange of it", exchange(1, 0, 1, 0, 0));
    }
    EXPECT("mapping of the new one", CALL3(update_va_mapping, scratch[0], out[0] << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    for (unsigned int i = 0; i < 4096; i++)
        if (scratch[0][i])
            FAIL("byte %u of a new frame is %u", i, scratch[0][i]);
    EXPECT("frames afterwards", tot_pages(), pages);
}

/* Given back while mapped: the frame stays what it is until the last mapping goes. */
static void given_back(void)
{
    long pages = tot_pages();
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = va_to_mfn(scratch[2]) };

    in[0] = pin.arg1.mfn;
    scratch[2][0] = 42;
    EXPECT("decrease", reservation(XENMEM_decrease_reservation, 1, 0), 1);
    EXPECT("a second time", reservation(XENMEM_decrease_reservation, 1, 0), 0);
    EXPECT("frames while it is mapped", tot_pages(), pages);
    EXPECT("its contents", scratch[2][0], 42);
    EXPECT_ERROR("exchange of it", exchange(1, 0, 1, 0, 0));
    EXPECT("unmap", CALL3(update_va_mapping, scratch[2], 0, UVMF_INVLPG), 0);
    EXPECT("frames when it has gone", tot_pages(), pages - 1);
    EXPECT_ERROR("mapping it", CALL3(update_va_mapping, scratch[2], in[0] << 12 | PTE_RO_FLAGS, UVMF_INVLPG));
    EXPECT_ERROR("pinning it", CALL4(mmuext_op, &pin, 1, 0, DOMID_SELF));
    EXPECT("its number", (long)machine_to_phys_mapping[in[0]], -1);
    in[0] = va_to_pfn(scratch[2]);
    EXPECT("populate", reservation(XENMEM_populate_physmap, 1, 0), 1);
    EXPECT("mapping of the new one", CALL3(update_va_mapping, scratch[2], in[0] << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    EXPECT("its first byte", scratch[2][0], 0);
    EXPECT("frames", tot_pages(), pages);
}

static void sizes(void)
{
    static const unsigned int orders[] = { 10, 19, 31, 52, 63, 64, 0x80000000, 0xffffffff };
    static const unsigned long counts[] = { 0x10000000000000, 0x1000000000000, 1UL << 63, ~0UL };

    in[0] = va_to_mfn(scratch[0]);
    for (unsigned int i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        EXPECT_ERROR("exchange to a large order", exchange(1, 0, 1, orders[i], 0));
        EXPECT_ERROR("exchange from a large order", exchange(1, orders[i], 1, 0, 0));
        EXPECT_ERROR("exchange of a large order", exchange(1, orders[i], 1, orders[i], 0));
        if (orders[i] > 18)
            EXPECT("populate with a large order", reservation(XENMEM_populate_physmap, 1, orders[i]), 0);
    }
    for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        EXPECT_ERROR("exchange of very many", exchange(counts[i], 0, counts[i], 0, 0));
        EXPECT_ERROR("exchange of very many for few", exchange(counts[i], 4, 0, 4, 0));
        EXPECT_ERROR("an exchange that is further than its end", exchange(1, 0, 1, 0, counts[i]));
    }
    EXPECT_ERROR("exchange of two for one", exchange(2, 0, 1, 0, 0));
    EXPECT_ERROR("a number for Prism's frame", machphys(0x200, 1));
    EXPECT_ERROR("a number beyond the table", machphys(0xfffffffffffUL, 1));
}

void test_main(void)
{
    frames_in_use();
    unmapped();
    given_back();
    sizes();
}
