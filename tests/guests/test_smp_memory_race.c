/* SPDX-License-Identifier: MIT */
/* Two vCPUs do at random, to the same few frames, everything that changes what a frame is: map it, pin it as page table
 * of each level, use it as descriptor table and base pointer, grant, copy, exchange, give back, populate. Whatever
 * the single calls answer, Prism survives it, a grant can be unmapped where it was mapped, and when all uses are ended
 * no reference is left: every frame can go. With one vCPU the same, in one order. */
#include <xen/grant_table.h>

#include "lib/players.h"

#define FRAMES 6            /* mapped at scratch[1] to scratch[6] at the start */
#define ROUNDS 6000
#define FIRST_REF 8
/* By the time that a vCPU uses a number it has read here, the frame may be given back, and given out again for another place:
 * a place may be left with a number that is nobody's, and a frame without a place. 0: none; 1: one is on its way. */
static volatile u64 frames[FRAMES];
static u64 seen[FRAMES + 2 * ROUNDS];   /* every frame that there was */
static volatile u32 nr_seen;
static volatile u32 nr_given_back, nr_populated;
static volatile u64 *grants;
static volatile bool second_done;
/* How often what worked: the test says nothing where nothing ever does. By MMUEXT_*, and: */
enum { EXCHANGED = 64, GRANTED, REPLACED, GDT_SET, COPIED, NR_COUNTS };
static volatile u32 succeeded[NR_COUNTS];
extern u8 race_selector[], race_selector_end[];

struct player { u64 seed; u8 *window; };   /* window: the page where this vCPU maps its grants */

static unsigned int below(struct player *p, unsigned int n) { return random_below(&p->seed, n); }

static u8 *any_page(struct player *p) { return scratch[1 + below(p, FRAMES)]; }
static u64 any_frame(struct player *p) { return frames[below(p, FRAMES)]; }

static u64 any_entry(struct player *p)
{
    static const u64 flags[] = { PTE_RW_FLAGS, PTE_RO_FLAGS, 0, PTE_RW_FLAGS, PTE_RW_FLAGS | 0x10 };

    return any_frame(p) << 12 | flags[below(p, 5)];
}

static void extended(unsigned int cmd, u64 a, u64 b)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = a, .arg2.src_mfn = b };

    if (CALL4(mmuext_op, &op, 1, 0, DOMID_SELF) == 0)
        succeeded[cmd]++;
}

static void remember(u64 frame)
{
    seen[__atomic_fetch_add(&nr_seen, 1, __ATOMIC_SEQ_CST)] = frame;
}

/* A frame is exchanged or given back by one vCPU: the other's attempt on the same finds it gone. The new one, or 0. */
static u64 exchange(xen_pfn_t in)
{
    xen_pfn_t out = 0;
    struct xen_memory_exchange op = { .in = { .nr_extents = 1, .domid = DOMID_SELF },
                                      .out = { .nr_extents = 1, .domid = DOMID_SELF } };

    set_xen_guest_handle(op.in.extent_start, &in);
    set_xen_guest_handle(op.out.extent_start, &out);
    return CALL2(memory_op, XENMEM_exchange, &op) == 0 ? out : 0;
}

static void exchange_any(struct player *p)
{
    unsigned int i = below(p, FRAMES);
    u64 frame = exchange(frames[i]);

    if (!frame)
        return;
    remember(frame);
    frames[i] = frame;
    succeeded[EXCHANGED]++;
}

static long reservation(unsigned int cmd, xen_pfn_t *frame)
{
    struct xen_memory_reservation op = { .nr_extents = 1, .domid = DOMID_SELF };

    set_xen_guest_handle(op.extent_start, frame);
    return CALL2(memory_op, cmd, &op);
}

