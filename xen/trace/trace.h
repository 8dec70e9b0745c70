/* SPDX-License-Identifier: MIT */
/* Tracing (public header xen/trace.h): what happens on each CPU, as records for tools of the control domain. Any context:
 * no lock is taken. A record from an NMI or a machine check that comes in the middle of another is dropped.
 *
 * While it is off a place costs one test of trace_on. Records of kinds TRC_PV and TRC_HVM are made in modes/, each by the
 * answer that its kind is about. */
#ifndef PRISM_TRACE_TRACE_H
#define PRISM_TRACE_TRACE_H

#include <xen/trace.h>

#include "lib/types.h"

extern bool trace_on;

/* Purpose: a record of this event with so many words, if it is wanted on this CPU; timed: with the TSC. Called by the
 * macros below, which have looked at trace_on. words <= TRACE_EXTRA_MAX. */
void trace_record(u32 event, bool timed, const u32 *extra, u32 words) __attribute__((cold));

#define trace_event(event, is_timed, ...) do { \
    if (unlikely(trace_on)) { \
        const u32 _extra[] = { __VA_ARGS__ }; \
        _Static_assert(ARRAY_SIZE(_extra) <= TRACE_EXTRA_MAX, "too long"); \
        trace_record((u32)(event), is_timed, _extra, ARRAY_SIZE(_extra)); \
    } } while (0)
/* A record with the words that follow; without the time, which is then that of the record before it. */
#define trace(event, ...) trace_event(event, true, ##__VA_ARGS__)
#define trace_untimed(event, ...) trace_event(event, false, ##__VA_ARGS__)
/* 64 bits as two words; two halves as one word, the first being the lower. */
#define TRACE_LONG(x) (u32)(x), (u32)((u64)(x) >> 32)
#define TRACE_PAIR(low, high) ((u32)(u16)(low) | (u32)(high) << 16)

/* Once, before the control domain is built: buffers, and tracing at once, if the command line asks for them. */
void trace_boot(void);

/* ---- For XEN_SYSCTL_tbuf_op (abi/sysctl_trace.c): one caller at a time, interrupts on. */
struct trace_ring;
/* Makes the buffers, of so many pages for each CPU, once and for all: 0, also if they are of that size already. -EINVAL: of
 * another, or none that can be; -ENOMEM. */
int trace_set_size(u32 pages);
/* Where the control domain finds them (struct t_info): first frame and bytes, 0 while there are none. */
void trace_get_info(mfn_t *mfn, u32 *bytes);
int trace_enable(void);              /* -EINVAL: there are no buffers */
void trace_disable(void);            /* on return no CPU writes records any more */
u32 trace_event_mask(void);
void trace_set_event_mask(u32 mask);
void trace_set_cpu_mask(u64 mask);   /* bit per CPU */
/* trace.c, called by buffers.c: from now on records of this CPU go there. */
void trace_use_ring(unsigned int cpu, void **pages, u32 count);

#endif
