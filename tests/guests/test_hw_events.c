/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Events reach a kernel in a container as interrupts: by the domain's callback vector, by a vector of the vCPU's own
 * through its local APIC, out of HLT, SCHEDOP_block and SCHEDOP_poll; and not where they are masked. */
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/vcpu.h>

#include "lib/guest.h"

#define CALLBACK 0x50
#define UPCALL 0x61
#define WORD_BITS (8 * sizeof(unsigned long))
#define APIC ((volatile u32 *)0xfee00000)
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_ISR 0x100

static shared_info_t *info;
static volatile struct vcpu_info *mine;
static evtchn_port_t ipi;

/* Kernels say first that they have heard of it: the callback's vector comes again for as long as this is pending. */
static bool heard(struct trap_frame *frame)
{
    if (frame->vector == CALLBACK || frame->vector == UPCALL)
        mine->evtchn_upcall_pending = 0;
    return false;
}

static void send(void)
{
    struct evtchn_send op = { .port = ipi };

    EXPECT("send", CALL2(event_channel_op, EVTCHNOP_send, &op), 0);
}

/* Takes the port's event; was there one? */
static bool take(void)
{
    unsigned long bit = 1ul << ipi % WORD_BITS;
    bool selected = info->vcpu_info[0].evtchn_pending_sel >> ipi / WORD_BITS & 1;

    info->vcpu_info[0].evtchn_upcall_pending = 0;
    __atomic_store_n(&info->vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    return (__atomic_fetch_and(&info->evtchn_pending[ipi / WORD_BITS], ~bit, __ATOMIC_SEQ_CST) & bit) && selected;
}

static void mask_all_but_ours(void)
{
    memset(info->evtchn_mask, 0xff, sizeof(info->evtchn_mask));
    __atomic_fetch_and(&info->evtchn_mask[ipi / WORD_BITS], ~(1ul << ipi % WORD_BITS), __ATOMIC_SEQ_CST);
    info->vcpu_info[0].evtchn_upcall_pending = 0;
    info->vcpu_info[0].evtchn_pending_sel = 0;
}

/* Sends with interrupts off: nothing; then they are on for an instruction: the vector, once. */
static void deliver(const char *how, unsigned int vector)
{
    unsigned int before = interrupts[vector];

    send();
    asm volatile("nop; nop" ::: "memory");
    EXPECT(how, interrupts[vector] - before, 0);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT(how, interrupts[vector] - before, 1);
    if (!take())
        FAIL("%s: no event stands in shared_info", how);
}

static void by_callback(void)
{
    EXPECT("set_param", set_callback(CALLBACK_BY_VECTOR(CALLBACK)), 0);
    mask_all_but_ours();
    deliver("by the callback", CALLBACK);
    deliver("and again", CALLBACK);
}

static void masked(void)
{
    unsigned int before = interrupts[CALLBACK];

    __atomic_fetch_or(&info->evtchn_mask[ipi / WORD_BITS], 1ul << ipi % WORD_BITS, __ATOMIC_SEQ_CST);
    send();
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("a masked port", interrupts[CALLBACK] - before, 0);
    struct evtchn_unmask op = { .port = ipi };
    EXPECT("unmask", CALL2(event_channel_op, EVTCHNOP_unmask, &op), 0);
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("once it is unmasked", interrupts[CALLBACK] - before, 1);
    EXPECT("its bit", take(), true);
}

static void set_timer(u64 ns)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = now_ns() + ns };

    EXPECT("set_singleshot_timer", CALL3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op), 0);
}

