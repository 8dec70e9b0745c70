/* SPDX-License-Identifier: MIT */
/* Accesses of a guest to addresses where there is no memory that allows them: its local APIC's page; pages that are
 * read-only for it; devices. The instruction is emulated. */
#include "insn/emulate.h"
#include "modes/pvh/pvh.h"

struct access {
    struct vcpu *v;
    u32 user;                      /* PFEC_USER or 0 */
    bool faulted; u32 error; u64 cr2;
};

/* ---- What is at a guest-physical address; within one page */

static void apic_read(struct vcpu *v, u64 gpa, void *data, unsigned int size)
{
    u32 value = hw_apic_read(v, (u32)(gpa & ~PAGE_MASK & ~3UL)) >> 8 * (gpa & 3);

    memset(data, 0, size);
    memcpy(data, &value, min(size, 4u - (unsigned int)(gpa & 3)));
    ledger_charge(v, LEDGER_APIC);
}

/* Registers are written as whole aligned words, or not at all (APM vol. 2, 16.3.2). */
static void apic_write(struct vcpu *v, u64 gpa, const void *data, unsigned int size)
{
    u32 value;

    ledger_charge(v, LEDGER_APIC);
    if (size != 4 || (gpa & 3))
        return;
    memcpy(&value, data, 4);
    hw_apic_write(v, (u32)(gpa & ~PAGE_MASK), value);
}

static bool is_memory(struct vcpu *v, u64 gpa)
{
    enum p2m_type type;

    p2m_get(v->domain->p2m, gpa >> PAGE_SHIFT, &type, NULL);
    return p2m_type_has_frame(type);
}

