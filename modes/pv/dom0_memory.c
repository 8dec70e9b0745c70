/* SPDX-License-Identifier: MIT */
/* The control domain's memory: how much, where what lies in it, and which frames it is made of. */
#include "lib/lib.h"
#include "modes/pv/dom0.h"

#define PADDING (512UL << 10)          /* public header xen/xen.h, "Start-of-day memory layout", 7 */
#define REGION_ALIGN_PAGES 1024UL      /* likewise, 2: it ends at a multiple of 4 MiB */
#define RESERVE_MAX (128UL << 20 >> PAGE_SHIFT)

static u64 __init pages_of(u64 bytes) { return DIV_ROUND_UP(bytes, PAGE_SIZE); }
static u64 __init mib(u64 pages) { return DIV_ROUND_UP(pages, 256); }

/* ---- Which frame is pfn? */

static const struct dom0_chunk *__init find_chunk(const struct dom0 *b, pfn_t pfn)
{
    u32 low = 0, high = b->nr_chunks;
    BUG_ON(pfn >= b->next_pfn);
    while (high - low > 1) {
        u32 middle = (low + high) / 2;
        if (b->chunks[middle].pfn <= pfn)
            low = middle;
        else
            high = middle;
    }
    return &b->chunks[low];
}

mfn_t __init dom0_mfn(const struct dom0 *b, pfn_t pfn)
{
    const struct dom0_chunk *c = find_chunk(b, pfn);
    return c->mfn + (pfn - c->pfn);
}

void *__init dom0_page(const struct dom0 *b, pfn_t pfn) { return mfn_to_virt(dom0_mfn(b, pfn)); }

void __init dom0_copy(struct dom0 *b, u64 paddr, const void *src, u64 size)
{
    while (size) {
        const struct dom0_chunk *c = find_chunk(b, paddr >> PAGE_SHIFT);
        u64 offset = paddr - c->pfn * PAGE_SIZE, n = min(size, c->count * PAGE_SIZE - offset);
        if (src) {
            memcpy((u8 *)mfn_to_virt(c->mfn) + offset, src, n);
            src = (const u8 *)src + n;
        } else {
            memset((u8 *)mfn_to_virt(c->mfn) + offset, 0, n);
        }
        paddr += n;
        size -= n;
    }
}

/* ---- How much */

/* Can the ramdisk module's frames be given to the domain as they are? They begin at a page, and are Prism's to give. */
static bool __init ramdisk_can_be_adopted(const struct dom0 *b)
{
    mfn_t first = b->ramdisk->start >> PAGE_SHIFT;
    if (!b->image.module_by_pfn || (b->ramdisk->start & (PAGE_SIZE - 1)))
        return false;
    for (u64 i = 0; i < b->ramdisk_pages; i++) {
        const struct frame *f = mfn_to_frame(first + i);
        if (!mfn_is_ram(first + i) || f->owner != DOMID_XEN || f->count != (FRAME_ALLOCATED | 1))
            return false;
    }
    return true;
}

void __init dom0_decide_memory(struct dom0 *b, u64 free)
{
    u64 adopted, wanted = options.dom0_mem >> PAGE_SHIFT;
    b->ramdisk_pages = b->ramdisk ? pages_of(b->ramdisk->size) : 0;
    b->ramdisk_adopted = b->ramdisk && ramdisk_can_be_adopted(b);
    adopted = b->ramdisk_adopted ? b->ramdisk_pages : 0;
    /* Without a wish, what is left is for Prism's own needs and for the first guests' structures. */
    u64 most = free + adopted - min(free / 16, RESERVE_MAX);
    b->nr_pages = wanted ? wanted : most;
    if (b->nr_pages > most) {
        printk("dom0_mem=%luM is more than there is: the control domain gets %luM\n", mib(wanted), mib(most));
        b->nr_pages = most;
    }
    b->d->max_pages = 0xffffffff;
    if (options.dom0_mem_max) {
        b->d->max_pages = min(options.dom0_mem_max >> PAGE_SHIFT, 0xffffffffUL);
        b->nr_pages = min(b->nr_pages, b->d->max_pages);
    }
}

/* ---- What lies where */

u64 __init dom0_tables_for(u64 va, u64 pages, bool with_l4)
{
    u64 n = with_l4, last = va + (pages - 1) * PAGE_SIZE;
    for (unsigned int shift = 21; shift <= 39; shift += 9)
        n += (last >> shift) - (va >> shift) + 1;
    return n;
}

/* The tables map themselves, so that their number depends on itself. */
static void __init layout_tables(struct dom0 *b, pfn_t at)
{
    b->tables = at;
    b->nr_tables = 0;
    for (;;) {
        b->stack = at + b->nr_tables;
        b->initial_pages = ROUND_UP(b->stack + 1 + pages_of(PADDING), REGION_ALIGN_PAGES);
        u64 n = dom0_tables_for(b->image.virt_base, b->initial_pages, true);
        if (n <= b->nr_tables)
            return;
        b->nr_tables = n;
    }
}

