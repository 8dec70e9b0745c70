/* SPDX-License-Identifier: MIT */
/* Accounts: who pays for an operation that a program in a guest brackets with marks. A mark is VMMCALL in user mode, which
 * reaches Prism in every row and no guest kernel in any; RAX says what for, RDI gives the operation a number.
 *
 * Two samples of the machine are taken, at the bracket's beginning and at its end, and their difference is added to the
 * operation's account: so nothing is spent on accounts while no mark is made. A sample is of one moment, at which every
 * CPU is some vCPU's. On a machine with one CPU the parts of an account add up to its whole to the last tick, if no
 * third domain ran; with more CPUs the samples of the others are as old as a crossing under way there. */
#ifndef PRISM_DOM_ACCOUNT_H
#define PRISM_DOM_ACCOUNT_H

#include "dom/ledger.h"

#define NR_ACCOUNTS 128     /* of a domain: operations with higher numbers have none */

enum mark { MARK_PROBE, MARK_BEGIN, MARK_END };   /* a probe does nothing: the program learns that it may */

/* Of a domain: TSC ticks that its vCPUs had a CPU, and of these what its crossings took, event by event; and what they were. */
struct paid {
    u64 ticks;
    struct ledger ledger;
};

/* A sample, a difference of samples, or a sum of differences. All fields are u64: they are added one like the other. */
struct account {
    u64 brackets;       /* how many differences there are in the sum */
    u64 ticks;          /* the whole: TSC ticks, all CPUs' */
    u64 idle;           /* CPUs had no vCPU to run; interrupts that came meanwhile included */
    struct paid domain, control;    /* who made the mark; the control domain, or 0 where that made it */
};

struct accounts;
struct domain;
struct vcpu;

/* Purpose: v == current has made a mark, the crossing under way. Interrupts on, no locks held. Takes memory from the heap
 * at a domain's first mark and at each operation's first; without it, as with any number out of range, an end without
 * its beginning, or a beginning before the end of another (which is then forgotten), there is no account. False: what is
 * no mark, and the instruction has its meaning in the row. */
bool account_mark(struct vcpu *v, u64 what, u64 operation);

/* d's account of one operation. False: it has none. Any context with interrupts on; d is referred to. */
bool account_get(struct domain *d, u32 operation, struct account *out);

void account_domain_free(struct domain *d);   /* last reference gone */

#endif
