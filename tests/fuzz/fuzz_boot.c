/* SPDX-License-Identifier: MIT */
// sources: xen/boot/cmdline.c xen/boot/memory_map.c xen/lib/number.c
/* What a boot loader leaves behind, of both versions, true or not, and the command line. Nothing is read but what the
 * information says is there; what is accepted is what boot.h says; what is in order is accepted. */
#include <setjmp.h>

#include "boot/boot.h"
#include "lib/lib.h"
#include "mem/frame.h"
#include "mem/map.h"

static void *at_address(u64 address);
static char prism[1 << 20];
#define maddr_to_virt at_address
#define virt_to_maddr (maddr_t)(uintptr_t)
#define __image_start prism
#define _end (prism + sizeof(prism))
#include "boot/multiboot.c"

#include "cases.h"
#include "input.h"

static jmp_buf refused;

void panic(const char *format, ...) { longjmp(refused, 1); }

size_t strlcpy(char *dst, const char *src, size_t size)   /* the host's library has none */
{
    size_t n = strlen(src), copied = min(n, size - 1);

    memcpy(dst, src, copied);
    dst[copied] = 0;
    return n;
}

/* ---- The machine's memory: pieces, each a buffer of its own of just its size */

#define PIECES 64u
#define PIECE_STRIDE 0x100000u    /* they lie far apart */
#define FIRST_PIECE 0x10000000u

static u8 *piece[PIECES];
static unsigned int nr_pieces;

static void *at_address(u64 address)
{
    u64 n = (address - FIRST_PIECE) / PIECE_STRIDE;

    return n < nr_pieces && piece[n] ? piece[n] + (address - FIRST_PIECE) % PIECE_STRIDE : (void *)16;   /* not to be read */
}

static u32 new_piece(const void *bytes, size_t size)
{
    check(nr_pieces < PIECES);
    piece[nr_pieces] = malloc(size ? size : 1);
    memcpy(piece[nr_pieces], bytes, size);
    return FIRST_PIECE + nr_pieces++ * PIECE_STRIDE;
}

/* ---- What is told */

#define RANGES (BOOT_MAX_RANGES + 4u)
#define MODULES (BOOT_MAX_MODULES + 2u)
#define TEXT 600u

struct told {
    bool honest;                  /* in order: it has to be accepted */
    u32 nr_ranges; struct memory_range ranges[RANGES];
    u32 nr_modules; struct { u32 start, end; char text[TEXT]; } modules[MODULES];
    char loader[TEXT], cmdline[TEXT];
    u8 rsdp[36];
    bool has_rsdp;
};
static struct told told;

static const char *const words[] = {
    "dom0_mem=1024M", "dom0_mem=max:1G,min:4096", "dom0_max_vcpus=1-4", "dom0_vcpus_pin", "console=com1,vga", "console=none",
    "com1=115200,8n1", "com1=9600/1843200,8n1,0x2f8,3", "com1=auto", "loglvl=all", "guest_loglvl=all/none", "nmi=ignore",
    "noreboot", "reboot=no", "no-watchdog", "watchdog=off", "watchdog_timeout=0x10", "maxcpus=2", "nosmp", "sync_console",
    "console_to_ring", "tbuf_size=16", "tevt_mask=0x8f000",
};

/* Words that Prism knows, or anything. */
static void make_text(struct input *in, char *text, bool known)
{
    u8 op = (u8)take(in, 1);
    size_t used = 0;

    text[0] = 0;
    for (u8 n = op % 12; n; n--) {
        const char *word = words[take(in, 1) % ARRAY_SIZE(words)];

        used += (size_t)snprintf(text + used, TEXT - used, "%s%s", used ? " " : "", word);
    }
    if (!known) {
        for (u8 n = op / 12; n && used < TEXT - 1; n--)
            text[used++] = (char)(take(in, 1) | 1);
        damage(in, (u8 *)text, used + 1);
        text[used] = 0;
    }
}

