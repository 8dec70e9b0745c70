/* SPDX-License-Identifier: MIT */
// sources: xen/boot/bzimage.c xen/boot/elf.c
/* Kernel files: the ones that are accepted, and every way to be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/elfnote.h>
#include <xen/features.h>

#include "boot/kernel.h"
#include "boot/unpack.h"

/* bzimage.c only names them; test_unpack.c tests them. */
const char *xz_unpack(const u8 *in, size_t in_size, u8 *out, size_t out_size, size_t *produced, void *workspace)
{ return NULL; }
const char *gzip_unpack(const u8 *in, size_t in_size, u8 *out, size_t out_size, size_t *produced, void *workspace)
{ return NULL; }

#define BASE 0xffffffff80000000UL

struct file { u8 *data; size_t size; };
struct builder { u8 data[16384]; size_t notes, notes_end; Elf64_Ehdr *eh; Elf64_Phdr *ph; };

static void note(struct builder *b, u32 type, const void *desc, u32 size)
{
    u32 head[3] = { 4, size, type };
    memcpy(b->data + b->notes_end, head, 12);
    memcpy(b->data + b->notes_end + 12, "Xen", 4);
    memcpy(b->data + b->notes_end + 16, desc, size);
    b->notes_end += 16 + ((size + 3) & ~3u);
    b->ph[2].p_filesz = b->ph[2].p_memsz = b->notes_end - b->notes;
}

static void number(struct builder *b, u32 type, u64 value) { note(b, type, &value, 8); }

