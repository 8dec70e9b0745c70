/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_memory_op (public header xen/memory.h): what its files share. A command's low bits are the operation,
 * the rest the extent that a restarted operation goes on with. */
#ifndef PRISM_ABI_MEMORY_H
#define PRISM_ABI_MEMORY_H

#include <xen/memory.h>

#include "abi/hypercall.h"
#include "dom/domain.h"
#include "dom/guest_access.h"

#define MEMOP_EXTENT_SHIFT 6
#define MEMOP_CMD_MASK ((1UL << MEMOP_EXTENT_SHIFT) - 1)

/* An entry of the BIOS memory map (INT 15H, E820H), as guests get it. */
struct xen_e820entry { u64 address, size; u32 type; } packed;
#define E820_MAX 128

static inline long memory_continue(unsigned long op, unsigned long done, unsigned long arg)
{ return hypercall_continue(__HYPERVISOR_memory_op, 2, op | done << MEMOP_EXTENT_SHIFT, arg); }

/* The domain an operation is about, with a reference. An unprivileged caller may name itself alone. NULL: *rc is
 * -ESRCH or -EPERM. */
struct domain *memory_target(domid_t id, long *rc);
/* The highest order that current may ask for in one extent. */
unsigned int memory_max_order(void);
/* Address bits of XENMEMF_* flags as the allocator wants them: 0 for no limit. False: no memory is that low. */
bool memory_address_bits(unsigned int mem_flags, unsigned int *bits);

/* One operation each: a value for the guest, -errno, or hypercall_continue()'s. */
long memory_reservation(unsigned long op, unsigned long start, unsigned long arg);
long memory_exchange(unsigned long arg);
long memory_m2p_list(unsigned long arg);
long memory_m2p_mapping(unsigned long arg);
long memory_map_get(unsigned long arg);
long memory_map_set(unsigned long arg);
long memory_map_machine(unsigned long arg);
long memory_add_to_physmap(unsigned long start, unsigned long arg);
long memory_add_to_physmap_batch(unsigned long start, unsigned long arg);
long memory_remove_from_physmap(unsigned long arg);
long memory_acquire_resource(unsigned long start, unsigned long arg);

/* What index idx of a space (XENMAPSPACE_*) stands for is entered at gfn of d, a translated domain, in place of what is
 * there; memory of d's own that it moves (gmfn, gmfn_range) leaves its old place. Interrupts on, no lock from RANK_P2M on
 * held. -EINVAL: nothing there; -ENOMEM -EOPNOTSUPP */
int memory_physmap_add(struct domain *d, unsigned int space, unsigned long idx, gfn_t gfn);

/* What d keeps here goes; nobody else refers to d. */
void memory_domain_free(struct domain *d);

#endif
