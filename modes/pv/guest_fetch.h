/* SPDX-License-Identifier: MIT */
/* A few words of a guest kernel's memory, in line: for hypercalls that are short themselves. The kernel's page tables are
 * loaded, as they are in every hypercall. What cannot be had this way is copied by guest_copy.c, which tries twice. */
#ifndef PRISM_MODES_PV_GUEST_FETCH_H
#define PRISM_MODES_PV_GUEST_FETCH_H

#include "modes/pv/pv.h"

static inline void user_access_begin(void)
{
    if (cpu_features.smap)
        asm volatile(".byte 0x0f, 0x01, 0xcb" ::: "memory", "cc");   /* STAC */
}

static inline void user_access_end(void)
{
    if (cpu_features.smap)
        asm volatile(".byte 0x0f, 0x01, 0xca" ::: "memory", "cc");   /* CLAC */
}

/* n words at guest address va, n a small constant. False: one of them cannot be read. */
static inline __attribute__((__always_inline__)) bool pv_fetch_words(u64 *words, u64 va, unsigned int n)
{
    u64 word;

    if (!pv_range_ok(va, n * sizeof(u64)))
        return false;
    user_access_begin();
    for (unsigned int i = 0; i < n; i++) {
        asm goto volatile("1: mov %1, %0\n"
                          ".pushsection .extable, \"a\", @progbits\n"
                          ".long 1b - ., %l2 - .\n"
                          ".popsection" : "=r" (word) : "m" (((const u64 *)va)[i]) :: fault);
        words[i] = word;
    }
    user_access_end();
    return true;
fault:
    user_access_end();
    return false;
}

/* The same of two bytes. */
static inline bool pv_fetch_u16(u16 *value, u64 va)
{
    if (!pv_range_ok(va, sizeof(*value)))
        return false;
    user_access_begin();
    asm goto volatile("1: movw %1, %0\n"
                      ".pushsection .extable, \"a\", @progbits\n"
                      ".long 1b - ., %l2 - .\n"
                      ".popsection" : "=r" (*value) : "m" (*(const u16 *)va) :: fault);
    user_access_end();
    return true;
fault:
    user_access_end();
    return false;
}

#endif
