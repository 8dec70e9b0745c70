/* SPDX-License-Identifier: MIT */
// sources: xen/insn/*.c
/* A guest's accesses to devices, from the exit to the guest's next instruction: memory and port instructions in all modes,
 * page-crossing ones, blocks, faults, single steps, answers that are late, instructions that change meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/percpu.h"
#include "dom/domain.h"

static struct cpu_user_regs frame;
#define guest_regs() (&frame)
#undef ledger_charge
#define ledger_charge(v, event) ((void)(v)->ledger.cell[event].count++)
#include "modes/pvh/hw_access.c"
#include "modes/pvh/hw_vector.c"
#include "modes/pvh/hw_watch.c"
#include "modes/pvh/hw_io.c"
#include "modes/pvh/hw_mmio.c"
#include "modes/pvh/hw_port.c"

/* ---- The guest: 64 KiB of RAM, a page that is not for writing, devices, a local APIC; linear addresses as they are */

#define RAM_END 0x10000u
#define ROM 0x10000u
#define DEVICE 0x11000u
#define APIC 0xfee00000u
#define CODE 0x1000u
#define STACK 0x3000u
#define NO_PAGE 0x8000u        /* not mapped */
#define READ_ONLY 0x9000u

static u8 memory[RAM_END + 0x1000];
static struct hw_vcpu vcpu;
static struct hw_domain dom;
static struct container_segment segments[NR_SEGMENTS];
static u64 creg[NR_CREGS];
static enum container_mode mode;
static struct exit exit_now;
static struct { int vector; u32 error; u64 cr2; } injected;
static unsigned int boundaries, crashes, io_count, late, flushes;
static bool event_waits, takes_blocks;
static struct io_access io_log[64];
static u64 device_value;
static unsigned int fpu_loads;
static u8 fpu_area[1024] aligned(64);
struct cpu_features cpu_features;

static gfn_t on_demand = INVALID_GFN;
static unsigned int populated;
struct p2m;
mfn_t p2m_get(struct p2m *p2m, gfn_t gfn, enum p2m_type *type, unsigned int *order)
{
    *type = gfn == on_demand ? P2M_POD : gfn < RAM_END >> 12 ? P2M_RAM : gfn == ROM >> 12 ? P2M_RAM_RO : P2M_NONE;
    return 0;
}
int pod_populate(struct domain *d, gfn_t gfn)
{
    assert_int_equal(gfn, on_demand);
    return populated++ % 2 ? -ERESTART : 0;
}
int p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to) { return -EINVAL; }

bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error)
{
    bool bad = va >> 12 == NO_PAGE >> 12 || (va >> 12 == READ_ONLY >> 12 && access & PFEC_WRITE);

    *gpa = va;
    *error = (access & ~(u32)PFEC_PRESENT) | (va >> 12 == READ_ONLY >> 12 ? PFEC_PRESENT : 0);
    return !bad;
}
bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n)
{
    if (gpa + n > sizeof(memory))
        return false;
    memcpy(dst, memory + gpa, n);
    return true;
}
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n)
{
    if (gpa + n > RAM_END)
        return false;
    memcpy(memory + gpa, src, n);
    return true;
}
size_t hw_fetch(struct vcpu *v, u64 linear, void *bytes, size_t n)
{
    return hw_read_gpa(NULL, linear, bytes, n) ? n : 0;
}
bool hw_apic_page(struct vcpu *v, u64 gpa) { return gpa >> 12 == APIC >> 12; }
u32 hw_apic_read(struct vcpu *v, u32 offset) { return 0xa0000000 | offset; }
static u32 apic_offset, apic_value;
void hw_apic_write(struct vcpu *v, u32 offset, u32 value) { apic_offset = offset; apic_value = value; }
void hw_note_xcr0(struct vcpu *v) {}
void fpu_save(struct vcpu *v) { v->fpu_dirty = false; }
void fpu_restore(struct vcpu *v) { assert_false(v->fpu_dirty); v->fpu_dirty = true; fpu_loads++; }
void fpu_export(const struct vcpu *v, void *fxsave) { memcpy(fxsave, fpu_area, 512); }
void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }
void hw_exit_again(struct vcpu *v, struct exit *exit) { hw_nested_fault(v, exit); }
void hw_inject(struct vcpu *v, u8 vector, u32 error, u64 cr2)
{
    injected.vector = vector;
    injected.error = error;
    injected.cr2 = cr2;
}

