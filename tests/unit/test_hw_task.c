/* SPDX-License-Identifier: MIT */
// sources: modes/pvh/hw_task_core.c modes/pvh/hw_task_segment.c
/* Switches of the hardware's tasks: what is saved, loaded, marked, pushed; every check and its error code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "cpu/x86.h"
#include "modes/pvh/hw_task_core.h"

#define MEMORY 0x10000
#define GDT 0x1000
#define LDT 0x1400
#define OLD_TSS 0x2000
#define NEW_TSS 0x3000
#define STACK 0x5000
#define NEW_CR3 0x7000

enum { CODE0 = 0x08, DATA0 = 0x10, CODE3 = 0x18, DATA3 = 0x20, OLD = 0x28, NEW = 0x30, LDT_SELECTOR = 0x38, DATA16 = 0x40,
       CONFORMING = 0x48, GDT_END = 0x50 };

static u8 memory[MEMORY];
static u32 no_read, no_write;      /* pages that fault; 0: none */
static u64 loaded_cr3;
static struct task_state state;
static struct task_request request;
static struct insn_fault fault;

static bool access(u64 linear, unsigned int n, u32 page, u32 error, struct insn_fault *f)
{
    assert_true(linear <= 0xffffffff);
    if (linear + n <= MEMORY && (!page || linear + n <= page || linear >= page + 0x1000))
        return true;
    *f = (struct insn_fault){ .vector = TRAP_PF, .has_error = true, .error = error, .cr2 = max(linear, (u64)page) };
    return false;
}

static bool read(void *context, u64 linear, void *data, unsigned int n, struct insn_fault *f)
{
    if (!access(linear, n, no_read, 0, f))
        return false;
    memcpy(data, memory + linear, n);
    return true;
}

static bool can_write(void *context, u64 linear, unsigned int n, struct insn_fault *f)
{
    return access(linear, n, no_read, PFEC_WRITE, f) && access(linear, n, no_write, PFEC_WRITE | PFEC_PRESENT, f);
}

static bool write(void *context, u64 linear, const void *data, unsigned int n, struct insn_fault *f)
{
    if (!can_write(context, linear, n, f))
        return false;
    memcpy(memory + linear, data, n);
    return true;
}

static void set_cr3(void *context, u64 cr3) { loaded_cr3 = cr3; }

static const struct task_memory operations = { .read = read, .write = write, .can_write = can_write, .set_cr3 = set_cr3 };

static void descriptor(u32 at, u32 base, u32 limit, u16 attributes)
{
    u64 raw = (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)(attributes & 0xff) << 40 |
              (u64)(limit >> 16 & 0xf) << 48 | (u64)(attributes >> 8 & 0xf) << 52 | (u64)(base >> 24) << 56;

    memcpy(memory + at, &raw, 8);
}

static void put16(u32 at, u16 v) { memcpy(memory + at, &v, 2); }
static void put32(u32 at, u32 v) { memcpy(memory + at, &v, 4); }
static u16 get16(u32 at) { u16 v; memcpy(&v, memory + at, 2); return v; }
static u32 get32(u32 at) { u32 v; memcpy(&v, memory + at, 4); return v; }
static unsigned int type_of(u16 selector) { return memory[GDT + selector + 5] & 0xf; }

/* Offsets in a TSS (APM vol. 2, figures 12-6 and 12-7). */
enum { T32_CR3 = 0x1c, T32_EIP = 0x20, T32_EFLAGS = 0x24, T32_EAX = 0x28, T32_ESP = 0x38, T32_EDI = 0x44, T32_ES = 0x48,
       T32_CS = 0x4c, T32_SS = 0x50, T32_DS = 0x54, T32_FS = 0x58, T32_GS = 0x5c, T32_LDT = 0x60, T32_TRAP = 0x64 };
enum { T16_IP = 0x0e, T16_FLAGS = 0x10, T16_AX = 0x12, T16_SP = 0x1a, T16_DI = 0x20, T16_ES = 0x22, T16_CS = 0x24,
       T16_SS = 0x26, T16_DS = 0x28, T16_LDT = 0x2a };

