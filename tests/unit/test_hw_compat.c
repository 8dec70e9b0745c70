/* SPDX-License-Identifier: MIT */
// sources:
/* Hypercalls from 32-bit code: what the 64-bit handlers get to see of them, and what comes back to the guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "dom/domain.h"

static struct vcpu *running;
static struct cpu_user_regs *registers_of_guest(void);
static bool preempt;
#undef current
#define current running
#undef guest_regs
#define guest_regs() registers_of_guest()
#include "abi/hypercall.h"
#define hypercall_preempt_check() preempt
#include "modes/pvh/hw_compat.c"
#include "modes/pvh/hw_compat_grant.c"
#define later memory_later
#define copy memory_copy
#include "modes/pvh/hw_compat_memory.c"

/* ---- The guest: memory at GUEST, registers */

#define GUEST 0x10000u
static u8 memory[8192];
static struct cpu_user_regs registers;
static struct hw_vcpu vcpu;
static struct domain dom;
static unsigned int calls;
static long (*handler)(unsigned long number, const unsigned long args[6]);

static struct cpu_user_regs *registers_of_guest(void) { return &registers; }
enum container_mode container_mode(const struct vcpu *v) { return MODE_PROTECTED32; }
void update_domain_wallclock(struct domain *d) { }

static void *place(u64 va, size_t n)
{
    void *own = hw_compat_area(running, va, n);

    return own ? own : va >= GUEST && va + n <= GUEST + sizeof(memory) ? memory + (va - GUEST) : NULL;
}

static size_t copy_from(void *dst, u64 va, size_t n)
{
    const void *p = place(va, n);

    if (p)
        memcpy(dst, p, n);
    return p ? 0 : n;
}

static size_t copy_to(u64 va, const void *src, size_t n)
{
    void *p = place(va, n);

    if (p)
        memcpy(p, src, n);
    return p ? 0 : n;
}

static void hypercall_again(unsigned int nargs, const unsigned long *args) { hw_compat_again(running, nargs, args); }
static const struct privileged_ops privileged = { .copy_from = copy_from, .copy_to = copy_to,
                                                  .hypercall_again = hypercall_again };
static const struct row row = { .privileged = &privileged };

long hypercall_dispatch(unsigned long number, const unsigned long args[6])
{
    calls++;
    return handler(number, args);
}

/* As in abi/hypercall.c, but that nothing is said about the return value. */
long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    unsigned long args[6];
    va_list list;

    va_start(list, nargs);
    for (unsigned int i = 0; i < nargs; i++)
        args[i] = va_arg(list, unsigned long);
    va_end(list);
    if (running->multicall) {
        running->multicall->preempted = true;
        running->multicall->op = number;
        memcpy(running->multicall->args, args, nargs * sizeof(args[0]));
    } else
        hypercall_again(nargs, args);
    return (long)number;
}

static int setup(void **state)
{
    memset(memory, 0, sizeof(memory));
    memset(&registers, 0, sizeof(registers));
    dom = (struct domain){ .row = &row };
    memset(&vcpu, 0, sizeof(vcpu));
    vcpu.vcpu.domain = &dom;
    running = &vcpu.vcpu;
    calls = 0;
    preempt = false;
    handler = NULL;
    return 0;
}

static int teardown(void **state)
{
    hw_compat_free(&vcpu);
    assert_null(vcpu.compat);
    return 0;
}

static long call32(u32 number, u32 a, u32 b, u32 c)
{
    const u32 args[6] = { a, b, c };

    registers.rbx = a, registers.rcx = b, registers.rdx = c;
    return hw_compat_hypercall(running, number, args);
}

/* ---- */

static long one_frame(unsigned long number, const unsigned long args[6])
{
    struct xen_memory_reservation r;
    xen_pfn_t gfn;

    assert_int_equal(number, __HYPERVISOR_memory_op);
    assert_int_equal(args[0], XENMEM_decrease_reservation);
    assert_int_equal(copy_from(&r, args[1], sizeof(r)), 0);
    assert_int_equal(r.nr_extents, 1);
    assert_int_equal(r.domid, DOMID_SELF);
    assert_int_equal(copy_from(&gfn, (u64)r.extent_start.p, sizeof(gfn)), 0);
    assert_int_equal(gfn, 0x1000 + calls - 1);
    return 1;
}

static void reservations(void **state)
{
    struct reservation32 *r = (void *)memory;
    u32 *list = (void *)(memory + 256);

    *r = (struct reservation32){ .extent_start = GUEST + 256, .nr_extents = 5, .domid = DOMID_SELF };
    for (unsigned int i = 0; i < 5; i++)
        list[i] = 0x1000 + i;
    handler = one_frame;
    assert_int_equal(call32(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, GUEST, 0), 5);
    assert_int_equal(calls, 5);
    /* interrupted after the first: registers say how to go on, and the buffer's address does not get there */
    calls = 0, preempt = true;
    assert_int_equal(call32(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, GUEST, 0), __HYPERVISOR_memory_op);
    assert_int_equal(registers.rbx, XENMEM_decrease_reservation | 1 << 6);
    assert_int_equal(registers.rcx, GUEST);
    preempt = false;
    assert_int_equal(call32(__HYPERVISOR_memory_op, (u32)registers.rbx, GUEST, 0), 5);
    assert_int_equal(calls, 5);
    assert_int_equal(call32(__HYPERVISOR_memory_op, XENMEM_decrease_reservation, 0x1000, 0), 0);   /* no memory there */
}