static void get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out)
{
    *out = segments[id];
}
static u64 get(const struct vcpu *v, enum container_reg reg) { return creg[reg]; }
static void set(struct vcpu *v, enum container_reg reg, u64 value) { creg[reg] = value; }
static bool event_pending(const struct vcpu *v) { return event_waits; }
static void flush(struct vcpu *v) { flushes++; }
static const struct container_ops ops = { .get_segment = get_segment, .get = get, .set = set,
                                          .event_pending = event_pending, .flush = flush };
const struct container_ops *container_ops = &ops;
enum container_mode container_mode(const struct vcpu *v) { return mode; }
enum insn_mode container_insn_mode(const struct vcpu *v)
{
    return mode == MODE_64 ? INSN_64 : mode == MODE_PROTECTED32 ? INSN_32 : INSN_16;
}
int container_fetch_insn(struct vcpu *v, struct insn *insn)
{
    return insn_decode(memory + segments[SEGMENT_CS].base + frame.rip, INSN_MAX, container_insn_mode(v), insn);
}
void container_advance_rip_by(struct vcpu *v, u8 length) { frame.rip += length; boundaries++; }
void container_between_units(struct vcpu *v) { boundaries++; }
bool container_advance_rip(struct vcpu *v, struct exit *exit) { frame.rip += exit->length; boundaries++; return true; }

/* ---- Devices: reads give device_value with the number of the access added. Late ones answer when asked to. */

static enum io_result answer(struct io_access *a)
{
    if (!a->write && a->count == 1)
        a->data = (device_value + io_count) & io_ones(a->size);
    assert_true(io_count < ARRAY_SIZE(io_log));
    io_log[io_count++] = *a;
    return IO_DONE;
}
static enum io_result device_access(struct vcpu *v, struct io_access *a)
{
    if (a->count > 1 && !takes_blocks)
        return IO_NOT_MINE;
    if (late) {
        late--;
        return IO_RETRY;
    }
    return answer(a);
}
static enum io_result device_finish(struct vcpu *v, struct io_access *a) { return answer(a); }
static const struct io_ops device_ops = { .access = device_access, .finish = device_finish };
static const struct platform_ops platform;
static const struct row row = { .io = &device_ops, .platform = &platform };

static int setup(void **state)
{
    memset(memory, 0, sizeof(memory));
    memset(&vcpu, 0, sizeof(vcpu));
    memset(fpu_area, 0, sizeof(fpu_area));
    memset(creg, 0, sizeof(creg));
    memset(io_log, 0, sizeof(io_log));
    dom.domain.row = &row;
    vcpu.vcpu.domain = &dom.domain;
    vcpu.vcpu.fpu = (void *)fpu_area;
    vcpu.vcpu.fpu_dirty = true;
    mode = MODE_64;
    for (unsigned int i = 0; i < NR_SEGMENTS; i++)
        segments[i] = (struct container_segment){ 8, i == SEGMENT_CS ? 0xa9b : 0xc93, ~0u, 0 };
    creg[CREG_CR0] = X86_CR0_PE | X86_CR0_PG;
    creg[CREG_CR4] = X86_CR4_OSFXSR;
    frame = (struct cpu_user_regs){ .rip = CODE, .rsp = STACK, .rflags = 2 };
    exit_now = (struct exit){ .reason = EXIT_NESTED_FAULT, .nested.gpa = DEVICE };
    injected.vector = -1;
    injected.error = 0;
    boundaries = crashes = io_count = late = flushes = fpu_loads = 0;
    event_waits = takes_blocks = false;
    device_value = 0x1122334455667700;
    apic_offset = apic_value = 0;
    return 0;
}

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
        cmocka_unit_test_setup(test_late, setup), cmocka_unit_test_setup(test_bytes_of_exit, setup),
        cmocka_unit_test_setup(test_units, setup), cmocka_unit_test_setup(test_blocks, setup),
        cmocka_unit_test_setup(test_long_repeat, setup), cmocka_unit_test_setup(test_vectors, setup),
        cmocka_unit_test_setup(test_real_mode, setup), cmocka_unit_test_setup(test_protected_segments, setup),
        cmocka_unit_test_setup(test_port_strings, setup), cmocka_unit_test_setup(test_port_wraps, setup),
        cmocka_unit_test_setup(test_port_faults, setup), cmocka_unit_test_setup(test_port_big_real_mode, setup),
        cmocka_unit_test_setup(test_watchpoints, setup), cmocka_unit_test_setup(test_port_breakpoints, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
