/* SPDX-License-Identifier: MIT */
// sources: xen/boot/b*.c xen/boot/crc32.c xen/boot/[elix][lnz]*.c
/* A kernel's file: ELF with notes, alone or in a bzImage, as it should be and with fields that are not so. What is well-formed
 * is taken for what it is, and what is accepted keeps what kernel.h says of it. */
#include <xen/elfnote.h>
#include <xen/features.h>
#include <xen/xen.h>

#include "boot/kernel.h"
#include "boot/unpack.h"
#include "cases.h"
#include "lib/lib.h"
#include "pack_gzip.h"

#define HEADER 64u
#define PROGRAM_HEADER 56u
#define CONTENTS 0x800u
#define FILE_MAX 12288u
#define BASE 0xffffffff80000000UL

struct file { u8 bytes[FILE_MAX]; size_t size; };

static struct file elf, image;
static struct pack payload;
static struct kernel_image said;                  /* what elf says */

static void set(struct file *f, size_t at, u64 value, size_t bytes)
{
    check(at + bytes <= FILE_MAX);
    memcpy(f->bytes + at, &value, bytes);
    f->size = max(f->size, at + bytes);
}

/* ---- A good ELF file */

static void program_header(u32 type, size_t offset, u64 paddr, u64 file_size, u64 mem_size, u64 align)
{
    u64 n = elf.bytes[56]++;
    size_t at = HEADER + n * PROGRAM_HEADER;

    set(&elf, at, type, 4);
    set(&elf, at + 8, offset, 8);
    set(&elf, at + 16, BASE + paddr, 8);
    set(&elf, at + 24, paddr, 8);
    set(&elf, at + 32, file_size, 8);
    set(&elf, at + 40, mem_size, 8);
    set(&elf, at + 48, align, 8);
}

static void segments(struct input *in)
{
    u64 paddr = 0x1000000;
    size_t offset = CONTENTS;

    said.low = paddr;
    for (u8 n = (u8)take(in, 1) % 6; said.nr_segments <= n;) {
        struct kernel_segment *s = &said.segments[said.nr_segments++];

        *s = (struct kernel_segment){ offset, take(in, 1), paddr, 0 };
        s->mem_size = s->file_size + 1 + take(in, 2);
        program_header(1, offset, paddr, s->file_size, s->mem_size, 4096);
        if (s->file_size)
            set(&elf, offset + s->file_size - 1, 0x90, 1);
        offset += s->file_size;
        paddr += s->mem_size;
        said.high = paddr;
        paddr += take(in, 2);
    }
}

/* A note, laid out as binutils lay it out: what it describes, and the next one, are at multiples of the alignment. */
static size_t note(size_t at, size_t start, u64 align, const char *name, u32 type, const void *what, u32 size)
{
    size_t desc = start + ROUND_UP(at - start + 12 + strlen(name) + 1, align), end = desc + ROUND_UP((size_t)size, align);

    set(&elf, at, strlen(name) + 1, 4);
    set(&elf, at + 4, size, 4);
    set(&elf, at + 8, type, 4);
    memcpy(elf.bytes + at + 12, name, strlen(name));
    memcpy(elf.bytes + desc, what, size);
    set(&elf, end - 1, elf.bytes[end - 1], 1);
    return end;
}

