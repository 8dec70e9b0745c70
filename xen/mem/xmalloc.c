/* SPDX-License-Identifier: MIT */
/* Small objects. A slab is one page of objects of one size class; what fits in no class gets pages of its own. Every
 * page that an object can start in begins with a header, so freeing needs the address alone. */
#include "lib/lib.h"
#include "lib/list.h"
#include "lib/spinlock.h"
#include "mem/alloc_fault.h"
#include "mem/frame.h"

struct slab {
    u32 magic;
    u32 class;             /* SLAB_MAGIC: index into classes[]. LARGE_MAGIC: pages in all */
    u32 in_use;
    u32 offset;            /* of the first object */
    void *free;            /* list of free objects, linked through their first word */
    struct list link;      /* in its class's list while it has a free object */
};
#define SLAB_MAGIC 0x534c4142
#define LARGE_MAGIC 0x4c415247
#define HEADER_SIZE 64
#define ALIGN_MAX 512      /* more than that is asked of page_alloc */

static const u16 sizes[] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1328, 2000 };
#define NR_CLASSES ARRAY_SIZE(sizes)

/* Guarded by lock. partial[] lists are empty where next is NULL: not used yet. The counts are of what is allocated now. */
static struct spinlock lock = SPINLOCK_INIT(RANK_XMALLOC);
static struct list partial[NR_CLASSES];
static u64 class_objects[NR_CLASSES], class_slabs[NR_CLASSES], large_objects, large_pages;

static u32 lowest_bit(u32 x)
{
    return x & -x;
}

/* The smallest class whose objects are all aligned so; NR_CLASSES if there is none. */
static u32 class_for(size_t size, size_t align)
{
    u32 c;

    for (c = 0; c < NR_CLASSES; c++)
        if (sizes[c] >= size && sizes[c] % align == 0)
            break;
    return c;
}

/* A new slab with all its objects free. Lock not held: the heap's lock comes before it. */
static struct slab *slab_make(u32 class)
{
    struct slab *s = page_alloc(0);
    u32 size = sizes[class];

    if (!s)
        return NULL;
    s->magic = SLAB_MAGIC;
    s->class = class;
    s->offset = max((u32)HEADER_SIZE, lowest_bit(size));
    for (u32 at = s->offset; at + size <= PAGE_SIZE; at += size) {
        void **object = (void *)((char *)s + at);

        *object = s->free;
        s->free = object;
    }
    return s;
}

static void *slab_take(struct slab *s)
{
    void **object = s->free;

    s->free = *object;
    s->in_use++;
    if (!s->free)
        list_del(&s->link);
    return object;
}

static void *small_alloc(u32 class)
{
    unsigned long flags = spin_lock_irqsave(&lock);
    struct slab *s;
    void *p;

    if (!partial[class].next)
        list_init(&partial[class]);
    while (list_empty(&partial[class])) {
        spin_unlock_irqrestore(&lock, flags);
        s = slab_make(class);
        if (!s)
            return NULL;
        flags = spin_lock_irqsave(&lock);
        if (!list_empty(&partial[class])) {   /* there is room again */
            spin_unlock_irqrestore(&lock, flags);
            page_free(s, 0);
            flags = spin_lock_irqsave(&lock);
            continue;
        }
        class_slabs[class]++;
        list_add(&s->link, &partial[class]);
    }
    p = slab_take(list_first(&partial[class], struct slab, link));
    class_objects[class]++;
    spin_unlock_irqrestore(&lock, flags);
    return memset(p, 0, sizes[class]);
}

/* Pages of a block, as power-of-two pieces each aligned to its size within the block. */
static void free_pages(char *base, u32 first, u32 end)
{
    while (first < end) {
        unsigned int order = first ? (unsigned int)__builtin_ctz(first) : 31;

        while (first + (1UL << order) > end)
            order--;
        page_free(base + first * PAGE_SIZE, order);
        first += 1u << order;
    }
}

