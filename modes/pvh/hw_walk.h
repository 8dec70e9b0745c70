/* SPDX-License-Identifier: MIT */
/* A guest's own page tables walked by hand (AMD64 APM vol. 2, 5): none, 32-bit, PAE, 4 and 5 levels. Pure: guest
 * memory is behind an operation. */
#ifndef PRISM_MODES_PVH_HW_WALK_H
#define PRISM_MODES_PVH_HW_WALK_H

#include "cpu/x86.h"

/* What decides how an address is translated, and the way to the tables. */
struct paging {
    u64 cr0, cr3, cr4, efer;
    bool smap_lifted;              /* RFLAGS.AC: user pages may be touched in spite of SMAP */
    u32 phys_bits;                 /* of a guest-physical address */
    void *context;
    /* The entry of `size` (4 or 8) bytes at gpa. False: no memory there. */
    bool (*read)(void *context, u64 gpa, void *entry, unsigned int size);
    /* Sets bits (accessed, dirty) in that entry if it is still `old`; false: it is not, walk again. */
    bool (*update)(void *context, u64 gpa, u64 old, u64 bits, unsigned int size);
};

/* Guest-physical address of va for this access (PFEC_WRITE, PFEC_USER, PFEC_FETCH). False: page fault, *error is its
 * error code. Accessed and dirty bits are set as the processor would. */
bool paging_walk(const struct paging *p, u64 va, u32 access, u64 *gpa, u32 *error);

#endif
