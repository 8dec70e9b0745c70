/* SPDX-License-Identifier: MIT */
/* Hypercalls from 32-bit code: what hw_compat*.c share. The handlers know structures in their 64-bit form alone. Where
 * the guest's differs it is put into that form in a buffer of the vCPU's, which stands at an address above all that
 * 32-bit code can name, and taken back from there. */
#ifndef PRISM_MODES_PVH_HW_COMPAT_H
#define PRISM_MODES_PVH_HW_COMPAT_H

#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "modes/pvh/pvh.h"

#define COMPAT_BASE (1UL << 40)
#define COMPAT_LIST (COMPAT_BASE + COMPAT_LIST_OFFSET)
#define COMPAT_LIST_OFFSET 512       /* what a structure in the buffer points to */

/* A vCPU's; its own CPU's. */
struct hw_compat { u8 area[1024] aligned(16); };

static inline void *compat_struct(struct hw_compat *c) { return c->area; }
static inline void *compat_list(struct hw_compat *c) { return c->area + COMPAT_LIST_OFFSET; }

/* The 64-bit hypercall. Arguments: those of the guest as they are, or addresses in the buffer. */
long compat_call(u32 number, unsigned long a1, unsigned long a2, unsigned long a3);

/* Each as the hypercall of that name; a: the guest's arguments. -ENOSYS: not offered to 32-bit code. */
long compat_memory_op(struct hw_compat *c, const u32 a[6]);
long compat_grant_table_op(struct hw_compat *c, const u32 a[6]);
long compat_vcpu_op(struct hw_compat *c, const u32 a[6]);

#endif
