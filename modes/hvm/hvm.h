/* SPDX-License-Identifier: MIT */
/* The rows with an emulated PC: PVHVM, PV I/O, HVM. A guest of theirs runs in the container of modes/pvh/hw_*.c; here
 * are the answers that the PC gives, and when its firmware has done its work. */
#ifndef PRISM_MODES_HVM_HVM_H
#define PRISM_MODES_HVM_HVM_H

#include "modes/spectrum.h"

struct exit;

/* hvm_firmware.c. The firmware of a PC knows the hypervisor; what it hands over to need not. Where neither interrupts
 * nor I/O are paravirtual, nothing of the ABI is left for a guest to find afterwards: no CPUID leaf, no hypercall, no
 * platform device. Firmware is over for good
 * - when the processor reaches the boot sector, 0000:7C00 (the BIOS Boot Specification's place for it), which a
 *   breakpoint of Prism's tells;
 * - or when an instruction that exits lies at a linear address that is not its physical one: firmware runs in memory
 *   mapped one to one, an operating system does not.
 * v == current, or not running. */
void hvm_firmware_begin(struct vcpu *v);                  /* v is about to run its domain's first instruction */
void hvm_firmware_look(struct vcpu *v);                   /* at an exit that asks for what might be hidden */
bool hvm_firmware_breakpoint(struct vcpu *v, const struct exit *exit);   /* true: it was ours */
bool hvm_xen_hidden(const struct domain *d);

extern const struct platform_ops platform_emu;
extern const struct interrupt_ops interrupts_emu;
extern const struct io_ops io_pv_pc, io_emu;

#endif
