/* SPDX-License-Identifier: MIT */
/* The ring of buffered writes that a server drains when it likes (public header hvm/ioreq.h, struct buffered_iopage).
 * Pure: the memory is also the server's. Writers are serialized by their caller. */
#ifndef PRISM_DEVMODEL_RING_H
#define PRISM_DEVMODEL_RING_H

#include <xen/hvm/ioreq.h>

#include "lib/types.h"

#define RING_ADDRESSES (1UL << 20)   /* what an entry can name */

struct ring_write { u64 address, data; u8 type, size; };   /* size 1, 2, 4, 8 */

/* Adds a write. atomic: the server takes entries by atomic operations, so that both pointers can be kept small. False:
 * there is no room, or the pointers are such that there seems to be none, or the address cannot be named. */
bool ring_put(struct buffered_iopage *ring, bool atomic, const struct ring_write *w);
/* Is the last entry one of this type, and not taken yet? */
bool ring_ends_with(const struct buffered_iopage *ring, u8 type);

#endif
