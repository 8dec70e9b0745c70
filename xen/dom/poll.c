/* SPDX-License-Identifier: MIT */
/* SCHEDOP_poll: a vCPU sleeps until one of some event ports is pending, without taking the event. */
#include <xen/sched.h>

#include "abi/event.h"
#include "dom/guest_access.h"
#include "dom/sched.h"

#define MAX_POLL_PORTS 128

/* The vCPU is about to sleep: is there something already? 1: yes. -EFAULT; -EINVAL: no such port. */
static int something_pending(struct vcpu *v, const evtchn_port_t *ports, unsigned int n)
{
    /* Woken since the flags were set, perhaps by one who saw only some of them. */
    if (ACCESS_ONCE(v->poll_evtchn) == 0 || !test_bit(v->id, v->domain->poll_mask))
        return 1;
    if (v->domain->row->interrupts->pending(v))
        return 1;
    for (unsigned int i = 0; i < n; i++)
        if (evtchn_port_pending(v->domain, ports[i]))
            return 1;
    return 0;
}

static int read_ports(const struct sched_poll *poll, evtchn_port_t *ports)
{
    if (poll->nr_ports > MAX_POLL_PORTS)
        return -EINVAL;
    if (poll->nr_ports && copy_from_guest(ports, poll->ports, poll->nr_ports))
        return -EFAULT;
    for (unsigned int i = 0; i < poll->nr_ports; i++)
        if (!evtchn_port_valid(current->domain, ports[i]))
            return -EINVAL;
    return 0;
}

/* Purpose: current sleeps until a port of the list is pending, an event is to be delivered, or system time
 * poll->timeout (ns; 0: no limit) has come. 0; -EINVAL: more than 128 ports, or an invalid one; -EFAULT: the list
 * cannot be read. */
long vcpu_poll(const struct sched_poll *poll)
{
    evtchn_port_t ports[MAX_POLL_PORTS];
    struct vcpu *v = current;
    int rc = read_ports(poll, ports);

    if (rc)
        return rc;
    set_bit(VPF_BLOCKED, &v->pause_flags);
    ACCESS_ONCE(v->poll_evtchn) = poll->nr_ports == 1 ? (int)ports[0] : -1;
    set_bit(v->id, v->domain->poll_mask);
    rc = something_pending(v, ports, poll->nr_ports);
    if (rc) {
        ACCESS_ONCE(v->poll_evtchn) = 0;
        clear_bit(v->id, v->domain->poll_mask);
        clear_bit(VPF_BLOCKED, &v->pause_flags);
        return 0;
    }
    if (poll->timeout) {
        timer_migrate(&v->poll_timer, smp_processor_id());
        timer_set(&v->poll_timer, poll->timeout);
    } else if (v->poll_timer.status == TIMER_IN_HEAP)
        timer_stop(&v->poll_timer);   /* of an earlier poll that an event ended */
    raise_softirq(SOFTIRQ_SCHEDULE);
    return 0;
}

void vcpu_poll_expired(void *vcpu)
{
    struct vcpu *v = vcpu;

    if (test_and_clear_bit(v->id, v->domain->poll_mask))
        vcpu_unblock(v);
}
