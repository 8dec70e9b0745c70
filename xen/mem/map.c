/* SPDX-License-Identifier: MIT */
/* Prism's own mappings: single pages of its tables, and the vmap area, from which address space is handed out with a
 * guard page behind each piece. Tables, once made, stay: only their entries change. */
#include "mem/map.h"

#include "boot/boot.h"
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "mem/frame.h"

#define VMAP_PAGES (1UL << 19)   /* 2 GiB of the area are in use: a bit each */
#define TABLE_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D)
#define DATA_FLAGS (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G | PTE_NX)
#define READ_FLAGS (PTE_P | PTE_A | PTE_G)

u64 *idle_l4 = boot_l4;

/* Guards vmap_used and every change of Prism's tables after boot. */
static struct spinlock vmap_lock = SPINLOCK_INIT(RANK_VMAP);
static u64 vmap_used[VMAP_PAGES / 64];
static unsigned long vmap_next;   /* where to look first */

maddr_t virt_to_maddr(const void *v)
{
    unsigned long a = (unsigned long)v;

    if (a >= DIRECTMAP_START && a < DIRECTMAP_START + DIRECTMAP_SIZE)
        return a - DIRECTMAP_START;
    BUG_ON(a < (unsigned long)__image_start || a >= (unsigned long)_end);
    return a - IMAGE_START + IMAGE_LOAD_ADDRESS;
}

static u64 *table_at(u64 entry)
{
    return mfn_to_virt((entry & PTE_MFN_MASK) >> PAGE_SHIFT);
}

/* The level-1 entry of va; NULL if a table on the way is missing, *missing then has the entry to fill. */
static u64 *find_entry(u64 *l4, unsigned long va, u64 **missing)
{
    u64 *entry = &l4[(va >> 39) % 512];

    for (unsigned int shift = 30; shift >= PAGE_SHIFT; shift -= 9) {
        if (!(*entry & PTE_P)) {
            *missing = entry;
            return NULL;
        }
        BUG_ON(shift < 30 && (*entry & PTE_PSE));
        entry = &table_at(*entry)[(va >> shift) % 512];
    }
    return entry;
}

/* The heap's lock ranks below vmap_lock: a missing table is allocated without it, and given back if somebody was
 * faster. */
int map_page(u64 *l4, unsigned long va, u64 pte)
{
    u64 *entry, *missing = NULL;
    void *spare = NULL;

    for (;;) {
        spin_lock(&vmap_lock);
        entry = find_entry(l4, va, &missing);
        if (!entry && spare) {
            *missing = virt_to_maddr(spare) | TABLE_FLAGS;
            spare = NULL;
            entry = find_entry(l4, va, &missing);
        }
        if (entry)
            *entry = pte;
        spin_unlock(&vmap_lock);
        if (entry)
            break;
        spare = page_alloc(0);
        if (!spare)
            return -ENOMEM;
    }
    if (spare)
        page_free(spare, 0);
    return 0;
}

static void flush_everywhere(void)
{
    cpumask_t me = 1ULL << smp_processor_id();

    if (cpu_online_mask & ~me)
        flush_tlb_mask(cpu_online_mask | me);
    else
        flush_tlb_local();
}

/* n free pages in a row, and one more behind them that stays unmapped. */
static bool take_from(unsigned long start, unsigned long n, unsigned long *at)
{
    for (;;) {
        unsigned long end;

        start = find_next_zero_bit(vmap_used, VMAP_PAGES, start);
        if (start + n + 1 > VMAP_PAGES)
            return false;
        end = find_next_bit(vmap_used, start + n + 1, start);
        if (end == start + n + 1)
            break;
        start = end;
    }
    for (unsigned long i = start; i <= start + n; i++)
        __set_bit(i, vmap_used);
    *at = start;
    return true;
}

static unsigned long take_addresses(unsigned long n)
{
    unsigned long at;
    bool found;

    if (n == 0 || n >= VMAP_PAGES)
        return 0;
    spin_lock(&vmap_lock);
    found = take_from(vmap_next, n, &at) || take_from(0, n, &at);
    if (found)
        vmap_next = at + n + 1;
    spin_unlock(&vmap_lock);
    return found ? VMAP_START + at * PAGE_SIZE : 0;
}

