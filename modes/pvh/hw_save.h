/* SPDX-License-Identifier: MIT */
/* The records of hvm/save.h that every vCPU in a container has: how each is filled and taken. v's domain d is paused.
 * save: data is zero before, and as long as the record; false where v has none. load: 0; -EINVAL, and then v may have taken
 * a part of it. */
#ifndef PRISM_MODES_PVH_HW_SAVE_H
#define PRISM_MODES_PVH_HW_SAVE_H

#include "lib/types.h"

struct domain;
struct vcpu;

/* hw_save_cpu.c */
bool hw_save_cpu(struct domain *d, struct vcpu *v, void *data);          /* struct hvm_hw_cpu */
int hw_load_cpu(struct domain *d, struct vcpu *v, const void *data);
/* hw_save_lapic.c */
bool hw_save_lapic(struct domain *d, struct vcpu *v, void *data);        /* struct hvm_hw_lapic */
int hw_load_lapic(struct domain *d, struct vcpu *v, const void *data);
bool hw_save_lapic_regs(struct domain *d, struct vcpu *v, void *data);   /* struct hvm_hw_lapic_regs */
int hw_load_lapic_regs(struct domain *d, struct vcpu *v, const void *data);
/* hw_mtrr.c */
bool hw_save_mtrr(struct domain *d, struct vcpu *v, void *data);         /* struct hvm_hw_mtrr */
int hw_load_mtrr(struct domain *d, struct vcpu *v, const void *data);

#endif
