/* SPDX-License-Identifier: MIT */
/* A test kernel in ring 3: traps, start, console and what the hypervisor shares with it. */
#include <xen/grant_table.h>

#include "lib/console.h"
#include "lib/guest.h"

start_info_t *start_info;
u64 trap_resume;
extern const char trap_stubs[], event_entry_stub[];

void trap_handler(struct trap_frame *frame);
void trap_handler(struct trap_frame *frame)
{
    if ((trap_hook && trap_hook(frame)) || frame->vector == 0x100)
        return;
    if (!trap_resume) {
        verdict(FAILURE, "unexpected trap %lu, error %lx, at %lx, rsp %lx", frame->vector, frame->error_code, frame->rip,
                frame->rsp);
        finish();
    }
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->rip = trap_resume;
    frame->cs |= 3;
    frame->ss |= 3;
    frame->rflags &= ~0x100UL;              /* a single step ends here */
}

void install_traps(void)
{
    static struct trap_info table[33];
    const char *stub = trap_stubs;

    for (unsigned int vector = 0; vector < 32; vector++, stub += 16)
        table[vector] = (struct trap_info){ .vector = (u8)vector, .flags = vector == 3 || vector == 4 ? 3 : 0,
                                            .cs = FLAT_KERNEL_CS, .address = (unsigned long)stub };
    if (CALL1(set_trap_table, table))
        verdict(ERROR, "set_trap_table refused");
    if (CALL3(set_callbacks, event_entry_stub, event_entry_stub, 0))
        verdict(ERROR, "set_callbacks refused");
}

void guest_start(start_info_t *info);
void guest_start(start_info_t *info)
{
    start_info = info;
    install_traps();
    if (!(info->flags & SIF_INITDOMAIN))
        console_attach(page_of_mfn(info->console.domU.mfn), info->console.domU.evtchn);
    say("TEST %s\n", TEST_NAME);
    test_main();
    finish();
}

unsigned long frame_of(const void *va)
{
    return va_to_mfn(va);
}

struct grant_entry_v1 *grant_table(void)
{
    static u8 page[4096] aligned(4096);
    static xen_pfn_t frame;
    struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };

    if (frame)
        return (struct grant_entry_v1 *)page;
    set_xen_guest_handle(op.frame_list, &frame);
    if (CALL3(grant_table_op, GNTTABOP_setup_table, &op, 1) || op.status != GNTST_okay ||
        CALL3(update_va_mapping, page, frame << 12 | PTE_RW_FLAGS, UVMF_INVLPG))
        verdict(ERROR, "the grant table cannot be mapped");
    return (struct grant_entry_v1 *)page;
}

shared_info_t *shared_info_page(void)
{
    static u8 page[4096] aligned(4096);
    static bool mapped;

    if (!mapped && CALL3(update_va_mapping, page, start_info->shared_info | PTE_RW_FLAGS, UVMF_INVLPG))
        verdict(ERROR, "shared_info cannot be mapped");
    mapped = true;
    return (shared_info_t *)page;
}