/* Two segments, one with bss, and notes like Linux's. */
static void good(struct builder *b)
{
    memset(b, 0, sizeof(*b));
    b->eh = (Elf64_Ehdr *)b->data;
    b->ph = (Elf64_Phdr *)(b->data + sizeof(Elf64_Ehdr));
    *b->eh = (Elf64_Ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', 2, 1, 1 }, .e_type = 2, .e_machine = 62, .e_version = 1,
                           .e_entry = 0x1000000, .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
                           .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3 };
    b->ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 4096, .p_vaddr = BASE + 0x1000000, .p_paddr = 0x1000000,
                             .p_filesz = 4096, .p_memsz = 4096 };
    b->ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 8192, .p_vaddr = 0, .p_paddr = 0x1002000, .p_filesz = 4096,
                             .p_memsz = 0x10000 };
    b->notes = b->notes_end = 12288;
    b->ph[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = b->notes, .p_align = 4 };
    number(b, XEN_ELFNOTE_VIRT_BASE, BASE);
    number(b, XEN_ELFNOTE_ENTRY, BASE + 0x1000100);
    number(b, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    number(b, XEN_ELFNOTE_PADDR_OFFSET, 0);
    note(b, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb", 41);
    note(b, XEN_ELFNOTE_SUPPORTED_FEATURES, "\1\210\0", 4);
    note(b, XEN_ELFNOTE_MOD_START_PFN, "\1\0\0", 4);
    note(b, XEN_ELFNOTE_GUEST_OS, "linux", 6);
}

/* Parses a copy that ends where the file ends, so that reading beyond is seen. */
static const char *parse(const struct builder *b, size_t size, struct kernel_image *image)
{
    u8 *copy = malloc(size ? size : 1);
    memcpy(copy, b->data, size);
    const char *why = kernel_elf_parse(copy, size, image);
    free(copy);
    return why ? why : kernel_pv_check(image, true);
}

static void test_good(void **state)
{
    struct builder b;
    struct kernel_image i;
    good(&b);
    assert_null(parse(&b, sizeof(b.data), &i));
    assert_int_equal(i.nr_segments, 2);
    assert_int_equal(i.low, 0x1000000);
    assert_int_equal(i.high, 0x1012000);
    assert_true(i.virt_base == BASE && i.entry == BASE + 0x1000100 && i.init_p2m == 0x8000000000);
    assert_true(i.module_by_pfn && i.has_supported_features && i.hypercall_page == 0);
    assert_string_equal(i.guest_os, "linux");
    assert_int_equal(i.required_features, 1 << XENFEAT_writable_page_tables);
}

static void test_paddr_offset(void **state)
{
    struct builder b;
    struct kernel_image i;
    good(&b);
    number(&b, XEN_ELFNOTE_PADDR_OFFSET, 0x800000);
    number(&b, XEN_ELFNOTE_ENTRY, BASE + 0x800000);
    assert_null(parse(&b, sizeof(b.data), &i));
    assert_int_equal(i.low, 0x800000);
    number(&b, XEN_ELFNOTE_PADDR_OFFSET, 0x1001000);
    assert_non_null(parse(&b, sizeof(b.data), &i));
}

/* Eight-byte aligned notes: what a note of ours describes begins 16 bytes after it, and the next note at a multiple of 8. */
static void test_notes_by_eight(void **state)
{
    static const u32 property[] = { 4, 16, 5, 0x00554e47, 0xc0000002, 4, 3, 0 };
    struct builder b;
    struct kernel_image i;
    good(&b);
    b.notes_end = b.notes;
    b.ph[2].p_align = 8;
    memcpy(b.data + b.notes, property, sizeof(property));
    b.notes_end += sizeof(property);
    note(&b, XEN_ELFNOTE_SUPPORTED_FEATURES, "\1\210\0", 4);
    b.notes_end += 4;
    number(&b, XEN_ELFNOTE_VIRT_BASE, BASE);
    number(&b, XEN_ELFNOTE_ENTRY, BASE + 0x1000100);
    assert_null(parse(&b, b.notes_end, &i));
    assert_true(i.virt_base == BASE && i.entry == BASE + 0x1000100 && i.has_supported_features);
}

#define REFUSED(change) do { \
        struct builder b; \
        struct kernel_image i; \
        good(&b); \
        change; \
        const char *why = parse(&b, sizeof(b.data), &i); \
        if (!why) \
            print_error("accepted: %s\n", #change); \
        assert_non_null(why); \
    } while (0)

/* Its SUPPORTED_FEATURES note, found by its type, loses the bit dom0. */
static void not_for_dom0(struct builder *b)
{
    for (size_t at = b->notes; at < b->notes_end; at += 4) {
        u32 head[3];
        memcpy(head, b->data + at, 12);
        if (head[0] == 4 && head[1] == 4 && head[2] == XEN_ELFNOTE_SUPPORTED_FEATURES)
            b->data[at + 17] = 0;
    }
}

static void test_refused(void **state)
{
    REFUSED(b.data[0] = 0);
    REFUSED(b.eh->e_machine = 3);
    REFUSED(b.eh->e_ident[4] = 1);
    REFUSED(b.eh->e_type = 1);
    REFUSED(b.eh->e_phnum = 65535);
    REFUSED(b.eh->e_phoff = ~0UL - 10);
    REFUSED(b.eh->e_phentsize = 32);
    REFUSED(b.ph[0].p_offset = ~0UL);
    REFUSED(b.ph[0].p_filesz = ~0UL);
    REFUSED(b.ph[0].p_memsz = 1);
    REFUSED(b.ph[1].p_memsz = ~0UL);
    REFUSED(b.ph[1].p_paddr = ~0UL - 4096);
    REFUSED(b.ph[1].p_paddr = 0x1000800);
    REFUSED(b.ph[0].p_type = b.ph[1].p_type = 7);
    REFUSED(b.ph[2].p_type = 7);
    REFUSED(b.ph[2].p_filesz = 14);
    REFUSED(number(&b, XEN_ELFNOTE_ENTRY, 0x1234));
    REFUSED(number(&b, XEN_ELFNOTE_ENTRY, BASE + 0x1012000));
    REFUSED(number(&b, XEN_ELFNOTE_VIRT_BASE, 0xffff800000000000));
    REFUSED(number(&b, XEN_ELFNOTE_VIRT_BASE, 0xffff820000000000));
    REFUSED(number(&b, XEN_ELFNOTE_VIRT_BASE, 0x0000900000000000));
    REFUSED(number(&b, XEN_ELFNOTE_VIRT_BASE, ~0UL & ~4095UL));
    REFUSED(number(&b, XEN_ELFNOTE_VIRT_BASE, BASE + 1));
    REFUSED(number(&b, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x1000001));
    REFUSED(number(&b, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 0x1012000));
    REFUSED(number(&b, XEN_ELFNOTE_INIT_P2M, 0xffff800000000000));
    REFUSED(number(&b, XEN_ELFNOTE_INIT_P2M, 0x8000001000));
    REFUSED(note(&b, XEN_ELFNOTE_FEATURES, "!supervisor_mode_kernel", 24));
    REFUSED(not_for_dom0(&b));
}

/* No prefix of a good file may be read beyond its end, and none is accepted that lacks a byte of what is loaded. */
static void test_truncated(void **state)
{
    struct builder b;
    struct kernel_image i;
    good(&b);
    for (size_t n = 0; n < b.notes_end; n += n < 400 || n > 12200 ? 1 : 61)
        assert_non_null(parse(&b, n, &i));
    assert_null(parse(&b, b.notes_end, &i));
}

static void test_noise(void **state)
{
    struct builder b;
    struct kernel_image i;
    u32 seed = 7;
    for (int round = 0; round < 20000; round++) {
        good(&b);
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            size_t at = (seed >> 8) % 600;
            b.data[at < 300 ? at : 12288 + at - 300] ^= (u8)(1 << (seed >> 28 & 7));
        }
        parse(&b, sizeof(b.data), &i);
    }
}