/* RAM under Prism and the modules, more ranges above; or whatever comes. */
static void make_ranges(struct input *in)
{
    u64 at = 1UL << 32;
    u8 op = (u8)take(in, 1);

    if (told.honest || op & 1) {
        told.ranges[told.nr_ranges++] = (struct memory_range){ 0x100000, 0x4000000, MEM_RAM };
        told.ranges[told.nr_ranges++] = (struct memory_range){ 0, 0x9f000, MEM_RAM };
        told.ranges[told.nr_ranges++] = (struct memory_range){ 0x4100000, 0x100000, MEM_RAM };
    }
    for (u8 n = op >> 1; n && told.nr_ranges < RANGES && (!told.honest || told.nr_ranges < BOOT_MAX_RANGES); n--) {
        struct memory_range *r = &told.ranges[told.nr_ranges++];

        if (told.honest) {
            at += take(in, 3);
            *r = (struct memory_range){ at, take(in, 3), (u32)take(in, 1) % 8 };
            at += r->length;
        } else {
            r->start = take(in, 1) << take(in, 1) % 64;
            r->length = take(in, 2) << take(in, 1) % 64;
            r->type = (u32)take(in, 1) % 8;
        }
    }
    for (u32 i = told.nr_ranges; i > 1 && op & 0x80; i--) {
        u32 other = (u32)take(in, 1) % i;
        struct memory_range r = told.ranges[i - 1];

        told.ranges[i - 1] = told.ranges[other];
        told.ranges[other] = r;
    }
}

static void make_told(struct input *in)
{
    static const char *const loaders[] = { "GRUB 2.06", "qemu", "", "GRUB 0.97 and what it says" };
    u8 first = (u8)take(in, 1);

    memset(&told, 0, sizeof(told));
    told.honest = first & 1;
    make_ranges(in);
    for (u8 n = (first >> 1) % (told.honest ? BOOT_MAX_MODULES + 1 : MODULES + 1); n; n--) {
        u32 start = IMAGE_LOAD_ADDRESS + sizeof(prism) + (u32)take(in, 2) % 0x2000 * 4096, size = (u32)take(in, 3);

        if (!told.honest) {
            u8 op = (u8)take(in, 1);

            start = op & 1 ? start : (u32)take(in, 4);
            size = op & 2 ? size : (u32)take(in, 4);
        }
        told.modules[told.nr_modules].start = start;
        told.modules[told.nr_modules].end = start + size;
        make_text(in, told.modules[told.nr_modules++].text, false);
    }
    strcpy(told.loader, loaders[take(in, 1) % 4]);
    make_text(in, told.cmdline, false);
    told.has_rsdp = first & 0x80;
    for (unsigned int i = 0; i < sizeof(told.rsdp) && told.has_rsdp; i++)
        told.rsdp[i] = (u8)take(in, 1);
}

/* ---- How it is told */

static u32 text_piece(const char *text) { return new_piece(text, strlen(text) + 1); }

static u32 make_mb1(struct input *in)
{
    struct mb1_module modules[MODULES] = { { 0 } };
    static u8 map[RANGES * 40];
    struct mb1_info info = { .flags = MB1_CMDLINE | MB1_MODS | MB1_MMAP | MB1_LOADER };
    u32 at = 0;

    for (u32 i = 0; i < told.nr_ranges; i++) {
        u32 more = (u32)take(in, 1) & 12;
        struct mb1_range r = { 20 + more, told.ranges[i].start, told.ranges[i].length, told.ranges[i].type };

        if (!told.honest && take(in, 1) == 1)
            r.size = (u32)take(in, 4);
        memcpy(map + at, &r, sizeof(r));
        memset(map + at + sizeof(r), 0xee, more);
        at += 24 + more;
    }
    if (!told.honest)
        at -= min(at, (u32)take(in, 1) % 64);
    info.mmap_length = at;
    info.mmap_addr = new_piece(map, at);
    for (u32 i = 0; i < told.nr_modules; i++)
        modules[i] = (struct mb1_module){ told.modules[i].start, told.modules[i].end,
                                          told.modules[i].text[0] ? text_piece(told.modules[i].text) : 0, 0 };
    info.mods_count = told.nr_modules;
    info.mods_addr = new_piece(modules, told.nr_modules * sizeof(modules[0]));
    info.cmdline = text_piece(told.cmdline);
    info.loader_name = text_piece(told.loader);
    if (!told.honest)
        info.flags &= (u32)take(in, 2) | (u32)take(in, 1) << 2;
    return new_piece(&info, sizeof(info));
}

