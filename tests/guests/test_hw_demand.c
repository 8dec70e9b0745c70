/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
// xl: memory=32 maxmem=96
/* More memory than there are frames for. Every page is there and zero; what was written stays, whoever comes first to a
 * page: an instruction, a hypercall, the emulator, another domain. */
#include <xen/grant_table.h>

#include "lib/hostile.h"

#define FIRST 0x500000ul          /* behind the kernel's image and tables */
#define END 0x5f00000ul           /* 95 MiB */
#define KEPT_END 0x1500000ul      /* 16 MiB of it are written to */
#define REF 11

static unsigned long word(unsigned long at) { return *(volatile unsigned long *)at; }

static long reservation_now(void)
{
    domid_t self = DOMID_SELF;

    return CALL2(memory_op, XENMEM_current_reservation, &self);
}

/* Reading all of it takes three times the frames there are: those of pages that were only read go round. */
static void expect_zero(unsigned long from)
{
    for (unsigned long at = from; at < END; at += 4096)
        if (word(at) || word(at + 4096 - sizeof(long))) {
            FAIL("%lx is not zero", at);
            return;
        }
}

/* Firmware has used some of it. What it has left goes, so that all is zero from here on. */
static void clear(void)
{
    for (unsigned long at = FIRST; at < END; at += sizeof(long))
        if (word(at))
            *(volatile unsigned long *)at = 0;
}

static void write_some(void)
{
    for (unsigned long at = FIRST; at < KEPT_END; at += 4096)
        *(volatile unsigned long *)(at + 8) = at;
}

static void expect_written(unsigned long from)
{
    for (unsigned long at = from; at < KEPT_END; at += 4096)
        if (word(at + 8) != at) {
            FAIL("%lx holds %lx", at + 8, word(at + 8));
            return;
        }
}

/* Two pages at once: both have to be there in the end. */
static void two_pages(void)
{
    unsigned long from = KEPT_END, to = KEPT_END + 0x10000, count = 2;

    asm volatile("rep movsl" : "+S" (from), "+D" (to), "+c" (count) :: "memory");
    *(volatile unsigned long *)(KEPT_END + 0x20ffe) = 0x11223344;
    EXPECT("a word across two pages", word(KEPT_END + 0x20ffe), 0x11223344);
    from = KEPT_END + 0x30000, to = (unsigned long)gfn_to_va(EMPTY_GFN), count = 2;
    asm volatile("rep movsl" : "+S" (from), "+D" (to), "+c" (count) :: "memory");
    from = (unsigned long)gfn_to_va(EMPTY_GFN), to = KEPT_END + 0x40000, count = 64;
    asm volatile("rep movsl" : "+S" (from), "+D" (to), "+c" (count) :: "memory");
    EXPECT("ones from where nothing is", (u32)word(KEPT_END + 0x40000), 0xffffffff);
}

/* By hypercall: an argument, a page given back, a place taken, a page granted. */
static void hypercalls(void)
{
    struct grant_entry_v1 *table = grant_table();
    struct gnttab_copy copy = { .source = { .u.ref = REF, .domid = DOMID_SELF }, .len = 8, .flags = GNTCOPY_source_gref,
                                .dest = { .u.gmfn = frame_of(scratch[0]), .domid = DOMID_SELF } };
    void *argument = (void *)(KEPT_END + 0x50000);
    unsigned long gfn = (KEPT_END >> 12) + 0x100;
    long before;

    EXPECT("the version's text", CALL2(xen_version, XENVER_extraversion, argument), 0);
    if (!*(char *)argument)
        FAIL("nothing was written there");
    before = reservation_now();
    EXPECT("a page without a frame is given back", decrease_reservation(gfn), 1);
    EXPECT("once", decrease_reservation(gfn), 0);
    EXPECT("a page with a frame", decrease_reservation(FIRST >> 12), 1);
    EXPECT("frames now, for others", reservation_now(), before);
    EXPECT("the clock's page is in place of one", add_to_physmap(XENMAPSPACE_shared_info, 0, gfn + 1), 0);
    EXPECT("and back", add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN), 0);
    scratch[0][0] = 1;
    table[REF] = (struct grant_entry_v1){ .flags = GTF_permit_access, .domid = own_domid(), .frame = (u32)gfn + 2 };
    copy.source.domid = own_domid();
    EXPECT("copy", CALL3(grant_table_op, GNTTABOP_copy, &copy, 1), 0);
    EXPECT("its status", copy.status, GNTST_okay);
    EXPECT("zero by a grant", scratch[0][0], 0);
    table[REF].flags = 0;
}

/* As a balloon driver does until it has what it is to have. */
static void balloon(void)
{
    unsigned long gfn = (KEPT_END >> 12) + 0x200;

    for (; gfn < END >> 12; gfn++)
        if (decrease_reservation(gfn) != 1) {
            FAIL("gfn %lx is not to be given back", gfn);
            return;
        }
}

void test_main(void)
{
    long total = reservation_now();

    if (total > 10000 || total < 8000)
        verdict(ERROR, "%ld frames at the start: is maxmem set?", total);
    if (has_firmware())
        clear();
    expect_zero(FIRST);
    write_some();
    expect_zero(KEPT_END);
    expect_written(FIRST);
    two_pages();
    hypercalls();
    balloon();
    expect_written(FIRST + 4096);
}
