/* SPDX-License-Identifier: MIT */
/* The record of a domain's movements along the spectrum. One lock for all domains, since changes are rare. A guest can
 * make as many as it likes: the ring forgets the oldest, and the console is told of the first ones only. */
#include "dom/domain.h"
#include "modes/spectrum_change.h"

static struct spinlock log_lock = SPINLOCK_INIT(RANK_MODE_LOG);

static bool repeats_last(const struct mode_log *log, const struct mode_change *new)
{
    const struct mode_change *last = &log->change[(log->total - 1) % MODE_LOG_SIZE];

    return log->total && new->from == new->to && last->column == new->column && strcmp(last->reason, new->reason) == 0;
}

/* True if the console is to be told. log_lock held. */
static bool append(struct mode_log *log, const struct mode_change *new)
{
    if (repeats_last(log, new))
        return false;
    log->change[log->total % MODE_LOG_SIZE] = *new;
    return log->total++ < MODE_LOG_SIZE;
}

static struct mode_change make(const struct domain *d, enum column c, const char *reason)
{
    struct mode_change change = { .when = system_time() - d->created, .column = (u8)c };

    strlcpy(change.reason, reason, sizeof(change.reason));
    return change;
}

static void say(const struct domain *d, const struct mode_change *change)
{
    printk("%s: %s %s -> %s: %s\n", d->name_for_log, column_names[change->column], answer_name(change->from),
           answer_name(change->to), change->reason);
}

void mode_record(struct domain *d, enum column c, enum answer from, enum answer to, const char *reason)
{
    struct mode_change change = make(d, c, reason);
    unsigned long flags;
    bool tell;

    change.from = (u8)from;
    change.to = (u8)to;
    flags = spin_lock_irqsave(&log_lock);
    tell = append(&d->mode_log, &change);
    spin_unlock_irqrestore(&log_lock, flags);
    if (tell)
        say(d, &change);
}

/* What a guest uses before anything was seen of it: an emulated PC offers all that a PC has, whatever else the row does. */
static enum answer first_used(const struct row *row, enum column c)
{
    bool of_platform = c == COLUMN_INTERRUPTS || c == COLUMN_IO;

    return row_answer(row, of_platform && row->platform->answer == ANSWER_EMU ? COLUMN_PLATFORM : c);
}

void mode_note(struct domain *d, enum column c, const char *reason)
{
    struct mode_change change = make(d, c, reason);
    struct mode_log *log = &d->mode_log;
    unsigned long flags;
    bool tell;

    change.to = (u8)row_answer(d->row, c);
    flags = spin_lock_irqsave(&log_lock);
    change.from = log->in_use[c] ? log->in_use[c] - 1 : (u8)first_used(d->row, c);
    log->in_use[c] = change.to + 1;
    tell = append(log, &change);
    spin_unlock_irqrestore(&log_lock, flags);
    if (tell)
        say(d, &change);
}

bool mode_log_get(const struct domain *d, u32 n, struct mode_change *change)
{
    const struct mode_log *log = &d->mode_log;
    unsigned long flags = spin_lock_irqsave(&log_lock);
    bool kept = n < log->total && log->total - n <= MODE_LOG_SIZE;

    if (kept)
        *change = log->change[n % MODE_LOG_SIZE];
    spin_unlock_irqrestore(&log_lock, flags);
    return kept;
}
