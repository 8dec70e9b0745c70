/* SPDX-License-Identifier: MIT */
/* Accesses of a guest in a container to devices: the platform's own, then whoever serves its I/O, then nobody. */
#include "modes/pvh/pvh.h"

static enum io_result dispatch(struct vcpu *v, struct io_access *a)
{
    const struct row *row = v->domain->row;
    enum io_result result = IO_NOT_MINE;

    if (row->platform->access)
        result = row->platform->access(v, a);
    if (result == IO_NOT_MINE && row->io->access)
        result = row->io->access(v, a);
    if (result == IO_NOT_MINE && a->count == 1) {
        if (!a->write)
            a->data = io_ones(a->size);
        result = IO_DONE;
    }
    return result;
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
        return IO_DONE;
    }
    if (io->next == HW_IO_ACCESSES) {
        domain_crash(v->domain, "v%u: an instruction with more than %u accesses to devices", v->id, HW_IO_ACCESSES);
        return IO_RETRY;
    }
    io->answers = io->next;
    result = dispatch(v, a);
    if (result == IO_NOT_MINE)
        return result;
    io->answer[io->answers] = *a;
    if (result == IO_RETRY) {
        io->waiting = true;
    } else {
        io->answers++;
        io->next++;
    }
    return result;
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
    io->answers++;
    io->next = 0;
    hw_exit_again(v, &io->exit);
    return !io->waiting;
}
