/* SPDX-License-Identifier: MIT */
/* A domain's row, changed before its first instruction. Nothing that the domain has is made again: two answers may stand
 * in for each other if they keep the same state, that is if they are made and freed by the same functions. */
#include "abi/control.h"
#include "modes/pvh/pvh.h"
#include "modes/spectrum_change.h"

enum answer row_answer(const struct row *row, enum column c)
{
    switch (c) {
    case COLUMN_PRIVILEGED: return row->privileged->answer;
    case COLUMN_PLATFORM: return row->platform->answer;
    case COLUMN_INTERRUPTS: return row->interrupts->answer;
    default: return row->io->answer;
    }
}

const char *answer_name(enum answer a)
{
    static const char *const names[NR_ANSWERS] = { [ANSWER_PV] = "pv", [ANSWER_HW] = "hw", [ANSWER_EMU] = "emu" };

    return names[a];
}

static bool same_platform(const struct platform_ops *a, const struct platform_ops *b)
{
    return a->domain_init == b->domain_init && a->domain_free == b->domain_free;
}

static bool same_interrupts(const struct interrupt_ops *a, const struct interrupt_ops *b)
{
    return a->vcpu_init == b->vcpu_init && a->vcpu_free == b->vcpu_free;
}

static bool same_io(const struct io_ops *a, const struct io_ops *b)
{
    return a->domain_init == b->domain_init && a->domain_free == b->domain_free && a->domain_stop == b->domain_stop &&
           a->vcpu_init == b->vcpu_init && a->vcpu_free == b->vcpu_free;
}

/* Why what was made for one row does not do for the other; NULL: it does. */
static const char *made_for_other(const struct row *from, const struct row *to)
{
    if (from->privileged != to->privileged)
        return from->privileged->container ? "it was made in a hardware container, with memory of its own numbering"
                                           : "it was made for ring 3, with memory and page tables of machine frames";
    if (!same_platform(from->platform, to->platform))
        return from->platform->answer == ANSWER_EMU ? "its firmware needs the emulated devices that it was created with"
                                                    : "it was created without emulated devices";
    if (!same_interrupts(from->interrupts, to->interrupts))
        return "its interrupts were set up for the other answer when it was created";
    if (!same_io(from->io, to->io))
        return "its I/O was set up for the other answer when it was created";
    return NULL;
}

static const char *too_late(const struct domain *d)
{
    if (d->dying != DOMDYING_ALIVE)
        return "it is being destroyed";
    return d->is_unpaused_once || d == hardware_domain ? "it has been started" : NULL;
}

static void record(struct domain *d, const struct row *from, const char *what, const char *to_what)
{
    char reason[MODE_REASON_MAX];

    snprintf(reason, sizeof(reason), "%s set to %s by the control domain", what, to_what);
    for (unsigned int c = 0; c < NR_COLUMNS; c++)
        if (row_answer(from, c) != row_answer(d->row, c))
            mode_record(d, c, row_answer(from, c), row_answer(d->row, c), reason);
}

/* Events that wait are told of by the answer that there is now. domain_lock held. */
static void tell_events(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (ACCESS_ONCE(v->vcpu_info->evtchn_upcall_pending))
            d->row->interrupts->upcall(v);
}

/* Purpose: the change itself. wanted: a row of the spectrum, or one that is made up, in the caller's memory. Others may be
 * sending events to d: whatever they read of its row is one answer or the other. */
static const char *change(struct domain *d, const struct row *wanted, bool made_up, const char *what, const char *to_what)
{
    const char *why;
    struct row before;

    spin_lock(&d->domain_lock);
    before = *d->row;
    why = too_late(d);
    if (!why)
        why = made_for_other(&before, wanted);
    if (!why && made_up) {
        struct row *own = &to_hw_domain(d)->own_row;

        *own = *wanted;
        smp_wmb();
        wanted = own;
    }
    if (!why) {
        ACCESS_ONCE(d->row) = wanted;
        smp_mb();
        tell_events(d);
    }
    spin_unlock(&d->domain_lock);
    if (!why)
        record(d, &before, what, to_what);
    return why;
}

static int refuse_if(const char *reason, const char **why)
{
    *why = reason;
    return reason ? -EINVAL : 0;
}

int row_change(struct domain *d, const struct row *wanted, const char **why)
{
    const char *refused = too_late(d);

    ASSERT(spin_is_locked(&control_lock));
    if (!refused)
        refused = row_refused(wanted);
    return refuse_if(refused ? refused : change(d, wanted, false, "row", wanted->name), why);
}

/* ---- One column */

static bool has_answers(const struct row *row, const enum answer mix[NR_COLUMNS])
{
    for (unsigned int c = 0; c < NR_COLUMNS; c++)
        if (row_answer(row, c) != mix[c])
            return false;
    return true;
}

static const struct row *named_row(const enum answer mix[NR_COLUMNS])
{
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (!row_refused(&spectrum[i]) && has_answers(&spectrum[i], mix))
            return &spectrum[i];
    return NULL;
}

/* A row that gives answer a in column c to a guest like d, whose table can be taken from it; NULL. */
static const struct row *row_with(const struct row *like, enum column c, enum answer a)
{
    for (unsigned int i = 0; i < NR_ROWS; i++) {
        const struct row *row = &spectrum[i];

        if (!row_refused(row) && row->privileged == like->privileged && same_platform(row->platform, like->platform) &&
            row_answer(row, c) == a)
            return row;
    }
    return NULL;
}

/* A row of its own for d: interrupts and I/O of a mix that has no name, each taken from where the spectrum has it. */
static bool make_up(const struct domain *d, const enum answer mix[NR_COLUMNS], struct row *row)
{
    const struct row *interrupts = row_with(d->row, COLUMN_INTERRUPTS, mix[COLUMN_INTERRUPTS]);
    const struct row *io = row_with(d->row, COLUMN_IO, mix[COLUMN_IO]);

    if (!interrupts || !io)
        return false;
    *row = (struct row){ "mixed", d->row->privileged, d->row->platform, interrupts->interrupts, io->io, NULL };
    return has_answers(row, mix);
}

int row_change_column(struct domain *d, enum column c, enum answer a, const char **why)
{
    enum answer mix[NR_COLUMNS];
    const struct row *named;
    const char *refused = too_late(d);
    struct row own;

    ASSERT(spin_is_locked(&control_lock));
    for (unsigned int i = 0; i < NR_COLUMNS; i++)
        mix[i] = row_answer(d->row, i);
    mix[c] = a;
    if (!refused)
        refused = mix_refused(mix);
    if (refused)
        return refuse_if(refused, why);
    named = named_row(mix);
    if (named)
        return refuse_if(change(d, named, false, column_names[c], answer_name(a)), why);
    if (!make_up(d, mix, &own))
        return refuse_if("no row of this build has such an answer", why);
    return refuse_if(change(d, &own, true, column_names[c], answer_name(a)), why);
}