static void out_of_sleep(void)
{
    struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER };
    struct evtchn_close close;
    struct sched_poll poll = { .nr_ports = 1 };
    unsigned int before = interrupts[CALLBACK];
    evtchn_port_t kept = ipi;

    EXPECT("bind_virq", CALL2(event_channel_op, EVTCHNOP_bind_virq, &bind), 0);
    ipi = bind.port;
    mask_all_but_ours();
    set_timer(3000000);
    asm volatile("sti; hlt; cli" ::: "memory");
    EXPECT("out of HLT", interrupts[CALLBACK] - before, 1);
    EXPECT("the timer's bit", take(), true);
    set_timer(3000000);
    interrupts_on();
    EXPECT("block", CALL2(sched_op, SCHEDOP_block, 0), 0);
    interrupts_off();
    /* One, or two on a computer so busy that the timer is over before the call: the event waits until take(). */
    EXPECT("out of SCHEDOP_block", interrupts[CALLBACK] - before - 2 <= 1, true);
    before = interrupts[CALLBACK];
    EXPECT("the timer's bit", take(), true);
    set_xen_guest_handle(poll.ports, &ipi);
    set_timer(3000000);
    EXPECT("poll", CALL2(sched_op, SCHEDOP_poll, &poll), 0);
    EXPECT("a poll takes no interrupt", interrupts[CALLBACK] - before, 0);
    EXPECT("the timer's bit", take(), true);
    close.port = ipi;
    EXPECT("close", CALL2(event_channel_op, EVTCHNOP_close, &close), 0);
    ipi = kept;
}

/* By the local APIC the vector is in service until its EOI, and held back by its priority. */
static void by_vector(void)
{
    struct xen_hvm_evtchn_upcall_vector op = { .vcpu = 0, .vector = UPCALL };
    unsigned int before, callbacks = interrupts[CALLBACK];

    op.vector = 15;
    EXPECT_ERROR("an exception's vector", CALL2(hvm_op, HVMOP_set_evtchn_upcall_vector, &op));
    op.vector = UPCALL, op.vcpu = 9999;
    EXPECT_ERROR("a vCPU that is none", CALL2(hvm_op, HVMOP_set_evtchn_upcall_vector, &op));
    op.vcpu = 0;
    EXPECT("set_evtchn_upcall_vector", CALL2(hvm_op, HVMOP_set_evtchn_upcall_vector, &op), 0);
    APIC[APIC_SVR / 4] = 0x1ff;
    mask_all_but_ours();
    deliver("by the vCPU's vector", UPCALL);
    EXPECT("in service", APIC[(APIC_ISR + UPCALL / 32 * 16) / 4] >> UPCALL % 32 & 1, 1);
    before = interrupts[UPCALL];
    send();
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("while it is in service", interrupts[UPCALL] - before, 0);
    APIC[APIC_EOI / 4] = 0;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    EXPECT("after its end", interrupts[UPCALL] - before, 1);
    APIC[APIC_EOI / 4] = 0;
    EXPECT("in service then", APIC[(APIC_ISR + UPCALL / 32 * 16) / 4], 0);
    EXPECT("the callback's vector meanwhile", interrupts[CALLBACK] - callbacks, 0);
    EXPECT("the bit", take(), true);
}

/* vcpu_info in a page of the kernel's own. */
static void moved(void)
{
    struct vcpu_register_vcpu_info op = { .mfn = frame_of(scratch[3]), .offset = 64 };

    EXPECT("register_vcpu_info", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &op), 0);
    mine = (void *)(scratch[3] + 64);
    EXPECT("everything is pending after the move", mine->evtchn_upcall_pending, 1);
    APIC[APIC_EOI / 4] = 0;
    asm volatile("sti; nop; nop; cli" ::: "memory");
    APIC[APIC_EOI / 4] = 0;
    mine->evtchn_upcall_pending = 0;
    mine->evtchn_pending_sel = 0;
    send();
    EXPECT("upcall", mine->evtchn_upcall_pending, 1);
    EXPECT("selector", mine->evtchn_pending_sel, 1ul << ipi / WORD_BITS);
    EXPECT_ERROR("a second time", CALL3(vcpu_op, VCPUOP_register_vcpu_info, 0, &op));
}

void test_main(void)
{
    struct evtchn_bind_ipi bind = { .vcpu = 0 };

    info = shared_info_page();
    mine = &info->vcpu_info[0];
    trap_hook = heard;
    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &bind), 0);
    ipi = bind.port;
    by_callback();
    masked();
    out_of_sleep();
    by_vector();
    moved();
    memset(info->evtchn_mask, 0, sizeof(info->evtchn_mask));
}
