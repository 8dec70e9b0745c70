/* SPDX-License-Identifier: MIT */
/* A test kernel in a hardware container: traps and interrupts, start, console and what the hypervisor shares with it. */
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>

#include "lib/console.h"
#include "lib/guest.h"

#define KERNEL_CS_64 0x18
#define KERNEL_CS_32 0x08
#define LAST_EXCEPTION 31

u32 hvm_start_info;                         /* its address, as the entry found it */
unsigned long trap_resume, trap_stack, last_cr2;
volatile unsigned int interrupts[256];
extern const char trap_stubs[];

/* ---- Traps */

#ifdef __x86_64__
struct gate { u16 low, selector; u8 stack, type; u16 middle; u32 high, zero; } tight;
#else
struct gate { u16 low, selector; u8 stack, type; u16 middle; } tight;
#endif
static struct gate idt[256] page_aligned;
static struct { u16 limit; unsigned long base; } tight idt_pointer = { sizeof(idt) - 1, (unsigned long)idt };

static struct gate make_gate(unsigned long address)
{
    struct gate g = { .low = (u16)address, .type = 0x8e, .middle = (u16)(address >> 16) };

#ifdef __x86_64__
    g.selector = KERNEL_CS_64;
    g.high = (u32)(address >> 32);
#else
    g.selector = KERNEL_CS_32;
#endif
    return g;
}

void load_idt(void);
void load_idt(void)
{
    asm volatile("lidt %0" :: "m" (idt_pointer));
}

void install_traps(void)
{
    for (unsigned int vector = 0; vector < 256; vector++)
        idt[vector] = make_gate((unsigned long)trap_stubs + 16 * vector);
    load_idt();
}

void trap_handler(struct trap_frame *frame);
void trap_handler(struct trap_frame *frame)
{
    if (trap_hook && trap_hook(frame))
        return;
    if (frame->vector > LAST_EXCEPTION) {
        interrupts[frame->vector]++;
        return;
    }
    asm volatile("mov %%cr2, %0" : "=r" (last_cr2));
    if (!trap_resume) {
        verdict(FAILURE, "unexpected trap %lu, error %lx, at %lx, CR2 %lx", (unsigned long)frame->vector,
                (unsigned long)frame->error_code, (unsigned long)frame->rip, last_cr2);
        finish();
    }
    last_trap = *frame;
    trap_vector = (long)frame->vector;
    frame->rip = trap_resume;
    frame->rflags &= ~0x100u;               /* a single step ends here */
}

/* ---- Memory */

unsigned long frame_of(const void *va)
{
    return (unsigned long)va >> 12;
}

long add_to_physmap(unsigned int space, unsigned long idx, unsigned long gfn)
{
    struct xen_add_to_physmap op = { .domid = DOMID_SELF, .space = space, .idx = idx, .gpfn = gfn };

    return CALL2(memory_op, XENMEM_add_to_physmap, &op);
}

static long reservation(unsigned int op, unsigned long gfn)
{
    struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
    xen_pfn_t frame = gfn;

    set_xen_guest_handle(r.extent_start, &frame);
    return CALL2(memory_op, op, &r);
}

long decrease_reservation(unsigned long gfn)
{
    return reservation(XENMEM_decrease_reservation, gfn);
}

long populate(unsigned long gfn)
{
    return reservation(XENMEM_populate_physmap, gfn);
}

shared_info_t *shared_info_page(void)
{
    static bool there;

    if (!there && add_to_physmap(XENMAPSPACE_shared_info, 0, SHARED_INFO_GFN))
        verdict(ERROR, "shared_info cannot be mapped");
    there = true;
    return gfn_to_va(SHARED_INFO_GFN);
}

void mask_events(void)
{
    shared_info_t *info = shared_info_page();

    memset(info->evtchn_mask, 0xff, sizeof(info->evtchn_mask));
    info->vcpu_info[0].evtchn_upcall_pending = 0;
    info->vcpu_info[0].evtchn_pending_sel = 0;
}

struct grant_entry_v1 *grant_table(void)
{
    static bool there;

    if (!there && add_to_physmap(XENMAPSPACE_grant_table, 0, GRANT_TABLE_GFN))
        verdict(ERROR, "the grant table cannot be mapped");
    there = true;
    return gfn_to_va(GRANT_TABLE_GFN);
}

/* ---- Start */

static u64 param(u32 index)
{
    struct xen_hvm_param op = { .domid = DOMID_SELF, .index = index };

    return CALL2(hvm_op, HVMOP_get_param, &op) ? 0 : op.value;
}

long set_callback(u64 via)
{
    struct xen_hvm_param op = { .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ, .value = via };

    return CALL2(hvm_op, HVMOP_set_param, &op);
}

/* A guest tells how wide it is by the way it asks for its callback. Vector 0xff: nobody uses it. */
static void tell_width(void)
{
    if (set_callback(CALLBACK_BY_VECTOR(0xff)))
        verdict(ERROR, "no callback to be had");
}

void guest_start(void);
void guest_start(void)
{
    install_traps();
    tell_width();
    console_attach(gfn_to_va((unsigned long)param(HVM_PARAM_CONSOLE_PFN)), (u32)param(HVM_PARAM_CONSOLE_EVTCHN));
    say("TEST %s\n", TEST_NAME);
    test_main();
    finish();
}
