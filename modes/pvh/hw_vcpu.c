/* SPDX-License-Identifier: MIT */
/* A vCPU in a container: made, reset, started, put on a CPU and taken off it. */
#include "dom/sched.h"
#include "modes/pvh/pvh.h"

#define PAT_RESET 0x0007040600070406UL
#define CR0_RESET 0x60000010UL          /* APM vol. 2, 14.1.3 */
#define DR6_RESET 0xffff0ff0UL
#define DR7_RESET 0x400UL
#define ATTR_REAL_CODE 0x9b
#define ATTR_REAL_DATA 0x93
#define ATTR_LDT 0x82
#define ATTR_TSS 0x8b

int hw_vcpu_init(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);
    int rc = container_ops->vcpu_init(v, v->domain->p2m, hw_fetch);

    hw_apic_vcpu_init(hw);
    if (rc)
        return rc;
    hw_reset(v);
    return 0;
}

void hw_vcpu_free(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);

    if (hw->lapic_timer.fn)
        timer_kill(&hw->lapic_timer);
    hw_compat_free(hw);
    container_ops->vcpu_free(v);
}

static void set_segments(struct vcpu *v, u16 cs)
{
    struct container_segment code = { cs, ATTR_REAL_CODE, 0xffff, (u64)cs << 4 };
    struct container_segment data = { 0, ATTR_REAL_DATA, 0xffff, 0 };
    struct container_segment ldt = { 0, ATTR_LDT, 0xffff, 0 }, tss = { 0, ATTR_TSS, 0xffff, 0 };
    struct container_table table = { 0xffff, 0 };

    for (enum container_segment_id id = SEGMENT_ES; id <= SEGMENT_GS; id++)
        container_ops->set_segment(v, id, id == SEGMENT_CS ? &code : &data);
    container_ops->set_segment(v, SEGMENT_LDTR, &ldt);
    container_ops->set_segment(v, SEGMENT_TR, &tss);
    container_ops->set_tables(v, &table, &table);
}

/* The state after INIT, with code segment and instruction pointer as given. */
static void start_state(struct vcpu *v, u16 cs, u64 rip)
{
    static const enum container_reg zero[] = {
        CREG_CR2, CREG_CR3, CREG_CR4, CREG_EFER, CREG_TPR, CREG_DR0, CREG_DR1, CREG_DR2, CREG_DR3,
    };
    struct cpu_user_regs *regs = hw_regs(v);

    memset(regs, 0, sizeof(*regs));
    regs->rip = rip;
    regs->rflags = 2;
    regs->rdx = cpuid(1, 0).a;
    container_ops->set(v, CREG_CR0, CR0_RESET);
    for (unsigned int i = 0; i < ARRAY_SIZE(zero); i++)
        container_ops->set(v, zero[i], 0);
    container_ops->set(v, CREG_DR6, DR6_RESET);
    container_ops->set(v, CREG_DR7, DR7_RESET);
    set_segments(v, cs);
    container_ops->reset_events(v);
}

/* v is current, or is not running. */
void hw_reset(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);
    u64 base = hw->lapic.base;

    start_state(v, 0xf000, 0xfff0);
    container_ops->set(v, CREG_PAT, PAT_RESET);
    if (hw->lapic_timer.status == TIMER_IN_HEAP)
        timer_stop(&hw->lapic_timer);
    lapic_reset(&hw->lapic, hw_apic_id(v), v->id == 0);
    if (v->is_initialised)   /* INIT keeps where the APIC is, and its mode (Intel SDM vol. 3, 11.12.5.1) */
        (void)lapic_set_base(&hw->lapic, base, cpu_features.phys_bits);
    hw->window_requested = false;
    v->xcr0 = 1;
}

void hw_startup(struct vcpu *v, u8 page)
{
    start_state(v, (u16)(page << 8), 0);
}

/* ---- On a CPU and off it: interrupts off */

/* An emulator may carry out XSETBV without the exit that was asked for (QEMU 7.2): what the CPU has is what counts. */
void hw_note_xcr0(struct vcpu *v)
{
    u32 low, high;

    if (!cpu_features.xsave)
        return;
    asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
    v->xcr0 = (low | (u64)high << 32) & cpu_features.xcr0_mask;
}

void hw_switch_from(struct vcpu *v)
{
    hw_note_xcr0(v);
    container_ops->switch_from(v);
    pc_vcpu_scheduled(v, false);
}

void hw_switch_to(struct vcpu *v)
{
    struct hw_vcpu *hw = to_hw(v);

    container_ops->switch_to(v);
    if (hw->lapic_timer.status == TIMER_IN_HEAP && hw->lapic_timer.cpu != smp_processor_id())
        timer_migrate(&hw->lapic_timer, smp_processor_id());
    pc_vcpu_scheduled(v, true);
}

bool hw_kernel_mode(const struct vcpu *v)
{
    return container_ops->cpl(v) == 0;
}

void hw_dump(struct vcpu *v)
{
    const struct lapic *l = &to_hw(v)->lapic;

    container_ops->dump(v);
    pr_err("Events: %s; vector %x, callback %x; local APIC %s, TPR %x, timer %s\n",
           v->vcpu_info->evtchn_upcall_pending ? "pending" : "none pending", to_hw(v)->upcall_vector,
           to_hw_domain(v->domain)->callback_vector, lapic_x2apic(l) ? "x2" : lapic_enabled(l) ? "on" : "off",
           l->reg[LAPIC_TPR], l->timer_expires == STIME_NEVER ? "off" : "on");
    if (v->id == 0)
        pc_dump(v->domain);
}
