/* SPDX-License-Identifier: MIT */
// modes: pvh64 pvh32 pvh32np hvm64 hvm32 hvm32np
/* Instructions on a device's memory do what the processor does with the same bytes in memory: each runs at both, and
 * registers, flags and bytes are compared. One device is an empty page, where ones are read and nothing is kept; the other the
 * local APIC's initial count, which keeps 32 bits. */
#include "lib/guest.h"

#define HOLE ((u8 *)gfn_to_va(EMPTY_GFN))
#define INITIAL_COUNT ((u8 *)0xfee00380)
#define LVT_TIMER ((volatile u32 *)0xfee00320)
#define MASKED 0x10000u
#define DE 0
#define UD 6

/* Flags that an instruction defines, in hexadecimal */
#define ALL "0x8d5"       /* O S Z A P C */
#define SHIFT1 "0x8c5"    /* and logical ones: not A */
#define SHIFTS "0xc5"     /* nor O */
#define MUL "0x801"
#define CARRY "0x1"
#define ZERO "0x40"
#define COUNT "0x41"
#define NONE "0"

/* A row of a table: flags, where the instruction's code is, what it is called. It has its operand at ESI. */
#define CASE(flags, code) \
    "771: " code "\n ret\n .pushsection .rodata.cases, \"a\"\n .long 771b, 772f, " flags "\n .popsection\n" \
    ".pushsection .rodata.names, \"a\"\n 772: .asciz \"" code "\"\n .popsection\n"
#define TABLE(name) ".pushsection .rodata.cases, \"a\"\n " name ":\n .popsection\n"
#define EACH(flags, operation, rest) CASE(flags, operation "b " rest) CASE(flags, operation "w " rest) \
    CASE(flags, operation "l " rest)

/* With the stack pointer n behind the operand; CX is how far behind it then is. */
#ifdef __x86_64__
#define ENTER(n) "push %rbp; mov %rsp, %rbp; lea " #n "(%rsi), %rsp; "
#define LEAVE "mov %rsp, %rcx; mov %rbp, %rsp; pop %rbp; sub %rsi, %rcx"
#define TO "*(%rsi)"
#else
#define ENTER(n) "push %ebp; mov %esp, %ebp; lea " #n "(%esi), %esp; "
#define LEAVE "mov %esp, %ecx; mov %ebp, %esp; pop %ebp; sub %esi, %ecx"
#define TO "*(%esi)"
#endif
#define AT(n, code) ENTER(n) code "; " LEAVE