static void new_task_32(void)
{
    descriptor(GDT + NEW, NEW_TSS, 0x67, 0x89);
    put32(NEW_TSS + T32_CR3, NEW_CR3);
    put32(NEW_TSS + T32_EIP, 0x11223344);
    put32(NEW_TSS + T32_EFLAGS, 0x202);
    for (u32 i = 0; i < 8; i++)
        put32(NEW_TSS + T32_EAX + 4 * i, 0x10000000 * i + 0xabc0);
    put32(NEW_TSS + T32_ESP, STACK + 0x100);
    put16(NEW_TSS + T32_CS, CODE0);
    put16(NEW_TSS + T32_SS, DATA0);
    put16(NEW_TSS + T32_DS, DATA0);
    put16(NEW_TSS + T32_ES, DATA3 | 3);
    put16(NEW_TSS + T32_GS, DATA0);
}

static void new_task_16(void)
{
    descriptor(GDT + NEW, NEW_TSS, 0x2b, 0x81);
    put16(NEW_TSS + T16_IP, 0x3344);
    put16(NEW_TSS + T16_FLAGS, 0x246);
    for (u32 i = 0; i < 8; i++)
        put16(NEW_TSS + T16_AX + 2 * i, (u16)(0x1110 * i));
    put16(NEW_TSS + T16_SP, STACK + 0x100);
    put16(NEW_TSS + T16_CS, CODE0);
    put16(NEW_TSS + T16_SS, DATA16);
    put16(NEW_TSS + T16_DS, DATA0);
    put16(NEW_TSS + T16_ES, 0);
}

static int setup(void **unused)
{
    const struct container_segment data = { DATA0, 0xc93, ~0u, 0 };

    memset(memory, 0, sizeof(memory));
    no_read = no_write = 0;
    loaded_cr3 = 0;
    descriptor(GDT + CODE0, 0, 0xfffff, 0xc9a);      /* not accessed yet */
    descriptor(GDT + DATA0, 0, 0xfffff, 0xc93);
    descriptor(GDT + CODE3, 0, 0xfffff, 0xcfb);
    descriptor(GDT + DATA3, 0, 0xfffff, 0xcf3);
    descriptor(GDT + OLD, OLD_TSS, 0x67, 0x8b);
    descriptor(GDT + LDT_SELECTOR, LDT, 0xf, 0x82);
    descriptor(GDT + DATA16, 0, 0xffff, 0x93);
    descriptor(GDT + CONFORMING, 0, 0xfffff, 0xc9f);
    descriptor(LDT + 8, 0x1000, 0xfffff, 0xc93);
    new_task_32();
    state = (struct task_state){ .gdt = { GDT_END - 1, GDT }, .cr0 = X86_CR0_PE | X86_CR0_PG, .cr3 = 0x9000, .dr7 = 0x7ff };
    for (unsigned int i = SEGMENT_ES; i <= SEGMENT_GS; i++)
        state.segment[i] = data;
    state.segment[SEGMENT_CS] = (struct container_segment){ CODE0, 0xc9b, ~0u, 0 };
    state.segment[SEGMENT_TR] = (struct container_segment){ OLD, 0x8b, 0x67, OLD_TSS };
    state.regs = (struct cpu_user_regs){ .rax = 1, .rcx = 2, .rdx = 3, .rbx = 4, .rsp = 5, .rbp = 6, .rsi = 7, .rdi = 8,
                                         .rip = 0x8888, .rflags = 0x4203 };
    request = (struct task_request){ .cause = TASK_JUMP, .selector = NEW };
    memset(&fault, 0xee, sizeof(fault));
    return 0;
}

static enum task_result run(void) { return task_switch(&state, &request, &operations, &fault); }

static void assert_fault(enum task_result result, u8 vector, u32 error)
{
    assert_int_equal(run(), result);
    assert_int_equal(fault.vector, vector);
    assert_int_equal(fault.error, error);
    assert_true(fault.has_error);
}

static void refused(u8 vector, u32 error)
{
    struct task_state before = state;
    u8 old_type = memory[GDT + OLD + 5], new_type = memory[GDT + NEW + 5];

    assert_fault(TASK_FAULT_OLD, vector, error);
    assert_memory_equal(&before, &state, sizeof(state));
    assert_int_equal(memory[GDT + OLD + 5], old_type);
    assert_int_equal(memory[GDT + NEW + 5], new_type);
    assert_int_equal(loaded_cr3, 0);
}