/* The numbers that a note gives, and texts. */
static size_t one_note(struct input *in, size_t at, size_t start, u64 align)
{
    u8 op = (u8)take(in, 1);
    u64 value = BASE + said.low + take(in, 2) % (said.high - said.low), page = value & ~4095UL;
    char text[32];

    said.has_xen_notes = said.has_xen_notes || op % 12 < 10;
    switch (op % 12) {
    case 0: said.entry = value; return note(at, start, align, "Xen", XEN_ELFNOTE_ENTRY, &value, 8);
    case 1: said.hypercall_page = page; return note(at, start, align, "Xen", XEN_ELFNOTE_HYPERCALL_PAGE, &page, 8);
    case 2:
        value = BASE;
        said.virt_base = value;
        said.has_virt_base = true;
        return note(at, start, align, "Xen", XEN_ELFNOTE_VIRT_BASE, &value, 8);
    case 3: value = said.init_p2m = 1UL << 39; return note(at, start, align, "Xen", XEN_ELFNOTE_INIT_P2M, &value, 8);
    case 4: value = said.module_by_pfn = op >> 7; return note(at, start, align, "Xen", XEN_ELFNOTE_MOD_START_PFN, &value, 4);
    case 5: value = said.suspend_cancel = op >> 7; return note(at, start, align, "Xen", XEN_ELFNOTE_SUSPEND_CANCEL, &value, 4);
    case 6: said.pvh_entry = (u32)value; return note(at, start, align, "Xen", XEN_ELFNOTE_PHYS32_ENTRY, &said.pvh_entry, 4);
    case 7:
        said.has_supported_features = true;
        value = take(in, 2);
        said.supported_features |= (u32)value;
        return note(at, start, align, "Xen", XEN_ELFNOTE_SUPPORTED_FEATURES, &value, 4);
    case 8:
        said.supported_features |= 1u << XENFEAT_writable_page_tables | 1u << XENFEAT_dom0;
        said.required_features |= 1u << XENFEAT_writable_page_tables;
        return note(at, start, align, "Xen", XEN_ELFNOTE_FEATURES, "!writable_page_tables|what|dom0", op & 0x80 ? 31 : 32);
    case 9:
        memset(text, 'a' + op % 26, sizeof(text));
        value = take(in, 1) % sizeof(text);
        memcpy(said.guest_os, text, min(value, sizeof(said.guest_os) - 1));
        said.guest_os[min(value, sizeof(said.guest_os) - 1)] = 0;
        return note(at, start, align, "Xen", XEN_ELFNOTE_GUEST_OS, text, (u32)value);
    case 10: return note(at, start, align, "GNU", 3, "build id", 1 + op % 8);
    default: return note(at, start, align, "somebody", op, &value, op % 9);
    }
}

static void make_elf(struct input *in)
{
    size_t notes;
    u8 n = (u8)take(in, 1);
    u64 align = n & 0x80 ? 8 : 4;

    memset(&elf, 0, sizeof(elf));
    memset(&said, 0, sizeof(said));
    memcpy(elf.bytes, "\177ELF\2\1\1", 7);
    set(&elf, 16, n & 0x40 ? 3 : 2, 2);
    set(&elf, 18, 62, 2);
    set(&elf, 24, said.entry = BASE + 0x1000000, 8);
    set(&elf, 32, HEADER, 8);
    set(&elf, 54, PROGRAM_HEADER, 2);
    set(&elf, CONTENTS - 1, 0, 1);
    segments(in);
    notes = ROUND_UP(elf.size, 8UL);
    if (n % 16) {
        size_t at = notes;

        for (; n % 16; n--)
            at = one_note(in, at, notes, align);
        program_header(4, notes, 0, at - notes, at - notes, align);
    }
}

/* ---- In a bzImage */

/* Answers with the size of the payload. */
static size_t put_payload(u8 kind, size_t at)
{
    static const char others[6][5] = { "BZh9", "\x28\xb5\x2f\xfd", "\2\41\114\30", "\x89LZO", "\x5d\0\0", "huh?" };

    if (kind % 8 == 0) {
        set(&image, at + elf.size - 1, 0, 1);
        memcpy(image.bytes + at, elf.bytes, elf.size);
        return elf.size;
    }
    if (kind % 8 == 1) {
        struct input none = { NULL, 0 };

        payload.size = payload.used = payload.nr_bits = payload.nr_sums = 0;
        payload.bits = 0;
        gzip_begin(&payload, &none, 0);
        put_bits(&payload, 1, 3);
        stored_block(&payload, elf.bytes, (u16)elf.size);
        gzip_end(&payload);
        set(&image, at + payload.used - 1, 0, 1);
        memcpy(image.bytes + at, payload.data, payload.used);
        return payload.used;
    }
    set(&image, at + 64, 0, 1);
    memcpy(image.bytes + at, others[kind % 8 - 2], 4);
    return 65;
}

static void make_bzimage(struct input *in, u8 kind)
{
    u8 sectors = (u8)take(in, 1) % 5, offset = (u8)take(in, 1);
    size_t start = ((sectors ? sectors : 4) + 1u) * 512, size;

    memset(&image, 0, sizeof(image));
    set(&image, 0x1f1, sectors, 1);
    set(&image, 0x1fe, 0xaa55, 2);
    set(&image, 0x202, 0x53726448, 4);
    set(&image, 0x206, 0x208 + (kind >> 4), 2);
    size = put_payload(kind, start + offset);
    set(&image, 0x1f4, (offset + size + 15) / 16, 4);
    set(&image, 0x248, offset, 4);
    set(&image, 0x24c, size, 4);
}

/* ---- What must hold */

