/* SPDX-License-Identifier: MIT */
// sources: xen/mem/alloc_fault.c
/* The hypervisor file system as the control domain sees it, from a caller's memory of a fixed size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"

static struct vcpu *running;
#undef current
#define current running
#include "abi/control.h"
#include "abi/hypercall.h"
#include "boot/boot.h"
#include "dom/guest_access.h"
#include "xen/abi/hypfs.c"
#include "xen/abi/hypfs_debug.c"
#include "xen/abi/hypfs_params.c"

/* ---- What surrounds it */

#define GUEST_BASE 0x100000UL
#define GUEST_SIZE 8192

struct options options;
struct spinlock control_lock = SPINLOCK_INIT(RANK_DOMCTL);
static unsigned char memory[GUEST_SIZE];
static struct domain caller;
static struct vcpu vcpu = { .domain = &caller };
static unsigned int continued;
static bool present[6];
static char written[HYPFS_WRITE_MAX];
static u32 written_to;

size_t strlcpy(char *dst, const char *src, size_t size)
{
    size_t n = strlen(src);

    memcpy(dst, src, min(n, size - 1));
    dst[min(n, size - 1)] = 0;
    return n;
}

long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    assert_int_equal(number, __HYPERVISOR_hypfs_op);
    assert_int_equal(nargs, 5);
    continued++;
    return (long)number;
}

static size_t outside(u64 va, size_t n)
{
    return va < GUEST_BASE || va > GUEST_BASE + GUEST_SIZE || n > GUEST_BASE + GUEST_SIZE - va ? n : 0;
}

static size_t copy_from(void *dst, u64 va, size_t n)
{
    if (!outside(va, n))
        memcpy(dst, memory + (va - GUEST_BASE), n);
    return outside(va, n);
}

static size_t copy_to(u64 va, const void *src, size_t n)
{
    if (!outside(va, n))
        memcpy(memory + (va - GUEST_BASE), src, n);
    return outside(va, n);
}

static const struct privileged_ops privileged = { .copy_from = copy_from, .copy_to = copy_to };
static const struct row row = { .privileged = &privileged };

/* ---- A directory of numbers */

static bool next(u32 *id)
{
    for (; *id < ARRAY_SIZE(present); ++*id)
        if (present[*id])
            return true;
    return false;
}

static int read_name(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    if (!present[id])
        return -ENOENT;
    hypfs_text(out, "number %u", id);
    hypfs_end_text(out);
    return 0;
}

static int write_name(const struct hypfs_node *node, u32 id, const char *text)
{
    assert_true(spin_is_locked(&control_lock));
    strcpy(written, text);
    written_to = id;
    return strcmp(text, "bad") ? 0 : -EINVAL;
}

static const struct hypfs_node numbered[] = {
    { .name = "name", .type = XEN_HYPFS_TYPE_STRING, .max_write = 8, .read = read_name, .write = write_name }, { }
};
static const struct hypfs_node things = {
    .name = "things", .type = XEN_HYPFS_TYPE_DIR, .children = numbered, .next = next
};

static int setup(void **state)
{
    memset(memory, 0xee, sizeof(memory));
    memset(present, 0, sizeof(present));
    present[0] = present[3] = true;
    written[0] = 0;
    continued = 0;
    caller.row = &row;
    caller.is_privileged = true;
    running = &vcpu;
    nr_added = 0;
    hypfs_add(&things);
    options = (struct options){ .dom0_mem = 512 << 20, .loglvl = LOG_DEBUG, .noreboot = true, .console_com1 = true,
                                .com1_baud = 115200, .com1_base = 0x3f8, .com1_irq = 4, .max_cpus = 3 };
    return 0;
}

#define PATH GUEST_BASE
#define BUFFER (GUEST_BASE + 2048)

static long call(unsigned long cmd, const char *path, u64 va, u64 size)
{
    memcpy(memory, path, strlen(path) + 1);
    return hypercall_hypfs_op(cmd, PATH, strlen(path) + 1, va, size, 0);
}

static struct xen_hypfs_direntry entry(void)
{
    struct xen_hypfs_direntry e;

    memcpy(&e, memory + (BUFFER - GUEST_BASE), sizeof(e));
    return e;
}

static const char *content(void) { return (const char *)memory + (BUFFER - GUEST_BASE) + sizeof(struct xen_hypfs_direntry); }

static const char *text_of(const char *path)
{
    assert_int_equal(call(XEN_HYPFS_OP_read, path, BUFFER, 4096), 0);
    assert_int_equal(entry().type, XEN_HYPFS_TYPE_STRING);
    assert_int_equal(entry().content_len, strlen(content()) + 1);
    return content();
}

