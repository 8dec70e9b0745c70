/* SPDX-License-Identifier: MIT */
/* What the worlds of both kinds of kernel have in common. */
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/vcpu.h>

#include "fuzz/fuzz.h"

u8 area[AREA_PAGES + 1][4096] page_aligned;
u8 read_only[4096] page_aligned;
u8 list_page[2][4096] page_aligned;
u8 output[2][4096] page_aligned;
u64 start_ns;

void world_common(void)
{
    start_ns = now_ns();
    grant_table();
    memset(read_only, 0x5a, sizeof(read_only));
}

/* Grants to all kinds of domains, of all kinds of frames. */
u64 grant_entry(void)
{
    struct grant_entry_v1 entry = { .flags = (u16)(chance(4) ? random() : GTF_permit_access | (chance(3) ? GTF_readonly : 0)),
                                    .domid = (domid_t)draw(K_DOMID, 0), .frame = (u32)draw(K_FRAME, 0) };
    u64 value;

    memcpy(&value, &entry, sizeof(value));
    return chance(3) ? random() : value;
}

/* The timer's event is bound and not masked, and nothing else is pending. */
void world_wake(void)
{
    volatile struct shared_info *s = world_shared_info();
    struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER, .vcpu = 0 };
    struct vcpu_set_singleshot_timer timer = { .timeout_abs_ns = now_ns() + 500000 + below(2000000) };
    static evtchn_port_t port;

    if (CALL2(event_channel_op, EVTCHNOP_bind_virq, &bind) == 0)
        port = bind.port;
    for (unsigned int i = 0; i < ARRAY_SIZE(s->evtchn_pending); i++)
        s->evtchn_pending[i] = 0;
    s->vcpu_info[0].evtchn_pending_sel = 0;
    s->vcpu_info[0].evtchn_upcall_pending = 0;
    CALL2(event_channel_op, EVTCHNOP_unmask, &(struct evtchn_unmask){ .port = port });
    CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &timer);
}
