/* SPDX-License-Identifier: MIT */
/* The trace buffers' memory. Made once, as the ABI has it, and never given back: tools may have it mapped at any time. */
#include "boot/boot.h"
#include "cpu/percpu.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "trace/ring.h"
#include "trace/trace.h"

/* One sysctl at a time. */
static struct t_info *info;       /* NULL: no buffers yet */
static u32 info_bytes;

static unsigned int order_of(u32 bytes)
{
    unsigned int order = 0;

    while (PAGE_SIZE << order < bytes)
        order++;
    return order;
}

static void free_pages(void **pages, u32 count)
{
    for (u32 i = 0; pages && i < count; i++)
        if (pages[i])
            page_free(pages[i], 0);
    xfree(pages);
}

static void **alloc_pages(u32 count)
{
    void **pages = xzalloc_array(void *, count);

    for (u32 i = 0; pages && i < count; i++) {
        pages[i] = page_alloc(0);
        if (!pages[i]) {
            free_pages(pages, count);
            return NULL;
        }
    }
    return pages;
}

/* From here on nothing fails: whatever is shown to the control domain stays. */
static void publish(struct t_info *made, u32 bytes, void **rings[], u32 pages)
{
    trace_info_init(made, nr_cpus, pages);
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++) {
        for (u32 i = 0; i < pages; i++) {
            frame_show(rings[cpu][i], true);
            trace_info_set(made, cpu, i, (u32)virt_to_mfn(rings[cpu][i]));
        }
        trace_use_ring(cpu, rings[cpu], pages);
    }
    for (unsigned int i = 0; i < 1u << order_of(bytes); i++)
        frame_show((u8 *)made + i * PAGE_SIZE, false);
    info = made;
    info_bytes = (u32)PAGE_SIZE << order_of(bytes);
}

int trace_set_size(u32 pages)
{
    u32 bytes = trace_info_size(nr_cpus, pages);
    void **rings[NR_CPUS] = { NULL };
    struct t_info *made;
    bool ok = true;

    if (info)
        return info->tbuf_size == pages ? 0 : -EINVAL;
    if (!bytes)
        return -EINVAL;
    made = page_alloc(order_of(bytes));
    for (unsigned int cpu = 0; cpu < nr_cpus && ok; cpu++)
        ok = (rings[cpu] = alloc_pages(pages)) != NULL;
    if (made && ok) {
        publish(made, bytes, rings, pages);
        return 0;
    }
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        free_pages(rings[cpu], pages);
    if (made)
        page_free(made, order_of(bytes));
    return -ENOMEM;
}

void trace_get_info(mfn_t *mfn, u32 *bytes)
{
    *mfn = info ? virt_to_mfn(info) : 0;
    *bytes = info_bytes;
}

__init void trace_boot(void)
{
    if (!options.trace_pages)
        return;
    if (trace_set_size(options.trace_pages)) {
        pr_warn("No trace buffers of %u pages for each CPU\n", options.trace_pages);
        return;
    }
    if (!options.trace_events)
        return;
    trace_set_event_mask(options.trace_events);
    (void)trace_enable();
}
