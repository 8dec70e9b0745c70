/* SPDX-License-Identifier: MIT */
/* A test kernel in a hardware container, of 64 or 32 bits, with all its memory and 4 GiB of addresses mapped one to one:
 * how it calls the hypervisor, what a trap leaves, its page tables. */
#ifndef PRISM_TESTS_HW_H
#define PRISM_TESTS_HW_H

#include <xen/hvm/params.h>

#ifdef __x86_64__
static inline long hypercall(unsigned long n, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
                             unsigned long e, unsigned long f)
{
    register unsigned long r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
    long result;

    asm volatile("vmmcall" : "=a" (result), "+D" (a), "+S" (b), "+d" (c), "+r" (r10), "+r" (r8), "+r" (r9)
                 : "0" (n) : "memory");
    return result;
}

struct trap_frame {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    u64 vector, error_code, rip, cs, rflags, rsp, ss;
};

/* Runs the assembly instruction `code`; the vector it raised, or -1. last_trap has the rest, last_cr2 CR2. */
#define TRY(code, ...) ({ trap_vector = -1; \
    asm volatile("mov %%rsp, %%r12; lea 1f(%%rip), %%rcx; mov %%rcx, trap_resume(%%rip);" code \
                 "; 1: mov %%r12, %%rsp; movq $0, trap_resume(%%rip)" \
                 :: __VA_ARGS__ : "rcx", "rdx", "r12", "memory", "cc"); trap_vector; })
#else
/* The sixth argument, in EBP, is 0: no hypercall of these tests has one. */
static inline long hypercall(unsigned long n, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
                             unsigned long e, unsigned long f)
{
    long result;

    asm volatile("push %%ebp; xor %%ebp, %%ebp; vmmcall; pop %%ebp"
                 : "=a" (result), "+b" (a), "+c" (b), "+d" (c), "+S" (d), "+D" (e) : "0" (n) : "memory");
    return result;
}

struct trap_frame {
    u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
    u32 vector, error_code, rip, cs, rflags;
};

#define TRY(code, ...) ({ trap_vector = -1; \
    asm volatile("mov %%esp, trap_stack; movl $1f, trap_resume;" code \
                 "; 1: mov trap_stack, %%esp; movl $0, trap_resume" \
                 :: __VA_ARGS__ : "ecx", "edx", "memory", "cc"); trap_vector; })
#endif

extern struct trap_frame last_trap;
extern volatile long trap_vector;
extern unsigned long trap_resume, trap_stack, last_cr2;

/* Interrupts by vector: counted, and nothing else. */
extern volatile unsigned int interrupts[256];
static inline void interrupts_on(void) { asm volatile("sti" ::: "memory"); }
static inline void interrupts_off(void) { asm volatile("cli" ::: "memory"); }
/* How events reach the kernel: HVM_PARAM_CALLBACK_IRQ. */
#define CALLBACK_BY_VECTOR(vector) ((u64)HVM_PARAM_CALLBACK_TYPE_VECTOR << 56 | (vector))
long set_callback(u64 via);
/* For a kernel that has interrupts on and takes no events. The console's reader sends some; the callback's vector comes for as
 * long as one is pending, and before each instruction if nobody takes it. */
void mask_events(void);

/* The level-1 entry of an address below 4 MiB, as wide as this kernel's paging has them; the rest is in large pages. */
#ifdef GUEST_NO_PAE
typedef u32 pte_t;
#else
typedef u64 pte_t;
#endif
#define LEVEL1_PAGES 1024
extern pte_t level1[LEVEL1_PAGES];
static inline pte_t *entry_of(const void *va) { return &level1[(unsigned long)va >> 12]; }
static inline void forget_page(const void *va) { asm volatile("invlpg (%0)" :: "r" (va) : "memory"); }
#define PTE_PRESENT 1u
#define PTE_RW 2u
#define PTE_USER 4u

/* Frames that libxl gives no memory: places for what the hypervisor shares. */
#define SHARED_INFO_GFN 0xfe700u
#define GRANT_TABLE_GFN 0xfe701u
#define EMPTY_GFN 0xfe710u                  /* and 15 more, for tests */
static inline void *gfn_to_va(unsigned long gfn) { return (void *)(gfn << 12); }
long add_to_physmap(unsigned int space, unsigned long idx, unsigned long gfn);
long decrease_reservation(unsigned long gfn);
long populate(unsigned long gfn);

/* A firmware has run before this kernel, and has left something in memory, in its own place above all: where the processor
 * begins there is a jump. */
static inline bool has_firmware(void)
{ unsigned long at = 0xffff0; asm("" : "+r" (at)); return *(volatile u8 *)at != 0; }

static inline u64 read_msr(u32 msr)
{ u32 lo, hi; asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr)); return lo | (u64)hi << 32; }
static inline void cpuid(u32 leaf, u32 sub, u32 r[4])
{ asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]), "=d" (r[3]) : "0" (leaf), "2" (sub)); }

#endif
