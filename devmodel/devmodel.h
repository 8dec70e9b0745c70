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

int devmodel_init(struct domain *d);      /* sets d->devmodel. -ENOMEM; -EINVAL: more vCPUs than a page has requests for */
/* All servers go, their pages and ports with them; what vCPUs wait for is answered with ones. Again and again is right. */
void devmodel_stop(struct domain *d);
void devmodel_free(struct domain *d);     /* after devmodel_stop; right where devmodel_init failed or never ran */
int devmodel_vcpu_init(struct vcpu *v);   /* sets v->devmodel. -ENOMEM */
void devmodel_vcpu_free(struct vcpu *v);

/* Hands an access of v == current to the server that claims its place. IO_NOT_MINE: none does. IO_DONE: taken into a
 * ring of buffered writes. IO_RETRY: sent; v has been put to sleep (VPF_IO) until its server answers, and
 * devmodel_finish() is to be called before v runs in the guest again. Interrupts on.
 *
 * The latch at port CF8H is Prism's own; an access to CFCH to CFFH that it enables goes to the server that has the PCI
 * function. Blocks go to ports and memory of a server, not to configuration space. */
enum io_result devmodel_access(struct vcpu *v, struct io_access *a);
/* IO_DONE: a->data has been filled in (a block: the memory has); ones if the server has gone, or whoever served it has
 * closed its event channel (a block: the memory is as it was). IO_RETRY: no answer yet; v has been put to sleep again.
 * The domain has been crashed if the answer was none that its server may give; then IO_RETRY. v == current, interrupts
 * on. */
enum io_result devmodel_finish(struct vcpu *v, struct io_access *a);
/* The firmware has handed over to a guest that is to see no platform device: its configuration space and ports read as
 * ones from now on. Any lock below RANK_DEVMODEL. */
void devmodel_hide_platform(struct domain *d);
/* The guest has written a mask of devices that it has no more need of to the platform device (called by devmodel_access()
 * itself), and all that it has said so far: bit 0 IDE disks, 1 network, 2 IDE disks but the first, 3 NVMe. Any context. */
void devmodel_unplugged(struct domain *d, u16 what);
u16 devmodel_unplugged_mask(const struct domain *d);
/* Is anything under way for v that must not be forgotten when v is saved? Any CPU. */
bool devmodel_busy(const struct vcpu *v);

/* Tells servers with a ring of buffered writes that mappings of the guest's memory which they keep are to be given up:
 * some of it has been taken out. Any number of times; interrupts on, no lock from RANK_DEVMODEL on held. */
void devmodel_broadcast_invalidate(struct domain *d);

/* The same, of v == current whose memory it was: the first server is sent a request of its own, so that the guest does not
 * go on before the memory is nobody's any more. IO_RETRY: sent, as for devmodel_access(). IO_DONE: nothing to wait for. */
enum io_result devmodel_invalidate(struct vcpu *v);

/* XENMEM_acquire_resource, XENMEM_resource_ioreq_server: the frame at index (XENMEM_resource_ioreq_server_frame_*) of
 * server id, which is the domain's as a guest's page tables see it. It stays until the server goes, and as long as
 * somebody refers to it. -EINVAL: d has no device models, or there is no such frame; -ENOENT: no such server, or it has no
 * ring; -EPERM: it is another domain's than current's. Interrupts on, no lock from RANK_DOMAIN on held. */
int devmodel_resource_frame(struct domain *d, u32 id, u64 index, mfn_t *mfn);
#define DEVMODEL_RESOURCE_FRAMES 2   /* of a server: requests, ring */

#endif
