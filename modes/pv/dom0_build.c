/* SPDX-License-Identifier: MIT */
/* From two boot modules to a running control domain: the order of the steps, and the report. */
#include <xen/xen.h>

#include "boot/boot.h"
#include "boot/unpack.h"
#include "cpu/time.h"
#include "dom/sched.h"
#include "lib/lib.h"
#include "modes/pv/dom0.h"

struct buffer { u8 *data; size_t size; mfn_t mfn; unsigned int order; };

static void __init buffer_free(struct buffer *b)
{
    if (b->mfn != INVALID_MFN)
        heap_free(b->mfn, b->order);
}

/* The kernel as an ELF file, in *elf: the module itself if it is one, else unpacked. */
static void __init unpack_kernel(const struct boot_module *module, struct buffer *elf)
{
    struct kernel_payload payload;
    const u8 *file = maddr_to_virt(module->start);
    const char *why = kernel_payload_find(file, module->size, &payload);
    if (why)
        panic("Boot module 0: %s", why);
    *elf = (struct buffer){ (u8 *)payload.data, payload.size, INVALID_MFN, 0 };
    if (!payload.unpack)
        return;
    stime_t before = system_time();
    while (PAGE_SIZE << elf->order < payload.unpacked_size)
        elf->order++;
    elf->mfn = heap_alloc((struct alloc_request){ .order = elf->order, .no_scrub = true });
    void *workspace = page_alloc(4);
    _Static_assert(UNPACK_WORKSPACE <= PAGE_SIZE << 4, "workspace");
    if (elf->mfn == INVALID_MFN || !workspace)
        panic("Too little memory: no %lu MiB in a row to unpack the kernel", PAGE_SIZE << elf->order >> 20);
    elf->data = mfn_to_virt(elf->mfn);
    why = payload.unpack(payload.data, payload.size, elf->data, payload.unpacked_size, &elf->size, workspace);
    page_free(workspace, 4);
    if (why)
        panic("Boot module 0: kernel cannot be unpacked: %s", why);
    if (elf->size != payload.unpacked_size)
        panic("Boot module 0: kernel cannot be unpacked: %s: shorter than it says", payload.format);
    printk("Kernel unpacked: %lu KiB of %s to %lu KiB in %llu ms\n", payload.size >> 10, payload.format,
           elf->size >> 10, (system_time() - before) / NS_PER_MS);
}

static struct domain *__init create_domain(void)
{
    struct xen_domctl_createdomain config = {
        .max_vcpus = options.dom0_max_vcpus ? min(options.dom0_max_vcpus, (u32)MAX_VCPUS) : nr_cpus,
        .max_evtchn_port = ~0u,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(2),
    };
    struct domain *d;
    const char *why;
    const struct row *row = row_for(&config, &why);
    if (!row)
        panic("Control domain: %s", why);
    int rc = domain_create(0, row, &config, true, &d);
    if (rc)
        panic("Control domain: cannot be created (%d)", rc);
    return d;
}

static void __init create_vcpus(struct domain *d)
{
    for (u32 i = 0; i < d->max_vcpus; i++) {
        struct vcpu *v;
        unsigned int cpu = i % nr_cpus;
        int rc = vcpu_create(d, i, cpu, &v);
        if (rc)
            panic("Control domain: vCPU %u cannot be created (%d)", i, rc);
        if (options.dom0_vcpus_pin && vcpu_set_affinity(v, 1UL << cpu, ~0UL))
            panic("Control domain: vCPU %u cannot be pinned to CPU %u", i, cpu);
    }
}

static void __init load_kernel(struct dom0 *b, const struct buffer *elf)
{
    for (u32 i = 0; i < b->image.nr_segments; i++) {
        const struct kernel_segment *s = &b->image.segments[i];
        dom0_copy(b, s->paddr, elf->data + s->offset, s->file_size);
        dom0_copy(b, s->paddr + s->file_size, NULL, s->mem_size - s->file_size);
    }
    if (b->image.hypercall_page)
        pv_fill_hypercall_page(dom0_page(b, (b->image.hypercall_page - b->image.virt_base) >> PAGE_SHIFT));
}

/* What the loader brought has been copied, but for a ramdisk that became the domain's as it was. */
static void __init release_modules(const struct dom0 *b, const struct boot_info *info)
{
    for (u32 i = 0; i < info->nr_modules; i++) {
        const struct boot_module *m = &info->modules[i];
        if (m->size && !(m == b->ramdisk && b->ramdisk_adopted))
            mem_release_boot_range(m->start, m->start + m->size);
    }
}

static void __init report(const struct dom0 *b)
{
    printk("Control domain: %s %s, %u vCPUs, %lu MiB in %u pieces\n", b->image.guest_os, b->image.guest_version,
           b->d->max_vcpus, b->nr_pages >> 8, b->nr_chunks);
    printk(" kernel       %016lx -> %016lx\n", b->image.virt_base + b->image.low, b->image.virt_base + b->image.high);
    if (b->ramdisk)
        printk(" ramdisk      pfn %#lx, %lu KiB%s\n", b->ramdisk_pfn, b->ramdisk->size >> 10,
               b->ramdisk_adopted ? " (in place)" : "");
    printk(" p2m list     %016lx, pfn %#lx, %lu pages\n",
           b->image.init_p2m ? b->image.init_p2m : dom0_va(b, b->p2m_pfn), b->p2m_pfn, b->p2m_pages);
    printk(" start info   %016lx\n", dom0_va(b, b->start_info));
    printk(" page tables  %016lx -> %016lx\n", dom0_va(b, b->tables), dom0_va(b, b->tables + b->nr_tables));
    printk(" boot stack   %016lx\n", dom0_va(b, b->stack));
    printk(" mapped       %016lx -> %016lx\n", b->image.virt_base, dom0_va(b, b->initial_pages));
    printk(" entry        %016lx\n", b->image.entry);
}

void __init pv_build_dom0(const struct boot_info *info)
{
    static struct dom0 b __initdata;
    struct buffer elf;
    if (info->nr_modules == 0)
        panic("No boot module: the control domain's kernel is missing");
    b.kernel = &info->modules[0];
    b.ramdisk = info->nr_modules > 1 && info->modules[1].size ? &info->modules[1] : NULL;
    b.d = create_domain();
    create_vcpus(b.d);
    u64 before = heap_free_frames();
    unpack_kernel(b.kernel, &elf);
    const char *why = kernel_elf_parse(elf.data, elf.size, &b.image);
    if (!why)
        why = kernel_pv_check(&b.image, true);
    if (why)
        panic("Boot module 0: %s", why);
    dom0_decide_memory(&b, before);
    dom0_layout(&b);
    dom0_alloc_initial(&b);
    load_kernel(&b, &elf);
    buffer_free(&elf);
    dom0_alloc_rest(&b);
    dom0_fill_p2m(&b);
    dom0_build_tables(&b);
    dom0_fill_start_info(&b, info);
    dom0_permissions(b.d, info);
    update_domain_wallclock(b.d);
    dom0_start_vcpu(&b, b.d->vcpu[0]);
    report(&b);
    page_free(b.chunks, 4);
    release_modules(&b, info);
    domain_unpause_by_controller(b.d);
}
