/* SPDX-License-Identifier: MIT */
/* Accounts of marked operations: samples of who had the CPUs, and sums of their differences. */
#include "cpu/cpu.h"
#include "cpu/x86.h"
#include "dom/account.h"
#include "dom/domain.h"
#include "mem/frame.h"

struct accounts {
    struct spinlock lock;                   /* RANK_ACCOUNT; guards all that follows */
    u32 open;                               /* the operation whose beginning was marked; NR_ACCOUNTS: none */
    struct account start, end;              /* samples: of then; of the end, while it is added */
    struct account *of[NR_ACCOUNTS];        /* NULL until a bracket has ended; then there as long as the domain */
};

/* The lock is created with the rest, at the domain's first mark; two vCPUs may both make that. */
static struct accounts *accounts_of(struct domain *d)
{
    struct accounts *new;

    if (d->accounts)
        return d->accounts;
    new = xzalloc(struct accounts);
    if (!new)
        return NULL;
    spin_init(&new->lock, RANK_ACCOUNT);
    new->open = NR_ACCOUNTS;
    if (cmpxchg(&d->accounts, (struct accounts *)NULL, new))
        xfree(new);
    return d->accounts;
}

/* ---- Samples */

static u64 ran(const struct vcpu *v, u64 now)
{
    u64 ticks = ACCESS_ONCE(v->ran);

    return (s64)ticks < 0 ? ticks + now : ticks;    /* on a CPU: dom/domain.h */
}

/* Right too in a crossing under way, if now is where that began or was settled. */
static u64 ran_user(const struct vcpu *v, u64 now)
{
    u64 ticks = ACCESS_ONCE(v->ledger.user);

    return (s64)ticks < 0 ? ticks + now : ticks;
}

static void sample_domain(const struct domain *d, u64 now, struct paid *out)
{
    const struct vcpu *v;

    for_each_vcpu(d, v) {
        out->ticks += ran(v, now);
        out->ledger.user += ran_user(v, now);
        for (unsigned int event = 0; event < NR_LEDGER_EVENTS; event++) {
            out->ledger.cell[event].count += v->ledger.cell[event].count;
            out->ledger.cell[event].ticks += v->ledger.cell[event].ticks;
        }
        for (unsigned int kind = 0; kind < NR_LEDGER_KINDS; kind++)
            out->ledger.kinds[kind] += v->ledger.kinds[kind];
    }
}

static void sample(const struct domain *d, u64 now, struct account *out)
{
    memset(out, 0, sizeof(*out));
    out->ticks = now * nr_cpus;
    for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
        out->idle += ran(cpus[cpu].idle_vcpu, now);
    sample_domain(d, now, &out->domain);
    if (d != hardware_domain)
        sample_domain(hardware_domain, now, &out->control);
}

static void add_difference(struct account *sum, const struct account *from, const struct account *to)
{
    u64 *s = (u64 *)sum;
    const u64 *f = (const u64 *)from, *t = (const u64 *)to;

    _Static_assert(sizeof(*sum) % sizeof(u64) == 0, "an account is made of u64");
    for (unsigned int i = 0; i < sizeof(*sum) / sizeof(u64); i++)
        s[i] += t[i] - f[i];
}

/* ---- Marks */

/* Charges the crossing under way up to now; what is left of it lies within the bracket, and is charged to the mark too. */
static u64 settle(void)
{
    struct cpu_info *info = cpu_info();
    u64 now = rdtsc();

    info->ledger_cell->ticks += now - info->entry_tsc;
    if ((s64)current->ledger.user < 0)
        current->ledger.user -= now - info->entry_tsc;
    info->entry_tsc = now;
    return now;
}

static void begin(struct domain *d, u32 operation)
{
    struct accounts *a = accounts_of(d);
    unsigned long flags;

    if (!a)
        return;
    flags = spin_lock_irqsave(&a->lock);
    sample(d, settle(), &a->start);
    a->open = operation;
    spin_unlock_irqrestore(&a->lock, flags);
}

/* The bracket has ended where the crossing under way begins, of which nothing is charged yet. */
static void end(struct domain *d, u32 operation)
{
    struct accounts *a = d->accounts;
    struct account *spare;
    unsigned long flags;

    if (!a || ACCESS_ONCE(a->open) != operation)
        return;
    spare = ACCESS_ONCE(a->of[operation]) ? NULL : xzalloc(struct account);
    flags = spin_lock_irqsave(&a->lock);
    if (a->open == operation) {
        if (!a->of[operation]) {
            a->of[operation] = spare;
            spare = NULL;
        }
        if (a->of[operation]) {
            sample(d, cpu_info()->entry_tsc, &a->end);
            a->end.brackets = 1;
            add_difference(a->of[operation], &a->start, &a->end);
        }
        a->open = NR_ACCOUNTS;
    }
    spin_unlock_irqrestore(&a->lock, flags);
    xfree(spare);
}

bool account_mark(struct vcpu *v, u64 what, u64 operation)
{
    if (what > MARK_END)
        return false;
    ledger_charge(v, LEDGER_MARK);
    if (operation < NR_ACCOUNTS && what == MARK_BEGIN)
        begin(v->domain, (u32)operation);
    else if (operation < NR_ACCOUNTS && what == MARK_END)
        end(v->domain, (u32)operation);
    return true;
}

/* ---- Reading */

bool account_get(struct domain *d, u32 operation, struct account *out)
{
    struct accounts *a = ACCESS_ONCE(d->accounts);
    unsigned long flags;
    bool there;

    if (!a)
        return false;
    flags = spin_lock_irqsave(&a->lock);
    there = a->of[operation] != NULL;
    if (there)
        *out = *a->of[operation];
    spin_unlock_irqrestore(&a->lock, flags);
    return there;
}

void account_domain_free(struct domain *d)
{
    if (!d->accounts)
        return;
    for (unsigned int i = 0; i < NR_ACCOUNTS; i++)
        xfree(d->accounts->of[i]);
    xfree(d->accounts);
    d->accounts = NULL;
}
