/* SPDX-License-Identifier: MIT */
/* The emulated PC of a domain: interrupt controllers, timers, clock and power management as the Xen ABI's firmware
 * expects them (public headers arch-x86/hvm/save.h, hvm/params.h, hvm/ioreq.h). Its devices are pure functions over
 * their registers, one file each; pc*.c puts them together, gives them time and a lock.
 *
 *   master PIC 20H, slave A0H, 4D0H   PIT 40H, speaker gate 61H   RTC and CMOS 70H   PM1a and PM timer 1F40H or B000H
 *   HPET at FED00000H                 I/O APIC at FEC00000H       local APICs: modes/pvh/hw_lapic.h, one a vCPU
 *
 * All is guarded by pc->lock (RANK_PC, interrupts off); a function without a comment takes it itself and may be called
 * with interrupts in any state under any lock of a lower rank. */
#ifndef PRISM_MODES_HVM_PC_H
#define PRISM_MODES_HVM_PC_H

#include "modes/io.h"

struct domain;
struct pc;
struct vcpu;

#define PC_PORT_UNPLUG 0x10
#define PC_PORT_DEBUG 0xe9

/* Makes d's devices, in their state after power-up: to_hw_domain(d)->pc. d->emulation_flags (XEN_X86_EMU_*) says which.
 * -ENOMEM -EOPNOTSUPP (a mix of flags that is none). */
int pc_init(struct domain *d);
void pc_stop(struct domain *d);   /* no timer runs afterwards. Interrupts on, no lock held; again and again is right */
void pc_free(struct domain *d);   /* right where pc_init failed or never ran; after pc_stop */

/* An access to a port or a guest-physical address by v == current, interrupts on. */
enum io_result pc_access(struct vcpu *v, struct io_access *a);

/* Lines of devices beyond Prism (dm_op). isa_irq < 16; device < 32, intx < 4, link < 4; level: asserted. */
void pc_isa_irq(struct domain *d, unsigned int isa_irq, bool level);
void pc_pci_intx(struct domain *d, unsigned int device, unsigned int intx, bool level);
void pc_pci_link_route(struct domain *d, unsigned int link, unsigned int isa_irq);   /* isa_irq 0: to none */
/* A message-signalled interrupt (address FEExxxxxH). -EINVAL: no interrupt message */
int pc_msi(struct domain *d, u64 address, u32 data);

/* HVM_PARAM_CALLBACK_IRQ by GSI or PCI INTx: the line that follows vCPU 0's evtchn_upcall_pending. via: the parameter's
 * value; 0 or a vector: no line, which is all that a domain without a PC can have. -EINVAL: there is no such line */
int pc_set_callback(struct domain *d, u64 via);
/* Brings the callback's line in step with v's pending events, v == current; pc_callback_waits(): there is something to
 * bring in step. */
void pc_sync_callback(struct vcpu *v);
bool pc_callback_waits(const struct vcpu *v);

/* What the interrupt controllers beyond the local APIC hold for v: an interrupt of the PIC pair that v's LINT0 (as
 * ExtINT, or with the APIC off: always) lets through. ack: its vector, as the INTA cycle gives it; -1: it has gone. */
bool pc_extint_pending(const struct vcpu *v);
int pc_extint_ack(struct vcpu *v);
/* v has ended a level-triggered interrupt at its local APIC: I/O APIC entries with this vector look at their lines. */
void pc_eoi(struct vcpu *v, u8 vector);
/* HVM_PARAM_TIMER_MODE, HVM_PARAM_ACPI_IOPORTS_LOCATION and HVM_PARAM_ACPI_S_STATE have been set. */
int pc_param(struct domain *d, u32 index, u64 value);
/* XEN_DOMCTL_sendtrigger: power and sleep buttons. -EOPNOTSUPP: no such button */
int pc_button(struct domain *d, bool sleep);
/* The domain is (no longer) running: time of timers goes on or stands still, as the timer mode says. */
void pc_vcpu_scheduled(struct vcpu *v, bool in);

/* ---- Records of hvm/save.h: which a PC has. Instance by domain (PIC: two). The domain is paused.
 * save: false if there is no such instance. load: -EINVAL. */
struct pc_record {
    u16 type;
    u16 instances;
    u32 length;
    bool (*save)(struct domain *d, u16 instance, void *data);
    int (*load)(struct domain *d, u16 instance, const void *data);
};
extern const struct pc_record pc_records[];
extern const unsigned int pc_nr_records;

void pc_dump(struct domain *d);   /* to the console */

#endif