static void replace(unsigned int i)
{
    xen_pfn_t frame = frames[i];

    if (frame == 1)
        return;
    if (frame && reservation(XENMEM_decrease_reservation, &frame) == 1)
        __atomic_fetch_add(&nr_given_back, 1, __ATOMIC_SEQ_CST);
    frames[i] = 0;
    frame = 0x200;   /* its number, which nobody else has */
    if (__atomic_exchange_n(&frames[i], 1, __ATOMIC_SEQ_CST))
        return;
    if (reservation(XENMEM_populate_physmap, &frame) == 1) {
        __atomic_fetch_add(&nr_populated, 1, __ATOMIC_SEQ_CST);
        remember(frame);
        frames[i] = frame;
    } else {
        frames[i] = 0;
    }
}

static void descriptor_tables(struct player *p)
{
    xen_pfn_t frame = any_frame(p);

    switch (below(p, 4)) {
    case 0: succeeded[GDT_SET] += CALL2(set_gdt, &frame, 512) == 0; break;
    case 1: CALL2(set_gdt, 0, 0); break;
    case 2: extended(MMUEXT_SET_LDT, (u64)any_page(p), below(p, 1000)); break;
    default:   /* the processor looks at the LDT; whatever it finds there is stepped over */
        asm volatile(".globl race_selector, race_selector_end\nrace_selector: mov %0, %%fs\nrace_selector_end:"
                     :: "r" (7 + 8 * below(p, 600)) : "memory");
    }
}

