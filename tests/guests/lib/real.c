/* SPDX-License-Identifier: MIT */
/* A test kernel in real mode: traps and interrupts, start. */
#include "lib/guest.h"

#define LAST_EXCEPTION 31
#define STUB_BYTES 16
#define FLAG_TF 0x100u

unsigned long trap_resume, trap_stack;
volatile u32 interrupts[VECTORS];
u8 boot_drive;
extern const char trap_stubs[];

struct far take_vector(u8 vector)
{
    struct far old = { ivt()[vector].offset, ivt()[vector].segment };

    give_vector(vector, (struct far){ (u16)((unsigned long)trap_stubs + STUB_BYTES * vector), 0 });
    return old;
}

void trap_handler(struct trap_frame *frame);
void trap_handler(struct trap_frame *frame)
{
    if (trap_hook && trap_hook(frame))
        return;
    interrupts[frame->vector]++;
    if (!trap_resume)
        return;
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->ip = (u16)trap_resume;
    frame->flags &= (u16)~FLAG_TF;          /* a single step ends here */
}

shared_info_t *shared_info_page(void)
{
    static bool there;
    struct xen_add_to_physmap op = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = SHARED_INFO_AT >> 12 };

    if (!there && CALL2(memory_op, XENMEM_add_to_physmap, &op))
        verdict(ERROR, "shared_info cannot be mapped");
    there = true;
    return (shared_info_t *)SHARED_INFO_AT;
}

void guest_start(void);
void guest_start(void)
{
    say("TEST %s\n", TEST_NAME);
    test_main();
    finish();
}
