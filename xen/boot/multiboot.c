/* SPDX-License-Identifier: MIT */
/* What a multiboot loader left behind, as struct boot_info. Multiboot specification 0.6.96, section 3.3, and Multiboot
 * 2 specification 2.0, section 3.6. All of it lies below 4 GiB, which head.S has in the direct map. */
#include "boot/boot.h"

#include "lib/lib.h"
#include "mem/frame.h"
#include "mem/map.h"

#define MB1_LOADER_MAGIC 0x2badb002
#define MB2_LOADER_MAGIC 0x36d76289
#define STRING_MAX 4096u

struct boot_info boot_info;

static char strings[3 * STRING_MAX];   /* lives on: xl info and guests' start of day ask for it */
static size_t strings_used;
static u8 rsdp_copy[64];

static const char *keep_string(const char *s, size_t max)
{
    size_t n = strnlen(s, min(max, (size_t)STRING_MAX));
    char *kept = strings + strings_used;

    if (n >= sizeof(strings) - strings_used)
        panic("The boot loader's strings are longer than %zu bytes", sizeof(strings));
    memcpy(kept, s, n);
    kept[n] = 0;
    strings_used += n + 1;
    return kept;
}

static const char *after_first_word(const char *s)
{
    while (*s && *s != ' ')
        s++;
    while (*s == ' ')
        s++;
    return s;
}

static void __init add_range(u64 start, u64 length, u32 type)
{
    if (boot_info.nr_ranges == BOOT_MAX_RANGES)
        panic("The memory map has more than %u ranges", BOOT_MAX_RANGES);
    if (type < MEM_RAM || type > MEM_UNUSABLE)
        type = MEM_RESERVED;
    boot_info.ranges[boot_info.nr_ranges++] = (struct memory_range){ start, length, type };
}

static void __init add_module(u64 start, u64 end, const char *cmdline)
{
    if (boot_info.nr_modules == BOOT_MAX_MODULES)
        panic("More than %u boot modules", BOOT_MAX_MODULES);
    if (end < start)
        panic("Boot module %u ends before it begins", boot_info.nr_modules);
    boot_info.modules[boot_info.nr_modules++] = (struct boot_module){ start, end - start, cmdline };
}

/* ---- Multiboot 1. None of it need be aligned. */
struct mb1_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length, mmap_addr,
        drives_length, drives_addr, config_table, loader_name;
} packed;
struct mb1_module { u32 start, end, string, reserved; } packed;
struct mb1_range { u32 size; u64 start, length; u32 type; } packed;
enum { MB1_CMDLINE = 1 << 2, MB1_MODS = 1 << 3, MB1_MMAP = 1 << 6, MB1_LOADER = 1 << 9 };

static void __init parse_mb1_map(const struct mb1_info *info)
{
    const char *map = maddr_to_virt(info->mmap_addr);

    for (u32 at = 0; info->mmap_length - at >= sizeof(struct mb1_range);) {
        const struct mb1_range *r = (const void *)(map + at);

        if (r->size < sizeof(*r) - 4 || r->size > info->mmap_length - at - 4)
            panic("The memory map has an entry of %u bytes", r->size);
        add_range(r->start, r->length, r->type);
        at += r->size + 4;
    }
}

static void __init parse_mb1(const struct mb1_info *info)
{
    const char *loader = info->flags & MB1_LOADER ? maddr_to_virt(info->loader_name) : "a multiboot loader";
    /* The specification has the file's name first in each string; GRUB 2 leaves it out. */
    bool names = strncmp(loader, "GRUB 2", 6) != 0;
    const char *s;

    boot_info.loader = keep_string(loader, STRING_MAX);
    s = info->flags & MB1_CMDLINE ? keep_string(maddr_to_virt(info->cmdline), STRING_MAX) : "";
    boot_info.cmdline = names ? after_first_word(s) : s;
    if (info->flags & MB1_MMAP)
        parse_mb1_map(info);
    for (u32 i = 0; info->flags & MB1_MODS && i < info->mods_count; i++) {
        const struct mb1_module *m = (const struct mb1_module *)maddr_to_virt(info->mods_addr) + i;

        s = m->string ? keep_string(maddr_to_virt(m->string), STRING_MAX) : "";
        add_module(m->start, m->end, names ? after_first_word(s) : s);
    }
}

/* ---- Multiboot 2. Tags are aligned; a map's entries are as long as the loader says. */
struct mb2_tag { u32 type, size; };
struct mb2_module { struct mb2_tag tag; u32 start, end; char string[]; };
struct mb2_map { struct mb2_tag tag; u32 entry_size, version; };
struct mb2_range { u64 start, length; u32 type, zero; } packed;
enum { MB2_END, MB2_CMDLINE, MB2_LOADER, MB2_MODULE, MB2_MAP = 6, MB2_RSDP_OLD = 14, MB2_RSDP_NEW = 15 };

