/* SPDX-License-Identifier: MIT */
/* The hypervisor file system (public header xen/hypfs.h): a tree of constant nodes. A file makes its contents when it is
 * read; a directory has children by name, or numbers that come and go and all have the same children.
 *
 * Nodes are constant and the list of directories added to the root is filled by the boot CPU before any guest runs: no
 * lock. A write is made with control_lock held, as a domctl is, so that what it changes stays as it was checked. */
#ifndef PRISM_ABI_HYPFS_H
#define PRISM_ABI_HYPFS_H

#include <xen/hypfs.h>

#include "lib/types.h"

#define HYPFS_WRITE_MAX 64   /* bytes, ending zero included: the most that any file takes */

/* Where contents go: into the caller's memory as far as there is room, and counted in any case. */
struct hypfs_out {
    u64 va;          /* of the caller's buffer; 0: only count */
    u32 room;        /* bytes there */
    u32 length;      /* of the contents so far */
    int error;       /* the first: 0 or -EFAULT */
};

struct hypfs_node {
    const char *name;                   /* NULL ends an array of nodes */
    u8 type;                            /* XEN_HYPFS_TYPE_* */
    u32 max_write;                      /* bytes; 0: read-only. Of strings only */
    /* Of a directory: what is in it; or, with next, what is in each of its numbers. next: the first number from *id on. */
    const struct hypfs_node *children;
    bool (*next)(u32 *id);
    /* Of a file. id: the number of the directory that it is in, else 0. Interrupts on.
     * read: 0, or -ENOENT where the number has gone since. write: text ends with its only zero; control_lock held. */
    int (*read)(const struct hypfs_node *node, u32 id, struct hypfs_out *out);
    int (*write)(const struct hypfs_node *node, u32 id, const char *text);
    const void *value;                  /* the file's own: what read makes of it */
};

/* Adds a directory to the root. Boot CPU, before any guest runs. */
void hypfs_add(const struct hypfs_node *directory);

/* What a file's read() says its contents with. A string ends with a zero, which hypfs_text() does not write. */
void hypfs_put(struct hypfs_out *out, const void *bytes, u32 n);
void hypfs_text(struct hypfs_out *out, const char *fmt, ...) printf_like(2, 3);   /* pieces of less than 200 bytes */
void hypfs_end_text(struct hypfs_out *out);

/* read() of files that are one value. value points to: a string; a u32; a bool. */
int hypfs_read_string(const struct hypfs_node *node, u32 id, struct hypfs_out *out);
int hypfs_read_u32(const struct hypfs_node *node, u32 id, struct hypfs_out *out);
int hypfs_read_bool(const struct hypfs_node *node, u32 id, struct hypfs_out *out);
#define HYPFS_STRING(n, v) { .name = (n), .type = XEN_HYPFS_TYPE_STRING, .read = hypfs_read_string, .value = (v) }
#define HYPFS_U32(n, v) { .name = (n), .type = XEN_HYPFS_TYPE_UINT, .read = hypfs_read_u32, .value = (v) }
#define HYPFS_BOOL(n, v) { .name = (n), .type = XEN_HYPFS_TYPE_BOOL, .read = hypfs_read_bool, .value = (v) }
#define HYPFS_DIR(n, c) { .name = (n), .type = XEN_HYPFS_TYPE_DIR, .children = (c) }

extern const struct hypfs_node hypfs_params[];      /* hypfs_params.c */

#ifdef NDEBUG
static inline void hypfs_debug_init(void) { }
#else
void hypfs_debug_init(void);                        /* hypfs_debug.c: /debug. As hypfs_add */
#endif

#endif
