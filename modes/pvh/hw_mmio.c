/* SPDX-License-Identifier: MIT */
/* Accesses of a guest to addresses where there is no memory that allows them: its local APIC's page; pages that are
 * read-only for it; devices. The instruction is emulated, a repeated one in blocks where the device takes them. */
#include "mem/pod.h"
#include "modes/pvh/hw_access.h"
#include "trace/trace.h"

#define MOST_REPORTS 8   /* of a vCPU, about instructions that are not emulated: the console is not the guest's */

/* ---- Instructions that are not emulated */

static size_t fetch_here(struct vcpu *v, u8 bytes[INSN_MAX])
{
    u64 rip = guest_regs()->rip;
    struct container_segment cs;

    container_ops->get_segment(v, SEGMENT_CS, &cs);
    return hw_fetch(v, container_mode(v) == MODE_64 ? rip : (u32)(cs.base + rip), bytes, INSN_MAX);
}

static void report(struct vcpu *v, const struct exit *exit, const u8 *bytes, size_t n)
{
    char text[3 * INSN_MAX + 1] = "";

    if (to_hw(v)->insns_reported == MOST_REPORTS)
        return;
    to_hw(v)->insns_reported++;
    for (size_t i = 0; i < n; i++)
        (void)snprintf(text + 3 * i, sizeof(text) - 3 * i, " %02x", bytes[i]);
    pr_warn("%s v%u: instruction%s at %lx reaches %lx, and is not one that is emulated\n", v->domain->name_for_log, v->id,
            text, (unsigned long)guest_regs()->rip, (unsigned long)exit->nested.gpa);
}

/* insn NULL: it could not be taken apart. Where its bytes cannot be had any more, or are another instruction's by now, the
 * processor finds out. */
static void unhandled(struct vcpu *v, const struct exit *exit, const struct insn *insn)
{
    u8 bytes[INSN_MAX];
    size_t n = fetch_here(v, bytes);
    struct insn now;
    int rc = insn_decode(bytes, n, container_insn_mode(v), &now);

    if (!insn && (n == 0 || rc == 0 || rc == -ENODATA))
        return;
    report(v, exit, bytes, insn ? min(n, (size_t)insn->length) : n);
    if (rc == -E2BIG)
        hw_inject(v, TRAP_GP, 0, 0);
    else
        hw_inject(v, TRAP_UD, 0, 0);
}

/* ---- Blocks: REP MOVS between memory and a device */

static bool block_shape(const struct hw_access *a, const struct insn *insn, struct insn_block *b)
{
    if (a->aligned_only || insn->opcode_map != 0 || (insn->opcode & 0xfe) != 0xa4 ||
        !(insn->prefix_rep || insn->prefix_repne))
        return false;
    return insn_string_block(insn, guest_regs(), &a->memory, PAGE_SIZE, b) == INSN_DONE;
}

/* Carries out *units iterations at once. INSN_UNHANDLED: not possible here, take a single one, which also finds faults. */
static enum insn_result block(struct hw_access *a, const struct insn *insn, u32 *units)
{
    struct io_access io = { 0 };
    struct insn_block b;
    enum hw_place from, to;
    u64 source, destination;

    if (!block_shape(a, insn, &b))
        return INSN_UNHANDLED;
    *units = min(hw_units_in_page(b.source, b.size, b.down, b.count),
                 hw_units_in_page(b.destination, b.size, b.down, b.count));
    if (*units < 2 || hw_access_translate(a, b.source, b.size, 0, &source) != INSN_DONE ||
        hw_access_translate(a, b.destination, b.size, PFEC_WRITE, &destination) != INSN_DONE)
        return INSN_UNHANDLED;
    from = hw_place(a->v, source);
    to = hw_place(a->v, destination);
    if (!(from == PLACE_RAM && to == PLACE_DEVICE) && !(from == PLACE_DEVICE && to == PLACE_RAM))
        return INSN_UNHANDLED;
    io = (struct io_access){ .address = from == PLACE_RAM ? destination : source, .count = *units, .size = b.size,
                             .data = from == PLACE_RAM ? source : destination, .write = from == PLACE_RAM,
                             .down = b.down };
    switch (hw_io(a->v, &io)) {
    case IO_DONE: return INSN_DONE;
    case IO_RETRY: return INSN_RETRY;
    default: return INSN_UNHANDLED;
    }
}

/* ---- The emulation */

