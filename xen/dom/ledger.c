/* SPDX-License-Identifier: MIT */
/* The ledger of a domain, summed over its vCPUs: event by event, and on the console. */
#include "cpu/time.h"
#include "dom/domain.h"

#define LEDGER_ROW(column, symbol, name) { COLUMN_##column, name },
const struct ledger_name ledger_names[NR_LEDGER_EVENTS] = { LEDGER_EVENTS(LEDGER_ROW) };
#undef LEDGER_ROW
const char *const column_names[NR_COLUMNS] = { "privileged", "platform", "interrupts", "io" };

struct ledger_cell ledger_sum(const struct domain *d, enum ledger_event event)
{
    struct ledger_cell sum = { 0, 0 };
    const struct vcpu *v;

    for_each_vcpu(d, v) {
        sum.count += v->ledger.cell[event].count;
        sum.ticks += v->ledger.cell[event].ticks;
    }
    return sum;
}

u64 ledger_sum_kind(const struct domain *d, unsigned int kind)
{
    u64 sum = 0;
    const struct vcpu *v;

    for_each_vcpu(d, v)
        sum += v->ledger.kinds[kind];
    return sum;
}

void ledger_each(const struct domain *d, ledger_line_fn *line, void *context)
{
    for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++) {
        struct ledger_cell cell = ledger_sum(d, event);

        if (cell.count || cell.ticks)
            line(context, column_names[ledger_names[event].column], ledger_names[event].name, cell.count, &cell.ticks);
    }
    for (unsigned int kind = 0; kind < NR_LEDGER_KINDS; kind++) {
        u64 count = ledger_sum_kind(d, kind);
        struct ledger_kind is;

        if (!count)
            continue;
        ledger_name_kind(kind, &is);
        line(context, column_names[is.column], is.name, count, NULL);
    }
}

static void dump_line(void *unused, const char *column, const char *name, u64 count, const u64 *ticks)
{
    if (ticks)
        printk("  %-10s %-22s %12lu %16lu\n", column, name, count, *ticks);
    else
        printk("  %-10s %-22s %12lu\n", column, name, count);
}

void ledger_dump(const struct domain *d)
{
    printk("Ledger of %s (%s): column, event, count, TSC ticks\n", d->name_for_log, d->is_idle ? "idle" : d->row->name);
    ledger_each(d, dump_line, NULL);
}