static u8 tags[65536];
static u32 tags_end;

static void put_tag(struct input *in, u32 type, const void *body, size_t n)
{
    struct mb2_tag tag = { type, (u32)(sizeof(tag) + n) };

    if (!told.honest && take(in, 1) == 1)
        tag.size = (u32)take(in, 2);
    memcpy(tags + tags_end, &tag, sizeof(tag));
    memcpy(tags + tags_end + sizeof(tag), body, n);
    tags_end = ROUND_UP(tags_end + (u32)sizeof(tag) + (u32)n, 8u);
    check(tags_end < sizeof(tags));
}

static void put_map_tag(struct input *in)
{
    static u8 body[8 + RANGES * 40];
    u32 more = (u32)take(in, 1) & 8, entry = 24 + more, version = 0;
    size_t at = 8;

    for (u32 i = 0; i < told.nr_ranges; i++, at += entry)
        memcpy(body + at, &(struct mb2_range){ told.ranges[i].start, told.ranges[i].length, told.ranges[i].type, 0 }, 24);
    if (!told.honest && take(in, 1) == 1)
        entry = (u32)take(in, 2);
    memcpy(body, &entry, 4);
    memcpy(body + 4, &version, 4);
    put_tag(in, MB2_MAP, body, at);
}

static u32 make_mb2(struct input *in)
{
    u8 order = (u8)take(in, 1);
    char module[8 + TEXT];

    tags_end = 8;
    memset(tags, 0, 8);
    put_tag(in, MB2_LOADER, told.loader, strlen(told.loader) + 1);
    if (order & 1)
        put_map_tag(in);
    put_tag(in, MB2_CMDLINE, told.cmdline, strlen(told.cmdline) + 1);
    for (u32 i = 0; i < told.nr_modules; i++) {
        memcpy(module, &told.modules[i].start, 4);
        memcpy(module + 4, &told.modules[i].end, 4);
        strcpy(module + 8, told.modules[i].text);
        put_tag(in, MB2_MODULE, module, 8 + strlen(told.modules[i].text) + 1);
    }
    if (told.has_rsdp && order & 2)
        put_tag(in, MB2_RSDP_NEW, told.rsdp, 36);
    if (told.has_rsdp && (order & 6) != 2)   /* the newer one wins, wherever it is */
        put_tag(in, MB2_RSDP_OLD, order & 2 ? "an old one, not to be taken" : (const char *)told.rsdp, 20);
    if (!(order & 1))
        put_map_tag(in);
    put_tag(in, 16 + (order >> 3), "nobody's", 9);
    if (told.honest || order & 0x80)
        put_tag(in, MB2_END, "", 0);
    if (!told.honest) {
        u8 n = (u8)take(in, 1);

        damage(in, tags, tags_end);
        tags_end -= min(tags_end - 8, n & 1 ? n : 0u);
    }
    memcpy(tags, &tags_end, 4);
    return new_piece(tags, tags_end);
}

/* ---- What must hold */

static bool in_ram(u64 address)
{
    for (u32 i = 0; i < boot_info.nr_ranges; i++)
        if (boot_info.ranges[i].type == MEM_RAM && address - boot_info.ranges[i].start < boot_info.ranges[i].length)
            return true;
    return false;
}

static void hold(void)
{
    check(boot_info.nr_ranges > 0 && boot_info.nr_ranges <= BOOT_MAX_RANGES && boot_info.nr_modules <= BOOT_MAX_MODULES);
    for (u32 i = 0; i < boot_info.nr_ranges; i++) {
        const struct memory_range *r = &boot_info.ranges[i];

        check(r->length && r->start + r->length - 1 >= r->start && r->type >= MEM_RAM && r->type <= MEM_UNUSABLE);
        check(i == 0 || r[-1].start + r[-1].length - 1 < r->start);
    }
    check(boot_info.image_start == IMAGE_LOAD_ADDRESS && boot_info.image_end == IMAGE_LOAD_ADDRESS + sizeof(prism));
    for (u64 a = boot_info.image_start; a < boot_info.image_end; a += PAGE_SIZE)
        check(in_ram(a));
    for (u32 i = 0; i < boot_info.nr_modules; i++) {
        const struct boot_module *m = &boot_info.modules[i];

        check(!(m->start & ~PAGE_MASK) && m->cmdline && strlen(m->cmdline) <= STRING_MAX);
        for (u64 a = m->start; a < m->start + m->size; a += PAGE_SIZE) {
            check(in_ram(a));
            check(a < boot_info.image_start || a >= boot_info.image_end);
        }
        check(m->size == 0 || in_ram(m->start + m->size - 1));
    }
    check(strlen(boot_info.loader) <= STRING_MAX && strlen(boot_info.cmdline) <= STRING_MAX);
}

