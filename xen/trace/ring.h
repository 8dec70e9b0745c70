/* SPDX-License-Identifier: MIT */
/* The trace buffer of one CPU, as readers in the control domain see it (public header xen/trace.h, struct t_buf): records
 * in a ring of pages. Pure. */
#ifndef PRISM_TRACE_RING_H
#define PRISM_TRACE_RING_H

#include <xen/trace.h>

#include "lib/types.h"

/* Written by its own CPU with interrupts off. What readers can write to, the first page's `cons`, is only read, and `prod`
 * only written: where Prism writes is its own knowledge. */
struct trace_ring {
    void **pages;        /* struct t_buf begins the first; records follow it through all of them */
    u32 size;            /* bytes for records; a multiple of 4 */
    u32 produced;        /* as t_buf.prod: modulo 2 * size */
    u32 lost;            /* records that have found no room since the last that did */
    u64 first_lost;      /* TSC of the first of them */
};

struct trace_record {
    u32 event;           /* TRC_*, 28 bits */
    u32 words;           /* of extra: at most TRACE_EXTRA_MAX */
    const u32 *extra;
    bool timed;          /* tsc goes into the record */
    u64 tsc;
};

/* r: zeroed; pages: `count` of them, zeroed, kept. */
void trace_ring_init(struct trace_ring *r, void **pages, u32 count);

enum trace_put {
    TRACE_PUT,           /* it is in */
    TRACE_PUT_HALF,      /* it is in, and the ring has just become half full: its reader should hear of it */
    TRACE_PUT_LOST,      /* there is no room, or the reader's mark makes no sense: counted */
};
/* One record, and before it one of those that were lost (TRC_LOST_RECORDS), and what fills the ring's end where a record
 * would reach beyond it (TRC_TRACE_WRAP_BUFFER): all of it or nothing. where: the vCPU that runs, for the record of the lost
 * ones (domain id, vCPU id << 16). */
enum trace_put trace_ring_put(struct trace_ring *r, const struct trace_record *record, u32 where);

/* Does an event of this number pass the mask, class (bits 27-16) and subclass (bits 15-12) alike? */
static inline bool trace_wanted(u32 mask, u32 event)
{
    return (mask >> TRC_CLS_SHIFT & event >> TRC_CLS_SHIFT & 0xfff) != 0 &&
           (mask >> TRC_SUBCLS_SHIFT & event >> TRC_SUBCLS_SHIFT & 0xf) != 0;
}

/* ---- info.c: the page, or pages, by which readers find the buffers (struct t_info). */
#define TRACE_MAX_FRAMES 16384   /* of all buffers together: 64 MiB */
/* Bytes of it for so many CPUs with so many pages each; 0: more than the format, or Prism, can have. */
u32 trace_info_size(u32 nr_cpus, u32 pages);
/* Writes its head, and CPU after CPU the frame numbers of its pages. */
void trace_info_init(struct t_info *info, u32 nr_cpus, u32 pages);
void trace_info_set(struct t_info *info, u32 cpu, u32 page, u32 mfn);

#endif