static void test_jump(void **unused)
{
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(get32(OLD_TSS + T32_EIP), 0x8888);
    assert_int_equal(get32(OLD_TSS + T32_EFLAGS), 0x4203);
    for (u32 i = 0; i < 8; i++) {
        assert_int_equal(get32(OLD_TSS + T32_EAX + 4 * i), i == 1 ? 2 : i == 2 ? 3 : i == 3 ? 4 : i == 0 ? 1 : i + 1);
    }
    assert_int_equal(get16(OLD_TSS + T32_CS), CODE0);
    assert_int_equal(get16(OLD_TSS + T32_GS), DATA0);
    assert_int_equal(get32(OLD_TSS + T32_CR3), 0);
    assert_int_equal(get16(NEW_TSS), 0);
    assert_int_equal(type_of(OLD), 9);
    assert_int_equal(type_of(NEW), 11);

    assert_int_equal(state.regs.rip, 0x11223344);
    assert_int_equal(state.regs.rflags, 0x202);
    assert_int_equal(state.regs.rax, 0xabc0);
    assert_int_equal(state.regs.rdi, 0x7000abc0);
    assert_int_equal(state.regs.rsp, STACK + 0x100);
    assert_int_equal(state.cr3, NEW_CR3);
    assert_int_equal(loaded_cr3, NEW_CR3);
    assert_true(state.cr0 & X86_CR0_TS);
    assert_int_equal(state.dr7, 0x7ff & ~0x155);
    assert_int_equal(state.segment[SEGMENT_TR].selector, NEW);
    assert_int_equal(state.segment[SEGMENT_TR].attributes, 0x8b);
    assert_int_equal(state.segment[SEGMENT_TR].base, NEW_TSS);
    assert_int_equal(state.segment[SEGMENT_CS].attributes, 0xc9b);
    assert_int_equal(memory[GDT + CODE0 + 5], 0x9b);                      /* accessed */
    assert_int_equal(state.segment[SEGMENT_ES].selector, DATA3 | 3);
    assert_int_equal(state.segment[SEGMENT_FS].attributes, 0);            /* null */
    assert_int_equal(state.segment[SEGMENT_LDTR].attributes, 0);
}

static void test_call_and_back(void **unused)
{
    u64 flags = state.regs.rflags;

    request.cause = TASK_CALL;
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(get16(NEW_TSS), OLD);
    assert_int_equal(type_of(OLD), 11);
    assert_int_equal(type_of(NEW), 11);
    assert_int_equal(state.regs.rflags, 0x202 | X86_EFLAGS_NT);
    put32(OLD_TSS + T32_CR3, 0x9000);

    state.regs.rip = 0x7777;
    request = (struct task_request){ .cause = TASK_IRET, .selector = OLD };
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(get32(NEW_TSS + T32_EIP), 0x7777);
    assert_int_equal(get32(NEW_TSS + T32_EFLAGS), 0x202);                 /* NT is clear there */
    assert_int_equal(type_of(OLD), 11);
    assert_int_equal(type_of(NEW), 9);
    assert_int_equal(state.regs.rip, 0x8888);
    assert_int_equal(state.regs.rflags, flags);
    assert_int_equal(state.regs.rdi, 8);
    assert_int_equal(state.cr3, 0x9000);
    assert_int_equal(state.segment[SEGMENT_TR].selector, OLD);
}

static void test_16(void **unused)
{
    new_task_16();
    request.cause = TASK_CALL;
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.regs.rip, 0x3344);
    assert_int_equal(state.regs.rflags, 0x246 | X86_EFLAGS_NT);
    assert_int_equal(state.regs.rcx, 0x1110);
    assert_int_equal(state.regs.rdi, 0x7770);
    assert_int_equal(state.cr3, 0x9000);
    assert_int_equal(loaded_cr3, 0);
    assert_int_equal(state.segment[SEGMENT_TR].attributes, 0x83);
    assert_int_equal(type_of(NEW), 3);
    assert_int_equal(state.segment[SEGMENT_FS].selector, 0);
    assert_int_equal(get32(OLD_TSS + T32_EDI), 8);                        /* the old one is a 32-bit task still */

    state.regs.rbx = 0x12345678;
    state.regs.rip = 0x3350;
    request = (struct task_request){ .cause = TASK_IRET, .selector = OLD };
    memset(memory + NEW_TSS + T16_LDT + 2, 0x55, 16);
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(get16(NEW_TSS + T16_IP), 0x3350);
    assert_int_equal(get16(NEW_TSS + T16_AX + 6), 0x5678);
    assert_int_equal(get16(NEW_TSS + T16_SS), DATA16);
    assert_int_equal(get16(NEW_TSS + T16_LDT + 2), 0x5555);
    assert_int_equal(type_of(NEW), 1);
    assert_int_equal(state.regs.rsp, 5);
}

