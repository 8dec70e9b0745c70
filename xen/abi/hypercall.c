/* SPDX-License-Identifier: MIT */
/* Hypercalls by number, and hypercalls that are too long for once. A PV guest's entry code calls the handlers of its
 * row by itself (modes/pv/entry.S); hypercall_dispatch is for everybody else. */
#include "abi/hypercall.h"

long hypercall_dispatch(unsigned long number, const unsigned long args[6])
{
    struct vcpu *v = current;

    if (number >= HYPERCALL_COUNT)
        return -ENOSYS;
    ledger_count_kind(v, LEDGER_KIND_HYPERCALL, number);
    const struct hypercall *call = &v->domain->row->privileged->hypercalls[number];
    if (!call->fn)
        return -ENOSYS;
    return call->fn(args[0], args[1], args[2], args[3], args[4], args[5]);
}

/* The guest is taken back to its hypercall instruction, with registers as if it made the next, smaller call by itself.
 * So an interruption between the two halves needs no care, and nothing is kept in Prism that a guest could leave
 * behind. */
long hypercall_continue(unsigned long number, unsigned int nargs, ...)
{
    struct multicall_state *multicall = current->multicall;
    unsigned long args[6];
    va_list list;
    va_start(list, nargs);
    for (unsigned int i = 0; i < nargs; i++)
        args[i] = va_arg(list, unsigned long);
    va_end(list);
    if (multicall) {
        multicall->preempted = true;
        multicall->op = number;
        memcpy(multicall->args, args, nargs * sizeof(args[0]));
    } else {
        current->domain->row->privileged->hypercall_again(nargs, args);
    }
    return (long)number;   /* RAX of the next call */
}
