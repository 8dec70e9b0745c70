/* SPDX-License-Identifier: MIT */
/* rings DOMID SEED ROUNDS REF...: spoils the pages that a guest has granted by these references, which are the rings of its
 * disk and network, as its own kernel would if it meant harm: indexes and requests become random numbers while the backends
 * are at work. Runs in the control domain, where it finds the pages by the guest's grant table. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xenforeignmemory.h>

#define PAGE 4096u
#define ENTRIES (PAGE / sizeof(struct grant_entry_v1))
#define RINGS 16
#define INDEXES 4                 /* words at the beginning of a ring: its producers' and consumers' */
#define PAUSE_US 1000

static xenforeignmemory_handle *memory;
static uint64_t state;

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "rings: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint32_t draw(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state * 0x2545f4914f6cdd1dull >> 32);
}

static volatile uint32_t *map_ring(uint32_t domain, uint32_t ref)
{
    void *table = NULL;
    xenforeignmemory_resource_handle *resource = xenforeignmemory_map_resource(
        memory, (domid_t)domain, XENMEM_resource_grant_table, XENMEM_resource_grant_table_id_shared, ref / ENTRIES, 1, &table,
        PROT_READ, 0);
    const struct grant_entry_v1 *entry;
    xen_pfn_t frame;
    int error = 0;
    void *page;

    must(resource != NULL, "its grant table");
    entry = (const struct grant_entry_v1 *)table + ref % ENTRIES;
    frame = entry->frame;
    must((entry->flags & GTF_type_mask) == GTF_permit_access, "an entry in use");
    xenforeignmemory_unmap_resource(memory, resource);
    page = xenforeignmemory_map(memory, domain, PROT_READ | PROT_WRITE, 1, &frame, &error);
    must(page != NULL && error == 0, "a ring");
    return page;
}

/* Some words of it, and now and then an index. */
static void spoil(volatile uint32_t *ring)
{
    for (uint32_t n = 1 + draw() % 32; n > 0; n--)
        ring[draw() % (PAGE / 4)] = draw() % 3 ? draw() : draw() % 16;
    if (draw() % 8 == 0)
        ring[draw() % INDEXES] += draw() % 4 ? draw() % 64 : draw();
}

int main(int words, char **word)
{
    volatile uint32_t *ring[RINGS];
    uint32_t rings = words > 4 ? (uint32_t)words - 4 : 0, rounds;

    if (rings == 0 || rings > RINGS) {
        fprintf(stderr, "usage: rings DOMID SEED ROUNDS REF...\n");
        return 2;
    }
    memory = xenforeignmemory_open(NULL, 0);
    must(memory != NULL, "xenforeignmemory");
    state = strtoull(word[2], NULL, 0) * 0x9e3779b97f4a7c15ull | 1;
    rounds = (uint32_t)strtoul(word[3], NULL, 0);
    for (uint32_t i = 0; i < rings; i++)
        ring[i] = map_ring((uint32_t)strtoul(word[1], NULL, 0), (uint32_t)strtoul(word[4 + i], NULL, 0));
    for (uint32_t round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < rings; i++)
            spoil(ring[i]);
        usleep(PAUSE_US);
    }
    printf("rings: %u spoilt %u times\n", rings, rounds);
    return 0;
}