static long two_places(unsigned long number, const unsigned long args[6])
{
    struct xen_add_to_physmap_batch b;
    xen_ulong_t idx;
    int err = calls == 2 ? -EINVAL : 0;

    assert_int_equal(copy_from(&b, args[1], sizeof(b)), 0);
    assert_int_equal(b.size, 1);
    assert_int_equal(copy_from(&idx, (u64)b.idxs.p, sizeof(idx)), 0);
    assert_int_equal(idx, calls == 1 ? 3 : 4 | XENMAPIDX_grant_table_status);
    assert_int_equal(copy_to((u64)b.errs.p, &err, sizeof(err)), 0);
    return 0;
}

static void batches(void **state)
{
    struct add_to_physmap_batch32 *b = (void *)memory;
    u32 *idx = (void *)(memory + 64), *gfn = (void *)(memory + 96);
    int *err = (void *)(memory + 128);

    *b = (struct add_to_physmap_batch32){ .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .size = 2,
                                          .idxs = GUEST + 64, .gpfns = GUEST + 96, .errs = GUEST + 128 };
    idx[0] = 3, idx[1] = 4 | 0x80000000, gfn[0] = 77, gfn[1] = 78, err[0] = 99, err[2] = 4711;
    handler = two_places;
    assert_int_equal(call32(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, GUEST, 0), 0);
    assert_int_equal(err[0], 0);
    assert_int_equal(err[1], -EINVAL);
    assert_int_equal(err[2], 4711);
    assert_int_equal(call32(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch | 3 << 6, GUEST, 0), -EINVAL);
}

static long copies(unsigned long number, const unsigned long args[6])
{
    struct gnttab_copy op;

    assert_int_equal(args[2], 1);
    assert_int_equal(copy_from(&op, args[1], sizeof(op)), 0);
    assert_int_equal(op.source.u.ref, 5);
    assert_int_equal(op.source.domid, 7);
    assert_int_equal(op.dest.u.gmfn, 0xfffff);
    assert_int_equal(op.dest.offset, 100);
    assert_int_equal(op.len, 64);
    op.status = GNTST_bad_page;
    return copy_to(args[1], &op, sizeof(op)) ? -EFAULT : 0;
}

static void grant_copies(void **state)
{
    struct copy32 *op = (void *)memory;

    op[0] = op[1] = (struct copy32){ .source = { 5, 7, 0 }, .dest = { 0xfffff, DOMID_SELF, 100 }, .len = 64,
                                     .flags = GNTCOPY_source_gref, .pad = 0x4711 };
    handler = copies;
    assert_int_equal(call32(__HYPERVISOR_grant_table_op, GNTTABOP_copy, GUEST, 2), 0);
    assert_int_equal(calls, 2);
    assert_int_equal(op[1].status, GNTST_bad_page);
    assert_int_equal(op[1].pad, 0x4711);
    assert_int_equal(call32(__HYPERVISOR_grant_table_op, GNTTABOP_copy, GUEST + sizeof(memory) - 4, 1), -EFAULT);
    assert_int_equal(call32(__HYPERVISOR_grant_table_op, GNTTABOP_copy, GUEST, 0x80000000), -EINVAL);
}

/* The second call of a list is interrupted: its entry says how to go on. */
static long interrupted(unsigned long number, const unsigned long args[6])
{
    if (calls < 2)
        return 42;
    return hypercall_continue(__HYPERVISOR_grant_table_op, 3, args[0], COMPAT_BASE + 16, 7UL);
}

static void lists(void **state)
{
    struct multicall32 *list = (void *)memory;

    list[0] = (struct multicall32){ .op = __HYPERVISOR_console_io };
    list[1] = (struct multicall32){ .op = __HYPERVISOR_grant_table_op, .args = { GNTTABOP_query_size, GUEST + 512, 9 } };
    list[2] = (struct multicall32){ .op = __HYPERVISOR_multicall };
    handler = interrupted;
    assert_int_equal(call32(__HYPERVISOR_multicall, GUEST, 3, 0), __HYPERVISOR_multicall);
    assert_int_equal(list[0].result, 42);
    assert_int_equal(list[1].args[1], GUEST + 512);
    assert_int_equal(list[1].args[2], 7);
    assert_int_equal(registers.rbx, GUEST + sizeof(*list));
    assert_int_equal(registers.rcx, 2);
    calls = 0;
    assert_int_equal(call32(__HYPERVISOR_multicall, (u32)registers.rbx, 2, 0), 0);
    assert_int_equal(list[1].result, 42);
    assert_int_equal(list[2].result, (u32)-EINVAL);
    assert_null(running->multicall);
}

static long refuses(unsigned long number, const unsigned long args[6])
{
    return -ENOSYS;
}

static void the_rest(void **state)
{
    handler = refuses;
    for (u32 number = 0; number < 64; number++)
        for (u32 cmd = 0; cmd < 64; cmd++)
            (void)call32(number, cmd, 0x1000, 1);
    assert_int_equal(call32(__HYPERVISOR_mmu_update, 0, 0, 0), -ENOSYS);
    assert_int_equal(call32(__HYPERVISOR_sched_op, SCHEDOP_poll, 0, 0), -EFAULT);
    hw_note_width(running);
    assert_true(dom.narrow);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(reservations), TEST(batches), TEST(grant_copies), TEST(lists), TEST(the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