/* The bytes of the largest access from gpa on with so many left. */
static unsigned int unit(unsigned int left)
{
    return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

static enum insn_result device_read(struct vcpu *v, u64 gpa, void *data, unsigned int size)
{
    struct io_access a;

    if (hw_apic_page(v, gpa)) {
        apic_read(v, gpa, data, size);
        return INSN_DONE;
    }
    if (is_memory(v, gpa) && hw_read_gpa(v->domain, gpa, data, size))
        return INSN_DONE;
    for (unsigned int done = 0; done < size; done += a.size) {
        a = (struct io_access){ .address = gpa + done, .count = 1, .size = (u8)unit(size - done) };
        if (hw_io(v, &a) == IO_RETRY)
            return INSN_RETRY;
        memcpy((char *)data + done, &a.data, a.size);
    }
    return INSN_DONE;
}

/* A page that is read-only keeps what it has. */
static enum insn_result device_write(struct vcpu *v, u64 gpa, const void *data, unsigned int size)
{
    struct io_access a;

    if (hw_apic_page(v, gpa)) {
        apic_write(v, gpa, data, size);
        return INSN_DONE;
    }
    if (is_memory(v, gpa)) {
        (void)hw_write_gpa(v->domain, gpa, data, size);
        return INSN_DONE;
    }
    for (unsigned int done = 0; done < size; done += a.size) {
        a = (struct io_access){ .address = gpa + done, .count = 1, .size = (u8)unit(size - done), .write = true };
        memcpy(&a.data, (const char *)data + done, a.size);
        if (hw_io(v, &a) == IO_RETRY)
            return INSN_RETRY;
    }
    return INSN_DONE;
}

/* ---- The emulator's memory */

static enum insn_result translate(struct access *a, u64 va, u32 access, u64 *gpa)
{
    if (hw_translate(a->v, va, access | a->user, gpa, &a->error))
        return INSN_DONE;
    a->faulted = true;
    a->cr2 = va;
    return INSN_FAULT;
}

static unsigned int first_part(u64 va, unsigned int size)
{
    return (unsigned int)min((u64)size, PAGE_SIZE - (va & ~PAGE_MASK));
}

static enum insn_result read(void *context, u64 va, void *data, unsigned int size)
{
    struct access *a = context;
    unsigned int part = first_part(va, size);
    enum insn_result rc;
    u64 gpa, gpa2 = 0;

    if (translate(a, va, 0, &gpa) != INSN_DONE || (part < size && translate(a, va + part, 0, &gpa2) != INSN_DONE))
        return INSN_FAULT;
    rc = device_read(a->v, gpa, data, part);
    if (rc == INSN_DONE && part < size)
        rc = device_read(a->v, gpa2, (char *)data + part, size - part);
    return rc;
}

static enum insn_result write(void *context, u64 va, const void *data, unsigned int size)
{
    struct access *a = context;
    unsigned int part = first_part(va, size);
    enum insn_result rc;
    u64 gpa, gpa2 = 0;

    if (translate(a, va, PFEC_WRITE, &gpa) != INSN_DONE ||
        (part < size && translate(a, va + part, PFEC_WRITE, &gpa2) != INSN_DONE))
        return INSN_FAULT;
    rc = device_write(a->v, gpa, data, part);
    if (rc == INSN_DONE && part < size)
        rc = device_write(a->v, gpa2, (const char *)data + part, size - part);
    return rc;
}

/* Nobody but this vCPU sees the place: its own APIC, a page it cannot write to, or nothing. */
static enum insn_result compare_exchange(void *context, u64 va, u64 *old, u64 value, unsigned int size)
{
    u64 seen = 0;
    enum insn_result rc = read(context, va, &seen, size);

    if (rc == INSN_DONE && seen == *old)
        rc = write(context, va, &value, size);
    *old = seen;
    return rc;
}

/* ---- Faults */

static void unhandled(struct vcpu *v, const struct exit *exit)
{
    u64 rip = guest_regs()->rip;
    struct container_segment cs;
    u8 bytes[INSN_MAX];
    size_t n;

    container_ops->get_segment(v, SEGMENT_CS, &cs);
    n = hw_fetch(v, container_mode(v) == MODE_64 ? rip : cs.base + rip, bytes, to_hw(v)->io.insn.length);
    printk("%s v%u: instruction", v->domain->name_for_log, v->id);
    for (size_t i = 0; i < n; i++)
        printk(" %02x", bytes[i]);
    printk(" at %lx reaches %lx, and is not one that is emulated\n", (unsigned long)rip,
           (unsigned long)exit->nested.gpa);
    hw_inject(v, TRAP_UD, 0, 0);
}

static void emulate(struct vcpu *v, struct exit *exit)
{
    struct cpu_user_regs *regs = guest_regs();
    struct access a = { .v = v, .user = exit->cpl == 3 ? PFEC_USER : 0 };
    struct insn_fault fault;
    struct insn_memory memory = {
        .context = &a, .read = read, .write = write, .cmpxchg = compare_exchange, .fault = &fault,
    };
    bool long_mode = container_mode(v) == MODE_64;
    const struct insn *insn = hw_io_insn(v);
    struct container_segment segment;
    enum insn_result rc;

    if (!insn)
        return;
    for (unsigned int i = 0; i < 6; i++) {
        container_ops->get_segment(v, (enum container_segment_id)i, &segment);
        memory.segment_base[i] = !long_mode || i >= SEGMENT_FS ? segment.base : 0;
    }
    do {
        rc = insn_emulate(insn, regs, &memory, regs->rip + insn->length);
        if (rc == INSN_DONE && insn_then(insn, regs) != INSN_REPEATS) {
            container_advance_rip_by(v, insn_then(insn, regs) == INSN_JUMPED ? 0 : insn->length);
            return;
        }
        if (rc == INSN_DONE)
            hw_io_next_unit(v, 1);
    } while (rc == INSN_DONE && to_hw(v)->io.units < HW_IO_UNITS);
    if (rc == INSN_FAULT && a.faulted)
        hw_inject(v, TRAP_PF, a.error, a.cr2);
    else if (rc == INSN_FAULT)
        hw_inject(v, fault.vector, fault.error, 0);
    else if (rc == INSN_UNHANDLED)
        unhandled(v, exit);
}

/* Purpose: a guest-physical address is not mapped, or not for such an access. */
void hw_nested_fault(struct vcpu *v, struct exit *exit)
{
    gfn_t gfn = exit->nested.gpa >> PAGE_SHIFT;
    enum p2m_type type;

    p2m_get(v->domain->p2m, gfn, &type, NULL);
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
    if (exit->nested.in_walk || exit->nested.fetch) {
        domain_crash(v->domain, "v%u: %s at guest-physical %lx, where there is no memory", v->id,
                     exit->nested.fetch ? "code" : "page tables", (unsigned long)exit->nested.gpa);
        return;
    }
    emulate(v, exit);
}