static void test_event(void **unused)
{
    request = (struct task_request){ .cause = TASK_EVENT, .selector = NEW, .external = true, .has_error = true,
                                     .error = 0x1234 };
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.regs.rsp, STACK + 0xfc);
    assert_int_equal(get32(STACK + 0xfc), 0x1234);
    assert_true(state.regs.rflags & X86_EFLAGS_NT);
    assert_int_equal(get16(NEW_TSS), OLD);

    setup(NULL);
    new_task_16();
    put16(NEW_TSS + T16_SP, 0);                                           /* a 16-bit stack goes round */
    request = (struct task_request){ .cause = TASK_EVENT, .selector = NEW, .has_error = true, .error = 0x1234 };
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.regs.rsp, 0xfffe);
    assert_int_equal(get16(0xfffe), 0x1234);

    setup(NULL);
    put16(NEW_TSS + T32_SS, DATA16);
    descriptor(GDT + DATA16, 0, STACK, 0x93);
    request = (struct task_request){ .cause = TASK_EVENT, .selector = NEW, .external = true, .has_error = true };
    assert_fault(TASK_FAULT_NEW, TRAP_SS, 1);
    assert_int_equal(state.segment[SEGMENT_TR].selector, NEW);
}

static void test_trap_bit(void **unused)
{
    put16(NEW_TSS + T32_TRAP, 1);
    assert_int_equal(run(), TASK_TRAPS);
}

static void test_vm86(void **unused)
{
    put32(NEW_TSS + T32_EFLAGS, 0x202 | X86_EFLAGS_VM);
    put32(NEW_TSS + T32_EIP, 0x100);
    put16(NEW_TSS + T32_CS, 0x1234);
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.segment[SEGMENT_CS].base, 0x12340);
    assert_int_equal(state.segment[SEGMENT_CS].limit, 0xffff);
    assert_int_equal(state.segment[SEGMENT_SS].attributes, 0xf3);
    put32(NEW_TSS + T32_EIP, 0x10000);
    setup(NULL);
    put32(NEW_TSS + T32_EFLAGS, 0x202 | X86_EFLAGS_VM);
    assert_fault(TASK_FAULT_NEW, TRAP_GP, 0);                             /* EIP is above the limit */
}

static void test_refused(void **unused)
{
    request.selector = NEW | 4;
    refused(TRAP_GP, NEW | 4);
    request.selector = 3;
    refused(TRAP_GP, 0);
    request.selector = GDT_END;
    refused(TRAP_GP, GDT_END);
    request.selector = DATA0 | 3;
    refused(TRAP_GP, DATA0);
    request.selector = NEW;
    memory[GDT + NEW + 5] = 0x8b;                                         /* busy */
    refused(TRAP_GP, NEW);
    memory[GDT + NEW + 5] = 0x09;                                         /* not present */
    refused(TRAP_NP, NEW);
    request.external = true;
    refused(TRAP_NP, NEW | 1);
    request.external = false;
    descriptor(GDT + NEW, NEW_TSS, 0x66, 0x89);
    refused(TRAP_TS, NEW);
    descriptor(GDT + NEW, NEW_TSS, 0x2a, 0x81);
    refused(TRAP_TS, NEW);
    new_task_32();
    state.segment[SEGMENT_TR].limit = 0x5e;                               /* the old state does not fit */
    refused(TRAP_TS, OLD);
    state.segment[SEGMENT_TR].limit = 0x5f;
    assert_int_equal(run(), TASK_DONE);
}

static void test_refused_iret(void **unused)
{
    request.cause = TASK_IRET;
    refused(TRAP_TS, NEW);                                                /* not busy */
    request.selector = 0;
    refused(TRAP_TS, 0);
    request.selector = CODE0;
    refused(TRAP_TS, CODE0);
    request.selector = LDT_SELECTOR;
    refused(TRAP_TS, LDT_SELECTOR);
}