static void count_large(s64 objects, s64 pages)
{
    unsigned long flags = spin_lock_irqsave(&lock);

    large_objects += (u64)objects;
    large_pages += (u64)pages;
    spin_unlock_irqrestore(&lock, flags);
}

static void *large_alloc(size_t size, size_t align)
{
    size_t offset = max((size_t)HEADER_SIZE, align);
    size_t pages = DIV_ROUND_UP(size + offset, PAGE_SIZE);
    unsigned int order = 0;
    struct slab *s;

    while ((1UL << order) < pages)
        order++;
    if (order > MAX_ORDER || (s = page_alloc(order)) == NULL)
        return NULL;
    free_pages((char *)s, (u32)pages, 1u << order);
    s->magic = LARGE_MAGIC;
    s->class = (u32)pages;
    count_large(1, (s64)pages);
    return (char *)s + offset;
}

void *xzalloc_bytes(size_t size, size_t align)
{
    u32 class;

    align = max(align, (size_t)16);
    ASSERT(align <= ALIGN_MAX && (align & (align - 1)) == 0);
    if (size > (1UL << (MAX_ORDER + PAGE_SHIFT)) - PAGE_SIZE || alloc_must_fail(__builtin_return_address(0)))
        return NULL;
    class = class_for(size, align);
    return class < NR_CLASSES ? small_alloc(class) : large_alloc(size, align);
}

/* One slab without objects stays in each class as long as no other has room: the next object will come soon. Lock held;
 * s has got room, or its last object has gone. Returns the slab that is not needed any more, NULL: none. */
static struct slab *slab_too_many(struct slab *s, bool was_full)
{
    struct list *list = &partial[s->class];
    struct slab *other = list_empty(list) ? NULL : list_first(list, struct slab, link);

    if (was_full)
        list_add(&s->link, list);
    if (was_full && other && other->in_use == 0)
        s = other;
    else if (s->in_use || s->link.next == s->link.prev)
        return NULL;
    list_del(&s->link);
    class_slabs[s->class]--;
    return s;
}

static void small_free(struct slab *s, void *p)
{
    unsigned long flags = spin_lock_irqsave(&lock);
    void **object = p;
    bool was_full = !s->free;

    BUG_ON(((char *)p - (char *)s - s->offset) % sizes[s->class] || s->in_use == 0);
    *object = s->free;
    s->free = object;
    s->in_use--;
    class_objects[s->class]--;
    s = slab_too_many(s, was_full);
    spin_unlock_irqrestore(&lock, flags);
    if (s)
        page_free(s, 0);
}

void xfree(void *p)
{
    struct slab *s = (struct slab *)((unsigned long)p & PAGE_MASK);

    if (!p)
        return;
    if (s->magic == SLAB_MAGIC)
        small_free(s, p);
    else {
        BUG_ON(s->magic != LARGE_MAGIC);
        s->magic = 0;
        count_large(-1, -(s64)s->class);
        free_pages((char *)s, 0, s->class);
    }
}

u64 xmalloc_dump(void)
{
    u64 objects[NR_CLASSES], frames, bytes = 0, count = 0, large, pages;
    unsigned long flags = spin_lock_irqsave(&lock);

    memcpy(objects, class_objects, sizeof(objects));
    large = large_objects;
    frames = pages = large_pages;
    for (u32 c = 0; c < NR_CLASSES; c++)
        frames += class_slabs[c];
    spin_unlock_irqrestore(&lock, flags);

    printk("Objects by size:");
    for (u32 c = 0; c < NR_CLASSES; c++) {
        printk(" %u:%lu", sizes[c], objects[c]);
        bytes += objects[c] * sizes[c];
        count += objects[c];
    }
    printk("\nHeap: %lu objects, %lu bytes; %lu large ones, %lu frames; %lu frames in all\n", count, bytes, large, pages,
           frames);
    return frames;
}
