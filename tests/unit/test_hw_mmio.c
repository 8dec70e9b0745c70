/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* A guest's accesses to devices, from the exit to the guest's next instruction: memory and port instructions in all modes,
 * page-crossing ones, blocks, faults, single steps, answers that are late, instructions that change meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/device_machine.h"

static int setup(void **state) { machine_begin(); return 0; }

#define CODE_IS(...) do { static const u8 _b[] = { __VA_ARGS__ }; \
    memcpy(memory + segments[SEGMENT_CS].base + frame.rip, _b, sizeof(_b)); } while (0)

static void fault(void)
{
    hw_io_begin(&vcpu.vcpu);
    hw_nested_fault(&vcpu.vcpu, &exit_now);
    if (vcpu.io.waiting)
        vcpu.io.exit = exit_now;
    assert_true(vcpu.vcpu.fpu_dirty);
}

static void assert_done(u64 rip)
{
    assert_int_equal(injected.vector, -1);
    assert_int_equal(crashes, 0);
    assert_int_equal(frame.rip, rip);
    assert_int_equal(boundaries, 1);
}

static void assert_injected(int vector, u32 error)
{
    assert_int_equal(injected.vector, vector);
    assert_int_equal(injected.error, error);
    assert_int_equal(frame.rip, CODE);
    assert_int_equal(boundaries, 0);
}

/* ---- Memory instructions */

static void test_read_write(void **state)
{
    frame.rbx = DEVICE + 4;
    CODE_IS(0x8b, 0x03);                                  /* mov (%rbx), %eax */
    fault();
    assert_done(CODE + 2);
    assert_int_equal(frame.rax, 0x55667700);
    CODE_IS(0x48, 0x89, 0x43, 0x08);                      /* mov %rax, 8(%rbx) */
    frame.rax = 0x0123456789abcdef;
    fault();
    assert_int_equal(io_log[1].data, 0x0123456789abcdef);
    assert_int_equal(io_log[1].address, DEVICE + 12);
    assert_int_equal(io_log[1].size, 8);
    assert_true(io_log[1].write);
}

/* What is read and written in one instruction is read once. */
static void test_update(void **state)
{
    frame.rbx = DEVICE;
    frame.rax = 0x10;
    CODE_IS(0x01, 0x03);                                  /* add %eax, (%rbx) */
    fault();
    assert_done(CODE + 2);
    assert_int_equal(io_count, 2);
    assert_int_equal(io_log[1].data, 0x55667710);
    CODE_IS(0xf0, 0x0f, 0xb1, 0x0b);                      /* lock cmpxchg %ecx, (%rbx), which fails */
    fault();
    assert_int_equal(io_count, 4);
    assert_true(io_log[3].write);
    assert_int_equal(io_log[3].data, 0x55667702);
    assert_int_equal(frame.rax, 0x55667702);
    frame.rbx = 0x4000;                                   /* RAM: the processor's own */
    CODE_IS(0x01, 0x03);
    fault();
    assert_int_equal(boundaries, 2);
    assert_int_equal(injected.vector, -1);
    assert_int_equal(flushes, 1);
}

static void test_compare_exchange_16(void **state)
{
    frame.rbx = DEVICE;
    frame.rax = device_value;
    frame.rdx = device_value + 1;
    frame.rcx = 0x77;
    CODE_IS(0x48, 0x0f, 0xc7, 0x0b);                      /* cmpxchg16b (%rbx) */
    fault();
    assert_done(CODE + 4);
    assert_true(frame.rflags & 1 << 6);
    assert_int_equal(io_log[2].data, DEVICE);             /* RBX */
    assert_int_equal(io_log[3].data, 0x77);
    assert_int_equal(io_log[3].address, DEVICE + 8);
}

static void test_page_crossing(void **state)
{
    memory[ROM + 0xfff] = 0x5a;
    frame.rbx = DEVICE - 1;                               /* a byte of ROM, three of the device */
    CODE_IS(0x8b, 0x03);
    fault();
    assert_done(CODE + 2);
    assert_int_equal(frame.rax, 0x0177005a);              /* 2 bytes, 1 byte */
    assert_int_equal(io_log[0].size, 2);
    assert_int_equal(io_log[1].address, DEVICE + 2);
    frame.rbx = NO_PAGE - 2;
    frame.rip = CODE;
    boundaries = 0;
    CODE_IS(0x8b, 0x03);
    fault();
    assert_injected(TRAP_PF, 0);
    assert_int_equal(injected.cr2, NO_PAGE);
}

