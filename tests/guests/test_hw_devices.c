/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Every kind of instruction at addresses of no memory, where ones are read, and at the local APIC's registers: what they
 * leave in registers, flags and memory, in one page and across two. */
#include "lib/guest.h"

#define HOLE ((u8 *)gfn_to_va(EMPTY_GFN))
#define APIC ((volatile u8 *)0xfee00000)
#define APIC_TPR 0x80
#define CARRY 1u
#define ZERO 0x40u
#define SIGN 0x80u
#define UD 6
#define NM 7
#define PF 14
#define CR0_TS 8ul
#define CR4_OSFXSR 0x200ul

/* Runs `code` with EAX and the address in EBX (RBX); EAX afterwards, and the flags. */
#ifdef __x86_64__
#define FLAGS "pushfq; pop %1"
#define REG_A "rax"
#else
#define FLAGS "pushf; pop %1"
#define REG_A "eax"
#endif
#define RUN(code, value, at) ({ unsigned long _a = (value); \
    asm volatile(code ";" FLAGS : "+a" (_a), "=&d" (flags) : "b" (at), "c" (0x10203) : "memory", "cc"); _a; })

static unsigned long flags;

static void integers(void)
{
    EXPECT("movzbl", RUN("movzbl (%%ebx), %%eax", 5, HOLE), 0xff);
    EXPECT("movswl", (int)RUN("movswl 2(%%ebx), %%eax", 5, HOLE), -1);
    EXPECT("mov to AH", RUN("mov (%%ebx), %%ah", 5, HOLE) & 0xffff, 0xff05);
    EXPECT("xchg", (int)RUN("xchg %%eax, (%%ebx)", 5, HOLE), -1);
    EXPECT("add from", RUN("add (%%ebx), %%al", 5, HOLE) & 0xff, 4);
    EXPECT("its carry", flags & CARRY, CARRY);
    (void)RUN("subl $-1, (%%ebx)", 5, HOLE);
    EXPECT("its zero", flags & ZERO, ZERO);
    (void)RUN("testb $0x80, (%%ebx)", 5, HOLE);
    EXPECT("its sign", flags & SIGN, SIGN);
    EXPECT("cmpxchg that fails", (int)RUN("lock cmpxchg %%ecx, (%%ebx)", 5, HOLE), -1);
    EXPECT("its zero", flags & ZERO, 0);
    (void)RUN("lock cmpxchg %%ecx, (%%ebx)", 0xffffffff, HOLE);
    EXPECT("the other's", flags & ZERO, ZERO);
    EXPECT("xadd", (int)RUN("lock xadd %%eax, (%%ebx)", 5, HOLE), -1);
    (void)RUN("lock btrl $31, (%%ebx)", 5, HOLE);
    EXPECT("btr's carry", flags & CARRY, CARRY);
    EXPECT("imul", (int)RUN("imul (%%ebx), %%eax", 5, HOLE), -5);
    EXPECT("bsf", RUN("bsf 8(%%ebx), %%eax", 5, HOLE), 0);
    EXPECT("setc", RUN("stc; setc (%%ebx); mov $7, %%eax", 5, HOLE), 7);
    EXPECT("push and pop", RUN("push (%%ebx); pop %%" REG_A, 5, HOLE) & 0xffffffff, 0xffffffff);
}

static void strings(void)
{
    u8 *first = &scratch[0][0] + 4090;   /* goes on in the next page */
    unsigned long from = (unsigned long)HOLE, to = (unsigned long)first, count = 20;

    memset(scratch[0], 0, 2 * 4096);
    asm volatile("rep movsb" : "+S" (from), "+D" (to), "+c" (count) :: "memory");
    for (unsigned int i = 0; i < 20; i++)
        EXPECT("a byte of a string", first[i], 0xff);
    EXPECT("the byte before", first[-1], 0);
    EXPECT("the byte behind", first[20], 0);
    EXPECT("the source's end", from, (unsigned long)HOLE + 20);
    from = (unsigned long)scratch[0], to = (unsigned long)HOLE, count = 3000;
    asm volatile("rep movsl" : "+S" (from), "+D" (to), "+c" (count) :: "memory");
    EXPECT("the end of a long one", to, (unsigned long)HOLE + 12000);
    to = (unsigned long)HOLE, count = 100;
    asm volatile("mov $0xff, %%al; repe scasb" : "+D" (to), "+c" (count) :: "eax", "memory", "cc");
    EXPECT("what scas leaves", count, 0);
    from = (unsigned long)scratch[0], to = (unsigned long)HOLE + 0x20, count = 100;
    asm volatile("repne cmpsb" : "+S" (from), "+D" (to), "+c" (count) :: "memory", "cc");
    EXPECT("what cmps leaves", count, 0);
    to = (unsigned long)HOLE + 8, count = 5;
    asm volatile("std; rep stosw; cld" : "+D" (to), "+c" (count) : "a" (0) : "memory");
    EXPECT("downwards", to, (unsigned long)HOLE - 2);
}

