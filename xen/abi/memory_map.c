/* SPDX-License-Identifier: MIT */
/* What a domain is told about memory: the machine's map (for the control domain), its own map (as the toolstack set
 * it), and where the machine-to-physical table lies. */
#include "abi/memory.h"
#include "boot/boot.h"
#include "cpu/acpi.h"
#include "mem/frame.h"

/* Messages of interrupts are writes to this range (APM vol. 2, 16.11). */
#define MSI_WINDOW 0xfee00000UL
#define MSI_WINDOW_SIZE 0x100000UL
#define M2P_EXTENT_SHIFT 21

/* ---- Memory maps */

struct map_writer {
    struct xen_memory_map map;
    unsigned int n;
};

static int write_entry(struct map_writer *w, u64 address, u64 size, u32 type)
{
    struct xen_e820entry e = { address, size, type };

    if (w->n >= w->map.nr_entries)
        return -EINVAL;
    return copy_to_guest_va((unsigned long)w->map.buffer.p + w->n++ * sizeof(e), &e, sizeof(e));
}

static bool in_boot_map(u64 address, u64 size)
{
    for (u32 i = 0; i < boot_info.nr_ranges; i++)
        if (address < boot_info.ranges[i].start + boot_info.ranges[i].length &&
            boot_info.ranges[i].start < address + size)
            return true;
    return false;
}

/* What is Prism's own though no memory map may say so. */
static int write_reserved(struct map_writer *w, u64 address, u64 size)
{
    return in_boot_map(address, size) ? 0 : write_entry(w, address, size, MEM_RESERVED);
}

long memory_map_machine(unsigned long arg)
{
    struct map_writer w = { .n = 0 };
    int rc = 0;

    if (!current->domain->is_privileged)
        return -EPERM;
    if (copy_arg_from(&w.map, arg))
        return -EFAULT;
    for (u32 i = 0; i < boot_info.nr_ranges && rc == 0; i++) {
        const struct memory_range *r = &boot_info.ranges[i];
        u64 start = r->start, end = r->start + r->length;

        if (r->type == MEM_RAM) {   /* whole pages of it */
            start = ROUND_UP(start, PAGE_SIZE);
            end &= PAGE_MASK;
        }
        if (start < end)
            rc = write_entry(&w, start, end - start, r->type);
    }
    for (u32 i = 0; i < acpi_routing.nr_ioapics && rc == 0; i++)
        rc = write_reserved(&w, acpi_routing.ioapics[i].address & PAGE_MASK, PAGE_SIZE);
    if (rc == 0)
        rc = write_reserved(&w, MSI_WINDOW, MSI_WINDOW_SIZE);
    if (rc)
        return rc;
    w.map.nr_entries = w.n;
    return copy_arg_to(arg, &w.map);
}

long memory_map_get(unsigned long arg)
{
    struct domain *d = current->domain;
    struct map_writer w = { .n = 0 };
    struct xen_e820entry e = { 0 };
    bool more;
    int rc;

    if (!ACCESS_ONCE(d->memory_map))
        return -ENOSYS;
    if (copy_arg_from(&w.map, arg))
        return -EFAULT;
    while (w.n < w.map.nr_entries) {
        spin_lock(&d->domain_lock);
        more = w.n < d->nr_memory_map;
        if (more)
            e = d->memory_map[w.n];
        spin_unlock(&d->domain_lock);
        if (!more)
            break;
        rc = write_entry(&w, e.address, e.size, e.type);
        if (rc)
            return rc;
    }
    w.map.nr_entries = w.n;
    return copy_arg_to(arg, &w.map);
}

long memory_map_set(unsigned long arg)
{
    struct xen_foreign_memory_map request;
    struct xen_e820entry *map, *old;
    struct domain *d;
    long rc;

    if (copy_arg_from(&request, arg))
        return -EFAULT;
    if (request.map.nr_entries == 0 || request.map.nr_entries > E820_MAX)
        return -EINVAL;
    if ((d = memory_target(request.domid, &rc)) == NULL)
        return rc;
    rc = -ENOMEM;
    map = xzalloc_array(struct xen_e820entry, request.map.nr_entries);
    if (!map)
        goto out;
    rc = copy_from_guest_va(map, (unsigned long)request.map.buffer.p, request.map.nr_entries * sizeof(*map));
    if (rc) {
        xfree(map);
        goto out;
    }
    spin_lock(&d->domain_lock);
    old = d->memory_map;
    d->memory_map = map;
    d->nr_memory_map = request.map.nr_entries;
    spin_unlock(&d->domain_lock);
    xfree(old);
out:
    domain_put(d);
    return rc;
}

void memory_domain_free(struct domain *d)
{
    xfree(d->memory_map);
    d->memory_map = NULL;
}

/* ---- The machine-to-physical table */

static u64 m2p_bytes(void)
{
    return max_mfn * sizeof(*m2p_table);
}

/* The table's machine frames, 2 MiB a time (the last one may be shorter). */
long memory_m2p_list(unsigned long arg)
{
    struct xen_machphys_mfn_list list;
    u64 extents = ROUND_UP(m2p_bytes(), 1UL << M2P_EXTENT_SHIFT) >> M2P_EXTENT_SHIFT;
    unsigned int i;

    if (copy_arg_from(&list, arg))
        return -EFAULT;
    for (i = 0; i < list.max_extents && i < extents; i++) {
        xen_pfn_t mfn = virt_to_mfn((const char *)m2p_table + ((u64)i << M2P_EXTENT_SHIFT));

        if (copy_to_guest_offset(list.extent_start, i, &mfn, 1))
            return -EFAULT;
    }
    list.nr_extents = i;
    return copy_arg_to(arg, &list);
}

long memory_m2p_mapping(unsigned long arg)
{
    struct xen_machphys_mapping mapping = {
        .v_start = M2P_START, .v_end = M2P_START + ROUND_UP(m2p_bytes(), PAGE_SIZE), .max_mfn = max_mfn - 1,
    };

    return copy_arg_to(arg, &mapping);
}