struct row { u32 code, name, flags; };
extern const struct row any_size[], words32[], words32_end[];
asm(TABLE("any_size")
    EACH(ALL, "add", "$3, (%esi)") EACH(ALL, "adc", "$3, (%esi)") EACH(ALL, "sbb", "$3, (%esi)")
    EACH(SHIFT1, "and", "$3, (%esi)") EACH(SHIFT1, "xor", "$3, (%esi)") EACH(SHIFT1, "or", "$3, (%esi)")
    EACH(ALL, "cmp", "$3, (%esi)") EACH(ALL, "inc", "(%esi)") EACH(ALL, "dec", "(%esi)") EACH(ALL, "neg", "(%esi)")
    EACH(ALL, "not", "(%esi)") EACH(SHIFT1, "test", "$3, (%esi)") EACH(MUL, "mul", "(%esi)") EACH(MUL, "imul", "(%esi)")
    EACH(NONE, "div", "(%esi)") EACH(NONE, "idiv", "(%esi)") EACH(MUL, "rol", "$1, (%esi)") EACH(MUL, "rcr", "$1, (%esi)")
    EACH(CARRY, "ror", "$5, (%esi)") EACH(CARRY, "rcl", "%cl, (%esi)") EACH(SHIFT1, "shl", "$1, (%esi)")
    EACH(SHIFT1, "shr", "$1, (%esi)") EACH(SHIFTS, "sar", "$3, (%esi)") EACH(SHIFTS, "shl", "%cl, (%esi)")
    CASE(ALL, "add (%esi), %dh") CASE(ALL, "cmp (%esi), %eax") CASE(ALL, "cmp %bx, (%esi)") CASE(SHIFT1, "test %dx, (%esi)")
    CASE(ALL, "cmpxchg %bl, (%esi)") CASE(ALL, "lock cmpxchg %cx, (%esi)") CASE(ALL, "xadd %bl, (%esi)")
    CASE(ALL, "xchg %bh, (%esi)") CASE(ALL, "lock addw $7, (%esi)") CASE(MUL, "imul $-7, (%esi), %bx")
    CASE(MUL, "imul $0x12345, (%esi), %ebx") CASE(MUL, "imul (%esi), %cx") CASE(CARRY, "btw $3, (%esi)")
    CASE(CARRY, "btsw %cx, (%esi)") CASE(CARRY, "btcl %ecx, (%esi)") CASE(ZERO, "bsf (%esi), %bx")
    CASE(ZERO, "bsr (%esi), %ebx") CASE(COUNT, "tzcnt (%esi), %ebx") CASE(COUNT, "lzcnt (%esi), %bx")
    CASE(ALL, "popcnt (%esi), %ebx") CASE(ALL, "seto (%esi)") CASE(ALL, "setbe (%esi)") CASE(ALL, "setpo (%esi)")
    CASE(ALL, "setge (%esi)") CASE(ALL, "setg (%esi)") CASE(ALL, "cmovo (%esi), %ebx") CASE(ALL, "cmovbe (%esi), %bx")
    CASE(ALL, "cmovs (%esi), %ebx") CASE(ALL, "cmovpe (%esi), %ebx") CASE(ALL, "cmovl (%esi), %ebx")
    CASE(ALL, "cmovle (%esi), %ebx") CASE(ALL, "cmovnz (%esi), %ebx") CASE(NONE, "movbe (%esi), %bx")
    CASE(NONE, "movbe %bx, (%esi)") CASE(NONE, "mov %ds, (%esi)") CASE(NONE, "movsbw (%esi), %bx")
    CASE(NONE, "movzwl (%esi), %ebx") CASE(NONE, "clflush (%esi)") CASE(NONE, "mov %dh, 3(%esi)") CASE(ZERO, "cmpxchg8b (%esi)")
    CASE(ZERO, "mov $-1, %eax; mov $-1, %edx; lock cmpxchg8b (%esi)") CASE(SHIFTS, "shldw $5, %dx, (%esi)")
    CASE(SHIFT1, "shrdw $1, %dx, (%esi)")
    CASE(NONE, "movzbl %al, %edx; mov %esi, %ebx; sub %edx, %ebx; xlat; xor %ebx, %ebx; xor %edx, %edx")
#ifdef __x86_64__
    CASE(ALL, "addq $3, (%rsi)") CASE(ALL, "negq (%rsi)") CASE(MUL, "mulq (%rsi)") CASE(MUL, "imulq (%rsi)")
    CASE(NONE, "divq (%rsi)") CASE(NONE, "idivq (%rsi)") CASE(MUL, "imul $-7, (%rsi), %rbx") CASE(CARRY, "btcq %rcx, (%rsi)")
    CASE(ZERO, "bsr (%rsi), %rbx") CASE(CARRY, "rolq $33, (%rsi)") CASE(SHIFTS, "sarq %cl, (%rsi)")
    CASE(SHIFTS, "shldq $40, %rdx, (%rsi)") CASE(NONE, "movslq (%rsi), %rbx") CASE(NONE, "movbe (%rsi), %rbx")
    CASE(NONE, "movnti %rbx, (%rsi)") CASE(ALL, "lock cmpxchg %rbx, (%rsi)") CASE(NONE, "mov %sil, 1(%rsi)")
    CASE(NONE, "push %r12; mov (%rsi), %r12w; mov %r12, %rbx; pop %r12")
    CASE(NONE, "push %r13; mov $2, %r13d; mov -4(%rsi, %r13, 2), %rdx; mov %rbx, -2(%rsi, %r13); pop %r13")
    CASE(ZERO, "lock cmpxchg16b (%rsi)") CASE(ZERO, "mov $-1, %rax; mov $-1, %rdx; cmpxchg16b (%rsi)")
    CASE(NONE, "push $0x1234; pop (%rsi)") CASE(NONE, AT(8, "push %rbx")) CASE(NONE, AT(8, "push $0x6543"))
    CASE(NONE, AT(2, "pushw $0x77"))
#endif
    TABLE("words32")
    CASE(ALL, "add %ebx, (%esi)") CASE(ALL, "adcl $-1, (%esi)") CASE(ALL, "sbb %ecx, (%esi)") CASE(SHIFT1, "and %edx, (%esi)")
    CASE(SHIFT1, "xor %ebx, (%esi)") CASE(ALL, "incl (%esi)") CASE(ALL, "decl (%esi)") CASE(ALL, "negl (%esi)")
    CASE(ALL, "notl (%esi)") CASE(MUL, "roll $1, (%esi)") CASE(CARRY, "rorl %cl, (%esi)") CASE(CARRY, "rcll $9, (%esi)")
    CASE(MUL, "rcrl $1, (%esi)") CASE(SHIFTS, "shll %cl, (%esi)") CASE(SHIFTS, "shrl $7, (%esi)")
    CASE(SHIFTS, "sarl $7, (%esi)") CASE(SHIFTS, "shldl $9, %ebx, (%esi)") CASE(SHIFTS, "shrdl %cl, %ebx, (%esi)")
    CASE(CARRY, "btsl $5, (%esi)") CASE(CARRY, "btrl $4, (%esi)") CASE(CARRY, "btcl $31, (%esi)") CASE(ALL, "xadd %ebx, (%esi)")
    CASE(ALL, "xchg %edx, (%esi)") CASE(ALL, "cmpxchg %ebx, (%esi)") CASE(ALL, "mov (%esi), %eax; lock cmpxchg %ebx, (%esi)")
    CASE(NONE, "movbe %ebx, (%esi)") CASE(NONE, "movbe (%esi), %ebx") CASE(NONE, "movl $0x1234567, (%esi)")
    CASE(NONE, "movnti %ebx, (%esi)") CASE(ALL, "cmovae (%esi), %ecx")
    CASE(NONE, "lea 4(%esi), %ecx; mov %ebx, -4(%ecx); xor %ecx, %ecx")
    TABLE("words32_end"));

