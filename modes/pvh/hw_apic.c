/* SPDX-License-Identifier: MIT */
/* The emulated local APIC in its domain: its timer, its page and MSRs, and interrupts between vCPUs. */
#include "cpu/time.h"
#include "dom/sched.h"
#include "modes/pvh/pvh.h"

#define MSR_X2APIC 0x800
#define FURTHEST (1UL << 60)   /* ticks: many years */
enum delivery { DELIVER_FIXED, DELIVER_LOWEST, DELIVER_SMI, DELIVER_NMI = 4, DELIVER_INIT, DELIVER_STARTUP };
enum shorthand { TO_DESTINATION, TO_SELF, TO_ALL, TO_OTHERS };

bool hw_has_lapic(const struct domain *d)
{
    return d->emulation_flags & XEN_X86_EMU_LAPIC;
}

/* ---- The timer */

void hw_apic_restart_timer(struct hw_vcpu *hw)
{
    stime_t expires = hw->lapic.timer_expires;

    if (expires == STIME_NEVER) {
        if (hw->lapic_timer.status == TIMER_IN_HEAP)
            timer_stop(&hw->lapic_timer);
        return;
    }
    if (hw->lapic_timer.cpu != hw->vcpu.processor)
        timer_migrate(&hw->lapic_timer, hw->vcpu.processor);
    timer_set(&hw->lapic_timer, expires);
}

static void timer_fired(void *data)
{
    struct hw_vcpu *hw = data;

    lapic_timer_expired(&hw->lapic, system_time());
    if (hw->lapic.timer_expires != STIME_NEVER)
        timer_set(&hw->lapic_timer, hw->lapic.timer_expires);
    vcpu_kick(&hw->vcpu);
}

/* When the guest's TSC reaches tsc: at once if it has. */
static stime_t deadline_time(const struct hw_vcpu *hw, u64 tsc)
{
    u64 host = rdtsc(), guest = host + hw->tsc_offset;

    return tsc <= guest ? system_time() : tsc_to_stime(host + min(tsc - guest, FURTHEST));
}

bool hw_apic_set_deadline(struct vcpu *v, u64 tsc)
{
    struct hw_vcpu *hw = to_hw(v);

    if (!hw->lapic.has_deadline_mode)
        return false;
    if (lapic_set_deadline(&hw->lapic, tsc, deadline_time(hw, tsc)) == LAPIC_TIMER)
        hw_apic_restart_timer(hw);
    return true;
}

void hw_apic_vcpu_init(struct hw_vcpu *hw)
{
    lapic_reset(&hw->lapic, hw_apic_id(&hw->vcpu), hw->vcpu.id == 0);
    hw->lapic.has_deadline_mode = cpu_features.tsc_deadline;
    timer_init(&hw->lapic_timer, timer_fired, hw, hw->vcpu.processor);
}

/* ---- Interrupts between vCPUs */

/* A vCPU that runs takes itself down (hw_run.c); one that is down has only its APIC reset. */
void hw_apic_send_init(struct vcpu *to)
{
    to_hw(to)->init_pending = true;
    smp_mb();
    if (test_bit(VPF_DOWN, &to->pause_flags)) {
        to_hw(to)->init_pending = false;
        to->is_initialised = false;
    } else {
        vcpu_kick(to);
    }
}

/* Only for who waits for it: down, and stopped by INIT or never started. */
static void send_startup(struct vcpu *to, u8 page)
{
    bool start = false;

    if (to == current || !test_bit(VPF_DOWN, &to->pause_flags))
        return;
    vcpu_sleep_sync(to);
    spin_lock(&to->domain->domain_lock);
    if (test_bit(VPF_DOWN, &to->pause_flags) && (!to->is_initialised || to_hw(to)->init_pending)) {
        to_hw(to)->init_pending = false;   /* INIT met it on its way down */
        hw_startup(to, page);
        to->is_initialised = true;
        clear_bit(VPF_DOWN, &to->pause_flags);
        start = true;
    }
    spin_unlock(&to->domain->domain_lock);
    if (start)
        vcpu_wake(to);
}

