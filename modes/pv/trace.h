/* SPDX-License-Identifier: MIT */
/* Records about PV guests (public header xen/trace.h, TRC_PV). Formats are those that Xen's own tools expect of 64-bit
 * guests. */
#ifndef PRISM_MODES_PV_TRACE_H
#define PRISM_MODES_PV_TRACE_H

#include "modes/pv/pv.h"
#include "trace/trace.h"

/* Called by entry.S with interrupts off, if trace_on: current is making the hypercall that regs describes. */
void pv_trace_hypercall(const struct cpu_user_regs *regs);
/* One of a list: its own record. */
void pv_trace_subcall(unsigned long number, const unsigned long args[6]);

/* The guest's kernel gets this exception. */
static inline void pv_trace_trap(u64 rip, u8 vector, bool has_error, u32 error)
{
    trace(TRC_PV_TRAP | TRC_64_FLAG, TRACE_LONG(rip), vector | (u32)has_error << 15 | error << 16);
}

static inline void pv_trace_page_fault(u64 rip, u64 va, u32 error)
{
    trace(TRC_PV_PAGE_FAULT | TRC_64_FLAG, TRACE_LONG(rip), TRACE_LONG(va), error);
}

/* Prism has answered an exception of the guest's by itself: event says how. */
static inline void pv_trace_answered(u32 event, u64 rip)
{
    trace(event | TRC_64_FLAG, TRACE_LONG(rip));
}

static inline void pv_trace_answered_at(u32 event, u64 rip, u64 where)
{
    trace(event | TRC_64_FLAG, TRACE_LONG(rip), TRACE_LONG(where));
}

#endif
