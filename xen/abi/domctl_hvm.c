/* SPDX-License-Identifier: MIT */
/* domctl: domains in a container: their state as a stream, the memory of their nested page tables. */
#include "abi/control.h"
#include "dom/guest_access.h"
#include "mem/frame.h"

#define MAX_CONTEXT_BYTES (4UL << 20)

static long do_gethvmcontext(struct domain *d, struct xen_domctl *op)
{
    const struct container_abi *abi = d->row->privileged->container;
    struct xen_domctl_hvmcontext *q = &op->u.hvmcontext;
    size_t size;
    void *buffer;
    long rc;

    if (!abi || d == current->domain)
        return -EINVAL;
    size = abi->save_size(d);
    if (guest_handle_is_null(q->buffer)) {
        q->size = (u32)size;
        return 0;
    }
    if (q->size < size)
        return -ENOSPC;
    buffer = xzalloc_bytes(size, 16);
    if (!buffer)
        return -ENOMEM;
    domain_pause(d);
    rc = abi->save(d, buffer, size);
    domain_unpause(d);
    if (rc >= 0) {
        q->size = (u32)rc;
        rc = copy_to_guest(q->buffer, (const uint8_t *)buffer, (size_t)rc) ? -EFAULT : 0;
    }
    xfree(buffer);
    return rc;
}

static long do_gethvmcontext_partial(struct domain *d, struct xen_domctl *op)
{
    const struct container_abi *abi = d->row->privileged->container;
    struct xen_domctl_hvmcontext_partial *q = &op->u.hvmcontext_partial;
    void *buffer;
    long rc;

    if (!abi || d == current->domain || q->type > 0xffff || q->instance > 0xffff)
        return -EINVAL;
    buffer = xzalloc_bytes(PAGE_SIZE, 16);
    if (!buffer)
        return -ENOMEM;
    domain_pause(d);
    rc = abi->save_one(d, (u16)q->type, (u16)q->instance, buffer, min(q->bufsz, (u64)PAGE_SIZE));
    domain_unpause(d);
    if (rc >= 0) {
        q->bufsz = (u64)rc;
        rc = copy_to_guest(q->buffer, (const uint8_t *)buffer, (size_t)rc) ? -EFAULT : 0;
    }
    xfree(buffer);
    return rc;
}

static long do_sethvmcontext(struct domain *d, struct xen_domctl *op)
{
    const struct container_abi *abi = d->row->privileged->container;
    struct xen_domctl_hvmcontext *q = &op->u.hvmcontext;
    uint8_t *buffer;
    long rc = -EFAULT;

    if (!abi || d == current->domain || q->size > MAX_CONTEXT_BYTES)
        return -EINVAL;
    buffer = xzalloc_bytes(q->size + 1, 16);
    if (!buffer)
        return -ENOMEM;
    if (copy_from_guest(buffer, q->buffer, q->size) == 0) {
        domain_pause(d);
        rc = abi->load(d, buffer, q->size);
        domain_unpause(d);
    }
    xfree(buffer);
    return rc;
}

static long do_set_pool(struct domain *d, struct xen_domctl *op)
{
    const struct container_abi *abi = d->row->privileged->container;

    return abi ? abi->set_pool(d, op->u.paging_mempool.size) : -EOPNOTSUPP;
}

static long do_get_pool(struct domain *d, struct xen_domctl *op)
{
    const struct container_abi *abi = d->row->privileged->container;

    if (!abi)
        return -EOPNOTSUPP;
    op->u.paging_mempool.size = abi->get_pool(d);
    return 0;
}

const struct domctl_handler domctl_hvm_handlers[] = {
    { XEN_DOMCTL_gethvmcontext, BACK_SUCCESS, do_gethvmcontext },
    { XEN_DOMCTL_gethvmcontext_partial, BACK_SUCCESS, do_gethvmcontext_partial },
    { XEN_DOMCTL_sethvmcontext, BACK_NEVER, do_sethvmcontext },
    { XEN_DOMCTL_set_paging_mempool_size, BACK_NEVER, do_set_pool },
    { XEN_DOMCTL_get_paging_mempool_size, BACK_SUCCESS, do_get_pool },
    { }
};
