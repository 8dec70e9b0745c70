/* SPDX-License-Identifier: MIT */
// modes: control pv pvh64 pvh32 pvh32np
/* Event channels of every kind, asked what they are: unbound, between two ports of the kernel's own, virtual interrupts, IPIs;
 * bound to another vCPU, sent, unmasked, closed. What is no port, no vCPU, no virtual interrupt. */
#include <xen/event_channel.h>

#include "lib/guest.h"

#define NO_PORT 0x100000u

static domid_t self;
static struct evtchn_status status;

static long status_of(evtchn_port_t port)
{
    status = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
    return CALL2(event_channel_op, EVTCHNOP_status, &status);
}

static void is(const char *what, evtchn_port_t port, u32 kind)
{
    EXPECT(what, status_of(port), 0);
    EXPECT(what, status.status, kind);
    EXPECT(what, status.vcpu, 0);
}

static long close_port(evtchn_port_t port)
{
    struct evtchn_close op = { .port = port };

    return CALL2(event_channel_op, EVTCHNOP_close, &op);
}

static long send(evtchn_port_t port)
{
    struct evtchn_send op = { .port = port };

    return CALL2(event_channel_op, EVTCHNOP_send, &op);
}

static long bind_vcpu(evtchn_port_t port, u32 vcpu)
{
    struct evtchn_bind_vcpu op = { .port = port, .vcpu = vcpu };

    return CALL2(event_channel_op, EVTCHNOP_bind_vcpu, &op);
}

static bool pending(evtchn_port_t port)
{
    const unsigned int bits = 8 * sizeof(unsigned long);

    return __atomic_fetch_and(&shared_info_page()->evtchn_pending[port / bits], ~(1ul << port % bits), __ATOMIC_SEQ_CST)
           >> port % bits & 1;
}

static void between_ports(void)
{
    struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
    struct evtchn_bind_interdomain bind = { 0 };

    EXPECT("alloc_unbound", CALL2(event_channel_op, EVTCHNOP_alloc_unbound, &alloc), 0);
    is("unbound", alloc.port, EVTCHNSTAT_unbound);
    EXPECT("for whom", status.u.unbound.dom, self);
    EXPECT("sending there", send(alloc.port), 0);
    EXPECT("nothing comes", pending(alloc.port), false);
    bind.remote_dom = DOMID_SELF;
    bind.remote_port = alloc.port;
    EXPECT("bind_interdomain", CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &bind), 0);
    is("bound", alloc.port, EVTCHNSTAT_interdomain);
    EXPECT("to whom", status.u.interdomain.dom, self);
    EXPECT("to which port", status.u.interdomain.port, bind.local_port);
    is("the other end", bind.local_port, EVTCHNSTAT_interdomain);
    EXPECT("its other end", status.u.interdomain.port, alloc.port);
    (void)pending(alloc.port);
    EXPECT("sending", send(bind.local_port), 0);
    EXPECT("it comes", pending(alloc.port), true);
    EXPECT("binding it again", CALL2(event_channel_op, EVTCHNOP_bind_interdomain, &bind) < 0, true);
    EXPECT("to the vCPU where it is", bind_vcpu(alloc.port, 0), 0);
    EXPECT("to no vCPU", bind_vcpu(alloc.port, 77), -XEN_ENOENT);
    EXPECT("close", close_port(bind.local_port), 0);
    is("closed", bind.local_port, EVTCHNSTAT_closed);
    is("its other end", alloc.port, EVTCHNSTAT_unbound);
    EXPECT("close", close_port(alloc.port), 0);
}

static void virtual_interrupts(void)
{
    struct evtchn_bind_virq virq = { .virq = VIRQ_DEBUG };
    struct evtchn_bind_ipi ipi = { .vcpu = 0 };
    struct evtchn_unmask unmask;

    EXPECT("bind_virq", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq), 0);
    is("a virtual interrupt", virq.port, EVTCHNSTAT_virq);
    EXPECT("which", status.u.virq, VIRQ_DEBUG);
    EXPECT("sending it", send(virq.port), -XEN_EINVAL);
    EXPECT("binding it again", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq), -XEN_EEXIST);
    virq.virq = 99;
    EXPECT("no virtual interrupt", CALL2(event_channel_op, EVTCHNOP_bind_virq, &virq), -XEN_EINVAL);
    EXPECT("close", close_port(virq.port), 0);
    EXPECT("bind_ipi", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
    is("an IPI", ipi.port, EVTCHNSTAT_ipi);
    EXPECT("sending it", send(ipi.port), 0);
    EXPECT("it comes", pending(ipi.port), true);
    EXPECT("to another vCPU", bind_vcpu(ipi.port, 0), -XEN_EINVAL);
    unmask.port = ipi.port;
    EXPECT("unmask", CALL2(event_channel_op, EVTCHNOP_unmask, &unmask), 0);
    unmask.port = NO_PORT;
    EXPECT("unmask of no port", CALL2(event_channel_op, EVTCHNOP_unmask, &unmask), -XEN_EINVAL);
    EXPECT("close", close_port(ipi.port), 0);
    ipi.vcpu = 77;
    EXPECT("an IPI of no vCPU", CALL2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), -XEN_ENOENT);
}

static void none(void)
{
    EXPECT("status of no port", status_of(NO_PORT), -XEN_EINVAL);
    EXPECT("sending to no port", send(NO_PORT), -XEN_EINVAL);
    EXPECT("close of no port", close_port(NO_PORT), -XEN_EINVAL);
    EXPECT("no port to a vCPU", bind_vcpu(NO_PORT, 0), -XEN_EINVAL);
    EXPECT("an unknown operation", CALL2(event_channel_op, 99, &status), -XEN_ENOSYS);
    status.dom = 0x6ffe;
    EXPECT("status of nobody's", CALL2(event_channel_op, EVTCHNOP_status, &status), -XEN_ESRCH);
}

void test_main(void)
{
    self = own_domid();
    between_ports();
    virtual_interrupts();
    none();
}
