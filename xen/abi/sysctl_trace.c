/* SPDX-License-Identifier: MIT */
/* sysctl: trace buffers, and the counts of the ledger as performance counters. */
#include "abi/control.h"
#include "dom/guest_access.h"
#include "trace/trace.h"

static long do_tbuf(struct xen_sysctl *op)
{
    struct xen_sysctl_tbuf_op *t = &op->u.tbuf_op;
    mfn_t mfn;
    u64 cpus;

    switch (t->cmd) {
    case XEN_SYSCTL_TBUFOP_get_info:
        trace_get_info(&mfn, &t->size);
        t->buffer_mfn = mfn;
        t->evt_mask = trace_event_mask();
        return 0;
    case XEN_SYSCTL_TBUFOP_set_cpu_mask:
        if (bitmap_from_guest(&cpus, &t->cpu_mask))
            return -EFAULT;
        trace_set_cpu_mask(cpus);
        return 0;
    case XEN_SYSCTL_TBUFOP_set_evt_mask:
        trace_set_event_mask(t->evt_mask);
        return 0;
    case XEN_SYSCTL_TBUFOP_set_size:
        return trace_set_size(t->size);
    case XEN_SYSCTL_TBUFOP_enable:
        return trace_enable();
    case XEN_SYSCTL_TBUFOP_disable:
        trace_disable();
        return 0;
    default:
        return -EINVAL;
    }
}

/* ---- Performance counters: one for each event of the ledger, one value for each CPU */

static int copy_names(const struct xen_sysctl_perfc_op *p)
{
    struct xen_sysctl_perfc_desc desc;

    for (u32 event = 0; event < NR_LEDGER_EVENTS; event++) {
        memset(&desc, 0, sizeof(desc));
        snprintf(desc.name, sizeof(desc.name), "%s: %s", column_names[ledger_names[event].column],
                 ledger_names[event].name);
        desc.nr_vals = nr_cpus;
        if (copy_to_guest_offset(p->desc, event, &desc, 1))
            return -EFAULT;
    }
    return 0;
}

static int copy_values(const struct xen_sysctl_perfc_op *p)
{
    static u64 counts[NR_CPUS][NR_LEDGER_EVENTS];   /* control_lock */
    xen_sysctl_perfc_val_t values[NR_CPUS];

    ledger_by_cpu(counts);
    for (u32 event = 0; event < NR_LEDGER_EVENTS; event++) {
        for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
            values[cpu] = (xen_sysctl_perfc_val_t)counts[cpu][event];
        if (copy_to_guest_offset(p->val, event * nr_cpus, values, nr_cpus))
            return -EFAULT;
    }
    return 0;
}

static long do_perfc(struct xen_sysctl *op)
{
    struct xen_sysctl_perfc_op *p = &op->u.perfc_op;

    if (p->cmd != XEN_SYSCTL_PERFCOP_reset && p->cmd != XEN_SYSCTL_PERFCOP_query)
        return -EINVAL;
    if (!guest_handle_is_null(p->desc) && copy_names(p))
        return -EFAULT;
    if (!guest_handle_is_null(p->val) && copy_values(p))
        return -EFAULT;
    if (p->cmd == XEN_SYSCTL_PERFCOP_reset)
        ledger_by_cpu_reset();
    p->nr_counters = NR_LEDGER_EVENTS;
    p->nr_vals = NR_LEDGER_EVENTS * nr_cpus;
    return 0;
}

const struct sysctl_handler sysctl_trace_handlers[] = {
    { XEN_SYSCTL_tbuf_op, BACK_SUCCESS, do_tbuf },
    { XEN_SYSCTL_perfc_op, BACK_SUCCESS, do_perfc },
    { }
};