static void deliver_to(struct vcpu *to, u32 icr)
{
    switch (icr >> 8 & 7) {
    case DELIVER_FIXED:
    case DELIVER_LOWEST:
        if (lapic_sw_enabled(&to_hw(to)->lapic)) {
            lapic_post(&to_hw(to)->lapic, (u8)icr, false);
            vcpu_kick(to);
        }
        break;
    case DELIVER_NMI:
        to->domain->row->interrupts->nmi(to);
        break;
    case DELIVER_INIT:
        if (icr & LAPIC_ICR_ASSERT || !(icr & LAPIC_ICR_LEVEL))   /* its de-assertion means nothing any more */
            hw_apic_send_init(to);
        break;
    case DELIVER_STARTUP:
        send_startup(to, (u8)icr);
        break;
    }
}

static void send_interrupt(struct vcpu *v)
{
    const struct lapic *l = &to_hw(v)->lapic;
    u32 icr = l->reg[LAPIC_ICR], to = lapic_x2apic(l) ? l->reg[LAPIC_ICR2] : l->reg[LAPIC_ICR2] >> 24;
    enum shorthand shorthand = icr >> 18 & 3;
    struct vcpu *other;

    for_each_vcpu(v->domain, other) {
        bool meant = shorthand == TO_DESTINATION ? lapic_is_destination(&to_hw(other)->lapic, to, icr & LAPIC_ICR_LOGICAL)
                   : shorthand == TO_SELF ? other == v : shorthand == TO_ALL || other != v;
        if (!meant)
            continue;
        deliver_to(other, icr);
        if ((icr >> 8 & 7) == DELIVER_LOWEST && shorthand == TO_DESTINATION)
            break;   /* to one of them: all are equal here */
    }
}

/* ---- Registers */

void hw_apic_sync(struct vcpu *v)
{
    to_hw(v)->lapic.reg[LAPIC_TPR] = (u32)container_ops->get(v, CREG_TPR) & 0xff;
}

static void act_on(struct vcpu *v, enum lapic_result result)
{
    if (result == LAPIC_SEND)
        send_interrupt(v);
    else if (result == LAPIC_TIMER)
        hw_apic_restart_timer(to_hw(v));
    else if (result == LAPIC_ENDED)
        pc_eoi(v, (u8)to_hw(v)->lapic.reg[LAPIC_EOI]);
}

bool hw_apic_page(struct vcpu *v, u64 gpa)
{
    const struct lapic *l = &to_hw(v)->lapic;

    return hw_has_lapic(v->domain) && lapic_enabled(l) && !lapic_x2apic(l) && (gpa & PAGE_MASK) == (l->base & PAGE_MASK);
}

u32 hw_apic_read(struct vcpu *v, u32 offset)
{
    u32 value = 0;

    hw_apic_sync(v);
    if (offset / 16 < NR_LAPIC_REGISTERS && offset % 16 == 0)
        lapic_read(&to_hw(v)->lapic, offset / 16, system_time(), &value);
    return value;
}

void hw_apic_write(struct vcpu *v, u32 offset, u32 value)
{
    if (offset / 16 >= NR_LAPIC_REGISTERS || offset % 16)
        return;
    act_on(v, lapic_write(&to_hw(v)->lapic, offset / 16, value, system_time()));
    if (offset / 16 == LAPIC_TPR)
        container_ops->set(v, CREG_TPR, value & 0xff);
}

bool hw_apic_rdmsr(struct vcpu *v, u32 msr, u64 *value)
{
    struct lapic *l = &to_hw(v)->lapic;

    if (!hw_has_lapic(v->domain) || !lapic_x2apic(l))
        return false;
    hw_apic_sync(v);
    return lapic_read_x2(l, msr - MSR_X2APIC, system_time(), value);
}

bool hw_apic_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
    struct lapic *l = &to_hw(v)->lapic;
    enum lapic_result result;

    if (!hw_has_lapic(v->domain) || !lapic_x2apic(l))
        return false;
    result = lapic_write_x2(l, msr - MSR_X2APIC, value, system_time());
    if (result == LAPIC_BAD)
        return false;
    act_on(v, result);
    if (msr - MSR_X2APIC == LAPIC_TPR)
        container_ops->set(v, CREG_TPR, value);
    return true;
}