static void __init parse_mb2_map(const struct mb2_map *map)
{
    if (map->tag.size < sizeof(*map) || map->entry_size < sizeof(struct mb2_range))
        panic("The memory map has entries of %u bytes", map->entry_size);
    for (u32 at = sizeof(*map); map->tag.size - at >= map->entry_size; at += map->entry_size) {
        const struct mb2_range *r = (const void *)((const char *)map + at);

        add_range(r->start, r->length, r->type);
    }
}

static void __init parse_mb2_tag(const struct mb2_tag *tag)
{
    const struct mb2_module *m = (const void *)tag;
    const char *body = (const char *)(tag + 1);
    size_t n = tag->size - sizeof(*tag);

    switch (tag->type) {
    case MB2_CMDLINE:
        boot_info.cmdline = keep_string(body, n);
        break;
    case MB2_LOADER:
        boot_info.loader = keep_string(body, n);
        break;
    case MB2_MODULE:
        if (tag->size < sizeof(*m))
            panic("A boot module's tag has %u bytes", tag->size);
        add_module(m->start, m->end, keep_string(m->string, tag->size - sizeof(*m)));
        break;
    case MB2_MAP:
        parse_mb2_map((const void *)tag);
        break;
    case MB2_RSDP_OLD: case MB2_RSDP_NEW:
        /* The newer one wins. It is kept with the image, as the loader's memory is soon used for other things. */
        if (boot_info.rsdp && tag->type == MB2_RSDP_OLD)
            break;
        memset(rsdp_copy, 0, sizeof(rsdp_copy));
        memcpy(rsdp_copy, body, min(n, sizeof(rsdp_copy)));
        boot_info.rsdp = virt_to_maddr(rsdp_copy);
        break;
    }
}

static void __init parse_mb2(const char *info)
{
    u32 total = *(const u32 *)info;

    boot_info.loader = "a multiboot 2 loader";
    boot_info.cmdline = "";
    for (u64 at = 8; at + sizeof(struct mb2_tag) <= total;) {
        const struct mb2_tag *tag = (const void *)(info + at);

        if (tag->type == MB2_END)
            return;
        if (tag->size < sizeof(*tag) || tag->size > total - at)
            panic("The boot loader's tag of type %u has %u bytes", tag->type, tag->size);
        parse_mb2_tag(tag);
        at = ROUND_UP(at + tag->size, 8UL);
    }
    panic("The boot loader's information has no end tag");
}

/* ---- What both must satisfy */
static bool __init is_ram(maddr_t start, maddr_t end)
{
    for (u32 i = 0; i < boot_info.nr_ranges; i++) {
        const struct memory_range *r = &boot_info.ranges[i];

        if (r->type == MEM_RAM && r->start <= start && r->start + r->length > start) {
            if (r->start + r->length >= end)
                return true;
            start = r->start + r->length;
        }
    }
    return start >= end;
}

static void __init check_modules(void)
{
    for (u32 i = 0; i < boot_info.nr_modules; i++) {
        const struct boot_module *m = &boot_info.modules[i];
        maddr_t end = m->start + m->size;

        if (m->start & ~PAGE_MASK)
            panic("Boot module %u at %#lx is not on a page boundary", i, m->start);
        if (!is_ram(m->start, end))
            panic("Boot module %u at %#lx-%#lx is not in RAM", i, m->start, end);
        if (m->start < boot_info.image_end && end > boot_info.image_start)
            panic("Boot module %u at %#lx-%#lx lies over Prism itself", i, m->start, end);
    }
}

void boot_parse(u32 magic, u32 info_address)
{
    static char reason[128];

    boot_info.image_start = IMAGE_LOAD_ADDRESS;
    boot_info.image_end = IMAGE_LOAD_ADDRESS + (u64)(_end - __image_start);
    boot_info.vga_mode_cols = 80;
    boot_info.vga_mode_rows = 25;
    if (magic == MB1_LOADER_MAGIC)
        parse_mb1(maddr_to_virt(info_address));
    else if (magic == MB2_LOADER_MAGIC)
        parse_mb2(maddr_to_virt(info_address));
    else
        panic("Started by no multiboot loader: magic %#x", magic);
    if (boot_info.nr_ranges == 0)
        panic("The boot loader gave no memory map");
    if (memory_map_check(boot_info.ranges, &boot_info.nr_ranges, reason, sizeof(reason)))
        panic("The memory map is unusable: %s", reason);
    if (!is_ram(boot_info.image_start, boot_info.image_end))
        panic("Prism was loaded at %#lx-%#lx, which is not RAM", boot_info.image_start, boot_info.image_end);
    check_modules();
}