static void test_apic(void **state)
{
    exit_now.nested.gpa = frame.rbx = APIC + 0xb0;
    CODE_IS(0xc7, 0x03, 5, 0, 0, 0);                      /* movl $5, (%rbx) */
    fault();
    assert_done(CODE + 6);
    assert_int_equal(apic_offset, 0xb0);
    assert_int_equal(apic_value, 5);
    CODE_IS(0x48, 0x8b, 0x03);                            /* 8 bytes: the upper ones are 0 */
    fault();
    assert_int_equal(frame.rax, 0xa00000b0);
    CODE_IS(0x89, 0x43, 0x01);                            /* not aligned: nothing */
    apic_value = 0;
    fault();
    assert_int_equal(apic_value, 0);
    assert_int_equal(io_count, 0);
}

static void test_faults(void **state)
{
    frame.rbx = NO_PAGE;
    CODE_IS(0x89, 0x03);
    exit_now.cpl = 3;
    fault();
    assert_injected(TRAP_PF, PFEC_WRITE | PFEC_USER);
    frame.rbx = READ_ONLY;
    CODE_IS(0x01, 0x03);                                  /* read, then written: it is known before */
    fault();
    assert_injected(TRAP_PF, PFEC_WRITE | PFEC_USER | PFEC_PRESENT);
    frame.rbx = 0x8000000000000000;
    fault();
    assert_injected(TRAP_GP, 0);
    frame.rbp = 0x8000000000000000;
    CODE_IS(0x8b, 0x45, 0x00);                            /* by RBP: SS */
    fault();
    assert_injected(TRAP_SS, 0);
    frame.rbx = DEVICE + 1;
    CODE_IS(0x8b, 0x03);
    frame.rflags |= X86_EFLAGS_AC;
    creg[CREG_CR0] |= X86_CR0_AM;
    fault();
    assert_injected(TRAP_AC, 0);
    exit_now.cpl = 0;
    fault();
    assert_int_equal(injected.vector, TRAP_AC);           /* no other */
    assert_int_equal(boundaries, 1);
}

static void test_unknown(void **state)
{
    frame.rbx = DEVICE;
    CODE_IS(0xd9, 0x03);                                  /* flds (%rbx) */
    fault();
    assert_injected(TRAP_UD, 0);
    assert_int_equal(vcpu.insns_reported, 1);
    CODE_IS(0x0f, 0x0b);                                  /* not an instruction with memory, by now */
    fault();
    assert_injected(TRAP_UD, 0);
    CODE_IS(0x0f, 0x04);                                  /* no instruction at all */
    fault();
    assert_injected(TRAP_UD, 0);
    for (unsigned int i = 0; i < 15; i++)
        memory[CODE + i] = 0x66;                          /* longer than there are */
    fault();
    assert_injected(TRAP_GP, 0);
    for (unsigned int i = 0; i < 300; i++)
        fault();
    assert_int_equal(vcpu.insns_reported, MOST_REPORTS);
}

static void test_places(void **state)
{
    exit_now.nested.gpa = 0x4000;                         /* there is memory by now */
    fault();
    exit_now.nested.gpa = ROM;
    fault();
    assert_int_equal(boundaries, 0);
    exit_now.nested.write = true;
    frame.rbx = ROM;
    CODE_IS(0x89, 0x03);
    fault();
    assert_done(CODE + 2);
    assert_int_equal(memory[ROM], 0);
    exit_now.nested.gpa = DEVICE;
    exit_now.nested.fetch = true;
    fault();
    assert_int_equal(crashes, 1);
    exit_now.nested.fetch = false;
    exit_now.nested.in_walk = true;
    fault();
    assert_int_equal(crashes, 2);
    exit_now.nested.in_walk = false;
    event_waits = true;                                   /* it was its delivery, not the instruction */
    fault();
    assert_int_equal(crashes, 3);
    assert_int_equal(io_count, 0);
}

