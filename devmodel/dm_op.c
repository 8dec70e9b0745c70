/* SPDX-License-Identifier: MIT */
/* HYPERVISOR_dm_op (public header xen/hvm/dm_op.h): what a device model asks for its guest. The operation comes in the
 * first of some buffers of the caller's and goes back there; others are named by the operation itself. */
#include <xen/sched.h>

#include "abi/hypercall.h"
#include "devmodel/server.h"
#include "dom/guest_access.h"

#define PCI_DEVICES 32
#define PCI_PINS 4
#define ISA_IRQS 16

/* ---- Servers */

static long do_create(struct dm_call *c)
{
    struct xen_dm_op_create_ioreq_server *q = &c->op.u.create_ioreq_server;

    if (q->pad[0] || q->pad[1] || q->pad[2])
        return -EINVAL;
    return server_create(c->d, q->handle_bufioreq, &q->id);
}

static long do_get_info(struct dm_call *c)
{
    return server_info(c->d, &c->op.u.get_ioreq_server_info);
}

static long do_map(struct dm_call *c)
{
    return server_map(c->d, &c->op.u.map_io_range_to_ioreq_server, true);
}

static long do_unmap(struct dm_call *c)
{
    return server_map(c->d, &c->op.u.unmap_io_range_from_ioreq_server, false);
}

static long do_set_state(struct dm_call *c)
{
    const struct xen_dm_op_set_ioreq_server_state *q = &c->op.u.set_ioreq_server_state;

    return q->pad ? -EINVAL : server_set_state(c->d, q->id, q->enabled);
}

static long do_destroy(struct dm_call *c)
{
    const struct xen_dm_op_destroy_ioreq_server *q = &c->op.u.destroy_ioreq_server;

    return q->pad ? -EINVAL : server_destroy(c->d, q->id);
}

/* ---- Interrupts */

static const struct platform_inputs *inputs(const struct dm_call *c)
{
    return c->d->row->platform->inputs;
}

static long do_pci_intx(struct dm_call *c)
{
    const struct xen_dm_op_set_pci_intx_level *q = &c->op.u.set_pci_intx_level;

    if (q->domain || q->bus || q->device >= PCI_DEVICES || q->intx >= PCI_PINS || q->level > 1)
        return -EINVAL;
    if (!inputs(c))
        return -EOPNOTSUPP;
    inputs(c)->pci_intx(c->d, q->device, q->intx, q->level);
    return 0;
}

static long do_isa_irq(struct dm_call *c)
{
    const struct xen_dm_op_set_isa_irq_level *q = &c->op.u.set_isa_irq_level;

    if (q->isa_irq >= ISA_IRQS || q->level > 1)
        return -EINVAL;
    if (!inputs(c))
        return -EOPNOTSUPP;
    inputs(c)->isa_irq(c->d, q->isa_irq, q->level);
    return 0;
}

static long do_link_route(struct dm_call *c)
{
    const struct xen_dm_op_set_pci_link_route *q = &c->op.u.set_pci_link_route;

    if (q->link >= PCI_PINS || q->isa_irq >= ISA_IRQS)
        return -EINVAL;
    if (!inputs(c))
        return -EOPNOTSUPP;
    inputs(c)->pci_link_route(c->d, q->link, q->isa_irq);
    return 0;
}

static long do_inject_msi(struct dm_call *c)
{
    const struct xen_dm_op_inject_msi *q = &c->op.u.inject_msi;

    if (q->pad)
        return -EINVAL;
    return inputs(c) ? inputs(c)->msi(c->d, q->addr, q->data) : -EOPNOTSUPP;
}

/* ---- The rest */

static long do_shutdown(struct dm_call *c)
{
    u32 reason = c->op.u.remote_shutdown.reason;

    if (reason > SHUTDOWN_MAX)
        return -EINVAL;
    domain_shutdown(c->d, reason);
    return 0;
}

static long do_nr_vcpus(struct dm_call *c)
{
    c->op.u.nr_vcpus.vcpus = c->d->max_vcpus;
    return 0;
}

/* When the operation goes back to the caller: never; after success or to be continued; after any error too. */
enum back { BACK_NEVER, BACK_SUCCESS, BACK_ALWAYS };