/* The names in a directory, separated by blanks. */
static const char *list(const char *path)
{
    static char names[512];
    const struct xen_hypfs_dirlistentry *e = (const void *)content();

    assert_int_equal(call(XEN_HYPFS_OP_read, path, BUFFER, 4096), 0);
    assert_int_equal(entry().type, XEN_HYPFS_TYPE_DIR);
    names[0] = 0;
    while (entry().content_len) {
        strcat(strcat(names, e->name), " ");
        if (e->off_next == 0)
            break;
        assert_int_equal(e->off_next % 4, 0);
        e = (const void *)((const char *)e + e->off_next);
    }
    return names;
}

/* ---- Tests */

static void test_callers(void **state)
{
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_get_version, 0, 0, 0, 0, 0), XEN_HYPFS_VERSION);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_get_version, 0, 0, 1, 0, 0), -EINVAL);
    assert_int_equal(call(3, "/", BUFFER, 4096), -ENOSYS);
    caller.is_privileged = false;
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_get_version, 0, 0, 0, 0, 0), -EPERM);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/", BUFFER, 4096), -EPERM);
}

static void test_directories(void **state)
{
    assert_string_equal(list("/"), "buildinfo cpupool params things ");
    assert_string_equal(list("/buildinfo"), "changeset compileinfo version ");
    assert_string_equal(list("/buildinfo/version/"), "extra major minor ");
    assert_string_equal(list("/things"), "0 3 ");
    assert_string_equal(list("/things/3"), "name ");
    present[0] = present[3] = false;
    assert_string_equal(list("/things"), "");
    assert_int_equal(entry().content_len, 0);
}

static void test_entries_tell_lengths(void **state)
{
    const struct xen_hypfs_dirlistentry *e = (const void *)content();

    list("/things/3");
    assert_int_equal(e->e.type, XEN_HYPFS_TYPE_STRING);
    assert_int_equal(e->e.content_len, strlen("number 3") + 1);
    assert_int_equal(e->e.max_write_len, 8);
    assert_int_equal(e->e.pad, 0);
    list("/things");
    assert_int_equal(e->e.type, XEN_HYPFS_TYPE_DIR);
    assert_int_equal(e->e.content_len, 20);   /* one entry: 12, 2, "name" and its zero, to a multiple of 4 */
}

static void test_values(void **state)
{
    u32 number;

    assert_string_equal(text_of("/things/3/name"), "number 3");
    assert_string_equal(text_of("/buildinfo/version/extra"), XEN_EXTRA);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/buildinfo/version/minor", BUFFER, 4096), 0);
    memcpy(&number, content(), 4);
    assert_int_equal(entry().type, XEN_HYPFS_TYPE_UINT);
    assert_int_equal(entry().content_len, 4);
    assert_int_equal(number, XEN_MINOR);
}

static void test_params(void **state)
{
    assert_string_equal(text_of("/params/dom0_mem"), "524288K");
    assert_string_equal(text_of("/params/com1"), "115200,8n1,0x3f8,4");
    assert_string_equal(text_of("/params/console"), "com1");
    assert_string_equal(text_of("/params/loglvl"), "debug");
    assert_string_equal(text_of("/params/guest_loglvl"), "error");
    options.dom0_mem_max = 1UL << 30;
    assert_string_equal(text_of("/params/dom0_mem"), "524288K,max:1048576K");
    options.console_com1 = false;
    assert_string_equal(text_of("/params/console"), "none");
    assert_int_equal(call(XEN_HYPFS_OP_read, "/params/noreboot", BUFFER, 4096), 0);
    assert_int_equal(entry().type, XEN_HYPFS_TYPE_BOOL);
    assert_int_equal(entry().content_len, 1);
    assert_int_equal(*content(), 1);
}

static void test_bad_paths(void **state)
{
    static const char *const missing[] = { "/nothing", "//", "/buildinfo//version", "/buildinf", "/buildinfo1", "/things/1",
        "/things/03", "/things/", "/things/x", "/things/99999999999999999999", "/things/3/name/", "/things/3/name/x",
        "/things/-1", "/things/3x" };

    assert_int_equal(call(XEN_HYPFS_OP_read, "", BUFFER, 4096), -EINVAL);
    assert_int_equal(call(XEN_HYPFS_OP_read, "things", BUFFER, 4096), -EINVAL);
    for (unsigned int i = 0; i < ARRAY_SIZE(missing); i++)
        if (strcmp(missing[i], "/things/") != 0)
            assert_int_equal(call(XEN_HYPFS_OP_read, missing[i], BUFFER, 4096), -ENOENT);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/", BUFFER, 4096), 0);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, PATH, 0, BUFFER, 4096, 0), -EINVAL);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, PATH, 1025, BUFFER, 4096, 0), -EINVAL);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, PATH, ~0UL, BUFFER, 4096, 0), -EINVAL);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, 0x10, 5, BUFFER, 4096, 0), -EFAULT);
    memcpy(memory, "/things", 8);
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, PATH, 7, BUFFER, 4096, 0), -EINVAL);   /* no zero */
    assert_int_equal(hypercall_hypfs_op(XEN_HYPFS_OP_read, PATH, 9, BUFFER, 4096, 0), -EINVAL);   /* more than one */
}

