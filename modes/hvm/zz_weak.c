/* SPDX-License-Identifier: MIT */
/* Not to be committed: until the PC's and device models' files are there. */
#include "lib/lib.h"
#include "modes/hvm/pc.h"
#include "devmodel/devmodel.h"
#define W __attribute__((weak))
W int pc_init(struct domain *d) { return -95; }
W void pc_stop(struct domain *d) { }
W void pc_free(struct domain *d) { }
W enum io_result pc_access(struct vcpu *v, struct io_access *a) { return IO_NOT_MINE; }
W void pc_isa_irq(struct domain *d, unsigned int isa_irq, bool level) { }
W void pc_pci_intx(struct domain *d, unsigned int device, unsigned int intx, bool level) { }
W void pc_pci_link_route(struct domain *d, unsigned int link, unsigned int isa_irq) { }
W int pc_msi(struct domain *d, u64 address, u32 data) { return -22; }
W int pc_set_callback(struct domain *d, u64 via) { return -22; }
W void pc_sync_callback(struct vcpu *v) { }
W bool pc_callback_waits(const struct vcpu *v) { return false; }
W bool pc_extint_pending(const struct vcpu *v) { return false; }
W int pc_extint_ack(struct vcpu *v) { return -1; }
W void pc_eoi(struct vcpu *v, u8 vector) { }
W int pc_param(struct domain *d, u32 index, u64 value) { return 0; }
W int pc_button(struct domain *d, bool sleep) { return -95; }
W void pc_vcpu_scheduled(struct vcpu *v, bool in) { }
W void pc_dump(struct domain *d) { }
W int devmodel_init(struct domain *d) { return -95; }
W void devmodel_stop(struct domain *d) { }
W void devmodel_free(struct domain *d) { }
W int devmodel_vcpu_init(struct vcpu *v) { return 0; }
W void devmodel_vcpu_free(struct vcpu *v) { }
W enum io_result devmodel_access(struct vcpu *v, struct io_access *a) { return IO_NOT_MINE; }
W enum io_result devmodel_finish(struct vcpu *v, struct io_access *a) { return IO_DONE; }
W void devmodel_hide_platform(struct domain *d) { }
