/* SPDX-License-Identifier: MIT */
/* hypfs_op: the control domain lists, reads and writes the hypervisor file system (public header xen/hypfs.h). What is
 * read goes to the caller piece by piece, so there is no limit to a file's length and nothing to allocate. */
#include "abi/control.h"
#include "abi/hypercall.h"
#include "abi/hypfs.h"
#include "abi/version.h"
#include "dom/guest_access.h"

#define MAX_ADDED 8
#define PIECE 200

/* ---- The tree */

static const u32 major = XEN_MAJOR, minor = XEN_MINOR;

static const struct hypfs_node compile_info[] = {
    HYPFS_STRING("compile_by", XEN_COMPILE_BY), HYPFS_STRING("compile_date", XEN_COMPILE_DATE),
    HYPFS_STRING("compile_domain", XEN_COMPILE_DOMAIN), HYPFS_STRING("compiler", XEN_COMPILER), { }
};
static const struct hypfs_node version[] = {
    HYPFS_STRING("extra", XEN_EXTRA), HYPFS_U32("major", &major), HYPFS_U32("minor", &minor), { }
};
static const struct hypfs_node build_info[] = {
    HYPFS_STRING("changeset", XEN_CHANGESET), HYPFS_DIR("compileinfo", compile_info), HYPFS_DIR("version", version), { }
};
/* The one CPU pool, whose unit of scheduling is a CPU. */
static const struct hypfs_node pool[] = { HYPFS_STRING("sched-gran", "cpu"), { } };
static const struct hypfs_node pools[] = { HYPFS_DIR("0", pool), { } };
static const struct hypfs_node built_in[] = {
    HYPFS_DIR("buildinfo", build_info), HYPFS_DIR("cpupool", pools), HYPFS_DIR("params", hypfs_params), { }
};

static const struct hypfs_node *added[MAX_ADDED];   /* filled at boot, then constant */
static unsigned int nr_added;
static const struct hypfs_node root = HYPFS_DIR("", NULL);

void hypfs_add(const struct hypfs_node *directory)
{
    BUG_ON(nr_added == MAX_ADDED);
    added[nr_added++] = directory;
}

/* A place: a node, and the number that leads to it or, of a directory of numbers, that it is (is_number). */
struct place { const struct hypfs_node *node; u32 id; bool is_number; };

static bool is_directory(const struct place *p) { return p->node->type == XEN_HYPFS_TYPE_DIR; }

/* The nth thing in a directory that has no numbers; NULL: there are fewer. */
static const struct hypfs_node *nth_child(const struct hypfs_node *directory, u32 n)
{
    if (directory != &root)
        return directory->children[n].name ? &directory->children[n] : NULL;
    if (n < ARRAY_SIZE(built_in) - 1)
        return &built_in[n];
    n -= ARRAY_SIZE(built_in) - 1;
    return n < nr_added ? added[n] : NULL;
}

/* The next thing in a directory. *cursor: the caller's, 0 at first; in a directory of numbers, the least that will do. */
static bool next_child(const struct place *directory, u32 *cursor, struct place *child)
{
    const struct hypfs_node *node = directory->node;

    *child = (struct place){ node, directory->id, false };
    if (node->next && !directory->is_number) {
        if (!node->next(cursor))
            return false;
        child->id = (*cursor)++;
        child->is_number = true;
        return true;
    }
    child->node = nth_child(node, (*cursor)++);
    return child->node != NULL;
}

static size_t name_of(const struct place *p, char *name, size_t size)
{
    return p->is_number ? (size_t)snprintf(name, size, "%u", p->id) : strlcpy(name, p->node->name, size);
}

/* The number that n characters are in decimal, written as we write it. False: they are none. */
static bool number_of(const char *name, size_t n, u32 *number)
{
    *number = 0;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < '0' || name[i] > '9' || n > 9)
            return false;
        *number = *number * 10 + (u32)(name[i] - '0');
    }
    return n > 0 && (name[0] != '0' || n == 1);
}

/* One component of a path, n characters, in a directory. */
static bool find_child(const struct place *directory, const char *name, size_t n, struct place *child)
{
    u32 cursor = 0, wanted;

    if (directory->node->next && !directory->is_number) {
        if (!number_of(name, n, &wanted))
            return false;
        cursor = wanted;
        return next_child(directory, &cursor, child) && child->id == wanted;
    }
    while (next_child(directory, &cursor, child))
        if (strlen(child->node->name) == n && memcmp(child->node->name, name, n) == 0)
            return true;
    return false;
}

/* -EINVAL: not a path from the root on; -ENOENT. A slash at the end is allowed after a directory. */
static int find(const char *path, struct place *place)
{
    *place = (struct place){ &root, 0, false };
    if (*path++ != '/')
        return -EINVAL;
    while (*path) {
        const char *slash = strchr(path, '/');
        size_t n = slash ? (size_t)(slash - path) : strlen(path);
        struct place child;

        if (!is_directory(place) || !find_child(place, path, n, &child) || (slash && !is_directory(&child)))
            return -ENOENT;
        *place = child;
        path += n + (slash != NULL);
    }
    return 0;
}

/* ---- Contents */

void hypfs_put(struct hypfs_out *out, const void *bytes, u32 n)
{
    if (out->va && !out->error && out->length <= out->room && n <= out->room - out->length)
        out->error = copy_to_guest_va(out->va + out->length, bytes, n);
    out->length += n;
}

void hypfs_text(struct hypfs_out *out, const char *fmt, ...)
{
    char text[PIECE];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    hypfs_put(out, text, min((u32)n, PIECE - 1u));
}

void hypfs_end_text(struct hypfs_out *out)
{
    hypfs_put(out, "", 1);
}

