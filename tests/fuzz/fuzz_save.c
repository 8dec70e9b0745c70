/* SPDX-License-Identifier: MIT */
// sources: modes/hvm/board*.c modes/hvm/p[im]*.c modes/hvm/[hir][pot]*.c modes/pvh/hw_lapic*.c
/* A saved state as a stream of records, that somebody has changed: bytes, lengths, order, numbers, where it ends. What is
 * loaded of it is a state that a processor can have, and nothing beyond the stream is read. */
#include "container_machine.h"

#include "modes/pvh/hw_context.c"
#include "modes/pvh/hw_mtrr.c"
#include "modes/pvh/hw_save_cpu.c"
#include "modes/pvh/hw_save_lapic.c"
#include "modes/hvm/pc_records.c"
#undef RECORD
#include "modes/pvh/hw_save.c"

#include "cases.h"

/* ---- What surrounds it */

static struct container_segment segment[VCPUS][NR_SEGMENTS];
static struct container_table table[VCPUS][2];

static void get_segment(const struct vcpu *v, enum container_segment_id id, struct container_segment *out)
{ *out = segment[v->id][id]; }
static void set_segment(struct vcpu *v, enum container_segment_id id, const struct container_segment *s)
{ segment[v->id][id] = *s; }
static void get_tables(const struct vcpu *v, struct container_table *gdt, struct container_table *idt)
{ *gdt = table[v->id][0], *idt = table[v->id][1]; }
static void set_tables(struct vcpu *v, const struct container_table *gdt, const struct container_table *idt)
{ table[v->id][0] = *gdt, table[v->id][1] = *idt; }
static u64 get_event(const struct vcpu *v) { return 0; }
static void no_events(struct vcpu *v) {}
static void inject_interrupt(struct vcpu *v, u8 vector) {}
static bool inject(struct vcpu *v, u8 vector, bool has_error, u32 error, u64 cr2) { check(vector < 32); return true; }
static u8 cpl(const struct vcpu *v) { return 0; }
static const struct container_ops ops = {
    .get = get, .set = set, .get_segment = get_segment, .set_segment = set_segment, .get_tables = get_tables,
    .set_tables = set_tables, .get_event = get_event, .reset_events = no_events, .inject_nmi = no_events,
    .inject_interrupt = inject_interrupt, .inject = inject, .cpl = cpl };
const struct container_ops *container_ops = &ops;
static const struct interrupt_ops interrupts = { .nmi = no_events };
static const struct row row = { .interrupts = &interrupts };

u32 tsc_khz(void) { return 1000000; }
void sync_vcpu_state(struct vcpu *v) {}
void fpu_export(const struct vcpu *v, void *fxsave) { memset(fxsave, 0, 512); }
void fpu_import(struct vcpu *v, const void *fxsave) {}
void fpu_reset(struct vcpu *v) {}
void hvm_firmware_begin(struct vcpu *v) {}
void hw_reset(struct vcpu *v) {}
void hw_cpuid_policy(struct domain *d, u32 leaf, u32 subleaf, u32 r[4]) { memset(r, 0xff, 16); }
void hw_apic_sync(struct vcpu *v) {}
void hw_apic_restart_timer(struct hw_vcpu *hw) {}
bool hw_apic_set_deadline(struct vcpu *v, u64 tsc) { return true; }
bool hw_has_lapic(const struct domain *d) { return d->emulation_flags & XEN_X86_EMU_LAPIC; }
void update_domain_wallclock(struct domain *d) {}
static bool deliver(void *owner, const struct interrupt_message *m) { return true; }
static bool requested(void *owner, const struct interrupt_message *m) { return false; }
static void pic_changed(void *owner, bool asserted) {}
static const struct board_ops board_ops = { deliver, requested, pic_changed };

/* ---- The stream */

static u8 stream[(1 << 14) + sizeof(struct hvm_save_descriptor)];
static size_t saved;