/* Memory that comes with the first access, of whatever kind: the guest comes again. */
static void test_on_demand(void **state)
{
    on_demand = 5;
    assert_int_equal(hw_place(&vcpu.vcpu, 0x5008), PLACE_RAM);
    exit_now.nested.gpa = 0x5008;
    for (unsigned int kind = 0; kind < 8; kind++) {
        exit_now.nested.write = kind & 1;
        exit_now.nested.fetch = kind & 2;
        exit_now.nested.in_walk = kind & 4;
        event_waits = kind == 7;
        fault();
    }
    on_demand = INVALID_GFN;
    assert_int_equal(populated, 8);
    assert_int_equal(crashes + boundaries + io_count, 0);
}

static void test_late(void **state)
{
    frame.rbx = DEVICE;
    frame.rax = 1;
    CODE_IS(0x01, 0x03);                                  /* add %eax, (%rbx) */
    late = 2;
    fault();
    assert_true(vcpu.io.waiting);
    assert_int_equal(frame.rip, CODE);
    memset(memory + CODE, 0xcc, 2);                       /* the bytes change; the instruction does not */
    frame.rflags |= 2;
    assert_false(hw_io_finish(&vcpu.vcpu));               /* the write waits as well */
    assert_int_equal(frame.rip, CODE);
    assert_true(hw_io_finish(&vcpu.vcpu));
    assert_done(CODE + 2);
    assert_int_equal(io_count, 2);
    assert_int_equal(io_log[1].data, 0x55667701);
}

/* Bytes that came with the exit are the instruction, whatever memory has. */
static void test_bytes_of_exit(void **state)
{
    frame.rbx = DEVICE;
    memory[CODE] = 0xcc;
    exit_now.nested.bytes = 2;
    memcpy(exit_now.nested.code, "\x8b\x03", 2);
    fault();
    assert_done(CODE + 2);
    assert_int_equal(frame.rax, 0x55667700);
}

/* While a device's answer is waited for, what the instruction works on becomes another device's, or memory: it goes there. */
static void test_page_tables_change(void **state)
{
    frame.rbx = 0x5010;
    frame.rax = 1;
    table[5] = DEVICE >> 12;
    CODE_IS(0x01, 0x03);                                  /* add %eax, (%rbx) */
    late = 1;
    fault();
    table[5] = (DEVICE >> 12) + 1;
    assert_true(hw_io_finish(&vcpu.vcpu));
    assert_done(CODE + 2);
    assert_int_equal(io_count, 3);
    assert_int_equal(io_log[0].address, DEVICE + 0x10);
    assert_int_equal(io_log[1].address, DEVICE + 0x1010);
    assert_int_equal(io_log[2].address, DEVICE + 0x1010);
    assert_int_equal(io_log[2].data, 0x55667702);         /* of the second device */

    setup(NULL);
    frame.rbx = 0x5010;
    table[5] = DEVICE >> 12;
    CODE_IS(0x01, 0x03);
    late = 1;
    fault();
    table[5] = 5;
    assert_true(hw_io_finish(&vcpu.vcpu));
    assert_int_equal(frame.rip, CODE);                    /* RAM: the processor's own */
    assert_int_equal(flushes, 1);
    assert_int_equal(memory[0x5010], 0);
    table[5] = NO_PAGE >> 12;
    frame.rbx = NO_PAGE;
    fault();
    assert_injected(TRAP_PF, PFEC_WRITE);
}

/* The processor gave no bytes, and before anybody has looked they are another instruction: that is carried out, or none. */
static void test_rewritten_before_a_look(void **state)
{
    frame.rbx = DEVICE;
    frame.rcx = 0x4000;
    frame.rax = 0x77;
    CODE_IS(0x89, 0x01);                                  /* mov %eax, (%rcx): RAM */
    fault();
    assert_done(CODE + 2);
    assert_int_equal(memory[0x4000], 0x77);
    assert_int_equal(io_count, 0);
    frame.rip = NO_PAGE << 4;                             /* no code there any more: begun anew */
    boundaries = 0;
    fault();
    assert_int_equal(boundaries, 0);
    assert_int_equal(injected.vector, -1);
    assert_int_equal(frame.rip, NO_PAGE << 4);
}

