/* SPDX-License-Identifier: MIT */
/* /params of the hypervisor file system: what Prism has made of its command line. Read-only: all of it is about boot. */
#include "abi/hypfs.h"
#include "boot/boot.h"
#include "lib/lib.h"

static int read_memory(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    if (options.dom0_mem)
        hypfs_text(out, "%luK", options.dom0_mem >> 10);
    if (options.dom0_mem_max)
        hypfs_text(out, "%smax:%luK", options.dom0_mem ? "," : "", options.dom0_mem_max >> 10);
    hypfs_end_text(out);
    return 0;
}

static int read_console(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    if (options.console_com1 || options.console_vga)
        hypfs_text(out, "%s%s%s", options.console_com1 ? "com1" : "",
                   options.console_com1 && options.console_vga ? "," : "", options.console_vga ? "vga" : "");
    else
        hypfs_text(out, "none");
    hypfs_end_text(out);
    return 0;
}

static int read_com1(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    if (options.com1_baud)
        hypfs_text(out, "%u", options.com1_baud);
    else
        hypfs_text(out, "auto");
    hypfs_text(out, ",8n1,0x%x,%u", options.com1_base, options.com1_irq);
    hypfs_end_text(out);
    return 0;
}

/* value: of a threshold */
static int read_level(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };

    hypfs_text(out, "%s", names[min(*(const u32 *)node->value, (u32)ARRAY_SIZE(names) - 1)]);
    hypfs_end_text(out);
    return 0;
}

#define TEXT(n, function, v) { .name = (n), .type = XEN_HYPFS_TYPE_STRING, .read = (function), .value = (v) }

const struct hypfs_node hypfs_params[] = {
    TEXT("com1", read_com1, NULL),
    TEXT("console", read_console, NULL),
    HYPFS_BOOL("console_to_ring", &options.console_to_ring),
    HYPFS_U32("dom0_max_vcpus", &options.dom0_max_vcpus),
    TEXT("dom0_mem", read_memory, NULL),
    HYPFS_BOOL("dom0_vcpus_pin", &options.dom0_vcpus_pin),
    TEXT("guest_loglvl", read_level, &options.guest_loglvl),
    TEXT("loglvl", read_level, &options.loglvl),
    HYPFS_U32("maxcpus", &options.max_cpus),
    HYPFS_BOOL("noreboot", &options.noreboot),
    HYPFS_BOOL("nosmp", &options.no_smp),
    HYPFS_BOOL("sync_console", &options.sync_console),
    HYPFS_BOOL("watchdog", &options.watchdog),
    HYPFS_U32("watchdog_timeout", &options.watchdog_seconds),
    { }
};
