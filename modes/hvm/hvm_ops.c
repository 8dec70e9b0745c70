/* SPDX-License-Identifier: MIT */
/* The answers that an emulated PC gives, as tables. */
#include "abi/console_io.h"
#include "abi/event.h"
#include "devmodel/devmodel.h"
#include "dom/sched.h"
#include "modes/hvm/hvm.h"
#include "modes/hvm/pc.h"
#include "modes/pvh/pvh.h"
#include "modes/spectrum_change.h"

/* ---- Platform */

static void platform_free(struct domain *d)
{
    pc_stop(d);
    pc_free(d);
}

static void emu_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 regs[4])
{
    hvm_firmware_look(v);
    hw_cpuid(v, leaf, subleaf, regs);
}

static int emu_wrmsr(struct vcpu *v, u32 msr, u64 value)
{
    hvm_firmware_look(v);
    return hw_wrmsr(v, msr, value);
}

/* Port E9H takes debug output, as firmware for Xen writes it. */
static enum io_result emu_access(struct vcpu *v, struct io_access *a)
{
    char c = (char)a->data;

    if (!a->port || a->address != PC_PORT_DEBUG || !a->write || a->size != 1 || a->count != 1)
        return pc_access(v, a);
    console_guest_text(v->domain, &c, 1);
    return IO_DONE;
}

static const struct platform_inputs pc_inputs = {
    .isa_irq = pc_isa_irq,
    .pci_intx = pc_pci_intx,
    .pci_link_route = pc_pci_link_route,
    .msi = pc_msi,
};

const struct platform_ops platform_emu = {
    .name = "emulated PC",
    .answer = ANSWER_EMU,
    HW_PLATFORM,
    .domain_init = pc_init,
    .domain_free = platform_free,
    .cpuid = emu_cpuid,
    .wrmsr = emu_wrmsr,
    .access = emu_access,
    .inputs = &pc_inputs,
    .button = pc_button,
};

/* ---- Interrupts and timers: event channels come by a line of the PC's, if at all */

static u8 no_callback(const struct vcpu *v)
{
    return 0;
}

static int set_callback(struct domain *d, u64 via)
{
    return via >> CALLBACK_TYPE_SHIFT == HVM_PARAM_CALLBACK_TYPE_VECTOR ? -EINVAL : pc_set_callback(d, via);
}

static int no_upcall_vector(struct domain *d, u32 vcpu, u8 vector)
{
    return -ENOSYS;
}

const struct interrupt_ops interrupts_emu = {
    .name = "emulated interrupt controllers",
    .answer = ANSWER_EMU,
    HW_INTERRUPTS,
    .upcall = vcpu_kick,
    .callback = no_callback,
    .set_callback = set_callback,
    .set_upcall_vector = no_upcall_vector,
};

/* ---- I/O: PV rings beside the emulated devices that a guest begins with, or those devices alone */

static void page_shared(struct domain *d)
{
    if (likely(to_hw_domain(d)->io_connected))
        return;
    to_hw_domain(d)->io_connected = true;
    mode_note(d, COLUMN_IO, "a backend has mapped a ring of the guest's");
}

#define DEVICE_MODELS .domain_init = devmodel_init, .domain_stop = devmodel_stop, .domain_free = devmodel_free, \
    .vcpu_init = devmodel_vcpu_init, .vcpu_free = devmodel_vcpu_free, .access = devmodel_access, .finish = devmodel_finish

const struct io_ops io_pv_pc = {
    .name = "PV rings, and emulated devices",
    .answer = ANSWER_PV,
    DEVICE_MODELS,
    .page_shared = page_shared,
};

const struct io_ops io_emu = {
    .name = "emulated devices",
    .answer = ANSWER_EMU,
    DEVICE_MODELS,
};