static void test_page_faults(void **unused)
{
    request.cause = TASK_CALL;
    no_write = OLD_TSS;
    refused(TRAP_PF, PFEC_WRITE | PFEC_PRESENT);
    no_write = NEW_TSS;
    refused(TRAP_PF, PFEC_WRITE | PFEC_PRESENT);
    assert_int_equal(fault.cr2, NEW_TSS);
    request.cause = TASK_JUMP;                                            /* nobody writes a link there */
    assert_int_equal(run(), TASK_DONE);
    setup(NULL);
    no_write = GDT;                                                       /* busy bits */
    refused(TRAP_PF, PFEC_WRITE | PFEC_PRESENT);
    no_write = 0;
    no_read = NEW_TSS;
    refused(TRAP_PF, 0);
    setup(NULL);
    descriptor(GDT + NEW, NEW_TSS + 0xfe0, 0x67, 0x89);                   /* across a page */
    no_read = NEW_TSS + 0x1000;
    refused(TRAP_PF, 0);
    assert_int_equal(fault.cr2, NEW_TSS + 0x1000);
}

static void broken(u32 at, u16 selector, u8 vector, u32 error)
{
    put16(NEW_TSS + at, selector);
    assert_fault(TASK_FAULT_NEW, vector, error);
    assert_int_equal(state.regs.rip, 0x11223344);
    assert_int_equal(type_of(NEW), 11);
    setup(NULL);
}

static void test_bad_segments(void **unused)
{
    broken(T32_LDT, DATA0, TRAP_TS, DATA0);
    broken(T32_LDT, LDT_SELECTOR | 4, TRAP_TS, LDT_SELECTOR | 4);
    memory[GDT + LDT_SELECTOR + 5] &= 0x7f;
    broken(T32_LDT, LDT_SELECTOR, TRAP_TS, LDT_SELECTOR);
    broken(T32_CS, 0, TRAP_TS, 0);
    broken(T32_CS, DATA0, TRAP_TS, DATA0);
    broken(T32_CS, CODE0 | 3, TRAP_TS, CODE0);
    broken(T32_CS, 0xfff8, TRAP_TS, 0xfff8);
    memory[GDT + CODE0 + 5] &= 0x7f;
    broken(T32_CS, CODE0, TRAP_NP, CODE0);
    broken(T32_SS, 0, TRAP_TS, 0);
    broken(T32_SS, DATA3 | 3, TRAP_TS, DATA3);
    broken(T32_SS, CODE0, TRAP_TS, CODE0);
    memory[GDT + DATA16 + 5] = 0x91;                                      /* not writable */
    broken(T32_SS, DATA16, TRAP_TS, DATA16);
    memory[GDT + DATA16 + 5] = 0x13;
    broken(T32_SS, DATA16, TRAP_SS, DATA16);
    memory[GDT + DATA16 + 5] = 0x13;
    broken(T32_FS, DATA16, TRAP_NP, DATA16);
    broken(T32_DS, DATA0 | 3, TRAP_TS, DATA0);                            /* RPL 3, DPL 0 */
    broken(T32_DS, NEW, TRAP_TS, NEW);
    broken(T32_GS, 8 | 4, TRAP_TS, 8 | 4);                                /* no LDT */
    memory[GDT + CONFORMING + 5] = 0x9c;                                  /* code that cannot be read */
    broken(T32_DS, CONFORMING, TRAP_TS, CONFORMING);
    request.external = true;
    broken(T32_CS, DATA0, TRAP_TS, DATA0 | 1);
}

static void test_good_segments(void **unused)
{
    put16(NEW_TSS + T32_LDT, LDT_SELECTOR);
    put16(NEW_TSS + T32_GS, 8 | 4);
    put16(NEW_TSS + T32_DS, CONFORMING | 3);
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.segment[SEGMENT_GS].base, 0x1000);
    assert_int_equal(state.segment[SEGMENT_LDTR].base, LDT);
    assert_int_equal(state.segment[SEGMENT_DS].selector, CONFORMING | 3);

    setup(NULL);
    put16(NEW_TSS + T32_CS, CODE3 | 3);
    put16(NEW_TSS + T32_SS, DATA3 | 3);
    put16(NEW_TSS + T32_DS, DATA3 | 3);
    put16(NEW_TSS + T32_GS, 0);
    assert_int_equal(run(), TASK_DONE);
    assert_int_equal(state.segment[SEGMENT_SS].attributes & SEGMENT_ATTR_DPL, SEGMENT_ATTR_DPL);

    setup(NULL);                                                          /* a handler finds the ring, though SS is bad */
    put16(NEW_TSS + T32_CS, CODE3 | 3);
    assert_fault(TASK_FAULT_NEW, TRAP_TS, DATA0);
    assert_int_equal(state.segment[SEGMENT_SS].attributes, 3 << 5);
    assert_int_equal(state.segment[SEGMENT_SS].selector, DATA0);
}

