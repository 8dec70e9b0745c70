/* SPDX-License-Identifier: MIT */
/* /mode/ID/marks in the hypervisor file system: what each marked operation cost and who paid, in TSC ticks. Of an
 * operation's lines the first, "all", is the whole; all others are its parts and add up to it. */
#include "abi/hypfs.h"
#include "dom/account.h"
#include "dom/domain.h"
#include "modes/spectrum_change.h"

#define LINE "%4u %-8s %-10s %-22s %12lu %16ld\n"

/* A domain's own instructions are what its time on CPUs has over its crossings; in two lines where its user mode is known. */
static u64 crossings(const struct paid *p)
{
    u64 ticks = 0;

    for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++)
        ticks += p->ledger.cell[event].ticks;
    return ticks;
}

static void put_domain(u32 mark, const char *owner, const struct paid *p, struct hypfs_out *out)
{
    u64 own = p->ticks - crossings(p), user = p->ledger.user;

    if (user) {
        hypfs_text(out, LINE, mark, owner, "-", "own-user", 0UL, (s64)user);
        hypfs_text(out, LINE, mark, owner, "-", "own-kernel", 0UL, (s64)(own - user));
    } else {
        hypfs_text(out, LINE, mark, owner, "-", "own", 0UL, (s64)own);
    }
    for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++) {
        const struct ledger_cell *cell = &p->ledger.cell[event];

        if (cell->count || cell->ticks)
            hypfs_text(out, LINE, mark, owner, column_names[ledger_names[event].column], ledger_names[event].name,
                       cell->count, (s64)cell->ticks);
    }
    for (unsigned int kind = 0; kind < NR_LEDGER_KINDS; kind++) {
        struct ledger_kind is;

        if (!p->ledger.kinds[kind])
            continue;
        ledger_name_kind(kind, &is);
        hypfs_text(out, LINE, mark, owner, column_names[is.column], is.name, p->ledger.kinds[kind], 0L);
    }
}

static void put_account(u32 mark, const struct account *a, struct hypfs_out *out)
{
    hypfs_text(out, LINE, mark, "all", "-", "-", a->brackets, (s64)a->ticks);
    put_domain(mark, "domain", &a->domain, out);
    put_domain(mark, "control", &a->control, out);
    hypfs_text(out, LINE, mark, "idle", "-", "-", 0UL, (s64)a->idle);
    hypfs_text(out, LINE, mark, "other", "-", "-", 0UL,
               (s64)(a->ticks - a->domain.ticks - a->control.ticks - a->idle));
}

int spectrum_read_marks(const struct hypfs_node *node, u32 id, struct hypfs_out *out)
{
    struct domain *d = id < DOMID_FIRST_RESERVED ? domain_get((domid_t)id) : NULL;
    struct account a;

    if (!d)
        return -ENOENT;
    hypfs_text(out, "%4s %-8s %-10s %-22s %12s %16s\n", "mark", "owner", "column", "event", "count", "TSC ticks");
    for (u32 mark = 0; mark < NR_ACCOUNTS; mark++)
        if (account_get(d, mark, &a))
            put_account(mark, &a, out);
    hypfs_end_text(out);
    domain_put(d);
    return 0;
}