/* A field is another one, or a few bytes are, or the file ends early. True if so. */
static bool spoil(struct input *in, struct file *f, u8 how)
{
    static const u64 odd[] = { 0, 1, ~0UL, 1UL << 31, 1UL << 32, 1UL << 40, 1UL << 47, 1UL << 63, 0x7fffffff, 4096 };
    static struct file before;

    before = *f;
    if (how & 1)
        for (u8 n = (u8)take(in, 1) % 4; n > 0; n--) {
            size_t bytes = 1UL << take(in, 1) % 4, at = take(in, 2) % (f->size - 8);
            u8 which = (u8)take(in, 1);
            u64 value = which < 20 ? odd[which / 2] - which % 2 : which < 30 ? f->size - which % 10 : take(in, 8);

            if (which & 0x80)
                at %= 0x260;
            memcpy(f->bytes + (at & -bytes), &value, bytes);
        }
    if (how & 2)
        damage(in, f->bytes, f->size);
    if (how & 4)
        f->size = take(in, 2) % (f->size + 1);
    return before.size != f->size || memcmp(before.bytes, f->bytes, f->size) != 0;
}

static void hold_image(const struct kernel_image *i, size_t size)
{
    u64 low = ~0UL, high = 0;

    check(i->nr_segments > 0 && i->nr_segments <= KERNEL_MAX_SEGMENTS);
    for (u32 n = 0; n < i->nr_segments; n++) {
        const struct kernel_segment *s = &i->segments[n];

        check(s->offset <= size && s->file_size <= size - s->offset);
        check(s->file_size <= s->mem_size && s->mem_size && s->paddr + s->mem_size > s->paddr);
        low = min(low, s->paddr);
        high = max(high, s->paddr + s->mem_size);
        for (u32 m = 0; m < n; m++)
            check(s->paddr >= i->segments[m].paddr + i->segments[m].mem_size || s->paddr + s->mem_size <= i->segments[m].paddr);
    }
    check(i->low == low && i->high == high);
    check(memchr(i->guest_os, 0, 16) && memchr(i->guest_version, 0, 16) && memchr(i->loader, 0, 16));
    if (kernel_pv_check(i, false)) {
        check(kernel_pv_check(i, true));
        return;
    }
    check(i->has_virt_base && i->has_xen_notes && !(i->virt_base & 4095));
    low += i->virt_base;
    high += i->virt_base;
    check(high > low && low >= i->virt_base && (high <= 1UL << 47 || low >= HYPERVISOR_VIRT_END));
    check(i->entry >= low && i->entry < high);
    check(!i->hypercall_page || (i->hypercall_page >= low && high - i->hypercall_page >= 4096 && i->hypercall_page < high));
}

static const char *parse(const struct file *f, struct kernel_image *i)
{
    u8 *copy = malloc(f->size ? f->size : 1);
    const char *why;

    memcpy(copy, f->bytes, f->size);
    why = kernel_elf_parse(copy, f->size, i);
    if (!why)
        hold_image(i, f->size);
    free(copy);
    return why;
}

static void hold_bzimage(u8 kind, bool changed)
{
    static u64 workspace[UNPACK_WORKSPACE / 8];
    struct kernel_payload p;
    u8 *copy = malloc(image.size ? image.size : 1);
    const char *why;

    memcpy(copy, image.bytes, image.size);
    why = kernel_payload_find(copy, image.size, &p);
    if (!changed)
        check(!why == (kind % 8 < 2));
    if (!why) {
        size_t made = p.unpacked_size;
        u8 *out = NULL;

        check(p.data >= copy && p.data <= copy + image.size && p.size <= (size_t)(copy + image.size - p.data));
        check(p.format && p.unpacked_size <= (p.unpack ? 1UL << 30 : image.size));
        if (p.unpack && p.unpacked_size <= 1 << 20) {
            out = malloc(p.unpacked_size);
            why = p.unpack(p.data, p.size, out, p.unpacked_size, &made, workspace);
            check(why || made <= p.unpacked_size);
        }
        if (!changed)
            check(!why && made == elf.size && memcmp(out ? out : p.data, elf.bytes, made) == 0);
        free(out);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    u8 kind = (u8)take(&in, 1), how = (u8)take(&in, 1);
    struct kernel_image i;
    const char *why;

    make_elf(&in);
    if (kind & 8) {
        make_bzimage(&in, kind);
        hold_bzimage(kind, spoil(&in, &image, how));
        return 0;
    }
    if (spoil(&in, &elf, how))
        return (void)parse(&elf, &i), 0;
    why = parse(&elf, &i);
    if (why)
        fprintf(stderr, "%s\n", why);
    check(!why && memcmp(&i, &said, sizeof(i)) == 0);
    return 0;
}
