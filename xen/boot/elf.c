/* SPDX-License-Identifier: MIT */
/* ELF64 files of x86-64 kernels (System V ABI, "Object files") and the notes by which they tell Xen how to start
 * them. */
#include <xen/elfnote.h>
#include <xen/features.h>
#include <xen/xen.h>

#include "boot/kernel.h"
#include "lib/lib.h"

struct elf_header {
    u8 ident[16];
    u16 type, machine; u32 version;
    u64 entry, phoff, shoff;
    u32 flags; u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_program_header { u32 type, flags; u64 offset, vaddr, paddr, filesz, memsz, align; };
struct elf_note { u32 name_size, desc_size, type; };

#define MACHINE_386 3
#define MACHINE_X86_64 62
#define PT_LOAD 1
#define PT_NOTE 4
#define PADDR_MAX (1UL << 40)     /* no kernel is linked above that; sums of addresses and sizes cannot overflow */

static const char *const feature_names[] = {
    [XENFEAT_writable_page_tables] = "writable_page_tables",
    [XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
    [XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
    [XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
    [XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
    [XENFEAT_dom0] = "dom0",
};

/* "a|!b|c": each name a feature the kernel can use, with "!" before it one it cannot do without. */
static void parse_features(struct kernel_image *image, const char *text, size_t n)
{
    for (size_t i = 0; i < n && text[i];) {
        bool required = text[i] == '!';
        size_t start = i += required, length = 0;
        while (i < n && text[i] && text[i] != '|')
            i++, length++;
        for (unsigned int f = 0; f < ARRAY_SIZE(feature_names); f++)
            if (feature_names[f] && strlen(feature_names[f]) == length &&
                !strncmp(feature_names[f], &text[start], length)) {
                image->supported_features |= 1u << f;
                if (required)
                    image->required_features |= 1u << f;
            }
        if (i < n && text[i] == '|')
            i++;
    }
}

static void note_text(char *dst, size_t size, const u8 *desc, size_t n)
{
    size_t length = strnlen((const char *)desc, min(n, size - 1));
    memcpy(dst, desc, length);
    dst[length] = 0;
}

struct note_numbers { u64 paddr_offset; };

static void take_note(struct kernel_image *image, struct note_numbers *numbers, u32 type, const u8 *desc, size_t n)
{
    u64 value = 0;
    memcpy(&value, desc, min(n, sizeof(value)));
    image->has_xen_notes = true;
    switch (type) {
    case XEN_ELFNOTE_ENTRY: image->entry = value; break;
    case XEN_ELFNOTE_HYPERCALL_PAGE: image->hypercall_page = value; break;
    case XEN_ELFNOTE_VIRT_BASE: image->virt_base = value; image->has_virt_base = true; break;
    case XEN_ELFNOTE_PADDR_OFFSET: numbers->paddr_offset = value; break;
    case XEN_ELFNOTE_INIT_P2M: image->init_p2m = value; break;
    case XEN_ELFNOTE_MOD_START_PFN: image->module_by_pfn = value != 0; break;
    case XEN_ELFNOTE_SUSPEND_CANCEL: image->suspend_cancel = value != 0; break;
    case XEN_ELFNOTE_PHYS32_ENTRY: image->pvh_entry = value; break;
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        image->has_supported_features = true;
        image->supported_features |= (u32)value;
        break;
    case XEN_ELFNOTE_FEATURES: parse_features(image, (const char *)desc, n); break;
    case XEN_ELFNOTE_GUEST_OS: note_text(image->guest_os, sizeof(image->guest_os), desc, n); break;
    case XEN_ELFNOTE_GUEST_VERSION: note_text(image->guest_version, sizeof(image->guest_version), desc, n); break;
    case XEN_ELFNOTE_LOADER: note_text(image->loader, sizeof(image->loader), desc, n); break;
    default: break;     /* what other kernels and other hypervisors tell each other */
    }
}

static const char *read_notes(struct kernel_image *image, struct note_numbers *numbers, const u8 *p, size_t size,
                              size_t align)
{
    struct elf_note note;
    while (size >= sizeof(note)) {
        memcpy(&note, p, sizeof(note));
        /* Counted from the note's beginning, both what it describes and the next one are aligned. */
        size_t desc = ROUND_UP(sizeof(note) + note.name_size, align), end = ROUND_UP(desc + note.desc_size, align);
        if (end > size)
            return "kernel's ELF notes are damaged";
        if (note.name_size == 4 && memcmp(p + sizeof(note), "Xen", 4) == 0)
            take_note(image, numbers, note.type, p + desc, note.desc_size);
        p += end;
        size -= end;
    }
    return NULL;
}

static const char *take_segment(struct kernel_image *image, const struct elf_program_header *ph)
{
    if (ph->memsz == 0)
        return NULL;
    if (image->nr_segments == KERNEL_MAX_SEGMENTS)
        return "kernel has more ELF segments than Prism takes";
    if (ph->filesz > ph->memsz || ph->paddr >= PADDR_MAX || ph->memsz >= PADDR_MAX)
        return "kernel's ELF segments are impossible";
    image->segments[image->nr_segments++] = (struct kernel_segment){
        .offset = ph->offset, .file_size = ph->filesz, .paddr = ph->paddr, .mem_size = ph->memsz,
    };
    return NULL;
}

/* Addresses as the notes count them: paddr_offset is the domain's address 0. */
static const char *place(struct kernel_image *image, const struct note_numbers *numbers)
{
    image->low = ~0UL;
    for (u32 i = 0; i < image->nr_segments; i++) {
        struct kernel_segment *s = &image->segments[i];
        if (s->paddr < numbers->paddr_offset)
            return "kernel's ELF segments lie below its PADDR_OFFSET";
        s->paddr -= numbers->paddr_offset;
        image->low = min(image->low, s->paddr);
        image->high = max(image->high, s->paddr + s->mem_size);
        for (u32 j = 0; j < i; j++)
            if (s->paddr < image->segments[j].paddr + image->segments[j].mem_size &&
                image->segments[j].paddr < s->paddr + s->mem_size)
                return "kernel's ELF segments overlap";
    }
    return NULL;
}

const char *kernel_elf_parse(const u8 *file, size_t size, struct kernel_image *image)
{
    struct elf_header header;
    struct note_numbers numbers = { 0 };
    memset(image, 0, sizeof(*image));
    if (size < sizeof(header) || memcmp(file, "\177ELF", 4) != 0)
        return "kernel is not an ELF file";
    memcpy(&header, file, sizeof(header));
    if (header.ident[4] != 2 || header.ident[5] != 1 || header.machine != MACHINE_X86_64)
        return header.machine == MACHINE_386 ? "kernel is a 32-bit ELF file" : "kernel is not a 64-bit ELF file of x86";
    if (header.type != 2 && header.type != 3)
        return "kernel's ELF file is not an executable";
    if (header.phentsize != sizeof(struct elf_program_header) || header.phoff > size ||
        (u64)header.phnum * sizeof(struct elf_program_header) > size - header.phoff)
        return "kernel's ELF program headers are damaged";
    for (unsigned int i = 0; i < header.phnum; i++) {
        struct elf_program_header ph;
        const char *why = NULL;
        memcpy(&ph, file + header.phoff + i * sizeof(ph), sizeof(ph));
        if (ph.type != PT_LOAD && ph.type != PT_NOTE)
            continue;
        if (ph.offset > size || ph.filesz > size - ph.offset)
            return "kernel's ELF file is truncated";
        why = ph.type == PT_LOAD ? take_segment(image, &ph) : read_notes(image, &numbers, file + ph.offset, ph.filesz,
                                                                          ph.align == 8 ? 8 : 4);
        if (why)
            return why;
    }
    if (image->nr_segments == 0)
        return "kernel's ELF file has nothing to load";
    if (image->entry == 0)
        image->entry = header.entry;
    return place(image, &numbers);
}

static bool canonical_and_free(u64 start, u64 end)
{
    return start <= end && ((end <= 1UL << 47) || start >= HYPERVISOR_VIRT_END);
}

const char *kernel_pv_check(const struct kernel_image *image, bool control_domain)
{
    /* Linux says that it "requires" writable_page_tables, by which it means that it can do without. */
    static const u32 offered = 1u << XENFEAT_pae_pgdir_above_4gb | 1u << XENFEAT_dom0 |
                               1u << XENFEAT_writable_page_tables;
    u64 start = image->virt_base + image->low, end = image->virt_base + image->high;
    if (!image->has_xen_notes)
        return "kernel has no Xen ELF notes: it cannot run paravirtualized";
    if (!image->has_virt_base)
        return "kernel has no VIRT_BASE note: it cannot run paravirtualized";
    if (image->required_features & ~offered)
        return "kernel requires a Xen feature that Prism does not offer";
    if (control_domain && image->has_supported_features && !(image->supported_features & 1u << XENFEAT_dom0))
        return "kernel cannot be a control domain (no dom0 in its supported features)";
    if ((image->virt_base & (PAGE_SIZE - 1)) || start < image->virt_base || !canonical_and_free(start, end))
        return "kernel's VIRT_BASE is not an address for a PV kernel";
    if (image->entry < start || image->entry >= end)
        return "kernel's entry point lies outside of it";
    if (image->hypercall_page && ((image->hypercall_page & (PAGE_SIZE - 1)) || image->hypercall_page < start ||
                                  image->hypercall_page > end - PAGE_SIZE || image->high - image->low < PAGE_SIZE))
        return "kernel's hypercall page lies outside of it";
    if (image->init_p2m && ((image->init_p2m & ((1UL << 39) - 1)) ||
                            !canonical_and_free(image->init_p2m, image->init_p2m)))
        return "kernel's INIT_P2M is not an address of 512 GiB of its own";
    return NULL;
}
