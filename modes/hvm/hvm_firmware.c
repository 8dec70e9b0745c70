/* SPDX-License-Identifier: MIT */
/* When a guest's firmware has handed over, and what that hides. */
#include "devmodel/devmodel.h"
#include "modes/hvm/hvm.h"
#include "modes/pvh/pvh.h"

#define BOOT_SECTOR 0x7c00UL
#define DR7_NONE 0x400UL
#define DR7_BREAKPOINT_0 (DR7_NONE | 2)   /* global, on execution, one byte (APM vol. 2, 13.1.1) */
#define DR6_HIT_0 1UL
#define DR6_NONE 0xffff0ff0UL

/* Does the domain's mix of answers leave anything paravirtual that a guest could use? */
static bool mix_hides(const struct domain *d)
{
    return d->row->interrupts->answer == ANSWER_EMU && d->row->io->answer == ANSWER_EMU;
}

bool hvm_xen_hidden(const struct domain *d)
{
    return container_of(d, struct hw_domain, domain)->handed_over && mix_hides(d);
}

static bool firmware_runs(struct domain *d)
{
    return to_hw_domain(d)->pc && !to_hw_domain(d)->handed_over;
}

void hvm_firmware_begin(struct vcpu *v)
{
    if (v->id != 0 || !firmware_runs(v->domain))
        return;
    container_ops->set(v, CREG_DR0, BOOT_SECTOR);
    container_ops->set(v, CREG_DR7, DR7_BREAKPOINT_0);
}

/* The guest finds the debug registers as the processor has them after INIT, but for values of its own. */
static void take_breakpoint_out(struct vcpu *v)
{
    if (container_ops->get(v, CREG_DR7) != DR7_BREAKPOINT_0 || container_ops->get(v, CREG_DR0) != BOOT_SECTOR)
        return;
    container_ops->set(v, CREG_DR0, 0);
    container_ops->set(v, CREG_DR6, DR6_NONE);
    container_ops->set(v, CREG_DR7, DR7_NONE);
}

static void hand_over(struct vcpu *v)
{
    struct domain *d = v->domain;

    ACCESS_ONCE(to_hw_domain(d)->handed_over) = true;
    if (v->id == 0)
        take_breakpoint_out(v);
    printk("%s: firmware has handed over%s\n", d->name_for_log, mix_hides(d) ? "; the hypervisor is hidden" : "");
    if (mix_hides(d))
        devmodel_hide_platform(d);
}

static u64 linear_rip(struct vcpu *v)
{
    struct container_segment cs;

    if (container_mode(v) == MODE_64)
        return guest_regs()->rip;
    container_ops->get_segment(v, SEGMENT_CS, &cs);
    return (u32)(cs.base + guest_regs()->rip);
}

void hvm_firmware_look(struct vcpu *v)
{
    u64 linear, gpa;
    u32 error;

    if (!firmware_runs(v->domain) || !(container_ops->get(v, CREG_CR0) & X86_CR0_PG))
        return;
    linear = linear_rip(v);
    if (!hw_translate(v, linear, PFEC_FETCH, &gpa, &error) || gpa != linear)
        hand_over(v);
}

bool hvm_firmware_breakpoint(struct vcpu *v, const struct exit *exit)
{
    if (exit->exception.vector != TRAP_DB || v->id != 0 || !firmware_runs(v->domain) || linear_rip(v) != BOOT_SECTOR ||
        !(container_ops->get(v, CREG_DR6) & DR6_HIT_0) || container_ops->get(v, CREG_DR7) != DR7_BREAKPOINT_0)
        return false;
    hand_over(v);
    return true;
}