#define HANDLER(op, member, back, fn) [XEN_DMOP_##op] = { sizeof(struct xen_dm_op_##member), back, fn }
static const struct dm_handler { u8 size; u8 back; long (*fn)(struct dm_call *c); } handlers[] = {
    HANDLER(create_ioreq_server, create_ioreq_server, BACK_SUCCESS, do_create),
    HANDLER(get_ioreq_server_info, get_ioreq_server_info, BACK_SUCCESS, do_get_info),
    HANDLER(map_io_range_to_ioreq_server, ioreq_server_range, BACK_NEVER, do_map),
    HANDLER(unmap_io_range_from_ioreq_server, ioreq_server_range, BACK_NEVER, do_unmap),
    HANDLER(set_ioreq_server_state, set_ioreq_server_state, BACK_NEVER, do_set_state),
    HANDLER(destroy_ioreq_server, destroy_ioreq_server, BACK_NEVER, do_destroy),
    HANDLER(track_dirty_vram, track_dirty_vram, BACK_NEVER, dm_track_dirty_vram),
    HANDLER(set_pci_intx_level, set_pci_intx_level, BACK_NEVER, do_pci_intx),
    HANDLER(set_isa_irq_level, set_isa_irq_level, BACK_NEVER, do_isa_irq),
    HANDLER(set_pci_link_route, set_pci_link_route, BACK_NEVER, do_link_route),
    HANDLER(modified_memory, modified_memory, BACK_ALWAYS, dm_modified_memory),
    HANDLER(set_mem_type, set_mem_type, BACK_SUCCESS, dm_set_mem_type),
    HANDLER(inject_event, inject_event, BACK_NEVER, dm_inject_event),
    HANDLER(inject_msi, inject_msi, BACK_NEVER, do_inject_msi),
    HANDLER(remote_shutdown, remote_shutdown, BACK_NEVER, do_shutdown),
    HANDLER(relocate_memory, relocate_memory, BACK_SUCCESS, dm_relocate_memory),
    HANDLER(pin_memory_cacheattr, pin_memory_cacheattr, BACK_NEVER, dm_pin_memory_cacheattr),
    HANDLER(nr_vcpus, nr_vcpus, BACK_SUCCESS, do_nr_vcpus),
};

/* ---- The call */

#define HEADER offsetof(struct xen_dm_op, u)

static u64 buffer_va(const struct xen_dm_op_buf *b)
{
    return (u64)(unsigned long)b->h.p;
}

/* The operation from the first buffer. -EFAULT: it is not all there; -EOPNOTSUPP: one that is not offered. */
static int fetch(struct dm_call *c, const struct dm_handler **handler)
{
    const struct xen_dm_op_buf *b = &c->buffer[0];

    if (b->size < HEADER || copy_from_guest_va(&c->op, buffer_va(b), HEADER))
        return -EFAULT;
    if (c->op.op >= ARRAY_SIZE(handlers) || !handlers[c->op.op].fn)
        return -EOPNOTSUPP;
    *handler = &handlers[c->op.op];
    if (b->size < HEADER + (*handler)->size || copy_from_guest_va(&c->op.u, buffer_va(b) + HEADER, (*handler)->size))
        return -EFAULT;
    return c->op.pad ? -EINVAL : 0;
}

static long run(struct dm_call *c)
{
    const struct dm_handler *handler;
    long rc = fetch(c, &handler);

    if (rc)
        return rc;
    rc = handler->fn(c);
    if (handler->back == BACK_NEVER || (handler->back == BACK_SUCCESS && rc < 0 && rc != -ERESTART))
        return rc;
    return copy_to_guest_va(buffer_va(&c->buffer[0]) + HEADER, &c->op.u, handler->size) ? -EFAULT : rc;
}

/* The domain, with a reference, if it has device models and current may speak for one. -ESRCH -EPERM -EINVAL */
static long get_target(domid_t id, struct domain **out)
{
    struct domain *d = domain_get(id);
    long rc = 0;

    if (!d)
        return -ESRCH;
    if (d == current->domain || !current->domain->is_privileged)
        rc = -EPERM;
    else if (!d->devmodel || !d->p2m)
        rc = -EINVAL;
    if (rc)
        domain_put(d);
    else
        *out = d;
    return rc;
}

/* Purpose: one dm_op on domain `id`. -E2BIG: more buffers than any operation has use for; -EFAULT -ESRCH -EPERM; -EINVAL:
 * a domain without device models, among others; else the operation's own. */
long hypercall_dm_op(unsigned long id, unsigned long nr_buffers, unsigned long buffers, unsigned long a4, unsigned long a5,
                     unsigned long a6)
{
    struct dm_call c = { .nr_buffers = (u32)nr_buffers };
    long rc;

    if (c.nr_buffers > ARRAY_SIZE(c.buffer))
        return -E2BIG;
    if (copy_from_guest_va(c.buffer, buffers, c.nr_buffers * sizeof(c.buffer[0])))
        return -EFAULT;
    rc = get_target((domid_t)id, &c.d);
    if (rc)
        return rc;
    rc = run(&c);
    domain_put(c.d);
    return rc == -ERESTART ? hypercall_continue(__HYPERVISOR_dm_op, 3, id, nr_buffers, buffers) : rc;
}
