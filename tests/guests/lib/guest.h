/* SPDX-License-Identifier: MIT */
/* What a test kernel has: hypercalls, a console, traps that can be expected, its own page tables, a verdict. */
#ifndef PRISM_TESTS_GUEST_H
#define PRISM_TESTS_GUEST_H

#include <xen/xen.h>
#include <xen/sched.h>
#include <xen/version.h>
#include <xen/memory.h>
#include <xen/errno.h>

/* Verdicts, the worst of which wins: success, skip, error (the test is broken), failure (the hypervisor is wrong). */
enum verdict { SUCCESS, SKIP, ERROR, FAILURE };

void test_main(void);                       /* each test defines it */
void verdict(enum verdict v, const char *format, ...) printf_like(2, 3);
#define FAIL(...) verdict(FAILURE, __VA_ARGS__)
/* Checks that a hypercall answered what it should. */
#define EXPECT(what, got, want) do { long _g = (long)(got), _w = (long)(want); \
    if (_g != _w) verdict(FAILURE, "%s:%d: %s is %ld, not %ld", __FILE__, __LINE__, (what), _g, _w); } while (0)
#define EXPECT_ERROR(what, got) do { long _g = (long)(got); \
    if (_g >= 0 || _g < -4095) verdict(FAILURE, "%s:%d: %s is %ld, not an error", __FILE__, __LINE__, (what), _g); } while (0)
void say(const char *format, ...) printf_like(1, 2);
/* This test ends with the guest being crashed by the hypervisor, or shut down for a watchdog: says so, for whoever reads the
 * console. how: of those in harness/testing.py. Not returning from what follows is success. */
void expect_end(const char *how);
void finish(void) noreturn;
/* By what a test kernel's domain is known to others: learnt from the hypervisor. */
domid_t own_domid(void);
bool on_prism(void);                        /* for what is Prism's own promise, where the ABI leaves things open */
void install_traps(void);                   /* again, for a test that has replaced them */

void *memset(void *p, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);

#define page_aligned __attribute__((__aligned__(4096)))
#define tight __attribute__((__packed__))

#ifdef GUEST_HW
#include "lib/hw.h"
#elif defined(GUEST_REAL)
#include "lib/real.h"
#else
#include "lib/pv.h"
#endif

#define CALL1(n, a) hypercall(__HYPERVISOR_##n, (unsigned long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
                                       (unsigned long)(d), 0, 0)

#ifndef GUEST_REAL
static inline void say_plainly(const char *line, size_t n) { CALL3(console_io, CONSOLEIO_write, n, line); }
#endif

/* CPUID as the guest is to ask: in ring 3 by the prefix that the hypervisor answers. */
static inline void guest_cpuid(u32 leaf, u32 sub, u32 r[4])
{
#ifdef GUEST_HW
    cpuid(leaf, sub, r);
#else
    asm volatile(XEN_CPUID : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (sub));
#endif
}

/* WRMSR: the vector that it raises, or -1. */
static inline long try_wrmsr(u32 msr, u32 lo, u32 hi)
{
    trap_vector = -1;
#ifdef __x86_64__
    asm volatile("mov %%rsp, %%r12; lea 1f(%%rip), %%rbx; mov %%rbx, trap_resume(%%rip); wrmsr; 1: mov %%r12, %%rsp;"
                 "movq $0, trap_resume(%%rip)" :: "c" (msr), "a" (lo), "d" (hi) : "rbx", "r12", "memory", "cc");
#else
    asm volatile("mov %%esp, trap_stack; movl $1f, trap_resume; wrmsr; 1: mov trap_stack, %%esp; movl $0, trap_resume"
                 :: "c" (msr), "a" (lo), "d" (hi) : "memory", "cc");
#endif
    return trap_vector;
}

/* If set: called for each trap before anything else; true if it is dealt with. For tests with two vCPUs, since TRY is for
 * one at a time. */
extern bool (*volatile trap_hook)(struct trap_frame *frame);

/* vcpu.c: a second vCPU. */
unsigned int vcpus(void);                              /* how many the domain has, up or down */
bool start_second_vcpu(void (*fn)(void));              /* runs fn on it; false, with a verdict, if there is none */
/* Until the other vCPU has brought its count so far, or further. False, with a verdict: it does not, `what`. */
bool wait_for_other(const volatile u32 *count, u32 so_far, const char *what);
shared_info_t *shared_info_page(void);                 /* mapped when first asked for */
u64 now_ns(void);                                      /* system time */

/* What hypercalls call the frame of a page of the kernel's; its own grant table, version 1, mapped when first asked for. */
unsigned long frame_of(const void *va);
struct grant_entry_v1 *grant_table(void);
long set_watchdog(u32 id, u32 seconds);                     /* SCHEDOP_watchdog */
void nap(u64 ns);                                      /* sleeps so long at least */

/* Pages for tests, zero at the start; the last one for a guard. */
#ifndef SCRATCH_PAGES
#define SCRATCH_PAGES 9
#endif
extern u8 scratch[SCRATCH_PAGES][4096];

#endif
