/* SPDX-License-Identifier: MIT */
/* /mode in the hypervisor file system: of each domain its row, the answer in each column, its ledger and marks. A row or an
 * answer that is written before the domain's first instruction takes effect, or is refused with a line that says why. */
#include "abi/hypfs.h"
#include "dom/domain.h"
#include "modes/spectrum_change.h"

static const enum column columns[NR_COLUMNS] = { COLUMN_PRIVILEGED, COLUMN_PLATFORM, COLUMN_INTERRUPTS, COLUMN_IO };

static bool next_domain(u32 *id)
{
    struct domain *d;
    bool found = false;

    spin_lock(&domlist_lock);
    list_for_each(d, &domain_list, list)
        if (d->id >= *id && ACCESS_ONCE(d->refs)) {
            *id = d->id;
            found = true;
            break;
        }
    spin_unlock(&domlist_lock);
    return found;
}

static struct domain *get(u32 id)
{
    return id < DOMID_FIRST_RESERVED ? domain_get((domid_t)id) : NULL;
}

static int give(struct hypfs_out *out, const char *text)
{
    hypfs_text(out, "%s", text);
    hypfs_end_text(out);
    return 0;
}

static int read_row(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    struct domain *d = get(id);
    int rc = d ? give(out, d->row->name) : -ENOENT;

    if (d)
        domain_put(d);
    return rc;
}

static int read_column(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    struct domain *d = get(id);
    int rc = d ? give(out, answer_name(row_answer(d->row, *(const enum column *)node->value))) : -ENOENT;

    if (d)
        domain_put(d);
    return rc;
}

/* ---- The ledger: charges by column and event, what they were of, then what changed and when */

static void put_charge(void *out, const char *column, const char *name, u64 count, const u64 *ticks)
{
    hypfs_text(out, "%-10s %-22s %12lu %16lu\n", column, name, count, ticks ? *ticks : 0UL);
}

static void put_charges(const struct domain *d, struct hypfs_out *out)
{
    hypfs_text(out, "%-10s %-22s %12s %16s\n", "column", "event", "count", "TSC ticks");
    ledger_each(d, put_charge, out);
}

static void put_changes(const struct domain *d, struct hypfs_out *out)
{
    u32 total = ACCESS_ONCE(d->mode_log.total), first = total > MODE_LOG_SIZE ? total - MODE_LOG_SIZE : 0;
    struct mode_change change;

    hypfs_text(out, "changes: %u\n", total);
    for (u32 n = first; n < total; n++)
        if (mode_log_get(d, n, &change))
            hypfs_text(out, "%14lu ns  %-10s %s -> %s: %s\n", change.when, column_names[change.column],
                       answer_name(change.from), answer_name(change.to), change.reason);
}

static int read_ledger(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    struct domain *d = get(id);

    if (!d)
        return -ENOENT;
    put_charges(d, out);
    put_changes(d, out);
    hypfs_end_text(out);
    domain_put(d);
    return 0;
}

/* ---- Changes */

static int refuse(const struct domain *d, const char *file, const char *text, const char *why)
{
    printk("%s: %s \"%s\" refused: %s\n", d->name_for_log, file, text, why);
    return -EINVAL;
}

static int set_row(struct domain *d, const char *text, const char **why)
{
    for (unsigned int i = 0; i < NR_ROWS; i++)
        if (strcmp(spectrum[i].name, text) == 0)
            return row_change(d, &spectrum[i], why);
    *why = "there is no such row";
    return -EINVAL;
}

static int set_column(struct domain *d, enum column c, const char *text, const char **why)
{
    for (unsigned int a = 0; a < NR_ANSWERS; a++)
        if (strcmp(answer_name(a), text) == 0)
            return row_change_column(d, c, a, why);
    *why = "the answers are pv, hw and emu";
    return -EINVAL;
}

/* value: the column; NULL: the row as a whole */
static int write_mode(const struct hypfs_node *node, u32 id, const char *text)
{
    const enum column *c = node->value;
    struct domain *d = get(id);
    const char *why;
    int rc;

    if (!d)
        return -ENOENT;
    rc = c ? set_column(d, *c, text, &why) : set_row(d, text, &why);
    if (rc)
        rc = refuse(d, node->name, text, why);
    domain_put(d);
    return rc;
}

#define COLUMN_FILE(n, c) { .name = (n), .type = XEN_HYPFS_TYPE_STRING, .max_write = 16, .read = read_column, \
                            .write = write_mode, .value = &columns[c] }

static const struct hypfs_node files[] = {
    COLUMN_FILE("interrupts", COLUMN_INTERRUPTS),
    COLUMN_FILE("io", COLUMN_IO),
    { .name = "ledger", .type = XEN_HYPFS_TYPE_STRING, .read = read_ledger },
    { .name = "marks", .type = XEN_HYPFS_TYPE_STRING, .read = spectrum_read_marks },
    COLUMN_FILE("platform", COLUMN_PLATFORM),
    COLUMN_FILE("privileged", COLUMN_PRIVILEGED),
    { .name = "row", .type = XEN_HYPFS_TYPE_STRING, .max_write = 16, .read = read_row, .write = write_mode },
    { }
};

static const struct hypfs_node mode = {
    .name = "mode", .type = XEN_HYPFS_TYPE_DIR, .children = files, .next = next_domain,
};

void spectrum_fs_init(void)
{
    hypfs_add(&mode);
}