/* On a stack in that place, or by an address that lies there: answer's, or back's. The local APIC takes no writes
 * of 64 bits. */
extern const char answer[], back[];
extern const struct row stacks[], stacks_end[], returns[], returns_end[];
asm("answer: mov $0x51, %al\n ret\n"
    "back: " LEAVE "; ret\n"
    TABLE("stacks")
    CASE(NONE, "call " TO) CASE(NONE, "push $1f; jmp " TO "; 1: mov $2, %ah") CASE(NONE, "pushw (%esi); pop %bx")
#ifdef __x86_64__
    CASE(NONE, "push (%rsi); pop %rbx") CASE(NONE, AT(0, "pop %rbx")) CASE(NONE, AT(0, "pop %r8; mov %r8, %rax"))
#else
    CASE(NONE, "push (%esi); pop %ebx") CASE(NONE, "push $0x1234; pop (%esi)") CASE(NONE, AT(4, "push %ebx"))
    CASE(NONE, AT(0, "pop %ebx")) CASE(NONE, AT(4, "push $0x6543")) CASE(NONE, AT(4, "call 1f; 1:"))
#endif
    TABLE("stacks_end") TABLE("returns")
    CASE(NONE, ENTER(0) "ret") CASE(NONE, ENTER(0) "ret $16")
    TABLE("returns_end"));

struct state { unsigned long a, b, c, d, flags; };
unsigned long target;