/* The last bytes of a page of memory and the first of a page without. */
static void crossing(void)
{
    pte_t *entry = entry_of(scratch[3]), whole = *entry;
    u8 *edge = scratch[3] - 2;

    *entry = (pte_t)((unsigned long)HOLE | PTE_PRESENT | PTE_RW);
    forget_page(scratch[3]);
    edge[0] = 0x11, edge[1] = 0x22;
    EXPECT("a load across", RUN("mov (%%ebx), %%eax", 5, edge), 0xffff2211);
    (void)RUN("mov %%eax, (%%ebx)", 0x44556677, edge);
    EXPECT("a store across", edge[0] | edge[1] << 8, 0x6677);
    (void)RUN("addl $1, (%%ebx)", 5, edge);
    EXPECT("an addition across", edge[0] | edge[1] << 8, 0x6678);
    *entry = whole & ~(pte_t)PTE_PRESENT;
    forget_page(scratch[3]);
    *entry_of(edge) = (pte_t)((unsigned long)HOLE | PTE_PRESENT | PTE_RW);
    forget_page(edge);
    EXPECT("a store across into no page", TRY("movl $1, (%0)", "r" (edge)), PF);
    EXPECT("CR2", last_cr2, (unsigned long)scratch[3]);
    EXPECT("error code", last_trap.error_code, 2);
    *entry_of(edge) = (pte_t)((unsigned long)scratch[2] | PTE_PRESENT | PTE_RW);
    *entry = whole;
    forget_page(edge);
    forget_page(scratch[3]);
}

static void apic(void)
{
    u32 old = *(volatile u32 *)(APIC + APIC_TPR);

    (void)RUN("movl $0x20, (%%ebx)", 0, APIC + APIC_TPR);
    EXPECT("TPR", RUN("mov (%%ebx), %%eax", 0, APIC + APIC_TPR), 0x20);
    (void)RUN("orl $0x40, (%%ebx)", 0, APIC + APIC_TPR);
    EXPECT("a byte of TPR", RUN("movzbl (%%ebx), %%eax", 0, APIC + APIC_TPR), 0x60);
    EXPECT("xchg", RUN("xchg %%eax, (%%ebx)", 0x10, APIC + APIC_TPR), 0x60);
    EXPECT("TPR", RUN("push (%%ebx); pop %%" REG_A, 0, APIC + APIC_TPR), 0x10);
    *(volatile u32 *)(APIC + APIC_TPR) = old;
}

/* Vector registers, which belong to the guest alone: what is loaded from there is in them, the others are as they were. */
static void vectors(void)
{
    unsigned long cr0, cr4;
    u64 *out = (u64 *)scratch[4];

    asm volatile("mov %%cr4, %0" : "=r" (cr4));
    asm volatile("mov %0, %%cr4" :: "r" (cr4 & ~CR4_OSFXSR));
    EXPECT("movups before OSFXSR", TRY("movups (%0), %%xmm1", "r" (HOLE)), UD);
    asm volatile("mov %0, %%cr4" :: "r" (cr4 | CR4_OSFXSR));
    asm volatile("mov %%cr0, %0" : "=r" (cr0));
    asm volatile("mov %0, %%cr0" :: "r" (cr0 | CR0_TS));
    EXPECT("movups with TS", TRY("movups (%0), %%xmm1", "r" (HOLE)), NM);
    asm volatile("clts; fninit");
    out[0] = 0x1111222233334444, out[1] = 0x5555666677778888;
    asm volatile("movups (%0), %%xmm1; movups (%0), %%xmm2; movups (%1), %%xmm1; movups %%xmm1, 32(%0);"
                 "movhps (%1), %%xmm2; movups %%xmm2, (%1); movups %%xmm2, 48(%0)" :: "r" (out), "r" (HOLE) : "memory");
    EXPECT("a load", out[4] == ~0ull && out[5] == ~0ull, true);
    EXPECT("half a load", out[6] == 0x1111222233334444 && out[7] == ~0ull, true);
    asm volatile("movq (%1), %%mm3; movq %%mm3, (%0); emms" :: "r" (out), "r" (HOLE) : "memory");
    EXPECT("an MMX load", out[0] == ~0ull, true);
    EXPECT("an x87 load", TRY("fldl (%0)", "r" (HOLE)), UD);
    asm volatile("mov %0, %%cr4" :: "r" (cr4));
    asm volatile("mov %0, %%cr0" :: "r" (cr0));
}

void test_main(void)
{
    integers();
    strings();
    crossing();
    apic();
    vectors();
}
