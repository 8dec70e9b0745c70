/* SPDX-License-Identifier: MIT */
/* Memory as an emulated instruction sees it: RAM, memory that is not for writing, its local APIC's page, devices. */
#include "modes/pvh/hw_access.h"

/* ---- What is at a guest-physical address; within one page */

enum hw_place hw_place(struct vcpu *v, u64 gpa)
{
    enum p2m_type type;

    if (hw_apic_page(v, gpa))
        return PLACE_APIC;
    p2m_get(v->domain->p2m, gpa >> PAGE_SHIFT, &type, NULL);
    return type == P2M_RAM || type == P2M_POD ? PLACE_RAM : p2m_type_has_frame(type) ? PLACE_OTHER_MEMORY : PLACE_DEVICE;
}

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

/* The bytes of the largest access from gpa on with so many left. */
static unsigned int unit(unsigned int left)
{
    return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

static enum insn_result device(struct vcpu *v, u64 gpa, void *data, unsigned int size, bool is_write)
{
    struct io_access io;

    for (unsigned int done = 0; done < size; done += io.size) {
        io = (struct io_access){ .address = gpa + done, .count = 1, .size = (u8)unit(size - done), .write = is_write };
        if (is_write)
            memcpy(&io.data, (char *)data + done, io.size);
        if (hw_io(v, &io) == IO_RETRY)
            return INSN_RETRY;
        if (!is_write)
            memcpy((char *)data + done, &io.data, io.size);
    }
    return INSN_DONE;
}

static enum insn_result read_part(struct vcpu *v, u64 gpa, void *data, unsigned int size)
{
    enum hw_place place = hw_place(v, gpa);

    if (place == PLACE_APIC) {
        apic_read(v, gpa, data, size);
        return INSN_DONE;
    }
    if (place != PLACE_DEVICE && hw_read_gpa(v->domain, gpa, data, size))
        return INSN_DONE;
    return device(v, gpa, data, size, false);
}

/* Memory that is not for writing keeps what it has. */
static enum insn_result write_part(struct vcpu *v, u64 gpa, const void *data, unsigned int size)
{
    enum hw_place place = hw_place(v, gpa);
    u8 copy[32];

    if (place == PLACE_APIC)
        apic_write(v, gpa, data, size);
    else if (place != PLACE_DEVICE)
        (void)hw_write_gpa(v->domain, gpa, data, size);
    else
        return device(v, gpa, memcpy(copy, data, size), size, true);
    return INSN_DONE;
}

/* ---- Linear addresses */

static unsigned int first_part(u64 va, unsigned int size)
{
    return (unsigned int)min((u64)size, PAGE_SIZE - (va & ~PAGE_MASK));
}

/* Alignment comes first: the page that an unaligned access goes on in does not matter then. */
enum insn_result hw_access_translate(struct hw_access *a, u64 va, unsigned int size, u32 access, u64 *gpa)
{
    u32 error;

    if (a->aligned_only && (va & (size - 1))) {
        a->fault = (struct insn_fault){ .vector = TRAP_AC, .has_error = true };
        return INSN_FAULT;
    }
    if (hw_translate(a->v, va, access | a->user, gpa, &error))
        return INSN_DONE;
    a->fault = (struct insn_fault){ .vector = TRAP_PF, .has_error = true, .error = error, .cr2 = va };
    return INSN_FAULT;
}

/* Both pages of an access that crosses into the next one, before either is touched. gpa[1] is right only then. */
static enum insn_result translate_all(struct hw_access *a, u64 va, unsigned int size, u32 access, u64 gpa[2])
{
    unsigned int part = first_part(va, size);
    enum insn_result rc = hw_access_translate(a, va, size, access, &gpa[0]);

    if (likely(part == size) || rc != INSN_DONE)
        return rc;
    return hw_access_translate(a, hw_access_wrap(a, va + part), 1, access, &gpa[1]);
}

static void watch(struct hw_access *a, u64 va, unsigned int size, bool is_write)
{
    if (unlikely(a->watching))
        a->hits |= hw_watch_hits(a->v, a->watching, va, size, is_write);
}

static enum insn_result read(void *context, u64 va, void *data, unsigned int size)
{
    struct hw_access *a = context;
    unsigned int part = first_part(va, size);
    u64 gpa[2];
    enum insn_result rc = translate_all(a, va, size, 0, gpa);

    watch(a, va, size, false);

    if (rc == INSN_DONE)
        rc = read_part(a->v, gpa[0], data, part);
    if (rc == INSN_DONE && part < size)
        rc = read_part(a->v, gpa[1], (char *)data + part, size - part);
    return rc;
}

static enum insn_result write(void *context, u64 va, const void *data, unsigned int size)
{
    struct hw_access *a = context;
    unsigned int part = first_part(va, size);
    u64 gpa[2];
    enum insn_result rc = translate_all(a, va, size, PFEC_WRITE, gpa);

    watch(a, va, size, true);
    if (rc == INSN_DONE)
        rc = write_part(a->v, gpa[0], data, part);
    if (rc == INSN_DONE && part < size)
        rc = write_part(a->v, gpa[1], (const char *)data + part, size - part);
    return rc;
}

static enum insn_result probe(void *context, u64 va, unsigned int size)
{
    u64 gpa[2];

    return translate_all(context, va, size, PFEC_WRITE, gpa);
}

/* Memory that the processor itself can change in one step is left to it: the instruction is begun anew. */
static bool processor_can(struct vcpu *v, u64 gpa)
{
    enum p2m_type type;

    p2m_get(v->domain->p2m, gpa >> PAGE_SHIFT, &type, NULL);
    return !hw_apic_page(v, gpa) && (p2m_type_writable(type) || type == P2M_LOGDIRTY || type == P2M_POD);
}

/* A device has been read already, and reading may change it: nobody compares it once more. */
static enum insn_result compare_exchange(void *context, u64 va, u64 *old, u64 value, unsigned int size)
{
    struct hw_access *a = context;
    u64 gpa[2];
    enum insn_result rc = translate_all(a, va, size, PFEC_WRITE, gpa);

    if (rc == INSN_DONE && first_part(va, size) == size && processor_can(a->v, gpa[0]))
        return INSN_RETRY;
    return rc == INSN_DONE ? write(a, va, &value, size) : rc;
}

static enum insn_result compare_exchange_16(void *context, u64 va, u64 old[2], const u64 value[2])
{
    struct hw_access *a = context;
    u64 seen[2], gpa[2];
    bool equal;
    enum insn_result rc = translate_all(a, va, 16, PFEC_WRITE, gpa);

    if (rc == INSN_DONE)
        rc = processor_can(a->v, gpa[0]) ? INSN_RETRY : read(a, va, seen, 16);
    if (rc != INSN_DONE)
        return rc;
    equal = seen[0] == old[0] && seen[1] == old[1];
    rc = write(a, va, equal ? value : seen, 16);
    if (rc == INSN_DONE)
        memcpy(old, seen, 16);
    return rc;
}

/* ---- An instruction */

static bool checks_alignment(struct vcpu *v, u8 cpl)
{
    return cpl == 3 && guest_regs()->rflags & X86_EFLAGS_AC && container_ops->get(v, CREG_CR0) & X86_CR0_AM;
}

void hw_access_begin(struct hw_access *a, struct vcpu *v, u8 cpl)
{
    enum container_mode mode = container_mode(v);

    *a = (struct hw_access){
        .v = v, .wide = mode == MODE_64, .user = cpl == 3 ? PFEC_USER : 0, .aligned_only = checks_alignment(v, cpl),
        .watching = hw_watching(v, false),
        .memory = {
            .context = a, .read = read, .write = write, .cmpxchg = compare_exchange, .segments = a->segments,
            .real_mode = mode == MODE_REAL, .fault = &a->fault, .cmpxchg16 = compare_exchange_16, .probe = probe,
            .get_vector = hw_get_vector, .set_vector = hw_set_vector,
        },
    };
    for (unsigned int i = mode == MODE_64 ? SEGMENT_FS : SEGMENT_ES; i <= SEGMENT_GS; i++)
        container_ops->get_segment(v, (enum container_segment_id)i, &a->segments[i]);
}

void hw_access_end(struct hw_access *a)
{
    if (a->fpu_in_memory)
        fpu_restore(a->v);
    a->fpu_in_memory = false;
}

u32 hw_units_in_page(u64 va, unsigned int size, bool down, u64 most)
{
    u64 at = va & ~PAGE_MASK, fit = down ? at / size + 1 : (PAGE_SIZE - at) / size;

    return at + size > PAGE_SIZE ? 0 : (u32)min(most, fit);
}