static void run(const struct row *row, struct state *s, u8 *at)
{
    target = row->code;
#ifdef __x86_64__
    asm volatile("push %%rdi; popfq; call *target; pushfq; pop %%rdi; cld"
#else
    asm volatile("push %%edi; popf; call *target; pushf; pop %%edi; cld"
#endif
                 : "+a" (s->a), "+b" (s->b), "+c" (s->c), "+d" (s->d), "+D" (s->flags), "+S" (at) :: "memory", "cc");
}

static const struct state starts[] = { { .a = 5, .b = 0x89abcdef, .c = 0x10203, .flags = 2 },
                                       { .a = 0x76540010, .b = 0x1234, .c = 0x21, .flags = 0x8d7 },
                                       { .a = 0x3f, .b = ~0ul, .c = 0x3f, .flags = 0x83 } };

static bool same(const char *name, const char *what, unsigned long at_device, unsigned long in_memory)
{
    if (at_device != in_memory)
        FAIL("%s: %s %lx, in memory %lx", name, what, at_device, in_memory);
    return at_device == in_memory;
}

static void compare(const struct row *row, const struct state *start, u8 *device, u8 *memory)
{
    const char *name = (const char *)(unsigned long)row->name;
    struct state there = *start, here = *start;

    run(row, &here, memory);
    run(row, &there, device);
    (void)(same(name, "AX", there.a, here.a) && same(name, "BX", there.b, here.b) && same(name, "CX", there.c, here.c) &&
           same(name, "DX", there.d, here.d) && same(name, "flags", there.flags & row->flags, here.flags & row->flags));
}

static u32 counter_is(u32 set)
{
    if (set)
        *(volatile u32 *)INITIAL_COUNT = set;
    return *(volatile u32 *)INITIAL_COUNT;
}

static void at_counter(const struct row *row, const struct state *start, u32 value)
{
    u32 *memory = (u32 *)scratch[1];

    memory[0] = value, memory[1] = 0;
    EXPECT("the initial count", counter_is(value), value);
    compare(row, start, INITIAL_COUNT, scratch[1]);
    (void)same((const char *)(unsigned long)row->name, "leaves", counter_is(0), memory[0]);
}

static void each(void)
{
    for (unsigned int i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        for (const struct row *row = any_size; row < words32_end; row++) {
            memset(scratch[0], 0xff, 4 * 4096);   /* BT's and its like's operand may be 8256 bytes on */
            compare(row, &starts[i], HOLE + 64, scratch[0] + 64);
        }
        for (const struct row *row = words32; row < words32_end; row++)
            at_counter(row, &starts[i], 0x87654321 + i);
        for (const struct row *row = stacks; row < stacks_end; row++)
            at_counter(row, &starts[i], (u32)(unsigned long)answer);
        for (const struct row *row = returns; row < returns_end; row++)
            at_counter(row, &starts[i], (u32)(unsigned long)back);
    }
}

/* By an address that stands in the instruction: HOLE's. */
static void by_offset(void)
{
    unsigned long a = 0x1234;

#ifdef __x86_64__
    asm volatile("movabs %%eax, 0xfe710000; movabs 0xfe710000, %%ax" : "+a" (a));
#else
    asm volatile("mov %%eax, 0xfe710000; mov 0xfe710000, %%ax" : "+a" (a));
#endif
    EXPECT("a move by an offset", a, 0xffff);
}

/* Addresses of 16 bits: all pairs of registers, at a page of the lowest memory that is HOLE for as long. */
#ifdef __x86_64__
static void short_addresses(void) { }
#else
#define LOW 0x8000u
#define SHORT(address) ({ u32 _a = 0; asm volatile("push %%ebp; mov %%ecx, %%ebp; movb " address ", %%al; pop %%ebp" \
    : "+a" (_a) : "b" (LOW), "c" (LOW), "S" (4), "D" (8)); EXPECT("a byte at " address, _a, 0xff); })

static void short_addresses(void)
{
    pte_t *entry = entry_of((void *)LOW), whole = *entry;

    *entry = (pte_t)((unsigned long)HOLE | PTE_PRESENT | PTE_RW);
    forget_page((void *)LOW);
    SHORT("(%%bx,%%si)");
    SHORT("1(%%bx,%%di)");
    SHORT("0x123(%%bp,%%si)");
    SHORT("(%%bp,%%di)");
    SHORT("0x7ffd(%%si)");
    SHORT("0x7ffd(%%di)");
    SHORT("2(%%bp)");
    SHORT("(%%bx)");
    SHORT("0x8001");
    *entry = whole;
    forget_page((void *)LOW);
}
#endif

static void raised(void)
{
    EXPECT("a quotient too large", TRY("mov $-1, %%edx; divl (%0)", "r" (HOLE)), DE);
    EXPECT("a negative one", TRY("mov $-1, %%edx; idivl (%0)", "r" (HOLE), "a" (1u << 31)), DE);
    EXPECT("a quotient of a word", TRY("mov $-1, %%edx; divw (%0)", "r" (HOLE)), DE);
    EXPECT("crc32", TRY("crc32l (%0), %%ecx", "r" (HOLE)), UD);
    EXPECT("verr", TRY("verr (%0)", "r" (HOLE)), UD);
}

void test_main(void)
{
    EXPECT("the timer's interrupt is masked", *LVT_TIMER & MASKED, MASKED);
    each();
    by_offset();
    short_addresses();
    raised();
}
