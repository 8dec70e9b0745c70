/* SPDX-License-Identifier: MIT */
/* /debug of the hypervisor file system, in the debug build only: what tests need to bring about. */
#include "abi/hypfs.h"
#include "lib/lib.h"
#include "mem/alloc_fault.h"

#ifndef NDEBUG

static int read_left(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    hypfs_text(out, "%lu", alloc_fail_left());
    hypfs_end_text(out);
    return 0;
}

/* A decimal number; 0: none is to fail. -EINVAL */
static int write_left(const struct hypfs_node *node, u32 id, const char *text)
{
    char *end;
    u64 n = strtoull(text, &end, 10);

    if (end == text || *end)
        return -EINVAL;
    alloc_fail_at(n);
    return 0;
}

static int read_failed(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    if (alloc_failed_for())
        hypfs_text(out, "%ps", alloc_failed_for());
    hypfs_end_text(out);
    return 0;
}

static const struct hypfs_node files[] = {
    { .name = "fail-allocation", .type = XEN_HYPFS_TYPE_STRING, .max_write = 24, .read = read_left, .write = write_left },
    { .name = "failed-allocation", .type = XEN_HYPFS_TYPE_STRING, .read = read_failed },
    { }
};
static const struct hypfs_node debug = HYPFS_DIR("debug", files);

void hypfs_debug_init(void)
{
    hypfs_add(&debug);
}

#endif