/* ---- Strings */

static void test_units(void **state)
{
    frame.rsi = 0x4000;
    frame.rdi = DEVICE;
    frame.rcx = 3;
    memcpy(memory + 0x4000, "abcdef", 6);
    CODE_IS(0xf3, 0x66, 0xa5);                            /* rep movsw */
    fault();
    assert_done(CODE + 3);
    assert_int_equal(io_count, 3);
    assert_int_equal(io_log[2].data, 'e' | 'f' << 8);
    assert_int_equal(frame.rcx, 0);
    assert_int_equal(frame.rdi, DEVICE + 6);
    CODE_IS(0xf3, 0xaa);                                  /* rep stosb, none */
    fault();
    assert_int_equal(io_count, 3);
    assert_int_equal(boundaries, 2);
}

static void test_blocks(void **state)
{
    takes_blocks = true;
    frame.rsi = DEVICE;
    frame.rdi = 0x4ff8;
    frame.rcx = 10;
    CODE_IS(0xf3, 0xa5);                                  /* rep movsd: 2 in the first page, 8 in the next one */
    fault();
    assert_done(CODE + 2);
    assert_int_equal(io_count, 2);
    assert_int_equal(io_log[0].count, 2);
    assert_int_equal(io_log[0].data, 0x4ff8);
    assert_int_equal(io_log[0].address, DEVICE);
    assert_false(io_log[0].write);
    assert_int_equal(io_log[1].count, 8);
    assert_int_equal(io_log[1].data, 0x5000);
    assert_int_equal(frame.rsi, DEVICE + 40);

    setup(NULL);
    takes_blocks = true;
    frame.rflags |= X86_EFLAGS_DF;
    frame.rsi = 0x4004;
    frame.rdi = DEVICE + 0x104;
    frame.rcx = 3;
    CODE_IS(0xf3, 0xa5);                                  /* downwards, the third one in the page before */
    late = 1;
    fault();
    assert_true(vcpu.io.waiting);
    assert_true(hw_io_finish(&vcpu.vcpu));
    assert_done(CODE + 2);
    assert_int_equal(io_count, 2);
    assert_int_equal(io_log[0].count, 2);
    assert_true(io_log[0].down && io_log[0].write);
    assert_int_equal(io_log[1].count, 1);
    assert_int_equal(io_log[1].address, DEVICE + 0xfc);
}

static void test_long_repeat(void **state)
{
    takes_blocks = true;
    frame.rsi = 0x4000;
    frame.rdi = DEVICE;
    frame.rcx = 5000;
    CODE_IS(0xf3, 0xa4);
    fault();
    assert_done(CODE);                                    /* interrupts have their turn */
    assert_int_equal(io_log[0].count, 4096);
    assert_int_equal(frame.rcx, 904);
    frame.rflags |= X86_EFLAGS_TF;
    fault();
    assert_int_equal(frame.rcx, 903);
    assert_int_equal(frame.rip, CODE);
    assert_int_equal(boundaries, 2);
    assert_int_equal(io_log[1].count, 1);
}

/* ---- Vector registers */

static void test_vectors(void **state)
{
    frame.rbx = DEVICE;
    CODE_IS(0x0f, 0x10, 0x13);                            /* movups (%rbx), %xmm2 */
    fault();
    assert_done(CODE + 3);
    assert_int_equal(*(u64 *)(fpu_area + 160 + 32), device_value);
    assert_int_equal(*(u64 *)(fpu_area + 160 + 40), device_value + 1);
    assert_int_equal(fpu_loads, 1);
    creg[CREG_CR0] |= X86_CR0_TS;
    frame.rip = CODE, boundaries = 0;
    fault();
    assert_injected(TRAP_NM, 0);
    creg[CREG_CR4] = 0;
    fault();
    assert_injected(TRAP_UD, 0);
    creg[CREG_CR4] = X86_CR4_OSFXSR;
    creg[CREG_CR0] = X86_CR0_PE | X86_CR0_EM;
    fault();
    assert_injected(TRAP_UD, 0);
    creg[CREG_CR0] = X86_CR0_PE;
    CODE_IS(0xc5, 0xf8, 0x10, 0x13);                      /* vmovups: XCR0 has no AVX */
    creg[CREG_CR4] |= X86_CR4_OSXSAVE;
    fault();
    assert_injected(TRAP_UD, 0);
    CODE_IS(0x0f, 0x6f, 0x13);                            /* movq (%rbx), %mm2 */
    fpu_area[2] = STATUS_ERROR;
    fault();
    assert_injected(TRAP_MF, 0);
    assert_int_equal(io_count, 2);
}