/* A text is kept without its first word if that is a file's name. */
static void hold_text(const char *kept, const char *text, bool names)
{
    check(strcmp(kept, names ? text + strcspn(text, " ") + strspn(text + strcspn(text, " "), " ") : text) == 0);
}

static void hold_honest(bool first_version)
{
    bool names = first_version && strncmp(told.loader, "GRUB 2", 6) != 0;
    u32 found = 0;

    for (u32 i = 0; i < told.nr_ranges; i++)
        for (u32 n = 0; n < boot_info.nr_ranges; n++)
            found += told.ranges[i].length && boot_info.ranges[n].start == told.ranges[i].start &&
                     boot_info.ranges[n].length == told.ranges[i].length;
    check(found == boot_info.nr_ranges);
    check(boot_info.nr_modules == told.nr_modules);
    for (u32 i = 0; i < told.nr_modules; i++) {
        check(boot_info.modules[i].start == told.modules[i].start);
        check(boot_info.modules[i].size == told.modules[i].end - told.modules[i].start);
        hold_text(boot_info.modules[i].cmdline, told.modules[i].text, names);
    }
    hold_text(boot_info.cmdline, told.cmdline, names);
    hold_text(boot_info.loader, told.loader, false);
    if (!first_version) {
        check(!boot_info.rsdp == !told.has_rsdp);
        check(!told.has_rsdp || memcmp((const void *)boot_info.rsdp, told.rsdp, 20) == 0);
    }
}

static void tell(struct input *in, bool first_version)
{
    u32 magic = first_version ? MB1_LOADER_MAGIC : MB2_LOADER_MAGIC, address;
    static bool accepted;

    memset(&boot_info, 0, sizeof(boot_info));
    memset(strings, 0xa5, sizeof(strings));
    strings_used = 0;
    make_told(in);
    address = first_version ? make_mb1(in) : make_mb2(in);
    accepted = false;
    if (!setjmp(refused)) {
        boot_parse(magic, address);
        accepted = true;
    }
    if (accepted)
        hold();
    if (told.honest) {
        check(accepted);
        hold_honest(first_version);
    }
    for (; nr_pieces; nr_pieces--)
        free(piece[nr_pieces - 1]);
}

/* The command line by itself: one behind "--" counts for nothing, and one word after the other is as both are. */
static void words_alone(struct input *in, bool known)
{
    static struct options o, again;
    static char text[TEXT], more[TEXT * 2 + 8];

    make_text(in, text, known);
    cmdline_parse(text, &o);
    check(memchr(o.unknown, 0, sizeof(o.unknown)) && !(known && o.unknown[0]));
    check(o.com1_baud <= 115200 && o.com1_base && o.com1_base <= 0xfff8 && o.com1_irq <= 255);
    check(o.loglvl <= LOG_DEBUG && o.guest_loglvl <= LOG_DEBUG && o.nmi <= NMI_FATAL);
    make_text(in, more, false);
    memmove(more + strlen(text) + 4, more, strlen(more) + 1);
    memcpy(more, text, strlen(text));
    memcpy(more + strlen(text), " -- ", 4);
    memset(&again, 0, sizeof(again));
    cmdline_parse(more, &again);
    check(strcmp(o.unknown, again.unknown) == 0 && o.dom0_mem == again.dom0_mem && o.dom0_mem_max == again.dom0_mem_max);
    check(o.com1_baud == again.com1_baud && o.watchdog == again.watchdog && o.noreboot == again.noreboot &&
          o.max_cpus == again.max_cpus && o.trace_events == again.trace_events && o.console_vga == again.console_vga);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    u8 what = (u8)take(&in, 1);

    if (what % 4 == 0)
        words_alone(&in, what & 4);
    else
        tell(&in, what & 4);
    return 0;
}