/* One iteration, or a block of them, of a repeated instruction; else all of it. */
static enum insn_result step(struct hw_access *a, const struct insn *insn, bool *blocks)
{
    struct cpu_user_regs *regs = guest_regs();
    enum insn_result rc = INSN_UNHANDLED;
    u32 units = 1;

    if (*blocks)
        rc = block(a, insn, &units);
    if (rc == INSN_DONE) {
        insn_string_advance(insn, regs, units);
    } else if (rc == INSN_UNHANDLED) {
        *blocks = false;
        units = 1;
        rc = insn_emulate(insn, regs, &a->memory, regs->rip + insn->length);
    }
    if (rc == INSN_DONE)
        hw_io_next_unit(a->v, units);
    return rc;
}

/* F3 makes BSF and BSR other instructions, if the processor has those. */
static u8 features(const struct insn *insn)
{
    if (insn->opcode_map != 1 || (insn->opcode & 0xfe) != 0xbc || !insn->prefix_rep)
        return 0;
    return (cpuid(7, 0).b & 1u << 3 ? INSN_HAS_TZCNT : 0) | (cpuid(0x80000001, 0).c & 1u << 5 ? INSN_HAS_LZCNT : 0);
}

static void emulate(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    const struct insn *insn = hw_io_insn(v);
    enum insn_then then = INSN_REPEATS;
    enum insn_result rc = INSN_DONE;
    struct hw_access a;
    bool blocks = true;

    if (!insn) {
        unhandled(v, exit, NULL);
        return;
    }
    hw_access_begin(&a, v, exit->cpl);
    a.memory.features = features(insn);
    if (regs->rflags & X86_EFLAGS_TF || a.watching) {   /* each iteration may trap */
        to_hw(v)->io.units = HW_IO_UNITS - 1;
        blocks = false;
    }
    while (rc == INSN_DONE && then == INSN_REPEATS && to_hw(v)->io.units < HW_IO_UNITS) {
        rc = step(&a, insn, &blocks);
        then = insn_then(insn, regs);
    }
    hw_access_end(&a);
    if (rc == INSN_FAULT)
        hw_inject(v, a.fault.vector, a.fault.error, a.fault.cr2);
    else if (rc == INSN_UNHANDLED)
        unhandled(v, exit, insn);
    else if (rc == INSN_RETRY && !to_hw(v)->io.waiting)   /* left to the processor, whose translation may be an old one */
        container_ops->flush(v);
    else if (rc == INSN_DONE && then == INSN_REPEATS)
        container_between_units(v);
    else if (rc == INSN_DONE)
        container_advance_rip_by(v, then == INSN_JUMPED ? 0 : insn->length);
    if (rc == INSN_DONE)
        hw_watch_trap(v, a.hits);
}

/* Purpose: a guest-physical address is not mapped, or not for such an access. */
void hw_nested_fault(struct vcpu *v, struct exit *exit)
{
    gfn_t gfn = exit->nested.gpa >> PAGE_SHIFT;
    enum p2m_type type;
    mfn_t mfn = p2m_get(v->domain->p2m, gfn, &type, NULL);

    trace_untimed(TRC_HVM_NPF, TRACE_LONG(exit->nested.gpa), TRACE_LONG(mfn), (u32)exit->info[0], type);
    if (type == P2M_POD) {
        (void)pod_populate(v->domain, gfn);   /* not done yet: the guest comes again, when others have had their turn */
        return;
    }
    if (type == P2M_LOGDIRTY && exit->nested.write) {
        (void)p2m_change_type(v->domain->p2m, gfn, P2M_LOGDIRTY, P2M_RAM);
        return;
    }
    if (exit->nested.reserved) {
        domain_crash(v->domain, "v%u: reserved bits in its nested tables at %lx", v->id, (unsigned long)exit->nested.gpa);
        return;
    }
    if (p2m_type_writable(type) || (p2m_type_has_frame(type) && !exit->nested.write))
        return;   /* it has been mapped meanwhile */
    if (exit->nested.in_walk || exit->nested.fetch || container_ops->event_pending(v)) {
        domain_crash(v->domain, "v%u: %s at guest-physical %lx, where there is no memory", v->id,
                     exit->nested.in_walk ? "page tables" : exit->nested.fetch ? "code" : "an event's delivery",
                     (unsigned long)exit->nested.gpa);
        return;
    }
    hw_io_take_insn(v, exit->nested.code, exit->nested.bytes);
    emulate(v, exit);
}
