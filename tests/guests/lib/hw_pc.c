/* SPDX-License-Identifier: MIT */
/* A PC's interrupt controllers for a test kernel, and a line that it drives by an event to itself. */
#include <xen/event_channel.h>

#include "lib/pc.h"

#define APIC(at) (((volatile u32 *)0xfee00000)[(at) / 4])
#define APIC_SVR 0xf0
#define APIC_LINT0 0x350
#define EXTERNAL 0x700u
#define ELCR 0x4d0
#define WORD_BITS (8 * sizeof(unsigned long))
#define PATIENCE 2000000000ull
#define FIRST_REST 20000ull
#define LONGEST_REST 5000000ull

static evtchn_port_t port;

void pic_start(u8 master_icw4)
{
    out8(ELCR, 0);
    out8(ELCR + 1, 0);
    out8(PIC, ICW1);
    out8(PIC + 1, PIC_VECTOR(0));
    out8(PIC + 1, 1 << 2);
    out8(PIC + 1, master_icw4);
    out8(PIC_SLAVE, ICW1);
    out8(PIC_SLAVE + 1, PIC_VECTOR(8));
    out8(PIC_SLAVE + 1, 2);
    out8(PIC_SLAVE + 1, ICW4);
    pic_masks(0xffff);
}

void pc_start(void)
{
    struct evtchn_bind_ipi bind = { .vcpu = 0 };
    shared_info_t *info = shared_info_page();

    line_is(0);
    mask_events();
    if (CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind))
        verdict(ERROR, "no port to be had");
    port = bind.port;
    __atomic_fetch_and(&info->evtchn_mask[port / WORD_BITS], ~(1ul << port % WORD_BITS), __ATOMIC_SEQ_CST);
    pic_start(ICW4);
    APIC(APIC_SVR) = 0x1ff;
    APIC(APIC_LINT0) = EXTERNAL;
}

void rest(u64 *step)
{
    *step = *step ? *step * 2 : FIRST_REST;
    if (*step > LONGEST_REST)
        *step = LONGEST_REST;
    nap(*step);
}

bool await_irq(unsigned int irq, unsigned int number)
{
    u64 limit = now_ns() + PATIENCE, step = 0;

    for (;;) {
        let_in();
        if (interrupts[PIC_VECTOR(irq)] >= number || now_ns() > limit)
            break;
        rest(&step);
    }
    return interrupts[PIC_VECTOR(irq)] >= number;
}

void line_is(unsigned int irq)
{
    if (set_callback(irq))
        verdict(ERROR, "line %u is not to be had", irq);
}

void line_up(void)
{
    struct evtchn_send op = { .port = port };

    if (CALL2(event_channel_op, EVTCHNOP_send, &op))
        verdict(ERROR, "no event to be had");
}

/* The hypervisor looks at what waits when it is called. */
void line_down(void)
{
    struct vcpu_info *mine = &shared_info_page()->vcpu_info[0];

    mine->evtchn_upcall_pending = 0;
    mine->evtchn_pending_sel = 0;
    __atomic_fetch_and(&shared_info_page()->evtchn_pending[port / WORD_BITS], ~(1ul << port % WORD_BITS), __ATOMIC_SEQ_CST);
    (void)CALL2(xen_version, XENVER_version, 0);
}
