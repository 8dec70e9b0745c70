/* SPDX-License-Identifier: MIT */
/* Dispatch and continuation of hypercalls. */
#ifndef PRISM_ABI_HYPERCALL_H
#define PRISM_ABI_HYPERCALL_H

#include "abi/hypercalls.h"
#include "dom/domain.h"

/* Carries out hypercall `number` of current with its six arguments: the row's handler, or -ENOSYS. Interrupts on. */
long hypercall_dispatch(unsigned long number, const unsigned long args[6]);

/* Should a long operation stop here? True when a softirq is pending on this CPU (or, in a multicall, likewise). */
static inline bool hypercall_preempt_check(void) { return this_cpu()->softirq_pending != 0; }

/* Makes current issue `number` again with these arguments once it next runs, and returns the value for the handler to
 * return. In a multicall the entry's arguments are replaced instead. nargs <= 6. */
long hypercall_continue(unsigned long number, unsigned int nargs, ...);

/* current->multicall points to one while hypercall_multicall runs its entries: where a continuation leaves its
 * arguments. */
struct multicall_state { bool preempted; unsigned long op, args[6]; };

#endif