static void test_small_buffers(void **state)
{
    const u32 whole = sizeof(struct xen_hypfs_direntry) + strlen("number 3") + 1;

    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", BUFFER, 0), -EINVAL);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", BUFFER, sizeof(struct xen_hypfs_direntry) - 1), -EINVAL);
    for (u32 size = sizeof(struct xen_hypfs_direntry); size < whole; size++) {
        memset(memory, 0xee, sizeof(memory));
        assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", BUFFER, size), -ENOBUFS);
        assert_int_equal(entry().content_len, strlen("number 3") + 1);
        assert_int_equal(memory[BUFFER - GUEST_BASE + size], 0xee);
    }
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", BUFFER, whole), 0);
    assert_string_equal(text_of("/cpupool/0/sched-gran"), "cpu");
    assert_int_equal(call(XEN_HYPFS_OP_read, "/", BUFFER, 40), -ENOBUFS);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", 0, 4096), -EFAULT);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", -sizeof(struct xen_hypfs_direntry), 4096), -EFAULT);
    assert_int_equal(call(XEN_HYPFS_OP_read, "/things/3/name", GUEST_BASE + GUEST_SIZE - 14, ~0UL), -EFAULT);
}

static long write_text(const char *path, const char *bytes, size_t n)
{
    memcpy(memory + (BUFFER - GUEST_BASE), bytes, n);
    return call(XEN_HYPFS_OP_write_contents, path, BUFFER, n);
}

static void test_write(void **state)
{
    assert_int_equal(write_text("/things/3/name", "new", 4), 0);
    assert_string_equal(written, "new");
    assert_int_equal(written_to, 3);
    assert_int_equal(write_text("/things/0/name", "bad", 4), -EINVAL);
    assert_int_equal(write_text("/things/3/name", "1234567", 8), 0);
    assert_int_equal(write_text("/things/3/name", "12345678", 9), -ENOSPC);
    assert_int_equal(write_text("/things/3/name", "new", 3), -EINVAL);
    assert_int_equal(write_text("/things/3/name", "ne\0w", 5), -EINVAL);
    assert_int_equal(write_text("/things/3/name", "", 0), -EINVAL);
    assert_int_equal(write_text("/things/3/name", "", 1), 0);
    assert_int_equal(write_text("/things/3", "new", 4), -EACCES);
    assert_int_equal(write_text("/params/noreboot", "\1", 1), -EACCES);
    assert_int_equal(write_text("/things/1/name", "new", 4), -ENOENT);
    assert_int_equal(call(XEN_HYPFS_OP_write_contents, "/things/3/name", 0x10, 4), -EFAULT);
    assert_false(spin_is_locked(&control_lock));
    assert_int_equal(continued, 0);
    spin_lock(&control_lock);
    assert_int_equal(write_text("/things/3/name", "new", 4), __HYPERVISOR_hypfs_op);
    assert_int_equal(continued, 1);
    spin_unlock(&control_lock);
}

static void test_fail_allocation(void **state)
{
    hypfs_debug_init();
    assert_string_equal(text_of("/debug/fail-allocation"), "0");
    assert_string_equal(text_of("/debug/failed-allocation"), "");
    assert_int_equal(write_text("/debug/fail-allocation", "2", 2), 0);
    assert_string_equal(text_of("/debug/fail-allocation"), "2");
    assert_false(alloc_must_fail(written));
    assert_string_equal(text_of("/debug/fail-allocation"), "1");
    assert_true(alloc_must_fail(written));
    assert_false(alloc_must_fail(written));
    assert_string_equal(text_of("/debug/fail-allocation"), "0");
    assert_int_equal(write_text("/debug/fail-allocation", "", 1), -EINVAL);
    assert_int_equal(write_text("/debug/fail-allocation", "7x", 3), -EINVAL);
    assert_int_equal(write_text("/debug/failed-allocation", "7", 2), -EACCES);
    assert_int_equal(write_text("/debug/fail-allocation", "7", 2), 0);
    assert_int_equal(write_text("/debug/fail-allocation", "0", 2), 0);
    assert_false(alloc_must_fail(written));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_callers, setup), cmocka_unit_test_setup(test_directories, setup),
        cmocka_unit_test_setup(test_entries_tell_lengths, setup), cmocka_unit_test_setup(test_values, setup),
        cmocka_unit_test_setup(test_params, setup), cmocka_unit_test_setup(test_bad_paths, setup),
        cmocka_unit_test_setup(test_small_buffers, setup), cmocka_unit_test_setup(test_write, setup),
        cmocka_unit_test_setup(test_fail_allocation, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
