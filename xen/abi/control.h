/* SPDX-License-Identifier: MIT */
/* sysctl and domctl, the control domain's hold on the machine and on other domains: what their files share. */
#ifndef PRISM_ABI_CONTROL_H
#define PRISM_ABI_CONTROL_H

#include <xen/sysctl.h>

#include "dom/domain.h"

/* sysctl and domctl one at a time: whoever finds it taken makes its hypercall again. */
extern struct spinlock control_lock;

/* When the structure goes back to the caller: never, after success, or after errors that say something in it too. */
enum copy_back { BACK_NEVER, BACK_SUCCESS, BACK_ALWAYS };

/* Takes a CPU of the machine out of use, or into use again, and tells the control domain. control_lock held. As cpu_offline()
 * and cpu_back_online() (cpu/hotplug.h). */
long control_cpu(u32 cpu, bool online);

/* A handler is called with control_lock held; its result is the hypercall's. */
struct sysctl_handler { u32 cmd; enum copy_back back; long (*fn)(struct xen_sysctl *op); };
extern const struct sysctl_handler sysctl_machine_handlers[], sysctl_cpu_handlers[],
    sysctl_trace_handlers[];   /* end with a NULL fn */

/* d: the target, with a reference held by the dispatcher. */
struct domctl_handler { u32 cmd; enum copy_back back; long (*fn)(struct domain *d, struct xen_domctl *op); };
extern const struct domctl_handler domctl_vcpu_handlers[], domctl_state_handlers[], domctl_access_handlers[],
    domctl_policy_handlers[], domctl_hvm_handlers[];   /* end with a NULL fn */

/* domain_info.c */
void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* control_bitmap.c: bitmaps of at most 64 bits in the caller's memory. 0 or -EFAULT. What of a bitmap lies beyond the
 * other's end is 0 on the way out and ignored on the way in. */
int bitmap_to_guest(const struct xenctl_bitmap *to, u64 bits, u32 nr_bits);
int bitmap_from_guest(u64 *bits, const struct xenctl_bitmap *from);

#endif
