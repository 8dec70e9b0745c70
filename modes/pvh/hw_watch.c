/* SPDX-License-Identifier: MIT */
/* A guest's breakpoints on data and ports, hit by accesses that are carried out for it (AMD64 APM vol. 2, 13.1.1, 13.1.3). */
#include "modes/pvh/hw_access.h"

#define BREAKPOINTS 4
#define DR7_ENABLED 0xffu
enum { ON_EXECUTION, ON_WRITE, ON_PORT, ON_ACCESS };

static unsigned int kind_of(u64 dr7, unsigned int n) { return dr7 >> (16 + 4 * n) & 3; }

static u64 bytes_of(u64 dr7, unsigned int n)
{
    static const u8 bytes[] = { 1, 2, 8, 4 };

    return bytes[dr7 >> (18 + 4 * n) & 3];
}

u8 hw_watching(struct vcpu *v, bool ports)
{
    u64 dr7 = container_ops->get(v, CREG_DR7);
    u8 mask = 0;

    if (likely(!(dr7 & DR7_ENABLED)) || (ports && !(container_ops->get(v, CREG_CR4) & X86_CR4_DE)))
        return 0;
    for (unsigned int n = 0; n < BREAKPOINTS; n++) {
        unsigned int kind = kind_of(dr7, n);

        if (dr7 >> 2 * n & 3 && (ports ? kind == ON_PORT : kind == ON_WRITE || kind == ON_ACCESS))
            mask |= 1u << n;
    }
    return mask;
}

u8 hw_watch_hits(struct vcpu *v, u8 mask, u64 address, unsigned int size, bool write)
{
    u64 dr7;
    u8 hits = 0;

    if (likely(!mask))
        return 0;
    dr7 = container_ops->get(v, CREG_DR7);
    for (unsigned int n = 0; n < BREAKPOINTS; n++) {
        u64 bytes = bytes_of(dr7, n), first = container_ops->get(v, CREG_DR0 + n) & ~(bytes - 1);

        if (mask & 1u << n && (write || kind_of(dr7, n) != ON_WRITE) && address < first + bytes && first < address + size)
            hits |= 1u << n;
    }
    return hits;
}

void hw_watch_trap(struct vcpu *v, u8 hits)
{
    if (likely(!hits))
        return;
    container_ops->set(v, CREG_DR6, container_ops->get(v, CREG_DR6) | hits);
    hw_inject(v, TRAP_DB, 0, 0);
}
