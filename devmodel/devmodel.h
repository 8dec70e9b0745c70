/* SPDX-License-Identifier: MIT */
/* Device models: programs of another domain (QEMU) that answer a guest's accesses to emulated devices. Each is an I/O
 * request server with ranges of its own; an access goes to the first server that claims its place through a page that
 * both share (public headers hvm/ioreq.h, hvm/dm_op.h). */
#ifndef PRISM_DEVMODEL_DEVMODEL_H
#define PRISM_DEVMODEL_DEVMODEL_H

#include "modes/io.h"

struct devmodel;   /* of a domain: domain->devmodel; its servers, dirty-memory tracking. Own lock: RANK_DEVMODEL */
struct domain;
struct vcpu;

int devmodel_init(struct domain *d);      /* -ENOMEM */
/* All servers go, their pages and ports with them; what vCPUs wait for is answered with ones. Again and again is right. */
void devmodel_stop(struct domain *d);
void devmodel_free(struct domain *d);     /* after devmodel_stop; right where devmodel_init failed or never ran */
int devmodel_vcpu_init(struct vcpu *v);   /* existing servers learn of v. -ENOMEM */
void devmodel_vcpu_free(struct vcpu *v);

/* Hands an access of v == current to the server that claims its place. IO_NOT_MINE: none does. IO_DONE: taken into a
 * ring of buffered writes. IO_RETRY: sent; v has been put to sleep (VPF_IO) until its server answers, and
 * devmodel_finish() is to be called before v runs in the guest again. Interrupts on. */
enum io_result devmodel_access(struct vcpu *v, struct io_access *a);
/* IO_DONE: a->data has been filled in. IO_RETRY: no answer yet; v has been put to sleep again. The domain has been
 * crashed if the answer was none that its server may give; then IO_RETRY. v == current, interrupts on. */
enum io_result devmodel_finish(struct vcpu *v, struct io_access *a);
/* Is anything under way for v that must not be forgotten when v is saved? Any CPU. */
bool devmodel_busy(const struct vcpu *v);

/* Tells buffered-write servers that listen that time has changed or caches are to be flushed. Any number of times. */
void devmodel_broadcast_invalidate(struct domain *d);

/* XENMEM_acquire_resource, XENMEM_resource_ioreq_server: the frame at index (XENMEM_resource_ioreq_server_frame_*) of
 * server id. It stays while the caller holds domain references; -EINVAL -ENOMEM. */
int devmodel_resource_frame(struct domain *d, u32 id, u64 index, mfn_t *mfn);

#endif