/* Unmaps n pages and gives the addresses back once no CPU can still use them. */
static void release_addresses(unsigned long va, unsigned long n)
{
    unsigned long first = (va - VMAP_START) / PAGE_SIZE;
    u64 *missing;

    BUG_ON(va < VMAP_START || first + n >= VMAP_PAGES || !test_bit(first + n, vmap_used));
    spin_lock(&vmap_lock);
    for (unsigned long i = 0; i < n; i++) {
        u64 *entry = find_entry(idle_l4, va + i * PAGE_SIZE, &missing);

        if (entry)   /* else a mapping that failed half-way */
            *entry = 0;
    }
    spin_unlock(&vmap_lock);
    flush_everywhere();
    spin_lock(&vmap_lock);
    for (unsigned long i = first; i <= first + n; i++)
        __clear_bit(i, vmap_used);
    vmap_next = min(vmap_next, first);
    spin_unlock(&vmap_lock);
}

void *ioremap(maddr_t address, size_t length, enum map_cache cache)
{
    /* PAT as reset leaves it (APM vol. 2, 7.8.2): entry 3 is UC, entry 2 UC-, which write-combining MTRRs override. */
    static const u64 cache_bits[] = { [MAP_WB] = 0, [MAP_UC] = PTE_PCD | PTE_PWT, [MAP_WC] = PTE_PCD };
    unsigned long offset = address & ~PAGE_MASK, n = DIV_ROUND_UP(offset + length, PAGE_SIZE);
    unsigned long va = address + length < address ? 0 : take_addresses(n);

    if (!va)
        return NULL;
    for (unsigned long i = 0; i < n; i++)
        if (map_page(idle_l4, va + i * PAGE_SIZE,
                     ((address & PAGE_MASK) + i * PAGE_SIZE) | DATA_FLAGS | cache_bits[cache])) {
            release_addresses(va, n);
            return NULL;
        }
    return (void *)(va + offset);
}

void iounmap(void *p, size_t length)
{
    unsigned long va = (unsigned long)p;

    release_addresses(va & PAGE_MASK, DIV_ROUND_UP((va & ~PAGE_MASK) + length, PAGE_SIZE));
}

void *vmap(const mfn_t *mfns, unsigned int n)
{
    unsigned long va = take_addresses(n);

    if (!va)
        return NULL;
    for (unsigned int i = 0; i < n; i++)
        if (map_page(idle_l4, va + i * PAGE_SIZE, (u64)mfns[i] << PAGE_SHIFT | DATA_FLAGS)) {
            release_addresses(va, n);
            return NULL;
        }
    return (void *)va;
}

void vunmap(void *p, unsigned int n)
{
    release_addresses((unsigned long)p, n);
}

/* ---- The image's rights */

/* Gives the pages [start, end) of the image these flags in the image's own mapping (0: none) and in the direct map. */
static void protect(const char *start, const char *end, u64 image_flags, u64 direct_flags)
{
    for (const char *p = start; p < end; p += PAGE_SIZE) {
        maddr_t a = virt_to_maddr(p);

        image_l1[(p - __image_start) / PAGE_SIZE] = image_flags ? a | image_flags : 0;
        if (map_page(idle_l4, (unsigned long)maddr_to_virt(a), a | direct_flags))
            BUG();   /* directmap.c made these tables */
    }
}

void map_protect_image(void)
{
    protect(__image_start, __init_text_end, READ_FLAGS, READ_FLAGS | PTE_NX);
    protect(__rodata_start, __rodata_end, READ_FLAGS | PTE_NX, READ_FLAGS | PTE_NX);
    protect(__init_data_start, _end, DATA_FLAGS, DATA_FLAGS);
    flush_everywhere();
}

static u64 free_section(const char *start, const char *end)
{
    protect(start, end, 0, DATA_FLAGS);
    flush_everywhere();
    mem_release_boot_range(virt_to_maddr(start), virt_to_maddr(start) + (u64)(end - start));
    return (u64)(end - start);
}

void boot_free_init(void)
{
    u64 bytes;

    BUG_ON((const char *)cpu_info() >= __init_bss_start && (const char *)cpu_info() < __init_bss_end);
    bytes = free_section(__init_text_start, __init_text_end) + free_section(__init_data_start, __init_data_end) +
            free_section(__init_bss_start, __init_bss_end);
    printk("Freed %lu KiB of boot code and data\n", bytes >> 10);
}