/* ---- Breakpoints */

static void assert_hit(u64 dr6)
{
    assert_int_equal(injected.vector, dr6 ? TRAP_DB : -1);
    assert_int_equal(creg[CREG_DR6], dr6);
    injected.vector = -1;
    creg[CREG_DR6] = 0;
}

static void test_watchpoints(void **state)
{
    frame.rbx = DEVICE;
    creg[CREG_DR0] = DEVICE;
    creg[CREG_DR1] = DEVICE + 5;
    creg[CREG_DR2] = DEVICE + 8;
    creg[CREG_DR7] = 2 | 4 | 0xfUL << 16 | 0x1UL << 20 | 0xbUL << 24;   /* 0: access, 4 bytes; 1: write, 1; 2: off */
    CODE_IS(0x8b, 0x03);                                  /* mov (%rbx), %eax */
    fault();
    assert_hit(1);
    frame.rip = CODE;
    CODE_IS(0x48, 0x8b, 0x03);                            /* 8 bytes: the second one is for writes */
    fault();
    assert_hit(1);
    frame.rip = CODE;
    CODE_IS(0x48, 0x89, 0x03);
    fault();
    assert_hit(3);
    frame.rip = CODE;
    CODE_IS(0x88, 0x43, 0x08);
    fault();
    assert_hit(0);
    creg[CREG_DR7] |= 0x20;                               /* the third one on: 8 bytes */
    creg[CREG_DR7] = (creg[CREG_DR7] & ~(0xfUL << 24)) | 0x9UL << 24;
    frame.rdi = DEVICE + 14;
    frame.rcx = 3;
    frame.rip = CODE;
    takes_blocks = true;
    CODE_IS(0xf3, 0xaa);                                  /* rep stosb: iteration by iteration */
    fault();
    assert_hit(4);
    assert_int_equal(frame.rip, CODE);
    fault();
    assert_hit(4);
    fault();
    assert_hit(0);
    assert_int_equal(frame.rip, CODE + 2);
}

/* ---- Modes */

static void real_mode(void)
{
    mode = MODE_REAL;
    creg[CREG_CR0] = 0;
    for (unsigned int i = 0; i < NR_SEGMENTS; i++)
        segments[i] = (struct container_segment){ 0, 0x93, 0xffff, 0 };
    segments[SEGMENT_DS].base = DEVICE;
}

static void test_real_mode(void **state)
{
    real_mode();
    frame.rbx = 0x10;
    CODE_IS(0x8b, 0x07);                                  /* mov (%bx), %ax */
    fault();
    assert_done(CODE + 2);
    assert_int_equal(frame.rax, 0x7700);
    frame.rip = CODE, boundaries = 0;
    frame.rbx = 0xffff;
    fault();
    assert_injected(TRAP_GP, 0);                          /* two bytes at ffff */
    CODE_IS(0x67, 0x8b, 0x03);                            /* mov (%ebx), %ax: beyond 64 KiB */
    frame.rbx = 0x10000;
    fault();
    assert_injected(TRAP_GP, 0);
    segments[SEGMENT_DS].limit = ~0u;                     /* but for segments of big real mode */
    injected.vector = -1;
    fault();
    assert_done(CODE + 3);
    assert_int_equal(io_log[1].address, DEVICE + 0x10000);
}

