/* SPDX-License-Identifier: MIT */
/* An allocation that fails on purpose: the n-th from now on, once, of whatever kind and for whomever. In the debug build
 * only; set through the hypervisor file system (/debug), so never before the control domain runs. */
#ifndef PRISM_MEM_ALLOC_FAULT_H
#define PRISM_MEM_ALLOC_FAULT_H

#include "lib/types.h"

#ifdef NDEBUG
static inline bool alloc_must_fail(const void *caller) { return false; }
#else
/* Counts an allocation that somebody (caller: an address in Prism's text) asks for; true: it is the one. Any context. */
bool alloc_must_fail(const void *caller);
/* The n-th allocation from now on fails; 0: none. Any context. */
void alloc_fail_at(u64 n);
/* How many are still to go, that one included; 0: it has failed, or none is to. */
u64 alloc_fail_left(void);
/* Who asked for the last one that failed so; NULL: none has. */
const void *alloc_failed_for(void);
#endif

#endif
