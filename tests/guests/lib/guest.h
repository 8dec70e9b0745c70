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

extern start_info_t *start_info;
void test_main(void);                       /* each test defines it */
void verdict(enum verdict v, const char *format, ...) printf_like(2, 3);
#define FAIL(...) verdict(FAILURE, __VA_ARGS__)
/* Checks that a hypercall answered what it should. */
#define EXPECT(what, got, want) do { long _g = (long)(got), _w = (long)(want); \
    if (_g != _w) verdict(FAILURE, "%s:%d: %s is %ld, not %ld", __FILE__, __LINE__, (what), _g, _w); } while (0)
#define EXPECT_ERROR(what, got) do { long _g = (long)(got); \
    if (_g >= 0 || _g < -4095) verdict(FAILURE, "%s:%d: %s is %ld, not an error", __FILE__, __LINE__, (what), _g); } while (0)
void say(const char *format, ...) printf_like(1, 2);
/* This test ends with the guest being crashed by the hypervisor: says so, for whoever reads the console. Not returning
 * from what follows is success. */
void expect_crash(void);
void finish(void) noreturn;
void install_traps(void);                   /* again, for a test that has replaced them */

void *memset(void *p, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);

static inline long hypercall(unsigned long n, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
                             unsigned long e, unsigned long f)
{
    register unsigned long r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
    long result;

    asm volatile("syscall" : "=a" (result), "+D" (a), "+S" (b), "+d" (c), "+r" (r10), "+r" (r8), "+r" (r9)
                 : "0" (n) : "rcx", "r11", "memory");
    return result;
}
#define CALL1(n, a) hypercall(__HYPERVISOR_##n, (unsigned long)(a), 0, 0, 0, 0, 0)
#define CALL2(n, a, b) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), 0, 0, 0, 0)
#define CALL3(n, a, b, c) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
                                       (unsigned long)(d), 0, 0)

struct trap_frame {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    u64 vector, error_code, rip;
    u32 cs, upcall_mask_word;
    u64 rflags, rsp, ss;
};
/* Runs the assembly instruction `code` (with rdi, rax as operands); the vector it raised, or -1. last_trap has the rest. */
extern struct trap_frame last_trap;
extern volatile long trap_vector;
extern u64 trap_resume;
#define TRY(code, ...) ({ trap_vector = -1; \
    asm volatile("mov %%rsp, %%r12; lea 1f(%%rip), %%rcx; mov %%rcx, trap_resume(%%rip);" code \
                 "; 1: mov %%r12, %%rsp; movq $0, trap_resume(%%rip)" \
                 :: __VA_ARGS__ : "rcx", "rdx", "r12", "memory", "cc"); trap_vector; })

/* If set: called for each trap before anything else; true if it is dealt with. For tests with two vCPUs, since TRY is for
 * one at a time. */
extern bool (*volatile trap_hook)(struct trap_frame *frame);

/* vcpu.c: a second vCPU. */
struct vcpu_guest_context;
unsigned int vcpus(void);                              /* how many the domain has, up or down */
bool start_second_vcpu(void (*fn)(void));              /* runs fn on it; false, with a verdict, if there is none */
void second_vcpu_context(struct vcpu_guest_context *c);   /* what it is initialised with */
shared_info_t *shared_info_page(void);                 /* mapped when first asked for */
u64 now_ns(void);                                      /* system time */

/* The kernel's own memory: pfn to mfn, and the machine address of the level-n entry that maps va. */
#define VIRT_BASE 0xffffffff80000000UL
static inline u64 va_to_pfn(const void *va) { return ((u64)va - VIRT_BASE) >> 12; }
u64 va_to_mfn(const void *va);
u64 entry_address(const void *va, unsigned int level);
u64 *table_of(const void *va, unsigned int level);     /* where the kernel sees that table, read-only */
u64 read_entry(const void *va, unsigned int level);
long set_entry(u64 entry_maddr, u64 value);            /* one MMU_NORMAL_PT_UPDATE */
#define PTE_RW 2UL
#define PTE_RO_FLAGS 0x25UL                            /* present, user, accessed */
#define PTE_RW_FLAGS 0x67UL
extern u8 scratch[9][4096];                            /* pages for tests, zero at the start; the last one for a guard */

#endif