static void test_protected_segments(void **state)
{
    mode = MODE_PROTECTED32;
    frame.rbx = DEVICE;
    CODE_IS(0x89, 0x03);
    segments[SEGMENT_DS].attributes = 0xc91;              /* read-only */
    fault();
    assert_injected(TRAP_GP, 0);
    segments[SEGMENT_DS].attributes = 0;                  /* null */
    CODE_IS(0x8b, 0x03);
    fault();
    assert_injected(TRAP_GP, 0);
    segments[SEGMENT_DS] = (struct container_segment){ 8, 0xc93, ~0u, 0xfffff000 };
    frame.rbx = DEVICE + 0x1000;                          /* goes round at 4 GiB */
    injected.vector = -1;
    fault();
    assert_done(CODE + 2);
    assert_int_equal(io_log[0].address, DEVICE);
}

/* ---- Ports */

static void port(bool in, u8 size, bool rep)
{
    exit_now = (struct exit){ .reason = EXIT_PORT, .cpl = exit_now.cpl, .length = 1,
                              .port = { .port = 0x1f0, .size = size, .in = in, .string = true, .rep = rep } };
    hw_io_begin(&vcpu.vcpu);
    hw_port(&vcpu.vcpu, &exit_now);
    if (vcpu.io.waiting)
        vcpu.io.exit = exit_now;
}

static void test_port_strings(void **state)
{
    takes_blocks = true;
    frame.rdi = 0x4fff;
    frame.rcx = 5;
    CODE_IS(0xf3, 0x66, 0x6d);                            /* rep insw: the first unit lies in two pages */
    port(true, 2, true);
    assert_done(CODE + 3);
    assert_int_equal(io_count, 2);
    assert_int_equal(io_log[0].count, 1);
    assert_int_equal(memory[0x4fff], 0x00);
    assert_int_equal(memory[0x5000], 0x77);
    assert_int_equal(io_log[1].count, 4);
    assert_int_equal(io_log[1].data, 0x5001);
    assert_int_equal(frame.rdi, 0x5009);
    assert_int_equal(frame.rcx, 0);
}

/* Whoever serves the port takes no blocks and answers late: what a unit was answered is not asked for again. */
static void test_port_late_units(void **state)
{
    frame.rdi = 0x4000;
    frame.rcx = 3;
    CODE_IS(0xf3, 0x66, 0x6d);
    late = 3;
    port(true, 2, true);
    for (unsigned int answers = 0; answers < 3; answers++) {
        assert_true(vcpu.io.waiting);
        (void)hw_io_finish(&vcpu.vcpu);
    }
    assert_false(vcpu.io.waiting);
    assert_done(CODE + 3);
    assert_int_equal(io_count, 3);
    assert_int_equal(frame.rdi, 0x4006);
    assert_int_equal(frame.rcx, 0);
    assert_int_equal(memory[0x4000], 0x00);
    assert_int_equal(memory[0x4002], 0x01);
}

static void test_port_wraps(void **state)
{
    real_mode();
    segments[SEGMENT_DS].base = 0;
    frame.rsi = 0xfffe;
    frame.rcx = 0x10003;                                  /* CX: 3 */
    memory[0xfffe] = 1, memory[0xffff] = 2, memory[0] = 3;
    CODE_IS(0xf3, 0x6e);                                  /* rep outsb: SI goes round */
    port(false, 1, true);
    assert_done(CODE + 2);
    assert_int_equal(io_count, 3);
    assert_int_equal(io_log[2].data, 3);
    assert_int_equal(frame.rsi, 1);
    assert_int_equal(frame.rcx, 0x10000);
    frame.rip = CODE, boundaries = 0;
    frame.rsi = 0xffff;
    frame.rcx = 2;
    CODE_IS(0xf3, 0x6f);                                  /* a word at ffff */
    port(false, 2, true);
    assert_injected(TRAP_GP, 0);
    CODE_IS(0x36, 0x6f);                                  /* of SS */
    port(false, 2, false);
    assert_injected(TRAP_SS, 0);
    assert_int_equal(io_count, 3);
}

