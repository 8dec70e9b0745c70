/* SPDX-License-Identifier: MIT */
/* A guest's vCPU and its devices, without the hypervisor around them: for tests of instructions that are carried out for it.
 * Includes the sources under test but xen/insn/. */
#ifndef PRISM_TESTS_DEVICE_MACHINE_H
#define PRISM_TESTS_DEVICE_MACHINE_H

#include "tests/fuzz/input.h"

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

/* ---- The guest: 64 KiB of RAM, a page that is not for writing, devices, a local APIC; linear addresses as they are, but
 * for what `table` says of the first pages */

#define RAM_END 0x10000u
#define ROM 0x10000u
#define DEVICE 0x11000u
#define APIC 0xfee00000u
#define CODE 0x1000u
#define STACK 0x3000u
#define NO_PAGE 0x8000u        /* not mapped */
#define READ_ONLY 0x9000u

static u8 memory[RAM_END + 0x1000];
static u8 table[32];
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

enum io_result devmodel_invalidate(struct vcpu *v) { return IO_DONE; }

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
    check(gfn == on_demand);
    return populated++ % 2 ? -ERESTART : 0;
}
int p2m_change_type(struct p2m *p2m, gfn_t gfn, enum p2m_type from, enum p2m_type to) { return -EINVAL; }

bool hw_translate(struct vcpu *v, u64 va, u32 access, u64 *gpa, u32 *error)
{
    bool bad = va >> 12 == NO_PAGE >> 12 || (va >> 12 == READ_ONLY >> 12 && access & PFEC_WRITE);

    *gpa = va >> 12 < ARRAY_SIZE(table) ? (u64)table[va >> 12] << 12 | (va & 0xfff) : va;
    *error = (access & ~(u32)PFEC_PRESENT) | (va >> 12 == READ_ONLY >> 12 ? PFEC_PRESENT : 0);
    return !bad;
}
bool hw_read_gpa(struct domain *d, u64 gpa, void *dst, size_t n)
{
    if (gpa > sizeof(memory) - n)
        return false;
    memcpy(dst, memory + gpa, n);
    return true;
}
bool hw_write_gpa(struct domain *d, u64 gpa, const void *src, size_t n)
{
    if (gpa > RAM_END - n)
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
void fpu_restore(struct vcpu *v) { check(!v->fpu_dirty); v->fpu_dirty = true; fpu_loads++; }
void fpu_export(const struct vcpu *v, void *fxsave) { memcpy(fxsave, fpu_area, 512); }
void domain_crash(struct domain *d, const char *fmt, ...) { crashes++; }
void hw_exit_again(struct vcpu *v, struct exit *exit)
{
    exit->reason == EXIT_PORT ? hw_port(v, exit) : hw_nested_fault(v, exit);
}
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
    u64 at = segments[SEGMENT_CS].base + frame.rip;

    return at > RAM_END ? -ENODATA : insn_decode(memory + at, INSN_MAX, container_insn_mode(v), insn);
}
void container_advance_rip_by(struct vcpu *v, u8 length) { frame.rip += length; boundaries++; }
void container_between_units(struct vcpu *v) { boundaries++; }
bool container_advance_rip(struct vcpu *v, struct exit *exit) { frame.rip += exit->length; boundaries++; return true; }

/* ---- Devices: reads give device_value with the number of the access added. Late ones answer when asked to. */

static bool in_a_page(u64 at, u32 count, u8 size, bool down)
{
    u64 rest = (u64)(count - 1) * size, first = down ? at - rest : at, last = (down ? at : at + rest) + size - 1;

    return first >> 12 == last >> 12 && first <= last;
}

/* Of a size that there is, and in one page; a block, in one page on either side. */
static void check_access(const struct io_access *a)
{
    check(a->count && a->size && a->size <= (a->port ? 4 : 8) && !(a->size & (a->size - 1)));
    check(a->port ? a->address <= 0xffff : in_a_page(a->address, a->count, a->size, a->down));
    check(a->count == 1 || in_a_page(a->data, a->count, a->size, a->down));
    check(a->count > 1 || !a->write || !(a->data & ~io_ones(a->size)));
}

static enum io_result answer(struct io_access *a)
{
    if (!a->write && a->count == 1)
        a->data = (device_value + io_count) & io_ones(a->size);
    check_access(a);
    if (io_count < ARRAY_SIZE(io_log))
        io_log[io_count] = *a;
    io_count++;
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

static void machine_begin(void)
{
    memset(memory, 0, sizeof(memory));
    for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
        table[i] = (u8)i;
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
}

#endif