static void new_domain(u8 first)
{
    new_machine(&row, &board_ops, first & 1);
    memset(segment, 0, sizeof(segment));
    memset(table, 0, sizeof(table));
    if (first & 2)
        hd.domain.emulation_flags = 0;
    if (first & 4)
        hd.pc = NULL;
    for (u32 id = 0; id < VCPUS; id++) {
        hv[id].lapic.has_deadline_mode = cpu_features.tsc_deadline;
        lapic_reset(&hv[id].lapic, 2 * id, id == 0);
        creg[id][CREG_CR0] = 0x10;
        hv[id].vcpu.regs.rflags = 2;
        segment[id][SEGMENT_CS].attributes = 0x9b;
    }
}

/* The nth record's place in the stream, and where it ends. */
static size_t record_at(unsigned int n, size_t *end)
{
    size_t at = 0;

    for (;;) {
        struct hvm_save_descriptor d;

        memcpy(&d, stream + at, sizeof(d));
        *end = min(saved, at + sizeof(d) + d.length);
        if (n-- == 0 || *end == saved)
            return at;
        at = *end;
    }
}

/* A record less, one twice, some bytes of one, or a descriptor that is not so. */
static void change(struct input *in)
{
    u8 kind = (u8)take(in, 1);
    size_t end, at = record_at((unsigned int)take(in, 1) % 24, &end), length = end - at;

    switch (kind % 4) {
    case 0:
        memmove(stream + at, stream + end, saved - end);
        saved -= length;
        break;
    case 1:
        if (saved + length > 1 << 14)
            break;
        memmove(stream + end, stream + at, saved - at);
        saved += length;
        break;
    case 2: damage(in, stream + at, min(length, sizeof(struct hvm_save_descriptor))); break;
    default: damage(in, stream + at, length);
    }
    if (kind >= 0xf0)
        saved = take(in, 2) % (saved + 1);
    if (saved < sizeof(struct hvm_save_descriptor))
        saved = sizeof(struct hvm_save_descriptor);
}

/* A processor could be in this state. */
static void hold_cpu(u32 id)
{
    const struct lapic *l = &hv[id].lapic;

    check(hw_control_ok(&hd.domain, creg[id][CREG_CR0], creg[id][CREG_CR4], creg[id][CREG_EFER]));
    check(!(creg[id][CREG_DR6] >> 32) && !(creg[id][CREG_DR7] >> 32) && hw_pat_ok(creg[id][CREG_PAT]));
    check(is_canonical(creg[id][CREG_LSTAR]) && is_canonical(creg[id][CREG_KERNEL_GS_BASE]));
    check(is_canonical(table[id][0].base) && is_canonical(table[id][1].base));
    check(!(hv[id].vcpu.regs.rflags & ~X86_EFLAGS_DEFINED) && hv[id].vcpu.regs.rflags & 2);
    for (unsigned int i = 0; i < NR_SEGMENTS; i++)
        check(!(segment[id][i].attributes >> 12));
    check((l->base & (LAPIC_BASE_ENABLE | LAPIC_BASE_X2APIC)) != LAPIC_BASE_X2APIC && !(l->base >> PHYS_BITS));
    check(!(l->reg[LAPIC_IRR] & 0xffff) && !(l->reg[LAPIC_ISR] & 0xffff) && l->reg[LAPIC_TPR] <= 0xff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    u8 first = (u8)take(&in, 1);
    long length;

    new_domain(first);
    running = vcpus[0];
    length = hw_save(&hd.domain, stream, hw_save_size(&hd.domain));
    check(length > 0 && (size_t)length <= hw_save_size(&hd.domain) && hw_save_size(&hd.domain) <= sizeof(stream));
    saved = (size_t)length;
    check(hw_load(&hd.domain, stream, saved) == 0);
    while (in.left)
        change(&in);
    if (first & 8)
        new_domain(first);
    u8 *exact = malloc(saved);
    memcpy(exact, stream, saved);
    int rc = hw_load(&hd.domain, exact, saved);
    free(exact);
    check(rc == 0 || rc == -EINVAL);
    for (u32 id = 0; id < VCPUS; id++)
        hold_cpu(id);
    for (unsigned int i = 0; i < 4; i++)
        check(pc.board.link.route[i] < 16);
    check(!spin_is_locked(&pc.lock));
    return 0;
}