static void grant(struct player *p)
{
    unsigned int i = below(p, FRAMES), ref = FIRST_REF + i;
    u64 header = GTF_permit_access | (below(p, 8) ? 0 : GTF_readonly);
    struct gnttab_map_grant_ref map = { .host_addr = (u64)p->window, .ref = ref, .flags = GNTMAP_host_map };
    struct gnttab_unmap_and_replace unmap = { .host_addr = (u64)p->window };
    struct gnttab_set_version version = { .version = 1 + below(p, 2) };

    if (below(p, 20) == 0)
        CALL3(grant_table_op, GNTTABOP_set_version, &version, 1);
    grants[ref] = header | frames[i] << 32;   /* version 1 */
    grants[ref * 2 + 1] = frames[i];          /* version 2 */
    grants[ref * 2] = header;
    if (below(p, 3) == 0)
        map.flags |= GNTMAP_readonly;
    CALL3(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
    if (map.status)
        return;
    succeeded[GRANTED]++;
    unmap.handle = map.handle;
    unmap.new_addr = below(p, 2) ? (u64)any_page(p) : below(p, 8) ? 0 : (u64)p->window;
    CALL3(grant_table_op, GNTTABOP_unmap_and_replace, &unmap, 1);
    if (unmap.status == GNTST_okay) {
        succeeded[REPLACED] += unmap.new_addr != 0;
        return;
    }
    unmap.new_addr = 0;
    CALL3(grant_table_op, GNTTABOP_unmap_and_replace, &unmap, 1);
    EXPECT("unmap where it was mapped", unmap.status, GNTST_okay);
}

static void copy(struct player *p)
{
    struct gnttab_copy op = { .source = { .u.gmfn = any_frame(p), .domid = DOMID_SELF },
                              .dest = { .u.gmfn = any_frame(p), .domid = DOMID_SELF }, .len = 4096 };

    CALL3(grant_table_op, GNTTABOP_copy, &op, 1);
    succeeded[COPIED] += op.status == GNTST_okay;
}

static void one(struct player *p)
{
    switch (below(p, 16)) {
    case 0: case 1: CALL3(update_va_mapping, any_page(p), any_entry(p), UVMF_INVLPG * below(p, 2)); break;
    case 2: case 3: CALL3(update_va_mapping, any_page(p), 0, 0); break;
    case 4: case 5: extended(MMUEXT_PIN_L1_TABLE + below(p, 4), any_frame(p), 0); break;
    case 6: case 7: extended(MMUEXT_UNPIN_TABLE, any_frame(p), 0); break;
    case 8: exchange_any(p); break;
    case 9: replace(below(p, FRAMES)); break;
    case 10: descriptor_tables(p); break;
    case 11: grant(p); break;
    case 12: extended(below(p, 2) ? MMUEXT_CLEAR_PAGE : MMUEXT_COPY_PAGE, any_frame(p), any_frame(p)); break;
    case 13: extended(MMUEXT_NEW_USER_BASEPTR, below(p, 2) ? any_frame(p) : 0, 0); break;
    case 14: copy(p); break;
    default: set_entry(any_frame(p) << 12 | 8 * (below(p, 2) ? 511 : below(p, 8)), any_entry(p)); break;
    }
}

static void play(struct player *p)
{
    for (unsigned int round = 0; round < ROUNDS; round++)
        one(p);
    CALL2(set_gdt, 0, 0);
    extended(MMUEXT_SET_LDT, 0, 0);
    extended(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    EXPECT("the window", CALL3(update_va_mapping, p->window, 0, UVMF_INVLPG), 0);
}

static void second(void)
{
    struct player p = { 42, scratch[8] };

    play(&p);
    second_done = true;
}

static bool step_over(struct trap_frame *frame)
{
    if (frame->rip != (u64)race_selector)
        return false;
    frame->rip = (u64)race_selector_end;
    return true;
}

static long tot_pages(void)
{
    domid_t self = DOMID_SELF;

    return CALL2(memory_op, XENMEM_current_reservation, &self);
}

static void setup(void)
{
    static xen_pfn_t frame;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };

    set_xen_guest_handle(op.frame_list, &frame);
    EXPECT("setup_table", CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    EXPECT("grants", CALL3(update_va_mapping, scratch[0], frame << 12 | PTE_RW_FLAGS, UVMF_INVLPG), 0);
    grants = (u64 *)scratch[0];
    for (unsigned int i = 0; i < FRAMES; i++)
        remember(frames[i] = va_to_mfn(scratch[1 + i]));
    EXPECT("window", CALL3(update_va_mapping, scratch[7], 0, UVMF_INVLPG), 0);
    EXPECT("window", CALL3(update_va_mapping, scratch[8], 0, UVMF_INVLPG), 0);
}

static void no_reference_left(long pages)
{
    u32 nr = nr_seen;

    for (unsigned int i = 0; i < FRAMES; i++)
        EXPECT("unmap", CALL3(update_va_mapping, scratch[1 + i], 0, UVMF_INVLPG), 0);
    for (unsigned int i = 0; i < nr; i++)
        extended(MMUEXT_UNPIN_TABLE, seen[i], 0);
    /* One that is given back counts as the domain's until nobody refers to it. */
    for (unsigned int i = 0; i < nr; i++) {
        xen_pfn_t frame = seen[i];

        if (!exchange(frame) && reservation(XENMEM_decrease_reservation, &frame) == 1)
            FAIL("frame %lx is still referred to", seen[i]);
    }
    EXPECT("frames in all", tot_pages(), pages + nr_populated - nr_given_back);
}

void test_main(void)
{
    static const unsigned int wanted[] = { MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE,
        MMUEXT_PIN_L4_TABLE, MMUEXT_UNPIN_TABLE, MMUEXT_CLEAR_PAGE, MMUEXT_COPY_PAGE, EXCHANGED, GRANTED,
        REPLACED, GDT_SET, COPIED };
    struct player p = { 4711, scratch[7] };
    bool two = vcpus() > 1;
    long pages;

    setup();
    trap_hook = step_over;
    pages = tot_pages();
    if (two && !start_second_vcpu(second))
        return;
    play(&p);
    while (two && !second_done)
        CALL2(sched_op, SCHEDOP_yield, 0);
    no_reference_left(pages);
    for (unsigned int i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        say("  operation %u: %u times\n", wanted[i], succeeded[wanted[i]]);
        if (!succeeded[wanted[i]])
            verdict(ERROR, "operation %u never succeeded", wanted[i]);
    }
    say("  given back: %u, populated: %u\n", nr_given_back, nr_populated);
    if (!nr_given_back || !nr_populated)
        verdict(ERROR, "no frame was given back and replaced");
}
