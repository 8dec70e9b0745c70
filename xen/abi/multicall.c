/* SPDX-License-Identifier: MIT */
/* multicall: a list of hypercalls for the price of one entry (public header xen/xen.h, struct multicall_entry). */
#include "abi/hypercall.h"
#include "dom/guest_access.h"
#include "trace/trace.h"

/* Carries out the entry at guest address va. 0; -EFAULT; -ERESTART: it stopped half-way, the entry in the guest's
 * memory says how to go on. */
static int run_entry(struct multicall_state *state, u64 va)
{
    struct multicall_entry call;
    long result;
    if (copy_arg_from(&call, va))
        return -EFAULT;
    if (call.op == __HYPERVISOR_multicall || call.op == __HYPERVISOR_iret) {
        result = -EINVAL;   /* the one would nest, the other would leave for user mode in the middle of the list */
    } else {
        memcpy(state->args, call.args, sizeof(call.args));
        if (unlikely(trace_on) && current->domain->row->privileged->trace_subcall)
            current->domain->row->privileged->trace_subcall(call.op, call.args);
        result = hypercall_dispatch(call.op, call.args);
    }
    if (state->preempted) {
        call.op = state->op;
        memcpy(call.args, state->args, sizeof(call.args));
        return copy_arg_to(va, &call) ? -EFAULT : -ERESTART;
    }
    return copy_to_guest_va(va + offsetof(struct multicall_entry, result), &result, sizeof(result));
}

/* Purpose: nr_calls entries at guest address list, one after the other; each gets its own result. 0; -EFAULT: an entry
 * cannot be read or written, those before it are done; -EINVAL: a list within a list. */
long hypercall_multicall(unsigned long list, unsigned long nr_calls_arg, unsigned long a3, unsigned long a4,
                         unsigned long a5, unsigned long a6)
{
    u32 nr_calls = (u32)nr_calls_arg;
    struct vcpu *v = current;
    struct multicall_state state = { .preempted = false };
    int rc = 0;
    if (v->multicall)
        return -EINVAL;
    v->multicall = &state;
    for (; nr_calls; nr_calls--, list += sizeof(struct multicall_entry)) {
        rc = run_entry(&state, list);
        if (rc)
            break;
        if (nr_calls > 1 && hypercall_preempt_check()) {
            rc = -ERESTART;
            nr_calls--;
            list += sizeof(struct multicall_entry);
            break;
        }
    }
    v->multicall = NULL;
    return rc == -ERESTART ? hypercall_continue(__HYPERVISOR_multicall, 2, list, (unsigned long)nr_calls) : rc;
}