int hypfs_read_string(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    hypfs_put(out, node->value, (u32)strlen(node->value) + 1);
    return 0;
}

int hypfs_read_u32(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    hypfs_put(out, node->value, sizeof(u32));
    return 0;
}

int hypfs_read_bool(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    hypfs_put(out, node->value, sizeof(bool));
    return 0;
}

static u32 list_entry_size(size_t name_length)
{
    const size_t align = _Alignof(struct xen_hypfs_dirlistentry);

    return (u32)((offsetof(struct xen_hypfs_dirlistentry, name) + name_length + 1 + align - 1) & ~(align - 1));
}

/* The length of a directory's list depends on names alone. */
static u32 list_length(const struct place *directory)
{
    struct place child;
    char name[32];
    u32 cursor = 0, length = 0;

    while (next_child(directory, &cursor, &child))
        length += list_entry_size(name_of(&child, name, sizeof(name)));
    return length;
}

/* What the entry itself says; of a file that has gone, that it is empty. */
static struct xen_hypfs_direntry describe(const struct place *p)
{
    struct xen_hypfs_direntry e = { .type = p->node->type, .max_write_len = p->node->max_write };
    struct hypfs_out count = { 0 };

    if (is_directory(p))
        e.content_len = list_length(p);
    else if (p->node->read(p->node, p->id, &count) == 0)
        e.content_len = count.length;
    return e;
}

static void put_list_entry(struct hypfs_out *out, const struct place *child, bool last)
{
    union { struct xen_hypfs_dirlistentry entry; char bytes[64]; } u;
    char name[32];
    u32 size = list_entry_size(name_of(child, name, sizeof(name)));

    BUG_ON(size > sizeof(u));
    memset(&u, 0, sizeof(u));
    u.entry.e = describe(child);
    u.entry.off_next = last ? 0 : (u16)size;
    strlcpy(u.bytes + offsetof(struct xen_hypfs_dirlistentry, name), name, sizeof(name));
    hypfs_put(out, &u, size);
}

static void put_list(const struct place *directory, struct hypfs_out *out)
{
    struct place child, following;
    u32 cursor = 0;
    bool any = next_child(directory, &cursor, &child);

    while (any) {
        any = next_child(directory, &cursor, &following);
        put_list_entry(out, &child, !any);
        child = following;
    }
}

/* ---- The hypercall */

/* The caller's path, which ends with its only zero. */
static int get_path(unsigned long va, unsigned long size, char *path)
{
    if (size == 0 || size > XEN_HYPFS_MAX_PATHLEN)
        return -EINVAL;
    if (copy_from_guest_va(path, va, size))
        return -EFAULT;
    return strnlen(path, size) == size - 1 ? 0 : -EINVAL;
}

/* The entry comes first in the caller's buffer, and says how much room there must be if there is too little. */
static int do_read(const struct place *p, u64 va, u64 size)
{
    struct xen_hypfs_direntry e = { .type = p->node->type, .max_write_len = p->node->max_write };
    struct hypfs_out out = { .va = va + sizeof(e) };
    int rc = 0;

    if (size < sizeof(e))
        return -EINVAL;
    out.room = (u32)min(size - sizeof(e), 0xffffffffUL);
    if (is_directory(p))
        put_list(p, &out);
    else
        rc = p->node->read(p->node, p->id, &out);
    if (rc == 0)
        rc = out.error;
    if (rc)
        return rc;
    e.content_len = out.length;
    if (copy_arg_to(va, &e))
        return -EFAULT;
    return out.length > out.room ? -ENOBUFS : 0;
}

static int do_write(const struct place *p, u64 va, u64 size)
{
    char text[HYPFS_WRITE_MAX];
    int rc;

    if (p->node->max_write == 0)
        return -EACCES;
    if (size > p->node->max_write || size > sizeof(text))
        return -ENOSPC;
    if (copy_from_guest_va(text, va, size))
        return -EFAULT;
    if (size == 0 || strnlen(text, size) != size - 1)
        return -EINVAL;
    if (!spin_trylock(&control_lock))
        return -ERESTART;
    rc = p->node->write(p->node, p->id, text);
    spin_unlock(&control_lock);
    return rc;
}

/* Purpose: one hypfs_op. -EPERM: not the control domain; -ENOSYS: no such command; -EFAULT; -EINVAL: arguments where
 * there are none, a bad path, a buffer without room for an entry, or a string that does not end; -ENOENT; -ENOBUFS: the
 * buffer is too small, and its entry says how large it must be; -EACCES: read-only; -ENOSPC: longer than the file may
 * be; else what the file answers. */
long hypercall_hypfs_op(unsigned long cmd, unsigned long path_va, unsigned long path_size, unsigned long va,
                        unsigned long size, unsigned long a6)
{
    char path[XEN_HYPFS_MAX_PATHLEN];
    struct place place;
    int rc;

    if (!current->domain->is_privileged)
        return -EPERM;
    if ((u32)cmd == XEN_HYPFS_OP_get_version)
        return path_va || path_size || va || size ? -EINVAL : XEN_HYPFS_VERSION;
    if ((u32)cmd != XEN_HYPFS_OP_read && (u32)cmd != XEN_HYPFS_OP_write_contents)
        return -ENOSYS;
    rc = get_path(path_va, path_size, path);
    if (rc == 0)
        rc = find(path, &place);
    if (rc)
        return rc;
    rc = (u32)cmd == XEN_HYPFS_OP_read ? do_read(&place, va, size) : do_write(&place, va, size);
    return rc == -ERESTART ? hypercall_continue(__HYPERVISOR_hypfs_op, 5, cmd, path_va, path_size, va, size) : rc;
}