void __init dom0_layout(struct dom0 *b)
{
    pfn_t at = pages_of(b->image.high);
    b->p2m_pages = pages_of(b->nr_pages * sizeof(u64));
    if (b->ramdisk && !b->image.module_by_pfn) {
        b->ramdisk_pfn = at;
        at += b->ramdisk_pages;
    }
    if (!b->image.init_p2m) {
        b->p2m_pfn = at;
        at += b->p2m_pages;
    }
    b->start_info = at;
    layout_tables(b, at + 1);
    at = b->initial_pages;
    if (b->ramdisk && b->image.module_by_pfn) {
        b->ramdisk_pfn = at;
        at += b->ramdisk_pages;
    }
    if (b->image.init_p2m) {
        b->p2m_pfn = at;
        b->p2m_tables = dom0_tables_for(b->image.init_p2m, b->p2m_pages, false);
        at += b->p2m_pages + b->p2m_tables;
    }
    u64 end = dom0_va(b, b->initial_pages);
    if (end < b->image.virt_base && end != 0)
        panic("Control domain: its kernel's address %#lx leaves no room for the initial mapping", b->image.virt_base);
    if (b->ramdisk_pages >= b->nr_pages)
        panic("Control domain: the ramdisk of %lu MiB is too large for its %lu MiB of memory", mib(b->ramdisk_pages),
              mib(b->nr_pages));
    if (at > b->nr_pages)
        panic("Control domain: %lu MiB of memory are too little, its kernel, ramdisk and tables take %lu (dom0_mem=)",
              mib(b->nr_pages), mib(at));
}

/* ---- Which frames */

static void __init add_chunk(struct dom0 *b, mfn_t mfn, u64 count)
{
    struct dom0_chunk *last = b->nr_chunks ? &b->chunks[b->nr_chunks - 1] : NULL;
    if (last && last->mfn + last->count == mfn) {
        last->count += count;
    } else {
        if (b->nr_chunks == DOM0_MAX_CHUNKS)
            panic("Control domain: memory is in too many pieces");
        b->chunks[b->nr_chunks++] = (struct dom0_chunk){ b->next_pfn, mfn, count };
    }
    b->next_pfn += count;
}

/* In pieces as large as there are. What is in the frames does not matter: nobody else has run yet. */
static void __init alloc_pages(struct dom0 *b, u64 count)
{
    unsigned int order = MAX_ORDER;
    while (count) {
        while (1UL << order > count)
            order--;
        mfn_t mfn = domain_alloc_frames(b->d, (struct alloc_request){ .order = order, .no_scrub = true });
        if (mfn != INVALID_MFN) {
            add_chunk(b, mfn, 1UL << order);
            count -= 1UL << order;
        } else if (order-- == 0) {
            panic("Control domain: memory ran out, %lu MiB short of %lu MiB", mib(count), mib(b->nr_pages));
        }
    }
}

static void __init alloc_ramdisk(struct dom0 *b)
{
    mfn_t first = b->ramdisk->start >> PAGE_SHIFT;
    u64 tail = b->ramdisk_pages * PAGE_SIZE - b->ramdisk->size;
    if (!b->ramdisk_adopted) {
        alloc_pages(b, b->ramdisk_pages);
        return;
    }
    heap_count_used(first, b->ramdisk_pages);
    for (u64 i = 0; i < b->ramdisk_pages; i++)
        if (domain_assign_frame(b->d, first + i))
            panic("Control domain: no memory to take over the ramdisk");
    add_chunk(b, first, b->ramdisk_pages);
    memset((u8 *)maddr_to_virt(b->ramdisk->start) + b->ramdisk->size, 0, tail);
}

void __init dom0_alloc_initial(struct dom0 *b)
{
    b->chunks = page_alloc(4);
    _Static_assert(sizeof(struct dom0_chunk) * DOM0_MAX_CHUNKS <= PAGE_SIZE << 4, "room for the chunks");
    if (!b->chunks)
        panic("Control domain: no memory to build it");
    alloc_pages(b, b->initial_pages);
    if (b->ramdisk && b->image.module_by_pfn)
        alloc_ramdisk(b);
    if (b->ramdisk && !b->ramdisk_adopted)
        dom0_copy(b, b->ramdisk_pfn * PAGE_SIZE, maddr_to_virt(b->ramdisk->start), b->ramdisk->size);
    if (b->image.init_p2m)
        alloc_pages(b, b->p2m_pages + b->p2m_tables);
}

void __init dom0_alloc_rest(struct dom0 *b) { alloc_pages(b, b->nr_pages - b->next_pfn); }

void __init dom0_fill_p2m(struct dom0 *b)
{
    u64 *page = NULL, slots = PAGE_SIZE / sizeof(u64);
    for (u32 i = 0; i < b->nr_chunks; i++) {
        const struct dom0_chunk *c = &b->chunks[i];
        for (u64 k = 0; k < c->count; k++) {
            pfn_t pfn = c->pfn + k;
            if (!page || pfn % slots == 0)
                page = dom0_page(b, b->p2m_pfn + pfn / slots);
            page[pfn % slots] = c->mfn + k;
            m2p_table[c->mfn + k] = pfn;
        }
    }
    for (pfn_t pfn = b->nr_pages; pfn % slots; pfn++)
        page[pfn % slots] = INVALID_MFN;
}