/* After reset TR has a segment, but no descriptor. */
static void test_first_task(void **unused)
{
    u8 first[8];

    state.segment[SEGMENT_TR].selector = 0;
    memcpy(first, memory + GDT, 8);
    assert_int_equal(run(), TASK_DONE);
    assert_memory_equal(first, memory + GDT, 8);
}

/* ---- Anything in tables, segments and requests: what comes out is a state that a processor can be in */

static u64 seed = 7;
static u32 pick(u32 below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (u32)(seed >> 33) % below;
}

static void spoil(u32 at, u32 size, unsigned int bytes)
{
    while (bytes--)
        memory[at + pick(size)] = (u8)pick(256);
}

static void check_state(enum task_result result)
{
    unsigned int cpl = (state.segment[SEGMENT_SS].attributes & SEGMENT_ATTR_DPL) >> 5;

    if (result == TASK_FAULT_OLD)
        return;
    assert_int_equal(state.segment[SEGMENT_TR].selector, request.selector);
    assert_int_equal(state.segment[SEGMENT_TR].attributes & 0x97, 0x83);
    assert_int_equal(state.regs.rflags & 2, 2);
    assert_false(state.regs.rflags & ~0x3f7fd7UL || state.regs.rip >> 32 || state.regs.rsp >> 32);
    assert_int_equal(cpl, state.regs.rflags & X86_EFLAGS_VM ? 3 : state.segment[SEGMENT_CS].selector & 3);
    if (result == TASK_FAULT_NEW)
        return;
    assert_true(state.segment[SEGMENT_CS].attributes & SEGMENT_ATTR_P);
    assert_true(state.segment[SEGMENT_SS].attributes & SEGMENT_ATTR_P);
    assert_true(state.regs.rip <= state.segment[SEGMENT_CS].limit);
}

static void test_anything(void **unused)
{
    unsigned int seen[4] = { 0 };

    for (unsigned int i = 0; i < 100000; i++) {
        setup(NULL);
        if (pick(3) == 0)
            new_task_16();
        request = (struct task_request){ .cause = pick(4), .selector = pick(4) ? NEW : (u16)pick(0x60), .external = pick(2),
                                         .has_error = pick(2), .error = pick(0x10000) };
        if (request.cause == TASK_IRET)
            memory[GDT + NEW + 5] |= 2;
        put32(NEW_TSS + T32_EFLAGS, pick(4) ? 0x202 : pick(0x40000));
        spoil(GDT, GDT_END, pick(4));
        spoil(NEW_TSS, 0x68, pick(6));
        spoil(LDT, 0x10, pick(3));
        no_read = pick(8) ? 0 : pick(16) << 12;
        no_write = pick(8) ? 0 : pick(16) << 12;
        state.segment[SEGMENT_TR].limit = pick(8) ? 0x67 : pick(0x80);
        enum task_result result = run();
        seen[result]++;
        check_state(result);
        if (result == TASK_FAULT_OLD || result == TASK_FAULT_NEW)
            assert_true(fault.vector >= TRAP_TS && fault.vector <= TRAP_PF);
    }
    for (unsigned int i = 0; i < 4; i++)
        assert_true(seen[i] > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_jump, setup), cmocka_unit_test_setup(test_call_and_back, setup),
        cmocka_unit_test_setup(test_16, setup), cmocka_unit_test_setup(test_event, setup),
        cmocka_unit_test_setup(test_trap_bit, setup), cmocka_unit_test_setup(test_vm86, setup),
        cmocka_unit_test_setup(test_refused, setup), cmocka_unit_test_setup(test_refused_iret, setup),
        cmocka_unit_test_setup(test_page_faults, setup), cmocka_unit_test_setup(test_bad_segments, setup),
        cmocka_unit_test_setup(test_good_segments, setup), cmocka_unit_test_setup(test_first_task, setup),
        cmocka_unit_test_setup(test_anything, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
