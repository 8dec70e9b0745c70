/* SPDX-License-Identifier: MIT */
/* A test kernel in ring 3: how it calls the hypervisor, what a trap leaves, and its page tables. */
#ifndef PRISM_TESTS_PV_H
#define PRISM_TESTS_PV_H

extern start_info_t *start_info;

static inline long hypercall(unsigned long n, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
                             unsigned long e, unsigned long f)
{
    register unsigned long r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
    long result;

    asm volatile("syscall" : "=a" (result), "+D" (a), "+S" (b), "+d" (c), "+r" (r10), "+r" (r8), "+r" (r9)
                 : "0" (n) : "rcx", "r11", "memory");
    return result;
}
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
                 :: __VA_ARGS__ : "rcx", "rdx", "r11", "r12", "memory", "cc"); trap_vector; })

struct vcpu_guest_context;
void second_vcpu_context(struct vcpu_guest_context *c);   /* what the second vCPU is initialised with */

/* The kernel's own memory: pfn to mfn, and the machine address of the level-n entry that maps va. */
#define VIRT_BASE 0xffffffff80000000UL
static inline u64 va_to_pfn(const void *va) { return ((u64)va - VIRT_BASE) >> 12; }
u64 va_to_mfn(const void *va);
void *page_of_mfn(u64 mfn);                            /* where the kernel has a frame of its own */
u64 entry_address(const void *va, unsigned int level);
u64 *table_of(const void *va, unsigned int level);     /* where the kernel sees that table, read-only */
u64 read_entry(const void *va, unsigned int level);
long set_entry(u64 entry_maddr, u64 value);            /* one MMU_NORMAL_PT_UPDATE */
/* pv_store.c: for a vCPU that runs beside another, a store that may meet a mapping without write permission. First
 * allow_faulting_stores(), which takes trap_hook; then true: stored, false: there was a page fault instead. */
void allow_faulting_stores(void);
bool store_unless_fault(u64 *word, u64 value);
#define PTE_RW 2UL
#define PTE_RO_FLAGS 0x25UL                            /* present, user, accessed */
#define PTE_RW_FLAGS 0x67UL

#endif