/* ---- bzImage */

static void put32(u8 *p, u32 v) { memcpy(p, &v, 4); }

static size_t bzimage(u8 *file, const void *payload, u32 size)
{
    memset(file, 0, 4096);
    file[0x1f1] = 1;
    file[0x1fe] = 0x55;
    file[0x1ff] = 0xaa;
    memcpy(file + 0x202, "HdrS", 4);
    file[0x206] = 0xf;
    file[0x207] = 2;
    put32(file + 0x1f4, (size + 64 + 15) / 16);
    put32(file + 0x248, 64);
    put32(file + 0x24c, size);
    memcpy(file + 1024 + 64, payload, size);
    return 1024 + 64 + size;
}

static void test_bzimage(void **state)
{
    static const struct { const char *magic; const char *word; } packings[] = {
        { "\3757zXZ\0" "..............", NULL }, { "\37\213\10................", NULL },
        { "\x28\xb5\x2f\xfd...............", "zstd" }, { "\2\41\114\30...............", "lz4" },
        { "BZh9...............", "bzip2" }, { "\x89LZO...............", "lzo" }, { "\x5d\0\0................", "lzma" },
        { "what is this, then?", "does not know" },
    };
    u8 file[4096], payload[64];
    struct kernel_payload p;
    for (unsigned int i = 0; i < ARRAY_SIZE(packings); i++) {
        memset(payload, 0, sizeof(payload));
        memcpy(payload, packings[i].magic, 18);
        put32(payload + 60, 100000);
        size_t size = bzimage(file, payload, 64);
        const char *why = kernel_payload_find(file, size, &p);
        if (packings[i].word) {
            assert_non_null(why);
            assert_non_null(strstr(why, packings[i].word));
            continue;
        }
        assert_null(why);
        assert_int_equal(p.unpacked_size, 100000);
        assert_ptr_equal(p.data, file + 1088);
        put32(payload + 60, 0x7fffffff);
        assert_non_null(kernel_payload_find(file, bzimage(file, payload, 64), &p));
    }
}

static void test_bzimage_refused(void **state)
{
    u8 file[4096], payload[64] = "\3757zXZ";
    struct kernel_payload p;
    put32(payload + 60, 100000);
    size_t size = bzimage(file, payload, 64);
    for (size_t n = 0; n < size; n++) {
        u8 *copy = malloc(n ? n : 1);
        memcpy(copy, file, n);
        assert_non_null(kernel_payload_find(copy, n, &p));
        free(copy);
    }
    put32(file + 0x24c, ~0u);
    assert_non_null(kernel_payload_find(file, size, &p));
    bzimage(file, payload, 64);
    put32(file + 0x248, ~0u);
    assert_non_null(kernel_payload_find(file, size, &p));
    bzimage(file, payload, 64);
    file[0x206] = 7;
    assert_non_null(kernel_payload_find(file, size, &p));
    bzimage(file, payload, 64);
    put32(file + 0x24c, 4);
    assert_non_null(kernel_payload_find(file, size, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good), cmocka_unit_test(test_paddr_offset), cmocka_unit_test(test_notes_by_eight),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_truncated), cmocka_unit_test(test_noise), cmocka_unit_test(test_bzimage),
        cmocka_unit_test(test_bzimage_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