/* As boot loaders load what does not fit below: 16-bit code, 32-bit addresses, segments without limits. */
static void test_port_big_real_mode(void **state)
{
    real_mode();
    segments[SEGMENT_ES] = (struct container_segment){ 0x10, 0xc93, ~0u, 0 };
    takes_blocks = true;
    frame.rdi = 0x4000;
    frame.rcx = 0x10003;
    CODE_IS(0x67, 0xf3, 0x6c);                            /* rep insb by EDI and ECX */
    port(true, 1, true);
    assert_done(CODE);
    assert_int_equal(io_log[0].count, 4096);
    assert_int_equal(frame.rcx, 0xf003);
    assert_int_equal(frame.rdi, 0x5000);
    segments[SEGMENT_ES].limit = 0xffff;
    frame.rdi = 0x10000;
    boundaries = 0;
    port(true, 1, true);
    assert_injected(TRAP_GP, 0);
}

static void test_port_faults(void **state)
{
    frame.rdi = NO_PAGE;
    frame.rcx = 2;
    CODE_IS(0xf3, 0x6c);
    exit_now.cpl = 3;
    port(true, 1, true);
    assert_injected(TRAP_PF, PFEC_WRITE | PFEC_USER);
    frame.rdi = 0x4000;
    CODE_IS(0xf3, 0x6d);                                  /* other bytes than those it exited with: begun anew */
    port(true, 1, true);
    CODE_IS(0x90);
    port(true, 1, true);
    assert_int_equal(io_count, 0);
    assert_int_equal(boundaries, 0);
    frame.rflags |= X86_EFLAGS_TF;
    CODE_IS(0xf3, 0x6c);
    port(true, 1, true);
    assert_int_equal(io_count, 1);
    assert_int_equal(frame.rip, CODE);
    assert_int_equal(boundaries, 1);
}

static void test_port_breakpoints(void **state)
{
    creg[CREG_DR0] = 0x1f2;
    creg[CREG_DR1] = 0x5001;
    creg[CREG_DR7] = 2 | 8 | 0x2UL << 16 | 0x1UL << 20;
    frame.rdi = 0x5000;
    frame.rcx = 2;
    CODE_IS(0xf3, 0x6c);
    port(true, 1, true);
    assert_hit(0);                                        /* another port, and ports only with CR4.DE */
    port(true, 1, true);
    assert_hit(2);
    creg[CREG_DR0] = 0x1f0;
    exit_now = (struct exit){ .reason = EXIT_PORT, .length = 1, .port = { .port = 0x1f0, .size = 1, .in = true } };
    hw_io_begin(&vcpu.vcpu);
    hw_port(&vcpu.vcpu, &exit_now);
    assert_hit(0);
    creg[CREG_CR4] |= X86_CR4_DE;
    hw_io_begin(&vcpu.vcpu);
    hw_port(&vcpu.vcpu, &exit_now);
    assert_hit(1);
    assert_int_equal(io_count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_write, setup), cmocka_unit_test_setup(test_update, setup),
        cmocka_unit_test_setup(test_compare_exchange_16, setup), cmocka_unit_test_setup(test_page_crossing, setup),
        cmocka_unit_test_setup(test_apic, setup), cmocka_unit_test_setup(test_faults, setup),
        cmocka_unit_test_setup(test_unknown, setup), cmocka_unit_test_setup(test_places, setup),
        cmocka_unit_test_setup(test_on_demand, setup),
        cmocka_unit_test_setup(test_late, setup), cmocka_unit_test_setup(test_port_late_units, setup),
        cmocka_unit_test_setup(test_bytes_of_exit, setup),
        cmocka_unit_test_setup(test_units, setup), cmocka_unit_test_setup(test_blocks, setup),
        cmocka_unit_test_setup(test_long_repeat, setup), cmocka_unit_test_setup(test_vectors, setup),
        cmocka_unit_test_setup(test_real_mode, setup), cmocka_unit_test_setup(test_protected_segments, setup),
        cmocka_unit_test_setup(test_port_strings, setup), cmocka_unit_test_setup(test_port_wraps, setup),
        cmocka_unit_test_setup(test_port_faults, setup), cmocka_unit_test_setup(test_port_big_real_mode, setup),
        cmocka_unit_test_setup(test_page_tables_change, setup), cmocka_unit_test_setup(test_rewritten_before_a_look, setup),
        cmocka_unit_test_setup(test_watchpoints, setup), cmocka_unit_test_setup(test_port_breakpoints, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
