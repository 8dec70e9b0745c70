/* SPDX-License-Identifier: MIT */
/* Accesses of a guest in a container to devices: the platform's own, then whoever serves its I/O, then nobody. */
#include "devmodel/devmodel.h"
#include "modes/pvh/pvh.h"
#include "trace/trace.h"

/* The column that answers is charged, not the exit that an access began with. Ports are named from the beginning. */
static void charge_io(struct vcpu *v, const struct io_access *a)
{
    if (!a->port)
        ledger_charge(v, LEDGER_DEVICE_MEMORY);
}

static enum io_result dispatch(struct vcpu *v, struct io_access *a)
{
    const struct row *row = v->domain->row;
    enum io_result result = IO_NOT_MINE;

    if (row->platform->access)
        result = row->platform->access(v, a);
    if (result != IO_NOT_MINE) {
        ledger_charge(v, LEDGER_PLATFORM_DEVICE);
        return result;
    }
    charge_io(v, a);
    if (row->io->access)
        result = row->io->access(v, a);
    if (result == IO_NOT_MINE && a->count == 1) {
        if (!a->write)
            a->data = io_ones(a->size);
        result = IO_DONE;
    }
    return result;
}

/* Address, in 64 bits if it takes them, and what went over; of a block, whose contents are in memory, the address alone. */
static void trace_access(const struct io_access *a)
{
    u32 event = a->port ? a->write ? TRC_HVM_IOPORT_WRITE : TRC_HVM_IOPORT_READ
                        : a->write ? TRC_HVM_IOMEM_WRITE : TRC_HVM_IOMEM_READ;
    u32 extra[3] = { TRACE_LONG(a->address) }, words = extra[1] ? 2 : 1;

    if (extra[1])
        event |= TRC_64_FLAG;
    if (a->count == 1)
        extra[words++] = (u32)a->data;
    trace_record(event, false, extra, words);
}

static bool same(const struct io_access *a, const struct io_access *b)
{
    return a->address == b->address && a->size == b->size && a->count == b->count && a->port == b->port &&
           a->write == b->write;
}

void hw_io_begin(struct vcpu *v)
{
    struct hw_io *io = &to_hw(v)->io;

    io->answers = io->next = 0;
    io->units = 0;
    io->fetched = false;
}

void hw_io_next_unit(struct vcpu *v, u32 units)
{
    struct hw_io *io = &to_hw(v)->io;

    io->answers = io->next = 0;
    io->units += units;
}

/* An access that is not the one it was at this point before (the guest has changed its page tables meanwhile) is made
 * anew, and so is what follows it. */
enum io_result hw_io(struct vcpu *v, struct io_access *a)
{
    struct hw_io *io = &to_hw(v)->io;
    enum io_result result;

    if (io->next < io->answers && same(&io->answer[io->next], a)) {
        a->data = io->answer[io->next++].data;
        charge_io(v, a);    /* the platform answers at once: nothing is done again for its sake */
        return IO_DONE;
    }
    if (io->next == HW_IO_ACCESSES) {
        domain_crash(v->domain, "v%u: an instruction with more than %u accesses to devices", v->id, HW_IO_ACCESSES);
        return IO_RETRY;
    }
    result = dispatch(v, a);
    if (result == IO_NOT_MINE)
        return result;    /* a block that nobody takes: the answer that waits is that of its first unit */
    io->answers = io->next;
    io->answer[io->answers] = *a;
    if (result == IO_RETRY) {
        io->waiting = true;
    } else {
        if (unlikely(trace_on))
            trace_access(a);
        io->answers++;
        io->next++;
    }
    return result;
}

void hw_io_invalidate(struct vcpu *v)
{
    struct hw_io *io = &to_hw(v)->io;

    hw_io_begin(v);
    io->answer[0] = (struct io_access){ .count = 1, .size = 4, .write = true };
    io->waiting = io->abandoned = devmodel_invalidate(v) == IO_RETRY;
}

const struct insn *hw_io_insn(struct vcpu *v)
{
    struct hw_io *io = &to_hw(v)->io;

    if (!io->fetched)
        io->fetched = container_fetch_insn(v, &io->insn) == 0;
    return io->fetched ? &io->insn : NULL;
}

void hw_io_take_insn(struct vcpu *v, const u8 *bytes, size_t n)
{
    struct hw_io *io = &to_hw(v)->io;

    if (!io->fetched && n)
        io->fetched = insn_decode(bytes, n, container_insn_mode(v), &io->insn) == 0;
}

bool hw_io_finish(struct vcpu *v)
{
    struct hw_io *io = &to_hw(v)->io;

    if (v->domain->row->io->finish(v, &io->answer[io->answers]) == IO_RETRY)
        return false;
    io->waiting = false;
    if (io->abandoned) {
        io->abandoned = false;
        return true;
    }
    if (unlikely(trace_on))
        trace_access(&io->answer[io->answers]);
    io->answers++;
    io->next = 0;
    hw_exit_again(v, &io->exit);
    return !io->waiting;
}
