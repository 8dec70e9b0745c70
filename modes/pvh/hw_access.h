/* SPDX-License-Identifier: MIT */
/* An emulated instruction's way to the guest's memory, to devices and to vector registers, with every check that the
 * processor would have made. For hw_mmio.c, hw_port.c. */
#ifndef PRISM_MODES_PVH_HW_ACCESS_H
#define PRISM_MODES_PVH_HW_ACCESS_H

#include "insn/emulate.h"
#include "modes/pvh/pvh.h"

/* One instruction's. v is current, and nobody else has it. */
struct hw_access {
    struct vcpu *v;
    struct insn_memory memory;             /* its context is this */
    struct container_segment segments[6];  /* in 64-bit mode FS and GS alone: the others mean nothing there */
    struct insn_fault fault;               /* the exception, wherever INSN_FAULT came from */
    bool wide;                             /* linear addresses have 64 bits */
    u32 user;                              /* PFEC_USER: the guest is in ring 3. Or 0 */
    bool aligned_only;                     /* #AC is on */
    u8 watching, hits;                     /* breakpoints on data; of these, the ones that were hit */
    bool fpu_in_memory;                    /* v->fpu is what counts, not the registers */
};

/* What is at a guest-physical address. */
enum hw_place { PLACE_RAM, PLACE_OTHER_MEMORY, PLACE_APIC, PLACE_DEVICE };
enum hw_place hw_place(struct vcpu *v, u64 gpa);

/* Between these two nobody else may use v's FPU state, nor may v leave its CPU. */
void hw_access_begin(struct hw_access *a, struct vcpu *v, u8 cpl);
void hw_access_end(struct hw_access *a);
/* Translates size bytes (2^n, or more than 8) at va, as far as they are in va's page. access: PFEC_WRITE or 0. INSN_FAULT
 * with a->fault. */
enum insn_result hw_access_translate(struct hw_access *a, u64 va, unsigned int size, u32 access, u64 *gpa);
static inline u64 hw_access_wrap(const struct hw_access *a, u64 va) { return a->wide ? va : (u32)va; }
/* How many units of `size` bytes lie wholly in the page that the first begins in, at va, upwards or downwards. */
u32 hw_units_in_page(u64 va, unsigned int size, bool down, u64 most);

/* hw_watch.c: the guest's breakpoints, a bit each, as in DR6: those that are on for data, or for ports; of `mask` those that
 * an access to an address or a port hits; and the trap, which follows the instruction or its iteration. */
u8 hw_watching(struct vcpu *v, bool ports);
u8 hw_watch_hits(struct vcpu *v, u8 mask, u64 address, unsigned int size, bool write);
void hw_watch_trap(struct vcpu *v, u8 hits);

/* hw_vector.c: the emulator's vector registers (insn/emulate.h). */
enum insn_result hw_get_vector(void *context, unsigned int n, void *data, unsigned int size);
void hw_set_vector(void *context, unsigned int n, const void *data, unsigned int size);

#endif
