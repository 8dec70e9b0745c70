/* SPDX-License-Identifier: MIT */
/* How readers find the trace buffers (public header xen/trace.h, struct t_info): after the head the frame numbers of each
 * CPU's pages, 32 bits each; the head has for each CPU where its numbers begin, counted in words of 32 bits. */
#include "trace/ring.h"

#define WORD sizeof(u32)

static u32 head_words(u32 nr_cpus)
{
    return (u32)DIV_ROUND_UP(sizeof(struct t_info) + nr_cpus * sizeof(u16), WORD);
}

u32 trace_info_size(u32 nr_cpus, u32 pages)
{
    if (!nr_cpus || !pages || pages > TRACE_MAX_FRAMES / nr_cpus)
        return 0;
    _Static_assert(TRACE_MAX_FRAMES + 64 < 0x10000, "each CPU's beginning is told in 16 bits");
    return (head_words(nr_cpus) + nr_cpus * pages) * (u32)WORD;
}

void trace_info_init(struct t_info *info, u32 nr_cpus, u32 pages)
{
    info->tbuf_size = (u16)pages;
    for (u32 cpu = 0; cpu < nr_cpus; cpu++)
        info->mfn_offset[cpu] = (u16)(head_words(nr_cpus) + cpu * pages);
}

void trace_info_set(struct t_info *info, u32 cpu, u32 page, u32 mfn)
{
    ((u32 *)info)[info->mfn_offset[cpu] + page] = mfn;
}
