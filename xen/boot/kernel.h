/* SPDX-License-Identifier: MIT */
/* What a guest kernel's file says of itself: the Linux boot protocol's bzImage around it, ELF, and Xen's ELF notes
 * (public header xen/elfnote.h). Pure: nothing here trusts a byte of the file. */
#ifndef PRISM_BOOT_KERNEL_H
#define PRISM_BOOT_KERNEL_H

#include "lib/types.h"

/* ---- bzimage.c */
struct kernel_payload {
    const u8 *data; size_t size;
    size_t unpacked_size;                  /* bytes; equal to size if it is not packed */
    /* NULL: it is ELF as it stands */
    const char *(*unpack)(const u8 *in, size_t in_size, u8 *out, size_t out_size, size_t *produced, void *workspace);
    const char *format;                    /* "ELF", "xz", "gzip" */
};
/* Finds the payload in a file that is a bzImage (Linux Documentation/x86/boot.rst: protocol 2.08 on) or an ELF file.
 * NULL, or one line that says why it is no kernel. */
const char *kernel_payload_find(const u8 *file, size_t size, struct kernel_payload *payload);

/* ---- elf.c */
#define KERNEL_MAX_SEGMENTS 16
struct kernel_segment { u64 offset, file_size, paddr, mem_size; };
struct kernel_image {
    u32 nr_segments; struct kernel_segment segments[KERNEL_MAX_SEGMENTS];   /* paddr counts from the domain's 0 */
    u64 low, high;                         /* paddr of the first byte, one past the last */
    u64 virt_base;                         /* virtual address of paddr 0 */
    u64 entry, hypercall_page, init_p2m;   /* virtual addresses; 0: none, none, p2m in the initial mapping */
    u64 pvh_entry;                         /* XEN_ELFNOTE_PHYS32_ENTRY; 0: none */
    u32 supported_features;                /* XENFEAT_* bits; valid if has_supported_features */
    u32 required_features;
    bool has_supported_features, has_virt_base, module_by_pfn, has_xen_notes, suspend_cancel;
    char guest_os[16], guest_version[16], loader[16];
};
/* Takes apart a 64-bit ELF file of x86 and its notes. NULL, or one line that says what is wrong. */
const char *kernel_elf_parse(const u8 *file, size_t size, struct kernel_image *image);
/* As above, what a PV domain's kernel needs beyond being well-formed; control_domain: and what the first domain's
 * needs. */
const char *kernel_pv_check(const struct kernel_image *image, bool control_domain);

#endif
